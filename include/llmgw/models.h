/*
 * llmgw/models.h - which models there are: as configured, or as the providers
 * list them; and what the manifest knows of them.
 *
 * SPDX-License-Identifier: MIT
 *
 * In a target of a route, a provider written as "*" (an asterisk, a slash, a
 * model) stands for every provider that is known to have the model, in
 * configured order: by its name at any of them, which dates, versions, vendors
 * and regions are taken off ("claude-sonnet-4-5" is also
 * "us.anthropic.claude-sonnet-4-5-20250929-v1:0" and
 * "anthropic/claude-sonnet-4.5"), or by "same_as" of a row. With a date, only
 * that one is meant; without, the name without a date, else the newest. Known
 * are models that have prices when the configuration is read; where nobody has
 * it, it is refused. A request may ask likewise, by the prices of then. With
 * "region" a route asks only where the region of the provider begins so ("eu":
 * also "eu-central-1"), models that are run elsewhere by their name ("us.…",
 * "global.…") left out; a provider that is named and is elsewhere, or not known
 * where, is refused.
 */
#ifndef LLMGW_MODELS_H
#define LLMGW_MODELS_H

#include <llmgw/base.h>
#include <llmgw/chat.h>
#include <llmgw/gateway.h>
#include <llmgw/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A list of models, each once. */
typedef struct llmgw_model_list llmgw_model_list;

/**
 * Ask every configured provider that has a key (or needs none) which models it
 * has, one after the other and page by page, and wait for the end.
 *
 * The call is like any other: limits, cancelling, attempts and ledger entries
 * (which cost nothing) are those of llmgw_chat(). A provider that fails is an
 * attempt with its error, and ends nothing; the call ends with an error when
 * all have failed. max_attempts is not looked at.
 *
 * @param gateway   borrowed
 * @param options   copied; NULL: all defaults; on_chunk must be NULL
 * @param[out] out  the ended call, owned by the caller: llmgw_call_free().
 *                  NULL on failure
 * @retval LLMGW_OK          ended; llmgw_call_end() says how
 * @retval LLMGW_E_INVALID   a NULL argument, an on_chunk, or an options field
 *                           we do not know
 * @return otherwise as llmgw_chat()
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_models(llmgw_gateway *gateway,
                                    const llmgw_chat_options *options,
                                    llmgw_call **out);

/**
 * The same on a loop; returns without waiting.
 *
 * @param loop      borrowed; must outlive the call
 * @param options   copied; on_done is required, on_chunk must be NULL
 * @param[out] out  the call, owned by the caller: llmgw_call_free(). NULL on
 *                  failure
 * @return as llmgw_chat_start()
 *
 * Thread: owner. Callbacks: none before this function returns.
 */
LLMGW_API llmgw_status llmgw_models_start(llmgw_loop *loop,
                                          const llmgw_chat_options *options,
                                          llmgw_call **out);

/**
 * The models that the providers have listed; NULL: the call is of another
 * kind, or has not ended with any. Lives as long as the call.
 *
 * Thread: owner.
 */
LLMGW_API llmgw_model_list *llmgw_call_models(llmgw_call *call);

/**
 * The configured names, without asking anybody: routes, and the targets that
 * they name.
 *
 * @param gateway   borrowed
 * @param[out] out  owned by the caller: llmgw_model_list_free(). NULL on
 *                  failure
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_CLOSED   the gateway is closed
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_models_local(llmgw_gateway *gateway,
                                          llmgw_model_list **out);

/** Free a list of llmgw_models_local(); NULL is allowed. A call's goes with
 *  the call: nothing is done. Thread: one at a time, as for all below. */
LLMGW_API void llmgw_model_list_free(llmgw_model_list *list);

/** Number of models; NULL: 0. */
LLMGW_API size_t llmgw_model_list_count(const llmgw_model_list *list);

/** What a request names it by: "provider/model", or a route's name. Empty: out
 *  of range. Lives as long as the list, as does the next. */
LLMGW_API llmgw_str llmgw_model_list_id(const llmgw_model_list *list,
                                        size_t index);

/** The provider's configured name; "llmgw": it is a route. Empty: out of
 *  range. */
LLMGW_API llmgw_str llmgw_model_list_owner(const llmgw_model_list *list,
                                           size_t index);

/** When it was made, as the provider tells, seconds since 1970-01-01 UTC; 0:
 *  not told, or out of range. */
LLMGW_API int64_t llmgw_model_list_created(const llmgw_model_list *list,
                                           size_t index);

/*
 * What the manifest says of a model, as it was when the list was made. It is
 * used in planning and encoding too, and a model that it does not know is sent
 * all as asked. Of a route nothing is told here: ask its targets.
 */

/** 1: the manifest knows the model. 0: it does not; or it is a route, or
 *  out of range. */
LLMGW_API int32_t llmgw_model_list_known(const llmgw_model_list *list,
                                         size_t index);

/** Most tokens of prompt and answer together; 0: not known. */
LLMGW_API int64_t llmgw_model_list_context_window(const llmgw_model_list *list,
                                                  size_t index);

