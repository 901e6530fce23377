/*
 * provider/cohere_messages.c - messages.
 *
 * System text stays where it is. What the model said to itself is not sent
 * back: newer models refuse it. A tool's result may be documents, which an
 * answer can cite: llmgw.cohere.documents of the tool's message.
 *
 * Source: Cohere's API reference, "Chat" (v2); recorded requests.
 */
#include <string.h>

#include "cohere.h"

static void write_message(struct llmgw__cohere_encode *c, size_t i);
static void write_content(struct llmgw__cohere_encode *c, size_t i);
static void write_parts(struct llmgw__cohere_encode *c, size_t i);
static void write_part(struct llmgw__encoding *e, size_t i, size_t k);
static void write_joined(struct llmgw__encoding *e,
                         const struct llmgw__message *message);
static void write_image(struct llmgw__encoding *e,
                        const struct llmgw__part *part);
static void write_assistant(struct llmgw__cohere_encode *c, size_t i);
static void write_call(struct llmgw__cohere_encode *c,
                       const struct llmgw__tool_call *call);
static void write_arguments(struct llmgw__encoding *e,
                            const struct llmgw__tool_call *call);
static void write_result(struct llmgw__cohere_encode *c, size_t i);
static void write_documents(struct llmgw__encoding *e, uint32_t list);
static bool is_text(const struct llmgw__message *message);

void llmgw__cohere_messages(struct llmgw__cohere_encode *c)
{
    const struct llmgw__chat *chat = c->base.chat;

    llmgw__jsonw_member_open(&c->base.w, "messages", '[');
    for (size_t i = 0; i < chat->message_count; i++)
        write_message(c, i);
    llmgw__jsonw_close(&c->base.w, ']');
}

static void write_message(struct llmgw__cohere_encode *c, size_t i)
{
    static const char *const roles[] = {
        [LLMGW__ROLE_SYSTEM] = "system", [LLMGW__ROLE_DEVELOPER] = "system",
        [LLMGW__ROLE_USER] = "user",     [LLMGW__ROLE_ASSISTANT] = "assistant",
        [LLMGW__ROLE_TOOL] = "tool",
    };
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__message *message = &e->chat->messages[i];
    bool says =
        message->call_count > 0 || message->refusal.len > 0 || is_text(message);

    if (message->role != LLMGW__ROLE_TOOL)
        llmgw__encoding_report_name(e, message);
    if (message->role == LLMGW__ROLE_ASSISTANT && !says)
        return; /* the service refuses it */
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "role", roles[message->role]);
    if (message->role == LLMGW__ROLE_ASSISTANT)
        write_assistant(c, i);
    else if (message->role == LLMGW__ROLE_TOOL)
        write_result(c, i);
    else
        write_content(c, i);
    llmgw__jsonw_close(&e->w, '}');
}

/* Any text that is not empty. */
static bool is_text(const struct llmgw__message *message)
{
    for (size_t k = 0; k < message->part_count; k++)
        if (message->parts[k].type <= LLMGW__PART_REFUSAL &&
            message->parts[k].text.len > 0)
            return true;
    return false;
}

static void write_content(struct llmgw__cohere_encode *c, size_t i)
{
    const struct llmgw__message *message = &c->base.chat->messages[i];

    llmgw__jsonw_key(&c->base.w, "content");
    if (message->part_count <= 1 &&
        (message->part_count == 0 ||
         message->parts[0].type <= LLMGW__PART_REFUSAL))
        write_joined(&c->base, message);
    else
        write_parts(c, i);
}

static void write_joined(struct llmgw__encoding *e,
                         const struct llmgw__message *message)
{
    if (message->part_count == 1 && message->parts[0].text.data) {
        llmgw__jsonw_jstr(&e->w, message->parts[0].text);
        return;
    }
    llmgw__jsonw_str_open(&e->w);
    llmgw__encoding_join(e, message, "");
    llmgw__jsonw_str_close(&e->w);
}

static void write_parts(struct llmgw__cohere_encode *c, size_t i)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__message *message = &e->chat->messages[i];

    llmgw__jsonw_open(&e->w, '[');
    for (size_t k = 0; k < message->part_count; k++)
        write_part(e, i, k);
    llmgw__jsonw_close(&e->w, ']');
}

