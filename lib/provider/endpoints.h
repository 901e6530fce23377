/*
 * provider/endpoints.h - what a dialect speaks beside chat: embeddings, the
 * list of models. An answer of these is one document.
 */
#ifndef LLMGW_PROVIDER_ENDPOINTS_H
#define LLMGW_PROVIDER_ENDPOINTS_H

#include "dialect.h"
#include "schema/embed.h"
#include "schema/vectors.h"

struct llmgw__provider_row; /* provider.h */

struct llmgw__embed_part {
    size_t most; /* inputs of one request, unless the row says fewer */

    /** The same of a model; NULL: they are alike. */
    size_t (*most_of)(const struct llmgw__target *target);

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

/** How a wire lists its models: three wires, one walk. */
struct llmgw__models_part {
    const char *first;   /* path and query of the first page, behind the base */
    const char *onward;  /* what stands before the name of a further page */
    const char *version; /* a suffix of base URLs that `first` repeats, "": none
                          */
    const char *header;  /* that every request has; NULL: none */
    const char *setting; /* of the provider: its value */
    const char *value;   /* without that */
    /* members of an answer */
    const char *list;    /* the models */
    const char *id;      /* of a model: its name */
    const char *prefix;  /* is no part of it; "": nothing is */
    const char *created; /* seconds, or a date; NULL: not told */
    const char *next; /* the name of the next page; NULL: there is one page */
    const char *more; /* must be true for that; NULL: nothing has to be */
};

/** One model of a provider's list. */
struct llmgw__model {
    llmgw_str id;    /* as a request names it, escapes resolved */
    int64_t created; /* seconds since 1970; 0: not told */
};

/** Takes one; its view dies when this returns. Not OK: stop. */
typedef llmgw_status (*llmgw__take_model_fn)(void *userdata,
                                             const struct llmgw__model *model);

/** Method, URL and headers, without credentials; encode->onward is the page.
 *  E_INVALID: this wire has no such list; error is filled. */
llmgw_status llmgw__models_encode(const struct llmgw__models_part *part,
                                  struct llmgw__encode *encode);
/**
 * One page -> models.
 *
 * @param[out] onward  the page that follows, in decode->scratch or body; empty:
 *                     this was the last
 * @retval LLMGW_E_INVALID  not what this wire speaks
 * @return anything that take answered, passed on
 */
llmgw_status llmgw__models_read(const struct llmgw__models_part *part,
                                const struct llmgw__decode *decode,
                                llmgw_str body, llmgw__take_model_fn take,
                                void *userdata, llmgw_str *onward);

extern const struct llmgw__models_part llmgw__openai_list;
extern const struct llmgw__models_part llmgw__anthropic_list;
extern const struct llmgw__models_part llmgw__gemini_list;
extern const struct llmgw__models_part llmgw__cohere_list;
extern const struct llmgw__models_part llmgw__ollama_list;
extern const struct llmgw__embed_part llmgw__openai_embed;
extern const struct llmgw__embed_part llmgw__gemini_embed;
extern const struct llmgw__embed_part llmgw__vertex_embed;
extern const struct llmgw__embed_part llmgw__cohere_embed;
extern const struct llmgw__embed_part llmgw__ollama_embed;
extern const struct llmgw__embed_part llmgw__bedrock_embed;

/** How a provider is asked for embeddings; NULL: it makes none. */
const struct llmgw__embed_part *
llmgw__embed_part(const struct llmgw__dialect *dialect,
                  const struct llmgw__provider_row *row);
/** Most inputs of one embeddings request to this target. */
size_t llmgw__embed_most(const struct llmgw__embed_part *part,
                         const struct llmgw__target *target);

#endif
