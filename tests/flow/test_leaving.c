/*
 * Loops and gateways that go while calls are on their way through failure:
 * paused, queued for room, hedged, on trial. Every call is told its end once,
 * and every entry is settled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/fast_clock.h"
#include "support/pair.h"

#define CONFIG(limits, members)                                            \
    "{'environment':false,'failover':{},'breaker':{'failures':1,"          \
    "'open_ms':1,'max_open_ms':1},'providers':{"                           \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'" limits "}," \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"          \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini',"                    \
    "'two/gpt-4.1-mini']" members "}}}"

enum {
    CALLS = 6
};

struct way {
    const char *name;
    const char *config;
    const char *first;
    const char *second;
};

static const struct way ways[] = {
    {"paused", CONFIG("", ",'when_limited':'wait'"),
     "error=rate_limit retry_after=50", ""},
    {"backing off", CONFIG("", ",'backoff_ms':60000,'backoff_max_ms':60000"),
     "status=500", ""},
    {"queued", CONFIG(",'limits':{'concurrent':1}", ",'when_limited':'wait'"),
     "stall_before", ""},
    {"hedged", CONFIG("", ",'hedge':'shadow'"), "stall_before", "stall_before"},
    {"tried", CONFIG("", ",'retries':0"), "stall_after=0", "stall_after=5"},
    {"going on", CONFIG("", ",'on_break':'restart','retries':0"),
     "chunks=9 drop_after=3", "stall_before"},
};

static struct fake *one, *two;

static void on_done(llmgw_call *call, void *userdata)
{
    assert_int_not_equal(llmgw_call_end(call), LLMGW_END_NONE);
    ++*(int *)userdata;
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    (void)chunk;
    (void)userdata;
    return 0;
}

static int32_t on_restart(llmgw_call *call, void *userdata)
{
    (void)call;
    (void)userdata;
    return 0;
}

/** Open the first target's breaker, so that the next call puts it on trial. */
static void break_first(llmgw_gateway *gateway)
{
    struct caller caller = {0};

    fake_script(one, "", "status=503");
    caller_ask(&caller, gateway, CALLER_BLOCKING, "smart", "hello");
    llmgw_call_free(caller.call);
    fake_clear(one);
}

static void leave(const struct way *way, int turns, int close_first)
{
    llmgw_gateway_options opening = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_request *request;
    llmgw_call *calls[CALLS];
    llmgw_loop *loop;
    int ends = 0;

    fake_clear(one);
    fake_clear(two);
    opening.clock = fast_clock(2);
    gateway = caller_open_with(&opening, way->config, fake_url(one),
                               fake_url(two), "");
    if (strcmp(way->name, "tried") == 0)
        break_first(gateway);
    fake_script(one, "", way->first);
    fake_script(two, "", way->second);
    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hello", 5});
    options.on_chunk = on_chunk;
    options.on_restart = on_restart;
    options.on_done = on_done;
    options.userdata = &ends;
    for (int i = 0; i < CALLS; i++)
        assert_int_equal(llmgw_chat_start(loop, request, &options, &calls[i]),
                         LLMGW_OK);
    for (int i = 0; i < turns; i++)
        assert_int_equal(llmgw_loop_run(loop, 2), LLMGW_OK);
    if (close_first)
        for (int i = 0; i < CALLS; i++)
            llmgw_call_cancel(calls[i]);
    llmgw_loop_free(loop);
    if (ends != CALLS)
        fail_msg("%s, %d turns: %d of %d ends", way->name, turns, ends, CALLS);
    for (int i = 0; i < CALLS; i++)
        llmgw_call_free(calls[i]);
    if (caller_entries(gateway, LLMGW_ENTRY_OPEN) != 0)
        fail_msg("%s, %d turns: %zu entries are open", way->name, turns,
                 caller_entries(gateway, LLMGW_ENTRY_OPEN));
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
}

static void a_loop_may_go_at_every_moment(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
        for (int turns = 0; turns < 24; turns += 1 + turns / 4) {
            leave(&ways[i], turns, 0);
            leave(&ways[i], turns, 1);
        }
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
        cmocka_unit_test(a_loop_may_go_at_every_moment),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
