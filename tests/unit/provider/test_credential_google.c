/*
 * Access tokens of Google: where credentials are looked for, and what token
 * services are asked. The key of the fixtures was made for them; the assertion
 * was signed by OpenSSL.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "support/alloc.h"
#include "support/fetch_case.h"

#define FIXTURES LLMGW_SOURCE_DIR "/tests/fixtures/google/"
#define ACCOUNT  FIXTURES "service_account.json"
#define ADC      ".config/gcloud/application_default_credentials.json"
#define TOKEN_AT "https://oauth2.googleapis.com/token"
#define STS      "https://sts.googleapis.com/v1/token"
#define METADATA                                                   \
    "http://metadata.google.internal/computeMetadata/v1/instance/" \
    "service-accounts/default/token"
#define TO_BE                                                              \
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/" \
    "sa@p.iam.gserviceaccount.com:generateAccessToken"
#define USER                                                   \
    "{\"type\":\"authorized_user\",\"client_id\":\"id.apps\"," \
    "\"client_secret\":\"s&cret\",\"refresh_token\":\"1//r\"," \
    "\"quota_project_id\":\"pays\"}"
#define TOKEN                                                          \
    "{\"access_token\":\"ya29.x\",\"expires_in\":3599,\"token_type\":" \
    "\"Bearer\"}"
#define FORM "content-type: application/x-www-form-urlencoded"

static const struct fetch_step token_step = {"POST", TOKEN_AT, FORM, 200,
                                             TOKEN};

static void start(struct fetch_case *c)
{
    fetch_case_start(c, &llmgw__google_credentials);
}

static void expect_token(const struct fetch_case *c, const char *token,
                         int64_t expires, const char *project)
{
    const struct llmgw__credential *found = c->fetch.out;

    assert_non_null(found);
    assert_string_equal(found->key, token);
    assert_null(found->access_key);
    assert_int_equal(found->expires_s, expires);
    if (project)
        assert_string_equal(found->quota_project, project);
    else
        assert_null(found->quota_project);
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

/** A fixture's text, without the line's end; static. */
static const char *fixture(const char *path)
{
    static char text[8192];
    struct llmgw__buf read;
    const char *why = NULL;

    llmgw__buf_init(&read, 0);
    assert_int_equal(llmgw__file_read(path, sizeof text - 1, &read, &why),
                     LLMGW_OK);
    (void)snprintf(text, sizeof text, "%.*s", (int)read.len, read.data);
    text[strcspn(text, "\n") + (text[0] == '{' ? read.len : 0)] = '\0';
    llmgw__file_wipe(&read);
    return text;
}

static void a_service_account_signs_its_assertion(void **state)
{
    static const char before[] =
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&"
        "assertion=";
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("GOOGLE_APPLICATION_CREDENTIALS", ACCOUNT, 1);
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    assert_memory_equal(fetch_case_body(&c), before, sizeof before - 1);
    assert_string_equal(fetch_case_body(&c) + sizeof before - 1,
                        fixture(FIXTURES "assertion.txt"));
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, &token_step, 1), LLMGW_OK);
    expect_token(&c, "ya29.x", FETCH_NOW + 3599, NULL);
    fetch_case_end(&c);
}

static void a_user_refreshes_his_token(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    fetch_case_file(&c, ADC, USER);
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    assert_string_equal(fetch_case_body(&c),
                        "grant_type=refresh_token&client_id=id.apps&"
                        "client_secret=s%26cret&refresh_token=1%2F%2Fr");
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, &token_step, 1), LLMGW_OK);
    expect_token(&c, "ya29.x", FETCH_NOW + 3599, "pays");
    fetch_case_end(&c);
}

static void settings_go_before_environment_and_files(void **state)
{
    struct fetch_case c;

    (void)state;
    start(&c);
    setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere", 1);
    fetch_case_file(&c, ADC, "{}");
    expect_refusal(&c, NULL, 0,
                   "mine: GOOGLE_APPLICATION_CREDENTIALS: there is no such");
    fetch_case_again(&c);
    fetch_case_setting(&c, "credentials_file",
                       fetch_case_file(&c, "user", USER));
    assert_int_equal(fetch_case_run(&c, &token_step, 1), LLMGW_OK);
    fetch_case_again(&c);
    fetch_case_setting(&c, "credentials_json", "{\"type\":\"x\"}");
    expect_refusal(&c, NULL, 0, "no token is asked for with type x");
    fetch_case_end(&c);
}

