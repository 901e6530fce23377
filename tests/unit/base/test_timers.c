/* Timers: order, moves and what callbacks may do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/timers.h"
#include "support/alloc.h"

#define COUNT 200

/* What happened, in order. */
struct record {
    struct llmgw__timers timers;
    struct llmgw__timer *fired[4 * COUNT];
    size_t count;
    struct llmgw__timer *other; /* for what a callback does to another */
    uint64_t again_ns;
};

static void note(struct llmgw__timer *timer, void *userdata)
{
    struct record *record = userdata;

    assert_false(llmgw__timer_is_set(timer));
    record->fired[record->count++] = timer;
}

static void note_and_set_again(struct llmgw__timer *timer, void *userdata)
{
    struct record *record = userdata;

    note(timer, userdata);
    assert_int_equal(llmgw__timer_set(&record->timers, timer, record->again_ns),
                     LLMGW_OK);
}

static void note_and_cancel_other(struct llmgw__timer *timer, void *userdata)
{
    struct record *record = userdata;

    note(timer, userdata);
    llmgw__timer_cancel(&record->timers, record->other);
}

static void note_and_move_other(struct llmgw__timer *timer, void *userdata)
{
    struct record *record = userdata;

    note(timer, userdata);
    llmgw__timer_set(&record->timers, record->other, record->again_ns);
}

static void note_and_free(struct llmgw__timer *timer, void *userdata)
{
    note(timer, userdata);
    free(timer);
}

static void record_init(struct record *record)
{
    memset(record, 0, sizeof *record);
    llmgw__timers_init(&record->timers);
}

static void timer_init(struct llmgw__timer *timer, struct record *record,
                       void (*fire)(struct llmgw__timer *timer, void *userdata))
{
    memset(timer, 0, sizeof *timer);
    timer->fire = fire;
    timer->userdata = record;
}

static void without_timers_nothing_is_due(void **state)
{
    struct record record;

    (void)state;
    record_init(&record);
    assert_true(llmgw__timers_next(&record.timers) == UINT64_MAX);
    llmgw__timers_run(&record.timers, UINT64_MAX);
    llmgw__timers_clear(&record.timers);
}

static void timers_fire_when_due_and_once(void **state)
{
    struct record record;
    struct llmgw__timer timer;

    (void)state;
    record_init(&record);
    timer_init(&timer, &record, note);
    assert_false(llmgw__timer_is_set(&timer));
    assert_int_equal(llmgw__timer_set(&record.timers, &timer, 100), LLMGW_OK);
    assert_true(llmgw__timer_is_set(&timer));
    assert_int_equal(llmgw__timers_next(&record.timers), 100);
    llmgw__timers_run(&record.timers, 99);
    assert_int_equal(record.count, 0);
    llmgw__timers_run(&record.timers, 100);
    assert_int_equal(record.count, 1);
    llmgw__timers_run(&record.timers, 200);
    assert_int_equal(record.count, 1);
    llmgw__timers_clear(&record.timers);
}

static void a_timer_can_be_moved_and_cancelled(void **state)
{
    struct record record;
    struct llmgw__timer a;
    struct llmgw__timer b;

    (void)state;
    record_init(&record);
    timer_init(&a, &record, note);
    timer_init(&b, &record, note);
    llmgw__timer_cancel(&record.timers, &a); /* not set: nothing happens */
    llmgw__timer_set(&record.timers, &a, 10);
    llmgw__timer_set(&record.timers, &b, 20);
    llmgw__timer_set(&record.timers, &a, 30);
    assert_int_equal(record.timers.count, 2);
    assert_int_equal(llmgw__timers_next(&record.timers), 20);
    llmgw__timer_cancel(&record.timers, &b);
    assert_false(llmgw__timer_is_set(&b));
    llmgw__timers_run(&record.timers, 50);
    assert_int_equal(record.count, 1);
    assert_ptr_equal(record.fired[0], &a);
    llmgw__timers_clear(&record.timers);
}

static void set_again_in_the_past_waits_for_the_next_run(void **state)
{
    struct record record;
    struct llmgw__timer again;
    struct llmgw__timer plain;

    (void)state;
    record_init(&record);
    timer_init(&again, &record, note_and_set_again);
    timer_init(&plain, &record, note);
    llmgw__timer_set(&record.timers, &again, 5);
    llmgw__timer_set(&record.timers, &plain, 7);
    record.again_ns = 1; /* earlier than all: must not starve the other */
    llmgw__timers_run(&record.timers, 10);
    assert_int_equal(record.count, 2);
    assert_ptr_equal(record.fired[0], &again);
    assert_ptr_equal(record.fired[1], &plain);
    assert_true(llmgw__timer_is_set(&again));
    assert_int_equal(llmgw__timers_next(&record.timers), 1);
    llmgw__timers_run(&record.timers, 10);
    assert_int_equal(record.count, 3);
    llmgw__timers_clear(&record.timers);
    assert_false(llmgw__timer_is_set(&again));
}

static void a_callback_may_cancel_one_that_is_due(void **state)
{
    struct record record;
    struct llmgw__timer first;
    struct llmgw__timer second;
    struct llmgw__timer third;

    (void)state;
    record_init(&record);
    timer_init(&first, &record, note_and_cancel_other);
    timer_init(&second, &record, note);
    timer_init(&third, &record, note);
    record.other = &second;
    llmgw__timer_set(&record.timers, &third, 3);
    llmgw__timer_set(&record.timers, &second, 2);
    llmgw__timer_set(&record.timers, &first, 1);
    llmgw__timers_run(&record.timers, 10);
    assert_int_equal(record.count, 2);
    assert_ptr_equal(record.fired[1], &third);
    llmgw__timers_clear(&record.timers);
}

