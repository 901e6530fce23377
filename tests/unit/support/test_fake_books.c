/*
 * unit/support/test_fake_books.c - scripts, connections and the books of the
 * fake provider.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/alloc.h"
#include "support/fake_provider.h"
#include "support/raw_client.h"

static const char chat[] = "/v1/chat/completions";
static const char stream[] = "{\"stream\":true,\"messages\":[]}";

static struct fake *fake;

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    return fake ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(fake);
    return 0;
}

static int status_of(const char *path, const char *body)
{
    return raw_exchange(fake_port(fake), path, body)->status;
}

static void scripts_are_used_up_in_their_order(void **state)
{
    (void)state;
    fake_script(fake, "POST /v1/chat", "status=500 times=2");
    fake_script(fake, "GET /v1/chat", "status=405");
    fake_script(fake, "/v1/chat", "with=sk-bad status=401");
    fake_script(fake, "/v1/chat", "status=503 times=1");
    fake_headers(fake, "X-One: 1");
    assert_int_equal(status_of("/v1/messages", "{}"), 200);
    assert_int_equal(status_of("/v1/chat/completions", "{}"), 500);
    assert_int_equal(status_of("/v1/chat/completions", "{}"), 500);
    assert_int_equal(status_of("/v1/chat/completions", "{\"sk-bad\":1}"), 401);
    assert_int_equal(status_of("/v1/chat/completions", "{}"), 503);
    assert_int_equal(status_of("/v1/chat/completions", "{}"), 200);
    fake_script(fake, "", "status=400");
    assert_int_equal(status_of("/v1/chat/completions", "{}"), 400);
    fake_clear(fake);
    assert_int_equal(status_of("/v1/chat/completions", "{}"), 200);
}

static void requests_are_in_the_books_as_they_came(void **state)
{
    struct fake_request seen;
    int fd = raw_connect(fake_port(fake));

    (void)state;
    /* two at once, the second in chunks */
    raw_send(fd, "POST /x/v1/messages?a=b HTTP/1.1\r\nAuthorization:  Key k\r\n"
                 "content-length: 4\r\n\r\n{\"\":POST /v1/messages HTTP/1.1\r\n"
                 "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                 "3\r\n{\"a\r\n4;x=y\r\n\":1}\r\n0\r\n\r\n");
    raw_read_all(fd);
    assert_int_equal(fake_requests(fake), 2);
    seen = fake_request(fake, 0);
    assert_string_equal(seen.method, "POST");
    assert_string_equal(seen.path, "/x/v1/messages?a=b");
    assert_string_equal(seen.body, "{\"\":");
    assert_int_equal(seen.status, 200);
    assert_true(seen.finished && !seen.aborted);
    assert_int_equal(fake_header(&seen, "authorization").len, 5);
    assert_memory_equal(fake_header(&seen, "authorization").data, "Key k", 5);
    assert_null(fake_header(&seen, "auth").data);
    seen = fake_request(fake, 1);
    assert_string_equal(seen.body, "{\"a\":1}");
    assert_int_equal(seen.body_len, 7);
    assert_int_equal(seen.connection, 0);
    assert_null(fake_request(fake, 2).method);
}

static void connections_are_kept_and_counted(void **state)
{
    int first = raw_connect(fake_port(fake));

    (void)state;
    fake_script(fake, "", "text=Bye.");
    raw_post(first, "/v1/chat/completions", "", "{}");
    raw_read_until(first, "Bye.");
    raw_post(first, "/v1/chat/completions", "", "{}");
    raw_read_until(first, "Bye.");
    raw_exchange(fake_port(fake), "/v1/chat/completions", "{}");
    assert_true(fake_wait_closed(fake, 1));
    assert_int_equal(fake_connections(fake), 2);
    assert_int_equal(fake_open_connections(fake), 1);
    assert_int_equal(fake_request(fake, 1).connection, 0);
    assert_int_equal(fake_request(fake, 2).connection, 1);
    close(first);
    assert_true(fake_wait_closed(fake, 2));
    assert_int_equal(fake_open_connections(fake), 0);
    assert_int_equal(fake_aborted(fake), 0);
}

static void billing_adds_up(void **state)
{
    uint64_t in;
    uint64_t out;

    (void)state;
    fake_script(fake, "", "usage=10:4 times=2");
    fake_script(fake, "", "status=500");
    for (int i = 0; i < 3; i++)
        raw_exchange(fake_port(fake), "/v1/messages", stream);
    fake_billed(fake, &in, &out);
    assert_int_equal(in, 20);
    assert_int_equal(out, 8);
    assert_int_equal(fake_request(fake, 2).billed_in, 0);
}

