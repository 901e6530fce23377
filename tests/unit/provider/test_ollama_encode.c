/* Requests of Ollama's own chat. */
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

#define M "qwen3:8b"

#define FUNCTION(name, more) \
    "{'type':'function','function':{'name':'" name "'" more "}}"
#define EMPTY           "'parameters':{'type':'object','properties':{}}"
#define TOOL(name)      FUNCTION(name, "," EMPTY)
#define OLLAMA(members) "'llmgw':{'ollama':{" members "}}"

static void sampling_stands_in_options(void **state)
{
    (void)state;
    sends(M,
          with("'temperature':1.3,'top_p':1,'top_k':-1,'seed':-7,'max_tokens':"
               "5,'stop':'x','presence_penalty':-1,'frequency_penalty':0"),
          "options",
          "{'num_predict':5,'temperature':1.3,'top_p':1,'top_k':-1,'seed':-7,"
          "'presence_penalty':-1,'frequency_penalty':0,'stop':['x']}");
    assert_adjusted("");
    assert_sent("stream", "false");
    assert_string_equal(encode_case_run()->request.url,
                        ENCODE_CASE_BASE "/api/chat");
    sends(M, with(""), "options", "");
}

static void what_the_request_says_wins_over_options(void **state)
{
    (void)state;
    sends(M,
          with("'temperature':0.5,'stop':['a'],'max_tokens':3," OLLAMA(
              "'options':{'temperature':1,'stop':['b'],'num_predict':9,"
              "'num_ctx':4096,'seed':3},'keep_alive':'5m','truncate':false,"
              "'shift':null")),
          "options",
          "{'num_predict':3,'temperature':0.5,'stop':['a'],'num_ctx':4096,"
          "'seed':3}");
    assert_sent("keep_alive", "'5m'");
    assert_sent("truncate", "false");
    assert_sent("shift", "");
    sends(M, with(OLLAMA("'options':{'min_p':0.1}")), "options",
          "{'min_p':0.1}");
    refuses(M, with(OLLAMA("'options':[1]")),
            "invalid_request | llmgw.ollama.options | must be an object");
    refuses(M, with(OLLAMA("'stream':true")),
            "invalid_request | llmgw.ollama | a member that the request itself"
            " fills");
}

static llmgw_status encode_with(const struct llmgw__setting *setting,
                                const char *request)
{
    struct dialect_run *run = encode_case_run();

    dialect_run_clear(run);
    dialect_run_start(run, &llmgw__dialect_ollama, "http://h:11434/v1", M);
    run->provider.settings = setting;
    run->provider.setting_count = 1;
    assert_int_equal(dialect_run_chat(run, quoted(request)), LLMGW_OK);
    return dialect_run_encode(run, false, false);
}

static void the_context_is_a_setting_of_the_provider(void **state)
{
    static const struct llmgw__setting setting = {"num_ctx", "8192", false};
    const char *(*refuse)(const char *, const char *) =
        llmgw__dialect_ollama.refuse_setting;

    (void)state;
    assert_int_equal(encode_with(&setting, with("")), LLMGW_OK);
    assert_sent("options", "{'num_ctx':8192}");
    assert_string_equal(encode_case_run()->request.url,
                        "http://h:11434/api/chat");
    assert_int_equal(encode_with(&setting, with("'seed':1")), LLMGW_OK);
    assert_sent("options", "{'seed':1,'num_ctx':8192}");
    assert_int_equal(
        encode_with(&setting, with(OLLAMA("'options':{'num_ctx':1}"))),
        LLMGW_OK);
    assert_sent("options", "{'num_ctx':1}");
    assert_null(refuse("num_ctx", "32768"));
    assert_non_null(refuse("num_ctx", "0"));
    assert_non_null(refuse("num_ctx", "-5"));
    assert_non_null(refuse("num_ctx", "4k"));
    assert_non_null(refuse("num_ctx", ""));
    assert_non_null(refuse("num_ctx", "99999999999"));
}

static void efforts_are_levels(void **state)
{
    static const char near[] = "reasoning_effort/approximated/effort_level";
    static const struct {
        const char *model, *effort, *think, *adjusted;
    } rows[] = {
        {M, "none", "false", ""},
        {M, "minimal", "'low'", near},
        {M, "low", "'low'", ""},
        {M, "medium", "'medium'", ""},
        {M, "high", "'high'", ""},
        {M, "xhigh", "'max'", near},
        {M, "max", "'max'", ""},
        {"gpt-oss:20b", "max", "'high'", near},
        {"gpt-oss:20b", "none", "false",
         "reasoning_effort/approximated/thinking_cannot_be_disabled"},
    };
    char members[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(members, sizeof members, "'reasoning_effort':'%s'",
                 rows[i].effort);
        sends(rows[i].model, with(members), "think", rows[i].think);
        assert_adjusted(rows[i].adjusted);
    }
    sends(M, with(""), "think", "");
    sends(M, with("'reasoning_effort':'low'," OLLAMA("'think':true")), "think",
          "true");
}

