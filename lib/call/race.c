/*
 * call/race.c - a second attempt beside the first: a hedge, when the first is
 * late.
 *
 * At most two are under way. The twin asks the next target of the plan, or the
 * same one where there is no other; never one whose latest outcome was a
 * failure or that is half-open: an overload is not asked twice.
 * A twin that cannot start at once is no twin: it waits for nothing but a
 * credential.
 */
#include "race.h"

#include <string.h>

#include "access.h"
#include "attempt.h"
#include "ending.h"
#include "kind.h"
#include "learn.h"
#include "route/router.h"
#include "start.h"

/** Attempts that race are of one request, whose answer is told once. */
static bool may_race(const struct llmgw_call *call)
{
    return call->kind == &llmgw__kind_chat && !call->committed &&
           !call->resume.goes_on && !call->resume.again &&
           llmgw__may_send(call);
}

void llmgw__race_fired(struct llmgw__timer *timer, void *userdata)
{
    (void)timer;
    llmgw__call_need(userdata, LLMGW__NEED_TWIN);
}

/** The only attempt under way, as long as nothing came of it. */
static const struct llmgw_attempt *lone_attempt(const struct llmgw_call *call)
{
    const struct llmgw_attempt *lone = NULL;

    if (llmgw__call_running(call) != 1 || call->access.waits ||
        call->pause.active)
        return NULL;
    for (int i = 0; i < LLMGW__RACERS; i++)
        if (call->running[i])
            lone = call->running[i];
    return lone->content_ns || lone->end ? NULL : lone;
}

void llmgw__race_begin(struct llmgw_call *call)
{
    const struct llmgw__hedging *hedge = &call->conduct.hedge;
    struct llmgw__router *router = &call->core->router;
    const struct llmgw_attempt *lone = lone_attempt(call);
    uint64_t delay;

    llmgw__timer_cancel(&call->driver->timers, &call->race.twin_at);
    if (!lone || lone->hop || !may_race(call))
        return;
    if (!call->race.counted)
        llmgw__hedge_count(&router->hedges, call->route->name, hedge);
    call->race.counted = true;
    delay = llmgw__hedge_delay(hedge, &router->latencies, lone->target->id,
                               llmgw__bytes_str(call->request).len,
                               lone->started_ns);
    if (!delay)
        llmgw__race_twin(call);
    else if (delay != UINT64_MAX)
        (void)llmgw__timer_set(&call->driver->timers, &call->race.twin_at,
                               lone->started_ns + delay);
}

static bool is_sound(const struct llmgw_call *call,
                     const struct llmgw__target *target)
{
    struct llmgw__breaker_look look;

    llmgw__breaker_look(&call->core->router.breakers, target,
                        llmgw__driver_clock(call->driver), &look);
    return look.word == LLMGW__BREAKER_CLOSED && !look.shaky;
}

/** The next of the plan that is sound; it is taken out of the plan's order
 *  when it starts. */
static struct llmgw__candidate *next_sound(struct llmgw_call *call)
{
    struct llmgw__plan *plan = &call->plan;

    for (size_t i = plan->next; i < plan->count; i++)
        if (plan->candidates[i].usable &&
            is_sound(call, plan->candidates[i].target))
            return &plan->candidates[i];
    return NULL;
}

/** It was asked: it stands among those before the next. */
static void take_out(struct llmgw_call *call, struct llmgw__candidate *asked)
{
    struct llmgw__plan *plan = &call->plan;
    struct llmgw__candidate *next = &plan->candidates[plan->next];
    struct llmgw__candidate moved = *asked;

    memmove(next + 1, next, (size_t)(asked - next) * sizeof *next);
    *next = moved;
    plan->next++;
    call->access.candidate = next;
}

/** Ask the twin's target, or nobody. */
static bool start_twin(struct llmgw_call *call,
                       const struct llmgw_attempt *lone)
{
    struct llmgw__candidate *candidate = next_sound(call);

    if (candidate)
        llmgw__aim(call, candidate->target, candidate, 0);
    else if (is_sound(call, lone->target))
        llmgw__aim(call, lone->target, NULL, lone->again);
    else
        return false;
    call->access.why = "hedge";
    if (!llmgw__start_beside(call))
        return false;
    if (candidate)
        take_out(call, candidate);
    return true;
}

void llmgw__race_twin(struct llmgw_call *call)
{
    const struct llmgw__hedging *hedge = &call->conduct.hedge;
    struct llmgw__hedges *hedges = &call->core->router.hedges;
    const struct llmgw_attempt *lone = lone_attempt(call);

    if (!lone || !may_race(call))
        return;
    if (!is_sound(call, lone->target) ||
        !llmgw__hedge_take(hedges, call->route->name, hedge))
        return;
    if (start_twin(call, lone))
        call->race.hedged = true;
    else
        llmgw__hedge_give_back(hedges, call->route->name, hedge);
}

void llmgw__race_end(struct llmgw_call *call,
                     const struct llmgw_attempt *winner)
{
    llmgw__timer_cancel(&call->driver->timers, &call->race.twin_at);
    for (int i = 0; i < LLMGW__RACERS; i++) {
        struct llmgw_attempt *attempt = call->running[i];

        if (!attempt || attempt == winner ||
            (attempt->hop && attempt->hop->first == winner))
            continue;
        attempt->lost = winner && !attempt->end;
        llmgw__attempt_cancel(attempt);
        llmgw__attempt_learn(attempt); /* it was to go on */
        llmgw__access_judge(attempt);
        llmgw__attempt_close(attempt);
        call->running[i] = NULL;
    }
}
