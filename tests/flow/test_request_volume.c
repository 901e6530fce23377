/*
 * A large request is kept once: by the request handle, for all calls made of
 * it, down to the transport that reads it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <llmgw/llmgw.h>

#include "support/alloc.h"
#include "support/caller.h"
#include "support/conversation.h"

#define SIZE ((size_t)1000000)
#define CONFIG                           \
    "{'environment':false,'providers':{" \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'secret-1'}}}"

static const char answer[] =
    "{\"id\":\"x\",\"choices\":[{\"index\":0,\"message\":{\"role\":"
    "\"assistant\",\"content\":\"hello\"},\"finish_reason\":\"stop\"}]}";

/* What the provider got. */
struct seen {
    int requests;
    size_t bytes;
    uint32_t sum;
};

/* Reads all of it, as much at once as libcurl does. */
static int32_t start(llmgw_exchange *exchange, void *userdata)
{
    static char piece[65536];
    struct seen *seen = userdata;
    size_t len = 0, got;

    seen->requests++;
    while ((got = llmgw_exchange_body_read(exchange, len, piece,
                                           sizeof piece)) > 0) {
        for (size_t i = 0; i < got; i++)
            seen->sum = seen->sum * 31 + (unsigned char)piece[i];
        len += got;
    }
    assert_int_equal(len, llmgw_exchange_body_len(exchange));
    seen->bytes += len;
    llmgw_exchange_header(exchange, (llmgw_str){"content-type", 12},
                          (llmgw_str){"application/json", 16});
    llmgw_exchange_head(exchange, 200);
    if (llmgw_exchange_data(exchange, (llmgw_str){answer, sizeof answer - 1}))
        return 0;
    llmgw_exchange_end(exchange, 0, (llmgw_str){"", 0});
    return 0;
}

static void cancel(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    (void)userdata;
}

static llmgw_gateway *open_gateway(struct seen *seen)
{
    llmgw_transport transport = {sizeof transport, 0, seen, start, cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.transport = &transport;
    return caller_open_with(&options, CONFIG, "https://one.test", "", "");
}

/** @return bytes asked of the allocator */
static size_t ask(llmgw_gateway *gateway, const llmgw_request *request)
{
    size_t before = allocation_bytes();
    llmgw_call *call;

    assert_int_equal(llmgw_chat(gateway, request, NULL, &call), LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    llmgw_call_free(call);
    return allocation_bytes() - before;
}

static void a_request_of_json_is_copied_once_for_all_calls(void **state)
{
    char *json = make_conversation("text", "one/gpt-4.1", SIZE);
    struct seen seen = {0, 0, 0};
    llmgw_gateway *gateway = open_gateway(&seen);
    size_t before = allocation_bytes();
    llmgw_request *request;
    uint32_t sum;

    (void)state;
    assert_non_null(json);
    assert_int_equal(
        llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request),
        LLMGW_OK);
    free(json);
    assert_in_range(allocation_bytes() - before, SIZE, SIZE + SIZE / 100);
    assert_in_range(ask(gateway, request), 1, SIZE / 2);
    assert_in_range(seen.bytes, SIZE, SIZE + SIZE / 100);
    sum = seen.sum;
    seen.sum = 0;
    assert_in_range(ask(gateway, request), 1, SIZE / 2);
    assert_int_equal(seen.sum, sum);
    assert_int_equal(seen.requests, 2);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
}

/* The setters keep what they wrote; a call takes one text made of it. */
static void a_request_of_setters_is_rendered_once_for_a_call(void **state)
{
    struct seen seen = {0, 0, 0};
    llmgw_gateway *gateway = open_gateway(&seen);
    char *text = malloc(SIZE);
    llmgw_request *request;

    (void)state;
    assert_non_null(text);
    memset(text, 'x', SIZE);
    assert_int_equal(llmgw_request_create("one/gpt-4.1", &request), LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_text(request, "user", (llmgw_str){text, SIZE}),
        LLMGW_OK);
    free(text);
    assert_in_range(ask(gateway, request), SIZE, SIZE + SIZE / 20);
    assert_in_range(seen.bytes, SIZE, SIZE + SIZE / 20);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
}

static void on_done(llmgw_call *call, void *userdata)
{
    *(llmgw_end *)userdata = llmgw_call_end(call);
    llmgw_call_free(call);
}

/** Start a call, change or free its request, then let it run. */
static void outlive(void (*leave)(llmgw_request *request))
{
    char *json = make_conversation("image", "one/gpt-4.1", SIZE);
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    struct seen seen = {0, 0, 0};
    llmgw_gateway *gateway = open_gateway(&seen);
    llmgw_end end = 0;
    llmgw_request *request;
    llmgw_loop *loop;
    llmgw_call *call;

    assert_non_null(json);
    assert_int_equal(
        llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request),
        LLMGW_OK);
    free(json);
    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    options.on_done = on_done;
    options.userdata = &end;
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    leave(request);
    while (llmgw_loop_active(loop))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    assert_int_equal(end, LLMGW_END_RESPONSE);
    assert_in_range(seen.bytes, SIZE, SIZE + SIZE / 100);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
}

static void change(llmgw_request *request)
{
    char *text = calloc(1, SIZE);

    assert_non_null(text);
    memset(text, 'x', SIZE);
    assert_int_equal(
        llmgw_request_add_text(request, "user", (llmgw_str){text, SIZE}),
        LLMGW_OK);
    free(text);
    llmgw_request_free(request);
}

static void a_request_may_go_or_change_while_its_call_runs(void **state)
{
    (void)state;
    outlive(llmgw_request_free);
    outlive(change);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_of_json_is_copied_once_for_all_calls),
        cmocka_unit_test(a_request_of_setters_is_rendered_once_for_a_call),
        cmocka_unit_test(a_request_may_go_or_change_while_its_call_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
