/*
 * A key that a service repeats in what it says about it goes no further.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define KEY "sk-4Jq9secretZ7"

#define THREE_WIRES                                                   \
    "{'environment':false,'providers':{"                              \
    "'oai':{'type':'openai','base_url':'$1/v1','api_key':'" KEY "'}," \
    "'ant':{'type':'anthropic','base_url':'$1','api_key':'" KEY "'}," \
    "'goo':{'type':'google','base_url':'$1','api_key':'" KEY "'}}}"

static int has_key(llmgw_str text)
{
    const size_t len = sizeof KEY - 1;

    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.data + i, KEY, len) == 0)
            return 1;
    return 0;
}

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, text ? strlen(text) : 0};
}

static void note_line(int32_t level, llmgw_str line, void *userdata)
{
    (void)level;
    *(int *)userdata += has_key(line);
}

static void check_error(llmgw_error *error)
{
    llmgw_str json;

    assert_non_null(error);
    assert_false(has_key(view(llmgw_error_message(error))));
    assert_false(has_key(view(llmgw_error_code(error))));
    assert_false(has_key(view(llmgw_error_request_id(error))));
    assert_false(has_key(llmgw_error_body(error)));
    assert_int_equal(llmgw_error_json(error, &json), LLMGW_OK);
    assert_false(has_key(json));
}

static void ask_and_check(struct fake *fake, const char *model)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct caller caller = {0};
    llmgw_gateway *gateway;
    int leaks = 0;

    options.log_level = LLMGW_LOG_DEBUG;
    options.on_log = note_line;
    options.log_userdata = &leaks;
    gateway = caller_open_with(&options, THREE_WIRES, fake_url(fake), "", "");
    caller_ask(&caller, gateway, CALLER_LOOP, model, "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    check_error(llmgw_call_error(caller.call));
    check_error(llmgw_attempt_error(llmgw_call_attempt(caller.call, 0)));
    assert_int_equal(leaks, 0);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
}

static void a_repeated_key_is_in_no_error_and_no_line(void **state)
{
    static const char *const models[] = {"oai/m", "ant/m", "goo/m"};
    static const char *const bodies[] = {
        "{\"error\":{\"message\":\"Incorrect API key: " KEY "\","
        "\"code\":\"" KEY "\"}}",
        "{\"error\":\"who is " KEY "?\"}",
        KEY,
    };

    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t body = 0; body < 3; body++)
            for (int status = 200; status <= 401; status += 201) {
                struct fake *fake = fake_start();

                fake_reply(fake, "", status,
                           "content-type: application/json\r\n"
                           "x-request-id: " KEY "\r\n",
                           view(bodies[body]), "");
                ask_and_check(fake, models[i]);
                fake_stop(fake);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_key_is_in_no_error_and_no_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
