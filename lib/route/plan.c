/*
 * route/plan.c - whom to ask, in what order, and why.
 *
 * The order is the route's own, but that targets whose context window may be
 * too small for the prompt come after those with room for it. A target is left
 * out when asking it cannot succeed: its provider has no key, files that belong
 * to one vendor would be sent to another, the model is known to lack what the
 * request needs, or its window is too small for certain and another target is
 * there. Of a model that the manifest does not know nothing is held against it.
 * A target whose keys all rest is asked when nobody else is left: a call is
 * never refused just for that.
 *
 * Memory: the candidates and their reasons, in the call's arena.
 */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "catalog/ability.h"
#include "needs.h"

static const char *reason_against(const struct llmgw__chat *chat,
                                  const struct llmgw__route *route,
                                  size_t index, struct llmgw__arena *arena);
static const char *no_ability(uint8_t lacks, struct llmgw__arena *arena);
static bool has_file_id(const struct llmgw__chat *chat);
static void weigh_room(struct llmgw__plan *plan,
                       const struct llmgw__needs *needs);
static void put_last(struct llmgw__plan *plan,
                     const struct llmgw__needs *needs);
static uint8_t lacked_by_all(const struct llmgw__plan *plan);

llmgw_status llmgw__plan_make(struct llmgw__plan *plan,
                              const struct llmgw__chat *chat,
                              const struct llmgw__route *route,
                              struct llmgw__arena *arena)
{
    struct llmgw__needs needs;

    plan->count = plan->next = 0;
    plan->candidates = llmgw__arena_array(arena, route->target_count,
                                          sizeof *plan->candidates);
    if (!plan->candidates)
        return LLMGW_E_NOMEM;
    llmgw__needs_read(&needs, chat);
    for (size_t i = 0; i < route->target_count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];
        const char *against = reason_against(chat, route, i, arena);

        candidate->target = &route->targets[i];
        if (!against) {
            candidate->lacks =
                llmgw__needs_lacked(&needs, candidate->target->price);
            if (candidate->lacks)
                against = no_ability(candidate->lacks, arena);
        }
        candidate->usable = !against;
        candidate->reason = against ? against : "in the route's order";
    }
    plan->count = route->target_count;
    plan->lacked = lacked_by_all(plan);
    weigh_room(plan, &needs);
    return LLMGW_OK;
}

struct llmgw__candidate *llmgw__plan_next(struct llmgw__plan *plan, bool *rests)
{
    *rests = false;
    while (plan->next < plan->count) {
        struct llmgw__candidate *candidate = &plan->candidates[plan->next++];

        if (candidate->usable)
            return candidate;
    }
    for (size_t i = 0; i < plan->count; i++)
        if (plan->candidates[i].put_off) {
            plan->candidates[i].put_off = false;
            plan->candidates[i].usable = true;
            *rests = true;
            return &plan->candidates[i];
        }
    return NULL;
}

void llmgw__plan_put_off(struct llmgw__candidate *candidate, uint64_t rest_ns,
                         struct llmgw__arena *arena)
{
    static const char form[] = "its keys rest, the first for %llu ms more";
    size_t size = sizeof form + 20;
    char *text = llmgw__arena_alloc(arena, size);

    if (text)
        (void)snprintf(
            text, size, form,
            (unsigned long long)((rest_ns + LLMGW__MS - 1) / LLMGW__MS));
    candidate->reason = text ? text : "its keys rest";
    candidate->usable = false;
    candidate->put_off = true;
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

static const char *reason_against(const struct llmgw__chat *chat,
                                  const struct llmgw__route *route,
                                  size_t index, struct llmgw__arena *arena)
{
    const struct llmgw__provider *provider = route->targets[index].provider;

    if (provider->needs_key && !provider->api_key && !provider->key_may_come)
        return no_key(provider, arena);
    if (index > 0 && provider != route->targets[0].provider &&
        has_file_id(chat))
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

/** Where some have room for the prompt: the others last, or not at all. */
static void weigh_room(struct llmgw__plan *plan,
                       const struct llmgw__needs *needs)
{
    enum llmgw__fit best = LLMGW__FITS_NEVER;

    for (size_t i = 0; i < plan->count; i++) {
        enum llmgw__fit fit =
            llmgw__needs_fit(needs, plan->candidates[i].target->price);

        if (plan->candidates[i].usable && fit < best)
            best = fit;
    }
    for (size_t i = 0; i < plan->count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];
        enum llmgw__fit fit = llmgw__needs_fit(needs, candidate->target->price);

        if (!candidate->usable || fit <= best)
            continue;
        candidate->usable = fit != LLMGW__FITS_NEVER;
        candidate->reason =
            candidate->usable
                ? "late: the prompt may be too long for its context window"
                : "the prompt is too long for its context window";
    }
    if (best == LLMGW__FITS)
        put_last(plan, needs);
}

/** Whom the prompt hardly fits; else the order stays. */
static void put_last(struct llmgw__plan *plan, const struct llmgw__needs *needs)
{
    struct llmgw__candidate *all = plan->candidates;
    size_t kept = 0;

    for (size_t i = 0; i < plan->count; i++) {
        struct llmgw__candidate candidate = all[i];

        if (candidate.usable &&
            llmgw__needs_fit(needs, candidate.target->price) != LLMGW__FITS)
            continue;
        memmove(&all[kept + 1], &all[kept], (i - kept) * sizeof *all);
        all[kept++] = candidate;
    }
}
