/*
 * provider/openai_tools.c - tools, tool choice and tool calls of a request.
 *
 * They go out as they came, but for: the legacy form (functions), custom tools
 * and allowed_tools where the service has no such thing, and tool ids where it
 * has a form for them.
 *
 * Source: OpenAI API description 2.3.0. Memory: none of its own.
 */
#include <stdio.h>
#include <string.h>

#include "calls.h"
#include "openai_encode.h"

static bool offered(const struct llmgw__openai_encode *o,
                    const struct llmgw__tool *tool);
static bool unforced_name(const struct llmgw__openai_encode *o);
static void check_tool(struct llmgw__openai_encode *o, size_t index);
static void write_tool(struct llmgw__openai_encode *o,
                       const struct llmgw__tool *tool);
static void write_own_members(struct llmgw__openai_encode *o,
                              const struct llmgw__tool *tool);
static void write_custom_tool(struct llmgw__openai_encode *o,
                              const struct llmgw__tool *tool);
static void choose_word(struct llmgw__openai_encode *o, const char *word);
static void choose_forced(struct llmgw__openai_encode *o);
static void choose_named(struct llmgw__openai_encode *o);
static void choose_unsupported(struct llmgw__openai_encode *o);
static void write_call(struct llmgw__openai_encode *o,
                       const struct llmgw__tool_call *call);
static void write_call_body(struct llmgw__openai_encode *o,
                            const struct llmgw__tool_call *call);
static bool has_foreign(const struct llmgw__jdoc *doc, uint32_t calls);
static bool emulates(const struct llmgw__openai_encode *o, bool custom);
static void hash_id(struct llmgw__openai_encode *o, llmgw_str id);

void llmgw__openai_tools(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;
    bool some = false;

    if ((o->service->lacks & LLMGW__OPENAI_TOOL_CHOICE) &&
        chat->choice == LLMGW__CHOICE_NONE)
        return; /* not offered: the only way not to have them called */
    for (size_t i = 0; i < chat->tool_count; i++) {
        if (!offered(o, &chat->tools[i]))
            continue;
        if (!some) {
            llmgw__jsonw_member_open(&o->w, "tools", '[');
        }
        some = true;
        check_tool(o, i);
        write_tool(o, &chat->tools[i]);
    }
    if (some)
        llmgw__jsonw_close(&o->w, ']');
}

/* Everything, but where a choice among the tools has to be told by leaving the
 * others out. */
static bool offered(const struct llmgw__openai_encode *o,
                    const struct llmgw__tool *tool)
{
    if (o->chat->choice == LLMGW__CHOICE_ALLOWED && !o->full)
        return llmgw__chat_tool_allowed(o->chat, tool);
    if (unforced_name(o))
        return llmgw__jstr_compare(tool->name, o->chat->choice_name) == 0;
    return true;
}

static bool unforced_name(const struct llmgw__openai_encode *o)
{
    return o->chat->choice == LLMGW__CHOICE_NAMED && !o->service->required;
}

/* Types of its own every service may have, but OpenAI's has no more than the
 * two; and nobody here takes the other wire's form of a custom one. */
static void check_tool(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__tool *tool = &o->chat->tools[index];
    char param[40];

    if (tool->type != LLMGW__TOOL_OTHER || !(o->full || tool->name.data))
        return;
    (void)snprintf(param, sizeof param, "tools[%zu]", index);
    llmgw__openai_refuse(o, param,
                         "the target takes functions and custom tools only");
}

static void write_tool(struct llmgw__openai_encode *o,
                       const struct llmgw__tool *tool)
{
    llmgw_str raw = llmgw__jdoc_raw(&o->chat->doc, tool->node);

    if (tool->type == LLMGW__TOOL_CUSTOM && !o->full) {
        write_custom_tool(o, tool);
        return;
    }
    if (o->full &&
        llmgw__jdoc_get(&o->chat->doc, tool->node, "type") != LLMGW__JNONE) {
        write_own_members(o, tool);
        return;
    }
    if (llmgw__jdoc_get(&o->chat->doc, tool->node, "type") != LLMGW__JNONE) {
        llmgw__jsonw_raw(&o->w, raw);
        return;
    }
    llmgw__jsonw_open(&o->w, '{'); /* of the deprecated list of functions */
    llmgw__jsonw_member_z(&o->w, "type", "function");
    llmgw__jsonw_member_raw(&o->w, "function", raw);
    llmgw__jsonw_close(&o->w, '}');
}

