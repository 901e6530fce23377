/*
 * call/fetch.c - fetch a credential: what its source asks for, step by step.
 *
 * Memory: what the source keeps in its arena, one answer of at most MAX_ANSWER
 * bytes; all of it overwritten at the end.
 */
#include "fetch.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "errand.h"
#include "hide.h"
#include "provider/provider.h"

#define MAX_ANSWER    ((size_t)256 * 1024)
#define MAX_STEPS     16    /* exchanges of one fetch */
#define CONNECT_MS    10000 /* of each */
#define TOTAL_MS      20000
#define NEAR_MS       2000 /* on this machine or link there is no way to go */
#define NEAR_TOTAL    8000
#define SHORTEST_ECHO 16 /* bytes of what was sent, told back */

struct llmgw__fetch {
    struct llmgw__driver *driver;
    struct llmgw__fetch_setup setup;
    const struct llmgw__credential_source *source;
    struct llmgw__credential_fetch state;
    struct llmgw__arena arena;
    struct llmgw__errand *errand; /* NULL: none runs */
    int steps;
};

static llmgw_status go_on(struct llmgw__fetch *fetch, llmgw_status status);
static llmgw_status send_out(struct llmgw__fetch *fetch);
static void answered(void *userdata, const struct llmgw__errand_end *end);
static void hide_echo(const struct llmgw__fetch *fetch, char *message);
static void finish(struct llmgw__fetch *fetch,
                   const struct llmgw__error *error);
static void free_fetch(struct llmgw__fetch *fetch);

const char *llmgw__fetch_account(const struct llmgw__provider *provider)
{
    return provider->account ? provider->account : provider->name;
}

llmgw_status llmgw__fetch_start(struct llmgw__driver *driver,
                                const struct llmgw__fetch_setup *setup)
{
    struct llmgw__fetch *fetch = llmgw__calloc(1, sizeof *fetch);

    if (!fetch) {
        const struct llmgw__credentials_ask ask = {
            .account = llmgw__fetch_account(setup->provider)};

        llmgw__credentials_fail(&driver->core->credentials, &ask, setup->lease,
                                NULL);
        return LLMGW_E_NOMEM;
    }
    fetch->driver = driver;
    fetch->setup = *setup;
    (void)llmgw__catalog_ref(setup->catalog);
    fetch->source = setup->provider->row->credentials;
    llmgw__arena_init(&fetch->arena, 0, 0);
    llmgw__error_clear(&fetch->state.error);
    llmgw__body_init(&fetch->state.request.body, 0);
    fetch->state.provider = setup->provider;
    fetch->state.arena = &fetch->arena;
    fetch->state.random = &driver->core->random;
    fetch->state.now_s =
        llmgw__core_wall_ns(driver->core) / (int64_t)LLMGW__SECOND;
    if (setup->owner)
        *setup->owner = fetch;
    if (fetch->source->state_size)
        fetch->state.state =
            llmgw__arena_zalloc(&fetch->arena, fetch->source->state_size);
    if (fetch->source->state_size && !fetch->state.state) {
        finish(fetch, NULL);
        return LLMGW_E_NOMEM;
    }
    return go_on(fetch, fetch->source->begin(&fetch->state));
}

/** The source has said something: a credential, the next request, an error. */
static llmgw_status go_on(struct llmgw__fetch *fetch, llmgw_status status)
{
    struct llmgw__error *error = &fetch->state.error;

    if (status == LLMGW_OK && !fetch->state.out)
        status = send_out(fetch);
    if (status == LLMGW_OK && !fetch->state.out)
        return LLMGW_OK;
    if (status == LLMGW_OK) {
        finish(fetch, NULL);
        return LLMGW_OK;
    }
    if (status == LLMGW_E_NOMEM || error->kind == LLMGW_KIND_NONE) {
        finish(fetch, NULL);
        return LLMGW_E_NOMEM;
    }
    hide_echo(fetch, error->message);
    llmgw__log(fetch->driver->core, LLMGW_LOG_WARNING,
               fetch->setup.provider->name,
               " gives no credentials: ", error->message);
    finish(fetch, error);
    return LLMGW_OK;
}

