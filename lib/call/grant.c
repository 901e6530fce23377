/*
 * call/grant.c - what an attempt is let in with: its breaker's pass, room in
 * rate limits, what is left of the call's cost limit.
 *
 * Lists of models are let in without: they cost nothing, and that one answers
 * says nothing of completions.
 *
 * Memory: what is held of rate limits, in the call's arena.
 */
#include "grant.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "call_state.h"
#include "kind.h"
#include "reserve.h"
#include "route/router.h"
#include "trial.h"

#define USUAL_ANSWER 1000 /* tokens, where no most was said */
#define MAX_WHY      160

static struct llmgw__router *router_of(const struct llmgw_call *call)
{
    return &call->core->router;
}

/* --- the cost limit --- */

/** Of the attempts so far: what they cost, or the most that they may. */
static int64_t spent(const struct llmgw_call *call)
{
    int64_t sum = 0;

    for (size_t i = 0; i < call->attempt_count; i++) {
        const struct llmgw_attempt *attempt = call->attempts[i];
        int64_t pico = attempt->grant.most_pico;

        if (attempt->end && attempt->cost.known)
            pico = attempt->cost.pico;
        sum = pico > INT64_MAX - sum ? INT64_MAX : sum + pico;
    }
    return sum;
}

static bool is_affordable(const struct llmgw_call *call,
                          struct llmgw__grant *grant)
{
    int64_t limit = call->conduct.max_cost_pico;
    int64_t before = spent(call);

    if (limit == INT64_MAX)
        return true;
    grant->most_pico =
        grant->most.cost.known ? grant->most.cost.pico : INT64_MAX;
    return before <= limit && grant->most_pico <= limit - before;
}

/* --- rate limits --- */

/** What an attempt is likely to use. */
static int64_t likely_tokens(const struct llmgw_call *call)
{
    struct llmgw__token_ratios *ratios = &call->core->ratios;
    const char *id = call->access.target->id;
    int64_t answer = call->chat.max_tokens;

    if (call->kind != &llmgw__kind_chat)
        return (int64_t)(llmgw__bytes_str(call->request).len /
                         LLMGW__BYTES_A_TOKEN);
    if (!answer)
        answer = llmgw__length_of_answer(ratios, id);
    return llmgw__tokens_of_prompt(ratios, id, &call->bulk) +
           (answer ? answer : USUAL_ANSWER);
}

static llmgw_status take_room(struct llmgw_call *call,
                              struct llmgw__grant *grant, uint64_t *room_ns,
                              char *why)
{
    const struct llmgw__throttle_ask ask = {
        .catalog = call->catalog,
        .target = call->access.target,
        .key_id = call->access.id,
        .tags = call->tags,
        .tokens = likely_tokens(call),
        .now_ns = llmgw__driver_clock(call->driver),
    };
    struct llmgw__throttle_hold hold = {.count = 0};
    llmgw_status status = llmgw__throttle_take(&router_of(call)->throttle, &ask,
                                               &hold, room_ns, why, MAX_WHY);

    if (status != LLMGW_OK)
        return status == LLMGW_E_LIMIT ? LLMGW__FULL : status;
    if (!hold.count)
        return LLMGW_OK;
    grant->hold = llmgw__arena_alloc(&call->arena, sizeof *grant->hold);
    if (!grant->hold) {
        llmgw__throttle_give_back(&router_of(call)->throttle, &hold, 0,
                                  ask.now_ns);
        return LLMGW_E_NOMEM;
    }
    *grant->hold = hold;
    return LLMGW_OK;
}

/* --- in and out --- */

/** Somebody else may be asked, or is. */
static bool has_other(const struct llmgw_call *call)
{
    for (size_t i = call->plan.next; i < call->plan.count; i++)
        if (call->plan.candidates[i].usable)
            return true;
    return llmgw__call_running(call) > 0;
}

/** Through its breaker; a half-open one is tried by another call, where this
 *  one need not wait for that. */
static bool pass_breaker(struct llmgw_call *call, struct llmgw__grant *grant,
                         char *why)
{
    struct llmgw__breaker_pass pass = call->trial.pass;
    enum llmgw__breaker_word word = LLMGW__BREAKER_PROBE;

    call->trial.pass.epoch = 0;
    if (!pass.epoch)
        word = llmgw__breaker_pass(&router_of(call)->breakers,
                                   &call->catalog->breaker, call->access.target,
                                   call->access.anyway,
                                   llmgw__driver_clock(call->driver), &pass);
    if (word == LLMGW__BREAKER_OPEN) {
        (void)snprintf(why, MAX_WHY, "its breaker is open");
        return false;
    }
    if (word == LLMGW__BREAKER_PROBE && call->kind == &llmgw__kind_chat &&
        !call->trial.target && has_other(call)) {
        llmgw__trial_begin(call, &pass);
        (void)snprintf(why, MAX_WHY,
                       "its breaker is half-open: it is tried "
                       "beside this call");
        return false;
    }
    grant->pass = pass;
    return true;
}

static llmgw_status let_in(struct llmgw_call *call, struct llmgw__grant *grant,
                           uint64_t *room_ns, char *why)
{
    llmgw_status status;

    llmgw__reserve_estimate(call, grant);
    if (!is_affordable(call, grant)) {
        (void)snprintf(why, MAX_WHY, "%s",
                       grant->most_pico == INT64_MAX
                           ? "the most that it may cost is not known, and the "
                             "call has a cost limit"
                           : "it may cost more than the call's cost limit "
                             "leaves");
        return LLMGW__DEAR;
    }
    status = llmgw__reserve_take(call, grant, why, MAX_WHY);
    if (status != LLMGW_OK)
        return status;
    if (!pass_breaker(call, grant, why))
        return LLMGW__SHUT;
    return take_room(call, grant, room_ns, why);
}

llmgw_status llmgw__grant_ask(struct llmgw_call *call, uint64_t *room_ns,
                              const char **why)
{
    struct llmgw__grant *grant = &call->access.grant;
    char text[MAX_WHY] = "";
    llmgw_status status;

    memset(grant, 0, sizeof *grant);
    *why = "";
    if (call->kind->free)
        return LLMGW_OK;
    status = let_in(call, grant, room_ns, text);
    if (status == LLMGW_OK) {
        grant->given = true;
        llmgw__turns_begin(&router_of(call)->turns, call->access.target->id);
        return LLMGW_OK;
    }
    if (grant->pass.epoch)
        llmgw__breaker_tell(&router_of(call)->breakers, &call->catalog->breaker,
                            call->access.target, &grant->pass,
                            LLMGW__OUTCOME_NONE,
                            llmgw__driver_clock(call->driver));
    llmgw__reserve_return(call, grant);
    memset(grant, 0, sizeof *grant);
    *why = llmgw__arena_dup(&call->arena, llmgw__str(text));
    if (!*why)
        *why = "it is not let in";
    return status;
}
