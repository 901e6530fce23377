/*
 * provider/coding.h - what encoders and decoders work with.
 */
#ifndef LLMGW_PROVIDER_CODING_H
#define LLMGW_PROVIDER_CODING_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"
#include "schema/adjust.h"
#include "schema/chat.h"
#include "schema/chunk.h"
#include "schema/exchange.h"
#include "schema/ids.h"

/** What the encoder did that the decoder must undo. Lives with the attempt. */
struct llmgw__memo {
    bool json_tool;  /* the answer is the input of the emulation tool */
    bool custom_any; /* custom tools went out as functions: their names */
    const struct llmgw__chat *chat; /* the request, for tool names */
    /* tool ids that had to be rewritten are rewritten on both sides by the
       encoder alone: history only, answers bring new ids */
};

/** What a request is sent without, after the service has refused it. */
enum {
    LLMGW__AGAIN_STATELESS = 1, /* opaque reasoning state; the encoder finds
                                   none in the chat */
    LLMGW__AGAIN_UNFORCED = 2,  /* forced use of tools */
    LLMGW__AGAIN_UNLEVELED = 4, /* levels of an effort: it thinks, or not */
    LLMGW__AGAIN_CLOCK = 8      /* nothing: signed by the service's clock */
};

/** Everything an encoder may look at, and where it writes. */
struct llmgw__encode {
    const struct llmgw__chat *chat;
    const struct llmgw__target *target;
    bool stream;      /* ask upstream for a stream */
    uint8_t again;    /* LLMGW__AGAIN_…: refused before */
    llmgw_str onward; /* a further exchange of one answer: what `onward` of
                         the dialect has told; empty: the first */
    bool strict;      /* refuse instead of adjusting */
    struct llmgw__arena *arena;          /* the attempt's */
    struct llmgw__http_request *request; /* URL, headers, body: to be filled */
    struct llmgw__adjustments *adjustments;
    struct llmgw__memo *memo;
    struct llmgw__error *error; /* filled on LLMGW_E_INVALID */
};

/** What a decoder works with. */
struct llmgw__decode {
    llmgw__chunk_fn emit; /* one chunk; its status must be passed on */
    void *userdata;
    struct llmgw__arena *scratch; /* reset by the attempt before each frame */
    struct llmgw__arena *arena;   /* lives as long as the attempt, bounded */
    const struct llmgw__target *target;
    const struct llmgw__memo *memo;
    const struct llmgw__http_head *head; /* of the answer being decoded */
    const struct llmgw__ids *ids;
    int64_t now_s;   /* wall clock, seconds */
    bool may_follow; /* a further exchange of this answer can be made */
};

#endif
