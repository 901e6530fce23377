/* Citations of the gemini wire: whose they are, and where they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/encode_case.h"

static struct dialect_run run;

/* ' stands for " in all texts. */
static void start(const char *request)
{
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_gemini, ENCODE_CASE_BASE, "m");
    if (request)
        assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
}

static llmgw_status frame(const char *record)
{
    const char *text = quoted(record);

    return dialect_run_frame(&run, text, strlen(text));
}

static llmgw_status whole(const char *body)
{
    const char *text = quoted(body);

    start(NULL);
    return dialect_run_whole(&run, text, strlen(text));
}

#define TEXT(text) "'content':{'parts':[{'text':'" text "'}]}"

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

static const cJSON *annotations(void)
{
    int last = cJSON_GetArraySize(run.chunks) - 2; /* before the finish */
    const cJSON *choice =
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(
                               cJSON_GetArrayItem(run.chunks, last), "choices"),
                           0);

    return cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(choice, "delta"), "annotations");
}

static double citation(int i, const char *name)
{
    return cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(annotations(), i),
                                         "url_citation"),
        name));
}

#define GROUNDING(supports)                                                   \
    "{'candidates':[{'groundingMetadata':{'groundingChunks':[{'web':{'uri':"  \
    "'u','title':'t'}},{'other':{}}],'groundingSupports':[" supports "]},'fi" \
    "nishReason':'STOP'}]}"

