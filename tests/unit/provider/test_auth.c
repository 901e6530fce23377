/* Credentials and configured headers of an exchange. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "provider/credential.h"
#include "provider/provider.h"
#include "support/alloc.h"

struct fixture {
    struct llmgw__provider provider;
    struct llmgw__http_request request;
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS]; /* its */
    struct llmgw__arena arena;
    struct llmgw__error error;
};

static void start(struct fixture *f, const char *row, char *key)
{
    memset(f, 0, sizeof *f);
    llmgw__arena_init(&f->arena, 0, 0);
    f->request.headers = f->headers;
    f->request.header_cap = LLMGW__HTTP_MAX_HEADERS;
    f->provider.name = "mine";
    f->provider.row = llmgw__provider_row_find(llmgw__str(row));
    f->provider.api_key = key;
    assert_non_null(f->provider.row);
}

static llmgw_status apply(struct fixture *f)
{
    struct llmgw__auth_ask ask = {
        .provider = &f->provider, .request = &f->request, .arena = &f->arena};

    return llmgw__auth_apply(&ask, &f->error);
}

static const struct llmgw__http_header *header(const struct fixture *f,
                                               const char *name)
{
    for (size_t i = 0; i < f->request.header_count; i++)
        if (llmgw__str_is(f->request.headers[i].name, name))
            return &f->request.headers[i];
    return NULL;
}

static void each_scheme_shows_the_key_its_own_way(void **state)
{
    static const char *const cases[][3] = {
        {"openai", "authorization", "Bearer k-1"},
        {"anthropic", "x-api-key", "k-1"},
        {"google", "x-goog-api-key", "k-1"},
        {"ollama", "authorization", "Bearer k-1"},
        {"azure", "api-key", "k-1"},
        {"portkey", "x-portkey-api-key", "k-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char key[] = "k-1";
        struct fixture f;

        start(&f, cases[i][0], key);
        assert_int_equal(apply(&f), LLMGW_OK);
        assert_int_equal(f.request.header_count, 1);
        assert_non_null(header(&f, cases[i][1]));
        assert_true(llmgw__str_is(f.request.headers[0].value, cases[i][2]));
        assert_true(f.request.headers[0].secret);
        llmgw__arena_clear(&f.arena);
    }
}

static void a_setting_shows_the_key_another_way(void **state)
{
    static const char *const cases[][4] = {
        {"azure", "bearer", "authorization", "Bearer k-1"},
        {"compatible", "api-key", "api-key", "k-1"},
        {"openai", "x-api-key", "x-api-key", "k-1"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct llmgw__setting setting = {"auth", cases[i][1], false};
        char key[] = "k-1";
        struct fixture f;

        start(&f, cases[i][0], key);
        f.provider.settings = &setting;
        f.provider.setting_count = 1;
        assert_int_equal(apply(&f), LLMGW_OK);
        assert_int_equal(f.request.header_count, 1);
        assert_non_null(header(&f, cases[i][2]));
        assert_true(llmgw__str_is(f.request.headers[0].value, cases[i][3]));
        assert_true(f.request.headers[0].secret);
        llmgw__arena_clear(&f.arena);
    }
}

static void a_missing_key_is_told_with_its_variable(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "openai", NULL);
    assert_int_equal(apply(&f), LLMGW_E_INVALID);
    assert_int_equal(f.error.kind, LLMGW_KIND_AUTH);
    assert_non_null(strstr(f.error.message, "mine"));
    assert_non_null(strstr(f.error.message, "OPENAI_API_KEY"));
    llmgw__arena_clear(&f.arena);
}

static void a_server_without_keys_needs_none(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "llamacpp", NULL);
    assert_int_equal(apply(&f), LLMGW_OK);
    assert_int_equal(f.request.header_count, 0);
    llmgw__arena_clear(&f.arena);
}

