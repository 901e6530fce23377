/*
 * "ledger" of a configuration: what it says of where entries are kept, and what
 * is refused, by its path.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/gateway.h"
#include "base/text.h"
#include "support/alloc.h"

static char json[1024];

static llmgw_status read_ledger(const char *text,
                                struct llmgw__ledger_setting *ledger,
                                struct llmgw__error *error,
                                struct llmgw__catalog **catalog)
{
    size_t len = 0;

    (void)snprintf(json, sizeof json, "{'environment':false,'ledger':%s}",
                   text);
    for (; json[len]; len++)
        if (json[len] == '\'')
            json[len] = '"';
    memset(error, 0, sizeof *error);
    *catalog = NULL;
    return llmgw__config_read(llmgw__str_n(json, len), NULL, catalog, ledger,
                              error);
}

static void what_is_said_is_taken(void **state)
{
    struct llmgw__ledger_setting ledger;
    struct llmgw__catalog *catalog;
    struct llmgw__error error;

    (void)state;
    assert_int_equal(read_ledger("{}", &ledger, &error, &catalog), LLMGW_OK);
    assert_int_equal(ledger.max_entries, 100000);
    assert_int_equal(ledger.outbox_max_bytes, 67108864);
    assert_null(ledger.path);
    assert_null(ledger.url);
    llmgw__catalog_drop(catalog);
    assert_int_equal(read_ledger("{'path':'/l','durability':'power',"
                                 "'keep_days':90,'max_entries':7}",
                                 &ledger, &error, &catalog),
                     LLMGW_OK);
    assert_string_equal(ledger.path, "/l");
    assert_true(ledger.power);
    assert_int_equal(ledger.keep_days, 90);
    assert_int_equal(ledger.max_entries, 7);
    llmgw__catalog_drop(catalog);
    assert_int_equal(
        read_ledger("{'url':'postgresql://h','durability':'process',"
                    "'outbox':'/o','outbox_max_bytes':4096}",
                    &ledger, &error, &catalog),
        LLMGW_OK);
    assert_string_equal(ledger.url, "postgresql://h");
    assert_string_equal(ledger.outbox, "/o");
    assert_int_equal(ledger.outbox_max_bytes, 4096);
    assert_false(ledger.power);
    llmgw__ledger_setting_clear(&ledger);
    assert_null(ledger.url);
    llmgw__catalog_drop(catalog);
}

static const struct {
    const char *text, *path;
} refused[] = {
    {"5", "ledger"},
    {"{'file':'x'}", "ledger.file"},
    {"{'max_entries':0}", "ledger.max_entries"},
    {"{'max_entries':10000001}", "ledger.max_entries"},
    {"{'path':''}", "ledger.path"},
    {"{'path':5}", "ledger.path"},
    {"{'url':5}", "ledger.url"},
    {"{'path':'/l','url':'postgresql://h'}", "ledger.url"},
    {"{'outbox':'/o'}", "ledger.outbox"},
    {"{'path':'/l','outbox':'/o'}", "ledger.outbox"},
    {"{'path':'/l','outbox_max_bytes':9}", "ledger.outbox_max_bytes"},
    {"{'durability':'power'}", "ledger.durability"},
    {"{'path':'/l','durability':'both'}", "ledger.durability"},
    {"{'keep_days':3}", "ledger.keep_days"},
    {"{'path':'/l','keep_days':36501}", "ledger.keep_days"},
    {"{'path':'/l','keep_days':-1}", "ledger.keep_days"},
};

static void what_is_wrong_is_refused_by_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct llmgw__ledger_setting ledger;
        struct llmgw__catalog *catalog;
        struct llmgw__error error;

        assert_int_equal(
            read_ledger(refused[i].text, &ledger, &error, &catalog),
            LLMGW_E_CONFIG);
        assert_string_equal(error.param, refused[i].path);
        assert_null(ledger.url);
    }
}

static void without_memory_nothing_of_it_stays(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 1; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__ledger_setting ledger;
        struct llmgw__catalog *catalog;
        struct llmgw__error error;

        fail_allocation(nth);
        status = read_ledger("{'url':'postgresql://h','outbox':'/o'}", &ledger,
                             &error, &catalog);
        allow_allocations();
        if (status == LLMGW_E_NOMEM)
            assert_null(ledger.url);
        llmgw__ledger_setting_clear(&ledger);
        llmgw__catalog_drop(catalog);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_taken),
        cmocka_unit_test(what_is_wrong_is_refused_by_its_path),
        cmocka_unit_test(without_memory_nothing_of_it_stays),
    };

    return cmocka_run_group_tests_name("ledger configuration", tests, NULL,
                                       NULL);
}
