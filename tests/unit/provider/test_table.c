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
#include "provider/site.h"

/* Small letters and what else may be in it. */
static void check_word(const char *word, const char *others)
{
    assert_true(*word);
    for (const char *c = word; *c; c++)
        assert_true((*c >= 'a' && *c <= 'z') || strchr(others, *c));
}

/* The name of an environment variable, or none. */
static void check_variable(const char *name)
{
    if (!name)
        return;
    assert_true(*name >= 'A' && *name <= 'Z');
    for (const char *c = name; *c; c++)
        assert_true((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
                    *c == '_');
}

/* A key goes to no other machine in the clear. */
static void check_url(const char *text, bool keyless)
{
    llmgw_str url = llmgw__str(text);

    assert_true(llmgw__str_starts(url, "https://") ||
                (keyless && (llmgw__str_starts(url, "http://127.0.0.1:") ||
                             llmgw__str_starts(url, "http://localhost:"))));
    assert_false(llmgw__str_ends(url, "/"));
    assert_null(strpbrk(text, " ?#@"));
}

/* What has to be filled in has a setting that fills it; a service that has
 * regions is in one of them. */
static void check_place(const struct llmgw__provider_row *row)
{
    const char *hole = row->base_url ? strchr(row->base_url, '{') : NULL;
    bool at_home = false;

    assert_int_equal(hole != NULL, row->place != NULL);
    assert_true(row->place || !row->place_env);
    if (hole) {
        assert_int_equal(hole[1], '}');
        assert_null(strchr(hole + 1, '{'));
    }
    for (const struct llmgw__region *at = row->regions; at && at->name; at++) {
        check_word(at->name, "_-");
        check_url(at->base_url, false);
        at_home |= strcmp(at->base_url, row->base_url) == 0;
    }
    assert_int_equal(at_home, row->regions && !row->place);
}

/* A profile says all that the encoder asks of it. */
static void check_profile(const struct llmgw__openai_service *profile)
{
    assert_non_null(profile->effort);
    assert_non_null(profile->families);
    assert_true(profile->seed || (profile->lacks & LLMGW__OPENAI_SEED));
    assert_int_not_equal(profile->finish_error, 0);
    assert_int_equal(!profile->add_key, !profile->add_json);
}

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
        check_variable(row->key_env);
        check_variable(row->key_env_2);
        check_variable(row->base_env);
        check_variable(row->place_env);
        assert_true(row->key_env || !row->key_env_2);
        check_word(row->telemetry, "_.");
        if (row->family)
            check_word(row->family, "_");
        check_word(row->name, "_");
        if (row->base_url)
            check_url(row->base_url, row->auth == LLMGW__AUTH_NONE);
        check_place(row);
        assert_int_equal(row->dialect == &llmgw__dialect_openai ||
                             row->other == &llmgw__dialect_openai,
                         row->openai != NULL);
        assert_true(row->other || !row->other_url);
        if (row->openai)
            check_profile(row->openai);
    }
    assert_true(count >= 32);
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
