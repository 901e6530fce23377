/*
 * call/prepare.c - read a call's request, find its route, fold its limits,
 * make its plan.
 */
#include "prepare.h"

#include <stdio.h>

#include "catalog/resolve.h"
#include "kind.h"
#include "probe.h"
#include "trial.h"

/** Options first, then the request's own word, the route's, the defaults. */
static void fold_options(struct llmgw_call *call)
{
    const llmgw_chat_options *options = &call->options;
    const struct llmgw__chat *chat = &call->chat;
    const struct llmgw__limits asked = {
        .connect_ms = chat->connect_ms,
        .first_ms = chat->first_ms,
        .gap_ms = chat->gap_ms,
        .total_ms = chat->total_ms,
        .max_attempts = chat->max_attempts,
        .min_rate = chat->min_rate,
    };
    struct llmgw__limits *limits = &call->limits;

    limits->connect_ms = options->connect_ms;
    limits->first_ms = options->first_ms;
    limits->gap_ms = options->gap_ms;
    limits->total_ms = options->timeout_ms;
    limits->max_attempts = options->max_attempts;
    limits->min_rate = options->min_tokens_per_s;
    llmgw__limits_inherit(limits, &asked);
    llmgw__limits_inherit(limits, &call->route->limits);
    llmgw__limits_inherit(limits, &call->catalog->limits);
    call->conduct = chat->conduct;
    if (options->hedge_ms) {
        (void)llmgw__hedging_preset(&call->conduct.hedge, llmgw__str("shadow"));
        call->conduct.hedge.when = options->hedge_ms == LLMGW_NO_LIMIT
                                       ? LLMGW__HEDGE_OFF
                                       : LLMGW__HEDGE_AFTER;
        call->conduct.hedge.after_ms = options->hedge_ms;
    }
    llmgw__conduct_inherit(&call->conduct, &call->route->conduct);
    llmgw__conduct_inherit(&call->conduct, &call->catalog->conduct);
    call->first_given = options->first_ms || asked.first_ms ||
                        call->route->limits.first_ms ||
                        !call->catalog->first_default;
    if (!call->tags.len)
        call->tags = chat->tags;
}

/** A member of the "llmgw" object that nobody reads is a mistake. */
static llmgw_status check_extension(const struct llmgw_call *call,
                                    struct llmgw__error *error)
{
    const struct llmgw__jdoc *doc = &call->chat.doc;
    uint32_t object = call->chat.extension;
    uint32_t key = llmgw__jdoc_first(doc, object);

    for (; key != LLMGW__JNONE; key = llmgw__jdoc_next(doc, object, key + 1)) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        llmgw_str view = llmgw__str_n(name.data, name.len);
        char param[64] = "llmgw.";

        if (llmgw__chat_extension_known(view) || llmgw__dialects_know(view))
            continue;
        llmgw__error_copy(param + 6, sizeof param - 6, view);
        llmgw__error_refuse(error, LLMGW_KIND_INVALID_REQUEST, param,
                            "no such member of the llmgw object is known");
        return LLMGW_E_INVALID;
    }
    return LLMGW_OK;
}

static void refuse_model(const struct llmgw_call *call,
                         struct llmgw__error *error)
{
    char name[128];
    char message[320];

    llmgw__error_copy(name, sizeof name, call->chat.model);
    (void)snprintf(message, sizeof message,
                   "\"%s\" is neither the name of a route nor provider/model "
                   "of a configured provider",
                   name);
    llmgw__error_refuse(error, LLMGW_KIND_MODEL_NOT_FOUND, "model", message);
}

/** A route's name, or "provider/model". */
static llmgw_status resolve_model(struct llmgw_call *call,
                                  struct llmgw__error *error)
{
    llmgw_status status = llmgw__catalog_resolve(
        call->catalog, call->chat.model, &call->arena, &call->route);

    if (status == LLMGW_E_INVALID)
        refuse_model(call, error);
    return status;
}

/** A budget that is nearly used up wants the cheapest. */
static bool is_pressed(struct llmgw_call *call)
{
    const struct llmgw__budget_ask ask = {
        .rules = call->catalog->budgets,
        .rule_count = call->catalog->budget_count,
        .route = llmgw__str(call->route->name),
        .tags = call->tags,
        .wall_ns = call->started_wall_ns,
    };

    return ask.rule_count &&
           llmgw__budgets_press(&call->core->budgets, &ask) > 0;
}

static llmgw_status make_plan(struct llmgw_call *call)
{
    const struct llmgw__plan_ask ask = {
        .router = &call->core->router,
        .catalog = call->catalog,
        .route = call->route,
        .chat = &call->chat,
        .tags = call->tags,
        .now_ns = llmgw__driver_clock(call->driver),
        .wall_ns = call->started_wall_ns,
        .cheapest_first = is_pressed(call),
    };

    return llmgw__plan_make(&call->plan, &ask, &call->arena);
}

void llmgw__call_probe(struct llmgw_call *call)
{
    for (size_t i = 0; i < call->plan.count; i++)
        if (call->plan.candidates[i].open)
            llmgw__probe_look(call->driver, &call->core->router.breakers,
                              call->catalog, call->plan.candidates[i].target);
}

/** Read the request, find its route, make the plan. */
llmgw_status llmgw__call_prepare(struct llmgw_call *call,
                                 struct llmgw__error *error)
{
    llmgw_status status;

    call->parsed = true;
    status = call->kind->parse(call, error);
    if (status == LLMGW_OK)
        status = check_extension(call, error);
    if (status != LLMGW_OK)
        return status;
    if (call->trial.target)
        status = llmgw__trial_resolve(call);
    else
        status = call->kind->resolve ? call->kind->resolve(call, error)
                                     : resolve_model(call, error);
    if (status != LLMGW_OK)
        return status;
    fold_options(call);
    status = llmgw__call_recall(call, error);
    if (status != LLMGW_OK)
        return status;
    if (call->kind == &llmgw__kind_chat)
        llmgw__bulk_of(&call->chat, &call->bulk);
    if (call->options.on_chunk)
        call->chat.stream = true;
    if (call->route->strict)
        call->chat.strict = true;
    return make_plan(call);
}
