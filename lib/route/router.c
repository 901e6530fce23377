/*
 * route/router.c - all that is known of targets, keys and limits: made
 * together, or not at all.
 */
#include "router.h"

static llmgw_status init_rest(struct llmgw__router *router);

llmgw_status llmgw__router_init(struct llmgw__router *router,
                                const struct llmgw__random *random)
{
    llmgw_status status = llmgw__keys_init(&router->keys);

    if (status != LLMGW_OK)
        return status;
    router->random = random;
    status = llmgw__breakers_init(&router->breakers, random);
    if (status != LLMGW_OK)
        goto no_breakers;
    status = llmgw__throttle_init(&router->throttle);
    if (status != LLMGW_OK)
        goto no_throttle;
    status = init_rest(router);
    if (status == LLMGW_OK)
        return LLMGW_OK;
    llmgw__throttle_clear(&router->throttle);
no_throttle:
    llmgw__breakers_clear(&router->breakers);
no_breakers:
    llmgw__keys_clear(&router->keys);
    return status;
}

static llmgw_status init_rest(struct llmgw__router *router)
{
    llmgw_status status = llmgw__latencies_init(&router->latencies);

    if (status != LLMGW_OK)
        return status;
    status = llmgw__hedges_init(&router->hedges);
    if (status != LLMGW_OK)
        goto no_hedges;
    status = llmgw__turns_init(&router->turns);
    if (status != LLMGW_OK)
        goto no_turns;
    status = llmgw__worths_init(&router->worths);
    if (status != LLMGW_OK)
        goto no_worths;
    status = llmgw__ventures_init(&router->ventures);
    if (status == LLMGW_OK)
        return LLMGW_OK;
    llmgw__worths_clear(&router->worths);
no_worths:
    llmgw__turns_clear(&router->turns);
no_turns:
    llmgw__hedges_clear(&router->hedges);
no_hedges:
    llmgw__latencies_clear(&router->latencies);
    return status;
}

void llmgw__router_clear(struct llmgw__router *router)
{
    llmgw__ventures_clear(&router->ventures);
    llmgw__worths_clear(&router->worths);
    llmgw__turns_clear(&router->turns);
    llmgw__hedges_clear(&router->hedges);
    llmgw__latencies_clear(&router->latencies);
    llmgw__throttle_clear(&router->throttle);
    llmgw__breakers_clear(&router->breakers);
    llmgw__keys_clear(&router->keys);
}
