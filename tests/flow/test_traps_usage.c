/*
 * Traps that others fell into: what was used, what it cost, and whose it was.
 * Numbers are those of the list of traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/trap.h"

#define OPENAI_TEXT \
    "{'id':'i','choices':[{'index':0,'delta':{'content':'Yes.'}}]}\n"
#define OPENAI_STOP \
    "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}"
#define OPENAI_USAGE(counts) "\n{'choices':[],'usage':{" counts "}}\n[DONE]"
#define BLOCK                                                          \
    "{'type':'content_block_start','index':0,'content_block':{'type':" \
    "'text','text':''}}\n"                                             \
    "{'type':'content_block_delta','index':0,'delta':{'type':"         \
    "'text_delta','text':'Yes.'}}\n"                                   \
    "{'type':'content_block_stop','index':0}\n"

/* 150 tokens in, 100 of them cached, 9 out. */
static const char *const cached[WIRES] = {
    [OAI] = OPENAI_TEXT OPENAI_STOP OPENAI_USAGE(
        "'prompt_tokens':150,'completion_tokens':9,'total_tokens':159,"
        "'prompt_tokens_details':{'cached_tokens':100}"),
    [ANT] = "{'type':'message_start','message':{'id':'i','role':'assistant',"
            "'content':[],'usage':{'input_tokens':20,"
            "'cache_read_input_tokens':100,'cache_creation_input_tokens':30,"
            "'output_tokens':1}}}\n" BLOCK
            "{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
            "'usage':{'output_tokens':9}}\n{'type':'message_stop'}",
    [GOO] = "{'candidates':[{'index':0,'content':{'role':'model','parts':[{"
            "'text':'Yes.'}]},'finishReason':'STOP'}],'usageMetadata':{"
            "'promptTokenCount':150,'cachedContentTokenCount':100,"
            "'candidatesTokenCount':9,'totalTokenCount':159}}",
    [RES] = "{'type':'response.output_text.delta','item_id':'m',"
            "'output_index':0,'content_index':0,'delta':'Yes.'}\n"
            "{'type':'response.completed','response':{'id':'r','status':"
            "'completed','output':[],'usage':{'input_tokens':150,"
            "'input_tokens_details':{'cached_tokens':100},'output_tokens':9,"
            "'total_tokens':159}}}",
    [BED] = "messageStart {'role':'assistant'}\n"
            "contentBlockDelta {'contentBlockIndex':0,'delta':{'text':"
            "'Yes.'}}\n"
            "contentBlockStop {'contentBlockIndex':0}\n"
            "messageStop {'stopReason':'end_turn'}\n"
            "metadata {'usage':{'inputTokens':20,'cacheReadInputTokens':100,"
            "'cacheWriteInputTokens':30,'outputTokens':9}}",
    [COH] = "{'type':'content-start','index':0,'delta':{'message':{'content':{"
            "'type':'text','text':'Yes.'}}}}\n"
            "{'type':'message-end','delta':{'finish_reason':'COMPLETE',"
            "'usage':{'billed_units':{'input_tokens':150,'output_tokens':9},"
            "'tokens':{'input_tokens':1549,'output_tokens':11},"
            "'cached_tokens':1504}}}",
    [OLL] = "{'model':'m','message':{'role':'assistant','content':'Yes.'},"
            "'done_reason':'stop','done':true,'prompt_eval_count':150,"
            "'prompt_eval_cached_count':100,'eval_count':9}",
};

static void look_at_cached(struct trap *trap)
{
    int writes = trap->wire == ANT || trap->wire == BED;

    trap_answered(trap, "T\"Yes.\"F:stop");
    assert_int_equal(trap_count(trap, LLMGW_USAGE_PROMPT), 150);
    assert_int_equal(trap_count(trap, LLMGW_USAGE_COMPLETION), 9);
    assert_int_equal(trap_count(trap, LLMGW_USAGE_TOTAL), 159);
    if (trap->wire == COH) /* what is cached is no part of what is billed */
        return;
    assert_int_equal(trap_count(trap, LLMGW_USAGE_INPUT_CACHED), 100);
    assert_int_equal(trap_count(trap, LLMGW_USAGE_INPUT_UNCACHED),
                     writes ? 20 : 50);
    if (writes)
        assert_int_equal(trap_count(trap, LLMGW_USAGE_INPUT_CACHE_WRITE_5M),
                         30);
}

