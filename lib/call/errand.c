/*
 * call/errand.c - an exchange of our own on a driver: its answer whole, its
 * end told from the queue, where nothing of libcurl is on the stack.
 *
 * Memory: the answer's body, at most max_body bytes, overwritten at the end (a
 * token may stand in it); its head.
 */
#include "errand.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/crypto.h"

#define FIRST_ROOM 4096

struct llmgw__errand {
    struct llmgw__job job; /* first: the driver's handle */
    struct llmgw__driver *driver;
    struct llmgw__errand_setup setup;
    struct llmgw__http_settings http;
    struct llmgw__carried_exchange exchange;
    struct llmgw__http_head head;
    struct llmgw__buf body;
    struct llmgw__timer connect;
    struct llmgw__timer total;
    bool connected;
    bool over;    /* nothing more is expected, the end is to be told */
    bool failed;  /* without an answer: why says it */
    int32_t code; /* the transport's */
    char why[200];
};

static llmgw_status send_out(struct llmgw__errand *errand);
static void finish(struct llmgw__errand *errand, const char *why);
static void let_go(struct llmgw__errand *errand);
static void tell(struct llmgw__errand *errand);
static void wipe_body(struct llmgw__buf *body);
static void connect_fired(struct llmgw__timer *timer, void *userdata);
static void total_fired(struct llmgw__timer *timer, void *userdata);
static void on_connected(void *userdata);
static void on_head(void *userdata, struct llmgw__http_head *head);
static int on_data(void *userdata, const char *data, size_t len);
static void on_end(void *userdata, const struct llmgw__http_end *end);
static void service(struct llmgw__job *job);
static void look(struct llmgw__job *job);
static void close_job(struct llmgw__job *job);
static void detach_job(struct llmgw__job *job);

static const struct llmgw__job_ops job_ops = {service, look, close_job,
                                              detach_job};

static const struct llmgw__http_events events = {
    .connected = on_connected,
    .head = on_head,
    .data = on_data,
    .end = on_end,
};

llmgw_status llmgw__errand_start(struct llmgw__driver *driver,
                                 const struct llmgw__errand_setup *setup,
                                 struct llmgw__errand **out)
{
    struct llmgw__errand *errand;
    llmgw_status status;

    *out = NULL;
    if (driver->closing)
        return LLMGW_E_CLOSED;
    errand = llmgw__calloc(1, sizeof *errand);
    if (!errand)
        return LLMGW_E_NOMEM;
    errand->job.ops = &job_ops;
    errand->driver = driver;
    errand->setup = *setup;
    llmgw__http_head_init(&errand->head);
    llmgw__buf_init(&errand->body, setup->max_body);
    errand->connect.fire = connect_fired;
    errand->total.fire = total_fired;
    errand->connect.userdata = errand->total.userdata = errand;
    llmgw__driver_link(driver, &errand->job);
    status = send_out(errand);
    if (status != LLMGW_OK) {
        llmgw__errand_free(errand);
        return status;
    }
    *out = errand;
    return LLMGW_OK;
}

static llmgw_status set_limit(struct llmgw__errand *errand,
                              struct llmgw__timer *timer, uint32_t limit_ms)
{
    if (limit_ms == LLMGW_NO_LIMIT)
        return LLMGW_OK;
    return llmgw__timer_set(&errand->driver->timers, timer,
                            llmgw__driver_clock(errand->driver) +
                                limit_ms * LLMGW__MS);
}

static llmgw_status send_out(struct llmgw__errand *errand)
{
    const struct llmgw__errand_setup *setup = &errand->setup;
    llmgw_status status;

    errand->http = llmgw__carrier_settings(setup->catalog, setup->connect_ms);
    if (setup->direct)
        errand->http.proxy = "";
    status = set_limit(errand, &errand->connect, setup->connect_ms);
    if (status == LLMGW_OK)
        status = set_limit(errand, &errand->total, setup->total_ms);
    if (status == LLMGW_OK)
        status = llmgw__carrier_start(&errand->driver->carrier, setup->request,
                                      &errand->http, &events, errand,
                                      &errand->exchange);
    return status;
}

void llmgw__errand_free(struct llmgw__errand *errand)
{
    if (!errand)
        return;
    let_go(errand);
    if (errand->driver) {
        llmgw__driver_dequeue(errand->driver, &errand->job);
        llmgw__driver_unlink(errand->driver, &errand->job);
    }
    llmgw__http_head_clear(&errand->head);
    wipe_body(&errand->body);
    llmgw__free(errand);
}

/** No limit runs any more, nothing comes. A child leaves its parent's exchange
 *  alone. */
