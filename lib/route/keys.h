/*
 * route/keys.h - which key of a provider is asked with, and which ones rest.
 */
#ifndef LLMGW_ROUTE_KEYS_H
#define LLMGW_ROUTE_KEYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/map.h"
#include "base/sync.h"
#include "catalog/catalog.h"
#include "schema/error.h"

/** What is known of all keys of a gateway, over reloads; for any thread. */
struct llmgw__keys {
    struct llmgw__mutex lock;
    struct llmgw__map states; /* by id */
    uint64_t turn;            /* counts choices: who was used last */
    atomic_uint failing;      /* states with a strike; 0: nobody rests */
};

llmgw_status llmgw__keys_init(struct llmgw__keys *keys);
void llmgw__keys_clear(struct llmgw__keys *keys);

/** Which key is wanted. */
struct llmgw__keys_ask {
    const struct llmgw__provider *provider;
    const char *model;
    uint64_t now_ns;
    uint64_t tried; /* a bit for each key that is not to be taken */
    bool anyway;    /* one that rests too, if there is no other */
};

/**
 * Of the keys that do not rest the one whose last use is longest ago. A
 * provider without configured keys has one account, whose number is 0.
 *
 * @param[out] back_ns  of -1: when the first is back; 0: all were tried
 * @return its number; -1: none
 */
int llmgw__keys_choose(struct llmgw__keys *keys,
                       const struct llmgw__keys_ask *ask, uint64_t *back_ns);
/** The same without taking one: 0: there is one, else when the first is
 *  back. */
uint64_t llmgw__keys_back(struct llmgw__keys *keys,
                          const struct llmgw__keys_ask *ask);
/** What a key, or the account, is called here. */
const char *llmgw__keys_id(const struct llmgw__provider *provider, int key);
/** It was refused (error->rotate_key): it rests until the time that was told,
 *  else by its kind. A model that it lacks rests alone. */
void llmgw__keys_rest(struct llmgw__keys *keys, const char *id,
                      const char *model, const struct llmgw__error *error,
                      uint64_t now_ns);
/** It was taken: nothing is held against it. */
void llmgw__keys_good(struct llmgw__keys *keys, const char *id,
                      const char *model);

#endif