static void an_old_server_is_asked_again_without_levels(void **state)
{
    struct dialect_run *run = encode_case_run();
    struct llmgw__encode encode = {.chat = &run->chat,
                                   .target = &run->target,
                                   .again = LLMGW__AGAIN_UNLEVELED,
                                   .arena = &run->arena,
                                   .request = &run->request,
                                   .adjustments = &run->adjustments,
                                   .memo = &run->memo,
                                   .error = &run->error};
    struct llmgw__error error;

    (void)state;
    llmgw__error_setz(&error, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                      "invalid think value: \"max\"");
    assert_int_equal(llmgw__dialect_ollama.again(&error),
                     LLMGW__AGAIN_UNLEVELED);
    llmgw__error_setz(&error, LLMGW_KIND_UNSUPPORTED_PARAMETER, "no");
    assert_int_equal(llmgw__dialect_ollama.again(&error), 0);
    dialect_run_clear(run);
    dialect_run_start(run, &llmgw__dialect_ollama, ENCODE_CASE_BASE, M);
    assert_int_equal(
        dialect_run_chat(run, quoted(with("'reasoning_effort':'medium'"))),
        LLMGW_OK);
    assert_int_equal(llmgw__dialect_ollama.encode(&encode), LLMGW_OK);
    assert_sent("think", "true");
    assert_adjusted("reasoning_effort/approximated/effort_level");
}

static void formats_are_a_word_or_a_schema(void **state)
{
    (void)state;
    sends(M, with("'response_format':{'type':'json_object'}"), "format",
          "'json'");
    sends(M,
          with("'response_format':{'type':'json_schema','json_schema':{'name':"
               "'n','strict':true,'schema':{'type':'array','minItems':1}}}"),
          "format", "{'type':'array','minItems':1}");
    sends(M, with("'response_format':{'type':'text'}"), "format", "");
    assert_adjusted("");
}

static void logprobs_stand_at_the_root(void **state)
{
    (void)state;
    sends(M, with("'logprobs':true,'top_logprobs':2"), "logprobs", "true");
    assert_sent("top_logprobs", "2");
    sends(M, with("'logprobs':false"), "logprobs", "");
}

static void a_choice_is_made_by_what_is_offered(void **state)
{
    static const char both[] = "[" TOOL("f") "," TOOL("g") "]";
    static const char forced[] =
        "tool_choice/approximated/forced_tool_use_unsupported";
    static const char tools[] =
        "'tools':[" FUNCTION("f", "") "," FUNCTION("g", "") "],'tool_choice':";
    static const struct {
        const char *choice, *tools, *adjusted;
    } cases[] = {
        {"'auto'", both, ""},
        {"'none'", "", ""},
        {"'required'", both, forced},
        {"{'type':'function','function':{'name':'g'}}", "[" TOOL("g") "]",
         forced},
        {"{'type':'allowed_tools','allowed_tools':{'mode':'auto','tools':[{"
         "'type':'function','function':{'name':'f'}}]}}",
         "[" TOOL("f") "]", ""},
        {"{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':"
         "[{'type':'function','function':{'name':'f'}}]}}",
         "[" TOOL("f") "]", forced},
    };
    char members[1024];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(members, sizeof members, "%s%s", tools, cases[i].choice);
        sends(M, with(members), "tools", cases[i].tools);
        assert_sent("tool_choice", "");
        assert_adjusted(cases[i].adjusted);
    }
    sends(M,
          with("'tools':[" FUNCTION(
              "f", ",'strict':true,'description':'d','parameters':{'type':"
                   "'object','minProperties':1}") "]"),
          "tools",
          "[{'type':'function','function':{'name':'f','description':'d',"
          "'parameters':{'type':'object','minProperties':1}}}]");
    assert_adjusted("tools/dropped/strict");
    sends(M, with("'tools':[{'type':'custom','custom':{'name':'run'}}]"),
          "tools",
          "[{'type':'function','function':{'name':'run','parameters':{'type':"
          "'object','properties':{'input':{'type':'string'}},'required':["
          "'input']}}}]");
    assert_adjusted("tools/emulated/unsupported");
}

static void texts_are_joined_and_images_stand_beside(void **state)
{
    (void)state;
    sends(M,
          with_messages(
              "{'role':'developer','content':'s'},{'role':'user','name':'n',"
              "'content':[{'type':'text','text':'a'},{'type':'image_url',"
              "'image_url':{'url':'data:image/png;base64,AA==','detail':'low'}"
              "},{'type':'text','text':'b'},{'type':'input_audio',"
              "'input_audio':{'data':'BB==','format':'wav'}}]}"),
          "messages",
          "[{'role':'system','content':'s'},{'role':'user','content':'a\\nb',"
          "'images':['AA==','BB==']}]");
    assert_adjusted("messages/dropped/message_name messages/dropped/image_"
                    "detail");
}

#define PART(part) with_messages("{'role':'user','content':[" part "]}")