static void write_part(struct llmgw__encoding *e, size_t i, size_t k)
{
    const struct llmgw__part *part = &e->chat->messages[i].parts[k];

    switch ((enum llmgw__part_type)part->type) {
    case LLMGW__PART_TEXT:
    case LLMGW__PART_REFUSAL:
        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_z(&e->w, "type", "text");
        llmgw__jsonw_member_jstr(&e->w, "text", part->text);
        llmgw__jsonw_close(&e->w, '}');
        return;
    case LLMGW__PART_IMAGE:
        write_image(e, part);
        return;
    case LLMGW__PART_AUDIO:
        llmgw__encoding_refuse_part(e, i, k, "this provider takes no audio");
        return;
    case LLMGW__PART_FILE:
        llmgw__encoding_refuse_part(e, i, k, "this provider takes no files");
        return;
    }
}

static void write_image(struct llmgw__encoding *e,
                        const struct llmgw__part *part)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "type", "image_url");
    llmgw__jsonw_member_open(&e->w, "image_url", '{');
    llmgw__jsonw_member_jstr(&e->w, "url", part->text);
    if (part->detail.data)
        llmgw__jsonw_member_jstr(&e->w, "detail", part->detail);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
}

static void write_assistant(struct llmgw__cohere_encode *c, size_t i)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__message *message = &e->chat->messages[i];

    for (size_t k = 0; k < message->part_count; k++)
        if (message->parts[k].type > LLMGW__PART_REFUSAL)
            llmgw__encoding_refuse_part(e, i, k, "not a text");
    if (is_text(message) || message->refusal.len > 0) {
        llmgw__jsonw_key(&e->w, "content");
        write_joined(e, message);
    }
    if (message->call_count == 0)
        return;
    llmgw__jsonw_member_open(&e->w, "tool_calls", '[');
    for (size_t k = 0; k < message->call_count; k++)
        write_call(c, &message->calls[k]);
    llmgw__jsonw_close(&e->w, ']');
}

static void write_call(struct llmgw__cohere_encode *c,
                       const struct llmgw__tool_call *call)
{
    struct llmgw__jsonw *w = &c->base.w;

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_jstr(w, "id", call->id);
    llmgw__jsonw_member_z(w, "type", "function");
    llmgw__jsonw_member_open(w, "function", '{');
    llmgw__jsonw_key(w, "name");
    llmgw__cohere_write_name(c, call->name);
    llmgw__jsonw_key(w, "arguments");
    write_arguments(&c->base, call);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_close(w, '}');
}

/* JSON as a text; a custom tool's input in an object of its own. */
static void write_arguments(struct llmgw__encoding *e,
                            const struct llmgw__tool_call *call)
{
    llmgw_str raw = {call->arguments.data, call->arguments.len};

    if (!call->custom && raw.len > 0) {
        llmgw__jsonw_jstr(&e->w, call->arguments);
        return;
    }
    llmgw__jsonw_str_open(&e->w);
    llmgw__jsonw_str_add(&e->w, call->custom ? LLMGW__LIT("{\"input\":\"")
                                             : LLMGW__LIT("{}"));
    if (call->custom) {
        llmgw__jsonw_str_add(&e->w, raw);
        llmgw__jsonw_str_add(&e->w, LLMGW__LIT("\"}"));
    }
    llmgw__jsonw_str_close(&e->w);
}

static void write_result(struct llmgw__cohere_encode *c, size_t i)
{
    struct llmgw__encoding *e = &c->base;
    const struct llmgw__jdoc *doc = &e->chat->doc;
    const struct llmgw__message *message = &e->chat->messages[i];
    uint32_t own = llmgw__jdoc_get(
        doc, llmgw__jdoc_get(doc, message->node, "llmgw"), "cohere");
    uint32_t documents = llmgw__jdoc_get(doc, own, "documents");

    llmgw__jsonw_member_jstr(&e->w, "tool_call_id", message->tool_call_id);
    llmgw__jsonw_key(&e->w, "content");
    for (size_t k = 0; k < message->part_count; k++)
        if (message->parts[k].type > LLMGW__PART_REFUSAL)
            llmgw__encoding_refuse_part(e, i, k,
                                        "a tool's result holds text here");
    if (llmgw__jdoc_type(doc, documents) == LLMGW__JSON_ARRAY)
        write_documents(e, documents);
    else
        write_joined(e, message);
}

/* {id, data} each, or a text. */
static void write_documents(struct llmgw__encoding *e, uint32_t list)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;

    llmgw__jsonw_open(&e->w, '[');
    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at)) {
        bool text = llmgw__jdoc_type(doc, at) == LLMGW__JSON_STRING;

        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_z(&e->w, "type", text ? "text" : "document");
        llmgw__jsonw_member_node(&e->w, text ? "text" : "document", doc, at);
        llmgw__jsonw_close(&e->w, '}');
    }
    llmgw__jsonw_close(&e->w, ']');
}
