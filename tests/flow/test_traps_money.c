/*
 * Traps that others fell into: bills of what failed, prices of another model,
 * budgets that are passed. Numbers are those of the list of traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/trap.h"

#define PRICES                                                          \
    "'manifest':{'version':'v9','models':["                             \
    "{'provider':'openai','model':'a','rates':{'in':'1','out':'2'}},"   \
    "{'provider':'openai','model':'b','rates':{'in':'10','out':'20'}}," \
    "{'provider':'openai','model':'searcher','rates':{'in':'1','out':'2'}}]}"
#define PROVIDERS                                                         \
    "'environment':false,'failover':{'retries':0},'providers':{"          \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k'},"           \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},'routes'" \
    ":{'r':{'targets':['one/a','two/b']}}," PRICES
#define CONFIG "{" PROVIDERS "}"

/* --- what attempts leave --- */

struct row {
    llmgw_entry_state state;
    int64_t cost, billed, delivered;
    int32_t has_cost, has_billed, has_delivered;
    int64_t completion;
    int32_t estimated;
    char model[16];
    char why[512]; /* the sum in words */
};

struct rows {
    struct row list[4];
    size_t count;
};

static int32_t keep_row(const llmgw_entry *entry, void *userdata)
{
    struct rows *rows = userdata;
    struct row *row = &rows->list[rows->count++];
    llmgw_str words = {0};

    assert_true(rows->count <= 4);
    row->state = llmgw_entry_get_state(entry);
    row->has_cost = llmgw_entry_cost(entry, &row->cost);
    row->has_billed = llmgw_entry_billed(entry, &row->billed);
    row->has_delivered = llmgw_entry_delivered(entry, &row->delivered);
    row->completion =
        llmgw_usage_count(llmgw_entry_usage(entry), LLMGW_USAGE_COMPLETION);
    row->estimated = llmgw_entry_estimated(entry);
    (void)snprintf(row->model, sizeof row->model, "%.*s",
                   (int)llmgw_entry_model(entry).len,
                   llmgw_entry_model(entry).data);
    assert_int_equal(llmgw_entry_explain(entry, &words), LLMGW_OK);
    (void)snprintf(row->why, sizeof row->why, "%.*s", (int)words.len,
                   words.data);
    llmgw_text_free(words);
    return 0;
}

static struct rows rows_of(const struct trap *trap)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct rows rows = {.count = 0};

    filter.call_id = llmgw_call_id(trap->call);
    assert_int_equal(llmgw_ledger_read(trap->gateway, &filter, keep_row, &rows),
                     LLMGW_OK);
    return rows;
}

/* --- T17 --- */

#define HALF                                                              \
    "{'id':'i','choices':[{'index':0,'delta':{'content':'Half of it'}}]," \
    "'usage':{'prompt_tokens':100,'completion_tokens':3}}\n"              \
    "{'error':{'message':'Overloaded','code':503}}"

/* The provider bills a stream that broke; what the host got of it is a figure
 * of its own, and nothing where it got nothing. */
static void
t17_what_is_billed_and_what_was_delivered_are_two_figures(void **state)
{
    struct trap *trap = *state;

    trap_configure(trap, CONFIG);
    for (int streamed = 0; streamed < 2; streamed++) {
        struct rows rows;

        trap_reply(trap, OAI, HALF, "");
        trap_ask_model(trap, "one/a", streamed, "");
        rows = rows_of(trap);
        assert_int_equal(rows.count, 1);
        assert_int_equal(rows.list[0].state, LLMGW_ENTRY_FAILED);
        assert_int_equal(rows.list[0].has_billed, 1);
        assert_int_equal(rows.list[0].billed, 100 * 1000000 + 3 * 2000000);
        assert_int_equal(rows.list[0].has_delivered, 1);
        if (streamed)
            assert_true(rows.list[0].delivered > 0 &&
                        rows.list[0].delivered <= rows.list[0].billed);
        else
            assert_int_equal(rows.list[0].delivered, 0);
    }
    trap_configure(trap, NULL);
}

/* --- T18 --- */

/* The first fails after 50 tokens, the second answers: each row has the price
 * of its own model, in its own words. */
