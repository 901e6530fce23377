/*
 * route/when.h - is a target of a route there for a request?
 */
#ifndef LLMGW_ROUTE_WHEN_H
#define LLMGW_ROUTE_WHEN_H

#include "catalog/route.h"
#include "needs.h"

/** What is looked at. */
struct llmgw__when_ask {
    const struct llmgw__chat *chat;
    const struct llmgw__needs *needs;
    llmgw_str tags;
};

/** Why it is not, static; NULL: it is. */
const char *llmgw__when_against(const struct llmgw__when *when,
                                const struct llmgw__when_ask *ask);

#endif
