/*
 * X14: whole calls over HTTP/2 through a real server: streams that are reset in
 * the middle (RST_STREAM), connections that are ended while streams are under
 * way (GOAWAY).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/tls_front.h"

enum {
    CALLS = 24
};

static struct fake *one, *two;
static struct tls_front *front;

static llmgw_gateway *open_gateway(const char *members)
{
    char config[1024];

    snprintf(config, sizeof config,
             "{'environment':false,'failover':{'backoff_ms':1},"
             "'tls':{'ca_file':'%s'},'providers':{"
             "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"
             "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"
             "'routes':{'smart':{'targets':['one/gpt-4.1-mini',"
             "'two/gpt-4.1-mini']%s}}}",
             tls_front_ca(front), members);
    return caller_open(config, tls_front_url(front), fake_url(two), "");
}

/** @param requests  that a connection is for */
static void begin(unsigned requests)
{
    const char *reason;

    fake_clear(one);
    front = tls_front_start_for(fake_url(one), requests, &reason);
    if (!front) {
        print_message("skipped: %s\n", reason);
        skip();
    }
}

struct answers {
    int whole;
    int others;
    int restarts;
    size_t bytes;
};

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    ((struct answers *)userdata)->bytes += llmgw_chunk_text(chunk).len;
    return 0;
}

static int32_t on_restart(llmgw_call *call, void *userdata)
{
    (void)call;
    ((struct answers *)userdata)->restarts++;
    ((struct answers *)userdata)->bytes = 0;
    return 0;
}

static void on_done(llmgw_call *call, void *userdata)
{
    struct answers *answers = userdata;

    if (llmgw_call_end(call) == LLMGW_END_RESPONSE)
        answers->whole++;
    else
        answers->others++;
    llmgw_call_free(call);
}

/** So many calls at once on one loop. */
static struct answers ask(llmgw_gateway *gateway, int count)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    struct answers answers = {0};
    llmgw_request *request;
    llmgw_call *call;
    llmgw_loop *loop;

    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hello", 5});
    options.on_chunk = on_chunk;
    options.on_restart = on_restart;
    options.on_done = on_done;
    options.userdata = &answers;
    for (int i = 0; i < count; i++)
        assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                         LLMGW_OK);
    while (llmgw_loop_active(loop))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    llmgw_request_free(request);
    llmgw_loop_free(loop);
    return answers;
}

static void a_stream_that_is_reset_is_begun_anew(void **state)
{
    struct answers answers;
    llmgw_gateway *gateway;

    (void)state;
    begin(1000000);
    gateway = open_gateway(",'on_break':'restart','retries':0");
    fake_script(one, "", "chunks=20 reset_after=5 delay_us=1000");
    answers = ask(gateway, 1);
    assert_int_equal(answers.whole, 1);
    assert_int_equal(answers.restarts, 1);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_FAILED), 1);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_ANSWERED), 1);
    llmgw_gateway_close(gateway);
    tls_front_stop(front);
}

static void a_stream_that_is_reset_is_an_error_otherwise(void **state)
{
    struct answers answers;
    llmgw_gateway *gateway;

    (void)state;
    begin(1000000);
    gateway = open_gateway("");
    fake_script(one, "", "chunks=20 reset_after=5 delay_us=1000");
    answers = ask(gateway, 1);
    assert_int_equal(answers.others, 1);
    assert_true(answers.bytes > 0);
    llmgw_gateway_close(gateway);
    tls_front_stop(front);
}

static void streams_outlive_the_end_of_their_connection(void **state)
{
    struct answers answers;
    llmgw_gateway *gateway;

    (void)state;
    begin(3);
    gateway = open_gateway("");
    fake_script(one, "", "chunks=20 delay_us=2000");
    answers = ask(gateway, CALLS);
    assert_int_equal(answers.whole, CALLS);
    assert_int_equal(answers.restarts, 0);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
    llmgw_gateway_close(gateway);
    tls_front_stop(front);
}

static int set_up(void **state)
{
    (void)state;
    one = fake_start();
    two = fake_start();
    return !one || !two;
}

static int tear_down(void **state)
{
    (void)state;
    fake_stop(one);
    fake_stop(two);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_is_reset_is_begun_anew),
        cmocka_unit_test(a_stream_that_is_reset_is_an_error_otherwise),
        cmocka_unit_test(streams_outlive_the_end_of_their_connection),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
