/*
 * Reports at the front door: what is refused, texts piece by piece, no memory.
 * What reports add up to: account/test_report.c, tools/report_check.py.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <llmgw/llmgw.h>

#include "account/entry.h"
#include "support/alloc.h"

#define START (INT64_C(1774396800) * 1000000000) /* 2026-03-25 */

/** A store of three rows. */
static void submit(llmgw_store_op *op, void *userdata)
{
    static const char *const texts[] = {"a", "b\"\xff", "a"};
    llmgw_status status = LLMGW_E_UNSUPPORTED;

    if (llmgw_store_op_get_kind(op) == LLMGW_STORE_READ) {
        status = LLMGW_OK;
        for (int i = 0; i < 3; i++) {
            struct llmgw_entry entry = {.writer = 1, .id = (uint64_t)i + 1};

            entry.started_ns = START + i;
            entry.state = LLMGW_ENTRY_FAILED;
            entry.text[LLMGW__ENTRY_PROVIDER] = llmgw__str(texts[i]);
            entry.cost.known = true;
            entry.cost.pico = 500000000000;
            if (llmgw_store_op_row(op, &entry))
                break;
        }
    }
    if (llmgw_store_op_get_kind(op) == LLMGW_STORE_FORGET) {
        *(int64_t *)userdata = llmgw_store_op_before_ns(op);
        status = LLMGW_OK;
    }
    llmgw_store_complete(op, status);
}

static int64_t forgotten;

static llmgw_gateway *open_gateway(int own_store)
{
    const llmgw_store store = {
        .size = sizeof store, .userdata = &forgotten, .submit = submit};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway = NULL;

    options.store = own_store ? &store : NULL;
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL), LLMGW_OK);
    return gateway;
}

struct text {
    char data[4096];
    size_t len;
    int pieces;
    int stop_at; /* 0: at none */
};

static int32_t take(const char *data, size_t len, void *userdata)
{
    struct text *text = userdata;

    assert_true(text->len + len < sizeof text->data);
    memcpy(text->data + text->len, data, len);
    text->len += len;
    text->data[text->len] = '\0';
    return ++text->pieces == text->stop_at;
}

static int32_t no_row(const llmgw_report_row *row, void *userdata)
{
    (void)row;
    (void)userdata;
    fail();
    return 1;
}

static void what_no_report_is_of_is_refused(void **state)
{
    llmgw_gateway *gateway = open_gateway(1);
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    static const struct {
        int32_t group, step;
        const char *zone;
        uint32_t filter_size;
    } rows[] = {
        {7, 0, NULL, 88},  {-1, 0, NULL, 88},          {0, 5, NULL, 88},
        {0, -1, NULL, 88}, {0, 2, "Nowhere/City", 88}, {0, 2, "+25:00", 88},
        {0, 0, NULL, 2},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        llmgw_report_options options = LLMGW_REPORT_OPTIONS_INIT;

        filter.size = rows[i].filter_size;
        options.filter = &filter;
        options.group = rows[i].group;
        options.step = rows[i].step;
        options.time_zone = rows[i].zone;
        assert_int_equal(llmgw_ledger_report(gateway, &options, no_row, NULL),
                         LLMGW_E_INVALID);
    }
    assert_int_equal(llmgw_ledger_report(NULL, NULL, no_row, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_ledger_report(gateway, NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_ledger_report_csv(gateway, NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_ledger_report_json(NULL, NULL, take, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_ledger_forget(NULL, 1), LLMGW_E_INVALID);
    llmgw_gateway_close(gateway);
}

#define HEAD                                                              \
    "begin,end,key,entries,open,failed,unpriced,estimated,prompt_tokens," \
    "completion_tokens,billed_usd,delivered_usd\r\n"
#define ROW_A ",,a,2,0,2,0,0,0,0,1.000000000000,0.000000000000\r\n"

static void a_text_comes_row_by_row_until_no_more_is_wanted(void **state)
{
    llmgw_gateway *gateway = open_gateway(1);
    llmgw_report_options options = LLMGW_REPORT_OPTIONS_INIT;
    struct text text = {.stop_at = 0};

    (void)state;
    options.group = LLMGW_GROUP_PROVIDER;
    assert_int_equal(llmgw_ledger_report_csv(gateway, &options, take, &text),
                     LLMGW_OK);
    assert_string_equal(text.data,
                        HEAD ROW_A ",,\"b\"\"\xef\xbf\xbd\",1,0,1,0,0,0,0,"
                                   "0.500000000000,0.000000000000\r\n");
    memset(&text, 0, sizeof text);
    text.stop_at = 1;
    assert_int_equal(llmgw_ledger_report_csv(gateway, &options, take, &text),
                     LLMGW_OK);
    assert_int_equal(text.pieces, 1);
    assert_string_equal(text.data, HEAD ROW_A);
    memset(&text, 0, sizeof text);
    text.stop_at = 1;
    assert_int_equal(llmgw_ledger_report_json(gateway, &options, take, &text),
                     LLMGW_OK);
    assert_int_equal(text.pieces, 1);
    llmgw_gateway_close(gateway);
}

static void an_empty_report_is_a_text_too(void **state)
{
    llmgw_gateway *gateway = open_gateway(0);
    struct text text = {.stop_at = 0};

    (void)state;
    assert_int_equal(llmgw_ledger_report_csv(gateway, NULL, take, &text),
                     LLMGW_OK);
    assert_string_equal(text.data, HEAD);
    memset(&text, 0, sizeof text);
    assert_int_equal(llmgw_ledger_report_json(gateway, NULL, take, &text),
                     LLMGW_OK);
    assert_string_equal(text.data, "[]");
    llmgw_gateway_close(gateway);
}

static void a_host_may_have_entries_forgotten(void **state)
{
    llmgw_gateway *gateway = open_gateway(1);

    (void)state;
    forgotten = 0;
    assert_int_equal(llmgw_ledger_forget(gateway, 17), LLMGW_OK);
    assert_int_equal(forgotten, 17);
    llmgw_gateway_close(gateway);
}

static void texts_survive_every_failed_allocation(void **state)
{
    llmgw_gateway *gateway = open_gateway(1);
    llmgw_report_options options = LLMGW_REPORT_OPTIONS_INIT;

    (void)state;
    options.group = LLMGW_GROUP_PROVIDER;
    options.step = LLMGW_STEP_DAY;
    options.time_zone = "+02:00";
    for (int json = 0; json < 2; json++) {
        int failed = 1;

        for (int nth = 0; failed; nth++) {
            struct text text = {.stop_at = 0};
            llmgw_status status;

            fail_allocation(nth);
            status =
                json ? llmgw_ledger_report_json(gateway, &options, take, &text)
                     : llmgw_ledger_report_csv(gateway, &options, take, &text);
            failed = allow_allocations();
            assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        }
    }
    llmgw_gateway_close(gateway);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_no_report_is_of_is_refused),
        cmocka_unit_test(a_text_comes_row_by_row_until_no_more_is_wanted),
        cmocka_unit_test(an_empty_report_is_a_text_too),
        cmocka_unit_test(a_host_may_have_entries_forgotten),
        cmocka_unit_test(texts_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
