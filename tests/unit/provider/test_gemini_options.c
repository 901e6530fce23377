/* The gemini wire: what the host says in llmgw.gemini, and what a strict call
 * refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/encode_case.h"

#define OLD   "gemini-2.0-flash"
#define NEW   "gemini-2.5-flash"
#define THREE "gemini-3-flash-preview"

#define GEMINI(members) "'llmgw':{'gemini':{" members "}}"
#define CACHED          "'cachedContent':'cachedContents/1'"
#define EXCLUDED                                                       \
    "invalid_request | llmgw.gemini.cachedContent | cached content ex" \
    "cludes system messages and tools"

static void cached_content_excludes_every_tool(void **state)
{
    (void)state;
    refuses(NEW, with("'web_search_options':{}," GEMINI(CACHED)), EXCLUDED);
    refuses(NEW, with(GEMINI(CACHED ",'tools':[{'urlContext':{}}]")), EXCLUDED);
    refuses(NEW, with(GEMINI(CACHED ",'toolConfig':{}")), EXCLUDED);
    sends(NEW, with(GEMINI(CACHED ",'tools':[],'toolConfig':null")),
          "cachedContent", "'cachedContents/1'");
}

static void options_have_the_types_that_can_be_written(void **state)
{
    (void)state;
    refuses(NEW, with("'llmgw':{'gemini':[1]}"),
            "invalid_request | llmgw.gemini | must be an object");
    refuses(NEW, with(GEMINI("'generationConfig':[]")),
            "invalid_request | llmgw.gemini.generationConfig | must be an "
            "object");
    refuses(NEW, with(GEMINI("'generationConfig':[1]")),
            "invalid_request | llmgw.gemini.generationConfig | must be an "
            "object");
    refuses(NEW, with(GEMINI("'tools':{'googleSearch':{}}")),
            "invalid_request | llmgw.gemini.tools | must be an array");
    refuses(NEW, with(GEMINI("'toolConfig':[]")),
            "invalid_request | llmgw.gemini.toolConfig | must be an object");
    sends(NEW, with("'llmgw':{'gemini':null}"), "generationConfig", "");
    sends(NEW,
          with(GEMINI("'generationConfig':null,'tools':null,'toolConfig':"
                      "null")),
          "generationConfig", "");
    assert_sent("tools", "");
    assert_sent("toolConfig", "");
}

static void json_stands_beside_no_tool_of_any_kind_before_3(void **state)
{
    static const char searching[] =
        "'response_format':{'type':'json_object'},'web_search_options':{}";
    static const char running[] = "'response_format':{'type':'json_object'}," //
        GEMINI("'tools':[{'codeExecution':{}}]");
    static const char refused[] = "unsupported_parameter | response_format | "
                                  "no JSON format beside tools on this model";

    (void)state;
    refuses(NEW, with(searching), refused);
    refuses(NEW, with(running), refused);
    sends(THREE, with(searching), "tools", "[{'googleSearch':{}}]");
    sends(THREE, with(running), "tools", "[{'codeExecution':{}}]");
}

static void a_seed_that_the_host_replaced_is_not_reported(void **state)
{
    (void)state;
    sends(NEW,
          with("'seed':5000000000," GEMINI("'generationConfig':{'seed':7}")),
          "generationConfig", "{'seed':7}");
    assert_adjusted("");
}

static void a_broken_answer_is_resumed_by_its_token(void **state)
{
    (void)state;
    sends("gemini-4-argon",
          with("'max_tokens':100," GEMINI("'continuationToken':'QzE='")),
          "continuationToken", "'QzE='");
    assert_sent("generationConfig", "{'maxOutputTokens':100}");
}

/* --- what the options make of the answer --- */

static struct dialect_run run;

static cJSON *answer(const char *request, const char *body)
{
    const char *text;

    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_gemini, ENCODE_CASE_BASE, "m");
    assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
    text = quoted(body);
    assert_int_equal(dialect_run_whole(&run, text, strlen(text)), LLMGW_OK);
    return dialect_run_final(&run);
}

static cJSON *choice_of(cJSON *final)
{
    return cJSON_GetArrayItem(
        cJSON_GetObjectItemCaseSensitive(final, "choices"), 0);
}

