/*
 * base/date.c - dates as text to seconds since 1970, without the C library's
 * calendar (which reads the host's time zone and locale).
 *
 * Source: RFC 9110, 5.6.7 (HTTP-date); RFC 3339, 5.6.
 */
#include <stdbool.h>
#include <string.h>

#include "clock.h"
#include "text.h"

#define DAY_SECONDS 86400

struct date {
    int year;
    int month; /* 1..12 */
    int day;
    int hour;
    int minute;
    int second;         /* 60: a leap second */
    int offset_minutes; /* east of UTC */
};

/*
 * %a %A  name of the day, short and long    %b  short name of the month
 * %d %e  day, two digits / padded by space  %m  month in digits
 * %Y %y  year, four and two digits          %H %M %S  time
 * %T     T, t or a space                    %f  fraction, may be missing
 * %z     Z, z or +hh:mm
 */
static const char *const date_forms[] = {
    "%a, %d %b %Y %H:%M:%S GMT", /* Sun, 06 Nov 1994 08:49:37 GMT */
    "%A, %d-%b-%y %H:%M:%S GMT", /* Sunday, 06-Nov-94 08:49:37 GMT */
    "%a %b %e %H:%M:%S %Y",      /* Sun Nov  6 08:49:37 1994 */
    "%Y-%m-%d%T%H:%M:%S%f%z",    /* 1994-11-06T08:49:37.5+01:00 */
};

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
static const char *const days[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                   "Thursday", "Friday", "Saturday"};

static bool read_form(llmgw_str text, const char *form, struct date *date);
static bool read_field(llmgw_str *text, char field, struct date *date);
static bool read_day_name(llmgw_str *text, bool whole);
static bool read_month_name(llmgw_str *text, int *month);
static bool read_padded(llmgw_str *text, int *out);
static bool read_short_year(llmgw_str *text, int *out);
static bool read_one_of(llmgw_str *text, const char *any);
static bool read_fraction(llmgw_str *text);
static bool read_zone(llmgw_str *text, int *offset_minutes);
static bool read_digits(llmgw_str *text, int count, int *out);
static void drop(llmgw_str *text, size_t len);
static bool is_date(const struct date *date);
static int month_days(int year, int month);
static int64_t days_since_1970(int year, int month, int day);

int64_t llmgw__date_parse(const char *text, uint64_t len)
{
    llmgw_str trimmed = llmgw__str_trim(llmgw__str_n(text, (size_t)len));

    for (size_t at = 0; at < sizeof date_forms / sizeof date_forms[0]; at++) {
        struct date date = {0, 0, 0, 0, 0, 0, 0};

        if (!read_form(trimmed, date_forms[at], &date) || !is_date(&date))
            continue;
        return days_since_1970(date.year, date.month, date.day) * DAY_SECONDS +
               (date.hour * 60 + date.minute - date.offset_minutes) *
                   INT64_C(60) +
               date.second;
    }
    return INT64_MIN;
}

static bool read_form(llmgw_str text, const char *form, struct date *date)
{
    for (; *form; form++) {
        if (*form == '%') {
            if (!read_field(&text, *++form, date))
                return false;
        } else if (text.len && text.data[0] == *form) {
            drop(&text, 1);
        } else {
            return false;
        }
    }
    return text.len == 0;
}

static bool read_field(llmgw_str *text, char field, struct date *date)
{
    switch (field) {
    case 'a':
    case 'A':
        return read_day_name(text, field == 'A');
    case 'b':
        return read_month_name(text, &date->month);
    case 'd':
        return read_digits(text, 2, &date->day);
    case 'e':
        return read_padded(text, &date->day);
    case 'm':
        return read_digits(text, 2, &date->month);
    case 'Y':
        return read_digits(text, 4, &date->year);
    case 'y':
        return read_short_year(text, &date->year);
    case 'H':
        return read_digits(text, 2, &date->hour);
    case 'M':
        return read_digits(text, 2, &date->minute);
    case 'S':
        return read_digits(text, 2, &date->second);
    case 'T':
        return read_one_of(text, "Tt ");
    case 'f':
        return read_fraction(text);
    case 'z':
        return read_zone(text, &date->offset_minutes);
    }
    return false;
}

/* Whether it is the right day is not asked: clocks of servers are wrong more
 * often than anybody gains by refusing. */
static bool read_day_name(llmgw_str *text, bool whole)
{
    for (size_t at = 0; at < sizeof days / sizeof days[0]; at++) {
        size_t len = whole ? strlen(days[at]) : 3;

        if (text->len >= len && !memcmp(text->data, days[at], len)) {
            drop(text, len);
            return true;
        }
    }
    return false;
}

