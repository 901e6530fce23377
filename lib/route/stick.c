/*
 * route/stick.c - what a sticky route knows a request again by.
 *
 * A conversation is its first message of the user and all that stands before
 * that: what every later turn repeats. It is hashed as its bytes stand in the
 * request, as what providers cache is the text they are sent. Memory: none.
 */
#include "stick.h"

#include "base/text.h"
#include "hash.h"
#include "schema/tags.h"

static uint64_t hash_conversation(const struct llmgw__chat *chat);
static uint64_t hash_prefix(const struct llmgw__chat *chat);
static uint64_t hash_tag(const struct llmgw__route *route, llmgw_str tags);

uint64_t llmgw__stick_hash(const struct llmgw__route *route,
                           const struct llmgw__chat *chat, llmgw_str tags)
{
    uint64_t hash = LLMGW__HASH;

    switch ((enum llmgw__stick)route->stick) {
    case LLMGW__STICK_CONVERSATION:
        hash = hash_conversation(chat);
        break;
    case LLMGW__STICK_PREFIX:
        hash = hash_prefix(chat);
        break;
    case LLMGW__STICK_TAG:
        hash = hash_tag(route, tags);
        break;
    }
    if (hash == LLMGW__HASH)
        return 0;
    hash = llmgw__hash_end(hash);
    return hash ? hash : 1;
}

static uint64_t add_node(uint64_t hash, const struct llmgw__chat *chat,
                         uint32_t node)
{
    return llmgw__hash_add(hash, llmgw__jdoc_raw(&chat->doc, node));
}

static uint64_t hash_conversation(const struct llmgw__chat *chat)
{
    uint64_t hash = LLMGW__HASH;

    for (size_t i = 0; i < chat->message_count; i++) {
        hash = add_node(hash, chat, chat->messages[i].node);
        if (chat->messages[i].role == LLMGW__ROLE_USER)
            break;
    }
    return hash;
}

static uint64_t hash_prefix(const struct llmgw__chat *chat)
{
    uint64_t hash = LLMGW__HASH;

    for (size_t i = 0; i < chat->message_count; i++)
        if (chat->messages[i].role == LLMGW__ROLE_SYSTEM ||
            chat->messages[i].role == LLMGW__ROLE_DEVELOPER)
            hash = add_node(hash, chat, chat->messages[i].node);
    for (size_t i = 0; i < chat->tool_count; i++)
        hash = add_node(hash, chat, chat->tools[i].node);
    return hash;
}

static uint64_t hash_tag(const struct llmgw__route *route, llmgw_str tags)
{
    llmgw_str value = llmgw__tags_value(tags, route->stick_tag);

    return value.data ? llmgw__hash_add(LLMGW__HASH, value) : LLMGW__HASH;
}
