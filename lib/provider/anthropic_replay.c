/*
 * provider/anthropic_replay.c - send thinking back as it came.
 *
 * The service signs its thinking and refuses what was changed, so bytes are
 * passed on as they stand. In order of precedence: the provider's own blocks
 * (message.llmgw), OpenRouter's reasoning_details, LiteLLM's thinking_blocks.
 * Thinking without a signature is never sent: it would be refused.
 *
 * Source: Messages API, "Extended thinking", "Preserving thinking blocks".
 * Memory: none.
 */
#include "anthropic_content.h"

static bool has_text(const struct llmgw__jdoc *doc, uint32_t object,
                     const char *key);
static bool is_type(const struct llmgw__jdoc *doc, uint32_t object,
                    const char *type);
static bool is_empty_text(const struct llmgw__jdoc *doc, uint32_t block);
static size_t send_details(struct llmgw__anthropic_encoder *e, uint32_t list,
                           struct llmgw__anthropic_content *content);
static void echo(struct llmgw__anthropic_content *content,
                 struct llmgw__jstr text);
static size_t send_blocks(struct llmgw__anthropic_encoder *e, uint32_t list,
                          struct llmgw__anthropic_content *content);

uint32_t llmgw__anthropic_replay(const struct llmgw__anthropic_encoder *e,
                                 const struct llmgw__message *message)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t blocks;

    if (message->replay == LLMGW__JNONE || e->shape ||
        !llmgw__jstr_is(llmgw__jdoc_get_string(doc, message->replay, "family"),
                        "anthropic"))
        return LLMGW__JNONE;
    blocks = llmgw__jdoc_get(doc, message->replay, "content");
    if (llmgw__jdoc_type(doc, blocks) != LLMGW__JSON_ARRAY)
        return LLMGW__JNONE;
    for (uint32_t block = llmgw__jdoc_first(doc, blocks); block != LLMGW__JNONE;
         block = llmgw__jdoc_next(doc, blocks, block))
        if (!is_empty_text(doc, block))
            return blocks;
    return LLMGW__JNONE; /* nothing in them that may be sent */
}

static bool is_empty_text(const struct llmgw__jdoc *doc, uint32_t block)
{
    return is_type(doc, block, "text") &&
           llmgw__anthropic_blank(llmgw__jdoc_get_string(doc, block, "text"));
}

static bool says_something(const struct llmgw__jdoc *doc, uint32_t blocks)
{
    for (uint32_t block = llmgw__jdoc_first(doc, blocks); block != LLMGW__JNONE;
         block = llmgw__jdoc_next(doc, blocks, block))
        if (is_type(doc, block, "text") && !is_empty_text(doc, block))
            return true;
    return false;
}

/** An answer may hold texts that show nothing. A request may not if they are
 *  empty, if they are all the text there is, or if they end it. */
void llmgw__anthropic_write_replay(struct llmgw__anthropic_content *content,
                                   uint32_t blocks, bool last)
{
    const struct llmgw__jdoc *doc = &content->e->chat->doc;
    bool says = says_something(doc, blocks);
    uint32_t block = llmgw__jdoc_first(doc, blocks);

    while (block != LLMGW__JNONE) {
        uint32_t next = llmgw__jdoc_next(doc, blocks, block);
        bool kept = says && has_text(doc, block, "text") &&
                    !(last && next == LLMGW__JNONE);

        if (kept || !is_empty_text(doc, block)) {
            llmgw__anthropic_content_block(content);
            llmgw__jsonw_node(&content->e->w, doc, block);
        }
        block = next;
    }
}

size_t llmgw__anthropic_thoughts(struct llmgw__anthropic_encoder *e,
                                 const struct llmgw__message *message,
                                 struct llmgw__anthropic_content *content)
{
    size_t count = send_details(e, message->details, content);

    if (!count && e->echoes && content && message->reasoning.len)
        echo(content, message->reasoning);
    if (count || e->chat->stateless || e->echoes)
        return count;
    return send_blocks(
        e, llmgw__jdoc_get(&e->chat->doc, message->node, "thinking_blocks"),
        content);
}

/* --- reasoning_details --- */

/** One entry that came in pieces: those beside each other that share type and
 *  index. */
struct pieces {
    uint32_t first;
    uint32_t end; /* the entry after the last, LLMGW__JNONE: the list's end */
    uint32_t signature;
};

static bool is_ours(const struct llmgw__anthropic_encoder *e, uint32_t entry)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t format = llmgw__jdoc_get(doc, entry, "format");

    return llmgw__jdoc_type(doc, format) != LLMGW__JSON_STRING ||
           llmgw__jstr_is(llmgw__jdoc_string(doc, format),
                          e->state ? e->state : "anthropic-claude-v1");
}

static bool belong(const struct llmgw__jdoc *doc, uint32_t a, uint32_t b)
{
    uint32_t one = llmgw__jdoc_get(doc, a, "index");
    uint32_t other = llmgw__jdoc_get(doc, b, "index");

    return llmgw__jdoc_type(doc, one) == LLMGW__JSON_NUMBER &&
           llmgw__str_eq(llmgw__jdoc_raw(doc, one),
                         llmgw__jdoc_raw(doc, other)) &&
           is_type(doc, b, "reasoning.text");
}

static struct pieces take_pieces(const struct llmgw__jdoc *doc, uint32_t list,
                                 uint32_t entry)
{
    struct pieces pieces = {entry, entry, LLMGW__JNONE};

    do {
        if (has_text(doc, pieces.end, "signature"))
            pieces.signature = llmgw__jdoc_get(doc, pieces.end, "signature");
        pieces.end = llmgw__jdoc_next(doc, list, pieces.end);
    } while (pieces.end != LLMGW__JNONE && belong(doc, entry, pieces.end));
    return pieces;
}

