/*
 * stream/gate.h - where ordered chunks wait until their attempt is committed.
 *
 * Before it opens nothing leaves the gate, so that a failed attempt stays
 * invisible. What opens it: the first content; or so much of it; or its time,
 * which the owner tells; or the answer's end. Then the owner is asked once (it
 * may refuse, when another attempt was first), then what was held goes out,
 * then everything at once. Tool calls may be held until each is whole, before
 * and after.
 */
#ifndef LLMGW_STREAM_GATE_H
#define LLMGW_STREAM_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "schema/chunk.h"

struct llmgw__gate_held; /* gate.c */

/** What a gate works with; all borrowed. */
struct llmgw__gate_setup {
    struct llmgw__arena *arena; /* holds what waits; the attempt's */
    uint32_t tokens;  /* content to be held back, by bytes / 4; 0: none,
                         UINT32_MAX: the whole answer */
    size_t bytes;     /* more is not held: it opens, or a tool call is handed
                         over as it comes */
    bool whole_tools; /* a tool call leaves when it is complete */
    llmgw_status (*content)(void *userdata); /* the first content is there */
    llmgw_status (*commit)(void *userdata);  /* not OK: the attempt has lost */
    llmgw__chunk_fn out;
    void *userdata; /* of all three */
};

struct llmgw__gate {
    llmgw__chunk_fn out;
    void *userdata;
    struct llmgw__gate_setup setup;
    struct llmgw__gate_held *first;
    struct llmgw__gate_held **last;
    struct llmgw__gate_held *newest;
    struct llmgw__gate_held *tool;  /* the first piece that waits for the rest
                                       of its call */
    struct llmgw__gate_held *spare; /* to be used again */
    size_t held;                    /* bytes, and in how many pieces */
    size_t pieces;
    size_t said; /* bytes of content so far */
    bool has_content;
    bool committed;
    bool passes; /* committed, and no call has to be whole: all goes out */
};

void llmgw__gate_init(struct llmgw__gate *gate,
                      const struct llmgw__gate_setup *setup);
/** Take an ordered chunk; @return what the functions answered, or E_NOMEM. */
llmgw_status llmgw__gate_push(struct llmgw__gate *gate,
                              const struct llmgw__chunk *chunk);
/** Its time is up: what is held goes out, if there is content among it. */
llmgw_status llmgw__gate_open(struct llmgw__gate *gate);
/** Is it content: something the host can see and we cannot take back? */
bool llmgw__chunk_is_content(const struct llmgw__chunk *chunk);

#endif
