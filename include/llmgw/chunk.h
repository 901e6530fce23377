/*
 * llmgw/chunk.h - the pieces of a streamed answer.
 *
 * SPDX-License-Identifier: MIT
 *
 * All that the getters hand out is a view, until the chunk callback returns
 * (llmgw_chunk_fn in chat.h). Thread: that of the callback.
 */
#ifndef LLMGW_CHUNK_H
#define LLMGW_CHUNK_H

#include <llmgw/base.h>
#include <llmgw/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One normalized piece of a streamed answer. */
typedef struct llmgw_chunk llmgw_chunk;

/** What a chunk is: LLMGW_CHUNK_… */
typedef int32_t llmgw_chunk_kind;
enum {
    LLMGW_CHUNK_ROLE = 1,           /**< a choice begins */
    LLMGW_CHUNK_TEXT = 2,           /**< visible text */
    LLMGW_CHUNK_REASONING = 3,      /**< reasoning text */
    LLMGW_CHUNK_REFUSAL = 4,        /**< refusal text */
    LLMGW_CHUNK_TOOL_START = 5,     /**< a tool call: index, id, name */
    LLMGW_CHUNK_TOOL_ARGUMENTS = 6, /**< a piece of its arguments */
    LLMGW_CHUNK_EXTRAS = 7, /**< annotations, reasoning_details, …: JSON */
    LLMGW_CHUNK_FINISH = 8, /**< a choice ends: finish reason */
    LLMGW_CHUNK_USAGE = 9   /**< last of all: usage */
};

/** What the chunk is. */
LLMGW_API llmgw_chunk_kind llmgw_chunk_get_kind(const llmgw_chunk *chunk);
/** Which choice it belongs to; 0 unless the request set n. */
LLMGW_API int32_t llmgw_chunk_choice(const llmgw_chunk *chunk);
/**
 * The text of a TEXT chunk, whole UTF-8; empty for every other kind, so that
 * it can simply be printed.
 */
LLMGW_API llmgw_str llmgw_chunk_text(const llmgw_chunk *chunk);
/** The text of any kind: reasoning, refusal, arguments, extras. */
LLMGW_API llmgw_str llmgw_chunk_value(const llmgw_chunk *chunk);
/** Number of the tool call in its choice, from 0 without gaps. */
LLMGW_API int32_t llmgw_chunk_tool_index(const llmgw_chunk *chunk);
/** Id of the tool call; TOOL_START only. */
LLMGW_API llmgw_str llmgw_chunk_tool_id(const llmgw_chunk *chunk);
/** Name of the tool; TOOL_START only. */
LLMGW_API llmgw_str llmgw_chunk_tool_name(const llmgw_chunk *chunk);
/** FINISH only, else LLMGW_FINISH_NONE. */
LLMGW_API llmgw_finish_reason
llmgw_chunk_finish_reason(const llmgw_chunk *chunk);
/** USAGE only, else NULL. */
LLMGW_API const llmgw_usage *llmgw_chunk_usage(const llmgw_chunk *chunk);
/**
 * The chunk as OpenAI's chat.completion.chunk JSON. The last one has a member
 * "llmgw", as llmgw_response_json() has: how the call went.
 *
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_chunk_json(const llmgw_chunk *chunk,
                                        llmgw_str *out);

#ifdef __cplusplus
}
#endif

#endif
