/*
 * call/retry.c - ask the same target once more, after a while.
 *
 * How long: the provider's own word (Retry-After in all its forms), else by
 * exponential back-off with full jitter. Whether at all: while tries are left,
 * the error may heal, its breaker is closed, and the wait fits the deadline.
 * Where another target is left, it is asked rather than the same one after
 * silence (time limits, DNS, TLS), and, unless the route waits, after a rate
 * limit.
 *
 * Source: "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): full
 * jitter.
 */
#include "retry.h"

#include "base/clock.h"
#include "kind.h"
#include "pause.h"
#include "route/router.h"
#include "start.h"

#define MOST_DOUBLES 20

static uint8_t tries_at(const struct llmgw_call *call,
                        const struct llmgw__target *target)
{
    uint8_t tries = 0;

    for (size_t i = 0; i < call->attempt_count; i++) {
        const struct llmgw_attempt *attempt = call->attempts[i];

        if (attempt->target == target && attempt->row && !attempt->hop)
            tries++;
    }
    return tries;
}

static bool has_other(const struct llmgw__plan *plan)
{
    for (size_t i = plan->next; i < plan->count; i++)
        if (plan->candidates[i].usable)
            return true;
    return false;
}

static bool is_silence(const struct llmgw__error *error)
{
    return error->kind == LLMGW_KIND_TIMEOUT || error->kind == LLMGW_KIND_DNS ||
           error->kind == LLMGW_KIND_TLS;
}

/** It asks for time, or has told how much. */
static bool is_limited(const struct llmgw__error *error)
{
    return error->kind == LLMGW_KIND_RATE_LIMIT || error->retry_after_ms >= 0;
}

static bool is_open(const struct llmgw_call *call,
                    const struct llmgw__target *target)
{
    struct llmgw__breaker_look look;

    llmgw__breaker_look(&call->core->router.breakers, target,
                        llmgw__driver_clock(call->driver), &look);
    return look.word != LLMGW__BREAKER_CLOSED;
}

/** How often a target may be asked: once more where another one is left. */
static uint8_t most_tries(const struct llmgw_call *call)
{
    uint8_t most = call->conduct.tries;

    if (most == LLMGW__TRIES_AS_NEEDED)
        most = has_other(&call->plan) ? 2 : 3;
    return most;
}

static bool may_retry(const struct llmgw_call *call,
                      const struct llmgw_attempt *failed,
                      const struct llmgw__error *error)
{
    if (!error->retryable || call->kind->every || !llmgw__may_send(call) ||
        tries_at(call, failed->target) >= most_tries(call) ||
        is_open(call, failed->target))
        return false;
    if (!has_other(&call->plan))
        return true;
    if (is_silence(error))
        return false;
    return !is_limited(error) ||
           call->conduct.when_limited == LLMGW__LIMITED_WAIT;
}

/** Nobody else is left, and the one that failed last is open: rather one that
 *  failed before and is not. */
static const struct llmgw_attempt *
whom_again(const struct llmgw_call *call, const struct llmgw_attempt *failed)
{
    if (has_other(&call->plan) || !is_open(call, failed->target))
        return failed;
    for (size_t i = call->attempt_count; i-- > 0;) {
        const struct llmgw_attempt *attempt = call->attempts[i];

        if (attempt->target != failed->target && attempt->row &&
            attempt->error && attempt->error->error.retryable &&
            !attempt->hop && !is_open(call, attempt->target) &&
            tries_at(call, attempt->target) < most_tries(call))
            return attempt;
    }
    return failed;
}

/** Full jitter: anything from nothing to the most, which doubles. */
static uint64_t back_off(const struct llmgw_call *call, uint8_t tries)
{
    uint64_t most = call->conduct.backoff_ms;
    uint64_t cap = call->conduct.backoff_max_ms;

    for (uint8_t i = 1; i < tries && i < MOST_DOUBLES && most < cap; i++)
        most *= 2;
    if (most > cap)
        most = cap;
    return llmgw__random_below(&call->core->random, most * LLMGW__MS + 1);
}

bool llmgw__retry(struct llmgw_call *call, const struct llmgw_attempt *failed,
                  const struct llmgw__error *error)
{
    uint64_t until = llmgw__driver_clock(call->driver);
    const struct llmgw_attempt *other = whom_again(call, failed);

    if (other != failed) {
        failed = other;
        error = &other->error->error;
    }
    if (!may_retry(call, failed, error))
        return false;
    until += error->retry_after_ms >= 0
                 ? (uint64_t)error->retry_after_ms * LLMGW__MS
                 : back_off(call, tries_at(call, failed->target));
    if (!llmgw__pause_fits(call, until))
        return false;
    llmgw__aim(call, failed->target, NULL, failed->again);
    call->access.anyway = true; /* its key may rest */
    call->access.why = "retry";
    if (llmgw__pause_begin(call, until) != LLMGW_OK)
        return false;
    llmgw__log(call->core, LLMGW_LOG_WARNING, failed->target->id,
               " failed, asking it again: ", error->message);
    return true;
}

bool llmgw__retry_full(struct llmgw_call *call)
{
    struct llmgw__candidate *first = NULL;

    if (!llmgw__may_send(call))
        return false;
    for (size_t i = 0; i < call->plan.count; i++) {
        struct llmgw__candidate *candidate = &call->plan.candidates[i];

        if (candidate->full && (!first || candidate->due_ns < first->due_ns))
            first = candidate;
    }
    if (!first || !llmgw__pause_fits(call, first->due_ns))
        return false;
    first->full = false;
    first->usable = true;
    llmgw__aim(call, first->target, first, 0);
    call->access.anyway = true; /* it waits, however often that takes */
    return llmgw__pause_begin(call, first->due_ns) == LLMGW_OK;
}
