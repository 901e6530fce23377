/*
 * sim/market_report.h - what policies have spent, beside each other.
 */
#ifndef LLMGW_SIM_MARKET_REPORT_H
#define LLMGW_SIM_MARKET_REPORT_H

#include "sim/market.h"
#include "sim/report.h"

enum {
    SIM_MARKETS = 2 + SIM_PLACES /* by policy, from SIM_CHEAPEST on */
};

/** The runs of each seed. */
void sim_report_markets(struct sim_report *report,
                        const struct sim_market (*runs)[SIM_MARKETS],
                        size_t seeds);

#endif
