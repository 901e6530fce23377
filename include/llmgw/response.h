/*
 * llmgw/response.h - read a finished answer, its usage, its cost, and how the
 * call went.
 *
 * SPDX-License-Identifier: MIT
 *
 * All objects here belong to a call (llmgw/chat.h) and live until
 * llmgw_call_free(); so do the strings they hand out. Getters cannot fail:
 * NULL objects and indices out of range answer 0, NULL or an empty view.
 * Thread: the one that owns the call.
 */
#ifndef LLMGW_RESPONSE_H
#define LLMGW_RESPONSE_H

#include <llmgw/base.h>
#include <llmgw/error.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Why a choice ended, in OpenAI's words. */
typedef int32_t llmgw_finish_reason;
enum {
    LLMGW_FINISH_NONE = 0,           /**< not ended */
    LLMGW_FINISH_STOP = 1,           /**< a natural end or a stop sequence */
    LLMGW_FINISH_LENGTH = 2,         /**< the token limit */
    LLMGW_FINISH_TOOL_CALLS = 3,     /**< it calls tools */
    LLMGW_FINISH_CONTENT_FILTER = 4, /**< withheld or declined */
    LLMGW_FINISH_FUNCTION_CALL = 5   /**< the deprecated form of TOOL_CALLS */
};

/** Name of a reason, e.g. "tool_calls"; NULL for LLMGW_FINISH_NONE. */
LLMGW_API const char *llmgw_finish_name(llmgw_finish_reason reason);

/** A whole answer. */
typedef struct llmgw_response llmgw_response;

/** The answer's id: the provider's own, or made here ("chatcmpl-…"). */
LLMGW_API llmgw_str llmgw_response_id(const llmgw_response *response);

/** The model that answered, as the provider names it. */
LLMGW_API llmgw_str llmgw_response_model(const llmgw_response *response);

/** When it was made, seconds since 1970-01-01 UTC. */
LLMGW_API int64_t llmgw_response_created(const llmgw_response *response);

/** Number of choices; 1 unless the request set n. */
LLMGW_API size_t llmgw_response_choice_count(const llmgw_response *response);

/** The visible text of choice 0, whole UTF-8; empty: none. */
LLMGW_API llmgw_str llmgw_response_text(const llmgw_response *response);

/** The visible text of a choice. */
LLMGW_API llmgw_str llmgw_response_choice_text(const llmgw_response *response,
                                               size_t choice);

/** The reasoning text the provider showed; empty: none. */
LLMGW_API llmgw_str llmgw_response_reasoning(const llmgw_response *response,
                                             size_t choice);

/** The refusal text, where the model declined; empty: none. */
LLMGW_API llmgw_str llmgw_response_refusal(const llmgw_response *response,
                                           size_t choice);

/** Why the choice ended. */
LLMGW_API llmgw_finish_reason
llmgw_response_finish_reason(const llmgw_response *response, size_t choice);

/** The provider's own word for it, e.g. "end_turn"; empty: not told. */
LLMGW_API llmgw_str llmgw_response_native_finish(const llmgw_response *response,
                                                 size_t choice);

/** Number of tool calls in a choice. */
LLMGW_API size_t llmgw_response_tool_call_count(const llmgw_response *response,
                                                size_t choice);

/** Id of a tool call; the tool's result must name it. */
LLMGW_API llmgw_str llmgw_response_tool_call_id(const llmgw_response *response,
                                                size_t choice, size_t index);

/** Name of the tool to call. */
LLMGW_API llmgw_str llmgw_response_tool_call_name(
    const llmgw_response *response, size_t choice, size_t index);

/** Its arguments: JSON text as the model wrote it, possibly invalid. */
LLMGW_API llmgw_str llmgw_response_tool_call_arguments(
    const llmgw_response *response, size_t choice, size_t index);

/**
 * The answer as OpenAI's chat.completion JSON, with our "llmgw" member: how the
 * call went. Among its members:
 *
 *     "target": "provider/model"       who answered
 *     "attempts": [{"target", "end", "error", "message", "http_status",
 *                   "duration_ms", "cost_pico_usd", …}]   in order
 *     "plan": [{"target", "reason",    everybody who was considered, in order,
 *               "usable", "tried"}]    why there, and what became of it
 *
 * @param[out] out  lives as long as the call, made at the first request
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_response_json(llmgw_response *response,
                                           llmgw_str *out);

/** Token counts of an answer or an attempt. */
typedef struct llmgw_usage llmgw_usage;

/** Which count. The first three are OpenAI's, inclusive of the rest. */
typedef int32_t llmgw_usage_field;
enum {
    LLMGW_USAGE_PROMPT = 0,                /**< all input tokens */
    LLMGW_USAGE_COMPLETION = 1,            /**< all output tokens */
    LLMGW_USAGE_TOTAL = 2,                 /**< their sum */
    LLMGW_USAGE_INPUT_UNCACHED = 10,       /**< input in no other class */
    LLMGW_USAGE_INPUT_CACHED = 11,         /**< read from a prompt cache */
    LLMGW_USAGE_INPUT_CACHE_WRITE_5M = 12, /**< written, short or only TTL */
    LLMGW_USAGE_INPUT_CACHE_WRITE_1H = 13, /**< written, long TTL */
    LLMGW_USAGE_AUDIO_IN = 14,             /**< audio of the prompt */
    LLMGW_USAGE_IMAGE_IN = 15,         /**< images, documents, video of it */
    LLMGW_USAGE_OUTPUT_TEXT = 16,      /**< output in no other class */
    LLMGW_USAGE_OUTPUT_REASONING = 17, /**< reasoning, shown or not */
    LLMGW_USAGE_AUDIO_OUT = 18,        /**< audio of the answer */
    LLMGW_USAGE_IMAGE_OUT = 19,        /**< images of the answer */
    LLMGW_USAGE_REQUESTS = 30,         /**< upstream requests */
    LLMGW_USAGE_WEB_SEARCH = 31        /**< searches the provider ran */
};

/** Usage of the answer; NULL: none is known. */
LLMGW_API const llmgw_usage *
llmgw_response_usage(const llmgw_response *response);

/** One count; -1: not known. */
LLMGW_API int64_t llmgw_usage_count(const llmgw_usage *usage,
                                    llmgw_usage_field field);

/** 1: the count is the library's estimate, not the provider's word. */
LLMGW_API int32_t llmgw_usage_estimated(const llmgw_usage *usage,
                                        llmgw_usage_field field);

#ifdef __cplusplus
}
#endif

#endif
