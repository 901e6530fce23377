/*
 * call/carrier.c - carry an exchange: by libcurl, or by the host's transport.
 *
 * A host's transport may answer from inside its start function; it is started
 * from the queue, where nothing of ours is on the stack. What it was told to
 * stop from inside llmgw_exchange_data() it ends itself, perhaps later: until
 * then the exchange is an orphan, and all that is still told of it is ignored.
 */
#include "carrier.h"

#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "schema/error.h"

struct llmgw_exchange {
    struct llmgw__carrier *carrier;
    const struct llmgw__http_request *request; /* NULL: an orphan's is gone */
    const struct llmgw__http_events *events;
    void *userdata;
    struct llmgw__http_head head;
    void *data; /* the transport's */
    bool started;
    bool dead;   /* ended, cancelled or an orphan: nothing is passed on */
    bool inside; /* its start function is on the stack */
    bool headed; /* its head was passed on */
    bool giving; /* its data is being passed on */
    bool orphan; /* given up while giving: its end is still to be told */
    llmgw_exchange *next; /* waiting, or among the orphans */
};

static void give_up(llmgw_exchange *exchange);
static void adopt(llmgw_exchange *exchange);
static void wake(const llmgw_exchange *exchange);
static void release(llmgw_exchange *exchange);

struct llmgw__http_settings
llmgw__carrier_settings(const struct llmgw__catalog *catalog,
                        uint32_t connect_ms)
{
    return (struct llmgw__http_settings){
        .ca_file = catalog->ca_file,
        .ca_path = catalog->ca_path,
        .ca_pem = catalog->ca_pem,
        .proxy = catalog->proxy,
        .patient = connect_ms >= LLMGW__HTTP_CONNECT_MS,
    };
}

llmgw_status llmgw__carrier_start(struct llmgw__carrier *carrier,
                                  const struct llmgw__http_request *request,
                                  const struct llmgw__http_settings *settings,
                                  const struct llmgw__http_events *events,
                                  void *userdata,
                                  struct llmgw__carried_exchange *out)
{
    llmgw_exchange *exchange;
    llmgw_exchange **at = &carrier->waiting;

    if (!carrier->transport->start)
        return llmgw__http_start(carrier->http, request, settings, events,
                                 userdata, &out->transfer);
    exchange = llmgw__calloc(1, sizeof *exchange);
    if (!exchange)
        return LLMGW_E_NOMEM;
    exchange->carrier = carrier;
    exchange->request = request;
    exchange->events = events;
    exchange->userdata = userdata;
    llmgw__http_head_init(&exchange->head);
    while (*at)
        at = &(*at)->next;
    *at = exchange;
    out->exchange = exchange;
    return LLMGW_OK;
}

static void take_out(llmgw_exchange **list, const llmgw_exchange *exchange)
{
    while (*list && *list != exchange)
        list = &(*list)->next;
    if (*list)
        *list = exchange->next;
}

void llmgw__carrier_cancel(struct llmgw__carrier *carrier,
                           struct llmgw__carried_exchange *carried)
{
    llmgw_exchange *exchange = carried->exchange;

    if (carried->transfer)
        llmgw__http_cancel(carried->transfer);
    carried->transfer = NULL;
    carried->exchange = NULL;
    if (!exchange)
        return;
    if (exchange->giving) {
        give_up(exchange);
        return;
    }
    if (exchange->started)
        carrier->transport->cancel(exchange, carrier->transport->userdata);
    else
        take_out(&carrier->waiting, exchange);
    release(exchange);
}

void llmgw__carrier_clear(struct llmgw__carrier *carrier)
{
    const llmgw_transport *transport = carrier->transport;

    while (carrier->orphans) {
        llmgw_exchange *exchange = carrier->orphans;

        transport->cancel(exchange, transport->userdata);
        adopt(exchange);
    }
}

void llmgw__carrier_run(struct llmgw__carrier *carrier)
{
    const llmgw_transport *transport = carrier->transport;

    while (carrier->waiting) {
        llmgw_exchange *exchange = carrier->waiting;
        int32_t refused;

        carrier->waiting = exchange->next;
        exchange->started = true;
        exchange->inside = true;
        refused = transport->start(exchange, transport->userdata);
        exchange->inside = false;
        if (exchange->orphan && refused)
            adopt(exchange);
        else if (exchange->dead && !exchange->orphan)
            release(exchange);
        else if (refused)
            llmgw_exchange_end(exchange, 7,
                               LLMGW__LIT("the host's transport refused"));
    }
}

