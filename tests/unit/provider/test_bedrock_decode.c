/* Answers of Converse. ' stands for " in all texts. */
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
static const struct llmgw__provider_row row = {.name = "b",
                                               .family = "bedrock"};

struct event {
    const char *name; /* NULL: the list's end */
    const char *text;
};

/* A request and its encoding first: the decoder looks at both. */
static void start(const char *model, const char *request)
{
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_bedrock, "https://host.example",
                      model);
    run.provider.row = &row;
    assert_int_equal(dialect_run_chat(&run, quoted(request)), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, true, false), LLMGW_OK);
    assert_int_equal(dialect_run_expect(&run), LLMGW_OK);
}

/* Exactly as long as it says, so that overreads are seen. */
static llmgw_status feed(enum llmgw__frame_kind kind, const char *name,
                         const char *json, size_t len)
{
    char *copy = malloc(len ? len : 1);
    struct llmgw__frame frame = {kind, llmgw__str(name), {copy, len}};
    llmgw_status status;

    if (!copy)
        return LLMGW_E_NOMEM;
    memcpy(copy, json, len);
    llmgw__arena_reset(&run.scratch);
    status = run.dialect->frame(run.decoder, &run.decode, &frame);
    free(copy);
    return status;
}

static llmgw_status event(const char *name, const char *text)
{
    const char *json = quoted(text);

    return feed(LLMGW__FRAME_EVENT, name, json, strlen(json));
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

static void stream(const char *model, const char *request,
                   const struct event *events, const char *wanted)
{
    start(model, request);
    for (; events->name; events++)
        assert_int_equal(event(events->name, events->text), LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_OK);
    assert_false(run.failed);
    assert_message(wanted);
}

static void body(const char *model, const char *request, const char *text,
                 const char *wanted)
{
    const char *json;

    start(model, request);
    json = quoted(text);
    assert_int_equal(dialect_run_whole(&run, json, strlen(json)), LLMGW_OK);
    assert_false(run.failed);
    assert_message(wanted);
}

#define NOVA   "amazon.nova-lite-v1:0"
#define CLAUDE "us.anthropic.claude-sonnet-4-6"
#define DELTA(index, delta)                                       \
    {                                                             \
        "contentBlockDelta",                                      \
            "{'contentBlockIndex':" index ",'delta':{" delta "}}" \
    }
#define STOPPED(index)                                        \
    {                                                         \
        "contentBlockStop", "{'contentBlockIndex':" index "}" \
    }
#define END(reason)                                  \
    {                                                \
        "messageStop", "{'stopReason':'" reason "'}" \
    }
#define USAGE                                                               \
    {                                                                       \
        "metadata", "{'usage':{'inputTokens':3,'outputTokens':2,'totalToke" \
                    "ns':5},'metrics':{'latencyMs':7},'p':'abc'}"           \
    }

static void the_finish_waits_for_the_usage(void **state)
{
    static const struct event events[] = {
        {"messageStart", "{'role':'assistant','p':'ab'}"},
        DELTA("0", "'text':''"),
        DELTA("0", "'text':'a'"),
        {"laterKind", "{'text':'no'}"},
        DELTA("0", "'text':'b'"),
        STOPPED("0"),
        END("end_turn"),
        USAGE,
        {NULL, NULL},
    };

    (void)state;
    stream(NOVA, plain, events, "{'content':'ab','finish_reason':'stop'}");
    assert_string_equal(run.native, "end_turn");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 3);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 2);
}

static void usage_may_come_first_or_not_at_all(void **state)
{
    static const struct event first[] = {
        DELTA("0", "'text':'a'"), USAGE, END("max_tokens"), {NULL, NULL}};
    static const struct event without[] = {
        DELTA("0", "'text':'a'"), END("stop_sequence"), {NULL, NULL}};

    (void)state;
    stream(NOVA, plain, first, "{'content':'a','finish_reason':'length'}");
    assert_true(run.has_usage);
    stream(NOVA, plain, without, "{'content':'a','finish_reason':'stop'}");
    assert_false(run.has_usage);
}

static void a_stream_without_a_stop_is_cut(void **state)
{
    (void)state;
    start(NOVA, plain);
    assert_int_equal(event("contentBlockDelta",
                           "{'contentBlockIndex':0,'delta':{'text':'a'}}"),
                     LLMGW_OK);
    assert_int_equal(dialect_run_end(&run), LLMGW_E_INVALID);
}

