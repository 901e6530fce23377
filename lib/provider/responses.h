/*
 * provider/responses.h - what the parts of the responses dialect share.
 */
#ifndef LLMGW_PROVIDER_RESPONSES_H
#define LLMGW_PROVIDER_RESPONSES_H

#include <stdbool.h>
#include <stdint.h>

#include "openai_decode.h"
#include "openai_encode.h"

#define LLMGW__RESPONSES_FORMAT    "openai-responses-v1"
#define LLMGW__RESPONSES_FAMILY    "openai-responses" /* of message.llmgw */
#define LLMGW__RESPONSES_MAX_ITEMS 2048 /* output items of one answer */

/* --- asking --- */

/** The dialect's encode (responses_encode.c). */
llmgw_status llmgw__responses_encode(struct llmgw__encode *encode);
/** The value of "input" (responses_input.c). */
void llmgw__responses_input(struct llmgw__openai_encode *o);
/** Members "tools" and "tool_choice" (responses_tools.c). */
void llmgw__responses_tools(struct llmgw__openai_encode *o);
void llmgw__responses_tool_choice(struct llmgw__openai_encode *o);

/* --- answers --- */

enum llmgw__responses_kind {
    LLMGW__RESPONSES_OTHER, /* of a hosted tool, or nothing we know */
    LLMGW__RESPONSES_MESSAGE,
    LLMGW__RESPONSES_REASONING,
    LLMGW__RESPONSES_FUNCTION,
    LLMGW__RESPONSES_CUSTOM
};

/** An output item as far as it has come. */
struct llmgw__responses_item {
    int64_t place;  /* its output_index */
    int64_t base;   /* code points of text told before it */
    uint32_t call;  /* a call's index: the order of first sight */
    uint8_t kind;   /* enum llmgw__responses_kind */
    uint8_t spoken; /* of reasoning: 1 its summary is told, 2 its text */
    bool told;      /* text or arguments came in pieces */
    bool started;   /* TOOL_START is told */
    bool done;
};

struct llmgw__responses_decoder {
    struct llmgw__identity identity; /* texts live in the attempt's arena */
    bool ended;                      /* the last event has come */
    bool failed;                     /* an error was told */
    bool whole;                      /* a body, not a stream */
    bool reasoned;                   /* some reasoning text was told */
    int64_t reasoned_item;           /* the place of the last of it */
    int64_t reasoned_part;
    int64_t points; /* code points of text told */
    uint32_t call_count;
    uint32_t detail_count;
    int64_t tools[LLMGW__USAGE_TOOLS]; /* calls of hosted tools */
    struct llmgw__responses_item *items;
    size_t item_count;
    size_t item_cap;
};

/** One event of a stream, as views. */
struct llmgw__responses_event {
    struct llmgw__jstr type, delta;
    llmgw_str item, response, logprobs;
    int64_t place; /* output_index, -1: not told */
    int64_t part;  /* summary_index or content_index */
};

/** A response object, as views. */
struct llmgw__responses_answer {
    struct llmgw__openai_payload told; /* id, model, created, tier, error */
    struct llmgw__jstr status, reason /* incomplete_details.reason */;
    llmgw_str output; /* the array */
};

/** @return false: not a JSON object (responses_read.c) */
bool llmgw__responses_read_event(struct llmgw__responses_event *event,
                                 llmgw_str text);
bool llmgw__responses_read_answer(struct llmgw__responses_answer *answer,
                                  llmgw_str text);

/** Events of items (responses_items.c). */
llmgw_status llmgw__responses_added(struct llmgw__responses_decoder *decoder,
                                    const struct llmgw__decode *decode,
                                    const struct llmgw__responses_event *event);
llmgw_status llmgw__responses_done(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__responses_event *event);
/** A piece of text or refusal: variant is the kind of chunk. */
llmgw_status llmgw__responses_text(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__responses_event *event,
                                   uint8_t kind);
/** A piece of reasoning: spoken 1 of a summary, 2 of the text itself. */
llmgw_status
llmgw__responses_reasoning(struct llmgw__responses_decoder *decoder,
                           const struct llmgw__decode *decode,
                           const struct llmgw__responses_event *event,
                           uint8_t spoken);
llmgw_status
llmgw__responses_arguments(struct llmgw__responses_decoder *decoder,
                           const struct llmgw__decode *decode,
                           const struct llmgw__responses_event *event);
/** Every item of an output array. */
llmgw_status llmgw__responses_output(struct llmgw__responses_decoder *decoder,
                                     const struct llmgw__decode *decode,
                                     llmgw_str output);

/** An item of a hosted tool: an image, a call that is charged
 *  (responses_output.c). */
llmgw_status llmgw__responses_hosted(struct llmgw__responses_decoder *decoder,
                                     const struct llmgw__decode *decode,
                                     llmgw_str item);
/** What the next request has to return, and no other member says. */
llmgw_status llmgw__responses_state(const struct llmgw__decode *decode,
                                    llmgw_str output);

/** One url_citation, with its place counted from the start of all the text
 *  (responses_annotations.c). Others have no place in a chat answer. */
llmgw_status llmgw__responses_annotations(const struct llmgw__decode *decode,
                                          llmgw_str list, int64_t base);
/** Opaque state of a reasoning item: its summaries, what is encrypted. */
llmgw_status llmgw__responses_details(struct llmgw__responses_decoder *decoder,
                                      const struct llmgw__decode *decode,
                                      llmgw_str item);

#endif
