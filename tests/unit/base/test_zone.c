/*
 * Time zones: files of our own, and those of the system where it has any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/text.h"
#include "base/zone.h"
#include "base/zone_file.h"
#include "support/alloc.h"

#define HOUR 3600
#define DAY  86400

/** Seconds since 1970 of a date and hour in UTC. */
static int64_t utc(int64_t year, int month, int day, int hour)
{
    return llmgw__days_of(year, month, day) * DAY + hour * HOUR;
}

/* --- files of our own --- */

struct file {
    unsigned char bytes[512];
    size_t len;
};

static void put(struct file *file, int64_t value, int width)
{
    for (int i = width - 1; i >= 0; i--)
        file->bytes[file->len++] =
            (unsigned char)((uint64_t)value >> (8 * i) & 0xff);
}

static void put_text(struct file *file, const char *text, size_t len)
{
    memcpy(file->bytes + file->len, text, len);
    file->len += len;
}

/** A block with two changes: to +2 h, and back to +1 h. */
static void put_block(struct file *file, char version, int width)
{
    static const int64_t at[] = {1000000, 2000000};

    put_text(file, "TZif", 4);
    put(file, version, 1);
    put_text(file, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15);
    put(file, 0, 4); /* isut */
    put(file, 0, 4); /* isstd */
    put(file, 0, 4); /* leap seconds */
    put(file, 2, 4); /* changes */
    put(file, 2, 4); /* types */
    put(file, 8, 4); /* bytes of names */
    for (int i = 0; i < 2; i++)
        put(file, at[i], width);
    put(file, 1, 1);
    put(file, 0, 1);
    put(file, 1 * HOUR, 4), put(file, 0, 1), put(file, 0, 1);
    put(file, 2 * HOUR, 4), put(file, 1, 1), put(file, 4, 1);
    put_text(file, "AAA\0BBB\0", 8);
}

static struct file make_file(char version, const char *footer)
{
    struct file file = {.len = 0};

    put_block(&file, version, 4);
    if (version) {
        put_block(&file, version, 8);
        put_text(&file, footer, strlen(footer));
    }
    return file;
}

static llmgw_status parse(const unsigned char *bytes, size_t len,
                          struct llmgw__arena *arena, struct llmgw__zone *out)
{
    memset(out, 0, sizeof *out);
    return llmgw__zone_parse(llmgw__str_n((const char *)bytes, len), arena,
                             out);
}

static void both_versions_of_a_file_are_read(void **state)
{
    static const char versions[] = {'\0', '2', '3'};

    (void)state;
    for (size_t i = 0; i < sizeof versions; i++) {
        struct file file = make_file(versions[i], "\nAAA-1\n");
        struct llmgw__arena arena;
        struct llmgw__zone zone;

        llmgw__arena_init(&arena, 0, 0);
        assert_int_equal(parse(file.bytes, file.len, &arena, &zone), LLMGW_OK);
        assert_int_equal(llmgw__zone_offset(&zone, 0), HOUR);
        assert_int_equal(llmgw__zone_offset(&zone, 999999), HOUR);
        assert_int_equal(llmgw__zone_offset(&zone, 1000000), 2 * HOUR);
        assert_int_equal(llmgw__zone_offset(&zone, 1999999), 2 * HOUR);
        assert_int_equal(llmgw__zone_offset(&zone, 2000000), HOUR);
        assert_int_equal(llmgw__zone_offset(&zone, 4000000000), HOUR);
        llmgw__arena_clear(&arena);
    }
}

static void a_file_cut_anywhere_is_refused_or_read(void **state)
{
    struct file file = make_file('2', "\nAAA-1BBB,M3.5.0,M10.5.0/3\n");

    (void)state;
    for (size_t len = 0; len <= file.len; len++) {
        unsigned char *copy = malloc(len + 1);
        struct llmgw__arena arena;
        struct llmgw__zone zone;
        llmgw_status status;

        assert_non_null(copy);
        memcpy(copy, file.bytes, len);
        llmgw__arena_init(&arena, 0, 0);
        status = parse(copy, len, &arena, &zone);
        assert_true(status == LLMGW_OK || status == LLMGW_E_INVALID);
        if (len < 150)
            assert_int_equal(status, LLMGW_E_INVALID);
        if (len == file.len)
            assert_int_equal(status, LLMGW_OK);
        llmgw__arena_clear(&arena);
        free(copy);
    }
}

static void every_changed_byte_is_survived(void **state)
{
    struct file file = make_file('2', "\nAAA-1BBB,M3.5.0,M10.5.0/3\n");

    (void)state;
    for (size_t at = 0; at < file.len; at++)
        for (int value = 0; value < 256; value += 51) {
            struct file other = file;
            struct llmgw__arena arena;
            struct llmgw__zone zone;

            other.bytes[at] = (unsigned char)value;
            llmgw__arena_init(&arena, 0, 0);
            if (parse(other.bytes, other.len, &arena, &zone) == LLMGW_OK) {
                int64_t begin_s, next_s;

                llmgw__zone_span(&zone, LLMGW__SPAN_DAY, 1790000000, &begin_s,
                                 &next_s);
            }
            llmgw__arena_clear(&arena);
        }
}

