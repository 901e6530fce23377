/*
 * provider/responses_tools.c - tools and tool choice of the Responses API:
 * what chat completions nests under "function" or "custom" is flat here.
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: none of its own.
 */
#include <stdio.h>

#include "hosted.h"
#include "responses.h"

static void write_function(struct llmgw__openai_encode *o,
                           const struct llmgw__tool *tool);
static void write_custom(struct llmgw__openai_encode *o,
                         const struct llmgw__tool *tool);
static void write_grammar(struct llmgw__openai_encode *o, uint32_t format);
static void write_hosted(struct llmgw__openai_encode *o, size_t index);
static void write_allowed(struct llmgw__openai_encode *o);
static void write_name(struct llmgw__openai_encode *o, const char *type,
                       struct llmgw__jstr name);

void llmgw__responses_tools(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;

    if (chat->tool_count == 0)
        return;
    llmgw__jsonw_key(&o->w, "tools");
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = 0; i < chat->tool_count; i++) {
        const struct llmgw__tool *tool = &chat->tools[i];

        if (tool->type == LLMGW__TOOL_FUNCTION)
            write_function(o, tool);
        else if (tool->type == LLMGW__TOOL_CUSTOM)
            write_custom(o, tool);
        else
            write_hosted(o, i);
    }
    llmgw__jsonw_close(&o->w, ']');
}

static void write_head(struct llmgw__openai_encode *o, const char *type,
                       const struct llmgw__tool *tool)
{
    llmgw__jsonw_member_z(&o->w, "type", type);
    llmgw__jsonw_member_jstr(&o->w, "name", tool->name);
    if (tool->description.data)
        llmgw__jsonw_member_jstr(&o->w, "description", tool->description);
}

/* strict is true here unless it is said otherwise, and has to be said. */
static void write_function(struct llmgw__openai_encode *o,
                           const struct llmgw__tool *tool)
{
    llmgw_str none = LLMGW__LIT("{\"type\":\"object\",\"properties\":{}}");

    llmgw__jsonw_open(&o->w, '{');
    write_head(o, "function", tool);
    llmgw__jsonw_member_raw(&o->w, "parameters",
                            tool->parameters.len ? tool->parameters : none);
    llmgw__jsonw_member_bool(&o->w, "strict", tool->strict == 1);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_custom(struct llmgw__openai_encode *o,
                         const struct llmgw__tool *tool)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t format = llmgw__jdoc_get(
        doc, llmgw__jdoc_get(doc, tool->node, "custom"), "format");

    llmgw__jsonw_open(&o->w, '{');
    write_head(o, "custom", tool);
    if (llmgw__jdoc_type(doc, format) == LLMGW__JSON_OBJECT) {
        llmgw__jsonw_key(&o->w, "format");
        write_grammar(o, format);
    }
    llmgw__jsonw_close(&o->w, '}');
}

/* {type, grammar: {syntax, definition}} -> {type, syntax, definition} */
static void write_grammar(struct llmgw__openai_encode *o, uint32_t format)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t grammar = llmgw__jdoc_get(doc, format, "grammar"), key;

    if (llmgw__jdoc_type(doc, grammar) != LLMGW__JSON_OBJECT) {
        llmgw__jsonw_raw(&o->w, llmgw__jdoc_raw(doc, format));
        return;
    }
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "grammar");
    key = llmgw__jdoc_first(doc, grammar);
    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, grammar, key);

        llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
        llmgw__jsonw_raw(&o->w, llmgw__jdoc_raw(doc, value));
        key = llmgw__jdoc_next(doc, grammar, value);
    }
    llmgw__jsonw_close(&o->w, '}');
}

/* The provider's own, in its own form; one with a name is of another wire. */
/* Others may serve whatever they like; OpenAI's own are of neither form. */
static bool is_foreign(const struct llmgw__openai_encode *o,
                       const struct llmgw__tool *tool)
{
    return o->full && (llmgw__hosted_is_dated(o->chat, tool) ||
                       llmgw__hosted_is_prefixed(o->chat, tool));
}

static void write_hosted(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__tool *tool = &o->chat->tools[index];
    char param[40];

    if (!tool->name.data && !is_foreign(o, tool)) {
        llmgw__jsonw_raw(&o->w, llmgw__jdoc_raw(&o->chat->doc, tool->node));
        return;
    }
    (void)snprintf(param, sizeof param, "tools[%zu]", index);
    llmgw__openai_refuse(o, param, "the target has no tools of this form");
}

/* --- the choice among them --- */

void llmgw__responses_tool_choice(struct llmgw__openai_encode *o)
{
    static const char *const words[] = {
        [LLMGW__CHOICE_NONE] = "none",
        [LLMGW__CHOICE_AUTO] = "auto",
        [LLMGW__CHOICE_REQUIRED] = "required",
    };
    const struct llmgw__chat *chat = o->chat;

    switch ((enum llmgw__tool_choice)chat->choice) {
    case LLMGW__CHOICE_UNSET:
        return;
    case LLMGW__CHOICE_NONE:
    case LLMGW__CHOICE_AUTO:
    case LLMGW__CHOICE_REQUIRED:
        llmgw__jsonw_member_z(&o->w, "tool_choice", words[chat->choice]);
        return;
    case LLMGW__CHOICE_NAMED:
        llmgw__jsonw_key(&o->w, "tool_choice");
        write_name(o, chat->choice_custom ? "custom" : "function",
                   chat->choice_name);
        return;
    case LLMGW__CHOICE_ALLOWED:
        llmgw__jsonw_key(&o->w, "tool_choice");
        write_allowed(o);
        return;
    }
}

static void write_name(struct llmgw__openai_encode *o, const char *type,
                       struct llmgw__jstr name)
{
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", type);
    llmgw__jsonw_member_jstr(&o->w, "name", name);
    llmgw__jsonw_close(&o->w, '}');
}

/* Hosted tools are known by their type. */
static void write_one_allowed(struct llmgw__openai_encode *o,
                              const struct llmgw__tool *tool)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;

    if (tool->type != LLMGW__TOOL_OTHER) {
        write_name(o, tool->type == LLMGW__TOOL_CUSTOM ? "custom" : "function",
                   tool->name);
        return;
    }
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_jstr(
        &o->w, "type",
        llmgw__jdoc_string(doc, llmgw__jdoc_get(doc, tool->node, "type")));
    llmgw__jsonw_close(&o->w, '}');
}

static void write_allowed(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "allowed_tools");
    llmgw__jsonw_member_z(&o->w, "mode",
                          chat->choice_required ? "required" : "auto");
    llmgw__jsonw_key(&o->w, "tools");
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = 0; i < chat->tool_count; i++)
        if (llmgw__chat_tool_allowed(chat, &chat->tools[i]))
            write_one_allowed(o, &chat->tools[i]);
    llmgw__jsonw_close(&o->w, ']');
    llmgw__jsonw_close(&o->w, '}');
}
