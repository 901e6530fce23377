/*
 * provider/anthropic_thinking.c - reasoning_effort as thinking and effort, and
 * the sampling parameters that depend on it.
 *
 * Source: Messages API, "Adaptive thinking", "Extended thinking", "Effort".
 * Memory: none.
 */
#include <string.h>

#include "anthropic_content.h"

#define MIN_BUDGET 1024

static void plan_effort(struct llmgw__anthropic_encoder *e);
static void plan_none(struct llmgw__anthropic_encoder *e);
static void plan_budget(struct llmgw__anthropic_encoder *e);
static bool history_thinks(struct llmgw__anthropic_encoder *e);

/** What an effort is called, and how many tokens stand for it. */
static const struct {
    const char *name;
    int64_t budget;
} efforts[] = {
    [LLMGW__EFFORT_MINIMAL] = {"low", 1024},
    [LLMGW__EFFORT_LOW] = {"low", 2048},
    [LLMGW__EFFORT_MEDIUM] = {"medium", 10000},
    [LLMGW__EFFORT_HIGH] = {"high", 16384},
    [LLMGW__EFFORT_XHIGH] = {"xhigh", 32768},
    [LLMGW__EFFORT_MAX] = {"max", 32768},
};

void llmgw__anthropic_plan_thinking(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t own = llmgw__chat_member(e->chat, "thinking");
    /* the host's own word wins; an effort may still stand beside it */
    bool derived =
        own == LLMGW__JNONE || (e->model->think >= LLMGW__ANTHROPIC_THINK_OFF &&
                                e->chat->effort != LLMGW__EFFORT_NONE);

    if (derived && e->chat->effort == LLMGW__EFFORT_NONE)
        plan_none(e);
    else if (derived && e->chat->effort != LLMGW__EFFORT_UNSET)
        plan_effort(e);
    if (own != LLMGW__JNONE) {
        struct llmgw__jstr type = llmgw__jdoc_get_string(doc, own, "type");

        e->thinking = NULL;
        e->by_budget = llmgw__jstr_is(type, "enabled");
        e->thinks = e->by_budget || llmgw__jstr_is(type, "adaptive");
    }
    if (own != LLMGW__JNONE && e->by_budget && !history_thinks(e)) {
        e->no_thinking = true;
        e->thinks = e->by_budget = false;
        llmgw__anthropic_adjust(e, "thinking", "dropped",
                                "history_without_thinking");
    }
    if (e->thinks && e->plan.prefill)
        llmgw__anthropic_refuse(e, "unsupported_value", "messages",
                                "a prefill cannot be gone on with while "
                                "thinking is on");
}

static void plan_effort(struct llmgw__anthropic_encoder *e)
{
    bool xhigh = e->chat->effort == LLMGW__EFFORT_XHIGH;

    if (e->model->think == LLMGW__ANTHROPIC_THINK_NONE) {
        llmgw__anthropic_adjust(e, "reasoning_effort", "dropped",
                                "unsupported");
        return;
    }
    if (e->model->think == LLMGW__ANTHROPIC_THINK_BUDGET) {
        plan_budget(e);
        return;
    }
    e->thinks = true;
    e->thinking = "adaptive";
    e->effort = efforts[e->chat->effort].name;
    if (xhigh && !(e->model->can & LLMGW__ANTHROPIC_XHIGH))
        e->effort = "max";
    if (e->chat->effort == LLMGW__EFFORT_MINIMAL ||
        (xhigh && strcmp(e->effort, "max") == 0))
        llmgw__anthropic_adjust(e, "reasoning_effort", "approximated",
                                "effort_level");
}

static void plan_none(struct llmgw__anthropic_encoder *e)
{
    switch ((enum llmgw__anthropic_think)e->model->think) {
    case LLMGW__ANTHROPIC_THINK_NONE:
    case LLMGW__ANTHROPIC_THINK_BUDGET:
    case LLMGW__ANTHROPIC_THINK_OFF:
        return;
    case LLMGW__ANTHROPIC_THINK_ON:
        e->thinking = "disabled";
        return;
    case LLMGW__ANTHROPIC_THINK_ALWAYS:
        break;
    }
    if (e->model->can & LLMGW__ANTHROPIC_BETWEEN)
        e->thinking = "between_tools";
    else
        e->effort = "low";
    llmgw__anthropic_adjust(e, "reasoning_effort", "approximated",
                            "thinking_cannot_be_disabled");
}

