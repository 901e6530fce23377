/*
 * unit/support/test_fake_wires.c - the wires of the fake provider that are not
 * OpenAI's, Anthropic's or Google's first, and answers that are gone on with.
 * That its streams can be read is shown by flow/test_wires.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/fake_provider.h"
#include "support/raw_client.h"

#define ASKED "\"messages\":[{\"role\":\"user\",\"content\":\"a b c d\"}]"
#define BLOCKS \
    "\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"a b c d\"}]}]"

static const struct wire {
    const char *name, *path, *body, *type;
    const char *piece; /* stands in each record with content */
    const char *last;  /* only in a stream that ended */
    const char *fault; /* in one that failed, overloaded */
    const char *mark;  /* behind the last record, or "" */
} wires[] = {
    {"responses", "/v1/responses",
     "{\"model\":\"m\",\"stream\":true,\"input\":\"a b c d\"}",
     "text/event-stream", "\"type\":\"response.output_text.delta\"",
     "\"response.completed\"", "\"type\":\"error\"", ""},
    {"bedrock", "/model/us.m%3A0/converse-stream", "{" BLOCKS "}",
     "application/vnd.amazon.eventstream", "\"delta\":{\"text\":",
     "\"stopReason\":\"end_turn\"", "serviceUnavailableException", ""},
    {"cohere", "/v2/chat", "{\"model\":\"m\",\"stream\":true," ASKED "}",
     "text/event-stream", "\"type\":\"content-delta\"",
     "\"finish_reason\":\"COMPLETE\"", "\"finish_reason\":\"ERROR\"",
     "data: [DONE]\n\n"},
    {"ollama", "/api/chat", "{\"model\":\"m\"," ASKED "}",
     "application/x-ndjson", "\"done\":false", "\"done\":true",
     "{\"error\":\"server busy", ""},
};

enum {
    COUNT = sizeof wires / sizeof *wires
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

static struct raw_reply *ask(const char *scenario, const char *path,
                             const char *body)
{
    fake_clear(fake);
    fake_script(fake, "", scenario);
    return raw_exchange(fake_port(fake), path, body);
}

/* frames have NULs in them */
static size_t times_in(const struct raw_reply *reply, const char *text)
{
    size_t len = strlen(text);
    size_t count = 0;

    for (size_t i = 0; i + len <= reply->body_len; i++)
        count += memcmp(reply->body + i, text, len) == 0;
    return count;
}

static struct fake_request last_request(void)
{
    return fake_request(fake, fake_requests(fake) - 1);
}

static void a_path_says_the_wire_and_so_may_a_scenario(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct raw_reply *reply = ask("", wires[i].path, wires[i].body);
        char scenario[64];

        assert_int_equal(reply->status, 200);
        assert_true(reply->whole);
        assert_non_null(strstr(reply->headers, wires[i].type));
        assert_int_equal(times_in(reply, wires[i].piece), 16);
        assert_int_equal(times_in(reply, wires[i].last), 1);
        assert_memory_equal(last_request().text, "a b c d the", 11);
        snprintf(scenario, sizeof scenario, "wire=%s", wires[i].name);
        reply = ask(scenario, "/v1/chat/completions",
                    "{\"stream\":true," ASKED "}");
        assert_non_null(strstr(reply->headers, wires[i].type));
        assert_int_equal(times_in(reply, wires[i].piece), 16);
    }
}

static void a_stream_is_the_rule_where_the_body_need_not_say_so(void **state)
{
    (void)state;
    assert_non_null(
        strstr(ask("", "/api/chat", "{\"stream\":false," ASKED "}")->headers,
               "application/json"));
    assert_non_null(strstr(ask("", "/v2/chat", "{" ASKED "}")->headers,
                           "application/json"));
    assert_non_null(strstr(
        ask("", "/model/m/converse", "{" BLOCKS "}")->headers, "n/json"));
}

static void endings_are_counted_in_content_on_every_wire(void **state)
{
    static const struct {
        const char *word;
        int whole, fails;
    } endings[] = {{"end", 1, 0}, {"drop", 0, 0}, {"error", 1, 1}};

    (void)state;
    for (size_t i = 0; i < COUNT * 3 * 4; i++) {
        const struct wire *wire = &wires[i / 12];
        int after = (int)(i % 4);
        char scenario[64];
        struct raw_reply *reply;

        snprintf(scenario, sizeof scenario, "chunks=5 %s_after=%d",
                 endings[i / 4 % 3].word, after);
        reply = ask(scenario, wire->path, wire->body);
        assert_int_equal(times_in(reply, wire->piece), after);
        assert_int_equal(times_in(reply, wire->last), 0);
        assert_int_equal(times_in(reply, wire->fault),
                         endings[i / 4 % 3].fails);
        assert_int_equal(reply->whole, endings[i / 4 % 3].whole);
        assert_int_equal(last_request().billed_out, after);
    }
}

