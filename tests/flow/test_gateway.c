/*
 * A gateway's life: opened from nothing, from a file, from text; reloaded
 * while calls run; told about by its log; over TLS and through a proxy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <unistd.h>

#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/tls_front.h"

#define ONE_TARGET                                              \
    "{'environment':false,'providers':{'one':{'type':'openai'," \
    "'base_url':'$1/v1','api_key':'k'}}}"

enum {
    NAMES = 1024
};

static void note(char *names, llmgw_str name, char end)
{
    size_t len = strlen(names);

    assert_true(len + name.len + 2 < NAMES);
    memcpy(names + len, name.data, name.len);
    names[len + name.len] = end;
    names[len + name.len + 1] = '\0';
}

static int32_t see_model(const llmgw_model_info *info, void *userdata)
{
    note(userdata, info->name, ' ');
    return 0;
}

static void opened_from_the_environment_alone(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway;
    struct caller caller = {0};
    char names[NAMES] = " ";
    char url[128];

    (void)state;
    (void)snprintf(url, sizeof url, "%s/v1", fake_url(fake));
    setenv("OPENAI_API_KEY", "from-environment", 1);
    setenv("OPENAI_BASE_URL", url, 1);
    unsetenv("ANTHROPIC_API_KEY");
    assert_int_equal(llmgw_gateway_open(NULL, &gateway, NULL), LLMGW_OK);
    llmgw_gateway_models(gateway, see_model, names);
    assert_non_null(strstr(names, " openai "));
    assert_null(strstr(names, " anthropic "));
    caller_ask(&caller, gateway, CALLER_BLOCKING, "openai/gpt-4.1-nano", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    {
        struct fake_request request = fake_request(fake, 0);
        llmgw_str key = fake_header(&request, "authorization");

        assert_int_equal(key.len, strlen("Bearer from-environment"));
        assert_memory_equal(key.data, "Bearer from-environment", key.len);
    }
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    unsetenv("OPENAI_API_KEY");
    unsetenv("OPENAI_BASE_URL");
    fake_stop(fake);
}

/** Ask with this configuration; what was sent is the fake's last request. */
static struct fake_request ask(struct fake *fake, const char *format,
                               const char *model)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct caller caller = {0};
    llmgw_gateway *gateway;
    char json[512];

    (void)snprintf(json, sizeof json, format, fake_url(fake));
    options.config_json = llmgw_str_of(caller_quotes(json));
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL), LLMGW_OK);
    caller_ask(&caller, gateway, CALLER_BLOCKING, model, "hi");
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    return fake_request(fake, fake_requests(fake) - 1);
}

static void assert_header(const struct fake_request *request, const char *name,
                          const char *wanted)
{
    llmgw_str value = fake_header(request, name);

    assert_int_equal(value.len, strlen(wanted));
    assert_memory_equal(value.data, wanted, value.len);
}

/* What it says of an account is for the key that it has itself. */
static void the_environment_names_organization_and_project(void **state)
{
    struct fake *fake = fake_start();
    struct fake_request request;

    (void)state;
    setenv("OPENAI_API_KEY", "k", 1);
    setenv("OPENAI_ORG_ID", "org-1", 1);
    setenv("OPENAI_PROJECT_ID", "proj-2", 1);
    request = ask(fake, "{'providers':{'openai':{'base_url':'%s/v1'}}}",
                  "openai/gpt-4.1");
    assert_header(&request, "openai-organization", "org-1");
    assert_header(&request, "openai-project", "proj-2");
    request = ask(fake,
                  "{'providers':{'openai':{'base_url':'%s/v1','headers':"
                  "{'OpenAI-Project':'mine'}}}}",
                  "openai/gpt-4.1");
    assert_header(&request, "openai-organization", "org-1");
    assert_header(&request, "openai-project", "mine");
    request = ask(fake,
                  "{'providers':{'openai':{'base_url':'%s/v1',"
                  "'api_key':'other'}}}",
                  "openai/gpt-4.1");
    assert_header(&request, "openai-organization", "");
    unsetenv("OPENAI_API_KEY");
    unsetenv("OPENAI_ORG_ID");
    unsetenv("OPENAI_PROJECT_ID");
    fake_stop(fake);
}

