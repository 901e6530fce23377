/*
 * route/router.h - what is known of targets, keys and limits by all calls of a
 * gateway: known by stable ids, over reloads. For any thread, each part behind
 * its own short lock.
 */
#ifndef LLMGW_ROUTE_ROUTER_H
#define LLMGW_ROUTE_ROUTER_H

#include "breaker.h"
#include "hedge.h"
#include "keys.h"
#include "latency.h"
#include "throttle.h"
#include "turns.h"
#include "venture.h"
#include "worth.h"

struct llmgw__router {
    struct llmgw__keys keys;
    struct llmgw__breakers breakers;
    struct llmgw__latencies latencies;
    struct llmgw__throttle throttle;
    struct llmgw__hedges hedges;
    struct llmgw__turns turns;
    struct llmgw__worths worths;
    struct llmgw__ventures ventures;
    const struct llmgw__random *random;
};

/** @param random  borrowed; must outlive it */
llmgw_status llmgw__router_init(struct llmgw__router *router,
                                const struct llmgw__random *random);
void llmgw__router_clear(struct llmgw__router *router);

#endif
