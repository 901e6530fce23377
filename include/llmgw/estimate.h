/*
 * llmgw/estimate.h - what a request will cost, before it is sent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LLMGW_ESTIMATE_H
#define LLMGW_ESTIMATE_H

#include <llmgw/base.h>
#include <llmgw/chat.h>
#include <llmgw/error.h>
#include <llmgw/gateway.h>
#include <llmgw/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One end of an estimate. */
typedef struct llmgw_guess {
    int64_t prompt_tokens;
    int64_t completion_tokens; /**< -1: nothing bounds it */
    int64_t pico_usd;          /**< -1: not known */
} llmgw_guess;

/** What one candidate will cost. */
typedef struct llmgw_estimate_info {
    uint32_t size;        /**< bytes */
    int32_t usable;       /**< 1: it would be asked, in this place; 0: not */
    llmgw_str target;     /**< "provider/model" */
    llmgw_str reason;     /**< why it has its place, or is left out */
    llmgw_guess least;    /**< a cached prompt, an answer of one token */
    llmgw_guess expected; /**< by what this model's counts have been so far,
                               else by four bytes a token */
    llmgw_guess most;     /**< not more than this, where max_tokens bounds the
                               answer and no tool of the provider runs; an
                               image is taken for 50,000 tokens, a document
                               for as many and its bytes */
    llmgw_str row;        /**< of the manifest, "provider/model"; empty: the
                               price is not known */
    llmgw_str tier;       /**< which of its prices, e.g. "standard",
                               "priority, at this hour, from 272001 tokens" */
    llmgw_str manifest;   /**< its version */
} llmgw_estimate_info;

/** @param info  lives until it returns. @return 0 to go on */
typedef int32_t (*llmgw_estimate_fn)(const llmgw_estimate_info *info,
                                     void *userdata);

/**
 * Tell, for everybody who may be asked, what the request will cost; in the
 * order in which they would be asked now. Sends nothing.
 *
 * @param request     as llmgw_chat()
 * @param options     as llmgw_chat(); NULL: none
 * @param[out] error  optional. What is wrong with the request; owned by the
 *                    caller: llmgw_error_free()
 * @retval LLMGW_E_INVALID  a NULL argument, or the request is wrong: *error
 *                          says why
 * @retval LLMGW_E_CLOSED   the gateway is closed
 * @retval LLMGW_E_REENTRANT  inside a callback
 * @retval LLMGW_E_FORKED   in a child of the process that opened it
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_estimate(llmgw_gateway *gateway,
                                      const llmgw_request *request,
                                      const llmgw_chat_options *options,
                                      llmgw_estimate_fn fn, void *userdata,
                                      llmgw_error **error);

#ifdef __cplusplus
}
#endif

#endif
