/*
 * catalog/resolve.c - the route that a model's name stands for.
 *
 * Memory: a route that is not configured, in the caller's arena.
 */
#include "resolve.h"

#include <string.h>

#include "base/text.h"
#include "same.h"

static llmgw_status make_route(const struct llmgw__catalog *catalog,
                               const struct llmgw__provider *provider,
                               llmgw_str id, struct llmgw__arena *arena,
                               const struct llmgw__route **out);

llmgw_status llmgw__catalog_resolve(const struct llmgw__catalog *catalog,
                                    llmgw_str model, struct llmgw__arena *arena,
                                    const struct llmgw__route **out)
{
    *out = llmgw__catalog_route(catalog, model);
    return *out ? LLMGW_OK
                : llmgw__catalog_targets(catalog, model, NULL, arena, out);
}

llmgw_status llmgw__catalog_targets(const struct llmgw__catalog *catalog,
                                    llmgw_str name, const char *region,
                                    struct llmgw__arena *arena,
                                    const struct llmgw__route **out)
{
    size_t slash = llmgw__str_find(name, LLMGW__LIT("/"));
    const struct llmgw__provider *provider;

    *out = NULL;
    if (slash == SIZE_MAX || slash + 1 == name.len)
        return LLMGW_E_INVALID;
    if (slash == 1 && name.data[0] == '*')
        return llmgw__catalog_everywhere(
            catalog, llmgw__str_n(name.data + 2, name.len - 2), region, arena,
            out);
    provider = llmgw__catalog_provider(catalog, llmgw__str_n(name.data, slash));
    if (!provider)
        return LLMGW_E_INVALID;
    return make_route(catalog, provider, name, arena, out);
}

/* A route of one target, whose id and name is "provider/model". */
static llmgw_status make_route(const struct llmgw__catalog *catalog,
                               const struct llmgw__provider *provider,
                               llmgw_str id, struct llmgw__arena *arena,
                               const struct llmgw__route **out)
{
    struct llmgw__target *target = llmgw__arena_zalloc(arena, sizeof *target);
    struct llmgw__route *route = llmgw__arena_zalloc(arena, sizeof *route);
    const char *name = llmgw__arena_dup(arena, id);

    if (!target || !route || !name)
        return LLMGW_E_NOMEM;
    target->provider = provider;
    target->id = name;
    target->model = name + strlen(provider->name) + 1;
    target->price = llmgw__catalog_price_of(catalog, provider, target->model);
    route->name = name;
    route->targets = target;
    route->target_count = 1;
    route->limits = catalog->limits;
    *out = route;
    return LLMGW_OK;
}
