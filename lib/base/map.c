/*
 * base/map.c - hash map from text to pointer, by linear probing.
 *
 * Source: FNV-1a (64 bits), its result mixed so that the low bits are good.
 * Memory: four words a slot, at most three quarters of the slots in use, and a
 * copy of each key. Nothing is ever removed, so there are no gravestones.
 */
#include "map.h"

#include <stdbool.h>
#include <stdint.h>

#include "alloc.h"
#include "text.h"

#define FIRST_CAP 16 /* a power of two, as all that follow */

struct llmgw__map_slot {
    char *key; /* NULL: free */
    size_t len;
    uint64_t hash;
    void *value;
};

static uint64_t hash_of(llmgw_str key);
static struct llmgw__map_slot *find(const struct llmgw__map *map, llmgw_str key,
                                    uint64_t hash);
static bool make_room(struct llmgw__map *map);

void llmgw__map_init(struct llmgw__map *map)
{
    map->slots = NULL;
    map->cap = 0;
    map->count = 0;
}

void *llmgw__map_get(const struct llmgw__map *map, llmgw_str key)
{
    struct llmgw__map_slot *slot;

    if (map->count == 0)
        return NULL;
    slot = find(map, key, hash_of(key));
    return slot->key ? slot->value : NULL;
}

llmgw_status llmgw__map_set(struct llmgw__map *map, llmgw_str key, void *value)
{
    uint64_t hash = hash_of(key);
    struct llmgw__map_slot *slot;

    if (!make_room(map))
        return LLMGW_E_NOMEM;
    slot = find(map, key, hash);
    if (!slot->key) {
        slot->key = llmgw__strndup(key.data, key.len);
        if (!slot->key)
            return LLMGW_E_NOMEM;
        slot->len = key.len;
        slot->hash = hash;
        map->count++;
    }
    slot->value = value;
    return LLMGW_OK;
}

int llmgw__map_next(const struct llmgw__map *map, size_t *at, llmgw_str *key,
                    void **value)
{
    while (*at < map->cap) {
        const struct llmgw__map_slot *slot = &map->slots[(*at)++];

        if (!slot->key)
            continue;
        *key = llmgw__str_n(slot->key, slot->len);
        *value = slot->value;
        return 1;
    }
    return 0;
}

void llmgw__map_clear(struct llmgw__map *map)
{
    for (size_t at = 0; at < map->cap; at++)
        llmgw__free(map->slots[at].key);
    llmgw__free(map->slots);
    llmgw__map_init(map);
}

static uint64_t hash_of(llmgw_str key)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (size_t at = 0; at < key.len; at++) {
        hash ^= (unsigned char)key.data[at];
        hash *= UINT64_C(0x100000001b3);
    }
    return hash ^ hash >> 32;
}

/* The slot of the key, or the free one where it belongs. One is always free. */
static struct llmgw__map_slot *find(const struct llmgw__map *map, llmgw_str key,
                                    uint64_t hash)
{
    size_t at = (size_t)hash & (map->cap - 1);

    for (;;) {
        struct llmgw__map_slot *slot = &map->slots[at];

        if (!slot->key ||
            (slot->hash == hash &&
             llmgw__str_eq(llmgw__str_n(slot->key, slot->len), key)))
            return slot;
        at = (at + 1) & (map->cap - 1);
    }
}

/* For one more key. */
static bool make_room(struct llmgw__map *map)
{
    struct llmgw__map bigger = {NULL, FIRST_CAP, map->count};

    if (map->count + 1 <= map->cap / 4 * 3)
        return true;
    if (map->cap > SIZE_MAX / 2)
        return false;
    if (map->cap)
        bigger.cap = map->cap * 2;
    bigger.slots = llmgw__calloc(bigger.cap, sizeof *bigger.slots);
    if (!bigger.slots)
        return false;
    for (size_t at = 0; at < map->cap; at++) {
        const struct llmgw__map_slot *slot = &map->slots[at];

        if (slot->key)
            *find(&bigger, llmgw__str_n(slot->key, slot->len), slot->hash) =
                *slot;
    }
    llmgw__free(map->slots);
    *map = bigger;
    return true;
}
