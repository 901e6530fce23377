/*
 * provider/responses_input.c - messages -> input items.
 *
 *     assistant message     its items as they came, where the message has them;
 *                           else reasoning items, its text, its calls
 *     tool message          function_call_output, custom_tool_call_output
 *     all others            {role, content}
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: none of its own.
 */
#include "responses.h"

static void write_item(struct llmgw__openai_encode *o, size_t index);
static void write_turn(struct llmgw__openai_encode *o, const char *role,
                       const struct llmgw__message *message);
static void write_assistant(struct llmgw__openai_encode *o,
                            const struct llmgw__message *message);
static bool write_items(struct llmgw__openai_encode *o, uint32_t replay);
static void write_phase(struct llmgw__openai_encode *o, uint32_t extra);
static void write_call(struct llmgw__openai_encode *o,
                       const struct llmgw__tool_call *call);
static void write_result(struct llmgw__openai_encode *o, size_t index);
static void write_content(struct llmgw__openai_encode *o,
                          const struct llmgw__message *message);
static void write_part(struct llmgw__openai_encode *o,
                       const struct llmgw__part *part, bool spoken);
static void write_refusal(struct llmgw__openai_encode *o,
                          struct llmgw__jstr text);
static void write_file(struct llmgw__openai_encode *o,
                       const struct llmgw__part *part);
static void write_reasoning(struct llmgw__openai_encode *o, uint32_t list);
static void write_sealed(struct llmgw__openai_encode *o, uint32_t list,
                         uint32_t entry);

void llmgw__responses_input(struct llmgw__openai_encode *o)
{
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = 0; i < o->chat->message_count; i++)
        write_item(o, i);
    llmgw__jsonw_close(&o->w, ']');
}

static void write_item(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__message *message = &o->chat->messages[index];

    if (message->name.len && message->role != LLMGW__ROLE_TOOL)
        llmgw__openai_adjust(o, "messages", "dropped", "message_name");
    switch ((enum llmgw__role)message->role) {
    case LLMGW__ROLE_SYSTEM:
    case LLMGW__ROLE_DEVELOPER:
        write_turn(
            o, o->quirks & LLMGW__QUIRK_NO_DEVELOPER ? "system" : "developer",
            message);
        return;
    case LLMGW__ROLE_USER:
        write_turn(o, "user", message);
        return;
    case LLMGW__ROLE_ASSISTANT:
        write_assistant(o, message);
        return;
    case LLMGW__ROLE_TOOL:
        write_result(o, index);
        return;
    }
}

static void write_turn(struct llmgw__openai_encode *o, const char *role,
                       const struct llmgw__message *message)
{
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "role", role);
    llmgw__jsonw_key(&o->w, "content");
    write_content(o, message);
    if (message->role == LLMGW__ROLE_ASSISTANT)
        write_phase(o, message->extra);
    llmgw__jsonw_close(&o->w, '}');
}

static bool says_something(const struct llmgw__message *message)
{
    for (size_t i = 0; i < message->part_count; i++)
        if (message->parts[i].text.len)
            return true;
    return message->refusal.len > 0;
}

/* Reasoning stands before what it produced, and never alone. */
static void write_assistant(struct llmgw__openai_encode *o,
                            const struct llmgw__message *message)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t audio = llmgw__jdoc_get(doc, message->node, "audio");
    bool speaks = says_something(message);

    if (write_items(o, message->replay))
        return;
    if (llmgw__jdoc_type(doc, audio) == LLMGW__JSON_OBJECT)
        llmgw__openai_adjust(o, "messages", "dropped", "unsupported");
    if (speaks || message->call_count)
        write_reasoning(o, message->details);
    if (speaks)
        write_turn(o, "assistant", message);
    for (size_t i = 0; i < message->call_count; i++)
        write_call(o, &message->calls[i]);
}

