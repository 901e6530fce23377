/*
 * route/throttle_rules.c - rate limits of our own: requests and tokens per
 * minute, requests at a time; of a key, a target, a tag.
 *
 * A limit follows the quota given with each ask, over reloads and in routes
 * that disagree. What a provider says is left of its own limit stands beside
 * that, for a key and model, until the provider's reset.
 *
 * An ask for more tokens than a whole minute has is let through when nothing
 * is used; the next ones wait for it.
 *
 * Memory: buckets (bucket.c), made when a quota is asked for, or when a
 * provider says something low; nothing else.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "bucket.h"
#include "throttle.h"

#define MAX_COUNT   INT64_C(1000000000000) /* tokens of an attempt */
#define MAX_TOLD_MS (INT64_C(24) * 60 * 60 * 1000)
#define WINDOW_MS   60000 /* of a provider that tells no reset */
#define LOW_SHARE   10    /* a tenth of a provider's limit matters */

/** A bucket that applies to an ask. */
struct applying {
    struct llmgw__bucket *bucket;
    const struct llmgw__quota *quota; /* NULL: what was told */
    enum llmgw__bucket_of of;
    llmgw_str tag; /* of LLMGW__OF_TAG */
};

/** All of them. */
struct applied {
    struct applying all[LLMGW__THROTTLE_HELD];
    unsigned count;
    bool make;     /* buckets that are not there yet */
    bool too_many; /* to hold */
};

/** Why there is no room. */
struct refusal {
    uint64_t back_us; /* 0: there is; UINT64_MAX: when something ends */
    const struct applying *by;
    int measure; /* LLMGW__MEASURES: too many at a time */
};

static bool applies(struct llmgw__throttle *throttle,
                    const struct llmgw__throttle_ask *ask);
static bool limits(const struct llmgw__quota *quota);
static llmgw_status apply(struct llmgw__throttle *throttle,
                          const struct llmgw__throttle_ask *ask,
                          struct applied *out);
static llmgw_status apply_tags(struct llmgw__throttle *throttle,
                               const struct llmgw__throttle_ask *ask,
                               struct applied *out);
static void check(const struct llmgw__throttle_ask *ask,
                  const struct applied *applied, struct refusal *out);
static void charge(const struct llmgw__throttle_ask *ask,
                   const struct applied *applied,
                   struct llmgw__throttle_hold *hold);
static void say_why(const struct refusal *refusal, char *why, size_t size);

llmgw_status llmgw__throttle_init(struct llmgw__throttle *throttle)
{
    llmgw__map_init(&throttle->buckets.all);
    throttle->buckets.sweep_at = 0;
    atomic_init(&throttle->buckets.told, 0);
    return llmgw__mutex_init(&throttle->lock);
}

void llmgw__throttle_clear(struct llmgw__throttle *throttle)
{
    size_t at = 0;
    llmgw_str name;
    void *bucket;

    while (llmgw__map_next(&throttle->buckets.all, &at, &name, &bucket))
        llmgw__free(bucket);
    llmgw__map_clear(&throttle->buckets.all);
    llmgw__mutex_clear(&throttle->lock);
}

/** What is counted of an attempt, whatever was asked for or told. */
static int64_t counted(int64_t tokens)
{
    if (tokens < 0)
        return 0;
    return tokens < MAX_COUNT ? tokens : MAX_COUNT;
}

static uint64_t ns_of(uint64_t us)
{
    return us > UINT64_MAX / 1000 ? UINT64_MAX : us * 1000;
}

llmgw_status llmgw__throttle_take(struct llmgw__throttle *throttle,
                                  const struct llmgw__throttle_ask *ask,
                                  struct llmgw__throttle_hold *hold,
                                  uint64_t *back_ns, char *why, size_t size)
{
    struct applied applied = {.make = true};
    struct refusal refusal;
    llmgw_status status;

    memset(hold, 0, sizeof *hold);
    *back_ns = 0;
    if (!applies(throttle, ask))
        return LLMGW_OK;
    llmgw__mutex_lock(&throttle->lock);
    if (throttle->buckets.all.count >= throttle->buckets.sweep_at)
        llmgw__buckets_sweep(&throttle->buckets, ask->now_ns / 1000);
    status = apply(throttle, ask, &applied);
    if (status != LLMGW_E_NOMEM) {
        check(ask, &applied, &refusal);
        if (refusal.back_us) {
            status = LLMGW_E_LIMIT;
            *back_ns = ns_of(refusal.back_us);
            say_why(&refusal, why, size);
        } else {
            charge(ask, &applied, hold);
        }
    }
    llmgw__mutex_unlock(&throttle->lock);
    return status;
}

