/*
 * route/plan.c - whom to ask, in what order, and why.
 *
 * The order is that of the route's policy, but that those come after the others
 * whose provider is suspect, then those that a rate limit of ours has no room
 * for, then those whose context window may be too small for the prompt. A
 * target is left out when the route has it for other requests, or when asking
 * it cannot succeed: its provider has no key, files that belong to one vendor
 * would be sent to another, the model is known to lack what the request needs,
 * or its window is too small for certain and another target is there. Of a
 * model that the manifest does not know nothing is held against it. A target
 * whose keys all rest, or whose breaker is open, is asked when nobody else is
 * left: a call is never refused just for that, unless it is to fail fast.
 *
 * Memory: the candidates and their reasons, in the call's arena.
 */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "catalog/ability.h"
#include "needs.h"
#include "policy.h"
#include "router.h"
#include "schema/bulk.h"
#include "stick.h"
#include "when.h"

#define BYTES_A_TOKEN     4
#define USUAL_ANSWER      1000 /* tokens, where no most was said */
#define MOST_ANSWER       INT64_C(1000000000)
#define FOREVER           UINT64_MAX
#define USUAL_QUANTILE_PM 900 /* of limits of speed */

static void take_up(struct llmgw__candidate *candidate,
                    const struct llmgw__plan_ask *ask,
                    const struct llmgw__needs *needs,
                    struct llmgw__arena *arena);
static const char *reason_against(const struct llmgw__plan_ask *ask,
                                  const struct llmgw__target *target,
                                  const struct llmgw__needs *needs,
                                  struct llmgw__arena *arena);
static const char *no_ability(uint8_t lacks, struct llmgw__arena *arena);
static bool has_file_id(const struct llmgw__chat *chat);
static uint8_t lacked_by_all(const struct llmgw__plan *plan);
static bool fails_open(const struct llmgw__plan_ask *ask);
static void look_at_breaker(struct llmgw__candidate *candidate,
                            const struct llmgw__plan_ask *ask,
                            struct llmgw__arena *arena);
static void look_at_limits(struct llmgw__plan *plan,
                           const struct llmgw__plan_ask *ask,
                           const struct llmgw__needs *needs);
static void order(struct llmgw__plan *plan, const struct llmgw__plan_ask *ask,
                  struct llmgw__arena *arena);
static void weigh_room(struct llmgw__plan *plan,
                       const struct llmgw__needs *needs);
static void say_how_they_stand(struct llmgw__plan *plan,
                               const struct llmgw__plan_ask *ask,
                               struct llmgw__arena *arena);
static void put_behind(struct llmgw__plan *plan);

llmgw_status llmgw__plan_make(struct llmgw__plan *plan,
                              const struct llmgw__plan_ask *ask,
                              struct llmgw__arena *arena)
{
    const struct llmgw__route *route = ask->route;
    struct llmgw__needs needs;

    plan->count = plan->next = 0;
    plan->candidates = llmgw__arena_array(arena, route->target_count,
                                          sizeof *plan->candidates);
    if (!plan->candidates)
        return LLMGW_E_NOMEM;
    llmgw__needs_read(&needs, ask->chat);
    plan->count = route->target_count;
    for (size_t i = 0; i < plan->count; i++) {
        plan->candidates[i].target = &route->targets[i];
        take_up(&plan->candidates[i], ask, &needs, arena);
    }
    plan->lacked = lacked_by_all(plan);
    plan->fails_open = fails_open(ask);
    for (size_t i = 0; i < plan->count; i++)
        look_at_breaker(&plan->candidates[i], ask, arena);
    look_at_limits(plan, ask, &needs);
    order(plan, ask, arena);
    weigh_room(plan, &needs);
    say_how_they_stand(plan, ask, arena);
    put_behind(plan);
    return LLMGW_OK;
}

static struct llmgw__candidate *ask_anyway(struct llmgw__candidate *candidate)
{
    candidate->put_off = false;
    candidate->open = false;
    candidate->insisted = true;
    candidate->usable = true;
    return candidate;
}

/** Whose breaker is due first. One that did not let us pass all the same is
 *  not asked again. */
static struct llmgw__candidate *first_open(struct llmgw__plan *plan)
{
    struct llmgw__candidate *first = NULL;

    for (size_t i = 0; i < plan->count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];

        if (candidate->open && !candidate->insisted &&
            (!first || candidate->due_ns < first->due_ns))
            first = candidate;
    }
    return first ? ask_anyway(first) : NULL;
}

