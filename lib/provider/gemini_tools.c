/*
 * provider/gemini_tools.c - tools and tool_choice.
 *
 * All functions stand in one tool object; built-in tools are further objects.
 * From 2.5 on a function's schema goes as it is, before that in the older
 * form (gemini_schema.c). Source: Google AI for Developers, "Function
 * calling".
 */
#include <stdio.h>

#include "gemini.h"

static void write_functions(struct llmgw__gemini_encode *e);
static void write_function(struct llmgw__gemini_encode *e, size_t i);
static void write_parameters(struct llmgw__gemini_encode *e,
                             const struct llmgw__tool *tool);
static void write_input_parameter(struct llmgw__gemini_encode *e);
static void write_search(struct llmgw__gemini_encode *e);
static void write_given(struct llmgw__gemini_encode *e);
static void write_choice(struct llmgw__gemini_encode *e, bool functions,
                         bool built_in);
static void write_calling(struct llmgw__gemini_encode *e);
static void write_names(struct llmgw__gemini_encode *e);
static void check_tools(struct llmgw__gemini_encode *e, bool functions,
                        bool built_in);
static const char *mode_of(struct llmgw__gemini_encode *e);
static bool streams_arguments(const struct llmgw__gemini_encode *e);
static bool any_strict(const struct llmgw__gemini_encode *e);
static bool is_declared(const struct llmgw__gemini_encode *e,
                        const struct llmgw__tool *tool);
static bool is_name(llmgw_str name);
static void refuse_tool(struct llmgw__gemini_encode *e, size_t i,
                        const char *message);

void llmgw__gemini_tools(struct llmgw__gemini_encode *e)
{
    uint32_t search = llmgw__chat_member(e->chat, "web_search_options");
    bool functions = llmgw__gemini_has_functions(e);
    bool built_in = llmgw__gemini_has_built_in(e);

    check_tools(e, functions, built_in);
    if (functions || built_in) {
        llmgw__jsonw_member_open(&e->w, "tools", '[');
        if (functions)
            write_functions(e);
        if (search != LLMGW__JNONE)
            write_search(e);
        write_given(e);
        llmgw__jsonw_close(&e->w, ']');
    }
    write_choice(e, functions, built_in);
}

bool llmgw__gemini_has_functions(const struct llmgw__gemini_encode *e)
{
    for (size_t i = 0; i < e->chat->tool_count; i++)
        if (is_declared(e, &e->chat->tools[i]))
            return true;
    return false;
}

bool llmgw__gemini_has_built_in(const struct llmgw__gemini_encode *e)
{
    return llmgw__chat_member(e->chat, "web_search_options") != LLMGW__JNONE ||
           llmgw__jdoc_count(&e->chat->doc, llmgw__gemini_option(e, "tools")) >
               0;
}

/* AUTO takes no list of names, so there only the allowed are declared. */
static bool is_declared(const struct llmgw__gemini_encode *e,
                        const struct llmgw__tool *tool)
{
    const struct llmgw__chat *chat = e->chat;

    return chat->choice != LLMGW__CHOICE_ALLOWED || chat->choice_required ||
           llmgw__chat_tool_allowed(chat, tool);
}

static void check_tools(struct llmgw__gemini_encode *e, bool functions,
                        bool built_in)
{
    for (size_t i = 0; i < e->chat->tool_count; i++) {
        const struct llmgw__tool *tool = &e->chat->tools[i];

        if (tool->type == LLMGW__TOOL_OTHER)
            refuse_tool(e, i, "not a function or a custom tool");
        else if (!is_name(llmgw__gemini_text(e, tool->name)))
            refuse_tool(e, i, "a name this target does not take");
    }
    if (functions && built_in && e->model.version < LLMGW__GEMINI_3)
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "tools",
                             "no functions beside built-in tools on this "
                             "model");
    if (any_strict(e) && e->model.version < LLMGW__GEMINI_2_5)
        llmgw__gemini_adjust(e, "tools", "dropped", "strict");
}

static bool any_strict(const struct llmgw__gemini_encode *e)
{
    for (size_t i = 0; i < e->chat->tool_count; i++)
        if (e->chat->tools[i].strict == 1 && is_declared(e, &e->chat->tools[i]))
            return true;
    return false;
}

static bool is_name(llmgw_str name)
{
    if (name.len == 0 || name.len > 64)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        bool later = (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-';

        if (!letter && !(later && i > 0))
            return false;
    }
    return true;
}

static void refuse_tool(struct llmgw__gemini_encode *e, size_t i,
                        const char *message)
{
    char param[40];

    (void)snprintf(param, sizeof param, "tools[%zu]", i);
    llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, param, message);
}

static void write_functions(struct llmgw__gemini_encode *e)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_open(&e->w, "functionDeclarations", '[');
    for (size_t i = 0; i < e->chat->tool_count; i++)
        if (is_declared(e, &e->chat->tools[i]))
            write_function(e, i);
    llmgw__jsonw_close(&e->w, ']');
    llmgw__jsonw_close(&e->w, '}');
}

