/*
 * provider/bedrock_blocks.c - content blocks of Converse, hooks of the turns
 * that the anthropic encoder writes.
 *
 * A block has one member that says what it is. What the cache may keep ends
 * with a block of its own. Some models take results only if nothing stands
 * beside them, others only as JSON; and none takes calls or results without a
 * list of tools: then they are told in words.
 *
 * Source: Amazon Bedrock Runtime API, "ContentBlock"; live tests of other
 * libraries. Memory: texts made up here, in the attempt's arena.
 */
#include <string.h>

#include "bedrock_converse.h"

static const char no_output[] = "(no output)";
static const char missing[] = "No result was provided for this tool call.";

/* The encoder that a hook is of: its first member is this one's. */
static struct llmgw__converse_encoder *
encoder_of(struct llmgw__anthropic_encoder *e)
{
    return (struct llmgw__converse_encoder *)(void *)e;
}

static struct llmgw__jstr plain(const char *text)
{
    return llmgw__jstr(llmgw__str(text), false);
}

/* --- text and thinking --- */

static void write_text(struct llmgw__anthropic_encoder *e,
                       struct llmgw__jstr text, llmgw_str cache)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_jstr(&e->w, "text", text);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__converse_mark(encoder_of(e), cache);
}

void llmgw__converse_mark(struct llmgw__converse_encoder *c, llmgw_str cache)
{
    struct llmgw__jsonw *w = &c->base.w;

    if (!cache.len || !(c->model->can & LLMGW__CONVERSE_MARK))
        return;
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "cachePoint");
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "type", "default");
    if (llmgw__str_find(cache, LLMGW__LIT("\"1h\"")) != SIZE_MAX)
        llmgw__jsonw_member_z(w, "ttl", "1h");
    else if (llmgw__str_find(cache, LLMGW__LIT("\"5m\"")) != SIZE_MAX)
        llmgw__jsonw_member_z(w, "ttl", "5m");
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

static void write_thought(struct llmgw__anthropic_content *content,
                          const struct llmgw__anthropic_thought *thought)
{
    struct llmgw__jsonw *w = &content->e->w;

    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "reasoningContent");
    llmgw__jsonw_open(w, '{');
    if (thought->redacted.data) {
        llmgw__jsonw_member_jstr(w, "redactedContent", thought->redacted);
    } else {
        llmgw__jsonw_key(w, "reasoningText");
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_key(w, "text");
        llmgw__jsonw_str_open(w);
        llmgw__anthropic_thought_text(content->e, thought);
        llmgw__jsonw_str_close(w);
        if (thought->signature.data)
            llmgw__jsonw_member_jstr(w, "signature", thought->signature);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

/* --- calls --- */

static void add_raw(struct llmgw__buf *text, struct llmgw__jstr raw)
{
    llmgw__buf_add(text, raw.data, raw.len);
}

static void tell_call(struct llmgw__anthropic_content *content,
                      const struct llmgw__tool_call *call, llmgw_str cache)
{
    struct llmgw__anthropic_encoder *e = content->e;
    struct llmgw__buf text;

    llmgw__buf_init(&text, 0);
    llmgw__buf_add_z(&text, "[called tool ");
    add_raw(&text, call->name);
    llmgw__buf_add_z(&text, " with ");
    add_raw(&text, llmgw__anthropic_blank(call->arguments) ? plain("{}")
                                                           : call->arguments);
    llmgw__buf_add_z(&text, ", id ");
    add_raw(&text, call->id);
    llmgw__buf_add_z(&text, "]");
    llmgw__anthropic_fail(e, text.status);
    llmgw__anthropic_content_text(
        content, llmgw__anthropic_raw(e, llmgw__buf_str(&text)), cache);
    llmgw__buf_clear(&text);
}

static void write_call(struct llmgw__anthropic_content *content,
                       const struct llmgw__anthropic_call *call,
                       llmgw_str cache)
{
    struct llmgw__anthropic_encoder *e = content->e;

    if (encoder_of(e)->flat) {
        tell_call(content, call->call, cache);
        return;
    }
    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_key(&e->w, "toolUse");
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_str(&e->w, "toolUseId", call->sent);
    llmgw__jsonw_member_jstr(&e->w, "name", call->call->name);
    llmgw__anthropic_write_input(e, call->call);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
    llmgw__converse_mark(encoder_of(e), cache);
}

/* --- results --- */

/* What an error shows beside its text stands behind it, as what a model takes
 * nowhere else. */
static bool stands(struct llmgw__converse_encoder *c,
                   const struct llmgw__message *from,
                   const struct llmgw__part *part)
{
    return part->type <= LLMGW__PART_REFUSAL ||
           (!c->flat && !from->is_error &&
            llmgw__converse_fits_result(c, part));
}

/* Resolved, in the arena. */
static llmgw_str text_of(struct llmgw__converse_encoder *c,
                         const struct llmgw__message *from)
{
    struct llmgw__anthropic_encoder *e = &c->base;
    llmgw_str kept = {NULL, 0};
    struct llmgw__buf text;

    llmgw__buf_init(&text, 0);
    for (size_t i = 0; from && i < from->part_count; i++) {
        const struct llmgw__part *part = &from->parts[i];

        if (part->type <= LLMGW__PART_REFUSAL) {
            llmgw__buf_add_str(&text, llmgw__anthropic_text(e, part->text));
        } else if (!stands(c, from, part)) {
            llmgw__buf_add_z(&text, "[see attachment ");
            llmgw__buf_add_str(
                &text, llmgw__anthropic_text(e, llmgw__converse_name(c, part)));
            llmgw__buf_add_z(&text, "]");
        }
    }
    if (!from)
        llmgw__buf_add_z(&text, missing);
    else if (!llmgw__str_trim(llmgw__buf_str(&text)).len)
        llmgw__buf_add_z(&text, no_output);
    llmgw__anthropic_fail(e, text.status);
    llmgw__anthropic_fail(
        e, llmgw__arena_str(e->io->arena, llmgw__buf_str(&text), &kept));
    llmgw__buf_clear(&text);
    return kept;
}

static void write_json(struct llmgw__converse_encoder *c, llmgw_str text)
{
    struct llmgw__jsonw *w = &c->base.w;
    struct llmgw__json json;
    bool object;

    llmgw__json_init(&json, text);
    object = llmgw__json_peek(&json) == LLMGW__JSON_OBJECT;
    llmgw__json_skip(&json);
    object = object && llmgw__json_end(&json) &&
             llmgw__utf8_valid(text) == text.len && !llmgw__json_has_half(text);
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "json");
    if (object) {
        llmgw__jsonw_raw(w, llmgw__str_trim(text));
    } else {
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_str(w, "result", text);
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, '}');
}

