/*
 * api/gateway.c - open, reload, close; idle loops for blocking calls.
 */
#include "gateway.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/crypto.h"

#define MAX_IDLE_LOOPS 16

static llmgw_status init_locks(struct llmgw_gateway *gateway);
static llmgw_status fill_core(struct llmgw_gateway *gateway,
                              const llmgw_gateway_options *options,
                              size_t max_entries);
static llmgw_status make_catalog(struct llmgw_gateway *gateway, llmgw_str json,
                                 size_t *max_entries, llmgw_error **error);
static llmgw_status read_config(const char *file, llmgw_str json,
                                const struct llmgw__catalog *before,
                                struct llmgw__catalog **out,
                                size_t *max_entries, llmgw_error **error);
static void expect_keys(struct llmgw__catalog *catalog);

static uint64_t system_monotonic(void *userdata)
{
    (void)userdata;
    return llmgw__clock_monotonic();
}

static int64_t system_wall(void *userdata)
{
    (void)userdata;
    return llmgw__clock_wall();
}

llmgw_status llmgw__take_options(void *ours, size_t our_size,
                                 const void *theirs)
{
    const unsigned char *bytes = theirs;
    uint32_t their_size;

    if (!theirs)
        return LLMGW_OK; /* all defaults */
    memcpy(&their_size, theirs, sizeof their_size);
    if (their_size < sizeof their_size || their_size > 4096)
        return LLMGW_E_INVALID; /* not a size: never initialized */
    for (size_t i = our_size; i < their_size; i++)
        if (bytes[i] != 0)
            return LLMGW_E_INVALID; /* a newer field, set by a newer caller */
    memcpy(ours, theirs, their_size < our_size ? their_size : our_size);
    return LLMGW_OK;
}

llmgw_status llmgw_gateway_open(const llmgw_gateway_options *options,
                                llmgw_gateway **out, llmgw_error **error)
{
    llmgw_gateway_options taken = LLMGW_GATEWAY_OPTIONS_INIT;
    struct llmgw_gateway *gateway;
    size_t max_entries = 0;
    llmgw_status status;

    if (error)
        *error = NULL;
    if (!out)
        return LLMGW_E_INVALID;
    *out = NULL;
    status = llmgw__take_options(&taken, sizeof taken, options);
    if (status != LLMGW_OK || (taken.config_file && taken.config_json.len) ||
        (taken.config_json.len && !taken.config_json.data))
        return LLMGW_E_INVALID;
    gateway = llmgw__calloc(1, sizeof *gateway);
    if (!gateway)
        return LLMGW_E_NOMEM;
    llmgw__refs_init(&gateway->refs);
    status = init_locks(gateway);
    if (status != LLMGW_OK) {
        llmgw__free(gateway);
        return status;
    }
    status = llmgw__http_global();
    if (status == LLMGW_OK)
        status = read_config(taken.config_file, taken.config_json, NULL,
                             &gateway->catalog, &max_entries, error);
    if (status == LLMGW_OK && taken.on_credential)
        expect_keys(gateway->catalog);
    if (status == LLMGW_OK)
        status = fill_core(gateway, &taken, max_entries);
    if (status != LLMGW_OK) {
        llmgw__gateway_drop(gateway);
        return status;
    }
    llmgw__refresh_plan(gateway);
    *out = gateway;
    return LLMGW_OK;
}

/** What calls of all threads share: all of it, or nothing. */
static llmgw_status init_shared(struct llmgw__core *core)
{
    llmgw_status status = llmgw__opaque_init(&core->opaque);

    if (status != LLMGW_OK)
        return status;
    status = llmgw__queue_init(&core->queue);
    if (status != LLMGW_OK)
        goto no_queue;
    status = llmgw__router_init(&core->router, &core->random);
    if (status != LLMGW_OK)
        goto no_router;
    status = llmgw__credentials_init(&core->credentials);
    if (status == LLMGW_OK)
        return LLMGW_OK;
    llmgw__router_clear(&core->router);
no_router:
    llmgw__queue_clear(&core->queue);
no_queue:
    llmgw__opaque_clear(&core->opaque);
    return status;
}

static llmgw_status init_locks(struct llmgw_gateway *gateway)
{
    llmgw_status status = llmgw__mutex_init(&gateway->lock);

    if (status != LLMGW_OK)
        return status;
    status = llmgw__mutex_init(&gateway->making);
    if (status != LLMGW_OK) {
        llmgw__mutex_clear(&gateway->lock);
        return status;
    }
    llmgw__birth_init(&gateway->birth);
    status = llmgw__random_pool_init(&gateway->random, &gateway->birth,
                                     &gateway->core.random);
    if (status == LLMGW_OK) {
        status = init_shared(&gateway->core);
        if (status == LLMGW_OK)
            return LLMGW_OK;
        llmgw__random_pool_clear(&gateway->random);
    }
    llmgw__birth_clear(&gateway->birth);
    llmgw__mutex_clear(&gateway->making);
    llmgw__mutex_clear(&gateway->lock);
    return status;
}

