/* Requests of Converse. */
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

#define NOVA    "us.amazon.nova-lite-v1:0"
#define NOVA2   "us.amazon.nova-2-lite-v1:0"
#define OPUS    "us.anthropic.claude-opus-4-8"
#define SONNET  "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
#define LLAMA   "us.meta.llama3-3-70b-instruct-v1:0"
#define MISTRAL "mistral.mistral-large-2402-v1:0"
#define SMALL   "mistral.mistral-7b-instruct-v0:2"
#define OSS     "openai.gpt-oss-120b-1:0"
#define QWEN    "qwen.qwen3-32b-v1:0"
#define R1      "us.deepseek.r1-v1:0"
#define OTHER   "us.writer.palmyra-x5-v1:0"
#define UNKNOWN "newmaker.model-v1:0"

#define TOOLS                                                             \
    "'tools':[{'type':'function','function':{'name':'f','parameters':{'t" \
    "ype':'object'}}}]"
#define USER(text) "{'role':'user','content':'" text "'}"
#define CALL(id)                                                          \
    "{'role':'assistant','content':null,'tool_calls':[{'id':'" id         \
    "','type':'function','function':{'name':'f','arguments':'{\\'a\\':1}" \
    "'}}]}"
#define RESULT(id, text) \
    "{'role':'tool','tool_call_id':'" id "','content':'" text "'}"
#define PNG "data:image/png;base64,iVBORw0KGgoAAAA="
#define FILE_PART(name, type)                                    \
    "{'type':'file','file':{'filename':'" name "','file_data':'" \
    "data:" type ";base64,JVBERi0xLjQK'}}"
#define ASKS(members, messages) \
    "{'model':'x/y'," members ",'messages':[" messages "]}"

/* The messages of a request with tools. */
static void turns(const char *model, const char *messages, const char *wanted)
{
    char request[4096];

    (void)snprintf(request, sizeof request, ASKS(TOOLS, "%s"), messages);
    sends(model, quoted(request), "messages", wanted);
}

static void limits_and_sampling_have_their_own_names(void **state)
{
    (void)state;
    sends(NOVA,
          with("'max_tokens':9,'temperature':1.5,'top_p':0.5,'stop':['a',' ']"
               ",'top_k':3"),
          "inferenceConfig",
          "{'maxTokens':9,'temperature':1,'topP':0.5,'stopSequences':['a']}");
    assert_sent("additionalModelRequestFields",
                "{'inferenceConfig':{'topK':3}}");
    assert_adjusted("temperature/clamped/range_0_1 "
                    "stop/dropped/whitespace_stop_sequence");
    sends(NOVA, with("'n':1"), "inferenceConfig", "{'maxTokens':4096}");
    sends(MISTRAL, with("'top_k':3"), "additionalModelRequestFields",
          "{'top_k':3}");
    sends(LLAMA, with("'top_k':3"), "additionalModelRequestFields", "");
    assert_adjusted("top_k/dropped/unsupported");
    sends(OSS, with("'stop':'a'"), "inferenceConfig", "{'maxTokens':4096}");
    assert_adjusted("stop/dropped/unsupported");
    refuses(NOVA, with("'n':2"),
            "unsupported_parameter | n | n must be 1: this model gives one "
            "choice");
}

