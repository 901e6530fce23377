/*
 * llmgw/models.h - which models there are: as configured, or as the providers
 * list them.
 *
 * SPDX-License-Identifier: MIT
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

/**
 * The list as OpenAI's JSON; of a call, with our "llmgw" member.
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