/** The host's own clock, HTTP and store: all that has to be there is. */
static llmgw_status take_seams(struct llmgw__core *core,
                               const llmgw_gateway_options *options,
                               llmgw_store *store)
{
    llmgw_transport *transport = &core->transport;
    llmgw_status status =
        llmgw__take_options(&core->clock, sizeof core->clock, options->clock);

    if (status == LLMGW_OK)
        status = llmgw__take_options(transport, sizeof *transport,
                                     options->transport);
    if (status == LLMGW_OK)
        status = llmgw__take_options(store, sizeof *store, options->store);
    if (status != LLMGW_OK)
        return status;
    if (options->transport && (!transport->start || !transport->cancel))
        return LLMGW_E_INVALID;
    return options->store && !store->submit ? LLMGW_E_INVALID : LLMGW_OK;
}

/** Who writes entries: a number that nobody else has; positive in 64 bits, as
 *  databases have them. */
static llmgw_status make_writer(const struct llmgw__core *core, uint64_t *out)
{
    if (llmgw__random_bytes(&core->random, out, sizeof *out))
        return LLMGW_E_SYSTEM;
    *out = (*out & INT64_MAX) | 1;
    return LLMGW_OK;
}

static llmgw_status fill_core(struct llmgw_gateway *gateway,
                              const llmgw_gateway_options *options,
                              size_t max_entries)
{
    struct llmgw__core *core = &gateway->core;
    llmgw_store store = {0};
    uint64_t writer;
    llmgw_status status = take_seams(core, options, &store);

    if (status != LLMGW_OK)
        return status;
    if (options->config_file) {
        gateway->config_file =
            llmgw__strndup(options->config_file, strlen(options->config_file));
        if (!gateway->config_file)
            return LLMGW_E_NOMEM;
    }
    if (core->clock.random) {
        core->random.fill = core->clock.random;
        core->random.userdata = core->clock.userdata;
    }
    if (!core->clock.monotonic_ns)
        core->clock.monotonic_ns = system_monotonic;
    if (!core->clock.wall_ns)
        core->clock.wall_ns = system_wall;
    core->ids.make = llmgw__ids_random;
    core->ids.userdata = &core->random;
    core->on_credential = options->on_credential;
    core->credential_userdata = options->credential_userdata;
    core->on_log = options->on_log;
    core->log_userdata = options->log_userdata;
    core->log_level =
        options->log_level ? options->log_level : LLMGW_LOG_WARNING;
    status = make_writer(core, &writer);
    if (status != LLMGW_OK)
        return status;
    return llmgw__ledger_init(&core->ledger, store.submit ? &store : NULL,
                              max_entries, writer);
}

llmgw_status llmgw_gateway_reload(llmgw_gateway *gateway, llmgw_str json,
                                  llmgw_error **error)
{
    size_t max_entries;
    llmgw_status status;

    if (error)
        *error = NULL;
    if (!gateway || (!json.len && !gateway->config_file) ||
        (json.len && !json.data))
        return LLMGW_E_INVALID;
    llmgw__mutex_lock(&gateway->making);
    status = make_catalog(gateway, json, &max_entries, error);
    llmgw__mutex_unlock(&gateway->making);
    llmgw__refresh_plan(gateway);
    return status;
}

static llmgw_status make_catalog(struct llmgw_gateway *gateway, llmgw_str json,
                                 size_t *max_entries, llmgw_error **error)
{
    struct llmgw__catalog *before = llmgw__gateway_catalog(gateway);
    struct llmgw__catalog *fresh = NULL;
    llmgw_status status = read_config(json.len ? NULL : gateway->config_file,
                                      json, before, &fresh, max_entries, error);

    llmgw__catalog_drop(before);
    if (status != LLMGW_OK)
        return status;
    if (gateway->core.on_credential)
        expect_keys(fresh);
    return llmgw__gateway_swap(gateway, fresh);
}

llmgw_status llmgw__gateway_swap(struct llmgw_gateway *gateway,
                                 struct llmgw__catalog *fresh)
{
    struct llmgw__catalog *old = fresh;
    bool closed;

    llmgw__mutex_lock(&gateway->lock);
    closed = gateway->closed;
    if (!closed) {
        old = gateway->catalog;
        gateway->catalog = fresh;
    }
    llmgw__mutex_unlock(&gateway->lock);
    llmgw__catalog_drop(old);
    return closed ? LLMGW_E_CLOSED : LLMGW_OK;
}

void llmgw_gateway_close(llmgw_gateway *gateway)
{
    struct llmgw_loop *idle;

    if (!gateway)
        return;
    llmgw__mutex_lock(&gateway->lock);
    gateway->closed = true;
    idle = gateway->idle;
    gateway->idle = NULL;
    llmgw__mutex_unlock(&gateway->lock);
    while (idle) {
        struct llmgw_loop *next = idle->next;

        llmgw_loop_free(idle);
        idle = next;
    }
    llmgw__gateway_drop(gateway);
}

