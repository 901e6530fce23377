/* Breakers: free probes, the host's word, many of them, threads. */
#include <stdatomic.h>

#include <pthread.h>

#include "support/breaker_case.h"

/* --- free probes --- */

static void break_by(const char *calls)
{
    for (; *calls; calls++)
        ask(&first, START, outcome_of(*calls));
}

static void free_probes_are_made_every_two_seconds(void **state)
{
    (void)state;
    assert_false(wants(START));
    break_by("uuu");
    assert_false(wants(START + 2 * SEC - 1));
    assert_true(wants(START + 2 * SEC));
    assert_false(wants(START + 3 * SEC)); /* one at a time */
    llmgw__breaker_free_probe(&breakers, &first, false, START + 3 * SEC);
    assert_false(wants(START + 4 * SEC - 1));
    assert_true(wants(START + 4 * SEC));
    assert_false(wants(START + 9 * SEC));
    assert_int_equal(due(&first, START + 9 * SEC), START + 10 * SEC);
    llmgw__breaker_free_probe(&breakers, &first, true, START + 9 * SEC);
    assert_int_equal(look(&first, START + 9 * SEC), LLMGW__BREAKER_PROBE);
    assert_false(wants(START + 9 * SEC)); /* a call may tell */
    probe(&first, START + 9 * SEC, LLMGW__OUTCOME_GOOD);
    assert_int_equal(look(&first, START + 9 * SEC), LLMGW__BREAKER_CLOSED);
    llmgw__breaker_free_probe(&breakers, &first, true, START + 9 * SEC);
    assert_false(wants(START + 20 * SEC));
}

static void free_probes_are_for_failures_of_reachability(void **state)
{
    static const char *const calls[] = {"fff", "ufu", "uuf", "fuu"};

    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        tear_down(NULL);
        assert_int_equal(set_up(NULL), 0);
        break_by(calls[i]);
        assert_false(wants(START + 5 * SEC));
        llmgw__breaker_free_probe(&breakers, &first, true, START + 5 * SEC);
        assert_int_equal(look(&first, START + 5 * SEC), LLMGW__BREAKER_OPEN);
    }
    /* it answers now, and badly; later it does not */
    probe(&first, START + 10 * SEC, LLMGW__OUTCOME_UNREACHABLE);
    assert_true(wants(START + 15 * SEC));
    probe(&first, START + 20 * SEC, LLMGW__OUTCOME_FAILED);
    assert_false(wants(START + 25 * SEC));
}

static void a_list_that_answers_while_calls_fail_proves_nothing(void **state)
{
    (void)state;
    break_by("uuu");
    assert_true(wants(START + 2 * SEC));
    llmgw__breaker_free_probe(&breakers, &first, true, START + 2 * SEC);
    probe(&first, START + 3 * SEC, LLMGW__OUTCOME_UNREACHABLE);
    assert_int_equal(due(&first, START + 3 * SEC), START + 13 * SEC);
    for (uint64_t at = 3; at < 13; at++)
        assert_false(wants(START + at * SEC));
    probe(&first, START + 13 * SEC, LLMGW__OUTCOME_GOOD);
    for (int i = 0; i < 3; i++)
        ask(&first, START + 20 * SEC, LLMGW__OUTCOME_UNREACHABLE);
    assert_true(wants(START + 22 * SEC)); /* another outage */
}

static void a_free_probe_that_is_lost_is_made_again(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        ask(&first, START, LLMGW__OUTCOME_UNREACHABLE);
    for (uint64_t at = 10; at <= 60; at += 10)
        probe(&first, START + at * SEC, LLMGW__OUTCOME_UNREACHABLE);
    assert_true(wants(START + 61 * SEC)); /* 20 s at a time by now */
    assert_false(wants(START + 76 * SEC - 1));
    assert_true(wants(START + 76 * SEC));
}

/* --- for the host --- */

