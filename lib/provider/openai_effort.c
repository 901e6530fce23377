/*
 * provider/openai_effort.c - how much to think, in the words of the service.
 *
 * Source: the services' documentation, 2026-11. Memory: none of its own.
 */
#include <string.h>

#include "openai_encode.h"

static const struct llmgw__openai_effort *
effort_of(const struct llmgw__openai_encode *o);
static void write_thinking(struct llmgw__openai_encode *o, const char *level);
static void write_type(struct llmgw__openai_encode *o, const char *level);
static void write_either(struct llmgw__openai_encode *o, const char *level);
static void write_disable(struct llmgw__openai_encode *o, const char *level);
static void write_budget(struct llmgw__openai_encode *o, const char *level);
static void write_object(struct llmgw__openai_encode *o, const char *level);
static void write_switch(struct llmgw__openai_encode *o, const char *level);
static void write_template(struct llmgw__openai_encode *o, const char *level);
static void write_level(struct llmgw__openai_encode *o, const char *level);

/* The member a style begins with: a host that writes it itself knows better. */
static const char *const own_words[] = {
    [LLMGW__EFFORT_LEVEL] = NULL,
    [LLMGW__EFFORT_REFUSED] = NULL,
    [LLMGW__EFFORT_THINKING] = "thinking",
    [LLMGW__EFFORT_TYPE] = "thinking",
    [LLMGW__EFFORT_EITHER] = "thinking",
    [LLMGW__EFFORT_DISABLE] = "disable_reasoning",
    [LLMGW__EFFORT_BUDGET] = "enable_thinking",
    [LLMGW__EFFORT_OBJECT] = "reasoning",
    [LLMGW__EFFORT_SWITCH] = "reasoning",
    [LLMGW__EFFORT_TEMPLATE] = "chat_template_kwargs",
};

/* The host's words, by enum llmgw__effort. */
static const char *const said[] = {NULL,     "none", "minimal", "low",
                                   "medium", "high", "xhigh",   "max"};

static void (*const writers[])(struct llmgw__openai_encode *o,
                               const char *level) = {
    [LLMGW__EFFORT_LEVEL] = write_level,
    [LLMGW__EFFORT_REFUSED] = NULL,
    [LLMGW__EFFORT_THINKING] = write_thinking,
    [LLMGW__EFFORT_TYPE] = write_type,
    [LLMGW__EFFORT_EITHER] = write_either,
    [LLMGW__EFFORT_DISABLE] = write_disable,
    [LLMGW__EFFORT_BUDGET] = write_budget,
    [LLMGW__EFFORT_OBJECT] = write_object,
    [LLMGW__EFFORT_SWITCH] = write_switch,
    [LLMGW__EFFORT_TEMPLATE] = write_template,
};

const char *llmgw__openai_effort_level(const struct llmgw__openai_encode *o)
{
    return effort_of(o)->level[o->chat->effort];
}

void llmgw__openai_effort(struct llmgw__openai_encode *o)
{
    const struct llmgw__openai_effort *effort = effort_of(o);
    const char *level = effort->level[o->chat->effort];
    const char *own = own_words[effort->style];

    if (o->chat->effort == LLMGW__EFFORT_UNSET ||
        (own && llmgw__chat_member(o->chat, own) != LLMGW__JNONE))
        return;
    if (!level || !effort->quiet)
        llmgw__openai_effort_report(o, level);
    if (level)
        writers[effort->style](o, level);
}

/* A service that is not OpenAI itself gets the word as it was said. */
const char *llmgw__openai_responses_effort(const struct llmgw__openai_encode *o)
{
    if (!o->full)
        return said[o->chat->effort];
    if (o->family->responses)
        return o->family->responses->level[o->chat->effort];
    return llmgw__openai_effort_level(o);
}

bool llmgw__openai_never_thinks(const struct llmgw__openai_encode *o)
{
    return effort_of(o)->style == LLMGW__EFFORT_REFUSED && !o->family->thinks;
}

static const struct llmgw__openai_effort *
effort_of(const struct llmgw__openai_encode *o)
{
    return o->family->effort ? o->family->effort : o->service->effort;
}

/* Another level than asked for changes what the host gets. */
void llmgw__openai_effort_report(struct llmgw__openai_encode *o,
                                 const char *level)
{
    if (!level) {
        if (o->chat->effort != LLMGW__EFFORT_NONE || o->family->thinks)
            llmgw__openai_adjust(o, "reasoning_effort", "dropped",
                                 "unsupported");
        return;
    }
    if (strcmp(level, said[o->chat->effort]) == 0)
        return;
    llmgw__openai_adjust(o, "reasoning_effort", "approximated",
                         o->chat->effort == LLMGW__EFFORT_NONE
                             ? "thinking_cannot_be_disabled"
                             : "effort_level");
}

static bool is_off(const char *level)
{
    return strcmp(level, "none") == 0;
}

static void write_level(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_z(&o->w, "reasoning_effort", level);
}

static void write_thinking(struct llmgw__openai_encode *o, const char *level)
{
    write_type(o, level);
    if (!is_off(level))
        write_level(o, level);
}

static void write_type(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_open(&o->w, "thinking", '{');
    llmgw__jsonw_member_z(&o->w, "type",
                          is_off(level) ? "disabled" : "enabled");
    llmgw__jsonw_close(&o->w, '}');
}

static void write_either(struct llmgw__openai_encode *o, const char *level)
{
    if (is_off(level))
        write_type(o, level);
    else
        write_level(o, level);
}

static void write_disable(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_bool(&o->w, "disable_reasoning", is_off(level));
}

static void write_budget(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_bool(&o->w, "enable_thinking", !is_off(level));
    if (!is_off(level))
        llmgw__jsonw_member_raw(&o->w, "thinking_budget", llmgw__str(level));
}

static void write_object(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_open(&o->w, "reasoning", '{');
    llmgw__jsonw_member_z(&o->w, "effort", level);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_switch(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_open(&o->w, "reasoning", '{');
    llmgw__jsonw_member_bool(&o->w, "enabled", !is_off(level));
    llmgw__jsonw_close(&o->w, '}');
}

static void write_template(struct llmgw__openai_encode *o, const char *level)
{
    llmgw__jsonw_member_open(&o->w, "chat_template_kwargs", '{');
    llmgw__jsonw_member_bool(&o->w, "enable_thinking", !is_off(level));
    if (!is_off(level))
        llmgw__jsonw_member_z(&o->w, "reasoning_effort", level);
    llmgw__jsonw_close(&o->w, '}');
}
