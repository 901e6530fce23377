/*
 * api/core.c - what all calls of a gateway share: made empty, opened with the
 * host's clock, HTTP and store, closed.
 *
 * Memory: none of its own.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "gateway.h"

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

/** All of it, or nothing. */
llmgw_status llmgw__core_init(struct llmgw__core *core)
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
    if (status != LLMGW_OK)
        goto no_credentials;
    status = llmgw__token_ratios_init(&core->ratios);
    if (status != LLMGW_OK)
        goto no_ratios;
    status = llmgw__budgets_init(&core->budgets, &core->ledger);
    if (status == LLMGW_OK)
        return LLMGW_OK;
    llmgw__token_ratios_clear(&core->ratios);
no_ratios:
    llmgw__credentials_clear(&core->credentials);
no_credentials:
    llmgw__router_clear(&core->router);
no_router:
    llmgw__queue_clear(&core->queue);
no_queue:
    llmgw__opaque_clear(&core->opaque);
    return status;
}

/** What is leased goes back first, while there is a store; a child has none of
 *  its parent's to give. */
void llmgw__core_clear(struct llmgw__core *core, bool forked)
{
    if (!forked && core->ledger.store.submit && core->clock.wall_ns)
        llmgw__budgets_tend(&core->budgets, llmgw__core_wall_ns(core), true);
    llmgw__ledger_clear(&core->ledger);
    llmgw__budgets_clear(&core->budgets);
    llmgw__token_ratios_clear(&core->ratios);
    llmgw__credentials_clear(&core->credentials);
    llmgw__router_clear(&core->router);
    llmgw__queue_clear(&core->queue);
    llmgw__opaque_clear(&core->opaque);
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

/** The ledger of the host's store, or of the one that is configured. */
static llmgw_status open_ledger(struct llmgw__core *core,
                                const llmgw_store *given,
                                const struct llmgw__ledger_setting *setting,
                                struct llmgw__error *why)
{
    llmgw_store store = *given;
    llmgw_status status = LLMGW_OK;
    uint64_t writer;

    if (make_writer(core, &writer) != LLMGW_OK)
        return LLMGW_E_SYSTEM;
    if (setting->path || setting->url) {
        if (given->submit) {
            llmgw__error_refuse(why, LLMGW_KIND_CONFIG, "ledger",
                                "ledger: a place is configured, and the host "
                                "gives a store of its own");
            return LLMGW_E_CONFIG;
        }
        status = llmgw__store_open(setting, writer, &store, why);
    }
    if (status != LLMGW_OK)
        return status;
    status = llmgw__ledger_init(&core->ledger, store.submit ? &store : NULL,
                                setting->max_entries, writer);
    core->ledger.keeps_leases = setting->url != NULL;
    core->share.ledger = &core->ledger;
    core->share.breakers = &core->router.breakers;
    core->share.clock = &core->clock;
    /* a file is not read again and again by those who drive */
    atomic_store(&core->share.none, !setting->url && !given->submit);
    atomic_store(&core->keep_days, setting->keep_days);
    return status;
}

static void ring_queue(void *userdata)
{
    struct llmgw__core *core = userdata;

    llmgw__queue_ring(&core->queue);
}

/** What the host wants to be told. */
static void take_callbacks(struct llmgw__core *core,
                           const llmgw_gateway_options *options)
{
    core->on_credential = options->on_credential;
    core->credential_userdata = options->credential_userdata;
    core->on_log = options->on_log;
    core->log_userdata = options->log_userdata;
    core->log_level =
        options->log_level ? options->log_level : LLMGW_LOG_WARNING;
    core->budgets.on_budget = options->on_budget;
    core->budgets.on_budget_userdata = options->budget_userdata;
    core->budgets.on_room = ring_queue;
    core->budgets.on_room_userdata = core;
}

llmgw_status llmgw__core_open(struct llmgw_gateway *gateway,
                              const llmgw_gateway_options *options,
                              struct llmgw__ledger_setting *setting,
                              llmgw_error **error)
{
    struct llmgw__core *core = &gateway->core;
    struct llmgw__error why;
    llmgw_store store = {0};
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
    take_callbacks(core, options);
    llmgw__error_clear(&why);
    status = open_ledger(core, &store, setting, &why);
    if (why.message[0])
        llmgw__gateway_tell(error, &why);
    return status;
}
