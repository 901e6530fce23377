/* The same model by its names at several providers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalog/resolve.h"
#include "catalog/same.h"
#include "support/alloc.h"

static const char *key_of(const char *name)
{
    static char text[LLMGW__MODEL_KEY + 64];
    struct llmgw__model_key key;

    llmgw__model_key(llmgw__str(name), &key);
    snprintf(text, sizeof text, "%s %u %.*s", key.text, (unsigned)key.date,
             (int)key.geo.len, key.geo.len ? key.geo.data : "");
    return text;
}

static void names_come_down_to_the_same(void **state)
{
    static const char *const names[][2] = {
        {"claude-sonnet-4-5", "claudesonnet45 0 "},
        {"claude-sonnet-4-5-20250929", "claudesonnet45 20250929 "},
        {"claude-sonnet-4-5@20250929", "claudesonnet45 20250929 "},
        {"anthropic/claude-sonnet-4.5", "claudesonnet45 0 "},
        {"anthropic.claude-sonnet-4-5-20250929-v1:0",
         "claudesonnet45 20250929 "},
        {"us.anthropic.claude-sonnet-4-5-20250929-v1:0",
         "claudesonnet45 20250929 us"},
        {"global.anthropic.claude-sonnet-4-5-20250929-v1:0",
         "claudesonnet45 20250929 global"},
        {"claude-sonnet-4-5@default", "claudesonnet45 0 "},
        {"gpt-4.1-2025-04-14", "gpt41 20250414 "},
        {"openai.gpt-oss-120b-1:0", "gptoss120b 0 "},
        {"accounts/fireworks/models/gpt-oss-120b", "gptoss120b 0 "},
        {"accounts/fireworks/models/glm-5p2", "glm52 0 "},
        {"glm-5.2", "glm52 0 "},
        {"@cf/meta/llama-3.1-8b-instruct", "llama318binstruct 0 "},
        {"meta.llama3-1-8b-instruct-v1:0", "llama318binstruct 0 "},
        {"accounts/fireworks/models/llama-v3p1-8b-instruct",
         "llama318binstruct 0 "},
        {"gemini-2.5-flash-001", "gemini25flash 0 "},
        {"gemini-flash-latest", "geminiflash 0 "},
        {"deepseek/deepseek-v3:free", "deepseek3:free 0 "},
        {"mistral-large-2512", "mistrallarge2512 0 "},
        {"", " 0 "},
        {"/", " 0 "},
        {":0", " 0 "},
        {"v1:0", "1 0 "},
        {"deepseek.v3-v1:0", "deepseek3 0 "},
        {"o3", "o3 0 "},
        {"-2025-01-01", "20250101 0 "},
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(key_of(names[i][0]), names[i][1]);
}

static void long_names_are_cut(void **state)
{
    char name[500];
    struct llmgw__model_key key;

    (void)state;
    memset(name, 'x', sizeof name);
    llmgw__model_key(llmgw__str_n(name, sizeof name), &key);
    assert_int_equal(strlen(key.text), LLMGW__MODEL_KEY - 1);
}

/* --- who has it --- */

static const struct llmgw__price rows[] = {
    {.provider = "a", .model = "claude-9-20260101", .same_as = ""},
    {.provider = "a", .model = "claude-9-20260202", .same_as = ""},
    {.provider = "b", .model = "claude-9", .same_as = ""},
    {.provider = "b", .model = "claude-9-20260202", .same_as = ""},
    {.provider = "b", .model = "versatile", .same_as = "vendor/llama-9"},
    {.provider = "c", .model = "eu.v.claude-9-20260202-v1:0", .same_as = ""},
    {.provider = "c",
     .model = "global.v.claude-9-20260202-v1:0",
     .same_as = ""},
    {.provider = "c", .model = "us.v.claude-9-20260202-v1:0", .same_as = ""},
    {.provider = "d", .model = "llama-9", .same_as = ""},
};
static const struct llmgw__setting in_frankfurt = {"region", "eu-central-1",
                                                   false};
