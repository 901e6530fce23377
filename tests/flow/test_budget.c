/*
 * Budgets as a host sees them: every scope, window, unit and action; what a
 * refusal says; how they stand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define SECOND INT64_C(1000000000)
#define LATE   20000                          /* ms that the test may take */
#define NOON   (INT64_C(1795435200) * SECOND) /* Monday 2026-11-23 12:00 UTC */

/* m: 1 USD and 4 USD a million tokens; cheap: a tenth of it; free: unknown */
#define CONFIG                                                          \
    "{'environment':false,'failover':{'retries':0},'breaker':false,"    \
    "'manifest':{'version':'t','models':["                              \
    "{'provider':'openai','model':'m','rates':{'in':'1','out':'4'},"    \
    "'max_output':4096,'source':'test','as_of':'2026-11-01'},"          \
    "{'provider':'openai','model':'cheap','rates':{'in':'0.1','out':"   \
    "'0.4'},'max_output':4096,'source':'test','as_of':'2026-11-01'}]}," \
    "'providers':{"                                                     \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"        \
    "'two':{'type':'openai','base_url':'$2/v1','api_keys':['a','b']}}," \
    "'routes':{'smart':{'targets':['one/m']},'other':{'targets':"       \
    "['one/m']},'pair':{'targets':['one/m','two/cheap']},"              \
    "'second':{'targets':['two/m']}},'budgets':{$3}}"

struct host {
    int64_t wall_ns;
    llmgw_gateway *gateway;
    struct fake *one, *two;
    int events, refusals;
    llmgw_budget_event last;
    char last_name[64], last_value[64];
};

static struct host host;

static int64_t wall(void *userdata)
{
    return ((struct host *)userdata)->wall_ns;
}

static void on_budget(const struct llmgw_budget_event *event, void *userdata)
{
    struct host *it = userdata;

    assert_ptr_equal(it, &host);
    it->last = *event;
    (void)snprintf(it->last_name, sizeof it->last_name, "%.*s",
                   (int)event->name.len, event->name.data);
    (void)snprintf(it->last_value, sizeof it->last_value, "%.*s",
                   (int)event->value.len, event->value.data);
    it->events += !event->refused;
    it->refusals += event->refused;
}

static void open_with(const char *budgets)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    static llmgw_clock clock;

    clock =
        (llmgw_clock){.size = sizeof clock, .userdata = &host, .wall_ns = wall};
    host.wall_ns = NOON;
    host.events = host.refusals = 0;
    options.clock = &clock;
    options.on_budget = on_budget;
    options.budget_userdata = &host;
    host.gateway = caller_open_with(&options, CONFIG, fake_url(host.one),
                                    fake_url(host.two), caller_quotes(budgets));
    fake_clear(host.one);
    fake_clear(host.two);
    fake_script(host.one, "", "usage=10:20");
    fake_script(host.two, "", "usage=10:20");
}

/** @return 1: answered, 0: refused by a budget, whose name is in `param`,
 *  after so many ms; anything else ends the test */
static int ask(const char *model, const char *tags, int64_t *after_ms)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    const llmgw_error *error;
    llmgw_request *request;
    llmgw_call *call;
    int answered;

    options.tags = tags;
    assert_int_equal(llmgw_request_create(model, &request), LLMGW_OK);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    llmgw_request_set_int(request, "max_tokens", 20);
    assert_int_equal(llmgw_chat(host.gateway, request, &options, &call),
                     LLMGW_OK);
    answered = llmgw_call_end(call) == LLMGW_END_RESPONSE;
    error = llmgw_call_error(call);
    if (!answered) {
        assert_non_null(error);
        if (llmgw_error_get_kind(error) != LLMGW_KIND_BUDGET)
            fail_msg("%s", llmgw_error_message(error));
        assert_string_equal(llmgw_error_code(error), "budget_exceeded");
        assert_string_equal(llmgw_error_param(error), "budgets.b");
        if (after_ms)
            *after_ms = llmgw_error_retry_after_ms(error);
    }
    llmgw_call_free(call);
    llmgw_request_free(request);
    return answered;
}

static void close_host(void)
{
    llmgw_gateway_close(host.gateway);
    host.gateway = NULL;
}

static void a_refusal_names_the_budget_and_when_it_is_reset(void **state)
{
    struct caller caller = {0};
    const llmgw_error *error;
    size_t before = fake_requests(host.one);

    (void)state;
    open_with("'b':{'limit_requests':1}");
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(fake_requests(host.one), before + 1);
    caller_ask(&caller, host.gateway, CALLER_LOOP, "smart", "hi");
    error = llmgw_call_error(caller.call);
    assert_non_null(error);
    assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_BUDGET);
    assert_string_equal(llmgw_error_code(error), "budget_exceeded");
    assert_string_equal(llmgw_error_param(error), "budgets.b");
    assert_in_range(llmgw_error_retry_after_ms(error), 12 * 3600 * 1000 - LATE,
                    12 * 3600 * 1000);
    assert_non_null(strstr(llmgw_error_message(error), "\"b\""));
    assert_non_null(strstr(llmgw_error_message(error), "0 of 1 requests"));
    assert_int_equal(llmgw_call_attempt_count(caller.call), 0);
    llmgw_call_free(caller.call);
    /* nothing was sent, nothing is in the ledger */
    assert_int_equal(fake_requests(host.one), before + 1);
    assert_int_equal(caller_entries(host.gateway, 0), 1);
    assert_int_equal(host.refusals, 1);
    assert_string_equal(host.last_name, "b");
    close_host();
}