static void every_maker_is_told_an_effort_in_its_words(void **state)
{
    static const char *const cases[][5] = {
        {NOVA2, "low",
         "{'reasoningConfig':{'type':'enabled','maxReasoningEffort':'low'}}",
         "", "{'maxTokens':4096}"},
        {NOVA2, "none", "{'reasoningConfig':{'type':'disabled'}}", "",
         "{'maxTokens':4096}"},
        {NOVA2, "max",
         "{'reasoningConfig':{'type':'enabled','maxReasoningEffort':'high'}}",
         "reasoning_effort/approximated/effort_level", "{}"},
        {OSS, "medium", "{'reasoning_effort':'medium'}", "",
         "{'maxTokens':4096}"},
        {OSS, "none", "{'reasoning_effort':'low'}",
         "reasoning_effort/approximated/thinking_cannot_be_disabled",
         "{'maxTokens':4096}"},
        {QWEN, "medium", "{'reasoning_config':'high'}",
         "reasoning_effort/approximated/effort_level", "{'maxTokens':4096}"},
        {"openai.gpt-5.4", "low", "{'reasoning':{'effort':'low'}}", "",
         "{'maxTokens':4096}"},
        {NOVA, "low", "", "reasoning_effort/dropped/unsupported",
         "{'maxTokens':4096}"},
        {NOVA, "none", "", "", "{'maxTokens':4096}"},
        {OPUS, "high",
         "{'thinking':{'type':'adaptive','display':'summarized'}}", "",
         "{'maxTokens':32000}"},
        {SONNET, "low", "{'thinking':{'type':'enabled','budget_tokens':2048}}",
         "", "{'maxTokens':32000}"},
    };
    char members[64];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        (void)snprintf(members, sizeof members, "'reasoning_effort':'%s'",
                       cases[i][1]);
        sends(cases[i][0], with(members), "additionalModelRequestFields",
              cases[i][2]);
        assert_adjusted(cases[i][3]);
        assert_sent("inferenceConfig", cases[i][4]);
    }
}

static void thinking_much_takes_no_limits(void **state)
{
    (void)state;
    sends(NOVA2,
          with("'reasoning_effort':'high','max_tokens':5,'temperature':0.5"),
          "inferenceConfig", "{}");
    assert_adjusted("temperature/dropped/thinking_enabled "
                    "max_tokens/dropped/thinking_enabled");
}

static void an_effort_goes_elsewhere_where_it_is_not_known(void **state)
{
    struct dialect_run *run;

    (void)state;
    sends(OPUS, with("'reasoning_effort':'low'"), "outputConfig",
          "{'effort':'low'}");
    run = encode_case_run();
    llmgw__error_setz(&run->error, LLMGW_KIND_INVALID_REQUEST,
                      "outputConfig.effort: Extra inputs are not permitted");
    run->error.upstream_status = 400;
    assert_int_equal(llmgw__dialect_bedrock.again(&run->error),
                     LLMGW__AGAIN_UNLEVELED);
    run->error.upstream_status = 500;
    assert_int_equal(llmgw__dialect_bedrock.again(&run->error), 0);
}

static void results_stand_in_one_turn(void **state)
{
    (void)state;
    turns(NOVA, USER("q") "," CALL("c1") "," RESULT("c1", "r") "," USER("n"),
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}}]}"
          ",{'role':'user','content':[{'toolResult':{'toolUseId':'c1','conten"
          "t':[{'text':'r'}]}},{'text':'n'}]}]");
    assert_adjusted("");
    turns(NOVA, USER("q") "," CALL("c1") "," USER("n"),
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}}]}"
          ",{'role':'user','content':[{'toolResult':{'toolUseId':'c1','conten"
          "t':[{'text':'No result was provided for this tool call.'}],'status"
          "':'error'}},{'text':'n'}]}]");
    assert_adjusted("messages/added/missing_tool_result");
}

static void results_stand_alone_where_they_must(void **state)
{
    (void)state;
    turns(LLAMA, USER("q") "," CALL("c1") "," RESULT("c1", "r") "," USER("n"),
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}}]}"
          ",{'role':'user','content':[{'toolResult':{'toolUseId':'c1','conten"
          "t':[{'text':'r'}]}}]},{'role':'assistant','content':[{'text':'Unde"
          "rstood.'}]},{'role':'user','content':[{'text':'n'}]}]");
    assert_adjusted("messages/added/results_only_turn");
    turns(LLAMA, USER("q") "," CALL("c1") "," RESULT("c1", "r"),
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}}]}"
          ",{'role':'user','content':[{'toolResult':{'toolUseId':'c1','conten"
          "t':[{'text':'r'}]}}]}]");
    assert_adjusted("");
}

