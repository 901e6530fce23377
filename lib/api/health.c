/*
 * api/health.c - how targets stand, and to set their breakers.
 *
 * Memory: while targets are listed, their names, twice.
 */
#include <string.h>

#include <llmgw/health.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "gateway.h"

#define MEDIAN_PM 500
#define SLOW_PM   950

static llmgw_str provider_name(llmgw_str id);
static uint64_t now_of(const struct llmgw__core *core);
static llmgw_status find(llmgw_gateway *gateway, const char *target,
                         struct llmgw__catalog **catalog,
                         const struct llmgw__provider **provider);
static void fill(struct llmgw__core *core,
                 const struct llmgw__provider *provider, const char *id,
                 llmgw_health *out);
static llmgw_status gather(struct llmgw_gateway *gateway,
                           const struct llmgw__catalog *catalog,
                           struct llmgw__buf *ids);

llmgw_status llmgw_health_read(llmgw_gateway *gateway, const char *target,
                               llmgw_health *out)
{
    const struct llmgw__provider *provider;
    struct llmgw__catalog *catalog;
    llmgw_health health;
    llmgw_status status;
    uint32_t size;

    if (!gateway || !target || !out || out->size < 2 * sizeof out->size ||
        out->size > 4096)
        return LLMGW_E_INVALID;
    status = find(gateway, target, &catalog, &provider);
    if (status != LLMGW_OK)
        return status;
    fill(&gateway->core, provider, target, &health);
    llmgw__catalog_drop(catalog);
    size = out->size;
    health.size = size;
    memcpy(out, &health, size < sizeof health ? size : sizeof health);
    return LLMGW_OK;
}

llmgw_status llmgw_health_list(llmgw_gateway *gateway, llmgw_health_fn fn,
                               void *userdata)
{
    struct llmgw__catalog *catalog;
    struct llmgw__buf ids;
    llmgw_status status;
    int32_t stop = 0;

    if (!gateway || !fn)
        return LLMGW_E_INVALID;
    catalog = llmgw__gateway_catalog(gateway);
    if (!catalog)
        return LLMGW_E_CLOSED;
    llmgw__buf_init(&ids, 0);
    status = gather(gateway, catalog, &ids);
    for (size_t at = 0; status == LLMGW_OK && at < ids.len && !stop;) {
        llmgw_str id = llmgw__str(ids.data + at);
        const struct llmgw__provider *provider =
            llmgw__catalog_provider(catalog, provider_name(id));
        llmgw_health health;

        at += id.len + 1;
        if (!provider || !id.data) /* it was configured once */
            continue;
        fill(&gateway->core, provider, id.data, &health);
        stop = fn(id, &health, userdata);
    }
    llmgw__buf_clear(&ids);
    llmgw__catalog_drop(catalog);
    return status;
}

llmgw_status llmgw_breaker_set(llmgw_gateway *gateway, const char *target,
                               llmgw_breaker_rule rule)
{
    static const enum llmgw__breaker_force forces[] = {
        [LLMGW_BREAKER_BY_ITSELF] = LLMGW__FORCE_NONE,
        [LLMGW_BREAKER_KEEP_OPEN] = LLMGW__FORCE_OPEN,
        [LLMGW_BREAKER_KEEP_CLOSED] = LLMGW__FORCE_CLOSED,
    };
    const struct llmgw__provider *provider;
    struct llmgw__catalog *catalog;
    llmgw_status status;

    if (!gateway || !target || rule < LLMGW_BREAKER_BY_ITSELF ||
        rule > LLMGW_BREAKER_KEEP_CLOSED)
        return LLMGW_E_INVALID;
    status = find(gateway, target, &catalog, &provider);
    if (status != LLMGW_OK)
        return status;
    llmgw__catalog_drop(catalog);
    return llmgw__breaker_force(&gateway->core.router.breakers,
                                llmgw__str(target), forces[rule],
                                now_of(&gateway->core));
}

/** "provider/model": what stands before the first slash; empty: it is none. */
static llmgw_str provider_name(llmgw_str id)
{
    size_t slash = llmgw__str_find(id, LLMGW__LIT("/"));

    return llmgw__str_n(id.data, slash < id.len - 1 ? slash : 0);
}

static uint64_t now_of(const struct llmgw__core *core)
{
    return core->clock.monotonic_ns(core->clock.userdata);
}

