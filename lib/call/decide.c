/*
 * call/decide.c - what comes after an attempt: a further exchange of its
 * answer, the request again without what was refused, the next target, or the
 * end.
 */
#include "decide.h"

#include <string.h>

#include "access.h"
#include "attempt.h"
#include "base/alloc.h"
#include "kind.h"
#include "route/needs.h"

#define LAST_RESORT_TARGETS 16 /* told by name in "no target" */

static void run_attempt(struct llmgw_call *call, struct llmgw_attempt *attempt);

/** Which error tells the host most: of caller's mistakes the first, else the
 *  latest that might have gone well elsewhere. */
static const struct llmgw__error *telling_error(const struct llmgw_call *call)
{
    const struct llmgw__error *first = NULL;
    const struct llmgw__error *retryable = NULL;

    for (size_t i = 0; i < call->attempt_count; i++) {
        const struct llmgw_error *error = call->attempts[i]->error;

        if (!error)
            continue;
        if (!first)
            first = &error->error;
        if (error->error.retryable)
            retryable = &error->error;
    }
    return retryable ? retryable : first;
}

static void end_without_target(struct llmgw_call *call)
{
    const struct llmgw__error *told = telling_error(call);
    uint8_t lacked = call->plan.lacked;
    struct llmgw__error error;
    char message[512] = "no target can be asked:";
    size_t len = strlen(message);

    if (call->committed) { /* one of all has answered */
        llmgw__call_finish(call, LLMGW_END_RESPONSE);
        return;
    }
    if (told) {
        llmgw__call_fail(call, told);
        return;
    }
    for (size_t i = 0; i < call->plan.count && i < LAST_RESORT_TARGETS; i++) {
        const char *parts[] = {i ? "; " : " ",
                               call->plan.candidates[i].target->id, ": ",
                               call->plan.candidates[i].reason};

        for (int p = 0; p < 4; p++)
            for (const char *at = parts[p]; *at && len + 1 < sizeof message;)
                message[len++] = *at++;
    }
    llmgw__error_set(&error,
                     lacked ? LLMGW_KIND_UNSUPPORTED_PARAMETER
                            : LLMGW_KIND_NO_TARGET,
                     llmgw__str_n(message, len));
    if (lacked)
        llmgw__needs_blame(&call->chat, lacked, &error);
    llmgw__call_fail(call, &error);
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

static size_t sent_attempts(const struct llmgw_call *call)
{
    size_t sent = 0;

    for (size_t i = 0; i < call->attempt_count; i++)
        sent += call->attempts[i]->row && !call->attempts[i]->hop;
    return sent;
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

/** It cannot be asked; what it was not asked for is told by the plan. */
static void leave_out(struct llmgw_call *call,
                      const struct llmgw_attempt *attempt)
{
    struct llmgw__candidate *candidate = call->access.candidate;

    if (!candidate)
        return;
    candidate->usable = false;
    candidate->reason = attempt && attempt->error
                            ? attempt->error->error.message
                            : "it cannot take the request";
}

/** Start the attempt that call->access says, or wait for what it is to show.
 *  @return false: it cannot be made */
static bool start_attempt(struct llmgw_call *call)
{
    struct llmgw_attempt *attempt = NULL;
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
    if (status == LLMGW_OK)
        status = make_attempt(call, NULL, &refusal, &attempt);
    else if (status == LLMGW_E_INVALID)
        status = keep_refusal(call, &refusal, &attempt);
    call->access.since_ns = 0;
    if (status == LLMGW_E_INVALID) {
        leave_out(call, attempt);
        return false;
    }
    if (status != LLMGW_OK) {
        llmgw__error_setz(&refusal, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
        llmgw__call_fail(call, &refusal);
        return true;
    }
    run_attempt(call, attempt);
    return true;
}

void llmgw__call_resume(struct llmgw_call *call)
{
    if (!start_attempt(call))
        llmgw__call_next(call);
}

/** What the next attempt asks. */
static void aim(struct llmgw_call *call, const struct llmgw__target *target,
                struct llmgw__candidate *candidate, uint8_t again)
{
    struct llmgw__access *access = &call->access;

    access->target = target;
    access->candidate = candidate;
    access->again = again;
    access->anyway = false;
    access->renewed = false;
    access->since_ns = 0;
}

static void run_attempt(struct llmgw_call *call, struct llmgw_attempt *attempt)
{
    call->running = attempt;
    if (!attempt->waits_for_intent)
        llmgw__attempt_send(attempt);
}

/** The answer goes on in a further exchange with the same target. */
static void follow(struct llmgw_call *call, struct llmgw_attempt *ended)
{
    struct llmgw_attempt *attempt = NULL;
    struct llmgw__error refusal;
    llmgw_status status;

    llmgw__error_clear(&refusal);
    status = make_attempt(call, ended, &refusal, &attempt);
    if (status == LLMGW_OK) {
        run_attempt(call, attempt);
        return;
    }
    if (status != LLMGW_E_INVALID)
        llmgw__error_setz(&refusal, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    llmgw__call_fail(call, &refusal);
}

void llmgw__call_next(struct llmgw_call *call)
{
    while (call->kind->every ||
           sent_attempts(call) < call->limits.max_attempts) {
        bool rests = false;
        struct llmgw__candidate *candidate =
            llmgw__plan_next(&call->plan, &rests);

        if (!candidate)
            break;
        aim(call, candidate->target, candidate, 0);
        call->access.anyway = rests;
        if (start_attempt(call))
            return;
    }
    end_without_target(call);
}

/** An ended attempt's error; no memory was left to keep it: that. */
static struct llmgw__error error_of(const struct llmgw_attempt *attempt)
{
    struct llmgw__error error;

    if (attempt->error)
        return attempt->error->error;
    llmgw__error_setz(&error, LLMGW_KIND_OUT_OF_MEMORY, "no memory");
    return error;
}

/** May another target be asked after this error? */
static bool may_go_on(const struct llmgw_call *call,
                      const struct llmgw__error *error)
{
    if (call->deadline_passed || (call->committed && !call->kind->every))
        return false;
    if (call->kind->every)
        return true;
    if (error->kind == LLMGW_KIND_CONTENT_POLICY)
        return call->route->fallback_content;
    return error->failover;
}

/** May the same target be asked once more? */
static bool may_repeat(const struct llmgw_call *call)
{
    return !call->committed && !call->deadline_passed &&
           sent_attempts(call) < call->limits.max_attempts;
}

/** Can the request be sent again without what was refused? Once a target; that
 *  it cannot be encoded so is no worse than the refusal was. */
static bool mend(struct llmgw_call *call, const struct llmgw_attempt *failed,
                 const struct llmgw__error *error)
{
    const struct llmgw__dialect *dialect = failed->dialect;
    uint8_t again;

    if (failed->again || !dialect->again || call->kind != &llmgw__kind_chat)
        return false;
    again = dialect->again(error);
    if (!again)
        return false;
    aim(call, failed->target, NULL, again);
    if (!start_attempt(call))
        return false;
    llmgw__log(
        call->core, LLMGW_LOG_WARNING, failed->target->id,
        " has refused the request, sending it without: ", error->message);
    return true;
}

/** Is there something else to show the provider: what was fetched anew, once,
 *  or another of its keys? */
static bool show_another(struct llmgw_call *call,
                         const struct llmgw_attempt *failed,
                         const struct llmgw__error *error)
{
    bool renew = error->kind == LLMGW_KIND_AUTH && failed->kept &&
                 !failed->renewed && failed->sent;

    if (!renew && !(error->rotate_key && llmgw__access_has_other(failed)))
        return false;
    aim(call, failed->target, NULL, failed->again);
    call->access.renewed = renew;
    if (!start_attempt(call))
        return false;
    llmgw__log(call->core, LLMGW_LOG_WARNING, failed->target->id,
               renew ? " has refused its credential, showing a new one: "
                     : " has refused a key, showing another: ",
               error->message);
    return true;
}

/** Is it our clock that the signature was refused for? Once a target. */
static bool set_clock(struct llmgw_call *call,
                      const struct llmgw_attempt *failed,
                      const struct llmgw__error *error)
{
    if ((error->kind != LLMGW_KIND_AUTH &&
         error->kind != LLMGW_KIND_PERMISSION) ||
        (failed->again & LLMGW__AGAIN_CLOCK) ||
        !llmgw__access_set_clock(failed))
        return false;
    aim(call, failed->target, NULL, failed->again | LLMGW__AGAIN_CLOCK);
    if (!start_attempt(call))
        return false;
    llmgw__log(
        call->core, LLMGW_LOG_WARNING, failed->target->id,
        " has another time than this clock, signing again: ", error->message);
    return true;
}

/** A failed attempt: the next target, or the end. */
static void go_on(struct llmgw_call *call, const struct llmgw_attempt *attempt)
{
    struct llmgw__error error = error_of(attempt);

    if (may_repeat(call) &&
        (mend(call, attempt, &error) || set_clock(call, attempt, &error) ||
         show_another(call, attempt, &error)))
        return;
    if (may_go_on(call, &error)) {
        llmgw__log(call->core, LLMGW_LOG_WARNING, attempt->target->id,
                   " failed, trying the next target: ", error.message);
        llmgw__call_next(call);
    } else if (call->committed || call->deadline_passed) {
        llmgw__call_fail(call, &error);
    } else {
        end_without_target(call);
    }
}

/** The running attempt has ended. */
void llmgw__call_decide(struct llmgw_call *call)
{
    struct llmgw_attempt *attempt = call->running;

    if (!attempt || !attempt->end)
        return;
    call->running = NULL;
    llmgw__access_judge(attempt);
    if (attempt->onward.len && attempt->end == LLMGW_END_RESPONSE)
        follow(call, attempt);
    llmgw__attempt_close(attempt);
    if (call->running || call->state == LLMGW__CALL_ENDED)
        return; /* it goes on, or could not */
    if (attempt->end == LLMGW_END_ERROR)
        go_on(call, attempt);
    else if (attempt->end == LLMGW_END_RESPONSE && call->kind->every)
        llmgw__call_next(call);
    else
        llmgw__call_finish(call, attempt->end);
}