static void the_usual_file_may_be_elsewhere(void **state)
{
    char folder[100];
    struct fetch_case c;

    (void)state;
    start(&c);
    fetch_case_file(&c, "sdk/application_default_credentials.json", USER);
    (void)snprintf(folder, sizeof folder, "%s/sdk", c.folder);
    setenv("CLOUDSDK_CONFIG", folder, 1);
    assert_int_equal(fetch_case_run(&c, &token_step, 1), LLMGW_OK);
    expect_token(&c, "ya29.x", FETCH_NOW + 3599, "pays");
    fetch_case_end(&c);
}

static void the_metadata_server_is_asked_last(void **state)
{
    static const struct fetch_step step = {
        "GET", METADATA, "metadata-flavor: Google", 200, TOKEN};
    static const struct fetch_step local = {
        "GET",
        "http://127.0.0.1:8/computeMetadata/v1/instance/service-accounts/"
        "default/token",
        NULL, 200, TOKEN};
    struct fetch_case c;

    (void)state;
    start(&c);
    assert_int_equal(fetch_case_run(&c, &step, 1), LLMGW_OK);
    expect_token(&c, "ya29.x", FETCH_NOW + 3599, NULL);
    fetch_case_again(&c);
    setenv("GCE_METADATA_HOST", "127.0.0.1:8", 1);
    assert_int_equal(fetch_case_run(&c, &local, 1), LLMGW_OK);
    fetch_case_again(&c);
    setenv("GCE_METADATA_HOST", "metadata.google.internal@evil.example", 1);
    expect_refusal(&c, NULL, 0, "GCE_METADATA_HOST: is no host");
    fetch_case_end(&c);
}

static void nothing_anywhere_names_all_places(void **state)
{
    static const char *const places[] = {
        "mine: no credentials", "credentials_json",
        "credentials_file",     "GOOGLE_APPLICATION_CREDENTIALS",
        "CLOUDSDK_CONFIG",      "~/.config/gcloud",
        "metadata server: "};
    static const struct fetch_step silent = {"GET", METADATA, NULL, 0,
                                             "could not resolve"};
    struct fetch_case c;

    (void)state;
    start(&c);
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        fetch_case_again(&c);
        expect_refusal(&c, &silent, 1, places[i]);
    }
    fetch_case_again(&c);
    setenv("NO_GCE_CHECK", "true", 1);
    expect_refusal(&c, NULL, 0, "NO_GCE_CHECK is true");
    fetch_case_end(&c);
}

#define EXTERNAL(source)                                                 \
    "{\"type\":\"external_account\",\"audience\":\"//iam/a\","           \
    "\"subject_token_type\":\"urn:x:jwt\",\"credential_source\":" source \
    ",\"service_account_impersonation_url\":\"" TO_BE "\"}"
#define EXCHANGED                                                             \
    "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange&"   \
    "requested_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3A"        \
    "access_token&scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2F"           \
    "cloud-platform&audience=%2F%2Fiam%2Fa&subject_token_type=urn%3Ax%3Ajwt&" \
    "subject_token=sub.ject"

