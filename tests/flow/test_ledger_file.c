/*
 * A ledger in a file: entries are there when it is opened again, and those of
 * several gateways stand in one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/pair.h"

static struct fake *fake;
static char folder[] = "/tmp/llmgw-ledger-XXXXXX";

/** A file of the test's own, gone with its companions. */
static const char *file(const char *name)
{
    static const char *const ends[] = {"", "-wal", "-shm", "-journal"};
    static char path[128];

    for (size_t i = sizeof ends / sizeof *ends; i-- > 0;) {
        (void)snprintf(path, sizeof path, "%s/%s%s", folder, name, ends[i]);
        (void)unlink(path);
    }
    return path;
}

/** Time that is put on by hand. */
static uint64_t later_ns;

static uint64_t own_monotonic(void *userdata)
{
    (void)userdata;
    return UINT64_C(1000000000000) + later_ns;
}

static int64_t own_wall(void *userdata)
{
    (void)userdata;
    return INT64_C(1795000000000000000) + (int64_t)later_ns;
}

static llmgw_gateway *open_file_with(llmgw_gateway_options *options,
                                     const char *path, const char *more)
{
    char config[1024];

    (void)snprintf(
        config, sizeof config,
        "{'environment':false,'ledger':{'path':'%s'%s},"
        "'manifest':{'version':'t','models':[{'provider':'openai','model':'m',"
        "'rates':{'in':'1','out':'4'},'source':'test','as_of':'2026-11-01'}]},"
        "'providers':{'one':{'type':'openai','base_url':'$1/v1','api_key':"
        "'k1'}}}",
        path, more);
    return caller_open_with(options, config, fake_url(fake), "", "");
}

static llmgw_gateway *open_file(const char *path)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    return open_file_with(&options, path, "");
}

static void ask(llmgw_gateway *gateway)
{
    struct caller caller = {0};

    caller_ask_json(&caller, gateway, CALLER_BLOCKING,
                    "{'model':'one/m','max_tokens':100,'llmgw':{'tags':{"
                    "'team':'blue'}},'messages':[{'role':'user','content':"
                    "'hello'}]}",
                    1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    llmgw_call_free(caller.call);
}

static int32_t add_cost(const llmgw_total *total, void *userdata)
{
    llmgw_money *sum = userdata;

    *sum = total->cost;
    return 0;
}

static llmgw_money cost_of(llmgw_gateway *gateway)
{
    llmgw_money sum = {-1, 0};

    assert_int_equal(
        llmgw_ledger_totals(gateway, LLMGW_GROUP_ALL, NULL, add_cost, &sum),
        LLMGW_OK);
    return sum;
}

static void entries_are_there_when_it_is_opened_again(void **state)
{
    const char *path = file("again");
    llmgw_gateway *gateway = open_file(path);
    llmgw_money sum;

    (void)state;
    fake_script(fake, "", "usage=10:20");
    for (int i = 0; i < 3; i++)
        ask(gateway);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_ANSWERED), 3);
    llmgw_gateway_close(gateway);
    gateway = open_file(path);
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_ANSWERED), 3);
    ask(gateway);
    assert_int_equal(caller_entries(gateway, 0), 4);
    sum = cost_of(gateway);
    assert_true(sum.usd == 0 && sum.pico == 4 * (10 * 1000000 + 20 * 4000000));
    llmgw_gateway_close(gateway);
}

static void several_gateways_share_one_file(void **state)
{
    const char *path = file("shared");
    llmgw_gateway *one = open_file(path);
    llmgw_gateway *two = open_file(path);

    (void)state;
    ask(one);
    ask(two);
    ask(one);
    assert_int_equal(caller_entries(one, LLMGW_ENTRY_ANSWERED), 3);
    assert_int_equal(caller_entries(two, LLMGW_ENTRY_ANSWERED), 3);
    llmgw_gateway_close(one);
    ask(two);
    assert_int_equal(caller_entries(two, 0), 4);
    llmgw_gateway_close(two);
}

