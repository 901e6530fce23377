/*
 * route/policy.h - in what order the targets of a route are asked: one row a
 * policy.
 */
#ifndef LLMGW_ROUTE_POLICY_H
#define LLMGW_ROUTE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "catalog/catalog.h"

struct llmgw__router;    /* router.h */
struct llmgw__candidate; /* candidate.h */

/** What a policy may look at. */
struct llmgw__policy_ask {
    struct llmgw__router *router;
    const struct llmgw__route *route;
    uint64_t stick; /* hash of what the route sticks by; 0: nothing */
    uint64_t prompt_bytes;
    uint64_t now_ns;
    /* of cheapest alone */
    int64_t wall_ns;
    int64_t max_tokens; /* of the answer; 0: not said */
    struct llmgw__sla sla;
    bool cheapest_first; /* by cost whatever the policy is */
    struct llmgw__arena *arena;
};

/** Order the usable candidates by the route's policy, and say why each has its
 *  place; stable, the others stay behind them. */
void llmgw__policy_order(const struct llmgw__policy_ask *ask,
                         struct llmgw__candidate *candidates, size_t count);

#endif
