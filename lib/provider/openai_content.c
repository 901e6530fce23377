/*
 * provider/openai_content.c - the content of a message.
 *
 * It goes out as it came, but for: reasoning that travels inside the content,
 * a refusal where there is no such part, and cache breakpoints and switches.
 *
 * Source: OpenAI API description 2.3.0. Memory: none of its own.
 */
#include "openai_encode.h"

#define BREAKPOINT "prompt_cache_breakpoint"

static bool part_keeps(const struct llmgw__openai_encode *o, uint32_t part);
static void write_thinking(struct llmgw__openai_encode *o,
                           const struct llmgw__message *message,
                           uint32_t content);
static void write_parts(struct llmgw__openai_encode *o, uint32_t content);
static void write_tagged(struct llmgw__openai_encode *o,
                         const struct llmgw__message *message,
                         uint32_t content);

bool llmgw__openai_content_keeps(const struct llmgw__openai_encode *o,
                                 const struct llmgw__message *message,
                                 uint32_t content)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    enum llmgw__json_type type = llmgw__jdoc_type(doc, content);
    uint32_t item = LLMGW__JNONE;

    if (llmgw__openai_thinks_in_content(o, message))
        return false;
    if (type == LLMGW__JSON_NULL) /* becomes a text, where it has to */
        return o->full || (!message->refusal.data &&
                           !(o->service->flags & LLMGW__OPENAI_CONTENT_STRING));
    if (type == LLMGW__JSON_ARRAY)
        item = llmgw__jdoc_first(doc, content);
    for (; item != LLMGW__JNONE; item = llmgw__jdoc_next(doc, content, item))
        if (!part_keeps(o, item))
            return false;
    return true;
}

void llmgw__openai_content(struct llmgw__openai_encode *o,
                           const struct llmgw__message *message,
                           uint32_t content)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    enum llmgw__json_type type = llmgw__jdoc_type(doc, content);

    if (llmgw__openai_thinks_in_content(o, message)) {
        if (llmgw__openai_tags(o))
            write_tagged(o, message, content);
        else
            write_thinking(o, message, content);
    } else if (type == LLMGW__JSON_ARRAY) {
        llmgw__jsonw_open(&o->w, '[');
        write_parts(o, content);
        llmgw__jsonw_close(&o->w, ']');
    } else if (type == LLMGW__JSON_NULL && message->refusal.data) {
        llmgw__jsonw_jstr(&o->w, message->refusal);
    } else if (type == LLMGW__JSON_NULL &&
               (o->service->flags & LLMGW__OPENAI_CONTENT_STRING)) {
        llmgw__jsonw_z(&o->w, "");
    } else {
        llmgw__jsonw_node(&o->w, doc, content);
    }
}

bool llmgw__openai_tags(const struct llmgw__openai_encode *o)
{
    return (o->rejects & LLMGW__OPENAI_REASONING) != 0;
}

bool llmgw__openai_thinks_in_content(const struct llmgw__openai_encode *o,
                                     const struct llmgw__message *message)
{
    return ((o->service->flags & LLMGW__OPENAI_THINK_PARTS) ||
            llmgw__openai_tags(o)) &&
           message->reasoning.len > 0;
}

/* <think>reasoning</think> before what was said. */
static void write_tagged(struct llmgw__openai_encode *o,
                         const struct llmgw__message *message, uint32_t content)
{
    struct llmgw__jstr text = llmgw__jdoc_string(&o->chat->doc, content);
    bool parts = llmgw__jdoc_type(&o->chat->doc, content) == LLMGW__JSON_ARRAY;

    if (parts) {
        llmgw__jsonw_open(&o->w, '[');
        llmgw__jsonw_open(&o->w, '{');
        llmgw__jsonw_member_z(&o->w, "type", "text");
        llmgw__jsonw_key(&o->w, "text");
    }
    llmgw__jsonw_str_open(&o->w);
    llmgw__jsonw_str_add(&o->w, LLMGW__LIT("<think>"));
    llmgw__jsonw_str_add_raw(
        &o->w, llmgw__str_n(message->reasoning.data, message->reasoning.len));
    llmgw__jsonw_str_add(&o->w, LLMGW__LIT("</think>"));
    llmgw__jsonw_str_add_raw(&o->w, llmgw__str_n(text.data, text.len));
    llmgw__jsonw_str_close(&o->w);
    if (parts) {
        llmgw__jsonw_close(&o->w, '}');
        write_parts(o, content);
        llmgw__jsonw_close(&o->w, ']');
    }
}