static void some_take_results_as_json_and_short_ids(void **state)
{
    (void)state;
    turns(MISTRAL, USER("q") "," CALL("call_1") "," RESULT("call_1", "r"),
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'sPnjkEYJU','name':'f','input':{'a'"
          ":1}}}]},{'role':'user','content':[{'toolResult':{'toolUseId':'sPnj"
          "kEYJU','content':[{'json':{'result':'r'}}]}}]}]");
    turns(
        MISTRAL,
        USER("q") "," CALL(
            "abcDEF123") ","
                         "{'role':'tool','tool_call_id':'abcDEF123','content':'{"
                         "\\'b\\': 2}'}",
        "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
        "tent':[{'toolUse':{'toolUseId':'abcDEF123','name':'f','input':{'a'"
        ":1}}}]},{'role':'user','content':[{'toolResult':{'toolUseId':'abcD"
        "EF123','content':[{'json':{'b':2}}]}}]}]");
}

static void long_ids_become_hashes(void **state)
{
    static const char id[] =
        "0123456789012345678901234567890123456789012345678901234567890123456";
    char messages[1024];
    char *body;

    (void)state;
    (void)snprintf(messages, sizeof messages,
                   ASKS(TOOLS, USER("q") "," CALL("%s") "," RESULT("%s", "r")),
                   id, id);
    sends(NOVA, quoted(messages), "serviceTier", "");
    body = dialect_run_body(encode_case_run());
    assert_null(strstr(body, id));
    assert_non_null(strstr(body, "\"toolUseId\":\"a2f4cec9"));
    assert_non_null(
        strstr(strstr(body, "toolUseId") + 1, "\"toolUseId\":\"a2f4cec9"));
    free(body);
}

static void a_history_of_tools_without_tools_is_told_in_words(void **state)
{
    (void)state;
    sends(NOVA, with_messages(USER("q") "," CALL("c1") "," RESULT("c1", "r")),
          "messages",
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'text':'[called tool f with {\\'a\\':1}, id c1]'}]},{'role"
          "':'user','content':[{'text':'[result of tool call c1] r'}]}]");
    assert_sent("toolConfig", "");
    assert_adjusted("messages/converted/tool_history_without_tools");
    sends(NOVA,
          quoted(ASKS(TOOLS ",'tool_choice':'none'",
                      USER("q") "," CALL("c1") "," RESULT("c1", ""))),
          "messages",
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'text':'[called tool f with {\\'a\\':1}, id c1]'}]},{'role"
          "':'user','content':[{'text':'[result of tool call c1] (no output)'"
          "}]}]");
    assert_sent("toolConfig", "");
}

#define CONFIG                                                             \
    "'tools':[{'toolSpec':{'name':'f','inputSchema':{'json':{'type':'obje" \
    "ct'}}}}]"

static void choices_are_those_of_the_maker(void **state)
{
    (void)state;
    sends(NOVA, with(TOOLS ",'tool_choice':'required'"), "toolConfig",
          "{" CONFIG ",'toolChoice':{'any':{}}}");
    sends(NOVA,
          with(TOOLS ",'tool_choice':{'type':'function','function':{'name':'f"
                     "'}}"),
          "toolConfig", "{" CONFIG ",'toolChoice':{'tool':{'name':'f'}}}");
    sends(LLAMA, with(TOOLS ",'tool_choice':'required'"), "toolConfig",
          "{" CONFIG "}");
    assert_adjusted("tool_choice/approximated/forced_tool_use_unsupported");
    sends(LLAMA, with(TOOLS ",'tool_choice':'auto'"), "toolConfig",
          "{" CONFIG "}");
    assert_adjusted("");
    sends(NOVA, with(TOOLS ",'parallel_tool_calls':false"), "toolConfig",
          "{" CONFIG "}");
    assert_adjusted("parallel_tool_calls/dropped/unsupported");
    refuses(NOVA, with("'tools':[{'type':'web_search_20250305'}]"),
            "unsupported_parameter | tools[0] | not a function or a custom "
            "tool");
}

