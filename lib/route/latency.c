/*
 * route/latency.c - how fast targets have been.
 *
 * A sketch of the time to first content for each of four sizes of prompt, and
 * one of tokens a second. A size of which too little is known answers by all
 * sizes together. What an attempt took at least (it lost a race, or passed a
 * limit) can make a target slower, never faster: see sketch.c.
 *
 * Memory: 3,920 bytes for each target that has answered; at most MAX_TARGETS,
 * then all is forgotten.
 */
#include "latency.h"

#include "base/clock.h"
#include "base/text.h"
#include "sketch.h"
#include "table.h"

#define MAX_TARGETS 1024
#define SIZES       4 /* below 4 KiB, 32 KiB, 256 KiB, and what is longer */
/** Of an answer whose rate is believed: shorter ones come at once. */
#define LEAST_TOKENS   8
#define MOST_TOKENS    (INT64_C(1) << 22)
#define LEAST_EVIDENCE 9.5f   /* of ten, a little of which may have faded */
#define CHANCE         1.638f /* 1.28 squared: one case of ten is beyond */
/** Rates are kept times this, so that all there are lie in a sketch. */
#define RATE_SCALE 1024

struct sketches {
    struct llmgw__sketch first[SIZES];
    struct llmgw__sketch rate;
};

static unsigned size_of(uint64_t prompt_bytes);
static uint64_t rate_of(const struct llmgw__pace *pace);

llmgw_status llmgw__latencies_init(struct llmgw__latencies *latencies)
{
    llmgw__map_init(&latencies->sketches);
    return llmgw__mutex_init(&latencies->lock);
}

void llmgw__latencies_clear(struct llmgw__latencies *latencies)
{
    llmgw__table_clear(&latencies->sketches);
    llmgw__mutex_clear(&latencies->lock);
}

void llmgw__latency_note(struct llmgw__latencies *latencies,
                         const char *target_id, const struct llmgw__pace *pace,
                         uint64_t now_ns)
{
    uint64_t rate = rate_of(pace);
    struct sketches *of;

    if (!pace->first_ns && !rate)
        return;
    llmgw__mutex_lock(&latencies->lock);
    of = llmgw__table_make(&latencies->sketches, target_id, sizeof *of,
                           MAX_TARGETS);
    if (of && pace->first_ns)
        llmgw__sketch_add(&of->first[size_of(pace->prompt_bytes)],
                          pace->first_ns, pace->at_least, now_ns);
    if (of && rate)
        llmgw__sketch_add(&of->rate, rate, false, now_ns);
    llmgw__mutex_unlock(&latencies->lock);
}

uint64_t llmgw__latency_first(struct llmgw__latencies *latencies,
                              const char *target_id, uint64_t prompt_bytes,
                              unsigned quantile_pm, uint64_t now_ns)
{
    struct sketches *of;
    uint64_t first = 0;

    llmgw__mutex_lock(&latencies->lock);
    of = llmgw__map_get(&latencies->sketches, llmgw__str(target_id));
    if (of)
        first = llmgw__sketch_quantile(&of->first[size_of(prompt_bytes)], 1,
                                       quantile_pm, now_ns);
    if (of && !first)
        first = llmgw__sketch_quantile(of->first, SIZES, quantile_pm, now_ns);
    llmgw__mutex_unlock(&latencies->lock);
    return first;
}

uint64_t llmgw__latency_rate(struct llmgw__latencies *latencies,
                             const char *target_id, unsigned quantile_pm,
                             uint64_t now_ns)
{
    struct sketches *of;
    uint64_t rate = 0;

    llmgw__mutex_lock(&latencies->lock);
    of = llmgw__map_get(&latencies->sketches, llmgw__str(target_id));
    if (of)
        rate = llmgw__sketch_quantile(&of->rate, 1, quantile_pm, now_ns);
    llmgw__mutex_unlock(&latencies->lock);
    return rate / RATE_SCALE;
}

/** More than the share of so many, by more than chance is likely to do:
 *  beyond the mean by 1.28 of its deviation. */
static bool is_more(float beyond, float all, unsigned share_pm)
{
    float share = (float)share_pm / 1000;
    float over = beyond - all * share;

    return all >= LEAST_EVIDENCE && over > 0 &&
           over * over > CHANCE * all * share * (1 - share);
}

bool llmgw__latency_is_late(struct llmgw__latencies *latencies,
                            const char *target_id, uint64_t prompt_bytes,
                            uint64_t first_ns, unsigned share_pm,
                            uint64_t now_ns)
{
    float within = 0, late = 0;
    struct sketches *of;

    llmgw__mutex_lock(&latencies->lock);
    of = llmgw__map_get(&latencies->sketches, llmgw__str(target_id));
    if (of)
        llmgw__sketch_split(&of->first[size_of(prompt_bytes)], 1, first_ns,
                            now_ns, &within, &late);
    if (of && within + late < LEAST_EVIDENCE)
        llmgw__sketch_split(of->first, SIZES, first_ns, now_ns, &within, &late);
    llmgw__mutex_unlock(&latencies->lock);
    return is_more(late, within + late, share_pm);
}

bool llmgw__latency_is_slow(struct llmgw__latencies *latencies,
                            const char *target_id, uint32_t rate,
                            unsigned share_pm, uint64_t now_ns)
{
    float slow = 0, within = 0;
    struct sketches *of;

    llmgw__mutex_lock(&latencies->lock);
    of = llmgw__map_get(&latencies->sketches, llmgw__str(target_id));
    if (of)
        llmgw__sketch_split(&of->rate, 1, (uint64_t)rate * 1000 * RATE_SCALE,
                            now_ns, &slow, &within);
    llmgw__mutex_unlock(&latencies->lock);
    return is_more(slow, slow + within, share_pm);
}

static unsigned size_of(uint64_t prompt_bytes)
{
    unsigned size = 0;

    for (uint64_t most = 4096; size + 1 < SIZES && prompt_bytes >= most;
         most *= 8)
        size++;
    return size;
}

/** Tokens per 1,000 seconds, scaled; the first has come before the time that
 *  is measured. 0: none is known */
static uint64_t rate_of(const struct llmgw__pace *pace)
{
    uint64_t took_us = pace->took_ns / 1000;

    if (pace->tokens < LEAST_TOKENS || pace->tokens > MOST_TOKENS || !took_us)
        return 0;
    return (uint64_t)(pace->tokens - 1) * UINT64_C(1000000000) / took_us *
           RATE_SCALE;
}
