/*
 * The cheapest of those that meet the limits of speed: what is expected of
 * whom, when the favourite is left, and who is asked to learn something.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/price.h"
#include "route/candidate.h"
#include "route/policy.h"
#include "route/router.h"
#include "support/alloc.h"

#define START   (100000 * LLMGW__SECOND)
#define TARGETS 3
#define PROMPT  40000 /* bytes, of 10,000 tokens */
#define NEVER   999   /* of a thousand: what is drawn to ask the first */

static uint64_t next_draw; /* of a thousand */

static int32_t fill(void *userdata, void *out, size_t len)
{
    (void)userdata;
    assert_int_equal(len, sizeof next_draw);
    memcpy(out, &next_draw, len);
    return 0;
}

static const struct llmgw__random drawn = {fill, NULL};
static struct llmgw__price prices[TARGETS];
static struct llmgw__target targets[TARGETS];
static struct llmgw__route route;
static struct llmgw__router router;
static struct llmgw__arena arena;
static struct llmgw__candidate candidates[TARGETS];
static struct llmgw__policy_ask ask;
static const char *const ids[TARGETS] = {"p/a", "q/b", "r/c"};

/** USD per million tokens, in and out, -1: not known. */
static void set_price(int target, int in, int cached, int out)
{
    struct llmgw__price *price = &prices[target];

    memset(price, 0, sizeof *price);
    llmgw__rates_unknown(price->rate);
    price->per_request = price->per_search = LLMGW__PRICE_UNKNOWN;
    price->same_as = "m";
    if (in >= 0)
        price->rate[LLMGW__RATE_IN] = in * INT64_C(1000000);
    if (cached >= 0)
        price->rate[LLMGW__RATE_CACHE_READ] = cached * INT64_C(1000000);
    if (out >= 0)
        price->rate[LLMGW__RATE_OUT] = out * INT64_C(1000000);
}

static int set_up(void **state)
{
    (void)state;
    memset(targets, 0, sizeof targets);
    memset(&route, 0, sizeof route);
    memset(&ask, 0, sizeof ask);
    for (int i = 0; i < TARGETS; i++) {
        targets[i].id = ids[i];
        targets[i].model = "m";
        targets[i].price = &prices[i];
        set_price(i, 2 + i, -1, 10);
    }
    next_draw = NEVER;
    route.name = "r";
    route.targets = targets;
    route.target_count = TARGETS;
    route.policy = LLMGW__POLICY_CHEAPEST;
    route.explore_pm = 20;
    route.hysteresis_pm = 100;
    llmgw__arena_init(&arena, 0, 0);
    ask.router = &router;
    ask.route = &route;
    ask.prompt_bytes = PROMPT;
    ask.now_ns = START;
    ask.wall_ns = 1;
    ask.sla.quantile_pm = 900;
    ask.arena = &arena;
    return llmgw__router_init(&router, &drawn);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__router_clear(&router);
    llmgw__arena_clear(&arena);
    return 0;
}

/** "abc": in what order they are asked. */
static const char *order(void)
{
    static char text[TARGETS + 1];

    memset(candidates, 0, sizeof candidates);
    for (int i = 0; i < TARGETS; i++) {
        candidates[i].target = &targets[i];
        candidates[i].usable = true;
        candidates[i].reason = "as before";
    }
    llmgw__policy_order(&ask, candidates, TARGETS);
    for (int i = 0; i < TARGETS; i++)
        text[i] = candidates[i].target->id[2];
    return text;
}

static void assert_reason(int place, const char *part)
{
    if (!strstr(candidates[place].reason, part))
        fail_msg("%s: not \"%s\"", candidates[place].reason, part);
}

/** What an attempt may have shown. */
struct shown {
    int64_t cached; /* of 10,000 tokens */
    uint64_t first_ms;
    uint64_t rate; /* tokens a second */
    bool failed;
};

