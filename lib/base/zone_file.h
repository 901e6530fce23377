/*
 * base/zone_file.h - what a time zone is made of: its changes so far, and the
 * rule for those to come.
 */
#ifndef LLMGW_BASE_ZONE_FILE_H
#define LLMGW_BASE_ZONE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "arena.h"

/** The day of a year on which a rule changes. */
struct llmgw__zone_day {
    char kind; /* 'M': week and weekday of a month, 'J': 1 to 365 without
                  February 29, 'n': 0 to 365 with it */
    int month, week, weekday; /* weekday 0: Sunday */
    int day;
    int32_t time_s; /* of the day, local, may be negative or beyond it */
};

/** POSIX TZ: standard time, and summer time between two days of each year. */
struct llmgw__zone_rule {
    int32_t standard_s; /* east of UTC */
    int32_t summer_s;
    bool has_summer;
    struct llmgw__zone_day begins, ends; /* of summer time */
};

struct llmgw__zone {
    size_t count;            /* changes */
    const int64_t *at_s;     /* ascending */
    const int32_t *offset_s; /* from that change on */
    int32_t first_s;         /* before the first */
    bool has_rule;           /* after the last */
    struct llmgw__zone_rule rule;
};

/** Read a file's bytes (RFC 8536). @retval LLMGW_E_INVALID  not such a file */
llmgw_status llmgw__zone_parse(llmgw_str bytes, struct llmgw__arena *arena,
                               struct llmgw__zone *out);
/** Read a footer's text. @return false: not such a text */
bool llmgw__zone_rule_parse(llmgw_str text, struct llmgw__zone_rule *out);

/** Days since 1970-01-01 of a date of the Gregorian calendar. */
int64_t llmgw__days_of(int64_t year, int month, int day);

#endif
