/*
 * Traps that others fell into: tool calls, reasoning and what goes back of
 * them in the next turn. Numbers are those of the list of traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/trap.h"

#define DELTA(members) "{'choices':[{'index':0,'delta':{" members "}}]}\n"
#define CALL(index, id, name, args)                                        \
    "{'index':" #index ",'id':'" id                                        \
    "','type':'function','function':{'name':'" name "','arguments':'" args \
    "'}}"
#define MORE(index, args) \
    "{'index':" #index ",'function':{'arguments':'" args "'}}"
#define OPENAI_END(reason) \
    "{'choices':[{'index':0,'delta':{},'finish_reason':'" reason "'}]}\n[DONE]"
#define OPENAI_LAST OPENAI_END("tool_calls")

#define TWO_CALLS "T\"Hm.\"C0:weather{\"a\":1}C1:time{\"b\":2}F:tool_calls"

static void look_at_two_calls(struct trap *trap)
{
    llmgw_response *response = llmgw_call_response(trap->call);

    trap_answered(trap, TWO_CALLS);
    assert_int_equal(trap->finishes, 1);
    assert_int_equal(llmgw_response_tool_call_count(response, 0), 2);
    assert_string_equal(
        caller_text(llmgw_response_tool_call_arguments(response, 0, 0)),
        "{\"a\":1}");
    assert_string_equal(
        caller_text(llmgw_response_tool_call_name(response, 0, 1)), "time");
}

/* Two calls behind a text, under indices that are no count of calls. */
static const char *const two_calls[WIRES] = {
    [OAI] = DELTA("'role':'assistant','content':'Hm.'")
        DELTA("'tool_calls':[" CALL(3, "x", "weather", "") "]")
            DELTA("'tool_calls':[" MORE(3, "{\\\"a\\\"") "]")
                DELTA("'tool_calls':[" MORE(3, ":1}") "]") DELTA(
                    "'tool_calls':[" CALL(7, "y", "time", "{\\\"b\\\"") "]")
                    DELTA("'tool_calls':[" MORE(7, ":2}") "]") OPENAI_LAST,
    [ANT] = "{'type':'message_start','message':{'id':'i','role':'assistant',"
            "'content':[],'usage':{'input_tokens':3,'output_tokens':1}}}\n"
            "{'type':'content_block_start','index':0,'content_block':"
            "{'type':'text','text':''}}\n"
            "{'type':'content_block_delta','index':0,'delta':"
            "{'type':'text_delta','text':'Hm.'}}\n"
            "{'type':'content_block_stop','index':0}\n"
            "{'type':'content_block_start','index':2,'content_block':{'type':"
            "'tool_use','id':'x','name':'weather','input':{}}}\n"
            "{'type':'content_block_delta','index':2,'delta':{'type':"
            "'input_json_delta','partial_json':'{\\\"a\\\"'}}\n"
            "{'type':'content_block_delta','index':2,'delta':{'type':"
            "'input_json_delta','partial_json':':1}'}}\n"
            "{'type':'content_block_stop','index':2}\n"
            "{'type':'content_block_start','index':5,'content_block':{'type':"
            "'tool_use','id':'y','name':'time','input':{}}}\n"
            "{'type':'content_block_delta','index':5,'delta':{'type':"
            "'input_json_delta','partial_json':'{\\\"b\\\":2}'}}\n"
            "{'type':'content_block_stop','index':5}\n"
            "{'type':'message_delta','delta':{'stop_reason':'tool_use'},"
            "'usage':{'output_tokens':9}}\n"
            "{'type':'message_stop'}",
    [GOO] = "{'candidates':[{'index':0,'content':{'role':'model','parts':"
            "[{'text':'Hm.'}]}}]}\n"
            "{'candidates':[{'index':0,'content':{'role':'model','parts':["
            "{'functionCall':{'name':'weather','args':{'a':1}}}]}}]}\n"
            "{'candidates':[{'index':0,'content':{'role':'model','parts':["
            "{'functionCall':{'name':'time','args':{'b':2}}}]},"
            "'finishReason':'STOP'}]}",
    [RES] =
        "{'type':'response.created','response':{'id':'r','status':"
        "'in_progress','output':[]}}\n"
        "{'type':'response.output_item.added','output_index':1,'item':{'type':"
        "'message','id':'m','role':'assistant','content':[]}}\n"
        "{'type':'response.output_text.delta','item_id':'m','output_index':1,"
        "'content_index':0,'delta':'Hm.'}\n"
        "{'type':'response.output_item.added','output_index':4,'item':{'type':"
        "'function_call','id':'f','call_id':'x','name':'weather',"
        "'arguments':''}}\n"
        "{'type':'response.function_call_arguments.delta','item_id':'f',"
        "'output_index':4,'delta':'{\\\"a\\\"'}\n"
        "{'type':'response.function_call_arguments.delta','item_id':'f',"
        "'output_index':4,'delta':':1}'}\n"
        "{'type':'response.output_item.added','output_index':9,'item':{'type':"
        "'function_call','id':'g','call_id':'y','name':'time',"
        "'arguments':''}}\n"
        "{'type':'response.function_call_arguments.delta','item_id':'g',"
        "'output_index':9,'delta':'{\\\"b\\\":2}'}\n"
        "{'type':'response.completed','response':{'id':'r','status':"
        "'completed','output':[]}}",
    [BED] = "messageStart {'role':'assistant'}\n"
            "contentBlockDelta {'contentBlockIndex':0,'delta':{'text':'Hm.'}}\n"
            "contentBlockStart {'contentBlockIndex':4,'start':{'toolUse':{"
            "'toolUseId':'x','name':'weather'}}}\n"
            "contentBlockDelta {'contentBlockIndex':4,'delta':{'toolUse':{"
            "'input':'{\\\"a\\\"'}}}\n"
            "contentBlockDelta {'contentBlockIndex':4,'delta':{'toolUse':{"
            "'input':':1}'}}}\n"
            "contentBlockStop {'contentBlockIndex':4}\n"
            "contentBlockStart {'contentBlockIndex':6,'start':{'toolUse':{"
            "'toolUseId':'y','name':'time'}}}\n"
            "contentBlockDelta {'contentBlockIndex':6,'delta':{'toolUse':{"
            "'input':'{\\\"b\\\":2}'}}}\n"
            "contentBlockStop {'contentBlockIndex':6}\n"
            "messageStop {'stopReason':'tool_use'}\n"
            "metadata {'usage':{'inputTokens':3,'outputTokens':9}}",
    [COH] = "{'type':'message-start','id':'i','delta':{'message':{'role':"
            "'assistant'}}}\n"
            "{'type':'content-start','index':0,'delta':{'message':{'content':"
            "{'type':'text','text':'Hm.'}}}}\n"
            "{'type':'tool-call-start','index':0,'delta':{'message':"
            "{'tool_calls':{'id':'x','type':'function','function':{'name':"
            "'weather','arguments':'{'}}}}}\n"
            "{'type':'tool-call-delta','index':0,'delta':{'message':"
            "{'tool_calls':{'function':{'arguments':'\\\"a\\\":1}'}}}}}\n"
            "{'type':'tool-call-end','index':0}\n"
            "{'type':'tool-call-start','index':1,'delta':{'message':"
            "{'tool_calls':{'id':'y','type':'function','function':{'name':"
            "'time','arguments':''}}}}}\n"
            "{'type':'tool-call-delta','index':1,'delta':{'message':"
            "{'tool_calls':{'function':{'arguments':'{\\\"b\\\":2}'}}}}}\n"
            "{'type':'tool-call-end','index':1}\n"
            "{'type':'message-end','delta':{'finish_reason':'TOOL_CALL'}}",
    [OLL] = "{'model':'m','message':{'role':'assistant','content':'Hm.'},"
            "'done':false}\n"
            "{'model':'m','message':{'role':'assistant','content':'',"
            "'tool_calls':[{'function':{'index':0,'name':'weather',"
            "'arguments':{'a':1}}}]},'done':false}\n"
            "{'model':'m','message':{'role':'assistant','content':'',"
            "'tool_calls':[{'function':{'index':0,'name':'time',"
            "'arguments':{'b':2}}}]},'done':false}\n"
            "{'model':'m','message':{'role':'assistant','content':''},"
            "'done_reason':'stop','done':true}",
};

