/*
 * call/trial.h - a trial: a copy of a call that asks a target whose breaker is
 * half-open, while the call itself asks the next one. So no caller waits for a
 * probe, and a probe gets its time, whoever is faster.
 */
#ifndef LLMGW_CALL_TRIAL_H
#define LLMGW_CALL_TRIAL_H

#include "call_state.h"

/**
 * Start one, on the call's driver, at the target that call->access names. It
 * ends with its first content, or as its limits say; it does not count as a
 * call, its entry has the tags and the route of the call.
 *
 * @param pass  the lease of the half-open breaker; taken over
 */
void llmgw__trial_begin(struct llmgw_call *call,
                        const struct llmgw__breaker_pass *pass);
/** The route of a trial, in place of the one that its request names. */
llmgw_status llmgw__trial_resolve(struct llmgw_call *call);
/** What was taken over goes back, where no attempt was made. */
void llmgw__trial_end(struct llmgw_call *call);

#endif
