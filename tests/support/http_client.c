/*
 * support/http_client.c - drive wire/http in a test and record what it tells.
 */
#include "support/http_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"

static uint64_t now(void *userdata)
{
    (void)userdata;
    return llmgw__clock_monotonic();
}

void http_client_open(struct http_client *client)
{
    assert_int_equal(llmgw__poller_create(&client->poller), LLMGW_OK);
    llmgw__timers_init(&client->timers);
    assert_int_equal(llmgw__http_create(client->poller, &client->timers, now,
                                        NULL, &client->http),
                     LLMGW_OK);
}

void http_client_close(struct http_client *client)
{
    assert_int_equal(llmgw__http_active(client->http), 0);
    llmgw__http_free(client->http);
    assert_int_equal(llmgw__timers_next(&client->timers), UINT64_MAX);
    llmgw__timers_clear(&client->timers);
    llmgw__poller_free(client->poller);
}

void http_client_turn(struct http_client *client)
{
    uint64_t due = llmgw__timers_next(&client->timers);
    uint64_t time = now(NULL);
    int64_t wait_ms = 20000; /* nothing here takes so long */

    if (due <= time)
        wait_ms = 0;
    else if (due - time < 20 * LLMGW__SECOND)
        wait_ms = (int64_t)((due - time) / LLMGW__MS) + 1;
    assert_true(llmgw__poller_wait(client->poller, wait_ms) >= 0);
    llmgw__timers_run(&client->timers, now(NULL));
}

static void note(struct http_exchange *exchange, char step)
{
    size_t len = strlen(exchange->steps);

    if (len == 0 || step != 'd' || exchange->steps[len - 1] != 'd') {
        assert_true(len + 1 < sizeof exchange->steps);
        exchange->steps[len] = step;
    }
    if (exchange->step)
        exchange->step(exchange, step);
}

static void on_connected(void *userdata)
{
    note(userdata, 'c');
}

static void on_head(void *userdata, struct llmgw__http_head *head)
{
    struct http_exchange *exchange = userdata;

    llmgw__http_head_clear(&exchange->head);
    if (exchange->leave_head) {
        exchange->head.status = head->status;
    } else {
        exchange->head = *head; /* taken over */
        llmgw__http_head_init(head);
    }
    note(exchange, 'h');
}

static int on_data(void *userdata, const char *data, size_t len)
{
    struct http_exchange *exchange = userdata;

    assert_true(llmgw__http_busy(exchange->client->http));
    llmgw__buf_add(&exchange->body, data, len);
    note(exchange, 'd');
    return exchange->stop;
}

static void on_end(void *userdata, const struct llmgw__http_end *end)
{
    struct http_exchange *exchange = userdata;

    assert_false(llmgw__http_busy(exchange->client->http));
    llmgw__http_times(exchange->transfer, &exchange->times);
    exchange->transfer = NULL;
    exchange->end = *end;
    exchange->ends++;
    note(exchange, 'e');
}

static const struct llmgw__http_events events = {
    .connected = on_connected,
    .head = on_head,
    .data = on_data,
    .end = on_end,
};

void http_exchange_init(struct http_exchange *exchange,
                        struct http_client *client, const char *method,
                        const char *url, const char *body)
{
    memset(exchange, 0, sizeof *exchange);
    exchange->client = client;
    exchange->request.headers = exchange->headers;
    exchange->request.header_cap = LLMGW__HTTP_MAX_HEADERS;
    exchange->request.method = method;
    exchange->request.url = llmgw__strndup(url, strlen(url));
    assert_non_null(exchange->request.url);
    exchange->settings.user_agent = "libllmgw/test";
    exchange->settings.proxy = ""; /* whatever the environment says */
    llmgw__body_init(&exchange->request.body, 0);
    llmgw__body_add(&exchange->request.body, llmgw__str(body));
    assert_int_equal(llmgw__body_finish(&exchange->request.body), LLMGW_OK);
    llmgw__http_head_init(&exchange->head);
    llmgw__buf_init(&exchange->body, 0);
}

llmgw_status http_exchange_start(struct http_exchange *exchange)
{
    return llmgw__http_start(exchange->client->http, &exchange->request,
                             &exchange->settings, &events, exchange,
                             &exchange->transfer);
}

void http_exchange_wait(struct http_exchange *exchange)
{
    while (!exchange->ends)
        http_client_turn(exchange->client);
}

void http_exchange_clear(struct http_exchange *exchange)
{
    llmgw__free(exchange->request.url);
    llmgw__body_clear(&exchange->request.body);
    llmgw__http_head_clear(&exchange->head);
    llmgw__buf_clear(&exchange->body);
}
