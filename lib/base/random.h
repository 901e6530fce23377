/* base/random.h - randomness: bytes, numbers, ids. */
#ifndef LLMGW_BASE_RANDOM_H
#define LLMGW_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "sync.h"

/** Source of random bytes; the default is the operating system's. */
struct llmgw__random {
    int32_t (*fill)(void *userdata, void *out, size_t len); /* 0: done */
    void *userdata;
};

/** The operating system's generator. */
extern const struct llmgw__random llmgw__random_system;

/** Bytes taken from the operating system in advance, for many small wants:
 *  each is handed out once and wiped. Any thread. */
struct llmgw__random_pool {
    struct llmgw__mutex lock;
    const struct llmgw__birth *birth; /* a child takes none of ours */
    unsigned char bytes[256];
    size_t left;
};
/** @param birth  borrowed; must outlive it */
llmgw_status llmgw__random_pool_init(struct llmgw__random_pool *pool,
                                     const struct llmgw__birth *birth,
                                     struct llmgw__random *out);
void llmgw__random_pool_clear(struct llmgw__random_pool *pool);

/** @return 0, or -1 when the source fails */
int llmgw__random_bytes(const struct llmgw__random *random, void *out,
                        size_t len);
/** Uniform in [0, bound); 0 when bound is 0 or the source fails. */
uint64_t llmgw__random_below(const struct llmgw__random *random,
                             uint64_t bound);
/** len base62 characters and a NUL into out (len + 1 bytes). */
int llmgw__random_base62(const struct llmgw__random *random, char *out,
                         size_t len);

#endif
