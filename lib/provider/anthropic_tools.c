/*
 * provider/anthropic_tools.c - tools, and which of them must be used.
 *
 * Functions get their schema as it stands; strict ones through the sanitizer.
 * Custom tools go out as functions of one string. Everything else is the
 * vendor's own and passes untouched.
 *
 * Source: Messages API, "Tool use", "Structured outputs". Memory: none.
 */
#include <stdio.h>

#include "anthropic_content.h"
#include "hosted.h"

#define MAX_STRICT_TOOLS 20

static void plan_choice(struct llmgw__anthropic_encoder *e);
static void check_function(struct llmgw__anthropic_encoder *e, size_t index);
static void check_custom(struct llmgw__anthropic_encoder *e,
                         const struct llmgw__tool *tool);
static void check_other(struct llmgw__anthropic_encoder *e, size_t index);
static void write_function(struct llmgw__anthropic_encoder *e,
                           const struct llmgw__tool *tool);
static void write_custom(struct llmgw__anthropic_encoder *e,
                         const struct llmgw__tool *tool);
static void write_json_tool(struct llmgw__anthropic_encoder *e);
static void write_choice(struct llmgw__anthropic_encoder *e);

void llmgw__anthropic_plan_tools(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__chat *chat = e->chat;

    plan_choice(e);
    e->strict = llmgw__anthropic_array(e, chat->tool_count, sizeof *e->strict);
    if (!e->strict)
        return;
    for (size_t i = 0; i < chat->tool_count; i++) {
        const struct llmgw__tool *tool = &chat->tools[i];

        if (!llmgw__anthropic_offers(e, tool))
            continue;
        e->offered++;
        if (tool->type == LLMGW__TOOL_FUNCTION)
            check_function(e, i);
        else if (tool->type == LLMGW__TOOL_CUSTOM)
            check_custom(e, tool);
        else
            check_other(e, i);
    }
}

void llmgw__anthropic_write_tools(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__jsonw *w = &e->w;

    if (e->format == LLMGW__ANTHROPIC_TOOL) {
        write_json_tool(e);
        return;
    }
    if (!e->offered)
        return;
    llmgw__jsonw_member_open(w, "tools", '[');
    for (size_t i = 0; i < e->chat->tool_count; i++) {
        const struct llmgw__tool *tool = &e->chat->tools[i];

        if (!llmgw__anthropic_offers(e, tool))
            continue;
        if (tool->type == LLMGW__TOOL_FUNCTION)
            write_function(e, tool);
        else if (tool->type == LLMGW__TOOL_CUSTOM)
            write_custom(e, tool);
        else
            llmgw__anthropic_write_marked(e, tool->node);
    }
    if (e->search)
        llmgw__anthropic_write_search(e);
    llmgw__jsonw_close(w, ']');
    write_choice(e);
}

static bool is_named(const struct llmgw__anthropic_encoder *e,
                     const struct llmgw__tool *tool)
{
    struct llmgw__jstr name = tool->name;

    if (tool->type == LLMGW__TOOL_OTHER)
        name = llmgw__jdoc_get_string(&e->chat->doc, tool->node, "name");
    return name.data && llmgw__str_eq((llmgw_str){name.data, name.len},
                                      (llmgw_str){e->chat->choice_name.data,
                                                  e->chat->choice_name.len});
}

bool llmgw__anthropic_offers(const struct llmgw__anthropic_encoder *e,
                             const struct llmgw__tool *tool)
{
    if (e->only_named)
        return is_named(e, tool);
    return llmgw__chat_tool_allowed(e->chat, tool);
}

bool llmgw__anthropic_forces(const struct llmgw__anthropic_encoder *e)
{
    return (e->model->can & LLMGW__ANTHROPIC_FORCE) && !e->by_budget &&
           !(e->io->again & LLMGW__AGAIN_UNFORCED);
}

/** Without forced use, only the named tool is offered and the rest is hope. */
static void plan_choice(struct llmgw__anthropic_encoder *e)
{
    bool forced = llmgw__anthropic_forces(e);
    bool must;

    e->choice = e->chat->choice;
    if (e->choice == LLMGW__CHOICE_ALLOWED)
        e->choice = e->chat->choice_required ? LLMGW__CHOICE_REQUIRED
                                             : LLMGW__CHOICE_AUTO;
    must =
        e->choice == LLMGW__CHOICE_REQUIRED || e->choice == LLMGW__CHOICE_NAMED;
    if (!must || forced || !e->chat->tool_count)
        return;
    e->only_named = e->choice == LLMGW__CHOICE_NAMED;
    e->choice = LLMGW__CHOICE_AUTO;
    llmgw__anthropic_adjust(e, "tool_choice", "approximated",
                            "forced_tool_use_unsupported");
}

