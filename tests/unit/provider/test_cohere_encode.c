/* Requests of Cohere's v2 chat. */
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

#define M     "command-a-03-2025"
#define THINK "command-a-reasoning-08-2025"

#define FUNCTION(name, more) \
    "{'type':'function','function':{'name':'" name "'" more "}}"
#define EMPTY "'parameters':{'type':'object','properties':{}}"
#define TOOL(name) \
    "{'type':'function','function':{'name':'" name "'," EMPTY "}}"
#define BOUND                                                      \
    ",'parameters':{'type':'object','properties':{'a':{'type':'st" \
    "ring'}},'required':['a']}"
#define COHERE(members) "'llmgw':{'cohere':{" members "}}"

static void numbers_are_kept_in_their_ranges(void **state)
{
    (void)state;
    sends(M, with("'temperature':1.3,'top_p':1,'top_k':700"), "temperature",
          "1");
    assert_sent("p", "0.99");
    assert_sent("k", "500");
    assert_adjusted("temperature/clamped/range_0_1 top_p/clamped/range_0.01_"
                    "0.99 top_k/clamped/range_0_500");
    sends(M, with("'temperature':0.30,'top_p':0.5,'top_k':-1"), "temperature",
          "0.3");
    assert_sent("p", "0.5");
    assert_sent("k", "");
    assert_adjusted("");
    sends(M, with("'top_p':0"), "p", "0.01");
    sends(M, with("'frequency_penalty':-1,'presence_penalty':1.5"),
          "presence_penalty", "1");
    assert_sent("frequency_penalty", "");
    assert_adjusted("frequency_penalty/dropped/range_0_1 presence_penalty/"
                    "clamped/range_0_1");
    sends(M, with("'frequency_penalty':0,'presence_penalty':0.5"),
          "frequency_penalty", "");
    assert_sent("presence_penalty", "0.5");
}

static void a_seed_is_not_negative(void **state)
{
    (void)state;
    sends(M, with("'seed':9007199254740993"), "seed", "9007199254740993");
    sends(M, with("'seed':-1"), "seed", "");
    assert_adjusted("seed/dropped/unsupported");
}

static void limits_have_their_own_names(void **state)
{
    (void)state;
    sends(M, with("'max_completion_tokens':5,'stop':['a','b']"), "max_tokens",
          "5");
    assert_sent("stop_sequences", "['a','b']");
    assert_sent("stream", "false");
    assert_string_equal(encode_case_run()->request.url,
                        ENCODE_CASE_BASE "/v2/chat");
}

static void more_than_five_stops_are_refused(void **state)
{
    (void)state;
    refuses(M, with("'stop':['a','b','c','d','e','f']"),
            "unsupported_parameter | stop | more than 5 stop sequences");
}

static void there_is_one_choice(void **state)
{
    (void)state;
    sends(M, with("'n':1"), "n", "");
    refuses(M, with("'n':2"),
            "unsupported_parameter | n | this provider gives one choice");
}

static void logprobs_are_of_the_chosen_token_alone(void **state)
{
    (void)state;
    sends(M, with("'logprobs':true,'top_logprobs':3"), "logprobs", "true");
    assert_adjusted("top_logprobs/dropped/unsupported");
    sends(M, with("'logprobs':false"), "logprobs", "");
}

static void members_without_a_counterpart_are_reported(void **state)
{
    (void)state;
    sends(M,
          with("'logit_bias':{'1':2},'user':'u','store':true,'metadata':{'a':"
               "'b'},'parallel_tool_calls':false,'service_tier':'flex','tools'"
               ":[" FUNCTION("f", "") "]"),
          "user", "");
    assert_adjusted("logit_bias/dropped/unsupported user/dropped/unsupported "
                    "store/dropped/unsupported metadata/dropped/unsupported "
                    "parallel_tool_calls/dropped/unsupported service_tier/"
                    "dropped/unsupported");
    sends(M,
          with("'logit_bias':{},'store':false,'service_tier':'auto','verbosity'"
               ":'medium'"),
          "store", "");
    assert_adjusted("");
    refuses(M, with("'web_search_options':{}"),
            "unsupported_parameter | web_search_options | this provider "
            "searches no web");
    refuses(M,
            with("'modalities':['text','audio'],'audio':{'voice':'a','format':"
                 "'wav'}"),
            "unsupported_parameter | modalities | this provider answers with "
            "text");
}

