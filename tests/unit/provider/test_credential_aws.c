/* Access keys of AWS: where they are looked for, and what services say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "provider/provider.h"
#include "support/alloc.h"
#include "support/fetch_case.h"

#define TOKEN_URL "http://169.254.169.254/latest/api/token"
#define ROLES_URL \
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/"
#define KEYS                                                               \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAX\",\"SecretAccessKey\":" \
    "\"sec/ret+1\",\"Token\":\"tok\\u003d\",\"Expiration\":"               \
    "\"2025-11-22T14:26:40Z\"}"
#define STS_XML                                                            \
    "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult>" \
    "<Credentials><AccessKeyId>ASIAY</AccessKeyId><SecretAccessKey>s/2"    \
    "</SecretAccessKey><SessionToken>t==</SessionToken><Expiration>"       \
    "2025-11-22T09:26:40Z</Expiration></Credentials></AssumeRoleWithWeb"   \
    "IdentityResult></AssumeRoleWithWebIdentityResponse>"

static const struct fetch_step instance_steps[] = {
    {"PUT", TOKEN_URL, "x-aws-ec2-metadata-token-ttl-seconds: 21600", 200,
     "imds-token\n"},
    {"GET", ROLES_URL, "x-aws-ec2-metadata-token: imds-token", 200,
     "my-role\n"},
    {"GET", ROLES_URL "my-role", "x-aws-ec2-metadata-token: imds-token", 200,
     KEYS},
};

static void start(struct fetch_case *c)
{
    fetch_case_start(c, &llmgw__aws_credentials);
}

static void expect_keys(const struct fetch_case *c, const char *id,
                        const char *secret, const char *token, int64_t expires)
{
    const struct llmgw__credential *found = c->fetch.out;

    assert_non_null(found);
    assert_string_equal(found->access_key, id);
    assert_string_equal(found->secret_key, secret);
    if (token)
        assert_string_equal(found->session_token, token);
    else
        assert_null(found->session_token);
    assert_null(found->key);
    assert_int_equal(found->expires_s, expires);
}

static void expect_refusal(struct fetch_case *c, const struct fetch_step *steps,
                           size_t count, const char *words)
{
    assert_int_equal(fetch_case_run(c, steps, count), LLMGW_E_INVALID);
    assert_null(c->fetch.out);
    assert_int_equal(c->fetch.error.kind, LLMGW_KIND_AUTH);
    if (!strstr(c->fetch.error.message, words))
        fail_msg("\"%s\" is not in \"%s\"", words, c->fetch.error.message);
}

static void settings_go_before_the_environment(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "env", 1);
    fetch_case_setting(&c, "access_key_id", "AKIASET");
    fetch_case_setting(&c, "secret_access_key", "set");
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    expect_keys(&c, "AKIASET", "set", NULL, 0);
    fetch_case_again(&c);
    fetch_case_setting(&c, "session_token", "t");
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    expect_keys(&c, "AKIASET", "set", "t", 0);
    fetch_case_end(&c);
}

static void the_environment_goes_before_files(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "env", 1);
    setenv("AWS_SESSION_TOKEN", "tok", 1);
    fetch_case_file(&c, ".aws/credentials",
                    "[default]\naws_access_key_id=AKIAFILE\n"
                    "aws_secret_access_key=file\n");
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    expect_keys(&c, "AKIAENV", "env", "tok", 0);
    fetch_case_again(&c);
    fetch_case_setting(&c, "profile", "default");
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    expect_keys(&c, "AKIAFILE", "file", NULL, 0);
    fetch_case_end(&c);
}

static void half_a_pair_is_refused(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_ACCESS_KEY_ID", "AKIAENV", 1);
    expect_refusal(&c, NULL, 0, "half a pair of access keys in the env");
    fetch_case_again(&c);
    fetch_case_setting(&c, "secret_access_key", "s");
    expect_refusal(&c, NULL, 0, "half a pair of access keys in the settings");
    fetch_case_end(&c);
}

static void keys_that_would_end_a_header_are_refused(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_ACCESS_KEY_ID", "AKIA\r\nx: y", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "env", 1);
    expect_refusal(&c, NULL, 0, "cannot be sent in a header");
    fetch_case_end(&c);
}

static const struct {
    const char *credentials;
    const char *config;
    const char *profile; /* of AWS_PROFILE */
    const char *id;      /* found; NULL: a refusal, in these words: */
    const char *words;
} profiles[] = {
    {"[default]\naws_access_key_id = A\naws_secret_access_key = s # no\n", "",
     NULL, "A", NULL},
    {"[a]\naws_access_key_id=A\naws_secret_access_key=s\n[b]\n"
     "aws_access_key_id=B\naws_secret_access_key=s\n",
     "", "b", "B", NULL},
    {"", "[profile a]\naws_access_key_id=A\naws_secret_access_key=s\n", "a",
     "A", NULL},
    {"", "[ profile \t a ]\nAWS_ACCESS_KEY_ID=A\naws_secret_access_key=s\n",
     "a", "A", NULL},
    /* a pair is not put together out of two files */
    {"[a]\naws_access_key_id=A\naws_secret_access_key=s\n",
     "[profile a]\naws_access_key_id=C\naws_secret_access_key=t\n", "a", "A",
     NULL},
    {"[a]\naws_access_key_id=A\n", "[profile a]\naws_secret_access_key=t\n",
     "a", NULL, "half a pair of access keys in a profile"},
    {"",
     "[default]\naws_access_key_id=A\naws_secret_access_key=s\n[profile "
     "default]\naws_access_key_id=B\naws_secret_access_key=s\n",
     NULL, "B", NULL},
    {"", "[a]\naws_access_key_id=A\naws_secret_access_key=s\n", "a", NULL,
     "profile a is neither in ~/.aws/credentials nor in ~/.aws/config"},
    {"[profile a]\naws_access_key_id=A\naws_secret_access_key=s\n", "", "a",
     NULL, "profile a is neither in"},
    {"", "[profile a]\nsso_session=corp\n", "a", NULL,
     "profile a is not supported: it has sso_session"},
    {"[a]\ncredential_process=/bin/x\n", "", "a", NULL, "credential_process"},
};

