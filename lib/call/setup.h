/*
 * call/setup.h - make a call; call.c does it.
 */
#ifndef LLMGW_CALL_SETUP_H
#define LLMGW_CALL_SETUP_H

#include "call_state.h"

/** What a call is made of. */
struct llmgw__call_setup {
    const struct llmgw__kind *kind;
    struct llmgw__driver *driver;
    struct llmgw__catalog *catalog; /* a reference is taken */
    struct llmgw__bytes *request;   /* a reference is taken */
    const llmgw_chat_options *options;
    const struct llmgw__trial *trial; /* what it tries; NULL: it is a host's */
};

/** A queued call; nothing is called back before the next turn. */
llmgw_status llmgw__call_create(const struct llmgw__call_setup *setup,
                                struct llmgw_call **out);

/** One that is in no queue: it can be prepared, which sends nothing, and is
 *  then discarded. */
llmgw_status llmgw__call_draft(const struct llmgw__call_setup *setup,
                               struct llmgw_call **out);
void llmgw__call_discard(struct llmgw_call *call);

#endif