static void efforts_are_budgets_of_models_that_think(void **state)
{
    static const char *const budgets[][2] = {
        {"minimal", "256"}, {"low", "1024"},    {"medium", "8192"},
        {"high", "24576"},  {"xhigh", "32768"}, {"max", "32768"},
    };
    char members[64], wanted[80];

    (void)state;
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        snprintf(members, sizeof members, "'reasoning_effort':'%s'",
                 budgets[i][0]);
        snprintf(wanted, sizeof wanted, "{'type':'enabled','token_budget':%s}",
                 budgets[i][1]);
        sends(THINK, with(members), "thinking", wanted);
        assert_adjusted("");
    }
    sends(THINK, with("'reasoning_effort':'high','max_tokens':500"), "thinking",
          "{'type':'enabled','token_budget':500}");
    sends("command-a-plus-05-2026", with("'reasoning_effort':'none'"),
          "thinking", "{'type':'disabled'}");
    sends(THINK, with(""), "thinking", "");
    sends(M, with("'reasoning_effort':'none'"), "thinking", "");
    assert_adjusted("");
    sends(M, with("'reasoning_effort':'low'"), "thinking", "");
    assert_adjusted("reasoning_effort/dropped/unsupported");
}

static void system_text_stays_where_it_is(void **state)
{
    (void)state;
    sends(M,
          with_messages("{'role':'user','content':'a'},{'role':'developer',"
                        "'name':'n','content':[{'type':'text','text':'b'}]}"),
          "messages",
          "[{'role':'user','content':'a'},{'role':'system','content':'b'}]");
    assert_adjusted("messages/dropped/message_name");
}

static void parts_of_a_user_are_texts_and_images(void **state)
{
    (void)state;
    sends(M,
          with_messages("{'role':'user','content':[{'type':'text','text':'a'},"
                        "{'type':'image_url','image_url':{'url':'https://x/i',"
                        "'detail':'high'}},{'type':'image_url','image_url':{"
                        "'url':'data:image/png;base64,AA=='}}]}"),
          "messages",
          "[{'role':'user','content':[{'type':'text','text':'a'},{'type':"
          "'image_url','image_url':{'url':'https://x/i','detail':'high'}},{"
          "'type':'image_url','image_url':{'url':'data:image/png;base64,AA=='}"
          "}]}]");
    refuses(M,
            with_messages("{'role':'user','content':[{'type':'text','text':'a'"
                          "},{'type':'input_audio','input_audio':{'data':'AA',"
                          "'format':'wav'}}]}"),
            "unsupported_parameter | messages[0].content[1] | this provider "
            "takes no audio");
    refuses(M,
            with_messages("{'role':'user','content':[{'type':'file','file':{"
                          "'file_id':'f'}}]}"),
            "unsupported_parameter | messages[0].content[0] | this provider "
            "takes no files");
}

#define ASKED "{'role':'user','content':'a'},"
#define CALLS(id, name, arguments)                                            \
    "{'role':'assistant','content':null,'tool_calls':[{'id':'" id "','type':" \
    "'function','function':{'name':'" name "','arguments':'" arguments "'}}]}"

static void an_assistant_says_text_and_calls(void **state)
{
    (void)state;
    sends(M,
          with_messages(
              ASKED
              "{'role':'assistant','content':'','reasoning_content':"
              "'r'},{'role':'assistant','content':[{'type':'text',"
              "'text':'x'},{'type':'text','text':'y'}],"
              "'reasoning_content':'r'},{'role':'assistant',"
              "'content':null,'refusal':'no'}," CALLS(
                  "c", "f", "") ",{'role':'tool','tool_call_id':'c','name':'f',"
                                "'content':[{'type':'text','text':'1'},{'type':"
                                "'text','text':'2'}]}"),
          "messages",
          "[" ASKED "{'role':'assistant','content':'xy'},{'role':'assistant',"
          "'content':'no'},{'role':'assistant','tool_calls':[{'id':'c','type'"
          ":'function','function':{'name':'f','arguments':'{}'}}]},{'role':"
          "'tool','tool_call_id':'c','content':'12'}]");
    assert_adjusted("");
}

static void documents_can_be_a_tools_result(void **state)
{
    (void)state;
    sends(M,
          with_messages(ASKED CALLS(
              "c", "f",
              "{}") ",{'role':'tool',"
                    "'tool_call_id':'c','content':'d','llmgw':{'cohere':"
                    "{'documents':[{'id':'1','data':{'text':'d'}},'e']}}}"),
          "messages",
          "[" ASKED
          "{'role':'assistant','tool_calls':[{'id':'c','type':'function',"
          "'function':{'name':'f','arguments':'{}'}}]}"
          ",{'role':'tool','tool_call_id':'c',"
          "'content':[{'type':'document','document':{'id':'1','data':{'text':"
          "'d'}}},{'type':'text','text':'e'}]}]");
}