static void profiles_are_read_from_both_files(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
        struct fetch_case c;

        start(&c);
        fetch_case_file(&c, ".aws/credentials", profiles[i].credentials);
        fetch_case_file(&c, ".aws/config", profiles[i].config);
        if (profiles[i].profile)
            setenv("AWS_PROFILE", profiles[i].profile, 1);
        if (profiles[i].id) {
            assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
            expect_keys(&c, profiles[i].id, "s", NULL, 0);
        } else {
            expect_refusal(&c, NULL, 0, profiles[i].words);
        }
        fetch_case_end(&c);
    }
}

static void files_may_be_elsewhere(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_SHARED_CREDENTIALS_FILE",
           fetch_case_file(&c, "keys",
                           "[default]\naws_access_key_id=A\n"
                           "aws_secret_access_key=s\n"),
           1);
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    expect_keys(&c, "A", "s", NULL, 0);
    fetch_case_end(&c);
}

static void a_container_is_asked_with_its_token(void **state)
{
    static const struct fetch_step relative = {
        "GET", "http://169.254.170.2/v2/credentials/x", NULL, 200, KEYS};
    static const struct fetch_step full = {"GET", "http://169.254.170.23/v1",
                                           "authorization: from-file", 200,
                                           KEYS};
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x", 1);
    assert_int_equal(fetch_case_run(&c, &relative, 1), LLMGW_OK);
    expect_keys(&c, "ASIAX", "sec/ret+1", "tok=", FETCH_NOW + 21600);
    unsetenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    fetch_case_again(&c);
    setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", full.url, 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "from-variable", 1);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
           fetch_case_file(&c, "token", "from-file\n"), 1);
    assert_int_equal(fetch_case_run(&c, &full, 1), LLMGW_OK);
    fetch_case_again(&c);
    setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/nowhere", 1);
    expect_refusal(&c, NULL, 0, "TOKEN_FILE: there is no such file");
    fetch_case_end(&c);
}

