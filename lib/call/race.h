/*
 * call/race.h - a second attempt beside the first.
 */
#ifndef LLMGW_CALL_RACE_H
#define LLMGW_CALL_RACE_H

#include "call_state.h"

/** An attempt is under way: shall it have a twin, and when? */
void llmgw__race_begin(struct llmgw_call *call);
/** Its time has come; from the queue. */
void llmgw__race_twin(struct llmgw_call *call);
/** One is committed, or the call ends: end the others; from the queue. */
void llmgw__race_end(struct llmgw_call *call,
                     const struct llmgw_attempt *winner);
/** The timer of the twin. */
void llmgw__race_fired(struct llmgw__timer *timer, void *userdata);

#endif
