/*
 * provider/responses_tools.c - tools and tool choice of the Responses API:
 * what chat completions nests under "function" or "custom" is flat here.
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: none of its own.
 */
#include <stdio.h>

#include "base/text.h"
#include "hosted.h"
#include "responses.h"

#define SEARCH "web_search" /* the type of the hosted tool */

static void write_function(struct llmgw__openai_encode *o,
                           const struct llmgw__tool *tool);
static void write_custom(struct llmgw__openai_encode *o,
                         const struct llmgw__tool *tool);
static void write_others(struct llmgw__openai_encode *o, uint32_t object,
                         const char *const *known);
static void write_grammar(struct llmgw__openai_encode *o, uint32_t format);
static void write_hosted(struct llmgw__openai_encode *o, size_t index);
static bool searches(const struct llmgw__openai_encode *o);
static void write_search(struct llmgw__openai_encode *o);
static void write_allowed(struct llmgw__openai_encode *o);
static void write_name(struct llmgw__openai_encode *o, const char *type,
                       struct llmgw__jstr name);

void llmgw__responses_tools(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;
    bool search = searches(o);

    if (chat->tool_count == 0 && !search)
        return;
    llmgw__jsonw_member_open(&o->w, "tools", '[');
    for (size_t i = 0; i < chat->tool_count; i++) {
        const struct llmgw__tool *tool = &chat->tools[i];

        if (tool->type == LLMGW__TOOL_FUNCTION)
            write_function(o, tool);
        else if (tool->type == LLMGW__TOOL_CUSTOM)
            write_custom(o, tool);
        else
            write_hosted(o, i);
    }
    if (search)
        write_search(o);
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
    static const char *const known[] = {"type",       "name",   "description",
                                        "parameters", "strict", "cache_control",
                                        NULL};
    llmgw_str none = LLMGW__LIT("{\"type\":\"object\",\"properties\":{}}");
    uint32_t function = llmgw__jdoc_get(&o->chat->doc, tool->node, "function");

    llmgw__jsonw_open(&o->w, '{');
    write_head(o, "function", tool);
    llmgw__jsonw_member_raw(&o->w, "parameters",
                            tool->parameters.len ? tool->parameters : none);
    llmgw__jsonw_member_bool(&o->w, "strict", tool->strict == 1);
    write_others(o,
                 llmgw__jdoc_type(&o->chat->doc, function) == LLMGW__JSON_OBJECT
                     ? function
                     : tool->node, /* of the deprecated list */
                 known);
    llmgw__jsonw_close(&o->w, '}');
}

/* What else the host wrote: defer_loading, allowed_callers, … */
static void write_others(struct llmgw__openai_encode *o, uint32_t object,
                         const char *const *known)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, object);

    while (key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, object, key);
        const char *const *one = known;

        while (*one && !llmgw__jstr_is(name, *one))
            one++;
        if (!*one) {
            llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&o->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, object, value);
    }
}

static void write_custom(struct llmgw__openai_encode *o,
                         const struct llmgw__tool *tool)
{
    static const char *const known[] = {
        "type", "name", "description", "format", "cache_control", NULL};
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t custom = llmgw__jdoc_get(doc, tool->node, "custom");
    uint32_t format = llmgw__jdoc_get(doc, custom, "format");

    llmgw__jsonw_open(&o->w, '{');
    write_head(o, "custom", tool);
    if (llmgw__jdoc_type(doc, format) == LLMGW__JSON_OBJECT) {
        llmgw__jsonw_key(&o->w, "format");
        write_grammar(o, format);
    }
    write_others(o, custom, known);
    llmgw__jsonw_close(&o->w, '}');
}

/* {type, grammar: {syntax, definition}} -> {type, syntax, definition} */
static void write_grammar(struct llmgw__openai_encode *o, uint32_t format)
{
    static const char *const known[] = {"type", NULL};
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t grammar = llmgw__jdoc_get(doc, format, "grammar");

    if (llmgw__jdoc_type(doc, grammar) != LLMGW__JSON_OBJECT) {
        llmgw__jsonw_node(&o->w, doc, format);
        return;
    }
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "grammar");
    write_others(o, grammar, known);
    llmgw__jsonw_close(&o->w, '}');
}

