/* Dates of HTTP and RFC 3339. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static int64_t parse(const char *text)
{
    return llmgw__date_parse(text, strlen(text));
}

static void every_form_means_the_same_second(void **state)
{
    static const char *const same[] = {
        /* the three of RFC 9110 */
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        /* RFC 3339 */
        "1994-11-06T08:49:37Z",
        "1994-11-06t08:49:37z",
        "1994-11-06 08:49:37Z",
        "1994-11-06T08:49:37+00:00",
        "1994-11-06T08:49:37-00:00",
        "1994-11-06T10:19:37+01:30",
        "1994-11-05T20:49:37-12:00",
        "1994-11-06T08:49:37.0Z",
        "1994-11-06T08:49:37.999999999Z",
        "1994-11-06T09:49:37.25+01:00",
        /* around it */
        "  Sun, 06 Nov 1994 08:49:37 GMT\r\n",
    };

    (void)state;
    for (size_t at = 0; at < sizeof same / sizeof same[0]; at++)
        if (parse(same[at]) != 784111777)
            fail_msg("%s", same[at]);
}

static void known_seconds_are_met(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } known[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"1970-01-01T00:00:00+00:01", -60},
        {"1969-12-31T23:59:59Z", -1},
        {"2000-02-29T12:00:00Z", 951825600},
        {"2000-03-01T00:00:00Z", 951868800},
        {"2038-01-19T03:14:08Z", INT64_C(2147483648)},
        {"9999-12-31T23:59:59Z", INT64_C(253402300799)},
        {"1900-03-01T00:00:00Z", INT64_C(-2203891200)},
        {"0000-01-01T00:00:00Z", INT64_C(-62167219200)},
        {"0001-01-01T00:00:00Z", INT64_C(-62135596800)},
        {"1990-12-31T23:59:60Z", 662688000}, /* RFC 3339, 5.8 */
        {"1990-12-31T15:59:60-08:00", 662688000},
        {"1996-12-19T16:39:57-08:00", 851042397},
        {"1937-01-01T12:00:27.87+00:20", INT64_C(-1041337173)},
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Friday, 31-Dec-99 23:59:59 GMT", 946684799},
        {"Saturday, 01-Jan-00 00:00:00 GMT", 946684800},
        {"Wednesday, 01-Jan-69 00:00:00 GMT", INT64_C(3124224000)},
        {"Thursday, 01-Jan-70 00:00:00 GMT", 0},
        {"Thu Jan 11 00:00:00 2024", 1704931200},
    };

    (void)state;
    for (size_t at = 0; at < sizeof known / sizeof known[0]; at++)
        if (parse(known[at].text) != known[at].seconds)
            fail_msg("%s: %lld", known[at].text,
                     (long long)parse(known[at].text));
}

static void what_is_no_date_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "30",
        "GMT",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC+1",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun 06 Nov 1994 08:49:37 GMT",
        "Xyz, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nob 1994 08:49:37 GMT",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Sun, 29 Feb 2023 00:00:00 GMT",
        "Sun, 29 Feb 1900 00:00:00 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "1994-13-06T08:49:37Z",
        "1994-00-06T08:49:37Z",
        "1994-11-06T08:49:37",
        "1994-11-06T08:49Z",
        "1994-11-06",
        "94-11-06T08:49:37Z",
        "1994-11-06T08:49:37.Z",
        "1994-11-06T08:49:37,5Z",
        "1994-11-06T08:49:37+0100",
        "1994-11-06T08:49:37+24:00",
        "1994-11-06T08:49:37+01:60",
        "1994-11-06T08:49:37 Z",
        "1994-11-06_08:49:37Z",
        "19a4-11-06T08:49:37Z",
        "-994-11-06T08:49:37Z",
    };

    (void)state;
    for (size_t at = 0; at < sizeof bad / sizeof bad[0]; at++)
        if (parse(bad[at]) != INT64_MIN)
            fail_msg("%s", bad[at]);
    assert_true(llmgw__date_parse(NULL, 0) == INT64_MIN);
    assert_true(llmgw__date_parse("1994-11-06\0 8:49:37Z", 20) == INT64_MIN);
}

/* Each prefix in memory of its exact size: a read past the end is seen. */
static void a_date_cut_short_is_no_date(void **state)
{
    static const char *const whole[] = {
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.5+01:00"};

    (void)state;
    for (size_t at = 0; at < sizeof whole / sizeof whole[0]; at++)
        for (size_t len = 0; len < strlen(whole[at]); len++) {
            char *copy = malloc(len ? len : 1);

            assert_non_null(copy);
            memcpy(copy, whole[at], len);
            assert_true(llmgw__date_parse(copy, len) == INT64_MIN);
            free(copy);
        }
}

static void every_day_of_800_years_follows_the_one_before(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    int64_t want = INT64_C(-11676096000); /* 1600-01-01 */
    char text[32];

    (void)state;
    for (int year = 1600; year < 2400; year++)
        for (int month = 1; month <= 12; month++) {
            int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            int count = lengths[month - 1] + (month == 2 && leap);

            for (int day = 1; day <= count; day++, want += 86400) {
                snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", year,
                         month, day);
                if (parse(text) != want)
                    fail_msg("%s", text);
            }
        }
}

static void a_moment_is_written_in_basic_form(void **state)
{
    static const struct {
        int64_t seconds;
        const char *text;
    } cases[] = {
        {0, "19700101T000000Z"},
        {-1, "19691231T235959Z"},
        {951782399, "20000228T235959Z"},
        {951782400, "20000229T000000Z"},
        {951868800, "20000301T000000Z"},
        {1440938160, "20150830T123600Z"},
        {4107542400, "21000301T000000Z"},
        {INT64_C(253402300799), "99991231T235959Z"},
        {INT64_MAX, "99991231T235959Z"},
        {INT64_MIN, "00000101T000000Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[17];

        llmgw__date_basic(cases[i].seconds, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_means_the_same_second),
        cmocka_unit_test(known_seconds_are_met),
        cmocka_unit_test(what_is_no_date_is_refused),
        cmocka_unit_test(a_date_cut_short_is_no_date),
        cmocka_unit_test(every_day_of_800_years_follows_the_one_before),
        cmocka_unit_test(a_moment_is_written_in_basic_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