void llmgw__anthropic_thought_text(struct llmgw__anthropic_encoder *e,
                                   const struct llmgw__anthropic_thought *t)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;

    llmgw__jsonw_str_add_raw(&e->w, (llmgw_str){t->text.data, t->text.len});
    for (uint32_t at = t->first; at != t->end;
         at = llmgw__jdoc_next(doc, t->list, at)) {
        struct llmgw__jstr text = llmgw__jdoc_get_string(doc, at, "text");

        llmgw__jsonw_str_add_raw(&e->w, (llmgw_str){text.data, text.len});
    }
}

static void write_thought(struct llmgw__anthropic_content *content,
                          const struct llmgw__anthropic_thought *thought)
{
    struct llmgw__jsonw *w = &content->e->w;

    if (content->e->shape) {
        content->e->shape->thought(content, thought);
        return;
    }
    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    if (thought->redacted.data) {
        llmgw__jsonw_member_z(w, "type", "redacted_thinking");
        llmgw__jsonw_member_jstr(w, "data", thought->redacted);
    } else {
        llmgw__jsonw_member_z(w, "type", "thinking");
        llmgw__jsonw_key(w, "thinking");
        llmgw__jsonw_str_open(w);
        llmgw__anthropic_thought_text(content->e, thought);
        llmgw__jsonw_str_close(w);
        llmgw__jsonw_member_jstr(w, "signature", thought->signature);
    }
    llmgw__jsonw_close(w, '}');
}

static void echo(struct llmgw__anthropic_content *content,
                 struct llmgw__jstr text)
{
    const struct llmgw__anthropic_thought thought = {
        .text = text, .first = LLMGW__JNONE, .end = LLMGW__JNONE};

    write_thought(content, &thought);
}

static void write_entry(struct llmgw__anthropic_content *content, uint32_t list,
                        const struct pieces *pieces, bool redacted)
{
    const struct llmgw__jdoc *doc = &content->e->chat->doc;
    struct llmgw__anthropic_thought thought = {
        .list = list, .first = LLMGW__JNONE, .end = LLMGW__JNONE};

    if (redacted) {
        thought.redacted = llmgw__jdoc_get_string(doc, pieces->first, "data");
    } else {
        thought.first = pieces->first;
        thought.end = pieces->end;
        thought.signature = llmgw__jdoc_string(doc, pieces->signature);
    }
    write_thought(content, &thought);
}

static size_t send_details(struct llmgw__anthropic_encoder *e, uint32_t list,
                           struct llmgw__anthropic_content *content)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t entry = llmgw__jdoc_first(doc, list);
    size_t count = 0;

    while (entry != LLMGW__JNONE) {
        struct pieces pieces = {entry, LLMGW__JNONE, LLMGW__JNONE};
        bool text = is_type(doc, entry, "reasoning.text");
        bool redacted = is_type(doc, entry, "reasoning.encrypted") &&
                        has_text(doc, entry, "data");
        bool ours = is_ours(e, entry);

        if (text)
            pieces = take_pieces(doc, list, entry);
        else
            pieces.end = llmgw__jdoc_next(doc, list, entry);
        text = text && pieces.signature != LLMGW__JNONE;
        if (ours && (text || redacted) && content)
            write_entry(content, list, &pieces, redacted);
        count += ours && (text || redacted);
        entry = pieces.end;
    }
    return count;
}

/* --- thinking_blocks --- */

/** Thinking takes no breakpoint; those who pass it on write one. */
static const char *const no_mark[] = {"cache_control", NULL};

static void reshape(struct llmgw__anthropic_content *content, uint32_t block)
{
    const struct llmgw__jdoc *doc = &content->e->chat->doc;
    struct llmgw__anthropic_thought thought = {
        .first = LLMGW__JNONE,
        .end = LLMGW__JNONE,
        .text = llmgw__jdoc_get_string(doc, block, "thinking"),
        .signature = llmgw__jdoc_get_string(doc, block, "signature"),
        .redacted = llmgw__jdoc_get_string(doc, block, "data"),
    };

    write_thought(content, &thought);
}

static size_t send_blocks(struct llmgw__anthropic_encoder *e, uint32_t list,
                          struct llmgw__anthropic_content *content)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    size_t count = 0;

    if (llmgw__jdoc_type(doc, list) != LLMGW__JSON_ARRAY)
        return 0;
    for (uint32_t block = llmgw__jdoc_first(doc, list); block != LLMGW__JNONE;
         block = llmgw__jdoc_next(doc, list, block)) {
        bool whole = (is_type(doc, block, "thinking") &&
                      has_text(doc, block, "signature")) ||
                     (is_type(doc, block, "redacted_thinking") &&
                      has_text(doc, block, "data"));

        if (!whole)
            continue;
        count++;
        if (content && e->shape)
            reshape(content, block);
        if (!content || e->shape)
            continue;
        llmgw__anthropic_content_block(content);
        llmgw__jsonw_open(&e->w, '{');
        llmgw__anthropic_members(e, block, no_mark);
        llmgw__jsonw_close(&e->w, '}');
    }
    return count;
}

static bool has_text(const struct llmgw__jdoc *doc, uint32_t object,
                     const char *key)
{
    return llmgw__jdoc_get_string(doc, object, key).len > 0;
}

static bool is_type(const struct llmgw__jdoc *doc, uint32_t object,
                    const char *type)
{
    return llmgw__jstr_is(llmgw__jdoc_get_string(doc, object, "type"), type);
}
