/*
 * call/decide.h - whom a call asks next, and when it ends.
 */
#ifndef LLMGW_CALL_DECIDE_H
#define LLMGW_CALL_DECIDE_H

#include "call_state.h"

/** Start the next attempt of the plan; there is none: the call ends. */
void llmgw__call_next(struct llmgw_call *call);
/** What the next attempt waits for may have come. */
void llmgw__call_resume(struct llmgw_call *call);
/** The running attempt has ended: go on, or end. From the queue only. */
void llmgw__call_decide(struct llmgw_call *call);

/* --- call.c --- */

/** The queue is to do this with the call (LLMGW__NEED_…). */
void llmgw__call_need(struct llmgw_call *call, unsigned needs);

/** End the call; once. */
void llmgw__call_finish(struct llmgw_call *call, llmgw_end end);
/** End the call with this error. */
void llmgw__call_fail(struct llmgw_call *call,
                      const struct llmgw__error *error);

#endif
