/*
 * route/sketch.c - quantiles of a stream of numbers.
 *
 * A histogram with eight parts to the octave, each 9 % wide: its middle is
 * within 4.6 % of all that lies in it. From 2^16 to 2^40, which is 66 us to 18
 * minutes in nanoseconds.
 *
 * Evidence halves every five minutes, but never falls below what twenty
 * numbers weigh: where numbers come rarely, the latest twenty or so are kept,
 * however old, and each that comes counts for more than the one before it.
 *
 * A number of which only a least is known (the answer was not waited for) is
 * spread over what is known to lie above it, each part in proportion, as in
 * the estimate of Kaplan and Meier; where nothing lies above, it counts as the
 * least itself. So it can raise quantiles and never lowers one above it.
 *
 * Source: Efron, "The Two Sample Problem with Censored Data" (1967), for the
 * redistribution to the right.
 * Memory: 784 bytes a sketch.
 */
#include "sketch.h"

#include "base/clock.h"

#define STEP_NS (15 * LLMGW__SECOND) /* evidence fades in such steps */
#define STEP    0.965936f            /* 2^(-1/20): 20 steps to a half */
#define KEPT    20.0f                /* does not fade */
#define LEAST   9.5f /* of ten, a little of which may have faded */

static void fade(struct llmgw__sketch *sketch, uint64_t now_ns);
static unsigned part_of(uint64_t value);
static uint64_t middle_of(unsigned part);
static void add_beyond(struct llmgw__sketch *sketch, unsigned part);

void llmgw__sketch_add(struct llmgw__sketch *sketch, uint64_t value,
                       bool at_least, uint64_t now_ns)
{
    unsigned part = part_of(value);

    fade(sketch, now_ns);
    if (at_least)
        add_beyond(sketch, part);
    else
        sketch->counts[part] += 1;
    sketch->total += 1;
}

uint64_t llmgw__sketch_quantile(struct llmgw__sketch *sketches, unsigned count,
                                unsigned quantile_pm, uint64_t now_ns)
{
    float total = 0, sum = 0, wanted;
    unsigned last = 0;

    for (unsigned i = 0; i < count; i++) {
        fade(&sketches[i], now_ns);
        total += sketches[i].total;
    }
    if (total < LEAST)
        return 0;
    wanted = total * (float)quantile_pm / 1000;
    for (unsigned part = 0; part < LLMGW__SKETCH_SIZE; part++) {
        float here = 0;

        for (unsigned i = 0; i < count; i++)
            here += sketches[i].counts[part];
        sum += here;
        if (here > 0)
            last = part;
        if (here > 0 && sum >= wanted)
            break;
    }
    return middle_of(last);
}

void llmgw__sketch_split(struct llmgw__sketch *sketches, unsigned count,
                         uint64_t value, uint64_t now_ns, float *up_to,
                         float *above)
{
    unsigned part = part_of(value);

    *up_to = *above = 0;
    for (unsigned i = 0; i < count; i++) {
        fade(&sketches[i], now_ns);
        for (unsigned at = 0; at < LLMGW__SKETCH_SIZE; at++)
            *(at <= part ? up_to : above) += sketches[i].counts[at];
    }
}

/** Down to what is kept, by less than a step further. */
static float faded(float total, uint64_t steps)
{
    for (; steps && total > KEPT; steps--)
        total *= STEP;
    return total;
}

static void fade(struct llmgw__sketch *sketch, uint64_t now_ns)
{
    uint64_t steps =
        now_ns > sketch->faded_ns ? (now_ns - sketch->faded_ns) / STEP_NS : 0;
    float total, scale, left;

    if (!sketch->faded_ns || sketch->total <= 0) {
        sketch->faded_ns = now_ns;
        return;
    }
    if (!steps)
        return;
    sketch->faded_ns += steps * STEP_NS;
    left = faded(sketch->total, steps);
    scale = left / sketch->total;
    if (left >= sketch->total)
        return;
    total = 0; /* summed anew: no error of rounding grows */
    for (unsigned i = 0; i < LLMGW__SKETCH_SIZE; i++) {
        sketch->counts[i] *= scale;
        total += sketch->counts[i];
    }
    sketch->total = total;
}

/* Where the parts of an octave begin, 2^15 its begin: 2^(15 + k/8). */
static const uint32_t begins[LLMGW__SKETCH_PARTS + 1] = {
    32768, 35734, 38968, 42495, 46341, 50535, 55109, 60097, 65536};

static unsigned part_of(uint64_t value)
{
    unsigned octave = 0, part = 0;
    uint64_t head;

    if (value < UINT64_C(1) << LLMGW__SKETCH_FIRST)
        return 0;
    head = value >> (LLMGW__SKETCH_FIRST - 15);
    while (head >= begins[LLMGW__SKETCH_PARTS]) {
        head >>= 1;
        if (++octave == LLMGW__SKETCH_OCTAVES)
            return LLMGW__SKETCH_SIZE - 1;
    }
    while (head >= begins[part + 1])
        part++;
    return octave * LLMGW__SKETCH_PARTS + part;
}

static uint64_t middle_of(unsigned part)
{
    unsigned octave = part / LLMGW__SKETCH_PARTS;
    unsigned at = part % LLMGW__SKETCH_PARTS;

    return (uint64_t)(begins[at] + begins[at + 1])
           << (LLMGW__SKETCH_FIRST - 16 + octave);
}

/** One more, of which it is known that it lies in this part or above. */
static void add_beyond(struct llmgw__sketch *sketch, unsigned part)
{
    float above = 0;

    for (unsigned i = part + 1; i < LLMGW__SKETCH_SIZE; i++)
        above += sketch->counts[i];
    if (above <= 0) {
        sketch->counts[part] += 1;
        return;
    }
    for (unsigned i = part + 1; i < LLMGW__SKETCH_SIZE; i++)
        sketch->counts[i] += sketch->counts[i] / above;
}
