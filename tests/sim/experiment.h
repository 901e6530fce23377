/*
 * sim/experiment.h - what is simulated: hedges, and breakers.
 */
#ifndef LLMGW_SIM_EXPERIMENT_H
#define LLMGW_SIM_EXPERIMENT_H

#include <stdint.h>

#include "sim/mix.h"

/** Times to first content, ns. */
struct sim_times {
    uint64_t p50_ns;
    uint64_t p95_ns;
    uint64_t p99_ns;
};

/** A run of calls under one preset. */
struct sim_hedging {
    const struct sim_mix *mix;
    double correlation;
    const char *preset;
    uint64_t seed;
    uint64_t calls;
    /* what came of it */
    struct sim_times times;
    uint64_t failed; /* calls without an answer */
    uint64_t sent;   /* attempts */
    uint64_t spent;  /* of SIM_COST_OF_CALL */
    uint64_t took_ns;
    uint64_t opened; /* breakers, none of them rightly */
    uint64_t checksum;
};

void sim_hedging_run(struct sim_hedging *run);

/** Background errors, nothing else: how often a breaker opens wrongly. */
struct sim_week {
    uint64_t seed;
    double days;
    /* what came of it */
    uint64_t calls;
    uint64_t errors;
    uint64_t failed; /* calls without an answer */
    uint64_t opened;
    uint64_t checksum;
};

void sim_week_run(struct sim_week *run);

/** A real outage, at one call every five minutes. */
struct sim_outage {
    uint64_t seed;
    const char *form; /* by sim_outage_form() */
    /* what came of it */
    uint64_t wrongly;  /* opened before the outage */
    int noticed;       /* opened in it */
    uint64_t failures; /* of it, until the breaker opened; never: all */
    uint64_t tried;    /* attempts at the dead primary in all */
    uint64_t failed;   /* calls without an answer */
    uint64_t back_ns;  /* from its end to the first answer; 0: never */
    uint64_t slow_ns;  /* longest to first content, of calls begun while the
                          breaker was open for it */
    uint64_t checksum;
};

/** Names of the forms an outage has; NULL: there are no more. */
const char *sim_outage_form(unsigned index);
void sim_outage_run(struct sim_outage *run);

#endif
