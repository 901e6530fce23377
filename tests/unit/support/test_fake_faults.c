/*
 * unit/support/test_fake_faults.c - how the fake provider misbehaves when it is
 * told to: each fault once, on the wires it has a shape of its own on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/fake_provider.h"
#include "support/raw_client.h"

static const char chat[] = "/v1/chat/completions";
static const char messages[] = "/v1/messages";
static const char gemini[] = "/v1beta/models/m:streamGenerateContent?alt=sse";
static const char stream[] = "{\"stream\":true,\"stream_options\":"
                             "{\"include_usage\":true},\"messages\":[]}";
static const char *const paths[] = {chat, messages, gemini};

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

static struct raw_reply *ask(const char *scenario, const char *path,
                             const char *body)
{
    fake_clear(fake);
    fake_script(fake, "", scenario);
    return raw_exchange(fake_port(fake), path, body);
}

static struct fake_request last_request(void)
{
    return fake_request(fake, fake_requests(fake) - 1);
}

static void errors_have_the_shape_of_the_wire(void **state)
{
    static const struct {
        const char *scenario;
        size_t wire;
        int status;
        const char *error;
    } rows[] = {
        {"status=400", 0, 400, "invalid_value"},
        {"status=401", 0, 401, "invalid_api_key"},
        {"status=403", 1, 403, "permission_error"},
        {"status=404", 2, 404, "NOT_FOUND"},
        {"status=418", 0, 418, "invalid_value"},
        {"status=429", 0, 429, "rate_limit_exceeded"},
        {"status=429", 1, 429, "rate_limit_error"},
        {"status=429", 2, 429, "RESOURCE_EXHAUSTED"},
        {"status=500", 0, 500, "server_error"},
        {"status=503", 1, 503, "overloaded_error"},
        {"status=529", 1, 529, "overloaded_error"},
        {"status=599", 2, 599, "INTERNAL"},
        {"error=quota", 0, 429, "insufficient_quota"},
        {"error=quota", 1, 400, "invalid_request_error"},
        {"error=context_length", 0, 400, "context_length_exceeded"},
        {"error=content_filter", 0, 400, "content_filter"},
        {"error=overloaded", 1, 529, "overloaded_error"},
        {"error=overloaded wire=gemini", 1, 503, "UNAVAILABLE"},
        {"error=timeout status=408", 0, 408, "timeout"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct raw_reply *reply =
            ask(rows[i].scenario, paths[rows[i].wire], stream);

        assert_int_equal(reply->status, rows[i].status);
        assert_true(reply->whole);
        assert_string_equal(raw_said(reply)->error, rows[i].error);
        assert_int_equal(raw_said(reply)->broken, 0);
        assert_int_equal(last_request().billed_in, 0);
        assert_int_equal(last_request().status, rows[i].status);
    }
}

static void retry_after_is_told_as_the_wire_tells_it(void **state)
{
    struct raw_reply *reply = ask("status=429 retry_after=2", chat, "{}");

    (void)state;
    assert_non_null(strstr(reply->headers, "Retry-After: 2\r\n"));
    reply = ask("status=429 retry_after=7", gemini, "{}");
    assert_null(strstr(reply->headers, "Retry-After"));
    assert_non_null(strstr(reply->body, "\"retryDelay\": \"7s\""));
}

static void what_cannot_be_understood_is_refused(void **state)
{
    (void)state;
    assert_int_equal(ask("", "/v1/nothing", "{}")->status, 404);
    assert_int_equal(ask("", chat, "[]")->status, 400);
    assert_int_equal(ask("", messages, "")->status, 400);
}

static void pages_and_nothing_come_with_status_200(void **state)
{
    struct raw_reply *reply = ask("html", chat, stream);

    (void)state;
    assert_int_equal(reply->status, 200);
    assert_non_null(strstr(reply->headers, "Content-Type: text/html\r\n"));
    assert_non_null(strstr(reply->body, "</html>"));
    reply = ask("empty", messages, stream);
    assert_int_equal(reply->status, 200);
    assert_int_equal(reply->body_len, 0);
    assert_true(reply->whole);
}

static void end_marks_come_alone_or_not_at_all(void **state)
{
    (void)state;
    assert_string_equal(ask("done_only", chat, stream)->body,
                        "data: [DONE]\n\n");
    assert_string_equal(ask("done_only", messages, stream)->body,
                        "event: message_stop\n"
                        "data: {\"type\":\"message_stop\"}\n\n");
    for (size_t i = 0; i < 2; i++) {
        struct raw_reply *reply = ask("no_done", paths[i], stream);

        assert_true(reply->whole);
        assert_int_equal(raw_said(reply)->done, 0);
        assert_true(raw_said(reply)->out > 0);
        assert_true(strlen(raw_said(reply)->finish) > 0);
    }
}

static void no_byte_at_all_may_come(void **state)
{
    struct raw_reply *reply = ask("drop_before", chat, stream);
    int fd;

    (void)state;
    assert_int_equal(reply->len, 0);
    assert_false(reply->reset);
    reply = ask("reset_before", chat, stream);
    assert_int_equal(reply->len, 0);
    assert_true(reply->reset);
    assert_true(last_request().finished);
    assert_int_equal(last_request().status, 0);
    fake_clear(fake);
    fake_script(fake, "", "stall_before");
    fd = raw_connect(fake_port(fake));
    raw_post(fd, chat, "", stream);
    assert_true(fake_wait_requests(fake, 3));
    close(fd);
    assert_true(fake_wait_closed(fake, 3));
    assert_true(last_request().aborted);
    assert_int_equal(last_request().bytes_sent, 0);
    assert_int_equal(last_request().billed_in, 0);
}

/* after two chunks of "a b c d", on every wire */
static void ask_broken(const char *ending, const char *error)
{
    char scenario[128];

    snprintf(scenario, sizeof scenario, "text='a b c d' usage=9:4 %s", ending);
    for (size_t i = 0; i < 3; i++) {
        struct raw_said *said = raw_said(ask(scenario, paths[i], stream));

        assert_string_equal(said->text, "a b");
        assert_string_equal(said->finish, "");
        assert_string_equal(said->error, error ? error : "");
        assert_int_equal(said->done, 0);
        assert_int_equal(said->broken, 0);
        assert_int_equal(last_request().billed_in, 9);
        assert_int_equal(last_request().billed_out, 2);
        assert_true(last_request().finished);
        assert_string_equal(last_request().text, "a b c d");
        error = error && i == 0 ? "overloaded_error"
                : error         ? "UNAVAILABLE"
                                : NULL;
    }
}

