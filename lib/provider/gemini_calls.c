/*
 * provider/gemini_calls.c - tool calls of the history, and what the tools
 * answered.
 *
 * Arguments travel as JSON text, never through doubles. Responses must be
 * objects and are matched by the function's name, so that is looked up by the
 * call's id. Source: Google AI for Developers, "Function calling", "Thought
 * signatures".
 */
#include "gemini.h"

static void write_call(struct llmgw__gemini_encode *e,
                       const struct llmgw__tool_call *call,
                       struct llmgw__jstr signature);
static void write_arguments(struct llmgw__gemini_encode *e,
                            const struct llmgw__tool_call *call);
static void open_response(struct llmgw__gemini_encode *e,
                          const struct llmgw__tool_call *call, bool by_id);
static void close_response(struct llmgw__gemini_encode *e);
static struct llmgw__jstr signature_of(struct llmgw__gemini_encode *e,
                                       const struct llmgw__message *message,
                                       const struct llmgw__tool_call *call);
static struct llmgw__jstr detail_of(struct llmgw__gemini_encode *e,
                                    const struct llmgw__message *message,
                                    const struct llmgw__tool_call *call);
static bool is_signed(struct llmgw__gemini_encode *e,
                      const struct llmgw__message *message);
static bool same_text(struct llmgw__gemini_encode *e, struct llmgw__jstr a,
                      struct llmgw__jstr b);
static void write_response(struct llmgw__gemini_encode *e,
                           const struct llmgw__message *message);
static void write_response_media(struct llmgw__gemini_encode *e, size_t i);
static void write_wrapped(struct llmgw__gemini_encode *e,
                          const struct llmgw__message *message);
static llmgw_str response_object(struct llmgw__gemini_encode *e,
                                 const struct llmgw__message *message);
static enum llmgw__json_type json_type(llmgw_str text);
static bool has_long_integer(llmgw_str json);
static const char *past_string(const char *at, const char *end);

/* What the API takes in place of a signature it has not made itself. */
#define FOREIGN "skip_thought_signature_validator"

void llmgw__gemini_calls(struct llmgw__gemini_encode *e, size_t i)
{
    static const struct llmgw__jstr foreign = {FOREIGN, sizeof FOREIGN - 1,
                                               false};
    const struct llmgw__message *message = &e->chat->messages[i];
    bool wants = e->model.version >= LLMGW__GEMINI_3 && !e->model.image &&
                 !is_signed(e, message);

    for (size_t k = 0; k < message->call_count; k++) {
        const struct llmgw__tool_call *call = &message->calls[k];
        bool dummy = wants && k == 0; /* only the first one is checked */

        write_call(e, call, dummy ? foreign : signature_of(e, message, call));
    }
}

void llmgw__gemini_result(struct llmgw__gemini_encode *e, size_t i,
                          const struct llmgw__tool_call *call, bool by_id)
{
    open_response(e, call, by_id);
    write_response(e, &e->chat->messages[i]);
    write_response_media(e, i);
    close_response(e);
}

void llmgw__gemini_no_result(struct llmgw__gemini_encode *e,
                             const struct llmgw__tool_call *call, bool by_id)
{
    open_response(e, call, by_id);
    llmgw__jsonw_raw(&e->w, LLMGW__LIT("{\"error\":\"No result was provided "
                                       "for this tool call.\"}"));
    close_response(e);
}

static void open_response(struct llmgw__gemini_encode *e,
                          const struct llmgw__tool_call *call, bool by_id)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_open(&e->w, "functionResponse", '{');
    if (by_id)
        llmgw__jsonw_member_jstr(&e->w, "id", call->id);
    llmgw__jsonw_member_jstr(&e->w, "name", call->name);
    llmgw__jsonw_key(&e->w, "response");
}

static void close_response(struct llmgw__gemini_encode *e)
{
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
}

static void write_call(struct llmgw__gemini_encode *e,
                       const struct llmgw__tool_call *call,
                       struct llmgw__jstr signature)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_open(&e->w, "functionCall", '{');
    if (e->surface->call_ids)
        llmgw__jsonw_member_jstr(&e->w, "id", call->id);
    llmgw__jsonw_member_jstr(&e->w, "name", call->name);
    llmgw__jsonw_key(&e->w, "args");
    write_arguments(e, call);
    llmgw__jsonw_close(&e->w, '}');
    if (signature.len > 0)
        llmgw__jsonw_member_jstr(&e->w, "thoughtSignature", signature);
    llmgw__jsonw_close(&e->w, '}');
}

/* An object is wanted; what a model wrote need not be one. */
static void write_arguments(struct llmgw__gemini_encode *e,
                            const struct llmgw__tool_call *call)
{
    llmgw_str text;
    enum llmgw__json_type type;

    if (call->custom) {
        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_jstr(&e->w, "input", call->arguments);
        llmgw__jsonw_close(&e->w, '}');
        return;
    }
    text = llmgw__str_trim(llmgw__gemini_text(e, call->arguments));
    type = json_type(text);
    if (type == LLMGW__JSON_OBJECT) {
        llmgw__jsonw_raw(&e->w, text);
        return;
    }
    llmgw__jsonw_open(&e->w, '{');
    if (type != LLMGW__JSON_NONE)
        llmgw__jsonw_member_raw(&e->w, "value", text);
    else if (text.len > 0)
        llmgw__jsonw_member_jstr(&e->w, "INVALID_JSON", call->arguments);
    llmgw__jsonw_close(&e->w, '}');
}

