/*
 * provider/anthropic_decoder.h - the state of one answer of the Messages API.
 *
 * All of it may start as zero bytes.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_DECODER_H
#define LLMGW_PROVIDER_ANTHROPIC_DECODER_H

#include <string.h>

#include "anthropic_record.h"
#include "anthropic_usage.h"
#include "base/jsonmould.h"
#include "provider.h"

/** Is a raw key, or a string without escapes, this literal? */
#define LLMGW__ANTHROPIC_IS(text, literal) \
    ((text).len == sizeof(literal) - 1 &&  \
     memcmp((text).data, (literal), sizeof(literal) - 1) == 0)

struct llmgw__anthropic_block {
    uint8_t kind;     /* enum llmgw__anthropic_block_kind */
    bool open;        /* started, not stopped */
    bool any;         /* arguments came */
    bool whole;       /* … at once, with the start */
    uint32_t ordinal; /* among calls, or among thoughts */
    uint64_t from;    /* characters of the answer's text before it */
};

struct llmgw__anthropic_decoder {
    struct llmgw__anthropic_block *blocks;
    size_t block_count;
    size_t block_cap;
    struct llmgw__anthropic_record record;
    struct llmgw__buf input; /* of a custom tool */
    struct llmgw__anthropic_counts counts;
    uint64_t characters; /* of text so far, code points */
    uint32_t calls;
    uint32_t thoughts;
    uint32_t open; /* blocks that are */
    uint8_t rank;  /* thoughts before text before calls: how far we are */
    bool ready;
    bool begun;   /* the identity has been told */
    bool stopped; /* a reason to stop came */
    bool done;
    bool failed;
    bool opaque;  /* OpenAI's members cannot hold the order of the blocks */
    llmgw_str id; /* of the message */
    llmgw_str explanation;     /* of a refusal */
    llmgw_str words;           /* on the end: the stop sequence that was met,
                                  or what kind of refusal it is */
    char native[64];           /* reason to stop */
    struct llmgw__mould mould; /* of pieces of a text block */
    int64_t mould_block;
};

/** Pass a chunk of choice 0 on. */
llmgw_status llmgw__anthropic_emit(const struct llmgw__decode *decode,
                                   uint8_t kind, uint32_t index,
                                   llmgw_str text);
/** A piece of the answer's text; nothing when empty. */
llmgw_status llmgw__anthropic_say(struct llmgw__anthropic_decoder *d,
                                  const struct llmgw__decode *decode,
                                  llmgw_str text);
/** A piece of thinking to show, and its opaque side. */
llmgw_status llmgw__anthropic_think(const struct llmgw__decode *decode,
                                    const struct llmgw__anthropic_block *block,
                                    llmgw_str text, llmgw_str signature);

/** A block begins: raw is its start as JSON. */
llmgw_status llmgw__anthropic_block_start(struct llmgw__anthropic_decoder *d,
                                          const struct llmgw__decode *decode,
                                          struct llmgw__anthropic_block *block,
                                          llmgw_str raw);
/** A piece of a tool's input, escapes resolved. */
llmgw_status llmgw__anthropic_block_input(struct llmgw__anthropic_decoder *d,
                                          const struct llmgw__decode *decode,
                                          struct llmgw__anthropic_block *block,
                                          llmgw_str text);
/** A block ends. citations: a JSON array, or empty. */
llmgw_status llmgw__anthropic_block_stop(struct llmgw__anthropic_decoder *d,
                                         const struct llmgw__decode *decode,
                                         struct llmgw__anthropic_block *block,
                                         llmgw_str citations);
/** Start and stop every block of an array. */
llmgw_status llmgw__anthropic_blocks(struct llmgw__anthropic_decoder *d,
                                     const struct llmgw__decode *decode,
                                     llmgw_str content);

/** Citations of a text block -> annotations. */
llmgw_status
llmgw__anthropic_annotate(const struct llmgw__anthropic_decoder *d,
                          const struct llmgw__decode *decode,
                          const struct llmgw__anthropic_block *block,
                          llmgw_str citations);

/** One annotation: a web page that a block's text is from. */
llmgw_status llmgw__anthropic_cite(const struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__anthropic_block *block,
                                   struct llmgw__jstr title,
                                   struct llmgw__jstr url);

/** First call of all. */
void llmgw__anthropic_ready(struct llmgw__anthropic_decoder *d);

/** Members of a message, whole or begun. */
struct llmgw__anthropic_message {
    struct llmgw__jstr type, id, model, stop_reason, stop_sequence;
    llmgw_str content, usage, stop_details, error;
};

bool llmgw__anthropic_message_read(struct llmgw__anthropic_message *message,
                                   llmgw_str raw);
/** Tell who answers. */
llmgw_status llmgw__anthropic_begin(struct llmgw__anthropic_decoder *d,
                                    const struct llmgw__decode *decode,
                                    const struct llmgw__anthropic_message *m);
/** Keep why it stopped; the first word holds. */
llmgw_status llmgw__anthropic_stop(struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   struct llmgw__jstr reason,
                                   struct llmgw__jstr sequence,
                                   llmgw_str details);
llmgw_status
llmgw__anthropic_tell_usage(const struct llmgw__anthropic_decoder *d,
                            const struct llmgw__decode *decode);
/** What is kept for the end: refusal, replay content, finish. content: the
 *  blocks as a JSON array; empty: those recorded. */
llmgw_status llmgw__anthropic_finish(struct llmgw__anthropic_decoder *d,
                                     const struct llmgw__decode *decode,
                                     llmgw_str content);
/** An error object inside the answer. */
llmgw_status llmgw__anthropic_tell_error(struct llmgw__anthropic_decoder *d,
                                         const struct llmgw__decode *decode,
                                         llmgw_str json);

#endif
