/*
 * call/learn.h - what is learnt from how an attempt has ended.
 */
#ifndef LLMGW_CALL_LEARN_H
#define LLMGW_CALL_LEARN_H

#include "call_state.h"

/** It was let in, and not made after all: call->access.grant goes back. */
void llmgw__grant_return(struct llmgw_call *call);
/** It has ended and is settled: all that learns from it is told. */
void llmgw__attempt_learn(struct llmgw_attempt *attempt);
/** Its first content is there: a trial has gone well. */
void llmgw__attempt_proves(struct llmgw_attempt *attempt);

#endif
