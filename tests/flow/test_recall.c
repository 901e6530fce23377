/*
 * Reasoning state for hosts that drop the members it is in: kept by the ids of
 * the tool calls, put back into the next request.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define PROVIDERS                                                            \
    "'environment':false,'providers':{"                                      \
    "'ant':{'type':'anthropic','base_url':'$1','api_key':'k'},"              \
    "'goo':{'type':'google','base_url':'$2','api_key':'k'}},"                \
    "'routes':{'both':{'targets':['ant/claude-sonnet-4-5','goo/gemini-3-pro" \
    "']}}"

#define TOOLS                                                            \
    "'tools':[{'type':'function','function':{'name':'look','parameters'" \
    ":{'type':'object','properties':{'at':{'type':'string'}}}}}]"

#define THOUGHT                                                                \
    "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":" \
    "\"claude-sonnet-4-5\",\"content\":[{\"type\":\"thinking\",\"thinking\":"  \
    "\"Hm.\",\"signature\":\"SIGNED==\"},{\"type\":\"tool_use\",\"id\":"       \
    "\"toolu_1\",\"name\":\"look\",\"input\":{\"at\":\"a\\u00e9\"}},"          \
    "{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"look\",\"input\":"   \
    "{\"at\":\"b\"}}],\"stop_reason\":\"tool_use\",\"usage\":{"                \
    "\"input_tokens\":9,\"output_tokens\":9}}"

#define SIGNED_CALL                                                           \
    "{\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":"  \
    "\"look\",\"args\":{\"at\":\"a\"}},\"thoughtSignature\":\"GOOSIGN==\"}]," \
    "\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],"            \
    "\"usageMetadata\":{\"promptTokenCount\":9,\"totalTokenCount\":9},"       \
    "\"modelVersion\":\"gemini-3-pro\",\"responseId\":\"r1\"}"

struct host {
    struct fake *ant;
    struct fake *goo;
    llmgw_gateway *gateway;
};

static int set_up(void **state)
{
    static struct host host;

    host.ant = fake_start();
    host.goo = fake_start();
    assert_non_null(host.ant);
    assert_non_null(host.goo);
    host.gateway = caller_open("{" PROVIDERS "}", fake_url(host.ant),
                               fake_url(host.goo), "");
    fake_reply(host.ant, "", 200, "content-type: application/json\r\n",
               (llmgw_str){THOUGHT, strlen(THOUGHT)}, "");
    fake_reply(host.goo, "", 200, "content-type: application/json\r\n",
               (llmgw_str){SIGNED_CALL, strlen(SIGNED_CALL)}, "");
    *state = &host;
    return 0;
}

static int tear_down(void **state)
{
    struct host *host = *state;

    llmgw_gateway_close(host->gateway);
    fake_stop(host->ant);
    fake_stop(host->goo);
    return 0;
}

/** Ask; @return the body that the provider got, until its fake is stopped. */
static const char *ask(llmgw_gateway *gateway, struct fake *fake,
                       const char *json)
{
    struct caller caller = {0};

    caller_ask_json(&caller, gateway, CALLER_BLOCKING, json, 0);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    llmgw_call_free(caller.call);
    return fake_request(fake, fake_requests(fake) - 1).body;
}

#define FIRST(model)        \
    "{'model':'" model "'," \
    "'reasoning_effort':'low','messages':[{'role':'user','content':'?'}]," TOOLS

/* as a host writes it that knows OpenAI's members only, and reads and writes
 * the arguments of its calls */
#define AGAIN(model, calls)                                              \
    "{'model':'" model "','reasoning_effort':'low','messages':[{'role':" \
    "'user','content':'?'},{'role':'assistant','content':null,"          \
    "'tool_calls':[" calls "]}," RESULTS "]," TOOLS
#define CALL(id, at)                                              \
    "{'id':'" id "','type':'function','function':{'name':'look'," \
    "'arguments':'{ \\'at\\' : \\'" at "\\' }'}}"
#define RESULTS                                               \
    "{'role':'tool','tool_call_id':'toolu_1','content':'x'}," \
    "{'role':'tool','tool_call_id':'toolu_2','content':'y'}"
#define BOTH CALL("toolu_1", "a\\\\u00E9") "," CALL("toolu_2", "b")

