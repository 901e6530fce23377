/*
 * account/budget_states.c - the budgets of this gateway: found by rule and
 * value, kept over reloads, told to the host.
 *
 * Memory: one state for each budget and value; where there are many, those
 * that nothing is counted in any more are forgotten.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "budget.h"
#include "budget_state.h"

#define MANY         1024 /* fewer are not looked through */
#define FORGOTTEN_NS (INT64_C(60) * 1000000000)

/** What makes a budget another one: all but its limit, and what becomes of
 *  calls that do not fit. */
static void write_key(const struct llmgw__budget_rule *rule, llmgw_str value,
                      struct llmgw__buf *key)
{
    char what[64];

    (void)snprintf(what, sizeof what, "/%d/%d/%d/%u/", rule->scope, rule->unit,
                   rule->rolling_s ? 0 : rule->span, (unsigned)rule->rolling_s);
    llmgw__buf_add_str(key, llmgw__str(rule->name));
    llmgw__buf_add_str(key, llmgw__str(what));
    if (rule->scope == LLMGW__BUDGET_OF_TAG) { /* has no '=' in it */
        llmgw__buf_add_str(key, llmgw__str(rule->tag));
        llmgw__buf_add_char(key, '=');
    }
    llmgw__buf_add_str(key, llmgw__str(rule->zone_name && !rule->rolling_s
                                           ? rule->zone_name
                                           : "UTC"));
    llmgw__buf_add_char(key, '/');
    llmgw__buf_add_str(key, value);
}

static llmgw_str place(char **at, llmgw_str text)
{
    llmgw_str copy = {*at, text.len};

    if (text.len)
        memcpy(*at, text.data, text.len);
    *at += text.len;
    return copy;
}

/** A copy of the rule's zone that outlives its snapshot; NULL: no memory. */
static const struct llmgw__zone *
keep_zone(struct llmgw__budgets *budgets, const struct llmgw__budget_rule *rule)
{
    llmgw_str name = llmgw__str(rule->zone_name);
    struct llmgw__zone *zone = llmgw__map_get(&budgets->zones, name);

    if (zone)
        return zone;
    zone = llmgw__zone_copy(rule->zone);
    if (!zone || llmgw__map_set(&budgets->zones, name, zone) == LLMGW_OK)
        return zone;
    llmgw__free(zone);
    return NULL;
}

static struct llmgw__budget_state *make_state(struct llmgw__budgets *budgets,
                                              llmgw_str key, llmgw_str name,
                                              llmgw_str value)
{
    struct llmgw__budget_state *state =
        llmgw__calloc(1, sizeof *state + key.len + name.len + value.len);
    char *at;

    if (!state)
        return NULL;
    at = (char *)(state + 1);
    state->budgets = budgets;
    state->key = place(&at, key);
    state->name = place(&at, name);
    state->value = place(&at, value);
    state->lease = 1;
    if (llmgw__map_set(&budgets->states, state->key, state) == LLMGW_OK)
        return state;
    llmgw__free(state);
    return NULL;
}

struct llmgw__budget_state *
llmgw__budget_state_of(struct llmgw__budgets *budgets,
                       const struct llmgw__budget_rule *rule, llmgw_str value)
{
    const struct llmgw__zone *zone = NULL;
    struct llmgw__budget_state *state = NULL;
    struct llmgw__buf key;

    if (rule->zone && !rule->rolling_s) {
        zone = keep_zone(budgets, rule);
        if (!zone)
            return NULL;
    }
    llmgw__buf_init(&key, 0);
    write_key(rule, value, &key);
    if (key.status == LLMGW_OK) {
        state = llmgw__map_get(&budgets->states, llmgw__buf_str(&key));
        if (!state)
            state = make_state(budgets, llmgw__buf_str(&key),
                               llmgw__str(rule->name), value);
    }
    llmgw__buf_clear(&key);
    if (!state)
        return NULL;
    if (state->rule.limit != rule->limit)
        state->denied = false;
    state->rule = *rule;
    state->rule.zone = zone;
    return state;
}

