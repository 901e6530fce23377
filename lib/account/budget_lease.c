/*
 * account/budget_lease.c - what this gateway has in hand of a budget: asked of
 * the store in slices, which get smaller as the budget does, and given back
 * when it is idle.
 *
 * Memory: one operation for each budget, its own.
 */
#include <string.h>

#include "budget.h"
#include "budget_state.h"

#define SLICES     16 /* of the limit, at most so much at once */
#define LAST_PARTS 8  /* of what is free */

#define IDLE_NS (INT64_C(5) * 1000000000)
#define NEWS_NS INT64_C(1000000000)

static void lease_ended(struct llmgw_store_op *op, llmgw_status status);

/** A lease number is never used again, so that what was reserved from an old
 *  one is not taken from the new. */
static void begin_anew(struct llmgw__budget_state *state)
{
    state->lease++;
    state->committed -= state->in_hand;
    state->in_hand = 0;
    state->until_ns = 0;
}

void llmgw__budget_state_look(struct llmgw__budget_state *state,
                              int64_t wall_ns)
{
    bool rolls = state->rule.rolling_s != 0;

    llmgw__window_at(&state->rule, wall_ns, &state->window);
    if (!rolls && state->bucket_s != state->window.bucket_s) {
        if (state->until_ns)
            begin_anew(state);
        state->committed = state->oldest_s = 0;
        state->told = 0;
        state->denied = false;
    } else if (state->until_ns && wall_ns >= state->until_ns) {
        begin_anew(state);
    }
    state->bucket_s = state->window.bucket_s;
}

static int64_t slice_of(const struct llmgw__budget_state *state, int64_t need)
{
    int64_t free = state->rule.limit - state->committed;
    int64_t slice = state->rule.limit / SLICES;

    if (slice > free / LAST_PARTS)
        slice = free / LAST_PARTS;
    return slice > need ? slice : need;
}

void llmgw__budget_lease_want(struct llmgw__budget_state *state, int64_t need,
                              int64_t wall_ns)
{
    state->asked = (llmgw_store_lease){
        .budget = state->key,
        .writer = state->budgets->ledger->writer,
        .number = state->lease,
        .from_s = state->window.from_s,
        .bucket_s = state->window.bucket_s,
        .limit = state->rule.limit,
        .need = need,
        .want = need ? slice_of(state, need) : 0,
        .now_ns = wall_ns,
        .ttl_ns = LLMGW__LEASE_TTL_NS,
        .kept = state->budgets->ledger->keeps_leases,
    };
    state->asked_ns = state->seen_ns = wall_ns;
    state->leasing = true;
    state->ended_at_once = true;
    memset(&state->op, 0, sizeof state->op);
    state->op.kind = LLMGW_STORE_LEASE;
    state->op.lease = &state->asked;
    state->op.on_end = lease_ended;
    state->op.userdata = state;
}

void llmgw__budget_lease_ask(struct llmgw__budget_state *state)
{
    struct llmgw__budgets *budgets = state->budgets;

    llmgw__ledger_submit(budgets->ledger, &state->op);
    llmgw__mutex_lock(&budgets->lock);
    if (state->leasing)
        state->ended_at_once = false;
    llmgw__mutex_unlock(&budgets->lock);
}

/** One that the store keeps is good as long as it counts there, also while the
 *  store is away. */
static int64_t usable_until(const struct llmgw__budget_state *state)
{
    const llmgw_store_lease *asked = &state->asked;
    int64_t end_s = asked->bucket_s + (int64_t)state->rule.rolling_s;

    if (!asked->kept)
        return state->asked_ns + asked->ttl_ns - LLMGW__LEASE_MARGIN_NS;
    return state->rule.rolling_s ? end_s * 1000000000 - LLMGW__LEASE_MARGIN_NS
                                 : INT64_MAX;
}

/** What came of it; the lease may be another by now, of a new window. */
static void take_answer(struct llmgw__budget_state *state, llmgw_status status)
{
    const llmgw_store_lease *asked = &state->asked;

    state->away = status != LLMGW_OK;
    state->denied = state->away || (asked->need && !asked->granted);
    state->denied_need = asked->need;
    state->denied_ns = 0;
    if (state->away || asked->ends)
        return;
    if (asked->bucket_s == state->window.bucket_s || state->rule.rolling_s) {
        state->committed = asked->committed;
        state->oldest_s = asked->oldest_s;
    }
    if (asked->number != state->lease)
        return;
    if (asked->lapsed) {
        state->in_hand = 0; /* not among what is committed */
        begin_anew(state);
        state->denied = false; /* it asks again, for a new one */
    } else if (asked->granted || state->until_ns) {
        state->in_hand += asked->granted;
        state->until_ns = usable_until(state);
    }
}

static void lease_ended(struct llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__budget_state *state = op->userdata;
    struct llmgw__budgets *budgets = state->budgets;
    bool rings;

    llmgw__mutex_lock(&budgets->lock);
    take_answer(state, status);
    rings = state->waited || !state->ended_at_once;
    state->leasing = state->waited = false;
    llmgw__mutex_unlock(&budgets->lock);
    if (rings && budgets->on_room)
        budgets->on_room(budgets->on_room_userdata);
}

/* --- looked after --- */

/** Nothing was leased, as it only warns: what others use is asked for. */
static bool wants_news(const struct llmgw__budget_state *state, int64_t wall_ns)
{
    return state->rule.action == LLMGW__BUDGET_WARN &&
           wall_ns - state->used_ns < IDLE_NS &&
           wall_ns - state->asked_ns >= NEWS_NS;
}

/** Nothing is reserved from it any more, or it is to be renewed. */
static bool wants_tending(struct llmgw__budget_state *state, int64_t wall_ns,
                          bool ends)
{
    bool idle = wall_ns - state->used_ns >= IDLE_NS;

    if (state->leasing)
        return false;
    llmgw__budget_state_look(state, wall_ns);
    if (!state->until_ns) {
        if (ends || !wants_news(state, wall_ns))
            return false;
        llmgw__budget_lease_want(state, 0, wall_ns);
        return true;
    }
    llmgw__budget_lease_want(state, 0, wall_ns);
    if (!state->pending && (ends || idle)) {
        state->asked.ends = 1;
        begin_anew(state);
        return true;
    }
    if (!ends && wall_ns >= state->until_ns - LLMGW__LEASE_MARGIN_NS)
        return true; /* it grows by nothing, and lasts longer */
    state->leasing = false;
    return false;
}

void llmgw__budgets_tend(struct llmgw__budgets *budgets, int64_t wall_ns,
                         bool ends)
{
    struct llmgw__budget_state *wants;
    size_t at = 0;

    llmgw__mutex_lock(&budgets->lock);
    llmgw__budget_states_forget(budgets, wall_ns);
    llmgw__mutex_unlock(&budgets->lock);
    do {
        llmgw_str key;
        void *value;

        wants = NULL;
        llmgw__mutex_lock(&budgets->lock);
        while (!wants && llmgw__map_next(&budgets->states, &at, &key, &value)) {
            struct llmgw__budget_state *state = value;

            if (wants_tending(state, wall_ns, ends))
                wants = state;
        }
        llmgw__mutex_unlock(&budgets->lock);
        if (wants)
            llmgw__budget_lease_ask(wants);
    } while (wants);
}
