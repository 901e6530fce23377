/* Where a service is: regions, resources, accounts, deployments, versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "provider/endpoints.h"
#include "provider/site.h"
#include "support/alloc.h"

#define AT "https://r.openai.azure.com"

struct fixture {
    struct llmgw__provider provider;
    struct llmgw__setting settings[4];
    struct llmgw__buf url;
};

static void start(struct fixture *f, const char *row)
{
    memset(f, 0, sizeof *f);
    f->provider.row = llmgw__provider_row_find(llmgw__str(row));
    f->provider.settings = f->settings;
    assert_non_null(f->provider.row);
    llmgw__buf_init(&f->url, 0);
}

static void set(struct fixture *f, const char *name, const char *value)
{
    f->settings[f->provider.setting_count].name = name;
    f->settings[f->provider.setting_count++].value = value;
}

/* What stands in the buffer, which is emptied. */
static void is(struct fixture *f, const char *wanted)
{
    llmgw__buf_add_char(&f->url, '\0');
    assert_int_equal(f->url.status, LLMGW_OK);
    assert_string_equal(f->url.data, wanted);
    llmgw__buf_clear(&f->url);
    llmgw__buf_init(&f->url, 0);
}

static void a_service_is_where_its_row_says(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "dashscope");
    assert_null(llmgw__site_base(&f.provider, NULL, &f.url));
    is(&f, "https://dashscope-intl.aliyuncs.com/compatible-mode/v1");
    llmgw__buf_clear(&f.url);
}

static void a_region_is_another_place(void **state)
{
    static const char *const cases[][3] = {
        {"dashscope", "us",
         "https://dashscope-us.aliyuncs.com/compatible-mode/v1"},
        {"dashscope", "cn",
         "https://dashscope.aliyuncs.com/compatible-mode/v1"},
        {"moonshot", "cn", "https://api.moonshot.cn/v1"},
        {"zai", "coding", "https://api.z.ai/api/coding/paas/v4"},
        {"vertex", "global", "https://aiplatform.googleapis.com"},
        {"vertex", "eu", "https://aiplatform.eu.rep.googleapis.com"},
        {"vertex", "us", "https://aiplatform.us.rep.googleapis.com"},
        {"vertex", "us-east5", "https://us-east5-aiplatform.googleapis.com"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;

        start(&f, cases[i][0]);
        set(&f, f.provider.row->place ? f.provider.row->place : "region",
            cases[i][1]);
        assert_null(llmgw__site_base(&f.provider, NULL, &f.url));
        is(&f, cases[i][2]);
        llmgw__buf_clear(&f.url);
    }
}

static void a_resource_is_filled_in(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "azure");
    assert_string_equal(llmgw__site_base(&f.provider, NULL, &f.url),
                        "resource");
    assert_null(llmgw__site_base(&f.provider, "env", &f.url));
    is(&f, "https://env.openai.azure.com/openai/v1");
    set(&f, "resource", "r");
    assert_null(llmgw__site_base(&f.provider, "env", &f.url));
    is(&f, AT "/openai/v1");
    start(&f, "cloudflare");
    set(&f, "account_id", "0a1b");
    assert_null(llmgw__site_base(&f.provider, NULL, &f.url));
    is(&f, "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/v1");
    llmgw__buf_clear(&f.url);
}

