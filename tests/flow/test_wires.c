/*
 * The same request on every wire, streamed and whole: the same answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/wires.h"

#define ALL_WIRES "{'environment':false,'providers':{" WIRES_AT("1") "}}"

struct host {
    struct fake *fake;
    llmgw_gateway *gateway;
    const char *wire; /* of the answer that is looked at */
};

static int set_up(void **state)
{
    static struct host host;

    host.fake = fake_start();
    assert_non_null(host.fake);
    host.gateway = caller_open(ALL_WIRES, fake_url(host.fake), "", "");
    *state = &host;
    return 0;
}

static int tear_down(void **state)
{
    struct host *host = *state;

    llmgw_gateway_close(host->gateway);
    fake_stop(host->fake);
    return 0;
}

/** Ask each wire, streamed and whole, and look at the answer. */
static void on_every_wire(struct host *host, const char *scenario,
                          const char *request,
                          void (*look)(struct host *host, struct caller *caller,
                                       int streamed))
{
    fake_clear(host->fake);
    fake_script(host->fake, "", scenario);
    for (size_t i = 0; i < 2 * WIRES; i++) {
        char json[4096];
        struct caller caller = {0};

        host->wire = wire_models[i / 2].wire;
        (void)snprintf(json, sizeof json, "{'model':'%s',%s}",
                       wire_models[i / 2].model, request);
        caller_ask_json(&caller, host->gateway,
                        (enum caller_mode)(i % CALLER_MODES), json,
                        (int)(i % 2));
        if (llmgw_call_end(caller.call) != LLMGW_END_RESPONSE)
            fail_msg("%s: %s", wire_models[i / 2].model,
                     llmgw_error_message(llmgw_call_error(caller.call)));
        look(host, &caller, (int)(i % 2));
        llmgw_call_free(caller.call);
    }
}

static void look_at_text(struct host *host, struct caller *caller, int streamed)
{
    struct fake_request served =
        fake_request(host->fake, fake_requests(host->fake) - 1);
    llmgw_response *response = llmgw_call_response(caller->call);
    llmgw_str text = llmgw_response_text(response);
    const llmgw_usage *usage = llmgw_response_usage(response);

    assert_int_equal(text.len, served.text_len);
    assert_memory_equal(text.data, served.text, text.len);
    if (streamed) {
        assert_int_equal(caller->len, text.len);
        assert_memory_equal(caller->text, text.data, text.len);
    }
    assert_int_equal(llmgw_response_finish_reason(response, 0),
                     LLMGW_FINISH_STOP);
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_PROMPT), 120);
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION), 30);
    if (strcmp(host->wire, "cohere") != 0) /* counted, but not of the billed */
        assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_INPUT_CACHED),
                         100);
    assert_true(llmgw_response_id(response).len > 0);
    assert_true(llmgw_response_model(response).len > 0);
}

/** The number behind the first such member of a text; -1: there is none. */
static long long number_in(const char *text, const char *member)
{
    const char *at = strstr(text, member);

    return at ? strtoll(at + strlen(member), NULL, 10) : -1;
}

static void look_at_report(struct host *host, struct caller *caller,
                           int streamed)
{
    static const char cost[] = "\"cost_pico_usd\":";
    llmgw_str whole;

    (void)host;
    if (!streamed)
        return;
    assert_int_equal(caller->reports, 1);
    assert_non_null(strstr(caller->last_json, "\"end\":\"response\""));
    assert_int_equal(
        llmgw_response_json(llmgw_call_response(caller->call), &whole),
        LLMGW_OK);
    assert_int_equal(number_in(caller->last_json, cost),
                     number_in(caller_text(whole), cost));
    if (strstr(caller_text(whole), "oai/gpt-4.1")) /* that has a price */
        assert_true(number_in(caller_text(whole), cost) > 0);
}

