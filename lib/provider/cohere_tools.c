/*
 * provider/cohere_tools.c - tools and tool_choice.
 *
 * A choice is all or nothing, so of a named tool only that one is sent. Strict
 * is one switch for all tools, and wants a required parameter of each.
 *
 * Source: Cohere's API reference, "Chat" (v2); its guide to tool use.
 */
#include "cohere.h"

static bool is_strict(const struct llmgw__chat *chat);
static bool binds(const struct llmgw__jdoc *doc,
                  const struct llmgw__tool *tool);
static void write_tool(struct llmgw__cohere_encode *c,
                       const struct llmgw__tool *tool);
static const char *choice_of(const struct llmgw__chat *chat);

void llmgw__cohere_tools(struct llmgw__cohere_encode *c)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__chat *chat = e->chat;
    bool strict = is_strict(chat);
    const char *choice = choice_of(chat);

    llmgw__encoding_check_tools(e, strict);
    if (!llmgw__encoding_offers_any(chat))
        return;
    if (choice && (e->io->again & LLMGW__AGAIN_UNFORCED)) {
        if (chat->choice == LLMGW__CHOICE_NONE)
            return; /* nothing to choose from does as well */
        llmgw__encoding_adjust(e, "tool_choice", "approximated",
                               "forced_tool_use_unsupported");
        choice = NULL;
    }
    llmgw__jsonw_member_open(&e->w, "tools", '[');
    for (size_t i = 0; i < chat->tool_count; i++)
        if (llmgw__encoding_offers(chat, &chat->tools[i]))
            write_tool(c, &chat->tools[i]);
    llmgw__jsonw_close(&e->w, ']');
    if (strict && llmgw__encoding_key(e, "strict_tools"))
        llmgw__jsonw_bool(&e->w, true);
    if (choice && llmgw__encoding_key(e, "tool_choice"))
        llmgw__jsonw_z(&e->w, choice);
}

static bool is_strict(const struct llmgw__chat *chat)
{
    for (size_t i = 0; i < chat->tool_count; i++)
        if (llmgw__encoding_offers(chat, &chat->tools[i]) &&
            (chat->tools[i].strict != 1 || !binds(&chat->doc, &chat->tools[i])))
            return false;
    return chat->tool_count > 0;
}

static bool binds(const struct llmgw__jdoc *doc, const struct llmgw__tool *tool)
{
    return tool->parameters.len > 0 &&
           llmgw__jdoc_count(doc, llmgw__jdoc_get(doc, tool->parameters_node,
                                                  "required")) > 0;
}

static void write_tool(struct llmgw__cohere_encode *c,
                       const struct llmgw__tool *tool)
{
    struct llmgw__jsonw *w = &c->base.w;

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "function");
    llmgw__jsonw_member_open(w, "function", '{');
    llmgw__jsonw_key(w, "name");
    llmgw__cohere_write_name(c, tool->name);
    if (tool->description.data)
        llmgw__jsonw_member_jstr(w, "description", tool->description);
    llmgw__encoding_parameters(&c->base, tool);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

void llmgw__cohere_write_name(struct llmgw__cohere_encode *c,
                              struct llmgw__jstr name)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__chat *chat = e->chat;
    llmgw_str text;
    llmgw_status status;

    for (size_t i = 0; c->names && i < chat->tool_count; i++)
        if (llmgw__jstr_compare(chat->tools[i].name, name) == 0) {
            llmgw__jsonw_str(&e->w, c->names[i]);
            return;
        }
    status =
        llmgw__cohere_name(llmgw__encoding_text(e, name), e->io->arena, &text);
    if (e->status == LLMGW_OK)
        e->status = status;
    if (status == LLMGW_OK)
        llmgw__jsonw_str(&e->w, text);
}

/* NULL: nothing to say. */
static const char *choice_of(const struct llmgw__chat *chat)
{
    switch ((enum llmgw__tool_choice)chat->choice) {
    case LLMGW__CHOICE_UNSET:
    case LLMGW__CHOICE_AUTO:
        return NULL;
    case LLMGW__CHOICE_NONE:
        return "NONE";
    case LLMGW__CHOICE_REQUIRED:
    case LLMGW__CHOICE_NAMED:
        return "REQUIRED";
    case LLMGW__CHOICE_ALLOWED:
        return chat->choice_required ? "REQUIRED" : NULL;
    }
    return NULL;
}