/** Most tokens of an answer; 0: not known. More than it is clamped. */
LLMGW_API int64_t llmgw_model_list_max_output(const llmgw_model_list *list,
                                              size_t index);

/** What a model may be able to do. A request that needs one of the first five
 *  is not sent to a model that is known not to have it (JSON_SCHEMA: under
 *  strict; else it is emulated). */
typedef int32_t llmgw_capability;
enum {
    LLMGW_CAPABILITY_TOOLS = 0,       /**< calls tools */
    LLMGW_CAPABILITY_VISION = 1,      /**< reads images */
    LLMGW_CAPABILITY_PDF = 2,         /**< reads PDF files */
    LLMGW_CAPABILITY_AUDIO = 3,       /**< hears audio */
    LLMGW_CAPABILITY_JSON_SCHEMA = 4, /**< answers in JSON of a schema */
    LLMGW_CAPABILITY_REASONING = 5,   /**< reasons before it answers */
    LLMGW_CAPABILITY_PREFILL = 6,     /**< goes on from the last message where
                                           that is the assistant's own */
    LLMGW_CAPABILITY_CANCEL_STOPS_BILLING = 7 /**< what is cancelled in a
                                                   stream costs no more */
};

/** 1: the model can; 0: it cannot; -1: nobody has said. */
LLMGW_API int32_t llmgw_model_list_can(const llmgw_model_list *list,
                                       size_t index,
                                       llmgw_capability capability);

/**
 * How a model is told to reason: "none" (it does not), "switch" (on or off),
 * "effort" (a level), "budget" (of tokens), "adaptive" (it decides itself, and
 * may be switched off), "always" (it cannot be switched off).
 *
 * @return NULL: not known. A constant
 */
LLMGW_API const char *llmgw_model_list_reasoning(const llmgw_model_list *list,
                                                 size_t index);

/**
 * Is a sampling parameter refused?
 *
 * @param param  borrowed: "temperature", "top_p", "top_k",
 *               "frequency_penalty", "presence_penalty", "seed", "logprobs",
 *               "stop"
 * @return 1: it is, and is left out of requests, as an adjustment; 0: nobody
 *         has said so
 */
LLMGW_API int32_t llmgw_model_list_refuses(const llmgw_model_list *list,
                                           size_t index, const char *param);

/** Which price. */
typedef int32_t llmgw_rate;
enum {
    LLMGW_RATE_IN = 0,               /**< a token of the prompt */
    LLMGW_RATE_CACHE_READ = 1,       /**< one read from a cache */
    LLMGW_RATE_CACHE_WRITE = 2,      /**< one written, short or only TTL */
    LLMGW_RATE_CACHE_WRITE_LONG = 3, /**< one written, long TTL */
    LLMGW_RATE_OUT = 4,              /**< a token of the answer */
    LLMGW_RATE_REASONING = 5,        /**< one of reasoning */
    LLMGW_RATE_AUDIO_IN = 6,         /**< one of audio in the prompt */
    LLMGW_RATE_AUDIO_OUT = 7,        /**< one of audio in the answer */
    LLMGW_RATE_IMAGE_IN = 8,         /**< one of an image in the prompt */
    LLMGW_RATE_IMAGE_OUT = 9,        /**< one of an image in the answer */
    LLMGW_RATE_REQUEST = 20,         /**< a request */
    LLMGW_RATE_SEARCH = 21           /**< a search that the provider runs */
};

/**
 * A price, exactly: that of now, of what is served the usual way.
 *
 * @param prompt_tokens       of a prompt this long: long ones may cost more
 * @param[out] out_pico_usd   pico-USD (10^-12) of one of these
 * @return 1: known; 0: unknown (*out_pico_usd untouched), which is not free:
 *         a class of tokens without a rate of its own costs that of IN or OUT,
 *         a request without a price nothing
 */
LLMGW_API int32_t llmgw_model_list_rate(const llmgw_model_list *list,
                                        size_t index, llmgw_rate rate,
                                        int64_t prompt_tokens,
                                        int64_t *out_pico_usd);

/**
 * The list as OpenAI's JSON; of a call, with our "llmgw" member. Each model
 * but routes has one too: {"known": false}, or all that is known, e.g.
 *
 *     {"known": true, "context_window": 200000, "max_output": 64000,
 *      "capabilities": {"tools": true, "audio": false},
 *      "reasoning": "budget", "refuses": ["top_k"],
 *      "pico_usd_per_token": {"in": 1000000, "out": 5000000},
 *      "long": [{"from": 100001, "pico_usd_per_token": {"in": 2000000}}],
 *      "pico_usd_per_request": 12000000000,
 *      "pico_usd_per_search": 10000000000,
 *      "pico_usd_per_tool": {"web_fetch": 0}, "conditional_prices": 2,
 *      "source": "who said so", "as_of": "2026-11-22"}
 *
 * @param[out] out  lives as long as the list, made at the first request
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_model_list_json(llmgw_model_list *list,
                                             llmgw_str *out);

#ifdef __cplusplus
}
#endif

#endif