static void streams_are_dropped_reset_or_ended_after_chunks(void **state)
{
    (void)state;
    ask_broken("drop_after=2", NULL);
    assert_false(ask("drop_after=2", chat, stream)->whole);
    ask_broken("reset_after=2", NULL);
    assert_true(ask("reset_after=2", chat, stream)->reset);
    ask_broken("end_after=2", NULL);
    assert_true(ask("end_after=2", chat, stream)->whole);
}

static void an_error_may_come_inside_a_stream(void **state)
{
    (void)state;
    ask_broken("error_after=2", "overloaded");
    assert_true(ask("error_after=2", chat, stream)->whole);
    assert_string_equal(
        raw_said(ask("error_after=0 error=quota", chat, stream))->error,
        "insufficient_quota");
    assert_non_null(
        strstr(ask("error_after=1", messages, stream)->body, "event: error\n"));
}

static void an_ending_beyond_the_last_chunk_changes_nothing(void **state)
{
    struct raw_reply *reply = ask("chunks=2 drop_after=3", chat, stream);

    (void)state;
    assert_true(reply->whole);
    assert_int_equal(raw_said(reply)->done, 1);
    reply = ask("chunks=2 drop_after=2", chat, stream);
    assert_false(reply->whole);
    assert_int_equal(raw_said(reply)->done, 0);
}