struct llmgw__candidate *llmgw__plan_next(struct llmgw__plan *plan, bool *rests)
{
    *rests = false;
    while (plan->next < plan->count) {
        struct llmgw__candidate *candidate = &plan->candidates[plan->next++];

        if (candidate->usable)
            return candidate;
    }
    *rests = true;
    for (size_t i = 0; i < plan->count; i++)
        if (plan->candidates[i].put_off)
            return ask_anyway(&plan->candidates[i]);
    return plan->fails_open ? NULL : first_open(plan);
}

/** A sentence with a time in it; no memory for it: `without`. */
static const char *say_time(const char *form, uint64_t ns, const char *without,
                            struct llmgw__arena *arena)
{
    uint64_t ms = ns / LLMGW__MS + (ns % LLMGW__MS != 0);
    char text[128];
    const char *kept;

    (void)snprintf(text, sizeof text, form, (unsigned long long)ms);
    kept = llmgw__arena_dup(arena, llmgw__str(text));
    return kept ? kept : without;
}

void llmgw__plan_put_off(struct llmgw__candidate *candidate, uint64_t rest_ns,
                         struct llmgw__arena *arena)
{
    candidate->reason = say_time("its keys rest, the first for %llu ms more",
                                 rest_ns, "its keys rest", arena);
    candidate->usable = false;
    candidate->put_off = true;
}

/* --- who cannot be asked --- */

static void take_up(struct llmgw__candidate *candidate,
                    const struct llmgw__plan_ask *ask,
                    const struct llmgw__needs *needs,
                    struct llmgw__arena *arena)
{
    const struct llmgw__target *target = candidate->target;
    const char *against = reason_against(ask, target, needs, arena);

    if (!against) {
        candidate->lacks = llmgw__needs_lacked(needs, target->price);
        if (candidate->lacks)
            against = no_ability(candidate->lacks, arena);
    }
    candidate->usable = !against;
    candidate->reason = against ? against : "in the route's order";
}

/** Which variable is not set; no memory for it: the fact alone. */
static const char *no_key(const struct llmgw__provider *provider,
                          struct llmgw__arena *arena)
{
    static const char form[] = "no API key: %s is not set";
    size_t size;
    char *text;

    if (!provider->key_variable)
        return "no API key";
    size = sizeof form + strlen(provider->key_variable);
    text = llmgw__arena_alloc(arena, size);
    if (!text)
        return "no API key";
    (void)snprintf(text, size, form, provider->key_variable);
    return text;
}

static const char *reason_against(const struct llmgw__plan_ask *ask,
                                  const struct llmgw__target *target,
                                  const struct llmgw__needs *needs,
                                  struct llmgw__arena *arena)
{
    const struct llmgw__when_ask when = {ask->chat, needs, ask->tags};
    const struct llmgw__provider *provider = target->provider;
    const char *against = NULL;

    if (target->when)
        against = llmgw__when_against(target->when, &when);
    if (against)
        return against;
    if (provider->needs_key && !provider->api_key && !provider->key_may_come)
        return no_key(provider, arena);
    if (provider != ask->route->targets[0].provider && has_file_id(ask->chat))
        return "the request names a file of another provider";
    return NULL;
}

static bool has_file_id(const struct llmgw__chat *chat)
{
    for (size_t m = 0; m < chat->message_count; m++) {
        const struct llmgw__message *message = &chat->messages[m];

        for (size_t p = 0; p < message->part_count; p++)
            if (message->parts[p].file_id.data)
                return true;
    }
    return false;
}

/** What it lacks by name; no memory for it: the fact alone. */
static const char *no_ability(uint8_t lacks, struct llmgw__arena *arena)
{
    char text[128] = "the model lacks";
    size_t len = strlen(text);
    const char *kept;

    for (int i = 0; llmgw__ability_names[i] && len < sizeof text; i++)
        if (lacks >> i & 1)
            len += (size_t)snprintf(text + len, sizeof text - len, " %s",
                                    llmgw__ability_names[i]);
    kept = llmgw__arena_dup(arena, llmgw__str(text));
    return kept ? kept : "the model lacks what the request needs";
}

/** Bits that somebody lacks, where everybody does. */
static uint8_t lacked_by_all(const struct llmgw__plan *plan)
{
    uint8_t lacked = 0;

    for (size_t i = 0; i < plan->count; i++) {
        if (!plan->candidates[i].lacks)
            return 0;
        lacked |= plan->candidates[i].lacks;
    }
    return lacked;
}