static void a_callback_may_move_one_that_is_due(void **state)
{
    struct record record;
    struct llmgw__timer first;
    struct llmgw__timer second;

    (void)state;
    record_init(&record);
    timer_init(&first, &record, note_and_move_other);
    timer_init(&second, &record, note);
    record.other = &second;
    record.again_ns = 50;
    llmgw__timer_set(&record.timers, &second, 2);
    llmgw__timer_set(&record.timers, &first, 1);
    llmgw__timers_run(&record.timers, 10);
    assert_int_equal(record.count, 1);
    assert_int_equal(llmgw__timers_next(&record.timers), 50);
    llmgw__timers_run(&record.timers, 50);
    assert_int_equal(record.count, 2);
    llmgw__timers_clear(&record.timers);
}

static void a_callback_may_free_its_timer(void **state)
{
    struct record record;

    (void)state;
    record_init(&record);
    for (uint64_t each = 0; each < 20; each++) {
        struct llmgw__timer *timer = malloc(sizeof *timer);

        assert_non_null(timer);
        timer_init(timer, &record, note_and_free);
        assert_int_equal(llmgw__timer_set(&record.timers, timer, each * 7 % 20),
                         LLMGW_OK);
    }
    llmgw__timers_run(&record.timers, 20);
    assert_int_equal(record.count, 20);
    llmgw__timers_clear(&record.timers);
}

/* Knuth's generator: the same numbers in every run. */
static uint32_t next_random(uint64_t *seed)
{
    *seed =
        *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*seed >> 33);
}

static uint64_t earliest(const uint64_t *due)
{
    uint64_t least = UINT64_MAX;

    for (size_t at = 0; at < COUNT; at++)
        if (due[at] < least)
            least = due[at];
    return least;
}

/* Runs and compares with the model: `due`, UINT64_MAX where not set. */
static void run_both(struct record *record, const struct llmgw__timer *all,
                     uint64_t *due, uint64_t now_ns)
{
    uint64_t last = 0;
    size_t want = 0;

    for (size_t at = 0; at < COUNT; at++)
        want += due[at] <= now_ns;
    record->count = 0;
    llmgw__timers_run(&record->timers, now_ns);
    assert_int_equal(record->count, want);
    for (size_t at = 0; at < record->count; at++) {
        size_t which = (size_t)(record->fired[at] - all);

        assert_true(due[which] <= now_ns); /* and not twice: see below */
        assert_true(due[which] >= last);
        last = due[which];
        due[which] = UINT64_MAX;
    }
}

static void the_heap_agrees_with_a_list_over_many_steps(void **state)
{
    struct record record;
    struct llmgw__timer all[COUNT];
    uint64_t due[COUNT];
    uint64_t seed = 20240501;
    uint64_t now_ns = 0;

    (void)state;
    record_init(&record);
    for (size_t at = 0; at < COUNT; at++) {
        timer_init(&all[at], &record, note);
        due[at] = UINT64_MAX;
    }
    for (int step = 0; step < 30000; step++) {
        size_t which = next_random(&seed) % COUNT;
        uint32_t action = next_random(&seed) % 16;

        if (action < 10) {
            due[which] = now_ns + next_random(&seed) % 500;
            llmgw__timer_set(&record.timers, &all[which], due[which]);
        } else if (action < 14) {
            due[which] = UINT64_MAX;
            llmgw__timer_cancel(&record.timers, &all[which]);
        } else {
            now_ns += next_random(&seed) % 60;
            run_both(&record, all, due, now_ns);
        }
        assert_true(llmgw__timers_next(&record.timers) == earliest(due));
        assert_int_equal(llmgw__timer_is_set(&all[which]),
                         due[which] != UINT64_MAX);
    }
    llmgw__timers_clear(&record.timers);
}

static void timers_survive_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct record record;
        struct llmgw__timer all[40];
        size_t set = 0;

        record_init(&record);
        status = LLMGW_OK;
        fail_allocation(nth);
        for (; set < 40 && status == LLMGW_OK; set++) {
            timer_init(&all[set], &record, note);
            status = llmgw__timer_set(&record.timers, &all[set], 100 - set);
            assert_int_equal(llmgw__timer_is_set(&all[set]),
                             status == LLMGW_OK);
        }
        allow_allocations();
        llmgw__timers_run(&record.timers, 100);
        assert_int_equal(record.count, status == LLMGW_OK ? set : set - 1);
        llmgw__timers_clear(&record.timers);
    }
    assert_int_equal(status, LLMGW_OK);
}

static void moving_a_timer_allocates_nothing(void **state)
{
    struct record record;
    struct llmgw__timer timer;
    size_t before;

    (void)state;
    record_init(&record);
    timer_init(&timer, &record, note);
    llmgw__timer_set(&record.timers, &timer, 1);
    before = allocation_count();
    for (uint64_t due = 2; due < 100; due++)
        llmgw__timer_set(&record.timers, &timer, due);
    assert_int_equal(allocation_count(), before);
    llmgw__timers_clear(&record.timers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_timers_nothing_is_due),
        cmocka_unit_test(timers_fire_when_due_and_once),
        cmocka_unit_test(a_timer_can_be_moved_and_cancelled),
        cmocka_unit_test(set_again_in_the_past_waits_for_the_next_run),
        cmocka_unit_test(a_callback_may_cancel_one_that_is_due),
        cmocka_unit_test(a_callback_may_move_one_that_is_due),
        cmocka_unit_test(a_callback_may_free_its_timer),
        cmocka_unit_test(the_heap_agrees_with_a_list_over_many_steps),
        cmocka_unit_test(timers_survive_every_failed_allocation),
        cmocka_unit_test(moving_a_timer_allocates_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
