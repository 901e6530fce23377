/*
 * Whole calls whose first target fails: when it is asked again, after how
 * long, when another one is, and what limits all of it together.
 *
 * Waits are bounded under a clock of the test's own, which runs a thousand
 * times as fast as the real one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/fast_clock.h"
#include "support/pair.h"

#define PROVIDERS                                                \
    "{'environment':false,'failover':{},'providers':{"           \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'}," \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"
#define ROUTE(members)                                                      \
    PROVIDERS "'routes':{'smart':{'targets':['one/gpt-4.1-mini',"           \
              "'two/gpt-4.1-mini'],'connect_ms':0,'first_ms':0,'gap_ms':0," \
              "'total_ms':60000" members "}}}"

static struct fake *one, *two;

/** A gateway with a clock that runs `speed` times as fast. */
static llmgw_gateway *open_at(const char *config, uint32_t speed)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.clock = fast_clock(speed);
    fake_clear(one);
    fake_clear(two);
    return caller_open_with(&options, config, fake_url(one), fake_url(two), "");
}

static size_t sent_to(struct fake *fake, size_t before)
{
    return fake_requests(fake) - before;
}

static void ask(struct caller *caller, llmgw_gateway *gateway, int mode)
{
    memset(caller, 0, sizeof *caller);
    caller_ask(caller, gateway, (enum caller_mode)mode, "smart", "hello");
}

/** Ends a call and its gateway. */
static void close_all(struct caller *caller, llmgw_gateway *gateway)
{
    llmgw_call_free(caller->call);
    llmgw_gateway_close(gateway);
}

static void what_may_heal_is_asked_again(void **state)
{
    static const char *const scenarios[] = {
        "status=500 times=1",    "status=503 times=1", "reset_before times=1",
        "drop_before times=1",   "empty times=1",      "done_only times=1",
        "error_after=0 times=1", "end_after=0 times=1"};

    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
        for (int mode = 0; mode < CALLER_MODES; mode++) {
            llmgw_gateway *gateway = open_at(ROUTE(""), 100);
            size_t before = fake_requests(one), other = fake_requests(two);
            struct caller caller;

            fake_script(one, "", scenarios[i]);
            ask(&caller, gateway, mode);
            if (llmgw_call_end(caller.call) != LLMGW_END_RESPONSE)
                fail_msg("%s: %s", scenarios[i],
                         llmgw_error_message(llmgw_call_error(caller.call)));
            assert_int_equal(sent_to(one, before), 2);
            assert_int_equal(sent_to(two, other), 0);
            assert_string_equal(
                llmgw_attempt_why(llmgw_call_attempt(caller.call, 1)), "retry");
            close_all(&caller, gateway);
        }
}

static void what_does_not_heal_goes_elsewhere_after_two_tries(void **state)
{
    (void)state;
    for (int mode = 0; mode < CALLER_MODES; mode++) {
        llmgw_gateway *gateway = open_at(ROUTE(""), 100);
        size_t before = fake_requests(one), other = fake_requests(two);
        struct caller caller;

        fake_script(one, "", "status=503");
        ask(&caller, gateway, mode);
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
        assert_int_equal(sent_to(one, before), 2);
        assert_int_equal(sent_to(two, other), 1);
        assert_string_equal(
            llmgw_attempt_why(llmgw_call_attempt(caller.call, 2)), "fallback");
        close_all(&caller, gateway);
    }
}

static void the_number_of_tries_is_the_routes(void **state)
{
    llmgw_gateway *gateway = open_at(ROUTE(",'retries':0"), 100);
    size_t before = fake_requests(one);
    struct caller caller;

    (void)state;
    fake_script(one, "", "status=503");
    ask(&caller, gateway, CALLER_LOOP);
    assert_int_equal(sent_to(one, before), 1);
    close_all(&caller, gateway);
}

static void silence_is_not_asked_again_while_another_is_left(void **state)
{
    llmgw_gateway *gateway =
        open_at(PROVIDERS "'routes':{'smart':{'targets':['one/gpt-4.1-mini',"
                          "'two/gpt-4.1-mini'],'first_ms':20000}}}",
                100);
    size_t before = fake_requests(one);
    struct caller caller;

    (void)state;
    fake_script(one, "", "stall_before");
    ask(&caller, gateway, CALLER_LOOP);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(sent_to(one, before), 1);
    assert_int_equal(llmgw_error_get_limit(llmgw_attempt_error(
                         llmgw_call_attempt(caller.call, 0))),
                     LLMGW_LIMIT_FIRST);
    close_all(&caller, gateway);
}

