/* Answers of Cohere's v2 chat. ' stands for " in all texts. */
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
    dialect_run_start(&run, &llmgw__dialect_cohere, "https://host.example",
                      "m");
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

#define END                                                                \
    "{'type':'message-end','delta':{'finish_reason':'COMPLETE','usage':{'" \
    "billed_units':{'input_tokens':3,'output_tokens':2}}}}"
#define TEXT(index, text)                    \
    "{'type':'content-delta','index':" index \
    ",'delta':{'message':{'content':{'text':'" text "'}}}}"

static void the_type_in_the_data_decides(void **state)
{
    static const char *const frames[] = {
        "{'type':'message-start','id':'i','delta':{'message':{'content':[],"
        "'tool_plan':'','tool_calls':[],'citations':[]}}}",
        "{'type':'debug','prompt':'p','delta':{'message':{'content':{'text':"
        "'secret'}}}}",
        "{'type':'content-start','index':0,'delta':{'message':{'content':{"
        "'type':'text','text':'a'}}}}",
        TEXT("0", "b"),
        "{'type':'content-end','index':0}",
        END,
        "[DONE]",
        NULL,
    };

    (void)state;
    stream(plain, frames, "{'content':'ab','finish_reason':'stop'}");
    assert_string_equal(run.native, "COMPLETE");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 3);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 2);
    assert_false(run.usage.raw_whole);
}

static void every_finish_has_a_name(void **state)
{
    static const char *const rows[][2] = {
        {"COMPLETE", "stop"},     {"STOP_SEQUENCE", "stop"},
        {"MAX_TOKENS", "length"}, {"TOOL_CALL", "stop"},
        {"NEW_ONE", "stop"},
    };
    char text[160], wanted[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text,
                 "{'id':'i','message':{'content':[{'type':'text','text':'a'}]}"
                 ",'finish_reason':'%s'}",
                 rows[i][0]);
        snprintf(wanted, sizeof wanted, "{'finish_reason':'%s'}", rows[i][1]);
        body(plain, text, wanted);
        assert_string_equal(run.native, rows[i][0]);
    }
}

static void thoughts_and_plans_are_reasoning(void **state)
{
    (void)state;
    body(plain,
         "{'id':'i','message':{'content':[{'type':'thinking','thinking':'t'},{"
         "'type':'text','text':'a'},{'type':'text','text':'b'}],'tool_plan':"
         "'p'},'finish_reason':'COMPLETE'}",
         "{'content':'ab','reasoning_content':'pt'}");
}

#define CALLING                                                             \
    "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'tools':"   \
    "[{'type':'function','function':{'name':'get-time'}},{'type':'custom'," \
    "'custom':{'name':'run'}}]}"

static void calls_have_the_hosts_names(void **state)
{
    static const char *const frames[] = {
        "{'type':'tool-plan-delta','delta':{'message':{'tool_plan':'p'}}}",
        "{'type':'tool-call-start','index':0,'delta':{'message':{'tool_calls'"
        ":{'id':'c','type':'function','function':{'name':'get_time',"
        "'arguments':'{'}}}}}",
        "{'type':'tool-call-delta','index':0,'delta':{'message':{'tool_calls'"
        ":{'function':{'arguments':'}'}}}}}",
        "{'type':'tool-call-end','index':0}",
        "{'type':'tool-call-start','index':1,'delta':{'message':{'tool_calls'"
        ":{'id':'d','type':'function','function':{'name':'run','arguments':''}"
        "}}}}",
        "{'type':'tool-call-delta','index':1,'delta':{'message':{'tool_calls'"
        ":{'function':{'arguments':'{\\'input\\': \\'l'}}}}}",
        "{'type':'tool-call-delta','index':1,'delta':{'message':{'tool_calls'"
        ":{'function':{'arguments':'s\\'}'}}}}}",
        "{'type':'tool-call-end','index':1}",
        "{'type':'tool-call-start','index':2,'delta':{'message':{'tool_calls'"
        ":{'id':'e','type':'function','function':{'name':'other'}}}}}",
        "{'type':'tool-call-delta','index':2,'delta':{'message':{'tool_calls'"
        ":{'function':{'arguments':'null'}}}}}",
        "{'type':'tool-call-end','index':2}",
        "{'type':'message-end','delta':{'finish_reason':'TOOL_CALL'}}",
        NULL,
    };

    (void)state;
    stream(CALLING, frames,
           "{'content':null,'reasoning_content':'p','tool_calls':[{'id':'c',"
           "'type':'function','function':{'name':'get-time','arguments':'{}'}}"
           ",{'id':'d','type':'custom','custom':{'name':'run','input':'ls'}},{"
           "'id':'e','type':'function','function':{'name':'other','arguments':"
           "'{}'}}],'finish_reason':'tool_calls'}");
    body(CALLING,
         "{'id':'i','message':{'tool_calls':[{'id':'c','type':'function',"
         "'function':{'name':'get_time','arguments':'null'}},{'id':'d',"
         "'function':{'name':'run','arguments':'{\\'input\\':\\'x\\'}'}}]},"
         "'finish_reason':'TOOL_CALL'}",
         "{'tool_calls':[{'id':'c','type':'function','function':{'name':"
         "'get-time','arguments':'{}'}},{'id':'d','type':'custom','custom':{"
         "'name':'run','input':'x'}}],'finish_reason':'tool_calls'}");
}