static void thinking_comes_back(void **state)
{
    struct host *host = *state;
    const char *body;

    (void)ask(host->gateway, host->ant, FIRST("ant/claude-sonnet-4-5") "}");
    body =
        ask(host->gateway, host->ant, AGAIN("ant/claude-sonnet-4-5", BOTH) "}");
    assert_non_null(strstr(body, "\"thinking\":\"Hm.\""));
    assert_non_null(strstr(body, "\"signature\":\"SIGNED==\""));
    assert_true(strstr(body, "SIGNED==") < strstr(body, "toolu_1"));
}

static void a_call_has_its_own_signature(void **state)
{
    struct host *host = *state;
    struct caller caller = {0};
    char json[2048];
    llmgw_str id;
    const char *body;

    caller_ask_json(&caller, host->gateway, CALLER_LOOP,
                    FIRST("goo/gemini-3-pro") "}", 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    id = llmgw_response_tool_call_id(llmgw_call_response(caller.call), 0, 0);
    (void)snprintf(json, sizeof json,
                   "{'model':'goo/gemini-3-pro','messages':[{'role':'user',"
                   "'content':'?'},{'role':'assistant','tool_calls':[{'id':"
                   "'%.*s','type':'function','function':{'name':'look',"
                   "'arguments':'{\\'at\\':\\'a\\'}'}}]},{'role':'tool',"
                   "'tool_call_id':'%.*s','content':'x'}]," TOOLS "}",
                   (int)id.len, id.data, (int)id.len, id.data);
    llmgw_call_free(caller.call);
    body = ask(host->gateway, host->goo, json);
    assert_non_null(strstr(body, "\"thoughtSignature\":\"GOOSIGN==\""));
}

static void calls_with_other_tags_get_nothing(void **state)
{
    struct host *host = *state;
    const char *body;

    /* the caller's tags are in its options; these are other ones */
    struct caller caller = {0};
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    const char *json = caller_quotes(AGAIN("ant/claude-sonnet-4-5", BOTH) "}");

    (void)ask(host->gateway, host->ant, FIRST("ant/claude-sonnet-4-5") "}");
    json = caller_quotes(AGAIN("ant/claude-sonnet-4-5", BOTH) "}");
    assert_int_equal(
        llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request),
        LLMGW_OK);
    options.tags = "team=blue,who=another";
    assert_int_equal(llmgw_chat(host->gateway, request, &options, &caller.call),
                     LLMGW_OK);
    llmgw_call_free(caller.call);
    llmgw_request_free(request);
    body = fake_request(host->ant, fake_requests(host->ant) - 1).body;
    assert_null(strstr(body, "SIGNED"));
}

static void other_calls_get_nothing(void **state)
{
    struct host *host = *state;
    static const char *const histories[] = {
        AGAIN("ant/claude-sonnet-4-5",
              CALL("toolu_1", "a\\\\u00E9") "," CALL("toolu_2", "c")) "}",
        AGAIN("ant/claude-sonnet-4-5",
              CALL("toolu_1", "a") "," CALL("toolu_2", "b")) "}",
        AGAIN("ant/claude-sonnet-4-5", BOTH "," CALL("toolu_3", "b")) "}",
    };

    (void)ask(host->gateway, host->ant, FIRST("ant/claude-sonnet-4-5") "}");
    for (size_t i = 0; i < sizeof histories / sizeof *histories; i++)
        assert_null(
            strstr(ask(host->gateway, host->ant, histories[i]), "SIGNED"));
}

static void what_the_host_keeps_stays_as_it_is(void **state)
{
    struct host *host = *state;
    struct caller caller = {0};
    llmgw_request *request;
    const char *json = caller_quotes(FIRST("ant/claude-sonnet-4-5") "}");
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    const char *body, *found;

    options.tags = "team=blue,who=test";
    assert_int_equal(
        llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request),
        LLMGW_OK);
    assert_int_equal(llmgw_chat(host->gateway, request, &options, &caller.call),
                     LLMGW_OK);
    assert_int_equal(llmgw_request_add_response(
                         request, llmgw_call_response(caller.call), 0),
                     LLMGW_OK);
    llmgw_call_free(caller.call);
    assert_int_equal(llmgw_request_add_tool_result(request,
                                                   (llmgw_str){"toolu_1", 7},
                                                   (llmgw_str){"x", 1}),
                     LLMGW_OK);
    assert_int_equal(llmgw_request_add_tool_result(request,
                                                   (llmgw_str){"toolu_2", 7},
                                                   (llmgw_str){"y", 1}),
                     LLMGW_OK);
    assert_int_equal(llmgw_chat(host->gateway, request, &options, &caller.call),
                     LLMGW_OK);
    llmgw_call_free(caller.call);
    llmgw_request_free(request);
    body = fake_request(host->ant, fake_requests(host->ant) - 1).body;
    found = strstr(body, "SIGNED==");
    assert_non_null(found);
    assert_null(strstr(found + 1, "SIGNED=="));
}

