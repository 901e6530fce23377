/*
 * route/hedge.h - when a second attempt is worth its cost.
 */
#ifndef LLMGW_ROUTE_HEDGE_H
#define LLMGW_ROUTE_HEDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/sync.h"
#include "latency.h"
#include "schema/conduct.h"

/** The bucket of hedges of a route: every call adds the budget's share of one,
 *  a hedge takes one. */
struct llmgw__hedges {
    struct llmgw__mutex lock;
    struct llmgw__map buckets; /* by route name */
};

llmgw_status llmgw__hedges_init(struct llmgw__hedges *hedges);
void llmgw__hedges_clear(struct llmgw__hedges *hedges);

/** A call has begun under this setting: its share is added. */
void llmgw__hedge_count(struct llmgw__hedges *hedges, const char *route,
                        const struct llmgw__hedging *hedge);
/**
 * How long after an attempt's start its twin is started, if nothing came
 * until then; ns. UINT64_MAX: never (off, or too little is known).
 */
uint64_t llmgw__hedge_delay(const struct llmgw__hedging *hedge,
                            struct llmgw__latencies *latencies,
                            const char *target_id, uint64_t prompt_bytes,
                            uint64_t now_ns);
/** May this one be started? Takes one of the bucket. */
bool llmgw__hedge_take(struct llmgw__hedges *hedges, const char *route,
                       const struct llmgw__hedging *hedge);
/** It was not started after all. */
void llmgw__hedge_give_back(struct llmgw__hedges *hedges, const char *route,
                            const struct llmgw__hedging *hedge);

#endif