static void t01_calls_are_counted_in_their_message_from_zero(void **state)
{
    for (size_t wire = 0; wire < WIRES; wire++)
        trap_each_cut(*state, wire, two_calls[wire], look_at_two_calls);
}

/* Whole calls in one record; one index for all; a reason on every record. */
static void t02_calls_are_joined_by_id_and_end_at_the_true_end(void **state)
{
    static const char *const bodies[] = {
        DELTA("'content':'Hm.'") DELTA(
            "'tool_calls':[" CALL(0, "x", "weather", "{\\\"a\\\":1}") "]")
            DELTA("'tool_calls':[" CALL(1, "y", "time", "{\\\"b\\\":2}") "]")
                OPENAI_LAST,
        DELTA("'content':'Hm.'") DELTA(
            "'tool_calls':[" CALL(0, "x", "weather", "{\\\"a\\\":1}") "," CALL(
                0, "y", "time", "{\\\"b\\\":2}") "]") OPENAI_LAST,
        DELTA("'content':'Hm.'")
            DELTA("'tool_calls':[" CALL(0, "x", "weather", "{\\\"a\\\"") "]")
                DELTA("'tool_calls':[" CALL(0, "x", "weather", ":1}") "]")
                    DELTA("'tool_calls':[" CALL(
                        0, "y", "time", "{\\\"b\\\":2}") "]") OPENAI_LAST,
        "{'choices':[{'index':0,'delta':{'content':'Hm.'},'finish_reason':"
        "'tool_calls'}]}\n"
        "{'choices':[{'index':0,'delta':{'tool_calls':[" CALL(
            0, "x", "weather",
            "{\\\"a\\\"") "]},'finish_reason':"
                          "'tool_calls'}]}\n"
                          "{'choices':[{'index':0,'delta':{'tool_calls':[" MORE(
                              0,
                              ":1}") "]},'finish_reason':'tool_calls'}]}\n"
                                     "{'choices':[{'index':0,'delta':{'tool_calls':[" CALL(
                                         1, "y", "time",
                                         "{\\\"b\\\":2}") "]},'finish_reason':"
                                                          "'tool_calls'}]}\n[DONE]",
    };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        trap_each_cut(*state, OAI, bodies[i], look_at_two_calls);
}

