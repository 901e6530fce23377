/*
 * call/kind.h - what one kind of call does its own way: chat, embeddings, the
 * list of models. All the rest (plan, attempts, failover, limits, ledger, the
 * end) is the same for all.
 */
#ifndef LLMGW_CALL_KIND_H
#define LLMGW_CALL_KIND_H

#include "call_state.h"

struct llmgw__kind {
    bool every; /* asks all targets; that one fails ends nothing */
    bool free;  /* costs nothing, and has no tokens */

    /** Read the request, set up what the call keeps of its own. */
    llmgw_status (*parse)(struct llmgw_call *call, struct llmgw__error *error);
    /** Find the route; NULL: by the request's model. */
    llmgw_status (*resolve)(struct llmgw_call *call,
                            struct llmgw__error *error);
    /** The dialect's encoder of this kind. E_INVALID: error is filled. */
    llmgw_status (*encode)(struct llmgw_attempt *attempt,
                           struct llmgw__encode *encode);
    /** A chunk out of the decoder. */
    llmgw_status (*chunk)(void *attempt, const struct llmgw__chunk *chunk);
    /** The whole body of an answer. */
    llmgw_status (*document)(struct llmgw_attempt *attempt, llmgw_str body);
    /** One record of a stream. */
    llmgw_status (*frame)(struct llmgw_attempt *attempt,
                          const struct llmgw__frame *frame);
    /** The bytes have ended: is the answer whole, does it go on? */
    llmgw_status (*end)(struct llmgw_attempt *attempt);
    /** What is wrong with an answer that is refused; one line. */
    const char *(*fault)(const struct llmgw_attempt *attempt);
    /** The call has ended with a response. @return false: no memory for it */
    bool (*whole)(struct llmgw_call *call);
    /** Free what the call keeps of its own outside the arena; NULL: nothing. */
    void (*clear)(struct llmgw_call *call);
};

extern const struct llmgw__kind llmgw__kind_chat;   /* attempt_answer.c */
extern const struct llmgw__kind llmgw__kind_embed;  /* embeddings.c */
extern const struct llmgw__kind llmgw__kind_models; /* model_list.c */

#endif
