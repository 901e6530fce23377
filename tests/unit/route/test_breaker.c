/* Breakers: when they open, for how long, and whose word counts. */
#include "support/breaker_case.h"

/* --- when it opens --- */

/* One letter for what each call ends in: g f u n; a dot is a second's rest.
   Must be open after the last, and not before. */
static const struct {
    const char *calls;
    bool opens;
} rows[] = {
    {"fff", true},
    {"uuu", true},
    {"fuf", true},
    {"ff", false},
    {"ffg", false},
    {"ffgff", false},
    {"ffgfff", true},
    {"gggggggggggfff", false}, /* one after another: many calls */
    {"ggggggggggffff", false},
    {"ggggggggggfffff", true},
    {"g...g...g...g...g...g...g...g...g...g...f...f...f", true},
    {"fnnfnnf", true}, /* T23: what says nothing is not in the row */
    {"nnnnnn", false},
    {"f........................................f"
     "........................................f",
     true}, /* rarer than that: whatever their age */
    {"f........................................fn"
     "........................................f",
     false}, /* not rarer: others were asked meanwhile */
    {"f..............................fn..............................f", true},
    {"f..............................fn...............................f",
     false},
};

static void it_opens_after_so_many_failures_in_a_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t now = START;

        tear_down(NULL);
        assert_int_equal(set_up(NULL), 0);
        for (const char *call = rows[i].calls; *call; call++) {
            if (*call == '.')
                now += SEC;
            else
                ask(&first, now, outcome_of(*call));
        }
        if ((look(&first, now) == LLMGW__BREAKER_OPEN) != rows[i].opens)
            fail_msg("row %zu: %s", i, rows[i].calls);
    }
}

static void under_concurrency_a_share_must_have_failed_too(void **state)
{
    struct llmgw__breaker_pass slow;

    (void)state;
    for (uint64_t i = 0; i < 10; i++) /* seldom enough, one after another */
        ask(&first, START + 4 * i * SEC, LLMGW__OUTCOME_GOOD);
    slow = pass_at(&first, START + 39 * SEC, LLMGW__BREAKER_CLOSED);
    for (uint64_t i = 0; i < 4; i++)
        ask(&first, START + (40 + 4 * i) * SEC, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(&first, START + 53 * SEC), LLMGW__BREAKER_CLOSED);
    ask(&first, START + 56 * SEC, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(&first, START + 56 * SEC), LLMGW__BREAKER_OPEN);
    tell(&first, &slow, LLMGW__OUTCOME_GOOD, START + 57 * SEC);
    assert_int_equal(look(&first, START + 57 * SEC), LLMGW__BREAKER_OPEN);
}

static void evidence_older_than_the_window_is_no_share(void **state)
{
    struct llmgw__breaker_pass slow;

    (void)state;
    slow = pass_at(&first, START, LLMGW__BREAKER_CLOSED);
    for (int i = 0; i < 10; i++)
        ask(&first, START, LLMGW__OUTCOME_GOOD);
    for (int i = 0; i < 2; i++)
        ask(&first, START + 61 * SEC, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(&first, START + 61 * SEC), LLMGW__BREAKER_CLOSED);
    ask(&first, START + 61 * SEC, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(&first, START + 61 * SEC), LLMGW__BREAKER_OPEN);
    tell(&first, &slow, LLMGW__OUTCOME_NONE, START + 61 * SEC);
}