int64_t llmgw__budget_state_used(const struct llmgw__budget_state *state)
{
    return state->committed - state->in_hand;
}

uint32_t llmgw__budget_state_share(const struct llmgw__budget_state *state)
{
    int64_t used = llmgw__budget_state_used(state);
    int64_t limit = state->rule.limit;

    if (used <= 0)
        return 0;
    if (limit <= 0)
        return UINT32_MAX;
    if (used / limit >= UINT32_MAX / 1000)
        return UINT32_MAX;
    return (uint32_t)(limit > INT64_MAX / 1000  ? used / (limit / 1000)
                      : used > INT64_MAX / 1000 ? used / limit * 1000
                                                : used * 1000 / limit);
}

/** Nobody looks at it, and the store knows what was counted. */
static bool is_idle(const struct llmgw__budget_state *state, int64_t wall_ns)
{
    return !state->holders && !state->leasing && !state->until_ns &&
           wall_ns - state->seen_ns >= FORGOTTEN_NS;
}

void llmgw__budget_states_forget(struct llmgw__budgets *budgets,
                                 int64_t wall_ns)
{
    struct llmgw__map kept;
    llmgw_str key;
    void *value;
    size_t at = 0;

    if (budgets->states.count < MANY ||
        (wall_ns >= budgets->forgot_ns &&
         wall_ns - budgets->forgot_ns < FORGOTTEN_NS))
        return;
    budgets->forgot_ns = wall_ns;
    llmgw__map_init(&kept);
    while (llmgw__map_next(&budgets->states, &at, &key, &value))
        if (!is_idle(value, wall_ns) &&
            llmgw__map_set(&kept, key, value) != LLMGW_OK) {
            llmgw__map_clear(&kept); /* another time */
            return;
        }
    at = 0;
    while (llmgw__map_next(&budgets->states, &at, &key, &value))
        if (is_idle(value, wall_ns))
            llmgw__free(value);
    llmgw__map_clear(&budgets->states);
    budgets->states = kept;
}

static void fill_info(const struct llmgw__budget_state *state,
                      llmgw_budget_info *info)
{
    *info = (llmgw_budget_info){
        .size = sizeof *info,
        .unit = state->rule.unit,
        .name = state->name,
        .value = state->value,
        .limit = state->rule.limit,
        .committed = state->committed,
        .reset_ns =
            llmgw__window_reset(&state->rule, &state->window, state->oldest_s) *
            1000000000,
        .reserved = state->reserved,
        .settled = state->settled,
        .released = state->released,
        .overrun = state->overrun,
        .open = state->open,
        .in_hand = state->in_hand,
    };
}

/** A row to be told, whose texts are held meanwhile. */
struct row {
    llmgw_budget_info info;
    struct llmgw__budget_state *state;
};

static llmgw_status hold_rows(struct llmgw__budgets *budgets, struct row **rows,
                              size_t *count)
{
    size_t cap = 0, at = 0;
    llmgw_status status;
    llmgw_str key;
    void *value;

    llmgw__mutex_lock(&budgets->lock);
    status =
        llmgw__grow((void **)rows, &cap, budgets->states.count, sizeof **rows);
    while (status == LLMGW_OK &&
           llmgw__map_next(&budgets->states, &at, &key, &value)) {
        struct row *row = &(*rows)[(*count)++];

        row->state = value;
        row->state->holders++;
        fill_info(row->state, &row->info);
    }
    llmgw__mutex_unlock(&budgets->lock);
    return status;
}

llmgw_status llmgw__budgets_read(struct llmgw__budgets *budgets,
                                 llmgw_budget_info_fn fn, void *userdata)
{
    struct row *rows = NULL;
    size_t count = 0;
    llmgw_status status = hold_rows(budgets, &rows, &count);

    for (size_t i = 0; i < count && fn(&rows[i].info, userdata) == 0; i++)
        ;
    llmgw__mutex_lock(&budgets->lock);
    for (size_t i = 0; i < count; i++)
        rows[i].state->holders--;
    llmgw__mutex_unlock(&budgets->lock);
    llmgw__free(rows);
    return status;
}
