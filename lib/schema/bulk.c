/*
 * schema/bulk.c - how much a request is. Texts are counted as the model gets
 * them, escapes resolved; what goes as JSON is counted as it stands.
 *
 * Memory: none.
 */
#include "bulk.h"

#include <string.h>

#include "base/jsonscan.h"
#include "base/text.h"
#include "usage.h"

#define WORD      8
#define HIGH_BITS UINT64_C(0x8080808080808080)
#define LOW_BITS  UINT64_C(0x0101010101010101)

static void count_message(const struct llmgw__chat *chat,
                          const struct llmgw__message *message,
                          struct llmgw__bulk *out);
static void count_part(const struct llmgw__part *part, struct llmgw__bulk *out);
static void count_text(struct llmgw__jstr text, struct llmgw__bulk *out);
static uint64_t count_raw(const struct llmgw__chat *chat, uint32_t node);

void llmgw__bulk_of(const struct llmgw__chat *chat, struct llmgw__bulk *out)
{
    memset(out, 0, sizeof *out);
    out->messages = (uint32_t)chat->message_count;
    for (size_t i = 0; i < chat->message_count; i++)
        count_message(chat, &chat->messages[i], out);
    out->tools = (uint32_t)chat->tool_count;
    for (size_t i = 0; i < chat->tool_count; i++) {
        const struct llmgw__tool *tool = &chat->tools[i];

        out->tool_bytes +=
            tool->type == LLMGW__TOOL_FUNCTION
                ? tool->name.len + tool->description.len + tool->parameters.len
                : count_raw(chat, tool->node);
    }
    out->schema_bytes = chat->schema.len;
    out->predicted = count_raw(chat, llmgw__chat_member(chat, "prediction"));
    out->max_tokens = chat->max_tokens;
    out->answers = chat->n > 1 ? (uint32_t)chat->n : 1;
    out->service_tier = (uint8_t)llmgw__chat_service_tier(chat);
}

static void count_message(const struct llmgw__chat *chat,
                          const struct llmgw__message *message,
                          struct llmgw__bulk *out)
{
    count_text(message->name, out);
    count_text(message->refusal, out);
    count_text(message->reasoning, out);
    for (size_t i = 0; i < message->part_count; i++)
        count_part(&message->parts[i], out);
    for (size_t i = 0; i < message->call_count; i++) {
        count_text(message->calls[i].name, out);
        count_text(message->calls[i].arguments, out);
        out->state_bytes += count_raw(chat, message->calls[i].extra);
    }
    out->state_bytes += count_raw(chat, message->details) +
                        count_raw(chat, message->extra) +
                        count_raw(chat, message->replay);
}

static void count_part(const struct llmgw__part *part, struct llmgw__bulk *out)
{
    switch (part->type) {
    case LLMGW__PART_IMAGE:
        out->images++;
        break;
    case LLMGW__PART_FILE:
        out->files++;
        count_text(part->filename, out);
        break;
    case LLMGW__PART_AUDIO:
        out->audios++;
        break;
    default:
        count_text(part->text, out);
        return;
    }
    out->media_bytes += part->text.len;
}

/** Bytes of a plain text that are not ASCII. */
static uint64_t count_high(const char *at, const char *end)
{
    uint64_t count = 0;

    for (; end - at >= WORD; at += WORD) {
        uint64_t word;

        memcpy(&word, at, WORD);
        if (word & HIGH_BITS)
            count += (((word & HIGH_BITS) >> 7) * LOW_BITS) >> 56;
    }
    for (; at < end; at++)
        count += (unsigned char)*at >> 7;
    return count;
}

static void count_text(struct llmgw__jstr text, struct llmgw__bulk *out)
{
    const char *at = text.data;
    const char *end = text.data ? at + text.len : at;

    if (!text.data)
        return;
    while (at < end) {
        const char *plain = at;
        unsigned char bytes[4];
        size_t count;

        if (text.escaped)
            at = memchr(at, '\\', (size_t)(end - at));
        at = text.escaped && at ? at : end;
        out->text_bytes += (uint64_t)(at - plain);
        out->other_bytes += count_high(plain, at);
        if (at == end)
            return;
        count = llmgw__scan_char(&at, end, bytes);
        out->text_bytes += count;
        out->other_bytes += count && bytes[0] & 0x80 ? count : 0;
    }
}

/** As JSON; none: nothing. */
static uint64_t count_raw(const struct llmgw__chat *chat, uint32_t node)
{
    return llmgw__jdoc_raw(&chat->doc, node).len;
}

enum llmgw__service_tier
llmgw__chat_service_tier(const struct llmgw__chat *chat)
{
    uint32_t node = llmgw__chat_member(chat, "service_tier");
    struct llmgw__jstr word = llmgw__jdoc_string(&chat->doc, node);

    return llmgw__service_tier_of(llmgw__str_n(word.data, word.len));
}
