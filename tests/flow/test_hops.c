/*
 * An answer that goes on in further exchanges: the same request again with a
 * token. The host sees one answer; the ledger has an entry for each exchange.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/pair.h"

#define TARGETS                                                        \
    "{'environment':false,'providers':{"                               \
    "'one':{'type':'google','base_url':'$1','api_key':'k1'},"          \
    "'two':{'type':'google','base_url':'$2','api_key':'k2'}},"         \
    "'routes':{'long':{'targets':['one/gemini-4-argon','two/gemini-4-" \
    "argon'],'gap_ms':5000}}}"

#define ASK                                                          \
    "{'model':'long','stream':true,'stream_options':{'include_usage" \
    "':true},'messages':[{'role':'user','content':'All of it.'}]"

#define TOLD(parts, rest)                                                   \
    "data: {\"candidates\":[{\"content\":{\"parts\":[" parts                \
    "],\"role\":\"model\"},\"index\":0" rest "}],\"usageMetadata\":{"       \
    "\"promptTokenCount\":%d,\"candidatesTokenCount\":%d,\"totalTokenCount" \
    "\":%d},\"modelVersion\":\"gemini-4-argon\",\"responseId\":\"r\"}\r\n"  \
    "\r\n"
#define TEXT(text) "{\"text\":\"" text "\"}"
#define GOES_ON(token) \
    ",\"finishReason\":\"CONTINUATION\",\"continuationToken\":\"" token "\""
#define ENDS ",\"finishReason\":\"STOP\""

static int set_up(void **state)
{
    return pair_set_up(state, TARGETS);
}

/** Answer requests that hold `token` ("": all others) with this record. */
static void answer(struct fake *fake, const char *token, const char *record,
                   int prompt, int output)
{
    char body[2048];
    char scenario[64] = "";

    (void)snprintf(body, sizeof body, record, prompt, output, prompt + output);
    if (*token)
        (void)snprintf(scenario, sizeof scenario, "with=%s", token);
    fake_reply(fake, "", 200, "content-type: text/event-stream\r\n",
               (llmgw_str){body, strlen(body)}, scenario);
}

static void expect_text(const struct caller *caller, const char *text)
{
    assert_int_equal(caller->len, strlen(text));
    assert_memory_equal(caller->text, text, caller->len);
}

static void three_exchanges_are_one_answer(void **state)
{
    struct pair *pair = *state;

    answer(pair->one, "tokenB", TOLD(TEXT("three."), ENDS), 30, 1);
    answer(pair->one, "tokenA", TOLD(TEXT("two, "), GOES_ON("tokenB")), 20, 2);
    answer(pair->one, "", TOLD(TEXT("One, "), GOES_ON("tokenA")), 10, 4);
    for (int mode = 0; mode < CALLER_MODES; mode++) {
        struct caller caller = {0};
        const llmgw_usage *usage;
        struct fake_request last;
        llmgw_str json;

        caller_ask_json(&caller, pair->gateway, (enum caller_mode)mode, ASK "}",
                        1);
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
        expect_text(&caller, "One, two, three.");
        assert_string_equal(caller.kinds, "RTTTFU");
        usage = llmgw_response_usage(llmgw_call_response(caller.call));
        assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_PROMPT), 60);
        assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_COMPLETION), 7);
        assert_int_equal(llmgw_call_attempt_count(caller.call), 3);
        assert_int_equal(
            llmgw_response_json(llmgw_call_response(caller.call), &json),
            LLMGW_OK);
        assert_non_null(
            strstr(caller_text(json), "\"initial_prompt_tokens\":10"));
        assert_non_null(
            strstr(caller.last_json, "\"initial_prompt_tokens\":10"));
        last = fake_request(pair->one, fake_requests(pair->one) - 1);
        assert_non_null(strstr(last.body, "\"continuationToken\":\"tokenB\""));
        assert_non_null(strstr(last.body, "All of it."));
        llmgw_call_free(caller.call);
    }
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_ANSWERED),
                     3 * CALLER_MODES);
    assert_int_equal(fake_requests(pair->two), 0);
}

static void a_whole_answer_goes_on_too(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};

    fake_clear(pair->one);
    answer(pair->one, "tokenA", TOLD(TEXT("two."), ENDS), 20, 2);
    answer(pair->one, "", TOLD(TEXT("One, "), GOES_ON("tokenA")), 10, 4);
    caller_ask_json(&caller, pair->gateway, CALLER_BLOCKING,
                    "{'model':'long','messages':[{'role':'user','content':"
                    "'All of it.'}]}",
                    0);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_response_text(llmgw_call_response(caller.call)).len,
                     9);
    llmgw_call_free(caller.call);
}

