/*
 * fuzz/fuzz_chat.c - read a chat request from any bytes; walk what was taken,
 * and what was refused must say so in one line.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/chat.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile unsigned char sink;

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

/* Every view of the tray lies inside the request, or was made whole. */
static void look_at(struct llmgw__jstr str)
{
    for (size_t i = 0; i < str.len; i++)
        sink ^= (unsigned char)str.data[i];
}

static void walk_message(const struct llmgw__chat *chat, size_t index)
{
    const struct llmgw__message *message = &chat->messages[index];
    const struct llmgw__tool_call *answered;

    for (size_t i = 0; i < message->part_count; i++) {
        look_at(message->parts[i].text);
        look_at(message->parts[i].detail);
        look_at(message->parts[i].format);
        look_at(message->parts[i].filename);
        look_at(message->parts[i].file_id);
    }
    for (size_t i = 0; i < message->call_count; i++) {
        must(message->calls[i].id.len > 0);
        look_at(message->calls[i].arguments);
    }
    answered = llmgw__chat_call_of(chat, index);
    if (answered)
        look_at(answered->name);
    must(message->role != LLMGW__ROLE_TOOL || message->tool_call_id.len > 0);
    look_at(message->reasoning);
    look_at(message->refusal);
}

static void walk(const struct llmgw__chat *chat)
{
    must(chat->message_count > 0 && chat->model.len > 0);
    must(chat->n >= 1 && chat->max_tokens >= 0);
    for (size_t i = 0; i < chat->message_count; i++)
        walk_message(chat, i);
    for (size_t i = 0; i < chat->tool_count; i++) {
        look_at(chat->tools[i].name);
        (void)llmgw__chat_tool_allowed(chat, &chat->tools[i]);
    }
    for (size_t i = 0; i < chat->stop_count; i++)
        look_at(chat->stops[i]);
    look_at(chat->user);
    (void)llmgw__chat_member(chat, "store");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct llmgw__arena arena;
    struct llmgw__chat chat;
    struct llmgw__error error;
    llmgw_status status;

    llmgw__arena_init(&arena, 0, (size_t)16 << 20);
    llmgw__error_clear(&error);
    status = llmgw__chat_parse(&chat, llmgw__str_n((const char *)data, size),
                               &arena, &error);
    if (status == LLMGW_OK)
        walk(&chat);
    if (status == LLMGW_E_INVALID) {
        llmgw_str message = llmgw__str(error.message);

        must(error.kind == LLMGW_KIND_INVALID_REQUEST && message.len > 0);
        must(llmgw__str_printable(message));
        must(llmgw__utf8_valid(message) == message.len);
    }
    llmgw__chat_clear(&chat);
    llmgw__arena_clear(&arena);
    return 0;
}
