/*
 * Two vendors' models at other places: on Vertex AI and behind Bedrock, over
 * real sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "base/text.h"
#include "support/caller.h"
#include "support/event_frame.h"
#include "support/fake_provider.h"

#define PLACES                                                 \
    "{'environment':false,'providers':{"                       \
    "'ver':{'type':'vertex','base_url':'$1','api_key':'tok',"  \
    "'settings':{'project':'p-1','location':'us-east5'}},"     \
    "'exp':{'type':'vertex','base_url':'$1','api_key':'key'}," \
    "'bed':{'type':'bedrock','base_url':'$1','api_key':'bk',"  \
    "'settings':{'region':'us-east-1'}},"                      \
    "'man':{'type':'bedrock','base_url':'$1','api_key':'bk',"  \
    "'settings':{'region':'us-east-1','claude_api':'messages'}}}}"

#define HAIKU "us.anthropic.claude-haiku-4-5-20251001-v1:0"

struct host {
    struct fake *fake;
    llmgw_gateway *gateway;
};

static int set_up(void **state)
{
    static struct host host;

    host.fake = fake_start();
    assert_non_null(host.fake);
    host.gateway = caller_open(PLACES, fake_url(host.fake), "", "");
    *state = &host;
    return 0;
}

static int tear_down(void **state)
{
    struct host *host = *state;

    llmgw_gateway_close(host->gateway);
    fake_stop(host->fake);
    return 0;
}

static void ask(struct host *host, struct caller *caller, const char *model,
                int streamed)
{
    char json[512];

    memset(caller, 0, sizeof *caller);
    (void)snprintf(json, sizeof json,
                   "{'model':'%s','max_tokens':64,'messages':[{'role':'user',"
                   "'content':'Say something.'}]}",
                   model);
    caller_ask_json(caller, host->gateway, CALLER_BLOCKING, json, streamed);
}

/** It was answered, by a request with this path and header; wanted NULL: it
 *  has no such header. */
static void assert_answered(struct host *host, struct caller *caller,
                            const char *path, const char *header,
                            const char *wanted)
{
    struct fake_request served =
        fake_request(host->fake, fake_requests(host->fake) - 1);
    llmgw_str value = fake_header(&served, header);

    if (llmgw_call_end(caller->call) != LLMGW_END_RESPONSE)
        fail_msg("%s", llmgw_error_message(llmgw_call_error(caller->call)));
    assert_string_equal(served.path, path);
    assert_int_equal(value.data != NULL, wanted != NULL);
    if (wanted)
        assert_true(llmgw__str_is(value, wanted));
}

static void assert_text(struct caller *caller, const char *wanted, size_t len)
{
    llmgw_str text = llmgw_response_text(llmgw_call_response(caller->call));

    assert_int_equal(text.len, len);
    assert_memory_equal(text.data, wanted, len);
}

#define GOOGLE    "/v1beta1/projects/p-1/locations/us-east5/publishers/google/"
#define ANTHROPIC "/v1/projects/p-1/locations/us-east5/publishers/anthropic/"

static void vertex_answers_for_both_vendors(void **state)
{
    static const struct {
        const char *model;
        int streamed;
        const char *path, *scenario;
    } cases[] = {
        {"ver/gemini-2.5-flash", 0,
         GOOGLE "models/gemini-2.5-flash:generateContent", "usage=120:30"},
        {"ver/gemini-2.5-flash", 1,
         GOOGLE "models/gemini-2.5-flash:streamGenerateContent?alt=sse",
         "usage=120:30 cut=3"},
        {"ver/claude-sonnet-4-5@20250929", 0,
         ANTHROPIC "models/claude-sonnet-4-5@20250929:rawPredict",
         "usage=120:30 wire=anthropic"},
        {"ver/claude-sonnet-4-5@20250929", 1,
         ANTHROPIC "models/claude-sonnet-4-5@20250929:streamRawPredict",
         "usage=120:30 wire=anthropic cut=3"},
    };
    struct host *host = *state;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fake_request served;
        struct caller caller;

        fake_clear(host->fake);
        fake_script(host->fake, "", cases[i].scenario);
        ask(host, &caller, cases[i].model, cases[i].streamed);
        assert_answered(host, &caller, cases[i].path, "authorization",
                        "Bearer tok");
        served = fake_request(host->fake, fake_requests(host->fake) - 1);
        assert_text(&caller, served.text, served.text_len);
        assert_int_equal(
            llmgw_usage_count(
                llmgw_response_usage(llmgw_call_response(caller.call)),
                LLMGW_USAGE_PROMPT),
            120);
        llmgw_call_free(caller.call);
    }
}

static void express_mode_shows_its_key_in_a_header(void **state)
{
    struct host *host = *state;
    struct caller caller;

    fake_clear(host->fake);
    ask(host, &caller, "exp/gemini-2.5-flash", 0);
    assert_answered(
        host, &caller,
        "/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent",
        "x-goog-api-key", "key");
    assert_answered(
        host, &caller,
        "/v1beta1/publishers/google/models/gemini-2.5-flash:generateContent",
        "authorization", NULL);
    llmgw_call_free(caller.call);
    ask(host, &caller, "exp/claude-sonnet-4-5", 0);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)),
                     LLMGW_KIND_CONFIG);
    llmgw_call_free(caller.call);
}