static void calls_are_counted_for_themselves(void **state)
{
    static const struct event events[] = {
        DELTA("0", "'text':'a'"),
        STOPPED("0"),
        {"contentBlockStart",
         "{'contentBlockIndex':2,'start':{'toolUse':{'toolUseId':'i','name':'"
         "f'}}}"},
        DELTA("2", "'toolUse':{'input':''}"),
        DELTA("2", "'toolUse':{'input':'{'}"),
        DELTA("2", "'toolUse':{'input':'}'}"),
        STOPPED("2"),
        {"contentBlockStart",
         "{'contentBlockIndex':5,'start':{'toolUse':{'toolUseId':'j','name':'"
         "g'}}}"},
        STOPPED("5"),
        {"contentBlockStart",
         "{'contentBlockIndex':6,'start':{'toolUse':{'toolUseId':'k','name':'"
         "s','type':'server_tool_use'}}}"},
        DELTA("6", "'toolUse':{'input':'{}'}"),
        STOPPED("6"),
        END("tool_use"),
        USAGE,
        {NULL, NULL},
    };

    (void)state;
    stream(NOVA, plain, events,
           "{'content':'a','finish_reason':'tool_calls','tool_calls':[{'id':'"
           "i','type':'function','function':{'name':'f','arguments':'{}'}},{'"
           "id':'j','type':'function','function':{'name':'g','arguments':'{}'"
           "}}]}");
}

static void a_custom_tool_gets_its_input(void **state)
{
    static const struct event events[] = {
        {"contentBlockStart",
         "{'contentBlockIndex':0,'start':{'toolUse':{'toolUseId':'i','name':'"
         "run'}}}"},
        DELTA("0", "'toolUse':{'input':'{\\'input\\':'}"),
        DELTA("0", "'toolUse':{'input':'\\'ls\\'}'}"),
        STOPPED("0"),
        END("tool_use"),
        USAGE,
        {NULL, NULL},
    };

    (void)state;
    stream(NOVA,
           "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'tools"
           "':[{'type':'custom','custom':{'name':'run'}}]}",
           events,
           "{'tool_calls':[{'id':'i','type':'custom','custom':{'name':'run','"
           "input':'ls'}}]}");
}

static void our_own_tool_is_the_answer(void **state)
{
    static const char request[] =
        "{'model':'x/y','messages':[{'role':'user','content':'Hi'}],'response"
        "_format':{'type':'json_schema','json_schema':{'name':'n','schema':{'"
        "type':'object','properties':{}}}}}";

    (void)state;
    body(NOVA, request,
         "{'output':{'message':{'role':'assistant','content':[{'toolUse':{'to"
         "olUseId':'i','name':'json_response','input':{'a': 1}}}]}},'stopReas"
         "on':'tool_use','usage':{'inputTokens':1,'outputTokens':1}}",
         "{'content':'{\\'a\\':1}','finish_reason':'stop'}");
}

static void thinking_keeps_its_signature(void **state)
{
    static const struct event events[] = {
        DELTA("0", "'reasoningContent':{'text':'t'}"),
        DELTA("0", "'reasoningContent':{'text':'u'}"),
        DELTA("0", "'reasoningContent':{'signature':'s'}"),
        STOPPED("0"),
        DELTA("1", "'reasoningContent':{'redactedContent':'ZA=='}"),
        STOPPED("1"),
        DELTA("2", "'text':'a'"),
        STOPPED("2"),
        END("end_turn"),
        USAGE,
        {NULL, NULL},
    };
    static const char whole[] =
        "{'output':{'message':{'content':[{'reasoningContent':{'reasoningText"
        "':{'text':'tu','signature':'s'}}},{'reasoningContent':{'redactedCont"
        "ent':'ZA=='}},{'text':'a'}]}},'stopReason':'end_turn'}";

#define KEPT(format)                                                          \
    "{'content':'a','reasoning_content':'tu','reasoning_details':[{'type':'r" \
    "easoning.text','index':0,'format':'" format                              \
    "','text':'tu','signature':'s'},{'type':'reasoning.encrypted','index':1"  \
    ",'format':'" format "','data':'ZA=='}]}"
    (void)state;
    stream(CLAUDE, plain, events, KEPT("anthropic-claude-v1"));
    body(CLAUDE, plain, whole, KEPT("anthropic-claude-v1"));
    stream(NOVA, plain, events, KEPT("bedrock-amazon-v1"));
    body("model", plain, whole, KEPT("bedrock-unknown-v1"));
}

static void state_goes_back_to_its_maker_alone(void **state)
{
    (void)state;
    start(CLAUDE, plain);
    assert_true(run.dialect->takes_state(&run.target,
                                         LLMGW__LIT("anthropic-claude-v1")));
    assert_false(
        run.dialect->takes_state(&run.target, LLMGW__LIT("bedrock-amazon-v1")));
    start(NOVA, plain);
    assert_true(
        run.dialect->takes_state(&run.target, LLMGW__LIT("bedrock-amazon-v1")));
    assert_false(run.dialect->takes_state(&run.target,
                                          LLMGW__LIT("anthropic-claude-v1")));
    assert_false(
        run.dialect->takes_state(&run.target, LLMGW__LIT("bedrock-v1")));
}