#define FORMAT                                                              \
    "'response_format':{'type':'json_schema','json_schema':{'name':'n','de" \
    "scription':'d','schema':{'type':'object','properties':{}}}}"

static void a_structured_answer_is_got_in_one_of_three_ways(void **state)
{
    (void)state;
    sends(SONNET, with(FORMAT), "outputConfig",
          "{'textFormat':{'type':'json_schema','structure':{'jsonSchema':{'sc"
          "hema':'{\\'type\\':\\'object\\',\\'properties\\':{},\\'additionalP"
          "roperties\\':false}','name':'n','description':'d'}}}}");
    sends(NOVA, with(FORMAT), "outputConfig", "");
    assert_adjusted("response_format/emulated/json_tool");
    assert_sent("toolConfig",
                "{'tools':[{'toolSpec':{'name':'json_response','description':"
                "'Respond to the user by calling this tool once with the fina"
                "l answer.','inputSchema':{'json':{'type':'object','propertie"
                "s':{}}}}}],'toolChoice':{'tool':{'name':'json_response'}}}");
    sends(LLAMA, with(FORMAT), "toolConfig", "");
    assert_adjusted("response_format/emulated/json_instruction");
    sends(SONNET, with("'response_format':{'type':'json_object'}"), "system",
          "[{'text':'Respond only with a single valid JSON object. Do not wra"
          "p it in code fences or add any other text.'}]");
}

static void system_text_has_a_place_or_moves(void **state)
{
    (void)state;
    sends(NOVA, with_messages("{'role':'system','content':'s'}," USER("q")),
          "system", "[{'text':'s'}]");
    sends(SMALL, with_messages("{'role':'system','content':'s'}," USER("q")),
          "messages",
          "[{'role':'user','content':[{'text':'s'},{'text':'q'}]}]");
    assert_sent("system", "");
    assert_adjusted("messages/moved/system_message_to_user");
    sends(OPUS,
          with_messages(USER("q") ",{'role':'assistant','content':'a'},{'role"
                                  "':'system','content':'s'}," USER("r")),
          "system", "[{'text':'s'}]");
    assert_adjusted("messages/moved/system_message_hoisted");
}

static void the_assistant_may_begin_or_not(void **state)
{
    (void)state;
    sends(QWEN, with_messages("{'role':'assistant','content':'a'}," USER("q")),
          "messages",
          "[{'role':'assistant','content':[{'text':'a'}]},{'role':'user','con"
          "tent':[{'text':'q'}]}]");
    assert_adjusted("");
    sends(NOVA, with_messages("{'role':'assistant','content':'a'}," USER("q")),
          "messages",
          "[{'role':'user','content':[{'text':'Continue.'}]},{'role':'assista"
          "nt','content':[{'text':'a'}]},{'role':'user','content':[{'text':'q"
          "'}]}]");
    assert_adjusted("messages/added/leading_user_turn");
}

static void documents_have_names_that_differ(void **state)
{
    (void)state;
    sends(NOVA,
          with_messages("{'role':'user','content':[" FILE_PART(
              "a_b..c.pdf", "application/pdf") "," FILE_PART("a b c.csv",
                                                             "text/csv") "," //
                        FILE_PART("..", "text/plain") "]}"),
          "messages",
          "[{'role':'user','content':[{'document':{'format':'pdf','name':'a b"
          " c','source':{'bytes':'JVBERi0xLjQK'}}},{'document':{'format':'csv"
          "','name':'a b c 2','source':{'bytes':'JVBERi0xLjQK'}}},{'document'"
          ":{'format':'txt','name':'document','source':{'bytes':'JVBERi0xLjQK"
          "'}}},{'text':'Attached: a b c'}]}]");
    refuses(NOVA,
            with_messages("{'role':'user','content':[" FILE_PART(
                "a.zip", "application/zip") "]}"),
            "unsupported_parameter | messages[0].content[0] | a file must be a "
            "PDF, office, HTML or text document, as data in base64 or an s3:// "
            "URL");
}