static void every_window_ends_when_it_should(void **state)
{
    static const struct {
        const char *window;
        int64_t after_s;
    } rows[] = {
        {"'window':'hour'", 3600},
        {"'window':'day'", 12 * 3600},
        {"'window':'week'", 6 * 86400 + 12 * 3600},
        {"'window':'month'", 7 * 86400 + 12 * 3600},
        {"'window':'day','time_zone':'+02:00'", 10 * 3600},
        {"'window':'hour','time_zone':'+05:30'", 1800},
        {"'window':{'rolling_s':60}", 61},
        {"'window':{'rolling_s':3600}", 3660},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char budgets[256];
        int64_t after_ms = 0;

        (void)snprintf(budgets, sizeof budgets, "'b':{'limit_requests':2,%s}",
                       rows[i].window);
        open_with(budgets);
        assert_int_equal(ask("smart", NULL, NULL), 1);
        assert_int_equal(ask("smart", NULL, NULL), 1);
        assert_int_equal(ask("smart", NULL, &after_ms), 0);
        if (after_ms > rows[i].after_s * 1000 ||
            after_ms < rows[i].after_s * 1000 - LATE)
            fail_msg("%s: %lld", rows[i].window, (long long)after_ms);
        host.wall_ns += (rows[i].after_s - 30) * SECOND;
        assert_int_equal(ask("smart", NULL, NULL), 0);
        host.wall_ns += 30 * SECOND;
        assert_int_equal(ask("smart", NULL, NULL), 1);
        close_host();
    }
}

