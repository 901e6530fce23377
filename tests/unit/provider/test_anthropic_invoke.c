/* Claude behind Bedrock: what goes to InvokeModel and to the endpoint in the
 * shape of Messages, and InvokeModel's stream. ' stands for " in all texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/crypto.h"
#include "provider/bedrock.h"
#include "support/alloc.h"
#include "support/encode_case.h"

#define BASE  "https://bedrock-runtime.us-east-1.amazonaws.com"
#define HAIKU "us.anthropic.claude-haiku-4-5-20251001-v1:0"
#define HI    "'messages':[{'role':'user','content':'Hi'}]"
#define TO(m) "{'model':'x/y','max_tokens':9," m "}"

static struct dialect_run run;

static void start(const char *model, const char *api)
{
    static struct llmgw__setting settings[3] = {
        {"region", "us-east-1", false},
        {"model_base", "anthropic.claude-opus-4-8", false},
    };

    settings[2] = (struct llmgw__setting){"claude_api", api, false};
    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_bedrock, BASE, model);
    run.provider.settings = settings;
    run.provider.setting_count = api ? 3 : 2;
    run.dialect = run.dialect->instead(&run.chat, &run.target);
}

static llmgw_status ask(const char *model, const char *api, const char *text,
                        bool stream)
{
    start(model, api);
    assert_non_null(run.dialect);
    assert_int_equal(dialect_run_chat(&run, quoted(text)), LLMGW_OK);
    return dialect_run_encode(&run, stream, false);
}

static int forget(void **state)
{
    (void)state;
    dialect_run_clear(&run);
    return 0;
}

static void assert_body(const char *wanted)
{
    char *text = dialect_run_body(&run);
    cJSON *is = cJSON_Parse(text), *want = cJSON_Parse(quoted(wanted));

    assert_non_null(want);
    if (!cJSON_Compare(is, want, true))
        fail_msg("is %s, wanted %s", text, quoted(wanted));
    cJSON_Delete(is);
    cJSON_Delete(want);
    free(text);
}

/** NULL: there is no such header. */
static void assert_header(const char *name, const char *wanted)
{
    for (size_t i = 0; i < run.request.header_count; i++)
        if (llmgw__str_is(run.request.headers[i].name, name)) {
            assert_non_null(wanted);
            assert_true(llmgw__str_is(run.request.headers[i].value, wanted));
            return;
        }
    assert_null(wanted);
}

static void the_surface_is_chosen_by_maker_and_setting(void **state)
{
    static const struct {
        const char *model, *api;
        const struct llmgw__dialect *dialect;
    } cases[] = {
        {HAIKU, NULL, &llmgw__dialect_anthropic_invoke},
        {HAIKU, "invoke", &llmgw__dialect_anthropic_invoke},
        {HAIKU, "messages", &llmgw__dialect_anthropic_messages},
        {HAIKU, "converse", NULL},
        {"amazon.nova-lite-v1:0", "invoke", NULL},
        {"arn:aws:bedrock:us-east-1:1:application-inference-profile/x", NULL,
         &llmgw__dialect_anthropic_invoke},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start(cases[i].model, cases[i].api);
        assert_ptr_equal(run.dialect, cases[i].dialect);
    }
}

static void invoke_says_model_and_stream_in_the_url(void **state)
{
    (void)state;
    assert_int_equal(ask(HAIKU, NULL, TO(HI ",'temperature':0.5"), true),
                     LLMGW_OK);
    assert_string_equal(run.request.url,
                        BASE "/model/us.anthropic.claude-haiku-4-5-20251001-v1"
                             "%3A0/invoke-with-response-stream");
    assert_body("{'anthropic_version':'bedrock-2023-05-31','max_tokens':9," HI
                ",'temperature':0.5}");
    assert_header("x-amzn-bedrock-accept", "application/json");
    assert_header("anthropic-version", NULL);
    assert_int_equal(ask(HAIKU, NULL, TO(HI), false), LLMGW_OK);
    assert_non_null(strstr(run.request.url, "%3A0/invoke"));
    assert_null(strstr(run.request.url, "stream"));
    assert_header("accept", "application/json");
}

static void messages_are_as_at_home_but_for_the_host(void **state)
{
    (void)state;
    assert_int_equal(ask("anthropic.claude-opus-4-8", "messages", TO(HI), true),
                     LLMGW_OK);
    assert_string_equal(
        run.request.url,
        "https://bedrock-mantle.us-east-1.api.aws/anthropic/v1/messages");
    assert_body("{'model':'anthropic.claude-opus-4-8','max_tokens':9,"
                "'stream':true," HI "}");
    assert_header("anthropic-version", "2023-06-01");
    assert_header("accept", "text/event-stream");
}

