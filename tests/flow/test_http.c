/*
 * flow/test_http.c - exchanges that go well: connections, bodies, heads,
 * events, cancelling.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "support/canned.h"
#include "support/fake_provider.h"
#include "support/http_client.h"

static const char ask[] = "{\"model\":\"m\",\"messages\":[]}";
static const char ask_stream[] = "{\"model\":\"m\",\"stream\":true,"
                                 "\"messages\":[]}";

static struct fake *fake;
static struct http_client client;

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    if (!fake)
        return -1;
    http_client_open(&client);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    http_client_close(&client);
    fake_stop(fake);
    return 0;
}

static const char *chat_url(void)
{
    static char url[128];

    snprintf(url, sizeof url, "%s/v1/chat/completions", fake_url(fake));
    return url;
}

static void begin(struct http_exchange *exchange, const char *body)
{
    http_exchange_init(exchange, &client, "POST", chat_url(), body);
    assert_int_equal(http_exchange_start(exchange), LLMGW_OK);
}

static struct fake_request last_request(void)
{
    return fake_request(fake, fake_requests(fake) - 1);
}

static void requests_one_after_another_use_one_connection(void **state)
{
    struct http_exchange exchange;

    (void)state;
    for (int i = 0; i < 10; i++) {
        begin(&exchange, i % 2 ? ask : ask_stream);
        assert_string_equal(exchange.steps, ""); /* nothing from inside */
        assert_int_equal(llmgw__http_active(client.http), 1);
        http_exchange_wait(&exchange);
        assert_string_equal(exchange.steps, "chde");
        assert_int_equal(exchange.end.code, 0);
        assert_string_equal(exchange.end.message, "");
        assert_int_equal(exchange.head.status, 200);
        assert_int_equal(llmgw__http_active(client.http), 0);
        http_exchange_clear(&exchange);
    }
    assert_int_equal(fake_requests(fake), 10);
    assert_int_equal(fake_connections(fake), 1);
}

static void times_are_told_in_their_order(void **state)
{
    struct http_exchange exchange;
    const struct llmgw__http_times *times = &exchange.times;

    (void)state;
    begin(&exchange, ask);
    http_exchange_wait(&exchange);
    assert_true(times->connected_ns > 0);
    assert_true(times->head_ns >= times->connected_ns);
    assert_true(times->first_byte_ns >= times->head_ns);
    assert_true(times->end_ns >= times->first_byte_ns);
    http_exchange_clear(&exchange);
}

static void the_request_arrives_as_it_was_written(void **state)
{
    static const struct {
        const char *name;
        const char *value;
    } headers[] = {
        {"content-type", "application/json"},
        {"authorization", "Bearer sk-1"},
        {"x-empty", ""},
        {"user-agent", "libllmgw/test"},
        {"content-length", "27"},
    };
    struct http_exchange exchange;
    struct fake_request seen;

    (void)state;
    http_exchange_init(&exchange, &client, "POST", chat_url(), ask);
    for (int i = 0; i < 3; i++)
        assert_int_equal(llmgw__http_header_add(
                             &exchange.request, llmgw__str(headers[i].name),
                             llmgw__str(headers[i].value), i == 1),
                         LLMGW_OK);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    seen = last_request();
    assert_string_equal(seen.method, "POST");
    assert_string_equal(seen.path, "/v1/chat/completions");
    assert_string_equal(seen.body, ask);
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        llmgw_str value = fake_header(&seen, headers[i].name);

        assert_non_null(value.data);
        assert_true(llmgw__str_is(value, headers[i].value));
    }
    assert_null(fake_header(&seen, "expect").data);
    assert_null(fake_header(&seen, "accept-encoding").data);
    assert_null(fake_header(&seen, "cookie").data);
    http_exchange_clear(&exchange);
}

static void without_a_type_libcurl_does_not_make_one_up(void **state)
{
    struct http_exchange exchange;
    struct fake_request seen;

    (void)state;
    begin(&exchange, ask);
    http_exchange_wait(&exchange);
    seen = last_request();
    assert_null(fake_header(&seen, "content-type").data);
    http_exchange_clear(&exchange);
}

