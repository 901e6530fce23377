/*
 * Bad input: each a clear typed error that names the thing, nothing sent,
 * nothing entered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define ONE_TARGET                                                  \
    "{'environment':false,'providers':{'one':{'type':'openai',"     \
    "'base_url':'$1/v1','api_key':'k'},'keyless':{'type':'openai'," \
    "'base_url':'$1/v1','api_key_env':'LLMGW_NO_SUCH_VARIABLE'}}}"

struct host {
    struct fake *fake;
    llmgw_gateway *gateway;
};

static int set_up(void **state)
{
    static struct host host;

    host.fake = fake_start();
    assert_non_null(host.fake);
    host.gateway = caller_open(ONE_TARGET, fake_url(host.fake), "", "");
    *state = &host;
    return 0;
}

static int tear_down(void **state)
{
    struct host *host = *state;

    assert_int_equal(fake_requests(host->fake), 0); /* nothing was sent */
    assert_int_equal(caller_entries(host->gateway, 0), 0);
    llmgw_gateway_close(host->gateway);
    fake_stop(host->fake);
    return 0;
}

struct bad {
    const char *json;
    const char *param; /* of the error */
    llmgw_error_kind kind;
};

#define HI "'messages':[{'role':'user','content':'hi'}]"

static const struct bad requests[] = {
    {"{'model':'one/m','messages':[", "", LLMGW_KIND_INVALID_REQUEST},
    {"[1]", "", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI "} x", "", LLMGW_KIND_INVALID_REQUEST},
    {"{" HI "}", "model", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':7," HI "}", "model", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'nobody'," HI "}", "model", LLMGW_KIND_MODEL_NOT_FOUND},
    {"{'model':'nobody/m'," HI "}", "model", LLMGW_KIND_MODEL_NOT_FOUND},
    {"{'model':'one/m'}", "messages", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m','messages':[]}", "messages", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m','messages':[{'role':'boss','content':'x'}]}",
     "messages[0].role", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m','messages':[{'role':'user','content':5}]}",
     "messages[0].content", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m','messages':[{'role':'tool','content':'x',"
     "'tool_call_id':'c'}]}",
     "messages[0].tool_call_id", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'colour':'red'}", "colour",
     LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'temperature':'hot'}", "temperature",
     LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'temperature':3}", "temperature",
     LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'n':0}", "n", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'llmgw':{'speed':1}}", "llmgw.speed",
     LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'llmgw':{'first_ms':0}}", "llmgw.first_ms",
     LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'llmgw':{'max_attempts':33}}",
     "llmgw.max_attempts", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m'," HI ",'llmgw':{'tags':{'a':'b,c'}}}",
     "llmgw.tags.a tag", LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m','model':'one/n'," HI "}", "",
     LLMGW_KIND_INVALID_REQUEST},
    {"{'model':'one/m','messages':[{'role':'user','content':'\xff'}]}", "",
     LLMGW_KIND_INVALID_REQUEST},
};

static void bad_requests_are_refused_by_name(void **state)
{
    struct host *host = *state;

    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const struct bad *bad = &requests[i];
        struct caller caller = {0};
        llmgw_error *error;
        const char *param;

        caller_ask_json(&caller, host->gateway,
                        (enum caller_mode)(i % CALLER_MODES), bad->json, 1);
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
        error = llmgw_call_error(caller.call);
        if (llmgw_error_get_kind(error) != bad->kind)
            fail_msg("%s: kind %s", bad->json,
                     llmgw_error_kind_name(llmgw_error_get_kind(error)));
        param = llmgw_error_param(error);
        if (strcmp(param ? param : "", bad->param) != 0 && *bad->param)
            fail_msg("%s: param %s", bad->json, param ? param : "(none)");
        assert_true(strlen(llmgw_error_message(error)) > 8);
        assert_null(strchr(llmgw_error_message(error), '\n'));
        llmgw_call_free(caller.call);
    }
}

static void a_missing_key_is_told(void **state)
{
    struct host *host = *state;
    struct caller caller = {0};
    llmgw_error *error;

    caller_ask(&caller, host->gateway, CALLER_BLOCKING, "keyless/m", "hi");
    error = llmgw_call_error(caller.call);
    assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_NO_TARGET);
    assert_non_null(strstr(llmgw_error_message(error), "keyless/m"));
    assert_non_null(
        strstr(llmgw_error_message(error), "LLMGW_NO_SUCH_VARIABLE"));
    assert_int_equal(llmgw_call_plan_count(caller.call), 1);
    assert_int_equal(llmgw_call_plan_usable(caller.call, 0), 0);
    llmgw_call_free(caller.call);
}