/** The request's word, the route's, the gateway's. */
static bool fails_open(const struct llmgw__plan_ask *ask)
{
    uint8_t word = ask->chat->conduct.when_open;

    if (!word)
        word = ask->route->conduct.when_open;
    if (!word)
        word = ask->catalog->conduct.when_open;
    return word == LLMGW__OPEN_FAIL;
}

/* --- how they stand --- */

static void look_at_breaker(struct llmgw__candidate *candidate,
                            const struct llmgw__plan_ask *ask,
                            struct llmgw__arena *arena)
{
    struct llmgw__breaker_look look;

    if (!candidate->usable)
        return;
    llmgw__breaker_look(&ask->router->breakers, candidate->target, ask->now_ns,
                        &look);
    if (look.suspect)
        candidate->stands |= LLMGW__STANDS_SUSPECT;
    if (look.shaky)
        candidate->stands |= LLMGW__STANDS_SHAKY;
    if (look.word == LLMGW__BREAKER_PROBE)
        candidate->stands |= LLMGW__STANDS_HALF_OPEN;
    if (look.word != LLMGW__BREAKER_OPEN)
        return;
    candidate->usable = false;
    candidate->due_ns = look.due_ns;
    candidate->open = look.due_ns != FOREVER;
    candidate->reason = "its breaker was opened by hand";
    if (candidate->open)
        candidate->reason =
            say_time("its breaker is open, for %llu ms more",
                     look.due_ns > ask->now_ns ? look.due_ns - ask->now_ns : 0,
                     "its breaker is open", arena);
}

static size_t count_usable(const struct llmgw__plan *plan)
{
    size_t usable = 0;

    for (size_t i = 0; i < plan->count; i++)
        usable += plan->candidates[i].usable;
    return usable;
}

/** When the first of its keys has room; 0: now. */
static uint64_t room_of(const struct llmgw__plan_ask *ask,
                        struct llmgw__throttle_ask *room)
{
    const struct llmgw__provider *provider = room->target->provider;
    size_t keys = provider->key_count ? provider->key_count : 1;
    uint64_t soonest = FOREVER;

    for (size_t i = 0; i < keys && soonest; i++) {
        uint64_t back_ns;

        room->key_id = llmgw__keys_id(provider, (int)i);
        back_ns = llmgw__throttle_look(&ask->router->throttle, room);
        if (back_ns < soonest)
            soonest = back_ns;
    }
    return soonest;
}

/** Where a route waits for room, nobody else comes first for lack of it. */
static bool waits(const struct llmgw__plan_ask *ask)
{
    uint8_t word = ask->chat->conduct.when_limited;

    if (!word)
        word = ask->route->conduct.when_limited;
    if (!word)
        word = ask->catalog->conduct.when_limited;
    return word == LLMGW__LIMITED_WAIT;
}

/** Whom our own limits have no room for; only an order needs that. */
static void look_at_limits(struct llmgw__plan *plan,
                           const struct llmgw__plan_ask *ask,
                           const struct llmgw__needs *needs)
{
    struct llmgw__throttle_ask room = {
        .catalog = ask->catalog,
        .tags = ask->tags,
        .tokens = (int64_t)(needs->bytes / BYTES_A_TOKEN),
        .now_ns = ask->now_ns,
    };
    int64_t answer = ask->chat->max_tokens;

    if (count_usable(plan) < 2 || waits(ask))
        return;
    if (answer > MOST_ANSWER)
        answer = MOST_ANSWER;
    room.tokens += answer ? answer : USUAL_ANSWER;
    for (size_t i = 0; i < plan->count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];

        if (!candidate->usable)
            continue;
        room.target = candidate->target;
        candidate->due_ns = room_of(ask, &room);
        if (candidate->due_ns)
            candidate->stands |= LLMGW__STANDS_FULL;
    }
}

static void order(struct llmgw__plan *plan, const struct llmgw__plan_ask *ask,
                  struct llmgw__arena *arena)
{
    const struct llmgw__sla usual = {.quantile_pm = USUAL_QUANTILE_PM};
    struct llmgw__policy_ask of = {
        .router = ask->router,
        .route = ask->route,
        .prompt_bytes = ask->chat->doc.len,
        .now_ns = ask->now_ns,
        .wall_ns = ask->wall_ns,
        .max_tokens = ask->chat->n > 1 ? 0 : ask->chat->max_tokens,
        .service_tier = (uint8_t)llmgw__chat_service_tier(ask->chat),
        .sla = ask->chat->sla,
        .cheapest_first = ask->cheapest_first,
        .arena = arena,
    };

