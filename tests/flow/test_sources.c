/*
 * Credentials on their way from where they are found to the request that they
 * sign: environment, files, services on this machine.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/fetch_case.h"

#define ANSWER                                                      \
    "{\"output\":{\"message\":{\"role\":\"assistant\",\"content\":" \
    "[{\"text\":\"Hi\"}]}},\"stopReason\":\"end_turn\",\"usage\":"  \
    "{\"inputTokens\":3,\"outputTokens\":1,\"totalTokens\":4}}"
#define KEYS                                                                 \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAX\",\"SecretAccessKey\":"   \
    "\"secret-of-the-role\",\"Token\":\"token-of-the-role\",\"Expiration\":" \
    "\"2099-01-01T00:00:00Z\"}"
#define GEMINI                                                                \
    "{\"candidates\":[{\"content\":{\"role\":\"model\",\"parts\":[{\"text\":" \
    "\"Hi\"}]},\"finishReason\":\"STOP\"}]}"
#define TOKEN_PATH \
    "GET /computeMetadata/v1/instance/service-accounts/default/token"
#define MODEL "bedrock/amazon.nova-lite-v1:0"
#define JSON  "content-type: application/json\r\n"

struct flow {
    struct fetch_case files; /* its environment and its home */
    struct fake *fake;
    llmgw_gateway *gateway;
    struct caller caller;
};

static void open_flow(struct flow *f)
{
    memset(f, 0, sizeof *f);
    fetch_case_start(&f->files, &llmgw__aws_credentials);
    unsetenv("AWS_BEARER_TOKEN_BEDROCK");
    unsetenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME");
    f->fake = fake_start();
    assert_non_null(f->fake);
    fake_reply(f->fake, "POST /model", 200, JSON, LLMGW__LIT(ANSWER), "");
}

static void close_flow(struct flow *f)
{
    llmgw_gateway_close(f->gateway);
    fake_stop(f->fake);
    fetch_case_end(&f->files);
}

/** Ask once more, a whole answer. */
static llmgw_end ask_model(struct flow *f, const char *model)
{
    char json[200];
    llmgw_end end;

    memset(&f->caller, 0, sizeof f->caller);
    (void)snprintf(json, sizeof json,
                   "{'model':'%s','messages':[{'role':'user','content':'hi'}]}",
                   model);
    caller_ask_json(&f->caller, f->gateway, CALLER_BLOCKING, json, 0);
    end = llmgw_call_end(f->caller.call);
    llmgw_call_free(f->caller.call);
    return end;
}

static llmgw_end ask(struct flow *f)
{
    return ask_model(f, MODEL);
}

/** A header of the i-th request; static. */
static const char *header(struct flow *f, size_t i, const char *name)
{
    struct fake_request request = fake_request(f->fake, i);

    return caller_text(fake_header(&request, name));
}

static void keys_of_the_environment_sign(void **state)
{
    struct flow f;

    (void)state;
    open_flow(&f);
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-environment", 1);
    setenv("AWS_DEFAULT_REGION", "eu-west-1", 1);
    setenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", fake_url(f.fake), 1);
    assert_int_equal(llmgw_gateway_open(NULL, &f.gateway, NULL), LLMGW_OK);
    assert_int_equal(ask(&f), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(f.fake), 1);
    assert_non_null(strstr(header(&f, 0, "authorization"),
                           "AWS4-HMAC-SHA256 Credential=AKIAENV/"));
    assert_non_null(strstr(header(&f, 0, "authorization"),
                           "/eu-west-1/bedrock/aws4_request, SignedHeaders="
                           "content-type;host;x-amz-date, Signature="));
    unsetenv("AWS_ENDPOINT_URL_BEDROCK_RUNTIME");
    close_flow(&f);
}

static void a_profile_says_keys_and_region(void **state)
{
    struct flow f;

    (void)state;
    open_flow(&f);
    fetch_case_file(&f.files, ".aws/credentials",
                    "[team]\naws_access_key_id = AKIATEAM\n"
                    "aws_secret_access_key = secret-of-the-team\n");
    fetch_case_file(&f.files, ".aws/config",
                    "[profile team]\nregion = us-west-2\n");
    f.gateway = caller_open("{'environment':false,'providers':{'bedrock':{"
                            "'base_url':'$1','settings':{'profile':'team'}}}}",
                            fake_url(f.fake), "", "");
    assert_int_equal(ask(&f), LLMGW_END_RESPONSE);
    assert_non_null(
        strstr(header(&f, 0, "authorization"), "Credential=AKIATEAM/"));
    assert_non_null(strstr(header(&f, 0, "authorization"), "/us-west-2/"));
    close_flow(&f);
}

