/* Answers of Ollama's own chat. ' stands for " in all texts. */
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

static const char plain[] =
    "{'model':'x/y','messages':[{'role':'user','content':'Hi'}]}";

/* A request and its encoding first: the decoder looks at both. */
static void start(const char *request)
{
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_ollama, "http://h", "m");
    assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, true, false), LLMGW_OK);
    assert_int_equal(dialect_run_expect(&run), LLMGW_OK);
}

static llmgw_status frame(const char *text)
{
    const char *json = quoted(text);

    return dialect_run_frame(&run, json, strlen(json));
}

/* The message of an answer, and how it ended. */
static void assert_message(const char *wanted)
{
    cJSON *whole = dialect_run_final(&run);
    const cJSON *choice = cJSON_GetArrayItem(
        cJSON_GetObjectItemCaseSensitive(whole, "choices"), 0);
    cJSON *want = cJSON_Parse(quoted(wanted));
    const cJSON *one;

    assert_non_null(choice);
    assert_non_null(want);
    cJSON_ArrayForEach(one, want)
    {
        const cJSON *message =
            cJSON_GetObjectItemCaseSensitive(choice, "message");
        const cJSON *is =
            cJSON_GetObjectItemCaseSensitive(message, one->string);

        if (!is)
            is = cJSON_GetObjectItemCaseSensitive(choice, one->string);
        if (!cJSON_Compare(is, one, true)) {
            char *text = cJSON_PrintUnformatted(choice);

            print_message("%s in %s\n", one->string, text);
            free(text);
            fail();
        }
    }
    cJSON_Delete(want);
    cJSON_Delete(whole);
}

static void body(const char *request, const char *text, const char *wanted)
{
    const char *json;

    start(request);
    json = quoted(text);
    assert_int_equal(dialect_run_whole(&run, json, strlen(json)), LLMGW_OK);
    assert_false(run.failed);
    assert_message(wanted);
}

static void stream(const char *request, const char *const *frames,
                   const char *wanted)
{
    start(request);
    for (; *frames; frames++)
        assert_int_equal(frame(*frames), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_false(run.failed);
    assert_message(wanted);
}

#define LINE(message)                                                        \
    "{'model':'m:1','created_at':'2026-11-22T09:30:15.123456789Z','message'" \
    ":{'role':'assistant'," message "},'done':false}"
/* clang-format off */
#define DONE(reason)                                                     \
    "{'model':'m:1','message':{'content':''},'done':true,'done_reason':" \
    "'" reason "','prompt_eval_count':26,'eval_count':4}"
/* clang-format on */

static void lines_are_told_in_one_order(void **state)
{
    static const char *const frames[] = {
        LINE("'content':'a','thinking':'t'"),
        LINE("'content':'b'"),
        "{'model':'m:1','message':{'content':'c'},'done':true,'done_reason':"
        "'stop','prompt_eval_count':26,'prompt_eval_cached_count':20,"
        "'eval_count':4,'load_duration':5}",
        "{'message':{'content':'late'}}",
        NULL,
    };

    (void)state;
    stream(plain, frames,
           "{'content':'abc','reasoning_content':'t','finish_reason':'stop'}");
    assert_string_equal(run.native, "stop");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 6);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHED], 20);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 4);
    assert_int_equal(run.order.identity.created, 1795339815);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
                            cJSON_GetArrayItem(run.chunks, 1), "model")),
                        "m:1");
}

static void a_document_is_the_same_as_its_lines(void **state)
{
    (void)state;
    body(plain,
         "{'model':'m','message':{'content':'a'},'done':true,'done_reason':"
         "'length','eval_count':3}",
         "{'content':'a','finish_reason':'length'}");
    assert_int_equal(run.usage.known, 1u << LLMGW__OUTPUT_TEXT);
    body(plain,
         LINE("'content':'a'") "\n\n" LINE("'content':'b'") "\r\n" DONE(
             "stop") "\n",
         "{'content':'ab','finish_reason':'stop'}");
}

#define CALLING                                                              \
    "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'tools':"    \
    "[{'type':'function','function':{'name':'f'}},{'type':'custom','custom'" \
    ":{'name':'run'}}]}"

static void calls_are_counted_here(void **state)
{
    static const char *const frames[] = {
        LINE("'content':'','tool_calls':[{'id':'c','function':{'index':0,"
             "'name':'f','arguments':{ 'a b' : [1.50, '\\' '] }}}]"),
        LINE("'content':'','tool_calls':[{'function':{'index':0,'name':'f',"
             "'arguments':{}}},{'function':{'name':'f'}},{'function':{'name':"
             "'run','arguments':{'input':'l\\ns'}}},{'function':{'name':'f',"
             "'arguments':'{\\'b\\':2}'}},7,{'function':{}}]"),
        DONE("stop"),
        NULL,
    };

    (void)state;
    stream(CALLING, frames,
           "{'content':null,'tool_calls':[{'id':'c','type':'function',"
           "'function':{'name':'f','arguments':'{\\'a b\\':[1.50,\\'\\\\"
           "\\' \\']}'}},{'id':'call_gw0','type':'function','function':{"
           "'name':'f','arguments':'{}'}},{'id':'call_gw1','type':'function',"
           "'function':{'name':'f','arguments':'{}'}},{'id':'call_gw2','type':"
           "'custom','custom':{'name':'run','input':'l\\ns'}},{'id':'call_gw3',"
           "'type':'function','function':{'name':'f','arguments':'{\\'b\\':2}"
           "'}}],'finish_reason':'tool_calls'}");
    assert_string_equal(run.native, "stop");
}