static void another_provider_vouches_by_a_url(void **state)
{
    static const struct fetch_step steps[] = {
        {"GET", "http://169.254.169.254/id?x=1", "metadata: True", 200,
         "{\"value\":\"sub.ject\"}"},
        {"POST", STS, FORM, 200, TOKEN},
        {"POST", TO_BE, "authorization: Bearer ya29.x", 200,
         "{\"accessToken\":\"ya29.sa\",\"expireTime\":"
         "\"2025-11-22T09:26:40Z\"}"},
    };
    struct fetch_case c;

    (void)state;
    start(&c);
    fetch_case_setting(
        &c, "credentials_json",
        EXTERNAL("{\"url\":\"http://169.254.169.254/id?x=1\",\"headers\":"
                 "{\"metadata\":\"True\"},\"format\":{\"type\":\"json\","
                 "\"subject_token_field_name\":\"value\"}}"));
    assert_int_equal(fetch_case_run(&c, steps, 1), LLMGW_OK);
    assert_string_equal(fetch_case_body(&c), EXCHANGED);
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, steps, 2), LLMGW_OK);
    assert_string_equal(
        fetch_case_body(&c),
        "{\"delegates\":[],\"scope\":[\"https://www.googleapis.com/auth/"
        "cloud-platform\"],\"lifetime\":\"3600s\"}");
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, steps, 3), LLMGW_OK);
    expect_token(&c, "ya29.sa", FETCH_NOW + 3600, NULL);
    fetch_case_end(&c);
}

static void another_provider_vouches_by_a_file(void **state)
{
    static const struct fetch_step step = {
        "POST", STS, "authorization: Basic YzpkPT8=", 200, TOKEN};
    char text[600];
    struct fetch_case c;

    (void)state;
    start(&c);
    (void)snprintf(text, sizeof text,
                   "{\"type\":\"external_account\",\"audience\":\"//iam/a\","
                   "\"client_id\":\"c\",\"client_secret\":\"d=?\","
                   "\"subject_token_type\":\"urn:x:jwt\","
                   "\"credential_source\":{\"file\":\"%s\"}}",
                   fetch_case_file(&c, "subject", "sub.ject\n"));
    fetch_case_setting(&c, "credentials_json", text);
    assert_int_equal(fetch_case_run(&c, NULL, 0), LLMGW_OK);
    assert_string_equal(fetch_case_body(&c), EXCHANGED);
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, &step, 1), LLMGW_OK);
    expect_token(&c, "ya29.x", FETCH_NOW + 3599, NULL);
    fetch_case_end(&c);
}

static void an_account_is_impersonated(void **state)
{
    static const struct fetch_step steps[] = {
        {"POST", TOKEN_AT, FORM, 200, TOKEN},
        {"POST", TO_BE, "content-type: application/json", 200,
         "{\"accessToken\":\"ya29.sa\",\"expireTime\":"
         "\"2025-11-22T09:26:40Z\"}"},
    };
    struct fetch_case c;

    (void)state;
    start(&c);
    fetch_case_setting(&c, "credentials_json",
                       "{\"type\":\"impersonated_service_account\","
                       "\"delegates\":[\"a\",\"b\"],"
                       "\"service_account_impersonation_url\":\"" TO_BE "\","
                       "\"source_credentials\":" USER "}");
    assert_int_equal(fetch_case_run(&c, steps, 1), LLMGW_OK);
    assert_non_null(
        strstr(fetch_case_body(&c), "{\"delegates\":[\"a\",\"b\"],"));
    fetch_case_again(&c);
    assert_int_equal(fetch_case_run(&c, steps, 2), LLMGW_OK);
    expect_token(&c, "ya29.sa", FETCH_NOW + 3600, NULL);
    fetch_case_end(&c);
}