static void t18_each_attempt_is_billed_by_its_own_price(void **state)
{
    struct trap *trap = *state;
    struct rows rows;

    trap_configure(trap, CONFIG);
    trap_reply(trap, OAI,
               "{'choices':[],'usage':{'prompt_tokens':50,"
               "'completion_tokens':0}}\n{'error':{'message':'Overloaded',"
               "'code':503}}",
               "");
    fake_script(trap->other, "POST", "usage=120:30");
    trap_ask_model(trap, "r", 1, "");
    trap_answered(trap, NULL);
    rows = rows_of(trap);
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.list[0].model, "a");
    assert_int_equal(rows.list[0].cost, 50 * 1000000);
    assert_non_null(strstr(rows.list[0].why, "openai/a"));
    assert_string_equal(rows.list[1].model, "b");
    assert_int_equal(rows.list[1].cost, 120 * 10000000 + 30 * 20000000);
    assert_non_null(strstr(rows.list[1].why, "input_uncached 120 x 10 USD/M = "
                                             "0.0012 USD\n"));
    assert_non_null(strstr(rows.list[1].why, "total 0.0018 USD\n"));
    assert_non_null(strstr(rows.list[1].why, "openai/b"));
    assert_non_null(strstr(rows.list[1].why, "manifest v9"));
    trap_configure(trap, NULL);
}

/* --- T27 --- */

#define BUDGET(members)                                                      \
    "{" PROVIDERS ",'budgets':{'b':{'scope':'all','window':'month'," members \
    "}}}"

static void expect_refused(struct trap *trap, const char *model, int streamed)
{
    const llmgw_error *error;
    size_t before = fake_requests(trap->fake) + fake_requests(trap->other);

    trap_ask_model(trap, model, streamed, ",'max_tokens':30");
    error = llmgw_call_error(trap->call);
    if (!error)
        fail_msg("%s, streamed %d, was answered", model, streamed);
    assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_BUDGET);
    assert_string_equal(llmgw_error_param(error), "budgets.b");
    /* with a reset to wait for: nobody asks in a loop */
    assert_true(llmgw_error_retry_after_ms(error) > 0);
    assert_int_equal(fake_requests(trap->fake) + fake_requests(trap->other),
                     before);
}

/* No kind of call, provider or way of asking has a way around it. */
static void t27_nothing_goes_past_a_budget(void **state)
{
    struct trap *trap = *state;

    trap_configure(trap, BUDGET("'limit_requests':2"));
    trap->keep = true;
    fake_script(trap->fake, "POST", "usage=120:30");
    fake_script(trap->other, "POST", "usage=120:30");
    trap_ask_model(trap, "one/a", 1, ",'max_tokens':30");
    trap_answered(trap, NULL);
    trap_ask_model(trap, "two/b", 0, ",'max_tokens':30");
    trap_answered(trap, NULL);
    for (int streamed = 0; streamed < 2; streamed++) {
        expect_refused(trap, "one/a", streamed);
        expect_refused(trap, "two/b", streamed);
        expect_refused(trap, "r", streamed);
    }
    trap->keep = false;
    trap_configure(trap, NULL);
}

/* What has no price is not taken for nothing: a budget of money refuses it. */
static void t27_what_has_no_price_does_not_pass_a_budget_of_money(void **state)
{
    struct trap *trap = *state;

    trap_configure(trap, BUDGET("'limit_usd':'1'"));
    fake_script(trap->fake, "POST", "usage=120:30");
    trap_ask_model(trap, "one/a", 1, ",'max_tokens':30");
    trap_answered(trap, NULL);
    expect_refused(trap, "one/nobody-knows-this", 1);
    trap_configure(trap, NULL);
}

/* --- T28 --- */

/* The tokens have a price, the search they came with has none that is known. */
static void t28_an_unknown_fee_is_not_nothing(void **state)
{
    struct trap *trap = *state;
    struct rows rows;

    trap_configure(trap, CONFIG);
    trap_reply(trap, OAI,
               "{'id':'i','choices':[{'index':0,'delta':{'content':'Yes.'},"
               "'finish_reason':'stop'}]}\n"
               "{'choices':[],'usage':{'prompt_tokens':10,'completion_tokens'"
               ":5,'num_search_queries':1}}\n[DONE]",
               "");
    trap_ask_model(trap, "one/searcher", 1, "");
    trap_answered(trap, NULL);
    rows = rows_of(trap);
    assert_int_equal(rows.list[0].has_cost, 0);
    assert_int_equal(rows.list[0].has_billed, 0);
    trap_configure(trap, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            t17_what_is_billed_and_what_was_delivered_are_two_figures),
        cmocka_unit_test(t18_each_attempt_is_billed_by_its_own_price),
        cmocka_unit_test(t27_nothing_goes_past_a_budget),
        cmocka_unit_test(t27_what_has_no_price_does_not_pass_a_budget_of_money),
        cmocka_unit_test(t28_an_unknown_fee_is_not_nothing),
    };

    return cmocka_run_group_tests(tests, trap_set_up, trap_tear_down);
}
