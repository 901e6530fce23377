/*
 * call/trial.c - a copy of a call asks a target whose breaker is half-open.
 *
 * A real call, since only that can tell; streamed, so that it can be ended with
 * its first content, which is all that it is for; asked once.
 */
#include "trial.h"

#include "base/clock.h"
#include "setup.h"

static void give_back(struct llmgw_call *call,
                      const struct llmgw__target *target,
                      const struct llmgw__breaker_pass *pass)
{
    llmgw__breaker_tell(&call->core->router.breakers, &call->catalog->breaker,
                        target, pass, LLMGW__OUTCOME_NONE,
                        llmgw__driver_clock(call->driver));
}

void llmgw__trial_begin(struct llmgw_call *call,
                        const struct llmgw__breaker_pass *pass)
{
    const struct llmgw__target *target = call->access.target;
    const struct llmgw__trial trial = {target, call->route, *pass};
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    const struct llmgw__call_setup setup = {
        .kind = call->kind,
        .driver = call->driver,
        .catalog = call->catalog,
        .request = call->request,
        .options = &options,
        .trial = &trial,
    };
    struct llmgw_call *copy;

    options.connect_ms = call->limits.connect_ms;
    options.first_ms = call->limits.first_ms;
    options.gap_ms = call->limits.gap_ms;
    options.timeout_ms = call->limits.total_ms;
    options.max_attempts = 1;
    options.hedge_ms = LLMGW_NO_LIMIT;
    options.tags =
        call->tags.len ? llmgw__arena_dup(&call->arena, call->tags) : NULL;
    if (call->driver->closing ||
        llmgw__call_create(&setup, &copy) != LLMGW_OK) {
        give_back(call, target, pass);
        return;
    }
    llmgw__log(call->core, LLMGW_LOG_INFO, target->id, " is asked on trial",
               NULL);
}

llmgw_status llmgw__trial_resolve(struct llmgw_call *call)
{
    struct llmgw__route *route =
        llmgw__arena_alloc(&call->arena, sizeof *route);
    struct llmgw__target *target =
        llmgw__arena_alloc(&call->arena, sizeof *target);

    if (!route || !target)
        return LLMGW_E_NOMEM;
    *target = *call->trial.target;
    target->when = NULL;
    *route = *call->trial.route;
    route->targets = target;
    route->target_count = 1;
    route->policy = LLMGW__POLICY_ORDERED;
    call->trial.target = target;
    call->route = route;
    call->chat.stream = true;
    call->chat.conduct.on_break = LLMGW__BREAK_ERROR;
    call->chat.conduct.tries = 1;
    call->chat.conduct.when_open = LLMGW__OPEN_EARLIEST; /* it has the lease */
    call->chat.conduct.when_limited = LLMGW__LIMITED_GO;
    return LLMGW_OK;
}

void llmgw__trial_end(struct llmgw_call *call)
{
    if (call->trial.target && call->trial.pass.epoch)
        give_back(call, call->trial.target, &call->trial.pass);
    call->trial.pass.epoch = 0;
}