static void vertex_embeds_in_as_many_requests_as_it_needs(void **state)
{
    struct host *host = *state;
    size_t before = fake_requests(host->fake);
    struct caller caller = {.embeds = 1};

    fake_clear(host->fake);
    fake_reply(host->fake, "POST", 200, "content-type: application/json\r\n",
               LLMGW__LIT("{\"predictions\":[{\"embeddings\":{\"values\":["
                          "0.6,0.8],\"statistics\":{\"token_count\":4}}}]}"),
               "");
    caller_ask_json(&caller, host->gateway, CALLER_BLOCKING,
                    "{'model':'ver/gemini-embedding-001','input':['a','b']}",
                    0);
    assert_answered(host, &caller, GOOGLE "models/gemini-embedding-001:predict",
                    "authorization", "Bearer tok");
    assert_int_equal(fake_requests(host->fake) - before, 2);
    assert_int_equal(llmgw_embeddings_count(llmgw_call_embeddings(caller.call)),
                     2);
    llmgw_call_free(caller.call);
}

/* --- Bedrock --- */

static void add_chunk(struct llmgw__buf *out, const char *json)
{
    struct llmgw__buf data;

    llmgw__buf_init(&data, 0);
    llmgw__buf_add_z(&data, "{\"bytes\":\"");
    llmgw__base64_encode(&data, llmgw__str(caller_quotes(json)));
    llmgw__buf_add_z(&data, "\",\"p\":\"abcdef\"}");
    event_frame(out, "event", "chunk", llmgw__buf_str(&data));
    llmgw__buf_clear(&data);
}

static void add_stream(struct llmgw__buf *out, int whole)
{
    add_chunk(out, "{'type':'message_start','message':{'id':'msg_bdrk_1',"
                   "'model':'m','content':[],'usage':{'input_tokens':9,"
                   "'output_tokens':1}}}");
    add_chunk(out, "{'type':'content_block_start','index':0,'content_block':"
                   "{'type':'text','text':''}}");
    add_chunk(out, "{'type':'content_block_delta','index':0,'delta':{'type':"
                   "'text_delta','text':'po'}}");
    if (!whole) {
        event_frame(out, "exception", "modelStreamErrorException",
                    LLMGW__LIT("{\"message\":\"It broke\"}"));
        return;
    }
    add_chunk(out, "{'type':'content_block_delta','index':0,'delta':{'type':"
                   "'text_delta','text':'ng'}}");
    add_chunk(out, "{'type':'content_block_stop','index':0}");
    add_chunk(out, "{'type':'message_delta','delta':{'stop_reason':"
                   "'end_turn'},'usage':{'output_tokens':4}}");
    add_chunk(out, "{'type':'message_stop'}");
}

#define BINARY "content-type: application/vnd.amazon.eventstream\r\n"
#define INVOKE "/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/invoke"

static void invoke_streams_however_its_bytes_are_cut(void **state)
{
    static const char *const cuts[] = {"", "cut=1", "cut=7", "cut=random:3"};
    struct host *host = *state;
    struct llmgw__buf body;

    llmgw__buf_init(&body, 0);
    add_stream(&body, 1);
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        struct caller caller;

        fake_clear(host->fake);
        fake_reply(host->fake, "", 200, BINARY, llmgw__buf_str(&body), cuts[i]);
        ask(host, &caller, "bed/" HAIKU, 1);
        assert_answered(host, &caller, INVOKE "-with-response-stream",
                        "authorization", "Bearer bk");
        assert_text(&caller, "pong", 4);
        assert_int_equal(caller.len, 4);
        assert_memory_equal(caller.text, "pong", 4);
        llmgw_call_free(caller.call);
    }
    llmgw__buf_clear(&body);
}

static void invoke_answers_whole(void **state)
{
    struct host *host = *state;
    struct caller caller;

    fake_clear(host->fake);
    fake_reply(host->fake, "", 200, "content-type: application/json\r\n",
               LLMGW__LIT("{\"type\":\"message\",\"id\":\"msg_bdrk_1\","
                          "\"model\":\"m\",\"role\":\"assistant\","
                          "\"content\":[{\"type\":\"text\",\"text\":"
                          "\"pong\"}],\"stop_reason\":\"end_turn\","
                          "\"usage\":{\"input_tokens\":9,"
                          "\"output_tokens\":4}}"),
               "");
    ask(host, &caller, "bed/" HAIKU, 0);
    assert_answered(host, &caller, INVOKE, "accept", "application/json");
    assert_text(&caller, "pong", 4);
    llmgw_call_free(caller.call);
}

static void an_exception_in_the_stream_is_the_calls_error(void **state)
{
    struct host *host = *state;
    struct caller caller;
    struct llmgw__buf body;

    llmgw__buf_init(&body, 0);
    add_stream(&body, 0);
    fake_clear(host->fake);
    fake_reply(host->fake, "", 200, BINARY, llmgw__buf_str(&body), "");
    ask(host, &caller, "bed/" HAIKU, 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)),
                     LLMGW_KIND_UPSTREAM_UNAVAILABLE);
    assert_int_equal(caller.len, 2);
    llmgw_call_free(caller.call);
    llmgw__buf_clear(&body);
}

static void the_messages_endpoint_is_asked_when_told_so(void **state)
{
    struct host *host = *state;

    for (int streamed = 0; streamed < 2; streamed++) {
        struct caller caller;

        fake_clear(host->fake);
        fake_script(host->fake, "", "usage=120:30 cut=5");
        ask(host, &caller, "man/anthropic.claude-opus-4-8", streamed);
        assert_answered(host, &caller, "/anthropic/v1/messages",
                        "anthropic-version", "2023-06-01");
        llmgw_call_free(caller.call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vertex_answers_for_both_vendors),
        cmocka_unit_test(express_mode_shows_its_key_in_a_header),
        cmocka_unit_test(vertex_embeds_in_as_many_requests_as_it_needs),
        cmocka_unit_test(invoke_streams_however_its_bytes_are_cut),
        cmocka_unit_test(invoke_answers_whole),
        cmocka_unit_test(an_exception_in_the_stream_is_the_calls_error),
        cmocka_unit_test(the_messages_endpoint_is_asked_when_told_so),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
