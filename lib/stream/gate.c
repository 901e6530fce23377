/*
 * stream/gate.c - where ordered chunks wait until their attempt is committed,
 * and tool calls until they are whole.
 *
 * One list, in order. A piece of a call that is not whole `waits`: it stays
 * when what is around it goes out, which may only be another choice's (what
 * else its own choice says comes after the call, and ends it). Pieces that
 * follow each other are joined, so that what was held leaves as few chunks.
 *
 * Identity and usage are not copied: they are the order keeper's, which lives
 * as long as the gate.
 *
 * Memory: the setup's bytes, at most MAX_PIECES pieces, and what doubling
 * leaves behind; pieces are used again.
 */
#include "gate.h"

#include <string.h>

#include "base/text.h"

#define MAX_PIECES      4096
#define BYTES_PER_TOKEN 4

struct llmgw__gate_held {
    struct llmgw__chunk chunk;
    struct llmgw__gate_held *next;
    char *text; /* of the chunk; grows */
    size_t cap;
    bool waits; /* for the rest of its call */
};

static llmgw_status take(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk);
static llmgw_status note(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk);
static bool is_of_open_call(struct llmgw__gate *gate,
                            const struct llmgw__chunk *chunk);
static void end_calls(struct llmgw__gate *gate, uint16_t choice, bool all);
static bool is_due(const struct llmgw__gate *gate,
                   const struct llmgw__chunk *chunk);
static bool has_ready(const struct llmgw__gate *gate);
static llmgw_status hold(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk, bool waits);
static llmgw_status let_out(struct llmgw__gate *gate);
static llmgw_status release(struct llmgw__gate *gate);

void llmgw__gate_init(struct llmgw__gate *gate,
                      const struct llmgw__gate_setup *setup)
{
    memset(gate, 0, sizeof *gate);
    gate->out = setup->out;
    gate->userdata = setup->userdata;
    gate->setup = *setup;
    gate->last = &gate->first;
}

llmgw_status llmgw__gate_push(struct llmgw__gate *gate,
                              const struct llmgw__chunk *chunk)
{
    if (gate->passes)
        return gate->out(gate->userdata, chunk);
    return take(gate, chunk);
}

llmgw_status llmgw__gate_open(struct llmgw__gate *gate)
{
    gate->setup.tokens = 0; /* from now on the first that may go opens it */
    if (gate->committed || !has_ready(gate))
        return LLMGW_OK;
    return let_out(gate);
}

bool llmgw__chunk_is_content(const struct llmgw__chunk *chunk)
{
    switch (chunk->kind) {
    case LLMGW__CHUNK_TEXT:
    case LLMGW__CHUNK_REASONING:
    case LLMGW__CHUNK_REFUSAL:
    case LLMGW__CHUNK_TOOL_START:
    case LLMGW__CHUNK_TOOL_ARGS:
    case LLMGW__CHUNK_EXTRAS:
    case LLMGW__CHUNK_FINISH: /* only ever sent for a complete answer */
        return true;
    default:
        return false;
    }
}

static llmgw_status take(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk)
{
    bool content = llmgw__chunk_is_content(chunk);
    llmgw_status status = content ? note(gate, chunk) : LLMGW_OK;
    bool waits, goes;

    if (status != LLMGW_OK)
        return status;
    waits = gate->setup.whole_tools && is_of_open_call(gate, chunk);
    goes = !waits && is_due(gate, chunk) && (gate->committed || content);
    if (goes || (is_due(gate, chunk) && has_ready(gate)))
        status = let_out(gate);
    if (status != LLMGW_OK)
        return status;
    if (goes)
        return gate->out(gate->userdata, chunk);
    status = hold(gate, chunk, waits);
    if (status != LLMGW_OK ||
        (gate->held <= gate->setup.bytes && gate->pieces <= MAX_PIECES))
        return status;
    end_calls(gate, 0, true); /* they are handed over as they come */
    return has_ready(gate) ? let_out(gate) : LLMGW_OK;
}

static llmgw_status note(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk)
{
    gate->said += chunk->text.len + chunk->name.len;
    if (gate->has_content)
        return LLMGW_OK;
    gate->has_content = true;
    return gate->setup.content(gate->userdata);
}

/* --- tool calls --- */

/** The call of a choice that is not whole yet: its last piece. */
static struct llmgw__gate_held *open_call(const struct llmgw__gate *gate,
                                          uint16_t choice)
{
    struct llmgw__gate_held *found = NULL;
    struct llmgw__gate_held *held = gate->tool;

    for (; held; held = held->next)
        if (held->waits && held->chunk.choice == choice)
            found = held;
    return found;
}

/** Does it begin a call, or go on with one that is held? All else of a choice
 *  says that the call before it is whole. */
static bool is_of_open_call(struct llmgw__gate *gate,
                            const struct llmgw__chunk *chunk)
{
    if (chunk->kind == LLMGW__CHUNK_TOOL_ARGS)
        return open_call(gate, chunk->choice) != NULL;
    if (!llmgw__chunk_is_content(chunk))
        return false;
    end_calls(gate, chunk->choice, false);
    return chunk->kind == LLMGW__CHUNK_TOOL_START;
}

static void end_calls(struct llmgw__gate *gate, uint16_t choice, bool all)
{
    struct llmgw__gate_held *held = gate->tool;

    gate->tool = NULL;
    for (; held; held = held->next) {
        if (all || held->chunk.choice == choice)
            held->waits = false;
        if (held->waits && !gate->tool)
            gate->tool = held;
    }
}

