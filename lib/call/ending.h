/*
 * call/ending.h - what a call is to do next, and its end; call.c does it.
 */
#ifndef LLMGW_CALL_ENDING_H
#define LLMGW_CALL_ENDING_H

#include "call_state.h"

/** The queue is to do this with the call (LLMGW__NEED_…). */
void llmgw__call_need(struct llmgw_call *call, unsigned needs);
/** End the call; once. */
void llmgw__call_finish(struct llmgw_call *call, llmgw_end end);
/** End the call with this error. */
void llmgw__call_fail(struct llmgw_call *call,
                      const struct llmgw__error *error);

#endif
