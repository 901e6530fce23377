/*
 * call/decide.c - what comes after an attempt: a further exchange of its
 * answer, the request again without what was refused, the next target, or the
 * end.
 */
#include "decide.h"

#include <string.h>

#include "access.h"
#include "attempt.h"
#include "ending.h"
#include "kind.h"
#include "pause.h"
#include "race.h"
#include "reserve.h"
#include "resume.h"
#include "retry.h"
#include "route/needs.h"
#include "start.h"

#define LAST_RESORT_TARGETS 16 /* told by name in "no target" */

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

/** Everybody, and why not. */
static void name_reasons(const struct llmgw_call *call, char *message,
                         size_t size)
{
    size_t len = strlen(message);

    for (size_t i = 0; i < call->plan.count && i < LAST_RESORT_TARGETS; i++) {
        const char *parts[] = {i ? "; " : " ",
                               call->plan.candidates[i].target->id, ": ",
                               call->plan.candidates[i].reason};

        for (int p = 0; p < 4; p++)
            for (const char *at = parts[p]; *at && len + 1 < size;)
                message[len++] = *at++;
    }
    message[len] = '\0';
}

static void end_without_target(struct llmgw_call *call)
{
    const struct llmgw__error *told = telling_error(call);
    uint8_t lacked = call->plan.lacked;
    struct llmgw__error error;
    char message[512] = "no target can be asked:";

    if (llmgw__call_running(call))
        return;                                 /* that may still answer */
    if (call->committed && call->kind->every) { /* one of all has answered */
        llmgw__call_finish(call, LLMGW_END_RESPONSE);
        return;
    }
    if (told) {
        llmgw__call_fail(call, told);
        return;
    }
    if (call->broke.set) {
        llmgw__reserve_blame(call, &error);
        llmgw__call_fail(call, &error);
        return;
    }
    name_reasons(call, message, sizeof message);
    if (lacked)
        llmgw__error_setz(&error, LLMGW_KIND_UNSUPPORTED_PARAMETER, message);
    else if (call->full)
        llmgw__error_limit(&error, LLMGW_LIMIT_RATE, message);
    else if (call->dear)
        llmgw__error_limit(&error, LLMGW_LIMIT_COST, message);
    else
        llmgw__error_setz(&error, LLMGW_KIND_NO_TARGET, message);
    if (lacked)
        llmgw__needs_blame(&call->chat, lacked, &error);
    llmgw__call_fail(call, &error);
}

void llmgw__call_resume(struct llmgw_call *call)
{
    call->pause.waited_ns +=
        call->pause.since_ns
            ? llmgw__driver_clock(call->driver) - call->pause.since_ns
            : 0;
    call->pause.since_ns = 0;
    llmgw__pause_end(call);
    if (atomic_load(&call->cancel->set))
        llmgw__call_finish(call, LLMGW_END_CANCELLED);
    else if (!llmgw__start(call) && !llmgw__call_running(call))
        llmgw__call_next(call);
}

