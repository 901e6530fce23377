/*
 * route/sketch.h - quantiles of a stream of numbers, from a histogram of
 * bounded size whose evidence fades.
 */
#ifndef LLMGW_ROUTE_SKETCH_H
#define LLMGW_ROUTE_SKETCH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LLMGW__SKETCH_FIRST = 16,   /* the first octave begins at 2 to this */
    LLMGW__SKETCH_OCTAVES = 24, /* what is beyond counts as the last */
    LLMGW__SKETCH_PARTS = 8,    /* of an octave */
    LLMGW__SKETCH_SIZE = LLMGW__SKETCH_OCTAVES * LLMGW__SKETCH_PARTS
};

/** Zero: nothing is known. */
struct llmgw__sketch {
    uint64_t faded_ns; /* its evidence has faded as of then */
    float total;
    float counts[LLMGW__SKETCH_SIZE];
};

/** @param at_least  the number is known to be this or more */
void llmgw__sketch_add(struct llmgw__sketch *sketch, uint64_t value,
                       bool at_least, uint64_t now_ns);
/**
 * A quantile of some sketches together, within 5 %: the middle of the part of
 * an octave in which it lies.
 *
 * @return 0: together they know too little
 */
uint64_t llmgw__sketch_quantile(struct llmgw__sketch *sketches, unsigned count,
                                unsigned quantile_pm, uint64_t now_ns);
/** Of some sketches together: what lies up to the part of an octave in which a
 *  value lies, and what above. */
void llmgw__sketch_split(struct llmgw__sketch *sketches, unsigned count,
                         uint64_t value, uint64_t now_ns, float *up_to,
                         float *above);

#endif
