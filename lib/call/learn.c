/*
 * call/learn.c - what is learnt from an attempt that has ended: by its breaker,
 * by rate limits, of how fast its target is.
 *
 * Memory: none of its own.
 */
#include "learn.h"

#include <string.h>

#include "account/estimate.h"
#include "base/clock.h"
#include "kind.h"
#include "provider/allowance.h"
#include "reserve.h"
#include "route/router.h"

static struct llmgw__router *router_of(const struct llmgw_call *call)
{
    return &call->core->router;
}

static void give_back(struct llmgw_call *call, struct llmgw__grant *grant,
                      int64_t used)
{
    if (!grant->hold)
        return;
    llmgw__throttle_give_back(&router_of(call)->throttle, grant->hold, used,
                              llmgw__driver_clock(call->driver));
    grant->hold = NULL;
    llmgw__queue_ring(&call->core->queue);
}

static void tell_breaker(struct llmgw_call *call,
                         const struct llmgw__target *target,
                         struct llmgw__grant *grant,
                         enum llmgw__outcome outcome)
{
    if (!grant->pass.epoch)
        return;
    llmgw__breaker_tell(&router_of(call)->breakers, &call->catalog->breaker,
                        target, &grant->pass, outcome,
                        llmgw__driver_clock(call->driver));
    grant->pass.epoch = 0;
}

static void take_leave(struct llmgw_call *call,
                       const struct llmgw__target *target,
                       struct llmgw__grant *grant, int64_t used)
{
    if (!grant->given)
        return;
    grant->given = false;
    llmgw__turns_end(&router_of(call)->turns, target->id);
    give_back(call, grant, used);
}

void llmgw__grant_return(struct llmgw_call *call)
{
    struct llmgw__grant *grant = &call->access.grant;

    tell_breaker(call, call->access.target, grant, LLMGW__OUTCOME_NONE);
    take_leave(call, call->access.target, grant, 0);
    llmgw__reserve_return(call, grant);
    memset(grant, 0, sizeof *grant);
}

/* --- what is learnt --- */

static bool is_of_reach(const struct llmgw__error *error)
{
    switch (error->kind) {
    case LLMGW_KIND_DNS:
    case LLMGW_KIND_TLS:
    case LLMGW_KIND_CONNECTION:
        return true;
    case LLMGW_KIND_TIMEOUT:
        return error->limit == LLMGW_LIMIT_CONNECT ||
               error->limit == LLMGW_LIMIT_FIRST;
    default:
        return false;
    }
}

/** After its first content it was about to go well. A trial whose loop goes has
 *  its answer's head to tell by, or lasts until the next one. */
static enum llmgw__outcome
outcome_of_cancelled(const struct llmgw_attempt *attempt)
{
    int32_t status = attempt->head.status;

    if (attempt->content_ns && !attempt->lost)
        return LLMGW__OUTCOME_GOOD;
    if (!attempt->call->trial.target)
        return LLMGW__OUTCOME_NONE;
    return status >= 200 && status < 300 ? LLMGW__OUTCOME_GOOD
                                         : LLMGW__OUTCOME_LOST;
}

static enum llmgw__outcome outcome_of(const struct llmgw_attempt *attempt)
{
    const struct llmgw__error *error =
        attempt->error ? &attempt->error->error : NULL;

    if (attempt->end == LLMGW_END_RESPONSE)
        return LLMGW__OUTCOME_GOOD;
    if (attempt->end == LLMGW_END_CANCELLED)
        return outcome_of_cancelled(attempt);
    if (!error || !error->breaker)
        return LLMGW__OUTCOME_NONE;
    return is_of_reach(error) ? LLMGW__OUTCOME_UNREACHABLE
                              : LLMGW__OUTCOME_FAILED;
}

/** How fast it was; one that lost, or passed a limit, took at least so long. */
static void note_pace(const struct llmgw_attempt *attempt,
                      struct llmgw__pace *pace)
{
    const struct llmgw_call *call = attempt->call;
    const struct llmgw_error *error = attempt->error;

