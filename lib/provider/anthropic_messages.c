/*
 * provider/anthropic_messages.c - write the planned turns, and the system text
 * that stands before them.
 *
 * Source: Messages API, "messages", "system", "Tool use". Memory: none but
 * what texts made up here take from the attempt's arena.
 */
#include "anthropic_content.h"

static const char missing_result[] =
    "No result was provided for this tool call.";
static const char empty_error[] = "The tool failed without saying why.";
static const char json_object_only[] =
    "Respond only with a single valid JSON object. Do not wrap it in code "
    "fences or add any other text.";
static const char schema_follows[] = " It must match this JSON Schema: ";

static void write_user(struct llmgw__anthropic_encoder *e,
                       const struct llmgw__anthropic_turn *turn);
static void write_late_system(struct llmgw__anthropic_encoder *e,
                              const struct llmgw__anthropic_turn *turn);
static void add_instruction(struct llmgw__anthropic_content *content);

void llmgw__anthropic_write_messages(struct llmgw__anthropic_encoder *e)
{
    llmgw__jsonw_member_open(&e->w, "messages", '[');
    for (size_t i = 0; i < e->plan.turn_count; i++) {
        const struct llmgw__anthropic_turn *turn = &e->plan.turns[i];

        if (turn->assistant)
            llmgw__anthropic_write_assistant(e, turn);
        else
            write_user(e, turn);
        if (turn->late)
            write_late_system(e, turn);
    }
    llmgw__jsonw_close(&e->w, ']');
}

/** The host's own member stands first, so that its prefix stays what it is. */
static void add_own_system(struct llmgw__anthropic_content *content)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t own = llmgw__chat_member(e->chat, "system");
    llmgw_str none = {NULL, 0};

    if (llmgw__jdoc_type(doc, own) == LLMGW__JSON_STRING)
        llmgw__anthropic_content_text(content, llmgw__jdoc_string(doc, own),
                                      none);
    if (llmgw__jdoc_type(doc, own) != LLMGW__JSON_ARRAY)
        return;
    for (uint32_t block = llmgw__jdoc_first(doc, own); block != LLMGW__JNONE;
         block = llmgw__jdoc_next(doc, own, block)) {
        if (e->shape) {
            llmgw__anthropic_content_text(
                content, llmgw__jdoc_get_string(doc, block, "text"),
                llmgw__anthropic_cache_node(e, block));
            continue;
        }
        llmgw__anthropic_content_block(content);
        llmgw__anthropic_write_marked(e, block);
    }
}

void llmgw__anthropic_write_system(struct llmgw__anthropic_encoder *e)
{
    struct llmgw__anthropic_content content;

    llmgw__anthropic_content_init(&content, e, "system");
    llmgw__anthropic_system(&content);
    llmgw__anthropic_content_end(&content);
}

void llmgw__anthropic_system(struct llmgw__anthropic_content *content)
{
    const struct llmgw__anthropic_plan *plan = &content->e->plan;

    add_own_system(content);
    for (size_t i = 0; i < plan->system_count; i++)
        llmgw__anthropic_parts(content, plan->system[i]);
    add_instruction(content);
}

static void add_instruction(struct llmgw__anthropic_content *content)
{
    struct llmgw__anthropic_encoder *e = content->e;
    llmgw_str none = {NULL, 0};
    struct llmgw__buf text;

    if (e->format != LLMGW__ANTHROPIC_ASK &&
        e->format != LLMGW__ANTHROPIC_ASK_SCHEMA)
        return;
    llmgw__buf_init(&text, 0);
    llmgw__buf_add_z(&text, json_object_only);
    if (e->format == LLMGW__ANTHROPIC_ASK_SCHEMA) {
        llmgw__buf_add_z(&text, schema_follows);
        llmgw__anthropic_compact(&text, e->chat->schema);
    }
    llmgw__anthropic_fail(e, text.status);
    llmgw__anthropic_content_text(
        content, llmgw__anthropic_inside(e, llmgw__buf_str(&text)), none);
    llmgw__buf_clear(&text);
}

/* --- the user's turns --- */

/** What an error says must be text, and there must be some. */
static void write_error(struct llmgw__anthropic_encoder *e, size_t message)
{
    const struct llmgw__message *from = &e->chat->messages[message];
    struct llmgw__anthropic_content inside;
    bool blank = true;

    for (size_t i = 0; i < from->part_count; i++)
        blank &= from->parts[i].type > LLMGW__PART_REFUSAL ||
                 llmgw__anthropic_blank(from->parts[i].text);
    if (blank) {
        llmgw__jsonw_member_z(&e->w, "content", empty_error);
        llmgw__anthropic_adjust(e, "messages", "added", "empty_error_result");
        return;
    }
    llmgw__anthropic_content_init(&inside, e, "content");
    llmgw__anthropic_texts(&inside, message);
    llmgw__anthropic_content_end(&inside);
}

