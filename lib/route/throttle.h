/*
 * route/throttle.h - rate limits of our own: requests and tokens per minute,
 * requests at a time; of a key, a target, a tag. Token buckets, taught by what
 * providers say is left of theirs.
 */
#ifndef LLMGW_ROUTE_THROTTLE_H
#define LLMGW_ROUTE_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/sync.h"
#include "bucket.h"
#include "catalog/catalog.h"
#include "schema/allowance.h"

struct llmgw__throttle {
    struct llmgw__mutex lock;
    struct llmgw__buckets buckets;
};

llmgw_status llmgw__throttle_init(struct llmgw__throttle *throttle);
void llmgw__throttle_clear(struct llmgw__throttle *throttle);

/** Of whom room is wanted, for an attempt. */
struct llmgw__throttle_ask {
    const struct llmgw__catalog *catalog; /* tag quotas */
    const struct llmgw__target *target;
    const char *key_id; /* llmgw__keys_id(); NULL: shows none */
    llmgw_str tags;     /* "a=b,c=d" */
    int64_t tokens;     /* that it may use, prompt and answer */
    uint64_t now_ns;
};

#define LLMGW__THROTTLE_HELD 12

/** What an attempt holds of buckets; zero: nothing. */
struct llmgw__throttle_hold {
    void *buckets[LLMGW__THROTTLE_HELD];
    uint8_t count;
    int64_t tokens; /* taken of each that counts them */
};

/**
 * Take room in every bucket that applies, or in none.
 *
 * @param[out] back_ns  of E_LIMIT: when there may be room again; UINT64_MAX:
 *                      when something that is under way ends
 * @param[out] why      of E_LIMIT: which limit, e.g. "60 requests a minute of
 *                      this key", in why[0..size)
 * @retval LLMGW_E_LIMIT  there is none
 * @retval LLMGW_E_NOMEM  no memory
 */
llmgw_status llmgw__throttle_take(struct llmgw__throttle *throttle,
                                  const struct llmgw__throttle_ask *ask,
                                  struct llmgw__throttle_hold *hold,
                                  uint64_t *back_ns, char *why, size_t size);
/** The same without taking: 0 there is room, else when there may be. */
uint64_t llmgw__throttle_look(struct llmgw__throttle *throttle,
                              const struct llmgw__throttle_ask *ask);
/** The attempt has ended: what it used is known, what it held is free.
 *  @param used  tokens; -1: not known, what was taken stays taken */
void llmgw__throttle_give_back(struct llmgw__throttle *throttle,
                               struct llmgw__throttle_hold *hold, int64_t used,
                               uint64_t now_ns);
/** What a provider says is left for a key, and for a model of it. */
void llmgw__throttle_learn(struct llmgw__throttle *throttle,
                           const struct llmgw__target *target,
                           const char *key_id,
                           const struct llmgw__allowance *told,
                           uint64_t now_ns);

#endif
