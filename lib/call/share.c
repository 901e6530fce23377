/*
 * call/share.c - gateways that share a store let each other know how targets
 * are: a fact for each breaker that has opened or closed, told at once, heard
 * every two seconds. While the store is away each goes by its own findings.
 *
 * Memory: one operation of each kind.
 */
#include "share.h"

#include <string.h>

#include "base/clock.h"
#include "route/breaker_share.h"

#define HEAR_NS  (2 * LLMGW__SECOND)
#define CLOSE_NS (60 * (int64_t)LLMGW__SECOND) /* a closing is of interest */
#define PREFIX   "breaker/"
#define DOWN     "open"

static struct llmgw__breaker_time time_of(const struct llmgw__share *share,
                                          uint64_t now_ns)
{
    const struct llmgw__breaker_time time = {
        now_ns, share->clock->wall_ns(share->clock->userdata)};

    return time;
}

static void note_end(struct llmgw__share *share, llmgw_status status)
{
    if (status == LLMGW_E_UNSUPPORTED)
        atomic_store(&share->none, true);
}

/* --- tell --- */

static void told(struct llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__share *share = op->userdata;

    note_end(share, status);
    llmgw__buf_clear(&share->key);
    atomic_store(&share->telling, false);
}

/** @return false: there is nothing to tell, or no memory for it */
static bool next_fact(struct llmgw__share *share, uint64_t now_ns)
{
    const struct llmgw__breaker_time time = time_of(share, now_ns);
    struct llmgw__breaker_rumour rumour;

    llmgw__buf_init(&share->key, 0);
    llmgw__buf_add_z(&share->key, PREFIX);
    if (!llmgw__breaker_news(share->breakers, &time, &share->key, &rumour))
        return false;
    share->fact.key = llmgw__buf_str(&share->key);
    share->fact.value = llmgw__str(rumour.open ? DOWN : "");
    share->fact.stamp_ns = rumour.stamp_ns;
    share->fact.until_ns =
        rumour.open ? rumour.until_ns : rumour.stamp_ns + CLOSE_NS;
    return share->key.status == LLMGW_OK;
}

static void tell(struct llmgw__share *share, uint64_t now_ns)
{
    if (!atomic_load(&share->breakers->news) ||
        atomic_exchange(&share->telling, true))
        return;
    if (!next_fact(share, now_ns)) {
        llmgw__buf_clear(&share->key);
        atomic_store(&share->telling, false);
        return;
    }
    memset(&share->tell, 0, sizeof share->tell);
    share->tell.kind = LLMGW_STORE_TELL;
    share->tell.fact = &share->fact;
    share->tell.userdata = share;
    share->tell.on_end = told;
    llmgw__ledger_submit(share->ledger, &share->tell);
}

/* --- hear --- */

static int32_t hear_fact(const llmgw_store_fact *fact, void *userdata)
{
    static const size_t prefix = sizeof PREFIX - 1;
    struct llmgw__share *share = userdata;
    const struct llmgw__breaker_time time =
        time_of(share, share->clock->monotonic_ns(share->clock->userdata));
    const struct llmgw__breaker_rumour rumour = {
        .open = fact->value.len > 0,
        .stamp_ns = fact->stamp_ns,
        .until_ns = fact->until_ns,
    };

    if (fact->key.len > prefix && !memcmp(fact->key.data, PREFIX, prefix))
        llmgw__breaker_hear(
            share->breakers, &time,
            llmgw__str_n(fact->key.data + prefix, fact->key.len - prefix),
            &rumour);
    return 0;
}

static void heard(struct llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__share *share = op->userdata;

    note_end(share, status);
    atomic_store(&share->hearing, false);
}

static void hear(struct llmgw__share *share, uint64_t now_ns)
{
    unsigned long long last = atomic_load(&share->heard_ns);

    if (now_ns < last + HEAR_NS || atomic_exchange(&share->hearing, true))
        return;
    atomic_store(&share->heard_ns, now_ns);
    memset(&share->hear, 0, sizeof share->hear);
    share->hear.kind = LLMGW_STORE_HEAR;
    share->hear.on_fact = hear_fact;
    share->hear.userdata = share;
    share->hear.on_end = heard;
    llmgw__ledger_submit(share->ledger, &share->hear);
}

void llmgw__share_turn(struct llmgw__share *share, uint64_t now_ns)
{
    if (atomic_load(&share->none))
        return;
    tell(share, now_ns);
    hear(share, now_ns);
}
