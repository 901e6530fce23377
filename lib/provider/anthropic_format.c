/*
 * provider/anthropic_format.c - structured answers: by the service's own
 * grammar, by a forced tool, or asked for in words.
 *
 * Source: Messages API, "Structured outputs". Memory: none.
 */
#include "anthropic_content.h"

static uint8_t format_of(struct llmgw__anthropic_encoder *e);
static bool may_force(const struct llmgw__anthropic_encoder *e);

void llmgw__anthropic_plan_format(struct llmgw__anthropic_encoder *e)
{
    e->format = format_of(e);
    e->io->memo->json_tool = e->format == LLMGW__ANTHROPIC_TOOL;
    if (e->format == LLMGW__ANTHROPIC_TOOL)
        llmgw__anthropic_adjust(e, "response_format", "emulated", "json_tool");
    else if (e->format == LLMGW__ANTHROPIC_ASK ||
             e->format == LLMGW__ANTHROPIC_ASK_SCHEMA)
        llmgw__anthropic_adjust(e, "response_format", "emulated",
                                "json_instruction");
}

static uint8_t format_of(struct llmgw__anthropic_encoder *e)
{
    switch ((enum llmgw__format)e->chat->format) {
    case LLMGW__FORMAT_UNSET:
    case LLMGW__FORMAT_TEXT:
        return LLMGW__ANTHROPIC_FREE;
    case LLMGW__FORMAT_JSON_OBJECT:
        return LLMGW__ANTHROPIC_ASK;
    case LLMGW__FORMAT_JSON_SCHEMA:
        break;
    }
    if (!e->chat->schema.len)
        return LLMGW__ANTHROPIC_ASK;
    if (llmgw__anthropic_formats(e) && !e->plan.prefill &&
        llmgw__anthropic_schema_fits(e, e->chat->schema_node))
        return LLMGW__ANTHROPIC_NATIVE;
    return may_force(e) ? LLMGW__ANTHROPIC_TOOL : LLMGW__ANTHROPIC_ASK_SCHEMA;
}

/** May the answer be the input of a tool of ours? */
static bool may_force(const struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t schema = e->chat->schema_node;
    uint32_t type = llmgw__jdoc_get(doc, schema, "type");
    bool object = type == LLMGW__JNONE ||
                  llmgw__jstr_is(llmgw__jdoc_string(doc, type), "object");

    return llmgw__anthropic_forces(e) && !e->chat->tool_count && !e->search &&
           !e->plan.prefill && object &&
           !llmgw__anthropic_top_union(doc, schema);
}

static void write_native(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_member_open(w, "format", '{');
    llmgw__jsonw_member_z(w, "type", "json_schema");
    llmgw__jsonw_key(w, "schema");
    if (llmgw__anthropic_schema_write(e, e->chat->schema_node))
        llmgw__anthropic_adjust(e, "response_format", "approximated",
                                "schema_keywords");
    llmgw__jsonw_close(w, '}');
}

/** What the host wrote itself wins, member by member. */
void llmgw__anthropic_write_output(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t own = llmgw__chat_member(e->chat, "output_config");
    bool native = e->format == LLMGW__ANTHROPIC_NATIVE &&
                  llmgw__jdoc_get(doc, own, "format") == LLMGW__JNONE;
    bool effort =
        e->effort && llmgw__jdoc_get(doc, own, "effort") == LLMGW__JNONE;

    if (!native && !effort && own == LLMGW__JNONE)
        return;
    llmgw__jsonw_member_open(&e->w, "output_config", '{');
    if (effort)
        llmgw__jsonw_member_z(&e->w, "effort", e->effort);
    if (native)
        write_native(e);
    llmgw__anthropic_members(e, own, NULL);
    llmgw__jsonw_close(&e->w, '}');
}
