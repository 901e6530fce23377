/*
 * llmgw/embedding.h - embeddings: texts in, vectors out.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LLMGW_EMBEDDING_H
#define LLMGW_EMBEDDING_H

#include <llmgw/base.h>
#include <llmgw/chat.h>
#include <llmgw/gateway.h>
#include <llmgw/loop.h>
#include <llmgw/request.h>
#include <llmgw/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Ask for the vectors of a request's inputs and wait for the end. The request
 * is OpenAI's, as JSON or by setters: model, input (llmgw_request_add_input()),
 * dimensions, encoding_format, user, and the "llmgw" object.
 *
 * The call is like any other: route, failover, limits, cancelling, attempts,
 * ledger entries and cost are those of llmgw_chat(). Where a provider takes
 * fewer inputs at once than there are, it is asked several times: each time is
 * an attempt with an entry of its own, and counts once toward max_attempts for
 * all of them together. The next target of a route starts from the first
 * input: vectors of two models are never mixed.
 *
 * Vectors are as the provider made them, but for one model of Google's
 * (gemini-embedding-001) whose shortened ones are brought to length 1.
 *
 * @param gateway   borrowed
 * @param request   copied
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
LLMGW_API llmgw_status llmgw_embed(llmgw_gateway *gateway,
                                   const llmgw_request *request,
                                   const llmgw_chat_options *options,
                                   llmgw_call **out);

/**
 * The same on a loop; returns without waiting.
 *
 * @param loop      borrowed; must outlive the call
 * @param request   copied
 * @param options   copied; on_done is required, on_chunk must be NULL
 * @param[out] out  the call, owned by the caller: llmgw_call_free(). NULL on
 *                  failure
 * @return as llmgw_chat_start()
 *
 * Thread: owner. Callbacks: none before this function returns.
 */
LLMGW_API llmgw_status llmgw_embed_start(llmgw_loop *loop,
                                         const llmgw_request *request,
                                         const llmgw_chat_options *options,
                                         llmgw_call **out);

/** The vectors of an ended call. */
typedef struct llmgw_embeddings llmgw_embeddings;

/**
 * The vectors of a call; NULL: it is of another kind, or has not ended with
 * all of them. Lives as long as the call, and so does all that the functions
 * below hand out. llmgw_call_response() of such a call is NULL.
 *
 * Thread: owner, as for all below.
 */
LLMGW_API llmgw_embeddings *llmgw_call_embeddings(llmgw_call *call);

/** Number of vectors: that of the inputs. */
LLMGW_API size_t llmgw_embeddings_count(const llmgw_embeddings *embeddings);

/** Numbers in each vector. */
LLMGW_API size_t llmgw_embeddings_dimension(const llmgw_embeddings *embeddings);

/**
 * The vector of an input, as many finite numbers as the dimension says; NULL:
 * out of range. All vectors stand one after the other: that of input 0 begins
 * an array of count * dimension numbers.
 */
LLMGW_API const float *
llmgw_embeddings_vector(const llmgw_embeddings *embeddings, size_t index);

/** The model that made them, as the provider names it. */
LLMGW_API llmgw_str llmgw_embeddings_model(const llmgw_embeddings *embeddings);

/** Usage of all exchanges with the provider that answered; where it does not
 *  tell, it is our estimate. NULL: none is known. */
LLMGW_API const llmgw_usage *
llmgw_embeddings_usage(const llmgw_embeddings *embeddings);

/**
 * The vectors as OpenAI's JSON, with our "llmgw" member: as numbers, or where
 * the request's encoding_format says so in base64 (32-bit floats, low byte
 * first).
 *
 * @param[out] out  lives as long as the call, made at the first request
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_embeddings_json(llmgw_embeddings *embeddings,
                                             llmgw_str *out);

#ifdef __cplusplus
}
#endif

#endif