static void t12_the_prompt_holds_what_was_cached_once(void **state)
{
    for (size_t wire = 0; wire < WIRES; wire++)
        trap_each_cut(*state, wire, cached[wire], look_at_cached);
}

static void look_at_ten_and_nine(struct trap *trap)
{
    trap_answered(trap, NULL);
    assert_int_equal(trap_count(trap, LLMGW_USAGE_PROMPT), 10);
    assert_int_equal(trap_count(trap, LLMGW_USAGE_COMPLETION), 9);
    assert_int_equal(llmgw_usage_estimated(
                         llmgw_response_usage(llmgw_call_response(trap->call)),
                         LLMGW_USAGE_COMPLETION),
                     0);
}

static void t13_counts_that_grow_are_not_added_up(void **state)
{
    static const struct {
        size_t wire;
        const char *lines;
    } rows[] = {
        {OAI, "{'choices':[{'index':0,'delta':{'content':'Y'}}],'usage':{"
              "'prompt_tokens':10,'completion_tokens':1}}\n"
              "{'choices':[{'index':0,'delta':{'content':'es'}}],'usage':{"
              "'prompt_tokens':10,'completion_tokens':5}}\n"
              "{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],"
              "'usage':{'prompt_tokens':10,'completion_tokens':9}}\n[DONE]"},
        {OAI, "{'choices':[{'index':0,'delta':{'content':'Y'}}],'usage':{"
              "'prompt_tokens':10,'completion_tokens':0}}\n"
              "{'choices':[{'index':0,'delta':{'content':'es'}}],'usage':"
              "null}\n" OPENAI_STOP OPENAI_USAGE(
                  "'prompt_tokens':10,'completion_tokens':9")},
        {ANT, "{'type':'message_start','message':{'id':'i','role':"
              "'assistant','content':[],'usage':{'input_tokens':10,"
              "'output_tokens':4}}}\n" BLOCK
              "{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
              "'usage':{'input_tokens':null,'output_tokens':9}}\n"
              "{'type':'message_stop'}"},
        {ANT, "{'type':'message_start','message':{'id':'i','role':"
              "'assistant','content':[],'usage':{'input_tokens':0,"
              "'output_tokens':0}}}\n" BLOCK
              "{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
              "'usage':{'input_tokens':10,'output_tokens':9}}\n"
              "{'type':'message_stop'}"},
        {GOO, "{'candidates':[{'index':0,'content':{'role':'model','parts':["
              "{'text':'Y'}]}}],'usageMetadata':{'promptTokenCount':10,"
              "'totalTokenCount':10}}\n"
              "{'candidates':[{'index':0,'content':{'role':'model','parts':["
              "{'text':'es'}]}}],'usageMetadata':{'promptTokenCount':10,"
              "'candidatesTokenCount':4,'totalTokenCount':14}}\n"
              "{'candidates':[{'index':0,'content':{'role':'model','parts':["
              "{'text':''}]},'finishReason':'STOP'}],'usageMetadata':{"
              "'promptTokenCount':10,'candidatesTokenCount':9,"
              "'totalTokenCount':19}}"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        trap_each_cut(*state, rows[i].wire, rows[i].lines,
                      look_at_ten_and_nine);
}

static void ask_with_usage(struct trap *trap, const char *counts)
{
    char lines[1024];

    (void)snprintf(lines, sizeof lines,
                   OPENAI_TEXT OPENAI_STOP OPENAI_USAGE("%s"), counts);
    trap_reply(trap, OAI, lines, "");
    trap_ask(trap, OAI, 1, "");
    trap_answered(trap, "T\"Yes.\"F:stop");
}

static void t14_zero_is_a_number_and_less_is_none(void **state)
{
    struct trap *trap = *state;
    const llmgw_usage *usage;

    ask_with_usage(trap, "'prompt_tokens':10,'completion_tokens':0,"
                         "'prompt_tokens_details':{'cached_tokens':0}");
    usage = llmgw_response_usage(llmgw_call_response(trap->call));
    assert_int_equal(trap_count(trap, LLMGW_USAGE_COMPLETION), 0);
    assert_int_equal(llmgw_usage_estimated(usage, LLMGW_USAGE_COMPLETION), 0);
    assert_int_equal(trap_count(trap, LLMGW_USAGE_INPUT_CACHED), 0);
    ask_with_usage(trap, "'prompt_tokens':10,'completion_tokens':3");
    assert_int_equal(trap_count(trap, LLMGW_USAGE_INPUT_CACHED), -1);
    ask_with_usage(trap, "'prompt_tokens':-5,'completion_tokens':3");
    assert_int_equal(trap_count(trap, LLMGW_USAGE_PROMPT), 0);
    ask_with_usage(trap, "'prompt_tokens':10,'completion_tokens':3,"
                         "'prompt_tokens_details':{'cached_tokens':900}");
    assert_int_equal(trap_count(trap, LLMGW_USAGE_PROMPT), 10);
    assert_in_range(trap_count(trap, LLMGW_USAGE_INPUT_CACHED), 0, 10);
}

/* --- T16, T18: one source --- */

struct row {
    const llmgw_usage *usage;
    int64_t counts[4];
    int64_t cost;
    int32_t has_cost;
    char model[64];
    char provider[64];
    int rows;
};

static const llmgw_usage_field fields[4] = {
    LLMGW_USAGE_PROMPT, LLMGW_USAGE_COMPLETION, LLMGW_USAGE_INPUT_CACHED,
    LLMGW_USAGE_OUTPUT_REASONING};

/* the newest is kept */
static int32_t keep_row(const llmgw_entry *entry, void *userdata)
{
    struct row *row = userdata;

    row->rows++;
    row->cost = 0;
    row->has_cost = llmgw_entry_cost(entry, &row->cost);
    for (size_t i = 0; i < 4; i++)
        row->counts[i] = llmgw_usage_count(llmgw_entry_usage(entry), fields[i]);
    (void)snprintf(row->model, sizeof row->model, "%s",
                   caller_text(llmgw_entry_model(entry)));
    (void)snprintf(row->provider, sizeof row->provider, "%s",
                   caller_text(llmgw_entry_provider(entry)));
    return 0;
}

static struct row last_row(llmgw_gateway *gateway, const llmgw_call *call)
{
    llmgw_ledger_filter filter = LLMGW_LEDGER_FILTER_INIT;
    struct row row = {.rows = 0};

    filter.call_id = llmgw_call_id(call);
    assert_int_equal(llmgw_ledger_read(gateway, &filter, keep_row, &row),
                     LLMGW_OK);
    return row;
}

static void look_at_one_truth(struct trap *trap)
{
    const llmgw_attempt *attempt = llmgw_call_attempt(trap->call, 0);
    struct row row = last_row(trap->gateway, trap->call);

    trap_answered(trap, NULL);
    assert_int_equal(row.rows, 1);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(trap_count(trap, fields[i]), row.counts[i]);
        assert_int_equal(
            llmgw_usage_count(llmgw_attempt_usage(attempt), fields[i]),
            row.counts[i]);
    }
    assert_true(row.counts[0] == 120 && row.counts[1] == 30);
}

static void t16_the_caller_and_the_ledger_are_told_the_same(void **state)
{
    for (size_t wire = 0; wire < WIRES; wire++)
        trap_each_cut_of(*state, wire, "reasoning=2 usage=120:30 cached=100",
                         ",'reasoning_effort':'low'", look_at_one_truth);
}

#define ROUTE                                                            \
    "{'environment':false,'providers':{"                                 \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'first-key'},"  \
    "'two':{'type':'anthropic','base_url':'$1','api_key':'other-key'}}," \
    "'routes':{'r':{'targets':['one/gpt-4.1','two/claude-haiku-4-5']}}}"