/* Without the switches of other services, which OpenAI itself refuses. */
static void write_own_members(struct llmgw__openai_encode *o,
                              const struct llmgw__tool *tool)
{
    const char *type = tool->type == LLMGW__TOOL_CUSTOM ? "custom" : "function";
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t own = llmgw__jdoc_get(doc, tool->node, type);

    bool marked = llmgw__jdoc_get(doc, own, "cache_control") != LLMGW__JNONE;

    if ((llmgw__jdoc_count(doc, tool->node) == 2 && !marked) ||
        own == LLMGW__JNONE) {
        llmgw__jsonw_node(&o->w, doc, tool->node);
        return;
    }
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", type);
    llmgw__jsonw_key(&o->w, type);
    llmgw__openai_without(o, own, "cache_control");
    llmgw__jsonw_close(&o->w, '}');
}

/* As a function with one string; the decoder takes it out again. */
static void write_custom_tool(struct llmgw__openai_encode *o,
                              const struct llmgw__tool *tool)
{
    llmgw__openai_adjust(o, "tools", "emulated", "unsupported");
    o->encode->memo->custom_any = true;
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "function");
    llmgw__jsonw_member_open(&o->w, "function", '{');
    llmgw__jsonw_member_jstr(&o->w, "name", tool->name);
    if (tool->description.data)
        llmgw__jsonw_member_jstr(&o->w, "description", tool->description);
    llmgw__jsonw_member_raw(
        &o->w, "parameters",
        LLMGW__LIT("{\"type\":\"object\",\"properties\":{\"input\":"
                   "{\"type\":\"string\"}},\"required\":[\"input\"],"
                   "\"additionalProperties\":false}"));
    llmgw__jsonw_close(&o->w, '}');
    llmgw__jsonw_close(&o->w, '}');
}

void llmgw__openai_tool_choice(struct llmgw__openai_encode *o)
{
    const struct llmgw__chat *chat = o->chat;

    if (chat->tool_count == 0 && !o->full)
        return; /* legal beside tools only */
    if (o->service->lacks & LLMGW__OPENAI_TOOL_CHOICE) {
        choose_unsupported(o);
        return;
    }
    switch (chat->choice) {
    case LLMGW__CHOICE_UNSET:
        return;
    case LLMGW__CHOICE_NONE:
        choose_word(o, "none");
        return;
    case LLMGW__CHOICE_AUTO:
        choose_word(o, "auto");
        return;
    case LLMGW__CHOICE_REQUIRED:
        choose_forced(o);
        return;
    case LLMGW__CHOICE_NAMED:
        choose_named(o);
        return;
    case LLMGW__CHOICE_ALLOWED:
        if (o->full)
            llmgw__jsonw_member_node(&o->w, "tool_choice", &chat->doc,
                                     llmgw__chat_member(chat, "tool_choice"));
        else if (chat->choice_required)
            choose_forced(o);
        else
            choose_word(o, "auto");
        return;
    }
}

static void choose_word(struct llmgw__openai_encode *o, const char *word)
{
    llmgw__jsonw_member_z(&o->w, "tool_choice", word);
}

static void choose_forced(struct llmgw__openai_encode *o)
{
    if (o->service->required) {
        choose_word(o, o->service->required);
        return;
    }
    llmgw__openai_adjust(o, "tool_choice", "approximated",
                         "forced_tool_use_unsupported");
    choose_word(o, "auto");
}

static void choose_named(struct llmgw__openai_encode *o)
{
    bool custom = o->chat->choice_custom && o->full;
    const char *type = custom ? "custom" : "function";

    if (!o->service->required) {
        choose_forced(o);
        return;
    }
    llmgw__jsonw_member_open(&o->w, "tool_choice", '{');
    llmgw__jsonw_member_z(&o->w, "type", type);
    llmgw__jsonw_member_open(&o->w, type, '{');
    llmgw__jsonw_member_jstr(&o->w, "name", o->chat->choice_name);
    llmgw__jsonw_close(&o->w, '}');
    llmgw__jsonw_close(&o->w, '}');
}

/* The service has no such member: what can be told is told by the tools. */
static void choose_unsupported(struct llmgw__openai_encode *o)
{
    uint8_t choice = o->chat->choice;

    if (choice == LLMGW__CHOICE_REQUIRED || choice == LLMGW__CHOICE_NAMED ||
        (choice == LLMGW__CHOICE_ALLOWED && o->chat->choice_required))
        llmgw__openai_adjust(o, "tool_choice", "approximated",
                             "forced_tool_use_unsupported");
}