/** @param[out] catalog  one reference, unless it fails */
static llmgw_status find(llmgw_gateway *gateway, const char *target,
                         struct llmgw__catalog **catalog,
                         const struct llmgw__provider **provider)
{
    *catalog = llmgw__gateway_catalog(gateway);
    if (!*catalog)
        return LLMGW_E_CLOSED;
    *provider =
        llmgw__catalog_provider(*catalog, provider_name(llmgw__str(target)));
    if (*provider)
        return LLMGW_OK;
    llmgw__catalog_drop(*catalog);
    return LLMGW_E_INVALID;
}

/* --- one target --- */

/** ms rounded up, so that 0 is over. */
static int64_t until_ms(uint64_t then_ns, uint64_t now_ns)
{
    if (then_ns == UINT64_MAX)
        return -1;
    return then_ns > now_ns ? (int64_t)((then_ns - now_ns - 1) / LLMGW__MS + 1)
                            : 0;
}

static void fill_breaker(struct llmgw__breakers *breakers, const char *id,
                         uint64_t now_ns, llmgw_health *out)
{
    const struct llmgw__target target = {.id = id};
    struct llmgw__breaker_look look;
    struct llmgw__breaker_told told;

    (void)llmgw__breaker_read(breakers, llmgw__str(id), now_ns, &told);
    llmgw__breaker_look(breakers, &target, now_ns, &look);
    out->breaker = told.half_open ? LLMGW_BREAKER_HALF_OPEN
                   : told.word == LLMGW__BREAKER_CLOSED ? LLMGW_BREAKER_CLOSED
                                                        : LLMGW_BREAKER_OPEN;
    if (told.forced)
        out->rule = told.word == LLMGW__BREAKER_CLOSED
                        ? LLMGW_BREAKER_KEEP_CLOSED
                        : LLMGW_BREAKER_KEEP_OPEN;
    out->failures = told.failures;
    out->opened = told.opened;
    out->suspect = look.suspect;
    out->due_ms = until_ms(told.due_ns, now_ns);
    out->changed_ms = -1;
    if (told.changed_ns)
        out->changed_ms =
            now_ns > told.changed_ns
                ? (int64_t)((now_ns - told.changed_ns) / LLMGW__MS)
                : 0;
}

static int64_t known(uint64_t value)
{
    return value && value <= INT64_MAX ? (int64_t)value : -1;
}

static void fill(struct llmgw__core *core,
                 const struct llmgw__provider *provider, const char *id,
                 llmgw_health *out)
{
    struct llmgw__router *router = &core->router;
    uint64_t now = now_of(core);
    const char *slash = strchr(id, '/');
    const struct llmgw__keys_ask keys = {
        .provider = provider, .model = slash ? slash + 1 : "", .now_ns = now};
    uint64_t back = llmgw__keys_back(&router->keys, &keys);

    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    fill_breaker(&router->breakers, id, now, out);
    out->under_way = llmgw__turns_busy(&router->turns, id);
    out->keys_rest = back > now;
    out->keys_back_ms = until_ms(back, now);
    out->first_p50_ns =
        known(llmgw__latency_first(&router->latencies, id, 0, MEDIAN_PM, now));
    out->first_p95_ns =
        known(llmgw__latency_first(&router->latencies, id, 0, SLOW_PM, now));
    out->rate_p50 =
        known(llmgw__latency_rate(&router->latencies, id, MEDIAN_PM, now));
}

/* --- all --- */

/** A NUL after it; each once. */
static void add_id(struct llmgw__buf *ids, struct llmgw__map *seen,
                   llmgw_str id)
{
    if (ids->status != LLMGW_OK || llmgw__map_get(seen, id))
        return;
    ids->status = llmgw__map_set(seen, id, seen); /* any but NULL */
    llmgw__buf_add_str(ids, id);
    llmgw__buf_add_char(ids, '\0');
}

static llmgw_status gather(struct llmgw_gateway *gateway,
                           const struct llmgw__catalog *catalog,
                           struct llmgw__buf *ids)
{
    struct llmgw__buf asked;
    struct llmgw__map seen;

    llmgw__buf_init(&asked, 0);
    llmgw__map_init(&seen);
    for (size_t i = 0; i < catalog->route_count; i++) {
        const struct llmgw__route *route = &catalog->routes[i];

        for (size_t t = 0; t < route->target_count; t++)
            add_id(ids, &seen, llmgw__str(route->targets[t].id));
    }
    if (ids->status == LLMGW_OK)
        ids->status =
            llmgw__breakers_list(&gateway->core.router.breakers, &asked);
    for (size_t at = 0; at < asked.len;) {
        llmgw_str id = llmgw__str(asked.data + at);

        add_id(ids, &seen, id);
        at += id.len + 1;
    }
    llmgw__buf_clear(&asked);
    llmgw__map_clear(&seen);
    return ids->status;
}
