/*
 * provider/anthropic_content.c - content as the shortest of its two forms.
 *
 * A plain text that is alone is a string; with anything beside it, an array.
 * So the first text is held back until it is known whether it stays alone.
 *
 * Memory: none.
 */
#include "anthropic_content.h"

static void open_array(struct llmgw__anthropic_content *content);
static void write_text(struct llmgw__anthropic_encoder *e,
                       struct llmgw__jstr text, llmgw_str cache);

void llmgw__anthropic_content_init(struct llmgw__anthropic_content *content,
                                   struct llmgw__anthropic_encoder *e,
                                   const char *key)
{
    *content = (struct llmgw__anthropic_content){.e = e, .key = key};
}

void llmgw__anthropic_content_text(struct llmgw__anthropic_content *content,
                                   struct llmgw__jstr text, llmgw_str cache)
{
    if (llmgw__anthropic_blank(text))
        return;
    if (!content->open && !content->held.data && !cache.len &&
        !content->e->shape) {
        content->held = text;
        return;
    }
    open_array(content);
    content->says = true;
    write_text(content->e, text, cache);
}

void llmgw__anthropic_content_block(struct llmgw__anthropic_content *content)
{
    open_array(content);
}

void llmgw__anthropic_content_end(struct llmgw__anthropic_content *content)
{
    struct llmgw__jsonw *w = &content->e->w;

    if (content->open && content->e->shape)
        content->e->shape->end(content);
    if (content->open)
        llmgw__jsonw_close(w, ']');
    else if (content->held.data)
        llmgw__jsonw_member_jstr(w, content->key, content->held);
}

static void open_array(struct llmgw__anthropic_content *content)
{
    struct llmgw__jsonw *w = &content->e->w;

    if (content->alone)
        content->e->shape->split(content);
    if (content->open)
        return;
    content->open = true;
    llmgw__jsonw_member_open(w, content->key, '[');
    if (content->held.data)
        write_text(content->e, content->held, (llmgw_str){NULL, 0});
}

static void write_text(struct llmgw__anthropic_encoder *e,
                       struct llmgw__jstr text, llmgw_str cache)
{
    if (e->shape) {
        e->shape->text(e, text, cache);
        return;
    }
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "text");
    llmgw__jsonw_member_jstr(&e->w, "text", text);
    if (cache.len)
        llmgw__jsonw_member_raw(&e->w, "cache_control", cache);
    llmgw__jsonw_close(&e->w, '}');
}

/** Is this the very last text of a turn that is to be gone on with? */
static bool is_tail(const struct llmgw__anthropic_encoder *e, size_t message,
                    size_t part)
{
    const struct llmgw__message *from = &e->chat->messages[message];

    if (!e->plan.prefill)
        return false;
    for (size_t i = message + 1; i < e->chat->message_count; i++)
        if (e->plan.kinds[i] != LLMGW__ANTHROPIC_BLANK)
            return false;
    for (size_t i = part + 1; i < from->part_count; i++)
        if (!llmgw__anthropic_blank(from->parts[i].text))
            return false;
    return true;
}

static void write_parts(struct llmgw__anthropic_content *content,
                        size_t message, bool texts, bool others)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__message *from = &e->chat->messages[message];

    for (size_t i = 0; i < from->part_count; i++) {
        const struct llmgw__part *part = &from->parts[i];
        bool text = part->type <= LLMGW__PART_REFUSAL;
        llmgw_str cache;

        if (text ? !texts || llmgw__anthropic_blank(part->text) : !others)
            continue;
        cache = llmgw__anthropic_cache_part(e, message, i);
        if (text && is_tail(e, message, i))
            llmgw__anthropic_content_text(
                content, llmgw__anthropic_trim_end(part->text), cache);
        else if (text)
            llmgw__anthropic_content_text(content, part->text, cache);
        else if (e->shape)
            e->shape->media(content, message, i, cache);
        else
            llmgw__anthropic_media(content, message, i, cache);
    }
}

void llmgw__anthropic_parts(struct llmgw__anthropic_content *content,
                            size_t message)
{
    write_parts(content, message, true, true);
}

void llmgw__anthropic_texts(struct llmgw__anthropic_content *content,
                            size_t message)
{
    write_parts(content, message, true, false);
}

void llmgw__anthropic_others(struct llmgw__anthropic_content *content,
                             size_t message)
{
    write_parts(content, message, false, true);
}
