/* The one vocabulary of token counts: classes in, OpenAI's numbers out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "schema/usage.h"

static char rendered[1024];

static const char *render(const struct llmgw__usage *usage)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    llmgw__buf_init(&buf, sizeof rendered - 1);
    llmgw__jsonw_init(&w, &buf);
    llmgw__usage_render(usage, &w);
    assert_int_equal(buf.status, LLMGW_OK);
    memcpy(rendered, buf.data, buf.len);
    rendered[buf.len] = '\0';
    llmgw__buf_clear(&buf);
    return rendered;
}

static void fresh_usage_knows_nothing(void **state)
{
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_init(&usage);
    assert_int_equal(usage.provider_cost_pico, -1);
    assert_int_equal(usage.requests, 0);
    assert_false(usage.reported);
    assert_string_equal(render(&usage),
                        "{\"prompt_tokens\":0,\"completion_tokens\":0,"
                        "\"total_tokens\":0}");
}

static void details_are_shown_where_known_zeros_too(void **state)
{
    struct llmgw__usage_inclusive counts;
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_inclusive_init(&counts);
    counts.prompt = 9;
    counts.cached = 0;
    counts.audio_in = 0;
    counts.completion = 3;
    counts.reasoning = 0;
    counts.audio_out = 0;
    counts.accepted_prediction = 0;
    counts.rejected_prediction = 0;
    llmgw__usage_init(&usage);
    llmgw__usage_from_inclusive(&usage, &counts);
    assert_string_equal(
        render(&usage),
        "{\"prompt_tokens\":9,\"completion_tokens\":3,\"total_tokens\":12,"
        "\"prompt_tokens_details\":{\"cached_tokens\":0,\"audio_tokens\":0},"
        "\"completion_tokens_details\":{\"reasoning_tokens\":0,"
        "\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
        "\"rejected_prediction_tokens\":0}}");
    assert_false(usage.clamped);
    assert_true(usage.reported);
}

static void both_cache_writes_are_one_detail(void **state)
{
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_init(&usage);
    llmgw__usage_set(&usage, LLMGW__INPUT_UNCACHED, 14);
    llmgw__usage_set(&usage, LLMGW__INPUT_CACHE_WRITE_5M, 200);
    llmgw__usage_set(&usage, LLMGW__INPUT_CACHE_WRITE_1H, 2000);
    llmgw__usage_set(&usage, LLMGW__IMAGE_IN, 6);
    llmgw__usage_set(&usage, LLMGW__OUTPUT_TEXT, 190);
    llmgw__usage_set(&usage, LLMGW__IMAGE_OUT, 10);
    assert_string_equal(render(&usage),
                        "{\"prompt_tokens\":2220,\"completion_tokens\":200,"
                        "\"total_tokens\":2420,\"prompt_tokens_details\":"
                        "{\"cache_write_tokens\":2200,\"image_tokens\":6},"
                        "\"completion_tokens_details\":{\"image_tokens\":10}}");
}

static void inclusive_counts_become_disjoint_classes(void **state)
{
    struct llmgw__usage_inclusive counts;
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_inclusive_init(&counts);
    counts.prompt = 12;
    counts.cached = 11;
    counts.completion = 291;
    counts.reasoning = 290;
    llmgw__usage_init(&usage);
    llmgw__usage_from_inclusive(&usage, &counts);
    assert_int_equal(usage.count[LLMGW__INPUT_UNCACHED], 1);
    assert_int_equal(usage.count[LLMGW__INPUT_CACHED], 11);
    assert_int_equal(usage.count[LLMGW__OUTPUT_TEXT], 1);
    assert_int_equal(usage.count[LLMGW__OUTPUT_REASONING], 290);
    assert_int_equal(llmgw__usage_prompt(&usage), 12);
    assert_int_equal(llmgw__usage_completion(&usage), 291);
    assert_false(usage.clamped);
    assert_int_equal(usage.known & (1u << LLMGW__AUDIO_IN), 0);
}

static void contradictions_are_clamped_and_flagged(void **state)
{
    static const struct {
        struct llmgw__usage_inclusive in;
        int64_t prompt, completion, cached;
    } cases[] = {
        /* clang-format off */
        /* more cached than prompt */
        {{7, 163, -1, -1, -1, -1, 5, -1, -1, -1, -1, -1}, 7, 5, 7},
        /* cached and written cannot be the same tokens */
        {{10, 8, 8, -1, -1, -1, 5, -1, -1, -1, -1, -1}, 10, 5, 8},
        /* more reasoning than completion */
        {{10, 0, -1, -1, -1, -1, 5, 9, -1, -1, -1, -1}, 10, 5, 0},
        /* negative numbers */
        {{10, -4, -1, -1, -1, -1, 5, -1, -1, -1, -1, -1}, 10, 5, 0},
        {{-9, -1, -1, -1, -1, -1, 5, -1, -1, -1, -1, -1}, 0, 5, 0},
        {{10, 1, -1, -1, -1, -1, -3, -1, -1, -1, -1, -1}, 10, 0, 1},
        /* predictions beyond the text they are in */
        {{10, 1, -1, -1, -1, -1, 3, -1, -1, -1, 2, 2}, 10, 3, 1},
        {{10, 1, -1, -1, -1, -1, 3, -1, -1, -1, -2, -1}, 10, 3, 1},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__usage usage;

        llmgw__usage_init(&usage);
        llmgw__usage_from_inclusive(&usage, &cases[i].in);
        assert_true(usage.clamped);
        assert_int_equal(llmgw__usage_prompt(&usage), cases[i].prompt);
        assert_int_equal(llmgw__usage_completion(&usage), cases[i].completion);
        assert_int_equal(usage.count[LLMGW__INPUT_CACHED], cases[i].cached);
    }
}

