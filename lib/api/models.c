/*
 * api/models.c - which models there are.
 */
#include <llmgw/models.h>

#include "base/alloc.h"
#include "call/kind.h"
#include "call/model_list.h"
#include "gateway.h"

static llmgw_status list_names(const struct llmgw__catalog *catalog,
                               struct llmgw__model_list *list);

llmgw_status llmgw_models(llmgw_gateway *gateway,
                          const llmgw_chat_options *options, llmgw_call **out)
{
    if (out)
        *out = NULL;
    if (llmgw__wants_chunks(options))
        return LLMGW_E_INVALID;
    return llmgw__ask(gateway, &llmgw__kind_models, NULL, options, out);
}

llmgw_status llmgw_models_start(llmgw_loop *loop,
                                const llmgw_chat_options *options,
                                llmgw_call **out)
{
    if (out)
        *out = NULL;
    if (llmgw__wants_chunks(options))
        return LLMGW_E_INVALID;
    return llmgw__ask_start(loop, &llmgw__kind_models, NULL, options, out);
}

llmgw_model_list *llmgw_call_models(llmgw_call *call)
{
    return llmgw_call_end(call) == LLMGW_END_RESPONSE ? call->models : NULL;
}

llmgw_status llmgw_models_local(llmgw_gateway *gateway, llmgw_model_list **out)
{
    struct llmgw__catalog *catalog;
    llmgw_model_list *list;
    llmgw_status status;

    if (out)
        *out = NULL;
    if (!gateway || !out)
        return LLMGW_E_INVALID;
    catalog = llmgw__gateway_catalog(gateway);
    if (!catalog)
        return LLMGW_E_CLOSED;
    list = llmgw__calloc(1, sizeof *list);
    status = list ? LLMGW_OK : LLMGW_E_NOMEM;
    if (list) {
        llmgw__models_init(&list->list, 0);
        llmgw__buf_init(&list->json, 0);
        status = list_names(catalog, &list->list);
    }
    llmgw__catalog_drop(catalog);
    if (status != LLMGW_OK) {
        llmgw_model_list_free(list);
        return status;
    }
    *out = list;
    return LLMGW_OK;
}

static llmgw_status list_names(const struct llmgw__catalog *catalog,
                               struct llmgw__model_list *list)
{
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < catalog->route_count && status == LLMGW_OK; i++)
        status = llmgw__models_add(list, llmgw__str(""),
                                   llmgw__str(catalog->routes[i].name), 0);
    for (size_t i = 0; i < catalog->route_count; i++) {
        const struct llmgw__route *route = &catalog->routes[i];

        for (size_t t = 0; t < route->target_count && status == LLMGW_OK; t++)
            status = llmgw__models_add(
                list, llmgw__str(route->targets[t].provider->name),
                llmgw__str(route->targets[t].model), 0);
    }
    return status;
}

void llmgw_model_list_free(llmgw_model_list *list)
{
    if (!list || list->call)
        return;
    llmgw__models_clear(&list->list);
    llmgw__buf_clear(&list->json);
    llmgw__free(list);
}

static const struct llmgw__listed_model *model_of(const llmgw_model_list *list,
                                                  size_t index)
{
    return list && index < list->list.count ? &list->list.models[index] : NULL;
}

size_t llmgw_model_list_count(const llmgw_model_list *list)
{
    return list ? list->list.count : 0;
}

llmgw_str llmgw_model_list_id(const llmgw_model_list *list, size_t index)
{
    const struct llmgw__listed_model *model = model_of(list, index);

    return model ? model->id : llmgw__str("");
}

llmgw_str llmgw_model_list_owner(const llmgw_model_list *list, size_t index)
{
    const struct llmgw__listed_model *model = model_of(list, index);

    return model ? model->owner : llmgw__str("");
}

int64_t llmgw_model_list_created(const llmgw_model_list *list, size_t index)
{
    const struct llmgw__listed_model *model = model_of(list, index);

    return model ? model->created : 0;
}

llmgw_status llmgw_model_list_json(llmgw_model_list *list, llmgw_str *out)
{
    struct llmgw__buf report;
    struct llmgw__jsonw w;
    llmgw_status status;

    if (!list || !out)
        return LLMGW_E_INVALID;
    if (list->json.len && list->json.status == LLMGW_OK) {
        *out = llmgw__buf_str(&list->json);
        return LLMGW_OK;
    }
    llmgw__buf_init(&report, 0);
    status = list->call ? llmgw__call_report(list->call, &report) : LLMGW_OK;
    if (status == LLMGW_OK) {
        llmgw__buf_reset(&list->json);
        llmgw__jsonw_init(&w, &list->json);
        llmgw__models_render(&list->list, llmgw__buf_str(&report), &w);
        status = list->json.status;
    }
    llmgw__buf_clear(&report);
    if (status == LLMGW_OK)
        *out = llmgw__buf_str(&list->json);
    return status;
}
