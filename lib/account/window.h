/*
 * account/window.h - in what bucket of time something counts, which buckets
 * make up the window of a budget now, and when it has room again.
 *
 * A calendar window is one bucket. A rolling one has sixty: the oldest counts
 * as long as any of it lies inside, so that never too little is counted.
 */
#ifndef LLMGW_ACCOUNT_WINDOW_H
#define LLMGW_ACCOUNT_WINDOW_H

#include <stdint.h>

#include "catalog/budget_rule.h"

struct llmgw__window {
    int64_t from_s;   /* buckets that begin at or after count */
    int64_t bucket_s; /* the present one */
    int64_t next_s;   /* when the present bucket ends */
};

/** The window at a time, ns since 1970. */
void llmgw__window_at(const struct llmgw__budget_rule *rule, int64_t wall_ns,
                      struct llmgw__window *out);
/** When the window has room again: calendar: the next one; rolling: when the
 *  oldest bucket that has anything has left it. Seconds since 1970. */
int64_t llmgw__window_reset(const struct llmgw__budget_rule *rule,
                            const struct llmgw__window *window,
                            int64_t oldest_s);

#endif