static void let_go(struct llmgw__errand *errand)
{
    struct llmgw__driver *driver = errand->driver;

    if (!driver)
        return;
    llmgw__timer_cancel(&driver->timers, &errand->connect);
    llmgw__timer_cancel(&driver->timers, &errand->total);
    if (!llmgw__birth_forked(&driver->birth))
        llmgw__carrier_cancel(&driver->carrier, &errand->exchange);
    memset(&errand->exchange, 0, sizeof errand->exchange);
}

/** It is over; why: there is no answer (NULL: there is one). */
static void finish(struct llmgw__errand *errand, const char *why)
{
    if (errand->over)
        return;
    let_go(errand);
    errand->over = true;
    errand->failed = why != NULL;
    if (why)
        (void)snprintf(errand->why, sizeof errand->why, "%s", why);
    llmgw__driver_enqueue(errand->driver, &errand->job);
}

static void tell(struct llmgw__errand *errand)
{
    struct llmgw__errand_end end = {
        .status = errand->failed ? 0 : errand->head.status,
        .head = &errand->head,
        .body = errand->failed ? llmgw__str(errand->why)
                               : llmgw__buf_str(&errand->body),
        .transport_code = errand->code,
    };
    llmgw__errand_fn ended = errand->setup.ended;

    errand->setup.ended = NULL; /* once */
    if (ended)
        ended(errand->setup.userdata, &end);
}

/* --- limits --- */

static void connect_fired(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw__errand *errand = userdata;

    (void)timer;
    if (!errand->connected)
        finish(errand, "no connection within the connect limit");
}

static void total_fired(struct llmgw__timer *timer, void *userdata)
{
    (void)timer;
    finish(userdata, "no answer within the time limit");
}

/* --- HTTP --- */

static void on_connected(void *userdata)
{
    ((struct llmgw__errand *)userdata)->connected = true;
}

static void on_head(void *userdata, struct llmgw__http_head *head)
{
    struct llmgw__errand *errand = userdata;

    errand->connected = true;
    errand->head = *head; /* taken over: it outlives the exchange */
    llmgw__http_head_init(head);
}

static void wipe_body(struct llmgw__buf *body)
{
    if (body->data)
        llmgw__zeroize(body->data, body->cap);
    llmgw__buf_clear(body);
}

/** Room for more; what moves leaves nothing behind. */
static llmgw_status make_room(struct llmgw__buf *body, size_t len)
{
    struct llmgw__buf larger;
    size_t want = body->cap ? body->cap * 2 : FIRST_ROOM;
    char *at;

    if (body->len + len <= body->cap)
        return LLMGW_OK;
    if (len > body->limit - body->len)
        return LLMGW_E_LIMIT;
    if (want < body->len + len)
        want = body->len + len;
    if (want > body->limit)
        want = body->limit;
    llmgw__buf_init(&larger, body->limit);
    at = llmgw__buf_reserve(&larger, want);
    if (!at)
        return LLMGW_E_NOMEM;
    if (body->len)
        memcpy(at, body->data, body->len);
    larger.len = body->len;
    wipe_body(body);
    *body = larger;
    return LLMGW_OK;
}

static int on_data(void *userdata, const char *data, size_t len)
{
    struct llmgw__errand *errand = userdata;
    llmgw_status status;
    char why[64];

    if (errand->over)
        return 1;
    status = make_room(&errand->body, len);
    if (status == LLMGW_OK) {
        llmgw__buf_add(&errand->body, data, len);
        return 0;
    }
    (void)snprintf(why, sizeof why, "an answer longer than %zu bytes",
                   errand->setup.max_body);
    finish(errand, status == LLMGW_E_LIMIT ? why : "no memory");
    return 1;
}

static void on_end(void *userdata, const struct llmgw__http_end *end)
{
    struct llmgw__errand *errand = userdata;

    if (errand->over)
        return;
    memset(&errand->exchange, 0, sizeof errand->exchange); /* it is gone */
    errand->code = end->code;
    if (end->code)
        finish(errand, end->message[0] ? end->message : "the transport failed");
    else
        finish(errand, errand->head.status ? NULL : "no answer");
}

/* --- the driver's side --- */

static void service(struct llmgw__job *job)
{
    struct llmgw__errand *errand = (struct llmgw__errand *)job;

    if (errand->over)
        tell(errand); /* its owner may free it in there */
}

static void look(struct llmgw__job *job)
{
    (void)job;
}

static void close_job(struct llmgw__job *job)
{
    finish((struct llmgw__errand *)job, "the loop is being freed");
}

/** What could not be served any more is told here; a child tells nothing. */
static void detach_job(struct llmgw__job *job)
{
    struct llmgw__errand *errand = (struct llmgw__errand *)job;
    bool child = llmgw__birth_forked(&errand->driver->birth);

    finish(errand, "the loop is being freed");
    llmgw__driver_dequeue(errand->driver, job);
    llmgw__driver_unlink(errand->driver, job);
    errand->driver = NULL;
    if (!child)
        tell(errand);
}
