/*
 * Trials: a target whose breaker is half-open is tried by a copy of a call,
 * which goes elsewhere meanwhile; nobody waits, and the target comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/fast_clock.h"
#include "support/pair.h"

#define CONFIG(members)                                                     \
    "{'environment':false,'failover':{},'breaker':{'open_ms':2000},"        \
    "'providers':{"                                                         \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"            \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"           \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini','two/gpt-4.1-mini']," \
    "'first_ms':5000,'backoff_ms':1" members "}}}"

#define SPEED 200

static struct fake *one, *two;

static llmgw_gateway *open_gateway(const char *config)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.clock = fast_clock(SPEED);
    fake_clear(one);
    fake_clear(two);
    return caller_open_with(&options, config, fake_url(one), fake_url(two), "");
}

/** Ask once; @return who answered: 1 or 2
 *
 *  @param loop  kept by the host; NULL: the call is blocking */
static int ask(llmgw_gateway *gateway, llmgw_loop *loop)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    const llmgw_attempt *last;
    llmgw_call *call;
    int who;

    options.on_done = fast_clock_ignore_done;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hello", 5});
    assert_int_equal(loop ? llmgw_chat_start(loop, request, &options, &call)
                          : llmgw_chat(gateway, request, &options, &call),
                     LLMGW_OK);
    while (loop && !llmgw_call_end(call))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    last = llmgw_call_attempt(call, llmgw_call_attempt_count(call) - 1);
    who = llmgw_attempt_target(last)[0] == 'o' ? 1 : 2;
    llmgw_call_free(call);
    llmgw_request_free(request);
    return who;
}

static void break_first(llmgw_gateway *gateway, const char *scenario)
{
    llmgw_health health = LLMGW_HEALTH_INIT;

    fake_script(one, "", scenario);
    do {
        assert_int_equal(ask(gateway, NULL), 2);
        assert_int_equal(
            llmgw_health_read(gateway, "one/gpt-4.1-mini", &health), LLMGW_OK);
    } while (health.breaker == LLMGW_BREAKER_CLOSED);
}

/** Calls until the first target answers again; all others get their answer. */
static int calls_until_back(llmgw_gateway *gateway, llmgw_loop *loop, int most)
{
    for (int i = 1; i <= most; i++)
        if (ask(gateway, loop) == 1)
            return i;
    return 0;
}

static void it_comes_back_though_the_other_is_faster(void **state)
{
    static const char *const routes[] = {CONFIG(""),
                                         CONFIG(",'when_open':'fail'")};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (int looped = 0; looped < 2; looped++) {
            llmgw_gateway *gateway = open_gateway(routes[i]);
            llmgw_loop *loop = NULL;

            if (looped)
                assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
            break_first(gateway, "status=503");
            fake_clear(one);
            fake_script(one, "", "content_delay_ms=5"); /* and slower */
            if (!calls_until_back(gateway, loop, 2000))
                fail_msg("route %zu, loop %d", i, looped);
            llmgw_loop_free(loop);
            llmgw_gateway_close(gateway);
        }
}

static void a_trial_is_entered_and_ends_with_its_first_content(void **state)
{
    llmgw_gateway *gateway = open_gateway(CONFIG(""));
    size_t cancelled;

    (void)state;
    break_first(gateway, "status=503");
    cancelled = caller_entries(gateway, LLMGW_ENTRY_CANCELLED);
    fake_clear(one);
    fake_script(one, "", "chunks=200 delay_us=1000");
    assert_int_not_equal(calls_until_back(gateway, NULL, 2000), 0);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_CANCELLED),
                     cancelled + 1);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
    llmgw_gateway_close(gateway);
}

static void a_dead_target_is_tried_once_at_a_time(void **state)
{
    llmgw_gateway *gateway = open_gateway(CONFIG(""));
    size_t before;

    (void)state;
    break_first(gateway, "stall_before");
    before = fake_requests(one);
    for (int i = 0; i < 200; i++)
        assert_int_equal(ask(gateway, NULL), 2);
    assert_in_range(fake_requests(one) - before, 0, 5);
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
        cmocka_unit_test(it_comes_back_though_the_other_is_faster),
        cmocka_unit_test(a_trial_is_entered_and_ends_with_its_first_content),
        cmocka_unit_test(a_dead_target_is_tried_once_at_a_time),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
