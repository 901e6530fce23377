/*
 * api/refresh.c - fetch the price list when it is due.
 *
 * Whichever loop is driven first when it is due does it, beside its calls; to
 * the others it is not due meanwhile. A loop that is not driven any more loses
 * it after LEASE_NS to the next one that is.
 *
 * Memory: the answer, up to 16 MiB, while it is read.
 */
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "call/errand.h"
#include "gateway.h"

#define MAX_BYTES  ((size_t)16 * 1024 * 1024)
#define CONNECT_MS 10000
#define TOTAL_MS   60000
#define SECOND_NS  UINT64_C(1000000000)
#define LEASE_NS   (90 * SECOND_NS)
#define RETRY_S    60 /* after a failure; doubled after each */
#define NEVER      UINT64_MAX

struct llmgw__fetch {
    struct llmgw_loop *loop;
    struct llmgw__errand *errand;
    struct llmgw__catalog *catalog; /* one reference */
    struct llmgw__http_request request;
    struct llmgw__http_header headers[2];
    char *etag; /* that was sent; NULL: none */
};

/** How one has ended. */
struct outcome {
    int32_t kind; /* LLMGW_REFRESH_… */
    int32_t http_status;
    llmgw_str etag;
    const struct llmgw__changes *changes;
    char why[512];
};

static bool take_lease(struct llmgw__fetch *fetch);
static llmgw_status begin(struct llmgw__fetch *fetch);
static void fetch_ended(void *userdata, const struct llmgw__errand_end *end);
static bool is_ours(struct llmgw__fetch *fetch);
static void judge(struct llmgw__fetch *fetch,
                  const struct llmgw__errand_end *end, struct outcome *out);
static void read_list(struct llmgw__fetch *fetch, llmgw_str text,
                      struct llmgw__changes *changes, struct outcome *out);
static void settle(struct llmgw__fetch *fetch, const struct outcome *outcome);
static void keep_outcome(struct llmgw_gateway *gateway,
                         const struct outcome *outcome, uint32_t every_s,
                         uint64_t now_ns);
static void keep_counts(llmgw_manifest_refresh *told,
                        const struct outcome *outcome);
static void log_outcome(struct llmgw_gateway *gateway,
                        const struct outcome *outcome);
static void free_fetch(struct llmgw__fetch *fetch);

void llmgw__refresh_plan(struct llmgw_gateway *gateway)
{
    struct llmgw__refresh *refresh = &gateway->refresh;
    struct llmgw__catalog *catalog = llmgw__gateway_catalog(gateway);
    const char *url = catalog ? catalog->refresh.url : NULL;

    llmgw__mutex_lock(&gateway->lock);
    if (!url || !refresh->url || strcmp(url, refresh->url) != 0) {
        llmgw__free(refresh->etag);
        llmgw__free(refresh->url);
        refresh->etag = NULL;
        refresh->url = url ? llmgw__strndup(url, strlen(url)) : NULL;
        refresh->running = NULL;
        refresh->told.due_s = 0;
        refresh->told.failures = 0;
        atomic_store(&refresh->due_ns, url ? 0 : NEVER);
    }
    llmgw__mutex_unlock(&gateway->lock);
    llmgw__catalog_drop(catalog);
}

void llmgw__refresh_clear(struct llmgw__refresh *refresh)
{
    llmgw__free(refresh->etag);
    llmgw__free(refresh->url);
}

/* --- beginning --- */

void llmgw__refresh_look(struct llmgw_loop *loop)
{
    unsigned long long due = atomic_load(&loop->gateway->refresh.due_ns);
    struct llmgw__fetch *fetch;

    if (due == NEVER || loop->driver.closing ||
        llmgw__birth_forked(&loop->driver.birth) ||
        llmgw__driver_clock(&loop->driver) < due)
        return;
    llmgw__refresh_leave(loop); /* it has run for longer than it may */
    fetch = llmgw__calloc(1, sizeof *fetch);
    if (!fetch)
        return;
    fetch->loop = loop;
    fetch->catalog = llmgw__gateway_catalog(loop->gateway);
    if (!fetch->catalog || !fetch->catalog->refresh.url || !take_lease(fetch)) {
        free_fetch(fetch);
        return;
    }
    loop->fetch = fetch;
    if (begin(fetch) != LLMGW_OK) {
        struct outcome outcome = {.kind = LLMGW_REFRESH_FAILED,
                                  .why = "it could not be begun"};

        settle(fetch, &outcome);
    }
}

/* false: another loop was faster */
static bool take_lease(struct llmgw__fetch *fetch)
{
    struct llmgw_gateway *gateway = fetch->loop->gateway;
    struct llmgw__refresh *refresh = &gateway->refresh;
    uint64_t now = llmgw__driver_clock(&fetch->loop->driver);
    bool taken;

    llmgw__mutex_lock(&gateway->lock);
    taken = atomic_load(&refresh->due_ns) <= now;
    if (taken) {
        refresh->running = fetch;
        atomic_store(&refresh->due_ns, now + LEASE_NS);
        if (refresh->etag)
            fetch->etag = llmgw__strndup(refresh->etag, strlen(refresh->etag));
    }
    llmgw__mutex_unlock(&gateway->lock);
    return taken;
}