/* --- rules --- */

static void rules_are_read_or_refused(void **state)
{
    static const struct {
        const char *text;
        int good, standard_s, summer_s;
    } rows[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1, HOUR, 2 * HOUR},
        {"EST5EDT,M3.2.0,M11.1.0", 1, -5 * HOUR, -4 * HOUR},
        {"<+0530>-5:30", 1, 19800, 0},
        {"<-03>3", 1, -3 * HOUR, 0},
        {"IST-2IDT,M3.4.4/26,M10.5.0", 1, 2 * HOUR, 3 * HOUR},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1, -2 * HOUR, -HOUR},
        {"AAA-1BBB,J60,J300/1:30:15", 1, HOUR, 2 * HOUR},
        {"AAA-1BBB,0,365", 1, HOUR, 2 * HOUR},
        {"", 0, 0, 0},
        {"CET", 0, 0, 0},
        {"<+05-5", 0, 0, 0},
        {"CET-1CEST,M13.5.0,M10.5.0", 0, 0, 0},
        {"CET-1CEST,M3.6.0,M10.5.0", 0, 0, 0},
        {"CET-1CEST,M3.5.7,M10.5.0", 0, 0, 0},
        {"CET-1CEST,M3.5.0", 0, 0, 0},
        {"CET-1CEST,J0,J300", 0, 0, 0},
        {"CET-1 ", 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__zone_rule rule;

        memset(&rule, 0, sizeof rule);
        if (llmgw__zone_rule_parse(llmgw__str(rows[i].text), &rule) !=
            (rows[i].good != 0))
            fail_msg("%s", rows[i].text);
        if (!rows[i].good)
            continue;
        assert_int_equal(rule.standard_s, rows[i].standard_s);
        if (rule.has_summer)
            assert_int_equal(rule.summer_s, rows[i].summer_s);
        assert_int_equal(rule.has_summer, rows[i].summer_s != 0);
    }
}

/* --- zones --- */

static const struct llmgw__zone *zone_of(const char *name,
                                         struct llmgw__arena *arena)
{
    const struct llmgw__zone *zone = NULL;

    if (llmgw__zone_make(name, arena, &zone) != LLMGW_OK) {
        print_message("the system has no %s\n", name);
        llmgw__arena_clear(arena);
        skip();
    }
    return zone;
}

static void offsets_and_utc_need_no_file(void **state)
{
    const struct llmgw__zone *zone;
    struct llmgw__arena arena;
    int64_t begin_s, next_s;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(llmgw__zone_make("UTC", &arena, &zone), LLMGW_OK);
    assert_null(zone);
    assert_int_equal(llmgw__zone_make("-09:30", &arena, &zone), LLMGW_OK);
    assert_int_equal(llmgw__zone_offset(zone, 0), -34200);
    llmgw__zone_span(zone, LLMGW__SPAN_DAY, 0, &begin_s, &next_s);
    assert_int_equal(begin_s, -DAY + 34200);
    assert_int_equal(next_s, 34200);
    llmgw__zone_span(NULL, LLMGW__SPAN_WEEK, utc(2026, 11, 23, 12), &begin_s,
                     &next_s);
    assert_int_equal(begin_s, utc(2026, 11, 23, 0));
    assert_int_equal(next_s, utc(2026, 11, 30, 0));
    llmgw__zone_span(NULL, LLMGW__SPAN_MONTH, utc(2028, 2, 29, 12), &begin_s,
                     &next_s);
    assert_int_equal(begin_s, utc(2028, 2, 1, 0));
    assert_int_equal(next_s, utc(2028, 3, 1, 0));
    llmgw__arena_clear(&arena);
}

static void names_that_leave_the_folder_are_refused(void **state)
{
    static const char *const names[] = {
        "",       "/etc/passwd",   "../passwd", "Europe/../../passwd",
        "+25:00", "+2:00",         "No/Such",   "a b",
        "+00:60", "Europe\nBerlin"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct llmgw__zone *zone;
        struct llmgw__arena arena;

        llmgw__arena_init(&arena, 0, 0);
        assert_int_equal(llmgw__zone_make(names[i], &arena, &zone),
                         LLMGW_E_INVALID);
        llmgw__arena_clear(&arena);
    }
}