    if (!attempt->streaming)
        return;
    pace->first_ns = attempt->content_ns;
    if (attempt->end == LLMGW_END_RESPONSE && attempt->content_ns)
        pace->took_ns = attempt->ended_ns - attempt->content_ns;
    if (!pace->first_ns) {
        if (!attempt->lost &&
            !(error && error->error.limit == LLMGW_LIMIT_FIRST))
            return;
        pace->first_ns = attempt->ended_ns;
        pace->at_least = true;
    }
    llmgw__latency_note(&router_of(call)->latencies, attempt->target->id, pace,
                        llmgw__driver_clock(call->driver));
}

/** How many tokens its texts were, by its own count. */
static void note_tokens(const struct llmgw_attempt *attempt)
{
    const struct llmgw_call *call = attempt->call;

    if (attempt->end != LLMGW_END_RESPONSE || !attempt->usage.reported ||
        attempt->hop || attempt->onward.len || call->kind != &llmgw__kind_chat)
        return;
    llmgw__token_ratios_note(&call->core->ratios, attempt->target->id,
                             &call->bulk, &attempt->usage,
                             attempt->run ? attempt->run->out_bytes : 0);
}

/** What it was worth; one that was cancelled says nothing of that. */
static void note_worth(const struct llmgw_attempt *attempt,
                       enum llmgw__outcome outcome)
{
    const struct llmgw_call *call = attempt->call;
    struct llmgw__deed deed = {
        .usage = attempt->has_usage ? &attempt->usage : NULL,
        .pace = {.prompt_bytes = llmgw__bytes_str(call->request).len,
                 .tokens = attempt->has_usage
                               ? llmgw__usage_completion(&attempt->usage)
                               : 0},
        .reckoned_pico = attempt->cost.known ? attempt->cost.pico : -1,
        .failed = outcome == LLMGW__OUTCOME_FAILED ||
                  outcome == LLMGW__OUTCOME_UNREACHABLE,
    };

    if (!attempt->sent || attempt->hop)
        return;
    note_pace(attempt, &deed.pace);
    if (!call->kind->free &&
        (deed.failed || attempt->end == LLMGW_END_RESPONSE))
        llmgw__worth_note(&router_of(call)->worths, attempt->target, &deed,
                          llmgw__driver_clock(call->driver));
}

/** What the provider says is left of its limits. */
static void note_allowance(const struct llmgw_attempt *attempt)
{
    const struct llmgw_call *call = attempt->call;
    struct llmgw__allowance told;

    if (!attempt->head.header_count)
        return;
    llmgw__allowance_read(&attempt->head,
                          llmgw__call_wall_ns(call) / (int64_t)LLMGW__SECOND,
                          &told);
    if (told.told)
        llmgw__throttle_learn(&router_of(call)->throttle, attempt->target,
                              attempt->key_id, &told,
                              llmgw__driver_clock(call->driver));
}

void llmgw__attempt_learn(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    enum llmgw__outcome outcome = outcome_of(attempt);
    int64_t used = -1;

    if (!attempt->grant.given)
        return;
    if (!attempt->sent)
        used = 0;
    else if (attempt->has_usage)
        used = llmgw__usage_prompt(&attempt->usage) +
               llmgw__usage_completion(&attempt->usage);
    note_allowance(attempt);
    note_worth(attempt, outcome);
    note_tokens(attempt);
    tell_breaker(call, attempt->target, &attempt->grant, outcome);
    take_leave(call, attempt->target, &attempt->grant, used);
}

/** The breaker closes now, not when a long answer has ended; how that ends is
 *  told as every other's. */
void llmgw__attempt_proves(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__grant *grant = &attempt->grant;

    if (!grant->pass.probe || !grant->pass.epoch)
        return;
    tell_breaker(call, attempt->target, grant, LLMGW__OUTCOME_GOOD);
    memset(&grant->pass, 0, sizeof grant->pass);
    (void)llmgw__breaker_pass(&router_of(call)->breakers,
                              &call->catalog->breaker, attempt->target, true,
                              llmgw__driver_clock(call->driver), &grant->pass);
}
