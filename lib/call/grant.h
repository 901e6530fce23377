/*
 * call/grant.h - what an attempt is let in with: its breaker's pass, room in
 * rate limits, the most that it may cost. Given back when it has ended.
 */
#ifndef LLMGW_CALL_GRANT_H
#define LLMGW_CALL_GRANT_H

#include <stdbool.h>
#include <stdint.h>

#include "route/breaker.h"
#include "route/throttle.h"

struct llmgw_call;
struct llmgw_attempt;
struct llmgw__error;

struct llmgw__grant {
    bool given;
    struct llmgw__breaker_pass pass;
    struct llmgw__throttle_hold *hold; /* NULL: it holds nothing */
    int64_t most_pico;                 /* reserved of the call's cost limit */
};

/* Statuses of our own: why it is not let in. */
#define LLMGW__SHUT ((llmgw_status)7) /* its breaker is open */
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
/** It was not made after all. */
void llmgw__grant_return(struct llmgw_call *call);
/** It has ended and is settled: all that learns from it is told. */
void llmgw__attempt_learn(struct llmgw_attempt *attempt);
/** Its first content is there: a probe has gone well. */
void llmgw__attempt_proves(struct llmgw_attempt *attempt);

#endif
