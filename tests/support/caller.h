/*
 * support/caller.h - ask through a gateway as a host would, and keep what was
 * handed over, so that a flow test is a few lines.
 */
#ifndef LLMGW_TEST_CALLER_H
#define LLMGW_TEST_CALLER_H

#include <stddef.h>

#include <llmgw/llmgw.h>

/** How a call is driven. */
enum caller_mode {
    CALLER_BLOCKING,
    CALLER_LOOP,
    CALLER_FD,
    CALLER_MODES
};

/** What a call handed over. */
struct caller {
    char text[65536]; /* of choice 0, joined */
    size_t len;
    char kinds[4096]; /* one letter a chunk: R T Z N S A X F U */
    size_t chunks;
    size_t reports;       /* chunks with the library's own member */
    char last_json[4096]; /* of the last chunk, NUL-terminated, or "" */
    int32_t stop_at;      /* 0: never; else stop at this chunk... */
    int32_t stop_with;    /* ...with this value */
    int done;             /* calls of on_done */
    llmgw_call *call;
    llmgw_cancel *token; /* given to the call; may be NULL */
    int cancel_at;       /* cancel from inside the callback at this chunk */
    int embeds;          /* ask for embeddings, not for a chat */
};

/**
 * Open a gateway from a configuration in which '$1', '$2', '$3' stand for
 * these URLs and single quotes for double ones. Ends the test when refused.
 * Where it has no "failover", each target is asked once for each time it is
 * named, and no breaker opens.
 */
llmgw_gateway *caller_open(const char *config, const char *url1,
                           const char *url2, const char *url3);
/** The same with options of the test's own (its config_json is set here). */
llmgw_gateway *caller_open_with(llmgw_gateway_options *options,
                                const char *config, const char *url1,
                                const char *url2, const char *url3);
/** Ask `model` a question, streamed, and wait for the end. The call is in
 *  caller->call: llmgw_call_free(). */
void caller_ask(struct caller *caller, llmgw_gateway *gateway,
                enum caller_mode mode, const char *model, const char *text);
/** The same with OpenAI's JSON (single quotes for double ones). */
void caller_ask_json(struct caller *caller, llmgw_gateway *gateway,
                     enum caller_mode mode, const char *json, int streamed);
/** Number of ledger entries, and of those in a state. */
size_t caller_entries(llmgw_gateway *gateway, llmgw_entry_state state);
/** A view's text with a NUL behind it; static, until next time. */
const char *caller_text(llmgw_str text);
/** Copy with single quotes turned into double ones; static, until next time. */
const char *caller_quotes(const char *json);

#endif
