/*
 * route/plan.c - whom to ask, in what order, and why.
 *
 * The order is the route's own. A target is left out when asking it cannot
 * succeed: its provider has no key, or files that belong to one vendor would
 * be sent to another. One whose keys all rest is asked when nobody else is
 * left: a call is never refused just for that.
 */
#include "plan.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static const char *reason_against(const struct llmgw__chat *chat,
                                  const struct llmgw__route *route,
                                  size_t index, struct llmgw__arena *arena);
static bool has_file_id(const struct llmgw__chat *chat);

llmgw_status llmgw__plan_make(struct llmgw__plan *plan,
                              const struct llmgw__chat *chat,
                              const struct llmgw__route *route,
                              struct llmgw__arena *arena)
{
    plan->count = plan->next = 0;
    plan->candidates = llmgw__arena_array(arena, route->target_count,
                                          sizeof *plan->candidates);
    if (!plan->candidates)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < route->target_count; i++) {
        struct llmgw__candidate *candidate = &plan->candidates[i];
        const char *against = reason_against(chat, route, i, arena);

        candidate->target = &route->targets[i];
        candidate->usable = !against;
        candidate->reason = against ? against : "in the route's order";
    }
    plan->count = route->target_count;
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