static llmgw_status begin(struct llmgw__fetch *fetch)
{
    struct llmgw__http_request *request = &fetch->request;
    const char *url = fetch->catalog->refresh.url;
    const struct llmgw__errand_setup setup = {
        .request = request,
        .catalog = fetch->catalog,
        .connect_ms = CONNECT_MS,
        .total_ms = TOTAL_MS,
        .max_body = MAX_BYTES,
        .ended = fetch_ended,
        .userdata = fetch,
    };
    llmgw_status status;

    request->method = "GET";
    request->url = llmgw__strndup(url, strlen(url));
    request->headers = fetch->headers;
    request->header_cap = sizeof fetch->headers / sizeof *fetch->headers;
    llmgw__body_init(&request->body, 0);
    if (!request->url)
        return LLMGW_E_NOMEM;
    status = llmgw__http_header_add(request, LLMGW__LIT("accept"),
                                    LLMGW__LIT("application/json"), false);
    if (status == LLMGW_OK && fetch->etag)
        status = llmgw__http_header_add(request, LLMGW__LIT("if-none-match"),
                                        llmgw__str(fetch->etag), false);
    return status == LLMGW_OK ? llmgw__errand_start(&fetch->loop->driver,
                                                    &setup, &fetch->errand)
                              : status;
}

void llmgw__refresh_leave(struct llmgw_loop *loop)
{
    struct llmgw__fetch *fetch = loop->fetch;

    if (!fetch)
        return;
    loop->fetch = NULL;
    if (is_ours(fetch)) {
        llmgw__mutex_lock(&loop->gateway->lock);
        loop->gateway->refresh.running = NULL;
        atomic_store(&loop->gateway->refresh.due_ns, 0);
        llmgw__mutex_unlock(&loop->gateway->lock);
    }
    free_fetch(fetch);
}

static bool is_ours(struct llmgw__fetch *fetch)
{
    struct llmgw_gateway *gateway = fetch->loop->gateway;
    bool ours;

    llmgw__mutex_lock(&gateway->lock);
    ours = gateway->refresh.running == fetch;
    llmgw__mutex_unlock(&gateway->lock);
    return ours;
}

static void free_fetch(struct llmgw__fetch *fetch)
{
    llmgw__errand_free(fetch->errand);
    llmgw__body_clear(&fetch->request.body);
    llmgw__free(fetch->request.url);
    llmgw__free(fetch->etag);
    llmgw__catalog_drop(fetch->catalog);
    llmgw__free(fetch);
}

/* --- the end --- */

static void fetch_ended(void *userdata, const struct llmgw__errand_end *end)
{
    struct llmgw__fetch *fetch = userdata;
    struct llmgw__changes changes = {.count = 0};
    struct outcome outcome = {.changes = &changes};

    if (fetch->loop->driver.closing || !is_ours(fetch)) {
        llmgw__refresh_leave(fetch->loop);
        return;
    }
    llmgw__arena_init(&changes.arena, 0, 0);
    outcome.http_status = end->status;
    if (end->status == 200) {
        outcome.etag = llmgw__http_head_get(end->head, "etag");
        read_list(fetch, end->body, &changes, &outcome);
    } else {
        judge(fetch, end, &outcome);
    }
    settle(fetch, &outcome);
    llmgw__changes_clear(&changes);
}

/* An answer that is no list. */
static void judge(struct llmgw__fetch *fetch,
                  const struct llmgw__errand_end *end, struct outcome *out)
{
    out->kind = LLMGW_REFRESH_FAILED;
    if (end->status == 304 && fetch->etag)
        out->kind = LLMGW_REFRESH_UNCHANGED;
    else if (end->status)
        (void)snprintf(out->why, sizeof out->why,
                       "was answered with HTTP status %d", (int)end->status);
    else
        (void)snprintf(out->why, sizeof out->why, "could not be fetched: %.*s",
                       (int)(end->body.len < 300 ? end->body.len : 300),
                       end->body.data ? end->body.data : "");
}

static void read_list(struct llmgw__fetch *fetch, llmgw_str text,
                      struct llmgw__changes *changes, struct outcome *out)
{
    struct llmgw_gateway *gateway = fetch->loop->gateway;
    struct llmgw__json_fault fault = {.nomem = false};
    struct llmgw__reading reading = {.format = fetch->catalog->refresh.format,
                                     .changes = changes};
    llmgw_status status;
    char today[11];

    llmgw__today(gateway, today);
    reading.as_of = today;
    status = llmgw__manifest_take(gateway, text, &reading, &fault);
    out->kind = status == LLMGW_OK         ? LLMGW_REFRESH_TAKEN
                : status == LLMGW_E_CONFIG ? LLMGW_REFRESH_REFUSED
                                           : LLMGW_REFRESH_FAILED;
    if (status == LLMGW_E_CONFIG)
        (void)snprintf(out->why, sizeof out->why, "%s%s%s", fault.path,
                       fault.path[0] ? " " : "", fault.message);
    else if (status != LLMGW_OK)
        (void)snprintf(out->why, sizeof out->why, "could not be read: %s",
                       llmgw_status_text(status));
}

