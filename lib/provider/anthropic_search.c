/*
 * provider/anthropic_search.c - web_search_options as a tool that the service
 * runs.
 *
 * Only where the provider's settings allow such tools: they cost extra, and
 * take what the host says to the web.
 *
 * Source: Messages API, "Web search tool". Memory: none.
 */
#include "anthropic_content.h"

static bool has_own_search(const struct llmgw__chat *chat);

void llmgw__anthropic_plan_search(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t options = llmgw__chat_member(e->chat, "web_search_options");
    const char *setting = llmgw__provider_setting(
        e->io->target->provider, LLMGW__ANTHROPIC_SERVER_TOOLS);
    bool allowed = setting && llmgw__str_is(llmgw__str(setting), "true") &&
                   !llmgw__anthropic_rules(e, LLMGW__ANTHROPIC_NO_SERVER_TOOLS);
    struct llmgw__jstr size;

    if (options == LLMGW__JNONE)
        return;
    size = llmgw__jdoc_get_string(doc, options, "search_context_size");
    if (!allowed || (size.data && !llmgw__jstr_is(size, "medium")))
        llmgw__anthropic_adjust(e, "web_search_options", "dropped",
                                "unsupported");
    e->search = allowed && !e->only_named && !has_own_search(e->chat);
    e->offered += e->search;
}

/** Tools have names once; the host's own one has its own options. */
static bool has_own_search(const struct llmgw__chat *chat)
{
    for (size_t i = 0; i < chat->tool_count; i++)
        if (llmgw__jstr_is(
                llmgw__jdoc_get_string(&chat->doc, chat->tools[i].node, "name"),
                "web_search") ||
            llmgw__jstr_is(chat->tools[i].name, "web_search"))
            return true;
    return false;
}

static void write_location(struct llmgw__anthropic_encoder *e, uint32_t where)
{
    static const char *const members[] = {"city", "region", "country",
                                          "timezone"};
    const struct llmgw__jdoc *doc = &e->chat->doc;
    struct llmgw__jsonw *w = &e->w;

    llmgw__jsonw_member_open(w, "user_location", '{');
    llmgw__jsonw_member_z(w, "type", "approximate");
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        struct llmgw__jstr value =
            llmgw__jdoc_get_string(doc, where, members[i]);

        if (value.len)
            llmgw__jsonw_member_jstr(w, members[i], value);
    }
    llmgw__jsonw_close(w, '}');
}

void llmgw__anthropic_write_search(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t options = llmgw__chat_member(e->chat, "web_search_options");
    uint32_t where = llmgw__jdoc_get(
        doc, llmgw__jdoc_get(doc, options, "user_location"), "approximate");

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "web_search_20250305");
    llmgw__jsonw_member_z(&e->w, "name", "web_search");
    if (llmgw__jdoc_type(doc, where) == LLMGW__JSON_OBJECT)
        write_location(e, where);
    llmgw__jsonw_close(&e->w, '}');
}
