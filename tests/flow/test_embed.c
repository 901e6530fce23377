/*
 * Embeddings over real sockets: numbers or base64, inputs asked for in parts
 * and joined in order, the next target from the first input.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"
#include "support/pair.h"

#define TARGETS                                                        \
    "{'environment':false,'providers':{"                               \
    "'one':{'type':'google','base_url':'$1','api_key':'k1'},"          \
    "'two':{'type':'google','base_url':'$2','api_key':'k2'},"          \
    "'plain':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"     \
    "'small':{'type':'perplexity','base_url':'$1','api_key':'k1'},"    \
    "'chatty':{'type':'anthropic','base_url':'$1','api_key':'k1'},"    \
    "'groq':{'base_url':'$1','api_key':'k1'}},"                        \
    "'routes':{'both':{'targets':['one/e','two/e'],'max_attempts':2}," \
    "'able':{'targets':['chatty/c','plain/e']}}}"

#define MANY 250

static int set_up(void **state)
{
    return pair_set_up(state, TARGETS);
}

/** {'model':model,'input':['#0',…]} */
static const char *numbered(const char *model, int count, const char *rest)
{
    static char json[8192];
    int len =
        snprintf(json, sizeof json, "{'model':'%s'%s,'input':[", model, rest);

    for (int i = 0; i < count; i++)
        len += snprintf(json + len, sizeof json - (size_t)len, "%s'#%d'",
                        i ? "," : "", i);
    (void)snprintf(json + len, sizeof json - (size_t)len, "]}");
    return json;
}

static llmgw_embeddings *embed(struct caller *caller, const struct pair *pair,
                               enum caller_mode mode, const char *json)
{
    memset(caller, 0, sizeof *caller);
    caller->embeds = 1;
    caller_ask_json(caller, pair->gateway, mode, json, 0);
    assert_null(llmgw_call_response(caller->call));
    return llmgw_call_embeddings(caller->call);
}

static void expect_numbers(const llmgw_embeddings *vectors, size_t count)
{
    assert_non_null(vectors);
    assert_int_equal(llmgw_embeddings_count(vectors), count);
    for (size_t i = 0; i < count; i++)
        assert_true((size_t)llmgw_embeddings_vector(vectors, i)[0] == i);
    assert_null(llmgw_embeddings_vector(vectors, count));
}