/* --- calls in the history --- */

bool llmgw__openai_calls_keep(const struct llmgw__openai_encode *o,
                              const struct llmgw__message *message)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;

    for (size_t i = 0; i < message->call_count; i++) {
        const struct llmgw__tool_call *call = &message->calls[i];

        if (call->extra != LLMGW__JNONE || emulates(o, call->custom) ||
            !llmgw__openai_tool_id_fits(o, call->id))
            return false;
    }
    return !message->legacy &&
           !(o->full && has_foreign(doc, llmgw__jdoc_get(doc, message->node,
                                                         "tool_calls")));
}

/* Has one more members than OpenAI knows, or less? Hosts that add up chunks
 * leave the index on it, others its type out. */
static bool has_foreign(const struct llmgw__jdoc *doc, uint32_t calls)
{
    static const char *const bodies[] = {"function", "custom"};
    uint32_t call = llmgw__jdoc_first(doc, calls);

    for (; call != LLMGW__JNONE; call = llmgw__jdoc_next(doc, calls, call)) {
        if (llmgw__jdoc_count(doc, call) != 3)
            return true;
        for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
            if (llmgw__jdoc_count(doc, llmgw__jdoc_get(doc, call, bodies[i])) >
                2)
                return true;
    }
    return false;
}

void llmgw__openai_calls(struct llmgw__openai_encode *o,
                         const struct llmgw__message *message)
{
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = 0; i < message->call_count; i++)
        write_call(o, &message->calls[i]);
    llmgw__jsonw_close(&o->w, ']');
}

static void write_call(struct llmgw__openai_encode *o,
                       const struct llmgw__tool_call *call)
{
    const char *type =
        call->custom && !emulates(o, call->custom) ? "custom" : "function";

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_key(&o->w, "id");
    llmgw__openai_tool_id(o, call->id);
    llmgw__jsonw_member_z(&o->w, "type", type);
    llmgw__jsonw_member_open(&o->w, type, '{');
    llmgw__jsonw_member_jstr(&o->w, "name", call->name);
    write_call_body(o, call);
    llmgw__jsonw_close(&o->w, '}');
    llmgw__jsonw_close(&o->w, '}');
}

/* A custom tool's input becomes {"input": …} inside the arguments: it is
 * escaped once as it stands, and once more as part of a JSON text. */
static void write_call_body(struct llmgw__openai_encode *o,
                            const struct llmgw__tool_call *call)
{
    struct llmgw__jstr empty = {"", 0, false};
    struct llmgw__jstr text = call->arguments.data ? call->arguments : empty;

    if (!emulates(o, call->custom)) {
        llmgw__jsonw_member_jstr(&o->w, call->custom ? "input" : "arguments",
                                 text);
        return;
    }
    llmgw__jsonw_key(&o->w, "arguments");
    llmgw__jsonw_str_open(&o->w);
    llmgw__jsonw_str_add(&o->w, LLMGW__LIT("{\"input\":\""));
    llmgw__jsonw_str_add(&o->w, llmgw__str_n(text.data, text.len));
    llmgw__jsonw_str_add(&o->w, LLMGW__LIT("\"}"));
    llmgw__jsonw_str_close(&o->w);
}

static bool emulates(const struct llmgw__openai_encode *o, bool custom)
{
    return custom && !o->full;
}

/* --- ids --- */

bool llmgw__openai_tool_id_fits(const struct llmgw__openai_encode *o,
                                struct llmgw__jstr id)
{
    return !(o->service->flags & LLMGW__OPENAI_TOOL_ID_9) ||
           llmgw__calls_is_short_id(llmgw__str_n(id.data, id.len));
}

void llmgw__openai_tool_id(struct llmgw__openai_encode *o,
                           struct llmgw__jstr id)
{
    llmgw_str text;

    if (llmgw__openai_tool_id_fits(o, id)) {
        llmgw__jsonw_jstr(&o->w, id);
        return;
    }
    if (llmgw__jstr_text(id, o->encode->arena, &text) != LLMGW_OK)
        o->status = LLMGW_E_NOMEM;
    else
        hash_id(o, text);
}

/* The same id becomes the same one in call and result alike. */
static void hash_id(struct llmgw__openai_encode *o, llmgw_str id)
{
    char out[LLMGW__SHORT_ID];

    if (!llmgw__calls_short_id(id, out))
        o->status = LLMGW_E_NOMEM;
    else
        llmgw__jsonw_str(&o->w, llmgw__str_n(out, sizeof out));
}