static void t18_who_answers_is_named_and_priced(void **state)
{
    struct trap *trap = *state;
    struct fake_request served;
    struct row alone, row;
    const char *text;

    trap_configure(trap, ROUTE);
    fake_script(trap->fake, "POST /v1/chat", "error=overloaded");
    fake_script(trap->fake, "POST /v1/messages", "usage=120:30");
    trap_ask_model(trap, "two/claude-haiku-4-5", 1, "");
    alone = last_row(trap->gateway, trap->call);
    trap_ask_model(trap, "r", 1, "");
    trap_answered(trap, NULL);
    row = last_row(trap->gateway, trap->call);
    served = trap_request(trap);
    assert_int_equal(row.rows, 2);
    assert_string_equal(row.provider, "two");
    assert_string_equal(row.model, "claude-haiku-4-5");
    assert_int_equal(row.has_cost, 1);
    assert_true(row.cost > 0);
    assert_int_equal(row.cost, alone.cost);
    text = caller_text(llmgw_response_model(llmgw_call_response(trap->call)));
    assert_non_null(strstr(text, "claude-haiku-4-5"));
    assert_string_equal(served.path, "/v1/messages");
    assert_null(strstr(served.headers, "first-key"));
    assert_null(strstr(served.body, "gpt-4.1"));
    assert_non_null(strstr(served.headers, "other-key"));
    trap_configure(trap, NULL);
}