#define WEB(title, url) \
    "{'title':'" title "','location':{'web':{'url':'" url "'}}}"
#define NOTE(start, end, title, url)                              \
    "{'type':'url_citation','url_citation':{'start_index':" start \
    ",'end_index':" end ",'title':'" title "','url':'" url "'}}"

static void pages_are_annotations(void **state)
{
    static const struct event events[] = {
        DELTA("0", "'text':'a\\u00e4'"),
        STOPPED("0"),
        DELTA("1", "'text':'bc'"),
        DELTA("1", "'citation':" WEB("t", "http://u")),
        DELTA("1", "'citation':{'title':'d','location':{'documentChar':{'docum"
                   "entIndex':0}}}"),
        STOPPED("1"),
        END("end_turn"),
        {NULL, NULL},
    };

    (void)state;
    stream(NOVA, plain, events,
           "{'annotations':[" NOTE("2", "4", "t", "http://u") "]}");
    body(
        NOVA, plain,
        "{'output':{'message':{'content':[{'text':'a'},{'citationsContent':{"
        "'citations':[" WEB("t", "http://u") "," WEB(
            "v",
            "http://w") "],'con"
                        "tent':[{'text':'b'},{'text':'c'}]}}]}},'stopReason':'end_turn'}",
        "{'content':'abc','annotations':[" NOTE(
            "1", "3", "t", "http://u") "," NOTE("1", "3", "v",
                                                "http://w") "]}");
}

static void every_end_has_a_name(void **state)
{
    static const char *const reasons[][2] = {
        {"end_turn", "stop"},
        {"stop_sequence", "stop"},
        {"max_tokens", "length"},
        {"model_context_window_exceeded", "length"},
        {"guardrail_intervened", "content_filter"},
        {"content_filtered", "content_filter"},
        {"refusal", "content_filter"},
        {"of_later_times", "stop"},
    };
    char text[256], wanted[64];

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        (void)snprintf(text, sizeof text,
                       "{'output':{'message':{'content':[{'text':'a'}]}},'sto"
                       "pReason':'%s'}",
                       reasons[i][0]);
        (void)snprintf(wanted, sizeof wanted, "{'finish_reason':'%s'}",
                       reasons[i][1]);
        body(NOVA, plain, text, wanted);
        assert_string_equal(run.native, reasons[i][0]);
    }
}

static void malformed_output_is_a_failure(void **state)
{
    const char *json;

    (void)state;
    start(NOVA, plain);
    json = quoted("{'output':{'message':{'content':[]}},'stopReason':'malfor"
                  "med_tool_use'}");
    assert_int_equal(dialect_run_whole(&run, json, strlen(json)), LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, LLMGW_KIND_MODEL_OUTPUT_INVALID);
}

static void what_is_no_answer_is_invalid(void **state)
{
    static const char *const bodies[] = {"{}", "[]", "", "{'output':{}}",
                                         "{'stopReason':'end_turn'}"};

    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *json;

        start(NOVA, plain);
        json = quoted(bodies[i]);
        assert_int_equal(dialect_run_whole(&run, json, strlen(json)),
                         LLMGW_E_INVALID);
    }
}

#define ANSWER(usage)                                                        \
    "{'output':{'message':{'content':[{'text':'a'}]}},'stopReason':'end_tur" \
    "n','usage':{" usage "}}"

static void the_cache_is_counted_by_makers_habits(void **state)
{
    static const char usage[] =
        ANSWER("'inputTokens':100,'outputTokens':9,'cacheReadInputTokens':30,"
               "'cacheReadInputTokenCount':30,'cacheWriteInputTokens':20,'cac"
               "heDetails':[{'ttl':'5m','inputTokens':5},{'ttl':'1h','inputTo"
               "kens':15}]");

    (void)state;
    body(CLAUDE, plain, usage, "{'content':'a'}");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 100);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHED], 30);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHE_WRITE_5M], 5);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHE_WRITE_1H], 15);
    assert_int_equal(llmgw__usage_prompt(&run.usage), 150);
    body("openai.gpt-5.4", plain, usage, "{'content':'a'}");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 50);
    assert_int_equal(llmgw__usage_prompt(&run.usage), 100);
}

