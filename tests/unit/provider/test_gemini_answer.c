/* How answers of the gemini wire end, break, and what they cost to read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
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
#define CALL       "'content':{'parts':[{'functionCall':{'name':'f'}}]}"
#define ENDED(reason, rest) \
    "{'candidates':[{" rest ",'finishReason':'" reason "'}]}"
#define NOTHING "'index':0"

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

/* --- finish reasons --- */

static void reasons_become_finish_reasons(void **state)
{
    static const struct {
        const char *body, *finish, *native;
    } cases[] = {
        {ENDED("STOP", TEXT("a")), "stop", "STOP"},
        {ENDED("STOP", CALL), "tool_calls", "STOP"},
        {ENDED("MAX_TOKENS", NOTHING), "length", "MAX_TOKENS"},
        {ENDED("MAX_TOKENS", CALL), "length", "MAX_TOKENS"},
        {ENDED("SAFETY", NOTHING), "content_filter", "SAFETY"},
        {ENDED("RECITATION", TEXT("a")), "content_filter", "RECITATION"},
        {ENDED("LANGUAGE", NOTHING), "content_filter", "LANGUAGE"},
        {ENDED("BLOCKLIST", NOTHING), "content_filter", "BLOCKLIST"},
        {ENDED("PROHIBITED_CONTENT", NOTHING), "content_filter",
         "PROHIBITED_CONTENT"},
        {ENDED("SPII", NOTHING), "content_filter", "SPII"},
        {ENDED("IMAGE_SAFETY", NOTHING), "content_filter", "IMAGE_SAFETY"},
        {ENDED("IMAGE_PROHIBITED_CONTENT", NOTHING), "content_filter",
         "IMAGE_PROHIBITED_CONTENT"},
        {ENDED("IMAGE_RECITATION", NOTHING), "content_filter",
         "IMAGE_RECITATION"},
        {ENDED("MODEL_ARMOR", NOTHING), "content_filter", "MODEL_ARMOR"},
        {ENDED("CONTINUATION", TEXT("a")), "length", "CONTINUATION"},
        {ENDED("UNEXPECTED_TOOL_CALL", CALL), "tool_calls",
         "UNEXPECTED_TOOL_CALL"},
        {ENDED("OTHER", TEXT("a")), "stop", "OTHER"},
        {ENDED("OTHER", CALL), "tool_calls", "OTHER"},
        {ENDED("BRAND_NEW", TEXT("a")), "stop", "BRAND_NEW"},
        {"{'candidates':[{" TEXT("a") ",'finishReason':1}]}", "stop", "STOP"},
        {"{'candidates':[{" TEXT("a") ",'finishReason':2}]}", "length",
         "MAX_TOKENS"},
        {"{'candidates':[{" TEXT("a") ",'finishReason':99}]}", "stop", "99"},
        {"{'promptFeedback':{'blockReason':'JAILBREAK'}}", "content_filter",
         "JAILBREAK"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cJSON *final;
        const cJSON *choice;

        if (whole(cases[i].body) != LLMGW_OK || run.failed)
            fail_msg("%s: %s", cases[i].body, run.error.message);
        final = dialect_run_final(&run);
        choice = cJSON_GetArrayItem(
            cJSON_GetObjectItemCaseSensitive(final, "choices"), 0);
        assert_string_equal(
            cJSON_GetStringValue(
                cJSON_GetObjectItemCaseSensitive(choice, "finish_reason")),
            cases[i].finish);
        assert_string_equal(run.native, cases[i].native);
        cJSON_Delete(final);
    }
}

static void output_that_broke_a_check_is_a_failure(void **state)
{
    static const struct {
        const char *body, *message;
    } cases[] = {
        {ENDED("MALFORMED_FUNCTION_CALL",
               CALL ",'finishMessage':'Malformed: \\u00e4'"),
         "Malformed: \xc3\xa4"},
        {ENDED("TOO_MANY_TOOL_CALLS", TEXT("a")),
         "the answer ended with finishReason TOO_MANY_TOOL_CALLS"},
        {ENDED("NO_IMAGE", NOTHING),
         "the answer is empty with finishReason NO_IMAGE"},
        {ENDED("IMAGE_OTHER", NOTHING),
         "the answer is empty with finishReason IMAGE_OTHER"},
        {ENDED("UNEXPECTED_TOOL_CALL", TEXT("a")),
         "the answer ended with finishReason UNEXPECTED_TOOL_CALL"},
        {ENDED("OTHER", NOTHING),
         "the answer is empty with finishReason OTHER"},
        {ENDED("OTHER", "'content':{'parts':[{'text':'t','thought':true}]}"),
         "the answer ended with finishReason OTHER"},
        {ENDED("STOP", NOTHING), "the answer is empty with finishReason STOP"},
        {ENDED("STOP", TEXT("")), "the answer is empty with finishReason STOP"},
        {ENDED("STOP", "'content':{'parts':[{'functionCall':"
                       "{'partialArgs':[{}]}}]}"),
         "pieces of tool arguments that do not fit together"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(whole(cases[i].body), LLMGW_OK);
        if (!run.failed)
            fail_msg("no failure: %s", cases[i].body);
        assert_int_equal(run.error.kind, LLMGW_KIND_MODEL_OUTPUT_INVALID);
        assert_string_equal(run.error.message, cases[i].message);
        assert_true(run.error.retryable);
        assert_int_equal(run.error.upstream_status, 200);
    }
}

static void calls_of_a_botched_record_are_dropped(void **state)
{
    (void)state;
    start("{'model':'m','messages':[{'role':'user','content':'x'}]}");
    assert_int_equal(
        frame("{'candidates':[{'content':{'parts':[{'text':'a'},"
              "{'functionCall':{'name':'f'}},{'text':'b'}]},'finishReason':"
              "'MALFORMED_FUNCTION_CALL'}],'usageMetadata':"
              "{'promptTokenCount':3,'totalTokenCount':3}}"),
        LLMGW_OK);
    assert_true(run.failed);
    assert_string_equal(run.error.raw_code, "MALFORMED_FUNCTION_CALL");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 3);
    assert_int_equal(cJSON_GetArraySize(run.chunks), 3); /* role, a, b */
    assert_int_equal(frame(ENDED("STOP", TEXT("more"))), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(cJSON_GetArraySize(run.chunks), 3);
}

static void the_first_reason_holds(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(frame(ENDED("STOP", TEXT("a"))), LLMGW_OK);
    assert_int_equal(frame(ENDED("MAX_TOKENS", TEXT("b"))), LLMGW_OK);
    assert_int_equal(frame("{'promptFeedback':{'blockReason':'OTHER'}}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_string_equal(run.native, "STOP");
}

/* --- broken answers --- */

static void a_stream_without_a_reason_was_cut(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
    start(NULL);
    assert_int_equal(frame("{'candidates':[{" TEXT(
                         "a") "}],'usageMetadata':"
                              "{'promptTokenCount':3,'totalTokenCount':3}}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 3);
    start(NULL); /* one of two choices has not ended */
    assert_int_equal(frame(ENDED("STOP", TEXT("a") ",'index':1")), LLMGW_OK);
    assert_int_equal(frame("{'candidates':[{" TEXT("b") "}]}"), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
}

static const struct llmgw__answer *answer(void)
{
    return llmgw__assemble_answer(&run.assemble);
}

static void candidates_nobody_asked_for_keep_their_index(void **state)
{
    static const char plain[] =
        "{'model':'m','messages':[{'role':'user','content':'x'}]}";
    static const char both[] =
        "{'candidates':[{" TEXT("a") ",'finishReason':'STOP','index':0},{" TEXT(
            "b") ",'finishReason':'STOP','index' : 1}]}";
    static const char second[] = ENDED("STOP", TEXT("d") ",'index':1");

    (void)state;
    start(plain);
    assert_int_equal(dialect_run_whole(&run, quoted(both), strlen(both)),
                     LLMGW_OK);
    assert_int_equal(answer()->choice_count, 2);
    assert_true(llmgw__str_is(answer()->choices[0].text, "a"));
    assert_true(llmgw__str_is(answer()->choices[1].text, "b"));
    start(plain);
    assert_int_equal(frame(ENDED("STOP", TEXT("c") ",'index':0")), LLMGW_OK);
    assert_int_equal(frame(second), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(answer()->choice_count, 2);
    assert_true(llmgw__str_is(answer()->choices[0].text, "c"));
    assert_true(llmgw__str_is(answer()->choices[1].text, "d"));
    start(plain); /* a member of that name elsewhere means nothing */
    assert_int_equal(
        frame(ENDED("STOP", "'content':{'parts':[{'functionCall':{'name':'f',"
                            "'args':{'index':7}}},{'text':'index'}]}")),
        LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(answer()->choice_count, 1);
}

static void words_on_the_end_are_kept(void **state)
{
    static const char body[] =
        ENDED("SAFETY", TEXT("a") ",'finishMessage':'not \\u0041ll of it'");

    (void)state;
    assert_int_equal(whole(body), LLMGW_OK);
    assert_true(llmgw__str_is(answer()->choices[0].native_finish, "SAFETY"));
    assert_true(
        llmgw__str_is(answer()->choices[0].finish_message, "not All of it"));
}

static void an_error_record_is_a_failure_and_the_last_word(void **state)
{
    static const char error[] =
        "{'error':{'code':503,'status':'UNAVAILABLE','message':'full'}}";
    static const char list[] = "[{'candidates':[{" TEXT(
        "a") "}]},"
             "{'error':{'code':500,'status':'INTERNAL','message':'oh'}},"
             "{'candidates':[{" TEXT("b") "}]}]";

    (void)state;
    start(NULL);
    assert_int_equal(frame("{'candidates':[{" TEXT("a") "}]}"), LLMGW_OK);
    assert_int_equal(frame(error), LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, LLMGW_KIND_OVERLOADED);
    assert_string_equal(run.error.message, "full");
    assert_int_equal(frame(ENDED("STOP", TEXT("b"))), LLMGW_OK);
    assert_int_equal(run.told, 2);
    assert_int_equal(whole(list), LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, LLMGW_KIND_SERVER_ERROR);
    assert_string_equal(run.error.message, "oh");
    assert_int_equal(whole("{'error':null,'candidates':[{" TEXT(
                         "a") ",'finishReason':'STOP'}]}"),
                     LLMGW_OK);
    assert_false(run.failed);
}

static void what_this_wire_does_not_speak_is_refused(void **state)
{
    static const char *const bodies[] = {
        "",
        "null",
        "7",
        "'text'",
        "{",
        "{'candidates':[}",
        "[",
        "[7]",
        ENDED("STOP", TEXT("a")) "x",
        "<html>",
        "{'candidates':[{'index':-1," TEXT("a") "}]}",
        "{'candidates':[{'index':128," TEXT("a") "}]}"};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        if (whole(bodies[i]) != LLMGW_E_INVALID)
            fail_msg("taken: %s", bodies[i]);
}

static void members_of_other_types_are_passed_over(void **state)
{
    (void)state;
    assert_int_equal(
        whole("{'candidates':[7,{'content':[1],'index':0},{'content':{'parts':"
              "[null,{'text':5},{'functionCall':'x','text':'a'},"
              "{'inlineData':7},{'text':'a','thoughtSignature':{}}]}},"
              "{'finishReason':'STOP','groundingMetadata':7}],'usageMetadata':"
              "{'promptTokenCount':'x','promptTokensDetails':{},"
              "'candidatesTokenCount':-5,'thoughtsTokenCount':1e99},"
              "'modelVersion':{},'responseId':[],'promptFeedback':7}"),
        LLMGW_OK);
    assert_false(run.failed);
    assert_int_equal(
        whole("{'candidates':{},'usageMetadata':[],'promptFeedback':null}"),
        LLMGW_E_INVALID);
}

static void arrays_and_closing_marks_of_proxies_are_taken(void **state)
{
    (void)state;
    assert_int_equal(whole("[{'candidates':[{" TEXT("a") "}]}\n,\n" ENDED(
                         "STOP", TEXT("b")) "\n]\n"),
                     LLMGW_OK);
    assert_false(run.failed);
    start(NULL);
    assert_int_equal(frame(ENDED("STOP", TEXT("a"))), LLMGW_OK);
    assert_int_equal(frame(" [DONE]"), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
}

/* --- usage --- */

static void counts(const char *usage, const int64_t *wanted)
{
    char body[512];

    snprintf(body, sizeof body,
             "{'candidates':[{" TEXT("a") ",'finishReason':'STOP'}],"
                                          "'usageMetadata':%s}",
             usage);
    assert_int_equal(whole(body), LLMGW_OK);
    for (int i = 0; i < LLMGW__USAGE_CLASSES; i++)
        assert_int_equal(run.usage.count[i], wanted[i]);
}

static void every_token_has_one_class(void **state)
{
    /* uncached cached 5m 1h audio image | text reasoning audio image */
    static const struct {
        const char *usage;
        int64_t counts[LLMGW__USAGE_CLASSES];
    } cases[] = {
        {"{'promptTokenCount':10,'candidatesTokenCount':4,"
         "'thoughtsTokenCount':3,'totalTokenCount':17}",
         {10, 0, 0, 0, 0, 0, 4, 3}},
        /* here the candidates hold the thoughts */
        {"{'promptTokenCount':10,'candidatesTokenCount':4,"
         "'thoughtsTokenCount':3,'totalTokenCount':14}",
         {10, 0, 0, 0, 0, 0, 1, 3}},
        {"{'promptTokenCount':100,'cachedContentTokenCount':60,"
         "'toolUsePromptTokenCount':5,'candidatesTokenCount':1,"
         "'promptTokensDetails':[{'modality':'AUDIO','tokenCount':30},"
         "{'modality':'DOCUMENT','tokenCount':8},{'modality':'VIDEO',"
         "'tokenCount':2},{'modality':'TEXT','tokenCount':60}],"
         "'cacheTokensDetails':[{'modality':'AUDIO','tokenCount':25},"
         "{'modality':'TEXT','tokenCount':35}],'totalTokenCount':106}",
         {30, 60, 0, 0, 5, 10, 1, 0}},
        {"{'promptTokenCount':3,'candidatesTokenCount':9,"
         "'candidatesTokensDetails':[{'modality':2,'tokenCount':4},"
         "{'modality':4,'tokenCount':3}],'totalTokenCount':12}",
         {3, 0, 0, 0, 0, 0, 2, 0, 3, 4}},
        {"{'candidatesTokenCount':2,'thoughtsTokenCount':61}",
         {0, 0, 0, 0, 0, 0, 2, 61}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        counts(cases[i].usage, cases[i].counts);
}

static void what_tools_put_before_the_model_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(
        whole("{'candidates':[{" TEXT(
            "a") ",'finishReason':'STOP'}],"
                 "'usageMetadata':{'promptTokenCount':14,"
                 "'toolUsePromptTokenCount':140,'totalTokenCount':154}}"),
        LLMGW_OK);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 154);
    assert_int_equal(run.usage.raw[LLMGW__RAW_TOOL_USE_PROMPT], 140);
}

static void counts_beyond_reason_do_not_overflow(void **state)
{
    struct llmgw__buf body;

    (void)state;
    llmgw__buf_init(&body, 0);
    llmgw__buf_add_z(&body, "{\"candidates\":[{\"content\":{\"parts\":[{"
                            "\"text\":\"a\"}]},\"finishReason\":\"STOP\"}],"
                            "\"usageMetadata\":{\"promptTokenCount\":"
                            "9223372036854775807,\"toolUsePromptTokenCount\":"
                            "9223372036854775807,\"promptTokensDetails\":[");
    for (int i = 0; i < 20000; i++)
        llmgw__buf_add_z(&body, "{\"modality\":\"AUDIO\",\"tokenCount\":"
                                "9223372036854775807},");
    llmgw__buf_add_z(&body, "{}]}}");
    start(NULL);
    assert_int_equal(dialect_run_whole(&run, body.data, body.len), LLMGW_OK);
    assert_true(llmgw__usage_prompt(&run.usage) > 0);
    llmgw__buf_clear(&body);
}

static void a_record_without_counts_changes_nothing(void **state)
{
    (void)state;
    start(NULL);
    assert_int_equal(
        frame("{'candidates':[{" TEXT(
            "a") ",'finishReason':'STOP'}],"
                 "'usageMetadata':{'promptTokenCount':5,'totalTokenCount':5}}"),
        LLMGW_OK);
    assert_int_equal(frame("{'usageMetadata':{'trafficType':'ON_DEMAND'}}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 5);
}

/* --- citations --- */

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

/* --- what it costs --- */

#define RECORD                                                                 \
    "{'candidates': [{'content': {'parts': [{'text': ' world and more \\n'}]," \
    "'role': 'model'},'index': 0}],'usageMetadata': {'promptTokenCount': 12,"  \
    "'candidatesTokenCount': 3,'totalTokenCount': 36,'promptTokensDetails': "  \
    "[{'modality': 'TEXT','tokenCount': 12}],'thoughtsTokenCount': 21},'mode"  \
    "lVersion': 'gemini-2.5-flash','responseId': 'hQ0iaZ2eC8jXz7IP5rGxuQg'}"

static llmgw_status swallow(void *userdata, const struct llmgw__chunk *chunk)
{
    (void)chunk;
    ++*(size_t *)userdata;
    return LLMGW_OK;
}

static void a_record_of_text_allocates_nothing(void **state)
{
    struct llmgw__frame record = {.kind = LLMGW__FRAME_EVENT};
    size_t told = 0, before = 0;

    (void)state;
    start("{'model':'m','messages':[{'role':'user','content':'x'}]}");
    assert_int_equal(dialect_run_expect(&run), LLMGW_OK);
    run.decode.emit = swallow;
    run.decode.userdata = &told;
    record.data = llmgw__str(quoted(RECORD));
    for (int i = 0; i < 100; i++) {
        if (i == 10)
            before = allocation_count();
        llmgw__arena_reset(&run.scratch);
        assert_int_equal(run.dialect->frame(run.decoder, &run.decode, &record),
                         LLMGW_OK);
    }
    assert_int_equal(allocation_count(), before);
    assert_int_equal(told, 1 + 100 * 2); /* identity; text and usage each */
}

/* --- failures --- */

static const char *const long_answer[] = {
    "{'candidates':[{'content':{'parts':[{'text':'th\\u00e4t','thought':true},"
    "{'text':'\\u00e4a'},{'functionCall':{'name':'f','args':{'a': 1}},"
    "'thoughtSignature':'S'},{'inlineData':{'mimeType':'image/png','data':"
    "'AAAA'}},{'inlineData':{'mimeType':'audio/L16','data':'AAAA'}},"
    "{'executableCode':{'code':'1'}}]},"
    "'index':1,'logprobsResult':{'chosenCandidates':[{'token':'a'}]}}],"
    "'responseId':'\\u0072','usageMetadata':{'promptTokenCount':1}}",
    "{'candidates':[{'content':{'parts':[{'text':'','thoughtSignature':"
    "'T'}]},'index':0,'finishReason':'MAX_TOKENS','continuationToken':'C'}]}",
    "{'candidates':[{'index':1,'finishReason':'STOP','groundingMetadata':"
    "{'groundingChunks':[{'web':{'uri':'u'}}],'groundingSupports':[{'segment':"
    "{'endIndex':2},'groundingChunkIndices':[0]}],'webSearchQueries':['q']}}]"
    "}",
};

static llmgw_status answer_once(int nth)
{
    llmgw_status status = LLMGW_OK;

    start(NULL);
    status = dialect_run_expect(&run);
    assert_int_equal(status, LLMGW_OK);
    fail_allocation(nth);
    for (size_t i = 0; i < 3 && status == LLMGW_OK; i++)
        status = frame(long_answer[i]);
    if (status == LLMGW_OK)
        status = dialect_run_end(&run);
    allow_allocations();
    return status;
}

static void decoding_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++)
        status = answer_once(nth);
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 20);
    assert_false(run.failed);
    assert_int_equal(run.usage.tools[LLMGW__TOOL_WEB_SEARCH], 1);
}

static void records_cut_anywhere_break_but_do_not_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        size_t len = strlen(long_answer[i]);

        for (size_t cut = 0; cut < len; cut++) {
            start(NULL);
            assert_int_equal(
                dialect_run_frame(&run, quoted(long_answer[i]), cut),
                LLMGW_E_INVALID);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reasons_become_finish_reasons),
        cmocka_unit_test(output_that_broke_a_check_is_a_failure),
        cmocka_unit_test(calls_of_a_botched_record_are_dropped),
        cmocka_unit_test(the_first_reason_holds),
        cmocka_unit_test(a_stream_without_a_reason_was_cut),
        cmocka_unit_test(candidates_nobody_asked_for_keep_their_index),
        cmocka_unit_test(words_on_the_end_are_kept),
        cmocka_unit_test(an_error_record_is_a_failure_and_the_last_word),
        cmocka_unit_test(what_this_wire_does_not_speak_is_refused),
        cmocka_unit_test(members_of_other_types_are_passed_over),
        cmocka_unit_test(arrays_and_closing_marks_of_proxies_are_taken),
        cmocka_unit_test(every_token_has_one_class),
        cmocka_unit_test(what_tools_put_before_the_model_is_told_apart),
        cmocka_unit_test(counts_beyond_reason_do_not_overflow),
        cmocka_unit_test(a_record_without_counts_changes_nothing),
        cmocka_unit_test(citations_count_code_points_over_all_text),
        cmocka_unit_test(a_segment_counts_in_the_part_that_it_names),
        cmocka_unit_test(a_part_goes_on_over_the_records_of_a_stream),
        cmocka_unit_test(metadata_that_says_nothing_replaces_nothing),
        cmocka_unit_test(sources_without_an_address_are_no_citations),
        cmocka_unit_test(a_request_without_search_keeps_no_text),
        cmocka_unit_test(a_record_of_text_allocates_nothing),
        cmocka_unit_test(decoding_survives_every_failed_allocation),
        cmocka_unit_test(records_cut_anywhere_break_but_do_not_harm),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
