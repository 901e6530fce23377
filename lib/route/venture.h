/*
 * route/venture.h - calls that are asked of somebody else than the first, to
 * learn something: a share of a route's calls, whole conversations.
 */
#ifndef LLMGW_ROUTE_VENTURE_H
#define LLMGW_ROUTE_VENTURE_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"
#include "base/sync.h"

struct llmgw__ventures {
    struct llmgw__mutex lock;
    struct llmgw__map routes; /* by name */
};

llmgw_status llmgw__ventures_init(struct llmgw__ventures *ventures);
void llmgw__ventures_clear(struct llmgw__ventures *ventures);

/** A call of a route: where its conversation has been sent before; a hash of
 *  the target's id, 0: nowhere else than all. */
uint64_t llmgw__venture_call(struct llmgw__ventures *ventures,
                             const char *route, uint64_t stick,
                             uint64_t now_ns);
/** It goes there. @param share_pm  most of the route's calls that may; what
 *                                   has begun goes on in any case
 *  @return false: as many as may have gone elsewhere */
bool llmgw__venture_go(struct llmgw__ventures *ventures, const char *route,
                       uint64_t stick, uint64_t target, unsigned share_pm,
                       uint64_t now_ns);

#endif
