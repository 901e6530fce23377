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

#endif