static void expect_error(const struct caller *caller, llmgw_error_kind kind,
                         const char *message)
{
    llmgw_error *error = llmgw_call_error(caller->call);

    assert_int_equal(llmgw_call_end(caller->call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(error), kind);
    assert_string_equal(llmgw_error_message(error), message);
    assert_null(llmgw_call_embeddings(caller->call));
}

static void expect_text(llmgw_str text, const char *expected)
{
    if (!llmgw__str_is(text, expected))
        fail_msg("%.*s, expected %s", (int)text.len, text.data, expected);
}

static void expect_json(llmgw_embeddings *vectors, const char *part)
{
    llmgw_str json;

    assert_int_equal(llmgw_embeddings_json(vectors, &json), LLMGW_OK);
    if (llmgw__str_find(json, llmgw__str(part)) == SIZE_MAX)
        fail_msg("no %s in %.*s", part, (int)json.len, json.data);
}

static void numbers_or_base64_as_the_host_asks(void **state)
{
    struct pair *pair = *state;
    struct caller caller;
    llmgw_embeddings *vectors;
    struct fake_request seen;

    for (int mode = 0; mode < CALLER_MODES; mode++) {
        vectors = embed(&caller, pair, (enum caller_mode)mode,
                        numbered("plain/e", 3, ",'dimensions':4"));
        expect_numbers(vectors, 3);
        assert_int_equal(llmgw_embeddings_dimension(vectors), 4);
        expect_text(llmgw_embeddings_model(vectors), "e");
        expect_json(vectors, "{\"object\":\"list\",\"data\":[{\"object\":"
                             "\"embedding\",\"index\":0,\"embedding\":[0,");
        expect_json(vectors, "\"llmgw\":{\"call_id\":\"call-");
        seen = fake_request(pair->one, fake_requests(pair->one) - 1);
        assert_string_equal(seen.path, "/v1/embeddings");
        assert_non_null(strstr(seen.body, "\"encoding_format\":\"base64\""));
        assert_non_null(strstr(seen.body, "[\"#0\",\"#1\",\"#2\"]"));
        llmgw_call_free(caller.call);
    }
    vectors = embed(&caller, pair, CALLER_LOOP,
                    "{'model':'plain/e','input':'#7','dimensions':1,"
                    "'encoding_format':'base64'}");
    assert_true(llmgw_embeddings_vector(vectors, 0)[0] == 7.0f);
    expect_json(vectors, "\"embedding\":\"AADgQA==\"}]");
    llmgw_call_free(caller.call);
}

static void setters_build_the_same_request(void **state)
{
    struct pair *pair = *state;
    llmgw_request *request;
    llmgw_call *call;
    llmgw_str json;

    assert_int_equal(llmgw_request_create("plain/e", &request), LLMGW_OK);
    assert_int_equal(llmgw_request_add_input(request, llmgw_str_of("a \"#1\"")),
                     LLMGW_OK);
    assert_int_equal(llmgw_request_add_input(request, llmgw_str_of("")),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_add_input(request, llmgw_str_of("#2")),
                     LLMGW_OK);
    assert_int_equal(llmgw_request_set_int(request, "dimensions", 2), LLMGW_OK);
    assert_int_equal(
        llmgw_request_set_json(request, "input", llmgw_str_of("\"x\"")),
        LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_json(request, &json), LLMGW_OK);
    expect_text(json, "{\"model\":\"plain/e\",\"input\":[\"a \\\"#1\\\"\","
                      "\"#2\"],\"dimensions\":2}");
    assert_int_equal(llmgw_embed(pair->gateway, request, NULL, &call),
                     LLMGW_OK);
    assert_int_equal(llmgw_embeddings_count(llmgw_call_embeddings(call)), 2);
    assert_true(llmgw_embeddings_vector(llmgw_call_embeddings(call), 1)[0] ==
                2.0f);
    llmgw_call_free(call);
    llmgw_request_free(request);
}

static void a_request_of_json_can_be_added_to(void **state)
{
    static const char *const forms[] = {"'a'", "['a']"};
    llmgw_request *request;
    llmgw_str json;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        char text[64];

        (void)snprintf(text, sizeof text, "{'input':%s,'model':'m'}", forms[i]);
        assert_int_equal(llmgw_request_from_json(
                             llmgw_str_of(caller_quotes(text)), &request),
                         LLMGW_OK);
        assert_int_equal(llmgw_request_add_input(request, llmgw_str_of("b")),
                         LLMGW_OK);
        assert_int_equal(llmgw_request_json(request, &json), LLMGW_OK);
        expect_text(json, "{\"model\":\"m\",\"input\":[\"a\",\"b\"]}");
        llmgw_request_free(request);
    }
}

static void many_inputs_are_asked_in_parts(void **state)
{
    struct pair *pair = *state;
    struct caller caller;

    for (int mode = 0; mode < CALLER_MODES; mode++) {
        size_t before = fake_requests(pair->one);
        llmgw_embeddings *vectors = embed(&caller, pair, (enum caller_mode)mode,
                                          numbered("one/e", MANY, ""));
        const llmgw_usage *usage = llmgw_embeddings_usage(vectors);
        int64_t sum = 0;

        expect_numbers(vectors, MANY);
        assert_int_equal(fake_requests(pair->one), before + 3);
        assert_int_equal(llmgw_call_attempt_count(caller.call), 3);
        for (size_t i = 0; i < 3; i++) {
            const llmgw_attempt *attempt = llmgw_call_attempt(caller.call, i);

            assert_int_equal(llmgw_attempt_end(attempt), LLMGW_END_RESPONSE);
            sum += llmgw_usage_count(llmgw_attempt_usage(attempt),
                                     LLMGW_USAGE_PROMPT);
        }
        assert_true(sum > 3);
        assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_PROMPT), sum);
        assert_int_equal(llmgw_usage_count(usage, LLMGW_USAGE_REQUESTS), 3);
        assert_true(llmgw_usage_estimated(usage, LLMGW_USAGE_PROMPT));
        expect_json(vectors, "\"model\":\"e\",\"usage\":{\"prompt_tokens\":");
        llmgw_call_free(caller.call);
    }
    assert_non_null(
        strstr(fake_request(pair->one, fake_requests(pair->one) - 1).body,
               "\"#200\""));
}