/** Its data says "no more": the transport is about to tell the end. */
static void give_up(llmgw_exchange *exchange)
{
    exchange->dead = true;
    exchange->orphan = true;
    exchange->request = NULL;
    exchange->next = exchange->carrier->orphans;
    exchange->carrier->orphans = exchange;
}

/** An orphan has come to its end. */
static void adopt(llmgw_exchange *exchange)
{
    take_out(&exchange->carrier->orphans, exchange);
    exchange->orphan = false;
    release(exchange);
}

/** What is told between two turns needs one: a host that waits by hooks does
 *  not ask for the timeout again. */
static void wake(const llmgw_exchange *exchange)
{
    const struct llmgw__carrier *carrier = exchange->carrier;

    if (!*carrier->turning)
        llmgw__wakeup_ring(carrier->wakeup);
}

/** Free, or mark dead while the transport's start function still has it. */
static void release(llmgw_exchange *exchange)
{
    if (exchange->inside) {
        exchange->dead = true;
        return;
    }
    llmgw__http_head_clear(&exchange->head);
    llmgw__free(exchange);
}

/* --- the transport's side of the seam --- */

llmgw_str llmgw_exchange_method(const llmgw_exchange *exchange)
{
    return exchange && exchange->request ? llmgw__str(exchange->request->method)
                                         : llmgw__str("");
}

llmgw_str llmgw_exchange_url(const llmgw_exchange *exchange)
{
    return exchange && exchange->request ? llmgw__str(exchange->request->url)
                                         : llmgw__str("");
}

size_t llmgw_exchange_header_count(const llmgw_exchange *exchange)
{
    return exchange && exchange->request ? exchange->request->header_count : 0;
}

llmgw_str llmgw_exchange_header_name(const llmgw_exchange *exchange,
                                     size_t index)
{
    if (index >= llmgw_exchange_header_count(exchange))
        return llmgw__str("");
    return exchange->request->headers[index].name;
}

llmgw_str llmgw_exchange_header_value(const llmgw_exchange *exchange,
                                      size_t index)
{
    if (index >= llmgw_exchange_header_count(exchange))
        return llmgw__str("");
    return exchange->request->headers[index].value;
}

size_t llmgw_exchange_body_len(const llmgw_exchange *exchange)
{
    return exchange && exchange->request ? exchange->request->body.len : 0;
}

size_t llmgw_exchange_body_read(const llmgw_exchange *exchange, size_t at,
                                char *out, size_t size)
{
    if (!exchange || !exchange->request || !out)
        return 0;
    return llmgw__body_read(&exchange->request->body, at, out, size);
}

void llmgw_exchange_set_data(llmgw_exchange *exchange, void *data)
{
    if (exchange)
        exchange->data = data;
}

void *llmgw_exchange_get_data(const llmgw_exchange *exchange)
{
    return exchange ? exchange->data : NULL;
}

void llmgw_exchange_connected(llmgw_exchange *exchange)
{
    if (exchange && !exchange->dead)
        exchange->events->connected(exchange->userdata);
}

void llmgw_exchange_header(llmgw_exchange *exchange, llmgw_str name,
                           llmgw_str value)
{
    if (exchange && !exchange->dead && !exchange->headed)
        (void)llmgw__http_head_add(&exchange->head, name, value);
}

void llmgw_exchange_head(llmgw_exchange *exchange, int32_t status)
{
    if (!exchange || exchange->dead || exchange->headed)
        return;
    if (status >= 100 && status < 200) { /* the final one is to come */
        llmgw__http_head_clear(&exchange->head);
        llmgw__http_head_init(&exchange->head);
        return;
    }
    exchange->headed = true;
    exchange->head.status = status;
    exchange->events->head(exchange->userdata, &exchange->head);
}

int32_t llmgw_exchange_data(llmgw_exchange *exchange, llmgw_str bytes)
{
    int stop;

    if (!exchange || exchange->dead)
        return 1;
    exchange->giving = true;
    stop = exchange->events->data(exchange->userdata, bytes.data, bytes.len);
    exchange->giving = false;
    wake(exchange);
    return stop;
}

void llmgw_exchange_end(llmgw_exchange *exchange, int32_t code,
                        llmgw_str message)
{
    struct llmgw__http_end end = {code, ""};

    if (exchange && exchange->orphan)
        adopt(exchange);
    else if (exchange && !exchange->dead) {
        llmgw__error_copy(end.message, sizeof end.message, message);
        exchange->events->end(exchange->userdata, &end);
        wake(exchange);
        release(exchange);
    }
}
