/*
 * account/store_memory.h - the store that keeps entries in memory.
 */
#ifndef LLMGW_ACCOUNT_STORE_MEMORY_H
#define LLMGW_ACCOUNT_STORE_MEMORY_H

#include <stddef.h>

#include <llmgw/sys/store.h>

/** The newest max_entries rows are kept as they are; older ones as sums. */
llmgw_status llmgw__store_memory_create(size_t max_entries, llmgw_store *out);

#endif
