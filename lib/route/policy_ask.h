/*
 * route/policy_ask.h - what a policy may look at.
 */
#ifndef LLMGW_ROUTE_POLICY_ASK_H
#define LLMGW_ROUTE_POLICY_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "catalog/route.h"

struct llmgw__router; /* router.h */

struct llmgw__policy_ask {
    struct llmgw__router *router;
    const struct llmgw__route *route;
    uint64_t stick; /* hash of what the route sticks by; 0: nothing */
    uint64_t prompt_bytes;
    uint64_t now_ns;
    /* of cheapest alone */
    int64_t wall_ns;
    int64_t max_tokens;   /* of the answer; 0: not said */
    uint8_t service_tier; /* enum llmgw__service_tier, as asked for */
    struct llmgw__sla sla;
    bool cheapest_first; /* by cost whatever the policy is */
    struct llmgw__arena *arena;
};

#endif