static void the_host_sets_it_open_and_closed(void **state)
{
    llmgw_str id = llmgw__str(first.id);
    struct llmgw__breaker_pass pass, before;

    (void)state;
    before = pass_at(&first, START, LLMGW__BREAKER_CLOSED);
    assert_int_equal(
        llmgw__breaker_force(&breakers, id, LLMGW__FORCE_OPEN, START),
        LLMGW_OK);
    assert_int_equal(look(&first, START + 9000 * SEC), LLMGW__BREAKER_OPEN);
    assert_true(told(&first, START).forced);
    assert_int_equal(due(&first, START), UINT64_MAX);
    assert_int_equal(ask_anyway(START, &pass), LLMGW__BREAKER_OPEN);
    assert_int_equal(pass.epoch, 0);
    tell(&first, &before, LLMGW__OUTCOME_GOOD, START);
    tell(&first, &pass, LLMGW__OUTCOME_GOOD, START);
    assert_int_equal(look(&first, START), LLMGW__BREAKER_OPEN);
    assert_false(wants(START + 100 * SEC));
    assert_int_equal(
        llmgw__breaker_force(&breakers, id, LLMGW__FORCE_CLOSED, START),
        LLMGW_OK);
    for (int i = 0; i < 20; i++)
        ask(&first, START, LLMGW__OUTCOME_FAILED);
    assert_int_equal(told(&first, START).failures, 20);
    assert_int_equal(
        llmgw__breaker_force(&breakers, id, LLMGW__FORCE_NONE, START + SEC),
        LLMGW_OK);
    assert_false(told(&first, START).forced);
    assert_int_equal(told(&first, START).failures, 0);
    assert_int_equal(told(&first, START).changed_ns, START + SEC);
    break_it(&first, START + SEC);
    assert_int_equal(told(&first, START + SEC).opened, 1);
}

static void what_the_host_set_open_makes_no_provider_suspect(void **state)
{
    struct llmgw__breaker_look seen;

    (void)state;
    break_it(&first, START);
    llmgw__breaker_force(&breakers, llmgw__str(second.id), LLMGW__FORCE_OPEN,
                         START);
    llmgw__breaker_look(&breakers, &third, START, &seen);
    assert_false(seen.suspect);
    /* nor is one counted that was open by itself before */
    break_it(&third, START);
    llmgw__breaker_force(&breakers, llmgw__str(third.id), LLMGW__FORCE_CLOSED,
                         START);
    llmgw__breaker_look(&breakers, &third, START, &seen);
    assert_false(seen.suspect);
}

static void how_it_stands_is_told(void **state)
{
    struct llmgw__breaker_told out;

    (void)state;
    assert_false(
        llmgw__breaker_read(&breakers, llmgw__str("work/a"), START, &out));
    assert_int_equal(out.word, LLMGW__BREAKER_CLOSED);
    break_it(&first, START);
    assert_true(llmgw__breaker_read(&breakers, llmgw__str("work/a"),
                                    START + SEC, &out));
    assert_int_equal(out.word, LLMGW__BREAKER_OPEN);
    assert_false(out.half_open);
    assert_false(out.forced);
    assert_int_equal(out.failures, 3);
    assert_int_equal(out.opened, 1);
    assert_int_equal(out.due_ns, START + 10 * SEC);
    assert_int_equal(out.changed_ns, START);
    out = told(&first, START + 11 * SEC);
    assert_int_equal(out.word, LLMGW__BREAKER_PROBE);
    assert_true(out.half_open);
    assert_int_equal(out.changed_ns, START + 10 * SEC);
}

static void all_that_are_known_are_listed(void **state)
{
    struct llmgw__buf list;

    (void)state;
    llmgw__buf_init(&list, 0);
    assert_int_equal(llmgw__breakers_list(&breakers, &list), LLMGW_OK);
    assert_int_equal(list.len, 0);
    ask(&first, START, LLMGW__OUTCOME_GOOD);
    assert_int_equal(llmgw__breakers_list(&breakers, &list), LLMGW_OK);
    assert_int_equal(list.len, sizeof "work/a");
    assert_string_equal(list.data, "work/a");
    llmgw__buf_clear(&list);
}

