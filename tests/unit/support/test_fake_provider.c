/*
 * unit/support/test_fake_provider.c - what the fake provider answers.
 * The books it keeps: test_fake_books.c; how it misbehaves: test_fake_faults.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

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
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
