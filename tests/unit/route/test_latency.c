/*
 * How fast targets have been: quantiles within 5 %, evidence that fades, and
 * what was not waited for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "route/latency.h"
#include "route/sketch.h"
#include "support/alloc.h"

#define START (1000 * LLMGW__SECOND)
#define HOUR  (3600 * LLMGW__SECOND)

static struct llmgw__latencies latencies;

static int set_up(void **state)
{
    (void)state;
    return llmgw__latencies_init(&latencies);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__latencies_clear(&latencies);
    return 0;
}

static void note_size(uint64_t ms, uint64_t bytes, bool at_least, uint64_t now)
{
    struct llmgw__pace pace = {
        .prompt_bytes = bytes,
        .first_ns = ms * LLMGW__MS,
        .at_least = at_least,
    };

    llmgw__latency_note(&latencies, "p/a", &pace, now);
}

static void note(unsigned times, uint64_t ms, uint64_t now)
{
    while (times--)
        note_size(ms, 100, false, now);
}

static uint64_t first(uint64_t bytes, unsigned quantile_pm, uint64_t now)
{
    return llmgw__latency_first(&latencies, "p/a", bytes, quantile_pm, now);
}

/** Within 5 %. */
static void assert_near(uint64_t got, uint64_t expected)
{
    if (got * 100 < expected * 95 || got * 100 > expected * 105)
        fail_msg("%llu is not %llu", (unsigned long long)got,
                 (unsigned long long)expected);
}

static void assert_first(unsigned quantile_pm, uint64_t now, uint64_t ms)
{
    assert_near(first(100, quantile_pm, now), ms * LLMGW__MS);
}

static void too_little_is_known_until_ten_have_answered(void **state)
{
    (void)state;
    assert_int_equal(first(100, 500, START), 0);
    note(9, 300, START);
    assert_int_equal(first(100, 500, START), 0);
    note(1, 300, START);
    assert_first(500, START, 300);
    assert_first(950, START, 300);
    assert_int_equal(llmgw__latency_first(&latencies, "p/b", 100, 500, START),
                     0);
}

static void every_number_is_found_again_within_5_percent(void **state)
{
    (void)state;
    for (uint64_t value = UINT64_C(1) << 16; value < UINT64_C(1) << 40;
         value += value / 50) {
        struct llmgw__sketch sketch;

        memset(&sketch, 0, sizeof sketch);
        for (int i = 0; i < 10; i++)
            llmgw__sketch_add(&sketch, value, false, START);
        assert_near(llmgw__sketch_quantile(&sketch, 1, 500, START), value);
    }
}

static void what_is_beyond_the_sketch_counts_as_its_ends(void **state)
{
    struct llmgw__sketch sketch;

    (void)state;
    memset(&sketch, 0, sizeof sketch);
    for (int i = 0; i < 10; i++) {
        llmgw__sketch_add(&sketch, 1, false, START);
        llmgw__sketch_add(&sketch, UINT64_MAX, false, START);
    }
    assert_near(llmgw__sketch_quantile(&sketch, 1, 100, START), 68500);
    assert_near(llmgw__sketch_quantile(&sketch, 1, 900, START), UINT64_C(1)
                                                                    << 40);
}

static void quantiles_are_those_of_what_was_noted(void **state)
{
    (void)state;
    for (uint64_t ms = 1; ms <= 1000; ms++)
        note(1, (ms * 7919) % 1000 + 1, START);
    assert_first(100, START, 100);
    assert_first(500, START, 500);
    assert_first(750, START, 750);
    assert_first(950, START, 950);
}

static void of_two_halves_the_lower_has_the_middle(void **state)
{
    (void)state;
    note(10, 100, START);
    note(10, 1000, START);
    assert_first(500, START, 100);
    assert_first(501, START, 1000);
}

static void sizes_of_prompt_are_told_apart(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        note_size(100, 1000, false, START);
        note_size(500, 40000, false, START);
    }
    note_size(9000, 1000000, false, START);
    assert_near(first(4095, 500, START), 100 * LLMGW__MS);
    assert_near(first(32768, 500, START), 500 * LLMGW__MS);
    assert_near(first(262143, 300, START), 500 * LLMGW__MS);
    /* of these sizes too little is known: all together answer */
    assert_near(first(4096, 900, START), 500 * LLMGW__MS);
    assert_near(first(262144, 400, START), 100 * LLMGW__MS);
    assert_near(first(262144, 999, START), 9000 * LLMGW__MS);
}