static void a_rate_limit_is_left_or_waited_for(void **state)
{
    static const struct {
        const char *config;
        size_t first, second;
    } cases[] = {{ROUTE(""), 1, 1}, {ROUTE(",'when_limited':'wait'"), 2, 0}};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (int mode = 0; mode < CALLER_MODES; mode++) {
            llmgw_gateway *gateway = open_at(cases[i].config, 100);
            size_t before = fake_requests(one), other = fake_requests(two);
            struct caller caller;

            fake_script(one, "", "error=rate_limit retry_after=2 times=1");
            ask(&caller, gateway, mode);
            assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
            assert_int_equal(sent_to(one, before), cases[i].first);
            assert_int_equal(sent_to(two, other), cases[i].second);
            if (!cases[i].second)
                assert_in_range(
                    llmgw_attempt_ns(llmgw_call_attempt(caller.call, 1),
                                     LLMGW_TIME_STARTED),
                    UINT64_C(2000000000), UINT64_C(20000000000));
            close_all(&caller, gateway);
        }
}

static void a_wait_past_the_deadline_is_none(void **state)
{
    llmgw_gateway *gateway = open_at(ROUTE(",'when_limited':'wait'"), 100);
    size_t before = fake_requests(one);
    struct caller caller;

    (void)state;
    fake_script(one, "", "error=rate_limit retry_after=70 times=1");
    ask(&caller, gateway, CALLER_LOOP);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(sent_to(one, before), 1);
    assert_string_equal(
        llmgw_attempt_target(llmgw_call_attempt(caller.call, 1)),
        "two/gpt-4.1-mini");
    close_all(&caller, gateway);
}

static void who_is_last_is_waited_for_though_the_route_goes(void **state)
{
    llmgw_gateway *gateway = open_at(
        PROVIDERS "'routes':{'smart':{'targets':['one/gpt-4.1-mini']}}}", 100);
    size_t before = fake_requests(one);
    struct caller caller;

    (void)state;
    fake_script(one, "", "error=rate_limit retry_after=3 times=1");
    ask(&caller, gateway, CALLER_LOOP);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(sent_to(one, before), 2);
    close_all(&caller, gateway);
}

static void attempts_are_counted_jointly(void **state)
{
    llmgw_gateway *gateway =
        open_at(ROUTE(",'retries':8,'max_attempts':5,'backoff_ms':1"), 100);
    size_t before = fake_requests(one), other = fake_requests(two);
    struct caller caller;

    (void)state;
    fake_script(one, "", "status=500");
    fake_script(two, "", "status=500");
    ask(&caller, gateway, CALLER_LOOP);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(sent_to(one, before) + sent_to(two, other), 5);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_FAILED), 5);
    close_all(&caller, gateway);
}

static void a_call_may_be_cancelled_while_it_waits(void **state)
{
    llmgw_gateway *gateway = open_at(
        PROVIDERS "'routes':{'smart':{'targets':['one/gpt-4.1-mini']}}}", 1);
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_loop *loop;
    llmgw_call *call;
    struct caller caller = {0};

    (void)state;
    (void)caller;
    fake_script(one, "", "error=rate_limit retry_after=50");
    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    options.on_done = fast_clock_ignore_done;
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    while (llmgw_call_attempt_count(call) < 1 ||
           !llmgw_attempt_end(llmgw_call_attempt(call, 0)))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    llmgw_call_cancel(call);
    while (!llmgw_call_end(call))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
    llmgw_call_free(call);
    llmgw_request_free(request);
    llmgw_loop_free(loop);
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
        cmocka_unit_test(what_may_heal_is_asked_again),
        cmocka_unit_test(what_does_not_heal_goes_elsewhere_after_two_tries),
        cmocka_unit_test(the_number_of_tries_is_the_routes),
        cmocka_unit_test(silence_is_not_asked_again_while_another_is_left),
        cmocka_unit_test(a_rate_limit_is_left_or_waited_for),
        cmocka_unit_test(a_wait_past_the_deadline_is_none),
        cmocka_unit_test(who_is_last_is_waited_for_though_the_route_goes),
        cmocka_unit_test(attempts_are_counted_jointly),
        cmocka_unit_test(a_call_may_be_cancelled_while_it_waits),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