static void a_key_that_would_end_the_header_is_refused(void **state)
{
    char key[] = "k\r\nx-evil: 1";
    struct fixture f;

    (void)state;
    start(&f, "openai", key);
    assert_int_equal(apply(&f), LLMGW_E_INVALID);
    assert_int_equal(f.error.kind, LLMGW_KIND_AUTH);
    assert_null(strstr(f.error.message, "evil"));
    assert_int_equal(f.request.header_count, 0);
    llmgw__arena_clear(&f.arena);
}

static void configured_headers_are_sent_and_go_first(void **state)
{
    static const struct llmgw__setting headers[] = {
        {"x-title", "Mine", true},
        {"Content-Type", "application/json; charset=utf-8", false},
        {"Authorization", "Custom abc", true},
    };
    char key[] = "unused";
    struct fixture f;

    (void)state;
    start(&f, "openai", key);
    f.provider.headers = headers;
    f.provider.header_count = 3;
    assert_int_equal(
        llmgw__http_header_add(&f.request, LLMGW__LIT("content-type"),
                               LLMGW__LIT("application/json"), false),
        LLMGW_OK);
    assert_int_equal(apply(&f), LLMGW_OK);
    assert_int_equal(f.request.header_count, 3);
    assert_true(llmgw__str_is(header(&f, "x-title")->value, "Mine"));
    assert_true(header(&f, "x-title")->secret);
    assert_true(llmgw__str_is(header(&f, "content-type")->value,
                              "application/json; charset=utf-8"));
    assert_null(header(&f, "authorization"));
    assert_true(
        llmgw__str_is(header(&f, "Authorization")->value, "Custom abc"));
    llmgw__arena_clear(&f.arena);
}

static void a_configured_header_that_is_none_is_refused(void **state)
{
    static const struct llmgw__setting bad = {"x-a", "1\n2", false};
    char key[] = "k";
    struct fixture f;

    (void)state;
    start(&f, "openai", key);
    f.provider.headers = &bad;
    f.provider.header_count = 1;
    assert_int_equal(apply(&f), LLMGW_E_INVALID);
    assert_int_equal(f.error.kind, LLMGW_KIND_CONFIG);
    assert_non_null(strstr(f.error.message, "x-a"));
    llmgw__arena_clear(&f.arena);
}

/** The row of a service that wants signatures. */
static const struct llmgw__provider_row signing = {.name = "signing",
                                                   .auth = LLMGW__AUTH_AWS};
static const struct llmgw__setting region = {"region", "us-east-1", false};

static void start_signing(struct fixture *f, char *url)
{
    start(f, "openai", NULL);
    f->provider.row = &signing;
    f->provider.settings = &region;
    f->provider.setting_count = 1;
    f->request.method = "POST";
    f->request.url = url;
    llmgw__body_init(&f->request.body, 0);
    llmgw__body_add(&f->request.body,
                    LLMGW__LIT("{\"messages\":[{\"role\":\"user\",\"content\":"
                               "[{\"text\":\"Hello\"}]}],\"inferenceConfig\":"
                               "{\"maxTokens\":64}}"));
    assert_int_equal(llmgw__body_finish(&f->request.body), LLMGW_OK);
    assert_int_equal(
        llmgw__http_header_add(&f->request, LLMGW__LIT("content-type"),
                               LLMGW__LIT("application/json"), false),
        LLMGW_OK);
}

static llmgw_status apply_with(struct fixture *f,
                               const struct llmgw__credential *credential)
{
    struct llmgw__auth_ask ask = {
        .provider = &f->provider,
        .credential = credential,
        .now_s = INT64_C(1795348800), /* 2026-11-22T12:00:00Z */
        .request = &f->request,
        .arena = &f->arena};

    return llmgw__auth_apply(&ask, &f->error);
}

static void end_signing(struct fixture *f)
{
    llmgw__body_clear(&f->request.body);
    llmgw__arena_clear(&f->arena);
}