static void every_reason_has_a_name(void **state)
{
    static const struct {
        const char *reason, *finish;
    } rows[] = {
        {"stop", "{'content':'a','finish_reason':'stop'}"},
        {"length", "{'content':'a','finish_reason':'length'}"},
        {"load", "{'content':'a','finish_reason':'stop'}"},
        {"", "{'content':'a','finish_reason':'stop'}"},
        {"new", "{'content':'a','finish_reason':'stop'}"},
    };
    char text[160];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text,
                 "{'message':{'content':'a'},'done':true,'done_reason':'%s'}",
                 rows[i].reason);
        body(plain, text, rows[i].finish);
        assert_string_equal(run.native, rows[i].reason);
        assert_false(run.has_usage);
    }
}

static void nothing_at_all_is_a_failure(void **state)
{
    (void)state;
    start(plain);
    assert_int_equal(
        frame("{'message':{'content':''},'done':true,'eval_count':0}"),
        LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, LLMGW_KIND_MODEL_OUTPUT_INVALID);
    body(plain, "{'message':{'content':''},'done':true,'done_reason':'load'}",
         "{'finish_reason':'stop'}");
}

static void logprobs_come_where_they_were_asked_for(void **state)
{
    static const char asked[] =
        "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'logprobs'"
        ":true}";
    static const char own[] =
        "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'llmgw':{"
        "'ollama':{'logprobs':true}}}";
    static const char answer[] =
        "{'message':{'content':'a'},'done':true,'done_reason':'stop',"
        "'logprobs':[{'token':'a','logprob':-1,'bytes':[97],'top_logprobs':[]"
        "}]}";
    static const char wanted[] =
        "{'logprobs':{'content':[{'token':'a','logprob':-1,'bytes':[97],"
        "'top_logprobs':[]}],'refusal':null}}";

    (void)state;
    body(asked, answer, wanted);
    body(own, answer, wanted);
    body(plain, answer, "{'logprobs':null}");
}

static void an_error_may_come_in_any_line(void **state)
{
    (void)state;
    start(plain);
    assert_int_equal(frame(LINE("'content':'a'")), LLMGW_OK);
    assert_int_equal(frame("{'error':'unexpected EOF'}"), LLMGW_OK);
    assert_true(run.failed);
    assert_string_equal(run.error.message, "unexpected EOF");
    assert_int_equal(run.error.kind, LLMGW_KIND_SERVER_ERROR);
    assert_int_equal(frame(DONE("stop")), LLMGW_OK);
    start(plain);
    assert_int_equal(frame("{'error':{'message':'no','type':'api_error'}}"),
                     LLMGW_OK);
    assert_string_equal(run.error.message, "no");
}

static void what_is_no_answer_is_told(void **state)
{
    static const char *const none[] = {"{", "[]", "1", "'text'", "{}x"};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        start(plain);
        assert_int_equal(frame(none[i]), LLMGW_E_INVALID);
        start(plain);
        assert_int_equal(
            dialect_run_whole(&run, quoted(none[i]), strlen(none[i])),
            LLMGW_E_INVALID);
    }
    start(plain);
    assert_int_equal(frame(LINE("'content':'a'")), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
}

static const char *const long_answer[] = {
    "{'model':'\\u006d','created_at':'bad','message':{'content':'\\u0061',"
    "'thinking':'\\u0074'},'logprobs':[{'token':'a'}]}",
    LINE("'content':'','tool_calls':[{'id':'\\u0063','function':{'name':'"
         "\\u0066','arguments':{'a': 1}}},{'function':{'name':'run',"
         "'arguments':'{\\'input\\':\\'l\\\\n\\'}'}}]"),
    "{'message':{},'done':true,'done_reason':'st\\u006fp','eval_count':3}",
};

#define LONG (sizeof long_answer / sizeof *long_answer)

static llmgw_status answer_once(int nth)
{
    llmgw_status status = LLMGW_OK;

    start("{'model':'x/y','messages':[{'role':'user','content':'Hi'}],"
          "'logprobs':true,'tools':[{'type':'custom','custom':{'name':'run'}}]"
          "}");
    llmgw__arena_clear(&run.scratch);
    fail_allocation(nth);
    for (size_t i = 0; i < LONG && status == LLMGW_OK; i++)
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
    assert_true(nth > 5);
    assert_message("{'content':'a','reasoning_content':'t','tool_calls':[{'id'"
                   ":'c','type':'function','function':{'name':'f','arguments':"
                   "'{\\'a\\':1}'}},{'id':'call_gw0','type':'custom','custom':"
                   "{'name':'run','input':'l\\n'}}]}");
}

static void records_cut_anywhere_break_but_do_not_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < LONG; i++) {
        char *json = strdup(quoted(long_answer[i]));

        for (size_t len = 0; len < strlen(json); len++) {
            start(plain);
            assert_int_equal(dialect_run_frame(&run, json, len),
                             LLMGW_E_INVALID);
        }
        free(json);
    }
}

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_told_in_one_order),
        cmocka_unit_test(a_document_is_the_same_as_its_lines),
        cmocka_unit_test(calls_are_counted_here),
        cmocka_unit_test(every_reason_has_a_name),
        cmocka_unit_test(nothing_at_all_is_a_failure),
        cmocka_unit_test(logprobs_come_where_they_were_asked_for),
        cmocka_unit_test(an_error_may_come_in_any_line),
        cmocka_unit_test(what_is_no_answer_is_told),
        cmocka_unit_test(decoding_survives_every_failed_allocation),
        cmocka_unit_test(records_cut_anywhere_break_but_do_not_harm),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