uint64_t llmgw__throttle_look(struct llmgw__throttle *throttle,
                              const struct llmgw__throttle_ask *ask)
{
    struct applied applied = {.make = false};
    struct refusal refusal;

    if (!applies(throttle, ask))
        return 0;
    llmgw__mutex_lock(&throttle->lock);
    (void)apply(throttle, ask, &applied); /* makes none: cannot fail */
    check(ask, &applied, &refusal);
    llmgw__mutex_unlock(&throttle->lock);
    return ns_of(refusal.back_us);
}

void llmgw__throttle_give_back(struct llmgw__throttle *throttle,
                               struct llmgw__throttle_hold *hold, int64_t used,
                               uint64_t now_ns)
{
    int64_t more = used < 0 ? 0 : counted(used) - hold->tokens;

    if (hold->count == 0)
        return;
    llmgw__mutex_lock(&throttle->lock);
    for (unsigned i = 0; i < hold->count; i++) {
        struct llmgw__bucket *bucket = hold->buckets[i];

        bucket->busy--;
        llmgw__meter_settle(&bucket->meters[LLMGW__MEASURE_TOKENS], more,
                            now_ns / 1000);
    }
    llmgw__mutex_unlock(&throttle->lock);
    memset(hold, 0, sizeof *hold);
}

/* --- which buckets --- */

/** Has any provider said something low? */
static bool has_told(struct llmgw__throttle *throttle)
{
    return atomic_load_explicit(&throttle->buckets.told,
                                memory_order_relaxed) != 0;
}

/** Is there any limit that could say no? Asks no lock. */
static bool applies(struct llmgw__throttle *throttle,
                    const struct llmgw__throttle_ask *ask)
{
    return limits(&ask->target->provider->quota) ||
           limits(ask->target->quota) ||
           (ask->catalog->tag_quota_count && ask->tags.len) ||
           has_told(throttle);
}

static bool limits(const struct llmgw__quota *quota)
{
    return quota && (quota->requests || quota->tokens || quota->concurrent);
}

/** One more that applies; the same bucket counts once. */
static llmgw_status add(struct llmgw__throttle *throttle, struct applied *out,
                        struct applying one, llmgw_str name)
{
    one.bucket = llmgw__map_get(&throttle->buckets.all, name);
    if (!one.bucket && !out->make)
        return LLMGW_OK; /* of a new one there is room */
    for (unsigned i = 0; one.bucket && i < out->count; i++)
        if (out->all[i].bucket == one.bucket)
            return LLMGW_OK;
    if (out->count == LLMGW__THROTTLE_HELD) {
        out->too_many = true;
        return LLMGW_E_LIMIT;
    }
    if (!one.bucket)
        one.bucket = llmgw__bucket_make(&throttle->buckets, name);
    if (!one.bucket)
        return LLMGW_E_NOMEM;
    out->all[out->count++] = one;
    return LLMGW_OK;
}

static llmgw_status apply(struct llmgw__throttle *throttle,
                          const struct llmgw__throttle_ask *ask,
                          struct applied *out)
{
    const struct llmgw__target *target = ask->target;
    const struct llmgw__quota *quota = &target->provider->quota;
    llmgw_str key = llmgw__str(ask->key_id), none = {NULL, 0}, name;
    llmgw_status status = LLMGW_OK;
    char text[LLMGW__BUCKET_NAME];

    if (ask->key_id && limits(quota)) {
        name = llmgw__bucket_name(text, LLMGW__OF_KEY, key, none);
        status = add(throttle, out,
                     (struct applying){NULL, quota, LLMGW__OF_KEY, none}, name);
    }
    if (status == LLMGW_OK && limits(target->quota)) {
        name = llmgw__bucket_name(text, LLMGW__OF_TARGET,
                                  llmgw__str(target->id), none);
        status =
            add(throttle, out,
                (struct applying){NULL, target->quota, LLMGW__OF_TARGET, none},
                name);
    }
    if (status == LLMGW_OK && ask->key_id && has_told(throttle)) {
        name = llmgw__bucket_name(text, LLMGW__OF_MODEL, key,
                                  llmgw__str(target->model));
        if (llmgw__map_get(&throttle->buckets.all, name))
            status =
                add(throttle, out,
                    (struct applying){NULL, NULL, LLMGW__OF_MODEL, none}, name);
    }
    return status == LLMGW_OK ? apply_tags(throttle, ask, out) : status;
}