static void plan_budget(struct llmgw__anthropic_encoder *e)
{
    int64_t budget = efforts[e->chat->effort].budget;

    if (!history_thinks(e)) {
        llmgw__anthropic_adjust(e, "thinking", "dropped",
                                "history_without_thinking");
        return;
    }
    if (budget >= e->max_tokens) {
        budget = e->max_tokens / 2;
        if (budget < MIN_BUDGET)
            budget = MIN_BUDGET;
        if (budget >= e->max_tokens) {
            llmgw__anthropic_adjust(e, "reasoning_effort", "dropped",
                                    "max_tokens_too_small_for_thinking");
            return;
        }
        llmgw__anthropic_adjust(e, "reasoning_effort", "clamped",
                                "budget_below_max_tokens");
    }
    e->thinks = e->by_budget = true;
    e->thinking = "enabled";
    e->budget = budget;
}

static bool begins_with_thinking(struct llmgw__anthropic_encoder *e,
                                 uint32_t blocks)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jstr type =
        llmgw__jdoc_get_string(doc, llmgw__jdoc_first(doc, blocks), "type");

    return llmgw__jstr_is(type, "thinking") ||
           llmgw__jstr_is(type, "redacted_thinking");
}

/** With a budget, the last turn of the assistant must begin with thinking if
 *  it calls tools: the service refuses it otherwise. */
static bool history_thinks(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__anthropic_turn *turn = NULL;

    for (size_t i = e->plan.turn_count; i > 0 && !turn; i--)
        if (e->plan.turns[i - 1].assistant)
            turn = &e->plan.turns[i - 1];
    if (!turn || !turn->call_count)
        return true;
    for (size_t i = turn->first; i < turn->end; i++) {
        const struct llmgw__message *from = &e->chat->messages[i];
        uint32_t blocks;

        if (e->plan.kinds[i] != LLMGW__ANTHROPIC_ASSISTANT)
            continue;
        blocks = llmgw__anthropic_replay(e, from);
        if (blocks != LLMGW__JNONE)
            return begins_with_thinking(e, blocks);
        if (llmgw__anthropic_thoughts(e, from, NULL))
            return true;
    }
    return false;
}

void llmgw__anthropic_write_thinking(struct llmgw__anthropic_encoder *e)
{
    if (!e->thinking)
        return;
    llmgw__jsonw_member_open(&e->w, "thinking", '{');
    llmgw__anthropic_thinking_members(e);
    llmgw__jsonw_close(&e->w, '}');
}

void llmgw__anthropic_thinking_members(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_member_z(w, "type", e->thinking);
    if (e->by_budget)
        llmgw__jsonw_member_int(w, "budget_tokens", e->budget);
    else if (e->thinks) /* the default shows nothing on newer models */
        llmgw__jsonw_member_z(w, "display", "summarized");
}

/* --- sampling --- */

/** Why no sampling parameter may be sent; NULL: they may. */
static const char *no_sampling(const struct llmgw__anthropic_encoder *e)
{
    if (e->api_version[0] <= '9' && strcmp(e->api_version, "2026-10-21") >= 0)
        return "api_version";
    if (!(e->model->can & LLMGW__ANTHROPIC_SAMPLE))
        return "model_rejects_sampling";
    return e->thinks ? "thinking_enabled" : NULL;
}

/** @return the number may be sent */
static bool may_sample(struct llmgw__anthropic_encoder *e, const char *param,
                       const struct llmgw__number *number)
{
    const char *reason = no_sampling(e);

    if (!number->set)
        return false;
    if (reason)
        llmgw__anthropic_adjust(e, param, "dropped", reason);
    return !reason;
}

static bool is_default(const struct llmgw__number *number)
{
    return number->set && number->value >= 1 && number->value <= 1;
}

void llmgw__anthropic_plan_sampling(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__chat *chat = e->chat;

    if (!is_default(&chat->temperature) &&
        may_sample(e, "temperature", &chat->temperature)) {
        e->temperature = chat->temperature.text;
        if (chat->temperature.value > 1) {
            e->temperature = LLMGW__LIT("1");
            llmgw__anthropic_adjust(e, "temperature", "clamped", "range_0_1");
        }
    }
    if (!is_default(&chat->top_p) && may_sample(e, "top_p", &chat->top_p)) {
        if (e->temperature.len)
            llmgw__anthropic_adjust(e, "top_p", "dropped",
                                    "temperature_and_top_p");
        else
            e->top_p = chat->top_p.text;
    }
    if (chat->top_k.value > 0 && may_sample(e, "top_k", &chat->top_k))
        e->top_k = chat->top_k.text; /* -1: off */
}