#undef CALLS

static void a_choice_is_all_or_nothing(void **state)
{
    static const char tools[] =
        "'tools':[" FUNCTION("f", "") "," FUNCTION("g", "") "],'tool_choice':";
    static const struct {
        const char *choice, *tools, *sent;
    } cases[] = {
        {"'auto'", "[" TOOL("f") "," TOOL("g") "]", ""},
        {"'none'", "[" TOOL("f") "," TOOL("g") "]", "'NONE'"},
        {"'required'", "[" TOOL("f") "," TOOL("g") "]", "'REQUIRED'"},
        {"{'type':'function','function':{'name':'g'}}", "[" TOOL("g") "]",
         "'REQUIRED'"},
        {"{'type':'allowed_tools','allowed_tools':{'mode':'auto','tools':[{"
         "'type':'function','function':{'name':'f'}}]}}",
         "[" TOOL("f") "]", ""},
        {"{'type':'allowed_tools','allowed_tools':{'mode':'required','tools':"
         "[{'type':'function','function':{'name':'f'}}]}}",
         "[" TOOL("f") "]", "'REQUIRED'"},
    };
    char members[1024];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(members, sizeof members, "%s%s", tools, cases[i].choice);
        sends(M, with(members), "tools", cases[i].tools);
        assert_sent("tool_choice", cases[i].sent);
        assert_adjusted("");
    }
}

static void send_unforced(const char *request)
{
    struct dialect_run *run = encode_case_run();
    struct llmgw__encode encode = {.chat = &run->chat,
                                   .target = &run->target,
                                   .again = LLMGW__AGAIN_UNFORCED,
                                   .arena = &run->arena,
                                   .request = &run->request,
                                   .adjustments = &run->adjustments,
                                   .memo = &run->memo,
                                   .error = &run->error};

    dialect_run_clear(run);
    dialect_run_start(run, &llmgw__dialect_cohere, ENCODE_CASE_BASE, M);
    assert_int_equal(dialect_run_chat(run, quoted(request)), LLMGW_OK);
    assert_int_equal(llmgw__dialect_cohere.encode(&encode), LLMGW_OK);
    assert_sent("tool_choice", "");
}

static void a_model_that_takes_no_choice_is_asked_again(void **state)
{
    struct llmgw__error error;

    (void)state;
    llmgw__error_setz(&error, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                      "tool_choice is not supported for this model");
    assert_int_equal(llmgw__dialect_cohere.again(&error),
                     LLMGW__AGAIN_UNFORCED);
    llmgw__error_setz(&error, LLMGW_KIND_UNSUPPORTED_PARAMETER, "thinking");
    assert_int_equal(llmgw__dialect_cohere.again(&error), 0);
    send_unforced(with("'tools':[" FUNCTION("f", "") "],'tool_choice':"
                                                     "'required'"));
    assert_sent("tools", "[" TOOL("f") "]");
    assert_adjusted("tool_choice/approximated/forced_tool_use_unsupported");
    send_unforced(with("'tools':[" FUNCTION("f", "") "],'tool_choice':'none'"));
    assert_sent("tools", "");
    assert_adjusted("");
}

static void strict_is_one_switch(void **state)
{
    (void)state;
    sends(M, with("'tools':[" FUNCTION("f", ",'strict':true" BOUND) "]"),
          "strict_tools", "true");
    assert_adjusted("");
    sends(M,
          with("'tools':[" FUNCTION("f", ",'strict':true" BOUND) "," FUNCTION(
              "g", BOUND) "]"),
          "strict_tools", "");
    assert_adjusted("tools/dropped/strict");
    sends(M, with("'tools':[" FUNCTION("f", ",'strict':true") "]"),
          "strict_tools", "");
    assert_adjusted("tools/dropped/strict");
}