static void what_is_no_ledger_is_refused_and_left_alone(void **state)
{
    const char *path = file("foreign");
    char text[] = "this is not a database, and longer than a header of one, "
                  "so that it is looked at: it stays as it is.";
    char back[sizeof text] = "";
    char config[256];
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_error *error;
    FILE *stream = fopen(path, "w");

    (void)state;
    fputs(text, stream);
    fclose(stream);
    (void)snprintf(config, sizeof config, "{\"ledger\":{\"path\":\"%s\"}}",
                   path);
    options.config_json = llmgw_str_of(config);
    assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                     LLMGW_E_CONFIG);
    assert_non_null(strstr(llmgw_error_message(error), path));
    assert_string_equal(llmgw_error_param(error), "ledger.path");
    llmgw_error_free(error);
    stream = fopen(path, "r");
    assert_int_equal(fread(back, 1, sizeof back - 1, stream), sizeof text - 1);
    fclose(stream);
    assert_string_equal(back, text);
    (void)file("foreign");
}

static int32_t keep_sum(const llmgw_entry *entry, void *userdata)
{
    llmgw_str sum;

    assert_int_equal(llmgw_entry_explain(entry, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_entry_explain(entry, &sum), LLMGW_OK);
    assert_true(sum.len < 512);
    memcpy(userdata, sum.data, sum.len);
    llmgw_text_free(sum);
    return 0;
}

/** Also when it is read again by somebody who knows no such price. */
static void an_entry_prints_its_own_sum(void **state)
{
    char text[512] = "";
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    const char *path = file("sum");
    llmgw_gateway *gateway = open_file(path);
    char config[256];

    (void)state;
    ask(gateway);
    llmgw_gateway_close(gateway);
    (void)snprintf(config, sizeof config,
                   "{\"environment\":false,\"ledger\":{\"path\":\"%s\"}}",
                   path);
    options.config_json = llmgw_str_of(config);
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL), LLMGW_OK);
    assert_int_equal(llmgw_ledger_read(gateway, NULL, keep_sum, text),
                     LLMGW_OK);
    llmgw_gateway_close(gateway);
    assert_string_equal(text, "input_uncached 10 x 1 USD/M = 0.00001 USD\n"
                              "output_text 20 x 4 USD/M = 0.00008 USD\n"
                              "total 0.00009 USD\n"
                              "price openai/m, served as standard\n"
                              "manifest t; test; 2026-11-01\n");
    (void)file("sum");
}

static void what_is_settled_longer_than_keep_days_is_kept_as_a_sum(void **state)
{
    llmgw_clock clock = {.size = sizeof clock,
                         .max_wait_ms = 5,
                         .monotonic_ns = own_monotonic,
                         .wall_ns = own_wall};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_money sum;

    (void)state;
    later_ns = 0;
    options.clock = &clock;
    gateway = open_file_with(&options, file("days"), ",'keep_days':2");
    ask(gateway);
    later_ns = UINT64_C(86400) * 1000000000; /* a day: all of it is there */
    ask(gateway);
    ask(gateway);
    assert_int_equal(caller_entries(gateway, 0), 3);
    later_ns += UINT64_C(86400) * 1500000000; /* two and a half */
    ask(gateway);
    assert_int_equal(llmgw_ledger_flush(gateway, LLMGW_NO_LIMIT), LLMGW_OK);
    assert_int_equal(caller_entries(gateway, 0), 3);
    sum = cost_of(gateway);
    assert_true(sum.usd == 0 && sum.pico == 4 * (10 * 1000000 + 20 * 4000000));
    llmgw_gateway_close(gateway);
    (void)file("days");
}

static void to_wait_for_the_store_has_its_terms(void **state)
{
    llmgw_gateway *gateway = open_file(file("flush"));

    (void)state;
    ask(gateway);
    assert_int_equal(llmgw_ledger_flush(NULL, 0), LLMGW_E_INVALID);
    assert_int_equal(llmgw_ledger_flush(gateway, 0), LLMGW_OK);
    llmgw_gateway_close(gateway);
    (void)file("flush");
}

static int start(void **state)
{
    (void)state;
    fake = fake_start();
    return fake && mkdtemp(folder) ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    (void)file("again");
    (void)file("shared");
    fake_stop(fake);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_are_there_when_it_is_opened_again),
        cmocka_unit_test(several_gateways_share_one_file),
        cmocka_unit_test(what_is_no_ledger_is_refused_and_left_alone),
        cmocka_unit_test(an_entry_prints_its_own_sum),
        cmocka_unit_test(
            what_is_settled_longer_than_keep_days_is_kept_as_a_sum),
        cmocka_unit_test(to_wait_for_the_store_has_its_terms),
    };

    return cmocka_run_group_tests_name("ledger file", tests, start, stop);
}