/* --- many states --- */

static void ask_many(int from, int to, int failures)
{
    char id[32];
    const struct llmgw__target target = {
        .provider = &provider, .model = "m", .id = id};

    for (int i = from; i < to; i++) {
        snprintf(id, sizeof id, "p%d/m", i);
        for (int n = 0; n < failures; n++)
            ask(&target, START, LLMGW__OUTCOME_FAILED);
    }
}

static void what_is_known_is_bounded(void **state)
{
    struct llmgw__breaker_pass pass;

    (void)state;
    break_it(&first, START);
    break_it(&second, START);
    llmgw__breaker_force(&breakers, llmgw__str(third.id), LLMGW__FORCE_CLOSED,
                         START);
    pass = pass_at(&other, START, LLMGW__BREAKER_CLOSED);
    ask_many(0, 10000, 1);
    assert_in_range(breakers.states.count, 3, 4096);
    assert_in_range(breakers.owners.count, 1, 4096);
    tell(&other, &pass, LLMGW__OUTCOME_FAILED, START); /* forgotten */
    assert_int_equal(look(&first, START), LLMGW__BREAKER_OPEN);
    assert_true(told(&third, START).forced);
    for (int i = 0; i < 9; i++)
        ask(&third, START, LLMGW__OUTCOME_FAILED);
    /* room is made for the new, too, where too many are open */
    ask_many(10000, 16000, 3);
    assert_in_range(breakers.states.count, 1, 4096);
    assert_true(told(&third, START).forced);
    assert_int_equal(look(&first, START), LLMGW__BREAKER_CLOSED);
}

static void what_the_host_has_set_is_not_forgotten(void **state)
{
    char id[32];
    struct llmgw__breaker_pass pass;

    (void)state;
    for (int i = 0; i < 4096; i++) {
        snprintf(id, sizeof id, "p%d/m", i);
        assert_int_equal(llmgw__breaker_force(&breakers, llmgw__str(id),
                                              LLMGW__FORCE_OPEN, START),
                         LLMGW_OK);
    }
    assert_int_equal(llmgw__breaker_force(&breakers, llmgw__str(first.id),
                                          LLMGW__FORCE_OPEN, START),
                     LLMGW_E_NOMEM);
    assert_int_equal(breakers.states.count, 4096);
    /* it is asked, and nothing is learned of it */
    assert_int_equal(
        llmgw__breaker_pass(&breakers, &usual, &first, false, START, &pass),
        LLMGW__BREAKER_CLOSED);
    assert_int_equal(pass.epoch, 0);
    tell(&first, &pass, LLMGW__OUTCOME_FAILED, START);
}

static void breakers_survive_every_failed_allocation(void **state)
{
    int nth = 0;

    (void)state;
    do {
        struct llmgw__breaker_pass pass;
        struct llmgw__buf list;

        tear_down(NULL);
        assert_int_equal(set_up(NULL), 0);
        llmgw__buf_init(&list, 0);
        fail_allocation(nth++);
        for (int i = 0; i < 4; i++) {
            enum llmgw__breaker_word word = llmgw__breaker_pass(
                &breakers, &usual, &first, false, START, &pass);

            assert_true(word == LLMGW__BREAKER_CLOSED ||
                        (i == 3 && !pass.epoch));
            tell(&first, &pass, LLMGW__OUTCOME_FAILED, START);
        }
        llmgw__breakers_list(&breakers, &list);
        llmgw__breaker_force(&breakers, llmgw__str(third.id), LLMGW__FORCE_OPEN,
                             START);
        llmgw__buf_clear(&list);
    } while (allow_allocations());
    assert_true(nth > 5);
    assert_int_equal(look(&first, START), LLMGW__BREAKER_OPEN);
    assert_int_equal(look(&third, START), LLMGW__BREAKER_OPEN);
}

