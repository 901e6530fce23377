/*
 * schema/embed.h - an embeddings request: its inputs, as they stand in the
 * host's JSON. What it has in common with a chat (model, user, the "llmgw"
 * object, limits) is in the chat's tray.
 */
#ifndef LLMGW_SCHEMA_EMBED_H
#define LLMGW_SCHEMA_EMBED_H

#include <stdbool.h>
#include <stdint.h>

#include "chat.h"
#include "error.h"

/** Most inputs of one request. */
#define LLMGW__EMBED_MAX_INPUTS 2048

struct llmgw__embed {
    const struct llmgw__chat *chat; /* the rest of the request; its document
                                       has the nodes below */
    uint32_t *inputs; /* nodes: strings, or arrays of token ids; in the arena */
    size_t count;     /* at least 1 */
    uint32_t node;    /* the member itself: a list, or the only input */
    bool tokens;      /* the inputs are token ids */
    bool base64;      /* how the host wants its vectors */
    int64_t dimensions; /* 0: not said */
};

/**
 * Read and check a request. Refusals name the place, e.g. "input[3]".
 *
 * @param chat   becomes what is common to all requests; llmgw__chat_clear(),
 *               also after a refusal
 * @param bytes  borrowed; must outlive both trays
 * @retval LLMGW_E_INVALID  refused; error is filled
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__embed_parse(struct llmgw__embed *embed,
                                struct llmgw__chat *chat, llmgw_str bytes,
                                struct llmgw__arena *arena,
                                struct llmgw__error *error);
/** Is this the name of a top-level member that somebody here reads? */
bool llmgw__embed_member_known(struct llmgw__jstr name);
/** The bytes of some inputs as they stand: what they cost is estimated by. */
size_t llmgw__embed_bytes(const struct llmgw__embed *embed, size_t from,
                          size_t count);

#endif
