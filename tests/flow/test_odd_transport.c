/*
 * A host's own HTTP that keeps the order badly, or keeps it to the letter: the
 * library neither breaks nor leaks, and says how the call ended.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "support/caller.h"

#define ONE_TARGET                                                      \
    "{'environment':false,'providers':{"                                \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'secret-1'}}," \
    "'routes':{'smart':{'targets':['one/m']}}}"

#define FIRST                                                   \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{" \
    "\"content\":\"hello\"},\"finish_reason\":null}]}\n\n"
#define LAST                                                        \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},"   \
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10," \
    "\"completion_tokens\":2,\"total_tokens\":12}}\n\ndata: [DONE]\n\n"

struct step {
    char what; /* connected, header, head, data, end */
    int32_t number;
    const char *text;
};

struct odd_http {
    const struct step *steps;
    int started;
    int cancelled;
    int told; /* exchanges whose end was told */
    int later;
    llmgw_exchange *kept;
};

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, text ? strlen(text) : 0};
}

/** Tell the steps; who wants no more data is told the end, as agreed. */
static void tell(struct odd_http *http, llmgw_exchange *exchange)
{
    for (const struct step *step = http->steps; step->what; step++) {
        if (step->what == 'c')
            llmgw_exchange_connected(exchange);
        if (step->what == 'h')
            llmgw_exchange_header(exchange, view("Content-Type"),
                                  view(step->text));
        if (step->what == 'H')
            llmgw_exchange_head(exchange, step->number);
        if (step->what == 'd' &&
            llmgw_exchange_data(exchange, view(step->text)))
            break;
    }
    http->told++;
    llmgw_exchange_end(exchange, 0, view(""));
}

static int32_t odd_start(llmgw_exchange *exchange, void *userdata)
{
    struct odd_http *http = userdata;

    http->started++;
    if (http->later)
        http->kept = exchange;
    else
        tell(http, exchange);
    return 0;
}

static void odd_cancel(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    ((struct odd_http *)userdata)->cancelled++;
}

static llmgw_gateway *open_with(struct odd_http *http)
{
    llmgw_transport transport = {sizeof transport, 0, http, odd_start,
                                 odd_cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.transport = &transport;
    return caller_open_with(&options, ONE_TARGET, "https://one.test", "", "");
}

#define STREAM 'h', 0, "text/event-stream"

static const struct odd_case {
    const char *name;
    llmgw_end end;
    struct step steps[8];
} cases[] = {
    {"head twice",
     LLMGW_END_RESPONSE,
     {{STREAM},
      {'H', 200, ""},
      {'H', 200, ""},
      {'d', 0, FIRST},
      {'d', 0, LAST}}},
    {"another head in the middle",
     LLMGW_END_RESPONSE,
     {{STREAM},
      {'H', 200, ""},
      {'d', 0, FIRST},
      {'h', 0, "late"},
      {'H', 500, ""},
      {'d', 0, LAST}}},
    {"an error's head twice",
     LLMGW_END_ERROR,
     {{'h', 0, "a/b"},
      {'H', 500, ""},
      {'h', 0, "a/b"},
      {'H', 200, ""},
      {'d', 0, FIRST},
      {'d', 0, LAST}}},
    {"data before the head",
     LLMGW_END_RESPONSE,
     {{'d', 0, "early"},
      {STREAM},
      {'H', 200, ""},
      {'d', 0, FIRST},
      {'d', 0, LAST}}},
    {"no head", LLMGW_END_ERROR, {{'d', 0, FIRST}, {'d', 0, LAST}}},
    {"nothing", LLMGW_END_ERROR, {{0}}},
    {"status 0", LLMGW_END_ERROR, {{'H', 0, ""}, {'d', 0, FIRST}}},
    {"status 99", LLMGW_END_ERROR, {{'H', 99, ""}, {'d', 0, FIRST}}},
    {"status 1000", LLMGW_END_ERROR, {{'H', 1000, ""}, {'d', 0, FIRST}}},
    {"status below 0", LLMGW_END_ERROR, {{'H', -200, ""}, {'d', 0, FIRST}}},
    {"an interim head",
     LLMGW_END_RESPONSE,
     {{'h', 0, "x/y"},
      {'H', 103, ""},
      {STREAM},
      {'H', 200, ""},
      {'d', 0, FIRST},
      {'d', 0, LAST}}},
    {"no content", LLMGW_END_ERROR, {{'H', 204, ""}}},
    {"a redirect", LLMGW_END_ERROR, {{'H', 302, ""}, {'d', 0, "moved"}}},
};

static void an_odd_order_ends_the_call_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct odd_http http = {.steps = cases[i].steps};
        llmgw_gateway *gateway = open_with(&http);
        struct caller caller = {0};

        caller_ask(&caller, gateway, CALLER_LOOP, "smart", "hi");
        if (llmgw_call_end(caller.call) != cases[i].end)
            fail_msg("%s: end %d", cases[i].name,
                     (int)llmgw_call_end(caller.call));
        if (cases[i].end == LLMGW_END_RESPONSE)
            assert_string_equal(caller.text, "hello");
        else
            assert_true(llmgw_error_message(llmgw_call_error(caller.call))[0]);
        assert_int_equal(http.started, 1);
        assert_int_equal(caller_entries(gateway, 0), 1);
        assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
        llmgw_call_free(caller.call);
        llmgw_gateway_close(gateway);
    }
}