/* [{type: thinking, thinking: [{type: text, text}], closed}, parts…] */
static void write_thinking(struct llmgw__openai_encode *o,
                           const struct llmgw__message *message,
                           uint32_t content)
{
    struct llmgw__jstr text = llmgw__jdoc_string(&o->chat->doc, content);

    llmgw__jsonw_open(&o->w, '[');
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "thinking");
    llmgw__jsonw_member_open(&o->w, "thinking", '[');
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "text");
    llmgw__jsonw_member_jstr(&o->w, "text", message->reasoning);
    llmgw__jsonw_close(&o->w, '}');
    llmgw__jsonw_close(&o->w, ']');
    llmgw__jsonw_member_bool(&o->w, "closed", true);
    llmgw__jsonw_close(&o->w, '}');
    if (text.len > 0)
        llmgw__openai_text_part(o, text);
    write_parts(o, content);
    llmgw__jsonw_close(&o->w, ']');
}

/* OpenAI itself knows breakpoints and refusals, but no switch of others. */
static bool part_keeps(const struct llmgw__openai_encode *o, uint32_t part)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;

    return (o->full
                ? llmgw__jdoc_get(doc, part, "cache_control") == LLMGW__JNONE
                : llmgw__jdoc_get(doc, part, "refusal") == LLMGW__JNONE) &&
           ((o->full && o->marks) ||
            llmgw__jdoc_get(doc, part, BREAKPOINT) == LLMGW__JNONE);
}

/* Is this a switch of the cache that has no place there? */
static bool is_switch(const struct llmgw__openai_encode *o,
                      struct llmgw__jstr name)
{
    return (o->full && llmgw__jstr_is(name, "cache_control")) ||
           (!(o->full && o->marks) && llmgw__jstr_is(name, BREAKPOINT));
}

static void write_parts(struct llmgw__openai_encode *o, uint32_t content)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t item;

    if (llmgw__jdoc_type(doc, content) != LLMGW__JSON_ARRAY)
        return;
    item = llmgw__jdoc_first(doc, content);
    for (; item != LLMGW__JNONE; item = llmgw__jdoc_next(doc, content, item))
        llmgw__openai_part(o, item);
}

void llmgw__openai_text_part(struct llmgw__openai_encode *o,
                             struct llmgw__jstr text)
{
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "text");
    llmgw__jsonw_member_jstr(&o->w, "text", text);
    llmgw__jsonw_close(&o->w, '}');
}

void llmgw__openai_part(struct llmgw__openai_encode *o, uint32_t part)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t refusal =
        o->full ? LLMGW__JNONE : llmgw__jdoc_get(doc, part, "refusal");
    uint32_t key = llmgw__jdoc_first(doc, part);

    llmgw__jsonw_open(&o->w, '{');
    while (refusal == LLMGW__JNONE && key != LLMGW__JNONE) {
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        uint32_t value = llmgw__jdoc_next(doc, part, key);

        if (!is_switch(o, name)) {
            llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&o->w, doc, value);
        } else if (o->service->flags & LLMGW__OPENAI_CACHE_CONTROL) {
            llmgw__jsonw_member_raw(&o->w, "cache_control",
                                    LLMGW__LIT("{\"type\":\"ephemeral\"}"));
        }
        key = llmgw__jdoc_next(doc, part, value);
    }
    if (refusal != LLMGW__JNONE) {
        llmgw__jsonw_member_z(&o->w, "type", "text");
        llmgw__jsonw_member_jstr(&o->w, "text",
                                 llmgw__jdoc_string(doc, refusal));
    }
    llmgw__jsonw_close(&o->w, '}');
}