static void a_cache_may_hold_tools_whose_parts_must_go_back(void **state)
{
    cJSON *final =
        answer(with(GEMINI(CACHED)),
               "{'candidates':[{'content':{'parts':[{'executableCode':{}},"
               "{'text':'abc'}]},'finishReason':'STOP','groundingMetadata':{"
               "'groundingChunks':[{'web':{'uri':'u'}}],'groundingSupports':"
               "[{'segment':{'endIndex':2},'groundingChunkIndices':[0]}]}}]}");
    const cJSON *message =
        cJSON_GetObjectItemCaseSensitive(choice_of(final), "message");

    (void)state;
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(
                         message, "annotations")),
                     1);
    assert_non_null(cJSON_GetObjectItemCaseSensitive(message, "llmgw"));
    cJSON_Delete(final);
}

static void logprobs_that_the_options_ask_for_are_told(void **state)
{
    cJSON *final = answer(
        with(GEMINI("'generationConfig':{'responseLogprobs':true}")),
        "{'candidates':[{'content':{'parts':[{'text':'a'}]},'finishReason':"
        "'STOP','logprobsResult':{'chosenCandidates':[{'token':'a'}]}}]}");
    const cJSON *logprobs =
        cJSON_GetObjectItemCaseSensitive(choice_of(final), "logprobs");

    (void)state;
    assert_int_equal(cJSON_GetArraySize(
                         cJSON_GetObjectItemCaseSensitive(logprobs, "content")),
                     1);
    cJSON_Delete(final);
}

/* --- strict --- */

#define TOOL(rest) \
    "'tools':[{'type':'function','function':{'name':'f'" rest "}}]"
#define LOOSE            "{'type':'object','properties':{'a':{'not':{}}}}"
#define MESSAGES(list)   "{'model':'x/y','messages':[" list "]}"
#define SAYS(role, text) "{'role':'" role "','content':'" text "'}"
#define ASKS                                                                \
    "{'role':'assistant','tool_calls':[{'id':'1','type':'function','functi" \
    "on':{'name':'f','arguments':'{}'}}]}"
#define PICTURE(detail)                                                     \
    "[{'type':'image_url','image_url':{'url':'data:image/png;base64,AA=='," \
    "'detail':'" detail "'}}]"

/* Every adjustment this dialect makes: members of a small request, or a whole
 * one where it begins with a brace. */
static const struct {
    const char *model;
    const char *request;
    const char *adjusted;
} adjustments[] = {
    {NEW, "'logit_bias':{'1':1}", "logit_bias/dropped/unsupported"},
    {NEW, "'user':'u'", "user/dropped/unsupported"},
    {NEW, "'safety_identifier':'u'", "safety_identifier/dropped/unsupported"},
    {NEW, "'store':true", "store/dropped/unsupported"},
    {NEW, "'parallel_tool_calls':false," TOOL(""),
     "parallel_tool_calls/dropped/unsupported"},
    {NEW, "'prediction':{'type':'content','content':'x'}",
     "prediction/dropped/unsupported"},
    {NEW, "'verbosity':'low'", "verbosity/dropped/unsupported"},
    {NEW, "'moderation':{}", "moderation/dropped/unsupported"},
    {NEW, "'presence_penalty':1", "presence_penalty/dropped/unsupported"},
    {NEW, "'frequency_penalty':1", "frequency_penalty/dropped/unsupported"},
    {NEW, "'seed':5000000000", "seed/converted/hashed"},
    {NEW, "'service_tier':'scale'", "service_tier/dropped/unsupported"},
    {NEW, "'modalities':['audio'],'audio':{'voice':'a','format':'mp3'}",
     "audio/approximated/unsupported"},
    {NEW, "'web_search_options':{'search_context_size':'low'}",
     "web_search_options/dropped/unsupported"},
    {OLD, "'reasoning_effort':'low'", "reasoning_effort/dropped/unsupported"},
    {"gemini-2.5-pro", "'reasoning_effort':'none'",
     "reasoning_effort/approximated/thinking_cannot_be_disabled"},
    {THREE, "'reasoning_effort':'none'",
     "reasoning_effort/approximated/thinking_cannot_be_disabled"},
    {THREE, "'reasoning_effort':'xhigh'",
     "reasoning_effort/approximated/effort_level"},
    {NEW, "'tools':[{'type':'custom','custom':{'name':'c'}}]",
     "tools/emulated/unsupported"},
    {OLD, TOOL(",'strict':true"), "tools/dropped/strict"},
    {OLD, TOOL(",'parameters':" LOOSE), "tools/approximated/schema_keywords"},
    {OLD,
     "'response_format':{'type':'json_schema','json_schema':{'name':'s',"
     "'schema':" LOOSE "}}",
     "response_format/approximated/schema_keywords"},
    {"gemma-3-27b-it", MESSAGES(SAYS("system", "s") "," SAYS("user", "u")),
     "messages/converted/system_message_to_user"},
    {NEW, MESSAGES(SAYS("assistant", "a") "," SAYS("user", "u")),
     "messages/added/leading_user_turn"},
    {NEW, MESSAGES(SAYS("user", "u") "," ASKS), //
     "messages/added/missing_tool_result"},
    {NEW, MESSAGES("{'role':'user','name':'n','content':'u'}"),
     "messages/dropped/message_name"},
    {NEW, MESSAGES("{'role':'user','content':" PICTURE("low") "}"),
     "messages/dropped/image_detail"},
    {THREE,
     MESSAGES(SAYS("user", "u") "," ASKS ",{'role':'tool','tool_call_id':'1',"
                                "'content':" PICTURE("low") "}"),
     "messages/dropped/image_detail"},
};