static void show(int target, int times, struct shown shown)
{
    struct llmgw__usage usage;
    struct llmgw__deed deed = {.usage = &usage, .reckoned_pico = -1};

    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = 10000 - shown.cached;
    usage.count[LLMGW__INPUT_CACHED] = shown.cached;
    usage.count[LLMGW__OUTPUT_TEXT] = 500;
    deed.failed = shown.failed;
    deed.pace.prompt_bytes = PROMPT;
    deed.pace.first_ns = shown.first_ms * LLMGW__MS;
    deed.pace.tokens = shown.rate ? 501 : 0;
    if (shown.rate)
        deed.pace.took_ns = 500 * LLMGW__SECOND / shown.rate;
    while (times--) {
        llmgw__worth_note(&router.worths, &targets[target], &deed, ask.now_ns);
        if (!shown.failed)
            llmgw__latency_note(&router.latencies, ids[target], &deed.pace,
                                ask.now_ns);
    }
}

/* --- by price --- */

static void the_least_price_is_first(void **state)
{
    (void)state;
    assert_string_equal(order(), "abc");
    assert_reason(0, "cheapest: 0.02");
    assert_reason(0, "USD expected, next 0.03");
    set_price(2, 1, -1, 10);
    assert_string_equal(order(), "cab");
}

static void an_unknown_price_is_last_and_never_nothing(void **state)
{
    (void)state;
    set_price(0, -1, -1, 10);
    assert_string_equal(order(), "bca");
    assert_reason(2, "price is not known");
    targets[1].price = NULL;
    assert_string_equal(order(), "cab");
    assert_reason(0, "cheapest: 0.04");
}

static void what_is_read_from_the_cache_counts(void **state)
{
    (void)state;
    set_price(2, 4, 1, 10);
    show(0, 50, (struct shown){0});
    show(1, 50, (struct shown){0});
    show(2, 50, (struct shown){.cached = 9000});
    /* a: 0.020 + 0.005; c: 0.004 + 0.009 + 0.005 */
    assert_string_equal(order(), "cab");
    assert_reason(0, "cheapest: 0.01");
}

static void failures_cost_the_next_one_s_answer(void **state)
{
    (void)state;
    set_price(0, 2, -1, 10);
    set_price(1, 2, -1, 11);
    set_price(2, 9, -1, 10);
    assert_string_equal(order(), "abc");
    route.name = "another route";  /* without a favourite */
    targets[0].price = &prices[2]; /* a is dear now */
    show(1, 100, (struct shown){.failed = true});
    assert_int_equal(order()[0], 'b'); /* cheap all the same */
    targets[0].price = &prices[0];
    route.name = "a third";
    assert_string_equal(order(), "abc");
}

static void a_longer_prompt_may_have_another_cheapest(void **state)
{
    (void)state;
    route.hysteresis_pm = 0;
    set_price(0, 2, -1, 40);
    set_price(1, 4, -1, 10);
    set_price(2, 9, -1, 90);
    ask.prompt_bytes = 400;
    assert_string_equal(order(), "bac");
    ask.prompt_bytes = 400000;
    assert_string_equal(order(), "abc");
}

/* --- the favourite --- */

static void the_favourite_is_left_for_one_much_cheaper(void **state)
{
    (void)state;
    set_price(0, 20, -1, 0);
    set_price(1, 19, -1, 0);
    set_price(2, 30, -1, 0);
    targets[1].price = NULL;
    assert_string_equal(order(), "acb");
    targets[1].price = &prices[1]; /* 5 % cheaper */
    assert_string_equal(order(), "abc");
    assert_reason(0, "kept: ");
    assert_reason(0, "within 10.0 % of the cheapest");
    set_price(1, 17, -1, 0); /* 15 % */
    assert_string_equal(order(), "bac");
    assert_reason(0, "cheapest: ");
    set_price(1, 19, -1, 0);
    assert_string_equal(order(), "bac");
    route.hysteresis_pm = 0;
    set_price(1, 21, -1, 0);
    assert_string_equal(order(), "abc");
}

static void a_favourite_that_cannot_be_asked_is_none(void **state)
{
    (void)state;
    assert_string_equal(order(), "abc");
    targets[0].price = NULL;
    assert_string_equal(order(), "bca");
    assert_reason(0, "cheapest: ");
}

/* --- limits of speed --- */

static void who_is_late_is_behind_and_the_nearest_first(void **state)
{
    (void)state;
    ask.sla.first_ms = 2000;
    assert_string_equal(order(), "abc"); /* nothing is known */
    show(0, 50, (struct shown){.first_ms = 9000});
    assert_string_equal(order(), "bca");
    assert_reason(2, "out: first content p90 ");
    assert_reason(2, "ms > 2000 ms");
    show(1, 50, (struct shown){.first_ms = 3000});
    assert_string_equal(order(), "cba");
    show(2, 50, (struct shown){.first_ms = 4000});
    assert_string_equal(order(), "bca");
    assert_reason(0, "out: first content");
    ask.sla.first_ms = 0;
    assert_string_equal(order(), "abc");
}

