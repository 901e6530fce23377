/*
 * catalog/reprice.c - other prices for a snapshot: all else stays that of the
 * one it was made of, which it keeps.
 *
 * Memory: targets and the rows in force, in the new snapshot.
 */
#include "reprice.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

static llmgw_status put_list(struct llmgw__catalog *catalog,
                             struct llmgw__list *list);
static llmgw_status merge(struct llmgw__catalog *catalog);
static llmgw_status copy_routes(struct llmgw__catalog *catalog);
static const struct llmgw__target *
copy_targets(struct llmgw__catalog *catalog, const struct llmgw__route *route);

llmgw_status llmgw__catalog_price(struct llmgw__catalog *catalog,
                                  const struct llmgw__catalog *like)
{
    for (size_t i = 0; like && i < like->list_count; i++) {
        llmgw__refs_add(&like->lists[i]->refs);
        catalog->lists[catalog->list_count++] = like->lists[i];
    }
    return merge(catalog);
}

llmgw_status llmgw__catalog_with(struct llmgw__catalog *catalog,
                                 struct llmgw__list *list,
                                 struct llmgw__catalog **out)
{
    struct llmgw__catalog *fresh = llmgw__calloc(1, sizeof *fresh);
    llmgw_status status;

    *out = NULL;
    if (!fresh)
        return LLMGW_E_NOMEM;
    /* all but the count, which others change meanwhile */
    memcpy((char *)fresh + sizeof fresh->refs,
           (const char *)catalog + sizeof catalog->refs,
           sizeof *fresh - sizeof fresh->refs);
    llmgw__refs_init(&fresh->refs);
    llmgw__arena_init(&fresh->arena, 0, 0);
    memset(&fresh->manifest, 0, sizeof fresh->manifest);
    llmgw__arena_init(&fresh->manifest.arena, 0, 0);
    fresh->owner =
        llmgw__catalog_ref(catalog->owner ? catalog->owner : catalog);
    for (size_t i = 0; i < fresh->list_count; i++)
        llmgw__refs_add(&fresh->lists[i]->refs);
    status = put_list(fresh, list);
    if (status == LLMGW_OK)
        status = merge(fresh);
    if (status == LLMGW_OK)
        status = copy_routes(fresh);
    if (status == LLMGW_OK)
        *out = fresh;
    else
        llmgw__catalog_drop(fresh);
    return status;
}

struct llmgw__list *llmgw__catalog_list(const struct llmgw__catalog *catalog,
                                        const char *name)
{
    for (size_t i = 0; i < catalog->list_count; i++)
        if (strcmp(catalog->lists[i]->name, name) == 0)
            return catalog->lists[i];
    return NULL;
}

/* In the place of the one of its name, or behind the others. */
static llmgw_status put_list(struct llmgw__catalog *catalog,
                             struct llmgw__list *list)
{
    size_t at = 0;

    while (at < catalog->list_count &&
           strcmp(catalog->lists[at]->name, list->name) != 0)
        at++;
    if (at == LLMGW__LISTS)
        return LLMGW_E_LIMIT;
    if (at < catalog->list_count)
        llmgw__list_drop(catalog->lists[at]);
    else
        catalog->list_count++;
    llmgw__refs_add(&list->refs);
    catalog->lists[at] = list;
    return LLMGW_OK;
}

static llmgw_status merge(struct llmgw__catalog *catalog)
{
    if (catalog->list_count)
        return llmgw__manifest_merge(&catalog->manifest, &catalog->base,
                                     catalog->base_wins, catalog->lists,
                                     catalog->list_count);
    catalog->manifest.rows = catalog->base.rows;
    catalog->manifest.count = catalog->base.count;
    catalog->manifest.version = catalog->base.version;
    return LLMGW_OK;
}

static llmgw_status copy_routes(struct llmgw__catalog *catalog)
{
    struct llmgw__route *routes = llmgw__arena_array(
        &catalog->arena, catalog->route_count + 1, sizeof *routes);

    for (size_t i = 0; routes && i < catalog->route_count; i++) {
        routes[i] = catalog->routes[i];
        routes[i].targets = copy_targets(catalog, &catalog->routes[i]);
        if (!routes[i].targets)
            return LLMGW_E_NOMEM;
    }
    catalog->routes = routes;
    return routes ? LLMGW_OK : LLMGW_E_NOMEM;
}

static const struct llmgw__target *
copy_targets(struct llmgw__catalog *catalog, const struct llmgw__route *route)
{
    struct llmgw__target *targets = llmgw__arena_array(
        &catalog->arena, route->target_count, sizeof *targets);

    for (size_t i = 0; targets && i < route->target_count; i++) {
        targets[i] = route->targets[i];
        targets[i].price = llmgw__catalog_price_of(catalog, targets[i].provider,
                                                   targets[i].model);
    }
    return targets;
}