static void end_marks_are_those_of_the_wire(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct raw_reply *reply = ask("", wires[i].path, wires[i].body);

        if (*wires[i].mark)
            assert_int_equal(times_in(reply, wires[i].mark), 1);
        reply = ask("done_only", wires[i].path, wires[i].body);
        assert_true(reply->whole);
        assert_int_equal(reply->body_len, strlen(wires[i].mark));
        assert_memory_equal(reply->body, wires[i].mark, reply->body_len);
        reply = ask("no_done", wires[i].path, wires[i].body);
        assert_int_equal(times_in(reply, wires[i].last), 1);
        if (*wires[i].mark)
            assert_int_equal(times_in(reply, wires[i].mark), 0);
    }
}

static void garbage_is_a_record_between_good_ones(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        struct raw_reply *reply =
            ask("chunks=4 garbage_after=2", wires[i].path, wires[i].body);

        assert_int_equal(times_in(reply, "{\"broken\":"), 1);
        assert_int_equal(times_in(reply, wires[i].piece), 4);
        assert_int_equal(times_in(reply, wires[i].last), 1);
    }
}

static void errors_have_the_shape_of_the_wire(void **state)
{
    static const struct {
        const char *error;
        size_t wire;
        int status;
        const char *header, *body;
    } rows[] = {
        {"error=rate_limit", 0, 429, "", "\"code\":\"rate_limit_exceeded\""},
        {"error=rate_limit retry_after=2", 1, 429,
         "x-amzn-ErrorType: ThrottlingException\r\nRetry-After: 2\r\n"
         "",
         "{\"message\":\"Too many requests"},
        {"error=context_length", 1, 400, "ErrorType: ValidationException",
         "Input is too long"},
        {"error=context_length", 2, 400, "",
         "\"error_type\":\"TOO_MANY_TOKENS\""},
        {"error=content_filter", 2, 498, "", "\"id\":\""},
        {"error=overloaded", 3, 503, "", "{\"error\":\"server busy"},
        {"error=auth", 3, 401, "", "{\"error\":\"unauthorized\"}"},
        {"status=500", 1, 500, "InternalServerException", "\"message\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct wire *wire = &wires[rows[i].wire];
        struct raw_reply *reply = ask(rows[i].error, wire->path, wire->body);

        assert_int_equal(reply->status, rows[i].status);
        assert_int_equal(times_in(reply, rows[i].body), 1);
        assert_int_equal(last_request().billed_in, 0);
        for (const char *at = rows[i].header; *at;) {
            char line[64];

            snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\r"), at);
            assert_non_null(strstr(reply->headers, line));
            at += strcspn(at, "\r");
            at += strspn(at, "\r\n");
        }
    }
}

/* --- answers that are gone on with --- */

#define USER(text)      "{\"role\":\"user\",\"content\":\"" text "\"}"
#define ASSISTANT(text) "{\"role\":\"assistant\",\"content\":\"" text "\"}"
#define TURNS(turns)    "{\"model\":\"m\",\"messages\":[" turns "]}"

static void assert_goes_on(const char *scenario, const char *path,
                           const char *body, const char *wanted)
{
    struct raw_reply *reply = ask(scenario, path, body);

    assert_int_equal(reply->status, 200);
    assert_string_equal(last_request().text, wanted);
    assert_true(reply->whole);
}

static void a_last_turn_of_the_assistant_is_gone_on_with(void **state)
{
    static const char text[] = "text='One two th\xc3\xb6r four' chunks=4";
    static const struct {
        const char *path, *body;
    } rows[] = {
        {"/v1/chat/completions", TURNS(USER("Count.") "," ASSISTANT("One tw"))},
        {"/v1/messages",
         TURNS(USER("Count.") ",{\"role\":\"assistant\",\"content\":[{"
                              "\"type\":\"text\",\"text\":\"One\"},{\"type\":"
                              "\"text\",\"text\":\" tw\"}]}")},
        {"/v1beta/models/m:generateContent",
         "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"Count.\"}]},"
         "{\"role\":\"model\",\"parts\":[{\"text\":\"One tw\"}]}]}"},
        {"/v1/responses",
         "{\"input\":[" USER("Count.") ",{\"type\":\"message\",\"role\":"
                                       "\"assistant\",\"content\":[{\"type\":"
                                       "\"output_text\",\"text\":"
                                       "\"One tw\"}]}]}"},
        {"/model/m/converse-stream",
         "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]},"
         "{\"role\":\"assistant\",\"content\":[{\"text\":\"One tw\"}]}]}"},
        {"/v2/chat", TURNS(USER("Count.") "," ASSISTANT("One tw"))},
        {"/api/chat", TURNS(USER("Count.") "," ASSISTANT("One tw"))},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_goes_on(text, rows[i].path, rows[i].body, "o th\xc3\xb6r four");
}

static void an_instruction_behind_it_is_seen_through(void **state)
{
    static const char chat[] = "/v1/chat/completions";
    static const char scenario[] = "text='One two three'";

    (void)state;
    assert_goes_on(scenario, chat,
                   TURNS(USER("x") "," ASSISTANT("One tw") "," USER("On.")),
                   "o three");
    /* no beginning of it, or all of it: an ordinary conversation */
    assert_goes_on(scenario, chat,
                   TURNS(USER("x") "," ASSISTANT("Once") "," USER("On.")),
                   "One two three");
    assert_goes_on(
        scenario, chat,
        TURNS(USER("x") "," ASSISTANT("One two three") "," USER("On.")),
        "One two three");
    /* the words of what was asked first, not of the instruction */
    assert_goes_on("chunks=4", chat,
                   TURNS(USER("a b c") "," ASSISTANT("a b") "," USER("On.")),
                   " c the");
}

static void bytes_are_repeated_where_told(void **state)
{
    static const char chat[] = "/v1/chat/completions";

    (void)state;
    assert_goes_on("text='One two three' repeat=4", chat,
                   TURNS(USER("x") "," ASSISTANT("One two")), " two three");
    assert_goes_on("text='One two' repeat=99", chat,
                   TURNS(USER("x") "," ASSISTANT("One")), "One two");
    assert_goes_on("text='a\xc3\xb6z' repeat=2", chat,
                   TURNS(USER("x") "," ASSISTANT("a\xc3\xb6")), "\xc3\xb6z");
    assert_goes_on("text='a\xc3\xb6z' repeat=1", chat,
                   TURNS(USER("x") "," ASSISTANT("a\xc3\xb6")), "\xc3\xb6z");
}

static void pieces_that_were_said_are_not_counted(void **state)
{
    (void)state;
    ask("text='a b c d e' end_after=2", "/v1/chat/completions",
        "{\"stream\":true,\"messages\":[" USER("x") "," ASSISTANT("a b") "]}");
    assert_int_equal(last_request().billed_out, 2);
    assert_string_equal(last_request().text, " c d e");
}

static void a_prefill_may_be_refused(void **state)
{
    static const char *const paths[] = {"/v1/chat/completions", "/v1/messages",
                                        "/model/m/converse", "/v2/chat",
                                        "/api/chat"};
    static const char *const bodies[] = {
        TURNS(USER("x") "," ASSISTANT("a")),
        TURNS(USER("x") "," ASSISTANT("a") "," USER("On.")),
        TURNS(USER("x") "," ASSISTANT("a ")),
    };

    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        struct raw_reply *reply = ask("reject_prefill", paths[i], bodies[0]);

        assert_int_equal(reply->status, 400);
        assert_true(times_in(reply, "assistant") > 0);
        assert_int_equal(ask("reject_prefill", paths[i], bodies[1])->status,
                         200);
    }
    /* white space at its end */
    assert_int_equal(ask("", paths[0], bodies[2])->status, 200);
    assert_int_equal(ask("", paths[1], bodies[2])->status, 400);
}

static void embeddings_and_models_have_their_wires_shape(void **state)
{
    static const struct {
        const char *path, *body, *has;
    } rows[] = {
        {"/v2/embed", "{\"texts\":[\"#3 a\",\"b\"]}",
         "{\"float\":[[3,0.5,0,0],[0.25,0.5,0,0]]}"},
        {"/api/embed", "{\"model\":\"m\",\"input\":[\"#3 a\",\"b\"]}",
         "\"embeddings\":[[3,0.5,0,0],[0.25,0.5,0,0]]"},
        {"/api/embed", "{\"model\":\"m\",\"input\":\"#7\"}",
         "\"embeddings\":[[7,0.5,0,0]]"},
        {"/api/tags", "", "{\"models\":[{\"name\":\"fake-small\""},
        {"/v1/models?endpoint=chat", "", "\"endpoints\":[\"chat\"]"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(
            times_in(ask("", rows[i].path, rows[i].body), rows[i].has), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_says_the_wire_and_so_may_a_scenario),
        cmocka_unit_test(a_stream_is_the_rule_where_the_body_need_not_say_so),
        cmocka_unit_test(endings_are_counted_in_content_on_every_wire),
        cmocka_unit_test(end_marks_are_those_of_the_wire),
        cmocka_unit_test(garbage_is_a_record_between_good_ones),
        cmocka_unit_test(errors_have_the_shape_of_the_wire),
        cmocka_unit_test(a_last_turn_of_the_assistant_is_gone_on_with),
        cmocka_unit_test(an_instruction_behind_it_is_seen_through),
        cmocka_unit_test(bytes_are_repeated_where_told),
        cmocka_unit_test(pieces_that_were_said_are_not_counted),
        cmocka_unit_test(a_prefill_may_be_refused),
        cmocka_unit_test(embeddings_and_models_have_their_wires_shape),
    };

    return cmocka_run_group_tests(tests, start, stop);
}