static void write_choice(struct llmgw__anthropic_encoder *e)
{
    if (e->choice == LLMGW__CHOICE_UNSET && e->chat->parallel_tool_calls != 0)
        return;
    llmgw__jsonw_key(&e->w, "tool_choice");
    llmgw__anthropic_choice(e);
}

void llmgw__anthropic_choice(struct llmgw__anthropic_encoder *e)
{
    static const char *const names[] = {
        [LLMGW__CHOICE_UNSET] = "auto", [LLMGW__CHOICE_NONE] = "none",
        [LLMGW__CHOICE_AUTO] = "auto",  [LLMGW__CHOICE_REQUIRED] = "any",
        [LLMGW__CHOICE_NAMED] = "tool",
    };
    bool alone =
        e->chat->parallel_tool_calls == 0 && e->choice != LLMGW__CHOICE_NONE;

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", names[e->choice]);
    if (e->choice == LLMGW__CHOICE_NAMED)
        llmgw__jsonw_member_jstr(&e->w, "name", e->chat->choice_name);
    if (alone)
        llmgw__jsonw_member_bool(&e->w, "disable_parallel_tool_use", true);
    llmgw__jsonw_close(&e->w, '}');
}

/* --- functions --- */

static bool may_be_strict(struct llmgw__anthropic_encoder *e,
                          const struct llmgw__tool *tool)
{
    return e->strict_tools < MAX_STRICT_TOOLS && llmgw__anthropic_formats(e) &&
           llmgw__anthropic_schema_fits(e, tool->parameters_node);
}

bool llmgw__anthropic_top_union(const struct llmgw__jdoc *doc, uint32_t schema)
{
    return llmgw__jdoc_get(doc, schema, "oneOf") != LLMGW__JNONE ||
           llmgw__jdoc_get(doc, schema, "anyOf") != LLMGW__JNONE ||
           llmgw__jdoc_get(doc, schema, "allOf") != LLMGW__JNONE;
}

static void check_function(struct llmgw__anthropic_encoder *e, size_t index)
{
    const struct llmgw__tool *tool = &e->chat->tools[index];

    if (llmgw__anthropic_top_union(&e->chat->doc, tool->parameters_node))
        llmgw__anthropic_refuse(e, "unsupported_value", "tools",
                                "this model takes no oneOf, anyOf or allOf at "
                                "the top of a tool's parameters");
    if (tool->strict != 1)
        return;
    e->strict[index] = may_be_strict(e, tool);
    if (e->strict[index])
        e->strict_tools++;
    else
        llmgw__anthropic_adjust(e, "tools", "dropped", "strict");
}

/** Does the service run it, and not here? */
static bool is_withheld(struct llmgw__anthropic_encoder *e,
                        const struct llmgw__tool *tool)
{
    static const char *const run[] = {"web_search_", "web_fetch_",
                                      "code_execution_"};
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jstr type =
        llmgw__jdoc_string(doc, llmgw__jdoc_get(doc, tool->node, "type"));

    if (!llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_NO_SERVER_TOOLS))
        return false;
    for (size_t i = 0; i < sizeof run / sizeof run[0]; i++)
        if (llmgw__str_starts(llmgw__str_n(type.data, type.len), run[i]))
            return true;
    return false;
}

/** The vendor's own are known by the day in their types, but for these. */
static void check_other(struct llmgw__anthropic_encoder *e, size_t index)
{
    static const char *const undated[] = {"custom", "mcp_toolset"};
    const struct llmgw__tool *tool = &e->chat->tools[index];
    bool own = llmgw__hosted_is_dated(e->chat, tool) && !is_withheld(e, tool);
    char param[40];

    for (size_t i = 0; i < sizeof undated / sizeof undated[0]; i++)
        own = own || llmgw__hosted_is(e->chat, tool, undated[i]);
    if (own)
        return;
    (void)snprintf(param, sizeof param, "tools[%zu]", index);
    llmgw__anthropic_refuse(e, "unsupported_value", param,
                            "the target has no tools of this type");
}

