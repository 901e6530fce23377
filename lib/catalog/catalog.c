/*
 * catalog/catalog.c - the snapshot of what is configured: who owns it, and
 * what a model name stands for.
 *
 * Memory: all in the snapshot's arena; it dies with the last reference, keys
 * overwritten before.
 */
#include "catalog.h"

#include <string.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/text.h"

static void wipe_provider(struct llmgw__provider *provider);
static void wipe_secrets(const struct llmgw__setting *settings, size_t count);
static void inherit(uint32_t *limit, uint32_t from);

llmgw_status llmgw__catalog_create(struct llmgw__catalog **out)
{
    struct llmgw__catalog *catalog = llmgw__calloc(1, sizeof *catalog);

    *out = catalog;
    if (!catalog)
        return LLMGW_E_NOMEM;
    llmgw__refs_init(&catalog->refs);
    llmgw__arena_init(&catalog->arena, 0, 0);
    llmgw__arena_init(&catalog->base.arena, 0, 0);
    llmgw__arena_init(&catalog->manifest.arena, 0, 0);
    return LLMGW_OK;
}

struct llmgw__catalog *llmgw__catalog_ref(struct llmgw__catalog *catalog)
{
    llmgw__refs_add(&catalog->refs);
    return catalog;
}

void llmgw__catalog_drop(struct llmgw__catalog *catalog)
{
    if (!catalog || !llmgw__refs_drop(&catalog->refs))
        return;
    for (size_t i = 0; !catalog->owner && i < catalog->provider_count; i++)
        wipe_provider(&catalog->providers[i]);
    llmgw__manifest_clear(&catalog->manifest);
    for (size_t i = 0; i < catalog->list_count; i++)
        llmgw__list_drop(catalog->lists[i]);
    if (!catalog->owner)
        llmgw__manifest_clear(&catalog->base);
    llmgw__arena_clear(&catalog->arena);
    llmgw__catalog_drop(catalog->owner);
    llmgw__free(catalog);
}

const struct llmgw__provider *
llmgw__catalog_provider(const struct llmgw__catalog *catalog, llmgw_str name)
{
    for (size_t i = 0; i < catalog->provider_count; i++)
        if (llmgw__str_is(name, catalog->providers[i].name))
            return &catalog->providers[i];
    return NULL;
}

const struct llmgw__route *
llmgw__catalog_route(const struct llmgw__catalog *catalog, llmgw_str name)
{
    for (size_t i = 0; i < catalog->route_count; i++)
        if (llmgw__str_is(name, catalog->routes[i].name))
            return &catalog->routes[i];
    return NULL;
}

const struct llmgw__price *
llmgw__catalog_price_of(const struct llmgw__catalog *catalog,
                        const struct llmgw__provider *provider,
                        const char *model)
{
    if (!provider->price_name)
        return NULL;
    return llmgw__manifest_find(&catalog->manifest, provider->price_name,
                                llmgw__str(model));
}

const char *llmgw__provider_setting(const struct llmgw__provider *provider,
                                    const char *name)
{
    for (size_t i = 0; i < provider->setting_count; i++)
        if (!strcmp(provider->settings[i].name, name))
            return provider->settings[i].value;
    return NULL;
}

void llmgw__limits_inherit(struct llmgw__limits *limits,
                           const struct llmgw__limits *from)
{
    inherit(&limits->connect_ms, from->connect_ms);
    inherit(&limits->first_ms, from->first_ms);
    inherit(&limits->gap_ms, from->gap_ms);
    inherit(&limits->total_ms, from->total_ms);
    inherit(&limits->max_attempts, from->max_attempts);
    inherit(&limits->min_rate, from->min_rate);
}

static void wipe_provider(struct llmgw__provider *provider)
{
    for (size_t i = 0; i < provider->key_count; i++)
        llmgw__zeroize(provider->keys[i].text, strlen(provider->keys[i].text));
    if (provider->api_key)
        llmgw__zeroize(provider->api_key, strlen(provider->api_key));
    wipe_secrets(provider->headers, provider->header_count);
    wipe_secrets(provider->settings, provider->setting_count);
}

/* Const to all others: the snapshot is what owns them. */
static void wipe_secrets(const struct llmgw__setting *settings, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (settings[i].secret && settings[i].value)
            llmgw__zeroize((void *)settings[i].value,
                           strlen(settings[i].value));
}

static void inherit(uint32_t *limit, uint32_t from)
{
    if (*limit == 0)
        *limit = from;
}
