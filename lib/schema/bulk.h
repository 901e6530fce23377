/*
 * schema/bulk.h - how much a request is: what its tokens can be told by before
 * anybody has counted them.
 */
#ifndef LLMGW_SCHEMA_BULK_H
#define LLMGW_SCHEMA_BULK_H

#include <stdint.h>

#include "chat.h"
#include "usage.h"

struct llmgw__bulk {
    uint64_t text_bytes;   /* of messages, unescaped */
    uint64_t other_bytes;  /* those of them that are not ASCII */
    uint64_t tool_bytes;   /* of tools, as JSON */
    uint64_t schema_bytes; /* of what the answer is to be like, as JSON */
    uint64_t state_bytes;  /* of what providers gave to be handed back */
    uint64_t media_bytes;  /* of images, documents, audio that are in it */
    uint32_t messages;
    uint32_t tools;
    uint32_t images; /* in it or by address */
    uint32_t files;  /* documents, likewise */
    uint32_t audios;
    int64_t max_tokens;   /* of an answer; 0: not said */
    uint64_t predicted;   /* bytes of the answer that the host foresees: what
                             of it is wrong is charged, too */
    uint32_t answers;     /* n, at least 1 */
    uint8_t service_tier; /* enum llmgw__service_tier, as asked for */
};

/** Reads the request's bytes once; allocates nothing. */
/** The tier that a request asks for. */
enum llmgw__service_tier
llmgw__chat_service_tier(const struct llmgw__chat *chat);
void llmgw__bulk_of(const struct llmgw__chat *chat, struct llmgw__bulk *out);

/** All that is text to the model. */
static inline uint64_t llmgw__bulk_bytes(const struct llmgw__bulk *bulk)
{
    return bulk->text_bytes + bulk->tool_bytes + bulk->schema_bytes;
}

#endif