void llmgw__gateway_drop(struct llmgw_gateway *gateway)
{
    if (!llmgw__refs_drop(&gateway->refs))
        return;
    llmgw__ledger_clear(&gateway->core.ledger);
    llmgw__credentials_clear(&gateway->core.credentials);
    llmgw__router_clear(&gateway->core.router);
    llmgw__queue_clear(&gateway->core.queue);
    llmgw__opaque_clear(&gateway->core.opaque);
    llmgw__catalog_drop(gateway->catalog);
    llmgw__free(gateway->config_file);
    llmgw__refresh_clear(&gateway->refresh);
    llmgw__random_pool_clear(&gateway->random);
    llmgw__mutex_clear(&gateway->making);
    llmgw__mutex_clear(&gateway->lock);
    llmgw__birth_clear(&gateway->birth);
    llmgw__free(gateway);
}

struct llmgw__catalog *llmgw__gateway_catalog(struct llmgw_gateway *gateway)
{
    struct llmgw__catalog *catalog = NULL;

    llmgw__mutex_lock(&gateway->lock);
    if (!gateway->closed)
        catalog = llmgw__catalog_ref(gateway->catalog);
    llmgw__mutex_unlock(&gateway->lock);
    return catalog;
}

/** One that has trials under way first: the call that borrows it drives them,
 *  and nobody else would. */
static struct llmgw_loop **pick_idle(struct llmgw_gateway *gateway)
{
    struct llmgw_loop **at = &gateway->idle;

    while (*at && !(*at)->driver.behind)
        at = &(*at)->next;
    return *at ? at : &gateway->idle;
}

llmgw_status llmgw__gateway_borrow(struct llmgw_gateway *gateway,
                                   struct llmgw_loop **out)
{
    struct llmgw_loop **at;
    struct llmgw_loop *loop;

    llmgw__mutex_lock(&gateway->lock);
    at = pick_idle(gateway);
    loop = *at;
    if (loop) {
        *at = loop->next;
        gateway->idle_count--;
    }
    llmgw__mutex_unlock(&gateway->lock);
    if (loop && loop->driver.behind) /* what they have found out counts now */
        (void)llmgw__driver_turn(&loop->driver, 0);
    *out = loop;
    return loop ? LLMGW_OK : llmgw_loop_create(gateway, out);
}

void llmgw__gateway_give_back(struct llmgw_gateway *gateway,
                              struct llmgw_loop *loop)
{
    bool kept = false;

    llmgw__mutex_lock(&gateway->lock);
    if (!gateway->closed && gateway->idle_count < MAX_IDLE_LOOPS) {
        loop->next = gateway->idle;
        gateway->idle = loop;
        gateway->idle_count++;
        kept = true;
    }
    llmgw__mutex_unlock(&gateway->lock);
    if (!kept)
        llmgw_loop_free(loop);
}

/* --- configuration --- */

static llmgw_status read_config(const char *file, llmgw_str json,
                                const struct llmgw__catalog *before,
                                struct llmgw__catalog **out,
                                size_t *max_entries, llmgw_error **error)
{
    struct llmgw__error why;
    char *bytes = NULL;
    llmgw_status status = LLMGW_OK;

    llmgw__error_clear(&why);
    if (file)
        status = llmgw__config_file(file, &bytes, &json.len, &why);
    if (status == LLMGW_OK && bytes)
        json.data = bytes;
    if (status == LLMGW_OK)
        status = llmgw__config_read(json, before, out, max_entries, &why);
    if (bytes)
        llmgw__zeroize(bytes, json.len); /* keys may stand in it */
    llmgw__free(bytes);
    if (status == LLMGW_E_CONFIG)
        llmgw__gateway_tell(error, &why);
    return status;
}

/** The host may have keys for what it has named. */
static void expect_keys(struct llmgw__catalog *catalog)
{
    for (size_t i = 0; i < catalog->provider_count; i++)
        catalog->providers[i].key_may_come |= catalog->providers[i].configured;
}

void llmgw__gateway_tell(llmgw_error **out, const struct llmgw__error *error)
{
    if (!out)
        return;
    *out = llmgw__calloc(1, sizeof **out);
    if (!*out)
        return;
    (*out)->error = *error;
    (*out)->owned = true;
    llmgw__buf_init(&(*out)->json, 0);
}

llmgw_status llmgw_gateway_models(llmgw_gateway *gateway, llmgw_model_fn fn,
                                  void *userdata)
{
    struct llmgw__catalog *catalog;
    int32_t stop = 0;

    if (!gateway || !fn)
        return LLMGW_E_INVALID;
    catalog = llmgw__gateway_catalog(gateway);
    if (!catalog)
        return LLMGW_E_CLOSED;
    for (size_t i = 0; i < catalog->route_count && !stop; i++) {
        llmgw_model_info info = {llmgw__str(catalog->routes[i].name), 1,
                                 (int32_t)catalog->routes[i].target_count};

        stop = fn(&info, userdata);
    }
    for (size_t i = 0; i < catalog->provider_count && !stop; i++) {
        const struct llmgw__provider *provider = &catalog->providers[i];
        llmgw_model_info info = {llmgw__str(provider->name), 0, 0};

        if (provider->api_key || provider->key_may_come || !provider->needs_key)
            stop = fn(&info, userdata);
    }
    llmgw__catalog_drop(catalog);
    return LLMGW_OK;
}
