/*
 * call/prepare.h - from a call's request to its plan.
 */
#ifndef LLMGW_CALL_PREPARE_H
#define LLMGW_CALL_PREPARE_H

#include "call_state.h"

/**
 * Fills chat, route, limits and plan of the call; sends nothing.
 *
 * @retval LLMGW_E_INVALID  the request is refused; error says why
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__call_prepare(struct llmgw_call *call,
                                 struct llmgw__error *error);

/** Look whether they are there again who are in the plan and rest. */
void llmgw__call_probe(struct llmgw_call *call);

/* --- recall.c: opaque reasoning state for hosts that drop it --- */

/**
 * Give the messages of tool calls back what their host has dropped; the
 * request is then another text, and has been read again.
 *
 * @retval LLMGW_E_NOMEM  no memory
 */
llmgw_status llmgw__call_recall(struct llmgw_call *call,
                                struct llmgw__error *error);
/** Keep what the answer has of it. */
void llmgw__call_remember(struct llmgw_call *call);

#endif
