/*
 * provider/endpoints.h - what a dialect speaks beside chat: embeddings, the
 * list of models. An answer of these is one document.
 */
#ifndef LLMGW_PROVIDER_ENDPOINTS_H
#define LLMGW_PROVIDER_ENDPOINTS_H

#include "dialect.h"
#include "schema/embed.h"
#include "schema/vectors.h"

struct llmgw__embed_part {
    size_t most; /* inputs of one request, unless the row says fewer */

    /**
     * The inputs [from, from + count) -> HTTP request, without credentials.
     * encode->chat is what the request has in common with a chat.
     *
     * @retval LLMGW_E_INVALID  this target cannot take it; error is filled
     * @retval LLMGW_E_NOMEM    no memory
     */
    llmgw_status (*encode)(struct llmgw__encode *encode,
                           const struct llmgw__embed *embed, size_t from,
                           size_t count);

    /**
     * The answer -> vectors of the run that is expected, all of them. Usage is
     * told as a chunk through decode->emit, if it is there.
     *
     * @param[out] model  who answered, a view that lives as long as body and
     *                    decode->scratch; empty: not told
     * @retval LLMGW_E_INVALID  not what this wire speaks; vectors->fault says
     *                          what, if it is not empty
     */
    llmgw_status (*body)(const struct llmgw__decode *decode, llmgw_str body,
                         struct llmgw__vectors *vectors, llmgw_str *model);
};

/** One model of a provider's list. */
struct llmgw__model {
    llmgw_str id;    /* as a request names it, escapes resolved */
    int64_t created; /* seconds since 1970; 0: not told */
};

/** Takes one; its view dies when this returns. Not OK: stop. */
typedef llmgw_status (*llmgw__take_model_fn)(void *userdata,
                                             const struct llmgw__model *model);

struct llmgw__models_part {
    /** Method and URL; encode->onward is the page: what `body` has told.
     *  encode->chat is not there. */
    llmgw_status (*encode)(struct llmgw__encode *encode);

    /**
     * One page -> models.
     *
     * @param[out] onward  the page that follows, a view that lives as long as
     *                     body and decode->scratch; empty: this was the last
     * @retval LLMGW_E_INVALID  not what this wire speaks
     */
    llmgw_status (*body)(const struct llmgw__decode *decode, llmgw_str body,
                         llmgw__take_model_fn take, void *userdata,
                         llmgw_str *onward);
};

extern const struct llmgw__embed_part llmgw__openai_embed;
extern const struct llmgw__embed_part llmgw__gemini_embed;

/** Most inputs of one embeddings request to this target. */
size_t llmgw__embed_most(const struct llmgw__embed_part *part,
                         const struct llmgw__target *target);

#endif
