/*
 * When a second attempt is started, and that the budget for it holds.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/text.h"
#include "route/hedge.h"
#include "support/alloc.h"

#define START (1000 * LLMGW__SECOND)

static struct llmgw__hedges hedges;
static struct llmgw__latencies latencies;

static int set_up(void **state)
{
    (void)state;
    return llmgw__hedges_init(&hedges) | llmgw__latencies_init(&latencies);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__hedges_clear(&hedges);
    llmgw__latencies_clear(&latencies);
    return 0;
}

static struct llmgw__hedging preset(const char *name)
{
    struct llmgw__hedging hedge;

    assert_true(llmgw__hedging_preset(&hedge, llmgw__str(name)));
    return hedge;
}

static uint64_t delay(const struct llmgw__hedging *hedge)
{
    return llmgw__hedge_delay(hedge, &latencies, "p/a", 100, START);
}

static void it_is_started_at_once_or_after_a_set_time_or_never(void **state)
{
    const struct llmgw__hedging shadow = preset("shadow"), off = preset("off");
    const struct llmgw__hedging none = {0};
    const struct llmgw__hedging after = {.when = LLMGW__HEDGE_AFTER,
                                         .after_ms = 4000000000U};

    (void)state;
    assert_int_equal(delay(&shadow), 0);
    assert_true(delay(&after) == UINT64_C(4000000000000000));
    assert_true(delay(&off) == UINT64_MAX);
    assert_true(delay(&none) == UINT64_MAX);
}

static void it_is_started_when_the_first_is_slow_for_its_target(void **state)
{
    const struct llmgw__hedging hedge = preset("p95"), tail = preset("tail");

    (void)state;
    assert_true(delay(&hedge) == UINT64_MAX); /* nothing is known */
    for (uint64_t ms = 10; ms <= 1000; ms += 10) {
        const struct llmgw__pace pace = {.prompt_bytes = 100,
                                         .first_ns = ms * LLMGW__MS};

        llmgw__latency_note(&latencies, "p/a", &pace, START);
    }
    assert_in_range(delay(&hedge), 712 * LLMGW__MS, 788 * LLMGW__MS);
    assert_in_range(delay(&tail), 902 * LLMGW__MS, 998 * LLMGW__MS);
    assert_true(llmgw__hedge_delay(&hedge, &latencies, "p/b", 100, START) ==
                UINT64_MAX);
}

/** So many calls of a route, each of which would be hedged. */
static int hedged(const char *route, const struct llmgw__hedging *hedge,
                  int calls)
{
    int taken = 0;

    while (calls--) {
        llmgw__hedge_count(&hedges, route, hedge);
        taken += llmgw__hedge_take(&hedges, route, hedge);
    }
    return taken;
}

static void no_more_are_hedged_than_the_budget_allows(void **state)
{
    const struct llmgw__hedging quarter = preset("p95"), tail = preset("tail");
    const struct llmgw__hedging shadow = preset("shadow");
    const struct llmgw__hedging free = {.when = LLMGW__HEDGE_AT_ONCE,
                                        .budget_pm = 0};

    (void)state;
    assert_int_equal(hedged("a", &quarter, 1000), 251);
    assert_int_equal(hedged("b", &tail, 1000), 51);
    assert_int_equal(hedged("c", &shadow, 1000), 1000);
    assert_int_equal(hedged("d", &free, 1000), 1);
}

static void what_was_not_used_is_saved_up_to_the_burst(void **state)
{
    const struct llmgw__hedging hedge = preset("p95");
    int taken = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        llmgw__hedge_count(&hedges, "r", &hedge);
    while (llmgw__hedge_take(&hedges, "r", &hedge))
        taken++;
    assert_int_equal(taken, 10);
}