/* The profile's name tells nothing: opus-4-8 takes no temperature. */
static void an_opaque_profile_is_what_the_setting_says(void **state)
{
    (void)state;
    assert_int_equal(
        ask("arn:aws:bedrock:us-east-1:1:application-inference-profile/x", NULL,
            TO(HI ",'temperature':0.5"), false),
        LLMGW_OK);
    assert_body("{'anthropic_version':'bedrock-2023-05-31','max_tokens':9," HI
                "}");
    assert_int_equal(run.adjustments.count, 1);
    assert_string_equal(run.adjustments.items[0].param, "temperature");
}

static void betas_stand_in_the_body(void **state)
{
    (void)state;
    assert_int_equal(
        ask(HAIKU, NULL,
            "{'model':'x/y','max_tokens':9000,'reasoning_effort':'low'," HI
            ",'tools':[{'type':'function','function':{'name':'f'},"
            "'eager_input_streaming':true}],'llmgw':{'anthropic_beta':["
            "'a-1','b-2','a-1']}}",
            false),
        LLMGW_OK);
    assert_body(
        "{'anthropic_version':'bedrock-2023-05-31','max_tokens':9000," HI
        ",'tools':[{'name':'f','input_schema':{'type':'object','properties':{}}"
        "}],'thinking':{'type':'enabled','budget_tokens':2048},"
        "'anthropic_beta':['interleaved-thinking-2025-05-14',"
        "'fine-grained-tool-streaming-2025-05-14','a-1','b-2']}");
    assert_header("anthropic-beta", NULL);
}