static void the_environment_names_a_version(void **state)
{
    struct fake *fake = fake_start();
    struct fake_request request;

    (void)state;
    setenv("AZURE_OPENAI_API_KEY", "k", 1);
    setenv("OPENAI_API_VERSION", "2024-10-21", 1);
    request = ask(fake, "{'providers':{'azure':{'base_url':'%s'}}}", "azure/m");
    assert_string_equal(request.path, "/openai/deployments/m/chat/completions"
                                      "?api-version=2024-10-21");
    request = ask(fake,
                  "{'providers':{'azure':{'base_url':'%s','settings':"
                  "{'api_version':'preview'}}}}",
                  "azure/m");
    assert_string_equal(request.path,
                        "/openai/v1/chat/completions?api-version=preview");
    unsetenv("AZURE_OPENAI_API_KEY");
    unsetenv("OPENAI_API_VERSION");
    fake_stop(fake);
}

static void what_is_no_version_is_refused_by_its_variable(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_error *error;

    (void)state;
    options.config_json =
        llmgw_str_of("{\"providers\":{\"azure\":{\"base_url\":\"http://h\"}}}");
    setenv("OPENAI_API_VERSION", "a b", 1);
    assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                     LLMGW_E_CONFIG);
    assert_string_equal(llmgw_error_param(error), "OPENAI_API_VERSION");
    llmgw_error_free(error);
    unsetenv("OPENAI_API_VERSION");
}

/* Every failed allocation is told, and nothing is left behind. */
static void variables_without_memory(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_status status = LLMGW_E_NOMEM;
    llmgw_gateway *gateway = NULL;
    int nth = 0;

    (void)state;
    options.config_json = llmgw_str_of("{\"providers\":{\"openai\":{}}}");
    setenv("OPENAI_ORG_ID", "org-1", 1);
    setenv("OPENAI_PROJECT_ID", "proj-2", 1);
    while (status != LLMGW_OK) {
        fail_allocation(nth++);
        status = llmgw_gateway_open(&options, &gateway, NULL);
        allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
        assert_true(nth < 10000);
    }
    assert_true(nth > 5);
    llmgw_gateway_close(gateway);
    unsetenv("OPENAI_ORG_ID");
    unsetenv("OPENAI_PROJECT_ID");
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void opened_from_a_file_and_read_again(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    char path[] = "/tmp/llmgw-test-XXXXXX";
    llmgw_error *error = NULL;
    llmgw_gateway *gateway;
    char names[NAMES] = " ";

    (void)state;
    close(mkstemp(path));
    options.config_file = path;
    write_file(path, "");
    assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                     LLMGW_E_CONFIG);
    llmgw_error_free(error);
    write_file(path,
               caller_quotes("{'environment':false,'providers':{'openai':"
                             "{'api_key':'k'}},'routes':{'first':{'targets':"
                             "['openai/a']}}}"));
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL), LLMGW_OK);
    write_file(path,
               caller_quotes("{'environment':false,'providers':{'openai':"
                             "{'api_key':'k'}},'routes':{'second':{'targets':"
                             "['openai/a']}}}"));
    llmgw_gateway_models(gateway, see_model, names);
    assert_string_equal(names, " first openai ");
    assert_int_equal(llmgw_gateway_reload(gateway, (llmgw_str){NULL, 0}, NULL),
                     LLMGW_OK);
    names[1] = '\0';
    llmgw_gateway_models(gateway, see_model, names);
    assert_string_equal(names, " second openai ");
    llmgw_gateway_close(gateway);
    unlink(path);
    assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                     LLMGW_E_CONFIG);
    assert_non_null(strstr(llmgw_error_message(error), path));
    assert_non_null(strstr(llmgw_error_message(error), "no such file"));
    llmgw_error_free(error);
}

