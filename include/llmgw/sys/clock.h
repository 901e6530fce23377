/*
 * llmgw/sys/clock.h - the host's own time and randomness.
 *
 * SPDX-License-Identifier: MIT
 *
 * For simulations and tests; a weaker promise than the rest of the headers.
 */
#ifndef LLMGW_SYS_CLOCK_H
#define LLMGW_SYS_CLOCK_H

#include <llmgw/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Time and randomness. Called from any thread that uses the gateway; a NULL
 * function means the system's own.
 */
typedef struct llmgw_clock {
    uint32_t size;        /**< sizeof(llmgw_clock) */
    uint32_t max_wait_ms; /**< wait no longer than this, in real
                               milliseconds, before looking at this clock
                               again: for one that does not run as the real
                               one does; 0: as long as there is to wait */
    void *userdata;       /**< handed to all, never read */
    /** Monotonic nanoseconds; must not go back. */
    uint64_t (*monotonic_ns)(void *userdata);
    /** Wall clock, nanoseconds since 1970-01-01 UTC. */
    int64_t (*wall_ns)(void *userdata);
    /** Fill `out` with `len` random bytes. @return 0: done */
    int32_t (*random)(void *userdata, void *out, size_t len);
} llmgw_clock;

#ifdef __cplusplus
}
#endif

#endif
