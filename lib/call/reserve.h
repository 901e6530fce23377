/*
 * call/reserve.h - money of an attempt: the worst case is reserved in budgets
 * before it is sent, and settled when it has ended.
 */
#ifndef LLMGW_CALL_RESERVE_H
#define LLMGW_CALL_RESERVE_H

#include <stddef.h>

#include "call_state.h"

/** A status of our own: a budget has not so much left. */
#define LLMGW__BROKE ((llmgw_status)11)

/** What the attempt that call->access says may cost, into its grant. */
void llmgw__reserve_estimate(struct llmgw_call *call,
                             struct llmgw__grant *grant);
/**
 * Reserve that in every budget that applies.
 *
 * @param why  of BROKE: which budget, in why[0..size)
 * @retval LLMGW__BROKE    call->broke says more
 * @retval LLMGW__LEASING  to be asked again in a moment
 * @retval LLMGW_E_NOMEM   no memory
 */
llmgw_status llmgw__reserve_take(struct llmgw_call *call,
                                 struct llmgw__grant *grant, char *why,
                                 size_t size);
/** It is not begun after all. */
void llmgw__reserve_return(struct llmgw_call *call, struct llmgw__grant *grant);
/** It has ended; its row is about to be settled. */
void llmgw__reserve_settle(struct llmgw_attempt *attempt);
/** Why the call has ended, where nobody fits a budget. */
void llmgw__reserve_blame(const struct llmgw_call *call,
                          struct llmgw__error *error);

#endif
