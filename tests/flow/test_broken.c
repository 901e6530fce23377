/*
 * Streams that break after content was handed over: told as an error, begun
 * anew, gone on with. Whatever happens, what was handed over is the final
 * message.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/fast_clock.h"
#include "support/pair.h"

#define CONFIG(members)                                                     \
    "{'environment':false,'providers':{"                                    \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"            \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"           \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini','two/gpt-4.1-mini']," \
    "'retries':0,'gap_ms':20000" members "}}}"

/** What a host has, that takes back what it is told to. */
struct host {
    char text[8192];
    size_t len;
    int restarts;
    int finishes;
    int32_t refuses; /* what on_restart answers */
};

static struct fake *one, *two;

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct host *host = userdata;
    llmgw_str text = llmgw_chunk_text(chunk);

    assert_true(host->len + text.len < sizeof host->text);
    memcpy(host->text + host->len, text.data ? text.data : "", text.len);
    host->len += text.len;
    host->finishes += llmgw_chunk_get_kind(chunk) == LLMGW_CHUNK_FINISH;
    return 0;
}

static int32_t on_restart(llmgw_call *call, void *userdata)
{
    struct host *host = userdata;

    assert_non_null(call);
    host->len = 0;
    host->restarts++;
    return host->refuses;
}

static llmgw_call *ask(const char *config, const char *scenario,
                       struct host *host, int streamed, int restarts)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_gateway_options opening = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_request *request;
    llmgw_call *call;

    memset(host, 0, sizeof *host);
    opening.clock = fast_clock(100);
    fake_clear(one);
    fake_clear(two);
    fake_script(one, "", scenario);
    fake_script(two, "", "chunks=9");
    gateway =
        caller_open_with(&opening, config, fake_url(one), fake_url(two), "");
    options.on_chunk = streamed ? on_chunk : NULL;
    options.on_restart = restarts ? on_restart : NULL;
    options.userdata = host;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hello there", 11});
    assert_int_equal(llmgw_chat(gateway, request, &options, &call), LLMGW_OK);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return call;
}

static const char *const breaks[] = {"chunks=9 end_after=3",
                                     "chunks=9 drop_after=3",
                                     "chunks=9 reset_after=3 delay_us=2000",
                                     "chunks=9 stall_after=3",
                                     "chunks=9 error_after=3",
                                     "chunks=9 garbage_after=3"};

#define BREAKS (sizeof breaks / sizeof *breaks)

static void expect_final(llmgw_call *call, const struct host *host,
                         const char *scenario)
{
    llmgw_str text = llmgw_response_text(llmgw_call_response(call));

    if (host->len != text.len || memcmp(host->text, text.data, text.len) != 0)
        fail_msg("%s: handed over \"%.*s\", final \"%.*s\"", scenario,
                 (int)host->len, host->text, (int)text.len, text.data);
}

static void by_default_it_is_an_error_with_what_there_is(void **state)
{
    struct host host;

    (void)state;
    for (size_t i = 0; i < BREAKS; i++) {
        llmgw_call *call = ask(CONFIG(""), breaks[i], &host, 1, 1);

        assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
        assert_int_equal(llmgw_error_partial_output(llmgw_call_error(call)), 1);
        assert_int_equal(host.restarts, 0);
        assert_int_equal(host.finishes, 0);
        assert_true(host.len > 0);
        expect_final(call, &host, breaks[i]);
        llmgw_call_free(call);
    }
}

static void it_is_begun_anew_when_the_host_takes_back(void **state)
{
    struct host host;

    (void)state;
    for (size_t i = 0; i < BREAKS; i++) {
        llmgw_call *call =
            ask(CONFIG(",'on_break':'restart'"), breaks[i], &host, 1, 1);
        struct fake_request served = fake_request(two, fake_requests(two) - 1);

        assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
        assert_int_equal(host.restarts, 1);
        assert_int_equal(host.finishes, 1);
        assert_int_equal(host.len, served.text_len);
        assert_memory_equal(host.text, served.text, host.len);
        assert_string_equal(llmgw_attempt_why(llmgw_call_attempt(call, 1)),
                            "restart");
        expect_final(call, &host, breaks[i]);
        llmgw_call_free(call);
    }
}

static void a_host_that_cannot_take_back_gets_the_error(void **state)
{
    struct host host;
    llmgw_call *call;

    (void)state;
    call = ask(CONFIG(",'on_break':'restart'"), breaks[0], &host, 1, 0);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_partial_output(llmgw_call_error(call)), 1);
    expect_final(call, &host, breaks[0]);
    llmgw_call_free(call);
}

static void what_is_not_streamed_is_begun_anew_unseen(void **state)
{
    struct host host;

    (void)state;
    for (size_t i = 0; i < BREAKS; i++) {
        llmgw_call *call = ask(CONFIG(""), breaks[i], &host, 0, 0);

        assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
        llmgw_call_free(call);
    }
}

static void when_all_break_the_latest_part_stays(void **state)
{
    struct host host;
    llmgw_call *call;

    (void)state;
    call = ask("{'environment':false,'failover':{},'providers':{"
               "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'}},"
               "'routes':{'smart':{'targets':['one/gpt-4.1-mini'],"
               "'on_break':'restart','max_attempts':3,'backoff_ms':1}}}",
               "chunks=9 end_after=3", &host, 1, 1);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_call_attempt_count(call), 3);
    assert_int_equal(host.restarts, 2);
    assert_int_equal(llmgw_error_partial_output(llmgw_call_error(call)), 1);
    expect_final(call, &host, "all break");
    llmgw_call_free(call);
}

static void set_up_fakes(void)
{
    one = fake_start();
    two = fake_start();
    assert_non_null(one);
    assert_non_null(two);
}

static int set_up(void **state)
{
    (void)state;
    set_up_fakes();
    return 0;
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
        cmocka_unit_test(by_default_it_is_an_error_with_what_there_is),
        cmocka_unit_test(it_is_begun_anew_when_the_host_takes_back),
        cmocka_unit_test(a_host_that_cannot_take_back_gets_the_error),
        cmocka_unit_test(what_is_not_streamed_is_begun_anew_unseen),
        cmocka_unit_test(when_all_break_the_latest_part_stays),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