static const struct llmgw__credential pair = {
    .access_key = "AKIDEXAMPLE",
    .secret_key = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    .session_token =
        "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"};

/* Signed by another signer, over the same request. */
static void a_pair_of_access_keys_signs(void **state)
{
    char url[] = "https://bedrock-runtime.us-east-1.amazonaws.com/model/us."
                 "anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream";
    struct fixture f;

    (void)state;
    start_signing(&f, url);
    assert_int_equal(apply_with(&f, &pair), LLMGW_OK);
    assert_true(
        llmgw__str_is(header(&f, "x-amz-date")->value, "20261122T120000Z"));
    assert_true(header(&f, "x-amz-security-token")->secret);
    assert_true(llmgw__str_ends(
        header(&f, "authorization")->value,
        "714486cfb4dbc07e9c4dc1bb0198a0f1fab662f428ce7aac26a7ea4e1e0e7852"));
    end_signing(&f);
}

static void a_key_goes_before_a_signature(void **state)
{
    char url[] = "https://bedrock-runtime.us-east-1.amazonaws.com/x";
    char key[] = "bedrock-key";
    struct fixture f;

    (void)state;
    start_signing(&f, url);
    f.provider.api_key = key;
    assert_int_equal(apply_with(&f, NULL), LLMGW_OK);
    assert_true(llmgw__str_is(header(&f, "authorization")->value,
                              "Bearer bedrock-key"));
    assert_null(header(&f, "x-amz-date"));
    end_signing(&f);
}

static void without_a_region_nothing_is_signed(void **state)
{
    char url[] = "https://bedrock-runtime.us-east-1.amazonaws.com/x";
    struct fixture f;

    (void)state;
    start_signing(&f, url);
    f.provider.setting_count = 0;
    assert_int_equal(apply_with(&f, &pair), LLMGW_E_INVALID);
    assert_int_equal(f.error.kind, LLMGW_KIND_CONFIG);
    assert_non_null(strstr(f.error.message, "AWS_REGION"));
    end_signing(&f);
    start_signing(&f, url);
    assert_int_equal(apply_with(&f, NULL), LLMGW_E_INVALID);
    assert_int_equal(f.error.kind, LLMGW_KIND_AUTH);
    end_signing(&f);
}

static void the_project_that_pays_is_named(void **state)
{
    static const struct llmgw__credential token = {.key = "ya29.x",
                                                   .quota_project = "pays"};
    struct fixture f;

    (void)state;
    start(&f, "openai", NULL);
    assert_int_equal(apply_with(&f, &token), LLMGW_OK);
    assert_true(
        llmgw__str_is(header(&f, "authorization")->value, "Bearer ya29.x"));
    assert_true(
        llmgw__str_is(header(&f, "x-goog-user-project")->value, "pays"));
    llmgw__arena_clear(&f.arena);
}

static void no_memory_is_told(void **state)
{
    char key[] = "k";
    struct fixture f;

    (void)state;
    start(&f, "openai", key);
    fail_allocation(0);
    assert_int_equal(apply(&f), LLMGW_E_NOMEM);
    allow_allocations();
    assert_int_equal(apply(&f), LLMGW_OK);
    llmgw__arena_clear(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_scheme_shows_the_key_its_own_way),
        cmocka_unit_test(a_setting_shows_the_key_another_way),
        cmocka_unit_test(a_missing_key_is_told_with_its_variable),
        cmocka_unit_test(a_server_without_keys_needs_none),
        cmocka_unit_test(a_key_that_would_end_the_header_is_refused),
        cmocka_unit_test(configured_headers_are_sent_and_go_first),
        cmocka_unit_test(a_configured_header_that_is_none_is_refused),
        cmocka_unit_test(a_pair_of_access_keys_signs),
        cmocka_unit_test(a_key_goes_before_a_signature),
        cmocka_unit_test(without_a_region_nothing_is_signed),
        cmocka_unit_test(the_project_that_pays_is_named),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
