/*
 * route/breaker_states.c - the states of breakers: found, made, forgotten.
 *
 * Memory: a state for each target that was asked, at most MAX_STATES, and a
 * count for each of their providers. One that is forgotten is closed: those
 * that are open are kept as long as there is room, and those that the host has
 * set always.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "breaker_state.h"

#define MAX_STATES 4096

static llmgw_str owner_name(llmgw_str id);
static void free_all(struct llmgw__map *map);
static bool make_room(struct llmgw__breakers *breakers);

llmgw_status llmgw__breakers_init(struct llmgw__breakers *breakers,
                                  const struct llmgw__random *random)
{
    llmgw__map_init(&breakers->states);
    llmgw__map_init(&breakers->owners);
    breakers->epoch = 0;
    atomic_init(&breakers->news, false);
    breakers->deaf = false;
    breakers->random = random;
    return llmgw__mutex_init(&breakers->lock);
}

void llmgw__breakers_clear(struct llmgw__breakers *breakers)
{
    free_all(&breakers->states);
    free_all(&breakers->owners);
    llmgw__mutex_clear(&breakers->lock);
}

llmgw_status llmgw__breakers_list(struct llmgw__breakers *breakers,
                                  struct llmgw__buf *out)
{
    size_t at = 0;
    llmgw_str id;
    void *state;

    llmgw__mutex_lock(&breakers->lock);
    while (llmgw__map_next(&breakers->states, &at, &id, &state)) {
        llmgw__buf_add_str(out, id);
        llmgw__buf_add_char(out, '\0');
    }
    llmgw__mutex_unlock(&breakers->lock);
    return out->status;
}

void llmgw__breaker_begin(struct llmgw__breakers *breakers,
                          struct llmgw__breaker_state *state)
{
    state->epoch = ++breakers->epoch;
    state->under_way = 0;
    state->turn = 0;
    state->known = 0;
}

struct llmgw__breaker_state *
llmgw__breaker_find(const struct llmgw__breakers *breakers, llmgw_str id)
{
    return llmgw__map_get(&breakers->states, id);
}

/** What stands before the first slash. */
static llmgw_str owner_name(llmgw_str id)
{
    const char *slash = id.len ? memchr(id.data, '/', id.len) : NULL;

    return slash ? llmgw__str_n(id.data, (size_t)(slash - id.data)) : id;
}

static struct llmgw__breaker_owner *make_owner(struct llmgw__breakers *breakers,
                                               llmgw_str id)
{
    llmgw_str name = owner_name(id);
    struct llmgw__breaker_owner *owner =
        llmgw__map_get(&breakers->owners, name);

    if (owner)
        return owner;
    owner = llmgw__calloc(1, sizeof *owner);
    if (owner && llmgw__map_set(&breakers->owners, name, owner) != LLMGW_OK) {
        llmgw__free(owner);
        return NULL;
    }
    return owner;
}

static bool adopt(struct llmgw__breakers *breakers, llmgw_str id,
                  struct llmgw__breaker_state *state)
{
    state->owner = make_owner(breakers, id);
    if (!state->owner ||
        llmgw__map_set(&breakers->states, id, state) != LLMGW_OK)
        return false;
    state->owner->open += state->open;
    return true;
}

static bool is_set(const struct llmgw__breaker_state *state)
{
    return state->force != LLMGW__FORCE_NONE;
}

static bool is_set_or_open(const struct llmgw__breaker_state *state)
{
    return is_set(state) || state->open;
}

static void
forget_but(struct llmgw__breakers *breakers,
           bool (*is_worth)(const struct llmgw__breaker_state *state))
{
    struct llmgw__map old = breakers->states;
    size_t at = 0;
    llmgw_str id;
    void *state;

    free_all(&breakers->owners);
    llmgw__map_init(&breakers->states);
    /* owners count anew */
    while (llmgw__map_next(&old, &at, &id, &state))
        if (!is_worth(state) || !adopt(breakers, id, state))
            llmgw__free(state);
    llmgw__map_clear(&old);
}

static bool make_room(struct llmgw__breakers *breakers)
{
    if (breakers->states.count < MAX_STATES)
        return true;
    forget_but(breakers, is_set_or_open);
    if (breakers->states.count >= MAX_STATES / 2) /* or it is soon done again */
        forget_but(breakers, is_set);
    return breakers->states.count < MAX_STATES;
}

struct llmgw__breaker_state *
llmgw__breaker_make(struct llmgw__breakers *breakers, llmgw_str id)
{
    struct llmgw__breaker_state *state = llmgw__breaker_find(breakers, id);

    if (state)
        return state;
    if (!make_room(breakers))
        return NULL;
    state = llmgw__calloc(1, sizeof *state);
    if (!state)
        return NULL;
    if (!adopt(breakers, id, state)) {
        llmgw__free(state);
        return NULL;
    }
    llmgw__breaker_begin(breakers, state);
    return state;
}

uint32_t llmgw__breaker_open_beside(const struct llmgw__breakers *breakers,
                                    llmgw_str id)
{
    const struct llmgw__breaker_owner *owner =
        llmgw__map_get(&breakers->owners, owner_name(id));

    return owner ? owner->open : 0;
}

static void free_all(struct llmgw__map *map)
{
    size_t at = 0;
    llmgw_str key;
    void *value;

    while (llmgw__map_next(map, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(map);
}
