/*
 * base/zone.h - time zones: how far a place is from UTC at a time, and when
 * its days begin.
 *
 * "UTC", a fixed offset ("+02:00"), or a name of the IANA database
 * ("Europe/Berlin"), read from the system's compiled files (RFC 8536).
 */
#ifndef LLMGW_BASE_ZONE_H
#define LLMGW_BASE_ZONE_H

#include <stdint.h>

#include <llmgw/base.h>

#include "arena.h"

struct llmgw__zone; /* NULL stands for UTC everywhere */

/**
 * @param[out] out  in the arena; NULL: UTC
 * @retval LLMGW_E_INVALID  no such zone, or its file cannot be read
 */
llmgw_status llmgw__zone_make(const char *name, struct llmgw__arena *arena,
                              const struct llmgw__zone **out);
/** A copy of its own: llmgw__free(); NULL: no memory. */
struct llmgw__zone *llmgw__zone_copy(const struct llmgw__zone *zone);
/** Seconds east of UTC at that time (seconds since 1970 UTC). */
int32_t llmgw__zone_offset(const struct llmgw__zone *zone, int64_t utc_s);

/** A local date and time, as calendars there have it. */
struct llmgw__local {
    int64_t year;
    int month;   /* 1 to 12 */
    int day;     /* 1 to 31 */
    int weekday; /* 1: Monday, to 7 */
    int hour, minute, second;
};
void llmgw__zone_local(const struct llmgw__zone *zone, int64_t utc_s,
                       struct llmgw__local *out);
/** Spans of a calendar. */
enum llmgw__span {
    LLMGW__SPAN_HOUR,
    LLMGW__SPAN_DAY,
    LLMGW__SPAN_WEEK, /* begins on Monday */
    LLMGW__SPAN_MONTH
};
/** When the span that a time lies in has begun, and when the next one does;
 *  seconds since 1970 UTC. A day may have 23 or 25 hours; where midnight does
 *  not exist it begins with the first second that does. */
void llmgw__zone_span(const struct llmgw__zone *zone, enum llmgw__span span,
                      int64_t utc_s, int64_t *begin_s, int64_t *next_s);

#endif