static void another_target_does_not_see_it_and_that_is_told(void **state)
{
    struct host *host = *state;
    struct caller caller = {0};
    llmgw_str report;

    (void)ask(host->gateway, host->ant, FIRST("both") "}");
    fake_clear(host->ant);
    fake_script(host->ant, "", "status=529");
    caller_ask_json(&caller, host->gateway, CALLER_BLOCKING,
                    AGAIN("both", BOTH) "}", 0);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
    assert_null(strstr(
        fake_request(host->goo, fake_requests(host->goo) - 1).body, "SIGNED"));
    assert_int_equal(
        llmgw_response_json(llmgw_call_response(caller.call), &report),
        LLMGW_OK);
    assert_non_null(strstr(caller_text(report), "\"recalled_messages\":1"));
    assert_non_null(strstr(caller_text(report),
                           "\"stripped\":{\"param\":\"messages\",\"reason\":"
                           "\"reasoning_of_another_target\",\"count\":1}"));
    llmgw_call_free(caller.call);
    fake_clear(host->ant);
    fake_reply(host->ant, "", 200, "content-type: application/json\r\n",
               (llmgw_str){THOUGHT, strlen(THOUGHT)}, "");
}

static void nothing_is_kept_where_that_was_said(void **state)
{
    struct host *host = *state;
    llmgw_gateway *gateway =
        caller_open("{'reasoning_state':{'max_bytes':0}," PROVIDERS "}",
                    fake_url(host->ant), fake_url(host->goo), "");

    (void)ask(gateway, host->ant, FIRST("ant/claude-sonnet-4-5") "}");
    assert_null(strstr(
        ask(gateway, host->ant, AGAIN("ant/claude-sonnet-4-5", BOTH) "}"),
        "SIGNED"));
    llmgw_gateway_close(gateway);
}

static void every_failed_allocation_is_told_or_does_no_harm(void **state)
{
    struct host *host = *state;
    const char *json;
    llmgw_request *request;
    int answered = 0;
    int failed = 0;

    (void)ask(host->gateway, host->ant, FIRST("ant/claude-sonnet-4-5") "}");
    json = caller_quotes(AGAIN("ant/claude-sonnet-4-5", BOTH) "}");
    assert_int_equal(
        llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request),
        LLMGW_OK);
    for (int nth = 0, reached = 1; reached && nth < 2000; nth++) {
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_call *call = NULL;

        options.tags = "team=blue,who=test";
        fail_allocation(nth);
        if (llmgw_chat(host->gateway, request, &options, &call) == LLMGW_OK &&
            llmgw_call_end(call) == LLMGW_END_RESPONSE)
            answered++;
        else
            failed++;
        reached = allow_allocations();
        if (call && llmgw_call_end(call) == LLMGW_END_RESPONSE)
            assert_non_null(strstr(
                fake_request(host->ant, fake_requests(host->ant) - 1).body,
                "SIGNED=="));
        llmgw_call_free(call);
    }
    llmgw_request_free(request);
    assert_true(answered > 0);
    assert_true(failed > 10);
}

/* --- what a provider refuses is sent again without it, once --- */

#define REFUSED(words)                                                   \
    "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\"," \
    "\"message\":\"" words "\"}}"
#define BOUND                                                          \
    REFUSED("messages.1.content.0: Invalid `signature` in `thinking` " \
            "block")
#define UNFORCED                                                             \
    REFUSED(                                                                 \
        "`tool_choice: type \\\"tool\\\" and \\\"any\\\" are not supported " \
        "for this model")
#define CORRUPTED                                                            \
    "{\"error\":{\"code\":400,\"message\":\"Corrupted thought signature.\"," \
    "\"status\":\"INVALID_ARGUMENT\"}}"

/** Requests with this in them are refused in these words. */
static void refuse(struct fake *fake, const char *with, const char *words,
                   const char *answer)
{
    char scenario[64];

    (void)snprintf(scenario, sizeof scenario, "with=%s", with);
    fake_clear(fake);
    fake_reply(fake, "", 400, "content-type: application/json\r\n",
               (llmgw_str){words, strlen(words)}, scenario);
    fake_reply(fake, "", 200, "content-type: application/json\r\n",
               (llmgw_str){answer, strlen(answer)}, "");
}

