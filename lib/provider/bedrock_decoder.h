/*
 * provider/bedrock_decoder.h - the state of one answer of Converse.
 *
 * All of it may start as zero bytes.
 */
#ifndef LLMGW_PROVIDER_BEDROCK_DECODER_H
#define LLMGW_PROVIDER_BEDROCK_DECODER_H

#include "anthropic_decoder.h"
#include "bedrock_converse.h"

struct llmgw__converse_block {
    int64_t index; /* as the service counts */
    struct llmgw__anthropic_block block;
};

struct llmgw__converse_decoder {
    struct llmgw__anthropic_decoder base; /* calls, text, what is open */
    struct llmgw__converse_block *blocks;
    size_t block_count, block_cap;
    struct llmgw__buf citations; /* of the open block, comma-joined */
    const char *state;           /* name of signed thinking */
    llmgw_str fields;            /* additionalModelResponseFields, kept */
    char native[64];             /* reason to stop; empty: none came */
    bool answered;               /* our own tool was called */
    bool done;
};

/** Members of an event, or of a whole answer; raw JSON, empty: not there. */
struct llmgw__converse_record {
    int64_t index;
    struct llmgw__jstr stop, tier;
    llmgw_str start, delta, content, usage, metrics, trace, fields, performance;
    bool answer; /* there is an output */
};

/** What is in a block, or a piece of one. */
struct llmgw__converse_piece {
    struct llmgw__jstr text, id, name, type, input;
    struct llmgw__jstr thought, signature, redacted;
    llmgw_str whole;     /* input as JSON */
    llmgw_str said;      /* texts with citations, a JSON array */
    llmgw_str citations; /* a JSON array */
    llmgw_str citation;  /* one of them */
    bool call;
};

/** One record being told. */
struct llmgw__converse_reading {
    struct llmgw__converse_decoder *decoder;
    const struct llmgw__decode *decode;
    const struct llmgw__converse_record *record;
};

/** @return it is a JSON object */
bool llmgw__converse_record_read(struct llmgw__converse_record *record,
                                 llmgw_str json);
void llmgw__converse_piece_read(struct llmgw__converse_piece *piece,
                                llmgw_str text);

/** A block, or a piece of one: begun, gone on with. */
llmgw_status llmgw__converse_block(const struct llmgw__converse_reading *r,
                                   int64_t index, llmgw_str json);
llmgw_status llmgw__converse_block_end(const struct llmgw__converse_reading *r,
                                       int64_t index);

/** Keep why it stopped; the first word holds. */
llmgw_status llmgw__converse_stop(const struct llmgw__converse_reading *r);
/** What comes at the end: usage, what is beside it, the finish. */
llmgw_status llmgw__converse_finish(const struct llmgw__converse_reading *r);

#endif