static void members_that_invoke_has_not_are_dropped_and_told(void **state)
{
    static const char *const dropped[] = {"cache_control", "speed",
                                          "inference_geo", "container",
                                          "fallbacks",     "mcp_servers"};

    (void)state;
    assert_int_equal(
        ask(HAIKU, NULL,
            TO(HI ",'cache_control':{'type':'ephemeral'},'speed':'fast',"
                  "'inference_geo':'us','container':'c','fallbacks':[],"
                  "'mcp_servers':[]"),
            false),
        LLMGW_OK);
    assert_body("{'anthropic_version':'bedrock-2023-05-31','max_tokens':9," HI
                "}");
    assert_int_equal(run.adjustments.count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(run.adjustments.items[i].param, dropped[i]);
}

static void tiers_are_a_header(void **state)
{
    static const struct {
        const char *asked, *sent;
        size_t adjusted;
    } cases[] = {
        {"auto", NULL, 0},   {"default", "default", 0},
        {"flex", "flex", 0}, {"priority", "priority", 0},
        {"scale", NULL, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];

        snprintf(text, sizeof text,
                 "{'model':'x/y','max_tokens':9,'service_tier':'%s'," HI "}",
                 cases[i].asked);
        assert_int_equal(ask(HAIKU, NULL, text, false), LLMGW_OK);
        assert_header("x-amzn-bedrock-service-tier", cases[i].sent);
        assert_int_equal(run.adjustments.count, cases[i].adjusted);
    }
}

#define GUARDED                                                           \
    TO(HI ",'llmgw':{'bedrock':{'guardrailConfig':{'guardrailIdentifier'" \
          ":'g-1','guardrailVersion':'3','trace':'ENABLED'},"             \
          "'performanceConfig':{'latency':'optimized'}}}")

static void guardrails_are_headers_or_a_refusal(void **state)
{
    (void)state;
    assert_int_equal(ask(HAIKU, NULL, GUARDED, false), LLMGW_OK);
    assert_header("x-amzn-bedrock-guardrailidentifier", "g-1");
    assert_header("x-amzn-bedrock-guardrailversion", "3");
    assert_header("x-amzn-bedrock-trace", "ENABLED");
    assert_header("x-amzn-bedrock-performanceconfig-latency", "optimized");
    assert_int_equal(ask(HAIKU, "messages", GUARDED, false), LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_int_equal(ask(HAIKU, NULL,
                         TO(HI ",'llmgw':{'bedrock':{'guardrailConfig':{"
                               "'guardrailIdentifier':'a\\nb'}}}"),
                         false),
                     LLMGW_E_INVALID);
    assert_string_equal(run.error.param, "llmgw.bedrock");
}

static void what_the_service_would_run_or_fetch_is_refused(void **state)
{
    static const char *const members[] = {
        HI ",'tools':[{'type':'web_search_20250305','name':'web_search'}]",
        HI ",'tools':[{'type':'code_execution_20250825','name':'c'}]",
        "'messages':[{'role':'user','content':[{'type':'image_url',"
        "'image_url':{'url':'https://a.example/b.png'}}]}]",
        "'messages':[{'role':'user','content':[{'type':'file','file':{"
        "'file_id':'file_1'}}]}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        char text[512];

        snprintf(text, sizeof text, "{'model':'x/y',%s}", members[i]);
        assert_int_equal(ask(HAIKU, NULL, text, false), LLMGW_E_INVALID);
        assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    }
    assert_int_equal(
        ask(HAIKU, NULL,
            TO(HI ",'tools':[{'type':'bash_20250124','name':'bash'}]"), false),
        LLMGW_OK);
}

static void grammars_are_for_the_models_that_have_them(void **state)
{
    static const struct {
        const char *model;
        bool native;
    } cases[] = {{HAIKU, true},
                 {"anthropic.claude-opus-4-8", false},
                 {"eu.anthropic.claude-opus-4-6-v1", true}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text;

        assert_int_equal(
            ask(cases[i].model, NULL,
                TO(HI ",'response_format':{'type':'json_schema','json_schema':"
                      "{'name':'n','schema':{'type':'object','properties':{},"
                      "'additionalProperties':false}}}"),
                false),
            LLMGW_OK);
        text = dialect_run_body(&run);
        assert_int_equal(strstr(text, "\"output_config\"") != NULL,
                         cases[i].native);
        free(text);
    }
}

/* --- the stream --- */

static llmgw_status feed(enum llmgw__frame_kind kind, const char *event,
                         const char *data)
{
    struct llmgw__frame frame = {kind, llmgw__str(event), llmgw__str(data)};
    llmgw_status status = dialect_run_expect(&run);

    llmgw__arena_reset(&run.scratch);
    return status == LLMGW_OK
               ? run.dialect->frame(run.decoder, &run.decode, &frame)
               : status;
}

/** An event of the Messages API, as a chunk has it in it. */
static llmgw_status chunk(const char *json)
{
    struct llmgw__buf data;
    llmgw_status status;

    llmgw__buf_init(&data, 0);
    llmgw__buf_add_z(&data, "{\"bytes\":\"");
    llmgw__base64_encode(&data, llmgw__str(quoted(json)));
    llmgw__buf_add(&data, "\",\"p\":\"abc\"}", 13);
    status = data.status;
    if (status == LLMGW_OK)
        status = feed(LLMGW__FRAME_EVENT, "chunk", data.data);
    llmgw__buf_clear(&data);
    return status;
}

#define USAGE "'usage':{'input_tokens':3,'output_tokens':1}"

/** What a whole stream brings; usage: its own, at its end. */
static llmgw_status stream(const char *start_usage, const char *usage)
{
    static const char *const middle[] = {
        "{'type':'content_block_start','index':0,'content_block':{'type':"
        "'text','text':''}}",
        "{'type':'content_block_delta','index':0,'delta':{'type':"
        "'text_delta','text':'po'}}",
        "{'type':'content_block_delta','index':0,'delta':{'type':"
        "'text_delta','text':'ng'}}",
        "{'type':'content_block_stop','index':0}",
    };
    char text[512];
    llmgw_status status;

    snprintf(text, sizeof text,
             "{'type':'message_start','message':{'id':'msg_1','model':'m',"
             "'content':[]%s}}",
             start_usage);
    status = chunk(text);
    for (size_t i = 0; i < 4 && status == LLMGW_OK; i++)
        status = chunk(middle[i]);
    snprintf(text, sizeof text,
             "{'type':'message_delta','delta':{'stop_reason':'end_turn'}%s}",
             usage);
    if (status == LLMGW_OK)
        status = chunk(text);
    if (status == LLMGW_OK)
        status = chunk(
            "{'type':'message_stop','amazon-bedrock-invocationMetrics':{"
            "'inputTokenCount':7,'outputTokenCount':6,'invocationLatency':9,"
            "'cacheReadInputTokenCount':5,'cacheWriteInputTokenCount':4}}");
    return status == LLMGW_OK ? dialect_run_end(&run) : status;
}

static void assert_text(const char *wanted)
{
    cJSON *final = dialect_run_final(&run);
    const cJSON *message = cJSON_GetObjectItem(
        cJSON_GetArrayItem(cJSON_GetObjectItem(final, "choices"), 0),
        "message");

    assert_string_equal(
        cJSON_GetStringValue(cJSON_GetObjectItem(message, "content")), wanted);
    cJSON_Delete(final);
}

static void chunks_hold_the_events_of_an_answer(void **state)
{
    (void)state;
    start(HAIKU, NULL);
    assert_int_equal(
        stream(",'usage':{'input_tokens':3,'output_tokens':1,"
               "'cache_read_input_tokens':0,'cache_creation_input_tokens':0}",
               ",'usage':{'output_tokens':2}"),
        LLMGW_OK);
    assert_text("pong");
    assert_string_equal(run.native, "end_turn");
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 3);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHED], 0);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 2);
}

