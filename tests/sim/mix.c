/*
 * sim/mix.c - how fast the simulated targets answer: the latency mixes.
 *
 * The aims are those of the reference mix; the others are told beside it, to
 * see what the presets do elsewhere.
 */
#include "sim/mix.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct sim_mix mixes[] = {
    /* name        median  sigma  stragglers  longer  made  input  per second */
    {"reference",  0.6,    0.45,  0.05,       8,      4,    0.3,   1},
    {"steady",     0.6,    0.25,  0.01,       8,      4,    0.3,   1},
    {"heavy",      0.6,    0.80,  0.02,       20,     4,    0.3,   1},
    {"slow",       3.0,    0.45,  0.05,       8,      12,   0.5,   0.2},
    {"busy",       0.6,    0.45,  0.05,       8,      4,    0.3,   50},
};
/* clang-format on */

const struct sim_mix *sim_mix_at(unsigned index)
{
    return index < sizeof mixes / sizeof *mixes ? &mixes[index] : NULL;
}

const struct sim_mix *sim_mix_find(const char *name)
{
    for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++)
        if (strcmp(mixes[i].name, name) == 0)
            return &mixes[i];
    return NULL;
}

/** Probability that a standard normal is below. */
static double below(double normal)
{
    return erfc(-normal / sqrt(2)) / 2;
}

void sim_mix_draw(const struct sim_mix *mix, double correlation,
                  struct sim_draw *draw, uint64_t first_ns[2])
{
    double own = sqrt(1 - correlation * correlation);
    double time = sim_draw_normal(draw);
    double luck = sim_draw_normal(draw);

    for (int i = 0; i < 2; i++) {
        double longer = below(luck) < mix->stragglers ? mix->longer : 1;
        double first_s = mix->median_s * exp(mix->sigma * time) * longer;

        first_ns[i] = (uint64_t)(first_s * 1e9);
        time = correlation * time + own * sim_draw_normal(draw);
        luck = correlation * luck + own * sim_draw_normal(draw);
    }
}