static void who_is_slow_is_behind(void **state)
{
    (void)state;
    ask.sla.tokens_per_s = 50;
    show(0, 50, (struct shown){.first_ms = 100, .rate = 20});
    show(1, 50, (struct shown){.first_ms = 100, .rate = 80});
    assert_string_equal(order(), "bca");
    assert_reason(2, "tokens/s < 50");
}

static void who_fails_often_is_behind_until_it_answers(void **state)
{
    (void)state;
    ask.sla.first_ms = 2000;
    show(0, 30, (struct shown){.first_ms = 100});
    show(0, 20, (struct shown){.failed = true});
    assert_string_equal(order(), "bca");
    assert_reason(2, "% of it fails");
    show(0, 1, (struct shown){.first_ms = 100});
    assert_string_equal(order(), "abc");
}

static void who_was_late_and_is_fast_again_comes_back(void **state)
{
    (void)state;
    ask.sla.first_ms = 2000;
    show(0, 50, (struct shown){.first_ms = 9000});
    show(0, 7, (struct shown){.first_ms = 100});
    assert_string_equal(order(), "bca");
    show(0, 1, (struct shown){.first_ms = 100});
    assert_string_equal(order(), "abc");
}

static void without_a_price_is_behind_who_is_late(void **state)
{
    (void)state;
    ask.sla.first_ms = 2000;
    targets[0].price = NULL;
    show(1, 50, (struct shown){.first_ms = 9000});
    assert_string_equal(order(), "cba");
}

/* --- who is asked to learn something --- */

/** Places of the first in so many calls, all of which may explore. */
static void count_first(int calls, int counts[TARGETS])
{
    memset(counts, 0, TARGETS * sizeof *counts);
    next_draw = 0;
    while (calls--)
        counts[order()[0] - 'a']++;
    next_draw = NEVER;
}

static void of_whom_nothing_is_known_a_share_is_asked(void **state)
{
    int counts[TARGETS];

    (void)state;
    count_first(1000, counts);
    assert_in_range(counts[1] + counts[2], 30, 41); /* 20 and a few at first */
    next_draw = 0;
    for (int i = 0; i < 2000 && order()[0] == 'a';)
        i++;
    assert_reason(0, "explored: ");
    assert_reason(0, "by 0 attempts");
    assert_reason(1, "cheapest: ");
}

static void nobody_is_asked_where_no_share_is_given(void **state)
{
    int counts[TARGETS];

    (void)state;
    route.explore_pm = 0;
    count_first(1000, counts);
    assert_int_equal(counts[0], 1000);
}

static void who_is_known_to_be_dear_is_not_asked(void **state)
{
    int counts[TARGETS];

    (void)state;
    for (int i = 0; i < TARGETS; i++)
        show(i, 50, (struct shown){0});
    ask.now_ns += 24 * 3600 * LLMGW__SECOND;
    count_first(1000, counts);
    assert_int_equal(counts[0], 1000);
}

static void who_might_be_cheaper_is_asked_after_a_while(void **state)
{
    int counts[TARGETS];

    (void)state;
    set_price(1, 3, 0, 10); /* with all of it cached: cheaper */
    for (int i = 0; i < TARGETS; i++)
        show(i, 50, (struct shown){0});
    count_first(200, counts);
    assert_int_equal(counts[0], 200);
    ask.now_ns += 24 * 3600 * LLMGW__SECOND;
    count_first(200, counts);
    assert_true(counts[1] > 0);
    assert_int_equal(counts[2], 0);
}

static void who_is_cheaper_and_was_late_is_asked_more_rarely(void **state)
{
    int counts[TARGETS];

    (void)state;
    ask.sla.first_ms = 2000;
    for (int i = 0; i < TARGETS; i++)
        show(i, 50, (struct shown){.first_ms = i ? 100 : 9000});
    assert_string_equal(order(), "bca");
    ask.now_ns += 900 * LLMGW__SECOND;
    count_first(200, counts);
    assert_int_equal(counts[0], 0);
    ask.now_ns += 100 * LLMGW__SECOND;
    count_first(200, counts);
    assert_true(counts[0] > 0);
}

