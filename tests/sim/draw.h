/*
 * sim/draw.h - the simulation's own luck: the same seed draws the same lots.
 */
#ifndef LLMGW_SIM_DRAW_H
#define LLMGW_SIM_DRAW_H

#include <stdint.h>

struct sim_draw {
    uint64_t state[4];
};

/** @param stream  of one seed there are as many as are wanted */
void sim_draw_seed(struct sim_draw *draw, uint64_t seed, uint64_t stream);
uint64_t sim_draw_bits(struct sim_draw *draw);
/** Evenly in (0, 1). */
double sim_draw_unit(struct sim_draw *draw);
/** Standard normal. */
double sim_draw_normal(struct sim_draw *draw);
/** Gap of a Poisson process, ns. */
uint64_t sim_draw_gap_ns(struct sim_draw *draw, double per_second);

#endif