static void write_function(struct llmgw__gemini_encode *e, size_t i)
{
    const struct llmgw__tool *tool = &e->chat->tools[i];

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_jstr(&e->w, "name", tool->name);
    if (tool->description.data)
        llmgw__jsonw_member_jstr(&e->w, "description", tool->description);
    if (tool->type == LLMGW__TOOL_CUSTOM)
        write_input_parameter(e);
    else if (tool->parameters.len > 0 &&
             llmgw__gemini_schema_says(e, tool->parameters_node))
        write_parameters(e, tool);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_parameters(struct llmgw__gemini_encode *e,
                             const struct llmgw__tool *tool)
{
    if (e->model.version >= LLMGW__GEMINI_2_5) {
        llmgw__jsonw_member_raw(&e->w, "parametersJsonSchema",
                                tool->parameters);
        return;
    }
    llmgw__jsonw_key(&e->w, "parameters");
    if (llmgw__gemini_schema(e, tool->parameters_node))
        llmgw__gemini_adjust(e, "tools", "approximated", "schema_keywords");
}

/* A custom tool: a function of one string. */
static void write_input_parameter(struct llmgw__gemini_encode *e)
{
    bool schema = e->model.version >= LLMGW__GEMINI_2_5;

    e->io->memo->custom_any = true;
    llmgw__gemini_adjust(e, "tools", "emulated", "unsupported");
    llmgw__jsonw_member_raw(
        &e->w, schema ? "parametersJsonSchema" : "parameters",
        schema ? LLMGW__LIT("{\"type\":\"object\",\"properties\":{\"input\":{"
                            "\"type\":\"string\"}},\"required\":[\"input\"]}")
               : LLMGW__LIT("{\"type\":\"OBJECT\",\"properties\":{\"input\":{"
                            "\"type\":\"STRING\"}},\"required\":[\"input\"]}"));
}

/* The search takes no settings here. */
static void write_search(struct llmgw__gemini_encode *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t search = llmgw__chat_member(e->chat, "web_search_options");
    struct llmgw__jstr size =
        llmgw__jdoc_get_string(doc, search, "search_context_size");
    uint32_t location = llmgw__jdoc_get(doc, search, "user_location");

    if ((size.data && !llmgw__jstr_is(size, "medium")) ||
        llmgw__jdoc_type(doc, location) == LLMGW__JSON_OBJECT)
        llmgw__gemini_adjust(e, "web_search_options", "dropped", "unsupported");
    llmgw__jsonw_raw(&e->w, LLMGW__LIT("{\"googleSearch\":{}}"));
}

static void write_given(struct llmgw__gemini_encode *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t given = llmgw__gemini_option(e, "tools");

    for (uint32_t at = llmgw__jdoc_first(doc, given); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, given, at))
        llmgw__jsonw_node(&e->w, doc, at);
}

/* toolConfig: the host's own, or what tool_choice asks for. */
static void write_choice(struct llmgw__gemini_encode *e, bool functions,
                         bool built_in)
{
    uint32_t given = llmgw__gemini_option(e, "toolConfig");
    bool calling = functions && (mode_of(e) || streams_arguments(e));
    bool mixed = functions && built_in && e->surface->mixed_switch;

    if (given != LLMGW__JNONE) {
        llmgw__jsonw_member_node(&e->w, "toolConfig", &e->chat->doc, given);
        return;
    }
    if (!calling && !mixed)
        return;
    llmgw__jsonw_member_open(&e->w, "toolConfig", '{');
    if (calling)
        write_calling(e);
    if (mixed)
        llmgw__jsonw_member_bool(&e->w, "includeServerSideToolInvocations",
                                 true);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_calling(struct llmgw__gemini_encode *e)
{
    llmgw__jsonw_member_open(&e->w, "functionCallingConfig", '{');
    if (mode_of(e))
        llmgw__jsonw_member_z(&e->w, "mode", mode_of(e));
    write_names(e);
    if (streams_arguments(e))
        llmgw__jsonw_member_bool(&e->w, "streamFunctionCallArguments", true);
    llmgw__jsonw_close(&e->w, '}');
}

/* Piece by piece: where the service can, and the host has asked for it. */
static bool streams_arguments(const struct llmgw__gemini_encode *e)
{
    uint32_t asked = llmgw__gemini_option(e, "stream_function_call_arguments");
    bool wanted = false;

    return e->surface->streams_arguments && e->io->stream &&
           e->model.version >= LLMGW__GEMINI_3 &&
           llmgw__jdoc_bool(&e->chat->doc, asked, &wanted) && wanted;
}

/* NULL: nothing to say. */
static const char *mode_of(struct llmgw__gemini_encode *e)
{
    bool validated = e->model.version >= LLMGW__GEMINI_2_5 && any_strict(e);

    switch ((enum llmgw__tool_choice)e->chat->choice) {
    case LLMGW__CHOICE_UNSET:
        return validated ? "VALIDATED" : NULL;
    case LLMGW__CHOICE_AUTO:
        return validated ? "VALIDATED" : "AUTO";
    case LLMGW__CHOICE_NONE:
        return "NONE";
    case LLMGW__CHOICE_REQUIRED:
    case LLMGW__CHOICE_NAMED:
        return "ANY";
    case LLMGW__CHOICE_ALLOWED:
        if (e->chat->choice_required)
            return "ANY";
        return validated ? "VALIDATED" : "AUTO";
    }
    return NULL;
}

static void write_names(struct llmgw__gemini_encode *e)
{
    const struct llmgw__chat *chat = e->chat;
    bool named = chat->choice == LLMGW__CHOICE_NAMED;

    if (!named &&
        (chat->choice != LLMGW__CHOICE_ALLOWED || !chat->choice_required))
        return;
    llmgw__jsonw_member_open(&e->w, "allowedFunctionNames", '[');
    if (named)
        llmgw__jsonw_jstr(&e->w, chat->choice_name);
    for (size_t i = 0; !named && i < chat->tool_count; i++)
        if (llmgw__chat_tool_allowed(chat, &chat->tools[i]))
            llmgw__jsonw_jstr(&e->w, chat->tools[i].name);
    llmgw__jsonw_close(&e->w, ']');
}