#define CACHED(parts, rest, cached)                                        \
    "data: {\"candidates\":[{\"content\":{\"parts\":[" parts               \
    "],\"role\":\"model\"},\"index\":0" rest "}],\"usageMetadata\":{"      \
    "\"promptTokenCount\":%d,\"candidatesTokenCount\":%d," cached          \
    "\"totalTokenCount\":%d},\"modelVersion\":\"m\",\"responseId\":\"r\"}" \
    "\r\n\r\n"

static void what_one_exchange_had_cached_is_not_the_nexts(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};
    const llmgw_usage *usage;

    fake_clear(pair->one);
    answer(pair->one, "tokenA", CACHED(TEXT("two."), ENDS, ""), 20, 2);
    answer(pair->one, "",
           CACHED(TEXT("One, "), GOES_ON("tokenA"),
                  "\"cachedContentTokenCount\":5,"),
           10, 4);
    caller_ask_json(&caller, pair->gateway, CALLER_BLOCKING, ASK "}", 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    usage = llmgw_response_usage(llmgw_call_response(caller.call));
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_PROMPT), 30);
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_INPUT_CACHED), 5);
    usage = llmgw_attempt_usage(llmgw_call_attempt(caller.call, 1));
    assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_INPUT_CACHED), 0);
    llmgw_call_free(caller.call);
}

static void the_hosts_own_token_gives_way(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};
    struct fake_request last;

    fake_clear(pair->one);
    answer(pair->one, "tokenA", TOLD(TEXT("two."), ENDS), 20, 2);
    answer(pair->one, "tokenH", TOLD(TEXT("One, "), GOES_ON("tokenA")), 10, 4);
    caller_ask_json(&caller, pair->gateway, CALLER_BLOCKING,
                    ASK ",'llmgw':{'gemini':{'continuationToken':'tokenH'}}}",
                    1);
    expect_text(&caller, "One, two.");
    last = fake_request(pair->one, fake_requests(pair->one) - 1);
    assert_null(strstr(last.body, "tokenH"));
    llmgw_call_free(caller.call);
}

static void a_failing_exchange_breaks_the_answer(void **state)
{
    struct pair *pair = *state;
    size_t failed = caller_entries(pair->gateway, LLMGW_ENTRY_FAILED);
    struct caller caller = {0};

    fake_clear(pair->one);
    fake_script(pair->one, "", "status=503 with=tokenA");
    answer(pair->one, "", TOLD(TEXT("One, "), GOES_ON("tokenA")), 10, 4);
    caller_ask_json(&caller, pair->gateway, CALLER_LOOP, ASK "}", 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_partial_output(llmgw_call_error(caller.call)),
                     1);
    assert_string_equal(caller.kinds, "RT");
    expect_text(&caller, "One, ");
    assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
    assert_int_equal(fake_requests(pair->two), 0);
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_FAILED),
                     failed + 1);
    llmgw_call_free(caller.call);
}

static void before_any_content_another_target_may_answer(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};

    fake_clear(pair->one);
    fake_script(pair->one, "", "status=503 with=tokenA");
    answer(pair->one, "", TOLD("", GOES_ON("tokenA")), 10, 0);
    answer(pair->two, "", TOLD(TEXT("Mine."), ENDS), 10, 1);
    caller_ask_json(&caller, pair->gateway, CALLER_LOOP, ASK "}", 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_string_equal(caller.kinds, "RTFU");
    expect_text(&caller, "Mine.");
    assert_int_equal(llmgw_call_attempt_count(caller.call), 3);
    assert_null(strstr(fake_request(pair->two, 0).body, "tokenA"));
    llmgw_call_free(caller.call);
}

static void what_never_ends_ends_as_length(void **state)
{
    struct pair *pair = *state;
    size_t before = fake_requests(pair->one);
    struct caller caller = {0};

    fake_clear(pair->one);
    answer(pair->one, "", TOLD(TEXT("on "), GOES_ON("tokenA")), 10, 1);
    caller_ask_json(&caller, pair->gateway, CALLER_BLOCKING, ASK "}", 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(
        llmgw_response_finish_reason(llmgw_call_response(caller.call), 0),
        LLMGW_FINISH_LENGTH);
    assert_int_equal(fake_requests(pair->one) - before, 33);
    llmgw_call_free(caller.call);
}

#define FOUND(chunk, from, to)                                          \
    ",\"groundingMetadata\":{\"groundingChunks\":[{\"web\":{\"uri\":"   \
    "\"https://" chunk "\",\"title\":\"t\"}}],\"groundingSupports\":[{" \
    "\"segment\":{\"startIndex\":" from ",\"endIndex\":" to "},"        \
    "\"groundingChunkIndices\":[0]}]}"

static void citations_count_from_the_answers_beginning(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};
    llmgw_str json;

    fake_clear(pair->one);
    answer(pair->one, "tokenA", TOLD(TEXT("two."), ENDS FOUND("b", "0", "3")),
           20, 2);
    answer(pair->one, "",
           TOLD(TEXT("\u00c9n, "), GOES_ON("tokenA") FOUND("a", "0", "3")), 10,
           4);
    caller_ask_json(&caller, pair->gateway, CALLER_BLOCKING,
                    ASK ",'web_search_options':{}}", 1);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_int_equal(
        llmgw_response_json(llmgw_call_response(caller.call), &json), LLMGW_OK);
    assert_non_null(strstr(caller_text(json),
                           "{\"start_index\":0,\"end_index\":2,"
                           "\"url\":\"https://a\""));
    assert_non_null(strstr(caller_text(json),
                           "{\"start_index\":4,\"end_index\":7,"
                           "\"url\":\"https://b\""));
    llmgw_call_free(caller.call);
}

