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
static llmgw_status make_catalog(struct llmgw_gateway *gateway, llmgw_str json,
                                 struct llmgw__ledger_setting *ledger,
                                 llmgw_error **error);
static llmgw_status read_config(const char *file, llmgw_str json,
                                const struct llmgw__catalog *before,
                                struct llmgw__catalog **out,
                                struct llmgw__ledger_setting *ledger,
                                llmgw_error **error);
static void expect_keys(struct llmgw__catalog *catalog);

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
    struct llmgw__ledger_setting ledger = {0};
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
                             &gateway->catalog, &ledger, error);
    if (status == LLMGW_OK && taken.on_credential)
        expect_keys(gateway->catalog);
    if (status == LLMGW_OK)
        status = llmgw__core_open(gateway, &taken, &ledger, error);
    llmgw__ledger_setting_clear(&ledger);
    if (status != LLMGW_OK) {
        llmgw__gateway_drop(gateway);
        return status;
    }
    llmgw__refresh_plan(gateway);
    *out = gateway;
    return LLMGW_OK;
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
        status = llmgw__core_init(&gateway->core);
        if (status == LLMGW_OK)
            return LLMGW_OK;
        llmgw__random_pool_clear(&gateway->random);
    }
    llmgw__birth_clear(&gateway->birth);
    llmgw__mutex_clear(&gateway->making);
    llmgw__mutex_clear(&gateway->lock);
    return status;
}

llmgw_status llmgw_gateway_reload(llmgw_gateway *gateway, llmgw_str json,
                                  llmgw_error **error)
{
    struct llmgw__ledger_setting ledger = {0};
    llmgw_status status;

    if (error)
        *error = NULL;
    if (!gateway || (!json.len && !gateway->config_file) ||
        (json.len && !json.data))
        return LLMGW_E_INVALID;
    llmgw__mutex_lock(&gateway->making);
    status = make_catalog(gateway, json, &ledger, error);
    llmgw__ledger_setting_clear(&ledger); /* it counts when one is opened */
    llmgw__mutex_unlock(&gateway->making);
    llmgw__refresh_plan(gateway);
    return status;
}

static llmgw_status make_catalog(struct llmgw_gateway *gateway, llmgw_str json,
                                 struct llmgw__ledger_setting *ledger,
                                 llmgw_error **error)
{
    struct llmgw__catalog *before = llmgw__gateway_catalog(gateway);
    struct llmgw__catalog *fresh = NULL;
    llmgw_status status = read_config(json.len ? NULL : gateway->config_file,
                                      json, before, &fresh, ledger, error);

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
    llmgw__core_clear(&gateway->core, llmgw__birth_forked(&gateway->birth));
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
                                struct llmgw__ledger_setting *ledger,
                                llmgw_error **error)
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
        status = llmgw__config_read(json, before, out, ledger, &why);
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