/* The output of this API as the decoder kept it. @return false: none */
static bool write_items(struct llmgw__openai_encode *o, uint32_t replay)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t items = llmgw__jdoc_get(doc, replay, "content");
    uint32_t item;

    if (!llmgw__jstr_is(llmgw__jdoc_get_string(doc, replay, "family"),
                        LLMGW__RESPONSES_FAMILY) ||
        llmgw__jdoc_type(doc, items) != LLMGW__JSON_ARRAY)
        return false;
    item = llmgw__jdoc_first(doc, items);
    for (; item != LLMGW__JNONE; item = llmgw__jdoc_next(doc, items, item))
        llmgw__jsonw_node(&o->w, doc, item);
    return llmgw__jdoc_count(doc, items) > 0;
}

/* Whether it was said on the way, or in the end. */
static void write_phase(struct llmgw__openai_encode *o, uint32_t extra)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    struct llmgw__jstr phase = llmgw__jdoc_get_string(
        doc, llmgw__jdoc_get(doc, extra, LLMGW__RESPONSES_EXTRA), "phase");

    if (phase.len)
        llmgw__jsonw_member_jstr(&o->w, "phase", phase);
}

/* --- calls and their results --- */

static void write_call(struct llmgw__openai_encode *o,
                       const struct llmgw__tool_call *call)
{
    struct llmgw__jstr empty = {"", 0, false};

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type",
                          call->custom ? "custom_tool_call" : "function_call");
    llmgw__jsonw_member_jstr(&o->w, "call_id", call->id);
    llmgw__jsonw_member_jstr(&o->w, "name", call->name);
    llmgw__jsonw_member_jstr(&o->w, call->custom ? "input" : "arguments",
                             call->arguments.data ? call->arguments : empty);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_result(struct llmgw__openai_encode *o, size_t index)
{
    const struct llmgw__message *message = &o->chat->messages[index];
    const struct llmgw__tool_call *call = llmgw__chat_call_of(o->chat, index);

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type",
                          call && call->custom ? "custom_tool_call_output"
                                               : "function_call_output");
    llmgw__jsonw_member_jstr(&o->w, "call_id", message->tool_call_id);
    llmgw__jsonw_key(&o->w, "output");
    write_content(o, message);
    llmgw__jsonw_close(&o->w, '}');
}

/* --- content --- */

static void write_content(struct llmgw__openai_encode *o,
                          const struct llmgw__message *message)
{
    bool spoken = message->role == LLMGW__ROLE_ASSISTANT;

    if (message->plain && message->part_count == 1 && !message->refusal.len) {
        llmgw__jsonw_jstr(&o->w, message->parts[0].text);
        return;
    }
    if (message->part_count == 0 && !message->refusal.len) {
        llmgw__jsonw_z(&o->w, "");
        return;
    }
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = 0; i < message->part_count; i++)
        write_part(o, &message->parts[i], spoken);
    if (message->refusal.len)
        write_refusal(o, message->refusal);
    llmgw__jsonw_close(&o->w, ']');
}

static void write_part(struct llmgw__openai_encode *o,
                       const struct llmgw__part *part, bool spoken)
{
    const struct llmgw__jstr otherwise = {"auto", 4, false};
    uint32_t mark =
        llmgw__jdoc_get(&o->chat->doc, part->node, "prompt_cache_breakpoint");

    if (part->type == LLMGW__PART_REFUSAL) {
        write_refusal(o, part->text);
        return;
    }
    llmgw__jsonw_open(&o->w, '{');
    if (part->type == LLMGW__PART_IMAGE) {
        llmgw__jsonw_member_z(&o->w, "type", "input_image");
        llmgw__jsonw_member_jstr(&o->w, "image_url", part->text);
        /* which may be left out of a chat's part, but not of this one */
        llmgw__jsonw_member_jstr(&o->w, "detail",
                                 part->detail.data ? part->detail : otherwise);
    } else if (part->type == LLMGW__PART_FILE) {
        write_file(o, part);
    } else {
        llmgw__jsonw_member_z(&o->w, "type",
                              spoken ? "output_text" : "input_text");
        llmgw__jsonw_member_jstr(&o->w, "text", part->text);
    }
    if (mark != LLMGW__JNONE && o->full && o->marks)
        llmgw__jsonw_member_node(&o->w, "prompt_cache_breakpoint",
                                 &o->chat->doc, mark);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_refusal(struct llmgw__openai_encode *o,
                          struct llmgw__jstr text)
{
    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "refusal");
    llmgw__jsonw_member_jstr(&o->w, "refusal", text);
    llmgw__jsonw_close(&o->w, '}');
}