static const struct bad configurations[] = {
    {"{", "", LLMGW_KIND_CONFIG},
    {"[]", "", LLMGW_KIND_CONFIG},
    {"{'speed':1}", "speed", LLMGW_KIND_CONFIG},
    {"{'providers':[]}", "providers", LLMGW_KIND_CONFIG},
    {"{'providers':{'x':{}}}", "providers.x", LLMGW_KIND_CONFIG},
    {"{'providers':{'x':{'type':'nobody'}}}", "providers.x.type",
     LLMGW_KIND_CONFIG},
    {"{'providers':{'x':{'type':'compatible'}}}", "providers.x",
     LLMGW_KIND_CONFIG},
    {"{'providers':{'x':{'type':'compatible','base_url':'ftp://x'}}}",
     "providers.x.base_url", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_key':'a\\r\\nb'}}}",
     "providers.openai.api_key", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':'k'}}}", "providers.openai.api_keys",
     LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':[]}}}", "providers.openai.api_keys",
     LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':['k','']}}}",
     "providers.openai.api_keys[1]", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':['k',7]}}}",
     "providers.openai.api_keys[1]", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':['a','b','a']}}}",
     "providers.openai.api_keys[2]", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':['a\\nb']}}}",
     "providers.openai.api_keys[0]", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':['a'],'api_key':'b'}}}",
     "providers.openai.api_keys", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'api_keys':['a'],'api_key_env':'B'}}}",
     "providers.openai.api_keys", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'headers':{'x':'a\\nb'}}}}",
     "providers.openai.headers.x", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'dialect':'latin'}}}", "providers.openai.dialect",
     LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'settings':{'x':'y'}}}}",
     "providers.openai.settings.x", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'settings':{'api':'other'}}}}",
     "providers.openai.settings.api", LLMGW_KIND_CONFIG},
    {"{'providers':{'xai':{'settings':{'api':''}}}}",
     "providers.xai.settings.api", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'settings':{'auth':'cookie'}}}}",
     "providers.openai.settings.auth", LLMGW_KIND_CONFIG},
    {"{'providers':{'azure':{'settings':{'api_version':'1&x'}}}}",
     "providers.azure.settings.api_version", LLMGW_KIND_CONFIG},
    {"{'providers':{'azure':{'settings':{'resource':'r',"
     "'deployment':''}}}}",
     "providers.azure.settings.deployment", LLMGW_KIND_CONFIG},
    {"{'providers':{'azure':{'api_key':'k'}}}", "providers.azure",
     LLMGW_KIND_CONFIG},
    {"{'providers':{'cloudflare':{'settings':{'account_id':'a/b'}}}}",
     "providers.cloudflare.settings.account_id", LLMGW_KIND_CONFIG},
    {"{'providers':{'dashscope':{'settings':{'region':'mars'}}}}",
     "providers.dashscope", LLMGW_KIND_CONFIG},
    {"{'providers':{'dashscope':{'base_url':'https://a/v1','settings':{"
     "'region':'us'}}}}",
     "providers.dashscope.base_url", LLMGW_KIND_CONFIG},
    {"{'providers':{'openai':{'settings':{'region':'us'}}}}",
     "providers.openai", LLMGW_KIND_CONFIG},
    {"{'routes':{'r':{}}}", "routes.r", LLMGW_KIND_CONFIG},
    {"{'routes':{'r':{'targets':['openai/a','nobody/b']}}}",
     "routes.r.targets[1]", LLMGW_KIND_CONFIG},
    {"{'routes':{'r':{'targets':['openai/a'],'max_attempts':0}}}",
     "routes.r.max_attempts", LLMGW_KIND_CONFIG},
    {"{'limits':{'gap_ms':-1}}", "limits.gap_ms", LLMGW_KIND_CONFIG},
    {"{'limits':{'max_frame_bytes':1}}", "limits.max_frame_bytes",
     LLMGW_KIND_CONFIG},
    {"{'ledger':{'max_entries':0}}", "ledger.max_entries", LLMGW_KIND_CONFIG},
    {"{'manifest':{'models':5}}", "manifest.models", LLMGW_KIND_CONFIG},
    {"{'manifest':{}}", "manifest.models", LLMGW_KIND_CONFIG},
    {"{'manifest':{'list':'x'}}", "manifest.list", LLMGW_KIND_CONFIG},
    {"{'manifest':{'format':'litellm'}}", "manifest.format", LLMGW_KIND_CONFIG},
    {"{'manifest':{'url':'http://a/b'}}", "manifest.url", LLMGW_KIND_CONFIG},
    {"{'manifest':{'url':'http://localhost.a/b'}}", "manifest.url",
     LLMGW_KIND_CONFIG},
    {"{'manifest':{'url':'https://u:p@a/b'}}", "manifest.url",
     LLMGW_KIND_CONFIG},
    {"{'manifest':{'url':'https:///b'}}", "manifest.url", LLMGW_KIND_CONFIG},
    {"{'manifest':{'url':'https://a/b','format':'csv'}}", "manifest.format",
     LLMGW_KIND_CONFIG},
    {"{'manifest':{'url':'https://a/b','refresh_s':59}}", "manifest.refresh_s",
     LLMGW_KIND_CONFIG},
};