static void days_of_berlin_have_23_to_25_hours(void **state)
{
    const struct llmgw__zone *zone;
    struct llmgw__arena arena;
    int64_t begin_s, next_s;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    zone = zone_of("Europe/Berlin", &arena);
    llmgw__zone_span(zone, LLMGW__SPAN_DAY, utc(2026, 3, 29, 12), &begin_s,
                     &next_s);
    assert_int_equal(begin_s, utc(2026, 3, 28, 23));
    assert_int_equal(next_s - begin_s, 23 * HOUR);
    llmgw__zone_span(zone, LLMGW__SPAN_DAY, utc(2026, 10, 25, 12), &begin_s,
                     &next_s);
    assert_int_equal(begin_s, utc(2026, 10, 24, 22));
    assert_int_equal(next_s - begin_s, 25 * HOUR);
    /* beyond what the file lists */
    llmgw__zone_span(zone, LLMGW__SPAN_MONTH, utc(2100, 10, 31, 12), &begin_s,
                     &next_s);
    assert_int_equal(next_s - begin_s, 31 * DAY + HOUR);
    llmgw__arena_clear(&arena);
}

static void a_day_begins_with_the_first_second_that_exists(void **state)
{
    const struct llmgw__zone *zone;
    struct llmgw__arena arena;
    int64_t begin_s, next_s;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    zone = zone_of("America/Sao_Paulo", &arena);
    /* on 2018-11-04 the clock went from 00:00 to 01:00 */
    llmgw__zone_span(zone, LLMGW__SPAN_DAY, utc(2018, 11, 4, 12), &begin_s,
                     &next_s);
    assert_int_equal(begin_s, utc(2018, 11, 4, 3));
    assert_int_equal(next_s - begin_s, 23 * HOUR);
    llmgw__arena_clear(&arena);
}

static void a_day_that_was_left_out_has_no_second(void **state)
{
    const struct llmgw__zone *zone;
    struct llmgw__arena arena;
    struct llmgw__local local;
    int64_t begin_s, next_s;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    zone = zone_of("Pacific/Apia", &arena);
    /* there was no 2011-12-30: -10:00 became +14:00 */
    llmgw__zone_span(zone, LLMGW__SPAN_DAY, utc(2011, 12, 30, 9), &begin_s,
                     &next_s);
    assert_int_equal(next_s, utc(2011, 12, 30, 10));
    llmgw__zone_local(zone, next_s, &local);
    assert_int_equal(local.day, 31);
    llmgw__zone_span(zone, LLMGW__SPAN_DAY, next_s, &begin_s, &next_s);
    assert_int_equal(begin_s, utc(2011, 12, 30, 10));
    assert_int_equal(next_s - begin_s, DAY);
    llmgw__arena_clear(&arena);
}

static void spans_join_without_gaps(void **state)
{
    static const char *const names[] = {
        "+00:00",           "Europe/Berlin",
        "Asia/Kolkata",     "America/Sao_Paulo",
        "America/New_York", "Australia/Lord_Howe"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct llmgw__zone *zone;
        struct llmgw__arena arena;

        llmgw__arena_init(&arena, 0, 0);
        if (llmgw__zone_make(names[i], &arena, &zone) == LLMGW_OK)
            for (int span = LLMGW__SPAN_DAY; span <= LLMGW__SPAN_MONTH; span++)
                for (int64_t at = utc(2016, 1, 1, 0);
                     at < utc(2030, 1, 1, 0);) {
                    int64_t begin_s, next_s, again_s, after_s;

                    llmgw__zone_span(zone, (enum llmgw__span)span, at, &begin_s,
                                     &next_s);
                    assert_true(begin_s <= at && at < next_s);
                    llmgw__zone_span(zone, (enum llmgw__span)span, next_s - 1,
                                     &again_s, &after_s);
                    assert_int_equal(again_s, begin_s);
                    assert_int_equal(after_s, next_s);
                    at = next_s;
                }
        llmgw__arena_clear(&arena);
    }
}

static void a_copy_outlives_what_it_is_of(void **state)
{
    struct file file = make_file('2', "\nAAA-1\n");
    struct llmgw__arena arena;
    struct llmgw__zone zone, *copy;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(parse(file.bytes, file.len, &arena, &zone), LLMGW_OK);
    fail_allocation(0);
    assert_null(llmgw__zone_copy(&zone));
    allow_allocations();
    copy = llmgw__zone_copy(&zone);
    llmgw__arena_clear(&arena);
    assert_int_equal(llmgw__zone_offset(copy, 1500000), 2 * HOUR);
    assert_int_equal(llmgw__zone_offset(copy, 0), HOUR);
    llmgw__free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_versions_of_a_file_are_read),
        cmocka_unit_test(a_file_cut_anywhere_is_refused_or_read),
        cmocka_unit_test(every_changed_byte_is_survived),
        cmocka_unit_test(rules_are_read_or_refused),
        cmocka_unit_test(offsets_and_utc_need_no_file),
        cmocka_unit_test(names_that_leave_the_folder_are_refused),
        cmocka_unit_test(days_of_berlin_have_23_to_25_hours),
        cmocka_unit_test(a_day_begins_with_the_first_second_that_exists),
        cmocka_unit_test(a_day_that_was_left_out_has_no_second),
        cmocka_unit_test(spans_join_without_gaps),
        cmocka_unit_test(a_copy_outlives_what_it_is_of),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
