/* base/random.h - randomness: bytes, numbers, ids. */
#ifndef LLMGW_BASE_RANDOM_H
#define LLMGW_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

/** Source of random bytes; the default is the operating system's. */
struct llmgw__random {
    int32_t (*fill)(void *userdata, void *out, size_t len); /* 0: done */
    void *userdata;
};

/** The operating system's generator. */
extern const struct llmgw__random llmgw__random_system;

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
