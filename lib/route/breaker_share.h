/*
 * route/breaker_share.h - what gateways that share a store let each other know
 * of their breakers: which targets have been found down, or well again.
 *
 * What is heard counts less than what was found here: a target that others
 * have found down is not asked until they would ask it, then by the usual
 * rules; that one is well again closes a breaker that was opened by hearsay,
 * and lets one that has failures of its own be probed at once.
 */
#ifndef LLMGW_ROUTE_BREAKER_SHARE_H
#define LLMGW_ROUTE_BREAKER_SHARE_H

#include "breaker.h"

/** Times of the two clocks that belong together. */
struct llmgw__breaker_time {
    uint64_t now_ns;
    int64_t wall_ns;
};

struct llmgw__breaker_rumour {
    bool open;
    int64_t stamp_ns; /* wall clock: when it was told */
    int64_t until_ns; /* wall clock: of an open one, when it may be asked */
};

/**
 * A change that others have not been told; each is handed over once.
 *
 * @param id  set to its target's
 * @return false: there is none
 */
bool llmgw__breaker_news(struct llmgw__breakers *breakers,
                         const struct llmgw__breaker_time *time,
                         struct llmgw__buf *id,
                         struct llmgw__breaker_rumour *out);
/** What others, or we ourselves, have told; again and again is the same as
 *  once. */
void llmgw__breaker_hear(struct llmgw__breakers *breakers,
                         const struct llmgw__breaker_time *time, llmgw_str id,
                         const struct llmgw__breaker_rumour *rumour);

#endif