static void the_last_chunk_tells_how_it_went(void **state)
{
    static const char *const options[] = {
        "", ",'stream_options':{'include_usage':true}"};

    for (size_t i = 0; i < 2; i++) {
        char request[256];

        (void)snprintf(request, sizeof request,
                       "'stream':true%s,'messages':[{'role':'user','content':"
                       "'Say.'}]",
                       options[i]);
        on_every_wire(*state, "usage=120:30 cached=100", request,
                      look_at_report);
    }
}

static void text_and_usage_come_out_alike(void **state)
{
    on_every_wire(*state, "usage=120:30 cached=100",
                  "'messages':[{'role':'system','content':'Be brief.'},"
                  "{'role':'user','content':'Say something.'}]",
                  look_at_text);
}

static void look_at_reasoning(struct host *host, struct caller *caller,
                              int streamed)
{
    llmgw_response *response = llmgw_call_response(caller->call);

    (void)host;
    assert_true(llmgw_response_reasoning(response, 0).len > 0);
    assert_true(llmgw_response_text(response).len > 0);
    if (streamed)
        assert_true(strchr(caller->kinds, 'Z') < strchr(caller->kinds, 'T'));
}

static void reasoning_comes_before_the_text(void **state)
{
    on_every_wire(*state, "reasoning=3",
                  "'messages':[{'role':'user','content':'Think.'}]",
                  look_at_reasoning);
}

static void look_at_tools(struct host *host, struct caller *caller,
                          int streamed)
{
    llmgw_response *response = llmgw_call_response(caller->call);

    (void)host;
    (void)streamed;
    assert_int_equal(llmgw_response_finish_reason(response, 0),
                     LLMGW_FINISH_TOOL_CALLS);
    assert_int_equal(llmgw_response_tool_call_count(response, 0), 2);
    for (size_t i = 0; i < 2; i++) {
        llmgw_str arguments =
            llmgw_response_tool_call_arguments(response, 0, i);

        assert_true(llmgw_response_tool_call_id(response, 0, i).len > 0);
        assert_int_equal(llmgw_response_tool_call_name(response, 0, i).len, 7);
        assert_true(arguments.len >= 2);
        assert_int_equal(arguments.data[0], '{');
        assert_int_equal(arguments.data[arguments.len - 1], '}');
    }
    assert_true(llmgw_response_tool_call_id(response, 0, 0).len !=
                    llmgw_response_tool_call_id(response, 0, 1).len ||
                memcmp(llmgw_response_tool_call_id(response, 0, 0).data,
                       llmgw_response_tool_call_id(response, 0, 1).data,
                       llmgw_response_tool_call_id(response, 0, 0).len) != 0);
}

static void parallel_tool_calls_come_out_alike(void **state)
{
    on_every_wire(*state, "tools=2",
                  "'messages':[{'role':'user','content':'Weather?'}],"
                  "'tools':[{'type':'function','function':{'name':'weather',"
                  "'parameters':{'type':'object','properties':{'city':"
                  "{'type':'string'}}}}}]",
                  look_at_tools);
}

static void look_at_length(struct host *host, struct caller *caller,
                           int streamed)
{
    static const char words[] =
        "\"native_finish_message\":\"The limit was reached.\"";
    llmgw_response *response = llmgw_call_response(caller->call);
    llmgw_str json;

    (void)streamed;
    assert_int_equal(llmgw_response_finish_reason(response, 0),
                     LLMGW_FINISH_LENGTH);
    assert_int_equal(llmgw_response_json(response, &json), LLMGW_OK);
    assert_int_equal(llmgw__str_find(json, llmgw__str(words)) != SIZE_MAX,
                     strcmp(host->wire, "gemini") == 0);
}

static void the_token_limit_is_told(void **state)
{
    on_every_wire(*state, "finish=length",
                  "'messages':[{'role':'user','content':'Go on.'}],"
                  "'max_tokens':5",
                  look_at_length);
}