static void bad_configurations_are_refused_by_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof configurations / sizeof *configurations;
         i++) {
        const struct bad *bad = &configurations[i];
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        const char *json = caller_quotes(bad->json);
        llmgw_gateway *gateway = (llmgw_gateway *)&options;
        llmgw_error *error = NULL;
        const char *param;

        options.config_json.data = json;
        options.config_json.len = strlen(json);
        if (llmgw_gateway_open(&options, &gateway, &error) != LLMGW_E_CONFIG)
            fail_msg("%s was taken", bad->json);
        assert_null(gateway);
        assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_CONFIG);
        param = llmgw_error_param(error);
        if (strcmp(param ? param : "", bad->param) != 0)
            fail_msg("%s: at %s: %s", bad->json, param ? param : "(root)",
                     llmgw_error_message(error));
        assert_true(strlen(llmgw_error_message(error)) > 4);
        llmgw_error_free(error);
    }
}

static void a_refused_reload_leaves_the_old_configuration(void **state)
{
    struct host *host = *state;
    llmgw_error *error = NULL;

    assert_int_equal(llmgw_gateway_reload(host->gateway,
                                          (llmgw_str){"{\"x\":1}", 7}, &error),
                     LLMGW_E_CONFIG);
    assert_string_equal(llmgw_error_param(error), "x");
    llmgw_error_free(error);
    a_missing_key_is_told(state); /* provider "keyless" is still there */
    (void)host;
}

static void a_bad_variable_is_refused_not_ignored(void **state)
{
    llmgw_gateway *gateway;
    llmgw_error *error;

    (void)state;
    setenv("OPENAI_BASE_URL", "localhost:9/v1", 1);
    assert_int_equal(llmgw_gateway_open(NULL, &gateway, &error),
                     LLMGW_E_CONFIG);
    assert_string_equal(llmgw_error_param(error), "OPENAI_BASE_URL");
    llmgw_error_free(error);
    unsetenv("OPENAI_BASE_URL");
    setenv("OLLAMA_HOST", "a b", 1); /* a host alone would do */
    assert_int_equal(llmgw_gateway_open(NULL, &gateway, &error),
                     LLMGW_E_CONFIG);
    assert_string_equal(llmgw_error_param(error), "OLLAMA_HOST");
    llmgw_error_free(error);
    setenv("OLLAMA_HOST", "0.0.0.0", 1);
    assert_int_equal(llmgw_gateway_open(NULL, &gateway, NULL), LLMGW_OK);
    llmgw_gateway_close(gateway);
    unsetenv("OLLAMA_HOST");
}

static void a_variable_can_say_where_a_provider_is(void **state)
{
    static const char *const places[] = {NULL, "not/a/name", "acme"};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    static const char json[] =
        "{\"routes\":{\"r\":{\"targets\":[\"azure/m\"]}}}";

    (void)state;
    options.config_json = (llmgw_str){json, strlen(json)};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        llmgw_gateway *gateway;
        llmgw_error *error;
        bool known = i == 2;

        if (places[i])
            setenv("AZURE_RESOURCE_NAME", places[i], 1);
        assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                         known ? LLMGW_OK : LLMGW_E_CONFIG);
        if (known)
            llmgw_gateway_close(gateway);
        else
            assert_string_equal(llmgw_error_param(error),
                                "routes.r.targets[0]");
        if (!known)
            llmgw_error_free(error);
    }
    unsetenv("AZURE_RESOURCE_NAME");
}

static void bad_tags_are_refused(void **state)
{
    static const char *const bad[] = {"x",    "=x",   "x=",    "a=b,",
                                      ",a=b", "a=b ", "a=b=c", "a=b, c=d"};
    struct host *host = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    llmgw_request_create("one/m", &request);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        options.tags = bad[i];
        assert_int_equal(llmgw_chat(host->gateway, request, &options, &call),
                         LLMGW_E_INVALID);
    }
    llmgw_request_free(request);
}