static void files_that_will_not_do_are_refused(void **state)
{
    static const char *const cases[][2] = {
        {"[]", "it is no JSON object"},
        {"{", "it is no JSON object"},
        {"{}", "no token is asked for with type "},
        {"{\"type\":\"gdch_service_account\"}", "type gdch_service_account"},
        {"{\"type\":\"service_account\"}", "client_email is missing"},
        {"{\"type\":\"service_account\",\"client_email\":\"a\"}",
         "private_key is missing"},
        {"{\"type\":\"service_account\",\"client_email\":\"a\","
         "\"private_key\":\"-----BEGIN PRIVATE KEY-----\\nAAAA\\n"
         "-----END PRIVATE KEY-----\\n\"}",
         "private_key is no RSA key"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\","
         "\"client_secret\":\"b\",\"refresh_token\":\"c\","
         "\"token_uri\":\"https://evil.example/googleapis.com\"}",
         "is no https URL of a Google service"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\","
         "\"client_secret\":\"b\",\"refresh_token\":\"c\","
         "\"token_uri\":\"http://oauth2.googleapis.com/token\"}",
         "is no https URL of a Google service"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\","
         "\"client_secret\":\"b\",\"refresh_token\":\"c\","
         "\"token_uri\":\"https://googleapis.com.evil.example/token\"}",
         "is no https URL of a Google service"},
        {"{\"type\":\"authorized_user\",\"client_id\":\"a\","
         "\"client_secret\":\"b\",\"refresh_token\":\"c\","
         "\"token_uri\":\"https://a.googleapis.com@evil.example/token\"}",
         "is no https URL of a Google service"},
        {"{\"type\":\"impersonated_service_account\"}",
         "service_account_impersonation_url is missing"},
        {"{\"type\":\"impersonated_service_account\","
         "\"service_account_impersonation_url\":\"" TO_BE "\"}",
         "source_credentials is missing"},
        {"{\"type\":\"impersonated_service_account\","
         "\"service_account_impersonation_url\":\"" TO_BE "\","
         "\"source_credentials\":{\"type\":\"external_account\"}}",
         "type external_account"},
        {"{\"type\":\"external_account\"}", "neither a file nor a URL"},
        {EXTERNAL("{\"environment_id\":\"aws1\",\"url\":\"https://x/\"}"),
         "neither a file nor a URL"},
        {EXTERNAL("{\"file\":\"/nowhere/at/all\"}"), "there is no such file"},
        {EXTERNAL("{\"url\":\"http://evil.example/\"}"), "is no https URL"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch_case c;

        start(&c);
        fetch_case_setting(&c, "credentials_json", cases[i][0]);
        expect_refusal(&c, NULL, 0, cases[i][1]);
        fetch_case_end(&c);
    }
}

static void refusals_of_token_services_are_told(void **state)
{
    static const struct {
        int32_t status;
        const char *body;
        const char *words;
        bool passes;
    } cases[] = {
        {400, "{\"error\":\"invalid_grant\",\"error_description\":\"Bad\"}",
         "the token service: HTTP 400, Bad", false},
        {401, "{\"error\":{\"message\":\"No\",\"code\":401}}",
         "the token service: HTTP 401, No", false},
        {503, "<html>", "the token service: HTTP 503", true},
        {0, "timed out", "the token service: no answer, timed out", true},
        {200, "", "the answer holds no access token", false},
        {200, "{}", "the answer holds no access token", false},
        {200, "{\"access_token\":5}", "the answer holds no access token",
         false},
        {200, "{\"access_token\":\"a\\nb\"}", "cannot be sent in a header",
         false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch_step step = token_step;
        struct fetch_case c;

        step.status = cases[i].status;
        step.body = cases[i].body;
        start(&c);
        fetch_case_setting(&c, "credentials_json", USER);
        expect_refusal(&c, &step, 1, cases[i].words);
        assert_int_equal(c.fetch.error.retryable, cases[i].passes);
        fetch_case_end(&c);
    }
}

static void the_life_of_a_token_may_be_told_in_two_ways(void **state)
{
    static const struct {
        const char *body;
        int64_t life;
    } cases[] = {
        {"{\"access_token\":\"a\",\"expires_in\":\"120\"}", 120},
        {"{\"access_token\":\"a\",\"expires_in\":120}", 120},
        {"{\"access_token\":\"a\",\"expires_in\":-1}", 3600},
        {"{\"access_token\":\"a\",\"expires_in\":\"soon\"}", 3600},
        {"{\"access_token\":\"a\",\"expires_in\":1e30}", 3600},
        {"{\"access_token\":\"a\"}", 3600},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch_step step = token_step;
        struct fetch_case c;

        step.body = cases[i].body;
        start(&c);
        fetch_case_setting(&c, "credentials_json", USER);
        assert_int_equal(fetch_case_run(&c, &step, 1), LLMGW_OK);
        expect_token(&c, "a", FETCH_NOW + cases[i].life, "pays");
        fetch_case_end(&c);
    }
}

static void cut_anywhere_there_is_no_half_credential(void **state)
{
    size_t len = sizeof TOKEN - 1, file = sizeof USER - 1;
    struct fetch_case c;
    char text[sizeof USER];

    (void)state;
    start(&c);
    fetch_case_setting(&c, "credentials_json", USER);
    for (size_t cut = 0; cut < len; cut++) {
        struct fetch_step step = token_step;

        memcpy(text, TOKEN, cut);
        text[cut] = '\0';
        step.body = text;
        fetch_case_again(&c);
        expect_refusal(&c, &step, 1, "holds no access token");
    }
    c.settings[0].value = text;
    for (size_t cut = 1; cut < file; cut++) {
        memcpy(text, USER, cut);
        text[cut] = '\0';
        fetch_case_again(&c);
        expect_refusal(&c, NULL, 0, "it is no JSON object");
    }
    fetch_case_end(&c);
}

static void the_project_of_the_file_is_known(void **state)
{
    struct llmgw__buf project;
    struct fetch_case c;

    (void)state;
    start(&c);
    llmgw__buf_init(&project, 0);
    assert_false(llmgw__google_credentials.is_present(&c.provider));
    assert_int_equal(
        llmgw__google_credentials.hint(&c.provider, "project", &project),
        LLMGW_OK);
    assert_int_equal(project.len, 0);
    setenv("GOOGLE_APPLICATION_CREDENTIALS", ACCOUNT, 1);
    assert_true(llmgw__google_credentials.is_present(&c.provider));
    assert_int_equal(
        llmgw__google_credentials.hint(&c.provider, "project", &project),
        LLMGW_OK);
    assert_true(llmgw__str_is(llmgw__buf_str(&project), "example-project"));
    llmgw__buf_clear(&project);
    fetch_case_end(&c);
}

static void every_failed_allocation_is_told(void **state)
{
    static const struct fetch_step steps[] = {
        {"GET", "https://id.example/", NULL, 200, "{\"v\":\"sub.ject\"}"},
        {"POST", STS, FORM, 200, TOKEN},
        {"POST", TO_BE, NULL, 200, "{\"accessToken\":\"t\"}"},
    };
    llmgw_status status = LLMGW_E_NOMEM;
    struct fetch_case c;

    (void)state;
    start(&c);
    fetch_case_setting(
        &c, "credentials_json",
        EXTERNAL("{\"url\":\"https:\\/\\/id.example/\",\"headers\":{\"a\":"
                 "\"b\"},\"format\":{\"type\":\"json\","
                 "\"subject_token_field_name\":\"v\"}}"));
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fetch_case_again(&c);
        fail_allocation(nth);
        status = fetch_case_run(&c, steps, 3);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    expect_token(&c, "t", FETCH_NOW + 3600, NULL);
    c.provider.setting_count = 0;
    setenv("GOOGLE_APPLICATION_CREDENTIALS", ACCOUNT, 1);
    status = LLMGW_E_NOMEM;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fetch_case_again(&c);
        fail_allocation(nth);
        status = fetch_case_run(&c, &token_step, 1);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    fetch_case_end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_account_signs_its_assertion),
        cmocka_unit_test(a_user_refreshes_his_token),
        cmocka_unit_test(settings_go_before_environment_and_files),
        cmocka_unit_test(the_usual_file_may_be_elsewhere),
        cmocka_unit_test(the_metadata_server_is_asked_last),
        cmocka_unit_test(nothing_anywhere_names_all_places),
        cmocka_unit_test(another_provider_vouches_by_a_url),
        cmocka_unit_test(another_provider_vouches_by_a_file),
        cmocka_unit_test(an_account_is_impersonated),
        cmocka_unit_test(files_that_will_not_do_are_refused),
        cmocka_unit_test(refusals_of_token_services_are_told),
        cmocka_unit_test(the_life_of_a_token_may_be_told_in_two_ways),
        cmocka_unit_test(cut_anywhere_there_is_no_half_credential),
        cmocka_unit_test(the_project_of_the_file_is_known),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