static void exceptions_mean_what_their_names_say(void **state)
{
    static const struct {
        enum llmgw__frame_kind kind;
        const char *name, *text;
        llmgw_error_kind wanted;
    } cases[] = {
        {LLMGW__FRAME_EXCEPTION, "throttlingException",
         "{'message':'Too many tokens, please wait.'}", LLMGW_KIND_RATE_LIMIT},
        {LLMGW__FRAME_EXCEPTION, "throttlingException",
         "{'message':'Too many tokens per day'}", LLMGW_KIND_QUOTA},
        {LLMGW__FRAME_EXCEPTION, "validationException", "{'message':'bad'}",
         LLMGW_KIND_INVALID_REQUEST},
        {LLMGW__FRAME_EXCEPTION, "validationException",
         "{'message':'Input is too long for requested model.'}",
         LLMGW_KIND_CONTEXT_LENGTH},
        {LLMGW__FRAME_EXCEPTION, "serviceUnavailableException", "{}",
         LLMGW_KIND_OVERLOADED},
        {LLMGW__FRAME_EXCEPTION, "modelTimeoutException", "{'Message':'slow'}",
         LLMGW_KIND_TIMEOUT},
        {LLMGW__FRAME_EXCEPTION, "internalServerException", "broken",
         LLMGW_KIND_SERVER_ERROR},
        {LLMGW__FRAME_EXCEPTION, "", "", LLMGW_KIND_SERVER_ERROR},
        {LLMGW__FRAME_FAULT, "InternalError", "It broke.",
         LLMGW_KIND_SERVER_ERROR},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *json;

        start(NOVA, plain);
        json = quoted(cases[i].text);
        assert_int_equal(feed(cases[i].kind, cases[i].name, json, strlen(json)),
                         LLMGW_OK);
        assert_true(run.failed);
        assert_int_equal(run.error.kind, cases[i].wanted);
        assert_int_equal(event("contentBlockDelta", "no JSON"), LLMGW_OK);
    }
    assert_string_equal(run.error.message, "It broke.");
    assert_string_equal(run.error.raw_type, "InternalError");
}

static const struct event long_answer[] = {
    {"messageStart", "{'role':'assistant'}"},
    DELTA("0", "'reasoningContent':{'text':'\\u0074'}"),
    DELTA("0", "'reasoningContent':{'signature':'\\u0073'}"),
    STOPPED("0"),
    DELTA("1", "'text':'\\u0061'"),
    DELTA("1", "'citation':" WEB("t", "http://u")),
    STOPPED("1"),
    {"contentBlockStart",
     "{'contentBlockIndex':2,'start':{'toolUse':{'toolUseId':'\\u0069','name'"
     ":'\\u0066'}}}"},
    DELTA("2", "'toolUse':{'input':'{\\'a\\':1}'}"),
    STOPPED("2"),
    {"messageStop", "{'stopReason':'tool_use','additionalModelResponseFields'"
                    ":{'x':1}}"},
    USAGE,
};

#define LONG (sizeof long_answer / sizeof *long_answer)

static llmgw_status answer_once(int nth)
{
    llmgw_status status = LLMGW_OK;

    start(CLAUDE, plain);
    fail_allocation(nth);
    for (size_t i = 0; i < LONG && status == LLMGW_OK; i++)
        status = event(long_answer[i].name, long_answer[i].text);
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
    assert_message(
        "{'content':'a','reasoning_content':'t','tool_calls':[{'id':'i','type"
        "':'function','function':{'name':'f','arguments':'{\\'a\\':1}'}}],'an"
        "notations':[" NOTE("0", "1", "t", "http://u") "]}");
}

static void records_cut_anywhere_break_but_do_not_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < LONG; i++) {
        char *json = strdup(quoted(long_answer[i].text));

        for (size_t len = 0; len < strlen(json); len++) {
            start(CLAUDE, plain);
            assert_int_equal(
                feed(LLMGW__FRAME_EVENT, long_answer[i].name, json, len),
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
        cmocka_unit_test(the_finish_waits_for_the_usage),
        cmocka_unit_test(usage_may_come_first_or_not_at_all),
        cmocka_unit_test(a_stream_without_a_stop_is_cut),
        cmocka_unit_test(calls_are_counted_for_themselves),
        cmocka_unit_test(a_custom_tool_gets_its_input),
        cmocka_unit_test(our_own_tool_is_the_answer),
        cmocka_unit_test(thinking_keeps_its_signature),
        cmocka_unit_test(state_goes_back_to_its_maker_alone),
        cmocka_unit_test(pages_are_annotations),
        cmocka_unit_test(every_end_has_a_name),
        cmocka_unit_test(malformed_output_is_a_failure),
        cmocka_unit_test(what_is_no_answer_is_invalid),
        cmocka_unit_test(the_cache_is_counted_by_makers_habits),
        cmocka_unit_test(exceptions_mean_what_their_names_say),
        cmocka_unit_test(decoding_survives_every_failed_allocation),
        cmocka_unit_test(records_cut_anywhere_break_but_do_not_harm),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