static void a_container_has_few_addresses(void **state)
{
    static const struct {
        const char *url;
        bool good;
    } cases[] = {
        {"https://anywhere.example/x", true},
        {"http://localhost:8080/x", true},
        {"http://127.0.0.1/x", true},
        {"http://[::1]:80/x", true},
        {"http://169.254.170.2/x", true},
        {"http://[fd00:ec2::23]/x", true},
        {"http://169.254.170.3/x", false},
        {"http://127.0.0.1.evil.example/x", false},
        {"http://localhost@evil.example/x", false},
        {"http://evil.example#@localhost/", false},
        {"http://evil.example/x", false},
        {"ftp://127.0.0.1/x", false},
        {"/x", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct fetch_step step = {"GET", cases[i].url, NULL, 200, KEYS};
        struct fetch_case c;

        start(&c);
        setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", cases[i].url, 1);
        if (cases[i].good)
            assert_int_equal(fetch_case_run(&c, &step, 1), LLMGW_OK);
        else
            expect_refusal(&c, NULL, 0, "must be a path; https, or an address");
        fetch_case_end(&c);
    }
}

static void an_instance_is_asked_in_three_steps(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    assert_int_equal(fetch_case_run(&c, instance_steps, 3), LLMGW_OK);
    expect_keys(&c, "ASIAX", "sec/ret+1", "tok=", FETCH_NOW + 21600);
    fetch_case_end(&c);
}

static void an_instance_may_be_elsewhere(void **state)
{
    static const struct fetch_step six = {
        "PUT", "http://[fd00:ec2::254]/latest/api/token", NULL, 0, "timeout"};
    static const struct fetch_step local = {
        "PUT", "http://127.0.0.1:99/latest/api/token", NULL, 0, "timeout"};
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv6", 1);
    expect_refusal(&c, &six, 1, "instance metadata: no answer");
    fetch_case_again(&c);
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:99/", 1);
    expect_refusal(&c, &local, 1, "instance metadata: no answer");
    fetch_case_again(&c);
    setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://evil.example", 1);
    expect_refusal(&c, NULL, 0, "AWS_EC2_METADATA_SERVICE_ENDPOINT: must be");
    fetch_case_end(&c);
}

static void nothing_anywhere_names_all_places(void **state)
{
    static const char *const places[] = {
        "mine: no credentials",
        "access_key_id",
        "AWS_BEARER_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "profile default",
        "~/.aws/credentials",
        "~/.aws/config",
        "AWS_EC2_METADATA_DISABLED is true"};
    static const struct llmgw__provider_row row = {.key_env =
                                                       "AWS_BEARER_TOKEN_X"};
    struct fetch_case c;

    (void)state;
    start(&c);
    c.provider.row = &row;
    setenv("AWS_EC2_METADATA_DISABLED", "True", 1);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        fetch_case_again(&c);
        expect_refusal(&c, NULL, 0, places[i]);
    }
    fetch_case_end(&c);
}

static void a_role_is_taken_with_a_web_identity(void **state)
{
    static const struct fetch_step step = {
        "POST", "https://sts.eu-west-1.amazonaws.com/",
        "content-type: application/x-www-form-urlencoded", 200, STS_XML};
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_REGION", "eu-west-1", 1);
    setenv("AWS_ROLE_ARN", "arn:aws:iam::1:role/x", 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE",
           fetch_case_file(&c, "token", "ey.J=\n"), 1);
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    assert_string_equal(
        fetch_case_body(&c),
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws"
        "%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=llmgw-00000000001763800000&"
        "WebIdentityToken=ey.J%3D");
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, &step, 1), LLMGW_OK);
    expect_keys(&c, "ASIAY", "s/2", "t==", FETCH_NOW + 3600);
    fetch_case_end(&c);
}

