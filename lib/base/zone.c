/*
 * base/zone.c - time zones: how far a place is from UTC at a time, and when its
 * days begin.
 *
 * Source: RFC 8536 for the files, POSIX.1 for times after their last change.
 * Memory: the changes of a zone, in its owner's arena.
 */
#include "zone.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"
#include "file.h"
#include "text.h"
#include "zone_file.h"

#define DAY_S    86400
#define MAX_FILE 65536
#define MAX_NAME 64

/* --- the calendar --- */

/** Floored. */
static int64_t divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Years begin in March, so that the odd day is the last one. */
int64_t llmgw__days_of(int64_t year, int month, int day)
{
    int64_t y = year - (month <= 2);
    int64_t era = divide(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year =
        (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, struct llmgw__local *out)
{
    int64_t shifted = days + 719468;
    int64_t era = divide(shifted, 146097);
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    out->day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    out->month = (int)(month < 10 ? month + 3 : month - 9);
    out->year = year_of_era + era * 400 + (out->month <= 2);
    out->weekday = (int)(days + 3 - divide(days + 3, 7) * 7) + 1;
}

static bool is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* --- the rule for times to come --- */

/** The day of a year, in days since 1970. */
static int64_t day_in(const struct llmgw__zone_day *day, int64_t year)
{
    struct llmgw__local first;
    int64_t begin = llmgw__days_of(year, 1, 1);
    int64_t next_month;

    if (day->kind == 'n')
        return begin + day->day;
    if (day->kind == 'J')
        return begin + day->day - 1 + (is_leap(year) && day->day >= 60);
    begin = llmgw__days_of(year, day->month, 1);
    next_month = day->month == 12 ? llmgw__days_of(year + 1, 1, 1)
                                  : llmgw__days_of(year, day->month + 1, 1);
    date_of(begin, &first);
    begin += (day->weekday + 7 - first.weekday % 7) % 7;
    begin += (day->week - 1) * 7;
    return begin < next_month ? begin : begin - 7;
}

static int32_t offset_by_rule(const struct llmgw__zone_rule *rule,
                              int64_t utc_s)
{
    struct llmgw__local local;
    int64_t begins_s, ends_s;
    bool summer;

    if (!rule->has_summer)
        return rule->standard_s;
    date_of(divide(utc_s + rule->standard_s, DAY_S), &local);
    begins_s = day_in(&rule->begins, local.year) * DAY_S + rule->begins.time_s -
               rule->standard_s;
    ends_s = day_in(&rule->ends, local.year) * DAY_S + rule->ends.time_s -
             rule->summer_s;
    summer = begins_s < ends_s ? utc_s >= begins_s && utc_s < ends_s
                               : utc_s >= begins_s || utc_s < ends_s;
    return summer ? rule->summer_s : rule->standard_s;
}

/* --- zones --- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/** "+02:00"; up to 18 hours. */
static bool read_offset(const char *name, int32_t *out)
{
    int hours, minutes;

    if ((name[0] != '+' && name[0] != '-') || strlen(name) != 6 ||
        !is_digit(name[1]) || !is_digit(name[2]) || name[3] != ':' ||
        !is_digit(name[4]) || !is_digit(name[5]))
        return false;
    hours = (name[1] - '0') * 10 + name[2] - '0';
    minutes = (name[4] - '0') * 10 + name[5] - '0';
    if (hours > 18 || minutes > 59)
        return false;
    *out = hours * 3600 + minutes * 60;
    if (name[0] == '-')
        *out = -*out;
    return true;
}

/** A relative path of plain names: it stays in the database's folder. */
static bool is_plain(const char *name)
{
    size_t len = strlen(name);

    if (!len || len > MAX_NAME || name[0] == '/' || strstr(name, ".."))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!is_digit(name[i]) &&
            !((name[i] | 32) >= 'a' && (name[i] | 32) <= 'z') &&
            !strchr("/_+-", name[i]))
            return false;
    return true;
}

static llmgw_status load(const char *folder, const char *name,
                         struct llmgw__arena *arena, struct llmgw__zone *out)
{
    struct llmgw__buf path, bytes;
    const char *why = NULL;
    llmgw_status status;

    llmgw__buf_init(&path, 0);
    llmgw__buf_init(&bytes, 0);
    llmgw__buf_add_str(&path, llmgw__str(folder));
    llmgw__buf_add_char(&path, '/');
    llmgw__buf_add_str(&path, llmgw__str(name));
    llmgw__buf_add_char(&path, '\0');
    status = path.status;
    if (status == LLMGW_OK)
        status = llmgw__file_read(path.data, MAX_FILE, &bytes, &why);
    if (status == LLMGW_E_LIMIT)
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = llmgw__zone_parse(llmgw__buf_str(&bytes), arena, out);
    llmgw__file_wipe(&bytes);
    llmgw__buf_clear(&path);
    return status;
}

static llmgw_status load_any(const char *name, struct llmgw__arena *arena,
                             struct llmgw__zone *out)
{
    static const char *const folders[] = {
        "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo",
        "/etc/zoneinfo"};
    const char *given = getenv("TZDIR");
    llmgw_status status = LLMGW_E_INVALID;

    if (given && *given)
        status = load(given, name, arena, out);
    for (size_t i = 0;
         i < sizeof folders / sizeof *folders && status == LLMGW_E_INVALID; i++)
        status = load(folders[i], name, arena, out);
    return status;
}

llmgw_status llmgw__zone_make(const char *name, struct llmgw__arena *arena,
                              const struct llmgw__zone **out)
{
    struct llmgw__zone *zone;
    int32_t offset_s;

    *out = NULL;
    if (!strcmp(name, "UTC"))
        return LLMGW_OK;
    if (!read_offset(name, &offset_s) && !is_plain(name))
        return LLMGW_E_INVALID;
    zone = llmgw__arena_zalloc(arena, sizeof *zone);
    if (!zone)
        return LLMGW_E_NOMEM;
    if (read_offset(name, &offset_s)) {
        zone->first_s = offset_s;
    } else {
        llmgw_status status = load_any(name, arena, zone);

        if (status != LLMGW_OK)
            return status;
    }
    *out = zone;
    return LLMGW_OK;
}

struct llmgw__zone *llmgw__zone_copy(const struct llmgw__zone *zone)
{
    size_t at_size = zone->count * sizeof *zone->at_s;
    size_t offset_size = zone->count * sizeof *zone->offset_s;
    struct llmgw__zone *copy =
        llmgw__malloc(sizeof *copy + at_size + offset_size);
    char *behind = (char *)(copy + 1);

    if (!copy)
        return NULL;
    *copy = *zone;
    if (!zone->count)
        return copy;
    copy->at_s = memcpy(behind, zone->at_s, at_size);
    copy->offset_s = memcpy(behind + at_size, zone->offset_s, offset_size);
    return copy;
}

int32_t llmgw__zone_offset(const struct llmgw__zone *zone, int64_t utc_s)
{
    size_t low = 0, high;

    if (!zone)
        return 0;
    high = zone->count;
    if (zone->has_rule && (!high || utc_s >= zone->at_s[high - 1]))
        return offset_by_rule(&zone->rule, utc_s);
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (zone->at_s[middle] <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? zone->offset_s[low - 1] : zone->first_s;
}

void llmgw__zone_local(const struct llmgw__zone *zone, int64_t utc_s,
                       struct llmgw__local *out)
{
    int64_t local_s = utc_s + llmgw__zone_offset(zone, utc_s);
    int64_t days = divide(local_s, DAY_S);
    int of_day = (int)(local_s - days * DAY_S);

    date_of(days, out);
    out->hour = of_day / 3600;
    out->minute = of_day / 60 % 60;
    out->second = of_day % 60;
}

/** The first second that a clock there shows this time, or a later one. */
static int64_t first_at(const struct llmgw__zone *zone, int64_t local_s)
{
    int32_t before_s = llmgw__zone_offset(zone, local_s - 2 * DAY_S);
    int32_t after_s = llmgw__zone_offset(zone, local_s + 2 * DAY_S);
    int64_t early_s = local_s - before_s;
    int64_t late_s = local_s - after_s;

    if (llmgw__zone_offset(zone, early_s) == before_s)
        return early_s;
    if (llmgw__zone_offset(zone, late_s) == after_s)
        return late_s;
    /* no clock shows it: late_s is before the change, early_s after it */
    while (late_s + 1 < early_s) {
        int64_t middle_s = late_s + (early_s - late_s) / 2;

        if (llmgw__zone_offset(zone, middle_s) == before_s)
            late_s = middle_s;
        else
            early_s = middle_s;
    }
    return early_s;
}

void llmgw__zone_span(const struct llmgw__zone *zone, enum llmgw__span span,
                      int64_t utc_s, int64_t *begin_s, int64_t *next_s)
{
    int64_t local_s = utc_s + llmgw__zone_offset(zone, utc_s);
    int64_t day = divide(local_s, DAY_S);
    int64_t length = 1;
    struct llmgw__local local;

    date_of(day, &local);
    switch (span) {
    case LLMGW__SPAN_HOUR:
        *begin_s = utc_s - (local_s - divide(local_s, 3600) * 3600);
        *next_s = *begin_s + 3600;
        return;
    case LLMGW__SPAN_WEEK:
        day -= local.weekday - 1;
        length = 7;
        break;
    case LLMGW__SPAN_MONTH:
        day -= local.day - 1;
        length = (local.month == 12
                      ? llmgw__days_of(local.year + 1, 1, 1)
                      : llmgw__days_of(local.year, local.month + 1, 1)) -
                 day;
        break;
    default:
        break;
    }
    *begin_s = first_at(zone, day * DAY_S);
    *next_s = first_at(zone, (day + length) * DAY_S);
}