/* Others may serve whatever they like; OpenAI's own are of neither form. */
static bool is_foreign(const struct llmgw__openai_encode *o,
                       const struct llmgw__tool *tool)
{
    return o->full && (llmgw__hosted_is_dated(o->chat, tool) ||
                       llmgw__hosted_is_prefixed(o->chat, tool));
}

/* The provider's own, in its own form; one with a name is of another wire. */
static void write_hosted(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__tool *tool = &o->chat->tools[index];
    char param[40];

    if (!tool->name.data && !is_foreign(o, tool)) {
        llmgw__jsonw_node(&o->w, &o->chat->doc, tool->node);
        return;
    }
    (void)snprintf(param, sizeof param, "tools[%zu]", index);
    llmgw__openai_refuse(o, param, "the target has no tools of this form");
}

/* --- web_search_options --- */

/* Are they asked for, and is there no such tool yet? */
static bool searches(const struct llmgw__openai_encode *o)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t options = llmgw__chat_member(o->chat, "web_search_options");

    if (options == LLMGW__JNONE ||
        (o->service->lacks & LLMGW__OPENAI_WEB_SEARCH))
        return false;
    for (size_t i = 0; i < o->chat->tool_count; i++) {
        struct llmgw__jstr type =
            llmgw__jdoc_get_string(doc, o->chat->tools[i].node, "type");

        if (llmgw__str_starts(llmgw__str_n(type.data, type.len), SEARCH))
            return false;
    }
    return true;
}

/* Models of chat completions that search do so always; here a tool is offered,
 * and what is said of the place lies one level higher. */
static void write_search(struct llmgw__openai_encode *o)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t options = llmgw__chat_member(o->chat, "web_search_options");
    uint32_t size = llmgw__jdoc_get(doc, options, "search_context_size");
    uint32_t place = llmgw__jdoc_get(
        doc, llmgw__jdoc_get(doc, options, "user_location"), "approximate");

    llmgw__openai_adjust(o, "web_search_options", "emulated", "unsupported");
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", SEARCH);
    if (llmgw__jdoc_type(doc, size) == LLMGW__JSON_STRING)
        llmgw__jsonw_member_node(&o->w, "search_context_size", doc, size);
    if (llmgw__jdoc_type(doc, place) == LLMGW__JSON_OBJECT) {
        static const char *const none[] = {NULL};

        llmgw__jsonw_member_open(&o->w, "user_location", '{');
        llmgw__jsonw_member_z(&o->w, "type", "approximate");
        write_others(o, place, none);
        llmgw__jsonw_close(&o->w, '}');
    }
    llmgw__jsonw_close(&o->w, '}');
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

/* Hosted tools stand as the host wrote them. */
static void write_one_allowed(struct llmgw__openai_encode *o, uint32_t entry)
{
    static const char *const types[] = {"function", "custom"};
    const struct llmgw__jdoc *doc = &o->chat->doc;
    struct llmgw__jstr type = llmgw__jdoc_get_string(doc, entry, "type");

    for (size_t i = 0; i < 2; i++) {
        uint32_t what = llmgw__jdoc_get(doc, entry, types[i]);

        if (llmgw__jstr_is(type, types[i])) {
            write_name(o, types[i], llmgw__jdoc_get_string(doc, what, "name"));
            return;
        }
    }
    llmgw__jsonw_node(&o->w, doc, entry);
}

static void write_allowed(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;
    uint32_t list = chat->choice_node;

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "allowed_tools");
    llmgw__jsonw_member_z(&o->w, "mode",
                          chat->choice_required ? "required" : "auto");
    llmgw__jsonw_member_open(&o->w, "tools", '[');
    for (uint32_t at = llmgw__jdoc_first(&chat->doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(&chat->doc, list, at))
        write_one_allowed(o, at);
    llmgw__jsonw_close(&o->w, ']');
    llmgw__jsonw_close(&o->w, '}');
}
