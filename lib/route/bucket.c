/*
 * route/bucket.c - what has been used of limits, and how it drains.
 *
 * A meter keeps what was used and has not drained yet, not what is left: so it
 * follows whatever limit it is asked with. A limit drains each minute, counted
 * in whole microseconds and sixty-millionths of one, without any loss.
 *
 * Memory: a bucket for each name that was asked for and is not idle; looked
 * through when there are twice as many as the last time. From MAX_BUCKETS / 2
 * on, tags are forgotten that nobody holds.
 */
#include "bucket.h"

#include <stdbool.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define MINUTE_US   UINT64_C(60000000) /* times LLMGW__RATE_MAX fits */
#define MAX_USED    INT64_C(1000000000000000)
#define MAX_DEBT    60      /* minutes */
#define MAX_MINUTES 1000000 /* told of a wait, which give_back shortens */
#define MAX_BUCKETS 16384
#define FIRST_SWEEP 256

static void drain(struct llmgw__meter *meter, uint64_t now_us);

/* --- meters --- */

void llmgw__meter_follow(struct llmgw__meter *meter, uint64_t limit,
                         uint64_t now_us)
{
    if (meter->limit)
        drain(meter, now_us);
    else
        meter->at_us = now_us;
    meter->limit = limit;
}

uint64_t llmgw__meter_room_at(const struct llmgw__meter *meter, int64_t want)
{
    int64_t limit = (int64_t)meter->limit, over;
    uint64_t minutes, part;

    over = meter->used - (want < limit ? limit - want : 0);
    if (over <= 0)
        return 0;
    minutes = (uint64_t)(over / limit);
    if (minutes > MAX_MINUTES)
        minutes = MAX_MINUTES;
    part = (uint64_t)(over % limit) * MINUTE_US;
    if (part >= meter->drained) /* rounded up */
        part = (part - meter->drained + meter->limit - 1) / meter->limit;
    else /* over a whole number of minutes, some of it drained */
        part = UINT64_C(0) - (meter->drained - part) / meter->limit;
    return meter->at_us + minutes * MINUTE_US + part;
}

static void drain(struct llmgw__meter *meter, uint64_t now_us)
{
    uint64_t took, minutes, parts;

    if (now_us <= meter->at_us)
        return;
    took = now_us - meter->at_us;
    minutes = took / MINUTE_US;
    parts = took % MINUTE_US * meter->limit + meter->drained;
    meter->at_us = now_us;
    meter->drained = parts % MINUTE_US;
    if (minutes > (uint64_t)meter->used / meter->limit)
        meter->used = 0;
    else
        meter->used -= (int64_t)(minutes * meter->limit + parts / MINUTE_US);
    if (meter->used <= 0) {
        meter->used = 0;
        meter->drained = 0; /* an empty one has no credit */
    }
}

void llmgw__meter_add(struct llmgw__meter *meter, int64_t more)
{
    meter->used += more;
    if (meter->used > MAX_USED)
        meter->used = MAX_USED;
    if (meter->used < 0)
        meter->used = 0;
}

void llmgw__meter_settle(struct llmgw__meter *meter, int64_t more,
                         uint64_t now_us)
{
    int64_t most;

    if (!meter->limit)
        return;
    drain(meter, now_us);
    llmgw__meter_add(meter, more);
    most = (int64_t)meter->limit * MAX_DEBT;
    if (meter->used > most)
        meter->used = most;
}

/* --- buckets --- */

llmgw_str llmgw__bucket_name(char *text, enum llmgw__bucket_of of, llmgw_str id,
                             llmgw_str more)
{
    size_t len = id.len, rest;

    if (len > LLMGW__BUCKET_NAME - 2)
        len = LLMGW__BUCKET_NAME - 2;
    text[0] = (char)of;
    if (len)
        memcpy(text + 1, id.data, len);
    if (!more.len)
        return llmgw__str_n(text, len + 1);
    text[1 + len++] = '\n';
    rest = LLMGW__BUCKET_NAME - 1 - len;
    if (more.len < rest)
        rest = more.len;
    memcpy(text + 1 + len, more.data, rest);
    return llmgw__str_n(text, 1 + len + rest);
}

struct llmgw__bucket *llmgw__bucket_make(struct llmgw__buckets *buckets,
                                         llmgw_str name)
{
    struct llmgw__bucket *bucket = llmgw__calloc(1, sizeof *bucket);

    if (!bucket)
        return NULL;
    bucket->of = name.data[0];
    if (llmgw__map_set(&buckets->all, name, bucket) != LLMGW_OK) {
        llmgw__free(bucket);
        return NULL;
    }
    if (bucket->of == LLMGW__OF_MODEL)
        atomic_fetch_add_explicit(&buckets->told, 1, memory_order_relaxed);
    return bucket;
}

/** To forget it changes nothing. */
static bool is_idle(struct llmgw__bucket *bucket, uint64_t now_us)
{
    for (int m = 0; m < LLMGW__MEASURES; m++) {
        if (bucket->meters[m].limit)
            drain(&bucket->meters[m], now_us);
        if (bucket->meters[m].used || bucket->told[m].until_us > now_us)
            return false;
    }
    return bucket->busy == 0;
}

static bool is_kept(struct llmgw__bucket *bucket, bool tags, uint64_t now_us)
{
    return !is_idle(bucket, now_us) &&
           (tags || bucket->of != LLMGW__OF_TAG || bucket->busy);
}

/** Forget idle ones; with `tags` false also those of tags that nobody holds.
 *  No memory: nothing has changed. */
static void keep(struct llmgw__buckets *buckets, bool tags, uint64_t now_us)
{
    struct llmgw__map kept;
    size_t at = 0;
    llmgw_str name;
    void *bucket;

    llmgw__map_init(&kept);
    while (llmgw__map_next(&buckets->all, &at, &name, &bucket))
        if (is_kept(bucket, tags, now_us) &&
            llmgw__map_set(&kept, name, bucket) != LLMGW_OK) {
            llmgw__map_clear(&kept);
            return;
        }
    at = 0;
    while (llmgw__map_next(&buckets->all, &at, &name, &bucket)) {
        if (is_kept(bucket, tags, now_us))
            continue;
        if (((struct llmgw__bucket *)bucket)->of == LLMGW__OF_MODEL)
            atomic_fetch_sub_explicit(&buckets->told, 1, memory_order_relaxed);
        llmgw__free(bucket);
    }
    llmgw__map_clear(&buckets->all);
    buckets->all = kept;
}

void llmgw__buckets_sweep(struct llmgw__buckets *buckets, uint64_t now_us)
{
    keep(buckets, true, now_us);
    if (buckets->all.count >= MAX_BUCKETS / 2)
        keep(buckets, false, now_us);
    buckets->sweep_at = buckets->all.count * 2;
    if (buckets->sweep_at < FIRST_SWEEP)
        buckets->sweep_at = FIRST_SWEEP;
}
