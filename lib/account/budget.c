/*
 * account/budget.c - budgets: worst cases are reserved before anything is sent,
 * from what the store has leased to this gateway, and settled after.
 *
 * Memory: that of budget_state.c.
 */
#include "budget.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "budget_state.h"
#include "schema/tags.h"

/** An answer of the store that came late is good for so long: who has waited
 *  for it does not ask at once again. */
#define ANSWER_NS (INT64_C(250) * 1000000)

#define FALLEN 100                /* per mille */
#define MOST   (INT64_C(1) << 60) /* of one attempt: above a million USD */
#define ROUNDS 64

/** One taking: the budgets that apply, and what of each. */
struct taking {
    struct llmgw__budget_state *state[LLMGW__MAX_BUDGETS];
    const struct llmgw__budget_rule *rule[LLMGW__MAX_BUDGETS];
    int64_t need[LLMGW__MAX_BUDGETS];
    size_t count;
    llmgw_budget_event event[LLMGW__MAX_BUDGETS];
    size_t event_count;
};

static llmgw_status gather(struct llmgw__budgets *budgets,
                           const struct llmgw__budget_ask *ask,
                           struct taking *taking,
                           struct llmgw__budget_refusal *refusal);
static void tell_events(struct llmgw__budgets *budgets,
                        const struct taking *taking);

llmgw_status llmgw__budgets_init(struct llmgw__budgets *budgets,
                                 struct llmgw__ledger *ledger)
{
    memset(budgets, 0, sizeof *budgets);
    budgets->ledger = ledger;
    llmgw__map_init(&budgets->states);
    llmgw__map_init(&budgets->zones);
    return llmgw__mutex_init(&budgets->lock);
}

