/* Clocks: what can be said of them without asserting a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void the_monotonic_clock_never_goes_back(void **state)
{
    uint64_t last = llmgw__clock_monotonic();
    uint64_t first = last;

    (void)state;
    for (int each = 0; each < 100000; each++) {
        uint64_t now = llmgw__clock_monotonic();

        assert_true(now >= last);
        last = now;
    }
    assert_true(last > first);
}

/* By a day: the epoch and the unit are meant, not the time. */
static void the_wall_clock_counts_nanoseconds_since_1970(void **state)
{
    int64_t wall = llmgw__clock_wall() / (int64_t)LLMGW__SECOND;
    int64_t system = (int64_t)time(NULL);

    (void)state;
    assert_true(wall > system - 86400);
    assert_true(wall < system + 86400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_monotonic_clock_never_goes_back),
        cmocka_unit_test(the_wall_clock_counts_nanoseconds_since_1970),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
