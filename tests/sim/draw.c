/*
 * sim/draw.c - the simulation's own luck.
 *
 * Source: D. Blackman, S. Vigna, xoshiro256** (public domain), seeded by
 * SplitMix64; normal numbers by Box and Muller.
 */
#include "sim/draw.h"

#include <math.h>

#define TWO_PI 6.283185307179586

void sim_draw_seed(struct sim_draw *draw, uint64_t seed, uint64_t stream)
{
    uint64_t at = seed * UINT64_C(0x2545f4914f6cdd1d) + stream;

    for (int i = 0; i < 4; i++) {
        uint64_t z = at += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
        draw->state[i] = z ^ z >> 31;
    }
}

static uint64_t turn(uint64_t bits, int by)
{
    return bits << by | bits >> (64 - by);
}

uint64_t sim_draw_bits(struct sim_draw *draw)
{
    uint64_t *s = draw->state;
    uint64_t bits = turn(s[1] * 5, 7) * 9;
    uint64_t kept = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= kept;
    s[3] = turn(s[3], 45);
    return bits;
}

double sim_draw_unit(struct sim_draw *draw)
{
    return ((double)(sim_draw_bits(draw) >> 11) + 0.5) / 9007199254740992.0;
}

double sim_draw_normal(struct sim_draw *draw)
{
    double far = sqrt(-2 * log(sim_draw_unit(draw)));

    return far * cos(TWO_PI * sim_draw_unit(draw));
}

uint64_t sim_draw_gap_ns(struct sim_draw *draw, double per_second)
{
    return (uint64_t)(-log(sim_draw_unit(draw)) / per_second * 1e9);
}
