/* Models behind Vertex AI, of both vendors: where they are, what a request to
 * them is. ' stands for " in all texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "provider/endpoints.h"
#include "provider/vertex.h"
#include "support/alloc.h"
#include "support/encode_case.h"

#define BASE  "https://aiplatform.googleapis.com"
#define HI    "'messages':[{'role':'user','content':'Hi'}]"
#define TO(m) "{'model':'x/y'," m "}"

static struct dialect_run run;

static const struct llmgw__setting all[] = {
    {"project", "p-1", false},
    {"location", "us-east5", false},
    {LLMGW__VERTEX_FORMAT, "true", false},
};

/** The dialect that the row's names for this model, within a project or, with
 *  no settings, without one. */
static llmgw_status ask(const char *base, const char *model, const char *text,
                        bool stream, size_t settings)
{
    const struct llmgw__dialect *dialect;
    llmgw_status status;

    dialect_run_clear(&run);
    dialect_run_start(&run, &llmgw__dialect_gemini_vertex, base, model);
    run.provider.settings = all;
    run.provider.setting_count = settings;
    dialect = run.dialect->instead(&run.chat, &run.target);
    if (dialect)
        run.dialect = dialect;
    status = dialect_run_chat(&run, quoted(text));
    return status == LLMGW_OK ? dialect_run_encode(&run, stream, false)
                              : status;
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

static void a_model_is_where_its_publisher_and_project_say(void **state)
{
    static const struct {
        const char *base, *model;
        bool stream;
        size_t settings;
        const char *url;
    } cases[] = {
        {BASE, "gemini-2.5-flash", false, 2,
         BASE "/v1beta1/projects/p-1/locations/us-east5/publishers/google/"
              "models/gemini-2.5-flash:generateContent"},
        {BASE "/v1beta1", "publishers/google/models/gemini-3-pro-preview", true,
         1,
         BASE "/v1beta1/projects/p-1/locations/global/publishers/google/models/"
              "gemini-3-pro-preview:streamGenerateContent?alt=sse"},
        {"https://europe-west4-aiplatform.googleapis.com", "gemini-2.5-pro",
         false, 1,
         "https://europe-west4-aiplatform.googleapis.com/v1beta1/projects/p-1/"
         "locations/europe-west4/publishers/google/models/"
         "gemini-2.5-pro:generateContent"},
        {BASE "/v1", "endpoints/123", false, 2,
         BASE "/v1beta1/projects/p-1/locations/us-east5/endpoints/"
              "123:generateContent"},
        {BASE, "claude-opus-4-1@20250805", false, 2,
         BASE "/v1/projects/p-1/locations/us-east5/publishers/anthropic/"
              "models/claude-opus-4-1@20250805:rawPredict"},
        {BASE, "claude-opus-4-8", true, 2,
         BASE "/v1/projects/p-1/locations/us-east5/publishers/anthropic/"
              "models/claude-opus-4-8:streamRawPredict"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(ask(cases[i].base, cases[i].model,
                             TO(HI ",'max_tokens':9"), cases[i].stream,
                             cases[i].settings),
                         LLMGW_OK);
        assert_string_equal(run.request.url, cases[i].url);
    }
}

static void a_key_without_a_project_is_of_express_mode(void **state)
{
    char key[] = "k";

    (void)state;
    assert_int_equal(ask(BASE, "gemini-2.5-flash", TO(HI), false, 0),
                     LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_CONFIG);
    assert_non_null(strstr(run.error.message, "project is missing"));
    run.provider.api_key = key;
    run.error.message[0] = '\0';
    run.request.header_count = 0;
    llmgw__body_clear(&run.request.body);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_OK);
    assert_string_equal(run.request.url, BASE
                        "/v1beta1/publishers/google/models/gemini-2.5-flash"
                        ":generateContent");
    assert_int_equal(ask(BASE, "claude-opus-4-8", TO(HI), false, 0),
                     LLMGW_E_INVALID);
    run.provider.api_key = key; /* it is of no help there */
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_E_INVALID);
    assert_string_equal(run.error.message, "the setting project is missing");
}

