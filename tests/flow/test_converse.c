/*
 * Converse over a socket: records of lengths and checksums, exceptions among
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/caller.h"
#include "support/canned.h"
#include "support/event_frame.h"

#define MODEL "amazon.nova-lite-v1:0"
#define TWO                                                             \
    "{'environment':false,'providers':{"                                \
    "'one':{'type':'bedrock','base_url':'$1','api_key':'k'},"           \
    "'two':{'type':'bedrock','base_url':'$2','api_key':'k'}},'routes':" \
    "{'both':{'targets':['one/" MODEL "','two/" MODEL "']}}}"
#define HEAD                                       \
    "HTTP/1.1 200 OK\r\nx-amzn-requestid: r-1\r\n" \
    "content-type: application/vnd.amazon.eventstream\r\n\r\n"

/* One service, and what it answers. */
struct service {
    struct llmgw__buf bytes;
    struct canned *canned;
};

static void say(struct service *service, const char *name, const char *json)
{
    event_frame(&service->bytes, "event", name, llmgw__str(json));
}

static void begin(struct service *service)
{
    llmgw__buf_init(&service->bytes, 0);
    llmgw__buf_add_z(&service->bytes, HEAD);
    say(service, "messageStart", "{\"role\":\"assistant\",\"p\":\"abc\"}");
}

static void say_text(struct service *service)
{
    say(service, "contentBlockDelta",
        "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Hel\"}}");
    say(service, "contentBlockDelta",
        "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"lo\"},\"p\":\"ab\"}");
}

static void say_end(struct service *service)
{
    say(service, "contentBlockStop", "{\"contentBlockIndex\":0}");
    say(service, "messageStop", "{\"stopReason\":\"end_turn\"}");
    say(service, "metadata",
        "{\"usage\":{\"inputTokens\":4,\"outputTokens\":5,\"totalTokens\":9},"
        "\"metrics\":{\"latencyMs\":1}}");
}

static void throttle(struct service *service)
{
    event_frame(&service->bytes, "exception", "throttlingException",
                LLMGW__LIT("{\"message\":\"Too many tokens, please wait.\"}"));
}

static void serve(struct service *service)
{
    assert_int_equal(service->bytes.status, LLMGW_OK);
    service->canned =
        canned_start_bytes(service->bytes.data, service->bytes.len);
    assert_non_null(service->canned);
}

static void stop(struct service *service)
{
    canned_stop(service->canned);
    llmgw__buf_clear(&service->bytes);
}

static void ask(struct caller *caller, llmgw_gateway *gateway,
                enum caller_mode mode, const char *model)
{
    char json[512];

    (void)snprintf(json, sizeof json,
                   "{'model':'%s','stream':true,'messages':[{'role':'user','"
                   "content':'Hi'}]}",
                   model);
    caller_ask_json(caller, gateway, mode, json, 1);
}

static void assert_hello(struct caller *caller)
{
    llmgw_response *response = llmgw_call_response(caller->call);
    const llmgw_usage *usage;

    if (llmgw_call_end(caller->call) != LLMGW_END_RESPONSE)
        fail_msg("%s", llmgw_error_message(llmgw_call_error(caller->call)));
    usage = llmgw_response_usage(response);
    assert_string_equal(caller_text(llmgw_response_text(response)), "Hello");
    assert_int_equal(caller->len, 5);
    assert_memory_equal(caller->text, "Hello", 5);
    assert_string_equal(caller_text(llmgw_response_id(response)),
                        "chatcmpl-r-1");
    assert_int_equal(llmgw_response_finish_reason(response, 0),
                     LLMGW_FINISH_STOP);
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_PROMPT), 4);
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION), 5);
}

static void a_binary_stream_is_an_answer(void **state)
{
    struct service service = {.canned = NULL};
    llmgw_gateway *gateway;

    (void)state;
    begin(&service);
    say_text(&service);
    say_end(&service);
    serve(&service);
    gateway = caller_open(TWO, canned_url(service.canned),
                          canned_url(service.canned), "");
    for (int mode = 0; mode < CALLER_MODES; mode++) {
        struct caller caller = {0};

        ask(&caller, gateway, (enum caller_mode)mode, "one/" MODEL);
        assert_hello(&caller);
        llmgw_call_free(caller.call);
    }
    llmgw_gateway_close(gateway);
    stop(&service);
}

static void an_exception_before_content_goes_to_another(void **state)
{
    struct service one = {.canned = NULL}, two = {.canned = NULL};
    struct caller caller = {0};
    llmgw_gateway *gateway;

    (void)state;
    begin(&one);
    throttle(&one);
    serve(&one);
    begin(&two);
    say_text(&two);
    say_end(&two);
    serve(&two);
    gateway =
        caller_open(TWO, canned_url(one.canned), canned_url(two.canned), "");
    ask(&caller, gateway, CALLER_BLOCKING, "both");
    assert_hello(&caller);
    assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    stop(&one);
    stop(&two);
}

/* What a broken stream is told as. */
static void fails(struct service *service, llmgw_error_kind kind,
                  const char *words)
{
    struct caller caller = {0};
    llmgw_gateway *gateway;

    serve(service);
    gateway = caller_open(TWO, canned_url(service->canned),
                          canned_url(service->canned), "");
    ask(&caller, gateway, CALLER_LOOP, "one/" MODEL);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)), kind);
    assert_non_null(
        strstr(llmgw_error_message(llmgw_call_error(caller.call)), words));
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    stop(service);
}

static void an_exception_after_content_is_the_end(void **state)
{
    struct service service;

    (void)state;
    begin(&service);
    say_text(&service);
    throttle(&service);
    fails(&service, LLMGW_KIND_RATE_LIMIT, "Too many tokens");
}

static void a_wrong_checksum_breaks_the_stream(void **state)
{
    struct service service;

    (void)state;
    begin(&service);
    say_text(&service);
    service.bytes.data[service.bytes.len - 1] ^= 1;
    say_end(&service);
    fails(&service, LLMGW_KIND_PROTOCOL, "CRC");
}

static void a_stream_that_just_ends_is_broken(void **state)
{
    struct service service;

    (void)state;
    begin(&service);
    say_text(&service);
    fails(&service, LLMGW_KIND_PROTOCOL, "ended");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_binary_stream_is_an_answer),
        cmocka_unit_test(an_exception_before_content_goes_to_another),
        cmocka_unit_test(an_exception_after_content_is_the_end),
        cmocka_unit_test(a_wrong_checksum_breaks_the_stream),
        cmocka_unit_test(a_stream_that_just_ends_is_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
