/*
 * What attempts leave in the ledger: what was reserved, what is billed, what of
 * it the host got; of answers, failures, cancels and losers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/pair.h"

/* 1 USD and 4 USD a million tokens */
#define IN  INT64_C(1000000)
#define OUT INT64_C(4000000)

#define CONFIG(members)                                              \
    "{'environment':false,'failover':{'retries':0},'breaker':false," \
    "'manifest':{'version':'t','models':["                           \
    "{'provider':'openai','model':'m','rates':{'in':'1','out':'4'}," \
    "'max_output':4096,'source':'test','as_of':'2026-11-01'}]},"     \
    "'providers':{"                                                  \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"     \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'k2'}},"    \
    "'routes':{'smart':{'targets':['one/m','two/m']" members "}}}"

static struct fake *one, *two;
static llmgw_gateway *gateway;

struct row {
    int64_t reserved, billed, delivered, prompt, completion;
    llmgw_entry_state state;
    int32_t estimated;
    char why[32];
    uint64_t writer, id;
};

struct rows {
    struct row row[8];
    size_t count;
};

static int32_t keep_row(const llmgw_entry *entry, void *userdata)
{
    struct rows *rows = userdata;
    struct row *row = &rows->row[rows->count++];
    const llmgw_usage *usage = llmgw_entry_usage(entry);
    llmgw_str why = llmgw_entry_why(entry);

    memset(row, 0, sizeof *row);
    row->reserved = row->billed = row->delivered = -1;
    (void)llmgw_entry_reserved(entry, &row->reserved);
    (void)llmgw_entry_billed(entry, &row->billed);
    (void)llmgw_entry_delivered(entry, &row->delivered);
    row->prompt = usage ? llmgw_usage_count(usage, LLMGW_USAGE_PROMPT) : -1;
    row->completion =
        usage ? llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION) : -1;
    row->state = llmgw_entry_get_state(entry);
    row->estimated = llmgw_entry_estimated(entry);
    memcpy(row->why, why.data, why.len < 31 ? why.len : 31);
    row->writer = llmgw_entry_writer(entry);
    row->id = llmgw_entry_id(entry);
    assert_true(llmgw_entry_expires_ns(entry) > llmgw_entry_started_ns(entry));
    return 0;
}

static struct rows ask(const char *config, const char *first,
                       const char *second, struct caller *caller, int streamed)
{
    struct rows rows = {.count = 0};

    fake_clear(one);
    fake_clear(two);
    fake_script(one, "", first);
    fake_script(two, "", second);
    gateway = caller_open(config, fake_url(one), fake_url(two), "");
    caller_ask_json(caller, gateway, CALLER_BLOCKING,
                    "{'model':'smart','max_tokens':100,'messages':[{'role':"
                    "'user','content':'hello'}]}",
                    streamed);
    assert_int_equal(llmgw_ledger_read(gateway, NULL, keep_row, &rows),
                     LLMGW_OK);
    llmgw_call_free(caller->call);
    llmgw_gateway_close(gateway);
    return rows;
}

static void expect_within_reserve(const struct row *row)
{
    assert_true(row->reserved >= row->billed);
    /* the prompt, and what the answer may be */
    assert_true(row->reserved >= 100 * OUT);
    assert_true(row->writer != 0);
    assert_true(row->id != 0);
}

static void an_answer_is_billed_and_delivered(void **state)
{
    (void)state;
    for (int streamed = 0; streamed < 2; streamed++) {
        struct caller caller = {0};
        struct rows rows =
            ask(CONFIG(""), "usage=10:20", "", &caller, streamed);

        assert_int_equal(rows.count, 1);
        expect_within_reserve(&rows.row[0]);
        assert_true(rows.row[0].billed == 10 * IN + 20 * OUT);
        assert_true(rows.row[0].delivered == rows.row[0].billed);
        assert_int_equal(rows.row[0].estimated, 0);
        assert_string_equal(rows.row[0].why, "first");
    }
}

static void what_failed_before_it_began_costs_nothing(void **state)
{
    struct caller caller = {0};
    struct rows rows =
        ask(CONFIG(""), "error=overloaded", "usage=10:20", &caller, 1);

    (void)state;
    assert_int_equal(rows.count, 2);
    expect_within_reserve(&rows.row[0]);
    assert_int_equal(rows.row[0].state, LLMGW_ENTRY_FAILED);
    assert_true(rows.row[0].billed == 0);
    assert_true(rows.row[0].delivered == 0);
    assert_true(rows.row[1].billed == 10 * IN + 20 * OUT);
    assert_string_equal(rows.row[1].why, "fallback");
    assert_true(rows.row[1].id > rows.row[0].id);
    assert_true(rows.row[1].writer == rows.row[0].writer);
}

