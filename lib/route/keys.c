/*
 * route/keys.c - which key of a provider is asked with, and which ones rest.
 *
 * A key that was refused rests until the provider's own time; where none was
 * told, a rate limit rests one second, doubled each time it is met again, all
 * else five minutes. What is known is kept by the hash of the key, so that a
 * reload forgets nothing, and is forgotten when there is too much of it.
 *
 * Memory: a state for each key that was chosen among several, or refused; at
 * most MAX_STATES.
 */
#include "keys.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"

#define MAX_STATES    4096
#define RATE_FIRST_MS 1000
#define RATE_DOUBLES  6 /* to about a minute */
#define OTHER_MS      300000
#define MOST_MS       ((int64_t)24 * 60 * 60 * 1000)

struct state {
    uint64_t until_ns; /* it rests until then */
    uint64_t used;     /* turn of its last use; 0: never */
    uint32_t strikes;  /* refusals in a row */
};

static struct state *find(struct llmgw__keys *keys, const char *id,
                          const char *model);
static struct state *make(struct llmgw__keys *keys, const char *id,
                          const char *model);
static uint64_t rests_until(struct llmgw__keys *keys,
                            const struct llmgw__keys_ask *ask, int key);
static uint64_t rest_ms(const struct state *state,
                        const struct llmgw__error *error);
static void forget_all(struct llmgw__keys *keys);

llmgw_status llmgw__keys_init(struct llmgw__keys *keys)
{
    llmgw__map_init(&keys->states);
    keys->turn = 0;
    atomic_init(&keys->failing, 0);
    return llmgw__mutex_init(&keys->lock);
}

void llmgw__keys_clear(struct llmgw__keys *keys)
{
    forget_all(keys);
    llmgw__mutex_clear(&keys->lock);
}

const char *llmgw__keys_id(const struct llmgw__provider *provider, int key)
{
    if (provider->key_count)
        return provider->keys[key].id;
    return provider->account ? provider->account : provider->name;
}

/** Under the lock: the best of them, and when the first is back. */
static int choose(struct llmgw__keys *keys, const struct llmgw__keys_ask *ask,
                  uint64_t *back_ns)
{
    int count = ask->provider->key_count ? (int)ask->provider->key_count : 1;
    int best = -1, soonest = -1;
    uint64_t best_used = 0;

    *back_ns = 0;
    for (int i = 0; i < count; i++) {
        const struct state *state =
            find(keys, llmgw__keys_id(ask->provider, i), NULL);
        uint64_t used = state ? state->used : 0;
        uint64_t until = rests_until(keys, ask, i);

        if (ask->tried >> i & 1)
            continue;
        if (until > ask->now_ns) {
            if (soonest < 0 || until < *back_ns) {
                soonest = i;
                *back_ns = until;
            }
        } else if (best < 0 || used < best_used) {
            best = i;
            best_used = used;
        }
    }
    return best < 0 && ask->anyway ? soonest : best;
}

int llmgw__keys_choose(struct llmgw__keys *keys,
                       const struct llmgw__keys_ask *ask, uint64_t *back_ns)
{
    int chosen;

    *back_ns = 0;
    if (ask->provider->key_count <= 1 && atomic_load(&keys->failing) == 0)
        return ask->tried & 1 ? -1 : 0;
    llmgw__mutex_lock(&keys->lock);
    chosen = choose(keys, ask, back_ns);
    if (chosen >= 0 && ask->provider->key_count > 1) {
        struct state *state =
            make(keys, llmgw__keys_id(ask->provider, chosen), NULL);

        if (state) /* no memory: it is taken again, no more than that */
            state->used = ++keys->turn;
    }
    llmgw__mutex_unlock(&keys->lock);
    return chosen;
}

uint64_t llmgw__keys_back(struct llmgw__keys *keys,
                          const struct llmgw__keys_ask *ask)
{
    uint64_t back_ns;
    int chosen;

    if (atomic_load(&keys->failing) == 0)
        return 0;
    llmgw__mutex_lock(&keys->lock);
    chosen = choose(keys, ask, &back_ns);
    llmgw__mutex_unlock(&keys->lock);
    return chosen < 0 ? back_ns : 0;
}

