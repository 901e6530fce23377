/*
 * provider/anthropic_record.h - the blocks of a streamed answer, kept as they
 * must go back where OpenAI's members cannot hold their order.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_RECORD_H
#define LLMGW_PROVIDER_ANTHROPIC_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/** What a content block is to the host. */
enum llmgw__anthropic_block_kind {
    LLMGW__ANTHROPIC_TEXT,
    LLMGW__ANTHROPIC_THOUGHT,
    LLMGW__ANTHROPIC_REDACTED,
    LLMGW__ANTHROPIC_CALL,   /* a function tool */
    LLMGW__ANTHROPIC_CUSTOM, /* a custom tool that went out as a function */
    LLMGW__ANTHROPIC_ANSWER, /* our own tool: its input is the answer */
    LLMGW__ANTHROPIC_SERVER, /* a tool the service runs; it has input */
    LLMGW__ANTHROPIC_COMPACTION,
    LLMGW__ANTHROPIC_OPAQUE /* nothing to the host; whole at its start */
};

/** The answer's blocks as they must go back, rebuilt from their pieces. */
struct llmgw__anthropic_record {
    struct llmgw__buf blocks;    /* JSON, comma-joined */
    struct llmgw__buf citations; /* of the open block, ditto */
    struct llmgw__buf beside;    /* signature and the like, raw inside */
    int64_t index;               /* of the open block; -1: none is open */
    uint8_t kind;
    size_t value_at; /* where the member that grows begins */
    bool lost;       /* pieces came that could not be placed */
};

void llmgw__anthropic_record_init(struct llmgw__anthropic_record *record);
/** A block begins; its start as JSON. */
void llmgw__anthropic_record_start(struct llmgw__anthropic_record *record,
                                   int64_t index, uint8_t kind, llmgw_str raw);
/** A piece of the member that grows: of a string, its raw inside; of input,
 *  JSON. */
void llmgw__anthropic_record_add(struct llmgw__anthropic_record *record,
                                 int64_t index, llmgw_str piece);
/** The string that comes beside the one that grows, whole: raw inside. */
void llmgw__anthropic_record_beside(struct llmgw__anthropic_record *record,
                                    int64_t index, llmgw_str raw);
void llmgw__anthropic_record_citation(struct llmgw__anthropic_record *record,
                                      llmgw_str json);
/** The array of them, closed; to be asked once, before the stop. */
llmgw_str
llmgw__anthropic_record_citations(struct llmgw__anthropic_record *record);
void llmgw__anthropic_record_stop(struct llmgw__anthropic_record *record,
                                  int64_t index);
/** There was no memory for a piece. */
bool llmgw__anthropic_record_failed(
    const struct llmgw__anthropic_record *record);
void llmgw__anthropic_record_clear(struct llmgw__anthropic_record *record);

#endif
