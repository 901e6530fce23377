/*
 * call/reserve.c - money of an attempt: the worst case is reserved in budgets
 * before it is sent, and settled when it has ended.
 *
 * Memory: what is reserved, in the call's arena; none without budgets.
 */
#include "reserve.h"

#include <stdio.h>
#include <string.h>

#include "account/budget.h"
#include "account/estimate.h"
#include "base/clock.h"
#include "kind.h"

#define MS_A_SECOND 1000

void llmgw__reserve_estimate(struct llmgw_call *call,
                             struct llmgw__grant *grant)
{
    bool chat = call->kind == &llmgw__kind_chat;

    llmgw__estimate_most(call->access.target, chat ? &call->bulk : NULL,
                         llmgw__bytes_str(call->request).len,
                         llmgw__call_wall_ns(call), &grant->most);
}

static int64_t tokens_of(const struct llmgw__guess *guess)
{
    if (guess->completion_tokens < 0 ||
        guess->prompt_tokens > INT64_MAX - guess->completion_tokens)
        return -1;
    return guess->prompt_tokens + guess->completion_tokens;
}

/** All that is reserved is known of all targets to come: where the budget is
 *  not of one of them, none of them is asked. */
static void note_refusal(struct llmgw_call *call,
                         const struct llmgw__budget_refusal *refusal)
{
    const struct llmgw__budget_rule *rule = refusal->rule;

    call->broke.set = true;
    call->broke.by = *refusal;
    call->broke.by.value =
        llmgw__str(llmgw__arena_dup(&call->arena, refusal->value));
    call->broke.for_all = rule->action == LLMGW__BUDGET_REJECT &&
                          rule->scope != LLMGW__BUDGET_OF_PROVIDER &&
                          rule->scope != LLMGW__BUDGET_OF_KEY;
}

llmgw_status llmgw__reserve_take(struct llmgw_call *call,
                                 struct llmgw__grant *grant, char *why,
                                 size_t size)
{
    const struct llmgw__guess *most = &grant->most;
    const struct llmgw__target *target = call->access.target;
    const struct llmgw__budget_ask ask = {
        .rules = call->catalog->budgets,
        .rule_count = call->catalog->budget_count,
        .provider = llmgw__str(target->provider->name),
        .route = llmgw__str(call->route->name),
        .key = llmgw__str(call->access.id ? call->access.id : ""),
        .tags = call->tags,
        .most_pico = most->cost.known ? most->cost.pico : -1,
        .most_tokens = tokens_of(most),
        .wall_ns = llmgw__call_wall_ns(call),
    };
    struct llmgw__budget_refusal refusal;
    llmgw_status status;

    grant->charges = NULL;
    if (!ask.rule_count)
        return LLMGW_OK;
    grant->charges = llmgw__arena_zalloc(&call->arena, sizeof *grant->charges);
    if (!grant->charges)
        return LLMGW_E_NOMEM;
    status = llmgw__budgets_take(&call->core->budgets, &ask, grant->charges,
                                 &refusal);
    if (status != LLMGW_OK)
        grant->charges = NULL;
    if (status != LLMGW_E_LIMIT)
        return status;
    note_refusal(call, &refusal);
    (void)snprintf(why, size, "the budget \"%s\" has not so much left",
                   refusal.rule->name);
    return LLMGW__BROKE;
}

void llmgw__reserve_return(struct llmgw_call *call, struct llmgw__grant *grant)
{
    if (!grant->charges)
        return;
    llmgw__budgets_give_back(&call->core->budgets, grant->charges);
    grant->charges = NULL;
}

/** Of what was under way there are tokens, if only estimated; else none were
 *  used. A cost that is not known stays reserved. */
static void count_used(const struct llmgw_attempt *attempt,
                       int64_t used[LLMGW__BUDGET_UNITS])
{
    struct llmgw__cost billed = llmgw__entry_billed(attempt->row->entry);

    used[LLMGW__BUDGET_PICO_USD] = billed.known ? billed.pico : -1;
    used[LLMGW__BUDGET_TOKENS] = 0;
    if (attempt->has_usage)
        used[LLMGW__BUDGET_TOKENS] = llmgw__usage_prompt(&attempt->usage) +
                                     llmgw__usage_completion(&attempt->usage);
    used[LLMGW__BUDGET_REQUESTS] = attempt->sent;
}

void llmgw__reserve_settle(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__row *row = attempt->row;
    struct llmgw__charges *charges = attempt->grant.charges;
    int64_t used[LLMGW__BUDGET_UNITS];

    if (!charges)
        return;
    count_used(attempt, used);
    llmgw__budgets_settle(&call->core->budgets, charges, used,
                          llmgw__call_wall_ns(call));
    for (size_t i = 0; i < row->charge_count; i++)
        row->charges[i].amount = charges->item[i].amount;
    attempt->grant.charges = NULL;
}

static const char *const units[LLMGW__BUDGET_UNITS] = {
    [LLMGW__BUDGET_PICO_USD] = "USD",
    [LLMGW__BUDGET_TOKENS] = "tokens",
    [LLMGW__BUDGET_REQUESTS] = "requests",
};

/** An amount in the budget's unit. */
static void write_amount(const struct llmgw__budget_rule *rule, int64_t amount,
                         char out[LLMGW_MONEY_TEXT])
{
    llmgw_money money = {0, 0};

    if (rule->unit != LLMGW__BUDGET_PICO_USD) {
        (void)snprintf(out, LLMGW_MONEY_TEXT, "%lld", (long long)amount);
        return;
    }
    llmgw__money_add(&money, amount);
    (void)llmgw_money_text(&money, out);
}

void llmgw__reserve_blame(const struct llmgw_call *call,
                          struct llmgw__error *error)
{
    const struct llmgw__budget_refusal *by = &call->broke.by;
    char left[LLMGW_MONEY_TEXT], limit[LLMGW_MONEY_TEXT];
    char needs[64] = "what cannot be told: no price, or no max_tokens";
    char value[64] = "";
    char param[128];
    char message[512];
    int64_t wait_ns = by->reset_ns - llmgw__call_wall_ns(call);
    int64_t wait_ms = wait_ns > 0 ? (wait_ns - 1) / (int64_t)LLMGW__MS + 1 : 0;

    write_amount(by->rule, by->left > 0 ? by->left : 0, left);
    write_amount(by->rule, by->rule->limit, limit);
    if (by->needs >= 0)
        write_amount(by->rule, by->needs, needs);
    llmgw__error_copy(value, sizeof value, by->value);
    (void)snprintf(param, sizeof param, "budgets.%s", by->rule->name);
    if (by->away)
        (void)snprintf(message, sizeof message,
                       "the budget \"%.64s\" cannot be asked for more: the "
                       "store that keeps it is away",
                       by->rule->name);
    else
        (void)snprintf(
            message, sizeof message,
            "the budget \"%.64s\"%s%s has %s of %s %s left, and this "
            "may use %s; it is reset in %lld seconds",
            by->rule->name, value[0] ? " of " : "", value, left, limit,
            units[by->rule->unit], needs,
            (long long)(wait_ms + MS_A_SECOND - 1) / MS_A_SECOND);
    llmgw__error_refuse(error, LLMGW_KIND_BUDGET, param, message);
    error->retry_after_ms = by->away ? MS_A_SECOND : wait_ms;
}
