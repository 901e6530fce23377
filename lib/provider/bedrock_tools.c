/*
 * provider/bedrock_tools.c - tools, the choice among them, and structured
 * answers.
 *
 * A tool's schema is an object; that of an answer is JSON in a string.
 *
 * Source: Amazon Bedrock Runtime API, "ToolConfiguration", "OutputConfig".
 * Memory: the schema of an answer, while it is written.
 */
#include <stdio.h>

#include "bedrock_converse.h"

static void write_tool(struct llmgw__converse_encoder *c,
                       const struct llmgw__tool *tool);
static void write_spec(struct llmgw__converse_encoder *c,
                       struct llmgw__jstr name, struct llmgw__jstr description);
static void close_spec(struct llmgw__converse_encoder *c, bool strict);
static void write_answer_tool(struct llmgw__converse_encoder *c);
static void write_choice(struct llmgw__converse_encoder *c);
static void write_format(struct llmgw__converse_encoder *c);

/* Tools that a service runs itself are spoken to on other surfaces. */
void llmgw__converse_check_tools(struct llmgw__converse_encoder *c)
{
    const struct llmgw__chat *chat = c->base.chat;
    char param[40];

    for (size_t i = 0; i < chat->tool_count; i++) {
        if (chat->tools[i].type != LLMGW__TOOL_OTHER)
            continue;
        (void)snprintf(param, sizeof param, "tools[%zu]", i);
        llmgw__anthropic_refuse(&c->base, "unsupported_value", param,
                                "not a function or a custom tool");
    }
}

void llmgw__converse_write_tools(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool answer = e->format == LLMGW__ANTHROPIC_TOOL;

    llmgw__jsonw_key(&e->w, "toolConfig");
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_key(&e->w, "tools");
    llmgw__jsonw_open(&e->w, '[');
    if (answer)
        write_answer_tool(c);
    for (size_t i = 0; !answer && i < e->chat->tool_count; i++)
        if (llmgw__anthropic_offers(e, &e->chat->tools[i]))
            write_tool(c, &e->chat->tools[i]);
    llmgw__jsonw_close(&e->w, ']');
    write_choice(c);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_tool(struct llmgw__converse_encoder *c,
                       const struct llmgw__tool *tool)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool strict = e->strict[tool - e->chat->tools];
    llmgw_str cache = llmgw__anthropic_cache_tool(e, tool);

    write_spec(c, tool->name, tool->description);
    if (tool->type == LLMGW__TOOL_CUSTOM)
        llmgw__jsonw_raw(&e->w,
                         LLMGW__LIT("{\"type\":\"object\",\"properties\":{"
                                    "\"input\":{\"type\":\"string\"}},"
                                    "\"required\":[\"input\"]}"));
    else if (!strict)
        llmgw__anthropic_plain_schema(e, tool->parameters_node);
    else if (llmgw__anthropic_schema_write(e, tool->parameters_node))
        llmgw__anthropic_adjust(e, "tools", "approximated", "schema_keywords");
    close_spec(c, strict);
    if (c->model->can & LLMGW__CONVERSE_MARK_TOOL)
        llmgw__converse_mark(c, cache);
}

/* Up to the schema. An empty description is refused. */
static void write_spec(struct llmgw__converse_encoder *c,
                       struct llmgw__jstr name, struct llmgw__jstr description)
{
    struct llmgw__jsonw *w = &c->base.w;

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "toolSpec");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_jstr(w, "name", name);
    if (!llmgw__anthropic_blank(description))
        llmgw__jsonw_member_jstr(w, "description", description);
    llmgw__jsonw_key(w, "inputSchema");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "json");
}

static void close_spec(struct llmgw__converse_encoder *c, bool strict)
{
    struct llmgw__jsonw *w = &c->base.w;

    llmgw__jsonw_close(w, '}');
    if (strict)
        llmgw__jsonw_member_bool(w, "strict", true);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

static struct llmgw__jstr plain(llmgw_str text)
{
    return llmgw__jstr(text, false);
}

static void write_answer_tool(struct llmgw__converse_encoder *c)
{
    write_spec(c, plain(LLMGW__LIT(LLMGW__ANTHROPIC_JSON_TOOL)),
               plain(LLMGW__LIT("Respond to the user by calling this tool "
                                "once with the final answer.")));
    llmgw__anthropic_plain_schema(&c->base, c->base.chat->schema_node);
    close_spec(c, false);
}

static void write_choice(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool answer = e->format == LLMGW__ANTHROPIC_TOOL;
    bool named = answer || e->choice == LLMGW__CHOICE_NAMED;
    bool elsewhere = !answer && e->chat->parallel_tool_calls == 0 &&
                     c->model->think == LLMGW__CONVERSE_THINK_CLAUDE;

    if (!(c->model->can & LLMGW__CONVERSE_FORCE) || elsewhere ||
        (!named && e->choice == LLMGW__CHOICE_UNSET))
        return;
    llmgw__jsonw_key(&e->w, "toolChoice");
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_key(&e->w, named                                 ? "tool"
                            : e->choice == LLMGW__CHOICE_REQUIRED ? "any"
                                                                  : "auto");
    llmgw__jsonw_open(&e->w, '{');
    if (named)
        llmgw__jsonw_member_jstr(
            &e->w, "name",
            answer ? plain(LLMGW__LIT(LLMGW__ANTHROPIC_JSON_TOOL))
                   : e->chat->choice_name);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
}

/* --- what the answer is to be --- */

void llmgw__converse_write_output(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    bool effort = e->effort &&
                  c->model->think == LLMGW__CONVERSE_THINK_CLAUDE &&
                  !(e->io->again & LLMGW__AGAIN_UNLEVELED);
    bool format = e->format == LLMGW__ANTHROPIC_NATIVE;

    if (!effort && !format)
        return;
    llmgw__jsonw_key(&e->w, "outputConfig");
    llmgw__jsonw_open(&e->w, '{');
    if (effort)
        llmgw__jsonw_member_z(&e->w, "effort", e->effort);
    if (format)
        write_format(c);
    llmgw__jsonw_close(&e->w, '}');
}

/* The sanitized schema, as the inside of a string. */
static void write_schema(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    struct llmgw__jsonw outer = e->w;
    struct llmgw__buf schema, compact;

    llmgw__buf_init(&schema, 0);
    llmgw__buf_init(&compact, 0);
    llmgw__jsonw_init(&e->w, &schema);
    if (llmgw__anthropic_schema_write(e, e->chat->schema_node))
        llmgw__anthropic_adjust(e, "response_format", "approximated",
                                "schema_keywords");
    e->w = outer;
    llmgw__anthropic_fail(e, schema.status);
    if (schema.status == LLMGW_OK)
        llmgw__anthropic_compact(&compact, llmgw__buf_str(&schema));
    llmgw__anthropic_fail(e, compact.status);
    llmgw__jsonw_member_jstr(
        &e->w, "schema", llmgw__anthropic_inside(e, llmgw__buf_str(&compact)));
    llmgw__buf_clear(&compact);
    llmgw__buf_clear(&schema);
}

static void write_format(struct llmgw__converse_encoder *c)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_key(w, "textFormat");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "json_schema");
    llmgw__jsonw_key(w, "structure");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "jsonSchema");
    llmgw__jsonw_open(w, '{');
    write_schema(c);
    if (e->chat->schema_name.len)
        llmgw__jsonw_member_jstr(w, "name", e->chat->schema_name);
    if (!llmgw__anthropic_blank(e->chat->schema_description))
        llmgw__jsonw_member_jstr(w, "description", e->chat->schema_description);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}
