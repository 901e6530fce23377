/*
 * What the manifest knows of the models of a list: by getters and as JSON.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define CONFIG                                                                 \
    "{'environment':false,'providers':{"                                       \
    "'a':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"                 \
    "'own':{'type':'compatible','base_url':'$1/v1','api_key':'k2'}},"          \
    "'routes':{'best':{'targets':['a/full-2026-01-02','a/bare','a/odd',"       \
    "'own/full']}},'manifest':{'models':["                                     \
    "{'provider':'openai','model':'full','context_window':1000,"               \
    "'max_output':100,'capabilities':['tools','reasoning'],'lacks':['audio']," \
    "'reasoning':'effort','refuses':['top_k','stop'],"                         \
    "'rates':{'in':'0.1','out':'600'},'long':{'above':500,'rates':"            \
    "{'in':'0.2'}},'per_request':'0.012','per_search':'0.01',"                 \
    "'fees':{'file_search':'0.0025'},'prices':[{'multiply':'1/1'}],"           \
    "'source':'s','as_of':'2026-01-02'},"                                      \
    "{'provider':'openai','model':'bare','lacks':['reasoning']}]}}"

enum {
    ROUTE,
    FULL,
    BARE,
    ODD,
    OWN
};

static int set_up(void **state)
{
    *state = caller_open(CONFIG, "http://127.0.0.1:9", "", "");
    return 0;
}

static int tear_down(void **state)
{
    llmgw_gateway_close(*state);
    return 0;
}

static llmgw_model_list *list_of(void **state)
{
    llmgw_model_list *list;

    assert_int_equal(llmgw_models_local(*state, &list), LLMGW_OK);
    assert_int_equal(llmgw_model_list_count(list), 5);
    return list;
}

static void limits_are_told_where_they_are_known(void **state)
{
    llmgw_model_list *list = list_of(state);

    assert_int_equal(llmgw_model_list_known(list, FULL), 1);
    assert_int_equal(llmgw_model_list_context_window(list, FULL), 1000);
    assert_int_equal(llmgw_model_list_max_output(list, FULL), 100);
    assert_int_equal(llmgw_model_list_known(list, BARE), 1);
    assert_int_equal(llmgw_model_list_context_window(list, BARE), 0);
    assert_int_equal(llmgw_model_list_max_output(list, BARE), 0);
    for (size_t i = 0; i < 7; i++) {
        if (i == FULL || i == BARE)
            continue;
        assert_int_equal(llmgw_model_list_known(list, i), 0);
        assert_int_equal(llmgw_model_list_context_window(list, i), 0);
        assert_int_equal(llmgw_model_list_max_output(list, i), 0);
    }
    llmgw_model_list_free(list);
    assert_int_equal(llmgw_model_list_known(NULL, 0), 0);
}

static void abilities_are_yes_no_or_nobodys_word(void **state)
{
    llmgw_model_list *list = list_of(state);

    assert_int_equal(llmgw_model_list_can(list, FULL, LLMGW_CAPABILITY_TOOLS),
                     1);
    assert_int_equal(llmgw_model_list_can(list, FULL, LLMGW_CAPABILITY_AUDIO),
                     0);
    assert_int_equal(llmgw_model_list_can(list, FULL, LLMGW_CAPABILITY_PDF),
                     -1);
    assert_int_equal(
        llmgw_model_list_can(list, FULL, LLMGW_CAPABILITY_CANCEL_STOPS_BILLING),
        -1);
    assert_int_equal(llmgw_model_list_can(list, FULL, -1), -1);
    assert_int_equal(llmgw_model_list_can(list, FULL, 8), -1);
    assert_int_equal(llmgw_model_list_can(list, OWN, LLMGW_CAPABILITY_TOOLS),
                     -1);
    assert_string_equal(llmgw_model_list_reasoning(list, FULL), "effort");
    assert_string_equal(llmgw_model_list_reasoning(list, BARE), "none");
    assert_null(llmgw_model_list_reasoning(list, ODD));
    assert_int_equal(llmgw_model_list_refuses(list, FULL, "top_k"), 1);
    assert_int_equal(llmgw_model_list_refuses(list, FULL, "stop"), 1);
    assert_int_equal(llmgw_model_list_refuses(list, FULL, "seed"), 0);
    assert_int_equal(llmgw_model_list_refuses(list, FULL, "magic"), 0);
    assert_int_equal(llmgw_model_list_refuses(list, FULL, NULL), 0);
    assert_int_equal(llmgw_model_list_refuses(list, ODD, "top_k"), 0);
    llmgw_model_list_free(list);
}

/** A rate that must be known, and another that must not. */
static void expect_rate(const llmgw_model_list *list, llmgw_rate rate,
                        int64_t prompt, int64_t wanted)
{
    int64_t pico = -7;

    assert_int_equal(llmgw_model_list_rate(list, FULL, rate, prompt, &pico),
                     wanted != -7);
    assert_true(pico == wanted);
}

