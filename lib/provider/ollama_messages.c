/*
 * provider/ollama_messages.c - messages.
 *
 * Texts are joined by a line feed; images and sound stand beside them, as bare
 * base64: the server fetches nothing. Arguments of calls are objects. A
 * result names its tool and its call: older templates look for the one, newer
 * for the other.
 *
 * Source: ollama/ollama, api/types.go (Message), 2026-08. Memory: arguments of
 * calls, in the attempt's arena.
 */
#include <stdio.h>

#include "data_url.h"
#include "ollama.h"

static void write_message(struct llmgw__encoding *e, size_t i);
static void write_media(struct llmgw__encoding *e, size_t i);
static void write_base64(struct llmgw__encoding *e, size_t i, size_t k);
static struct llmgw__jstr data_of(struct llmgw__encoding *e, size_t i,
                                  size_t k);
static void write_calls(struct llmgw__encoding *e, size_t i);
static void write_call(struct llmgw__encoding *e, size_t i, size_t k);
static void write_arguments(struct llmgw__encoding *e, size_t i, size_t k);
static bool is_object(llmgw_str text);

void llmgw__ollama_messages(struct llmgw__encoding *e)
{
    llmgw__jsonw_member_open(&e->w, "messages", '[');
    for (size_t i = 0; i < e->chat->message_count; i++)
        write_message(e, i);
    llmgw__jsonw_close(&e->w, ']');
}

static void write_message(struct llmgw__encoding *e, size_t i)
{
    static const char *const roles[] = {
        [LLMGW__ROLE_SYSTEM] = "system", [LLMGW__ROLE_DEVELOPER] = "system",
        [LLMGW__ROLE_USER] = "user",     [LLMGW__ROLE_ASSISTANT] = "assistant",
        [LLMGW__ROLE_TOOL] = "tool",
    };
    const struct llmgw__message *message = &e->chat->messages[i];
    const struct llmgw__tool_call *call = NULL;

    if (message->role == LLMGW__ROLE_TOOL)
        call = llmgw__chat_call_of(e->chat, i);
    else
        llmgw__encoding_report_name(e, message);
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_z(&e->w, "role", roles[message->role]);
    llmgw__jsonw_key(&e->w, "content");
    llmgw__jsonw_str_open(&e->w);
    llmgw__encoding_join(e, message, "\n");
    llmgw__jsonw_str_close(&e->w);
    write_media(e, i);
    if (message->reasoning.len > 0)
        llmgw__jsonw_member_jstr(&e->w, "thinking", message->reasoning);
    if (message->call_count > 0)
        write_calls(e, i);
    if (call)
        llmgw__jsonw_member_jstr(&e->w, "tool_name", call->name);
    if (message->role == LLMGW__ROLE_TOOL)
        llmgw__jsonw_member_jstr(&e->w, "tool_call_id", message->tool_call_id);
    llmgw__jsonw_close(&e->w, '}');
}

/* --- images and sound --- */

static void write_media(struct llmgw__encoding *e, size_t i)
{
    const struct llmgw__message *message = &e->chat->messages[i];
    bool open = false;

    for (size_t k = 0; k < message->part_count; k++) {
        if (message->parts[k].type <= LLMGW__PART_REFUSAL)
            continue;
        if (!open) {
            llmgw__jsonw_member_open(&e->w, "images", '[');
        }
        open = true;
        write_base64(e, i, k);
    }
    if (open)
        llmgw__jsonw_close(&e->w, ']');
}

static void write_base64(struct llmgw__encoding *e, size_t i, size_t k)
{
    const struct llmgw__part *part = &e->chat->messages[i].parts[k];
    struct llmgw__jstr data = {NULL, 0, false};
    llmgw_status status;
    bool good = false;

    if (part->type == LLMGW__PART_IMAGE)
        data = data_of(e, i, k);
    else if (part->type == LLMGW__PART_AUDIO)
        data = part->text;
    else
        llmgw__encoding_refuse_part(e, i, k, "this provider takes no files");
    if (!data.data)
        return;
    status = llmgw__base64_slice(&data, e->io->arena, &good);
    if (status != LLMGW_OK && e->status == LLMGW_OK)
        e->status = status;
    if (status == LLMGW_OK && !good)
        llmgw__encoding_refuse_part(e, i, k, "the data is not base64");
    llmgw__jsonw_jstr(&e->w, data);
}

/* Of an image; data NULL: it cannot be sent. */
static struct llmgw__jstr data_of(struct llmgw__encoding *e, size_t i, size_t k)
{
    const struct llmgw__part *part = &e->chat->messages[i].parts[k];
    const struct llmgw__jstr none = {NULL, 0, false};
    struct llmgw__data_url url = {.data = none};
    llmgw_status status = llmgw__data_url_read(part->text, e->io->arena, &url);

    if (llmgw__jstr_is(part->detail, "low") ||
        llmgw__jstr_is(part->detail, "high"))
        llmgw__encoding_adjust(e, "messages", "dropped", "image_detail");
    if (status != LLMGW_OK && e->status == LLMGW_OK)
        e->status = status;
    if (status == LLMGW_OK && url.data.data && url.base64)
        return url.data;
    llmgw__encoding_refuse_part(
        e, i, k,
        url.data.data ? "a data URL that is not base64"
                      : "this provider fetches no images: give a data URL");
    return none;
}

/* --- calls --- */

static void write_calls(struct llmgw__encoding *e, size_t i)
{
    const struct llmgw__message *message = &e->chat->messages[i];

    llmgw__jsonw_member_open(&e->w, "tool_calls", '[');
    for (size_t k = 0; k < message->call_count; k++)
        write_call(e, i, k);
    llmgw__jsonw_close(&e->w, ']');
}

static void write_call(struct llmgw__encoding *e, size_t i, size_t k)
{
    const struct llmgw__tool_call *call = &e->chat->messages[i].calls[k];

    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_jstr(&e->w, "id", call->id);
    llmgw__jsonw_member_open(&e->w, "function", '{');
    llmgw__jsonw_member_int(&e->w, "index", (int64_t)k);
    llmgw__jsonw_member_jstr(&e->w, "name", call->name);
    llmgw__jsonw_key(&e->w, "arguments");
    write_arguments(e, i, k);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, '}');
}

static void write_arguments(struct llmgw__encoding *e, size_t i, size_t k)
{
    const struct llmgw__tool_call *call = &e->chat->messages[i].calls[k];
    llmgw_str text;
    char rest[64];

    if (call->custom) {
        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_jstr(&e->w, "input", call->arguments);
        llmgw__jsonw_close(&e->w, '}');
        return;
    }
    text = llmgw__str_trim(llmgw__encoding_text(e, call->arguments));
    if (is_object(text)) {
        llmgw__jsonw_raw(&e->w, text);
        return;
    }
    llmgw__jsonw_raw(&e->w, LLMGW__LIT("{}"));
    if (text.len == 0)
        return; /* none */
    (void)snprintf(rest, sizeof rest, ".tool_calls[%zu].function.arguments", k);
    llmgw__encoding_refuse_at(e, LLMGW_KIND_INVALID_REQUEST, i, rest,
                              "must be a JSON object for this provider");
}

static bool is_object(llmgw_str text)
{
    struct llmgw__json json;

    llmgw__json_init(&json, text);
    if (llmgw__json_peek(&json) != LLMGW__JSON_OBJECT)
        return false;
    llmgw__json_skip(&json);
    return llmgw__json_end(&json);
}
