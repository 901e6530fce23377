/*
 * route/stick.h - what a sticky route knows a request again by.
 */
#ifndef LLMGW_ROUTE_STICK_H
#define LLMGW_ROUTE_STICK_H

#include <stdint.h>

#include "catalog/route.h"
#include "schema/chat.h"

/** A hash of it, the same everywhere; 0: the request has nothing of it. */
uint64_t llmgw__stick_hash(const struct llmgw__route *route,
                           const struct llmgw__chat *chat, llmgw_str tags);

#endif