static void settings_are_obeyed(void **state)
{
    struct llmgw__breaker_setting five = usual, off = usual, vast = usual;
    struct llmgw__breaker_pass pass;

    (void)state;
    five.failures = 5;
    off.off = true;
    vast.failures = 40;
    vast.outcomes = 4000000000U; /* as many as are known */
    vast.max_open_ms = 1;        /* less than open_ms: that it is */
    for (int i = 1; i <= 5; i++) {
        assert_int_equal(look(&first, START), LLMGW__BREAKER_CLOSED);
        llmgw__breaker_pass(&breakers, &five, &first, false, START, &pass);
        llmgw__breaker_tell(&breakers, &five, &first, &pass,
                            LLMGW__OUTCOME_FAILED, START);
    }
    assert_int_equal(look(&first, START), LLMGW__BREAKER_OPEN);
    for (int i = 0; i < 50; i++) {
        assert_int_equal(look(&second, START), LLMGW__BREAKER_CLOSED);
        llmgw__breaker_pass(&breakers, &off, &second, false, START, &pass);
        llmgw__breaker_tell(&breakers, &off, &second, &pass,
                            LLMGW__OUTCOME_FAILED, START);
    }
    for (int i = 0; i < 40; i++) {
        assert_int_equal(look(&third, START), LLMGW__BREAKER_CLOSED);
        llmgw__breaker_pass(&breakers, &vast, &third, false, START, &pass);
        llmgw__breaker_tell(&breakers, &vast, &third, &pass,
                            LLMGW__OUTCOME_FAILED, START);
    }
    assert_int_equal(look(&third, START), LLMGW__BREAKER_OPEN);
    llmgw__breaker_pass(&breakers, &vast, &third, false, START + 70 * SEC,
                        &pass);
    llmgw__breaker_tell(&breakers, &vast, &third, &pass, LLMGW__OUTCOME_FAILED,
                        START + 70 * SEC);
    assert_int_equal(due(&third, START + 70 * SEC), START + 80 * SEC);
    /* off since a reload: the first that asks closes it */
    assert_int_equal(
        llmgw__breaker_pass(&breakers, &off, &first, false, START, &pass),
        LLMGW__BREAKER_CLOSED);
    assert_int_equal(look(&first, START), LLMGW__BREAKER_CLOSED);
}

/* --- for how long --- */

static void it_opens_ten_seconds_at_a_time_then_doubles(void **state)
{
    /* seconds from the beginning: each probe as soon as it is due */
    static const uint64_t at[] = {10,  20,  30,  40,  50,  60,  80,
                                  120, 200, 360, 660, 960, 1260};

    (void)state;
    break_it(&first, START);
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        uint64_t now = START + at[i] * SEC;

        assert_int_equal(due(&first, now - 1), now);
        pass_at(&first, now - 1, LLMGW__BREAKER_OPEN);
        assert_int_equal(look(&first, now), LLMGW__BREAKER_PROBE);
        probe(&first, now, LLMGW__OUTCOME_FAILED);
    }
    assert_int_equal(told(&first, START + 1261 * SEC).opened, 1);
    assert_int_equal(told(&first, START + 1261 * SEC).failures, 3 + 13);
}

static void a_new_outage_begins_with_a_short_period_again(void **state)
{
    uint64_t now = START;

    (void)state;
    break_it(&first, now);
    for (int i = 0; i < 8; i++) {
        now = due(&first, now);
        probe(&first, now, LLMGW__OUTCOME_FAILED);
    }
    now = due(&first, now);
    probe(&first, now, LLMGW__OUTCOME_GOOD);
    assert_int_equal(look(&first, now), LLMGW__BREAKER_CLOSED);
    break_it(&first, now);
    assert_int_equal(due(&first, now), now + 10 * SEC);
    assert_int_equal(told(&first, now).opened, 2);
}

static void jitter_shortens_a_period_by_a_twelfth_at_most(void **state)
{
    uint64_t seed = 7;
    const struct llmgw__random random = {fill, &seed};
    uint64_t least = UINT64_MAX, most = 0;

    (void)state;
    breakers.random = &random;
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t now = START + i * 1000 * SEC, span;

        break_it(&first, now);
        span = due(&first, now) - now;
        least = span < least ? span : least;
        most = span > most ? span : most;
        probe(&first, now + span, LLMGW__OUTCOME_GOOD);
    }
    assert_in_range(least, 110 * SEC / 12, 93 * SEC / 10);
    assert_in_range(most, 99 * SEC / 10, 10 * SEC);
}

