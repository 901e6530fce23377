/*
 * route/when.c - is a target of a route there for a request?
 *
 * Everything that is said of it must hold. Tokens are counted as four bytes of
 * text each, as everywhere before somebody has answered. Memory: none.
 */
#include "when.h"

#include "base/text.h"
#include "schema/tags.h"

#define BYTES_A_TOKEN 4

typedef bool holds_fn(const struct llmgw__when *when,
                      const struct llmgw__when_ask *ask);

static holds_fn tags_hold, tools_hold, images_hold, stream_holds, needs_hold,
    least_holds, most_holds;

static const struct condition {
    holds_fn *holds;
    const char *against;
} conditions[] = {
    {tags_hold, "its route has it for requests with other tags"},
    {tools_hold, "its route has it for requests with, or without, tools"},
    {images_hold, "its route has it for requests with, or without, images"},
    {stream_holds, "its route has it for requests that are, or are not, "
                   "streamed"},
    {needs_hold, "its route has it for requests that need more"},
    {least_holds, "its route has it for longer prompts"},
    {most_holds, "its route has it for shorter prompts"},
};

const char *llmgw__when_against(const struct llmgw__when *when,
                                const struct llmgw__when_ask *ask)
{
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (!conditions[i].holds(when, ask))
            return conditions[i].against;
    return NULL;
}

static bool tags_hold(const struct llmgw__when *when,
                      const struct llmgw__when_ask *ask)
{
    return llmgw__tags_have(ask->tags, llmgw__str(when->tags));
}

/** wanted: -1 is any. */
static bool is_as(int8_t wanted, bool is)
{
    return wanted < 0 || is == (wanted > 0);
}

static bool tools_hold(const struct llmgw__when *when,
                       const struct llmgw__when_ask *ask)
{
    return is_as(when->tools, ask->needs->abilities & LLMGW__CAN_TOOLS);
}

static bool images_hold(const struct llmgw__when *when,
                        const struct llmgw__when_ask *ask)
{
    return is_as(when->images, ask->needs->abilities & LLMGW__CAN_VISION);
}

static bool stream_holds(const struct llmgw__when *when,
                         const struct llmgw__when_ask *ask)
{
    return is_as(when->stream, ask->chat->stream);
}

/** What it asks for, that too which can be done in another way. */
static uint8_t wishes_of(const struct llmgw__when_ask *ask)
{
    const struct llmgw__chat *chat = ask->chat;
    uint8_t wishes = ask->needs->abilities;

    if (chat->format == LLMGW__FORMAT_JSON_SCHEMA)
        wishes |= LLMGW__CAN_JSON_SCHEMA;
    if (chat->effort > LLMGW__EFFORT_NONE)
        wishes |= LLMGW__CAN_REASONING;
    if (chat->message_count &&
        chat->messages[chat->message_count - 1].role == LLMGW__ROLE_ASSISTANT)
        wishes |= LLMGW__CAN_PREFILL;
    return wishes;
}

static bool needs_hold(const struct llmgw__when *when,
                       const struct llmgw__when_ask *ask)
{
    return (when->needs & ~wishes_of(ask)) == 0;
}

static bool least_holds(const struct llmgw__when *when,
                        const struct llmgw__when_ask *ask)
{
    return ask->needs->bytes / BYTES_A_TOKEN >= when->min_tokens;
}

static bool most_holds(const struct llmgw__when *when,
                       const struct llmgw__when_ask *ask)
{
    return !when->max_tokens ||
           ask->needs->bytes / BYTES_A_TOKEN <= when->max_tokens;
}
