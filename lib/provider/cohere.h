/*
 * provider/cohere.h - what the files of the cohere dialect share.
 */
#ifndef LLMGW_PROVIDER_COHERE_H
#define LLMGW_PROVIDER_COHERE_H

#include "calls.h"
#include "encoding.h"
#include "provider.h"

/* --- names of tools --- */

/**
 * The names tools go out with: letters, digits and underscores, all of them
 * different. The same for the same request, so that the decoder finds back.
 *
 * @param[out] names  one a tool, in the arena; NULL: they go as they are
 */
llmgw_status llmgw__cohere_names(const struct llmgw__chat *chat,
                                 struct llmgw__arena *arena, llmgw_str **names);
/** A name that is no tool's, as far as it goes. */
llmgw_status llmgw__cohere_name(llmgw_str name, struct llmgw__arena *arena,
                                llmgw_str *out);

/* --- encoding --- */

struct llmgw__cohere_encode {
    struct llmgw__encoding base;
    llmgw_str *names; /* of the tools; NULL: as they are */
};

void llmgw__cohere_messages(struct llmgw__cohere_encode *c);
void llmgw__cohere_tools(struct llmgw__cohere_encode *c);
void llmgw__cohere_params(struct llmgw__cohere_encode *c);
void llmgw__cohere_format(struct llmgw__cohere_encode *c);
/** A tool's or a call's name, as it goes out: the string's value. */
void llmgw__cohere_write_name(struct llmgw__cohere_encode *c,
                              struct llmgw__jstr name);
llmgw_status llmgw__cohere_encode(struct llmgw__encode *encode);

/* --- decoding --- */

/** Where a block of text begins in the answer, in characters. */
struct llmgw__cohere_block {
    int64_t index;
    int64_t start;
};

struct llmgw__cohere_call {
    int64_t index;
    bool any;    /* arguments came */
    bool custom; /* its arguments wait in `input` */
    struct llmgw__buf input;
};

/** All of it may start as zero bytes. */
struct llmgw__cohere_decoder {
    bool told;     /* the identity has gone out */
    bool ended;    /* a finish has gone out, or a failure */
    bool named;    /* names have been looked up */
    bool logprobs; /* the host asked for them */
    bool ready;
    int64_t chars; /* of text so far */
    struct llmgw__cohere_block *blocks;
    size_t block_count, block_cap;
    struct llmgw__cohere_call *calls;
    size_t call_count, call_cap;
    llmgw_str *names; /* as in the encoder */
};

/** What an event or a whole answer says; raw JSON, empty: nothing. */
struct llmgw__cohere_record {
    struct llmgw__jstr type;
    struct llmgw__jstr id;
    struct llmgw__jstr plan;
    struct llmgw__jstr finish;
    struct llmgw__jstr error;
    struct llmgw__jstr error_type;
    struct llmgw__jstr complaint; /* a message that is no object */
    int64_t index;
    llmgw_str content, calls, citations, usage, logprobs;
};

/** One record being told. */
struct llmgw__cohere_reading {
    struct llmgw__cohere_decoder *decoder;
    const struct llmgw__decode *decode;
    const struct llmgw__cohere_record *record;
    llmgw_str text; /* the whole record */
};

/** Tell text or reasoning; index: the block it is of. */
llmgw_status llmgw__cohere_content(const struct llmgw__cohere_reading *r);
/** Tell calls, or pieces of one. */
llmgw_status llmgw__cohere_calls(const struct llmgw__cohere_reading *r);
/** No more of the call comes; its custom input is told. */
llmgw_status llmgw__cohere_call_end(const struct llmgw__cohere_reading *r,
                                    int64_t index);
llmgw_status llmgw__cohere_citations(const struct llmgw__cohere_reading *r);
/** Logprobs in OpenAI's form, in the scratch arena. */
llmgw_status llmgw__cohere_logprobs(const struct llmgw__cohere_reading *r,
                                    llmgw_str *out);
llmgw_status llmgw__cohere_usage(const struct llmgw__cohere_reading *r);
/** The answer has ended: its finish, or its failure. */
llmgw_status llmgw__cohere_finish(const struct llmgw__cohere_reading *r);

#endif