#define IMAGE(url) "{'type':'image_url','image_url':{'url':'" url "'}}"

static void images_are_data_or_lie_in_a_bucket(void **state)
{
    (void)state;
    sends(NOVA, with_messages("{'role':'user','content':[" IMAGE(PNG) "]}"),
          "messages",
          "[{'role':'user','content':[{'image':{'format':'png','source':{'byt"
          "es':'iVBORw0KGgoAAAA='}}}]}]");
    sends(NOVA,
          with_messages(
              "{'role':'user','content':[" IMAGE("s3://bucket/a.jpg") "]}"),
          "messages",
          "[{'role':'user','content':[{'image':{'format':'jpeg','source':{'s3"
          "Location':{'uri':'s3://bucket/a.jpg'}}}}]}]");
    refuses(NOVA,
            with_messages("{'role':'user','content':[" IMAGE(
                "https://x.example/a.png") "]}"),
            "unsupported_parameter | messages[0].content[0] | an image must be "
            "data in base64, or an s3:// URL: the service fetches no other");
}

static void what_no_result_may_hold_stands_behind(void **state)
{
    (void)state;
    turns(QWEN,
          USER("q") "," CALL("c1") ",{'role':'tool','tool_call_id':'c1','con"
                                   "tent':[" IMAGE(PNG) "]}",
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}}]}"
          ",{'role':'user','content':[{'toolResult':{'toolUseId':'c1','conten"
          "t':[{'text':'[see attachment image]'}]}},{'image':{'format':'png',"
          "'source':{'bytes':'iVBORw0KGgoAAAA='}}}]}]");
    assert_adjusted("messages/moved/tool_result_media");
    turns(OTHER,
          USER("q") "," CALL("c1") ",{'role':'tool','tool_call_id':'c1','is_e"
                                   "rror':true,'content':[" FILE_PART(
                                       "n.pdf", "application/pdf") "]}",
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'toolUse':{'toolUseId':'c1','name':'f','input':{'a':1}}}]}"
          ",{'role':'user','content':[{'toolResult':{'toolUseId':'c1','conten"
          "t':[{'text':'[see attachment n]'}]}}]},{'role':'assistant','conten"
          "t':[{'text':'Understood.'}]},{'role':'user','content':[{'document'"
          ":{'format':'pdf','name':'n','source':{'bytes':'JVBERi0xLjQK'}}},{'"
          "text':'Attached: n'}]}]");
}

#define MARK "'cache_control':{'type':'ephemeral','ttl':'1h'}"

static void breakpoints_follow_what_they_cover(void **state)
{
    static const char request[] = ASKS(
        "'tools':[{'type':'function'," MARK ",'function':{'name':'f','paramet"
        "ers':{'type':'object'}}}]",
        "{'role':'system','content':[{'type':'text','text':'s'," MARK
        "}]},{'role':'user','content':[{'type':'text','text':'q','cache_contr"
        "ol':{'type':'ephemeral'}}]}");

    (void)state;
    sends(SONNET, quoted(request), "toolConfig",
          "{'tools':[{'toolSpec':{'name':'f','inputSchema':{'json':{'type':'o"
          "bject'}}}},{'cachePoint':{'type':'default','ttl':'1h'}}]}");
    assert_sent("system",
                "[{'text':'s'},{'cachePoint':{'type':'default','ttl':'1h'}}]");
    assert_sent("messages",
                "[{'role':'user','content':[{'text':'q'},{'cachePoint':{'type"
                "':'default'}}]}]");
    sends(NOVA, quoted(request), "toolConfig", "{" CONFIG "}");
    assert_sent("system",
                "[{'text':'s'},{'cachePoint':{'type':'default','ttl':'1h'}}]");
    sends(LLAMA, quoted(request), "system", "[{'text':'s'}]");
    assert_adjusted("");
}

