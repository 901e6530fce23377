/*
 * route/plan.h - whom to ask, in what order, and why.
 */
#ifndef LLMGW_ROUTE_PLAN_H
#define LLMGW_ROUTE_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "candidate.h"
#include "catalog/catalog.h"
#include "schema/chat.h"

struct llmgw__plan {
    struct llmgw__candidate *candidates;
    size_t count;
    size_t next;     /* the first that has not been asked */
    uint8_t lacked;  /* LLMGW__CAN_…: why all are left out; 0: not all, or for
                       other reasons */
    bool fails_open; /* nobody whose breaker is open is asked */
};

struct llmgw__router; /* router.h */

/** What a plan is made from. */
struct llmgw__plan_ask {
    struct llmgw__router *router;
    const struct llmgw__catalog *catalog;
    const struct llmgw__route *route;
    const struct llmgw__chat *chat;
    llmgw_str tags;
    uint64_t now_ns;
    int64_t wall_ns;     /* what it costs depends on it */
    bool cheapest_first; /* a budget wants it, whatever the policy is */
};

/** Candidates of a route for a request, in the order they are to be asked.
 *  @retval LLMGW_E_NOMEM  no memory in the arena */
llmgw_status llmgw__plan_make(struct llmgw__plan *plan,
                              const struct llmgw__plan_ask *ask,
                              struct llmgw__arena *arena);
/** The next one to ask; NULL: nobody is left. Of those whose breaker is open
 *  the one that is due first.
 *
 *  @param[out] rests  it was put off, or its breaker is open: it is asked all
 *                     the same */
struct llmgw__candidate *llmgw__plan_next(struct llmgw__plan *plan,
                                          bool *rests);
/** All its keys rest, for so long: it is asked when nobody else is left. */
void llmgw__plan_put_off(struct llmgw__candidate *candidate, uint64_t rest_ns,
                         struct llmgw__arena *arena);

#endif
