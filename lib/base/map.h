/* base/map.h - hash map from text to pointer; keys are copied. */
#ifndef LLMGW_BASE_MAP_H
#define LLMGW_BASE_MAP_H

#include <stddef.h>

#include <llmgw/base.h>

struct llmgw__map_slot;

struct llmgw__map {
    struct llmgw__map_slot *slots;
    size_t cap;
    size_t count;
};

void llmgw__map_init(struct llmgw__map *map);
/** NULL: absent. */
void *llmgw__map_get(const struct llmgw__map *map, llmgw_str key);
/** Add or replace. */
llmgw_status llmgw__map_set(struct llmgw__map *map, llmgw_str key, void *value);
/** Iterate: *at starts at 0; false: no more. */
int llmgw__map_next(const struct llmgw__map *map, size_t *at, llmgw_str *key,
                    void **value);
void llmgw__map_clear(struct llmgw__map *map);

#endif
