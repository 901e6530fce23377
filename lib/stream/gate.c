/*
 * stream/gate.c - where ordered chunks wait until their attempt is committed.
 *
 * Memory: the role chunks before the first content, one a choice.
 */
#include "gate.h"

static llmgw_status hold(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk);
static llmgw_status release(struct llmgw__gate *gate);

void llmgw__gate_init(struct llmgw__gate *gate, struct llmgw__arena *arena,
                      llmgw_status (*commit)(void *userdata),
                      llmgw__chunk_fn out, void *userdata)
{
    gate->out = out;
    gate->commit = commit;
    gate->userdata = userdata;
    gate->arena = arena;
    gate->first = NULL;
    gate->last = &gate->first;
    gate->committed = false;
}

llmgw_status llmgw__gate_push(struct llmgw__gate *gate,
                              const struct llmgw__chunk *chunk)
{
    llmgw_status status;

    if (gate->committed)
        return gate->out(gate->userdata, chunk);
    if (!llmgw__chunk_is_content(chunk))
        return hold(gate, chunk);
    status = gate->commit(gate->userdata);
    if (status != LLMGW_OK)
        return status;
    gate->committed = true;
    status = release(gate);
    return status == LLMGW_OK ? gate->out(gate->userdata, chunk) : status;
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

/** Only chunks without text are held: roles, and usage that comes alone. */
static llmgw_status hold(struct llmgw__gate *gate,
                         const struct llmgw__chunk *chunk)
{
    struct llmgw__gate_held *held =
        llmgw__arena_alloc(gate->arena, sizeof *held);

    if (!held)
        return LLMGW_E_NOMEM;
    held->chunk = *chunk;
    held->next = NULL;
    *gate->last = held;
    gate->last = &held->next;
    return LLMGW_OK;
}

static llmgw_status release(struct llmgw__gate *gate)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__gate_held *held = gate->first;

    for (; held && status == LLMGW_OK; held = held->next)
        status = gate->out(gate->userdata, &held->chunk);
    gate->first = NULL;
    gate->last = &gate->first;
    return status;
}