static void names_become_words(void **state)
{
    (void)state;
    sends(
        M,
        with("'tools':[" FUNCTION("a-b", "") "," FUNCTION("a_b", "") "," //
             FUNCTION("a.b", "") "," FUNCTION("9", "") "]"),
        "tools",
        "[" TOOL("a_b_2") "," TOOL("a_b") "," TOOL("a_b_3") "," TOOL("_9") "]");
    assert_adjusted("");
    sends(M,
          "{'model':'x/y','messages':[{'role':'user','content':'a'},{'role':"
          "'assistant','content':null,'tool_calls':[{'id':'c','type':"
          "'function','function':{'name':'a-b','arguments':'{}'}},{'id':'d',"
          "'type':'function','function':{'name':'old-one','arguments':'{}'}}"
          "]}],'tools':[" FUNCTION("a-b", "") "]}",
          "messages",
          "[{'role':'user','content':'a'},{'role':'assistant','tool_calls':[{"
          "'id':'c','type':'function','function':{'name':'a_b','arguments':"
          "'{}'}},{'id':'d','type':'function','function':{'name':'old_one',"
          "'arguments':'{}'}}]}]");
}

static void a_custom_tool_is_a_function_of_one_string(void **state)
{
    (void)state;
    sends(M,
          "{'model':'x/y','messages':[{'role':'user','content':'a'},{'role':"
          "'assistant','content':null,'tool_calls':[{'id':'c','type':'custom',"
          "'custom':{'name':'run','input':'x\\n'}}]}],'tools':[{'type':"
          "'custom','custom':{'name':'run'}}]}",
          "tools",
          "[{'type':'function','function':{'name':'run','parameters':{'type':"
          "'object','properties':{'input':{'type':'string'}},'required':["
          "'input']}}}]");
    assert_adjusted("tools/emulated/unsupported");
    assert_sent("messages",
                "[{'role':'user','content':'a'},{'role':'assistant',"
                "'tool_calls':[{'id':'c','type':'function','function':{'name':"
                "'run','arguments':'{\\'input\\':\\'x\\\\n\\'}'}}]}]");
}

#define SCHEMA(schema)                                                   \
    "'response_format':{'type':'json_schema','json_schema':{'name':'n'," \
    "'schema':" schema "}}"

static void keywords_move_into_words(void **state)
{
    (void)state;
    sends(M, with("'response_format':{'type':'json_object'}"),
          "response_format", "{'type':'json_object'}");
    sends(M,
          with(SCHEMA("{'type':'object','properties':{'minimum':{'type':"
                      "'integer','minimum':1,'maximum':9,'description':'n'},"
                      "'d':{'type':'string','format':'date'},'e':{'type':"
                      "'string','format':'email','pattern':'^a$'},'p':{'type':"
                      "'string','pattern':'a+'},'l':{'type':'array','items':{"
                      "'type':'string','minLength':2},'minItems':1}},"
                      "'required':['minimum'],'default':{'minimum':3}}")),
          "response_format",
          "{'type':'json_object','json_schema':{'type':'object','properties':"
          "{'minimum':{'type':'integer','description':'n, at least 1, at most "
          "9'},'d':{'type':'string','format':'date'},'e':{'type':'string',"
          "'description':'matching \\'^a$\\', in the format \\'email\\''},'p':"
          "{'type':'string','pattern':'a+'},'l':{'type':'array','items':{"
          "'type':'string','description':'at least 2 characters'},"
          "'description':'at least 1 items'}},'required':['minimum'],"
          "'default':{'minimum':3}}}");
    assert_adjusted("response_format/approximated/schema_keywords");
    sends(M,
          with(SCHEMA("{'type':'object','properties':{'a':{'type':'string',"
                      "'description':'d'}},'required':['a']}")),
          "response_format",
          "{'type':'json_object','json_schema':{'type':'object','properties':"
          "{'a':{'type':'string','description':'d'}},'required':['a']}}");
    assert_adjusted("");
}

static void json_excludes_tools_and_documents(void **state)
{
    (void)state;
    refuses(M,
            with("'response_format':{'type':'json_object'},'tools':[" FUNCTION(
                "f", "") "]"),
            "unsupported_parameter | response_format | no JSON format beside "
            "tools");
    refuses(M,
            with("'response_format':{'type':'json_object'}," COHERE(
                "'documents':['d']")),
            "unsupported_parameter | response_format | no JSON format beside "
            "documents");
    refuses(M, with(SCHEMA("{'type':'array','items':{}}")),
            "unsupported_parameter | response_format | the schema must be one "
            "of an object");
}