/* --- T28: prices --- */

static void t28_an_unknown_price_is_not_nothing(void **state)
{
    static const struct {
        const char *model;
        int known;
    } rows[] = {{"oai/gpt-4.1", 1}, {"oai/nobody-knows-this", 0}};
    struct trap *trap = *state;

    for (size_t i = 0; i < 2; i++) {
        int64_t cost = -7;
        llmgw_money sum;
        struct row row;

        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", "usage=120:30");
        trap_ask_model(trap, rows[i].model, 1, "");
        trap_answered(trap, NULL);
        row = last_row(trap->gateway, trap->call);
        assert_int_equal(row.has_cost, rows[i].known);
        assert_int_equal(llmgw_call_cost(trap->call, &sum), !rows[i].known);
        assert_int_equal(
            llmgw_attempt_cost(llmgw_call_attempt(trap->call, 0), &cost),
            rows[i].known);
        assert_int_equal(cost > 0, rows[i].known);
    }
}

#define PRICES(price)                                                       \
    "{'gpt-4.1':{'litellm_provider':'openai','input_cost_per_token':" price \
    "},'m2':{'litellm_provider':'openai','input_cost_per_token':1e-06},"    \
    "'m3':{'litellm_provider':'groq','input_cost_per_token':1e-06}}"

static llmgw_status load(struct trap *trap, const char *list)
{
    const char *json = caller_quotes(list);
    llmgw_error *error = NULL;
    llmgw_status status = llmgw_manifest_load(
        trap->gateway, llmgw__str_n(json, strlen(json)), NULL, NULL, &error);

    llmgw_error_free(error);
    return status;
}

/* Half a list, none at all, or one of prices gone mad. */
static void t28_a_list_that_shrank_is_not_taken(void **state)
{
    static const char *const lists[] = {
        "",
        "{}",
        "<html></html>",
        "{'models':[]}",
        "{'m2':{'litellm_provider':'openai','input_cost_per_token':1e-06}}",
        PRICES("0"),
        PRICES("2.5e-04"),
        PRICES("-2")};
    struct trap *trap = *state;
    struct row row;

    assert_int_equal(load(trap, PRICES("2.5e-06")), LLMGW_OK);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        if (load(trap, lists[i]) != LLMGW_E_CONFIG)
            fail_msg("taken: %s", lists[i]);
    fake_clear(trap->fake);
    fake_script(trap->fake, "POST", "usage=120:0 text=''");
    trap_ask(trap, OAI, 1, "");
    row = last_row(trap->gateway, trap->call);
    assert_int_equal(row.cost, 120 * 2500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t12_the_prompt_holds_what_was_cached_once),
        cmocka_unit_test(t13_counts_that_grow_are_not_added_up),
        cmocka_unit_test(t14_zero_is_a_number_and_less_is_none),
        cmocka_unit_test(t16_the_caller_and_the_ledger_are_told_the_same),
        cmocka_unit_test(t18_who_answers_is_named_and_priced),
        cmocka_unit_test(t28_an_unknown_price_is_not_nothing),
        cmocka_unit_test(t28_a_list_that_shrank_is_not_taken),
    };

    return cmocka_run_group_tests(tests, trap_set_up, trap_tear_down);
}