/** On this machine or link: no proxy knows the way, no way takes long. */
static bool is_near(const char *url)
{
    return llmgw__str_starts(llmgw__str(url), "http://");
}

static llmgw_status send_out(struct llmgw__fetch *fetch)
{
    const struct llmgw__http_request *request = &fetch->state.request;
    bool near_by = is_near(request->url);
    const struct llmgw__errand_setup setup = {
        .request = request,
        .catalog = fetch->setup.catalog,
        .connect_ms = near_by ? NEAR_MS : CONNECT_MS,
        .total_ms = near_by ? NEAR_TOTAL : TOTAL_MS,
        .direct = near_by,
        .max_body = MAX_ANSWER,
        .ended = answered,
        .userdata = fetch,
    };
    llmgw_status status = LLMGW_E_LIMIT;

    if (fetch->steps++ < MAX_STEPS)
        status = llmgw__errand_start(fetch->driver, &setup, &fetch->errand);
    if (status != LLMGW_OK && status != LLMGW_E_NOMEM) {
        llmgw__error_setz(&fetch->state.error, LLMGW_KIND_AUTH,
                          status == LLMGW_E_LIMIT
                              ? "asking for credentials comes to no end"
                              : "credentials cannot be asked for: bad URL");
        status = LLMGW_E_INVALID;
    }
    return status;
}

static void answered(void *userdata, const struct llmgw__errand_end *end)
{
    struct llmgw__fetch *fetch = userdata;
    struct llmgw__errand *errand = fetch->errand;
    llmgw_status status;

    fetch->errand = NULL;
    fetch->state.now_s =
        llmgw__core_wall_ns(fetch->driver->core) / (int64_t)LLMGW__SECOND;
    if (fetch->driver->closing) {
        finish(fetch, NULL);
    } else {
        status = fetch->source->answer(&fetch->state, end->status, end->body);
        (void)go_on(fetch, status); /* no memory: the next one may have some */
    }
    llmgw__errand_free(errand);
}

/** Texts that were sent and stand in what is said about it. */
static void hide_echo(const struct llmgw__fetch *fetch, char *message)
{
    const struct llmgw__http_request *request = &fetch->state.request;
    size_t len = strlen(message);

    for (size_t i = 0; i < request->header_count; i++)
        llmgw__hide_parts(message, len, request->headers[i].value,
                          SHORTEST_ECHO);
    for (size_t i = 0; i < request->body.count; i++)
        llmgw__hide_parts(message, len, llmgw__body_segment(&request->body, i),
                          SHORTEST_ECHO);
}

/** It is over; error NULL: the credential, or nothing. */
static void finish(struct llmgw__fetch *fetch, const struct llmgw__error *error)
{
    struct llmgw__credentials *all = &fetch->driver->core->credentials;
    const struct llmgw__credentials_ask ask = {
        .account = llmgw__fetch_account(fetch->setup.provider),
        .now_ns = llmgw__driver_clock(fetch->driver),
        .now_s = fetch->state.now_s,
    };

    if (fetch->state.out)
        llmgw__credentials_put(all, &ask, fetch->setup.lease, fetch->state.out);
    else
        llmgw__credentials_fail(all, &ask, fetch->setup.lease, error);
    fetch->state.out = NULL;
    if (fetch->setup.owner)
        *fetch->setup.owner = NULL;
    free_fetch(fetch);
}

void llmgw__fetch_give_up(struct llmgw__fetch *fetch)
{
    if (fetch)
        finish(fetch, NULL);
}

static void free_fetch(struct llmgw__fetch *fetch)
{
    struct llmgw__buf *own = &fetch->state.request.body.own;

    llmgw__errand_free(fetch->errand);
    if (own->data)
        llmgw__zeroize(own->data, own->len);
    llmgw__body_clear(&fetch->state.request.body);
    llmgw__arena_wipe(&fetch->arena);
    llmgw__catalog_drop(fetch->setup.catalog);
    llmgw__zeroize(fetch, sizeof *fetch);
    llmgw__free(fetch);
}