#define CITED(range, more)                                                 \
    "{'type':'citation-start','delta':{'message':{'citations':{" range     \
    ",'sources':[{'type':'document','id':'d','document':{'id':'d'}}]" more \
    "}}}}"
#define NOTE(start, end, url, title)                              \
    "{'type':'url_citation','url_citation':{'start_index':" start \
    ",'end_index':" end ",'url':'" url "','title':'" title "'}}"

static void citations_count_from_their_block(void **state)
{
    static const char *const frames[] = {
        TEXT("0", "a\\ud83d\\ude00"),
        TEXT("1", "xyz"),
        CITED("'start':0,'end':1", ""),
        CITED("'start':1,'end':3", ",'content_index':1"),
        CITED("'start':1,'end':3", ",'type':'PLAN'"),
        CITED("'start':1,'end':3", ",'type':'THINKING_CONTENT'"),
        "{'type':'citation-start','delta':{'message':{'citations':{'start':0,"
        "'end':2,'sources':[]}}}}",
        "{'type':'citation-end','index':0}",
        END,
        NULL,
    };

    (void)state;
    stream(plain, frames,
           "{'annotations':[" NOTE("0", "1", "document:d", "") "," NOTE(
               "3", "5", "document:d", "") "]}");
    body(plain,
         "{'id':'i','message':{'content':[{'type':'text','text':'ab'}],"
         "'citations':[{'start':0,'end':2,'text':'ab','sources':[{'type':"
         "'tool','id':'t:0','tool_output':{'url':'https://t','title':'T'}},{"
         "'type':'tool','id':'u:0'},{'type':'document','document':{'title':"
         "'D'}}]}]},'finish_reason':'COMPLETE'}",
         "{'annotations':[" NOTE("0", "2", "https://t", "T") "," NOTE(
             "0", "2", "tool:u:0", "") "," NOTE("0", "2",
                                                "document:", "D") "]}");
}

static void logprobs_come_where_they_were_asked_for(void **state)
{
    static const char asked[] =
        "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'logprobs'"
        ":true}";
    static const char answer[] =
        "{'id':'i','message':{'content':[{'type':'text','text':'ab'}]},"
        "'finish_reason':'COMPLETE','logprobs':[{'text':'a','token_ids':[1],"
        "'logprobs':[-0.25]},{'text':'b','token_ids':[2,3],'logprobs':[-0.5,"
        "-0.25]}]}";
    static const char *const frames[] = {
        "{'type':'content-delta','index':0,'delta':{'message':{'content':{"
        "'text':'a'}}},'logprobs':{'text':'a','token_ids':[1],'logprobs':[-1]}"
        "}",
        END,
        NULL,
    };

    (void)state;
    body(asked, answer,
         "{'logprobs':{'content':[{'token':'a','logprob':-0.25,'bytes':null,"
         "'top_logprobs':[]},{'token':'b','logprob':-0.75,'bytes':null,"
         "'top_logprobs':[]}],'refusal':null}}");
    body(plain, answer, "{'logprobs':null}");
    stream(asked, frames,
           "{'logprobs':{'content':[{'token':'a','logprob':-1,'bytes':null,"
           "'top_logprobs':[]}],'refusal':null}}");
}

static void usage_is_what_is_charged(void **state)
{
    static const char form[] =
        "{'id':'i','message':{'content':[{'type':'text','text':'a'}]},"
        "'finish_reason':'COMPLETE','usage':%s}";
    static const struct {
        const char *usage;
        int64_t input, cached, text, reasoning, raw;
    } rows[] = {
        {"{'billed_units':{'input_tokens':6.0,'output_tokens':9},'tokens':{"
         "'input_tokens':502,'output_tokens':20,'reasoning_tokens':5},"
         "'cached_tokens':480}",
         6, 0, 4, 5, 480},
        {"{'tokens':{'input_tokens':502,'output_tokens':20},'cached_tokens':"
         "480}",
         22, 480, 20, 0, 480},
        {"{'billed_units':{'input_tokens':-6,'output_tokens':1e30}}", 0, 0,
         1000000000000000, 0, 0},
    };
    char text[512];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, form, rows[i].usage);
        body(plain, text, "{'content':'a'}");
        assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], rows[i].input);
        assert_int_equal(run.usage.count[LLMGW__INPUT_CACHED], rows[i].cached);
        assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], rows[i].text);
        assert_int_equal(run.usage.count[LLMGW__OUTPUT_REASONING],
                         rows[i].reasoning);
        assert_int_equal(run.usage.raw[LLMGW__RAW_CACHED], rows[i].raw);
        assert_int_equal(run.usage.raw_whole, i < 2);
    }
    snprintf(text, sizeof text, form, "{}");
    body(plain, text, "{'content':'a'}");
    assert_false(run.has_usage);
}