static void a_preamble_stands_before_chunk_zero(void **state)
{
    struct raw_reply *reply = ask("end_after=0", chat, stream);

    (void)state;
    assert_int_equal(raw_said(reply)->events, 1);
    assert_non_null(strstr(reply->body, "\"role\":\"assistant\""));
    reply = ask("end_after=0", messages, stream);
    assert_non_null(strstr(reply->body, "message_start"));
    reply = ask("end_after=0", gemini, stream);
    assert_int_equal(reply->body_len, 0);
    assert_true(reply->whole);
}

static void a_malformed_event_is_followed_by_good_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct raw_reply *reply =
            ask("text='a b c' garbage_after=1", paths[i], stream);
        const char *at = strstr(reply->body, "\"broken\"");
        struct raw_said *said = raw_said(reply);

        assert_true(at && strstr(reply->body, "\"a\"") < at);
        assert_non_null(strstr(at, "\" b\""));
        assert_int_equal(said->broken, 1);
        assert_string_equal(said->text, "a b c");
        assert_int_equal(said->out, 3);
    }
    assert_int_equal(
        raw_said(ask("garbage_after=0", chat, "{\"messages\":[]}"))->broken, 1);
}

static void a_break_may_be_at_any_byte(void **state)
{
    struct raw_reply *reply;

    (void)state;
    for (int at = 0; at < 400; at += 7) {
        char scenario[64];

        snprintf(scenario, sizeof scenario, "drop_at=%d cut=%d", at, at + 1);
        reply = ask(scenario, chat, stream);
        assert_int_equal(reply->body_len, at);
        assert_false(reply->whole);
        assert_int_equal(reply->status, 200);
    }
    reply = ask("end_at=100", chat, stream);
    assert_int_equal(reply->body_len, 100);
    assert_true(reply->whole);
    assert_true(ask("drop_at=1000000", chat, stream)->whole);
}

static void a_whole_answer_breaks_in_its_middle(void **state)
{
    struct raw_reply *reply = ask("drop_after=1", chat, "{}");
    size_t half = reply->body_len;

    (void)state;
    assert_true(half > 100);
    assert_false(reply->whole);
    assert_int_equal(raw_said(reply)->broken, 1);
    reply = ask("end_after=1", chat, "{}");
    assert_int_equal(reply->body_len, half);
    assert_true(reply->whole);
    reply = ask("reset_after=0", chat, "{}");
    assert_int_equal(reply->body_len, 0);
    assert_int_equal(reply->status, 200);
    assert_true(reply->reset);
    reply = ask("error_after=0", chat, "{}");
    assert_int_equal(reply->status, 200);
    assert_string_equal(raw_said(reply)->error, "overloaded");
}

static void a_stalled_stream_stays_open_until_the_client_goes(void **state)
{
    int fd;

    (void)state;
    fake_script(fake, "", "text='a b c' stall_after=2");
    fd = raw_connect(fake_port(fake));
    raw_post(fd, chat, "", stream);
    raw_read_until(fd, "\" b\"");
    assert_int_equal(fake_open_connections(fake), 1);
    assert_false(last_request().finished);
    close(fd);
    assert_true(fake_wait_ended(fake, 1));
    assert_int_equal(fake_aborted(fake), 1);
    assert_true(last_request().aborted);
    assert_int_equal(last_request().billed_out, 2);
}

static void a_client_that_leaves_early_is_noticed(void **state)
{
    int fd;

    (void)state;
    fake_script(fake, "", "chunks=1000 delay_us=10000");
    fd = raw_connect(fake_port(fake));
    raw_post(fd, messages, "", stream);
    raw_read_until(fd, "text_delta");
    close(fd);
    assert_true(fake_wait_closed(fake, 1));
    assert_true(last_request().aborted);
    assert_false(last_request().finished);
    assert_true(last_request().billed_out > 0);
    assert_true(last_request().billed_out < 1000);
}