static void a_conversation_goes_on_where_it_was_sent(void **state)
{
    int stayed = 0;

    (void)state;
    ask.stick = 7;
    next_draw = 0;
    assert_int_equal(order()[0], 'b');
    next_draw = NEVER;
    while (order()[0] == 'b')
        stayed++;
    assert_int_equal(stayed, 10);
    ask.stick = 8;
    assert_int_equal(order()[0], 'a');
}

static void who_stands_behind_is_not_asked_out_of_turn(void **state)
{
    (void)state;
    next_draw = 0;
    memset(candidates, 0, sizeof candidates);
    for (int i = 0; i < TARGETS; i++) {
        candidates[i].target = &targets[i];
        candidates[i].usable = true;
        candidates[i].stands = i ? LLMGW__STANDS_SUSPECT : 0;
    }
    llmgw__policy_order(&ask, candidates, TARGETS);
    assert_int_equal(candidates[0].target->id[2], 'a');
}

/* --- in need --- */

static void a_budget_has_the_cheapest_first_by_any_policy(void **state)
{
    (void)state;
    set_price(0, 9, -1, 10);
    for (uint8_t policy = 0; policy < LLMGW__POLICY_CHEAPEST; policy++) {
        route.policy = policy;
        ask.cheapest_first = true;
        next_draw = 0;
        assert_string_equal(order(), "bca");
        assert_reason(0, "cheapest: ");
        ask.cheapest_first = false;
    }
    route.policy = LLMGW__POLICY_ORDERED;
    assert_string_equal(order(), "abc");
}

static void a_budget_does_not_keep_a_favourite(void **state)
{
    (void)state;
    set_price(0, 20, -1, 0);
    set_price(1, 21, -1, 0);
    assert_int_equal(order()[0], 'c');
    set_price(2, 30, -1, 0);
    assert_int_equal(order()[0], 'a');
    set_price(1, 19, -1, 0);
    assert_int_equal(order()[0], 'a');
    ask.cheapest_first = true;
    assert_int_equal(order()[0], 'b');
    ask.cheapest_first = false;
    assert_int_equal(order()[0], 'a');
}

static void without_memory_there_is_an_order_all_the_same(void **state)
{
    bool failed = true;
    int nth;

    (void)state;
    for (nth = 0; failed; nth++) {
        llmgw__arena_clear(&arena);
        fail_allocation(nth);
        (void)order();
        failed = allow_allocations();
        for (int i = 0; i < TARGETS; i++)
            assert_non_null(candidates[i].reason);
        llmgw__router_clear(&router);
        assert_int_equal(llmgw__router_init(&router, &drawn), LLMGW_OK);
    }
    assert_true(nth > 2);
    assert_string_equal(order(), "abc");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_least_price_is_first),
        TEST(an_unknown_price_is_last_and_never_nothing),
        TEST(what_is_read_from_the_cache_counts),
        TEST(failures_cost_the_next_one_s_answer),
        TEST(a_longer_prompt_may_have_another_cheapest),
        TEST(the_favourite_is_left_for_one_much_cheaper),
        TEST(a_favourite_that_cannot_be_asked_is_none),
        TEST(who_is_late_is_behind_and_the_nearest_first),
        TEST(who_is_slow_is_behind),
        TEST(who_fails_often_is_behind_until_it_answers),
        TEST(who_was_late_and_is_fast_again_comes_back),
        TEST(without_a_price_is_behind_who_is_late),
        TEST(of_whom_nothing_is_known_a_share_is_asked),
        TEST(nobody_is_asked_where_no_share_is_given),
        TEST(who_is_known_to_be_dear_is_not_asked),
        TEST(who_might_be_cheaper_is_asked_after_a_while),
        TEST(who_is_cheaper_and_was_late_is_asked_more_rarely),
        TEST(a_conversation_goes_on_where_it_was_sent),
        TEST(who_stands_behind_is_not_asked_out_of_turn),
        TEST(a_budget_has_the_cheapest_first_by_any_policy),
        TEST(a_budget_does_not_keep_a_favourite),
        TEST(without_memory_there_is_an_order_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