static void citations_count_code_points_over_all_text(void **state)
{
    static const char block[] = "0123456789abcdef";
    char text[1200];
    size_t len = 0;

    (void)state;
    start(NULL);
    len += (size_t)snprintf(text, sizeof text,
                            "{'candidates':[{'content':"
                            "{'parts':[{'text':'");
    for (int i = 0; i < 20; i++) /* 20 x (16 + 2 + 3 + 4) bytes */
        len +=
            (size_t)snprintf(text + len, sizeof text - len,
                             "%s\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", block);
    snprintf(text + len, sizeof text - len, "'}]}}]}");
    assert_int_equal(frame(text), LLMGW_OK);
    assert_int_equal(
        frame(GROUNDING("{'segment':{'endIndex':25},"
                        "'groundingChunkIndices':[0]},"
                        "{'segment':{'startIndex':475,'endIndex':99999},"
                        "'groundingChunkIndices':[0,1,2,-1,'x']},{}")),
        LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(cJSON_GetArraySize(annotations()), 2);
    assert_int_equal(citation(0, "start_index"), 0);
    assert_int_equal(citation(0, "end_index"), 19);
    assert_int_equal(citation(1, "start_index"), 19 * 19);
    assert_int_equal(citation(1, "end_index"), 20 * 19);
}

#define SEGMENT(members) "{'segment':{" members "},'groundingChunkIndices':[0]}"

static void a_segment_counts_in_the_part_that_it_names(void **state)
{
    (void)state;
    assert_int_equal(
        whole(
            "{'candidates':[{'content':{'parts':[{'text':'t','thought':true},"
            "{'text':'\xc3\xa4"
            "b'},{'codeExecutionResult':{}},"
            "{'text':'cd\xc3\xa9'},{'text':'ef'}]},'groundingMetadata':{"
            "'groundingChunks':[{'web':{'uri':'u'}}],'groundingSupports':[" SEGMENT(
                "'partIndex':3,'startIndex':1,'endIndex':4,"
                "'text':'d\xc3\xa9'") "," SEGMENT("'partIndex':4,'endIndex':99") "," SEGMENT("'partIndex':3,'startIndex':3,'endIndex':5,"
                                                                                             "'text':'cd'") "," SEGMENT("'partIndex':99,'endIndex':2") "," SEGMENT("'partIndex':-1,'startIndex':-5,'endIndex':2") "]},'finishReason':'STOP'}]}"),
        LLMGW_OK);
    assert_int_equal(cJSON_GetArraySize(annotations()), 5);
    assert_int_equal(citation(0, "start_index"), 3);
    assert_int_equal(citation(0, "end_index"), 5);
    assert_int_equal(citation(1, "start_index"), 5);
    assert_int_equal(citation(1, "end_index"), 7);
    assert_int_equal(citation(2, "start_index"), 2); /* its words say so */
    assert_int_equal(citation(2, "end_index"), 4);
    assert_int_equal(citation(3, "start_index"), 0);
    assert_int_equal(citation(3, "end_index"), 1);
    assert_int_equal(citation(4, "start_index"), 0);
}

static void a_part_goes_on_over_the_records_of_a_stream(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(frame("{'candidates':[{'content':{'parts':[{'text':'t',"
                           "'thought':true}]}}]}"),
                     LLMGW_OK);
    assert_int_equal(frame("{'candidates':[{" TEXT("ab") "}]}"), LLMGW_OK);
    assert_int_equal(frame("{'candidates':[{" TEXT("cd") "}]}"), LLMGW_OK);
    assert_int_equal(
        frame(GROUNDING(SEGMENT("'partIndex':1,'startIndex':1,'endIndex':3"))),
        LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(citation(0, "start_index"), 1);
    assert_int_equal(citation(0, "end_index"), 3);
}

static void metadata_that_says_nothing_replaces_nothing(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(frame("{'candidates':[{" TEXT(
                         "abc") ",'groundingMetadata'"
                                ":{'webSearchQueries':['a','b']}}],"
                                "'usageMetadata':{'promptTokenCount':5}}"),
                     LLMGW_OK);
    assert_int_equal(frame(GROUNDING(SEGMENT("'endIndex':2"))), LLMGW_OK);
    assert_int_equal(frame("{'candidates':[{'groundingMetadata':{}}]}"),
                     LLMGW_OK);
    assert_int_equal(frame("{'candidates':[{'groundingMetadata':"
                           "{'searchEntryPoint':{}}}]}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(cJSON_GetArraySize(annotations()), 1);
    assert_int_equal(run.usage.tools[LLMGW__TOOL_WEB_SEARCH], 2);
}

static void searches_count_in_the_exchange_that_made_them(void **state)
{
    (void)state;
    start("{'model':'m','messages':[{'role':'user','content':'x'}],"
          "'web_search_options':{}}");
    assert_int_equal(dialect_run_expect(&run), LLMGW_OK);
    run.decode.may_follow = true;
    assert_int_equal(
        frame("{'candidates':[{" TEXT(
            "a") ",'groundingMetadata':{"
                 "'webSearchQueries':['q']},'continuationToken':'C',"
                 "'finishReason':'CONTINUATION'}],'usageMetadata':{"
                 "'promptTokenCount':5}}"),
        LLMGW_OK);
    assert_int_equal(run.dialect->end(run.decoder, &run.decode), LLMGW_OK);
    assert_int_equal(run.usage.tools[LLMGW__TOOL_WEB_SEARCH], 1);
    assert_true(llmgw__str_is(run.dialect->onward(run.decoder), "C"));
    assert_int_equal(frame("{'candidates':[{" TEXT(
                         "b") ",'finishReason':'STOP'}],'usageMetadata':{"
                              "'promptTokenCount':5}}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_true(run.usage.tools[LLMGW__TOOL_WEB_SEARCH] <= 0);
}

static void sources_without_an_address_are_no_citations(void **state)
{
    (void)state;
    assert_int_equal(
        whole("{'candidates':[{" TEXT(
            "abc") ",'groundingMetadata':{"
                   "'groundingChunks':[{'maps':{'uri':'m','title':'a'}},"
                   "{'retrievedContext':{'title':'b','text':'c'}},"
                   "{'retrievedContext':{'uri':'r'}},{'maps':7}],"
                   "'groundingSupports':[{'segment':{'endIndex':1},"
                   "'groundingChunkIndices':[0,1,2,3]}]},'finishReason':'STOP'}]}"),
        LLMGW_OK);
    assert_int_equal(cJSON_GetArraySize(annotations()), 2);
}

static void a_request_without_search_keeps_no_text(void **state)
{
    (void)state;
    start("{'model':'m','messages':[{'role':'user','content':'x'}]}");
    assert_int_equal(frame("{'candidates':[{" TEXT("abc") "}]}"), LLMGW_OK);
    assert_int_equal(frame(GROUNDING("{'segment':{'endIndex':2},"
                                     "'groundingChunkIndices':[0]}")),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_null(annotations());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(citations_count_code_points_over_all_text),
        cmocka_unit_test(a_segment_counts_in_the_part_that_it_names),
        cmocka_unit_test(a_part_goes_on_over_the_records_of_a_stream),
        cmocka_unit_test(metadata_that_says_nothing_replaces_nothing),
        cmocka_unit_test(searches_count_in_the_exchange_that_made_them),
        cmocka_unit_test(sources_without_an_address_are_no_citations),
        cmocka_unit_test(a_request_without_search_keeps_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