static void one_handle_serves_every_method(void **state)
{
    static const struct {
        const char *method;
        const char *body;
        const char *length;
    } rows[] = {
        {"GET", "", NULL},    {"POST", ask, "27"},        {"DELETE", "", NULL},
        {"POST", "", "0"},    {"PUT", "{}", "2"},         {"GET", "", NULL},
        {"PATCH", ask, "27"}, {"POST", "{\"a\":1}", "7"},
    };

    (void)state;
    fake_reply(fake, "", 200, NULL, LLMGW__LIT("{}"), "");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct http_exchange exchange;
        struct fake_request seen;
        llmgw_str length;

        http_exchange_init(&exchange, &client, rows[i].method, chat_url(),
                           rows[i].body);
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        http_exchange_wait(&exchange);
        assert_int_equal(exchange.end.code, 0);
        seen = last_request();
        assert_string_equal(seen.method, rows[i].method);
        assert_string_equal(seen.body, rows[i].body);
        length = fake_header(&seen, "content-length");
        if (rows[i].length)
            assert_true(llmgw__str_is(length, rows[i].length));
        else
            assert_null(length.data);
        http_exchange_clear(&exchange);
    }
}

static void a_path_is_sent_as_it_stands(void **state)
{
    struct http_exchange exchange;
    char url[128];

    (void)state;
    fake_reply(fake, "", 200, NULL, LLMGW__LIT("{}"), "");
    snprintf(url, sizeof url, "%s/a/../b/./c%%3A1:x?y=/../z", fake_url(fake));
    http_exchange_init(&exchange, &client, "GET", url, "");
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(last_request().path, "/a/../b/./c%3A1:x?y=/../z");
    http_exchange_clear(&exchange);
}

/* Own text, a large slice, own text, a large slice. */
static void a_body_of_several_segments_arrives_whole(void **state)
{
    size_t large = (size_t)3 * 1024 * 1024;
    struct http_exchange exchange;
    char *slice = malloc(large);
    struct fake_request seen;

    (void)state;
    assert_non_null(slice);
    for (size_t i = 0; i < large; i++)
        slice[i] = (char)('a' + i % 26);
    for (int i = 0; i < 2; i++) {
        http_exchange_init(&exchange, &client, "POST", chat_url(), "");
        llmgw__body_add(&exchange.request.body, LLMGW__LIT("{\"a\":\""));
        llmgw__body_add(&exchange.request.body, llmgw__str_n(slice, large));
        llmgw__body_add(&exchange.request.body, LLMGW__LIT("\",\"b\":\""));
        llmgw__body_add(&exchange.request.body, llmgw__str_n(slice, 2000));
        llmgw__body_add(&exchange.request.body, LLMGW__LIT("\"}"));
        assert_int_equal(llmgw__body_finish(&exchange.request.body), LLMGW_OK);
        assert_int_equal(exchange.request.body.count, 5);
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        http_exchange_wait(&exchange);
        assert_int_equal(exchange.end.code, 0);
        seen = last_request();
        assert_int_equal(seen.body_len, 6 + large + 7 + 2000 + 2);
        assert_memory_equal(seen.body, "{\"a\":\"abc", 9);
        assert_memory_equal(seen.body + 6, slice, large);
        assert_memory_equal(seen.body + 6 + large, "\",\"b\":\"", 7);
        assert_memory_equal(seen.body + 13 + large, slice, 2000);
        assert_memory_equal(seen.body + 2013 + large, "\"}", 2);
        assert_null(fake_header(&seen, "expect").data);
        http_exchange_clear(&exchange);
    }
    free(slice);
}

/* One borrowed segment is sent from where it lies. */
static void a_large_body_of_one_segment_arrives_whole(void **state)
{
    size_t large = (size_t)2 * 1024 * 1024;
    struct http_exchange exchange;
    char *slice = malloc(large);

    (void)state;
    assert_non_null(slice);
    memset(slice, 'x', large);
    http_exchange_init(&exchange, &client, "POST", chat_url(), "");
    llmgw__body_add(&exchange.request.body, llmgw__str_n(slice, large));
    assert_int_equal(llmgw__body_finish(&exchange.request.body), LLMGW_OK);
    assert_int_equal(exchange.request.body.count, 1);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_int_equal(last_request().body_len, large);
    assert_memory_equal(last_request().body, slice, large);
    http_exchange_clear(&exchange);
    free(slice);
}

