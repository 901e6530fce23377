/*
 * schema/bulk.h - how much a request is: what its tokens can be told by before
 * anybody has counted them.
 */
#ifndef LLMGW_SCHEMA_BULK_H
#define LLMGW_SCHEMA_BULK_H

#include <stdint.h>

#include "chat.h"

struct llmgw__bulk {
    uint64_t text_bytes;  /* of messages, unescaped */
    uint64_t tool_bytes;  /* of tools and schemas, as JSON */
    uint64_t media_bytes; /* of images, documents, audio that are in it */
    uint32_t messages;
    uint32_t tools;
    uint32_t images; /* and documents; in it or by address */
    uint32_t audios;
    int64_t max_tokens;   /* of an answer; 0: not said */
    uint32_t answers;     /* n, at least 1 */
    uint8_t service_tier; /* enum llmgw__service_tier, as asked for */
};

void llmgw__bulk_of(const struct llmgw__chat *chat, struct llmgw__bulk *out);

#endif
