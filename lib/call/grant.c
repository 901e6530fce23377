/*
 * call/grant.c - what an attempt is let in with, and what is learnt from it:
 * its breaker, rate limits, the call's cost limit, how fast its target is.
 *
 * Lists of models are let in without: they cost nothing, and that one answers
 * says nothing of completions.
 *
 * Memory: what is held of rate limits, in the call's arena.
 */
#include "grant.h"

#include <stdio.h>
#include <string.h>

#include "attempt.h"
#include "base/clock.h"
#include "kind.h"
#include "route/router.h"

#define LEAST_BYTES  2    /* of the dearest texts */
#define USUAL_ANSWER 1000 /* tokens, where no most was said */
#define MAX_WHY      160

static struct llmgw__router *router_of(const struct llmgw_call *call)
{
    return &call->core->router;
}

static uint64_t prompt_bytes(const struct llmgw_call *call)
{
    return llmgw__bytes_str(call->request).len;
}

/* --- the cost limit --- */

/** The most that an attempt may cost; INT64_MAX: that cannot be said. */
static int64_t most_cost(const struct llmgw_call *call,
                         const struct llmgw__target *target)
{
    int64_t answer = call->chat.max_tokens;
    int64_t count = call->chat.n > 1 ? call->chat.n : 1;
    struct llmgw__usage usage;
    struct llmgw__cost cost;

    llmgw__usage_init(&usage);
    if (!answer && target->price)
        answer = target->price->max_output;
    if (call->kind != &llmgw__kind_chat)
        answer = 0;
    else if (!answer || answer > INT64_MAX / count)
        return INT64_MAX;
    usage.requests = 1;
    usage.count[LLMGW__INPUT_UNCACHED] =
        (int64_t)(prompt_bytes(call) / LEAST_BYTES) + 1;
    usage.count[LLMGW__OUTPUT_TEXT] = answer * count;
    cost = llmgw__price_cost(target->price, &usage);
    return cost.known ? cost.pico : INT64_MAX;
}

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
    grant->most_pico = most_cost(call, call->access.target);
    return before <= limit && grant->most_pico <= limit - before;
}

/* --- rate limits --- */

/** What an attempt is likely to use. */
static int64_t likely_tokens(const struct llmgw_call *call)
{
    int64_t answer =
        call->chat.max_tokens ? call->chat.max_tokens : USUAL_ANSWER;

    if (call->kind != &llmgw__kind_chat)
        answer = 0;
    return (int64_t)(prompt_bytes(call) / LLMGW__BYTES_A_TOKEN) + answer;
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

/* --- in and out --- */

static llmgw_status let_in(struct llmgw_call *call, struct llmgw__grant *grant,
                           uint64_t *room_ns, char *why)
{
    enum llmgw__breaker_word word;

    if (!is_affordable(call, grant)) {
        (void)snprintf(why, MAX_WHY, "%s",
                       grant->most_pico == INT64_MAX
                           ? "the most that it may cost is not known, and the "
                             "call has a cost limit"
                           : "it may cost more than the call's cost limit "
                             "leaves");
        return LLMGW__DEAR;
    }
    word =
        llmgw__breaker_pass(&router_of(call)->breakers, &call->catalog->breaker,
                            call->access.target, call->access.anyway,
                            llmgw__driver_clock(call->driver), &grant->pass);
    if (word == LLMGW__BREAKER_OPEN) {
        (void)snprintf(why, MAX_WHY, "its breaker is open");
        return LLMGW__SHUT;
    }
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
    memset(grant, 0, sizeof *grant);
    *why = llmgw__arena_dup(&call->arena, llmgw__str(text));
    if (!*why)
        *why = "it is not let in";
    return status;
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

/** One that was cancelled after its first content was about to go well. */
static enum llmgw__outcome outcome_of(const struct llmgw_attempt *attempt)
{
    const struct llmgw__error *error =
        attempt->error ? &attempt->error->error : NULL;

    if (attempt->end == LLMGW_END_RESPONSE)
        return LLMGW__OUTCOME_GOOD;
    if (attempt->end == LLMGW_END_CANCELLED)
        return attempt->content_ns && !attempt->lost ? LLMGW__OUTCOME_GOOD
                                                     : LLMGW__OUTCOME_NONE;
    if (!error || !error->breaker)
        return LLMGW__OUTCOME_NONE;
    return is_of_reach(error) ? LLMGW__OUTCOME_UNREACHABLE
                              : LLMGW__OUTCOME_FAILED;
}

/** How fast it was; one that lost, or passed a limit, took at least so long. */
static void note_pace(const struct llmgw_attempt *attempt)
{
    const struct llmgw_call *call = attempt->call;
    const struct llmgw_error *error = attempt->error;
    struct llmgw__pace pace = {
        .prompt_bytes = prompt_bytes(call),
        .first_ns = attempt->content_ns,
        .tokens =
            attempt->has_usage ? llmgw__usage_completion(&attempt->usage) : 0,
    };

    if (!attempt->sent || attempt->hop || !attempt->streaming)
        return;
    if (attempt->end == LLMGW_END_RESPONSE && attempt->content_ns)
        pace.took_ns = attempt->ended_ns - attempt->content_ns;
    if (!pace.first_ns) {
        if (!attempt->lost &&
            !(error && error->error.limit == LLMGW_LIMIT_FIRST))
            return;
        pace.first_ns = attempt->ended_ns;
        pace.at_least = true;
    }
    llmgw__latency_note(&router_of(call)->latencies, attempt->target->id, &pace,
                        llmgw__driver_clock(call->driver));
}

void llmgw__attempt_learn(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    int64_t used = -1;

    if (!attempt->grant.given)
        return;
    if (!attempt->sent)
        used = 0;
    else if (attempt->has_usage)
        used = llmgw__usage_prompt(&attempt->usage) +
               llmgw__usage_completion(&attempt->usage);
    note_pace(attempt);
    tell_breaker(call, attempt->target, &attempt->grant, outcome_of(attempt));
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
