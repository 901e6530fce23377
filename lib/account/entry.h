/*
 * account/entry.h - one ledger row: what one attempt used and cost.
 */
#ifndef LLMGW_ACCOUNT_ENTRY_H
#define LLMGW_ACCOUNT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/ledger.h>

#include "catalog/price.h"
#include "schema/tags.h"
#include "schema/usage.h"

/** Who asked whom. Texts of an entry lie behind it in the same block. */
struct llmgw_entry {
    uint64_t id;
    int64_t started_ns; /* wall clock */
    int64_t settled_ns; /* 0: open */
    int32_t attempt;
    llmgw_entry_state state;
    llmgw_error_kind error_kind;
    bool has_usage;
    struct llmgw__usage usage;
    struct llmgw__cost cost;
    llmgw_str call_id;
    llmgw_str provider;
    llmgw_str model;
    llmgw_str route;
    llmgw_str tags;
};

/** An independent copy in one block; NULL: no memory. */
struct llmgw_entry *llmgw__entry_copy(const struct llmgw_entry *entry);
/** Is the entry one of those the filter asks for? (NULL: all) */
bool llmgw__entry_matches(const struct llmgw_entry *entry,
                          const llmgw_ledger_filter *filter);

#endif