static void an_instance_is_asked_once_for_all_calls(void **state)
{
    struct flow f;

    (void)state;
    open_flow(&f);
    fake_reply(f.fake, "PUT /latest/api/token", 200, "",
               LLMGW__LIT("imds-token"), "");
    fake_reply(f.fake, "GET /latest/meta-data/iam/security-credentials/my-role",
               200, JSON, LLMGW__LIT(KEYS), "");
    fake_reply(f.fake, "GET /latest/meta-data/iam/security-credentials/", 200,
               "", LLMGW__LIT("my-role"), "");
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", fake_url(f.fake), 1);
    f.gateway = caller_open("{'environment':false,'providers':{'bedrock':{"
                            "'base_url':'$1','settings':{'region':'x-1'}}}}",
                            fake_url(f.fake), "", "");
    assert_int_equal(ask(&f), LLMGW_END_RESPONSE);
    assert_int_equal(ask(&f), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(f.fake), 5);
    assert_string_equal(header(&f, 0, "x-aws-ec2-metadata-token-ttl-seconds"),
                        "21600");
    assert_string_equal(header(&f, 2, "x-aws-ec2-metadata-token"),
                        "imds-token");
    assert_string_equal(header(&f, 4, "x-amz-security-token"),
                        "token-of-the-role");
    assert_non_null(strstr(header(&f, 4, "authorization"), "=ASIAX/"));
    close_flow(&f);
}

static void what_a_service_refuses_is_the_error_of_the_call(void **state)
{
    const llmgw_error *error;
    struct flow f;

    (void)state;
    open_flow(&f);
    fake_reply(f.fake, "GET /keys", 403, JSON,
               LLMGW__LIT("{\"message\":\"not for you\"}"), "");
    {
        char url[128];

        (void)snprintf(url, sizeof url, "%s/keys", fake_url(f.fake));
        setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url, 1);
    }
    f.gateway = caller_open("{'environment':false,'providers':{'bedrock':{"
                            "'base_url':'$1','settings':{'region':'x-1'}}}}",
                            fake_url(f.fake), "", "");
    memset(&f.caller, 0, sizeof f.caller);
    caller_ask(&f.caller, f.gateway, CALLER_LOOP, MODEL, "hi");
    assert_int_equal(llmgw_call_end(f.caller.call), LLMGW_END_ERROR);
    error = llmgw_call_error(f.caller.call);
    assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_AUTH);
    assert_non_null(
        strstr(llmgw_error_message(error), "HTTP 403, not for you"));
    llmgw_call_free(f.caller.call);
    assert_int_equal(fake_requests(f.fake), 1);
    close_flow(&f);
}

/* The service's answer says what time it is there; the second request is
 * signed by that, and so is the next call's. */
static void a_wrong_clock_is_set_by_the_answer(void **state)
{
    struct flow f;

    (void)state;
    open_flow(&f);
    fake_clear(f.fake);
    fake_reply(f.fake, "POST /model", 403,
               JSON "x-amzn-errortype: InvalidSignatureException\r\n"
                    "date: Sun, 06 Nov 2033 08:49:37 GMT\r\n",
               LLMGW__LIT("{\"message\":\"Signature expired\"}"), "times=1");
    fake_reply(f.fake, "POST /model", 200, JSON, LLMGW__LIT(ANSWER), "");
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-environment", 1);
    f.gateway = caller_open("{'environment':false,'providers':{'bedrock':{"
                            "'base_url':'$1','settings':{'region':'x-1'}}}}",
                            fake_url(f.fake), "", "");
    assert_int_equal(ask(&f), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(f.fake), 2);
    assert_null(strstr(header(&f, 0, "x-amz-date"), "20331106T08"));
    assert_non_null(strstr(header(&f, 1, "x-amz-date"), "20331106T08"));
    assert_int_equal(ask(&f), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(f.fake), 3);
    assert_non_null(strstr(header(&f, 2, "x-amz-date"), "20331106T08"));
    close_flow(&f);
}

/* Else the credential is fetched anew, once as well. */
static void a_signature_is_repaired_once(void **state)
{
    static const char *const dates[] = {
        "date: Sun, 06 Nov 2033 08:49:37 GMT\r\n", "date: soon\r\n", ""};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char head[200];
        struct flow f;

        open_flow(&f);
        fake_clear(f.fake);
        (void)snprintf(head, sizeof head,
                       JSON "x-amzn-errortype: InvalidSignatureException\r\n%s",
                       dates[i]);
        fake_reply(f.fake, "POST /model", 403, head,
                   LLMGW__LIT("{\"message\":\"Signature expired\"}"), "");
        setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
        setenv("AWS_SECRET_ACCESS_KEY", "secret-of-the-environment", 1);
        f.gateway = caller_open(
            "{'environment':false,'limits':{'max_attempts':9},'providers':{'bedrock':{"
            "'base_url':'$1','settings':{'region':'x-1'}}}}",
            fake_url(f.fake), "", "");
        assert_int_equal(ask(&f), LLMGW_END_ERROR);
        assert_int_equal(fake_requests(f.fake), 2);
        assert_int_equal(strncmp(header(&f, 1, "x-amz-date"), "2033", 4) == 0,
                         i == 0);
        close_flow(&f);
    }
}