static void look_at_no_arguments(struct trap *trap)
{
    trap_answered(trap, "C0:weather{}F:tool_calls");
    assert_string_equal(caller_text(llmgw_response_tool_call_arguments(
                            llmgw_call_response(trap->call), 0, 0)),
                        "{}");
}

static void look_at_pieces(struct trap *trap)
{
    static const char wanted[] =
        "{\"a\":\"\xf0\x9f\x98\x80 \\\"q\\\" \\\\\",\"b\":[{}]}";
    llmgw_str arguments = llmgw_response_tool_call_arguments(
        llmgw_call_response(trap->call), 0, 0);

    trap_answered(trap, NULL);
    assert_string_equal(caller_text(arguments), wanted);
    assert_non_null(strstr(trap->log, wanted));
}

static void t03_arguments_are_empty_only_at_the_end(void **state)
{
    for (size_t wire = 0; wire < WIRES; wire++) {
        trap_each_cut_of(*state, wire, "tools=1 args=''", TRAP_TOOLS,
                         look_at_no_arguments);
        trap_each_cut_of(*state, wire,
                         "tools=1 args='{\"a\":\"\xf0\x9f\x98\x80 \\\"q\\\" "
                         "\\\\\",\"b\":[{}]}'",
                         TRAP_TOOLS, look_at_pieces);
    }
}

static void look_at_thought(struct trap *trap)
{
    trap_answered(trap, "R\"Hm, so.\"T\"Yes.\"F:stop");
    assert_string_equal(caller_text(llmgw_response_reasoning(
                            llmgw_call_response(trap->call), 0)),
                        "Hm, so.");
}

