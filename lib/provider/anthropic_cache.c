/*
 * provider/anthropic_cache.c - breakpoints of the prompt cache: at most four.
 *
 * They are counted first and asked for in the order in which they are written
 * (tools, system, messages: the order of the cached prefix), so that of too
 * many the last ones stay.
 *
 * Source: Messages API, "Prompt caching". Memory: none.
 */
#include "anthropic_content.h"

#define MAX_BREAKPOINTS 4

static llmgw_str breakpoint_of(const struct llmgw__jdoc *doc, uint32_t node);
static llmgw_str part_breakpoint(const struct llmgw__anthropic_encoder *e,
                                 size_t message, size_t part);
static llmgw_str take(struct llmgw__anthropic_encoder *e, llmgw_str cache);
static llmgw_str tool_breakpoint(const struct llmgw__jdoc *doc,
                                 const struct llmgw__tool *tool);
static llmgw_str orphan_breakpoint(const struct llmgw__anthropic_encoder *e,
                                   size_t message);
static size_t count_blocks(const struct llmgw__jdoc *doc, uint32_t blocks);
static size_t count_message(const struct llmgw__anthropic_encoder *e,
                            size_t message);

void llmgw__anthropic_plan_cache(struct llmgw__anthropic_encoder *e)
{
    const struct llmgw__chat *chat = e->chat;
    size_t most = MAX_BREAKPOINTS;
    size_t count = 0;

    if (llmgw__chat_member(chat, "cache_control") != LLMGW__JNONE)
        most--; /* the service puts one on the last block by itself */
    for (size_t i = 0; i < chat->tool_count; i++)
        count += tool_breakpoint(&chat->doc, &chat->tools[i]).len > 0 &&
                 llmgw__anthropic_offers(e, &chat->tools[i]);
    count += count_blocks(&chat->doc, llmgw__chat_member(chat, "system"));
    for (size_t i = 0; i < chat->message_count; i++)
        count += count_message(e, i);
    e->cache_skip = count > most ? count - most : 0;
}

llmgw_str llmgw__anthropic_cache_node(struct llmgw__anthropic_encoder *e,
                                      uint32_t node)
{
    return take(e, breakpoint_of(&e->chat->doc, node));
}

llmgw_str llmgw__anthropic_cache_part(struct llmgw__anthropic_encoder *e,
                                      size_t message, size_t part)
{
    return take(e, part_breakpoint(e, message, part));
}

llmgw_str llmgw__anthropic_cache_orphan(struct llmgw__anthropic_encoder *e,
                                        size_t message)
{
    return take(e, orphan_breakpoint(e, message));
}

llmgw_str llmgw__anthropic_cache_tool(struct llmgw__anthropic_encoder *e,
                                      const struct llmgw__tool *tool)
{
    return take(e, tool_breakpoint(&e->chat->doc, tool));
}

void llmgw__anthropic_write_marked(struct llmgw__anthropic_encoder *e,
                                   uint32_t object)
{
    static const char *const mark[] = {"cache_control", NULL};
    llmgw_str cache = breakpoint_of(&e->chat->doc, object);

    if (!cache.len || take(e, cache).len) {
        llmgw__jsonw_node(&e->w, &e->chat->doc, object);
        return;
    }
    llmgw__jsonw_open(&e->w, '{');
    llmgw__anthropic_members(e, object, mark);
    llmgw__jsonw_close(&e->w, '}');
}

static llmgw_str take(struct llmgw__anthropic_encoder *e, llmgw_str cache)
{
    if (!cache.len || !e->cache_skip)
        return cache;
    e->cache_skip--;
    return (llmgw_str){NULL, 0};
}

