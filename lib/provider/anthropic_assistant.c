/*
 * provider/anthropic_assistant.c - write a turn of the assistant.
 *
 * Thinking, then text, then calls, as the service demands it; unless a message
 * brings the provider's own blocks: then each message goes out as it is.
 *
 * Source: Messages API, "Tool use", "Extended thinking". Memory: arguments
 * with escapes resolved, in the attempt's arena.
 */
#include "anthropic_content.h"

static void write_in_order(struct llmgw__anthropic_content *content,
                           const struct llmgw__anthropic_turn *turn);
static void write_as_is(struct llmgw__anthropic_content *content,
                        const struct llmgw__anthropic_turn *turn);
static bool any_replay(struct llmgw__anthropic_encoder *e,
                       const struct llmgw__anthropic_turn *turn);
static void write_calls(struct llmgw__anthropic_content *content,
                        const struct llmgw__anthropic_turn *turn,
                        size_t message);

void llmgw__anthropic_write_assistant(struct llmgw__anthropic_encoder *e,
                                      const struct llmgw__anthropic_turn *turn)
{
    struct llmgw__anthropic_content content;

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "role", "assistant");
    llmgw__anthropic_content_init(&content, e, "content");
    if (any_replay(e, turn))
        write_as_is(&content, turn);
    else
        write_in_order(&content, turn);
    llmgw__anthropic_content_end(&content);
    llmgw__jsonw_close(&e->w, '}');
}

static bool is_assistant(const struct llmgw__anthropic_encoder *e, size_t i)
{
    return e->plan.kinds[i] == LLMGW__ANTHROPIC_ASSISTANT;
}

static void write_in_order(struct llmgw__anthropic_content *content,
                           const struct llmgw__anthropic_turn *turn)
{
    struct llmgw__anthropic_encoder *e = content->e;

    for (size_t i = turn->first; i < turn->end; i++)
        if (is_assistant(e, i))
            (void)llmgw__anthropic_thoughts(e, &e->chat->messages[i], content);
    for (size_t i = turn->first; i < turn->end; i++)
        if (is_assistant(e, i))
            llmgw__anthropic_said(content, i);
    for (size_t i = turn->first; i < turn->end; i++)
        if (is_assistant(e, i))
            write_calls(content, turn, i);
}

static void write_as_is(struct llmgw__anthropic_content *content,
                        const struct llmgw__anthropic_turn *turn)
{
    struct llmgw__anthropic_encoder *e = content->e;
    bool last = turn + 1 == e->plan.turns + e->plan.turn_count;

    for (size_t i = turn->first; i < turn->end; i++) {
        const struct llmgw__message *from = &e->chat->messages[i];
        uint32_t blocks;

        if (!is_assistant(e, i))
            continue;
        blocks = llmgw__anthropic_replay(e, from);
        if (blocks != LLMGW__JNONE) {
            llmgw__anthropic_write_replay(content, blocks, last);
            continue;
        }
        (void)llmgw__anthropic_thoughts(e, from, content);
        llmgw__anthropic_said(content, i);
        write_calls(content, turn, i);
    }
}

static bool any_replay(struct llmgw__anthropic_encoder *e,
                       const struct llmgw__anthropic_turn *turn)
{
    for (size_t i = turn->first; i < turn->end; i++)
        if (is_assistant(e, i) &&
            llmgw__anthropic_replay(e, &e->chat->messages[i]) != LLMGW__JNONE)
            return true;
    return false;
}

/** What a refusal said is text, last of its message. */
void llmgw__anthropic_said(struct llmgw__anthropic_content *content,
                           size_t message)
{
    const struct llmgw__message *from = &content->e->chat->messages[message];

    llmgw__anthropic_parts(content, message);
    llmgw__anthropic_content_text(content,
                                  llmgw__anthropic_trim_end(from->refusal),
                                  (llmgw_str){NULL, 0});
}

/** The arguments of a call as the object the wire wants. */
void llmgw__anthropic_write_input(struct llmgw__anthropic_encoder *e,
                                  const struct llmgw__tool_call *call)
{
    const char *wrap = NULL; /* member to put it under */
    struct llmgw__json json;
    llmgw_str text = {NULL, 0};

    if (call->custom) {
        wrap = "input";
    } else if (!llmgw__anthropic_blank(call->arguments)) {
        text = llmgw__anthropic_text(e, call->arguments);
        llmgw__json_init(&json, text);
        if (llmgw__json_peek(&json) != LLMGW__JSON_OBJECT)
            wrap = "value";
        llmgw__json_skip(&json);
        if (!llmgw__json_end(&json) || llmgw__utf8_valid(text) != text.len ||
            llmgw__json_has_half(text))
            wrap = "INVALID_JSON";
    }
    if (!wrap && text.len) {
        llmgw__jsonw_member_raw(&e->w, "input", llmgw__str_trim(text));
        return;
    }
    llmgw__jsonw_member_open(&e->w, "input", '{');
    if (wrap && wrap[0] == 'v')
        llmgw__jsonw_member_raw(&e->w, wrap, llmgw__str_trim(text));
    else if (wrap)
        llmgw__jsonw_member_jstr(&e->w, wrap, call->arguments);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_call(struct llmgw__anthropic_content *content,
                       const struct llmgw__anthropic_call *call,
                       llmgw_str cache)
{
    struct llmgw__anthropic_encoder *e = content->e;

    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "tool_use");
    llmgw__jsonw_member_str(&e->w, "id", call->sent);
    llmgw__jsonw_member_jstr(&e->w, "name", call->call->name);
    llmgw__anthropic_write_input(e, call->call);
    if (cache.len)
        llmgw__jsonw_member_raw(&e->w, "cache_control", cache);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_calls(struct llmgw__anthropic_content *content,
                        const struct llmgw__anthropic_turn *turn,
                        size_t message)
{
    struct llmgw__anthropic_encoder *e = content->e;

    for (size_t i = 0; i < turn->call_count; i++) {
        const struct llmgw__anthropic_call *call = &turn->calls[i];
        bool last =
            i + 1 == turn->call_count || turn->calls[i + 1].message != message;
        llmgw_str cache = {NULL, 0};

        if (call->message != message || !call->call)
            continue;
        if (last)
            cache =
                llmgw__anthropic_cache_node(e, e->chat->messages[message].node);
        if (e->shape)
            e->shape->call(content, call, cache);
        else
            write_call(content, call, cache);
    }
}
