/*
 * account/entry.h - one ledger row: what one attempt used and cost.
 */
#ifndef LLMGW_ACCOUNT_ENTRY_H
#define LLMGW_ACCOUNT_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/ledger.h>

#include "base/text.h"
#include "catalog/price.h"
#include "note.h"
#include "schema/tags.h"
#include "schema/usage.h"

/** Texts of an entry, one after the other behind it in the same block. */
enum llmgw__entry_text {
    LLMGW__ENTRY_CALL_ID,
    LLMGW__ENTRY_PROVIDER,
    LLMGW__ENTRY_MODEL,
    LLMGW__ENTRY_ROUTE,
    LLMGW__ENTRY_TAGS,
    LLMGW__ENTRY_KEY, /* id of the key that was shown; empty: none */
    LLMGW__ENTRY_WHY, /* what the attempt was made for: llmgw_attempt_why() */
    LLMGW__ENTRY_TEXTS
};

/** Who asked whom, and what came of it. */
struct llmgw_entry {
    uint64_t writer;    /* the gateway that wrote it; random, not 0 */
    uint64_t id;        /* its number there, from 1 */
    int64_t started_ns; /* wall clock */
    int64_t settled_ns; /* 0: open */
    int64_t expires_ns; /* wall clock: its call has ended by then */
    int32_t attempt;
    llmgw_entry_state state;
    llmgw_error_kind error_kind;
    bool has_usage;
    struct llmgw__usage usage;
    struct llmgw__cost cost;      /* reckoned from usage and note */
    struct llmgw__cost delivered; /* of that, what the host got */
    struct llmgw__cost reserved;  /* the most that it could cost */
    struct llmgw__note *note; /* the price it was reckoned by, one reference;
                                 NULL: none is known */
    llmgw_str text[LLMGW__ENTRY_TEXTS];
};

/** An independent copy in one block; NULL: no memory. */
struct llmgw_entry *llmgw__entry_copy(const struct llmgw_entry *entry);
void llmgw__entry_free(struct llmgw_entry *entry); /* NULL allowed */
/** What settling changes: all of `from` but its texts. */
void llmgw__entry_update(struct llmgw_entry *entry,
                         const struct llmgw_entry *from);
/** Is the entry one of those the filter asks for? (NULL: all) */
bool llmgw__entry_matches(const struct llmgw_entry *entry,
                          const llmgw_ledger_filter *filter);
/** What it is billed: what the provider states, else what was reckoned. */
struct llmgw__cost llmgw__entry_billed(const struct llmgw_entry *entry);
/** What one entry is in sums; texts are the entry's. */
void llmgw__entry_sum(const struct llmgw_entry *entry, llmgw_store_sum *out);
void llmgw__sum_add(llmgw_store_sum *sum, const llmgw_store_sum *add);
/** One line of JSON, all of it. */
void llmgw__entry_render(const struct llmgw_entry *entry,
                         struct llmgw__buf *out);
/** One block, as llmgw__entry_copy(). @retval LLMGW_E_INVALID  no such line */
llmgw_status llmgw__entry_parse(llmgw_str line, struct llmgw_entry **out);

#endif
