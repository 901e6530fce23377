/*
 * stream/gate.h - where ordered chunks wait until their attempt is committed.
 *
 * Before the first content nothing leaves the gate, so that a failed attempt
 * stays invisible. The first content commits: the owner is asked once (it may
 * refuse, when another attempt was first), then what was held goes out, then
 * everything at once.
 */
#ifndef LLMGW_STREAM_GATE_H
#define LLMGW_STREAM_GATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "schema/chunk.h"

struct llmgw__gate_held {
    struct llmgw__chunk chunk;
    struct llmgw__gate_held *next;
};

struct llmgw__gate {
    llmgw__chunk_fn out;
    llmgw_status (*commit)(void *userdata); /* not OK: the attempt has lost */
    void *userdata;
    struct llmgw__arena *arena; /* holds what waits; the attempt's */
    struct llmgw__gate_held *first;
    struct llmgw__gate_held **last;
    bool committed;
};

void llmgw__gate_init(struct llmgw__gate *gate, struct llmgw__arena *arena,
                      llmgw_status (*commit)(void *userdata),
                      llmgw__chunk_fn out, void *userdata);
/** Take an ordered chunk; @return what commit or out answered, or E_NOMEM. */
llmgw_status llmgw__gate_push(struct llmgw__gate *gate,
                              const struct llmgw__chunk *chunk);
/** Is it content: something the host can see and we cannot take back? */
bool llmgw__chunk_is_content(const struct llmgw__chunk *chunk);

#endif