static void a_cancel_ends_a_further_exchange(void **state)
{
    struct pair *pair = *state;
    size_t cancelled = caller_entries(pair->gateway, LLMGW_ENTRY_CANCELLED);
    struct caller caller = {.cancel_at = 3};

    fake_clear(pair->one);
    answer(pair->one, "tokenA", TOLD(TEXT("two, "), GOES_ON("tokenB")), 20, 2);
    answer(pair->one, "", TOLD(TEXT("One, "), GOES_ON("tokenA")), 10, 4);
    assert_int_equal(llmgw_cancel_create(&caller.token), LLMGW_OK);
    caller_ask_json(&caller, pair->gateway, CALLER_LOOP, ASK "}", 1);
    llmgw_cancel_free(caller.token);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_CANCELLED);
    assert_string_equal(caller.kinds, "RTT");
    assert_int_equal(llmgw_call_attempt_count(caller.call), 2);
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_CANCELLED),
                     cancelled + 1);
    llmgw_call_free(caller.call);
}

/* --- no memory, at every place --- */

/** Answers from memory: the first exchange goes on, the second ends. */
static int32_t play(llmgw_exchange *exchange, void *userdata)
{
    static const char *const records[] = {TOLD(TEXT("One, "), GOES_ON("tokA")),
                                          TOLD(TEXT("two."), ENDS)};
    int *started = userdata;
    char body[1024];

    (void)snprintf(body, sizeof body, records[*started > 0], 10, 2, 12);
    ++*started;
    llmgw_exchange_header(exchange, (llmgw_str){"content-type", 12},
                          (llmgw_str){"text/event-stream", 17});
    llmgw_exchange_head(exchange, 200);
    (void)llmgw_exchange_data(exchange, (llmgw_str){body, strlen(body)});
    llmgw_exchange_end(exchange, 0, (llmgw_str){"", 0});
    return 0;
}

static void stop_playing(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    (void)userdata;
}

static void every_failed_allocation_ends_the_call_once(void **state)
{
    int failed = 0;
    int answered = 0;

    (void)state;
    for (int nth = 0, reached = 1; reached && nth < 2000; nth++) {
        int started = 0;
        llmgw_transport transport = {sizeof transport, 0, &started, play,
                                     stop_playing};
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        llmgw_chat_options chat = LLMGW_CHAT_OPTIONS_INIT;
        const char *json = caller_quotes(ASK "}");
        llmgw_request *request;
        llmgw_gateway *gateway;
        llmgw_call *call = NULL;

        options.transport = &transport;
        gateway = caller_open_with(&options, TARGETS, "https://a.test",
                                   "https://b.test", "");
        assert_int_equal(
            llmgw_request_from_json((llmgw_str){json, strlen(json)}, &request),
            LLMGW_OK);
        fail_allocation(nth);
        if (llmgw_chat(gateway, request, &chat, &call) == LLMGW_OK &&
            llmgw_call_end(call) == LLMGW_END_RESPONSE)
            answered++;
        else
            failed++;
        reached = allow_allocations();
        if (call && llmgw_call_end(call) == LLMGW_END_RESPONSE)
            assert_int_equal(llmgw_response_text(llmgw_call_response(call)).len,
                             9);
        assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
        llmgw_call_free(call);
        llmgw_request_free(request);
        llmgw_gateway_close(gateway);
    }
    assert_true(answered > 0);
    assert_true(failed > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_exchanges_are_one_answer),
        cmocka_unit_test(a_whole_answer_goes_on_too),
        cmocka_unit_test(what_one_exchange_had_cached_is_not_the_nexts),
        cmocka_unit_test(the_hosts_own_token_gives_way),
        cmocka_unit_test(a_failing_exchange_breaks_the_answer),
        cmocka_unit_test(before_any_content_another_target_may_answer),
        cmocka_unit_test(what_never_ends_ends_as_length),
        cmocka_unit_test(citations_count_from_the_answers_beginning),
        cmocka_unit_test(a_cancel_ends_a_further_exchange),
        cmocka_unit_test(every_failed_allocation_ends_the_call_once),
    };

    return cmocka_run_group_tests(tests, set_up, pair_tear_down);
}