static struct llmgw__provider providers[] = {
    {.name = "one",
     .price_name = "c",
     .configured = true,
     .settings = &in_frankfurt,
     .setting_count = 1},
    {.name = "two", .price_name = "a", .configured = true, .region = "us"},
    {.name = "three", .price_name = "b", .configured = true},
    {.name = "four", .price_name = "d", .needs_key = true},
    {.name = "five", .price_name = "d", .region = "eu"},
    {.name = "six", .price_name = "c", .configured = true},
    {.name = "seven", .price_name = "zzz", .configured = true},
};
static const struct llmgw__catalog catalog = {
    .providers = providers,
    .provider_count = sizeof providers / sizeof *providers,
    .manifest = {.rows = rows, .count = sizeof rows / sizeof *rows},
};

static const char *targets_of(const char *name, const char *region)
{
    static char text[512];
    struct llmgw__arena arena;
    const struct llmgw__route *route;
    size_t len = 0;

    llmgw__arena_init(&arena, 0, 0);
    text[0] = '\0';
    if (llmgw__catalog_targets(&catalog, llmgw__str(name), region, &arena,
                               &route) == LLMGW_OK) {
        for (size_t i = 0; i < route->target_count; i++) {
            const struct llmgw__target *target = &route->targets[i];

            assert_string_equal(
                target->model, target->id + strlen(target->provider->name) + 1);
            len += (size_t)snprintf(text + len, sizeof text - len, "%s ",
                                    target->id);
        }
    } else {
        assert_null(route);
    }
    llmgw__arena_clear(&arena);
    return text;
}

static void everybody_who_has_it_is_found_in_order(void **state)
{
    (void)state;
    assert_string_equal(targets_of("*/claude-9", NULL),
                        "one/eu.v.claude-9-20260202-v1:0 "
                        "two/claude-9-20260202 three/claude-9 "
                        "six/global.v.claude-9-20260202-v1:0 ");
    assert_string_equal(targets_of("*/vendor/claude-9@20260101", NULL),
                        "two/claude-9-20260101 three/claude-9 ");
    assert_string_equal(targets_of("*/claude-9-20260202", NULL),
                        "one/eu.v.claude-9-20260202-v1:0 "
                        "two/claude-9-20260202 three/claude-9-20260202 "
                        "six/global.v.claude-9-20260202-v1:0 ");
}

static void what_the_manifest_says_is_the_same_is(void **state)
{
    (void)state;
    assert_string_equal(targets_of("*/llama-9", NULL),
                        "three/versatile five/llama-9 ");
}

static void a_region_leaves_the_others_out(void **state)
{
    (void)state;
    assert_string_equal(targets_of("*/claude-9", "eu"),
                        "one/eu.v.claude-9-20260202-v1:0 ");
    assert_string_equal(targets_of("*/claude-9", "us"),
                        "two/claude-9-20260202 ");
    assert_string_equal(targets_of("*/llama-9", "eu"), "five/llama-9 ");
    assert_string_equal(targets_of("*/claude-9", "eu-west"), "");
}

static void what_nobody_has_is_no_target(void **state)
{
    (void)state;
    assert_string_equal(targets_of("*/claude-8", NULL), "");
    assert_string_equal(targets_of("*/", NULL), "");
    assert_string_equal(targets_of("*", NULL), "");
    assert_string_equal(targets_of("**/claude-9", NULL), "");
}

static void failed_allocations_are_told(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__arena arena;
        const struct llmgw__route *route;

        llmgw__arena_init(&arena, 1, 0);
        fail_allocation(nth);
        status = llmgw__catalog_targets(&catalog, LLMGW__LIT("*/claude-9"),
                                        NULL, &arena, &route);
        allow_allocations();
        assert_int_equal(status == LLMGW_OK, route != NULL);
        llmgw__arena_clear(&arena);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_down_to_the_same),
        cmocka_unit_test(long_names_are_cut),
        cmocka_unit_test(everybody_who_has_it_is_found_in_order),
        cmocka_unit_test(what_the_manifest_says_is_the_same_is),
        cmocka_unit_test(a_region_leaves_the_others_out),
        cmocka_unit_test(what_nobody_has_is_no_target),
        cmocka_unit_test(failed_allocations_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