/** Whole, or for this model. */
static uint64_t rests_until(struct llmgw__keys *keys,
                            const struct llmgw__keys_ask *ask, int key)
{
    const char *id = llmgw__keys_id(ask->provider, key);
    const struct state *whole = find(keys, id, NULL);
    const struct state *part =
        atomic_load(&keys->failing) ? find(keys, id, ask->model) : NULL;
    uint64_t until = whole ? whole->until_ns : 0;

    return part && part->until_ns > until ? part->until_ns : until;
}

void llmgw__keys_rest(struct llmgw__keys *keys, const char *id,
                      const char *model, const struct llmgw__error *error,
                      uint64_t now_ns)
{
    bool lacks = error->kind == LLMGW_KIND_PERMISSION;
    struct state *state;

    llmgw__mutex_lock(&keys->lock);
    state = make(keys, id, lacks ? model : NULL);
    if (state) {
        uint64_t until;

        if (state->strikes == 0)
            atomic_fetch_add(&keys->failing, 1);
        if (state->strikes == 0 || state->until_ns <= now_ns)
            state->strikes++; /* calls under way together are one strike */
        until = now_ns + rest_ms(state, error) * LLMGW__MS;
        if (until > state->until_ns)
            state->until_ns = until;
    }
    llmgw__mutex_unlock(&keys->lock);
}

static uint64_t rest_ms(const struct state *state,
                        const struct llmgw__error *error)
{
    uint32_t doubles = state->strikes - 1;

    if (error->retry_after_ms > 0)
        return (uint64_t)(error->retry_after_ms < MOST_MS
                              ? error->retry_after_ms
                              : MOST_MS);
    if (error->kind != LLMGW_KIND_RATE_LIMIT)
        return OTHER_MS;
    return (uint64_t)RATE_FIRST_MS
           << (doubles < RATE_DOUBLES ? doubles : RATE_DOUBLES);
}

static void absolve(struct llmgw__keys *keys, struct state *state)
{
    if (!state || !state->strikes)
        return;
    state->strikes = 0;
    state->until_ns = 0;
    atomic_fetch_sub(&keys->failing, 1);
}

void llmgw__keys_good(struct llmgw__keys *keys, const char *id,
                      const char *model)
{
    if (atomic_load(&keys->failing) == 0)
        return;
    llmgw__mutex_lock(&keys->lock);
    absolve(keys, find(keys, id, NULL));
    absolve(keys, find(keys, id, model));
    llmgw__mutex_unlock(&keys->lock);
}

/* --- states --- */

/** "ID" or "ID MODEL" as the map's key; a model too long for it is none. */
static llmgw_str name_of(char *text, size_t size, const char *id,
                         const char *model)
{
    int len = model ? snprintf(text, size, "%s\n%s", id, model)
                    : snprintf(text, size, "%s", id);

    return llmgw__str_n(text, (size_t)len < size ? (size_t)len : 0);
}

static struct state *find(struct llmgw__keys *keys, const char *id,
                          const char *model)
{
    char text[512];
    llmgw_str name = name_of(text, sizeof text, id, model);

    return name.len ? llmgw__map_get(&keys->states, name) : NULL;
}

static struct state *make(struct llmgw__keys *keys, const char *id,
                          const char *model)
{
    char text[512];
    llmgw_str name = name_of(text, sizeof text, id, model);
    struct state *state = find(keys, id, model);

    if (state || !name.len)
        return state;
    if (keys->states.count >= MAX_STATES)
        forget_all(keys);
    state = llmgw__calloc(1, sizeof *state);
    if (state && llmgw__map_set(&keys->states, name, state) != LLMGW_OK) {
        llmgw__free(state);
        return NULL;
    }
    return state;
}

static void forget_all(struct llmgw__keys *keys)
{
    size_t at = 0;
    llmgw_str id;
    void *state;

    while (llmgw__map_next(&keys->states, &at, &id, &state))
        llmgw__free(state);
    llmgw__map_clear(&keys->states);
    llmgw__map_init(&keys->states);
    atomic_store(&keys->failing, 0);
}