static void a_profile_may_ask_for_a_role(void **state)
{
    static const struct fetch_step step = {
        "POST", "https://sts.cn-north-1.amazonaws.com.cn/", NULL, 200, STS_XML};
    char config[400];
    struct fetch_case c;

    (void)state;
    start(&c);
    (void)snprintf(config, sizeof config,
                   "[default]\nrole_arn=arn:x\nrole_session_name=me\n"
                   "web_identity_token_file=%s\n",
                   fetch_case_file(&c, "token", "ey"));
    fetch_case_file(&c, ".aws/config", config);
    fetch_case_setting(&c, "region", "cn-north-1");
    assert_int_equal(fetch_case_run(&c, &step, 1), LLMGW_OK);
    expect_keys(&c, "ASIAY", "s/2", "t==", FETCH_NOW + 3600);
    fetch_case_again(&c);
    setenv("AWS_ENDPOINT_URL_STS", "http://evil.example/", 1);
    expect_refusal(&c, NULL, 0, "AWS_ENDPOINT_URL_STS: must be an https URL");
    fetch_case_end(&c);
}

static void refusals_of_services_are_told(void **state)
{
    static const struct {
        size_t step; /* of the instance's; or 3: container */
        int32_t status;
        const char *body;
        const char *words;
    } cases[] = {
        {0, 403, "", "instance metadata: HTTP 403"},
        {0, 200, "", "it gives no token"},
        {0, 200, "a\nb", "cannot be a header"},
        {1, 404, "<html>", "instance metadata: HTTP 404"},
        {1, 0, "timeout", "instance metadata: no answer, timeout"},
        {1, 200, "", "it names no role"},
        {1, 200, "a/../b", "it names no role"},
        {1, 200, "a b", "it names no role"},
        {2, 500, "{\"message\":\"later\"}",
         "instance metadata: HTTP 500, later"},
        {2, 200, "{\"Code\":\"Failed\"}", "holds no access keys"},
        {2, 200, "", "holds no access keys"},
        {2, 200, "[]", "holds no access keys"},
        {2, 200, "{\"AccessKeyId\":\"A\"}", "holds no access keys"},
        {2, 200, "{\"AccessKeyId\":1,\"SecretAccessKey\":2}",
         "holds no access keys"},
        {2, 200,
         "{\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"s\","
         "\"Expiration\":\"soon\"}",
         "holds no access keys"},
        {2, 200,
         "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"AccessKeyId\":\"A\","
         "\"SecretAccessKey\":\"s\"}",
         "holds no access keys"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch_step steps[3];
        struct fetch_case c;

        memcpy(steps, instance_steps, sizeof steps);
        steps[cases[i].step].status = cases[i].status;
        steps[cases[i].step].body = cases[i].body;
        start(&c);
        expect_refusal(&c, steps, cases[i].step + 1, cases[i].words);
        assert_int_equal(c.fetch.error.retryable,
                         cases[i].status == 0 || cases[i].status == 500);
        fetch_case_end(&c);
    }
}

static void an_answer_cut_anywhere_brings_no_half_credential(void **state)
{
    static const char *const answers[] = {KEYS, STS_XML};
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("AWS_ENDPOINT_URL_STS", "https://127.0.0.1/", 1);
    for (size_t which = 0; which < 2; which++) {
        size_t len = strlen(answers[which]);

        if (which)
            setenv("AWS_ROLE_ARN", "arn:x", 1);
        setenv(which ? "AWS_WEB_IDENTITY_TOKEN_FILE"
                     : "AWS_CONTAINER_CREDENTIALS_FULL_URI",
               which ? fetch_case_file(&c, "token", "ey")
                     : "https://127.0.0.1/",
               1);
        for (size_t cut = 0; cut < len; cut++) {
            char body[sizeof STS_XML];
            struct fetch_step step = {which ? "POST" : "GET",
                                      "https://127.0.0.1/", NULL, 200, body};

            (void)snprintf(body, cut + 1, "%s", answers[which]);
            fetch_case_again(&c);
            if (fetch_case_run(&c, &step, 1) == LLMGW_OK)
                expect_keys(&c, "ASIAY", "s/2", "t==", FETCH_NOW + 3600);
            else
                assert_null(c.fetch.out);
        }
    }
    fetch_case_end(&c);
}

static void the_region_of_the_profile_is_known(void **state)
{
    static const char *const cases[][3] = {
        {"[default]\nregion = eu-west-3 # here\n", NULL, "eu-west-3"},
        {"[profile a]\nregion=us-west-2\n", "a", "us-west-2"},
        {"[profile a]\nregion=us-west-2\n", NULL, ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__buf region;
        struct fetch_case c;

        start(&c);
        llmgw__buf_init(&region, 0);
        fetch_case_file(&c, ".aws/config", cases[i][0]);
        if (cases[i][1])
            setenv("AWS_PROFILE", cases[i][1], 1);
        assert_int_equal(
            llmgw__aws_credentials.hint(&c.provider, "region", &region),
            LLMGW_OK);
        assert_true(llmgw__str_is(llmgw__buf_str(&region), cases[i][2]));
        setenv("AWS_DEFAULT_REGION", "ap-south-1", 1);
        llmgw__buf_reset(&region);
        assert_int_equal(
            llmgw__aws_credentials.hint(&c.provider, "region", &region),
            LLMGW_OK);
        assert_true(llmgw__str_is(llmgw__buf_str(&region), "ap-south-1"));
        llmgw__buf_clear(&region);
        fetch_case_end(&c);
    }
}

static void signs_of_credentials_are_seen(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    assert_false(llmgw__aws_credentials.is_present(&c.provider));
    fetch_case_file(&c, ".aws/config", "[default]\nregion=x\n");
    assert_false(llmgw__aws_credentials.is_present(&c.provider));
    fetch_case_file(&c, ".aws/credentials", "[default]\naws_access_key_id=A\n");
    assert_true(llmgw__aws_credentials.is_present(&c.provider));
    fetch_case_end(&c);
    start(&c);
    setenv("AWS_ACCESS_KEY_ID", "A", 1);
    assert_true(llmgw__aws_credentials.is_present(&c.provider));
    fetch_case_end(&c);
}

static void every_failed_allocation_is_told(void **state)
{
    struct fetch_case c;
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    start(&c);
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fetch_case_again(&c);
        fail_allocation(nth);
        status = fetch_case_run(&c, instance_steps, 3);
        allow_allocations();
        if (status != LLMGW_OK)
            assert_int_equal(status, LLMGW_E_NOMEM);
    }
    expect_keys(&c, "ASIAX", "sec/ret+1", "tok=", FETCH_NOW + 21600);
    status = LLMGW_E_NOMEM;
    setenv("AWS_ROLE_ARN", "arn:x", 1);
    setenv("AWS_WEB_IDENTITY_TOKEN_FILE", fetch_case_file(&c, "token", "ey"),
           1);
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        static const struct fetch_step step = {
            "POST", "https://sts.amazonaws.com/", NULL, 200, STS_XML};

        fetch_case_again(&c);
        fail_allocation(nth);
        status = fetch_case_run(&c, &step, 1);
        allow_allocations();
    }
    expect_keys(&c, "ASIAY", "s/2", "t==", FETCH_NOW + 3600);
    fetch_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_go_before_the_environment),
        cmocka_unit_test(the_environment_goes_before_files),
        cmocka_unit_test(half_a_pair_is_refused),
        cmocka_unit_test(keys_that_would_end_a_header_are_refused),
        cmocka_unit_test(profiles_are_read_from_both_files),
        cmocka_unit_test(files_may_be_elsewhere),
        cmocka_unit_test(a_container_is_asked_with_its_token),
        cmocka_unit_test(a_container_has_few_addresses),
        cmocka_unit_test(an_instance_is_asked_in_three_steps),
        cmocka_unit_test(an_instance_may_be_elsewhere),
        cmocka_unit_test(nothing_anywhere_names_all_places),
        cmocka_unit_test(a_role_is_taken_with_a_web_identity),
        cmocka_unit_test(a_profile_may_ask_for_a_role),
        cmocka_unit_test(refusals_of_services_are_told),
        cmocka_unit_test(an_answer_cut_anywhere_brings_no_half_credential),
        cmocka_unit_test(the_region_of_the_profile_is_known),
        cmocka_unit_test(signs_of_credentials_are_seen),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
