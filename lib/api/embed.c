/*
 * api/embed.c - ask for embeddings, and read them.
 */
#include <llmgw/embedding.h>

#include "call/embeddings.h"
#include "call/kind.h"
#include "gateway.h"
#include "request.h"

llmgw_status llmgw_embed(llmgw_gateway *gateway, const llmgw_request *request,
                         const llmgw_chat_options *options, llmgw_call **out)
{
    if (out)
        *out = NULL;
    if (!request || llmgw__wants_chunks(options))
        return LLMGW_E_INVALID;
    return llmgw__ask(gateway, &llmgw__kind_embed, request, options, out);
}

llmgw_status llmgw_embed_start(llmgw_loop *loop, const llmgw_request *request,
                               const llmgw_chat_options *options,
                               llmgw_call **out)
{
    if (out)
        *out = NULL;
    if (!request || llmgw__wants_chunks(options))
        return LLMGW_E_INVALID;
    return llmgw__ask_start(loop, &llmgw__kind_embed, request, options, out);
}

llmgw_embeddings *llmgw_call_embeddings(llmgw_call *call)
{
    return llmgw_call_end(call) == LLMGW_END_RESPONSE ? call->embed : NULL;
}

size_t llmgw_embeddings_count(const llmgw_embeddings *embeddings)
{
    return embeddings ? embeddings->vectors.count : 0;
}

size_t llmgw_embeddings_dimension(const llmgw_embeddings *embeddings)
{
    return embeddings ? embeddings->vectors.dimension : 0;
}

const float *llmgw_embeddings_vector(const llmgw_embeddings *embeddings,
                                     size_t index)
{
    return embeddings ? llmgw__vectors_at(&embeddings->vectors, index) : NULL;
}

llmgw_str llmgw_embeddings_model(const llmgw_embeddings *embeddings)
{
    return embeddings ? embeddings->model : llmgw__str("");
}

const llmgw_usage *llmgw_embeddings_usage(const llmgw_embeddings *embeddings)
{
    if (!embeddings || !embeddings->has_usage)
        return NULL;
    return (const llmgw_usage *)&embeddings->usage;
}

llmgw_status llmgw_embeddings_json(llmgw_embeddings *embeddings, llmgw_str *out)
{
    struct llmgw__vectors_form form = {0};
    struct llmgw__buf report;
    struct llmgw__jsonw w;
    llmgw_status status;

    if (!embeddings || !out)
        return LLMGW_E_INVALID;
    if (embeddings->json.len && embeddings->json.status == LLMGW_OK) {
        *out = llmgw__buf_str(&embeddings->json);
        return LLMGW_OK;
    }
    form.model = embeddings->model;
    form.usage = embeddings->has_usage ? &embeddings->usage : NULL;
    form.base64 = embeddings->request.base64;
    llmgw__buf_init(&report, 0);
    status = llmgw__call_report(embeddings->call, &report);
    if (status == LLMGW_OK) {
        llmgw__buf_reset(&embeddings->json);
        llmgw__jsonw_init(&w, &embeddings->json);
        llmgw__vectors_render(&embeddings->vectors, &form,
                              llmgw__buf_str(&report), &w);
        status = embeddings->json.status;
    }
    llmgw__buf_clear(&report);
    if (status == LLMGW_OK)
        *out = llmgw__buf_str(&embeddings->json);
    return status;
}