void llmgw__budgets_clear(struct llmgw__budgets *budgets)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&budgets->states, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(&budgets->states);
    at = 0;
    while (llmgw__map_next(&budgets->zones, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(&budgets->zones);
    llmgw__mutex_clear(&budgets->lock);
}

/** The value of its scope that an attempt has. @return false: it has none, or
 *  another than the budget is of */
static bool scope_value(const struct llmgw__budget_rule *rule,
                        const struct llmgw__budget_ask *ask, llmgw_str *value)
{
    switch (rule->scope) {
    case LLMGW__BUDGET_OF_PROVIDER:
        *value = ask->provider;
        break;
    case LLMGW__BUDGET_OF_ROUTE:
        *value = ask->route;
        break;
    case LLMGW__BUDGET_OF_KEY:
        *value = ask->key;
        break;
    case LLMGW__BUDGET_OF_TAG:
        *value = llmgw__tags_value(ask->tags, rule->tag);
        break;
    default:
        *value = llmgw__str("");
        return true;
    }
    if (!value->len)
        return false;
    return !rule->value || llmgw__str_is(*value, rule->value);
}

/* --- events --- */

static void note_event(struct taking *taking,
                       const struct llmgw__budget_state *state, bool refused)
{
    llmgw_budget_event *event = &taking->event[taking->event_count];

    if (taking->event_count == LLMGW__MAX_BUDGETS)
        return;
    taking->event_count++;
    *event = (llmgw_budget_event){
        .size = sizeof *event,
        .unit = state->rule.unit,
        .name = state->name,
        .value = state->value,
        .limit = state->rule.limit,
        .committed = llmgw__budget_state_used(state),
        .reset_ns =
            llmgw__window_reset(&state->rule, &state->window, state->oldest_s) *
            1000000000,
        .refused = refused,
        .per_mille = llmgw__budget_state_share(state),
    };
}

/** Each share once in a window, or as often as a rolling one gets there
 *  again. */
static void watch_share(struct taking *taking,
                        struct llmgw__budget_state *state)
{
    uint32_t share = llmgw__budget_state_share(state);
    uint8_t reached = share >= 1000 ? LLMGW__TOLD_ALL : 0;

    if (state->rule.warn_pm && share >= state->rule.warn_pm)
        reached |= LLMGW__TOLD_SHARE;
    if (state->rule.rolling_s && share + FALLEN < state->rule.warn_pm)
        state->told = 0;
    if (reached & ~state->told)
        note_event(taking, state, false);
    state->told |= reached;
}

static void tell_events(struct llmgw__budgets *budgets,
                        const struct taking *taking)
{
    for (size_t i = 0; budgets->on_budget && i < taking->event_count; i++)
        budgets->on_budget(&taking->event[i], budgets->on_budget_userdata);
}

/* --- take --- */

static void refuse(struct taking *taking, struct llmgw__budget_state *state,
                   const struct llmgw__budget_rule *rule, int64_t need,
                   struct llmgw__budget_refusal *refusal)
{
    int64_t used = llmgw__budget_state_used(state);

    *refusal = (struct llmgw__budget_refusal){
        .rule = rule,
        .value = state->value,
        .needs = need,
        .left = used < rule->limit ? rule->limit - used : 0,
        .reset_ns = llmgw__window_reset(rule, &state->window, state->oldest_s) *
                    1000000000,
        .away = state->away,
    };
    note_event(taking, state, true);
}

/** What an attempt needs of a budget; -1: that is not known. */
static int64_t need_of(const struct llmgw__budget_rule *rule,
                       const struct llmgw__budget_ask *ask)
{
    switch (rule->unit) {
    case LLMGW__BUDGET_TOKENS:
        return ask->most_tokens;
    case LLMGW__BUDGET_REQUESTS:
        return 1;
    default:
        return ask->most_pico;
    }
}

/** The budgets that apply, each with what is needed of it. */
static llmgw_status gather(struct llmgw__budgets *budgets,
                           const struct llmgw__budget_ask *ask,
                           struct taking *taking,
                           struct llmgw__budget_refusal *refusal)
{
    taking->count = 0;
    for (size_t i = 0; i < ask->rule_count && i < LLMGW__MAX_BUDGETS; i++) {
        const struct llmgw__budget_rule *rule = &ask->rules[i];
        int64_t need = need_of(rule, ask);
        struct llmgw__budget_state *state;
        llmgw_str value;

        if (!scope_value(rule, ask, &value))
            continue;
        state = llmgw__budget_state_of(budgets, rule, value);
        if (!state)
            return LLMGW_E_NOMEM;
        llmgw__budget_state_look(state, ask->wall_ns);
        state->seen_ns = ask->wall_ns;
        if (need < 0 && rule->action != LLMGW__BUDGET_WARN &&
            !(rule->unpriced && rule->unit == LLMGW__BUDGET_PICO_USD)) {
            refuse(taking, state, rule, -1, refusal);
            return LLMGW_E_LIMIT;
        }
        taking->state[taking->count] = state;
        taking->rule[taking->count] = rule;
        taking->need[taking->count++] = need < 0      ? 0
                                        : need > MOST ? MOST
                                                      : need;
    }
    return LLMGW_OK;
}

/** The store has said so a moment ago, to somebody who waited for it: however
 *  long that was, it is good for him. */
static bool was_denied(struct llmgw__budget_state *state, int64_t missing,
                       int64_t wall_ns)
{
    if (!state->denied || missing < state->denied_need)
        return false;
    if (!state->denied_ns)
        state->denied_ns = wall_ns;
    return wall_ns >= state->denied_ns &&
           wall_ns - state->denied_ns < ANSWER_NS;
}

/** What is in hand of each is enough, or which one is to be asked for. */
static llmgw_status look_at_hand(struct taking *taking, int64_t wall_ns,
                                 struct llmgw__budget_state **lacks,
                                 struct llmgw__budget_refusal *refusal)
{
    bool waits = false;

    *lacks = NULL;
    for (size_t i = 0; i < taking->count; i++) {
        struct llmgw__budget_state *state = taking->state[i];
        int64_t missing = taking->need[i] - state->in_hand;

        if (missing <= 0 || taking->rule[i]->action == LLMGW__BUDGET_WARN)
            continue;
        if (state->leasing) {
            waits = state->waited = true;
        } else if (was_denied(state, missing, wall_ns)) {
            refuse(taking, state, taking->rule[i], taking->need[i], refusal);
            return LLMGW_E_LIMIT;
        } else if (!*lacks) {
            *lacks = state;
            llmgw__budget_lease_want(state, missing, wall_ns);
        }
    }
    return *lacks || waits ? LLMGW__LEASING : LLMGW_OK;
}

/** Figures that have outgrown themselves begin anew. */
static void count_reserved(struct llmgw__budget_state *state, int64_t need)
{
    if (state->reserved > MOST || state->overrun > MOST) {
        state->reserved = state->open;
        state->settled = state->released = state->overrun = 0;
    }
    state->reserved += need;
    state->open += need;
}

static void reserve(struct taking *taking, struct llmgw__charges *charges,
                    int64_t wall_ns)
{
    charges->count = 0;
    for (size_t i = 0; i < taking->count; i++) {
        struct llmgw__budget_state *state = taking->state[i];
        int64_t need = taking->need[i];
        int64_t taken = need < state->in_hand ? need : state->in_hand;

        state->in_hand -= taken;
        state->committed += need - taken; /* of one that only warns */
        state->pending++;
        state->holders++;
        count_reserved(state, need);
        charges->leased[charges->count] = taken;
        state->used_ns = wall_ns;
        charges->state[charges->count] = state;
        charges->item[charges->count++] = (llmgw_store_charge){
            .budget = state->key,
            .bucket_s = state->window.bucket_s,
            .amount = need,
            .lease = state->lease,
        };
        watch_share(taking, state);
    }
}

/** One look, and what it asks for. @return LLMGW__LEASING: it has asked */
static llmgw_status try_once(struct llmgw__budgets *budgets,
                             const struct llmgw__budget_ask *ask,
                             struct llmgw__charges *charges,
                             struct llmgw__budget_refusal *refusal,
                             bool *at_once)
{
    struct llmgw__budget_state *lacks = NULL;
    struct taking taking;
    llmgw_status status;

    taking.event_count = 0;
    llmgw__mutex_lock(&budgets->lock);
    status = gather(budgets, ask, &taking, refusal);
    if (status == LLMGW_OK)
        status = look_at_hand(&taking, ask->wall_ns, &lacks, refusal);
    if (status == LLMGW_OK)
        reserve(&taking, charges, ask->wall_ns);
    llmgw__mutex_unlock(&budgets->lock);
    *at_once = false;
    if (lacks) {
        llmgw__budget_lease_ask(lacks);
        llmgw__mutex_lock(&budgets->lock);
        *at_once = lacks->ended_at_once;
        llmgw__mutex_unlock(&budgets->lock);
    }
    tell_events(budgets, &taking);
    return status;
}

llmgw_status llmgw__budgets_take(struct llmgw__budgets *budgets,
                                 const struct llmgw__budget_ask *ask,
                                 struct llmgw__charges *charges,
                                 struct llmgw__budget_refusal *refusal)
{
    llmgw_status status = LLMGW__LEASING;
    bool at_once = true;

    /* each round asks for one budget at most, once more where a lease had
     * lapsed; other threads may take what it brought */
    for (size_t i = 0; i < ROUNDS && at_once; i++) {
        status = try_once(budgets, ask, charges, refusal, &at_once);
        if (status != LLMGW__LEASING)
            return status;
    }
    if (at_once && budgets->on_room) /* nothing is under way that would ring */
        budgets->on_room(budgets->on_room_userdata);
    return status;
}

/* --- and what comes after --- */

void llmgw__budgets_opened(struct llmgw__budgets *budgets,
                           const struct llmgw__charges *charges)
{
    llmgw__mutex_lock(&budgets->lock);
    for (size_t i = 0; i < charges->count; i++)
        charges->state[i]->pending--;
    llmgw__mutex_unlock(&budgets->lock);
}

void llmgw__budgets_give_back(struct llmgw__budgets *budgets,
                              struct llmgw__charges *charges)
{
    llmgw__mutex_lock(&budgets->lock);
    for (size_t i = 0; i < charges->count; i++) {
        struct llmgw__budget_state *state = charges->state[i];
        const llmgw_store_charge *charge = &charges->item[i];

        state->pending--;
        state->holders--;
        state->open -= charge->amount;
        state->released += charge->amount;
        state->committed -= charge->amount - charges->leased[i];
        if (state->lease == charge->lease)
            state->in_hand += charges->leased[i];
    }
    charges->count = 0;
    llmgw__mutex_unlock(&budgets->lock);
}

static void settle_one(struct llmgw__budget_state *state,
                       llmgw_store_charge *charge, int64_t used)
{
    int64_t reserved = charge->amount;

    if (used < 0)
        used = reserved;
    if (used > MOST)
        used = MOST;
    state->open -= reserved;
    state->settled += used;
    if (used < reserved)
        state->released += reserved - used;
    else
        state->overrun += used - reserved;
    if (charge->bucket_s >= state->window.from_s)
        state->committed += used - reserved;
    state->denied = false;
    charge->amount = used;
}

void llmgw__budgets_settle(struct llmgw__budgets *budgets,
                           struct llmgw__charges *charges,
                           const int64_t used[LLMGW__BUDGET_UNITS],
                           int64_t wall_ns)
{
    struct taking taking;

    taking.event_count = 0;
    llmgw__mutex_lock(&budgets->lock);
    for (size_t i = 0; i < charges->count; i++) {
        struct llmgw__budget_state *state = charges->state[i];

        llmgw__budget_state_look(state, wall_ns);
        state->holders--;
        state->seen_ns = wall_ns;
        settle_one(state, &charges->item[i], used[state->rule.unit]);
        watch_share(&taking, state);
    }
    llmgw__mutex_unlock(&budgets->lock);
    tell_events(budgets, &taking);
}

uint32_t llmgw__budgets_press(struct llmgw__budgets *budgets,
                              const struct llmgw__budget_ask *ask)
{
    uint32_t most = 0;

    for (size_t i = 0; i < ask->rule_count; i++) {
        const struct llmgw__budget_rule *rule = &ask->rules[i];
        struct llmgw__budget_state *state;
        uint32_t share = 0;
        llmgw_str value;

        if (rule->action != LLMGW__BUDGET_CHEAPER ||
            !scope_value(rule, ask, &value))
            continue;
        llmgw__mutex_lock(&budgets->lock);
        state = llmgw__budget_state_of(budgets, rule, value);
        if (state) {
            llmgw__budget_state_look(state, ask->wall_ns);
            share = llmgw__budget_state_share(state);
        }
        llmgw__mutex_unlock(&budgets->lock);
        if (share >= rule->cheaper_pm && share > most)
            most = share;
    }
    return most;
}
