/* Requests of the gemini wire: what is sent, reported, refused. */
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
#include "support/golden.h"

#define BASE ENCODE_CASE_BASE

/* --- where it goes --- */

static void the_url_names_model_and_verb(void **state)
{
    struct dialect_run *run = encode_case_run();
    static const struct {
        const char *base, *model;
        bool stream;
        const char *url;
    } cases[] = {
        {BASE, "gemini-2.5-flash", false,
         BASE "/v1beta/models/gemini-2.5-flash:generateContent"},
        {BASE, "gemini-2.5-flash", true,
         BASE "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"},
        {BASE "/v1beta", "models/gemma-3", false,
         BASE "/v1beta/models/gemma-3:generateContent"},
        {BASE, "tunedModels/mine-7", false,
         BASE "/v1beta/tunedModels/mine-7:generateContent"},
        {BASE, "a b/c?d#\xc3\xa4", false,
         BASE "/v1beta/models/a%20b%2Fc%3Fd%23%C3%A4:generateContent"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        dialect_run_clear(run);
        dialect_run_start(run, &llmgw__dialect_gemini, cases[i].base,
                          cases[i].model);
        assert_int_equal(dialect_run_chat(run, quoted(with(""))), LLMGW_OK);
        assert_int_equal(dialect_run_encode(run, cases[i].stream, false),
                         LLMGW_OK);
        assert_string_equal(run->request.url, cases[i].url);
        assert_string_equal(run->request.method, "POST");
        assert_int_equal(run->request.header_count, 1);
        assert_true(
            llmgw__str_is(run->request.headers[0].name, "content-type"));
        assert_true(
            llmgw__str_is(run->request.headers[0].value, "application/json"));
    }
}

/* --- generationConfig --- */

static void an_empty_generation_config_is_not_sent(void **state)
{
    (void)state;
    sends("gemini-2.5-flash", with(""), "generationConfig", "");
    assert_sent("tools", "");
    assert_sent("toolConfig", "");
    assert_sent("systemInstruction", "");
    assert_adjusted("");
}

static void sampling_members_are_renamed(void **state)
{
    (void)state;
    sends("gemini-2.0-flash",
          with("'temperature':0.70,'top_p':0.9,'top_k':40,'seed':7,'n':3,"
               "'max_tokens':99,'presence_penalty':0.5,'frequency_penalty':0,"
               "'logprobs':true,'top_logprobs':4,'stop':'END'"),
          "generationConfig",
          "{'temperature':0.7,'topP':0.9,'topK':40,'seed':7,'candidateCount':3,"
          "'maxOutputTokens':99,'presencePenalty':0.5,'frequencyPenalty':0,"
          "'responseLogprobs':true,'logprobs':4,'stopSequences':['END']}");
    assert_adjusted("");
    sends("gemini-2.5-flash",
          with("'top_k':-1,'n':1,'presence_penalty':0,'frequency_penalty':1,"
               "'logprobs':false"),
          "generationConfig", "");
    assert_adjusted("frequency_penalty/dropped/unsupported");
}

static void a_large_seed_is_wrapped_and_reported(void **state)
{
    (void)state;
    sends("gemini-2.5-flash", with("'seed':4294967303"), "generationConfig",
          "{'seed':7}");
    assert_adjusted("seed/converted/hashed");
    sends("gemini-2.5-flash", with("'seed':-5"), "generationConfig",
          "{'seed':-5}");
    assert_adjusted("");
}

static void a_format_asks_for_json(void **state)
{
    static const char schema[] =
        "'response_format':{'type':'json_schema','json_schema':{'name':'n',"
        "'schema':{'type':'object','properties':{'a':{'type':'string',"
        "'format':'uuid'}}}}}";

    (void)state;
    sends("gemini-2.5-flash", with("'response_format':{'type':'text'}"),
          "generationConfig", "");
    sends("gemini-2.5-flash", with("'response_format':{'type':'json_object'}"),
          "generationConfig", "{'responseMimeType':'application/json'}");
    sends("gemini-2.5-flash", with(schema), "generationConfig",
          "{'responseMimeType':'application/json','responseJsonSchema':"
          "{'type':'object','properties':{'a':{'type':'string',"
          "'format':'uuid'}}}}");
    assert_adjusted("");
    sends("gemini-2.0-flash", with(schema), "generationConfig",
          "{'responseMimeType':'application/json','responseSchema':"
          "{'type':'OBJECT','properties':{'a':{'type':'STRING'}},"
          "'propertyOrdering':['a']}}");
    assert_adjusted("response_format/approximated/schema_keywords");
}

static void modalities_ask_for_speech_or_images(void **state)
{
    (void)state;
    sends("gemini-2.5-flash", with("'modalities':['text']"), "generationConfig",
          "");
    sends("gemini-2.5-flash-image", with("'modalities':['text','image']"),
          "generationConfig", "{'responseModalities':['TEXT','IMAGE']}");
    sends("gemini-2.5-flash-preview-tts",
          with("'modalities':['text','audio'],'audio':{'voice':'Kore',"
               "'format':'pcm16'}"),
          "generationConfig",
          "{'responseModalities':['AUDIO'],'speechConfig':{'voiceConfig':"
          "{'prebuiltVoiceConfig':{'voiceName':'Kore'}}}}");
    assert_adjusted("");
    sends("gemini-2.5-flash-preview-tts",
          with("'modalities':['audio'],'audio':{'format':'wav'}"),
          "generationConfig", "{'responseModalities':['AUDIO']}");
    assert_adjusted("audio/approximated/unsupported");
    sends("gemini-2.5-flash-preview-tts",
          with("'modalities':['audio'],'audio':{'voice':{'id':'v'}}"),
          "generationConfig", "{'responseModalities':['AUDIO']}");
    assert_adjusted("audio/approximated/unsupported");
}

/* --- thinking --- */

/* What an effort is sent as on a model. */
struct effort_case {
    const char *model, *effort, *config, *reason;
};

#define BUDGET(n) "'thinkingBudget':" #n ",'includeThoughts':true"
#define LEVEL(l)  "'thinkingLevel':'" l "','includeThoughts':true"
#define NO_OFF    "thinking_cannot_be_disabled"
#define OTHER     "effort_level"

static const struct effort_case effort_cases[] = {
    {"gemini-2.5-flash", "none", "'thinkingBudget':0", ""},
    {"gemini-2.5-flash", "minimal", BUDGET(1024), ""},
    {"gemini-2.5-flash", "low", BUDGET(1024), ""},
    {"gemini-2.5-flash", "medium", BUDGET(8192), ""},
    {"gemini-2.5-flash", "high", BUDGET(24576), ""},
    {"gemini-2.5-flash", "max", BUDGET(24576), ""},
    {"gemini-2.5-pro", "none", "'thinkingBudget':128", NO_OFF},
    {"gemini-2.5-pro", "xhigh", BUDGET(32768), ""},
    {"gemini-3-pro-preview", "none", "'thinkingLevel':'low'", NO_OFF},
    {"gemini-3-pro-preview", "minimal", LEVEL("low"), OTHER},
    {"gemini-3-pro-preview", "medium", LEVEL("high"), OTHER},
    {"gemini-3-pro-preview", "high", LEVEL("high"), ""},
    {"gemini-3.1-pro", "medium", LEVEL("medium"), ""},
    {"gemini-3-flash-preview", "minimal", LEVEL("minimal"), ""},
    {"gemini-3.5-flash", "xhigh", LEVEL("high"), OTHER},
    {"gemini-3.1-flash-lite", "none", "'thinkingLevel':'minimal'", NO_OFF},
    {"gemini-3.7-flash", "minimal", LEVEL("low"), OTHER},
    {"gemini-flash-latest", "low", LEVEL("low"), ""},
    {"gemini-4-argon", "minimal", LEVEL("low"), OTHER},
    {"gemini-3.1-flash-image", "low", LEVEL("minimal"), OTHER},
    {"gemini-3.1-flash-image", "medium", LEVEL("high"), OTHER},
};

static void efforts_become_budgets_or_levels(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof effort_cases / sizeof *effort_cases; i++) {
        const struct effort_case *it = &effort_cases[i];
        char members[64], config[160], adjusted[96] = "";

        snprintf(members, sizeof members, "'reasoning_effort':'%s'",
                 it->effort);
        snprintf(config, sizeof config, "{'thinkingConfig':{%s}}", it->config);
        if (it->reason[0])
            snprintf(adjusted, sizeof adjusted,
                     "reasoning_effort/approximated/%s", it->reason);
        sends(it->model, with(members), "generationConfig", config);
        assert_adjusted(adjusted);
    }
}