static void a_strict_call_is_refused_at_every_adjustment(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof adjustments / sizeof *adjustments; i++) {
        const char *request = adjustments[i].request;
        char wanted[128], is[160];
        size_t param = strcspn(adjustments[i].adjusted, "/");

        request = request[0] == '{' ? request : with(request);
        sends(adjustments[i].model, request, "nothing", "");
        assert_adjusted(adjustments[i].adjusted);
        dialect_run_clear(&run);
        dialect_run_start(&run, &llmgw__dialect_gemini, ENCODE_CASE_BASE,
                          adjustments[i].model);
        assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
        assert_int_equal(dialect_run_encode(&run, false, true),
                         LLMGW_E_INVALID);
        assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
        snprintf(wanted, sizeof wanted, "%.*s", (int)param,
                 adjustments[i].adjusted);
        snprintf(is, sizeof is, "%s", run.error.param);
        assert_string_equal(is, wanted);
    }
}

/* No adjustment in the sources that the list above has not. */
static void the_list_of_adjustments_is_complete(void **state)
{
    static const char *const files[] = {"request", "config", "thinking",
                                        "tools",   "media",  "contents",
                                        "calls",   "schema", "history"};
    size_t calls = 0;

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char path[512], line[256];
        FILE *file;

        snprintf(path, sizeof path, "%s/lib/provider/gemini_%s.c",
                 LLMGW_SOURCE_DIR, files[i]);
        file = fopen(path, "r");
        assert_non_null(file);
        while (fgets(line, sizeof line, file))
            calls += strstr(line, "llmgw__gemini_adjust(") &&
                     !strncmp(line, "    ", 4);
        assert_int_equal(fclose(file), 0);
    }
    assert_int_equal(calls, 19);
}

static int use_gemini(void **state)
{
    (void)state;
    encode_case_of(&llmgw__dialect_gemini);
    return 0;
}

static int forget(void **state)
{
    dialect_run_clear(&run);
    return encode_case_forget(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cached_content_excludes_every_tool),
        cmocka_unit_test(options_have_the_types_that_can_be_written),
        cmocka_unit_test(json_stands_beside_no_tool_of_any_kind_before_3),
        cmocka_unit_test(a_seed_that_the_host_replaced_is_not_reported),
        cmocka_unit_test(a_broken_answer_is_resumed_by_its_token),
        cmocka_unit_test(a_cache_may_hold_tools_whose_parts_must_go_back),
        cmocka_unit_test(logprobs_that_the_options_ask_for_are_told),
        cmocka_unit_test(a_strict_call_is_refused_at_every_adjustment),
        cmocka_unit_test(the_list_of_adjustments_is_complete),
    };

    return cmocka_run_group_tests(tests, use_gemini, forget);
}