static void look_at_the_record(struct host *host, struct caller *caller,
                               int streamed)
{
    const llmgw_attempt *attempt = llmgw_call_attempt(caller->call, 0);
    llmgw_str type = llmgw_attempt_header(attempt, "content-type");
    llmgw_str json;

    (void)host;
    assert_int_equal(llmgw_attempt_http_status(attempt), 200);
    (void)streamed; /* a whole answer may have been streamed to us */
    assert_true(type.len > 10);
    assert_true(memcmp(type.data, "text/event", 10) == 0 ||
                memcmp(type.data, "applicatio", 10) == 0);
    assert_true(llmgw_attempt_ns(attempt, LLMGW_TIME_CONNECTED) <=
                llmgw_attempt_ns(attempt, LLMGW_TIME_HEAD));
    assert_true(llmgw_attempt_ns(attempt, LLMGW_TIME_HEAD) <=
                llmgw_attempt_ns(attempt, LLMGW_TIME_CONTENT));
    assert_true(llmgw_attempt_ns(attempt, LLMGW_TIME_CONTENT) <=
                llmgw_attempt_ns(attempt, LLMGW_TIME_END));
    assert_true(llmgw_call_first_content_ns(caller->call) > 0);
    assert_int_equal(llmgw_call_plan_count(caller->call), 1);
    assert_string_equal(llmgw_call_plan_target(caller->call, 0),
                        llmgw_attempt_target(attempt));
    assert_int_equal(
        llmgw_response_json(llmgw_call_response(caller->call), &json),
        LLMGW_OK);
    assert_true(
        llmgw__str_find(json, llmgw__str("\"llmgw\":{\"call_id\":\"call-")) !=
        SIZE_MAX);
}

static void headers_times_and_plan_are_kept(void **state)
{
    on_every_wire(*state, "usage=1:1",
                  "'messages':[{'role':'user','content':'Go on.'}]",
                  look_at_the_record);
}

static void what_a_target_cannot_take_is_told(void **state)
{
    struct host *host = *state;
    struct caller changed = {0};
    struct caller strict = {0};

    fake_clear(host->fake);
    caller_ask_json(&changed, host->gateway, CALLER_LOOP,
                    "{'model':'ant/claude-sonnet-4-5','temperature':1.5,"
                    "'messages':[{'role':'user','content':'x'}]}",
                    1);
    assert_int_equal(llmgw_call_adjustment_count(changed.call), 1);
    assert_string_equal(llmgw_call_adjustment_param(changed.call, 0),
                        "temperature");
    assert_string_equal(llmgw_call_adjustment_action(changed.call, 0),
                        "clamped");
    assert_string_equal(llmgw_call_adjustment_reason(changed.call, 0),
                        "range_0_1");
    caller_ask_json(&strict, host->gateway, CALLER_LOOP,
                    "{'model':'ant/claude-sonnet-4-5','temperature':1.5,"
                    "'messages':[{'role':'user','content':'x'}],"
                    "'llmgw':{'strict':true}}",
                    1);
    assert_int_equal(llmgw_call_end(strict.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(strict.call)),
                     LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(llmgw_error_param(llmgw_call_error(strict.call)),
                        "temperature");
    llmgw_call_free(changed.call);
    llmgw_call_free(strict.call);
}

static void the_cut_of_the_bytes_changes_nothing(void **state)
{
    static const char *const cuts[] = {"cut=1", "cut=2",  "cut=3",
                                       "cut=7", "cut=64", "cut=random:5"};
    struct host *host = *state;

    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        char scenario[64];

        (void)snprintf(scenario, sizeof scenario, "usage=120:30 cached=100 %s",
                       cuts[i]);
        on_every_wire(host, scenario,
                      "'messages':[{'role':'user','content':'Again.'}]",
                      look_at_text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_and_usage_come_out_alike),
        cmocka_unit_test(the_last_chunk_tells_how_it_went),
        cmocka_unit_test(reasoning_comes_before_the_text),
        cmocka_unit_test(parallel_tool_calls_come_out_alike),
        cmocka_unit_test(the_token_limit_is_told),
        cmocka_unit_test(headers_times_and_plan_are_kept),
        cmocka_unit_test(what_a_target_cannot_take_is_told),
        cmocka_unit_test(the_cut_of_the_bytes_changes_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