/* The file says the project too; its token service is this machine's. */
static void a_credential_file_brings_token_and_project(void **state)
{
    char file[400];
    struct flow f;

    (void)state;
    open_flow(&f);
    fake_reply(f.fake, "POST /token", 200, JSON,
               LLMGW__LIT("{\"access_token\":\"ya29.user-token\","
                          "\"expires_in\":3599}"),
               "");
    fake_reply(f.fake, "POST /v1/projects/my-project/locations/global/", 200,
               JSON, LLMGW__LIT(GEMINI), "");
    (void)snprintf(file, sizeof file,
                   "{\"type\":\"authorized_user\",\"client_id\":\"c\","
                   "\"client_secret\":\"s\",\"refresh_token\":\"r\","
                   "\"project_id\":\"my-project\",\"quota_project_id\":"
                   "\"pays\",\"token_uri\":\"%s/token\"}",
                   fake_url(f.fake));
    setenv("GOOGLE_APPLICATION_CREDENTIALS",
           fetch_case_file(&f.files, "credentials.json", file), 1);
    f.gateway = caller_open("{'environment':false,'providers':{'vertex':{"
                            "'base_url':'$1'}}}",
                            fake_url(f.fake), "", "");
    assert_int_equal(ask_model(&f, "vertex/gemini-2.5-flash"),
                     LLMGW_END_RESPONSE);
    assert_int_equal(ask_model(&f, "vertex/gemini-2.5-flash"),
                     LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(f.fake), 3);
    assert_string_equal(header(&f, 1, "authorization"),
                        "Bearer ya29.user-token");
    assert_string_equal(header(&f, 1, "x-goog-user-project"), "pays");
    close_flow(&f);
}

static void the_metadata_server_brings_a_token(void **state)
{
    struct flow f;

    (void)state;
    open_flow(&f);
    fake_reply(f.fake, TOKEN_PATH, 200, JSON,
               LLMGW__LIT("{\"access_token\":\"ya29.machine-token\","
                          "\"expires_in\":3599}"),
               "");
    fake_reply(f.fake, "POST /v1/projects/p/", 200, JSON, LLMGW__LIT(GEMINI),
               "");
    setenv("GCE_METADATA_HOST", fake_url(f.fake) + strlen("http://"), 1);
    f.gateway = caller_open("{'environment':false,'providers':{'vertex':{"
                            "'base_url':'$1','settings':{'project':'p'}}}}",
                            fake_url(f.fake), "", "");
    assert_int_equal(ask_model(&f, "vertex/gemini-2.5-flash"),
                     LLMGW_END_RESPONSE);
    assert_string_equal(header(&f, 0, "metadata-flavor"), "Google");
    assert_string_equal(header(&f, 1, "authorization"),
                        "Bearer ya29.machine-token");
    close_flow(&f);
}

static int32_t see_model(const llmgw_model_info *info, void *userdata)
{
    bool *seen = userdata;

    *seen |= strcmp(caller_text(info->name), "bedrock") == 0;
    return 0;
}

static void
signs_of_credentials_make_a_provider_of_the_environment(void **state)
{
    static const struct {
        const char *region;
        const char *key;
        bool seen;
    } cases[] = {{NULL, "AKIAENV", false},
                 {"us-east-1", NULL, false},
                 {"us-east-1", "AKIAENV", true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bool seen = false;
        struct flow f;

        open_flow(&f);
        if (cases[i].region)
            setenv("AWS_REGION", cases[i].region, 1);
        if (cases[i].key)
            setenv("AWS_ACCESS_KEY_ID", cases[i].key, 1);
        assert_int_equal(llmgw_gateway_open(NULL, &f.gateway, NULL), LLMGW_OK);
        llmgw_gateway_models(f.gateway, see_model, &seen);
        assert_int_equal(seen, cases[i].seen);
        close_flow(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_of_the_environment_sign),
        cmocka_unit_test(a_profile_says_keys_and_region),
        cmocka_unit_test(an_instance_is_asked_once_for_all_calls),
        cmocka_unit_test(what_a_service_refuses_is_the_error_of_the_call),
        cmocka_unit_test(a_credential_file_brings_token_and_project),
        cmocka_unit_test(the_metadata_server_brings_a_token),
        cmocka_unit_test(a_wrong_clock_is_set_by_the_answer),
        cmocka_unit_test(a_signature_is_repaired_once),
        cmocka_unit_test(
            signs_of_credentials_make_a_provider_of_the_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