static void a_client_that_waits_for_100_continue_gets_it(void **state)
{
    int fd = raw_connect(fake_port(fake));

    (void)state;
    raw_send(fd, "POST /v1/chat/completions HTTP/1.1\r\n"
                 "Expect: 100-continue\r\nConnection: close\r\n"
                 "Content-Length: 2\r\n\r\n");
    raw_read_until(fd, "100 Continue\r\n\r\n");
    raw_send(fd, "{}");
    assert_int_equal(raw_read_all(fd)->status, 200);
}

static void what_is_no_http_is_hung_up_on(void **state)
{
    int fd = raw_connect(fake_port(fake));

    (void)state;
    raw_send(fd, "SSH-2.0\r\n\r\n");
    assert_int_equal(raw_read_all(fd)->len, 0);
    assert_int_equal(fake_requests(fake), 0);
}

static void its_books_can_be_asked_for(void **state)
{
    struct raw_reply *reply;

    (void)state;
    status_of("/v1/messages", "{}");
    assert_true(fake_wait_closed(fake, 1));
    reply = raw_exchange(fake_port(fake), "/__stats", "");
    assert_non_null(strstr(reply->body, "{\"connections\":2,\"open\":1,"
                                        "\"requests\":1,\"finished\":1,"));
    assert_int_equal(fake_requests(fake), 1);
}

static void many_streams_run_at_once(void **state)
{
    enum {
        COUNT = 400
    };
    static int fds[COUNT];

    (void)state;
    fake_script(fake, "", "chunks=6 delay_us=2000 close");
    for (int i = 0; i < COUNT; i++)
        fds[i] = raw_connect(fake_port(fake));
    for (int i = 0; i < COUNT; i++)
        raw_post(fds[i], chat, "", stream);
    assert_true(fake_wait_requests(fake, COUNT));
    for (int i = 0; i < COUNT; i++) {
        struct raw_reply *reply = raw_read_all(fds[i]);

        assert_true(reply->whole);
        assert_string_equal(raw_said(reply)->text, fake_request(fake, 0).text);
    }
    assert_true(fake_wait_ended(fake, COUNT));
    assert_int_equal(fake_connections(fake), COUNT);
    assert_int_equal(fake_aborted(fake), 0);
}

static void it_stops_with_streams_under_way(void **state)
{
    struct fake *other = fake_start();
    int fd;

    (void)state;
    assert_non_null(other);
    fake_script(other, "", "delay_us=60000000");
    fd = raw_connect(fake_port(other));
    raw_post(fd, chat, "", stream);
    raw_read_until(fd, "assistant");
    fake_stop(other);
    assert_false(raw_read_all(fd)->whole);
    fake_stop(NULL);
}

static void injected_failures_of_memory_pass_it_by(void **state)
{
    int fd = raw_connect(fake_port(fake));

    (void)state;
    fail_allocation(0);
    raw_post(fd, chat, "Connection: close\r\n", stream);
    assert_true(raw_read_all(fd)->whole);
    assert_int_equal(allow_allocations(), 0);
}

static void scenarios_are_checked_word_by_word(void **state)
{
    static const struct {
        const char *scenario, *problem;
    } rows[] = {
        {"", NULL},
        {" text='a b'  chunks=3 cut=random:9\ncrlf ", NULL},
        {"reasoning reasoning=4 usage=none usage=1:2", NULL},
        {"chnks=3", "unknown word"},
        {"chunks", "chunks"},
        {"chunks=x", "chunks"},
        {"html=1", "html"},
        {"cut=0", "cut"},
        {"cut=random", "cut"},
        {"wire=none", "wire"},
        {"error=odd", "error"},
        {"usage=3", "usage"},
        {"text", "text"},
        {"drop_after=1 stall_after=2", "stall_after"},
        {"drop_before=1", "drop_before"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *problem = fake_scenario_error(rows[i].scenario);

        if (rows[i].problem)
            assert_string_equal(problem, rows[i].problem);
        else
            assert_null(problem);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(scripts_are_used_up_in_their_order),
        TEST(requests_are_in_the_books_as_they_came),
        TEST(connections_are_kept_and_counted),
        TEST(billing_adds_up),
        TEST(a_client_that_waits_for_100_continue_gets_it),
        TEST(what_is_no_http_is_hung_up_on),
        TEST(its_books_can_be_asked_for),
        TEST(many_streams_run_at_once),
        TEST(it_stops_with_streams_under_way),
        TEST(injected_failures_of_memory_pass_it_by),
        TEST(scenarios_are_checked_word_by_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