static void a_place_that_does_not_fit_is_told(void **state)
{
    static const char *const cases[][3] = {
        {"dashscope", "region", "mars"},
        {"openai", "region", "us"},
        {"openai", "resource", "r"},
        {"azure", "account_id", "a"},
        {"azure", "resource", "evil.example/"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;

        start(&f, cases[i][0]);
        set(&f, cases[i][1], cases[i][2]);
        assert_string_equal(llmgw__site_base(&f.provider, NULL, &f.url),
                            cases[i][1]);
        llmgw__buf_clear(&f.url);
    }
}

static void a_part_of_a_url_has_no_signs_in_it(void **state)
{
    static const char *const bad[] = {"", "a/b", "a?b", "a b", "\xc3\xa4", "@"};

    (void)state;
    assert_null(llmgw__site_part("2024-10-21"));
    assert_null(llmgw__site_part("My_res.1"));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_non_null(llmgw__site_part(bad[i]));
}

static void deployments_have_two_forms_of_paths(void **state)
{
    static const char *const bases[] = {AT, AT "/openai", AT "/openai/v1"};
    struct fixture f;

    (void)state;
    for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
        start(&f, "azure");
        f.provider.base_url = bases[i];
        assert_false(llmgw__site_is_dated(&f.provider));
        llmgw__site_url(&f.url, &f.provider, "/x", "m");
        is(&f, AT "/openai/v1/x");
        set(&f, "api_version", "2025-01-01-preview");
        assert_true(llmgw__site_is_dated(&f.provider));
        llmgw__site_url(&f.url, &f.provider, "/x", "m n");
        is(&f, AT "/openai/deployments/m%20n/x?api-version=2025-01-01-preview");
        llmgw__site_url(&f.url, &f.provider, "/responses", NULL);
        is(&f, AT "/openai/responses?api-version=2025-01-01-preview");
        llmgw__buf_clear(&f.url);
    }
}

static void elsewhere_a_version_is_a_query(void **state)
{
    struct fixture f;

    (void)state;
    start(&f, "compatible");
    f.provider.base_url = "http://127.0.0.1:1/v1";
    llmgw__site_url(&f.url, &f.provider, "/x", "m");
    is(&f, "http://127.0.0.1:1/v1/x");
    set(&f, "api_version", "2024-10-21");
    assert_false(llmgw__site_is_dated(&f.provider));
    llmgw__site_url(&f.url, &f.provider, "/x", "m");
    is(&f, "http://127.0.0.1:1/v1/x?api-version=2024-10-21");
    llmgw__buf_clear(&f.url);
}

static void models_are_listed_in_the_same_place(void **state)
{
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    struct llmgw__http_request request = {
        .headers = headers, .header_cap = LLMGW__HTTP_MAX_HEADERS};
    struct llmgw__arena arena;
    struct llmgw__error error;
    struct llmgw__target target = {.model = "m"};
    struct llmgw__encode encode = {.target = &target,
                                   .arena = &arena,
                                   .request = &request,
                                   .error = &error};
    struct fixture f;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    start(&f, "azure");
    f.provider.base_url = AT "/openai/v1";
    set(&f, "api_version", "2024-10-21");
    target.provider = &f.provider;
    assert_int_equal(llmgw__models_encode(&llmgw__openai_list, &encode),
                     LLMGW_OK);
    assert_string_equal(request.url,
                        AT "/openai/models?api-version=2024-10-21");
    llmgw__arena_clear(&arena);
    llmgw__buf_clear(&f.url);
}

static void no_memory_is_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 1; status == LLMGW_E_NOMEM && nth < 20; nth++) {
        struct fixture f;

        start(&f, "azure");
        set(&f, "resource", "r");
        f.provider.base_url = AT;
        fail_allocation(nth);
        assert_null(llmgw__site_base(&f.provider, NULL, &f.url));
        llmgw__site_url(&f.url, &f.provider, "/chat/completions", "m");
        allow_allocations();
        status = f.url.status;
        assert_true(nth > 1 || status == LLMGW_E_NOMEM);
        llmgw__buf_clear(&f.url);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_service_is_where_its_row_says),
        cmocka_unit_test(a_region_is_another_place),
        cmocka_unit_test(a_resource_is_filled_in),
        cmocka_unit_test(a_place_that_does_not_fit_is_told),
        cmocka_unit_test(a_part_of_a_url_has_no_signs_in_it),
        cmocka_unit_test(deployments_have_two_forms_of_paths),
        cmocka_unit_test(elsewhere_a_version_is_a_query),
        cmocka_unit_test(models_are_listed_in_the_same_place),
        cmocka_unit_test(no_memory_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
