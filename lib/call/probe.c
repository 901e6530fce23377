/*
 * call/probe.c - free probes: is a provider that could not be reached back?
 *
 * A job of its driver: an errand, then a rest, in turn. It keeps no loop awake
 * when no calls are under way.
 *
 * Memory: one request, and the beginning of its answer, at most MAX_ANSWER; a
 * target is probed once at a time (the breaker's lease).
 */
#include "probe.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "errand.h"
#include "provider/endpoints.h"
#include "provider/provider.h"

#define EVERY_NS   (2 * LLMGW__SECOND)
#define CONNECT_MS 5000
#define TOTAL_MS   10000 /* less than the breaker's lease */
#define MAX_ANSWER ((size_t)64 * 1024)

struct probe {
    struct llmgw__job job; /* first: the driver's handle */
    struct llmgw__driver *driver;
    struct llmgw__breakers *breakers;
    struct llmgw__catalog *catalog; /* one reference */
    struct llmgw__target target;
    struct llmgw__arena arena;
    struct llmgw__http_request request;
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    struct llmgw__errand *errand; /* NULL: it rests */
    struct llmgw__timer rest;
    uint64_t began_ns;
};

static bool can_probe(const struct llmgw__provider *provider);
static struct probe *make_probe(struct llmgw__driver *driver,
                                struct llmgw__breakers *breakers,
                                struct llmgw__catalog *catalog,
                                const struct llmgw__target *target);
static llmgw_status encode(struct probe *probe);
static void begin(struct probe *probe, uint64_t now_ns);
static void answered(void *userdata, const struct llmgw__errand_end *end);
static void rest_over(struct llmgw__timer *timer, void *userdata);
static void service(struct llmgw__job *job);
static void look(struct llmgw__job *job);
static void end_job(struct llmgw__job *job);
static void free_probe(struct probe *probe);

static const struct llmgw__job_ops job_ops = {service, look, look, end_job};

void llmgw__probe_look(struct llmgw__driver *driver,
                       struct llmgw__breakers *breakers,
                       struct llmgw__catalog *catalog,
                       const struct llmgw__target *target)
{
    uint64_t now = llmgw__driver_clock(driver);
    struct probe *probe;

    if (driver->closing || !can_probe(target->provider) ||
        !llmgw__breaker_wants_free_probe(breakers, &catalog->breaker, target,
                                         now))
        return;
    probe = make_probe(driver, breakers, catalog, target);
    if (probe)
        begin(probe, now);
    else
        llmgw__breaker_free_probe(breakers, target, false, now);
}

/** With what is configured, or without a key. */
static bool can_probe(const struct llmgw__provider *provider)
{
    return provider->dialect->models &&
           (provider->api_key ||
            (!provider->needs_key && !provider->key_may_come));
}

static struct probe *make_probe(struct llmgw__driver *driver,
                                struct llmgw__breakers *breakers,
                                struct llmgw__catalog *catalog,
                                const struct llmgw__target *target)
{
    struct probe *probe = llmgw__calloc(1, sizeof *probe);

    if (!probe)
        return NULL;
    probe->job.ops = &job_ops;
    probe->driver = driver;
    probe->breakers = breakers;
    probe->catalog = llmgw__catalog_ref(catalog);
    probe->target.provider = target->provider;
    probe->rest.fire = rest_over;
    probe->rest.userdata = probe;
    llmgw__arena_init(&probe->arena, 0, 0);
    llmgw__body_init(&probe->request.body, 0);
    llmgw__driver_link(driver, &probe->job);
    probe->target.model =
        llmgw__arena_dup(&probe->arena, llmgw__str(target->model));
    probe->target.id = llmgw__arena_dup(&probe->arena, llmgw__str(target->id));
    if (probe->target.model && probe->target.id && encode(probe) == LLMGW_OK)
        return probe;
    free_probe(probe);
    return NULL;
}

static llmgw_status encode(struct probe *probe)
{
    const struct llmgw__provider *provider = probe->target.provider;
    struct llmgw__error refusal;
    struct llmgw__adjustments adjustments = {.count = 0};
    struct llmgw__encode encode = {
        .target = &probe->target,
        .arena = &probe->arena,
        .request = &probe->request,
        .adjustments = &adjustments,
        .error = &refusal,
    };
    const struct llmgw__auth_ask ask = {
        .provider = provider,
        .request = &probe->request,
        .arena = &probe->arena,
    };
    llmgw_status status;

    llmgw__error_clear(&refusal);
    probe->request.headers = probe->headers;
    probe->request.header_cap = LLMGW__HTTP_MAX_HEADERS;
    status = llmgw__models_encode(provider->dialect->models, &encode);
    if (status == LLMGW_OK)
        status = llmgw__body_finish(&probe->request.body);
    if (status == LLMGW_OK)
        status = llmgw__auth_apply(&ask, &refusal);
    return status;
}

/** The lease of it is ours. */
static void begin(struct probe *probe, uint64_t now_ns)
{
    const struct llmgw__errand_setup setup = {
        .request = &probe->request,
        .catalog = probe->catalog,
        .connect_ms = CONNECT_MS,
        .total_ms = TOTAL_MS,
        .max_body = MAX_ANSWER,
        .ended = answered,
        .userdata = probe,
    };

    probe->began_ns = now_ns;
    if (llmgw__errand_start(probe->driver, &setup, &probe->errand) == LLMGW_OK)
        return;
    llmgw__breaker_free_probe(probe->breakers, &probe->target, false, now_ns);
    free_probe(probe);
}

static void answered(void *userdata, const struct llmgw__errand_end *end)
{
    struct probe *probe = userdata;
    struct llmgw__driver *driver = probe->driver;
    bool reached = end->head->status != 0; /* also when that is too long */

    llmgw__breaker_free_probe(probe->breakers, &probe->target, reached,
                              llmgw__driver_clock(driver));
    llmgw__errand_free(probe->errand);
    probe->errand = NULL;
    if (reached || driver->closing || driver->active == 0 ||
        llmgw__timer_set(&driver->timers, &probe->rest,
                         probe->began_ns + EVERY_NS) != LLMGW_OK)
        free_probe(probe);
}

static void rest_over(struct llmgw__timer *timer, void *userdata)
{
    struct probe *probe = userdata;

    (void)timer;
    llmgw__driver_enqueue(probe->driver, &probe->job);
}

/** It has rested. */
static void service(struct llmgw__job *job)
{
    struct probe *probe = (struct probe *)job;
    struct llmgw__driver *driver = probe->driver;
    uint64_t now = llmgw__driver_clock(driver);

    if (!driver->closing && driver->active > 0 &&
        llmgw__breaker_wants_free_probe(
            probe->breakers, &probe->catalog->breaker, &probe->target, now))
        begin(probe, now);
    else
        free_probe(probe);
}

/** Nothing that it waits for: its errand comes to its own end. */
static void look(struct llmgw__job *job)
{
    (void)job;
}

static void end_job(struct llmgw__job *job)
{
    free_probe((struct probe *)job);
}

static void free_probe(struct probe *probe)
{
    struct llmgw__driver *driver = probe->driver;

    llmgw__errand_free(probe->errand);
    llmgw__timer_cancel(&driver->timers, &probe->rest);
    llmgw__driver_dequeue(driver, &probe->job);
    llmgw__driver_unlink(driver, &probe->job);
    llmgw__body_clear(&probe->request.body);
    llmgw__arena_wipe(&probe->arena);
    llmgw__catalog_drop(probe->catalog);
    llmgw__free(probe);
}
