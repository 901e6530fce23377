/*
 * Whole calls through a route whose first target fails: before the first
 * content a failed attempt is invisible, and the next target is asked; after
 * it the call ends with a typed error and the partial answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"

#define TWO_TARGETS                                                         \
    "{'environment':false,'providers':{"                                    \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"            \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"           \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini','two/gpt-4.1-mini']," \
    "'first_ms':400,'gap_ms':400,'connect_ms':5000}}}"

static int set_up(void **state)
{
    return pair_set_up(state, TWO_TARGETS);
}

/** The first target fails as told; the second one's answer arrives whole. */
static void expect_rescue(struct pair *pair, const char *scenario,
                          llmgw_error_kind kind)
{
    for (int mode = 0; mode < CALLER_MODES; mode++) {
        struct caller caller = {0};
        const llmgw_attempt *first;
        struct fake_request served;

        pair_reopen(pair);
        fake_clear(pair->one);
        fake_script(pair->one, "", scenario);
        caller_ask(&caller, pair->gateway, (enum caller_mode)mode, "smart",
                   "hello");
        if (llmgw_call_end(caller.call) != LLMGW_END_RESPONSE)
            fail_msg("%s: %s", scenario,
                     llmgw_error_message(llmgw_call_error(caller.call)));
        assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
        first = llmgw_call_attempt(caller.call, 0);
        assert_int_equal(llmgw_attempt_end(first), LLMGW_END_ERROR);
        assert_int_equal(llmgw_error_get_kind(llmgw_attempt_error(first)),
                         kind);
        served = fake_request(pair->two, fake_requests(pair->two) - 1);
        assert_int_equal(caller.len, served.text_len);
        assert_memory_equal(caller.text, served.text, served.text_len);
        assert_int_equal(caller.kinds[0], 'R');
        assert_null(strchr(caller.kinds + 1, 'R'));
        llmgw_call_free(caller.call);
    }
}

static void answers_that_are_errors_are_rescued(void **state)
{
    expect_rescue(*state, "status=500", LLMGW_KIND_SERVER_ERROR);
    expect_rescue(*state, "status=202", LLMGW_KIND_OVERLOADED);
    expect_rescue(*state, "error=overloaded", LLMGW_KIND_OVERLOADED);
    expect_rescue(*state, "error=rate_limit", LLMGW_KIND_RATE_LIMIT);
    expect_rescue(*state, "error=auth", LLMGW_KIND_AUTH);
    expect_rescue(*state, "error=context_length", LLMGW_KIND_CONTEXT_LENGTH);
}

static void broken_connections_are_rescued(void **state)
{
    struct pair *pair = *state;

    expect_rescue(pair, "drop_before", LLMGW_KIND_PROTOCOL);
    expect_rescue(pair, "reset_before", LLMGW_KIND_CONNECTION);
}

static void answers_that_are_none_are_rescued(void **state)
{
    expect_rescue(*state, "html", LLMGW_KIND_PROTOCOL);
    expect_rescue(*state, "empty", LLMGW_KIND_PROTOCOL);
    expect_rescue(*state, "done_only", LLMGW_KIND_PROTOCOL);
    expect_rescue(*state, "end_after=0", LLMGW_KIND_PROTOCOL);
    expect_rescue(*state, "drop_after=0", LLMGW_KIND_PROTOCOL);
    expect_rescue(*state, "error_after=0", LLMGW_KIND_SERVER_ERROR);
}

static void silence_is_rescued(void **state)
{
    expect_rescue(*state, "stall_before", LLMGW_KIND_TIMEOUT);
    expect_rescue(*state, "stall_after=0", LLMGW_KIND_TIMEOUT);
}

/** Content was handed over: the call ends with an error, never as success. */
static void expect_partial(struct pair *pair, const char *scenario)
{
    size_t before = fake_requests(pair->two);

    for (int mode = 0; mode < CALLER_MODES; mode++) {
        struct caller caller = {0};
        llmgw_error *error;

        fake_clear(pair->one);
        fake_script(pair->one, "", scenario);
        caller_ask(&caller, pair->gateway, (enum caller_mode)mode, "smart",
                   "hello");
        if (llmgw_call_end(caller.call) != LLMGW_END_ERROR)
            fail_msg("%s was taken for a success", scenario);
        error = llmgw_call_error(caller.call);
        assert_int_equal(llmgw_error_partial_output(error), 1);
        assert_true(caller.len > 0);
        assert_null(strchr(caller.kinds, 'F'));
        assert_memory_equal(
            llmgw_response_text(llmgw_call_response(caller.call)).data,
            caller.text, caller.len);
        assert_int_equal(
            llmgw_response_finish_reason(llmgw_call_response(caller.call), 0),
            LLMGW_FINISH_NONE);
        llmgw_call_free(caller.call);
    }
    assert_int_equal(fake_requests(pair->two), before);
}