/* The scorecard's: down for a minute, a call every three seconds, two tries. */
static void a_dead_target_is_asked_eight_times_a_minute_at_most(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t word = seed, back = 0;
        const struct llmgw__random random = {fill, &word};
        int tries = 0;

        tear_down(NULL);
        assert_int_equal(llmgw__breakers_init(&breakers, &random), LLMGW_OK);
        for (uint64_t at = 0; at < 120; at += 3) {
            uint64_t now = START + at * SEC;

            for (int i = 0; i < 2; i++) {
                struct llmgw__breaker_pass pass;

                if (llmgw__breaker_pass(&breakers, &usual, &first, false,
                                        now + (uint64_t)i * SEC / 2,
                                        &pass) == LLMGW__BREAKER_OPEN)
                    continue;
                tries += at < 60;
                tell(&first, &pass,
                     at < 60 ? LLMGW__OUTCOME_FAILED : LLMGW__OUTCOME_GOOD,
                     now + (uint64_t)i * SEC / 2 + SEC / 100);
                if (at >= 60 && !back)
                    back = at;
            }
        }
        assert_in_range(tries, 3, 8);
        assert_in_range(back, 60, 60 + 10 + 3);
    }
}

/* --- whose word counts --- */

static void t25_only_what_began_after_the_opening_closes_it(void **state)
{
    struct llmgw__breaker_pass before[4], late;

    (void)state;
    for (int i = 0; i < 4; i++)
        before[i] = pass_at(&first, START, LLMGW__BREAKER_CLOSED);
    break_it(&first, START);
    tell(&first, &before[0], LLMGW__OUTCOME_GOOD, START + SEC);
    assert_int_equal(look(&first, START + SEC), LLMGW__BREAKER_OPEN);
    tell(&first, &before[1], LLMGW__OUTCOME_FAILED, START + 9 * SEC);
    assert_int_equal(due(&first, START + 9 * SEC), START + 10 * SEC);
    late = pass_at(&first, START + 10 * SEC, LLMGW__BREAKER_PROBE);
    tell(&first, &before[2], LLMGW__OUTCOME_GOOD, START + 11 * SEC);
    assert_int_equal(look(&first, START + 11 * SEC), LLMGW__BREAKER_OPEN);
    tell(&first, &late, LLMGW__OUTCOME_GOOD, START + 12 * SEC);
    assert_int_equal(look(&first, START + 12 * SEC), LLMGW__BREAKER_CLOSED);
    for (int i = 0; i < 5; i++) /* nor do they open it */
        tell(&first, &before[3], LLMGW__OUTCOME_FAILED, START + 13 * SEC);
    assert_int_equal(look(&first, START + 13 * SEC), LLMGW__BREAKER_CLOSED);
    assert_int_equal(told(&first, START + 13 * SEC).failures, 0);
}

static void one_probe_at_a_time(void **state)
{
    struct llmgw__breaker_pass one, two;

    (void)state;
    break_it(&first, START);
    one = pass_at(&first, START + 10 * SEC, LLMGW__BREAKER_PROBE);
    pass_at(&first, START + 10 * SEC, LLMGW__BREAKER_OPEN);
    assert_int_equal(look(&first, START + 69 * SEC), LLMGW__BREAKER_OPEN);
    assert_int_equal(due(&first, START + 69 * SEC), START + 70 * SEC);
    assert_true(told(&first, START + 69 * SEC).half_open);
    pass_at(&first, START + 70 * SEC - 1, LLMGW__BREAKER_OPEN);
    /* it has expired: the next may, and the first is late */
    two = pass_at(&first, START + 70 * SEC, LLMGW__BREAKER_PROBE);
    tell(&first, &one, LLMGW__OUTCOME_FAILED, START + 71 * SEC);
    tell(&first, &one, LLMGW__OUTCOME_NONE, START + 71 * SEC);
    assert_int_equal(look(&first, START + 72 * SEC), LLMGW__BREAKER_OPEN);
    tell(&first, &two, LLMGW__OUTCOME_GOOD, START + 72 * SEC);
    assert_int_equal(look(&first, START + 72 * SEC), LLMGW__BREAKER_CLOSED);
}

static void a_probe_that_says_nothing_gives_its_lease_back(void **state)
{
    (void)state;
    break_it(&first, START);
    probe(&first, START + 10 * SEC, LLMGW__OUTCOME_NONE);
    assert_int_equal(look(&first, START + 10 * SEC), LLMGW__BREAKER_PROBE);
    probe(&first, START + 11 * SEC, LLMGW__OUTCOME_NONE);
    probe(&first, START + 12 * SEC, LLMGW__OUTCOME_FAILED);
    assert_int_equal(due(&first, START + 12 * SEC), START + 22 * SEC);
}