    if (ask->route->policy == LLMGW__POLICY_ORDERED && !ask->cheapest_first)
        return;
    llmgw__sla_inherit(&of.sla, &ask->route->sla);
    llmgw__sla_inherit(&of.sla, &usual);
    if (ask->route->policy == LLMGW__POLICY_STICKY ||
        ask->route->policy == LLMGW__POLICY_CHEAPEST)
        of.stick = llmgw__stick_hash(ask->route, ask->chat, ask->tags);
    llmgw__policy_order(&of, plan->candidates, plan->count);
}

/** Where some have room for the prompt: the others last, or not at all. One
 *  whose breaker is open is there all the same. */
static void weigh_room(struct llmgw__plan *plan,
                       const struct llmgw__needs *needs)
{
    enum llmgw__fit best = LLMGW__FITS_NEVER;

    for (size_t i = 0; i < plan->count; i++) {
        const struct llmgw__candidate *candidate = &plan->candidates[i];
        enum llmgw__fit fit = llmgw__needs_fit(needs, candidate->target->price);

        if ((candidate->usable || candidate->open) && fit < best)
            best = fit;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];
        enum llmgw__fit fit = llmgw__needs_fit(needs, candidate->target->price);

        if (!(candidate->usable || candidate->open) || fit <= best)
            continue;
        if (fit == LLMGW__FITS_NEVER) {
            candidate->usable = candidate->open = false;
            candidate->reason = "the prompt is too long for its context window";
        } else {
            candidate->stands |= LLMGW__STANDS_TIGHT;
        }
    }
}

/** What is added to the reason for a place; no memory for it: nothing. */
static void add_remark(struct llmgw__candidate *candidate, const char *remark,
                       struct llmgw__arena *arena)
{
    char text[192];
    const char *kept;

    (void)snprintf(text, sizeof text, "%s; %s", candidate->reason, remark);
    kept = llmgw__arena_dup(arena, llmgw__str(text));
    if (kept)
        candidate->reason = kept;
}

static const char *say_full(uint64_t due_ns, uint64_t now_ns,
                            struct llmgw__arena *arena)
{
    if (due_ns == FOREVER)
        return "late: as many of it are under way as its limits allow";
    return say_time("late: its rate limits have no room for %llu ms more",
                    due_ns > now_ns ? due_ns - now_ns : 0,
                    "late: its rate limits have no room", arena);
}

/** The strongest of what puts it behind others, in place of why it has its
 *  place among its like. */
static void say_how_they_stand(struct llmgw__plan *plan,
                               const struct llmgw__plan_ask *ask,
                               struct llmgw__arena *arena)
{
    for (size_t i = 0; i < plan->count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];
        uint8_t stands = candidate->usable ? candidate->stands : 0;

        if (stands & LLMGW__STANDS_TIGHT)
            candidate->reason =
                "late: the prompt may be too long for its context window";
        else if (stands & LLMGW__STANDS_FULL)
            candidate->reason = say_full(candidate->due_ns, ask->now_ns, arena);
        else if (stands & LLMGW__STANDS_SUSPECT)
            candidate->reason = "late: other models of its provider fail";
        if (stands & LLMGW__STANDS_SHAKY)
            add_remark(candidate, "its latest attempt failed", arena);
        if (stands & LLMGW__STANDS_HALF_OPEN)
            add_remark(candidate, "its breaker is half-open", arena);
    }
}

static uint8_t behind(const struct llmgw__candidate *candidate)
{
    return candidate->usable ? candidate->stands & LLMGW__STANDS_BEHIND : 0;
}

/** Else the order stays. */
static void put_behind(struct llmgw__plan *plan)
{
    struct llmgw__candidate *all = plan->candidates;

    for (size_t i = 1; i < plan->count; i++) {
        struct llmgw__candidate candidate = all[i];
        size_t at = i;

        while (at > 0 && behind(&all[at - 1]) > behind(&candidate))
            at--;
        memmove(&all[at + 1], &all[at], (i - at) * sizeof *all);
        all[at] = candidate;
    }
}
