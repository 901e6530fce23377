/*
 * route/policy.h - in what order the targets of a route are asked: one row a
 * policy.
 */
#ifndef LLMGW_ROUTE_POLICY_H
#define LLMGW_ROUTE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "base/sync.h"
#include "catalog/catalog.h"

struct llmgw__router;    /* router.h */
struct llmgw__candidate; /* plan.h */

/** Whose turn it is on a route, and how many attempts each target has. */
struct llmgw__turns {
    struct llmgw__mutex lock;
    struct llmgw__map routes;  /* by name */
    struct llmgw__map targets; /* by id */
};

llmgw_status llmgw__turns_init(struct llmgw__turns *turns);
void llmgw__turns_clear(struct llmgw__turns *turns);
/** An attempt at a target has begun; the same has ended. */
void llmgw__turns_begin(struct llmgw__turns *turns, const char *target_id);
void llmgw__turns_end(struct llmgw__turns *turns, const char *target_id);
/** Attempts under way. */
uint32_t llmgw__turns_busy(struct llmgw__turns *turns, const char *target_id);

/** What a policy may look at. */
struct llmgw__policy_ask {
    struct llmgw__router *router;
    const struct llmgw__route *route;
    uint64_t stick; /* hash of what the route sticks by; 0: nothing */
    uint64_t prompt_bytes;
    uint64_t now_ns;
};

/** Order the usable candidates by the route's policy, and say why each has its
 *  place; stable, the others stay behind them. */
void llmgw__policy_order(const struct llmgw__policy_ask *ask,
                         struct llmgw__candidate *candidates, size_t count);

#endif