static void null_pointers_are_refused(void **state)
{
    struct host *host = *state;
    llmgw_request *request;
    llmgw_call *call;
    llmgw_loop *loop;
    llmgw_str out;

    llmgw_request_create("one/m", &request);
    assert_int_equal(llmgw_gateway_open(NULL, NULL, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_chat(NULL, request, NULL, &call), LLMGW_E_INVALID);
    assert_int_equal(llmgw_chat(host->gateway, NULL, NULL, &call),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_chat(host->gateway, request, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_loop_create(NULL, &loop), LLMGW_E_INVALID);
    assert_int_equal(llmgw_chat_start(NULL, request, NULL, &call),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_create("m", NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_add_text(NULL, "user", (llmgw_str){"", 0}),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_add_text(request, NULL, (llmgw_str){"", 0}),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_json(NULL, &out), LLMGW_E_INVALID);
    assert_int_equal(
        llmgw_request_set_json(request, "messages", (llmgw_str){"[]", 2}),
        LLMGW_E_INVALID);
    assert_int_equal(llmgw_ledger_read(host->gateway, NULL, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_call_end(NULL), LLMGW_END_NONE);
    assert_int_equal(llmgw_response_text(NULL).len, 0);
    assert_string_equal(llmgw_error_message(NULL), "");
    llmgw_call_cancel(NULL);
    llmgw_call_free(NULL);
    llmgw_loop_free(NULL);
    llmgw_gateway_close(NULL);
    llmgw_request_free(NULL);
    llmgw_cancel_free(NULL);
    llmgw_error_free(NULL);
    llmgw_request_free(request);
}

static void options_of_a_newer_caller_are_refused(void **state)
{
    struct host *host = *state;
    struct {
        llmgw_chat_options known;
        uint64_t newer;
    } options = {LLMGW_CHAT_OPTIONS_INIT, 1};
    llmgw_request *request;
    llmgw_call *call;

    llmgw_request_create("one/m", &request);
    options.known.size = sizeof options;
    assert_int_equal(llmgw_chat(host->gateway, request, &options.known, &call),
                     LLMGW_E_INVALID);
    options.known.size = 0; /* never initialized */
    assert_int_equal(llmgw_chat(host->gateway, request, &options.known, &call),
                     LLMGW_E_INVALID);
    llmgw_request_free(request);
}

/** What is given as one value cannot bring members of its own along. */
static void setters_take_one_json_value_each(void **state)
{
    static const char *const members[] = {
        "1,\"user\":\"x\"", "1}", "]", "tru", "{\"a\":1", "1 2", " ", "'a'"};
    static const char *const messages[] = {
        "{\"role\":\"user\",\"content\":\"x\"}],\"stop\":[\"z\"",
        "],\"user\":\"x\",\"stop\":[\"z\"",
        "[]",
        "1",
        "{},{}",
        "{"};
    llmgw_request *request;
    llmgw_str before;
    llmgw_str after;
    size_t len;

    (void)state;
    llmgw_request_create("one/m", &request);
    assert_int_equal(llmgw_request_json(request, &before), LLMGW_OK);
    len = before.len;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        llmgw_str value = {members[i], strlen(members[i])};

        assert_int_equal(llmgw_request_set_json(request, "stop", value),
                         LLMGW_E_INVALID);
        assert_int_equal(llmgw_request_add_tool(request, "f", NULL, value),
                         LLMGW_E_INVALID);
    }
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
        assert_int_equal(
            llmgw_request_add_message_json(
                request, (llmgw_str){messages[i], strlen(messages[i])}),
            LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_json(request, &after), LLMGW_OK);
    assert_int_equal(after.len, len);
    llmgw_request_free(request);
}

static void a_base_url_is_scheme_host_and_path_only(void **state)
{
    static const char *const urls[] = {
        "https://h/v1?x=1",   "https://h/v1#part",
        "https://me:pw@h/v1", "https://me@h",
        "https://",           "http:///v1",
        "https://h/v1?",      "ftp://h"};

    (void)state;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        llmgw_gateway *gateway;
        llmgw_error *error;
        char json[256];

        snprintf(json, sizeof json,
                 "{\"environment\":false,\"providers\":{\"openai\":{"
                 "\"api_key\":\"k\",\"base_url\":\"%s\"}}}",
                 urls[i]);
        options.config_json = (llmgw_str){json, strlen(json)};
        assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                         LLMGW_E_CONFIG);
        assert_string_equal(llmgw_error_param(error),
                            "providers.openai.base_url");
        assert_null(strstr(llmgw_error_message(error), "pw"));
        llmgw_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_requests_are_refused_by_name),
        cmocka_unit_test(a_missing_key_is_told),
        cmocka_unit_test(bad_configurations_are_refused_by_path),
        cmocka_unit_test(a_refused_reload_leaves_the_old_configuration),
        cmocka_unit_test(a_bad_variable_is_refused_not_ignored),
        cmocka_unit_test(a_variable_can_say_where_a_provider_is),
        cmocka_unit_test(bad_tags_are_refused),
        cmocka_unit_test(null_pointers_are_refused),
        cmocka_unit_test(options_of_a_newer_caller_are_refused),
        cmocka_unit_test(setters_take_one_json_value_each),
        cmocka_unit_test(a_base_url_is_scheme_host_and_path_only),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