static void what_broke_is_billed_and_delivered_in_part(void **state)
{
    struct caller caller = {0};
    struct rows rows =
        ask(CONFIG(",'on_break':'error'"),
            "chunks=8 text='a b c d e f g h' drop_after=4", "", &caller, 1);

    (void)state;
    assert_int_equal(rows.count, 1);
    expect_within_reserve(&rows.row[0]);
    assert_int_equal(rows.row[0].state, LLMGW_ENTRY_FAILED);
    assert_int_equal(rows.row[0].estimated, 1);
    assert_true(rows.row[0].prompt > 0);
    assert_true(rows.row[0].completion > 0);
    assert_true(rows.row[0].billed ==
                rows.row[0].prompt * IN + rows.row[0].completion * OUT);
    assert_true(rows.row[0].delivered == rows.row[0].billed);
}

static void what_broke_unseen_is_billed_and_not_delivered(void **state)
{
    struct caller caller = {0};
    struct rows rows = ask(CONFIG(",'gate':{'tokens':1000}"),
                           "chunks=8 text='a b c d e f g h' drop_after=4",
                           "usage=10:20", &caller, 1);

    (void)state;
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.row[0].state, LLMGW_ENTRY_FAILED);
    assert_true(rows.row[0].billed > 0);
    assert_true(rows.row[0].delivered == 0);
    assert_true(rows.row[1].delivered == 10 * IN + 20 * OUT);
}

static void what_lost_is_billed_and_not_delivered(void **state)
{
    struct caller caller = {0};
    struct rows rows =
        ask(CONFIG(",'hedge':{'after_ms':1,'budget':1,'burst':9}"),
            "content_delay_ms=5000", "usage=10:20", &caller, 1);

    (void)state;
    assert_int_equal(rows.count, 2);
    expect_within_reserve(&rows.row[0]);
    expect_within_reserve(&rows.row[1]);
    assert_int_equal(rows.row[0].state, LLMGW_ENTRY_CANCELLED);
    assert_int_equal(rows.row[0].estimated, 1);
    assert_true(rows.row[0].billed == rows.row[0].prompt * IN);
    assert_true(rows.row[0].delivered == 0);
    assert_string_equal(rows.row[1].why, "hedge");
    assert_true(rows.row[1].delivered == 10 * IN + 20 * OUT);
}

static void what_the_host_stops_is_delivered_so_far(void **state)
{
    struct caller caller = {.stop_at = 4, .stop_with = 7};
    struct rows rows =
        ask(CONFIG(""), "text='one two three four five six' delay_us=1000", "",
            &caller, 1);

    (void)state;
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.row[0].state, LLMGW_ENTRY_CANCELLED);
    assert_int_equal(rows.row[0].estimated, 1);
    assert_true(rows.row[0].billed > rows.row[0].prompt * IN);
    assert_true(rows.row[0].delivered > rows.row[0].prompt * IN);
    assert_true(rows.row[0].delivered <= rows.row[0].billed);
}

static int32_t keep_info(const llmgw_budget_info *info, void *userdata)
{
    *(llmgw_budget_info *)userdata = *info;
    return 0;
}

/** Also where nobody knows the price: an error answer has no tokens. */
static void what_was_refused_uses_nothing_of_a_budget(void **state)
{
    llmgw_budget_info info = {0};
    struct caller caller = {0};

    (void)state;
    fake_clear(one);
    fake_script(one, "", "error=overloaded");
    gateway = caller_open(
        "{'environment':false,'failover':{'retries':0},'breaker':false,"
        "'budgets':{'b':{'scope':'all','window':'day','limit_tokens':1000000}},"
        "'providers':{'one':{'type':'compatible','base_url':'$1/v1'}}}",
        fake_url(one), "", "");
    caller_ask_json(&caller, gateway, CALLER_BLOCKING,
                    "{'model':'one/unheard-of','max_tokens':100,'messages':[{"
                    "'role':'user','content':'hello'}]}",
                    0);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    llmgw_call_free(caller.call);
    assert_int_equal(llmgw_budgets_read(gateway, keep_info, &info), LLMGW_OK);
    llmgw_gateway_close(gateway);
    assert_true(info.reserved > 100);
    assert_true(info.released == info.reserved);
    assert_true(info.settled == 0);
    assert_true(info.open == 0);
}

static int start(void **state)
{
    (void)state;
    one = fake_start();
    two = fake_start();
    return one && two ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    fake_stop(one);
    fake_stop(two);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_billed_and_delivered),
        cmocka_unit_test(what_failed_before_it_began_costs_nothing),
        cmocka_unit_test(what_broke_is_billed_and_delivered_in_part),
        cmocka_unit_test(what_broke_unseen_is_billed_and_not_delivered),
        cmocka_unit_test(what_lost_is_billed_and_not_delivered),
        cmocka_unit_test(what_the_host_stops_is_delivered_so_far),
        cmocka_unit_test(what_was_refused_uses_nothing_of_a_budget),
    };

    return cmocka_run_group_tests_name("money", tests, start, stop);
}