static void prices_are_exact_and_never_guessed(void **state)
{
    llmgw_model_list *list = list_of(state);
    int64_t pico = -7;

    expect_rate(list, LLMGW_RATE_IN, 0, 100000);
    expect_rate(list, LLMGW_RATE_IN, 500, 100000);
    expect_rate(list, LLMGW_RATE_IN, 501, 200000);
    expect_rate(list, LLMGW_RATE_OUT, 501, 600000000);
    expect_rate(list, LLMGW_RATE_CACHE_READ, 0, -7);
    expect_rate(list, LLMGW_RATE_REQUEST, 0, INT64_C(12000000000));
    expect_rate(list, LLMGW_RATE_SEARCH, 0, INT64_C(10000000000));
    expect_rate(list, -1, 0, -7);
    expect_rate(list, 10, 0, -7);
    expect_rate(list, 22, 0, -7);
    assert_int_equal(
        llmgw_model_list_rate(list, BARE, LLMGW_RATE_REQUEST, 0, &pico), 0);
    assert_int_equal(llmgw_model_list_rate(list, ODD, LLMGW_RATE_IN, 0, &pico),
                     0);
    assert_true(pico == -7);
    assert_int_equal(llmgw_model_list_rate(list, FULL, LLMGW_RATE_IN, 0, NULL),
                     0);
    llmgw_model_list_free(list);
}

static void the_json_says_the_same(void **state)
{
    static const char wanted[] =
        "{'object':'list','data':["
        "{'id':'best','object':'model','created':0,'owned_by':'llmgw'},"
        "{'id':'a/full-2026-01-02','object':'model','created':0,'owned_by':'a',"
        "'llmgw':{'known':true,'context_window':1000,'max_output':100,"
        "'capabilities':{'tools':true,'audio':false,'reasoning':true},"
        "'reasoning':'effort','refuses':['top_k','stop'],"
        "'pico_usd_per_token':{'in':100000,'out':600000000},"
        "'long':[{'from':501,'pico_usd_per_token':{'in':200000}}],"
        "'pico_usd_per_request':12000000000,'pico_usd_per_search':10000000000,"
        "'pico_usd_per_tool':{'file_search':2500000000},"
        "'conditional_prices':1,"
        "'source':'s','as_of':'2026-01-02'}},"
        "{'id':'a/bare','object':'model','created':0,'owned_by':'a',"
        "'llmgw':{'known':true,'capabilities':{'reasoning':false},"
        "'reasoning':'none','pico_usd_per_token':{}}},"
        "{'id':'a/odd','object':'model','created':0,'owned_by':'a',"
        "'llmgw':{'known':false}},"
        "{'id':'own/full','object':'model','created':0,'owned_by':'own',"
        "'llmgw':{'known':false}}]}";
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        llmgw_model_list *list = list_of(state);
        llmgw_str json;

        fail_allocation(nth);
        status = llmgw_model_list_json(list, &json);
        allow_allocations();
        if (status == LLMGW_OK)
            assert_string_equal(caller_text(json), caller_quotes(wanted));
        llmgw_model_list_free(list);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
}

static void a_list_outlives_its_gateways_configuration(void **state)
{
    llmgw_model_list *list = list_of(state);

    assert_int_equal(llmgw_gateway_reload(
                         *state, LLMGW__LIT("{\"environment\":false}"), NULL),
                     LLMGW_OK);
    assert_int_equal(llmgw_model_list_context_window(list, FULL), 1000);
    llmgw_model_list_free(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_told_where_they_are_known),
        cmocka_unit_test(abilities_are_yes_no_or_nobodys_word),
        cmocka_unit_test(prices_are_exact_and_never_guessed),
        cmocka_unit_test(the_json_says_the_same),
        cmocka_unit_test(a_list_outlives_its_gateways_configuration),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