static bool is_signed(struct llmgw__gemini_encode *e,
                      const struct llmgw__message *message)
{
    return message->call_count > 0 &&
           signature_of(e, message, &message->calls[0]).len > 0;
}

/* On the call itself, else among the reasoning details. */
static struct llmgw__jstr signature_of(struct llmgw__gemini_encode *e,
                                       const struct llmgw__message *message,
                                       const struct llmgw__tool_call *call)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t google = llmgw__jdoc_get(doc, call->extra, "google");
    struct llmgw__jstr signature =
        llmgw__jdoc_get_string(doc, google, "thought_signature");

    return signature.len > 0 ? signature : detail_of(e, message, call);
}

static struct llmgw__jstr detail_of(struct llmgw__gemini_encode *e,
                                    const struct llmgw__message *message,
                                    const struct llmgw__tool_call *call)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t list = message->details;

    for (uint32_t at = llmgw__jdoc_first(doc, list); at != LLMGW__JNONE;
         at = llmgw__jdoc_next(doc, list, at)) {
        struct llmgw__jstr format = llmgw__jdoc_get_string(doc, at, "format");
        struct llmgw__jstr id = llmgw__jdoc_get_string(doc, at, "id");

        if (llmgw__jstr_is(format, "google-gemini-v1") &&
            same_text(e, id, call->id))
            return llmgw__jdoc_get_string(doc, at, "data");
    }
    return (struct llmgw__jstr){NULL, 0, false};
}

static bool same_text(struct llmgw__gemini_encode *e, struct llmgw__jstr a,
                      struct llmgw__jstr b)
{
    return a.data && b.data &&
           llmgw__str_eq(llmgw__gemini_text(e, a), llmgw__gemini_text(e, b));
}

/* A JSON object as it is, all else as text. */
static void write_response(struct llmgw__gemini_encode *e,
                           const struct llmgw__message *message)
{
    llmgw_str object = response_object(e, message);

    if (object.len > 0)
        llmgw__jsonw_raw(&e->w, object);
    else
        write_wrapped(e, message);
}

/* Empty: it is none, or would be damaged on the way. */
static llmgw_str response_object(struct llmgw__gemini_encode *e,
                                 const struct llmgw__message *message)
{
    const llmgw_str none = {NULL, 0};
    struct llmgw__jstr raw;
    llmgw_str text;

    if (message->part_count == 0 || message->is_error ||
        message->parts[0].type != LLMGW__PART_TEXT)
        return none;
    for (size_t k = 1; k < message->part_count; k++)
        if (message->parts[k].type == LLMGW__PART_TEXT)
            return none;
    raw = message->parts[0].text;
    if (raw.len == 0 || !strchr("{\\ ", raw.data[0]))
        return none; /* no copy of a long text */
    text = llmgw__str_trim(llmgw__gemini_text(e, raw));
    if (json_type(text) != LLMGW__JSON_OBJECT || has_long_integer(text))
        return none;
    return text;
}

/* Texts one below the other. */
static void write_wrapped(struct llmgw__gemini_encode *e,
                          const struct llmgw__message *message)
{
    bool first = true;

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_key(&e->w, message->is_error ? "error" : "output");
    llmgw__jsonw_str_open(&e->w);
    for (size_t k = 0; k < message->part_count; k++) {
        const struct llmgw__part *part = &message->parts[k];

        if (part->type != LLMGW__PART_TEXT || part->text.len == 0)
            continue;
        if (!first)
            llmgw__jsonw_str_add(&e->w, LLMGW__LIT("\n"));
        llmgw__jsonw_str_add_raw(&e->w,
                                 (llmgw_str){part->text.data, part->text.len});
        first = false;
    }
    llmgw__jsonw_str_close(&e->w);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_response_media(struct llmgw__gemini_encode *e, size_t i)
{
    const struct llmgw__message *message = &e->chat->messages[i];
    bool open = false;

    for (size_t k = 0; k < message->part_count; k++) {
        if (!llmgw__gemini_media_responds(e, i, k))
            continue;
        if (!open) {
            llmgw__jsonw_member_open(&e->w, "parts", '[');
            open = true;
        }
        llmgw__gemini_media(e, i, k, true);
    }
    if (open)
        llmgw__jsonw_close(&e->w, ']');
}

/* NONE: not one whole JSON value. */
static enum llmgw__json_type json_type(llmgw_str text)
{
    struct llmgw__json json;
    enum llmgw__json_type type;

    llmgw__json_init(&json, text);
    type = llmgw__json_peek(&json);
    llmgw__json_skip(&json);
    return llmgw__json_end(&json) && !llmgw__json_has_half(text)
               ? type
               : LLMGW__JSON_NONE;
}

/* The receiver keeps numbers as doubles: 16 digits may be rounded. */
static bool has_long_integer(llmgw_str json)
{
    const char *at = json.data, *end = json.data + json.len;

    while (at < end) {
        const char *from = at;

        if (*at == '"') {
            at = past_string(at + 1, end);
            continue;
        }
        while (at < end && *at >= '0' && *at <= '9')
            at++;
        if (at - from >= 16 && (at == end || !strchr(".eE", *at)) &&
            (from == json.data || from[-1] != '.'))
            return true;
        at = at == from ? at + 1 : at;
    }
    return false;
}

static const char *past_string(const char *at, const char *end)
{
    while (at < end && *at != '"')
        at += *at == '\\' ? 2 : 1;
    return at < end ? at + 1 : end;
}
