/*
 * call/start.h - start the next attempt of a call.
 */
#ifndef LLMGW_CALL_START_H
#define LLMGW_CALL_START_H

#include "call_state.h"

/** What the next attempt asks. */
void llmgw__aim(struct llmgw_call *call, const struct llmgw__target *target,
                struct llmgw__candidate *candidate, uint8_t again);
/** Start what is aimed at, or wait for what it needs: a credential, or, where
 *  the route says so, room in a rate limit.
 *  @return false: it cannot be made; the plan says why */
bool llmgw__start(struct llmgw_call *call);
/** The same beside another attempt: without waiting for room, and what is
 *  refused leaves no attempt behind. */
bool llmgw__start_beside(struct llmgw_call *call);
/** The answer goes on in a further exchange with the same target; it takes
 *  over the ended one's place. */
void llmgw__start_further(struct llmgw_call *call, struct llmgw_attempt *ended);
/** Attempts sent so far; further exchanges are not counted. */
size_t llmgw__sent_attempts(const struct llmgw_call *call);
/** Is the call allowed a further one? */
bool llmgw__may_send(const struct llmgw_call *call);

#endif
