/*
 * call/start.c - start the next attempt of a call: what it shows, what it is
 * let in with, the attempt itself.
 */
#include "start.h"

#include <string.h>

#include "access.h"
#include "attempt.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "ending.h"
#include "grant.h"
#include "kind.h"
#include "learn.h"
#include "pause.h"
#include "reserve.h"

#define LEASE_LOOK_NS (10 * LLMGW__MS)

static void run_attempt(struct llmgw_call *call, struct llmgw_attempt *attempt);

void llmgw__aim(struct llmgw_call *call, const struct llmgw__target *target,
                struct llmgw__candidate *candidate, uint8_t again)
{
    struct llmgw__access *access = &call->access;

    access->target = target;
    access->candidate = candidate;
    access->again = again;
    access->anyway = false;
    access->renewed = false;
    access->beside = false;
    access->since_ns = 0;
    access->why = call->attempt_count ? "fallback" : "first";
}

size_t llmgw__sent_attempts(const struct llmgw_call *call)
{
    size_t sent = 0;

    for (size_t i = 0; i < call->attempt_count; i++)
        sent += call->attempts[i]->row && !call->attempts[i]->hop;
    return sent;
}

bool llmgw__may_send(const struct llmgw_call *call)
{
    return !call->deadline_passed &&
           (call->kind->every ||
            llmgw__sent_attempts(call) < call->limits.max_attempts);
}

/** A place for one more attempt, made first: one that has an entry cannot be
 *  lost. */
static bool has_place(struct llmgw_call *call)
{
    return !llmgw__grow((void **)&call->attempts, &call->attempt_cap,
                        call->attempt_count + 1,
                        sizeof(struct llmgw_attempt *));
}

/** Make an attempt and keep it, a refusal too.
 *
 *  @param ended  it goes on with the answer of this one; NULL: it begins one,
 *                as call->access says */
static llmgw_status make_attempt(struct llmgw_call *call,
                                 struct llmgw_attempt *ended,
                                 struct llmgw__error *refusal,
                                 struct llmgw_attempt **out)
{
    llmgw_status status;

    if (!has_place(call))
        return LLMGW_E_NOMEM;
    status = ended ? llmgw__attempt_follow(ended, refusal, out)
                   : llmgw__attempt_create(call, refusal, out);
    if (*out)
        call->attempts[call->attempt_count++] = *out;
    return status;
}

/** There is nothing to show the provider: kept, as an attempt that failed. */
static llmgw_status keep_refusal(struct llmgw_call *call,
                                 const struct llmgw__error *refusal,
                                 struct llmgw_attempt **out)
{
    if (!has_place(call))
        return LLMGW_E_NOMEM;
    *out = llmgw__attempt_refused(call, refusal);
    if (!*out)
        return LLMGW_E_NOMEM;
    call->attempts[call->attempt_count++] = *out;
    return LLMGW_E_INVALID;
}

/** All its keys rest: others are asked before it. */
static void put_off(struct llmgw_call *call)
{
    const struct llmgw__access *access = &call->access;
    uint64_t now_ns = llmgw__driver_clock(call->driver);

    if (access->candidate)
        llmgw__plan_put_off(access->candidate, access->back_ns - now_ns,
                            &call->arena);
}

/** It is not asked; why is told by the plan. */
static void leave_out(struct llmgw_call *call, const char *why)
{
    struct llmgw__candidate *candidate = call->access.candidate;

    if (!candidate)
        return;
    candidate->usable = false;
    candidate->reason = why;
}

/** A rate limit of ours: wait for room, if the route says so and it fits, else
 *  when nobody else is left. @return false: others are asked */
static bool wait_for_room(struct llmgw_call *call, uint64_t room_ns,
                          const char *why)
{
    struct llmgw__candidate *candidate = call->access.candidate;

    call->full = true;
    if (!call->access.beside && !call->trial.target &&
        (call->conduct.when_limited == LLMGW__LIMITED_WAIT ||
         call->access.anyway) &&
        llmgw__pause_fits(call, room_ns) &&
        llmgw__pause_begin(call, room_ns) == LLMGW_OK)
        return true;
    leave_out(call, why);
    if (candidate) {
        candidate->full = true;
        candidate->due_ns = room_ns;
    }
    return false;
}

/** The store is asked for more of a budget: it rings, and is looked for in any
 *  case. A second attempt is not worth the wait. */
static bool wait_for_lease(struct llmgw_call *call)
{
    return !call->access.beside &&
           llmgw__pause_for_room(call, LEASE_LOOK_NS) == LLMGW_OK;
}

/** It is let in, or why not. @return false: others are asked */
static bool is_let_in(struct llmgw_call *call, llmgw_status *status)
{
    uint64_t room_ns = 0;
    const char *why;

    *status = llmgw__grant_ask(call, &room_ns, &why);
    switch (*status) {
    case LLMGW__FULL:
        return wait_for_room(call, room_ns, why);
    case LLMGW__DEAR:
        call->dear = true;
        leave_out(call, why);
        return false;
    case LLMGW__LEASING:
        return wait_for_lease(call);
    case LLMGW__BROKE:
        leave_out(call, why);
        return false;
    case LLMGW__SHUT:
        leave_out(call, why);
        if (call->access.candidate)
            call->access.candidate->open = true;
        return false;
    default:
        return true;
    }
}

