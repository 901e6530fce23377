/*
 * A ledger on a PostgreSQL server: entries of several gateways stand in one; a
 * server that goes away costs no call and no entry.
 *
 * Run by support/with_postgres.sh, whose server it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/pair.h"

static struct fake *fake;
static char outbox[] = "/tmp/llmgw-outbox-XXXXXX";

static _Atomic uint64_t ahead_ns;

static uint64_t shifted(void *userdata)
{
    struct timespec now;

    (void)userdata;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec +
           ahead_ns;
}

static llmgw_gateway *open_server(const char *more)
{
    static const llmgw_clock clock = {sizeof clock, 0,    NULL,
                                      shifted,      NULL, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    char config[1024];

    options.clock = &clock;
    (void)snprintf(
        config, sizeof config,
        "{'environment':false,'failover':{'retries':0},'ledger':{'url':'%s'%s},"
        "'manifest':{'version':'t','models':[{'provider':'openai','model':'m',"
        "'rates':{'in':'1','out':'4'},'source':'test','as_of':'2026-11-01'}]},"
        "'providers':{'one':{'type':'openai','base_url':'$1/v1','api_key':"
        "'k1'}}}",
        getenv("LLMGW_TEST_POSTGRES"), more);
    return caller_open_with(&options, config, fake_url(fake), "", "");
}

static void ask_for(llmgw_gateway *gateway, const char *model, llmgw_end end)
{
    struct caller caller = {0};
    char json[256];

    (void)snprintf(json, sizeof json,
                   "{'model':'one/%s','max_tokens':100,'messages':[{'role':"
                   "'user','content':'hello'}]}",
                   model);
    caller_ask_json(&caller, gateway, CALLER_BLOCKING, json, 1);
    assert_int_equal(llmgw_call_end(caller.call), end);
    llmgw_call_free(caller.call);
}

static void ask(llmgw_gateway *gateway, const char *model)
{
    ask_for(gateway, model, LLMGW_END_RESPONSE);
}

static int32_t count_entry(const llmgw_entry *entry, void *userdata)
{
    (void)entry;
    ++*(size_t *)userdata;
    return 0;
}

/** How many, of a test's own. @return -1: the server cannot say */
static int count_of(llmgw_gateway *gateway, const char *model,
                    llmgw_entry_state state)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    size_t count = 0;

    filter.model = model;
    filter.state = state;
    if (llmgw_ledger_read(gateway, &filter, count_entry, &count) != LLMGW_OK)
        return -1;
    return (int)count;
}

static void control(const char *what)
{
    char command[1024];

    (void)snprintf(command, sizeof command, "%s %s >/dev/null 2>&1",
                   getenv("LLMGW_TEST_POSTGRES_CTL"), what);
    assert_int_equal(system(command), 0);
}

static void entries_are_there_when_it_is_opened_again(void **state)
{
    llmgw_gateway *gateway = open_server("");

    (void)state;
    for (int i = 0; i < 3; i++)
        ask(gateway, "again");
    assert_int_equal(count_of(gateway, "again", LLMGW_ENTRY_ANSWERED), 3);
    llmgw_gateway_close(gateway);
    gateway = open_server("");
    assert_int_equal(count_of(gateway, "again", 0), 3);
    llmgw_gateway_close(gateway);
}

static void several_gateways_share_it(void **state)
{
    llmgw_gateway *one = open_server("");
    llmgw_gateway *two = open_server("");

    (void)state;
    ask(one, "shared");
    ask(two, "shared");
    assert_int_equal(llmgw_ledger_flush(one, LLMGW_NO_LIMIT), LLMGW_OK);
    assert_int_equal(count_of(two, "shared", LLMGW_ENTRY_ANSWERED), 2);
    assert_int_equal(count_of(one, "shared", LLMGW_ENTRY_ANSWERED), 2);
    llmgw_gateway_close(one);
    llmgw_gateway_close(two);
}

static void while_it_is_away_entries_wait_in_the_outbox(void **state)
{
    char more[128];
    llmgw_gateway *gateway;
    int count;

    (void)state;
    (void)snprintf(more, sizeof more, ",'outbox':'%s'", outbox);
    (void)unlink(outbox);
    gateway = open_server(more);
    ask(gateway, "away");
    control("-m immediate stop");
    for (int i = 0; i < 4; i++)
        ask(gateway, "away");
    assert_int_equal(count_of(gateway, "away", 0), -1);
    llmgw_gateway_close(gateway);
    control("start");
    gateway = open_server(more);
    ask(gateway, "away");
    do {
        count = count_of(gateway, "away", LLMGW_ENTRY_ANSWERED);
    } while (count != 6);
    assert_int_equal(count_of(gateway, "away", 0), 6);
    llmgw_gateway_close(gateway);
    (void)unlink(outbox);
}

static llmgw_health health_of(llmgw_gateway *gateway, const char *target)
{
    llmgw_health health = LLMGW_HEALTH_INIT;

    assert_int_equal(llmgw_health_read(gateway, target, &health), LLMGW_OK);
    return health;
}

static void what_one_finds_down_the_others_leave_alone(void **state)
{
    llmgw_gateway *one = open_server("");
    llmgw_gateway *two = open_server("");

    (void)state;
    fake_script(fake, "", "status=500");
    for (int i = 0; i < 3; i++)
        ask_for(one, "down", LLMGW_END_ERROR);
    assert_int_equal(health_of(one, "one/down").breaker, LLMGW_BREAKER_OPEN);
    assert_int_equal(health_of(two, "one/down").opened, 0);
    fake_clear(fake);
    while (!health_of(two, "one/down").opened) {
        ahead_ns += 2000000000u; /* both hear again */
        ask(one, "up");
        ask(two, "up");
    }
    assert_int_not_equal(health_of(two, "one/down").breaker,
                         LLMGW_BREAKER_CLOSED);
    assert_int_equal(health_of(one, "one/down").opened, 1);
    ahead_ns += 60000000000u;
    ask(one, "down"); /* its probe */
    assert_int_equal(health_of(one, "one/down").breaker, LLMGW_BREAKER_CLOSED);
    while (health_of(two, "one/down").breaker != LLMGW_BREAKER_CLOSED) {
        ahead_ns += 2000000000u;
        ask(one, "up");
        ask(two, "up");
    }
    assert_int_equal(health_of(two, "one/down").opened, 1);
    llmgw_gateway_close(one);
    llmgw_gateway_close(two);
}

static int start(void **state)
{
    int fd = mkstemp(outbox);

    (void)state;
    if (fd >= 0)
        (void)close(fd);
    fake = fake_start();
    return fake && fd >= 0 ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(fake);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_there_when_it_is_opened_again),
        cmocka_unit_test(several_gateways_share_it),
        cmocka_unit_test(what_one_finds_down_the_others_leave_alone),
        cmocka_unit_test(while_it_is_away_entries_wait_in_the_outbox),
    };

    if (!getenv("LLMGW_TEST_POSTGRES"))
        return 77; /* skipped: no server */
    return cmocka_run_group_tests_name("server", tests, start, stop);
}