static void the_host_may_say_more_in_the_providers_words(void **state)
{
    (void)state;
    sends(M,
          with("'temperature':0.5," COHERE(
              "'documents':['d'],'citation_options':{'mode':'FAST'},'priority'"
              ":5,'safety_mode':'STRICT','temperature':0.1,'input_type':'x',"
              "'p':null")),
          "documents", "['d']");
    assert_sent("citation_options", "{'mode':'FAST'}");
    assert_sent("priority", "5");
    assert_sent("safety_mode", "'STRICT'");
    assert_sent("temperature", "0.1");
    assert_sent("input_type", "");
    assert_sent("p", "");
    refuses(M, with(COHERE("'messages':[]")),
            "invalid_request | llmgw.cohere | a member that the request itself"
            " fills");
    refuses(M, with("'llmgw':{'cohere':[]}"),
            "invalid_request | llmgw.cohere | must be an object");
    sends(M, with("'llmgw':{'pass_unknown':true},'new_one':{'a':1}"), "new_one",
          "{'a':1}");
}

static void a_strict_call_is_not_adjusted(void **state)
{
    struct dialect_run *run = encode_case_run();

    (void)state;
    dialect_run_clear(run);
    dialect_run_start(run, &llmgw__dialect_cohere, ENCODE_CASE_BASE "/v2", M);
    assert_int_equal(dialect_run_chat(run, quoted(with("'temperature':2"))),
                     LLMGW_OK);
    assert_int_equal(dialect_run_encode(run, true, true), LLMGW_E_INVALID);
    assert_int_equal(run->error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(run->error.param, "temperature");
    dialect_run_clear(run);
    dialect_run_start(run, &llmgw__dialect_cohere, ENCODE_CASE_BASE "/v2", M);
    assert_int_equal(dialect_run_chat(run, quoted(with("'temperature':1"))),
                     LLMGW_OK);
    assert_int_equal(dialect_run_encode(run, true, true), LLMGW_OK);
    assert_string_equal(run->request.url, ENCODE_CASE_BASE "/v2/chat");
}

static const char large_request[] =
    "{'model':'x/y','messages':[{'role':'user','content':[{'type':'text',"
    "'text':'a\\u0041'}]},{'role':'assistant','content':null,'tool_calls':[{"
    "'id':'c','type':'function','function':{'name':'x-A','arguments':"
    "'{}'}}]},{'role':'tool','tool_call_id':'c','content':'r'}],'tools':["
    "{'type':'function','function':{'name':'a-b'}},{'type':'function',"
    "'function':{'name':'a_b'}},{'type':'custom','custom':{'name':'a.b'}"
    "}],'top_p':1}";

static void every_failed_allocation_is_told(void **state)
{
    struct dialect_run *run = encode_case_run();
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        dialect_run_clear(run);
        dialect_run_start(run, &llmgw__dialect_cohere, ENCODE_CASE_BASE, M);
        if (dialect_run_chat(run, quoted(large_request)) != LLMGW_OK)
            fail_msg("%s", run->error.message);
        fail_allocation(nth);
        status = dialect_run_encode(run, true, false);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
    assert_adjusted("tools/emulated/unsupported top_p/clamped/range_0.01_0.99");
}

static int prepare(void **state)
{
    (void)state;
    encode_case_of(&llmgw__dialect_cohere);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_kept_in_their_ranges),
        cmocka_unit_test(a_seed_is_not_negative),
        cmocka_unit_test(limits_have_their_own_names),
        cmocka_unit_test(more_than_five_stops_are_refused),
        cmocka_unit_test(there_is_one_choice),
        cmocka_unit_test(logprobs_are_of_the_chosen_token_alone),
        cmocka_unit_test(members_without_a_counterpart_are_reported),
        cmocka_unit_test(efforts_are_budgets_of_models_that_think),
        cmocka_unit_test(system_text_stays_where_it_is),
        cmocka_unit_test(parts_of_a_user_are_texts_and_images),
        cmocka_unit_test(an_assistant_says_text_and_calls),
        cmocka_unit_test(documents_can_be_a_tools_result),
        cmocka_unit_test(a_choice_is_all_or_nothing),
        cmocka_unit_test(a_model_that_takes_no_choice_is_asked_again),
        cmocka_unit_test(strict_is_one_switch),
        cmocka_unit_test(names_become_words),
        cmocka_unit_test(a_custom_tool_is_a_function_of_one_string),
        cmocka_unit_test(keywords_move_into_words),
        cmocka_unit_test(json_excludes_tools_and_documents),
        cmocka_unit_test(the_host_may_say_more_in_the_providers_words),
        cmocka_unit_test(a_strict_call_is_not_adjusted),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, prepare, encode_case_forget);
}
