/*
 * route/policy.h - in what order the targets of a route are asked: one row a
 * policy.
 */
#ifndef LLMGW_ROUTE_POLICY_H
#define LLMGW_ROUTE_POLICY_H

#include <stddef.h>

#include "candidate.h"
#include "policy_ask.h"

/** Order the usable candidates by the route's policy, and say why each has its
 *  place; stable, the others stay behind them. */
void llmgw__policy_order(const struct llmgw__policy_ask *ask,
                         struct llmgw__candidate *candidates, size_t count);

#endif