/** Two attempts at one target: refused, then answered. */
static const char *expect_mended(llmgw_gateway *gateway, struct fake *fake,
                                 const char *json)
{
    struct caller caller = {0};

    caller_ask_json(&caller, gateway, CALLER_LOOP, json, 1);
    if (llmgw_call_end(caller.call) != LLMGW_END_RESPONSE)
        fail_msg("%s", llmgw_error_message(llmgw_call_error(caller.call)));
    assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
    assert_int_equal(
        llmgw_attempt_http_status(llmgw_call_attempt(caller.call, 0)), 400);
    assert_string_equal(
        llmgw_attempt_target(llmgw_call_attempt(caller.call, 0)),
        llmgw_attempt_target(llmgw_call_attempt(caller.call, 1)));
    llmgw_call_free(caller.call);
    return fake_request(fake, fake_requests(fake) - 1).body;
}

static void thinking_that_is_refused_is_left_out(void **state)
{
    struct host *host = *state;
    const char *body;

    (void)ask(host->gateway, host->ant, FIRST("ant/claude-sonnet-4-5") "}");
    refuse(host->ant, "SIGNED==", BOUND, THOUGHT);
    body = expect_mended(host->gateway, host->ant,
                         AGAIN("ant/claude-sonnet-4-5", BOTH) "}");
    assert_null(strstr(body, "SIGNED=="));
    assert_null(strstr(body, "Hm."));
    assert_non_null(strstr(body, "toolu_1"));
}

static void signatures_that_are_refused_give_way_to_the_dummy(void **state)
{
    struct host *host = *state;
    const char *body;

    refuse(host->goo, "SPOILT==", CORRUPTED, SIGNED_CALL);
    body = expect_mended(
        host->gateway, host->goo,
        "{'model':'goo/gemini-3-pro','messages':[{'role':'user','content':'?'}"
        ",{'role':'assistant','tool_calls':[{'id':'c1','type':'function',"
        "'function':{'name':'look','arguments':'{}'},'extra_content':{"
        "'google':{'thought_signature':'SPOILT=='}}}]},{'role':'tool',"
        "'tool_call_id':'c1','content':'x'}]," TOOLS "}");
    assert_null(strstr(body, "SPOILT"));
    assert_non_null(strstr(body, "skip_thought_signature_validator"));
}

static void forced_tools_that_are_refused_are_only_offered(void **state)
{
    struct host *host = *state;
    const char *body;

    refuse(host->ant, "\"any\"", UNFORCED, THOUGHT);
    body = expect_mended(host->gateway, host->ant,
                         "{'model':'ant/claude-sonnet-4-5','messages':[{"
                         "'role':'user','content':'?'}],'tool_choice':"
                         "'required'," TOOLS "}");
    assert_null(strstr(body, "\"any\""));
    assert_non_null(strstr(body, "\"auto\""));
}

static void it_is_sent_again_once_and_within_the_attempts(void **state)
{
    struct host *host = *state;

    /* refused with and without */
    refuse(host->ant, "toolu_1", BOUND, THOUGHT);
    for (int limit = 1; limit <= 3; limit++) {
        struct caller caller = {0};
        char json[4096];

        (void)snprintf(json, sizeof json, "%s,'llmgw':{'max_attempts':%d}}",
                       AGAIN("ant/claude-sonnet-4-5", BOTH), limit);
        caller_ask_json(&caller, host->gateway, CALLER_BLOCKING, json, 0);
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
        assert_int_equal(llmgw_error_get_kind(llmgw_call_error(caller.call)),
                         LLMGW_KIND_INVALID_REQUEST);
        assert_int_equal(llmgw_call_attempt_count(caller.call),
                         limit > 1 ? 2 : 1);
        llmgw_call_free(caller.call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thinking_comes_back),
        cmocka_unit_test(a_call_has_its_own_signature),
        cmocka_unit_test(calls_with_other_tags_get_nothing),
        cmocka_unit_test(other_calls_get_nothing),
        cmocka_unit_test(what_the_host_keeps_stays_as_it_is),
        cmocka_unit_test(another_target_does_not_see_it_and_that_is_told),
        cmocka_unit_test(nothing_is_kept_where_that_was_said),
        cmocka_unit_test(every_failed_allocation_is_told_or_does_no_harm),
        cmocka_unit_test(thinking_that_is_refused_is_left_out),
        cmocka_unit_test(signatures_that_are_refused_give_way_to_the_dummy),
        cmocka_unit_test(forced_tools_that_are_refused_are_only_offered),
        cmocka_unit_test(it_is_sent_again_once_and_within_the_attempts),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