/* One text a part, as the host wrote them; breakpoints have no place in here,
 * the last one goes behind the result. */
static void write_parts(struct llmgw__anthropic_content *inside, size_t message,
                        llmgw_str *cache)
{
    struct llmgw__anthropic_encoder *e = inside->e;
    struct llmgw__converse_encoder *c = encoder_of(e);
    const struct llmgw__message *from = &e->chat->messages[message];
    const llmgw_str none = {NULL, 0};

    for (size_t i = 0; i < from->part_count; i++) {
        const struct llmgw__part *part = &from->parts[i];
        bool text = part->type <= LLMGW__PART_REFUSAL;
        llmgw_str mark;

        if (text && llmgw__anthropic_blank(part->text))
            continue;
        mark = llmgw__anthropic_cache_part(e, message, i);
        *cache = mark.len ? mark : *cache;
        if (text) {
            llmgw__anthropic_content_text(inside, part->text, none);
        } else if (stands(c, from, part)) {
            llmgw__converse_media(inside, message, i, none);
        } else {
            struct llmgw__message alone = *from;

            alone.parts = &from->parts[i];
            alone.part_count = 1;
            llmgw__anthropic_content_text(
                inside, llmgw__anthropic_inside(e, text_of(c, &alone)), none);
        }
    }
}

static void write_content(struct llmgw__anthropic_encoder *e,
                          const struct llmgw__anthropic_call *call,
                          llmgw_str *cache)
{
    struct llmgw__converse_encoder *c = encoder_of(e);
    const struct llmgw__message *from =
        call->result == SIZE_MAX ? NULL : &e->chat->messages[call->result];
    struct llmgw__anthropic_content inside;

    llmgw__anthropic_content_init(&inside, e, "content");
    if (c->model->can & LLMGW__CONVERSE_JSON) {
        llmgw__anthropic_content_block(&inside);
        write_json(c, text_of(c, from));
        for (size_t i = 0; from && i < from->part_count; i++)
            if (from->parts[i].type > LLMGW__PART_REFUSAL &&
                stands(c, from, &from->parts[i]))
                llmgw__converse_media(&inside, call->result, i,
                                      (llmgw_str){NULL, 0});
    } else if (from) {
        write_parts(&inside, call->result, cache);
    }
    if (!inside.open)
        llmgw__anthropic_content_text(
            &inside, plain(from ? no_output : missing), (llmgw_str){NULL, 0});
    inside.says = true; /* no document in here needs a text beside it */
    llmgw__anthropic_content_end(&inside);
}

