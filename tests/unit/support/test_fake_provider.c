/*
 * unit/support/test_fake_provider.c - what the fake provider answers, and the
 * books it keeps. How it misbehaves: test_fake_faults.c.
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

#define PROMPT "Say \\u00e9\\ud83d\\ude00 and \\\"hi\\\""
#define TOOLS                                                                 \
    "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"weather\"}}," \
    "{\"type\":\"function\",\"function\":{\"name\":\"time\"}}]"

static const struct wire {
    const char *whole_path;
    const char *whole;
    const char *stream_path;
    const char *stream;
    const char *finish, *length, *calls;
    int done;
} wires[] = {
    {"/v1/chat/completions",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" PROMPT
     "\"}]," TOOLS "}",
     "/v1/chat/completions",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"" PROMPT
     "\"}]," TOOLS
     ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
     "stop", "length", "tool_calls", 1},
    {"/v1/messages",
     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":"
     "\"text\",\"text\":\"" PROMPT "\"}]}],\"tools\":[{\"name\":\"weather\"},"
     "{\"name\":\"time\"}]}",
     "/v1/messages",
     "{\"model\":\"m\",\"stream\": true,\"messages\":[{\"role\":\"user\","
     "\"content\":\"" PROMPT "\"}],\"tools\":[{\"name\":\"weather\"},"
     "{\"name\":\"time\"}]}",
     "end_turn", "max_tokens", "tool_use", 1},
    {"/v1beta/models/m:generateContent",
     "{\"contents\":[{\"parts\":[{\"text\":\"" PROMPT "\"}]}],\"tools\":[{"
     "\"functionDeclarations\":[{\"name\":\"weather\"},{\"name\":\"time\"}]}]}",
     "/v1beta/models/m:streamGenerateContent?alt=sse",
     "{\"contents\":[{\"parts\":[{\"text\":\"" PROMPT "\"}]}],\"tools\":[{"
     "\"functionDeclarations\":[{\"name\":\"weather\"},{\"name\":\"time\"}]}]}",
     "STOP", "MAX_TOKENS", "STOP", 0},
};

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

static struct raw_said *ask(const char *path, const char *body)
{
    struct raw_reply *reply = raw_exchange(fake_port(fake), path, body);

    assert_int_equal(reply->status, 200);
    assert_true(reply->whole);
    return raw_said(reply);
}

/* every wire, streamed and whole, under one scenario */
static void ask_all(const char *scenario,
                    void (*check)(const struct wire *wire, int stream,
                                  const struct raw_said *said))
{
    fake_clear(fake);
    fake_script(fake, "", scenario);
    for (size_t i = 0; i < 3; i++) {
        check(&wires[i], 1, ask(wires[i].stream_path, wires[i].stream));
        check(&wires[i], 0, ask(wires[i].whole_path, wires[i].whole));
    }
}

static struct fake_request last_request(void)
{
    return fake_request(fake, fake_requests(fake) - 1);
}

static void check_plain(const struct wire *wire, int stream,
                        const struct raw_said *said)
{
    struct fake_request seen = last_request();

    assert_int_equal(said->broken, 0);
    assert_string_equal(said->text, seen.text);
    assert_int_equal(strlen(said->text), seen.text_len);
    assert_ptr_equal(strstr(said->text, "Say \xc3\xa9\xf0\x9f\x98\x80 and "
                                        "\"hi\""),
                     said->text);
    assert_non_null(strstr(said->text, " \xe2\x82\xac \"quoted\" back\\slash"));
    assert_string_equal(said->finish, wire->finish);
    assert_int_equal(said->done, stream ? wire->done : 0);
    assert_int_equal(said->in, (int)seen.billed_in);
    assert_int_equal(said->out, (int)seen.billed_out);
    assert_true(said->out > 12 && said->in > 7);
}

static void each_wire_is_answered_streamed_and_whole(void **state)
{
    (void)state;
    ask_all("", check_plain);
    assert_int_equal(fake_requests(fake), 6);
}

static void bytes_are_cut_anywhere_without_harm(void **state)
{
    (void)state;
    ask_all("cut=1", check_plain);
    ask_all("cut=7", check_plain);
    ask_all("cut=random:4 ascii", check_plain);
}

static void a_cut_is_the_size_of_the_http_chunks(void **state)
{
    struct raw_reply *reply;

    (void)state;
    fake_script(fake, "", "cut=7 times=1");
    fake_script(fake, "", "cut=random:1");
    reply =
        raw_exchange(fake_port(fake), wires[0].stream_path, wires[0].stream);
    assert_int_equal(reply->longest, 7);
    reply =
        raw_exchange(fake_port(fake), wires[0].stream_path, wires[0].stream);
    assert_true(reply->longest > 7 && reply->longest <= 32);
}