static void the_next_target_starts_from_the_first_input(void **state)
{
    struct pair *pair = *state;
    size_t failed = caller_entries(pair->gateway, LLMGW_ENTRY_FAILED);
    size_t before = fake_requests(pair->two);
    struct caller caller;
    llmgw_embeddings *vectors;

    fake_script(pair->one, "", "status=503 with=#100");
    vectors = embed(&caller, pair, CALLER_LOOP, numbered("both", MANY, ""));
    fake_clear(pair->one);
    expect_numbers(vectors, MANY);
    assert_int_equal(llmgw_call_attempt_count(caller.call), 5);
    assert_int_equal(fake_requests(pair->two), before + 3);
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_FAILED),
                     failed + 1);
    assert_int_equal(llmgw_usage_count(llmgw_embeddings_usage(vectors),
                                       LLMGW_USAGE_REQUESTS),
                     3);
    expect_json(vectors, "\"target\":\"two/e\"");
    llmgw_call_free(caller.call);
}

static void vectors_of_two_lengths_never_mix(void **state)
{
    static const char longer[] = "{\"embeddings\":[{\"values\":[1,2,3,4,5]}]}";
    struct pair *pair = *state;
    struct caller caller;

    fake_reply(pair->one, "", 200, "content-type: application/json\r\n",
               (llmgw_str){longer, sizeof longer - 1}, "with=#100");
    (void)embed(&caller, pair, CALLER_BLOCKING, numbered("one/e", 101, ""));
    fake_clear(pair->one);
    expect_error(&caller, LLMGW_KIND_PROTOCOL,
                 "vector 0 has another length than those before");
    llmgw_call_free(caller.call);
}

static void numbers_do_where_base64_is_not_known(void **state)
{
    static const char answer[] =
        "{\"object\":\"list\",\"data\":[{\"embedding\":[5,6],\"index\":1},"
        "{\"embedding\":[3,4.5e0],\"index\":0}],\"model\":\"other\","
        "\"usage\":{\"total_tokens\":9}}";
    struct pair *pair = *state;
    struct caller caller;
    llmgw_embeddings *vectors;

    for (int cut = 1; cut < 40; cut += 13) {
        char scenario[32];

        (void)snprintf(scenario, sizeof scenario, "cut=%d", cut);
        fake_reply(pair->one, "", 200, "content-type: application/json\r\n",
                   (llmgw_str){answer, sizeof answer - 1}, scenario);
        vectors = embed(&caller, pair, CALLER_LOOP,
                        "{'model':'plain/e','input':['a','b']}");
        fake_clear(pair->one);
        assert_non_null(vectors);
        assert_true(llmgw_embeddings_vector(vectors, 0)[1] == 4.5f);
        assert_true(llmgw_embeddings_vector(vectors, 1)[0] == 5.0f);
        assert_int_equal(llmgw_usage_count(llmgw_embeddings_usage(vectors),
                                           LLMGW_USAGE_PROMPT),
                         9);
        expect_text(llmgw_embeddings_model(vectors), "other");
        llmgw_call_free(caller.call);
    }
}