void llmgw__call_next(struct llmgw_call *call)
{
    while (llmgw__may_send(call) && !call->broke.for_all) {
        bool rests = false;
        struct llmgw__candidate *candidate =
            llmgw__plan_next(&call->plan, &rests);

        if (!candidate)
            break;
        llmgw__aim(call, candidate->target, candidate, 0);
        call->access.anyway = rests;
        if (llmgw__start(call))
            return;
    }
    if (!call->broke.for_all && llmgw__retry_full(call))
        return;
    if (!call->broke.for_all && llmgw__resume_anew(call))
        llmgw__call_next(call);
    else
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

/** Is it the one whose content reached the host, or a further exchange? */
static bool has_told(const struct llmgw_call *call,
                     const struct llmgw_attempt *attempt)
{
    return call->committed == (attempt->hop ? attempt->hop->first : attempt);
}

/** May another target be asked after this error? */
static bool may_go_on(const struct llmgw_call *call,
                      const struct llmgw_attempt *attempt,
                      const struct llmgw__error *error)
{
    if (call->deadline_passed)
        return false;
    if (call->kind->every)
        return true;
    if (attempt->continues && !attempt->content_ns)
        return true; /* it is the continuation that was refused */
    if (error->kind == LLMGW_KIND_CONTENT_POLICY)
        return call->route->fallback_content;
    return error->failover;
}

/** May the same target be asked once more? */
static bool may_repeat(const struct llmgw_call *call)
{
    return !call->committed && llmgw__may_send(call);
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
    llmgw__aim(call, failed->target, NULL, again);
    call->access.why = "mend";
    if (!llmgw__start(call))
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
    llmgw__aim(call, failed->target, NULL, failed->again);
    call->access.renewed = renew;
    call->access.why = renew ? "credential" : "key";
    if (!llmgw__start(call))
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
    llmgw__aim(call, failed->target, NULL, failed->again | LLMGW__AGAIN_CLOCK);
    call->access.why = "clock";
    if (!llmgw__start(call))
        return false;
    llmgw__log(
        call->core, LLMGW_LOG_WARNING, failed->target->id,
        " has another time than this clock, signing again: ", error->message);
    return true;
}

/** A failed attempt: the same target again, the next one, or the end. */
static void go_on(struct llmgw_call *call, const struct llmgw_attempt *attempt)
{
    struct llmgw__error error = error_of(attempt);

    if (has_told(call, attempt) && !call->kind->every &&
        (!may_go_on(call, attempt, &error) ||
         !llmgw__resume_prepare(call, attempt))) {
        llmgw__call_fail(call, &error);
        return;
    }
    if (attempt->continues && !error.retryable)
        llmgw__resume_cannot(call, attempt->target);
    if (may_repeat(call) &&
        (mend(call, attempt, &error) || set_clock(call, attempt, &error) ||
         show_another(call, attempt, &error)))
        return;
    if (llmgw__retry(call, attempt, &error))
        return;
    if (may_go_on(call, attempt, &error)) {
        llmgw__log(call->core, LLMGW_LOG_WARNING, attempt->target->id,
                   " failed, trying the next target: ", error.message);
        llmgw__call_next(call);
    } else if (call->deadline_passed) {
        llmgw__call_fail(call, &error);
    } else {
        end_without_target(call);
    }
}

/** Which of those that have ended says how the call goes on. */
static int rank(const struct llmgw_call *call,
                const struct llmgw_attempt *attempt)
{
    if (attempt->lost)
        return 0;
    if (attempt->end == LLMGW_END_RESPONSE)
        return 4;
    if (attempt->end == LLMGW_END_CANCELLED)
        return 3;
    return has_told(call, attempt) ? 2 : 1;
}

/** Cancelled in the turn in which an attempt has ended by itself: nothing of it
 *  was there to be cancelled, and nothing more is begun. */
static bool is_cancelled(const struct llmgw_call *call)
{
    return atomic_load(&call->cancel->set);
}

static bool goes_further(const struct llmgw_call *call,
                         const struct llmgw_attempt *attempt)
{
    return attempt->onward.len && attempt->end == LLMGW_END_RESPONSE &&
           !is_cancelled(call) && !call->deadline_passed;
}

/** Its answer was to go on. */
static void fail_for_time(struct llmgw_call *call)
{
    struct llmgw__error error;

    llmgw__error_limit(&error, LLMGW_LIMIT_TOTAL,
                       "the call's total time limit has passed");
    llmgw__call_fail(call, &error);
}

/** Is the answer of a call whole with this attempt? */
static bool is_whole(const struct llmgw_call *call,
                     const struct llmgw_attempt *attempt)
{
    return attempt->end == LLMGW_END_RESPONSE && !attempt->onward.len &&
           !call->kind->every;
}

/** Close what has ended, and its further exchange goes on in its place. */
static struct llmgw_attempt *close_ended(struct llmgw_call *call)
{
    struct llmgw_attempt *told = NULL;

    for (int i = 0; i < LLMGW__RACERS; i++) {
        struct llmgw_attempt *attempt = call->running[i];

        if (!attempt || !attempt->end)
            continue;
        call->running[i] = NULL;
        llmgw__access_judge(attempt);
        if (goes_further(call, attempt)) {
            llmgw__start_further(call, attempt);
            llmgw__attempt_close(attempt);
            continue;
        }
        llmgw__attempt_close(attempt);
        if (!told || rank(call, attempt) > rank(call, told))
            told = attempt;
    }
    return told;
}

void llmgw__call_decide(struct llmgw_call *call)
{
    struct llmgw_attempt *told = close_ended(call);

    if (!told || told->lost || call->state == LLMGW__CALL_ENDED)
        return;
    if (is_cancelled(call) && !is_whole(call, told)) {
        llmgw__call_finish(call, LLMGW_END_CANCELLED);
    } else if (told->end == LLMGW_END_RESPONSE && told->onward.len) {
        fail_for_time(call);
    } else if (told->end == LLMGW_END_RESPONSE && call->kind->every) {
        llmgw__call_next(call);
    } else if (told->end != LLMGW_END_ERROR) {
        llmgw__race_end(call, told);
        llmgw__call_finish(call, told->end);
    } else if (!call->access.waits && !call->pause.active &&
               !llmgw__call_running(call)) {
        go_on(call, told);
    }
}