/* --- when --- */

static bool is_due(const struct llmgw__gate *gate,
                   const struct llmgw__chunk *chunk)
{
    return gate->committed || chunk->kind == LLMGW__CHUNK_FINISH ||
           gate->said / BYTES_PER_TOKEN >= gate->setup.tokens;
}

/** Is there content that may go out? */
static bool has_ready(const struct llmgw__gate *gate)
{
    const struct llmgw__gate_held *held = gate->first;

    for (; held; held = held->next)
        if (!held->waits && llmgw__chunk_is_content(&held->chunk))
            return true;
    return false;
}

/* --- what is held --- */

static size_t size_of(const struct llmgw__chunk *chunk)
{
    return chunk->text.len + chunk->id.len + chunk->name.len + chunk->extra.len;
}

/** The piece that a chunk goes on with; NULL: none. (Between the arguments of
 *  two calls there is a start.) */
static struct llmgw__gate_held *piece_of(const struct llmgw__gate *gate,
                                         const struct llmgw__chunk *chunk,
                                         bool waits)
{
    struct llmgw__gate_held *held =
        waits ? open_call(gate, chunk->choice) : gate->newest;

    if (!held || chunk->extra.len || held->chunk.extra.len)
        return NULL;
    if (chunk->kind != LLMGW__CHUNK_TEXT &&
        chunk->kind != LLMGW__CHUNK_REASONING &&
        chunk->kind != LLMGW__CHUNK_REFUSAL &&
        chunk->kind != LLMGW__CHUNK_TOOL_ARGS)
        return NULL;
    return held->chunk.kind == chunk->kind && held->waits == waits &&
                   held->chunk.choice == chunk->choice
               ? held
               : NULL;
}

static llmgw_status add_text(struct llmgw__gate *gate,
                             struct llmgw__gate_held *held, llmgw_str text)
{
    size_t len = held->chunk.text.len;

    if (!text.len)
        return LLMGW_OK;
    if (llmgw__arena_grow(gate->setup.arena, (void **)&held->text, &held->cap,
                          len + text.len, 1))
        return LLMGW_E_NOMEM;
    memcpy(held->text + len, text.data, text.len);
    held->chunk.text = llmgw__str_n(held->text, len + text.len);
    return LLMGW_OK;
}

/** A piece that was used before, else a new one. */
static struct llmgw__gate_held *make_piece(struct llmgw__gate *gate)
{
    struct llmgw__gate_held *held = gate->spare;

    if (!held)
        return llmgw__arena_zalloc(gate->setup.arena, sizeof *held);
    gate->spare = held->next;
    return held;
}

/** Most pieces have none of these. */
static llmgw_status keep(struct llmgw__gate *gate, llmgw_str *text)
{
    return text->len ? llmgw__arena_str(gate->setup.arena, *text, text)
                     : LLMGW_OK;
}

static llmgw_status fill(struct llmgw__gate *gate,
                         struct llmgw__gate_held *held,
                         const struct llmgw__chunk *chunk)
{
    llmgw_status status;

    held->chunk = *chunk;
    held->chunk.text = LLMGW__LIT("");
    status = add_text(gate, held, chunk->text);
    if (status == LLMGW_OK)
        status = keep(gate, &held->chunk.id);
    if (status == LLMGW_OK)
        status = keep(gate, &held->chunk.name);
    return status == LLMGW_OK ? keep(gate, &held->chunk.extra) : status;
}

static llmgw_status hold(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk, bool waits)
{
    struct llmgw__gate_held *held = piece_of(gate, chunk, waits);
    llmgw_status status;

    gate->held += size_of(chunk);
    if (held)
        return add_text(gate, held, chunk->text);
    held = make_piece(gate);
    if (!held)
        return LLMGW_E_NOMEM;
    status = fill(gate, held, chunk);
    if (status != LLMGW_OK)
        return status;
    held->waits = waits;
    held->next = NULL;
    *gate->last = held;
    gate->last = &held->next;
    gate->newest = held;
    gate->pieces++;
    if (waits && !gate->tool)
        gate->tool = held;
    return LLMGW_OK;
}

/** Commit, once, and hand over what need not wait. */
static llmgw_status let_out(struct llmgw__gate *gate)
{
    llmgw_status status = LLMGW_OK;

    if (!gate->committed)
        status = gate->setup.commit(gate->userdata);
    if (status != LLMGW_OK)
        return status;
    gate->committed = true;
    gate->passes = !gate->setup.whole_tools;
    return release(gate);
}

static llmgw_status release(struct llmgw__gate *gate)
{
    struct llmgw__gate_held *held = gate->first;
    llmgw_status status = LLMGW_OK;

    gate->first = gate->newest = NULL;
    gate->last = &gate->first;
    gate->held = gate->pieces = 0;
    while (held) {
        struct llmgw__gate_held *next = held->next;

        held->next = NULL;
        if (held->waits) {
            *gate->last = gate->newest = held;
            gate->last = &held->next;
            gate->held += size_of(&held->chunk);
            gate->pieces++;
        } else {
            if (status == LLMGW_OK)
                status = gate->out(gate->userdata, &held->chunk);
            held->next = gate->spare;
            gate->spare = held;
        }
        held = next;
    }
    return status;
}
