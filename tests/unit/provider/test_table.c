/* The table of known services. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "provider/openai_service.h"
#include "provider/provider.h"

static void every_row_is_whole(void **state)
{
    const struct llmgw__provider_row *row;
    size_t count = 0;

    (void)state;
    for (; (row = llmgw__provider_row_at(count)) != NULL; count++) {
        assert_non_null(row->name);
        assert_ptr_equal(llmgw__provider_row_find(llmgw__str(row->name)), row);
        assert_non_null(row->dialect);
        assert_non_null(row->telemetry);
        assert_true(row->auth == LLMGW__AUTH_NONE || row->key_env);
        for (const char *c = row->name; *c; c++)
            assert_true((*c >= 'a' && *c <= 'z') || *c == '_');
        if (row->base_url) {
            llmgw_str url = llmgw__str(row->base_url);

            assert_true(llmgw__str_starts(url, "https://") ||
                        llmgw__str_starts(url, "http://localhost:") ||
                        llmgw__str_starts(url, "http://127.0.0.1:"));
            assert_false(llmgw__str_ends(url, "/"));
        }
        assert_int_equal(row->dialect == &llmgw__dialect_openai ||
                             row->other == &llmgw__dialect_openai,
                         row->openai != NULL);
        assert_int_equal(row->other != NULL, row->other_url != NULL);
    }
    assert_int_equal(count, 16);
    assert_null(llmgw__provider_row_at(count + 1));
}

static void names_are_found_exactly(void **state)
{
    (void)state;
    assert_non_null(llmgw__provider_row_find(LLMGW__LIT("compatible")));
    assert_null(llmgw__provider_row_find(LLMGW__LIT("OpenAI")));
    assert_null(llmgw__provider_row_find(LLMGW__LIT("")));
    assert_ptr_equal(llmgw__dialect_find(LLMGW__LIT("openai")),
                     &llmgw__dialect_openai);
    assert_ptr_equal(llmgw__dialect_find(LLMGW__LIT("gemini")),
                     &llmgw__dialect_gemini);
    assert_ptr_equal(llmgw__dialect_find(LLMGW__LIT("anthropic")),
                     &llmgw__dialect_anthropic);
    assert_null(llmgw__dialect_find(LLMGW__LIT("openai ")));
}

static void a_service_may_speak_a_dialect_elsewhere(void **state)
{
    const struct llmgw__provider_row *row =
        llmgw__provider_row_find(LLMGW__LIT("ollama"));

    (void)state;
    assert_string_equal(llmgw__provider_row_url(row, &llmgw__dialect_ollama),
                        "http://localhost:11434");
    assert_string_equal(llmgw__provider_row_url(row, &llmgw__dialect_openai),
                        "http://127.0.0.1:11434/v1");
    row = llmgw__provider_row_find(LLMGW__LIT("cohere"));
    assert_string_equal(llmgw__provider_row_url(row, &llmgw__dialect_openai),
                        "https://api.cohere.com");
    row = llmgw__provider_row_find(LLMGW__LIT("compatible"));
    assert_null(llmgw__provider_row_url(row, row->dialect));
}

static const char *prefix_of(const char *model)
{
    return llmgw__openai_family_of(&llmgw__openai_itself, llmgw__str(model))
        ->prefix;
}

static void the_longest_prefix_tells_the_family(void **state)
{
    static const char *const cases[][2] = {
        {"gpt-5", "gpt-5"},
        {"gpt-5-mini-2025-08-07", "gpt-5"},
        {"gpt-5-chat-latest", "gpt-5-chat"},
        {"gpt-5.1", "gpt-5.1"},
        {"gpt-5.1-chat-latest", "gpt-5."},
        {"gpt-5.1-codex-mini", "gpt-5.1-codex"},
        {"gpt-5.1-codex-max", "gpt-5.1-codex-max"},
        {"gpt-5.4-pro", "gpt-5.4-pro"},
        {"gpt-5.6-luna", "gpt-5.6"},
        {"gpt-6-astra", "gpt-6-astra"},
        {"gpt-6-sol", "gpt-6"},
        {"gpt-6.1-sol", "gpt-6.1-sol"},
        {"gpt-6.1-terra", "gpt-6"},
        {"o4-mini", "o4"},
        {"gpt-4o-search-preview", "gpt-4o"},
        {"gpt-4o-mini", "gpt-4"},
        {"ft:gpt-4o-mini:acme::1", "gpt-4"},
        {"something-new", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(prefix_of(cases[i][0]), cases[i][1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(names_are_found_exactly),
        cmocka_unit_test(a_service_may_speak_a_dialect_elsewhere),
        cmocka_unit_test(the_longest_prefix_tells_the_family),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