static void what_is_old_counts_for_less(void **state)
{
    (void)state;
    note(200, 100, START);
    note(60, 1000, START + 300 * LLMGW__SECOND);
    /* 100 : 60 */
    assert_first(600, START + 300 * LLMGW__SECOND, 100);
    assert_first(650, START + 300 * LLMGW__SECOND, 1000);
    note(60, 1000, START + 600 * LLMGW__SECOND);
    /* 50 : 90 */
    assert_first(340, START + 600 * LLMGW__SECOND, 100);
    assert_first(380, START + 600 * LLMGW__SECOND, 1000);
}

static void what_comes_rarely_is_kept(void **state)
{
    uint64_t now = START;

    (void)state;
    note(12, 100, now);
    assert_first(500, now += 10000 * HOUR, 100);
    for (int i = 0; i < 30; i++)
        note(1, 100, now += HOUR);
    for (int i = 0; i < 10; i++)
        note(1, 1000, now += HOUR);
    assert_first(500, now, 100);
    for (int i = 0; i < 10; i++)
        note(1, 1000, now += HOUR);
    assert_first(500, now, 1000);
}

static void a_clock_that_goes_back_does_no_harm(void **state)
{
    (void)state;
    note(12, 100, START);
    note(12, 100, START - 500 * LLMGW__SECOND);
    assert_first(500, START - 900 * LLMGW__SECOND, 100);
}

static void what_was_not_waited_for_lies_beyond(void **state)
{
    (void)state;
    note(50, 100, START);
    note(50, 1000, START);
    assert_first(480, START, 100);
    for (int i = 0; i < 50; i++)
        note_size(200, 100, true, START);
    /* 50 of 150 are at 100 ms, none at 200 */
    assert_first(330, START, 100);
    assert_first(340, START, 1000);
    assert_first(999, START, 1000);
}

/* 30 and 20 of the rest were above: so are those of the 50 who left. */
static void what_was_not_waited_for_is_as_the_rest_was(void **state)
{
    (void)state;
    for (uint64_t least = 100; least <= 200; least += 100) {
        note(50, 100, START);
        note(30, 1000, START);
        note(20, 5000, START);
        for (int i = 0; i < 50; i++)
            note_size(least, 100, true, START);
        assert_first(330, START, 100);
        assert_first(340, START, 1000);
        assert_first(720, START, 1000);
        assert_first(750, START, 5000);
        llmgw__latencies_clear(&latencies);
        assert_int_equal(llmgw__latencies_init(&latencies), LLMGW_OK);
    }
}

static void who_never_answers_is_as_slow_as_was_waited(void **state)
{
    (void)state;
    note(20, 100, START);
    for (int i = 0; i < 20; i++)
        note_size(30000, 100, true, START);
    assert_first(490, START, 100);
    assert_first(510, START, 30000);
}

static uint64_t seed = 1;

static uint64_t draw(uint64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
    return (seed >> 33) % below;
}

static void what_was_not_waited_for_makes_nobody_faster(void **state)
{
    (void)state;
    note(10, 100, START);
    for (int i = 0; i < 3000; i++) {
        uint64_t before[10];
        bool at_least = draw(3) == 0;

        for (unsigned q = 0; q < 10; q++)
            before[q] = first(100, q * 100 + 50, START);
        note_size(1 + draw(20) * draw(20) * draw(20), 100, at_least, START);
        for (unsigned q = 0; at_least && q < 10; q++)
            assert_true(first(100, q * 100 + 50, START) >= before[q]);
    }
}

static void note_rate(int64_t tokens, uint64_t took_ms)
{
    const struct llmgw__pace pace = {.tokens = tokens,
                                     .took_ns = took_ms * LLMGW__MS};

    llmgw__latency_note(&latencies, "p/a", &pace, START);
}

static uint64_t rate(unsigned quantile_pm)
{
    return llmgw__latency_rate(&latencies, "p/a", quantile_pm, START);
}

static void tokens_a_second_are_known_likewise(void **state)
{
    (void)state;
    assert_int_equal(rate(500), 0);
    for (int i = 0; i < 9; i++)
        note_rate(11, 200);
    note_rate(7, 1);    /* too short to tell */
    note_rate(100, 0);  /* has not ended well */
    note_rate(0, 1000); /* how many is not known */
    note_rate(-5, 1000);
    note_rate(INT64_MAX, 1);
    assert_int_equal(rate(500), 0);
    note_rate(3001, 1000);
    assert_near(rate(500), 50000);
    assert_near(rate(990), 3000000);
    assert_int_equal(first(100, 500, START), 0);
}

