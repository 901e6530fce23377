/* How a request was served, which prices depend on: as each wire tells it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/dialect_run.h"

static struct dialect_run run;

static int forget(void **state)
{
    (void)state;
    if (run.dialect)
        dialect_run_clear(&run);
    return 0;
}

/* The tier of a whole answer; ' stands for " */
static int served(const struct llmgw__dialect *dialect, const char *text)
{
    char json[1024];
    size_t len = strlen(text);

    assert_in_range(len, 1, sizeof json);
    for (size_t i = 0; i < len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    if (run.dialect)
        dialect_run_clear(&run);
    dialect_run_start(&run, dialect, "https://host.example", "m");
    assert_int_equal(dialect_run_whole(&run, json, len), LLMGW_OK);
    assert_true(run.has_usage);
    return run.usage.service_tier;
}

#define CHAT(tier)                                                  \
    "{'id':'1','object':'chat.completion','model':'m','choices':[{" \
    "'index':0,'message':{'role':'assistant','content':'x'},"       \
    "'finish_reason':'stop'}],'usage':{'prompt_tokens':1,"          \
    "'completion_tokens':1}" tier "}"

static void chat_completions_say_it_beside_their_usage(void **state)
{
    const struct llmgw__dialect *openai = &llmgw__dialect_openai;

    (void)state;
    assert_int_equal(served(openai, CHAT("")), LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(served(openai, CHAT(",'service_tier':null")),
                     LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(served(openai, CHAT(",'service_tier':'auto'")),
                     LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(served(openai, CHAT(",'service_tier':'default'")),
                     LLMGW__SERVICE_STANDARD);
    assert_int_equal(served(openai, CHAT(",'service_tier':'on_demand'")),
                     LLMGW__SERVICE_STANDARD);
    assert_int_equal(served(openai, CHAT(",'service_tier':'flex'")),
                     LLMGW__SERVICE_FLEX);
    assert_int_equal(served(openai, CHAT(",'service_tier':'priority'")),
                     LLMGW__SERVICE_PRIORITY);
}

static void responses_say_it_beside_their_usage(void **state)
{
    (void)state;
    assert_int_equal(
        served(&llmgw__dialect_responses,
               "{'id':'r','object':'response','status':'completed','model':'m',"
               "'service_tier':'flex','output':[],'usage':{'input_tokens':1,"
               "'output_tokens':1}}"),
        LLMGW__SERVICE_FLEX);
}

#define MESSAGE(usage)                                                 \
    "{'id':'1','type':'message','role':'assistant','model':'m',"       \
    "'content':[{'type':'text','text':'x'}],'stop_reason':'end_turn'," \
    "'usage':{'input_tokens':1,'output_tokens':1" usage "}}"

static void messages_say_it_in_their_usage_and_where(void **state)
{
    const struct llmgw__dialect *messages = &llmgw__dialect_anthropic;

    (void)state;
    assert_int_equal(served(messages, MESSAGE("")), LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(run.usage.regional, 0);
    assert_int_equal(served(messages, MESSAGE(",'service_tier':'batch'")),
                     LLMGW__SERVICE_BATCH);
    /* a contract, which is priced as usual */
    assert_int_equal(served(messages, MESSAGE(",'service_tier':'priority'")),
                     LLMGW__SERVICE_STANDARD);
    assert_int_equal(served(messages, MESSAGE(",'service_tier':'standard',"
                                              "'speed':'fast'")),
                     LLMGW__SERVICE_PRIORITY);
    assert_int_equal(served(messages, MESSAGE(",'speed':'fast',"
                                              "'service_tier':'standard'")),
                     LLMGW__SERVICE_PRIORITY);
    assert_int_equal(served(messages, MESSAGE(",'inference_geo':'us'")),
                     LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(run.usage.regional, 1);
    (void)served(messages, MESSAGE(",'inference_geo':'global'"));
    assert_int_equal(run.usage.regional, 0);
}

#define GENERATED(usage)                                                      \
    "{'candidates':[{'content':{'parts':[{'text':'x'}],'role':'model'},"      \
    "'finishReason':'STOP','index':0}],'usageMetadata':{"                     \
    "'promptTokenCount':1,'candidatesTokenCount':1,'totalTokenCount':2" usage \
    "}}"

static void generated_content_says_it_in_its_usage(void **state)
{
    const struct llmgw__dialect *gemini = &llmgw__dialect_gemini;

    (void)state;
    assert_int_equal(served(gemini, GENERATED("")), LLMGW__SERVICE_UNKNOWN);
    assert_int_equal(served(gemini, GENERATED(",'serviceTier':'standard'")),
                     LLMGW__SERVICE_STANDARD);
    assert_int_equal(served(gemini, GENERATED(",'serviceTier':'flex'")),
                     LLMGW__SERVICE_FLEX);
    assert_int_equal(served(gemini, GENERATED(",'trafficType':'ON_DEMAND'")),
                     LLMGW__SERVICE_STANDARD);
    assert_int_equal(
        served(gemini, GENERATED(",'trafficType':'ON_DEMAND_PRIORITY'")),
        LLMGW__SERVICE_PRIORITY);
    assert_int_equal(
        served(gemini, GENERATED(",'trafficType':'PROVISIONED_THROUGHPUT'")),
        LLMGW__SERVICE_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(chat_completions_say_it_beside_their_usage,
                                  forget),
        cmocka_unit_test_teardown(responses_say_it_beside_their_usage, forget),
        cmocka_unit_test_teardown(messages_say_it_in_their_usage_and_where,
                                  forget),
        cmocka_unit_test_teardown(generated_content_says_it_in_its_usage,
                                  forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