static void nothing_is_saved_beyond_the_burst(void **state)
{
    const struct llmgw__hedging hedge = {
        .when = LLMGW__HEDGE_AT_ONCE, .budget_pm = 300, .burst = 2};

    (void)state;
    for (int i = 0; i < 100; i++)
        llmgw__hedge_count(&hedges, "r", &hedge);
    assert_true(llmgw__hedge_take(&hedges, "r", &hedge));
    assert_true(llmgw__hedge_take(&hedges, "r", &hedge));
    assert_int_equal(hedged("r", &hedge, 3), 0);
    assert_int_equal(hedged("r", &hedge, 1), 1);
}

static void what_was_not_started_is_given_back(void **state)
{
    const struct llmgw__hedging hedge = preset("p95");

    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_true(llmgw__hedge_take(&hedges, "r", &hedge));
        assert_false(llmgw__hedge_take(&hedges, "r", &hedge));
        llmgw__hedge_give_back(&hedges, "r", &hedge);
    }
}

static void a_call_that_hedges_not_changes_nothing(void **state)
{
    const struct llmgw__hedging off = preset("off"), hedge = preset("p95");

    (void)state;
    llmgw__hedge_count(&hedges, "r", &off);
    assert_false(llmgw__hedge_take(&hedges, "r", &off));
    assert_int_equal(hedges.buckets.count, 0);
    assert_true(llmgw__hedge_take(&hedges, "r", &hedge));
}

static void a_smaller_burst_of_one_call_takes_nothing_from_others(void **state)
{
    const struct llmgw__hedging hedge = preset("p95");
    const struct llmgw__hedging small = {.when = LLMGW__HEDGE_AT_ONCE,
                                         .budget_pm = 1000};
    int taken = 0;

    (void)state;
    for (int i = 0; i < 1000; i++)
        llmgw__hedge_count(&hedges, "r", &hedge);
    llmgw__hedge_count(&hedges, "r", &small);
    while (llmgw__hedge_take(&hedges, "r", &hedge))
        taken++;
    assert_int_equal(taken, 10);
}

static void what_is_kept_is_bounded(void **state)
{
    const struct llmgw__hedging hedge = preset("p95");
    char name[16];

    (void)state;
    for (int i = 0; i < 10000; i++) {
        (void)snprintf(name, sizeof name, "r%d", i);
        llmgw__hedge_count(&hedges, name, &hedge);
        assert_true(hedges.buckets.count <= 4096);
    }
}

static void without_memory_nobody_is_hedged(void **state)
{
    const struct llmgw__hedging hedge = preset("shadow");
    int nth, failed = 1;

    (void)state;
    for (nth = 0; failed; nth++) {
        bool taken;

        fail_allocation(nth);
        taken = llmgw__hedge_take(&hedges, "r", &hedge);
        failed = allow_allocations();
        assert_int_equal(taken, !failed);
        llmgw__hedges_clear(&hedges);
        assert_int_equal(llmgw__hedges_init(&hedges), LLMGW_OK);
    }
    assert_true(nth > 2);
}

static atomic_int all_taken;

static void *call_much(void *userdata)
{
    const struct llmgw__hedging *hedge = userdata;

    atomic_fetch_add(&all_taken, hedged("r", hedge, 1000));
    return NULL;
}

static void threads_share_a_budget(void **state)
{
    struct llmgw__hedging hedge = preset("p95");
    pthread_t threads[4];

    (void)state;
    atomic_store(&all_taken, 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, call_much, &hedge),
                         0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&all_taken), 1001);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(it_is_started_at_once_or_after_a_set_time_or_never),
        TEST(it_is_started_when_the_first_is_slow_for_its_target),
        TEST(no_more_are_hedged_than_the_budget_allows),
        TEST(what_was_not_used_is_saved_up_to_the_burst),
        TEST(nothing_is_saved_beyond_the_burst),
        TEST(what_was_not_started_is_given_back),
        TEST(a_call_that_hedges_not_changes_nothing),
        TEST(a_smaller_burst_of_one_call_takes_nothing_from_others),
        TEST(what_is_kept_is_bounded),
        TEST(without_memory_nobody_is_hedged),
        TEST(threads_share_a_budget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
