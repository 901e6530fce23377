/*
 * api/models.c - which models there are.
 */
#include <string.h>

#include <llmgw/models.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "call/kind.h"
#include "call/model_list.h"
#include "catalog/ability.h"
#include "catalog/describe.h"
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
        list->catalog = catalog; /* handed over */
        llmgw__models_init(&list->list, 0);
        llmgw__buf_init(&list->json, 0);
        status = list_names(catalog, &list->list);
    } else {
        llmgw__catalog_drop(catalog);
    }
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
    llmgw__catalog_drop(list->catalog);
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

/** What the manifest says of a model; NULL: it does not know it. */
static const struct llmgw__price *price_of(const llmgw_model_list *list,
                                           size_t index)
{
    const struct llmgw__listed_model *model = model_of(list, index);
    const struct llmgw__provider *provider;
    size_t before;

    if (!model || llmgw__listed_is_own(model))
        return NULL;
    provider = llmgw__catalog_provider(list->catalog, model->owner);
    if (!provider || !provider->price_name)
        return NULL;
    before = model->owner.len + 1; /* of "provider/model" */
    return llmgw__manifest_find(
        &list->catalog->manifest, provider->price_name,
        llmgw__str_n(model->id.data + before, model->id.len - before));
}

int32_t llmgw_model_list_known(const llmgw_model_list *list, size_t index)
{
    return price_of(list, index) != NULL;
}

int64_t llmgw_model_list_context_window(const llmgw_model_list *list,
                                        size_t index)
{
    const struct llmgw__price *price = price_of(list, index);

    return price ? price->context_window : 0;
}

int64_t llmgw_model_list_max_output(const llmgw_model_list *list, size_t index)
{
    const struct llmgw__price *price = price_of(list, index);

    return price ? price->max_output : 0;
}

int32_t llmgw_model_list_can(const llmgw_model_list *list, size_t index,
                             llmgw_capability capability)
{
    const struct llmgw__price *price = price_of(list, index);

    if (!price || capability < 0 || capability > 7)
        return -1;
    if (price->can >> capability & 1)
        return 1;
    return price->cannot >> capability & 1 ? 0 : -1;
}

const char *llmgw_model_list_reasoning(const llmgw_model_list *list,
                                       size_t index)
{
    return llmgw__reasoning_of(price_of(list, index));
}

int32_t llmgw_model_list_refuses(const llmgw_model_list *list, size_t index,
                                 const char *param)
{
    const struct llmgw__price *price = price_of(list, index);

    for (int i = 0; price && param && llmgw__refusal_names[i]; i++)
        if (!strcmp(llmgw__refusal_names[i], param))
            return price->refuses >> i & 1;
    return 0;
}

int32_t llmgw_model_list_rate(const llmgw_model_list *list, size_t index,
                              llmgw_rate rate, int64_t prompt_tokens,
                              int64_t *out_pico_usd)
{
    const struct llmgw__price *price = price_of(list, index);
    struct llmgw__price_at at = {.wall_ns = llmgw__clock_wall()};
    int64_t pico = LLMGW__PRICE_UNKNOWN;

    if (price && rate >= 0 && rate < LLMGW__RATES)
        pico = llmgw__price_tier_rate(price, &at, rate, prompt_tokens);
    else if (price && rate == LLMGW_RATE_REQUEST)
        pico = price->per_request;
    else if (price && rate == LLMGW_RATE_SEARCH)
        pico = price->per_search;
    if (pico == LLMGW__PRICE_UNKNOWN || !out_pico_usd)
        return 0;
    *out_pico_usd = pico;
    return 1;
}

/** Routes stand for many: nothing is said of them. */
static void write_known(const void *userdata, size_t index,
                        struct llmgw__jsonw *w)
{
    const llmgw_model_list *list = userdata;

    if (llmgw__listed_is_own(&list->list.models[index]))
        return;
    llmgw__jsonw_key(w, "llmgw");
    llmgw__price_render(price_of(list, index), w);
}

llmgw_status llmgw_model_list_json(llmgw_model_list *list, llmgw_str *out)
{
    struct llmgw__jsonw w;
    llmgw_status status = LLMGW_OK;

    if (!list || !out)
        return LLMGW_E_INVALID;
    if (list->json.len && list->json.status == LLMGW_OK) {
        *out = llmgw__buf_str(&list->json);
        return LLMGW_OK;
    }
    llmgw__buf_reset(&list->json);
    llmgw__jsonw_init(&w, &list->json);
    llmgw__jsonw_open(&w, '{');
    llmgw__models_render(&list->list, write_known, list, &w);
    if (list->call) {
        llmgw__jsonw_key(&w, "llmgw");
        status = llmgw__call_report(list->call, &list->json);
    }
    llmgw__jsonw_close(&w, '}');
    if (status == LLMGW_OK)
        status = list->json.status;
    if (status == LLMGW_OK)
        *out = llmgw__buf_str(&list->json);
    else
        llmgw__buf_reset(&list->json);
    return status;
}
