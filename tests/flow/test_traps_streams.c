/*
 * Traps that others fell into: bytes of streams, how they end, and errors
 * inside of them. Numbers are those of the list of traps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/trap.h"

/* A text on each wire, without its last record... */
static const char *const begun[WIRES] = {
    [OAI] = "{'id':'i','choices':[{'index':0,'delta':{'role':'assistant',"
            "'content':'Well, '}}]}\n"
            "{'id':'i','choices':[{'index':0,'delta':{'content':'yes.'}}]}",
    [ANT] = "{'type':'message_start','message':{'id':'i','role':'assistant',"
            "'content':[],'usage':{'input_tokens':3,'output_tokens':1}}}\n"
            "{'type':'content_block_start','index':0,'content_block':{'type':"
            "'text','text':''}}\n"
            "{'type':'content_block_delta','index':0,'delta':{'type':"
            "'text_delta','text':'Well, '}}\n"
            "{'type':'content_block_delta','index':0,'delta':{'type':"
            "'text_delta','text':'yes.'}}",
    [GOO] = "{'candidates':[{'index':0,'content':{'role':'model','parts':[{"
            "'text':'Well, '}]}}]}\n"
            "{'candidates':[{'index':0,'content':{'role':'model','parts':[{"
            "'text':'yes.'}]}}]}",
    [RES] = "{'type':'response.created','response':{'id':'r','status':"
            "'in_progress','output':[]}}\n"
            "{'type':'response.output_item.added','output_index':0,'item':{"
            "'type':'message','id':'m','role':'assistant','content':[]}}\n"
            "{'type':'response.output_text.delta','item_id':'m',"
            "'output_index':0,'content_index':0,'delta':'Well, '}\n"
            "{'type':'response.output_text.delta','item_id':'m',"
            "'output_index':0,'content_index':0,'delta':'yes.'}",
    [BED] = "messageStart {'role':'assistant'}\n"
            "contentBlockDelta {'contentBlockIndex':0,'delta':{'text':"
            "'Well, '}}\n"
            "contentBlockDelta {'contentBlockIndex':0,'delta':{'text':"
            "'yes.'}}",
    [COH] = "{'type':'message-start','id':'i','delta':{'message':{'role':"
            "'assistant'}}}\n"
            "{'type':'content-start','index':0,'delta':{'message':{'content':{"
            "'type':'text','text':'Well, '}}}}\n"
            "{'type':'content-delta','index':0,'delta':{'message':{'content':{"
            "'text':'yes.'}}}}",
    [OLL] = "{'model':'m','message':{'role':'assistant','content':'Well, '},"
            "'done':false}\n"
            "{'model':'m','message':{'role':'assistant','content':'yes.'},"
            "'done':false}",
};

/* ...and that. */
static const char *const ended[WIRES] = {
    [OAI] = "\n{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}]}",
    [ANT] = "\n{'type':'content_block_stop','index':0}\n"
            "{'type':'message_delta','delta':{'stop_reason':'end_turn'},"
            "'usage':{'output_tokens':9}}",
    [GOO] = "\n{'candidates':[{'index':0,'content':{'parts':[{'text':''}]},"
            "'finishReason':'STOP'}]}",
    [RES] = "\n{'type':'response.completed','response':{'id':'r','status':"
            "'completed','output':[]}}",
    [BED] = "\nmessageStop {'stopReason':'end_turn'}",
    [COH] = "\n{'type':'message-end','delta':{'finish_reason':'COMPLETE'}}",
    [OLL] = "\n{'model':'m','message':{'role':'assistant','content':''},"
            "'done_reason':'stop','done':true}",
};

#define YES "T\"Well, yes.\"F:stop"

static const char *lines_of(size_t wire, const char *last)
{
    static char lines[4096];

    (void)snprintf(lines, sizeof lines, "%s%s", begun[wire], last);
    return lines;
}

/* --- T04, T05: bytes --- */

