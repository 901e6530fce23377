/*
 * provider/bedrock_params.c - sampling, limits, and how much to think, each
 * maker's models in their own words.
 *
 * Source: Amazon Bedrock User Guide, "Inference request parameters", "Model
 * reasoning". Memory: none.
 */
#include <string.h>

#include "bedrock_converse.h"

static void plan_effort(struct llmgw__converse_encoder *c);
static void plan_number(struct llmgw__converse_encoder *c, const char *param,
                        const struct llmgw__number *number, llmgw_str *out);
static void plan_top_k(struct llmgw__converse_encoder *c);
static void write_stops(struct llmgw__converse_encoder *c);
static void write_thinking(struct llmgw__converse_encoder *c);
static void write_choice(struct llmgw__converse_encoder *c);
static void write_top_k(struct llmgw__converse_encoder *c);
static bool more_key(struct llmgw__converse_encoder *c, const char *key);

static const char low[] = "low", high[] = "high", disabled[] = "disabled";

static bool is_nova(const struct llmgw__converse_encoder *c)
{
    return strncmp(c->model->prefix, "amazon.nova", 11) == 0 ||
           strcmp(c->model->prefix, "amazon.") == 0;
}

void llmgw__converse_plan_sampling(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    if (c->model->think == LLMGW__CONVERSE_THINK_CLAUDE) {
        llmgw__anthropic_plan_sampling(e);
        return;
    }
    plan_effort(c);
    plan_number(c, "temperature", &e->chat->temperature, &e->temperature);
    plan_number(c, "top_p", &e->chat->top_p, &e->top_p);
    plan_top_k(c);
    if (c->no_limit && e->chat->max_tokens)
        llmgw__anthropic_adjust(e, "max_tokens", "dropped", "thinking_enabled");
}

/* --- effort --- */

/* Levels that there are, by what is asked for. */
static const char *level_of(struct llmgw__converse_encoder *c)
{
    static const char *const levels[] = {
        [LLMGW__EFFORT_NONE] = low,  [LLMGW__EFFORT_MINIMAL] = low,
        [LLMGW__EFFORT_LOW] = low,   [LLMGW__EFFORT_MEDIUM] = "medium",
        [LLMGW__EFFORT_HIGH] = high, [LLMGW__EFFORT_XHIGH] = high,
        [LLMGW__EFFORT_MAX] = high,
    };
    unsigned effort = c->base.chat->effort;
    bool same = effort == LLMGW__EFFORT_LOW || effort == LLMGW__EFFORT_HIGH ||
                (effort == LLMGW__EFFORT_MEDIUM &&
                 c->model->think != LLMGW__CONVERSE_THINK_CONFIG);

    if (!same)
        llmgw__anthropic_adjust(&c->base, "reasoning_effort", "approximated",
                                effort == LLMGW__EFFORT_NONE
                                    ? "thinking_cannot_be_disabled"
                                    : "effort_level");
    return effort == LLMGW__EFFORT_MEDIUM && !same ? high : levels[effort];
}

static void plan_effort(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    unsigned effort = e->chat->effort;

    if (effort == LLMGW__EFFORT_UNSET)
        return;
    if (c->model->think == LLMGW__CONVERSE_THINK_NONE) {
        if (effort != LLMGW__EFFORT_NONE)
            llmgw__anthropic_adjust(e, "reasoning_effort", "dropped",
                                    "unsupported");
        return;
    }
    if (c->model->think == LLMGW__CONVERSE_THINK_NOVA &&
        effort == LLMGW__EFFORT_NONE)
        e->effort = disabled;
    else
        e->effort = level_of(c);
    c->no_limit = c->model->think == LLMGW__CONVERSE_THINK_NOVA &&
                  strcmp(e->effort, high) == 0;
}

/* --- sampling --- */

static void plan_number(struct llmgw__converse_encoder *c, const char *param,
                        const struct llmgw__number *number, llmgw_str *out)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool over = number->value > 1, under = number->value < 0;

    if (!number->set)
        return;
    if (c->no_limit || !(c->model->can & LLMGW__CONVERSE_SAMPLE)) {
        llmgw__anthropic_adjust(e, param, "dropped",
                                c->no_limit ? "thinking_enabled"
                                            : "model_rejects_sampling");
        return;
    }
    *out = number->text;
    if (!over && !under)
        return;
    *out = over ? LLMGW__LIT("1") : LLMGW__LIT("0");
    llmgw__anthropic_adjust(e, param, "clamped", "range_0_1");
}

static void plan_top_k(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    if (!(e->chat->top_k.value > 0)) /* -1: off */
        return;
    if ((c->model->can & LLMGW__CONVERSE_TOP_K) || is_nova(c))
        e->top_k = e->chat->top_k.text;
    else
        llmgw__anthropic_adjust(e, "top_k", "dropped", "unsupported");
}

