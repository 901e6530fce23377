/* Budgets as they are configured: every member, every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "api/gateway.h"
#include "base/text.h"
#include "support/alloc.h"

#define BUDGETS(members)                                         \
    "{'environment':false,'providers':{'one':{"                  \
    "'type':'compatible','base_url':'http://h','api_key':'k'}}," \
    "'routes':{'chat':{'targets':['one/m']}},'budgets':{" members "}}"
#define BUDGET(members) BUDGETS("'b':{" members "}")
#define TOKENS          "'limit_tokens':5"

static char json[4096];

static llmgw_status read_config(const char *text,
                                struct llmgw__catalog **catalog,
                                struct llmgw__error *error)
{
    struct llmgw__ledger_setting ledger;
    size_t len = strlen(text);

    assert_true(len < sizeof json);
    for (size_t i = 0; i <= len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    memset(error, 0, sizeof *error);
    return llmgw__config_read(llmgw__str(json), NULL, catalog, &ledger, error);
}

static struct llmgw__catalog *good(const char *text)
{
    struct llmgw__catalog *catalog = NULL;
    struct llmgw__error error;

    if (read_config(text, &catalog, &error) != LLMGW_OK)
        fail_msg("%s: %s", text, error.message);
    return catalog;
}

static void a_budget_needs_no_more_than_a_limit(void **state)
{
    struct llmgw__catalog *catalog = good(BUDGET(TOKENS));
    const struct llmgw__budget_rule *rule = catalog->budgets;

    (void)state;
    assert_int_equal(catalog->budget_count, 1);
    assert_string_equal(rule->name, "b");
    assert_int_equal(rule->scope, LLMGW__BUDGET_OF_ALL);
    assert_int_equal(rule->unit, LLMGW__BUDGET_TOKENS);
    assert_int_equal(rule->action, LLMGW__BUDGET_REJECT);
    assert_int_equal(rule->span, LLMGW__SPAN_DAY);
    assert_int_equal(rule->limit, 5);
    assert_int_equal(rule->warn_pm, 800);
    assert_int_equal(rule->rolling_s, 0);
    assert_string_equal(rule->zone_name, "UTC");
    assert_null(rule->zone);
    assert_null(rule->value);
    assert_false(rule->unpriced);
    llmgw__catalog_drop(catalog);
}

static void each_member_is_taken(void **state)
{
    struct llmgw__catalog *catalog = good(BUDGETS(
        "'a':{'scope':'tag:team=blue','window':'month','time_zone':'+02:00',"
        "'limit_usd':'10.500000000001','action':'cheaper','warn_at':0.5,"
        "'cheaper_at':0.25,'unpriced':'allow'},"
        "'b':{'scope':'provider=one','window':{'rolling_s':60},"
        "'limit_requests':9007199254740991,'action':'warn'}"));
    const struct llmgw__budget_rule *a = &catalog->budgets[0];
    const struct llmgw__budget_rule *b = &catalog->budgets[1];

    (void)state;
    assert_int_equal(catalog->budget_count, 2);
    assert_int_equal(a->scope, LLMGW__BUDGET_OF_TAG);
    assert_string_equal(a->tag, "team");
    assert_string_equal(a->value, "blue");
    assert_int_equal(a->span, LLMGW__SPAN_MONTH);
    assert_string_equal(a->zone_name, "+02:00");
    assert_int_equal(llmgw__zone_offset(a->zone, 0), 7200);
    assert_int_equal(a->unit, LLMGW__BUDGET_PICO_USD);
    assert_int_equal(a->limit, INT64_C(10500000000001));
    assert_int_equal(a->action, LLMGW__BUDGET_CHEAPER);
    assert_int_equal(a->warn_pm, 500);
    assert_int_equal(a->cheaper_pm, 250);
    assert_true(a->unpriced);
    assert_int_equal(b->scope, LLMGW__BUDGET_OF_PROVIDER);
    assert_string_equal(b->value, "one");
    assert_int_equal(b->rolling_s, 60);
    assert_int_equal(b->limit, INT64_C(9007199254740991));
    assert_int_equal(b->action, LLMGW__BUDGET_WARN);
    llmgw__catalog_drop(catalog);
}

static void every_scope_is_of_each_or_of_one(void **state)
{
    static const struct {
        const char *text;
        int scope;
        const char *tag, *value;
    } rows[] = {
        {"all", LLMGW__BUDGET_OF_ALL, NULL, NULL},
        {"provider", LLMGW__BUDGET_OF_PROVIDER, NULL, NULL},
        {"provider=one", LLMGW__BUDGET_OF_PROVIDER, NULL, "one"},
        {"route", LLMGW__BUDGET_OF_ROUTE, NULL, NULL},
        {"route=chat", LLMGW__BUDGET_OF_ROUTE, NULL, "chat"},
        {"route=one/any", LLMGW__BUDGET_OF_ROUTE, NULL, "one/any"},
        {"key", LLMGW__BUDGET_OF_KEY, NULL, NULL},
        {"key=one 0123", LLMGW__BUDGET_OF_KEY, NULL, "one 0123"},
        {"tag:team", LLMGW__BUDGET_OF_TAG, "team", NULL},
        {"tag:team=red", LLMGW__BUDGET_OF_TAG, "team", "red"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        struct llmgw__catalog *catalog;
        const struct llmgw__budget_rule *rule;

        (void)snprintf(text, sizeof text, BUDGET("'scope':'%s'," TOKENS),
                       rows[i].text);
        catalog = good(text);
        rule = catalog->budgets;
        assert_int_equal(rule->scope, rows[i].scope);
        assert_string_equal(rule->tag ? rule->tag : "",
                            rows[i].tag ? rows[i].tag : "");
        assert_string_equal(rule->value ? rule->value : "",
                            rows[i].value ? rows[i].value : "");
        llmgw__catalog_drop(catalog);
    }
}

static void what_is_wrong_is_refused_where_it_stands(void **state)
{
    static const struct {
        const char *text, *path, *part;
    } rows[] = {
        {"{'budgets':[]}", "budgets", "object"},
        {BUDGETS("'b':5"), "budgets.b", "object"},
        {BUDGETS("'':{" TOKENS "}"), "budgets.", "1 to 64"},
        {BUDGETS("'a/b':{" TOKENS "}"), "budgets.a/b", "slash"},
        {BUDGETS("'b':{" TOKENS "},'b':{" TOKENS "}"), "budgets.b", "twice"},
        {BUDGET(TOKENS ",'limit':5"), "budgets.b.limit", ""},
        {BUDGET("'scope':'all'"), "budgets.b", "limit_usd"},
        {BUDGET(TOKENS ",'limit_usd':'1'"), "budgets.b.limit_tokens", "beside"},
        {BUDGET("'limit_tokens':0"), "budgets.b.limit_tokens", "whole"},
        {BUDGET("'limit_tokens':1.5"), "budgets.b.limit_tokens", "whole"},
        {BUDGET("'limit_tokens':-1"), "budgets.b.limit_tokens", "whole"},
        {BUDGET("'limit_tokens':'5'"), "budgets.b.limit_tokens", "whole"},
        {BUDGET("'limit_tokens':1e300"), "budgets.b.limit_tokens", "whole"},
        {BUDGET("'limit_requests':9007199254740994"),
         "budgets.b.limit_requests", "whole"},
        {BUDGET("'limit_usd':5"), "budgets.b.limit_usd", "string"},
        {BUDGET("'limit_usd':'0'"), "budgets.b.limit_usd", "more than 0"},
        {BUDGET("'limit_usd':'9000001'"), "budgets.b.limit_usd", "9000000"},
        {BUDGET(TOKENS ",'action':'stop'"), "budgets.b.action", "cheaper"},
        {BUDGET(TOKENS ",'warn_at':1.5"), "budgets.b.warn_at", "1.000"},
        {BUDGET(TOKENS ",'warn_at':0"), "budgets.b.warn_at", "0.001"},
        {BUDGET(TOKENS ",'cheaper_at':0.5"), "budgets.b.cheaper_at", "without"},
        {BUDGET(TOKENS ",'unpriced':'allow'"), "budgets.b.unpriced", "without"},
        {BUDGET("'limit_usd':'1','action':'warn','unpriced':'allow'"),
         "budgets.b.unpriced", "without"},
        {BUDGET(TOKENS ",'scope':'tag:'"), "budgets.b.scope", "must be"},
        {BUDGET(TOKENS ",'scope':'tag:a,b'"), "budgets.b.scope", "must be"},
        {BUDGET(TOKENS ",'scope':'tag:a='"), "budgets.b.scope", "must be"},
        {BUDGET(TOKENS ",'scope':'all=x'"), "budgets.b.scope", "must be"},
        {BUDGET(TOKENS ",'scope':'key='"), "budgets.b.scope", "must be"},
        {BUDGET(TOKENS ",'scope':'model'"), "budgets.b.scope", "must be"},
        {BUDGET(TOKENS ",'scope':7"), "budgets.b.scope", "string"},
        {BUDGET(TOKENS ",'scope':'provider=two'"), "budgets.b.scope", "two"},
        {BUDGET(TOKENS ",'scope':'route=talk'"), "budgets.b.scope", "talk"},
        {BUDGET(TOKENS ",'window':'year'"), "budgets.b.window", "month"},
        {BUDGET(TOKENS ",'window':7"), "budgets.b.window", "month"},
        {BUDGET(TOKENS ",'window':{}"), "budgets.b.window", "rolling_s"},
        {BUDGET(TOKENS ",'window':{'rolling_s':59}"),
         "budgets.b.window.rolling_s", "60"},
        {BUDGET(TOKENS ",'window':{'rolling_s':31536001}"),
         "budgets.b.window.rolling_s", "31536000"},
        {BUDGET(TOKENS ",'window':{'rolling_s':60,'from':1}"),
         "budgets.b.window.from", ""},
        {BUDGET(TOKENS ",'time_zone':'Nowhere/Land'"), "budgets.b.time_zone",
         "Nowhere/Land"},
        {BUDGET(TOKENS ",'time_zone':'../passwd'"), "budgets.b.time_zone",
         "passwd"},
        {BUDGET(TOKENS ",'window':{'rolling_s':60},'time_zone':'UTC'"),
         "budgets.b.time_zone", "rolling"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__catalog *catalog;
        struct llmgw__error error;

        if (read_config(rows[i].text, &catalog, &error) != LLMGW_E_CONFIG ||
            strcmp(error.param, rows[i].path) != 0 ||
            !strstr(error.message, rows[i].part))
            fail_msg("%s: %s: %s", rows[i].text, error.param, error.message);
    }
}

static void there_are_at_most_sixteen(void **state)
{
    char text[2048] = "{'budgets':{";
    size_t len = strlen(text);
    struct llmgw__catalog *catalog;
    struct llmgw__error error;

    (void)state;
    for (int i = 0; i < 17; i++)
        len += (size_t)snprintf(text + len, sizeof text - len,
                                "%s'b%d':{'limit_tokens':5}", i ? "," : "", i);
    (void)snprintf(text + len, sizeof text - len, "}}");
    assert_int_equal(read_config(text, &catalog, &error), LLMGW_E_CONFIG);
    assert_string_equal(error.param, "budgets");
}

static void every_failed_allocation_is_survived(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__catalog *catalog = NULL;
        struct llmgw__error error;

        fail_allocation(nth);
        status = read_config(BUDGETS("'a':{'scope':'tag:team=blue',"
                                     "'time_zone':'-05:30'," TOKENS "}"),
                             &catalog, &error);
        allow_allocations();
        llmgw__catalog_drop(catalog);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_budget_needs_no_more_than_a_limit),
        cmocka_unit_test(each_member_is_taken),
        cmocka_unit_test(every_scope_is_of_each_or_of_one),
        cmocka_unit_test(what_is_wrong_is_refused_where_it_stands),
        cmocka_unit_test(there_are_at_most_sixteen),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