static void forgetting_survives_every_failed_allocation(void **state)
{
    int nth = 0;

    (void)state;
    do {
        tear_down(NULL);
        assert_int_equal(set_up(NULL), 0);
        llmgw__breaker_force(&breakers, llmgw__str(third.id), LLMGW__FORCE_OPEN,
                             START);
        break_it(&first, START);
        ask_many(0, 4094, 1);
        assert_int_equal(breakers.states.count, 4096);
        fail_allocation(nth++);
        llmgw__breaker_force(&breakers, llmgw__str(other.id), LLMGW__FORCE_OPEN,
                             START);
        assert_in_range(breakers.states.count, 0, 3);
    } while (allow_allocations());
    assert_int_equal(breakers.states.count, 3);
    assert_int_equal(look(&first, START), LLMGW__BREAKER_OPEN);
}

static void a_source_of_chance_that_fails_is_no_jitter(void **state)
{
    const struct llmgw__random none = {refuse, NULL};

    (void)state;
    breakers.random = &none;
    break_it(&first, START);
    assert_int_equal(due(&first, START), START + 10 * SEC);
}

/* --- threads --- */

#define THREADS 4
#define ROUNDS  20000

static atomic_int probing;
static atomic_int most_probing;
static atomic_ullong tenths; /* one clock for all */

static void *call_round(void *argument)
{
    uint64_t seed = (uint64_t)(uintptr_t)argument;

    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t now = START + atomic_fetch_add(&tenths, 1) * SEC / 10;
        struct llmgw__breaker_pass pass;
        struct llmgw__breaker_told out;
        int count;

        llmgw__breaker_pass(&breakers, &usual, &first, false, now, &pass);
        if (pass.probe) {
            count = atomic_fetch_add(&probing, 1) + 1;
            if (count > atomic_load(&most_probing))
                atomic_store(&most_probing, count);
            atomic_fetch_sub(&probing, 1);
        }
        if (pass.epoch)
            llmgw__breaker_tell(&breakers, &usual, &first, &pass,
                                fails(&seed, 600) ? LLMGW__OUTCOME_UNREACHABLE
                                                  : LLMGW__OUTCOME_GOOD,
                                now);
        if (llmgw__breaker_wants_free_probe(&breakers, &usual, &first, now))
            llmgw__breaker_free_probe(&breakers, &first, fails(&seed, 500),
                                      now);
        llmgw__breaker_read(&breakers, llmgw__str(first.id), now, &out);
    }
    return NULL;
}

static void any_thread_may_ask_and_tell(void **state)
{
    pthread_t threads[THREADS];
    uint64_t end = START + (ROUNDS + 10000) * SEC;

    (void)state;
    atomic_store(&most_probing, 0);
    atomic_store(&tenths, 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, call_round, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_in_range(atomic_load(&most_probing), 1, 1);
    assert_in_range(told(&first, end).opened, 10, ROUNDS);
    if (look(&first, end) == LLMGW__BREAKER_PROBE)
        probe(&first, end, LLMGW__OUTCOME_GOOD);
    assert_int_equal(look(&first, end), LLMGW__BREAKER_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(free_probes_are_made_every_two_seconds),
        TEST(free_probes_are_for_failures_of_reachability),
        TEST(a_list_that_answers_while_calls_fail_proves_nothing),
        TEST(a_free_probe_that_is_lost_is_made_again),
        TEST(the_host_sets_it_open_and_closed),
        TEST(what_the_host_set_open_makes_no_provider_suspect),
        TEST(how_it_stands_is_told),
        TEST(all_that_are_known_are_listed),
        TEST(what_is_known_is_bounded),
        TEST(what_the_host_has_set_is_not_forgotten),
        TEST(breakers_survive_every_failed_allocation),
        TEST(forgetting_survives_every_failed_allocation),
        TEST(a_source_of_chance_that_fails_is_no_jitter),
        TEST(any_thread_may_ask_and_tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