static void what_is_wrong_with_an_answer_is_told(void **state)
{
#define ROW(index, vector) "{\"index\":" index ",\"embedding\":" vector "}"
#define LIST(rows)         "{\"object\":\"list\",\"data\":[" rows "]}"
    static const struct {
        const char *body;
        const char *message;
    } cases[] = {
        {LIST(ROW("0", "[1,2]")), "the answer has 1 vectors for 2 inputs"},
        {LIST(ROW("0", "[1,2]") "," ROW("0", "[1,2]")),
         "vector 0 is there twice"},
        {LIST(ROW("0", "[1,2]") "," ROW("2", "[1,2]")),
         "the answer has a vector of index 2, for which there is no input"},
        {LIST(ROW("0", "[1,2]") "," ROW("1", "[1]")),
         "vector 1 has another length than those before"},
        {LIST(ROW("0", "\"AACAPw==\"") "," ROW("1", "\"AACAP\"")),
         "vector 1 is no list of numbers"},
        {LIST(ROW("0", "[1,null]")), "vector 0 is no list of numbers"},
        {LIST("7"), "the answer is not a list of embeddings"},
        {"{\"data\":7}", "the answer is not a list of embeddings"},
        {"{\"data\":[]", "the answer is not a list of embeddings"},
        {"{}", "the answer is not a list of embeddings"},
        {"[]", "the answer is not a list of embeddings"},
        {"", "the answer is empty"},
        {"data: {}\n\n", "the answer is not a list of embeddings"},
    };
    struct pair *pair = *state;
    struct caller caller;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fake_reply(pair->one, "", 200, "content-type: application/json\r\n",
                   (llmgw_str){cases[i].body, strlen(cases[i].body)}, "");
        (void)embed(&caller, pair, CALLER_BLOCKING,
                    "{'model':'plain/e','input':['a','b']}");
        fake_clear(pair->one);
        expect_error(&caller, LLMGW_KIND_PROTOCOL, cases[i].message);
        llmgw_call_free(caller.call);
    }
}

static void an_answer_that_breaks_off_is_none(void **state)
{
    struct pair *pair = *state;
    struct caller caller;

    fake_script(pair->one, "", "drop_at=50");
    (void)embed(&caller, pair, CALLER_LOOP, numbered("plain/e", 5, ""));
    fake_clear(pair->one);
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    assert_true(llmgw_error_retryable(llmgw_call_error(caller.call)));
    llmgw_call_free(caller.call);
}

static void a_wire_without_embeddings_is_left_out(void **state)
{
    struct pair *pair = *state;
    size_t before = fake_requests(pair->one);
    struct caller caller;
    llmgw_embeddings *vectors =
        embed(&caller, pair, CALLER_LOOP, numbered("able", 2, ""));

    expect_numbers(vectors, 2);
    assert_int_equal(fake_requests(pair->one), before + 1);
    assert_int_equal(llmgw_call_plan_usable(caller.call, 0), 0);
    assert_string_equal(llmgw_call_plan_reason(caller.call, 0),
                        "this provider makes no embeddings");
    llmgw_call_free(caller.call);
    for (int i = 0; i < 2; i++) { /* of a wire without, of one with them */
        (void)embed(&caller, pair, CALLER_BLOCKING,
                    numbered(i ? "groq/c" : "chatty/c", 2, ""));
        expect_error(&caller, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                     "this provider makes no embeddings");
        llmgw_call_free(caller.call);
    }
}

static void a_wrong_request_is_told_with_its_place(void **state)
{
    struct pair *pair = *state;
    size_t before = fake_requests(pair->one);
    struct caller caller;

    (void)embed(&caller, pair, CALLER_LOOP,
                "{'model':'plain/e','input':['a','b','c','']}");
    expect_error(&caller, LLMGW_KIND_INVALID_REQUEST,
                 "input[3] must not be empty");
    assert_string_equal(llmgw_error_param(llmgw_call_error(caller.call)),
                        "input[3]");
    llmgw_call_free(caller.call);
    (void)embed(&caller, pair, CALLER_LOOP,
                "{'model':'one/e','input':[[1,2],[3]]}");
    expect_error(&caller, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                 "this target takes texts, not token ids");
    llmgw_call_free(caller.call);
    (void)embed(&caller, pair, CALLER_LOOP,
                "{'model':'plain/e','messages':[]}");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_ERROR);
    llmgw_call_free(caller.call);
    assert_int_equal(fake_requests(pair->one), before);
}