static bool read_month_name(llmgw_str *text, int *month)
{
    for (int at = 0; at < 12; at++)
        if (llmgw__str_starts(*text, months[at])) {
            drop(text, 3);
            *month = at + 1;
            return true;
        }
    return false;
}

static bool read_padded(llmgw_str *text, int *out)
{
    if (text->len && text->data[0] == ' ') {
        drop(text, 1);
        return read_digits(text, 1, out);
    }
    return read_digits(text, 2, out);
}

/* A fixed window (1970..2069) where RFC 9110 asks for one that slides with
 * the clock: the same text must mean the same time in every run. */
static bool read_short_year(llmgw_str *text, int *out)
{
    if (!read_digits(text, 2, out))
        return false;
    *out += *out < 70 ? 2000 : 1900;
    return true;
}

static bool read_one_of(llmgw_str *text, const char *any)
{
    if (!text->len || !text->data[0] || !strchr(any, text->data[0]))
        return false;
    drop(text, 1);
    return true;
}

/* Read and dropped: the answer has whole seconds. */
static bool read_fraction(llmgw_str *text)
{
    int digit;

    if (!text->len || text->data[0] != '.')
        return true;
    drop(text, 1);
    if (!read_digits(text, 1, &digit))
        return false;
    while (read_digits(text, 1, &digit))
        continue;
    return true;
}

static bool read_zone(llmgw_str *text, int *offset_minutes)
{
    int sign = text->len && text->data[0] == '-' ? -1 : 1;
    int hours;
    int minutes;

    if (read_one_of(text, "Zz"))
        return true;
    if (!read_one_of(text, "+-") || !read_digits(text, 2, &hours) ||
        !read_one_of(text, ":") || !read_digits(text, 2, &minutes))
        return false;
    *offset_minutes = sign * (hours * 60 + minutes);
    return hours <= 23 && minutes <= 59;
}

static bool read_digits(llmgw_str *text, int count, int *out)
{
    int value = 0;

    if (text->len < (size_t)count)
        return false;
    for (int at = 0; at < count; at++) {
        if (text->data[at] < '0' || text->data[at] > '9')
            return false;
        value = value * 10 + (text->data[at] - '0');
    }
    drop(text, (size_t)count);
    *out = value;
    return true;
}

static void drop(llmgw_str *text, size_t len)
{
    text->data += len;
    text->len -= len;
}

static bool is_date(const struct date *date)
{
    return date->month >= 1 && date->month <= 12 && date->day >= 1 &&
           date->day <= month_days(date->year, date->month) &&
           date->hour <= 23 && date->minute <= 59 && date->second <= 60;
}

static int month_days(int year, int month)
{
    static const int length[] = {31, 28, 31, 30, 31, 30,
                                 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return length[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* The year begins in March here, so that the leap day is its last; 719468 is
 * the number of days from 0000-03-01 to 1970-01-01. */
static int64_t days_since_1970(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;
    int64_t leaps = y >= 0 ? y / 4 - y / 100 + y / 400 : -1;

    return y * 365 + leaps + (m * 153 + 2) / 5 + (day - 1) - 719468;
}

/* --- the other way --- */

/* Days to a date: Howard Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms". A year is counted from March. */
static void date_of(int64_t number, struct date *date)
{
    int64_t shifted = number + 719468; /* since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t year =
        (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;

    date->day = (int)(of_year - (153 * month + 2) / 5 + 1);
    date->month = (int)(month < 10 ? month + 3 : month - 9);
    date->year = (int)(year + era * 400 + (date->month <= 2));
}

static void put_digits(char *out, int count, int value)
{
    while (count-- > 0) {
        out[count] = (char)('0' + value % 10);
        value /= 10;
    }
}

void llmgw__date_basic(int64_t seconds, char out[17])
{
    const int64_t first = INT64_C(-62167219200), last = INT64_C(253402300799);
    struct date date = {0, 0, 0, 0, 0, 0, 0};
    int64_t day, rest;

    seconds = seconds < first ? first : seconds > last ? last : seconds;
    day = seconds / DAY_SECONDS;
    rest = seconds % DAY_SECONDS;
    if (rest < 0) {
        rest += DAY_SECONDS;
        day--;
    }
    date_of(day, &date);
    memcpy(out, "YYYYMMDDThhmmssZ", 17);
    put_digits(out, 4, date.year);
    put_digits(out + 4, 2, date.month);
    put_digits(out + 6, 2, date.day);
    put_digits(out + 9, 2, (int)(rest / 3600));
    put_digits(out + 11, 2, (int)(rest / 60 % 60));
    put_digits(out + 13, 2, (int)(rest % 60));
}