static void cached_audio_told_twice_is_no_contradiction(void **state)
{
    struct llmgw__usage_inclusive counts;
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_inclusive_init(&counts);
    counts.prompt = 12;
    counts.cached = 8;
    counts.audio_in = 10;
    llmgw__usage_init(&usage);
    llmgw__usage_from_inclusive(&usage, &counts);
    assert_false(usage.clamped);
    assert_int_equal(usage.count[LLMGW__AUDIO_IN], 4);
    assert_int_equal(llmgw__usage_prompt(&usage), 12);
    assert_int_equal(usage.known & (1u << LLMGW__OUTPUT_TEXT), 0);
}

static void a_part_without_its_whole_is_kept(void **state)
{
    struct llmgw__usage_inclusive counts;
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_inclusive_init(&counts);
    counts.cached = 8;
    llmgw__usage_init(&usage);
    llmgw__usage_from_inclusive(&usage, &counts);
    assert_false(usage.clamped);
    assert_int_equal(llmgw__usage_prompt(&usage), 8);
}

static void negative_counts_are_set_as_zero(void **state)
{
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_init(&usage);
    llmgw__usage_set(&usage, LLMGW__OUTPUT_TEXT, -5);
    assert_true(usage.clamped);
    assert_int_equal(usage.count[LLMGW__OUTPUT_TEXT], 0);
}

static void sums_saturate(void **state)
{
    struct llmgw__usage a, b;

    (void)state;
    llmgw__usage_init(&a);
    llmgw__usage_set(&a, LLMGW__INPUT_UNCACHED, INT64_MAX - 1);
    llmgw__usage_set(&a, LLMGW__INPUT_CACHED, 5);
    llmgw__usage_set(&a, LLMGW__OUTPUT_TEXT, 5);
    assert_true(llmgw__usage_prompt(&a) == INT64_MAX);
    assert_non_null(strstr(render(&a), "\"total_tokens\":9223372036854775807"));
    b = a;
    llmgw__usage_add(&a, &b);
    assert_true(a.count[LLMGW__INPUT_UNCACHED] == INT64_MAX);
    assert_int_equal(a.count[LLMGW__OUTPUT_TEXT], 10);
}