static void models_that_cannot_think_are_not_told_to(void **state)
{
    static const char *const models[] = {
        "gemini-2.0-flash", "gemma-3-27b-it", "gemini-1.5-pro",
        "gemini-2.5-flash-image", "gemini-2.5-flash-preview-tts"};

    (void)state;
    for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
        sends(models[i], with("'reasoning_effort':'low'"), "generationConfig",
              "");
        assert_adjusted("reasoning_effort/dropped/unsupported");
        sends(models[i], with("'reasoning_effort':'none'"), "generationConfig",
              "");
        assert_adjusted("");
    }
}

/* --- what has no counterpart --- */

static void members_without_counterpart_are_reported(void **state)
{
    (void)state;
    sends("gemini-2.5-flash",
          with("'logit_bias':{'5':1},'user':'u','safety_identifier':'s',"
               "'store':true,'prediction':{'type':'content','content':'x'},"
               "'verbosity':'low','moderation':{'model':'m'},"
               "'metadata':{'a':'b'},'prompt_cache_key':'k'"),
          "contents", "[{'role':'user','parts':[{'text':'Hi'}]}]");
    assert_adjusted("logit_bias/dropped/unsupported "
                    "user/dropped/unsupported "
                    "safety_identifier/dropped/unsupported "
                    "store/dropped/unsupported "
                    "prediction/dropped/unsupported "
                    "verbosity/dropped/unsupported "
                    "moderation/dropped/unsupported");
}

