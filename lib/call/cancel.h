/*
 * call/cancel.h - cancel tokens, and the flag each call shares with them.
 */
#ifndef LLMGW_CALL_CANCEL_H
#define LLMGW_CALL_CANCEL_H

#include <stdatomic.h>

#include <llmgw/chat.h>

#include "driver.h"

/** A call's word that it is cancelled, shared with tokens. */
struct llmgw__cancel_flag {
    struct llmgw__refs refs;
    atomic_bool set;
    atomic_bool waits; /* for an intent: whoever keeps it rings the bell */
    struct llmgw__bell *bell;        /* one reference */
    struct llmgw__cancel_flag *next; /* in a token's list */
};
void llmgw__cancel_flag_drop(struct llmgw__cancel_flag *flag);
void llmgw__cancel_flag_set(struct llmgw__cancel_flag *flag);
/** Tie a call's flag to a token. @retval LLMGW_OK also when triggered */
void llmgw__cancel_tie(llmgw_cancel *token, struct llmgw__cancel_flag *flag);
void llmgw__cancel_untie(llmgw_cancel *token, struct llmgw__cancel_flag *flag);
void llmgw__cancel_ref(llmgw_cancel *token);

#endif
