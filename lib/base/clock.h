/* base/clock.h - monotonic and wall time, and the host's own in their place. */
#ifndef LLMGW_BASE_CLOCK_H
#define LLMGW_BASE_CLOCK_H

#include <stdint.h>

#define LLMGW__MS     UINT64_C(1000000)
#define LLMGW__SECOND UINT64_C(1000000000)

/** Monotonic nanoseconds; the zero point is arbitrary. */
uint64_t llmgw__clock_monotonic(void);
/** Wall clock: nanoseconds since 1970-01-01 UTC. */
int64_t llmgw__clock_wall(void);

/**
 * Parse the three date forms of HTTP (RFC 9110, 5.6.7) and RFC 3339.
 * @return seconds since 1970, or INT64_MIN: not a date
 */
int64_t llmgw__date_parse(const char *text, uint64_t len);
/** The moment as YYYYMMDDThhmmssZ (ISO 8601, basic form), NUL-terminated;
 *  years 0 to 9999, others are held to these. */
void llmgw__date_basic(int64_t seconds, char out[17]);

#endif
