/*
 * route/cheapest.h - the candidates by what an answer of theirs is likely to
 * cost, those first that meet the route's limits of speed.
 */
#ifndef LLMGW_ROUTE_CHEAPEST_H
#define LLMGW_ROUTE_CHEAPEST_H

#include <stddef.h>

#include "candidate.h"
#include "policy_ask.h"

/** Give each a score, the least is asked first, and a reason. No memory: all
 *  stay as they are. */
void llmgw__cheapest_score(const struct llmgw__policy_ask *ask,
                           struct llmgw__candidate *candidates, size_t count);

#endif