static void a_probe_that_lost_its_race_keeps_it_open(void **state)
{
    uint64_t now = START;

    (void)state;
    ask(&first, now, LLMGW__OUTCOME_LOST); /* closed: says nothing */
    assert_int_equal(told(&first, now).failures, 0);
    break_it(&first, now);
    for (int i = 0; i < 5; i++) {
        now += 10 * SEC;
        probe(&first, now, LLMGW__OUTCOME_LOST);
        assert_int_equal(due(&first, now), now + 10 * SEC);
        assert_int_equal(told(&first, now).failures, 3);
    }
    now += 10 * SEC;
    probe(&first, now, LLMGW__OUTCOME_LOST);
    assert_int_equal(due(&first, now), now + 20 * SEC);
    probe(&first, now + 20 * SEC, LLMGW__OUTCOME_GOOD);
    assert_int_equal(look(&first, now + 20 * SEC), LLMGW__BREAKER_CLOSED);
}

static void t24_where_nobody_else_is_left_an_open_one_is_asked(void **state)
{
    struct llmgw__breaker_pass one, two;

    (void)state;
    break_it(&first, START);
    assert_int_equal(ask_anyway(START + SEC, &one), LLMGW__BREAKER_PROBE);
    assert_true(one.probe && one.epoch);
    assert_int_equal(ask_anyway(START + SEC, &two), LLMGW__BREAKER_CLOSED);
    assert_true(!two.probe && two.epoch == one.epoch);
    tell(&first, &two, LLMGW__OUTCOME_FAILED, START + 2 * SEC);
    assert_int_equal(due(&first, START + 2 * SEC), START + 61 * SEC);
    tell(&first, &one, LLMGW__OUTCOME_FAILED, START + 3 * SEC);
    assert_int_equal(due(&first, START + 3 * SEC), START + 13 * SEC);
    /* after its first minute, too, this is no cool-down that was too short */
    assert_int_equal(ask_anyway(START + 4 * SEC, &one), LLMGW__BREAKER_PROBE);
    tell(&first, &one, LLMGW__OUTCOME_FAILED, START + 70 * SEC);
    assert_int_equal(due(&first, START + 70 * SEC), START + 80 * SEC);
    /* any success since it is open counts */
    assert_int_equal(ask_anyway(START + 80 * SEC, &one), LLMGW__BREAKER_PROBE);
    assert_int_equal(ask_anyway(START + 80 * SEC, &two), LLMGW__BREAKER_CLOSED);
    tell(&first, &two, LLMGW__OUTCOME_GOOD, START + 81 * SEC);
    assert_int_equal(look(&first, START + 81 * SEC), LLMGW__BREAKER_CLOSED);
    tell(&first, &one, LLMGW__OUTCOME_FAILED, START + 82 * SEC);
    assert_int_equal(told(&first, START + 82 * SEC).failures, 0);
}

static void t23_mistakes_and_cancels_never_open_it(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 1000; i++)
        ask(&first, START + i * SEC / 10, LLMGW__OUTCOME_NONE);
    assert_int_equal(told(&first, START + 100 * SEC).failures, 0);
    assert_int_equal(told(&first, START + 100 * SEC).changed_ns, 0);
}

static void two_open_targets_make_their_provider_suspect(void **state)
{
    struct llmgw__breaker_look seen;

    (void)state;
    break_it(&first, START);
    llmgw__breaker_look(&breakers, &third, START, &seen);
    assert_false(seen.suspect);
    break_it(&second, START);
    llmgw__breaker_look(&breakers, &third, START, &seen); /* never asked */
    assert_true(seen.suspect);
    assert_int_equal(seen.word, LLMGW__BREAKER_CLOSED);
    llmgw__breaker_look(&breakers, &other, START, &seen);
    assert_false(seen.suspect);
    llmgw__breaker_look(&breakers, &first, START, &seen);
    assert_false(seen.suspect); /* worse: open */
    probe(&first, START + 10 * SEC, LLMGW__OUTCOME_GOOD);
    llmgw__breaker_look(&breakers, &third, START + 10 * SEC, &seen);
    assert_false(seen.suspect);
}