void llmgw__converse_write_inference(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    llmgw__jsonw_key(&e->w, "inferenceConfig");
    llmgw__jsonw_open(&e->w, '{');
    if (!c->no_limit)
        llmgw__jsonw_member_int(&e->w, "maxTokens", e->max_tokens);
    if (e->temperature.len)
        llmgw__jsonw_member_raw(&e->w, "temperature", e->temperature);
    if (e->top_p.len)
        llmgw__jsonw_member_raw(&e->w, "topP", e->top_p);
    write_stops(c);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_stops(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool open = false;

    if (e->chat->stop_count && !(c->model->can & LLMGW__CONVERSE_STOP)) {
        llmgw__anthropic_adjust(e, "stop", "dropped", "unsupported");
        return;
    }
    for (size_t i = 0; i < e->chat->stop_count; i++) {
        if (llmgw__anthropic_blank(e->chat->stops[i])) {
            llmgw__anthropic_adjust(e, "stop", "dropped",
                                    "whitespace_stop_sequence");
            continue;
        }
        if (!open) {
            llmgw__jsonw_key(&e->w, "stopSequences");
            llmgw__jsonw_open(&e->w, '[');
        }
        open = true;
        llmgw__jsonw_jstr(&e->w, e->chat->stops[i]);
    }
    if (open)
        llmgw__jsonw_close(&e->w, ']');
}

/* --- additionalModelRequestFields: an unknown one is refused --- */

void llmgw__converse_write_more(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    const struct llmgw__jdoc *doc = &e->chat->doc;

    write_thinking(c);
    write_choice(c);
    write_top_k(c);
    if (llmgw__jdoc_type(doc, c->fields) == LLMGW__JSON_OBJECT) {
        if (!c->more_open) {
            llmgw__jsonw_key(&e->w, "additionalModelRequestFields");
            llmgw__jsonw_open(&e->w, '{');
        }
        c->more_open = true;
        llmgw__anthropic_members(e, c->fields, NULL);
    }
    if (c->more_open)
        llmgw__jsonw_close(&e->w, '}');
}

/* The value is due; false: the host gave it, which wins. */
static bool more_key(struct llmgw__converse_encoder *c, const char *key)
{
    struct llmgw__jsonw *w = &c->base.w;

    if (llmgw__jdoc_get(&c->base.chat->doc, c->fields, key) != LLMGW__JNONE)
        return false;
    if (!c->more_open) {
        llmgw__jsonw_key(w, "additionalModelRequestFields");
        llmgw__jsonw_open(w, '{');
    }
    c->more_open = true;
    llmgw__jsonw_key(w, key);
    return true;
}

/* The vendor's own members go out as the host wrote them. */
static void write_claude(struct llmgw__converse_encoder *c)
{
    static const char *const verbatim[] = {"thinking", "output_config"};
    struct llmgw__anthropic_encoder *e = &c->base;
    bool moved = (e->io->again & LLMGW__AGAIN_UNLEVELED) != 0;

    for (size_t i = 0; i < sizeof verbatim / sizeof *verbatim; i++) {
        uint32_t own = llmgw__chat_member(e->chat, verbatim[i]);

        if (own == LLMGW__JNONE || (i == 0 && e->no_thinking) ||
            !more_key(c, verbatim[i]))
            continue;
        llmgw__jsonw_raw(&e->w, llmgw__jdoc_raw(&e->chat->doc, own));
        moved = moved && i != 1;
    }
    if (e->thinking && more_key(c, "thinking")) {
        llmgw__jsonw_open(&e->w, '{');
        llmgw__anthropic_thinking_members(e);
        llmgw__jsonw_close(&e->w, '}');
    }
    if (moved && e->effort && more_key(c, "output_config")) {
        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_z(&e->w, "effort", e->effort);
        llmgw__jsonw_close(&e->w, '}');
    }
}

static void write_object(struct llmgw__converse_encoder *c, const char *key,
                         const char *member, const char *value)
{
    struct llmgw__jsonw *w = &c->base.w;

    if (!more_key(c, key))
        return;
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, member, value);
    llmgw__jsonw_close(w, '}');
}

static void write_nova(struct llmgw__converse_encoder *c)
{
    struct llmgw__jsonw *w = &c->base.w;
    bool off = c->base.effort == disabled;

    if (!more_key(c, "reasoningConfig"))
        return;
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", off ? disabled : "enabled");
    if (!off)
        llmgw__jsonw_member_z(w, "maxReasoningEffort", c->base.effort);
    llmgw__jsonw_close(w, '}');
}

static void write_thinking(struct llmgw__converse_encoder *c)
{
    const char *effort = c->base.effort;

    if (c->model->think == LLMGW__CONVERSE_THINK_CLAUDE) {
        write_claude(c);
        return;
    }
    if (!effort)
        return;
    switch ((enum llmgw__converse_think)c->model->think) {
    case LLMGW__CONVERSE_THINK_NOVA:
        write_nova(c);
        return;
    case LLMGW__CONVERSE_THINK_LEVEL:
        if (more_key(c, "reasoning_effort"))
            llmgw__jsonw_z(&c->base.w, effort);
        return;
    case LLMGW__CONVERSE_THINK_NESTED:
        write_object(c, "reasoning", "effort", effort);
        return;
    case LLMGW__CONVERSE_THINK_CONFIG:
        if (more_key(c, "reasoning_config"))
            llmgw__jsonw_z(&c->base.w, effort);
        return;
    case LLMGW__CONVERSE_THINK_NONE:
    case LLMGW__CONVERSE_THINK_CLAUDE:
        return;
    }
}

/* One call at a time: only the vendor's own form of a choice can say it. */
static void write_choice(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    if (e->offered && e->chat->parallel_tool_calls == 0 &&
        c->model->think == LLMGW__CONVERSE_THINK_CLAUDE &&
        more_key(c, "tool_choice"))
        llmgw__anthropic_choice(e);
}

static void write_top_k(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;

    if (!e->top_k.len)
        return;
    if (!is_nova(c)) {
        if (more_key(c, "top_k"))
            llmgw__jsonw_raw(&e->w, e->top_k);
        return;
    }
    if (!more_key(c, "inferenceConfig"))
        return;
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_raw(&e->w, "topK", e->top_k);
    llmgw__jsonw_close(&e->w, '}');
}