static void look_at_letters(struct trap *trap)
{
    struct fake_request served = trap_request(trap);
    llmgw_str text = llmgw_response_text(llmgw_call_response(trap->call));

    trap_answered(trap, NULL); /* each piece was whole UTF-8 */
    assert_int_equal(text.len, served.text_len);
    assert_memory_equal(text.data, served.text, text.len);
    assert_memory_equal(trap->log, "T\"\xe6\x97\xa5", 5);
}

static void t04_letters_are_split_over_reads(void **state)
{
    for (size_t wire = 0; wire < WIRES; wire++)
        trap_each_cut_of(*state, wire,
                         "text='\xe6\x97\xa5\xe6\x9c\xac \xe8\xaa\x9e\xf0\x9f"
                         "\x98\x80 caf\xc3\xa9'",
                         "", look_at_letters);
}

static void t05_events_are_spelled_in_many_ways(void **state)
{
    static const char *const cuts[] = {"", "cut=1", "cut=5", "cut=random:4"};
    struct trap *trap = *state;

    for (size_t i = 0; i < WIRES * TRAP_SPELLINGS * 4; i++) {
        size_t wire = i / 4 / TRAP_SPELLINGS;
        struct llmgw__buf body;
        char words[64];

        if (wire == BED || wire == OLL)
            continue;
        trap->how = cuts[i % 4];
        trap_body(&body, wire, lines_of(wire, ended[wire]),
                  (enum trap_spelling)(i / 4 % TRAP_SPELLINGS));
        (void)snprintf(words, sizeof words, "chunked %s", cuts[i % 4]);
        fake_clear(trap->fake);
        fake_reply(trap->fake, "POST", 200,
                   "Content-Type: text/event-stream\r\n", llmgw__buf_str(&body),
                   words);
        llmgw__buf_clear(&body);
        trap_ask(trap, wire, 1, "");
        trap_answered(trap, YES);
    }
}

/* --- T06: frames --- */

/* The body with one byte changed, or cut short: never an answer. */
static void t06_frames_are_checked(void **state)
{
    struct trap *trap = *state;
    struct llmgw__buf body;
    size_t last;

    trap_body(&body, BED, begun[BED], TRAP_PLAIN);
    last = body.len;
    llmgw__buf_clear(&body);
    trap_body(&body, BED, lines_of(BED, ended[BED]), TRAP_PLAIN);
    for (size_t at = last; at < body.len; at++) {
        size_t len = at % 2 ? body.len : at;

        if (len == last)
            continue; /* whole frames, and no end: T08 */
        body.data[at] ^= 0x20;
        fake_clear(trap->fake);
        fake_reply(trap->fake, "POST", 200,
                   "Content-Type: application/vnd.amazon.eventstream\r\n",
                   llmgw__str_n(body.data, len), "chunked cut=3");
        body.data[at] ^= 0x20;
        trap_ask(trap, BED, 1, "");
        trap_failed(trap, LLMGW_KIND_PROTOCOL);
    }
    llmgw__buf_clear(&body);
}

/* A length is not believed before it is checked: what it promises is not waited
 * for. */
static void t06_a_length_is_checked_before_it_is_believed(void **state)
{
    struct trap *trap = *state;
    struct llmgw__buf body;
    char words[64];

    trap_body(&body, BED, begun[BED], TRAP_PLAIN);
    body.data[2] ^= 0x20;
    (void)snprintf(words, sizeof words, "chunked stall_at=%zu", body.len - 1);
    fake_clear(trap->fake);
    fake_reply(trap->fake, "POST", 200,
               "Content-Type: application/vnd.amazon.eventstream\r\n",
               llmgw__buf_str(&body), words);
    llmgw__buf_clear(&body);
    trap_ask(trap, BED, 1, ",'llmgw':{'first_ms':300}");
    trap_failed(trap, LLMGW_KIND_PROTOCOL);
}

static void look_at_throttling(struct trap *trap)
{
    trap_failed(trap, LLMGW_KIND_RATE_LIMIT);
}