static void every_scope_counts_its_own(void **state)
{
    static const struct {
        const char *scope;
        const char *first, *first_tags; /* takes all of it */
        const char *same, *same_tags;
        const char *another, *another_tags;
    } rows[] = {
        {"all", "smart", NULL, "second", NULL, NULL, NULL},
        {"provider", "smart", NULL, "other", NULL, "second", NULL},
        {"provider=two", "second", NULL, "second", NULL, "smart", NULL},
        {"route", "smart", NULL, "smart", NULL, "other", NULL},
        {"route=smart", "smart", NULL, "smart", NULL, "other", NULL},
        {"key", "smart", NULL, "other", NULL, "second", NULL},
        {"tag:team", "smart", "team=a", "other", "x=y,team=a", "smart",
         "team=b"},
        {"tag:team", "smart", "team=a", "smart", "team=a", "smart", NULL},
        {"tag:team=a", "smart", "team=a", "other", "team=a", "smart", "team=b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char budgets[256];

        (void)snprintf(budgets, sizeof budgets,
                       "'b':{'limit_requests':1,'scope':'%s'}", rows[i].scope);
        open_with(budgets);
        assert_int_equal(ask(rows[i].first, rows[i].first_tags, NULL), 1);
        assert_int_equal(ask(rows[i].same, rows[i].same_tags, NULL), 0);
        if (rows[i].another)
            assert_int_equal(ask(rows[i].another, rows[i].another_tags, NULL),
                             1);
        close_host();
    }
}

static int32_t keep_info(const llmgw_budget_info *info, void *userdata)
{
    *(llmgw_budget_info *)userdata = *info;
    return 0;
}

static llmgw_budget_info info_of_host(void)
{
    llmgw_budget_info info = {0};

    assert_int_equal(llmgw_budgets_read(host.gateway, keep_info, &info),
                     LLMGW_OK);
    assert_int_equal(info.size, sizeof info);
    assert_int_equal(info.open, 0);
    assert_true(info.reserved + info.overrun == info.settled + info.released);
    return info;
}

static void every_unit_is_settled_with_what_was_used(void **state)
{
    static const struct {
        const char *limit;
        int64_t used; /* 10 tokens in, 20 out */
    } rows[] = {
        {"'limit_usd':'1'", 10 * 1000000 + 20 * 4000000},
        {"'limit_tokens':100000", 30},
        {"'limit_requests':50", 1},
    };

    (void)state;
    for (int32_t unit = 0; unit < 3; unit++) {
        char budgets[128];
        llmgw_budget_info info;

        (void)snprintf(budgets, sizeof budgets, "'b':{%s}", rows[unit].limit);
        open_with(budgets);
        assert_int_equal(ask("smart", NULL, NULL), 1);
        assert_int_equal(ask("smart", NULL, NULL), 1);
        info = info_of_host();
        assert_int_equal(info.unit, unit);
        assert_int_equal(info.settled, 2 * rows[unit].used);
        assert_int_equal(info.overrun, 0);
        assert_int_equal(info.committed, info.settled + info.in_hand);
        assert_int_equal(info.reset_ns, NOON + 12 * 3600 * SECOND);
        close_host();
    }
}

static void to_warn_lets_all_pass_and_tells_twice(void **state)
{
    (void)state;
    open_with("'b':{'limit_requests':4,'action':'warn','warn_at':0.5}");
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(host.events, 0);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(host.events, 1);
    assert_int_equal(host.last.per_mille, 500);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(host.events, 2);
    assert_int_equal(host.last.per_mille, 1000);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(host.events, 2);
    assert_int_equal(host.refusals, 0);
    assert_int_equal(info_of_host().settled, 5);
    /* and again in the next window */
    host.wall_ns += 86400 * SECOND;
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(host.events, 3);
    close_host();
}

/** The worst case of the cheap one fits, that of the dear one does not. */
static void to_go_cheaper_leaves_dear_targets_out(void **state)
{
    size_t one = fake_requests(host.one), two = fake_requests(host.two);

    (void)state;
    open_with("'b':{'limit_usd':'0.001','action':'cheaper'}");
    assert_int_equal(ask("pair", NULL, NULL), 1);
    assert_int_equal(fake_requests(host.one), one);
    assert_int_equal(fake_requests(host.two), two + 1);
    assert_int_equal(ask("smart", NULL, NULL), 0); /* the last resort */
    close_host();
}

static void a_dear_target_goes_first_while_it_fits(void **state)
{
    size_t one = fake_requests(host.one);

    (void)state;
    open_with("'b':{'limit_usd':'1','action':'cheaper'}");
    assert_int_equal(ask("pair", NULL, NULL), 1);
    assert_int_equal(fake_requests(host.one), one + 1);
    close_host();
}

static void a_price_that_is_not_known_is_refused_unless_allowed(void **state)
{
    (void)state;
    open_with("'b':{'limit_usd':'1'}");
    assert_int_equal(ask("one/unheard-of", NULL, NULL), 0);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    close_host();
    open_with("'b':{'limit_usd':'1','unpriced':'allow'}");
    assert_int_equal(ask("one/unheard-of", NULL, NULL), 1);
    assert_int_equal(info_of_host().settled, 0);
    close_host();
}

static void what_was_used_stays_over_a_reload(void **state)
{
    char json[4096];
    llmgw_gateway *twin;

    (void)state;
    open_with("'b':{'limit_requests':2,'time_zone':'+01:00'}");
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(ask("smart", NULL, NULL), 0);
    (void)snprintf(
        json, sizeof json,
        "{'environment':false,'breaker':false,'providers':{'one':{'type':"
        "'openai','base_url':'%s/v1','api_key':'k'}},'routes':{'smart':"
        "{'targets':['one/m']}},'budgets':{'b':{'limit_requests':3,"
        "'time_zone':'+01:00'}}}",
        fake_url(host.one));
    twin = host.gateway;
    for (char *at = json; *at; at++)
        if (*at == '\'')
            *at = '"';
    assert_int_equal(
        llmgw_gateway_reload(twin, (llmgw_str){json, strlen(json)}, NULL),
        LLMGW_OK);
    assert_int_equal(ask("smart", NULL, NULL), 1);
    assert_int_equal(ask("smart", NULL, NULL), 0);
    assert_int_equal(info_of_host().settled, 3);
    close_host();
}

static void a_call_that_failed_before_it_was_asked_counts_nothing(void **state)
{
    struct caller caller = {0};

    (void)state;
    open_with("'b':{'limit_tokens':100000}");
    fake_clear(host.one);
    fake_script(host.one, "", "error=overloaded");
    caller_ask(&caller, host.gateway, CALLER_BLOCKING, "smart", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    llmgw_call_free(caller.call);
    assert_int_equal(info_of_host().settled, 0);
    close_host();
}

static void reading_wants_a_gateway_and_a_function(void **state)
{
    (void)state;
    open_with("'b':{'limit_tokens':100000}");
    assert_int_equal(llmgw_budgets_read(NULL, keep_info, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_budgets_read(host.gateway, NULL, NULL),
                     LLMGW_E_INVALID);
    close_host();
}

static int set_up(void **state)
{
    (void)state;
    host.one = fake_start();
    host.two = fake_start();
    return !host.one || !host.two;
}

static int tear_down(void **state)
{
    (void)state;
    fake_stop(host.one);
    fake_stop(host.two);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_names_the_budget_and_when_it_is_reset),
        cmocka_unit_test(every_window_ends_when_it_should),
        cmocka_unit_test(every_scope_counts_its_own),
        cmocka_unit_test(every_unit_is_settled_with_what_was_used),
        cmocka_unit_test(to_warn_lets_all_pass_and_tells_twice),
        cmocka_unit_test(to_go_cheaper_leaves_dear_targets_out),
        cmocka_unit_test(a_dear_target_goes_first_while_it_fits),
        cmocka_unit_test(a_price_that_is_not_known_is_refused_unless_allowed),
        cmocka_unit_test(what_was_used_stays_over_a_reload),
        cmocka_unit_test(a_call_that_failed_before_it_was_asked_counts_nothing),
        cmocka_unit_test(reading_wants_a_gateway_and_a_function),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
