/*
 * call/opaque.h - opaque reasoning state of answers that call tools, kept for
 * hosts whose history drops the members it is in.
 *
 * Found again by the tool calls' ids, names and arguments (as values: a host
 * may have written them anew), among answers to calls with the same tags: what
 * one tenant was told is never given to another. Bounded in bytes; what was
 * kept longest goes first.
 */
#ifndef LLMGW_CALL_OPAQUE_H
#define LLMGW_CALL_OPAQUE_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/sync.h"
#include "schema/answer.h"

struct llmgw__opaque_entry; /* opaque.c */

struct llmgw__opaque {
    struct llmgw__mutex lock; /* all below */
    struct llmgw__opaque_entry *newest;
    struct llmgw__opaque_entry *oldest;
    void **buckets; /* NULL: nothing was ever kept */
    size_t bytes;
    atomic_bool used; /* something was kept: looked at without the lock */
};

/** A tool call as a message of the history shows it. */
struct llmgw__opaque_call {
    llmgw_str id;
    llmgw_str name;
    uint64_t arguments; /* llmgw__opaque_hash() */
    llmgw_str extra;    /* found: its extra_content, JSON; empty: none */
};

/** What belongs to one message of the history. */
struct llmgw__opaque_found {
    llmgw_str reasoning; /* text; empty: none */
    llmgw_str members;   /* JSON members, comma-joined; empty: none */
};

llmgw_status llmgw__opaque_init(struct llmgw__opaque *opaque);
void llmgw__opaque_clear(struct llmgw__opaque *opaque);
/** The same for the same JSON values, however they are written; of what is no
 *  JSON, for the same bytes. @retval LLMGW_E_NOMEM  no memory */
llmgw_status llmgw__opaque_hash(llmgw_str arguments, struct llmgw__arena *arena,
                                uint64_t *out);
/**
 * Keep what a choice has of it; nothing, where it calls no tool or has none.
 *
 * @param max    bytes of all that is kept, from now on; 0: nothing
 * @param arena  for what is needed meanwhile
 */
llmgw_status llmgw__opaque_keep(struct llmgw__opaque *opaque, llmgw_str tags,
                                const struct llmgw__answer_choice *choice,
                                size_t max, struct llmgw__arena *arena);
/**
 * Find what was kept for these calls, all of them and no other.
 *
 * @param[out] found  and calls[].extra: copied into the arena
 * @retval LLMGW_E_INVALID  nothing is kept for them
 */
llmgw_status llmgw__opaque_find(struct llmgw__opaque *opaque, llmgw_str tags,
                                struct llmgw__opaque_call *calls, size_t count,
                                struct llmgw__arena *arena,
                                struct llmgw__opaque_found *found);

#endif
