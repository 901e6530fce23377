/*
 * account/store_memory.h - the store that keeps entries in memory.
 */
#ifndef LLMGW_ACCOUNT_STORE_MEMORY_H
#define LLMGW_ACCOUNT_STORE_MEMORY_H

#include <stddef.h>

#include <llmgw/ledger.h>
#include <llmgw/sys/store.h>

/** The newest max_entries rows are kept as they are; of older ones the sums
 *  by provider, model, route and tags. */
llmgw_status llmgw__store_memory_create(size_t max_entries, llmgw_store *out);

/** Sums of rows that are no longer kept. */
struct llmgw__carried {
    llmgw_str provider;
    llmgw_str model;
    llmgw_str route;
    llmgw_str tags;
    llmgw_entry_state state;
    uint64_t entries;
    uint64_t unpriced;
    int64_t prompt_tokens;
    int64_t completion_tokens;
    llmgw_money cost;
};

/** Hand over the sums of rows no longer kept; not OK: fn's word, passed on. */
llmgw_status llmgw__store_memory_carried(
    void *memory,
    llmgw_status (*fn)(const struct llmgw__carried *carried, void *userdata),
    void *userdata);

#endif