static void write_file(struct llmgw__openai_encode *o,
                       const struct llmgw__part *part)
{
    llmgw_str data = llmgw__str_n(part->text.data, part->text.len);
    bool url = llmgw__str_starts(data, "http");

    llmgw__jsonw_member_z(&o->w, "type", "input_file");
    if (part->file_id.data) {
        llmgw__jsonw_member_jstr(&o->w, "file_id", part->file_id);
        return;
    }
    if (part->filename.data && !url)
        llmgw__jsonw_member_jstr(&o->w, "filename", part->filename);
    if (part->text.data)
        llmgw__jsonw_member_jstr(&o->w, url ? "file_url" : "file_data",
                                 part->text);
}

/* --- reasoning that goes back --- */

static bool is_entry(const struct llmgw__jdoc *doc, uint32_t entry,
                     const char *type, const char *body)
{
    uint32_t text = llmgw__jdoc_get(doc, entry, body);

    return llmgw__jstr_is(llmgw__jdoc_get_string(doc, entry, "format"),
                          LLMGW__RESPONSES_FORMAT) &&
           llmgw__jstr_is(llmgw__jdoc_get_string(doc, entry, "type"), type) &&
           llmgw__jdoc_string(doc, text).len > 0;
}

/* A summary without its sealed part means nothing there: nothing is stored
 * that its id could stand for. */
static void write_reasoning(struct llmgw__openai_encode *o, uint32_t list)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t entry = LLMGW__JNONE;

    if (llmgw__jdoc_type(doc, list) == LLMGW__JSON_ARRAY)
        entry = llmgw__jdoc_first(doc, list);
    for (; entry != LLMGW__JNONE; entry = llmgw__jdoc_next(doc, list, entry))
        if (is_entry(doc, entry, "reasoning.encrypted", "data"))
            write_sealed(o, list, entry);
}

/* Entries that share an id are one item; where nothing has an id, those that
 * stand before what is sealed, and after what was sealed last. */
static bool is_of(const struct llmgw__jdoc *doc, uint32_t list, uint32_t at,
                  uint32_t sealed)
{
    struct llmgw__jstr one = llmgw__jdoc_get_string(doc, at, "id");
    struct llmgw__jstr other = llmgw__jdoc_get_string(doc, sealed, "id");

    if (one.len || other.len)
        return one.len && other.len && llmgw__jstr_compare(one, other) == 0;
    while (at != sealed && at != LLMGW__JNONE &&
           !is_entry(doc, at, "reasoning.encrypted", "data"))
        at = llmgw__jdoc_next(doc, list, at);
    return at == sealed;
}

static void write_sealed(struct llmgw__openai_encode *o, uint32_t list,
                         uint32_t entry)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    struct llmgw__jstr id = llmgw__jdoc_get_string(doc, entry, "id");

    llmgw__jsonw_open(&o->w, '{');
    llmgw__jsonw_member_z(&o->w, "type", "reasoning");
    if (id.len)
        llmgw__jsonw_member_jstr(&o->w, "id", id);
    llmgw__jsonw_member_open(&o->w, "summary", '[');
    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at)) {
        if (!is_entry(doc, at, "reasoning.summary", "summary") ||
            !is_of(doc, list, at, entry))
            continue;
        llmgw__jsonw_open(&o->w, '{');
        llmgw__jsonw_member_z(&o->w, "type", "summary_text");
        llmgw__jsonw_member_jstr(&o->w, "text",
                                 llmgw__jdoc_get_string(doc, at, "summary"));
        llmgw__jsonw_close(&o->w, '}');
    }
    llmgw__jsonw_close(&o->w, ']');
    llmgw__jsonw_member_jstr(&o->w, "encrypted_content",
                             llmgw__jdoc_get_string(doc, entry, "data"));
    llmgw__jsonw_close(&o->w, '}');
}