static void run_out_of_memory(struct llmgw_call *call)
{
    struct llmgw__error error;

    llmgw__error_setz(&error, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    llmgw__call_fail(call, &error);
}

/** What was found is not taken, and what was let in does not go. */
static void abandon(struct llmgw_call *call)
{
    llmgw__access_leave(call);
    llmgw__grant_return(call);
}

/** Make it, and what cannot be made tell the plan. */
static bool make(struct llmgw_call *call, llmgw_status status,
                 struct llmgw__error *refusal)
{
    struct llmgw_attempt *attempt = NULL;

    if (status == LLMGW_OK)
        status = make_attempt(call, NULL, refusal, &attempt);
    else if (status == LLMGW_E_INVALID && !call->access.beside)
        status = keep_refusal(call, refusal, &attempt);
    call->access.since_ns = 0;
    if (status == LLMGW_OK) {
        attempt->grant = call->access.grant;
        memset(&call->access.grant, 0, sizeof call->access.grant);
        run_attempt(call, attempt);
        return true;
    }
    abandon(call);
    if (status == LLMGW_E_INVALID) {
        leave_out(call, attempt && attempt->error
                            ? attempt->error->error.message
                            : "it cannot take the request");
        return false;
    }
    if (call->access.beside)
        return false;
    run_out_of_memory(call);
    return true;
}

bool llmgw__start(struct llmgw_call *call)
{
    struct llmgw__error refusal;
    llmgw_status status;

    llmgw__error_clear(&refusal);
    status = llmgw__access_find(call, &refusal);
    if (status == LLMGW__WAITS)
        return true;
    if (status == LLMGW__RESTS) {
        put_off(call);
        return false;
    }
    if (status == LLMGW_OK && !is_let_in(call, &status)) {
        llmgw__access_leave(call);
        return false;
    }
    if (call->pause.active) { /* for room */
        llmgw__access_leave(call);
        return true;
    }
    return make(call, status, &refusal);
}

bool llmgw__start_beside(struct llmgw_call *call)
{
    call->access.beside = true;
    return llmgw__start(call);
}

/** A further exchange costs as much again. It does not wait: its answer has
 *  begun. */
static llmgw_status reserve_further(struct llmgw_call *call,
                                    const struct llmgw_attempt *ended,
                                    struct llmgw__error *refusal)
{
    struct llmgw__grant *grant = &call->access.grant;
    char why[160];
    llmgw_status status;

    memset(grant, 0, sizeof *grant);
    call->access.target = ended->target;
    call->access.id = ended->key_id;
    llmgw__reserve_estimate(call, grant);
    status = llmgw__reserve_take(call, grant, why, sizeof why);
    if (status == LLMGW__BROKE)
        llmgw__reserve_blame(call, refusal);
    if (status == LLMGW__LEASING)
        llmgw__error_setz(refusal, LLMGW_KIND_BUDGET,
                          "a budget cannot be asked in time for the rest of "
                          "an answer");
    return status == LLMGW__BROKE || status == LLMGW__LEASING ? LLMGW_E_INVALID
                                                              : status;
}

void llmgw__start_further(struct llmgw_call *call, struct llmgw_attempt *ended)
{
    struct llmgw_attempt *attempt = NULL;
    struct llmgw__error refusal;
    llmgw_status status;

    llmgw__error_clear(&refusal);
    status = reserve_further(call, ended, &refusal);
    if (status == LLMGW_OK)
        status = make_attempt(call, ended, &refusal, &attempt);
    if (status == LLMGW_OK) {
        attempt->grant = ended->grant;
        attempt->grant.most = call->access.grant.most;
        attempt->grant.charges = call->access.grant.charges;
        memset(&ended->grant, 0, sizeof ended->grant);
        memset(&call->access.grant, 0, sizeof call->access.grant);
        run_attempt(call, attempt);
        return;
    }
    llmgw__reserve_return(call, &call->access.grant);
    llmgw__attempt_learn(ended);
    if (status != LLMGW_E_INVALID)
        llmgw__error_setz(&refusal, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    llmgw__call_fail(call, &refusal);
}

/** In a free place; at most as many are made as there are. */
static void run_attempt(struct llmgw_call *call, struct llmgw_attempt *attempt)
{
    int place = call->running[0] ? 1 : 0;

    call->running[place] = attempt;
    attempt->paused_ns = call->pause.waited_ns;
    call->pause.waited_ns = 0;
    if (attempt->waits_for_intent)
        llmgw__call_need(call, LLMGW__NEED_SEND); /* it may be kept by now */
    else
        llmgw__attempt_send(attempt);
    if (call->conduct.hedge.when != LLMGW__HEDGE_OFF)
        llmgw__call_need(call, LLMGW__NEED_RACE);
}