/** Write a schema as it stands, with the type the service insists on. */
void llmgw__anthropic_plain_schema(struct llmgw__anthropic_encoder *e,
                                   uint32_t schema)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jsonw *w = &e->w;

    if (schema == LLMGW__JNONE) {
        llmgw__jsonw_raw(w,
                         LLMGW__LIT("{\"type\":\"object\",\"properties\":{}}"));
        return;
    }
    if (llmgw__jdoc_get(doc, schema, "type") != LLMGW__JNONE) {
        llmgw__jsonw_node(w, doc, schema);
        return;
    }
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "object");
    llmgw__anthropic_members(e, schema, NULL);
    llmgw__jsonw_close(w, '}');
}

static void write_head(struct llmgw__anthropic_encoder *e,
                       const struct llmgw__tool *tool)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_jstr(&e->w, "name", tool->name);
    if (tool->description.data)
        llmgw__jsonw_member_jstr(&e->w, "description", tool->description);
    llmgw__jsonw_key(&e->w, "input_schema");
}

/** Members of a tool that only this wire knows; the first one not where a beta
 *  stands for it. */
static const char *const passed[] = {
    "eager_input_streaming",
    "defer_loading",
    "allowed_callers",
    "input_examples",
};

static void write_tail(struct llmgw__anthropic_encoder *e,
                       const struct llmgw__tool *tool)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    llmgw_str cache = llmgw__anthropic_cache_tool(e, tool);

    for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
        uint32_t own = llmgw__jdoc_get(doc, tool->node, passed[i]);

        if (i == 0 && llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_NO_EAGER)) {
            bool eager = false;

            e->eager |= llmgw__jdoc_bool(doc, own, &eager) && eager;
        } else if (own != LLMGW__JNONE)
            llmgw__jsonw_member_node(&e->w, passed[i], doc, own);
    }
    if (cache.len)
        llmgw__jsonw_member_raw(&e->w, "cache_control", cache);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_function(struct llmgw__anthropic_encoder *e,
                           const struct llmgw__tool *tool)
{
    write_head(e, tool);
    if (!e->strict[tool - e->chat->tools]) {
        llmgw__anthropic_plain_schema(e, tool->parameters_node);
    } else {
        if (llmgw__anthropic_schema_write(e, tool->parameters_node))
            llmgw__anthropic_adjust(e, "tools", "approximated",
                                    "schema_keywords");
        llmgw__jsonw_member_bool(&e->w, "strict", true);
    }
    write_tail(e, tool);
}

/* --- tools that are no functions --- */

/** A grammar has no counterpart: the input is free text then. */
static void check_custom(struct llmgw__anthropic_encoder *e,
                         const struct llmgw__tool *tool)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t custom = llmgw__jdoc_get(doc, tool->node, "custom");
    uint32_t format = llmgw__jdoc_get(doc, custom, "format");

    e->io->memo->custom_any = true;
    if (llmgw__jstr_is(llmgw__jdoc_get_string(doc, format, "type"), "grammar"))
        llmgw__anthropic_adjust(e, "tools", "approximated", "unsupported");
}

static void write_custom(struct llmgw__anthropic_encoder *e,
                         const struct llmgw__tool *tool)
{
    write_head(e, tool);
    llmgw__jsonw_raw(
        &e->w,
        LLMGW__LIT("{\"type\":\"object\",\"properties\":{\"input\":{\"type\":"
                   "\"string\"}},\"required\":[\"input\"]}"));
    write_tail(e, tool);
}

static void write_json_tool(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_member_open(w, "tools", '[');
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "name", LLMGW__ANTHROPIC_JSON_TOOL);
    llmgw__jsonw_member_z(w, "description",
                          "Respond to the user by calling this tool once "
                          "with the final answer.");
    llmgw__jsonw_key(w, "input_schema");
    llmgw__anthropic_plain_schema(e, e->chat->schema_node);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, ']');
    llmgw__jsonw_member_open(w, "tool_choice", '{');
    llmgw__jsonw_member_z(w, "type", "tool");
    llmgw__jsonw_member_z(w, "name", LLMGW__ANTHROPIC_JSON_TOOL);
    llmgw__jsonw_member_bool(w, "disable_parallel_tool_use", true);
    llmgw__jsonw_close(w, '}');
}
