/* Breakers: what gateways let each other know of them. */
#include "route/breaker_share.h"
#include "support/breaker_case.h"

#define WALL INT64_C(1790000000000000000)

/* the two clocks go alike */
static struct llmgw__breaker_time at(uint64_t now_ns)
{
    const struct llmgw__breaker_time time = {now_ns,
                                             WALL + (int64_t)(now_ns - START)};

    return time;
}

static void hear(bool open, uint64_t stamp_ns, uint64_t until_ns,
                 uint64_t now_ns)
{
    const struct llmgw__breaker_time time = at(now_ns);
    const struct llmgw__breaker_rumour rumour = {open, at(stamp_ns).wall_ns,
                                                 at(until_ns).wall_ns};

    llmgw__breaker_hear(&breakers, &time, llmgw__str(first.id), &rumour);
}

static bool news(uint64_t now_ns, struct llmgw__breaker_rumour *out)
{
    const struct llmgw__breaker_time time = at(now_ns);
    struct llmgw__buf id;
    bool is;

    llmgw__buf_init(&id, 0);
    is = llmgw__breaker_news(&breakers, &time, &id, out);
    if (is)
        assert_true(llmgw__str_eq(llmgw__buf_str(&id), llmgw__str(first.id)));
    llmgw__buf_clear(&id);
    return is;
}

static void fall(uint64_t now_ns)
{
    for (int i = 0; i < 3; i++)
        ask(&first, now_ns, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(&first, now_ns), LLMGW__BREAKER_OPEN);
}

static void what_opens_and_closes_is_told_once(void **state)
{
    struct llmgw__breaker_rumour rumour;

    (void)state;
    assert_false(news(START, &rumour));
    fall(START);
    assert_true(news(START + SEC, &rumour));
    assert_true(rumour.open);
    assert_int_equal(rumour.stamp_ns, at(START + SEC).wall_ns);
    assert_int_equal(rumour.until_ns, at(START + 10 * SEC).wall_ns);
    assert_false(news(START + SEC, &rumour));
    probe(&first, START + 10 * SEC, LLMGW__OUTCOME_FAILED);
    assert_true(news(START + 11 * SEC, &rumour));
    assert_true(rumour.open);
    assert_int_equal(rumour.until_ns, at(START + 20 * SEC).wall_ns);
    probe(&first, START + 20 * SEC, LLMGW__OUTCOME_GOOD);
    assert_true(news(START + 20 * SEC, &rumour));
    assert_false(rumour.open);
    assert_false(news(START + 20 * SEC, &rumour));
}

static void what_others_found_down_is_left_alone_until_then(void **state)
{
    struct llmgw__breaker_rumour rumour;

    (void)state;
    hear(true, START, START + 7 * SEC, START + SEC);
    assert_int_equal(look(&first, START + SEC), LLMGW__BREAKER_OPEN);
    assert_int_equal(due(&first, START + SEC), START + 7 * SEC);
    assert_false(news(START + SEC, &rumour)); /* it is not of our finding */
    probe(&first, START + 7 * SEC, LLMGW__OUTCOME_FAILED);
    assert_int_equal(look(&first, START + 8 * SEC), LLMGW__BREAKER_OPEN);
    assert_true(news(START + 8 * SEC, &rumour)); /* that is */
    assert_true(rumour.open);
}

static void hearsay_that_is_well_again_closes(void **state)
{
    struct llmgw__breaker_rumour rumour;

    (void)state;
    hear(true, START, START + 60 * SEC, START + SEC);
    hear(false, START + 2 * SEC, START + 62 * SEC, START + 3 * SEC);
    assert_int_equal(look(&first, START + 3 * SEC), LLMGW__BREAKER_CLOSED);
    assert_false(news(START + 3 * SEC, &rumour));
    /* what is older than that changes nothing, nor the same once more */
    hear(true, START + SEC, START + 60 * SEC, START + 3 * SEC);
    hear(true, START + 2 * SEC, START + 60 * SEC, START + 3 * SEC);
    assert_int_equal(look(&first, START + 3 * SEC), LLMGW__BREAKER_CLOSED);
}

static void failures_of_ones_own_are_probed_before_it_closes(void **state)
{
    struct llmgw__breaker_rumour rumour;

    (void)state;
    fall(START);
    assert_true(news(START, &rumour));
    hear(true, START, START + 60 * SEC, START); /* our own word */
    assert_int_equal(due(&first, START), START + 10 * SEC);
    hear(false, START + SEC, START + 61 * SEC, START + 2 * SEC);
    assert_int_equal(look(&first, START + 2 * SEC), LLMGW__BREAKER_PROBE);
    probe(&first, START + 2 * SEC, LLMGW__OUTCOME_GOOD);
    assert_int_equal(look(&first, START + 2 * SEC), LLMGW__BREAKER_CLOSED);
}

static void what_has_run_out_or_cannot_be_is_passed_over(void **state)
{
    (void)state;
    hear(true, START, START + SEC, START + SEC);
    hear(true, START, START + 7200 * SEC, START + SEC);
    hear(false, START, START + 60 * SEC, START + SEC); /* not known here */
    assert_int_equal(look(&first, START + SEC), LLMGW__BREAKER_CLOSED);
    assert_int_equal(breakers.states.count, 0);
}

static void the_host_has_the_last_word(void **state)
{
    struct llmgw__breaker_setting off = usual;
    struct llmgw__breaker_pass pass;

    (void)state;
    assert_int_equal(llmgw__breaker_force(&breakers, llmgw__str(first.id),
                                          LLMGW__FORCE_CLOSED, START),
                     LLMGW_OK);
    hear(true, START, START + 60 * SEC, START + SEC);
    assert_int_equal(look(&first, START + SEC), LLMGW__BREAKER_CLOSED);
    assert_int_equal(llmgw__breaker_force(&breakers, llmgw__str(first.id),
                                          LLMGW__FORCE_NONE, START),
                     LLMGW_OK);
    off.off = true; /* nothing opens by itself, nor by hearsay */
    (void)llmgw__breaker_pass(&breakers, &off, &first, false, START, &pass);
    hear(true, START + SEC, START + 60 * SEC, START + SEC);
    assert_int_equal(look(&first, START + SEC), LLMGW__BREAKER_CLOSED);
}

static void hearing_survives_every_failed_allocation(void **state)
{
    (void)state;
    for (int nth = 1; breakers.states.count == 0; nth++) {
        fail_allocation(nth);
        hear(true, START, START + 60 * SEC, START + SEC);
        allow_allocations();
        assert_in_range(nth, 1, 20);
    }
    assert_int_equal(look(&first, START + SEC), LLMGW__BREAKER_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_opens_and_closes_is_told_once),
        TEST(what_others_found_down_is_left_alone_until_then),
        TEST(hearsay_that_is_well_again_closes),
        TEST(failures_of_ones_own_are_probed_before_it_closes),
        TEST(what_has_run_out_or_cannot_be_is_passed_over),
        TEST(the_host_has_the_last_word),
        TEST(hearing_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
