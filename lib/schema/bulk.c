/*
 * schema/bulk.c - how much a request is. Texts are counted as they stand in
 * JSON: escapes make them longer, never shorter.
 *
 * Memory: none.
 */
#include "bulk.h"

#include <string.h>

#include "base/text.h"
#include "usage.h"

static void count_part(const struct llmgw__part *part, struct llmgw__bulk *out)
{
    switch (part->type) {
    case LLMGW__PART_IMAGE:
    case LLMGW__PART_FILE:
        out->images++;
        out->media_bytes += part->text.len;
        break;
    case LLMGW__PART_AUDIO:
        out->audios++;
        out->media_bytes += part->text.len;
        break;
    default:
        out->text_bytes += part->text.len;
        break;
    }
}

static void count_message(const struct llmgw__message *message,
                          struct llmgw__bulk *out)
{
    out->text_bytes += message->reasoning.len;
    for (size_t i = 0; i < message->part_count; i++)
        count_part(&message->parts[i], out);
    for (size_t i = 0; i < message->call_count; i++)
        out->text_bytes +=
            message->calls[i].name.len + message->calls[i].arguments.len;
}

static enum llmgw__service_tier tier_of(const struct llmgw__chat *chat)
{
    uint32_t node = llmgw__chat_member(chat, "service_tier");
    struct llmgw__jstr word;

    if (node == LLMGW__JNONE ||
        llmgw__jdoc_type(&chat->doc, node) != LLMGW__JSON_STRING)
        return LLMGW__SERVICE_UNKNOWN;
    word = llmgw__jdoc_string(&chat->doc, node);
    return llmgw__service_tier_of(llmgw__str_n(word.data, word.len));
}

void llmgw__bulk_of(const struct llmgw__chat *chat, struct llmgw__bulk *out)
{
    memset(out, 0, sizeof *out);
    out->messages = (uint32_t)chat->message_count;
    for (size_t i = 0; i < chat->message_count; i++)
        count_message(&chat->messages[i], out);
    out->tools = (uint32_t)chat->tool_count;
    for (size_t i = 0; i < chat->tool_count; i++)
        out->tool_bytes += chat->tools[i].name.len +
                           chat->tools[i].description.len +
                           chat->tools[i].parameters.len;
    out->tool_bytes += chat->schema.len;
    out->max_tokens = chat->max_tokens;
    out->answers = chat->n > 1 ? (uint32_t)chat->n : 1;
    out->service_tier = tier_of(chat);
}