static void t10_reasoning_has_many_names_and_may_share_a_record(void **state)
{
    static const char *const bodies[] = {
        DELTA("'reasoning':'Hm, '") DELTA("'reasoning':'so.'")
            DELTA("'content':'Yes.'") OPENAI_END("stop"),
        DELTA("'reasoning_content':'Hm, '") DELTA("'reasoning_content':'so.'")
            DELTA("'content':'Yes.'") OPENAI_END("stop"),
        DELTA("'reasoning_content':'Hm, so.','content':'Yes.'")
            OPENAI_END("stop"),
        DELTA("'content':'Yes.','reasoning':'Hm, so.',"
              "'reasoning_content':'Hm, so.'") OPENAI_END("stop"),
        DELTA("'reasoning_details':[{'type':'reasoning.text','text':'Hm, "
              "so.','index':0}]") DELTA("'content':'Yes.'") OPENAI_END("stop"),
        DELTA("'content':'','reasoning':'Hm, so.','reasoning_details':[{"
              "'type':'reasoning.text','text':'Hm, so.','index':0}]")
            DELTA("'content':'Yes.'") OPENAI_END("stop"),
    };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        trap_each_cut(*state, OAI, bodies[i], look_at_thought);
}

/* Strict servers refuse members that they do not know. */
static void t10_reasoning_is_not_sent_back_to_those_who_refuse_it(void **state)
{
    struct trap *trap = *state;

    fake_clear(trap->fake);
    trap_ask(trap, OAI, 1,
             ",'messages':[{'role':'user','content':'a'},{'role':'assistant',"
             "'content':'Yes.','reasoning_content':'sooner'},"
             "{'role':'user','content':'b'}]");
    trap_answered(trap, NULL);
    assert_null(strstr(trap_request(trap).body, "sooner"));
    assert_non_null(strstr(trap_request(trap).body, "Yes."));
}

/* The answer's message, as it was told, goes into the next request. */
static void ask_again(struct trap *trap, size_t wire)
{
    static char more[16384];
    llmgw_response *response = llmgw_call_response(trap->call);
    const char *message;
    const char *end;
    llmgw_str json;

    assert_int_equal(llmgw_response_json(response, &json), LLMGW_OK);
    message = strstr(caller_text(json), "\"message\":{");
    assert_non_null(message);
    end = strstr(message, ",\"logprobs\"");
    if (!end)
        end = strstr(message, ",\"finish_reason\"");
    assert_non_null(end);
    (void)snprintf(more, sizeof more,
                   ",'messages':[{'role':'user','content':'Say it.'},%.*s,"
                   "{'role':'tool','tool_call_id':'%s','content':'12'}]%s",
                   (int)(end - message - 10), message + 10,
                   caller_text(llmgw_response_tool_call_id(response, 0, 0)),
                   TRAP_TOOLS);
    trap_ask(trap, wire, 1, more);
}

static void t11_signatures_go_back_to_where_they_came_from(void **state)
{
    static const struct {
        size_t wire, other;
        const char *signature;
    } rows[] = {{ANT, OAI, "EqQBCgIYAhIM1gbcDa9GJwZA2b"},
                {ANT, COH, "EqQBCgIYAhIM1gbcDa9GJwZA2b"},
                {GOO, ANT, "EpABCo0BAdHt"},
                {GOO, OLL, "EpABCo0BAdHt"}};
    struct trap *trap = *state;

    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        int away = i % 2;

        fake_clear(trap->fake);
        fake_script(trap->fake, "POST", "reasoning=2 tools=1 times=1 cut=3");
        trap_ask(trap, rows[i / 2].wire, 1,
                 ",'reasoning_effort':'low'" TRAP_TOOLS);
        trap_answered(trap, NULL);
        ask_again(trap, away ? rows[i / 2].other : rows[i / 2].wire);
        trap_answered(trap, NULL);
        assert_int_equal(
            strstr(trap_request(trap).body, rows[i / 2].signature) != NULL,
            !away);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t01_calls_are_counted_in_their_message_from_zero),
        cmocka_unit_test(t02_calls_are_joined_by_id_and_end_at_the_true_end),
        cmocka_unit_test(t03_arguments_are_empty_only_at_the_end),
        cmocka_unit_test(t10_reasoning_has_many_names_and_may_share_a_record),
        cmocka_unit_test(t10_reasoning_is_not_sent_back_to_those_who_refuse_it),
        cmocka_unit_test(t11_signatures_go_back_to_where_they_came_from),
    };

    return cmocka_run_group_tests(tests, trap_set_up, trap_tear_down);
}