/** Behind the results, what an error shows beside its text. */
static void add_shown(struct llmgw__anthropic_content *content,
                      const struct llmgw__anthropic_turn *turn, size_t message)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__message *from = &e->chat->messages[message];
    bool any = false;

    for (size_t i = 0; i < from->part_count; i++)
        any |= from->parts[i].type > LLMGW__PART_REFUSAL;
    if (!from->is_error || !any)
        return;
    if (!turn->results_only)
        llmgw__anthropic_others(content, message);
    llmgw__anthropic_adjust(e, "messages",
                            turn->results_only ? "dropped" : "moved",
                            "error_result_media");
}

static void write_result(struct llmgw__anthropic_content *content,
                         const struct llmgw__anthropic_call *call)
{
    struct llmgw__anthropic_encoder *e = content->e;
    struct llmgw__anthropic_content inside;
    const struct llmgw__message *from =
        call->result == SIZE_MAX ? NULL : &e->chat->messages[call->result];
    llmgw_str cache;

    llmgw__anthropic_content_block(content);
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "tool_result");
    llmgw__jsonw_member_str(&e->w, "tool_use_id", call->sent);
    if (call->toolset.len > 2 && call->toolset.data[0] == '"')
        llmgw__jsonw_member_raw(&e->w, "toolset_name", call->toolset);
    if (!from || from->is_error)
        llmgw__jsonw_member_bool(&e->w, "is_error", true);
    if (!from) {
        llmgw__jsonw_member_z(&e->w, "content", missing_result);
    } else if (from->is_error) {
        write_error(e, call->result);
    } else {
        llmgw__anthropic_content_init(&inside, e, "content");
        llmgw__anthropic_parts(&inside, call->result);
        llmgw__anthropic_content_end(&inside);
    }
    if (from) {
        cache = llmgw__anthropic_cache_node(e, from->node);
        if (cache.len)
            llmgw__jsonw_member_raw(&e->w, "cache_control", cache);
    }
    llmgw__jsonw_close(&e->w, '}');
}

/** A result nobody asked for is something the user says. */
static void add_orphan(struct llmgw__anthropic_content *content, size_t message)
{
    struct llmgw__anthropic_encoder *e = content->e;
    const struct llmgw__message *from = &e->chat->messages[message];
    struct llmgw__buf text;

    llmgw__buf_init(&text, 0);
    llmgw__buf_add_z(&text, "[tool result ");
    llmgw__buf_add(&text, from->tool_call_id.data, from->tool_call_id.len);
    llmgw__buf_add_z(&text, "] ");
    for (size_t i = 0; i < from->part_count; i++)
        if (from->parts[i].type <= LLMGW__PART_REFUSAL)
            llmgw__buf_add(&text, from->parts[i].text.data,
                           from->parts[i].text.len);
    llmgw__anthropic_fail(e, text.status);
    llmgw__anthropic_content_text(
        content, llmgw__anthropic_raw(e, llmgw__buf_str(&text)),
        llmgw__anthropic_cache_orphan(e, message));
    llmgw__buf_clear(&text);
    llmgw__anthropic_others(content, message);
}

static void write_results(struct llmgw__anthropic_content *content,
                          const struct llmgw__anthropic_turn *turn)
{
    for (size_t i = 0; i < turn->call_count; i++)
        write_result(content, &turn->calls[i]);
    for (size_t i = 0; i < turn->call_count; i++)
        if (turn->calls[i].result != SIZE_MAX)
            add_shown(content, turn, turn->calls[i].result);
}

static void write_user(struct llmgw__anthropic_encoder *e,
                       const struct llmgw__anthropic_turn *turn)
{
    const struct llmgw__jstr go_on = {"Continue.", sizeof "Continue." - 1,
                                      false};
    struct llmgw__anthropic_content content;

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "role", "user");
    llmgw__anthropic_content_init(&content, e, "content");
    if (turn->made_up)
        llmgw__anthropic_content_text(&content, go_on, (llmgw_str){NULL, 0});
    if (e->shape)
        e->shape->results(&content, turn);
    else
        write_results(&content, turn);
    for (size_t i = turn->since; i < turn->end && !turn->results_only; i++) {
        uint8_t kind = e->plan.kinds[i];

        if (kind == LLMGW__ANTHROPIC_USER ||
            (kind == LLMGW__ANTHROPIC_SYSTEM && turn->as_user &&
             i >= turn->system))
            llmgw__anthropic_parts(&content, i);
        else if (kind == LLMGW__ANTHROPIC_ORPHAN)
            add_orphan(&content, i);
    }
    llmgw__anthropic_content_end(&content);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_late_system(struct llmgw__anthropic_encoder *e,
                              const struct llmgw__anthropic_turn *turn)
{
    struct llmgw__anthropic_content content;

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "role", "system");
    llmgw__anthropic_content_init(&content, e, "content");
    for (size_t i = turn->system; i < turn->end; i++)
        if (e->plan.kinds[i] == LLMGW__ANTHROPIC_SYSTEM)
            llmgw__anthropic_parts(&content, i);
    llmgw__anthropic_content_end(&content);
    llmgw__jsonw_close(&e->w, '}');
}
