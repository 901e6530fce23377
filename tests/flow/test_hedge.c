/*
 * A second attempt beside a late first one: when it is started, who wins, what
 * becomes of the loser, and when there is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"

#define CONFIG(members)                                                     \
    "{'environment':false,'failover':{},'breaker':false,'providers':{"      \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"            \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"           \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini','two/gpt-4.1-mini']," \
    "'retries':0" members "}}}"

static struct fake *one, *two;
static llmgw_gateway *gateway;

static void begin(const char *config, const char *first, const char *second)
{
    fake_clear(one);
    fake_clear(two);
    fake_script(one, "", first);
    fake_script(two, "", second);
    gateway = caller_open(config, fake_url(one), fake_url(two), "");
}

static const char *why(const struct caller *caller, size_t attempt)
{
    return llmgw_attempt_why(llmgw_call_attempt(caller->call, attempt));
}

static void ask(struct caller *caller, int mode)
{
    memset(caller, 0, sizeof *caller);
    caller_ask(caller, gateway, (enum caller_mode)mode, "smart", "hello");
}

static void expect_answer_of(const struct caller *caller, struct fake *fake)
{
    struct fake_request served = fake_request(fake, fake_requests(fake) - 1);

    assert_int_equal(llmgw_call_end(caller->call), LLMGW_END_RESPONSE);
    assert_int_equal(caller->len, served.text_len);
    assert_memory_equal(caller->text, served.text, served.text_len);
    assert_int_equal(caller->kinds[0], 'R');
    assert_null(strchr(caller->kinds + 1, 'R'));
}

static void the_first_content_wins_and_the_loser_is_ended(void **state)
{
    (void)state;
    for (int mode = 0; mode < CALLER_MODES; mode++) {
        size_t aborted;
        struct caller caller;

        begin(CONFIG(",'hedge':{'after_ms':20,'budget':1,'burst':9}"),
              "content_delay_ms=5000", "");
        aborted = fake_aborted(one);
        ask(&caller, mode);
        expect_answer_of(&caller, two);
        assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
        assert_string_equal(why(&caller, 1), "hedge");
        assert_int_equal(llmgw_attempt_end(llmgw_call_attempt(caller.call, 0)),
                         LLMGW_END_CANCELLED);
        assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_CANCELLED), 1);
        assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_ANSWERED), 1);
        assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
        assert_true(fake_wait_ended(one, fake_requests(one)));
        assert_int_equal(fake_aborted(one), aborted + 1);
        llmgw_call_free(caller.call);
        llmgw_gateway_close(gateway);
    }
}

static void who_is_in_time_is_alone(void **state)
{
    size_t before = fake_requests(two);
    struct caller caller;

    (void)state;
    begin(CONFIG(",'hedge':{'after_ms':5000,'budget':1,'burst':9}"),
          "chunks=20 delay_us=2000", "");
    ask(&caller, CALLER_LOOP);
    expect_answer_of(&caller, one);
    assert_int_equal(fake_requests(two), before);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
}

static void the_first_whole_answer_wins_where_that_is_asked(void **state)
{
    struct caller caller;

    (void)state;
    begin(CONFIG(",'hedge':{'at_once':true,'commit':'answer'}"),
          "chunks=2000 delay_us=3000", "content_delay_ms=60 chunks=5");
    ask(&caller, CALLER_LOOP);
    expect_answer_of(&caller, two);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_CANCELLED), 1);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
}

static void one_of_two_may_fail(void **state)
{
    struct caller caller;

    (void)state;
    begin(CONFIG(",'hedge':'shadow'"), "status=500", "content_delay_ms=50");
    ask(&caller, CALLER_LOOP);
    expect_answer_of(&caller, two);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    begin(CONFIG(",'hedge':'shadow'"), "status=500", "status=500");
    ask(&caller, CALLER_LOOP);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_FAILED), 2);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
}

/** @return how many of so many calls were hedged */
static size_t hedged(size_t calls)
{
    size_t before = fake_requests(two);

    for (size_t i = 0; i < calls; i++) {
        struct caller caller;

        ask(&caller, CALLER_BLOCKING);
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
        llmgw_call_free(caller.call);
    }
    return fake_requests(two) - before;
}

static void the_budget_holds(void **state)
{
    (void)state;
    begin(CONFIG(",'hedge':{'after_ms':1,'budget':0.25,'burst':2}"),
          "content_delay_ms=15", "content_delay_ms=50");
    assert_in_range(hedged(20), 1, 6); /* one, and a quarter of them */
    llmgw_gateway_close(gateway);
}

static void the_twin_counts_among_the_attempts_and_the_costs(void **state)
{
    (void)state;
    begin(CONFIG(",'hedge':'shadow','max_attempts':1"), "content_delay_ms=15",
          "");
    assert_int_equal(hedged(2), 0);
    llmgw_gateway_close(gateway);
    /* room for one worst case, not for two: 32,768 tokens at 1.60 USD a
       million */
    begin(CONFIG(",'hedge':'shadow','max_cost_usd':'0.08'"),
          "content_delay_ms=15", "");
    assert_int_equal(hedged(2), 0);
    llmgw_gateway_close(gateway);
    begin(CONFIG(",'hedge':'shadow','max_cost_usd':'0.12'"),
          "content_delay_ms=15", "");
    assert_int_equal(hedged(2), 2);
    llmgw_gateway_close(gateway);
}

static void a_request_may_switch_it_off(void **state)
{
    size_t before = fake_requests(two);
    struct caller caller = {0};

    (void)state;
    begin(CONFIG(",'hedge':'shadow'"), "content_delay_ms=15", "");
    caller_ask_json(&caller, gateway, CALLER_LOOP,
                    "{'model':'smart','messages':[{'role':'user','content':"
                    "'hi'}],'llmgw':{'hedge':'off'}}",
                    1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(two), before);
    llmgw_call_free(caller.call);
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
        cmocka_unit_test(the_first_content_wins_and_the_loser_is_ended),
        cmocka_unit_test(who_is_in_time_is_alone),
        cmocka_unit_test(the_first_whole_answer_wins_where_that_is_asked),
        cmocka_unit_test(one_of_two_may_fail),
        cmocka_unit_test(the_budget_holds),
        cmocka_unit_test(the_twin_counts_among_the_attempts_and_the_costs),
        cmocka_unit_test(a_request_may_switch_it_off),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