static void assert_failed(const char *text, llmgw_error_kind kind,
                          const char *message, const char *code)
{
    start(plain);
    assert_int_equal(frame(text), LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, kind);
    assert_string_equal(run.error.message, message);
    assert_string_equal(run.error.raw_code, code);
    assert_int_equal(run.error.upstream_status, 200);
}

static void a_failure_is_an_end_with_its_own_reason(void **state)
{
    (void)state;
    assert_failed("{'type':'message-end','delta':{'finish_reason':'ERROR',"
                  "'error':'no\\nluck','error_type':'INVALID_TOOL_GENERATION',"
                  "'usage':{}}}",
                  LLMGW_KIND_MODEL_OUTPUT_INVALID, "no\nluck", "ERROR");
    assert_string_equal(run.error.raw_type, "INVALID_TOOL_GENERATION");
    assert_failed("{'type':'message-end','delta':{'finish_reason':'ERROR'}}",
                  LLMGW_KIND_MODEL_OUTPUT_INVALID,
                  "the answer ended with an error", "ERROR");
    assert_failed("{'type':'message-end','delta':{'finish_reason':'TIMEOUT'}}",
                  LLMGW_KIND_TIMEOUT, "the provider ran out of time",
                  "TIMEOUT");
    assert_failed("{'type':'message-end','delta':{'error':'odd'}}",
                  LLMGW_KIND_MODEL_OUTPUT_INVALID, "odd", "");
    start(plain);
    assert_int_equal(frame("{'message':'internal error'}"), LLMGW_OK);
    assert_true(run.failed);
    assert_string_equal(run.error.message, "internal error");
    assert_int_equal(frame(TEXT("0", "late")), LLMGW_OK);
}

static void what_is_no_answer_is_told(void **state)
{
    static const char *const none[] = {"",       "{",   "[]", "1",
                                       "'text'", "{}x", "{}"};

    (void)state;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        start(plain);
        if (i < 6)
            assert_int_equal(frame(none[i]), LLMGW_E_INVALID);
        start(plain);
        assert_int_equal(
            dialect_run_whole(&run, quoted(none[i]), strlen(none[i])),
            LLMGW_E_INVALID);
    }
    start(plain);
    assert_int_equal(frame(TEXT("0", "a")), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
    start(plain);
    assert_int_equal(
        frame("{'type':'tool-call-delta','index':4,'delta':{'message':{"
              "'tool_calls':{'function':{'arguments':'x'}}}}}"),
        LLMGW_E_INVALID);
}

static const char *const long_answer[] = {
    "{'type':'message-start','id':'\\u0069'}",
    "{'type':'content-delta','index':0,'delta':{'message':{'content':{"
    "'thinking':'\\u0074'}}}}",
    "{'type':'content-delta','index':1,'delta':{'message':{'content':{"
    "'text':'\\u0061'}}},'logprobs':{'text':'a','logprobs':[-1,-2]}}",
    CITED("'start':0,'end':1", ""),
    "{'type':'tool-call-start','index':0,'delta':{'message':{'tool_calls':{"
    "'id':'\\u0063','function':{'name':'get_tim\\u0065','arguments':'{}'}}}}}",
    "{'type':'tool-call-start','index':1,'delta':{'message':{'tool_calls':{"
    "'id':'d','function':{'name':'run','arguments':'{\\'input\\':\\'\\\\u006c"
    "\\'}'}}}}}",
    "{'type':'tool-call-end','index':1}",
    "{'type':'message-end','delta':{'finish_reason':'TOOL_CAL\\u004c','usage':"
    "{'billed_units':{'input_tokens':3,'output_tokens':2}}}}",
};

#define LONG (sizeof long_answer / sizeof *long_answer)

static llmgw_status answer_once(int nth)
{
    llmgw_status status = LLMGW_OK;

    start("{'model':'x/y','messages':[{'role':'user','content':'Hi'}],"
          "'logprobs':true,'tools':[{'type':'function','function':{'name':"
          "'get-time'}},{'type':'custom','custom':{'name':'run'}}]}");
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
    assert_true(nth > 10);
    assert_message(
        "{'content':'a','reasoning_content':'t','tool_calls':[{'id':'c','type'"
        ":'function','function':{'name':'get-time','arguments':'{}'}},{'id':"
        "'d','type':'custom','custom':{'name':'run','input':'l'}}],"
        "'annotations':[" NOTE("0", "1", "document:d", "") "]}");
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
        cmocka_unit_test(the_type_in_the_data_decides),
        cmocka_unit_test(every_finish_has_a_name),
        cmocka_unit_test(thoughts_and_plans_are_reasoning),
        cmocka_unit_test(calls_have_the_hosts_names),
        cmocka_unit_test(citations_count_from_their_block),
        cmocka_unit_test(logprobs_come_where_they_were_asked_for),
        cmocka_unit_test(usage_is_what_is_charged),
        cmocka_unit_test(a_failure_is_an_end_with_its_own_reason),
        cmocka_unit_test(what_is_no_answer_is_told),
        cmocka_unit_test(decoding_survives_every_failed_allocation),
        cmocka_unit_test(records_cut_anywhere_break_but_do_not_harm),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