static void two_hundred_exchanges_run_at_once(void **state)
{
    enum {
        COUNT = 200
    };
    struct http_exchange *all = calloc(COUNT, sizeof *all);
    size_t connections;

    (void)state;
    assert_non_null(all);
    fake_script(fake, "", "chunks=5 content_delay_ms=50");
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < COUNT; i++)
            begin(&all[i], ask_stream);
        assert_int_equal(llmgw__http_active(client.http), COUNT);
        for (int i = 0; i < COUNT; i++)
            http_exchange_wait(&all[i]);
        for (int i = 0; i < COUNT; i++) {
            assert_string_equal(all[i].steps, "chde");
            assert_int_equal(all[i].end.code, 0);
            assert_true(llmgw__str_ends(llmgw__buf_str(&all[i].body),
                                        "data: [DONE]\n\n"));
            http_exchange_clear(&all[i]);
        }
        if (round == 0)
            connections = fake_connections(fake);
    }
    assert_int_equal(fake_requests(fake), 2 * COUNT);
    assert_int_equal(fake_connections(fake), connections); /* all kept */
    free(all);
}

/* --- ending early --- */

static void cancel_now(struct http_exchange *exchange, char step)
{
    if (step != *(const char *)exchange->userdata)
        return;
    llmgw__http_cancel(exchange->transfer);
    llmgw__http_cancel(exchange->transfer); /* twice is once */
}

static void a_cancel_from_inside_an_event_closes_the_connection(void **state)
{
    static const char *const rows[][2] = {
        {"c", "c"}, {"h", "ch"}, {"d", "chd"}};

    (void)state;
    fake_script(fake, "", "chunks=50 stall_after=3");
    for (size_t i = 0; i < 3; i++) {
        struct http_exchange exchange;
        char step = rows[i][0][0];

        http_exchange_init(&exchange, &client, "POST", chat_url(), ask_stream);
        exchange.step = cancel_now;
        exchange.userdata = &step;
        assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
        while (llmgw__http_active(client.http) > 0)
            http_client_turn(&client);
        assert_true(fake_wait_closed(fake, i + 1));
        assert_string_equal(exchange.steps, rows[i][1]);
        assert_int_equal(exchange.ends, 0);
        http_exchange_clear(&exchange);
    }
    assert_int_equal(fake_open_connections(fake), 0);
    assert_int_equal(fake_connections(fake), 3);
}

static void a_cancel_from_outside_closes_the_connection(void **state)
{
    struct http_exchange exchange;

    (void)state;
    fake_script(fake, "", "chunks=50 stall_after=3");
    begin(&exchange, ask_stream);
    while (exchange.body.len == 0)
        http_client_turn(&client);
    llmgw__http_cancel(exchange.transfer);
    assert_int_equal(llmgw__http_active(client.http), 0);
    assert_true(fake_wait_closed(fake, 1));
    assert_int_equal(fake_aborted(fake), 1);
    assert_string_equal(exchange.steps, "chd");
    http_exchange_clear(&exchange);
}

static void a_cancel_before_the_first_turn_sends_nothing(void **state)
{
    struct http_exchange exchange;

    (void)state;
    begin(&exchange, ask);
    llmgw__http_cancel(exchange.transfer);
    assert_int_equal(llmgw__http_active(client.http), 0);
    assert_int_equal(fake_requests(fake), 0);
    http_exchange_clear(&exchange);
}

/* The first to hear something cancels the other. */
static void cancel_other(struct http_exchange *exchange, char step)
{
    struct http_exchange *other = exchange->userdata;

    if (step == 'c' || exchange->step == NULL || other->step == NULL)
        return;
    other->step = NULL;
    llmgw__http_cancel(other->transfer);
    other->transfer = NULL;
}

static void one_exchange_may_cancel_another(void **state)
{
    struct http_exchange pair[2];

    (void)state;
    fake_script(fake, "", "chunks=5");
    for (int i = 0; i < 2; i++) {
        http_exchange_init(&pair[i], &client, "POST", chat_url(), ask_stream);
        pair[i].step = cancel_other;
        pair[i].userdata = &pair[1 - i];
        assert_int_equal(http_exchange_start(&pair[i]), LLMGW_OK);
    }
    while (llmgw__http_active(client.http) > 0)
        http_client_turn(&client);
    assert_int_equal(pair[0].ends + pair[1].ends, 1);
    http_exchange_clear(&pair[0]);
    http_exchange_clear(&pair[1]);
}