static void adding_joins_all_that_is_known(void **state)
{
    struct llmgw__usage sum, hop;

    (void)state;
    llmgw__usage_init(&sum);
    llmgw__usage_init(&hop);
    hop.requests = 1;
    hop.provider_cost_pico = 70;
    hop.tools[LLMGW__TOOL_WEB_SEARCH] = 2;
    hop.accepted_prediction = 3;
    hop.raw[LLMGW__RAW_TOOL_USE_PROMPT] = 7;
    llmgw__usage_set(&hop, LLMGW__INPUT_UNCACHED, 10);
    llmgw__usage_add(&sum, &hop);
    assert_int_equal(sum.provider_cost_pico, 70);
    hop.estimated = 1u << LLMGW__OUTPUT_TEXT;
    llmgw__usage_set(&hop, LLMGW__OUTPUT_TEXT, -1);
    llmgw__usage_add(&sum, &hop);
    assert_int_equal(sum.requests, 2);
    assert_int_equal(sum.provider_cost_pico, 140);
    assert_int_equal(sum.tools[LLMGW__TOOL_WEB_SEARCH], 4);
    assert_int_equal(sum.accepted_prediction, 6);
    assert_int_equal(sum.raw[LLMGW__RAW_TOOL_USE_PROMPT], 14);
    assert_int_equal(sum.rejected_prediction, -1);
    assert_int_equal(sum.count[LLMGW__INPUT_UNCACHED], 20);
    assert_int_equal(sum.estimated, 1u << LLMGW__OUTPUT_TEXT);
    assert_true(sum.clamped);
    assert_true(sum.reported);
    hop.provider_cost_pico = -1; /* one request did not say: nor does the sum */
    llmgw__usage_add(&sum, &hop);
    assert_int_equal(sum.provider_cost_pico, -1);
}

static void adding_keeps_a_way_of_serving_that_is_the_same_for_all(void **state)
{
    struct llmgw__usage sum, hop;

    (void)state;
    llmgw__usage_init(&sum);
    llmgw__usage_init(&hop);
    hop.requests = 1;
    hop.service_tier = LLMGW__SERVICE_FLEX;
    llmgw__usage_add(&sum, &hop);
    llmgw__usage_add(&sum, &hop);
    assert_int_equal(sum.service_tier, LLMGW__SERVICE_FLEX);
    assert_int_equal(sum.regional, 0);
    hop.service_tier = LLMGW__SERVICE_STANDARD;
    hop.regional = 1;
    llmgw__usage_add(&sum, &hop);
    assert_int_equal(sum.service_tier, LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(sum.regional, 1);
}

static void every_class_and_tool_has_a_name(void **state)
{
    (void)state;
    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
        assert_non_null(llmgw__usage_class_name(cls));
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        assert_non_null(llmgw__usage_tool_name(tool));
    assert_string_equal(llmgw__usage_class_name(LLMGW__INPUT_CACHED),
                        "input_cached");
    assert_string_equal(llmgw__usage_tool_name(LLMGW__TOOL_WEB_SEARCH),
                        "web_search");
    assert_null(llmgw__usage_class_name(-1));
    assert_null(llmgw__usage_class_name(LLMGW__USAGE_CLASSES));
    assert_null(llmgw__usage_tool_name(LLMGW__USAGE_TOOLS));
    for (int raw = 0; raw < LLMGW__USAGE_RAWS; raw++)
        assert_non_null(llmgw__usage_raw_name(raw));
    assert_null(llmgw__usage_raw_name(LLMGW__USAGE_RAWS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fresh_usage_knows_nothing),
        cmocka_unit_test(details_are_shown_where_known_zeros_too),
        cmocka_unit_test(both_cache_writes_are_one_detail),
        cmocka_unit_test(inclusive_counts_become_disjoint_classes),
        cmocka_unit_test(contradictions_are_clamped_and_flagged),
        cmocka_unit_test(cached_audio_told_twice_is_no_contradiction),
        cmocka_unit_test(a_part_without_its_whole_is_kept),
        cmocka_unit_test(negative_counts_are_set_as_zero),
        cmocka_unit_test(sums_saturate),
        cmocka_unit_test(adding_joins_all_that_is_known),
        cmocka_unit_test(
            adding_keeps_a_way_of_serving_that_is_the_same_for_all),
        cmocka_unit_test(every_class_and_tool_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