static void check_text(const struct wire *wire, int stream,
                       const struct raw_said *said)
{
    (void)stream;
    assert_string_equal(said->text, "Good \"day\"");
    assert_string_equal(said->finish, wire->length);
    assert_int_equal(said->in, 11);
    assert_int_equal(said->out, 5);
    assert_int_equal(last_request().billed_in, 11);
    assert_int_equal(last_request().billed_out, 5);
}

static void text_finish_and_usage_are_as_the_scenario_says(void **state)
{
    (void)state;
    ask_all("text='Good \"day\"' finish=length usage=11:5 cached=3",
            check_text);
}

static void check_chunks(const struct wire *wire, int stream,
                         const struct raw_said *said)
{
    (void)wire;
    if (stream)
        assert_true(said->events >= 5 && said->events <= 5 + 7);
    assert_int_equal(said->out, 5);
}

static void chunks_are_counted(void **state)
{
    (void)state;
    ask_all("chunks=5", check_chunks);
}

static void check_tools(const struct wire *wire, int stream,
                        const struct raw_said *said)
{
    (void)stream;
    assert_string_equal(said->names, "weather time ");
    assert_string_equal(said->args, "{\"a\":\"\xf0\x9f\x98\x80\\\"\"}"
                                    "{\"a\":\"\xf0\x9f\x98\x80\\\"\"}");
    assert_string_equal(said->finish, wire->calls);
    assert_string_equal(said->text, "");
    assert_int_equal(said->broken, 0);
    assert_int_equal(said->out, (int)last_request().billed_out);
}

static void tools_are_called_in_parallel(void **state)
{
    (void)state;
    ask_all("tools=2 args='{\"a\":\"\xf0\x9f\x98\x80\\\"\"}'", check_tools);
}

static void check_bare_call(const struct wire *wire, int stream,
                            const struct raw_said *said)
{
    (void)wire;
    (void)stream;
    assert_string_equal(said->names, "weather ");
    assert_string_equal(said->args, "");
    assert_string_equal(said->text, "Wait.");
}

static void a_call_may_have_text_before_it_and_no_arguments(void **state)
{
    (void)state;
    ask_all("tools=1 args='' text=Wait.", check_bare_call);
}

static void big_integers_stand_in_plain_arguments(void **state)
{
    (void)state;
    fake_script(fake, "", "tools=1");
    assert_non_null(
        strstr(ask(wires[0].stream_path, wires[0].stream)->args,
               "\"city\":\"Z\xc3\xbcrich \xf0\x9f\x98\x80\",\"note\":\"a "
               "\\\"b\\\" \\\\ c\",\"id\":9007199254740993"));
}

static void check_reasoning(const struct wire *wire, int stream,
                            const struct raw_said *said)
{
    (void)wire;
    (void)stream;
    assert_string_equal(said->reasoning, "**Weighing**\n\nNa\xc3\xafve first.");
    assert_string_equal(said->text, "Yes");
    assert_int_equal(said->out, 3);
}

static void reasoning_comes_before_the_text(void **state)
{
    (void)state;
    ask_all("reasoning=2 text=Yes", check_reasoning);
}

static void check_no_usage(const struct wire *wire, int stream,
                           const struct raw_said *said)
{
    (void)wire;
    (void)stream;
    assert_int_equal(said->in, -1);
    assert_int_equal(said->out, -1);
    assert_true(last_request().billed_out > 0);
}

static void usage_may_be_left_out_and_is_billed_all_the_same(void **state)
{
    (void)state;
    ask_all("usage=none", check_no_usage);
}

