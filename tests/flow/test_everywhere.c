/*
 * A route that says "this model, wherever it is": who is asked, in what order,
 * and what is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define ROW(provider, model) \
    "{'provider':'" provider "','model':'" model "','rates':{'in':'1'}}"
#define CONFIG                                                          \
    "{'environment':false,'providers':{"                                \
    "'near':{'type':'groq','base_url':'$1/v1','api_key':'k','region':"  \
    "'eu-west-1'},"                                                     \
    "'far':{'type':'openai','base_url':'$2/v1','api_key':'k','region':" \
    "'us'}},"                                                           \
    "'manifest':{'models':[" ROW("groq", "v/gpt-oss-9b") "," ROW(       \
        "openai",                                                       \
        "gpt-oss-9b-2026-01-01") "," ROW("openai",                      \
                                         "only") "]},"                  \
                                                 "'routes':{'r':{%s}}}"

static const char *with_route(const char *route)
{
    static char config[2048];

    snprintf(config, sizeof config, CONFIG, route);
    return config;
}

static void it_is_asked_of_all_in_configured_order(void **state)
{
    struct fake *near = fake_start();
    struct fake *far = fake_start();
    llmgw_gateway *gateway =
        caller_open(with_route("'targets':['*/gpt-oss-9b']"), fake_url(near),
                    fake_url(far), "");
    struct caller caller = {0};
    llmgw_model_list *list;
    struct fake_request request;

    (void)state;
    assert_int_equal(llmgw_models_local(gateway, &list), LLMGW_OK);
    assert_int_equal(llmgw_model_list_count(list), 3);
    assert_string_equal(caller_text(llmgw_model_list_id(list, 1)),
                        "near/v/gpt-oss-9b");
    assert_string_equal(caller_text(llmgw_model_list_id(list, 2)),
                        "far/gpt-oss-9b-2026-01-01");
    llmgw_model_list_free(list);
    fake_script(near, "", "status=503");
    caller_ask(&caller, gateway, CALLER_BLOCKING, "r", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    request = fake_request(near, 0);
    assert_non_null(strstr(request.body, "\"v/gpt-oss-9b\""));
    request = fake_request(far, 0);
    assert_non_null(strstr(request.body, "\"gpt-oss-9b-2026-01-01\""));
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    fake_stop(near);
    fake_stop(far);
}

static void a_request_may_say_so_itself(void **state)
{
    struct fake *near = fake_start();
    llmgw_gateway *gateway = caller_open(with_route("'targets':['near/x']"),
                                         fake_url(near), "http://x", "");
    struct caller caller = {0};

    (void)state;
    caller_ask(&caller, gateway, CALLER_BLOCKING, "*/vendor/gpt-oss-9b", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(near), 1);
    llmgw_call_free(caller.call);
    memset(&caller, 0, sizeof caller);
    caller_ask(&caller, gateway, CALLER_BLOCKING, "*/nobodys", "hi");
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)),
                     LLMGW_KIND_MODEL_NOT_FOUND);
    llmgw_call_free(caller.call);
    llmgw_gateway_close(gateway);
    fake_stop(near);
}

static void a_region_leaves_the_others_out(void **state)
{
    llmgw_gateway *gateway = caller_open(
        with_route("'region':'eu','targets':['*/gpt-oss-9b','near/x']"),
        "http://x", "http://x", "");
    llmgw_model_list *list;

    (void)state;
    assert_int_equal(llmgw_models_local(gateway, &list), LLMGW_OK);
    assert_int_equal(llmgw_model_list_count(list), 3);
    assert_string_equal(caller_text(llmgw_model_list_id(list, 1)),
                        "near/v/gpt-oss-9b");
    assert_string_equal(caller_text(llmgw_model_list_id(list, 2)), "near/x");
    llmgw_model_list_free(list);
    llmgw_gateway_close(gateway);
}

static void what_nobody_has_is_refused(void **state)
{
    static const struct {
        const char *route, *message;
    } cases[] = {
        {"'targets':['*/nobodys']",
         "routes.r.targets[0]: \"*/nobodys\": no configured provider is known "
         "to have it"},
        {"'region':'eu','targets':['*/only']",
         "routes.r.targets[0]: \"*/only\": no configured provider in region eu "
         "is known to have it"},
        {"'region':'eu','targets':['far/only']",
         "routes.r.targets[0]: \"far/only\" is not in the route's region, as "
         "far as is known: the provider's \"region\" says where it is"},
        {"'targets':['*/']",
         "routes.r.targets[0]: \"*/\" is not provider/model "
         "of a configured provider"},
        {"'targets':['*/only'],'region':5",
         "routes.r.region: expected a string, found a number"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        llmgw_gateway *gateway = NULL;
        llmgw_error *error = NULL;
        char config[2048];
        char *out = config;

        for (const char *at = with_route(cases[i].route); *at; at++)
            if (*at == '$')
                out = stpcpy(out, "http://x"), at++;
            else
                *out++ = *at == '\'' ? '"' : *at;
        *out = '\0';
        options.config_json = llmgw_str_of(config);
        assert_int_equal(llmgw_gateway_open(&options, &gateway, &error),
                         LLMGW_E_CONFIG);
        assert_string_equal(llmgw_error_message(error), cases[i].message);
        llmgw_error_free(error);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_asked_of_all_in_configured_order),
        cmocka_unit_test(a_request_may_say_so_itself),
        cmocka_unit_test(a_region_leaves_the_others_out),
        cmocka_unit_test(what_nobody_has_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