static void settings_that_cannot_stand_in_a_url_are_refused(void **state)
{
    static const struct {
        const char *name, *value;
        bool good;
    } cases[] = {
        {"project", "my-project-1", true},
        {"project", "example.com:my-project", true},
        {"project", "", false},
        {"project", "..", false},
        {"location", "..", false},
        {"location", "europe-west4", true},
        {"location", "a/b", false},
        {LLMGW__VERTEX_FORMAT, "true", true},
        {LLMGW__VERTEX_FORMAT, "yes", false},
        {"server_tools", "maybe", false},
        {"api_version", "whatever", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(
            !llmgw__vertex_refuse_setting(cases[i].name, cases[i].value),
            cases[i].good);
}

static void claude_is_told_its_version_in_the_body(void **state)
{
    (void)state;
    assert_int_equal(ask(BASE, "claude-sonnet-4-5",
                         TO(HI ",'max_tokens':9,'temperature':0.5"), true, 2),
                     LLMGW_OK);
    assert_body("{'anthropic_version':'vertex-2023-10-16','max_tokens':9,"
                "'stream':true," HI ",'temperature':0.5}");
    assert_header("anthropic-version", NULL);
    assert_header("anthropic-beta", NULL);
    assert_header("accept", "text/event-stream");
}

/* Names that are unknown there are refused. */
static void betas_that_are_known_there_are_sent(void **state)
{
    (void)state;
    assert_int_equal(
        ask(BASE, "claude-opus-4-1",
            TO(HI ",'max_tokens':9000,'reasoning_effort':'low','tools':[{"
                  "'type':'function','function':{'name':'f'}}],'llmgw':{"
                  "'anthropic_beta':'mine-1'}"),
            false, 2),
        LLMGW_OK);
    assert_header("anthropic-beta", "interleaved-thinking-2025-05-14,mine-1");
    assert_int_equal(ask(BASE, "claude-3-haiku", TO(HI), false, 2), LLMGW_OK);
    assert_header("anthropic-beta", NULL);
}

#define SCHEMA                                                            \
    ",'max_tokens':9,'response_format':{'type':'json_schema',"            \
    "'json_schema':{'name':'n','schema':{'type':'object','properties':{}" \
    ",'additionalProperties':false}}}"

static void grammars_are_used_where_the_account_may(void **state)
{
    char *text;

    (void)state;
    assert_int_equal(ask(BASE, "claude-sonnet-4-5", TO(HI SCHEMA), false, 2),
                     LLMGW_OK);
    text = dialect_run_body(&run);
    assert_non_null(strstr(text, "json_response"));
    free(text);
    assert_int_equal(run.adjustments.count, 1);
    assert_int_equal(ask(BASE, "claude-sonnet-4-5", TO(HI SCHEMA), false, 3),
                     LLMGW_OK);
    text = dialect_run_body(&run);
    assert_non_null(strstr(text, "\"output_config\""));
    free(text);
    assert_int_equal(run.adjustments.count, 0);
}

static void claude_there_fetches_nothing(void **state)
{
    static const char *const parts[] = {
        "{'type':'image_url','image_url':{'url':'https://a.example/b.png'}}",
        "{'type':'file','file':{'file_id':'file_1'}}",
    };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char text[256];

        snprintf(text, sizeof text,
                 "{'model':'x/y','messages':[{'role':'user','content':["
                 "%s]}]}",
                 parts[i]);
        assert_int_equal(ask(BASE, "claude-sonnet-4-5", text, false, 2),
                         LLMGW_E_INVALID);
        assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
        assert_string_equal(run.error.param, "messages[0].content[0]");
    }
}

static void gemini_there_takes_other_members(void **state)
{
    (void)state;
    assert_int_equal(
        ask(BASE, "gemini-3-pro-preview",
            TO("'n':2,'service_tier':'flex','messages':["
               "{'role':'user','content':[{'type':'image_url','image_url':{"
               "'url':'gs://b/c.png'}}]},{'role':'assistant','tool_calls':[{"
               "'id':'i','type':'function','function':{'name':'f',"
               "'arguments':'{}'}}]},{'role':'tool','tool_call_id':'i',"
               "'content':'{}'}]"),
            false, 2),
        LLMGW_OK);
    assert_body(
        "{'contents':[{'role':'user','parts':[{'fileData':{'mimeType':"
        "'image/png','fileUri':'gs://b/c.png'}}]},{'role':'model','parts':[{"
        "'functionCall':{'name':'f','args':{}},'thoughtSignature':"
        "'skip_thought_signature_validator'}]},{'role':'user','parts':[{"
        "'functionResponse':{'name':'f','response':{}}}]}],"
        "'generationConfig':{'candidateCount':2}}");
    assert_header("x-vertex-ai-llm-shared-request-type", "flex");
    assert_int_equal(run.adjustments.count, 0);
}

#define TOOLS                                                 \
    ",'tools':[{'type':'function','function':{'name':'f'}}]," \
    "'llmgw':{'gemini':{'stream_function_call_arguments':true}}}"

static void arguments_are_streamed_where_asked_for(void **state)
{
    static const struct {
        const char *model;
        bool stream, streams;
    } cases[] = {
        {"gemini-3-pro-preview", true, true},
        {"gemini-3-pro-preview", false, false},
        {"gemini-2.5-pro", true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text;

        assert_int_equal(ask(BASE, cases[i].model, "{'model':'x/y'," HI TOOLS,
                             cases[i].stream, 2),
                         LLMGW_OK);
        text = dialect_run_body(&run);
        assert_int_equal(strstr(text, "streamFunctionCallArguments") != NULL,
                         cases[i].streams);
        free(text);
    }
}

static void requests_survive_every_failed_allocation(void **state)
{
    static const char *const models[] = {"gemini-2.5-flash",
                                         "claude-sonnet-4-5"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        llmgw_status status = LLMGW_E_NOMEM;

        for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
            dialect_run_clear(&run);
            dialect_run_start(&run, &llmgw__dialect_gemini_vertex, BASE,
                              models[i]);
            run.provider.settings = all;
            run.provider.setting_count = 3;
            if (i)
                run.dialect = &llmgw__dialect_anthropic_vertex;
            assert_int_equal(dialect_run_chat(&run, quoted(TO(HI SCHEMA))),
                             LLMGW_OK);
            fail_allocation(nth);
            status = dialect_run_encode(&run, false, false);
            allow_allocations();
        }
        assert_int_equal(status, LLMGW_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_is_where_its_publisher_and_project_say),
        cmocka_unit_test(a_key_without_a_project_is_of_express_mode),
        cmocka_unit_test(settings_that_cannot_stand_in_a_url_are_refused),
        cmocka_unit_test(claude_is_told_its_version_in_the_body),
        cmocka_unit_test(betas_that_are_known_there_are_sent),
        cmocka_unit_test(grammars_are_used_where_the_account_may),
        cmocka_unit_test(claude_there_fetches_nothing),
        cmocka_unit_test(gemini_there_takes_other_members),
        cmocka_unit_test(arguments_are_streamed_where_asked_for),
        cmocka_unit_test(requests_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, forget);
}
