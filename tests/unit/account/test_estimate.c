/*
 * Tokens and cost before a request is sent: what is learned, what bounds it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "account/estimate.h"
#include "support/alloc.h"

/* What estimate.c allows templates to add. */
#define A_REQUEST 2048
#define A_MESSAGE 64
#define A_TOOL    512
#define AN_IMAGE  50000

static struct llmgw__token_ratios ratios;

static int begin(void **state)
{
    (void)state;
    return llmgw__token_ratios_init(&ratios) == LLMGW_OK ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    llmgw__token_ratios_clear(&ratios);
    return 0;
}

static struct llmgw__bulk text_of_bytes(uint64_t bytes)
{
    return (struct llmgw__bulk){
        .text_bytes = bytes, .messages = 1, .answers = 1};
}

/** An answer of so many tokens and bytes to a prompt of so many tokens. */
static void note(const char *target, const struct llmgw__bulk *bulk,
                 int64_t prompt, int64_t answer, uint64_t bytes)
{
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = prompt;
    usage.count[LLMGW__OUTPUT_TEXT] = answer;
    llmgw__token_ratios_note(&ratios, target, bulk, &usage, bytes);
}

static int64_t prompt_of(const char *target, uint64_t bytes)
{
    struct llmgw__bulk bulk = text_of_bytes(bytes);

    return llmgw__tokens_of_prompt(&ratios, target, &bulk);
}

static void four_bytes_are_a_token_until_something_was_seen(void **state)
{
    (void)state;
    assert_int_equal(prompt_of("a/m", 0), 0);
    assert_int_equal(prompt_of("a/m", 1), 1);
    assert_int_equal(prompt_of("a/m", 400), 100);
    assert_int_equal(prompt_of("a/m", 401), 101);
    assert_int_equal(llmgw__tokens_of_answer(&ratios, "a/m", 0), 0);
    assert_int_equal(llmgw__tokens_of_answer(&ratios, "a/m", 9), 3);
    assert_int_equal(llmgw__length_of_answer(&ratios, "a/m"), 0);
}

static void bytes_a_token_and_what_is_added_are_learned_apart(void **state)
{
    (void)state;
    for (int i = 0; i < 40; i++) { /* three bytes a token, and 50 more */
        uint64_t bytes = (uint64_t)(i % 10 + 1) * 300;
        struct llmgw__bulk bulk = text_of_bytes(bytes);

        note("a/m", &bulk, (int64_t)bytes / 3 + 50, 10, 30);
    }
    assert_in_range(prompt_of("a/m", 30), 50, 70);
    assert_in_range(prompt_of("a/m", 3000), 1020, 1080);
    assert_in_range(llmgw__tokens_of_answer(&ratios, "a/m", 30), 9, 11);
    assert_int_equal(llmgw__length_of_answer(&ratios, "a/m"), 10);
}

static void what_tools_add_is_learned(void **state)
{
    struct llmgw__bulk plain = text_of_bytes(400);
    struct llmgw__bulk tools = text_of_bytes(400);

    (void)state;
    tools.tools = 1;
    tools.tool_bytes = 100;
    for (int i = 0; i < 20; i++) {
        note("a/m", &plain, 100, 10, 40);
        note("a/m", &tools, 450, 10, 40);
    }
    assert_in_range(llmgw__tokens_of_prompt(&ratios, "a/m", &plain), 95, 105);
    assert_in_range(llmgw__tokens_of_prompt(&ratios, "a/m", &tools), 430, 470);
}

static void what_was_learned_fades(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(1000);

    (void)state;
    for (int i = 0; i < 100; i++)
        note("a/m", &bulk, 250, 100, 400);
    for (int i = 0; i < 100; i++)
        note("a/m", &bulk, 350, 300, 400);
    assert_in_range(prompt_of("a/m", 1000), 330, 360);
    assert_in_range(llmgw__length_of_answer(&ratios, "a/m"), 290, 300);
}

static void one_odd_count_changes_little(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(1000);

    (void)state;
    for (int i = 0; i < 20; i++)
        note("a/m", &bulk, 250, 10, 40);
    note("a/m", &bulk, 90000, 10, 40);
    assert_in_range(prompt_of("a/m", 1000), 240, 275);
}

static void a_new_model_is_taken_for_its_providers_others(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(600);

    (void)state;
    for (int i = 0; i < 20; i++)
        note("a/m", &bulk, 200, 77, 300);
    assert_in_range(prompt_of("a/other", 600), 180, 215);
    assert_int_equal(llmgw__length_of_answer(&ratios, "a/other"), 77);
    assert_int_equal(prompt_of("b/m", 600), 150); /* of another provider */
    assert_int_equal(llmgw__length_of_answer(&ratios, "b/m"), 0);
    note("a/other", &bulk, 0, 0, 0); /* nothing was told */
    assert_in_range(prompt_of("a/other", 600), 180, 215);
}