/* --- who stops is told no more, and hears the end --- */

static const struct step whole[] = {
    {STREAM}, {'H', 200, ""}, {'d', 0, FIRST}, {'d', 0, LAST}, {0, 0, NULL}};

static int32_t stop_at_once(const llmgw_chunk *chunk, void *userdata)
{
    (void)chunk;
    (void)userdata;
    return 7;
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    (*(int *)userdata)++;
}

static llmgw_call *start_call(llmgw_loop *loop, llmgw_chunk_fn on_chunk,
                              int *done)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call = NULL;

    options.on_chunk = on_chunk;
    options.on_done = count_done;
    options.userdata = done;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", view("hi"));
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    llmgw_request_free(request);
    return call;
}

static void a_stopped_exchange_may_still_be_told_its_end(void **state)
{
    (void)state;
    for (int later = 0; later < 2; later++) {
        struct odd_http http = {.steps = whole, .later = later};
        llmgw_gateway *gateway = open_with(&http);
        llmgw_loop *loop;
        llmgw_call *call;
        int done = 0;

        llmgw_loop_create(gateway, &loop);
        call = start_call(loop, stop_at_once, &done);
        llmgw_loop_run(loop, 0);
        if (later)
            tell(&http, http.kept);
        while (!done)
            llmgw_loop_run(loop, 0);
        assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
        assert_int_equal(llmgw_call_stop_value(call), 7);
        assert_int_equal(http.told, 1);
        assert_int_equal(http.cancelled, 0);
        llmgw_call_free(call);
        llmgw_loop_free(loop);
        llmgw_gateway_close(gateway);
    }
}

static void a_stopped_exchange_that_never_ends_goes_with_the_loop(void **state)
{
    struct odd_http http = {.later = 1};
    llmgw_gateway *gateway = open_with(&http);
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    llmgw_loop_create(gateway, &loop);
    call = start_call(loop, stop_at_once, &done);
    llmgw_loop_run(loop, 0);
    llmgw_exchange_head(http.kept, 200);
    assert_int_not_equal(llmgw_exchange_data(http.kept, view(FIRST)), 0);
    while (!done)
        llmgw_loop_run(loop, 0);
    llmgw_call_free(call);
    assert_int_equal(http.cancelled, 0);
    assert_int_equal(llmgw_exchange_url(http.kept).len, 0);
    llmgw_loop_free(loop);
    assert_int_equal(http.cancelled, 1);
    llmgw_gateway_close(gateway);
}

/* --- a host that waits by hooks hears of what its own HTTP has told --- */

struct hooked {
    int bell;
    int64_t timeout;
};

static void keep_bell(intptr_t fd, uint32_t events, void *userdata)
{
    if (events)
        ((struct hooked *)userdata)->bell = (int)fd;
}

static void keep_timeout(int64_t timeout_ms, void *userdata)
{
    ((struct hooked *)userdata)->timeout = timeout_ms;
}

static void an_answer_told_between_turns_wakes_the_host(void **state)
{
    struct odd_http http = {.steps = whole, .later = 1};
    llmgw_gateway *gateway = open_with(&http);
    llmgw_loop_hooks hooks = LLMGW_LOOP_HOOKS_INIT;
    struct hooked hooked = {-1, -1};
    struct pollfd bell = {0, POLLIN, 0};
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    hooks.on_socket = keep_bell;
    hooks.on_timer = keep_timeout;
    hooks.userdata = &hooked;
    llmgw_loop_create(gateway, &loop);
    assert_int_equal(llmgw_loop_set_hooks(loop, &hooks), LLMGW_OK);
    call = start_call(loop, NULL, &done);
    assert_int_equal(hooked.timeout, 0);
    llmgw_loop_expired(loop);
    assert_true(hooked.timeout > 0);
    tell(&http, http.kept);
    bell.fd = hooked.bell;
    assert_int_equal(poll(&bell, 1, 0), 1);
    llmgw_loop_ready(loop, bell.fd, LLMGW_POLL_IN);
    assert_int_equal(done, 1);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_odd_order_ends_the_call_once),
        cmocka_unit_test(a_stopped_exchange_may_still_be_told_its_end),
        cmocka_unit_test(a_stopped_exchange_that_never_ends_goes_with_the_loop),
        cmocka_unit_test(an_answer_told_between_turns_wakes_the_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