static void lines_end_and_begin_as_told(void **state)
{
    static const struct {
        const char *scenario;
        size_t wire;
        const char *wanted, *never;
    } rows[] = {
        {"crlf", 0, "}\r\n\r\ndata: ", "}\n\n"},
        {"", 0, "}\n\ndata: ", "\r"},
        {"", 2, "}\r\n\r\ndata: ", "}\n\n"},
        {"lf", 2, "}\n\ndata: ", "\r\n"},
        {"comments", 0, "\n\n: keep-alive\n\ndata: ", "event"},
        {"ascii chunks=12", 0, "caf\\u00e9", "\xc3"},
        {"array text=a", 2, "},\r\n{", "data:"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wire *wire = &wires[rows[i].wire];
        struct raw_reply *reply;

        fake_clear(fake);
        fake_script(fake, "", rows[i].scenario);
        reply = raw_exchange(fake_port(fake), wire->stream_path, wire->stream);
        assert_non_null(strstr(reply->body, rows[i].wanted));
        assert_null(strstr(reply->body, rows[i].never));
        assert_int_equal(raw_said(reply)->broken, 0);
    }
}

static void a_stream_without_sse_is_one_json_array(void **state)
{
    struct raw_said *said;

    (void)state;
    said = ask("/v1beta/models/m:streamGenerateContent", wires[2].stream);
    assert_int_equal(said->events, 1);
    assert_int_equal(said->broken, 0);
    assert_string_equal(said->text, last_request().text);
}

static void embeddings_and_models_have_their_wires_shape(void **state)
{
    static const struct {
        const char *path, *body, *wanted;
    } rows[] = {
        {"/v1/embeddings", "{\"model\":\"e\",\"input\":\"a\"}",
         "[{\"object\":\"embedding\",\"index\":0,\"embedding\":[-0.5000,"
         "-0.0625,0.3750,"},
        {"/v1/embeddings",
         "{\"model\":\"e\",\"input\":[\"a\",\"b\"],\"dimensions\":3,"
         "\"encoding_format\":\"base64\"}",
         "\"index\":1,\"embedding\":\"AACgvgAAAD4AAAC/\"}],"},
        {"/v1/embeddings", "{\"model\":\"e\",\"input\":[1,2,3]}",
         "0.4375]}],\"model\":\"e\""},
        {"/v1beta/models/e:batchEmbedContents", "{\"requests\":[{},{}]}",
         "[{\"values\": [0.6, -0.8, 0, 0]},{\"values\": [0, 0.8, 0.6, 0]}]"},
        {"/v1beta/models/e:embedContent", "{\"content\":{}}",
         "{\"embedding\": {\"values\": [0.6"},
        {"/v1/models", "", "{\"object\":\"list\",\"data\":[{\"id\":"},
        {"/v1beta/models", "", "{\"models\": [{\"name\": \"models/fake-"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct raw_reply *reply =
            raw_exchange(fake_port(fake), rows[i].path, rows[i].body);

        assert_int_equal(reply->status, 200);
        assert_non_null(strstr(reply->body, rows[i].wanted));
        assert_int_equal(raw_said(reply)->broken, 0);
    }
}

static void a_literal_body_goes_out_as_it_is(void **state)
{
    static const char body[] = "data: 1\n\ndata: \xc3\xa9\n\n";
    llmgw_str text = {body, sizeof body - 1};
    struct raw_reply *reply;

    (void)state;
    fake_reply(fake, "/a", 207, "Content-Type: text/event-stream\nX-A: b", text,
               "cut=2 usage=3:4");
    fake_reply(fake, "/b", 418, NULL, text, "");
    reply = raw_exchange(fake_port(fake), "/a/v1/messages", "{}");
    assert_int_equal(reply->status, 207);
    assert_string_equal(reply->body, body);
    assert_int_equal(reply->longest, 2);
    assert_non_null(strstr(reply->headers, "X-A: b\r\n"));
    assert_int_equal(last_request().billed_in, 3);
    assert_int_equal(last_request().billed_out, 4);
    reply = raw_exchange(fake_port(fake), "/b", "");
    assert_int_equal(reply->status, 418);
    assert_string_equal(reply->body, body);
    assert_non_null(strstr(reply->headers, "Content-Length: 19\r\n"));
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
        raw_exchange(fake_port(fake), wires[1].stream_path, wires[1].stream);
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
        raw_post(fds[i], wires[0].stream_path, "", wires[0].stream);
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
    raw_post(fd, wires[0].stream_path, "", wires[0].stream);
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
    raw_post(fd, wires[0].whole_path, "Connection: close\r\n", wires[0].whole);
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
        TEST(each_wire_is_answered_streamed_and_whole),
        TEST(bytes_are_cut_anywhere_without_harm),
        TEST(a_cut_is_the_size_of_the_http_chunks),
        TEST(text_finish_and_usage_are_as_the_scenario_says),
        TEST(chunks_are_counted),
        TEST(tools_are_called_in_parallel),
        TEST(a_call_may_have_text_before_it_and_no_arguments),
        TEST(big_integers_stand_in_plain_arguments),
        TEST(reasoning_comes_before_the_text),
        TEST(usage_may_be_left_out_and_is_billed_all_the_same),
        TEST(lines_end_and_begin_as_told),
        TEST(a_stream_without_sse_is_one_json_array),
        TEST(embeddings_and_models_have_their_wires_shape),
        TEST(a_literal_body_goes_out_as_it_is),
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