static void cancel_ended(struct http_exchange *exchange, char step)
{
    struct http_exchange *other = exchange->userdata;

    if (step == 'e' && other->transfer) {
        llmgw__http_cancel(other->transfer);
        other->transfer = NULL;
    }
}

/* Both may have ended in the same turn: the second one hears nothing more. */
static void an_end_may_cancel_what_has_ended_too(void **state)
{
    struct http_exchange pair[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        http_exchange_init(&pair[i], &client, "POST",
                           "http://127.0.0.1:1/nobody", ask);
        pair[i].step = cancel_ended;
        pair[i].userdata = &pair[1 - i];
        assert_int_equal(http_exchange_start(&pair[i]), LLMGW_OK);
    }
    while (llmgw__http_active(client.http) > 0)
        http_client_turn(&client);
    assert_int_equal(pair[0].ends + pair[1].ends, 1);
    http_exchange_clear(&pair[0]);
    http_exchange_clear(&pair[1]);
}

static void an_owner_that_wants_no_more_is_told_the_end(void **state)
{
    struct http_exchange exchange;

    (void)state;
    fake_script(fake, "", "chunks=50 cut=100");
    http_exchange_init(&exchange, &client, "POST", chat_url(), ask_stream);
    exchange.stop = 1;
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(exchange.steps, "chde");
    assert_true(exchange.body.len <= 16 * 1024);
    assert_int_equal(exchange.end.code, 23);
    assert_true(exchange.end.message[0]);
    assert_true(fake_wait_closed(fake, 1));
    http_exchange_clear(&exchange);
}

/* --- events and starting --- */

static void start_inside(struct http_exchange *exchange, char step)
{
    struct http_exchange *next = exchange->userdata;
    llmgw_status status = http_exchange_start(next);

    assert_int_equal(status, step == 'e' ? LLMGW_OK : LLMGW_E_REENTRANT);
}

static void only_an_end_may_start_another(void **state)
{
    struct http_exchange exchange;
    struct http_exchange next;

    (void)state;
    http_exchange_init(&exchange, &client, "POST", chat_url(), ask);
    http_exchange_init(&next, &client, "POST", chat_url(), ask);
    exchange.step = start_inside;
    exchange.userdata = &next;
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    http_exchange_wait(&next);
    assert_int_equal(next.end.code, 0);
    assert_int_equal(fake_connections(fake), 1);
    http_exchange_clear(&exchange);
    http_exchange_clear(&next);
}

static void only_the_last_head_is_told_and_no_trailer(void **state)
{
    struct canned *canned =
        canned_start("HTTP/1.1 100 Continue\r\nx-first: 1\r\n\r\n"
                     "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
                     "HTTP/1.1 429 Too Many\r\nRetry-After:  7 \r\n"
                     "X-Twice: a\r\nx-twice: b\r\nTrailer: x-late\r\n"
                     "Connection: close\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n"
                     "2\r\nno\r\n0\r\nX-Late: 1\r\n\r\n");
    struct http_exchange exchange;

    (void)state;
    assert_non_null(canned);
    http_exchange_init(&exchange, &client, "POST", canned_url(canned), ask);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(exchange.steps, "chde");
    assert_int_equal(exchange.end.code, 0);
    assert_int_equal(exchange.head.status, 429);
    assert_int_equal(exchange.head.header_count, 6);
    assert_true(llmgw__str_is(
        llmgw__http_head_get(&exchange.head, "retry-after"), "7"));
    assert_true(
        llmgw__str_is(llmgw__http_head_get(&exchange.head, "x-twice"), "a"));
    assert_null(llmgw__http_head_get(&exchange.head, "x-first").data);
    assert_null(llmgw__http_head_get(&exchange.head, "x-late").data);
    assert_true(llmgw__str_is(llmgw__buf_str(&exchange.body), "no"));
    http_exchange_clear(&exchange);
    http_exchange_init(&exchange, &client, "POST", canned_url(canned), ask);
    exchange.leave_head = true; /* whoever has it: the trailer is no head */
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(exchange.steps, "chde");
    http_exchange_clear(&exchange);
    canned_stop(canned);
}