static void what_is_kept_is_bounded(void **state)
{
    const struct llmgw__pace pace = {.first_ns = LLMGW__SECOND};
    char id[32];

    (void)state;
    for (int i = 0; i < 5000; i++) {
        (void)snprintf(id, sizeof id, "p/%d", i);
        llmgw__latency_note(&latencies, id, &pace, START);
        assert_true(latencies.sketches.count <= 1024);
    }
    for (int i = 0; i < 10; i++)
        llmgw__latency_note(&latencies, id, &pace, START);
    assert_near(llmgw__latency_first(&latencies, id, 0, 500, START),
                LLMGW__SECOND);
}

static void without_memory_nothing_is_learnt(void **state)
{
    int nth, failed = 1;

    (void)state;
    for (nth = 0; failed; nth++) {
        fail_allocation(nth);
        note(1, 100, START);
        failed = allow_allocations();
        note(9, 100, START);
        /* the first of ten was lost where there was no memory for it */
        assert_int_equal(!failed, first(100, 500, START) != 0);
        llmgw__latencies_clear(&latencies);
        assert_int_equal(llmgw__latencies_init(&latencies), LLMGW_OK);
    }
    assert_true(nth > 2);
}

static bool is_late(uint64_t ms, unsigned share_pm)
{
    return llmgw__latency_is_late(&latencies, "p/a", 100, ms * LLMGW__MS,
                                  share_pm, START);
}

static void a_share_that_is_late_is_told_from_chance(void **state)
{
    (void)state;
    note(8, 100, START);
    note(1, 900, START);
    assert_false(is_late(500, 50)); /* of nine nothing is known */
    note(1, 100, START);
    assert_false(is_late(500, 50)); /* one of ten may be chance */
    note(1, 900, START);
    assert_true(is_late(500, 50)); /* two of eleven are not */
    assert_false(is_late(500, 200));
    assert_false(is_late(1000, 50));
    note(400, 100, START);
    assert_false(is_late(500, 50));
}

static bool is_slow(const char *id, uint32_t rate)
{
    return llmgw__latency_is_slow(&latencies, id, rate, 100, START);
}

static void a_share_that_is_slow_is_told_likewise(void **state)
{
    struct llmgw__pace pace = {.tokens = 101, .took_ns = LLMGW__SECOND};

    (void)state;
    for (int i = 0; i < 20; i++)
        llmgw__latency_note(&latencies, "p/a", &pace, START);
    assert_false(is_slow("p/a", 80));
    assert_true(is_slow("p/a", 130));
    assert_false(is_slow("p/b", 130));
    pace.took_ns = 4 * LLMGW__SECOND; /* 25 a second */
    for (int i = 0; i < 3; i++)
        llmgw__latency_note(&latencies, "p/a", &pace, START);
    assert_false(is_slow("p/a", 80));
    for (int i = 0; i < 3; i++)
        llmgw__latency_note(&latencies, "p/a", &pace, START);
    assert_true(is_slow("p/a", 80));
}

static void *note_much(void *userdata)
{
    (void)userdata;
    for (int i = 0; i < 2000; i++) {
        note(1, 100, START + (uint64_t)i * LLMGW__SECOND);
        (void)first(100, 500, START);
    }
    return NULL;
}

static void threads_may_note_together(void **state)
{
    pthread_t threads[4];

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, note_much, NULL), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_first(999, START, 100);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(too_little_is_known_until_ten_have_answered),
        TEST(every_number_is_found_again_within_5_percent),
        TEST(what_is_beyond_the_sketch_counts_as_its_ends),
        TEST(quantiles_are_those_of_what_was_noted),
        TEST(of_two_halves_the_lower_has_the_middle),
        TEST(sizes_of_prompt_are_told_apart),
        TEST(what_is_old_counts_for_less),
        TEST(what_comes_rarely_is_kept),
        TEST(a_clock_that_goes_back_does_no_harm),
        TEST(what_was_not_waited_for_lies_beyond),
        TEST(what_was_not_waited_for_is_as_the_rest_was),
        TEST(who_never_answers_is_as_slow_as_was_waited),
        TEST(what_was_not_waited_for_makes_nobody_faster),
        TEST(tokens_a_second_are_known_likewise),
        TEST(a_share_that_is_late_is_told_from_chance),
        TEST(a_share_that_is_slow_is_told_likewise),
        TEST(what_is_kept_is_bounded),
        TEST(without_memory_nothing_is_learnt),
        TEST(threads_may_note_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