static void reasoning_that_is_not_shown_teaches_nothing_of_bytes(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(40);
    struct llmgw__usage usage;

    (void)state;
    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = 10;
    usage.count[LLMGW__OUTPUT_TEXT] = 100;
    usage.count[LLMGW__OUTPUT_REASONING] = 5000;
    for (int i = 0; i < 20; i++)
        llmgw__token_ratios_note(&ratios, "a/m", &bulk, &usage, 400);
    assert_in_range(llmgw__tokens_of_answer(&ratios, "a/m", 400), 95, 105);
    assert_int_equal(llmgw__length_of_answer(&ratios, "a/m"), 5100);
}

static void absurd_counts_are_not_learned(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(UINT64_C(1) << 60);

    (void)state;
    note("a/m", &bulk, INT64_MAX, INT64_MAX, UINT64_MAX);
    assert_int_equal(prompt_of("a/m", 8), 2);
    assert_true(prompt_of("a/m", UINT64_C(1) << 62) > 0);
    assert_true(llmgw__tokens_of_answer(&ratios, "a/m", UINT64_MAX) > 0);
    bulk = text_of_bytes(0);
    for (int i = 0; i < 50; i++)
        note("a/m", &bulk, (INT64_C(1) << 39) + i, INT64_C(1) << 39, 1);
    assert_true(prompt_of("a/m", 1000) > 0);
    assert_true(llmgw__tokens_of_answer(&ratios, "a/m", 1) > 0);
}

static void the_models_that_are_kept_are_bounded(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(1000);
    char name[32];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(name, sizeof name, "p%d/m", i);
        note(name, &bulk, 500, 10, 40);
    }
    assert_true(ratios.models.count <= 2048);
    assert_in_range(prompt_of("p3/m", 1000), 270, 550);
    assert_int_equal(prompt_of("p4999/m", 1000), 250);
}

static void without_memory_nothing_is_learned(void **state)
{
    struct llmgw__bulk bulk = text_of_bytes(1000);
    int failed = 1;

    (void)state;
    for (int nth = 0; failed && nth < 100; nth++) {
        fail_allocation(nth);
        note("a/m", &bulk, 500, 10, 40);
        failed = allow_allocations();
        if (failed)
            assert_in_range(prompt_of("a/m", 1000), 250, 550);
    }
    assert_int_equal(failed, 0);
    assert_in_range(prompt_of("a/m", 1000), 270, 550);
}

/* --- costs --- */

/** 1 USD and 4 USD a million; written to a cache 2 USD, sound 40 USD. */
static struct llmgw__price price_of_test(void)
{
    struct llmgw__price price = {.provider = "p", .model = "m"};

    llmgw__rates_unknown(price.rate);
    price.per_request = price.per_search = LLMGW__PRICE_UNKNOWN;
    price.rate[LLMGW__RATE_IN] = 1000000;
    price.rate[LLMGW__RATE_OUT] = 4000000;
    price.rate[LLMGW__RATE_CACHE_WRITE] = 2000000;
    price.rate[LLMGW__RATE_CACHE_READ] = 100000;
    price.rate[LLMGW__RATE_AUDIO_IN] = 40000000;
    price.max_output = 1000;
    return price;
}

static struct llmgw__estimate made(const struct llmgw__price *price,
                                   const struct llmgw__bulk *bulk)
{
    const struct llmgw__target target = {.id = "a/m", .price = price};
    struct llmgw__estimate estimate;

    llmgw__estimate_make(&ratios, &target, bulk, 0, 0, &estimate);
    return estimate;
}

static void the_most_is_a_token_a_byte_at_the_dearest_rate(void **state)
{
    struct llmgw__price price = price_of_test();
    struct llmgw__bulk bulk = text_of_bytes(100);
    struct llmgw__estimate estimate;
    int64_t prompt = 100 + 30 + 7 + A_REQUEST + A_MESSAGE + 2 * A_TOOL;

    (void)state;
    bulk.tools = 2;
    bulk.tool_bytes = 30;
    bulk.state_bytes = 7;
    bulk.max_tokens = 50;
    bulk.answers = 2;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.most.prompt_tokens, prompt);
    assert_int_equal(estimate.most.completion_tokens, 100);
    assert_true(estimate.most.cost.known);
    assert_int_equal(estimate.most.cost.pico,
                     prompt * 2000000 + 100 * INT64_C(4000000));
    price.rate[LLMGW__RATE_REASONING] = 9000000;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.most.cost.pico,
                     prompt * 2000000 + 100 * INT64_C(9000000));
}