struct reloader {
    llmgw_gateway *gateway;
    int chunks;
};

static int32_t reload_at_first(const llmgw_chunk *chunk, void *userdata)
{
    struct reloader *reloader = userdata;
    static const char empty[] = "{\"environment\":false}";

    (void)chunk;
    if (reloader->chunks++ == 0)
        assert_int_equal(
            llmgw_gateway_reload(reloader->gateway,
                                 (llmgw_str){empty, sizeof empty - 1}, NULL),
            LLMGW_OK);
    return 0;
}

static void a_running_call_keeps_what_it_started_with(void **state)
{
    struct fake *fake = fake_start();
    struct reloader reloader = {0};
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    (void)state;
    fake_script(fake, "", "chunks=20 cut=100");
    reloader.gateway = caller_open(ONE_TARGET, fake_url(fake), "", "");
    options.on_chunk = reload_at_first;
    options.userdata = &reloader;
    llmgw_request_create("one/m", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    assert_int_equal(llmgw_chat(reloader.gateway, request, &options, &call),
                     LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_true(reloader.chunks > 20);
    llmgw_call_free(call);
    assert_int_equal(llmgw_chat(reloader.gateway, request, NULL, &call),
                     LLMGW_OK);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_MODEL_NOT_FOUND);
    llmgw_call_free(call);
    llmgw_request_free(request);
    llmgw_gateway_close(reloader.gateway);
    fake_stop(fake);
}

struct log {
    char text[NAMES];
    int lines;
};

static void on_log(int32_t level, llmgw_str message, void *userdata)
{
    struct log *log = userdata;

    assert_in_range(level, LLMGW_LOG_ERROR, LLMGW_LOG_WARNING);
    log->lines++;
    note(log->text, message, '\n');
}

static void a_failover_is_logged_without_secrets(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct caller caller = {0};
    struct log log = {{0}, 0};
    llmgw_gateway *gateway;

    (void)state;
    fake_script(fake, "", "status=503 times=1");
    options.on_log = on_log;
    options.log_userdata = &log;
    gateway = caller_open_with(
        &options,
        "{'environment':false,'providers':{'one':{'type':'openai',"
        "'base_url':'$1/v1','api_key':'sesame'}},'routes':{'r':{'targets':"
        "['one/a','one/b']}}}",
        fake_url(fake), "", "");
    caller_ask(&caller, gateway, CALLER_BLOCKING, "r", "my prompt");
    assert_int_equal(log.lines, 1);
    assert_non_null(strstr(log.text, "one/a"));
    assert_null(strstr(log.text, "sesame"));
    assert_null(strstr(log.text, "my prompt"));
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

static void prices_can_be_replaced(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway = caller_open(
        "{'environment':false,'providers':{'one':{'type':'openai',"
        "'base_url':'$1/v1','api_key':'k'}},'manifest':{'version':'mine',"
        "'models':[{'provider':'openai','model':'m','rates':{'in':'3','out':'0.5'},"
        "'source':'test','as_of':'2026-01-01'}]}}",
        fake_url(fake), "", "");
    struct caller known = {0};
    struct caller unknown = {0};
    llmgw_money money = {7, 7};
    int64_t pico = -1;

    (void)state;
    fake_script(fake, "", "usage=100:10");
    caller_ask(&known, gateway, CALLER_BLOCKING, "one/m", "hi");
    assert_int_equal(
        llmgw_attempt_cost(llmgw_call_attempt(known.call, 0), &pico), 1);
    assert_int_equal(pico, 100 * 3000000 + 10 * 500000);
    assert_int_equal(llmgw_call_cost(known.call, &money), 0);
    assert_int_equal(money.usd, 0);
    assert_int_equal(money.pico, pico);
    caller_ask(&unknown, gateway, CALLER_BLOCKING, "one/gpt-4.1", "hi");
    assert_int_equal(
        llmgw_attempt_cost(llmgw_call_attempt(unknown.call, 0), &pico), 0);
    assert_int_equal(llmgw_call_cost(unknown.call, &money), 1);
    assert_int_equal(money.pico, 0); /* unknown, counted beside */
    llmgw_call_free(known.call);
    llmgw_call_free(unknown.call);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

static int32_t see_tags(const llmgw_entry *entry, void *userdata)
{
    note(userdata, llmgw_entry_tags(entry), ' ');
    return 0;
}

static void a_request_may_set_limits_and_tags(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway = caller_open(ONE_TARGET, fake_url(fake), "", "");
    llmgw_request *request;
    llmgw_call *call;
    const char *json = caller_quotes(
        "{'model':'one/m','messages':[{'role':'user','content':'hi'}],"
        "'llmgw':{'timeout_ms':40,'tags':{'team':'red','job':'7'}}}");
    char tags[NAMES] = "";

    (void)state;
    fake_script(fake, "", "stall_before");
    llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request);
    assert_int_equal(llmgw_chat(gateway, request, NULL, &call), LLMGW_OK);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_DEADLINE);
    llmgw_ledger_read(gateway, NULL, see_tags, tags);
    assert_string_equal(tags, "team=red,job=7 ");
    llmgw_call_free(call);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

static void a_proxy_is_used(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway = caller_open(
        "{'environment':false,'proxy':'$1','providers':{'one':{'type':"
        "'openai','base_url':'http://nowhere.invalid/v1','api_key':'k'}}}",
        fake_url(fake), "", "");
    struct caller caller = {0};

    (void)state;
    caller_ask(&caller, gateway, CALLER_BLOCKING, "one/m", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_non_null(strstr(fake_request(fake, 0).path, "nowhere.invalid"));
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

static void tls_is_verified_against_the_given_authority(void **state)
{
    struct fake *fake = fake_start();
    const char *reason = "";
    struct tls_front *front = tls_front_start(fake_url(fake), &reason);
    char config[1024];
    llmgw_gateway *gateway;
    struct caller trusted = {0};
    struct caller doubted = {0};

    (void)state;
    if (!front) {
        fake_stop(fake);
        print_message("skip: %s\n", reason);
        skip();
    }
    (void)snprintf(config, sizeof config,
                   "{'environment':false,'tls':{'ca_file':'%s'},'providers':"
                   "{'one':{'type':'openai','base_url':'%s/v1',"
                   "'api_key':'k'}}}",
                   tls_front_ca(front), tls_front_url(front));
    gateway = caller_open(config, "", "", "");
    caller_ask(&trusted, gateway, CALLER_LOOP, "one/m", "hi");
    assert_int_equal(llmgw_call_end(trusted.call), LLMGW_END_RESPONSE);
    llmgw_call_free(trusted.call);
    llmgw_gateway_close(gateway);
    (void)snprintf(config, sizeof config,
                   "{'environment':false,'providers':{'one':{'type':'openai',"
                   "'base_url':'%s/v1','api_key':'k'}}}",
                   tls_front_url(front));
    gateway = caller_open(config, "", "", "");
    caller_ask(&doubted, gateway, CALLER_LOOP, "one/m", "hi");
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(doubted.call)),
                     LLMGW_KIND_TLS);
    llmgw_call_free(doubted.call);
    llmgw_gateway_close(gateway);
    tls_front_stop(front);
    fake_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opened_from_the_environment_alone),
        cmocka_unit_test(the_environment_names_organization_and_project),
        cmocka_unit_test(the_environment_names_a_version),
        cmocka_unit_test(what_is_no_version_is_refused_by_its_variable),
        cmocka_unit_test(variables_without_memory),
        cmocka_unit_test(opened_from_a_file_and_read_again),
        cmocka_unit_test(a_running_call_keeps_what_it_started_with),
        cmocka_unit_test(a_failover_is_logged_without_secrets),
        cmocka_unit_test(prices_can_be_replaced),
        cmocka_unit_test(a_request_may_set_limits_and_tags),
        cmocka_unit_test(a_proxy_is_used),
        cmocka_unit_test(tls_is_verified_against_the_given_authority),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
