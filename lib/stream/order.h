/*
 * stream/order.h - the order keeper: what a decoder says, as it came, becomes
 * the one sequence that hosts see.
 *
 * Role first and once; indices dense and ascending; a tool's id and name
 * once; whole UTF-8; "{}" for a call without arguments; finish latched and
 * sent after all the rest of its choice; extras once, whole, before it; usage
 * last of all.
 *
 * Memory: ids, names, extras and the arguments of calls that wait for an
 * earlier one; never the text.
 */
#ifndef LLMGW_STREAM_ORDER_H
#define LLMGW_STREAM_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "schema/chunk.h"
#include "schema/ids.h"

#define LLMGW__ORDER_MAX_CHOICES 128
#define LLMGW__ORDER_MAX_TOOLS   1024

struct llmgw__order_choice; /* order.c */

struct llmgw__order {
    llmgw__chunk_fn out;
    void *userdata;
    struct llmgw__order_choice *choices;
    size_t choice_count;
    size_t choice_cap;
    struct llmgw__arena *arena; /* the attempt's */
    const struct llmgw__ids *ids;
    struct llmgw__buf scratch; /* joined text */
    struct llmgw__identity identity;
    llmgw_str model;            /* if the answer does not tell it */
    int64_t created_s;          /* ditto */
    struct llmgw__usage *usage; /* NULL: none came */
    size_t max_extras;          /* bytes of all extras together */
    bool legacy;                /* a call is told as function_call */
};

/** What an order keeper works with; all borrowed. */
struct llmgw__order_setup {
    struct llmgw__arena *arena; /* the attempt's */
    const struct llmgw__ids *ids;
    llmgw_str model;     /* asked for: taken when the answer does not say */
    int64_t created_s;   /* ditto: the clock */
    size_t max_extras;   /* bytes of all extras of a choice together */
    bool legacy;         /* asked with functions: the first call of a choice is
                            told as function_call, that form has no second */
    llmgw__chunk_fn out; /* takes the ordered chunks; its status is passed on */
    void *userdata;
};

void llmgw__order_init(struct llmgw__order *order,
                       const struct llmgw__order_setup *setup);
/**
 * Take a decoder's chunk (kinds up to CHUNK_USAGE and CHUNK_FINISH; errors are
 * the attempt's business).
 *
 * @retval LLMGW_E_LIMIT  more choices, calls or extras than the bounds
 */
llmgw_status llmgw__order_push(struct llmgw__order *order,
                               const struct llmgw__chunk *chunk);
/** The answer is complete: send what was kept for the end. */
llmgw_status llmgw__order_end(struct llmgw__order *order);
void llmgw__order_clear(struct llmgw__order *order);

#endif
