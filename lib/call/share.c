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
#include "driver.h"
#include "route/breaker_share.h"

#define HEAR_NS  (2 * LLMGW__SECOND)
#define CLOSE_NS (60 * (int64_t)LLMGW__SECOND) /* a closing is of interest */
#define PREFIX   "breaker/"
#define DOWN     "open"

static struct llmgw__breaker_time time_of(const struct llmgw__core *core,
                                          uint64_t now_ns)
{
    const struct llmgw__breaker_time time = {now_ns, llmgw__core_wall_ns(core)};

    return time;
}

static void note_end(struct llmgw__core *core, llmgw_status status)
{
    if (status == LLMGW_E_UNSUPPORTED)
        atomic_store(&core->share.none, true);
}

/* --- tell --- */

static void told(struct llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__core *core = op->userdata;

    note_end(core, status);
    llmgw__buf_clear(&core->share.key);
    atomic_store(&core->share.telling, false);
}

/** @return false: there is nothing to tell, or no memory for it */
static bool next_fact(struct llmgw__core *core, uint64_t now_ns)
{
    struct llmgw__share *share = &core->share;
    const struct llmgw__breaker_time time = time_of(core, now_ns);
    struct llmgw__breaker_rumour rumour;

    llmgw__buf_init(&share->key, 0);
    llmgw__buf_add_z(&share->key, PREFIX);
    if (!llmgw__breaker_news(&core->router.breakers, &time, &share->key,
                             &rumour))
        return false;
    share->fact.key = llmgw__buf_str(&share->key);
    share->fact.value = llmgw__str(rumour.open ? DOWN : "");
    share->fact.stamp_ns = rumour.stamp_ns;
    share->fact.until_ns =
        rumour.open ? rumour.until_ns : rumour.stamp_ns + CLOSE_NS;
    return share->key.status == LLMGW_OK;
}

static void tell(struct llmgw__core *core, uint64_t now_ns)
{
    struct llmgw__share *share = &core->share;

    if (!atomic_load(&core->router.breakers.news) ||
        atomic_exchange(&share->telling, true))
        return;
    if (!next_fact(core, now_ns)) {
        llmgw__buf_clear(&share->key);
        atomic_store(&share->telling, false);
        return;
    }
    memset(&share->tell, 0, sizeof share->tell);
    share->tell.kind = LLMGW_STORE_TELL;
    share->tell.fact = &share->fact;
    share->tell.userdata = core;
    share->tell.on_end = told;
    llmgw__ledger_submit(&core->ledger, &share->tell);
}

/* --- hear --- */

static int32_t hear_fact(const llmgw_store_fact *fact, void *userdata)
{
    static const size_t prefix = sizeof PREFIX - 1;
    struct llmgw__core *core = userdata;
    const struct llmgw__breaker_time time =
        time_of(core, core->clock.monotonic_ns(core->clock.userdata));
    const struct llmgw__breaker_rumour rumour = {
        .open = fact->value.len > 0,
        .stamp_ns = fact->stamp_ns,
        .until_ns = fact->until_ns,
    };

    if (fact->key.len > prefix && !memcmp(fact->key.data, PREFIX, prefix))
        llmgw__breaker_hear(
            &core->router.breakers, &time,
            llmgw__str_n(fact->key.data + prefix, fact->key.len - prefix),
            &rumour);
    return 0;
}

static void heard(struct llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__core *core = op->userdata;

    note_end(core, status);
    atomic_store(&core->share.hearing, false);
}

static void hear(struct llmgw__core *core, uint64_t now_ns)
{
    struct llmgw__share *share = &core->share;
    unsigned long long last = atomic_load(&share->heard_ns);

    if (now_ns < last + HEAR_NS || atomic_exchange(&share->hearing, true))
        return;
    atomic_store(&share->heard_ns, now_ns);
    memset(&share->hear, 0, sizeof share->hear);
    share->hear.kind = LLMGW_STORE_HEAR;
    share->hear.on_fact = hear_fact;
    share->hear.userdata = core;
    share->hear.on_end = heard;
    llmgw__ledger_submit(&core->ledger, &share->hear);
}

void llmgw__share_turn(struct llmgw__core *core, uint64_t now_ns)
{
    if (atomic_load(&core->share.none))
        return;
    tell(core, now_ns);
    hear(core, now_ns);
}
