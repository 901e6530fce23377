/* Calls that are asked of somebody else: a share, whole conversations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/clock.h"
#include "route/venture.h"
#include "support/alloc.h"

#define START  (1000 * LLMGW__SECOND)
#define TARGET 77

static struct llmgw__ventures ventures;

static int set_up(void **state)
{
    (void)state;
    return llmgw__ventures_init(&ventures);
}

static int tear_down(void **state)
{
    (void)state;
    llmgw__ventures_clear(&ventures);
    return 0;
}

static uint64_t call(uint64_t stick, uint64_t now_ns)
{
    return llmgw__venture_call(&ventures, "r", stick, now_ns);
}

static bool go(uint64_t stick, unsigned share_pm)
{
    return llmgw__venture_go(&ventures, "r", stick, TARGET, share_pm, START);
}

static void a_share_of_the_calls_goes_elsewhere(void **state)
{
    int gone = 0;

    (void)state;
    for (uint64_t i = 1; i <= 10000; i++) {
        (void)call(0, START);
        gone += go(0, 20);
    }
    assert_in_range(gone, 200, 221); /* a few more at first */
}

static void nobody_goes_where_the_share_is_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < 100; i++) {
        (void)call(0, START);
        assert_false(go(0, 0));
    }
}

static void a_route_that_was_not_asked_has_no_share(void **state)
{
    (void)state;
    assert_false(go(1, 500));
}

static void a_conversation_stays_for_some_calls(void **state)
{
    int stayed = 0;

    (void)state;
    assert_int_equal(call(5, START), 0);
    assert_true(go(5, 20));
    while (call(5, START) == TARGET) {
        assert_true(go(5, 20)); /* whatever the share is */
        stayed++;
    }
    assert_int_equal(stayed, 10);
    assert_int_equal(call(6, START), 0); /* another one */
    assert_int_equal(llmgw__venture_call(&ventures, "s", 5, START), 0);
}

static void a_conversation_that_rested_is_forgotten(void **state)
{
    (void)state;
    (void)call(5, START);
    assert_true(go(5, 20));
    assert_int_equal(call(5, START + 899 * LLMGW__SECOND), TARGET);
    assert_int_equal(call(5, START + 1798 * LLMGW__SECOND), TARGET);
    assert_int_equal(call(5, START + 2699 * LLMGW__SECOND), 0);
}

static void what_has_gone_weighs_until_it_is_within_the_share(void **state)
{
    int calls = 0;

    (void)state;
    for (uint64_t stick = 1; stick <= 30; stick++) {
        (void)call(stick, START);
        while (call(stick, START))
            (void)go(stick, 20);
        (void)go(stick, 20);
    }
    while (!go(100, 20)) {
        (void)call(100, START);
        calls++;
        assert_true(calls < 5000);
    }
    assert_true(calls > 20);
}

static void no_memory_is_nobody_going(void **state)
{
    bool failed = true;
    int nth;

    (void)state;
    for (nth = 0; failed; nth++) {
        fail_allocation(nth);
        assert_int_equal(call(5, START), 0);
        failed = allow_allocations();
        assert_int_equal(go(5, 20), !failed);
        llmgw__ventures_clear(&ventures);
        assert_int_equal(llmgw__ventures_init(&ventures), LLMGW_OK);
    }
    assert_true(nth > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_share_of_the_calls_goes_elsewhere,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(nobody_goes_where_the_share_is_nothing,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_route_that_was_not_asked_has_no_share,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_conversation_stays_for_some_calls,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_conversation_that_rested_is_forgotten,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            what_has_gone_weighs_until_it_is_within_the_share, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(no_memory_is_nobody_going, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