static void t06_exceptions_are_errors(void **state)
{
    trap_each_cut(*state, BED,
                  "throttlingException {'message':'Too many requests'}",
                  look_at_throttling);
    trap_each_cut(
        *state, BED,
        lines_of(BED, "\nthrottlingException {'message':'Too many requests'}"),
        look_at_throttling);
}

/* --- T07, T26: errors inside --- */

static const char *const failed[WIRES][4] = {
    [OAI] = {"{'error':{'message':'Overloaded','type':'server_error',"
             "'code':503}}",
             "{'error':'Overloaded'}",
             "{'choices':[{'index':0,'delta':{'content':''},'finish_reason':"
             "'error'}],'error':{'code':502,'message':'Provider went away'}}",
             "{'object':'error','message':'Overloaded','code':503}"},
    [ANT] = {"{'type':'error','error':{'type':'overloaded_error','message':"
             "'Overloaded'}}"},
    [GOO] = {"{'error':{'code':503,'message':'Overloaded','status':"
             "'UNAVAILABLE'}}"},
    [RES] = {"{'type':'error','code':'server_error','message':'Sorry',"
             "'param':null}",
             "{'type':'response.failed','response':{'id':'r','status':"
             "'failed','error':{'code':'server_error','message':'Sorry'},"
             "'output':[]}}",
             "{'error':{'message':'Sorry','type':'server_error'}}"},
    [BED] = {"internalServerException {'message':'Sorry'}",
             "modelStreamErrorException {'message':'Sorry',"
             "'originalStatusCode':500}"},
    [COH] = {"{'type':'message-end','delta':{'finish_reason':'ERROR','error':"
             "'Sorry'}}",
             "{'message':'Sorry'}"},
    [OLL] = {"{'error':'Sorry'}"},
};

static void look_at_error(struct trap *trap)
{
    llmgw_error *error;

    trap_failed(trap, LLMGW_KIND_NONE);
    error = llmgw_call_error(trap->call);
    assert_true(strlen(llmgw_error_message(error)) > 4);
    assert_int_equal(llmgw_error_partial_output(error), trap->chunks > 1);
    assert_int_not_equal(llmgw_error_get_kind(error),
                         LLMGW_KIND_INVALID_REQUEST);
}

static void t07_errors_come_with_status_200(void **state)
{
    for (size_t i = 0; i < WIRES * 4; i++) {
        size_t wire = i / 4;
        char last[512];

        if (!failed[wire][i % 4])
            continue;
        trap_each_cut(*state, wire, failed[wire][i % 4], look_at_error);
        (void)snprintf(last, sizeof last, "\n%s", failed[wire][i % 4]);
        trap_each_cut(*state, wire, lines_of(wire, last), look_at_error);
    }
}

static void t26_errors_that_say_nothing_do_no_harm(void **state)
{
    static const char *const bodies[] = {
        "{'error':{}}",
        "{'error':null}",
        "{'error':[]}",
        "{'error':''}",
        "{'error':{'message':null,'type':null,'code':null}}",
        "{'error':{'message':{'a':[]}}}",
        "{}",
        "[]",
        "null",
        "",
        "{'message':null}",
        "{'error':{'details':[null,{},{'@type':7}]}}"};
    static const int statuses[] = {200, 400, 429, 500};
    struct trap *trap = *state;

    for (size_t i = 0; i < WIRES * 12 * 4; i++) {
        const char *body = caller_quotes(bodies[i / 4 % 12]);

        fake_clear(trap->fake);
        fake_reply(trap->fake, "POST", statuses[i % 4],
                   "Content-Type: application/json\r\n",
                   llmgw__str_n(body, strlen(body)), "cut=2");
        trap_ask(trap, i / 48, 1, "");
        trap_failed(trap, LLMGW_KIND_NONE);
        assert_true(strlen(llmgw_error_message(llmgw_call_error(trap->call))) >
                    4);
    }
}

/* --- T08, T09: ends --- */

static void look_at_cut_off(struct trap *trap)
{
    trap_failed(trap, LLMGW_KIND_PROTOCOL);
    assert_int_equal(llmgw_error_partial_output(llmgw_call_error(trap->call)),
                     1);
}

