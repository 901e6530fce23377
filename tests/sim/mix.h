/*
 * sim/mix.h - how fast the simulated targets answer.
 */
#ifndef LLMGW_SIM_MIX_H
#define LLMGW_SIM_MIX_H

#include "sim/draw.h"

/** Time to first content is lognormal, some answers are stragglers. */
struct sim_mix {
    const char *name;
    double median_s;
    double sigma;
    double stragglers;  /* share of the answers */
    double longer;      /* so many times as long */
    double made_s;      /* from first content to the end */
    double input_share; /* of a call's cost */
    double per_second;  /* calls, at random */
};

/** By number; NULL: there are no more. */
const struct sim_mix *sim_mix_at(unsigned index);
/** By name; NULL: none. */
const struct sim_mix *sim_mix_find(const char *name);

/**
 * Times to first content of both targets, ns.
 *
 * @param correlation  0 to 1: of the normal variates behind both, that of the
 *                     time and that of who is a straggler
 */
void sim_mix_draw(const struct sim_mix *mix, double correlation,
                  struct sim_draw *draw, uint64_t first_ns[2]);

#endif