/* Tell the gateway, and the log; the fetch is gone. */
static void settle(struct llmgw__fetch *fetch, const struct outcome *outcome)
{
    struct llmgw_loop *loop = fetch->loop;
    struct llmgw_gateway *gateway = loop->gateway;

    keep_outcome(gateway, outcome, fetch->catalog->refresh.every_s,
                 llmgw__driver_clock(&loop->driver));
    loop->fetch = NULL;
    free_fetch(fetch);
    log_outcome(gateway, outcome);
}

static void keep_outcome(struct llmgw_gateway *gateway,
                         const struct outcome *outcome, uint32_t every_s,
                         uint64_t now_ns)
{
    struct llmgw__refresh *refresh = &gateway->refresh;
    llmgw_manifest_refresh *told = &refresh->told;
    bool taken = outcome->kind == LLMGW_REFRESH_TAKEN;
    bool good = taken || outcome->kind == LLMGW_REFRESH_UNCHANGED;
    int64_t wall_s = llmgw__core_wall_ns(&gateway->core) / 1000000000;
    uint64_t wait_s = every_s;

    llmgw__mutex_lock(&gateway->lock);
    if (!good && told->failures < 16)
        wait_s = (uint64_t)RETRY_S << told->failures;
    if (wait_s > every_s)
        wait_s = every_s;
    told->failures = good ? 0 : told->failures + 1;
    told->outcome = outcome->kind;
    told->http_status = outcome->http_status;
    told->ended_s = wall_s;
    told->due_s = wall_s + (int64_t)wait_s;
    if (good)
        told->taken_s = wall_s;
    if (taken) {
        keep_counts(told, outcome);
        llmgw__free(refresh->etag);
        refresh->etag = outcome->etag.len ? llmgw__strndup(outcome->etag.data,
                                                           outcome->etag.len)
                                          : NULL;
    }
    llmgw__error_clear(&refresh->why);
    if (!good)
        llmgw__error_setz(&refresh->why,
                          outcome->kind == LLMGW_REFRESH_REFUSED
                              ? LLMGW_KIND_CONFIG
                              : LLMGW_KIND_UPSTREAM_UNAVAILABLE,
                          outcome->why);
    refresh->running = NULL;
    atomic_store(&refresh->due_ns, now_ns + wait_s * SECOND_NS);
    llmgw__mutex_unlock(&gateway->lock);
}

static void keep_counts(llmgw_manifest_refresh *told,
                        const struct outcome *outcome)
{
    const size_t *counts = outcome->changes->counts;

    told->read = counts[LLMGW_MANIFEST_READ];
    told->added = counts[LLMGW_MANIFEST_ADDED];
    told->removed = counts[LLMGW_MANIFEST_REMOVED];
    told->changed = counts[LLMGW_MANIFEST_CHANGED];
    told->refused = counts[LLMGW_MANIFEST_REFUSED];
}

static void log_outcome(struct llmgw_gateway *gateway,
                        const struct outcome *outcome)
{
    const struct llmgw__core *core = &gateway->core;
    char text[160];

    if (outcome->kind == LLMGW_REFRESH_TAKEN) {
        const size_t *counts = outcome->changes->counts;

        (void)snprintf(
            text, sizeof text,
            "%zu models; added %zu, removed %zu, prices changed "
            "%zu, refused %zu",
            counts[LLMGW_MANIFEST_READ], counts[LLMGW_MANIFEST_ADDED],
            counts[LLMGW_MANIFEST_REMOVED], counts[LLMGW_MANIFEST_CHANGED],
            counts[LLMGW_MANIFEST_REFUSED]);
        llmgw__log(core, LLMGW_LOG_INFO, "price list: ", text, NULL);
    } else if (outcome->kind == LLMGW_REFRESH_UNCHANGED) {
        llmgw__log(core, LLMGW_LOG_INFO, "price list: unchanged", NULL, NULL);
    } else {
        llmgw__log(core, LLMGW_LOG_WARNING, "the price list ", outcome->why,
                   "; the old one stays");
    }
}

/* --- to be asked --- */

llmgw_status llmgw_manifest_refreshed(llmgw_gateway *gateway,
                                      llmgw_manifest_refresh *out,
                                      llmgw_error **error)
{
    llmgw_manifest_refresh told;
    struct llmgw__error why;
    uint32_t size;

    if (error)
        *error = NULL;
    if (!gateway || !out || out->size < 2 * sizeof out->size ||
        out->size > 4096)
        return LLMGW_E_INVALID;
    llmgw__mutex_lock(&gateway->lock);
    told = gateway->refresh.told;
    why = gateway->refresh.why;
    llmgw__mutex_unlock(&gateway->lock);
    size = out->size;
    told.size = size;
    memcpy(out, &told, size < sizeof told ? size : sizeof told);
    if (told.outcome == LLMGW_REFRESH_FAILED ||
        told.outcome == LLMGW_REFRESH_REFUSED)
        llmgw__gateway_tell(error, &why);
    return LLMGW_OK;
}