#define THOUGHT(format)                                                     \
    "{'role':'assistant','content':'a','reasoning_content':'t','reasoning_" \
    "details':[{'type':'reasoning.text','index':0,'format':'" format        \
    "','text':'t','signature':'s'},{'type':'reasoning.encrypted','index':1" \
    ",'format':'" format "','data':'ZA=='}]}"
#define THOUGHTS                                                              \
    "{'reasoningContent':{'reasoningText':{'text':'t','signature':'s'}}},{'r" \
    "easoningContent':{'redactedContent':'ZA=='}},"

static void thinking_goes_back_to_its_maker(void **state)
{
    static const char with_thoughts[] =
        "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','conte"
        "nt':[" THOUGHTS "{'text':'a'}]},{'role':'user','content':[{'text':'r"
        "'}]}]";
    static const char without[] =
        "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','conte"
        "nt':[{'text':'a'}]},{'role':'user','content':[{'text':'r'}]}]";

    (void)state;
    sends(SONNET,
          with_messages(
              USER("q") "," THOUGHT("anthropic-claude-v1") "," USER("r")),
          "messages", with_thoughts);
    sends(
        NOVA2,
        with_messages(USER("q") "," THOUGHT("bedrock-amazon-v1") "," USER("r")),
        "messages", with_thoughts);
    sends(NOVA2,
          with_messages(
              USER("q") "," THOUGHT("anthropic-claude-v1") "," USER("r")),
          "messages", without);
    sends(R1,
          with_messages(USER("q") ",{'role':'assistant','content':'a','reason"
                                  "ing_content':'t'}," USER("r")),
          "messages",
          "[{'role':'user','content':[{'text':'q'}]},{'role':'assistant','con"
          "tent':[{'reasoningContent':{'reasoningText':{'text':'t'}}},{'text'"
          ":'a'}]},{'role':'user','content':[{'text':'r'}]}]");
}

#define BEDROCK(members) "'llmgw':{'bedrock':{" members "}}"

static void the_hosts_own_words_go_out_as_they_are(void **state)
{
    (void)state;
    sends(MISTRAL,
          with(BEDROCK(
              "'guardrailConfig':{'guardrailIdentifier':'g','streamProcessing"
              "Mode':'async'},'performanceConfig':{'latency':'optimized'},'ad"
              "ditionalModelRequestFields':{'top_k':9}") ",'top_k':3"),
          "guardrailConfig", "{'guardrailIdentifier':'g'}");
    assert_sent("performanceConfig", "{'latency':'optimized'}");
    assert_sent("additionalModelRequestFields", "{'top_k':9}");
    refuses(NOVA, with(BEDROCK("'messages':[]")),
            "invalid_request | llmgw.bedrock | a member that the request "
            "itself fills");
    refuses(NOVA, with("'llmgw':{'bedrock':3}"),
            "invalid_request | llmgw.bedrock | llmgw.bedrock must be an "
            "object");
}

static void tiers_are_those_of_the_service(void **state)
{
    (void)state;
    sends(NOVA, with("'service_tier':'priority'"), "serviceTier",
          "{'type':'priority'}");
    sends(NOVA, with("'service_tier':'auto'"), "serviceTier", "");
    assert_adjusted("");
    sends(NOVA, with("'service_tier':'scale','user':'u'"), "serviceTier", "");
    assert_adjusted("user/dropped/unsupported service_tier/dropped/"
                    "unsupported");
}

