/*
 * route/breaker_share.c - what gateways let each other know of their breakers.
 *
 * Memory: breaker_states.c.
 */
#include "breaker_share.h"

#include "base/clock.h"
#include "base/text.h"
#include "breaker_state.h"

#define MOST_NS (3600 * (int64_t)LLMGW__SECOND) /* nothing is believed longer */

static int64_t ahead(uint64_t due_ns, uint64_t now_ns)
{
    return due_ns > now_ns ? (int64_t)(due_ns - now_ns) : 0;
}

/** @return NULL: all has been told */
static struct llmgw__breaker_state *
find_news(const struct llmgw__breakers *breakers, llmgw_str *id)
{
    size_t at = 0;
    void *value;

    while (llmgw__map_next(&breakers->states, &at, id, &value)) {
        struct llmgw__breaker_state *state = value;

        if (state->news)
            return state;
    }
    return NULL;
}

bool llmgw__breaker_news(struct llmgw__breakers *breakers,
                         const struct llmgw__breaker_time *time,
                         struct llmgw__buf *id,
                         struct llmgw__breaker_rumour *out)
{
    struct llmgw__breaker_state *state;
    llmgw_str name;

    if (!atomic_load(&breakers->news))
        return false;
    llmgw__mutex_lock(&breakers->lock);
    state = find_news(breakers, &name);
    if (state) {
        llmgw__buf_add_str(id, name);
        out->open = state->open;
        out->stamp_ns = time->wall_ns;
        out->until_ns = time->wall_ns + ahead(state->due_ns, time->now_ns);
        state->news = false;
        state->heard_ns = time->wall_ns;
    } else {
        atomic_store(&breakers->news, false);
    }
    llmgw__mutex_unlock(&breakers->lock);
    return state != NULL;
}

static void hear_open(struct llmgw__breakers *breakers,
                      struct llmgw__breaker_state *state, uint64_t now_ns,
                      uint64_t due_ns)
{
    if (state->open)
        return;
    llmgw__breaker_begin(breakers, state);
    state->open = true;
    state->owner->open++;
    if (state->opened < UINT32_MAX)
        state->opened++;
    state->rumour = true;
    state->far = state->free_lied = false;
    state->lease_ns = 0;
    state->outage_ns = state->changed_ns = now_ns;
    state->span_ns = due_ns - now_ns;
    state->due_ns = due_ns;
}

static void hear_closed(struct llmgw__breakers *breakers,
                        struct llmgw__breaker_state *state, uint64_t now_ns)
{
    if (state->open && state->rumour)
        llmgw__breaker_close(breakers, state, now_ns);
    else if (state->open && state->due_ns > now_ns)
        state->due_ns = now_ns;
}

void llmgw__breaker_hear(struct llmgw__breakers *breakers,
                         const struct llmgw__breaker_time *time, llmgw_str id,
                         const struct llmgw__breaker_rumour *rumour)
{
    int64_t rest = rumour->until_ns - time->wall_ns;
    struct llmgw__breaker_state *state;

    if (rumour->open && (rest <= 0 || rest > MOST_NS))
        return;
    llmgw__mutex_lock(&breakers->lock);
    state = rumour->open && !breakers->deaf ? llmgw__breaker_make(breakers, id)
                                            : llmgw__breaker_find(breakers, id);
    if (state && !breakers->deaf && state->force == LLMGW__FORCE_NONE &&
        rumour->stamp_ns > state->heard_ns) {
        state->heard_ns = rumour->stamp_ns;
        if (rumour->open)
            hear_open(breakers, state, time->now_ns,
                      time->now_ns + (uint64_t)rest);
        else
            hear_closed(breakers, state, time->now_ns);
    }
    llmgw__mutex_unlock(&breakers->lock);
}
