/* Windows of budgets: what counts now, and when there is room again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "account/window.h"

#define SECOND INT64_C(1000000000)
#define NOON   INT64_C(1795435200) /* Monday 2026-11-23 12:00 UTC */

static void a_calendar_window_is_one_bucket(void **state)
{
    static const struct {
        enum llmgw__span span;
        int64_t begin_s, next_s;
    } rows[] = {
        {LLMGW__SPAN_HOUR, NOON, NOON + 3600},
        {LLMGW__SPAN_DAY, NOON - 43200, NOON + 43200},
        {LLMGW__SPAN_WEEK, NOON - 43200, NOON + 43200 + 6 * 86400},
        {LLMGW__SPAN_MONTH, NOON - 43200 - 22 * 86400,
         NOON + 43200 + 7 * 86400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct llmgw__budget_rule rule = {.span = (uint8_t)rows[i].span};
        struct llmgw__window window;

        llmgw__window_at(&rule, NOON * SECOND, &window);
        assert_int_equal(window.from_s, rows[i].begin_s);
        assert_int_equal(window.bucket_s, rows[i].begin_s);
        assert_int_equal(window.next_s, rows[i].next_s);
        assert_int_equal(llmgw__window_reset(&rule, &window, 0),
                         rows[i].next_s);
        llmgw__window_at(&rule, rows[i].next_s * SECOND - 1, &window);
        assert_int_equal(window.bucket_s, rows[i].begin_s);
        llmgw__window_at(&rule, rows[i].next_s * SECOND, &window);
        assert_int_equal(window.bucket_s, rows[i].next_s);
    }
}

static void what_was_counted_counts_for_all_of_a_rolling_window(void **state)
{
    static const uint32_t lengths_s[] = {60, 61, 90, 3600, 86400, 31536000};

    (void)state;
    for (size_t i = 0; i < sizeof lengths_s / sizeof *lengths_s; i++) {
        const struct llmgw__budget_rule rule = {.rolling_s = lengths_s[i]};

        for (int64_t at_s = NOON; at_s < NOON + 200; at_s++) {
            struct llmgw__window then, later;
            int64_t reset_s;

            llmgw__window_at(&rule, at_s * SECOND, &then);
            assert_true(then.bucket_s <= at_s && at_s < then.next_s);
            llmgw__window_at(&rule, (at_s + lengths_s[i]) * SECOND - 1, &later);
            assert_true(then.bucket_s >= later.from_s);
            /* and not any more when it is said to be over */
            reset_s = llmgw__window_reset(&rule, &later, then.bucket_s);
            assert_true(reset_s >= at_s + lengths_s[i]);
            assert_true(reset_s <=
                        at_s + lengths_s[i] + 2 * (lengths_s[i] / 60 + 1));
            llmgw__window_at(&rule, reset_s * SECOND, &later);
            assert_true(then.bucket_s < later.from_s);
        }
    }
}

static void times_before_1970_have_windows_too(void **state)
{
    const struct llmgw__budget_rule rolling = {.rolling_s = 3600};
    const struct llmgw__budget_rule day = {.span = LLMGW__SPAN_DAY};
    struct llmgw__window window;

    (void)state;
    llmgw__window_at(&rolling, -SECOND, &window);
    assert_int_equal(window.bucket_s, -60);
    llmgw__window_at(&day, -1, &window);
    assert_int_equal(window.bucket_s, -86400);
    assert_int_equal(window.next_s, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_calendar_window_is_one_bucket),
        cmocka_unit_test(what_was_counted_counts_for_all_of_a_rolling_window),
        cmocka_unit_test(times_before_1970_have_windows_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
