/*
 * sim/market.h - what policies spend on a workload, and how often they keep to
 * its limits of speed.
 */
#ifndef LLMGW_SIM_MARKET_H
#define LLMGW_SIM_MARKET_H

#include "sim/workload.h"

enum {
    SIM_CHEAPEST = -2,   /* the policy */
    SIM_BY_LIST = -1,    /* ordered, by the price list */
    SIM_ALWAYS_FIRST = 0 /* ordered; 1 and on: the second first, … */
};

struct sim_market {
    const struct sim_workload *workload;
    const struct sim_turn *turns;
    size_t turn_count;
    uint64_t seed;
    int policy;
    /* what came of it */
    double spent[SIM_MODELS]; /* USD, of the ledger's own sums */
    double spent_all;
    uint64_t unpriced;
    uint64_t failed;            /* calls without an answer */
    uint64_t could[SIM_MODELS]; /* calls that some host would have answered
                                    within the limits */
    uint64_t met[SIM_MODELS];   /* of these, those that were */
    uint64_t asked[SIM_MODELS][SIM_PLACES]; /* attempts */
    uint64_t checksum;
};

void sim_market_run(struct sim_market *run);

#endif