/** The quota of a tag: its own goes before that of every value. */
static const struct llmgw__quota *
quota_of_tag(const struct llmgw__catalog *catalog, llmgw_str tag)
{
    const struct llmgw__quota *every = NULL;

    for (size_t i = 0; i < catalog->tag_quota_count; i++) {
        const struct llmgw__tag_quota *one = &catalog->tag_quotas[i];
        llmgw_str of = llmgw__str(one->tag);

        if (llmgw__str_eq(of, tag))
            return &one->quota;
        if (llmgw__str_ends(of, "=*") && tag.len >= of.len - 1 &&
            memcmp(of.data, tag.data, of.len - 1) == 0)
            every = &one->quota;
    }
    return every;
}

static llmgw_status apply_tags(struct llmgw__throttle *throttle,
                               const struct llmgw__throttle_ask *ask,
                               struct applied *out)
{
    llmgw_str left = ask->tags, none = {NULL, 0};
    llmgw_status status = LLMGW_OK;
    char text[LLMGW__BUCKET_NAME];

    if (!ask->catalog->tag_quota_count)
        return LLMGW_OK;
    while (left.len && status == LLMGW_OK) {
        const char *comma = memchr(left.data, ',', left.len);
        size_t len = comma ? (size_t)(comma - left.data) : left.len;
        llmgw_str tag = llmgw__str_n(left.data, len);
        const struct llmgw__quota *quota = quota_of_tag(ask->catalog, tag);

        if (limits(quota))
            status = add(throttle, out,
                         (struct applying){NULL, quota, LLMGW__OF_TAG, tag},
                         llmgw__bucket_name(text, LLMGW__OF_TAG, tag, none));
        len += comma != NULL;
        left = llmgw__str_n(left.data + len, left.len - len);
    }
    return status;
}

/* --- is there room --- */

static int64_t wanted(const struct llmgw__throttle_ask *ask, int measure)
{
    return measure == LLMGW__MEASURE_REQUESTS ? 1 : counted(ask->tokens);
}

static uint64_t limit_of(const struct llmgw__quota *quota, int measure)
{
    uint64_t limit =
        measure == LLMGW__MEASURE_REQUESTS ? quota->requests : quota->tokens;

    return limit < LLMGW__RATE_MAX ? limit : LLMGW__RATE_MAX;
}

static uint64_t told_until(const struct llmgw__told *told, int64_t want,
                           uint64_t now_us)
{
    if (told->until_us <= now_us || (told->left > 0 && told->left >= want))
        return 0;
    return told->until_us;
}

static void refuse(struct refusal *out, uint64_t back_us,
                   const struct applying *by, int measure)
{
    if (back_us <= out->back_us)
        return;
    *out = (struct refusal){back_us, by, measure};
}

/** What says no longest. */
static void check(const struct llmgw__throttle_ask *ask,
                  const struct applied *applied, struct refusal *out)
{
    uint64_t now_us = ask->now_ns / 1000;

    *out = (struct refusal){applied->too_many ? UINT64_MAX : 0, NULL, 0};
    for (unsigned i = 0; i < applied->count; i++) {
        const struct applying *one = &applied->all[i];
        struct llmgw__bucket *bucket = one->bucket;

        for (int m = 0; m < LLMGW__MEASURES; m++) {
            int64_t want = wanted(ask, m);
            uint64_t limit = one->quota ? limit_of(one->quota, m) : 0;

            refuse(out, told_until(&bucket->told[m], want, now_us), one, m);
            if (!limit)
                continue;
            llmgw__meter_follow(&bucket->meters[m], limit, now_us);
            refuse(out, llmgw__meter_room_at(&bucket->meters[m], want), one, m);
        }
        if (one->quota && one->quota->concurrent &&
            bucket->busy >= one->quota->concurrent)
            refuse(out, UINT64_MAX, one, LLMGW__MEASURES);
    }
}

static void charge(const struct llmgw__throttle_ask *ask,
                   const struct applied *applied,
                   struct llmgw__throttle_hold *hold)
{
    hold->tokens = wanted(ask, LLMGW__MEASURE_TOKENS);
    for (unsigned i = 0; i < applied->count; i++) {
        struct llmgw__bucket *bucket = applied->all[i].bucket;

        for (int m = 0; m < LLMGW__MEASURES; m++) {
            int64_t want = wanted(ask, m);

            if (bucket->meters[m].limit)
                llmgw__meter_add(&bucket->meters[m], want);
            if (bucket->told[m].until_us > ask->now_ns / 1000)
                bucket->told[m].left -= want;
        }
        if (!applied->all[i].quota)
            continue; /* the provider counts for itself */
        bucket->busy++;
        hold->buckets[hold->count++] = bucket;
    }
}

