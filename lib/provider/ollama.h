/*
 * provider/ollama.h - what the files of the ollama dialect share.
 */
#ifndef LLMGW_PROVIDER_OLLAMA_H
#define LLMGW_PROVIDER_OLLAMA_H

#include "calls.h"
#include "encoding.h"
#include "provider.h"

/* --- encoding: each writes whole members of the body's root --- */

void llmgw__ollama_messages(struct llmgw__encoding *e);
void llmgw__ollama_options(struct llmgw__encoding *e);
llmgw_status llmgw__ollama_encode(struct llmgw__encode *encode);

/** What a provider's setting must be; NULL: it may be that. */
const char *llmgw__ollama_refuse_setting(const char *name, const char *value);

/* --- decoding --- */

/** All of it may start as zero bytes. */
struct llmgw__ollama_decoder {
    bool told;    /* the identity has gone out */
    bool ended;   /* a finish has gone out, or a failure */
    bool visible; /* text, thoughts or a call came */
    bool ready;
    bool logprobs; /* the host asked for them */
    uint32_t calls;
};

/** What a line says; raw JSON, empty: nothing. */
struct llmgw__ollama_line {
    struct llmgw__jstr model, created, content, thinking, reason;
    llmgw_str calls, logprobs, error;
    bool done;
    int64_t prompt, cached, completion; /* -1: not told */
};

/** Tell the calls of a line, a JSON array. */
llmgw_status llmgw__ollama_calls(struct llmgw__ollama_decoder *decoder,
                                 const struct llmgw__decode *decode,
                                 llmgw_str calls);

#endif
