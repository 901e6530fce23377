/*
 * support/chunk_log.h - what a decoder tells, as one line of text:
 *
 *     id(i m 5)            identity: id, model, created, tier, fingerprint
 *     text0 "Hi"           kind, choice, text; logprobs behind it
 *     call0.1 "c":"f"      a tool call's start, custom0.1 for a custom tool
 *     args0.1 "{}"         a piece of its arguments; "!" when complete
 *     detail0.2 text "t" sig "s" id "i" format "f"
 *     extra0.annotation {}
 *     usage(9 3 cached=2)  prompt, completion and what else is known
 *     finish0 stop "eos"   reason, and the service's own word
 *     error(rate_limit "message")
 */
#ifndef LLMGW_TEST_CHUNK_LOG_H
#define LLMGW_TEST_CHUNK_LOG_H

#include "provider/provider.h"

struct chunk_log {
    char text[8192];
    size_t len;
    size_t stop_at; /* answer -99 to this chunk (1: the first); 0: to none */
    size_t count;
};

/** A llmgw__chunk_fn; userdata is a struct chunk_log. */
llmgw_status chunk_log_take(void *userdata, const struct llmgw__chunk *chunk);

#endif