static void what_would_have_to_be_fetched_is_refused(void **state)
{
    (void)state;
    refuses(M, PART("{'type':'image_url','image_url':{'url':'https://x/i'}}"),
            "unsupported_parameter | messages[0].content[0] | this provider "
            "fetches no images: give a data URL");
    refuses(M, PART("{'type':'image_url','image_url':{'url':'data:,x'}}"),
            "unsupported_parameter | messages[0].content[0] | a data URL that "
            "is not base64");
    refuses(M,
            PART("{'type':'image_url','image_url':{'url':'data:;base64,@'}}"),
            "unsupported_parameter | messages[0].content[0] | the data is not "
            "base64");
    sends(M,
          PART("{'type':'image_url','image_url':{'url':'data:;base64,A\\/ A='}"
               "}"),
          "messages", "[{'role':'user','content':'','images':['A/A=']}]");
    refuses(M, PART("{'type':'file','file':{'file_id':'f'}}"),
            "unsupported_parameter | messages[0].content[0] | this provider "
            "takes no files");
}

#define CALL(id, name, arguments)                                \
    "{'id':'" id "','type':'function','function':{'name':'" name \
    "','arguments':'" arguments "'}}"
#define HISTORY(calls, result)                                        \
    with_messages(                                                    \
        "{'role':'user','content':'a'},{'role':'assistant',"          \
        "'content':null,'reasoning_content':'r','tool_calls':[" calls \
        "]}" result)

static void turns_of_tools_keep_their_structure(void **state)
{
    (void)state;
    sends(M,
          HISTORY(CALL("c", "f", "{\\'a\\': 1.50}") "," CALL("d", "g", ""),
                  ",{'role':'tool','tool_call_id':'d','content':'x'}"),
          "messages",
          "[{'role':'user','content':'a'},{'role':'assistant','content':'',"
          "'thinking':'r','tool_calls':[{'id':'c','function':{'index':0,"
          "'name':'f','arguments':{'a':1.5}}},{'id':'d','function':{'index':1"
          ",'name':'g','arguments':{}}}]},{'role':'tool','content':'x',"
          "'tool_name':'g','tool_call_id':'d'}]");
    sends(M,
          HISTORY("{'id':'c','type':'custom','custom':{'name':'run','input':"
                  "'l\\n'}}",
                  ""),
          "messages",
          "[{'role':'user','content':'a'},{'role':'assistant','content':'',"
          "'thinking':'r','tool_calls':[{'id':'c','function':{'index':0,"
          "'name':'run','arguments':{'input':'l\\n'}}}]}]");
    refuses(M, HISTORY(CALL("c", "f", "[1]"), ""),
            "invalid_request | messages[1].tool_calls[0].function.arguments | "
            "must be a JSON object for this provider");
    refuses(M, HISTORY(CALL("c", "f", "{"), ""),
            "invalid_request | messages[1].tool_calls[0].function.arguments | "
            "must be a JSON object for this provider");
}

static void members_without_a_counterpart_are_reported(void **state)
{
    (void)state;
    sends(M, with("'user':'u','logit_bias':{'1':1},'service_tier':'flex'"),
          "user", "");
    assert_adjusted("logit_bias/dropped/unsupported user/dropped/unsupported "
                    "service_tier/dropped/unsupported");
    refuses(M, with("'n':2"),
            "unsupported_parameter | n | this provider gives one choice");
}

static const char large_request[] =
    "{'model':'x/y','messages':[{'role':'user','content':[{'type':'text',"
    "'text':'a'},{'type':'image_url','image_url':{'url':'data:image\\/png;"
    "base64,AA=='}}]},{'role':'assistant','content':null,'tool_calls':[{'id':"
    "'c','type':'function','function':{'name':'x','arguments':'{\\'a\\':1}'}}"
    "]}],'user':'u','max_tokens':4}";

static void every_failed_allocation_is_told(void **state)
{
    struct dialect_run *run = encode_case_run();
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        dialect_run_clear(run);
        dialect_run_start(run, &llmgw__dialect_ollama, ENCODE_CASE_BASE, M);
        assert_int_equal(dialect_run_chat(run, quoted(large_request)),
                         LLMGW_OK);
        llmgw__arena_clear(&run->scratch);
        fail_allocation(nth);
        status = dialect_run_encode(run, true, false);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
    assert_sent("stream", "true");
}

static int prepare(void **state)
{
    (void)state;
    encode_case_of(&llmgw__dialect_ollama);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sampling_stands_in_options),
        cmocka_unit_test(what_the_request_says_wins_over_options),
        cmocka_unit_test(the_context_is_a_setting_of_the_provider),
        cmocka_unit_test(efforts_are_levels),
        cmocka_unit_test(an_old_server_is_asked_again_without_levels),
        cmocka_unit_test(formats_are_a_word_or_a_schema),
        cmocka_unit_test(logprobs_stand_at_the_root),
        cmocka_unit_test(a_choice_is_made_by_what_is_offered),
        cmocka_unit_test(texts_are_joined_and_images_stand_beside),
        cmocka_unit_test(what_would_have_to_be_fetched_is_refused),
        cmocka_unit_test(turns_of_tools_keep_their_structure),
        cmocka_unit_test(members_without_a_counterpart_are_reported),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, prepare, encode_case_forget);
}