static void delays_hold_back_one_connection_alone(void **state)
{
    static const char *const rows[] = {"first_delay_ms=600000 times=1",
                                       "content_delay_ms=600000 times=1",
                                       "delay_us=600000000 times=1"};
    static const char *const seen[] = {"", "\r\n\r\n", "\n\n"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        int fd = raw_connect(fake_port(fake));

        fake_script(fake, "", rows[i]);
        raw_post(fd, chat, "", stream);
        raw_read_until(fd, seen[i]);
        assert_true(fake_wait_requests(fake, 2 * i + 1));
        assert_int_equal(raw_exchange(fake_port(fake), chat, stream)->status,
                         200);
        assert_false(fake_request(fake, 2 * i).finished);
        assert_int_equal(fake_request(fake, 2 * i).billed_out, 0);
        assert_true(fake_request(fake, 2 * i + 1).finished);
        close(fd);
        assert_true(fake_wait_closed(fake, 2 * i + 2));
    }
    assert_int_equal(fake_request(fake, 0).bytes_sent, 0);
    assert_true(fake_request(fake, 2).bytes_sent <
                fake_request(fake, 4).bytes_sent);
}

static void short_delays_end(void **state)
{
    struct raw_reply *reply =
        ask("first_delay_ms=2 content_delay_ms=2 delay_us=200 cut=40", chat,
            stream);

    (void)state;
    assert_true(reply->whole);
    assert_int_equal(raw_said(reply)->done, 1);
    assert_string_equal(raw_said(reply)->text, last_request().text);
}

static void the_length_told_may_be_a_lie(void **state)
{
    struct raw_reply *reply = ask("content_length=4294967296", chat, "{}");

    (void)state;
    assert_non_null(strstr(reply->headers, "Content-Length: 4294967296\r\n"));
    assert_true(reply->body_len > 100 && !reply->whole);
    reply = ask("content_length=5", chat, "{}");
    assert_true(reply->body_len > 100);
    reply = ask("chunked", chat, "{}");
    assert_non_null(strstr(reply->headers, "Transfer-Encoding: chunked"));
    assert_true(reply->whole);
}

static void a_literal_body_can_break_too(void **state)
{
    llmgw_str body = {"data: 1\n\ndata: 2\n\ndata: 3\n\n", 27};
    struct raw_reply *reply;

    (void)state;
    fake_reply(fake, "/after", 200, "Content-Type: text/event-stream", body,
               "drop_after=2");
    fake_reply(fake, "/at", 200, "Content-Type: application/json", body,
               "drop_at=3");
    reply = raw_exchange(fake_port(fake), "/after", "");
    assert_string_equal(reply->body, "data: 1\n\ndata: 2\n\n");
    assert_false(reply->whole);
    reply = raw_exchange(fake_port(fake), "/at", "");
    assert_string_equal(reply->body, "dat");
    assert_non_null(strstr(reply->headers, "Content-Length: 27\r\n"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(errors_have_the_shape_of_the_wire),
        TEST(retry_after_is_told_as_the_wire_tells_it),
        TEST(what_cannot_be_understood_is_refused),
        TEST(pages_and_nothing_come_with_status_200),
        TEST(end_marks_come_alone_or_not_at_all),
        TEST(no_byte_at_all_may_come),
        TEST(streams_are_dropped_reset_or_ended_after_chunks),
        TEST(an_error_may_come_inside_a_stream),
        TEST(an_ending_beyond_the_last_chunk_changes_nothing),
        TEST(a_preamble_stands_before_chunk_zero),
        TEST(a_malformed_event_is_followed_by_good_ones),
        TEST(a_break_may_be_at_any_byte),
        TEST(a_whole_answer_breaks_in_its_middle),
        TEST(a_stalled_stream_stays_open_until_the_client_goes),
        TEST(a_client_that_leaves_early_is_noticed),
        TEST(delays_hold_back_one_connection_alone),
        TEST(short_delays_end),
        TEST(the_length_told_may_be_a_lie),
        TEST(a_literal_body_can_break_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
