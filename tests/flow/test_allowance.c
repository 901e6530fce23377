/*
 * Rate limits that a provider tells of in a good answer: the next call does not
 * run into them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/fast_clock.h"
#include "support/pair.h"

#define CONFIG                                                    \
    "{'environment':false,'failover':{},'providers':{"            \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"  \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}}," \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini','two/gpt-4.1-mini']}}}"

static struct fake *one, *two;

/** @return who answered, 1 or 2; how many attempts in *attempts */
static int ask(llmgw_gateway *gateway, size_t *attempts)
{
    struct caller caller = {0};
    const llmgw_attempt *last;
    int who;

    caller_ask(&caller, gateway, CALLER_BLOCKING, "smart", "hello");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    *attempts = llmgw_call_attempt_count(caller.call);
    last = llmgw_call_attempt(caller.call, *attempts - 1);
    who = llmgw_attempt_target(last)[0] == 'o' ? 1 : 2;
    llmgw_call_free(caller.call);
    return who;
}

static void what_is_used_up_is_not_asked_until_its_reset(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    size_t attempts;
    int calls = 0;

    (void)state;
    options.clock = fast_clock(100);
    fake_script(one, "", "times=1");
    fake_headers(one, "x-ratelimit-limit-requests: 60\r\n"
                      "x-ratelimit-remaining-requests: 0\r\n"
                      "x-ratelimit-reset-requests: 30s\r\n");
    gateway =
        caller_open_with(&options, CONFIG, fake_url(one), fake_url(two), "");
    assert_int_equal(ask(gateway, &attempts), 1);
    assert_int_equal(ask(gateway, &attempts), 2);
    assert_int_equal(attempts, 1); /* nobody ran into it */
    assert_int_equal(fake_requests(one), 1);
    while (ask(gateway, &attempts) != 1 && calls < 10000)
        calls++;
    assert_true(calls < 10000); /* and it is asked again */
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
        cmocka_unit_test(what_is_used_up_is_not_asked_until_its_reset),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