static void metadata_goes_out_where_it_is_wanted(void **state)
{
    static const struct llmgw__setting wanted = {"request_metadata", "true",
                                                 false};
    struct dialect_run *run;

    (void)state;
    sends(NOVA, with("'metadata':{'a':'b'}"), "requestMetadata", "");
    assert_adjusted("metadata/dropped/unsupported");
    run = encode_case_run();
    run->provider.settings = &wanted;
    run->provider.setting_count = 1;
    llmgw__body_clear(&run->request.body);
    run->request.header_count = 0;
    assert_int_equal(dialect_run_encode(run, false, false), LLMGW_OK);
    assert_sent("requestMetadata", "{'a':'b'}");
}

static void ids_are_encoded_once(void **state)
{
    struct dialect_run *run;

    (void)state;
    sends("arn:aws:bedrock:us-east-1:1:application-inference-profile/ab",
          with("'n':1"), "inferenceConfig", "{'maxTokens':4096}");
    run = encode_case_run();
    assert_string_equal(run->request.url, ENCODE_CASE_BASE
                        "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aapplica"
                        "tion-inference-profile%2Fab/converse");
    sends(UNKNOWN, with("'n':1"), "inferenceConfig", "{'maxTokens':4096}");
}

static void every_failed_allocation_is_told(void **state)
{
    static const char request[] = ASKS(
        TOOLS ",'reasoning_effort':'low','stop':'a','top_k':3",
        "{'role':'system','content':'s'}," USER("q") "," CALL(
            "call_1") "," //
                      "{'role':'tool','tool_call_id':'call_1','content':[" IMAGE(
                          PNG) "]},"
                               "{'role':'user','content':[" FILE_PART(
                                   "a.pdf", "application/pdf") "]}");
    llmgw_status status = LLMGW_E_NOMEM;
    struct dialect_run run = {0};
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        dialect_run_start(&run, &llmgw__dialect_bedrock, ENCODE_CASE_BASE,
                          MISTRAL);
        assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
        fail_allocation(nth);
        status = dialect_run_encode(&run, true, false);
        allow_allocations();
        if (status == LLMGW_OK)
            assert_non_null(strstr(run.request.url, "/converse-stream"));
        dialect_run_clear(&run);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3);
}

static int set_up(void **state)
{
    (void)state;
    encode_case_of(&llmgw__dialect_bedrock);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_and_sampling_have_their_own_names),
        cmocka_unit_test(every_maker_is_told_an_effort_in_its_words),
        cmocka_unit_test(thinking_much_takes_no_limits),
        cmocka_unit_test(an_effort_goes_elsewhere_where_it_is_not_known),
        cmocka_unit_test(results_stand_in_one_turn),
        cmocka_unit_test(results_stand_alone_where_they_must),
        cmocka_unit_test(some_take_results_as_json_and_short_ids),
        cmocka_unit_test(long_ids_become_hashes),
        cmocka_unit_test(a_history_of_tools_without_tools_is_told_in_words),
        cmocka_unit_test(choices_are_those_of_the_maker),
        cmocka_unit_test(a_structured_answer_is_got_in_one_of_three_ways),
        cmocka_unit_test(system_text_has_a_place_or_moves),
        cmocka_unit_test(the_assistant_may_begin_or_not),
        cmocka_unit_test(documents_have_names_that_differ),
        cmocka_unit_test(images_are_data_or_lie_in_a_bucket),
        cmocka_unit_test(what_no_result_may_hold_stands_behind),
        cmocka_unit_test(breakpoints_follow_what_they_cover),
        cmocka_unit_test(thinking_goes_back_to_its_maker),
        cmocka_unit_test(the_hosts_own_words_go_out_as_they_are),
        cmocka_unit_test(tiers_are_those_of_the_service),
        cmocka_unit_test(metadata_goes_out_where_it_is_wanted),
        cmocka_unit_test(ids_are_encoded_once),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, set_up, encode_case_forget);
}