static llmgw_str breakpoint_of(const struct llmgw__jdoc *doc, uint32_t node)
{
    uint32_t own = llmgw__jdoc_get(doc, node, "cache_control");
    uint32_t openai = llmgw__jdoc_get(doc, node, "prompt_cache_breakpoint");

    if (llmgw__jdoc_type(doc, own) == LLMGW__JSON_OBJECT)
        return llmgw__jdoc_raw(doc, own);
    if (llmgw__jdoc_type(doc, openai) == LLMGW__JSON_OBJECT)
        return LLMGW__LIT("{\"type\":\"ephemeral\"}");
    return (llmgw_str){NULL, 0};
}

/** On the tool, or inside where its name stands. */
static llmgw_str tool_breakpoint(const struct llmgw__jdoc *doc,
                                 const struct llmgw__tool *tool)
{
    llmgw_str cache = breakpoint_of(doc, tool->node);

    if (!cache.len && tool->type == LLMGW__TOOL_FUNCTION)
        cache =
            breakpoint_of(doc, llmgw__jdoc_get(doc, tool->node, "function"));
    return cache;
}

/** Its texts are one block: the first breakpoint there is. */
static llmgw_str orphan_breakpoint(const struct llmgw__anthropic_encoder *e,
                                   size_t message)
{
    const struct llmgw__message *from = &e->chat->messages[message];
    llmgw_str cache = breakpoint_of(&e->chat->doc, from->node);

    for (size_t i = 0; i < from->part_count && !cache.len; i++)
        if (from->parts[i].type <= LLMGW__PART_REFUSAL)
            cache = breakpoint_of(&e->chat->doc, from->parts[i].node);
    return cache;
}

/** Of blocks that go out as they stand. */
static size_t count_blocks(const struct llmgw__jdoc *doc, uint32_t blocks)
{
    size_t count = 0;

    if (llmgw__jdoc_type(doc, blocks) != LLMGW__JSON_ARRAY)
        return 0;
    for (uint32_t at = llmgw__jdoc_first(doc, blocks); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, blocks, at))
        count += breakpoint_of(doc, at).len > 0;
    return count;
}

/** Does a message's own breakpoint belong to its last part? Those of results
 *  and of calls have a block of their own to stand on. */
static bool on_last_part(const struct llmgw__message *message, size_t part)
{
    if (message->role == LLMGW__ROLE_TOOL || message->call_count)
        return false;
    for (size_t i = part + 1; i < message->part_count; i++)
        if (message->parts[i].type > LLMGW__PART_REFUSAL ||
            !llmgw__anthropic_blank(message->parts[i].text))
            return false;
    return true;
}

static llmgw_str part_breakpoint(const struct llmgw__anthropic_encoder *e,
                                 size_t message, size_t part)
{
    const struct llmgw__message *from = &e->chat->messages[message];
    llmgw_str cache = breakpoint_of(&e->chat->doc, from->parts[part].node);

    if (cache.len)
        return cache;
    cache = breakpoint_of(&e->chat->doc, from->node);
    if (cache.len && !on_last_part(from, part))
        cache.len = 0;
    return cache;
}

static size_t count_message(const struct llmgw__anthropic_encoder *e,
                            size_t message)
{
    const struct llmgw__message *from = &e->chat->messages[message];
    uint8_t kind = e->plan.kinds[message];
    bool orphan = kind == LLMGW__ANTHROPIC_ORPHAN;
    size_t count = 0;

    if (kind == LLMGW__ANTHROPIC_BLANK ||
        llmgw__anthropic_replay(e, from) != LLMGW__JNONE)
        return 0;
    for (size_t i = 0; i < from->part_count; i++) {
        bool text = from->parts[i].type <= LLMGW__PART_REFUSAL;

        if (!text || (!orphan && !llmgw__anthropic_blank(from->parts[i].text)))
            count += part_breakpoint(e, message, i).len > 0;
    }
    if (orphan)
        count += orphan_breakpoint(e, message).len > 0;
    else if (from->call_count || kind == LLMGW__ANTHROPIC_RESULT)
        count += breakpoint_of(&e->chat->doc, from->node).len > 0;
    return count;
}
