/*
 * call/grant.h - let an attempt in.
 */
#ifndef LLMGW_CALL_GRANT_H
#define LLMGW_CALL_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

struct llmgw_call;
struct llmgw_attempt;
struct llmgw__error;

/* Statuses of our own: why it is not let in. */
#define LLMGW__SHUT ((llmgw_status)7) /* its breaker is open, or on trial */
#define LLMGW__FULL ((llmgw_status)8) /* a rate limit of ours is reached */
#define LLMGW__DEAR ((llmgw_status)9) /* it may cost too much */

/**
 * Let the attempt in that call->access says; grant is filled there.
 *
 * @param[out] room_ns  of FULL: when there may be room; UINT64_MAX: when
 *                      something else ends
 * @param[out] why      of what is refused: a text in the call's arena
 * @retval LLMGW_E_NOMEM  no memory
 */
llmgw_status llmgw__grant_ask(struct llmgw_call *call, uint64_t *room_ns,
                              const char **why);
#endif