static void sound_is_charged_only_where_there_is_any(void **state)
{
    struct llmgw__price price = price_of_test();
    struct llmgw__bulk bulk = text_of_bytes(0);
    struct llmgw__estimate estimate;
    int64_t prompt = A_REQUEST + A_MESSAGE + AN_IMAGE + 80;

    (void)state;
    bulk.audios = 1;
    bulk.media_bytes = 80;
    bulk.max_tokens = 16;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.most.prompt_tokens, prompt);
    assert_int_equal(estimate.most.cost.pico,
                     prompt * 40000000 + 16 * INT64_C(4000000));
}

static void what_nothing_bounds_is_not_known(void **state)
{
    struct llmgw__price price = price_of_test();
    struct llmgw__bulk bulk = text_of_bytes(100);
    struct llmgw__estimate estimate = made(&price, &bulk);

    (void)state;
    assert_int_equal(estimate.most.completion_tokens, 1000);
    assert_true(estimate.most.cost.known);
    price.max_output = 0;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.most.completion_tokens, -1);
    assert_false(estimate.most.cost.known);
    assert_true(estimate.expected.cost.known);
    bulk.max_tokens = INT64_MAX;
    bulk.answers = 2;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.most.completion_tokens, -1);
    estimate = made(NULL, &bulk);
    assert_false(estimate.least.cost.known);
    assert_false(estimate.expected.cost.known);
    assert_false(estimate.most.cost.known);
}

static void what_does_not_fit_is_not_known(void **state)
{
    struct llmgw__price price = price_of_test();
    struct llmgw__bulk bulk = text_of_bytes(100);
    struct llmgw__estimate estimate;

    (void)state;
    bulk.max_tokens = INT64_MAX / 1000;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.most.completion_tokens, INT64_MAX / 1000);
    assert_false(estimate.most.cost.known);
}

static void a_small_limit_bounds_what_is_expected(void **state)
{
    struct llmgw__price price = price_of_test();
    struct llmgw__bulk bulk = text_of_bytes(100);
    struct llmgw__estimate estimate;

    (void)state;
    bulk.max_tokens = 3;
    estimate = made(&price, &bulk);
    assert_int_equal(estimate.expected.completion_tokens, 3);
    assert_int_equal(estimate.most.completion_tokens, 16); /* some take it so */
    assert_int_equal(estimate.least.completion_tokens, 1);
    assert_int_equal(estimate.least.cost.pico, 25 * 100000 + 4000000);
    assert_int_equal(estimate.expected.cost.pico, 25 * 1000000 + 3 * 4000000);
}

static void vectors_have_a_prompt_alone(void **state)
{
    struct llmgw__price price = price_of_test();
    const struct llmgw__target target = {.id = "a/m", .price = &price};
    struct llmgw__estimate estimate;

    (void)state;
    llmgw__estimate_make(&ratios, &target, NULL, 1000, 0, &estimate);
    assert_int_equal(estimate.expected.prompt_tokens, 250);
    assert_int_equal(estimate.expected.completion_tokens, 0);
    assert_int_equal(estimate.most.prompt_tokens, 1000);
    assert_int_equal(estimate.most.completion_tokens, 0);
    assert_int_equal(estimate.most.cost.pico, 1000 * INT64_C(2000000));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(four_bytes_are_a_token_until_something_was_seen),
        TEST(bytes_a_token_and_what_is_added_are_learned_apart),
        TEST(what_tools_add_is_learned),
        TEST(what_was_learned_fades),
        TEST(one_odd_count_changes_little),
        TEST(a_new_model_is_taken_for_its_providers_others),
        TEST(reasoning_that_is_not_shown_teaches_nothing_of_bytes),
        TEST(absurd_counts_are_not_learned),
        TEST(the_models_that_are_kept_are_bounded),
        TEST(without_memory_nothing_is_learned),
        TEST(the_most_is_a_token_a_byte_at_the_dearest_rate),
        TEST(sound_is_charged_only_where_there_is_any),
        TEST(what_nothing_bounds_is_not_known),
        TEST(what_does_not_fit_is_not_known),
        TEST(a_small_limit_bounds_what_is_expected),
        TEST(vectors_have_a_prompt_alone),
    };

    return cmocka_run_group_tests_name("estimate", tests, NULL, NULL);
}
