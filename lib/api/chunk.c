/*
 * api/chunk.c - read one piece of a streamed answer.
 */
#include <llmgw/chat.h>

#include "gateway.h"

llmgw_chunk_kind llmgw_chunk_get_kind(const llmgw_chunk *chunk)
{
    static const uint8_t kinds[] = {
        [LLMGW__CHUNK_TEXT] = LLMGW_CHUNK_TEXT,
        [LLMGW__CHUNK_REASONING] = LLMGW_CHUNK_REASONING,
        [LLMGW__CHUNK_REFUSAL] = LLMGW_CHUNK_REFUSAL,
        [LLMGW__CHUNK_TOOL_START] = LLMGW_CHUNK_TOOL_START,
        [LLMGW__CHUNK_TOOL_ARGS] = LLMGW_CHUNK_TOOL_ARGUMENTS,
        [LLMGW__CHUNK_USAGE] = LLMGW_CHUNK_USAGE,
        [LLMGW__CHUNK_FINISH] = LLMGW_CHUNK_FINISH,
        [LLMGW__CHUNK_ROLE] = LLMGW_CHUNK_ROLE,
        [LLMGW__CHUNK_EXTRAS] = LLMGW_CHUNK_EXTRAS,
    };

    return chunk ? kinds[chunk->chunk->kind] : 0;
}

int32_t llmgw_chunk_choice(const llmgw_chunk *chunk)
{
    return chunk ? chunk->chunk->choice : 0;
}

llmgw_str llmgw_chunk_text(const llmgw_chunk *chunk)
{
    if (!chunk || chunk->chunk->kind != LLMGW__CHUNK_TEXT)
        return llmgw__str("");
    return chunk->chunk->text;
}

llmgw_str llmgw_chunk_value(const llmgw_chunk *chunk)
{
    if (!chunk)
        return llmgw__str("");
    if (chunk->chunk->kind == LLMGW__CHUNK_EXTRAS && !chunk->chunk->text.len)
        return chunk->chunk->extra;
    return chunk->chunk->text;
}

int32_t llmgw_chunk_tool_index(const llmgw_chunk *chunk)
{
    return chunk ? (int32_t)chunk->chunk->index : 0;
}

llmgw_str llmgw_chunk_tool_id(const llmgw_chunk *chunk)
{
    return chunk ? chunk->chunk->id : llmgw__str("");
}

llmgw_str llmgw_chunk_tool_name(const llmgw_chunk *chunk)
{
    return chunk ? chunk->chunk->name : llmgw__str("");
}

llmgw_finish_reason llmgw_chunk_finish_reason(const llmgw_chunk *chunk)
{
    if (!chunk || chunk->chunk->kind != LLMGW__CHUNK_FINISH)
        return LLMGW_FINISH_NONE;
    return chunk->chunk->variant;
}

const llmgw_usage *llmgw_chunk_usage(const llmgw_chunk *chunk)
{
    if (!chunk || chunk->chunk->kind != LLMGW__CHUNK_USAGE)
        return NULL;
    return (const llmgw_usage *)chunk->chunk->usage;
}

/** Nothing comes after it that the host is told of. */
static bool is_last(const llmgw_chunk *chunk)
{
    const struct llmgw__chunk *one = chunk->chunk;

    if (one->kind == LLMGW__CHUNK_USAGE)
        return true;
    return one->kind == LLMGW__CHUNK_FINISH &&
           (one->index == LLMGW__FOLLOWS_NOTHING ||
            (one->index == LLMGW__FOLLOWS_USAGE &&
             !chunk->call->chat.include_usage));
}

/** With how the call went. */
static void render_last(const llmgw_chunk *chunk, struct llmgw__buf *buf)
{
    struct llmgw__buf report;
    struct llmgw__jsonw w;
    llmgw_status status;

    chunk->call->chunk_form.head = 0; /* it lies in the buffer no more */
    llmgw__buf_init(&report, 0);
    status = llmgw__call_report(chunk->call, &report);
    llmgw__buf_reset(buf);
    llmgw__jsonw_init(&w, buf);
    llmgw__chunk_render(chunk->chunk, chunk->chunk->identity,
                        llmgw__buf_str(&report), &w);
    llmgw__buf_clear(&report);
    if (status != LLMGW_OK)
        buf->status = status;
}

llmgw_status llmgw_chunk_json(const llmgw_chunk *chunk, llmgw_str *out)
{
    struct llmgw__buf *buf;

    if (!chunk || !out)
        return LLMGW_E_INVALID;
    buf = &chunk->call->chunk_json;
    if (is_last(chunk))
        render_last(chunk, buf);
    else
        llmgw__chunk_rewrite(chunk->chunk, &chunk->call->chunk_form, buf);
    if (buf->status == LLMGW_OK)
        *out = llmgw__buf_str(buf);
    return buf->status;
}