static void metrics_tell_what_usage_does_not(void **state)
{
    (void)state;
    start(HAIKU, NULL);
    assert_int_equal(stream("", ""), LLMGW_OK);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 7);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHED], 5);
    assert_int_equal(run.usage.count[LLMGW__INPUT_CACHE_WRITE_5M], 4);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 6);
    start(HAIKU, NULL);
    assert_int_equal(stream("," USAGE, ",'usage':{'output_tokens':null}"),
                     LLMGW_OK);
    assert_int_equal(run.usage.count[LLMGW__INPUT_UNCACHED], 3);
    assert_int_equal(run.usage.count[LLMGW__OUTPUT_TEXT], 6);
}

static void what_is_no_chunk_is_told(void **state)
{
    static const char *const bad[] = {
        "",
        "[]",
        "{}",
        "{\"p\":\"abc\"}",
        "{\"bytes\":7}",
        "{\"bytes\":\"eyJ0*\"}",
        "{\"bytes\":\"e30=\"",
        "{\"bytes\":\"bm8=\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        start(HAIKU, NULL);
        assert_int_equal(feed(LLMGW__FRAME_EVENT, "chunk", bad[i]),
                         LLMGW_E_INVALID);
    }
}

static void an_exception_ends_the_answer(void **state)
{
    (void)state;
    start(HAIKU, NULL);
    assert_int_equal(chunk("{'type':'message_start','message':{'id':'m',"
                           "'model':'m','content':[]," USAGE "}}"),
                     LLMGW_OK);
    assert_int_equal(feed(LLMGW__FRAME_EXCEPTION, "throttlingException",
                          "{\"message\":\"Too many tokens\"}"),
                     LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, LLMGW_KIND_RATE_LIMIT);
    assert_int_equal(feed(LLMGW__FRAME_EVENT, "chunk", "{}"), LLMGW_OK);
}

static void an_error_event_in_a_chunk_is_one_too(void **state)
{
    (void)state;
    start(HAIKU, NULL);
    assert_int_equal(chunk("{'type':'error','error':{'type':"
                           "'overloaded_error','message':'Overloaded'}}"),
                     LLMGW_OK);
    assert_true(run.failed);
    assert_int_equal(run.error.kind, LLMGW_KIND_OVERLOADED);
}

static void every_failed_allocation_is_survived(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        start(HAIKU, NULL);
        fail_allocation(nth);
        status = stream("," USAGE, ",'usage':{'output_tokens':2}");
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    status = LLMGW_E_NOMEM;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        start(HAIKU, NULL);
        assert_int_equal(dialect_run_chat(&run, quoted(GUARDED)), LLMGW_OK);
        fail_allocation(nth);
        status = dialect_run_encode(&run, true, false);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_surface_is_chosen_by_maker_and_setting),
        cmocka_unit_test(invoke_says_model_and_stream_in_the_url),
        cmocka_unit_test(messages_are_as_at_home_but_for_the_host),
        cmocka_unit_test(an_opaque_profile_is_what_the_setting_says),
        cmocka_unit_test(betas_stand_in_the_body),
        cmocka_unit_test(members_that_invoke_has_not_are_dropped_and_told),
        cmocka_unit_test(tiers_are_a_header),
        cmocka_unit_test(guardrails_are_headers_or_a_refusal),
        cmocka_unit_test(what_the_service_would_run_or_fetch_is_refused),
        cmocka_unit_test(grammars_are_for_the_models_that_have_them),
        cmocka_unit_test(chunks_hold_the_events_of_an_answer),
        cmocka_unit_test(metrics_tell_what_usage_does_not),
        cmocka_unit_test(what_is_no_chunk_is_told),
        cmocka_unit_test(an_exception_ends_the_answer),
        cmocka_unit_test(an_error_event_in_a_chunk_is_one_too),
        cmocka_unit_test(every_failed_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