static void say_why(const struct refusal *refusal, char *why, size_t size)
{
    static const char *const measures[] = {"requests a minute",
                                           "tokens a minute", "at a time"};
    const struct applying *by = refusal->by;
    const char *whose;
    uint64_t limit;

    if (!by) {
        (void)snprintf(why, size, "more than %d limits for one request",
                       LLMGW__THROTTLE_HELD);
        return;
    }
    if (!by->quota) {
        (void)snprintf(why, size,
                       "no %s left of this key's, by what its provider says",
                       refusal->measure == LLMGW__MEASURE_REQUESTS ? "requests"
                                                                   : "tokens");
        return;
    }
    whose = by->of == LLMGW__OF_KEY      ? "this key"
            : by->of == LLMGW__OF_TARGET ? "this target"
                                         : "tag ";
    limit = refusal->measure == LLMGW__MEASURES
                ? by->quota->concurrent
                : limit_of(by->quota, refusal->measure);
    (void)snprintf(why, size, "%llu %s of %s%.*s", (unsigned long long)limit,
                   measures[refusal->measure], whose, (int)by->tag.len,
                   by->tag.len ? by->tag.data : "");
}

/* --- what providers say --- */

/** Low enough to be minded, by their limit or by ours. */
static bool matters(const struct llmgw__allowed *told, uint64_t ours,
                    int measure)
{
    static const int64_t few[] = {3, 4096};

    return told->left <= few[measure] ||
           (told->limit > 0 && told->left <= told->limit / LOW_SHARE) ||
           (uint64_t)told->left < ours;
}

/** Nothing to remember; or what is left, and until when. */
static struct llmgw__told read_told(const struct llmgw__allowed *allowed,
                                    const struct llmgw__target *target,
                                    int measure, uint64_t now_us)
{
    uint64_t key = limit_of(&target->provider->quota, measure);
    uint64_t own = target->quota ? limit_of(target->quota, measure) : 0;
    int64_t ms = allowed->reset_ms < 0 ? WINDOW_MS : allowed->reset_ms;

    if (allowed->left < 0 || ms == 0 ||
        !matters(allowed, key > own ? key : own, measure))
        return (struct llmgw__told){0, 0};
    if (ms > MAX_TOLD_MS)
        ms = MAX_TOLD_MS;
    return (struct llmgw__told){allowed->left, now_us + (uint64_t)ms * 1000};
}

void llmgw__throttle_learn(struct llmgw__throttle *throttle,
                           const struct llmgw__target *target,
                           const char *key_id,
                           const struct llmgw__allowance *told, uint64_t now_ns)
{
    const struct llmgw__allowed *allowed[] = {&told->requests, &told->tokens};
    struct llmgw__told words[LLMGW__MEASURES];
    struct llmgw__bucket *bucket;
    char text[LLMGW__BUCKET_NAME];
    llmgw_str name;

    if (!told->told || !key_id)
        return;
    for (int m = 0; m < LLMGW__MEASURES; m++)
        words[m] = read_told(allowed[m], target, m, now_ns / 1000);
    if (!words[LLMGW__MEASURE_REQUESTS].until_us &&
        !words[LLMGW__MEASURE_TOKENS].until_us && !has_told(throttle))
        return; /* nothing to mind, and nothing to forget */
    name = llmgw__bucket_name(text, LLMGW__OF_MODEL, llmgw__str(key_id),
                              llmgw__str(target->model));
    llmgw__mutex_lock(&throttle->lock);
    bucket = llmgw__map_get(&throttle->buckets.all, name);
    if (!bucket && (words[LLMGW__MEASURE_REQUESTS].until_us ||
                    words[LLMGW__MEASURE_TOKENS].until_us)) {
        if (throttle->buckets.all.count >= throttle->buckets.sweep_at)
            llmgw__buckets_sweep(&throttle->buckets, now_ns / 1000);
        bucket = llmgw__bucket_make(&throttle->buckets,
                                    name); /* no memory: not minded */
    }
    for (int m = 0; bucket && m < LLMGW__MEASURES; m++)
        if (allowed[m]->left >= 0)
            bucket->told[m] = words[m];
    llmgw__mutex_unlock(&throttle->lock);
}
