/*
 * Rate limits of our own: who is kept out goes elsewhere or waits, by the
 * route's word, and nobody is let in beyond them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "support/fast_clock.h"
#include "support/pair.h"

#define CONFIG(limits, targets, members)                                   \
    "{'environment':false,'failover':{},'breaker':false,'providers':{"     \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'" limits "}," \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"          \
    "'routes':{'smart':{'targets':[" targets "]" members "}}}"
#define BOTH  "'one/gpt-4.1-mini','two/gpt-4.1-mini'"
#define FIRST "'one/gpt-4.1-mini'"

enum {
    THREADS = 4,
    CALLS = 8
};

static struct fake *one, *two;
static llmgw_gateway *gateway;

static void begin(const char *config, uint32_t speed)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.clock = fast_clock(speed);
    fake_clear(one);
    fake_clear(two);
    gateway =
        caller_open_with(&options, config, fake_url(one), fake_url(two), "");
}

/** @return the call, ended */
static llmgw_call *ask(const char *tags, uint32_t timeout_ms)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    options.tags = tags;
    options.timeout_ms = timeout_ms;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hello", 5});
    if (llmgw_chat(gateway, request, &options, &call) != LLMGW_OK)
        call = NULL;
    llmgw_request_free(request);
    return call;
}

/** @return 1 or 2: who answered; 0: nobody did */
static int who_answers(const char *tags)
{
    llmgw_call *call = ask(tags, 0);
    size_t count = llmgw_call_attempt_count(call);
    int who = 0;

    if (llmgw_call_end(call) == LLMGW_END_RESPONSE)
        who =
            llmgw_attempt_target(llmgw_call_attempt(call, count - 1))[0] == 'o'
                ? 1
                : 2;
    llmgw_call_free(call);
    return who;
}

static void requests_a_minute_send_calls_elsewhere(void **state)
{
    size_t before = fake_requests(one);

    (void)state;
    begin(CONFIG(",'limits':{'requests_per_minute':3}", BOTH, ""), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(who_answers(NULL), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(who_answers(NULL), 2);
    assert_int_equal(fake_requests(one) - before, 3);
    llmgw_gateway_close(gateway);
}

static void where_the_route_waits_they_wait(void **state)
{
    llmgw_call *call;

    (void)state;
    begin(CONFIG(",'limits':{'requests_per_minute':3}", BOTH,
                 ",'when_limited':'wait'"),
          200);
    for (int i = 0; i < 3; i++)
        assert_int_equal(who_answers(NULL), 1);
    call = ask(NULL, 0);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_string_equal(llmgw_attempt_target(llmgw_call_attempt(call, 0)),
                        "one/gpt-4.1-mini");
    assert_in_range(
        llmgw_attempt_ns(llmgw_call_attempt(call, 0), LLMGW_TIME_STARTED),
        UINT64_C(1000000000), UINT64_C(60000000000));
    llmgw_call_free(call);
    llmgw_gateway_close(gateway);
}

static void who_cannot_wait_is_told_which_limit(void **state)
{
    llmgw_call *call;
    llmgw_error *error;

    (void)state;
    begin(CONFIG(",'limits':{'requests_per_minute':1}", FIRST, ""), 1);
    assert_int_equal(who_answers(NULL), 1);
    call = ask(NULL, 2000);
    error = llmgw_call_error(call);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_limit(error), LLMGW_LIMIT_RATE);
    assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_RATE_LIMIT);
    assert_string_equal(llmgw_error_code(error), "own_rate_limit");
    assert_non_null(strstr(llmgw_error_message(error), "one/gpt-4.1-mini"));
    assert_int_equal(llmgw_call_attempt_count(call), 0);
    llmgw_call_free(call);
    llmgw_gateway_close(gateway);
}

static void tags_have_limits_each_value_its_own(void **state)
{
    (void)state;
    begin("{'environment':false,'failover':{},"
          "'tag_limits':{'team=*':{'requests_per_minute':2}},'providers':{"
          "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'}},"
          "'routes':{'smart':{'targets':['one/gpt-4.1-mini'],"
          "'total_ms':500}}}",
          1);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(who_answers("team=blue"), 1);
        assert_int_equal(who_answers("team=red,who=me"), 1);
    }
    assert_int_equal(who_answers("team=blue"), 0);
    assert_int_equal(who_answers("who=me"), 1);
    llmgw_gateway_close(gateway);
}

/** A failing cmocka assertion in a thread would not be seen: count instead. */
static void *ask_often(void *userdata)
{
    int *answered = userdata;

    for (int i = 0; i < CALLS; i++)
        *answered += who_answers(NULL) == 1;
    return NULL;
}

static void one_at_a_time_is_queued_over_threads(void **state)
{
    size_t before = fake_connections(one);
    pthread_t threads[THREADS];
    int answered[THREADS] = {0};

    (void)state;
    begin(CONFIG(",'limits':{'concurrent':1}", FIRST, ""), 1);
    fake_script(one, "", "chunks=3 delay_us=500");
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, ask_often, &answered[i]), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(answered[i], CALLS);
    assert_true(fake_connections(one) - before <= THREADS);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_ANSWERED),
                     THREADS * CALLS);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
    llmgw_gateway_close(gateway);
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
        cmocka_unit_test(requests_a_minute_send_calls_elsewhere),
        cmocka_unit_test(where_the_route_waits_they_wait),
        cmocka_unit_test(who_cannot_wait_is_told_which_limit),
        cmocka_unit_test(tags_have_limits_each_value_its_own),
        cmocka_unit_test(one_at_a_time_is_queued_over_threads),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
