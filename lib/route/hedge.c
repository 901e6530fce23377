/*
 * route/hedge.c - when a second attempt is worth its cost.
 *
 * A bucket per route: it begins with one hedge, each call adds the budget's
 * share of one, up to the burst. Of n calls at most 1 + n * budget are hedged.
 *
 * Memory: a number for each route that hedges; at most MAX_ROUTES.
 */
#include "hedge.h"

#include "base/clock.h"
#include "table.h"

#define MAX_ROUTES 4096
#define ONE        1000 /* a hedge, in thousandths */

struct bucket {
    bool known;    /* not new */
    uint32_t left; /* thousandths of a hedge */
};

static struct bucket *bucket_of(struct llmgw__hedges *hedges,
                                const char *route);
static void add(struct bucket *bucket, const struct llmgw__hedging *hedge,
                uint32_t share);

llmgw_status llmgw__hedges_init(struct llmgw__hedges *hedges)
{
    llmgw__map_init(&hedges->buckets);
    return llmgw__mutex_init(&hedges->lock);
}

void llmgw__hedges_clear(struct llmgw__hedges *hedges)
{
    llmgw__table_clear(&hedges->buckets);
    llmgw__mutex_clear(&hedges->lock);
}

static bool hedges_at_all(const struct llmgw__hedging *hedge)
{
    return hedge->when != 0 && hedge->when != LLMGW__HEDGE_OFF;
}

void llmgw__hedge_count(struct llmgw__hedges *hedges, const char *route,
                        const struct llmgw__hedging *hedge)
{
    if (!hedges_at_all(hedge))
        return;
    llmgw__mutex_lock(&hedges->lock);
    add(bucket_of(hedges, route), hedge, hedge->budget_pm);
    llmgw__mutex_unlock(&hedges->lock);
}

uint64_t llmgw__hedge_delay(const struct llmgw__hedging *hedge,
                            struct llmgw__latencies *latencies,
                            const char *target_id, uint64_t prompt_bytes,
                            uint64_t now_ns)
{
    uint64_t delay;

    switch (hedge->when) {
    case LLMGW__HEDGE_AT_ONCE:
        return 0;
    case LLMGW__HEDGE_AFTER:
        return hedge->after_ms * LLMGW__MS;
    case LLMGW__HEDGE_QUANTILE:
        delay = llmgw__latency_first(latencies, target_id, prompt_bytes,
                                     hedge->quantile_pm, now_ns);
        return delay ? delay : UINT64_MAX;
    default:
        return UINT64_MAX;
    }
}

bool llmgw__hedge_take(struct llmgw__hedges *hedges, const char *route,
                       const struct llmgw__hedging *hedge)
{
    struct bucket *bucket;
    bool taken = false;

    if (!hedges_at_all(hedge))
        return false;
    llmgw__mutex_lock(&hedges->lock);
    bucket = bucket_of(hedges, route);
    if (bucket && bucket->left >= ONE) {
        bucket->left -= ONE;
        taken = true;
    }
    llmgw__mutex_unlock(&hedges->lock);
    return taken;
}

void llmgw__hedge_give_back(struct llmgw__hedges *hedges, const char *route,
                            const struct llmgw__hedging *hedge)
{
    llmgw__mutex_lock(&hedges->lock);
    add(bucket_of(hedges, route), hedge, ONE);
    llmgw__mutex_unlock(&hedges->lock);
}

/** Under the lock. NULL: no memory, and no hedge */
static struct bucket *bucket_of(struct llmgw__hedges *hedges, const char *route)
{
    struct bucket *bucket =
        llmgw__table_make(&hedges->buckets, route, sizeof *bucket, MAX_ROUTES);

    if (bucket && !bucket->known) {
        bucket->known = true;
        bucket->left = ONE;
    }
    return bucket;
}

/** A call's share never makes it overflow; what a call under another setting
 *  has left beyond this one's burst stays. */
static void add(struct bucket *bucket, const struct llmgw__hedging *hedge,
                uint32_t share)
{
    uint32_t most = (hedge->burst ? hedge->burst : 1u) * ONE;

    if (!bucket || bucket->left >= most)
        return;
    bucket->left = most - bucket->left < share ? most : bucket->left + share;
}