static void look_at_yes(struct trap *trap)
{
    trap_answered(trap, YES);
}

static void t08_only_a_reason_to_finish_ends_an_answer(void **state)
{
    for (size_t wire = 0; wire < WIRES; wire++) {
        trap_each_cut(*state, wire, begun[wire], look_at_cut_off);
        trap_each_cut(*state, wire, lines_of(wire, ended[wire]), look_at_yes);
    }
}

static void t09_a_stream_of_nothing_is_no_answer(void **state)
{
    struct trap *trap = *state;

    for (size_t wire = 0; wire < WIRES; wire++) {
        static const char *const words[] = {"done_only", "empty", "end_after=0",
                                            "html"};

        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            fake_clear(trap->fake);
            fake_script(trap->fake, "POST", words[i]);
            trap->how = words[i];
            trap_ask(trap, wire, 1, "");
            trap_failed(trap, LLMGW_KIND_PROTOCOL);
            assert_int_equal(
                llmgw_error_retryable(llmgw_call_error(trap->call)), 1);
        }
    }
}

/* --- T35: the other form than was asked for --- */

static const char *const whole[WIRES] = {
    [OAI] = "{'id':'i','choices':[{'index':0,'message':{'role':'assistant',"
            "'content':'Well, yes.'},'finish_reason':'stop'}]}",
    [ANT] = "{'id':'i','type':'message','role':'assistant','content':[{'type':"
            "'text','text':'Well, yes.'}],'stop_reason':'end_turn'}",
    [GOO] = "{'candidates':[{'index':0,'content':{'role':'model','parts':[{"
            "'text':'Well, yes.'}]},'finishReason':'STOP'}]}",
    [RES] = "{'id':'r','status':'completed','output':[{'type':'message','id':"
            "'m','role':'assistant','content':[{'type':'output_text','text':"
            "'Well, yes.'}]}]}",
    [BED] = "{'output':{'message':{'role':'assistant','content':[{'text':"
            "'Well, yes.'}]}},'stopReason':'end_turn'}",
    [COH] = "{'id':'i','message':{'role':'assistant','content':[{'type':"
            "'text','text':'Well, yes.'}]},'finish_reason':'COMPLETE'}",
    [OLL] = "{'model':'m','message':{'role':'assistant','content':"
            "'Well, yes.'},'done_reason':'stop','done':true}",
};

static void t35_either_form_is_taken(void **state)
{
    struct trap *trap = *state;

    for (size_t i = 0; i < WIRES * 2; i++) {
        const char *body = caller_quotes(whole[i / 2]);

        fake_clear(trap->fake);
        fake_reply(trap->fake, "POST", 200,
                   "Content-Type: application/json\r\n",
                   llmgw__str_n(body, strlen(body)), i % 2 ? "cut=1" : "");
        trap_ask(trap, i / 2, 1, "");
        trap_answered(trap, YES);
        trap_reply(trap, i / 2, lines_of(i / 2, ended[i / 2]),
                   i % 2 ? "cut=1" : "");
        trap_ask(trap, i / 2, 0, "");
        trap_answered(trap, NULL);
        assert_string_equal(
            caller_text(llmgw_response_text(llmgw_call_response(trap->call))),
            "Well, yes.");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t04_letters_are_split_over_reads),
        cmocka_unit_test(t05_events_are_spelled_in_many_ways),
        cmocka_unit_test(t06_frames_are_checked),
        cmocka_unit_test(t06_a_length_is_checked_before_it_is_believed),
        cmocka_unit_test(t06_exceptions_are_errors),
        cmocka_unit_test(t07_errors_come_with_status_200),
        cmocka_unit_test(t08_only_a_reason_to_finish_ends_an_answer),
        cmocka_unit_test(t09_a_stream_of_nothing_is_no_answer),
        cmocka_unit_test(t26_errors_that_say_nothing_do_no_harm),
        cmocka_unit_test(t35_either_form_is_taken),
    };

    return cmocka_run_group_tests(tests, trap_set_up, trap_tear_down);
}