static void an_answer_without_a_body_still_has_a_head(void **state)
{
    struct canned *canned =
        canned_start("HTTP/1.1 204 No Content\r\nx-request-id: r1\r\n\r\n");
    struct http_exchange exchange;

    (void)state;
    assert_non_null(canned);
    http_exchange_init(&exchange, &client, "POST", canned_url(canned), ask);
    assert_int_equal(http_exchange_start(&exchange), LLMGW_OK);
    http_exchange_wait(&exchange);
    assert_string_equal(exchange.steps, "che");
    assert_int_equal(exchange.end.code, 0);
    assert_int_equal(exchange.head.status, 204);
    assert_int_equal(exchange.times.first_byte_ns, 0);
    http_exchange_clear(&exchange);
    canned_stop(canned);
}

static void a_redirect_is_an_answer_like_any_other(void **state)
{
    struct http_exchange exchange;
    char location[160];

    (void)state;
    snprintf(location, sizeof location, "location: %s/elsewhere\r\n",
             fake_url(fake));
    fake_reply(fake, "POST", 307, location, LLMGW__LIT(""), "");
    begin(&exchange, ask);
    http_exchange_wait(&exchange);
    assert_int_equal(exchange.head.status, 307);
    assert_int_equal(fake_requests(fake), 1);
    http_exchange_clear(&exchange);
}

/* --- a host that watches the sockets itself --- */

struct host {
    struct pollfd fds[16];
    nfds_t count;
};

static void host_watch(void *userdata, intptr_t fd, unsigned events)
{
    struct host *host = userdata;
    nfds_t at = 0;

    while (at < host->count && host->fds[at].fd != (int)fd)
        at++;
    assert_true(at < 16);
    if (at == host->count)
        host->count++;
    host->fds[at].fd = (int)fd;
    host->fds[at].events = (short)((events & LLMGW__POLL_IN ? POLLIN : 0) |
                                   (events & LLMGW__POLL_OUT ? POLLOUT : 0));
    if (!events)
        host->fds[at] = host->fds[--host->count];
}

static void host_turn(struct host *host)
{
    struct host seen = *host;

    (void)poll(seen.fds, seen.count, 1);
    for (nfds_t i = 0; i < seen.count; i++) {
        short mask = seen.fds[i].revents;

        if (mask)
            llmgw__poller_ready(client.poller, seen.fds[i].fd,
                                (mask & POLLIN ? LLMGW__POLL_IN : 0u) |
                                    (mask & POLLOUT ? LLMGW__POLL_OUT : 0u));
    }
    llmgw__timers_run(&client.timers, llmgw__clock_monotonic());
}

static void a_host_may_drive_it_by_its_own_poll(void **state)
{
    struct host host = {.count = 0};
    struct http_exchange exchange;

    (void)state;
    assert_int_equal(llmgw__poller_set_hook(client.poller, host_watch, &host),
                     LLMGW_OK);
    fake_script(fake, "", "chunks=20 cut=50");
    for (int i = 0; i < 2; i++) {
        begin(&exchange, ask_stream);
        while (!exchange.ends)
            host_turn(&host);
        assert_string_equal(exchange.steps, "chde");
        assert_int_equal(exchange.end.code, 0);
        http_exchange_clear(&exchange);
    }
    assert_int_equal(llmgw__poller_set_hook(client.poller, NULL, NULL),
                     LLMGW_OK);
    assert_int_equal(host.count, 0);
    assert_int_equal(fake_connections(fake), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(requests_one_after_another_use_one_connection),
        TEST(times_are_told_in_their_order),
        TEST(the_request_arrives_as_it_was_written),
        TEST(without_a_type_libcurl_does_not_make_one_up),
        TEST(one_handle_serves_every_method),
        TEST(a_path_is_sent_as_it_stands),
        TEST(a_body_of_several_segments_arrives_whole),
        TEST(a_large_body_of_one_segment_arrives_whole),
        TEST(two_hundred_exchanges_run_at_once),
        TEST(a_cancel_from_inside_an_event_closes_the_connection),
        TEST(a_cancel_from_outside_closes_the_connection),
        TEST(a_cancel_before_the_first_turn_sends_nothing),
        TEST(one_exchange_may_cancel_another),
        TEST(an_end_may_cancel_what_has_ended_too),
        TEST(an_owner_that_wants_no_more_is_told_the_end),
        TEST(only_an_end_may_start_another),
        TEST(only_the_last_head_is_told_and_no_trailer),
        TEST(an_answer_without_a_body_still_has_a_head),
        TEST(a_redirect_is_an_answer_like_any_other),
        TEST(a_host_may_drive_it_by_its_own_poll),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
