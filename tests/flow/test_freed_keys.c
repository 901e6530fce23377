/*
 * Memory that the library frees has no key in it, wherever that came from: all
 * of it was overwritten.
 *
 * The transport is the test's own, so that nobody else in the process has
 * copies whose remains could be met.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <malloc.h>

#include "support/caller.h"
#include "support/token_source.h"

#define KEY    "sk-4Jq9secretZ7"
#define SECOND "sk-7Tw2secondQ3"
#define HOST   "sk-0Ht5hostsX81"
#define TOKEN  "ya29.8kD3tokenVv6"
#define LEDGER "9fPledgerWord5z"

#define CONFIG                                                                 \
    "{'environment':false,'providers':{"                                       \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'" KEY "'},"          \
    "'head':{'type':'compatible','base_url':'$1/v1','headers':{"               \
    "'authorization':'Bearer " KEY "'}},"                                      \
    "'two':{'type':'openai','base_url':'$1/v1','api_keys':['" KEY "','" SECOND \
    "']},"                                                                     \
    "'cloud':{'type':'compatible','base_url':'$1/v1'}}}"

#define ANSWER                                                         \
    "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,"      \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":" \
    "\"assistant\",\"content\":\"hi\"},\"finish_reason\":\"stop\"}],"  \
    "\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":1,"          \
    "\"total_tokens\":2}}"

/* By the linker's --wrap. */
void __real_llmgw__free(void *ptr);
void __wrap_llmgw__free(void *ptr);

static int freed, freed_with_key;

static int has_text(const char *data, size_t size, const char *text)
{
    const size_t len = strlen(text);

    for (size_t i = 0; i + len <= size; i++)
        if (memcmp(data + i, text, len) == 0)
            return 1;
    return 0;
}

void __wrap_llmgw__free(void *ptr)
{
    static const char *const keys[] = {KEY,   SECOND, HOST,
                                       TOKEN, LEDGER, TOKEN_SOURCE_SECRET};

    freed += ptr != NULL;
    for (size_t i = 0; ptr && i < sizeof keys / sizeof *keys; i++)
        freed_with_key += has_text(ptr, malloc_usable_size(ptr), keys[i]);
    __real_llmgw__free(ptr);
}

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, strlen(text)};
}

static int keys_shown;

static int32_t own_start(llmgw_exchange *exchange, void *userdata)
{
    llmgw_str url = llmgw_exchange_url(exchange);
    int is_token = has_text(url.data, url.len, "/token");

    (void)userdata;
    for (size_t i = 0; i < llmgw_exchange_header_count(exchange); i++) {
        llmgw_str value = llmgw_exchange_header_value(exchange, i);

        keys_shown += has_text(value.data, value.len, "Bearer ");
    }
    llmgw_exchange_header(exchange, view("content-type"),
                          view("application/json"));
    llmgw_exchange_head(exchange, 200);
    (void)llmgw_exchange_data(exchange, view(is_token ? TOKEN " 0" : ANSWER));
    llmgw_exchange_end(exchange, 0, view(""));
    return 0;
}

static void own_cancel(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    (void)userdata;
}

static int32_t tell_key(llmgw_credential *credential, void *userdata)
{
    (void)userdata;
    return llmgw_credential_set_key(credential, view(HOST));
}

static void what_is_freed_has_no_key_in_it(void **state)
{
    static const char *const models[] = {"one/m", "head/m", "two/m", "two/m",
                                         "cloud/m"};
    llmgw_transport transport = {sizeof transport, 0, NULL, own_start,
                                 own_cancel};

    (void)state;
    for (int with_host = 0; with_host < 2; with_host++) {
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        llmgw_gateway *gateway;

        options.transport = &transport;
        options.on_credential = with_host ? tell_key : NULL;
        keys_shown = freed = 0;
        gateway = caller_open_with(&options, CONFIG, "https://a.test", "", "");
        token_source_install(gateway, "https://t.test");
        for (size_t i = 0; i < sizeof models / sizeof *models; i++) {
            struct caller caller = {0};

            caller_ask(&caller, gateway, CALLER_BLOCKING, models[i], "hi");
            assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
            llmgw_call_free(caller.call);
        }
        llmgw_gateway_close(gateway);
        assert_int_equal(keys_shown, sizeof models / sizeof *models);
        assert_true(freed > 50);
        assert_int_equal(freed_with_key, 0);
    }
}

#define WITH_SERVER(more)                                                 \
    "{\"environment\":false,\"ledger\":{\"url\":\"postgresql://u:" LEDGER \
    "@127.0.0.1:9/x\"}" more "}"

/** Opened, read again, refused: no copy of a server's password stays. */
static void nor_has_it_the_password_of_a_ledger(void **state)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway, *other;
    llmgw_error *error;
    llmgw_status status;

    (void)state;
    freed = freed_with_key = 0;
    options.config_json = view(WITH_SERVER(""));
    status = llmgw_gateway_open(&options, &gateway, &error);
    if (status == LLMGW_E_UNSUPPORTED) {
        llmgw_error_free(error);
        print_message("without libpq: refused, which is looked at alone\n");
    } else {
        assert_int_equal(status, LLMGW_OK);
        assert_int_equal(
            llmgw_gateway_reload(gateway, view(WITH_SERVER("")), &error),
            LLMGW_OK);
        assert_int_equal(llmgw_gateway_reload(gateway,
                                              view(WITH_SERVER(",\"proxy\":5")),
                                              &error),
                         LLMGW_E_CONFIG);
        llmgw_error_free(error);
        llmgw_gateway_close(gateway);
    }
    options.config_json = view(WITH_SERVER(",\"routes\":5"));
    assert_int_equal(llmgw_gateway_open(&options, &other, &error),
                     LLMGW_E_CONFIG);
    llmgw_error_free(error);
    assert_true(freed > 10);
    assert_int_equal(freed_with_key, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_freed_has_no_key_in_it),
        cmocka_unit_test(nor_has_it_the_password_of_a_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