static void values_that_ask_for_what_happens_anyway_are_not(void **state)
{
    (void)state;
    sends("gemini-2.5-flash",
          with("'logit_bias':{},'store':false,'verbosity':'medium',"
               "'user':null,'service_tier':'auto'"),
          "serviceTier", "");
    assert_adjusted("");
}

static void service_tiers_are_named_in_the_body(void **state)
{
    (void)state;
    sends("gemini-2.5-flash", with("'service_tier':'flex'"), "serviceTier",
          "'flex'");
    sends("gemini-2.5-flash", with("'service_tier':'fast'"), "serviceTier",
          "'priority'");
    assert_adjusted("");
    sends("gemini-2.5-flash", with("'service_tier':'scale'"), "serviceTier",
          "");
    assert_adjusted("service_tier/dropped/unsupported");
}

static void a_strict_call_is_refused_at_the_first_change(void **state)
{
    struct dialect_run *run = encode_case_run();
    (void)state;
    dialect_run_clear(run);
    dialect_run_start(run, &llmgw__dialect_gemini, BASE, "gemini-2.5-flash");
    assert_int_equal(
        dialect_run_chat(run, quoted(with("'user':'u','presence_penalty':1"))),
        LLMGW_OK);
    assert_int_equal(dialect_run_encode(run, false, true), LLMGW_E_INVALID);
    assert_int_equal(run->error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(run->error.param, "user");
    assert_string_equal(run->error.message,
                        "user would be dropped (unsupported)");
}

static void what_a_model_cannot_do_is_refused(void **state)
{
    (void)state;
    refuses("gemini-3-flash-preview", with("'n':2"),
            "unsupported_parameter | n | this model gives one choice");
    refuses("gemini-2.5-flash", with("'logprobs':true"),
            "unsupported_parameter | logprobs | this model tells no logprobs");
    refuses("gemini-2.5-flash", with("'stop':['1','2','3','4','5','6']"),
            "unsupported_parameter | stop | more than 5 stop sequences");
    refuses("gemini-2.5-flash",
            with("'response_format':{'type':'json_object'},'tools':[{'type':"
                 "'function','function':{'name':'f'}}]"),
            "unsupported_parameter | response_format | no JSON format beside "
            "tools on this model");
    refuses("gemini-3.6-flash",
            with_messages("{'role':'user','content':'a'},{'role':'assistant',"
                          "'content':'b'}"),
            "unsupported_parameter | messages | this model continues no "
            "assistant message");
    refuses("gemini-3.5-flash",
            with("'tools':[{'type':'custom','name':'f','input_schema':{}}]"),
            "unsupported_parameter | tools[0] | not a function or a custom "
            "tool");
    sends("gemini-3.6-flash", /* nothing of it would be sent */
          with_messages("{'role':'user','content':'a'},{'role':'assistant',"
                        "'content':''}"),
          "contents", "[{'role':'user','parts':[{'text':'a'}]}]");
    sends("gemini-3.5-flash",
          with_messages("{'role':'user','content':'a'},{'role':'assistant',"
                        "'content':'b'}"),
          "contents",
          "[{'role':'user','parts':[{'text':'a'}]},"
          "{'role':'model','parts':[{'text':'b'}]}]");
}

/* --- the host's own members --- */

static void options_go_to_the_root_and_win_in_the_config(void **state)
{
    (void)state;
    sends("gemini-2.5-flash",
          with("'temperature':1,'max_tokens':5,'reasoning_effort':'low',"
               "'llmgw':{'gemini':{'generationConfig':{'temperature':0,"
               "'mediaResolution':'MEDIA_RESOLUTION_LOW'},'safetySettings':[],"
               "'stream_function_call_arguments':true,"
               "'continuationToken':'Q1Q='}}"),
          "generationConfig",
          "{'maxOutputTokens':5,'thinkingConfig':{'thinkingBudget':1024,"
          "'includeThoughts':true},'temperature':0,"
          "'mediaResolution':'MEDIA_RESOLUTION_LOW'}");
    assert_sent("safetySettings", "[]");
    assert_sent("continuationToken", "'Q1Q='");
    assert_sent("stream_function_call_arguments", "");
    assert_adjusted("");
}

static void what_the_host_vouches_for_goes_to_the_root(void **state)
{
    (void)state;
    sends("gemini-2.5-flash",
          with("'brandNew':{'a':[1]},'labels':{'a':'top'},'thinking':{},"
               "'llmgw':{'pass_unknown':true,'gemini':{'labels':{'a':'b'}}}"),
          "brandNew", "{'a':[1]}");
    assert_sent("labels", "{'a':'b'}");
    assert_sent("thinking", "");
    assert_sent("llmgw", "");
}

static void options_cannot_replace_the_request(void **state)
{
    (void)state;
    refuses("gemini-2.5-flash",
            with("'contents':[],'llmgw':{'pass_unknown':true}"),
            "invalid_request | llmgw.pass_unknown | a member that the request "
            "itself fills");
    refuses("gemini-2.5-flash", with("'llmgw':{'gemini':{'contents':[]}}"),
            "invalid_request | llmgw.gemini | a member that the request itself "
            "fills");
}

static void cached_content_excludes_what_is_in_it(void **state)
{
    static const char cached[] =
        "'llmgw':{'gemini':{'cachedContent':'cachedContents/1'}}";
    char request[512];

    (void)state;
    sends("gemini-2.5-flash", with(cached), "cachedContent",
          "'cachedContents/1'");
    refuses("gemini-4-argon", with(cached),
            "unsupported_parameter | llmgw.gemini.cachedContent | this model "
            "has no explicit caching");
    snprintf(request, sizeof request,
             "{'model':'m','messages':[{'role':'system','content':'s'},"
             "{'role':'user','content':'u'}],%s}",
             cached);
    refuses("gemini-2.5-flash", request,
            "invalid_request | llmgw.gemini.cachedContent | cached content "
            "excludes system messages and tools");
}

/* --- failures --- */

static const char large_request[] =
    "{'model':'m','temperature':1,'reasoning_effort':'high','messages':["
    "{'role':'system','content':'s'},"
    "{'role':'user','content':[{'type':'image_url','image_url':{'url':"
    "'data:image\\/png;base64,AA AA'}},{'type':'text','text':'t'}]},"
    "{'role':'assistant','tool_calls':[{'id':'1','type':'function',"
    "'function':{'name':'f','arguments':'{\\\"a\\\":1}'}}]},"
    "{'role':'tool','tool_call_id':'1','content':'{\\\"b\\\":2}'}],"
    "'tools':[{'type':'function','function':{'name':'f','parameters':"
    "{'type':'object','properties':{'a':{'type':'integer'}}}}}]}";

static void encoding_survives_every_failed_allocation(void **state)
{
    struct dialect_run *run = encode_case_run();
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        dialect_run_clear(run);
        dialect_run_start(run, &llmgw__dialect_gemini, BASE,
                          "gemini-2.0-flash");
        assert_int_equal(dialect_run_chat(run, quoted(large_request)),
                         LLMGW_OK);
        llmgw__arena_clear(&run->scratch);
        fail_allocation(nth);
        status = dialect_run_encode(run, true, false);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
    assert_adjusted("reasoning_effort/dropped/unsupported");
}

/* --- examples --- */

static void check_request(const cJSON *one, const cJSON *file)
{
    const char *provider =
        cJSON_GetStringValue(golden_get(one, file, "provider"));

    if (strcmp(provider, "google") != 0)
        return; /* another surface of this wire */
    golden_check_request(&llmgw__dialect_gemini, BASE, one, file);
}

static void requests_of_our_own_examples_are_sent(void **state)
{
    (void)state;
    assert_int_equal(golden_folder(LLMGW_SOURCE_DIR "/tests/fixtures/gemini",
                                   NULL, check_request),
                     10);
}

static void requests_given_as_examples_are_sent(void **state)
{
    static const char *const names[] = {
        "001-", "002-", "003-", "004-", "005-", "006-", "007-", "008-",
        "009-", "011-", "012-", "013-", "014-", "015-", "017-", NULL};
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no shared examples\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/wire/golden/gemini", shared);
    assert_true(golden_folder(folder, names, check_request) >= 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_url_names_model_and_verb),
        cmocka_unit_test(an_empty_generation_config_is_not_sent),
        cmocka_unit_test(sampling_members_are_renamed),
        cmocka_unit_test(a_large_seed_is_wrapped_and_reported),
        cmocka_unit_test(a_format_asks_for_json),
        cmocka_unit_test(modalities_ask_for_speech_or_images),
        cmocka_unit_test(efforts_become_budgets_or_levels),
        cmocka_unit_test(models_that_cannot_think_are_not_told_to),
        cmocka_unit_test(members_without_counterpart_are_reported),
        cmocka_unit_test(values_that_ask_for_what_happens_anyway_are_not),
        cmocka_unit_test(service_tiers_are_named_in_the_body),
        cmocka_unit_test(a_strict_call_is_refused_at_the_first_change),
        cmocka_unit_test(what_a_model_cannot_do_is_refused),
        cmocka_unit_test(options_go_to_the_root_and_win_in_the_config),
        cmocka_unit_test(what_the_host_vouches_for_goes_to_the_root),
        cmocka_unit_test(options_cannot_replace_the_request),
        cmocka_unit_test(cached_content_excludes_what_is_in_it),
        cmocka_unit_test(encoding_survives_every_failed_allocation),
        cmocka_unit_test(requests_of_our_own_examples_are_sent),
        cmocka_unit_test(requests_given_as_examples_are_sent),
    };

    encode_case_of(&llmgw__dialect_gemini);
    return cmocka_run_group_tests(tests, NULL, encode_case_forget);
}