static void a_stream_broken_after_content_is_an_error(void **state)
{
    expect_partial(*state, "chunks=9 end_after=3");
    expect_partial(*state, "chunks=9 drop_after=3");
    expect_partial(*state, "chunks=9 reset_after=3 delay_us=2000");
    expect_partial(*state, "chunks=9 stall_after=3");
    expect_partial(*state, "chunks=9 error_after=3");
}

static void a_callers_mistake_is_not_sent_elsewhere(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};
    size_t before = fake_requests(pair->two);

    fake_clear(pair->one);
    fake_script(pair->one, "", "error=invalid_request");
    caller_ask(&caller, pair->gateway, CALLER_BLOCKING, "smart", "hello");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)),
                     LLMGW_KIND_INVALID_REQUEST);
    assert_int_equal(fake_requests(pair->two), before);
    llmgw_call_free(caller.call);
}

static void every_attempt_leaves_an_entry(void **state)
{
    struct pair *pair = *state;
    size_t failed = caller_entries(pair->gateway, LLMGW_ENTRY_FAILED);
    size_t answered = caller_entries(pair->gateway, LLMGW_ENTRY_ANSWERED);
    struct caller caller = {0};
    int64_t cost = -1;

    fake_clear(pair->one);
    fake_clear(pair->two);
    fake_script(pair->one, "", "status=503");
    fake_script(pair->two, "", "usage=1000:10");
    caller_ask(&caller, pair->gateway, CALLER_LOOP, "smart", "hello");
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_FAILED),
                     failed + 1);
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_ANSWERED),
                     answered + 1);
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_OPEN), 0);
    assert_int_equal(
        llmgw_attempt_cost(llmgw_call_attempt(caller.call, 1), &cost), 1);
    /* 1000 x 0.40 + 10 x 1.60 USD a million tokens */
    assert_int_equal(cost, 1000 * 400000 + 10 * 1600000);
    llmgw_call_free(caller.call);
    fake_clear(pair->two);
}

static void when_all_fail_the_last_that_might_heal_is_told(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};

    fake_clear(pair->one);
    fake_script(pair->one, "", "error=auth");
    fake_script(pair->two, "", "error=overloaded times=1");
    caller_ask(&caller, pair->gateway, CALLER_FD, "smart", "hello");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)),
                     LLMGW_KIND_OVERLOADED);
    assert_int_equal(llmgw_error_partial_output(llmgw_call_error(caller.call)),
                     0);
    assert_string_equal(llmgw_error_target(llmgw_call_error(caller.call)),
                        "two/gpt-4.1-mini");
    llmgw_call_free(caller.call);
    pair_reopen(pair);
}

static void the_deadline_ends_the_whole_call(void **state)
{
    struct pair *pair = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    fake_clear(pair->one);
    fake_script(pair->one, "", "stall_before");
    options.timeout_ms = 50;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    assert_int_equal(llmgw_chat(pair->gateway, request, &options, &call),
                     LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_DEADLINE);
    assert_int_equal(llmgw_call_attempt_count(call), 1);
    llmgw_call_free(call);
    llmgw_request_free(request);
}

static void one_connection_serves_sequential_calls(void **state)
{
    struct pair *pair = *state;
    size_t before;

    fake_clear(pair->one);
    fake_script(pair->one, "", "status=500");
    before = fake_connections(pair->two);
    for (int i = 0; i < 50; i++) {
        struct caller caller = {0};

        caller_ask(&caller, pair->gateway, CALLER_BLOCKING, "smart", "hi");
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
        llmgw_call_free(caller.call);
    }
    assert_true(fake_connections(pair->two) - before <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_that_are_errors_are_rescued),
        cmocka_unit_test(broken_connections_are_rescued),
        cmocka_unit_test(answers_that_are_none_are_rescued),
        cmocka_unit_test(silence_is_rescued),
        cmocka_unit_test(a_stream_broken_after_content_is_an_error),
        cmocka_unit_test(a_callers_mistake_is_not_sent_elsewhere),
        cmocka_unit_test(every_attempt_leaves_an_entry),
        cmocka_unit_test(when_all_fail_the_last_that_might_heal_is_told),
        cmocka_unit_test(the_deadline_ends_the_whole_call),
        cmocka_unit_test(one_connection_serves_sequential_calls),
    };

    return cmocka_run_group_tests(tests, set_up, pair_tear_down);
}