/* "[result of tool call ID] …" */
static void tell_result(struct llmgw__anthropic_content *content,
                        const struct llmgw__anthropic_call *call)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__message *from =
        call->result == SIZE_MAX ? NULL : &e->chat->messages[call->result];
    llmgw_str said = text_of(encoder_of(e), from);
    struct llmgw__buf text;

    llmgw__buf_init(&text, 0);
    llmgw__buf_add_z(&text, "[result of tool call ");
    llmgw__buf_add_str(&text, call->id);
    llmgw__buf_add_z(&text, "] ");
    llmgw__buf_add_str(&text, said);
    llmgw__anthropic_fail(e, text.status);
    llmgw__anthropic_content_text(
        content, llmgw__anthropic_inside(e, llmgw__buf_str(&text)),
        from ? llmgw__anthropic_cache_node(e, from->node)
             : (llmgw_str){NULL, 0});
    llmgw__buf_clear(&text);
}

static void write_result(struct llmgw__anthropic_content *content,
                         const struct llmgw__anthropic_call *call)
{
    struct llmgw__anthropic_encoder *e = content->e;
    struct llmgw__converse_encoder *c = encoder_of(e);
    const struct llmgw__message *from =
        call->result == SIZE_MAX ? NULL : &e->chat->messages[call->result];
    llmgw_str cache = {NULL, 0}, own = {NULL, 0};

    if (c->flat) {
        tell_result(content, call);
        return;
    }
    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_key(&e->w, "toolResult");
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_str(&e->w, "toolUseId", call->sent);
    write_content(e, call, &cache);
    if ((!from || from->is_error) && (c->model->can & LLMGW__CONVERSE_STATUS))
        llmgw__jsonw_member_z(&e->w, "status", "error");
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
    if (from)
        own = llmgw__anthropic_cache_node(e, from->node);
    llmgw__converse_mark(c, own.len ? own : cache);
}

/* Behind the results, what could not stand in one. */
static void write_attached(struct llmgw__anthropic_content *content,
                           size_t message)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__message *from = &e->chat->messages[message];

    for (size_t i = 0; i < from->part_count; i++) {
        if (stands(encoder_of(e), from, &from->parts[i]))
            continue;
        llmgw__converse_media(content, message, i, (llmgw_str){NULL, 0});
        llmgw__anthropic_adjust(e, "messages", "moved",
                                from->is_error ? "error_result_media"
                                               : "tool_result_media");
    }
}

static void write_results(struct llmgw__anthropic_content *content,
                          const struct llmgw__anthropic_turn *turn)
{
    struct llmgw__anthropic_encoder *e = content->e;
    struct llmgw__converse_encoder *c = encoder_of(e);

    if (turn == e->plan.turns && !(c->model->can & LLMGW__CONVERSE_SYSTEM) &&
        (e->plan.system_count || e->format >= LLMGW__ANTHROPIC_ASK)) {
        llmgw__anthropic_system(content);
        llmgw__anthropic_adjust(e, "messages", "moved",
                                "system_message_to_user");
    }
    for (size_t i = 0; i < turn->call_count; i++)
        write_result(content, &turn->calls[i]);
    content->alone =
        turn->call_count && !c->flat && (c->model->can & LLMGW__CONVERSE_ALONE);
    for (size_t i = 0; i < turn->call_count; i++)
        if (turn->calls[i].result != SIZE_MAX)
            write_attached(content, turn->calls[i].result);
}

/* Turns of one role beside each other would be merged: something has to stand
 * between them. */
static void split(struct llmgw__anthropic_content *content)
{
    struct llmgw__jsonw *w = &content->e->w;

    content->alone = content->open = false;
    llmgw__jsonw_close(w, ']');
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_raw(w, LLMGW__LIT("{\"role\":\"assistant\",\"content\":"
                                   "[{\"text\":\"Understood.\"}]}"));
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "role", "user");
    llmgw__anthropic_adjust(content->e, "messages", "added",
                            "results_only_turn");
}

/* A document needs a text beside it. */
static void end(struct llmgw__anthropic_content *content)
{
    struct llmgw__jsonw *w = &content->e->w;

    if (!content->document.data || content->says)
        return;
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_key(w, "text");
    llmgw__jsonw_str_open(w);
    llmgw__jsonw_str_add(w, LLMGW__LIT("Attached: "));
    llmgw__jsonw_str_add_raw(
        w, llmgw__str_n(content->document.data, content->document.len));
    llmgw__jsonw_str_close(w);
    llmgw__jsonw_close(w, '}');
}

const struct llmgw__anthropic_shape llmgw__converse_shape = {
    .text = write_text,
    .media = llmgw__converse_media,
    .thought = write_thought,
    .call = write_call,
    .results = write_results,
    .split = split,
    .end = end,
};