static void chunks_cannot_be_asked_for(void **state)
{
    struct pair *pair = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;
    llmgw_loop *loop;
    llmgw_str json;

    options.on_chunk = (llmgw_chunk_fn)(void (*)(void))set_up;
    options.on_done = (llmgw_done_fn)(void (*)(void))pair_tear_down;
    assert_int_equal(llmgw_request_create("plain/e", &request), LLMGW_OK);
    assert_int_equal(llmgw_loop_create(pair->gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_embed(pair->gateway, request, &options, &call),
                     LLMGW_E_INVALID);
    assert_null(call);
    assert_int_equal(llmgw_embed_start(loop, request, &options, &call),
                     LLMGW_E_INVALID);
    options.on_chunk = NULL;
    options.on_done = NULL;
    assert_int_equal(llmgw_embed_start(loop, request, &options, &call),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_embed(NULL, request, NULL, &call), LLMGW_E_INVALID);
    assert_int_equal(llmgw_embed(pair->gateway, NULL, NULL, &call),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_embed(pair->gateway, request, NULL, NULL),
                     LLMGW_E_INVALID);
    assert_null(llmgw_call_embeddings(NULL));
    assert_int_equal(llmgw_embeddings_count(NULL), 0);
    assert_int_equal(llmgw_embeddings_json(NULL, &json), LLMGW_E_INVALID);
    llmgw_loop_free(loop);
    llmgw_request_free(request);
}

static void a_chat_has_no_vectors(void **state)
{
    struct pair *pair = *state;
    struct caller caller = {0};

    caller_ask(&caller, pair->gateway, CALLER_BLOCKING, "plain/e", "Hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    assert_null(llmgw_call_embeddings(caller.call));
    llmgw_call_free(caller.call);
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    ++*(int *)userdata;
}

static void a_call_is_cancelled_between_its_parts(void **state)
{
    struct pair *pair = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    size_t cancelled = caller_entries(pair->gateway, LLMGW_ENTRY_CANCELLED);
    size_t before = fake_requests(pair->one);
    const char *json =
        caller_quotes(numbered("one/e", MANY, ",'llmgw':{'gap_ms':9000}"));
    llmgw_request *request;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    fake_script(pair->one, "", "stall_before with=#100");
    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(llmgw_request_from_json(llmgw_str_of(json), &request),
                     LLMGW_OK);
    assert_int_equal(llmgw_loop_create(pair->gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_embed_start(loop, request, &options, &call),
                     LLMGW_OK);
    while (fake_requests(pair->one) < before + 2)
        assert_int_equal(llmgw_loop_run(loop, 20), LLMGW_OK);
    assert_null(llmgw_call_embeddings(call));
    llmgw_call_cancel(call);
    while (!done)
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
    assert_null(llmgw_call_embeddings(call));
    assert_int_equal(caller_entries(pair->gateway, LLMGW_ENTRY_CANCELLED),
                     cancelled + 1);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_request_free(request);
    fake_clear(pair->one);
}

static void a_call_freed_while_it_runs_leaves_nothing(void **state)
{
    struct pair *pair = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(llmgw_request_create("one/e", &request), LLMGW_OK);
    assert_int_equal(llmgw_request_add_input(request, llmgw_str_of("a")),
                     LLMGW_OK);
    assert_int_equal(llmgw_loop_create(pair->gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_embed_start(loop, request, &options, &call),
                     LLMGW_OK);
    assert_int_equal(llmgw_loop_run(loop, 0), LLMGW_OK);
    llmgw_call_free(call);
    assert_int_equal(llmgw_loop_run(loop, 0), LLMGW_OK);
    assert_int_equal(done, 0);
    llmgw_loop_free(loop);
    llmgw_request_free(request);
}

static void fail_every_allocation(struct pair *pair, const char *model)
{
    llmgw_request *request;
    int failed = 1;
    int ended = 0;

    assert_int_equal(
        llmgw_request_from_json(
            llmgw_str_of(caller_quotes(numbered(model, 150, ""))), &request),
        LLMGW_OK);
    for (int nth = 0; failed; nth++) {
        llmgw_status status;
        llmgw_call *call;
        llmgw_str json;

        fail_allocation(nth);
        status = llmgw_embed(pair->gateway, request, NULL, &call);
        if (status == LLMGW_OK && llmgw_call_embeddings(call))
            (void)llmgw_embeddings_json(llmgw_call_embeddings(call), &json);
        failed = allow_allocations();
        if (status != LLMGW_OK) {
            assert_int_equal(status, LLMGW_E_NOMEM);
            assert_null(call);
            continue;
        }
        if (llmgw_call_end(call) == LLMGW_END_RESPONSE) {
            expect_numbers(llmgw_call_embeddings(call), 150);
            expect_json(llmgw_call_embeddings(call), "\"index\":149");
            ended++;
        }
        llmgw_call_free(call);
    }
    assert_true(ended > 0);
    llmgw_request_free(request);
}

static void every_allocation_may_fail(void **state)
{
    fail_every_allocation(*state, "one/e");
    fail_every_allocation(*state, "plain/e");
}

static void setters_leave_a_request_as_it_was_without_memory(void **state)
{
    llmgw_request *request;
    llmgw_str json;

    (void)state;
    assert_int_equal(llmgw_request_create("m", &request), LLMGW_OK);
    assert_int_equal(llmgw_request_add_input(request, llmgw_str_of("a")),
                     LLMGW_OK);
    for (int nth = 0;; nth++) {
        llmgw_status status;

        fail_allocation(nth);
        status = llmgw_request_add_input(
            request, llmgw_str_of("a text that is longer than what the list "
                                  "has room for, so that it has to grow"));
        if (!allow_allocations())
            break;
        assert_int_equal(status, LLMGW_E_NOMEM);
        assert_int_equal(llmgw_request_json(request, &json), LLMGW_OK);
        expect_text(json, "{\"model\":\"m\",\"input\":[\"a\"]}");
    }
    llmgw_request_free(request);
}

/** A service that answers in signed bytes, elsewhere. */
static void vectors_of_bytes_have_length_one(void **state)
{
    static const char body[] =
        "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\","
        "\"index\":0,\"embedding\":\"A/w=\"}],\"model\":\"e\","
        "\"usage\":{\"prompt_tokens\":7,\"total_tokens\":7}}";
    struct pair *pair = *state;
    struct caller caller;
    struct fake_request asked;
    const float *values;
    llmgw_embeddings *vectors;

    fake_reply(pair->one, "", 200, "content-type: application/json\r\n",
               (llmgw_str){body, sizeof body - 1}, "");
    vectors = embed(&caller, pair, CALLER_BLOCKING,
                    "{'model':'small/e','input':'a','dimensions':2}");
    fake_clear(pair->one);
    assert_non_null(vectors);
    assert_int_equal(llmgw_embeddings_dimension(vectors), 2);
    values = llmgw_embeddings_vector(vectors, 0); /* of 3 and -4 */
    assert_float_equal(values[0], 0.6F, 1e-6);
    assert_float_equal(values[1], -0.8F, 1e-6);
    asked = fake_request(pair->one, fake_requests(pair->one) - 1);
    assert_string_equal(asked.path, "/v1/embeddings");
    assert_non_null(strstr(asked.body, "\"encoding_format\":\"base64_int8\""));
    assert_non_null(strstr(asked.body, "\"dimensions\":2"));
    llmgw_call_free(caller.call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_or_base64_as_the_host_asks),
        cmocka_unit_test(setters_build_the_same_request),
        cmocka_unit_test(a_request_of_json_can_be_added_to),
        cmocka_unit_test(many_inputs_are_asked_in_parts),
        cmocka_unit_test(the_next_target_starts_from_the_first_input),
        cmocka_unit_test(vectors_of_two_lengths_never_mix),
        cmocka_unit_test(numbers_do_where_base64_is_not_known),
        cmocka_unit_test(what_is_wrong_with_an_answer_is_told),
        cmocka_unit_test(an_answer_that_breaks_off_is_none),
        cmocka_unit_test(a_wire_without_embeddings_is_left_out),
        cmocka_unit_test(vectors_of_bytes_have_length_one),
        cmocka_unit_test(a_wrong_request_is_told_with_its_place),
        cmocka_unit_test(chunks_cannot_be_asked_for),
        cmocka_unit_test(a_chat_has_no_vectors),
        cmocka_unit_test(a_call_is_cancelled_between_its_parts),
        cmocka_unit_test(a_call_freed_while_it_runs_leaves_nothing),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(setters_leave_a_request_as_it_was_without_memory),
    };

    return cmocka_run_group_tests(tests, set_up, pair_tear_down);
}
