/*
 * route/hash.h - a hash that is the same everywhere and always: FNV-1a of 64
 * bits, whose bits are mixed at the end.
 */
#ifndef LLMGW_ROUTE_HASH_H
#define LLMGW_ROUTE_HASH_H

#include <stdint.h>

#include <llmgw/base.h>

/** Of nothing. */
#define LLMGW__HASH UINT64_C(0xcbf29ce484222325)

static inline uint64_t llmgw__hash_add(uint64_t hash, llmgw_str text)
{
    for (size_t i = 0; i < text.len; i++)
        hash = (hash ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
    /* where one text ends and the next begins */
    return (hash ^ 256) * UINT64_C(0x100000001b3);
}

/** Every bit depends on every one (the finalizer of MurmurHash3). */
static inline uint64_t llmgw__hash_end(uint64_t hash)
{
    hash = (hash ^ hash >> 33) * UINT64_C(0xff51afd7ed558ccd);
    hash = (hash ^ hash >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    return hash ^ hash >> 33;
}

#endif