static void a_failure_makes_it_shaky_until_the_next_success(void **state)
{
    struct llmgw__breaker_look seen;

    (void)state;
    ask(&first, START, LLMGW__OUTCOME_FAILED);
    ask(&first, START, LLMGW__OUTCOME_NONE);
    llmgw__breaker_look(&breakers, &first, START, &seen);
    assert_true(seen.shaky);
    ask(&first, START, LLMGW__OUTCOME_GOOD);
    llmgw__breaker_look(&breakers, &first, START, &seen);
    assert_false(seen.shaky);
    break_it(&first, START + 100 * SEC);
    llmgw__breaker_look(&breakers, &first, START + 100 * SEC, &seen);
    assert_false(seen.shaky);
}

/* --- by chance, and not --- */

#define WEEK (7 * 24 * 3600)

static void a_week_of_background_errors_never_opens_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        uint64_t word = seed;

        for (uint64_t at = 0; at < WEEK; at++)
            ask(&first, START + at * SEC,
                fails(&word, 20) ? LLMGW__OUTCOME_FAILED : LLMGW__OUTCOME_GOOD);
        assert_int_equal(told(&first, START).opened, 0);
    }
}

/* Calls of up to 8 s each, that fail at once: several are under way, and
   failures overtake what answers. */
static void nor_does_a_week_of_calls_at_the_same_time(void **state)
{
    struct llmgw__breaker_pass under_way[8];
    uint64_t word = 4;

    (void)state;
    memset(under_way, 0, sizeof under_way);
    for (uint64_t at = 0; at < WEEK; at++) {
        uint64_t now = START + at * SEC;
        struct llmgw__breaker_pass *slot = &under_way[at % 8];

        if (slot->epoch)
            tell(&first, slot, LLMGW__OUTCOME_GOOD, now);
        *slot = pass_at(&first, now, LLMGW__BREAKER_CLOSED);
        if (fails(&word, 20)) {
            tell(&first, slot, LLMGW__OUTCOME_FAILED, now);
            slot->epoch = 0;
        }
    }
    assert_int_equal(told(&first, START).opened, 0);
}

static void an_outage_of_rare_calls_opens_it_at_the_third(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        uint64_t word = seed, at = 0;

        tear_down(NULL);
        assert_int_equal(set_up(NULL), 0);
        for (; at < 100; at++)
            ask(&first, START + at * 300 * SEC,
                fails(&word, 20) ? LLMGW__OUTCOME_FAILED : LLMGW__OUTCOME_GOOD);
        ask(&first, START + at++ * 300 * SEC, LLMGW__OUTCOME_GOOD);
        for (int i = 0; i < 3; i++)
            ask(&first, START + at++ * 300 * SEC, LLMGW__OUTCOME_UNREACHABLE);
        assert_int_equal(look(&first, START + --at * 300 * SEC),
                         LLMGW__BREAKER_OPEN);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_opens_after_so_many_failures_in_a_row),
        TEST(under_concurrency_a_share_must_have_failed_too),
        TEST(evidence_older_than_the_window_is_no_share),
        TEST(settings_are_obeyed),
        TEST(it_opens_ten_seconds_at_a_time_then_doubles),
        TEST(a_new_outage_begins_with_a_short_period_again),
        TEST(jitter_shortens_a_period_by_a_twelfth_at_most),
        TEST(a_dead_target_is_asked_eight_times_a_minute_at_most),
        TEST(t25_only_what_began_after_the_opening_closes_it),
        TEST(one_probe_at_a_time),
        TEST(a_probe_that_says_nothing_gives_its_lease_back),
        TEST(a_probe_that_lost_its_race_keeps_it_open),
        TEST(t24_where_nobody_else_is_left_an_open_one_is_asked),
        TEST(t23_mistakes_and_cancels_never_open_it),
        TEST(two_open_targets_make_their_provider_suspect),
        TEST(a_failure_makes_it_shaky_until_the_next_success),
        TEST(a_week_of_background_errors_never_opens_it),
        TEST(nor_does_a_week_of_calls_at_the_same_time),
        TEST(an_outage_of_rare_calls_opens_it_at_the_third),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
