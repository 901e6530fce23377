/*
 * The list of models: every provider is asked, page by page; those that fail
 * end nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define CONFIG                                                             \
    "{'environment':false,'providers':{"                                   \
    "'a':{'type':'openai','base_url':'$1/v1','api_key':'k1'},"             \
    "'b':{'type':'anthropic','base_url':'$2','api_key':'k2'},"             \
    "'c':{'type':'google','base_url':'$3','api_key':'k3'},"                \
    "'d':{'type':'xai','base_url':'$1/v1','api_key_env':'NOBODY_SETS'}},"  \
    "'routes':{'best':{'targets':['b/x','a/y']},'next':{'targets':['a/y'," \
    "'c/z']}}}"

struct three {
    struct fake *fakes[3];
    llmgw_gateway *gateway;
};

static int set_up(void **state)
{
    static struct three three;

    for (int i = 0; i < 3; i++) {
        three.fakes[i] = fake_start();
        assert_non_null(three.fakes[i]);
    }
    three.gateway =
        caller_open(CONFIG, fake_url(three.fakes[0]), fake_url(three.fakes[1]),
                    fake_url(three.fakes[2]));
    *state = &three;
    return 0;
}

static int tear_down(void **state)
{
    struct three *three = *state;

    llmgw_gateway_close(three->gateway);
    for (int i = 0; i < 3; i++)
        fake_stop(three->fakes[i]);
    return 0;
}

/** Each from a page of its own. */
static void script(struct three *three)
{
    static const struct {
        int fake;
        const char *scenario;
        const char *body;
    } pages[] = {
        {0, "",
         "{\"object\":\"list\",\"data\":[{\"id\":\"one\",\"object\":"
         "\"model\",\"created\":7,\"owned_by\":\"x\"},{\"id\":\"one\"},"
         "{\"id\":\"t\\u0077o\",\"created\":null}]}"},
        {1, "times=1",
         "{\"data\":[{\"type\":\"model\",\"id\":\"c-1\",\"created_at\":"
         "\"2025-02-19T00:00:00Z\"}],\"has_more\":true,\"first_id\":\"c-1\","
         "\"last_id\":\"c-1&\"}"},
        {1, "",
         "{\"data\":[{\"id\":\"c-2\",\"created_at\":\"soon\"}],"
         "\"has_more\":false,\"last_id\":\"c-2\"}"},
        {2, "times=1",
         "{\"models\":[{\"name\":\"models/g-1\"}],"
         "\"nextPageToken\":\"p/2\"}"},
        {2, "", "{\"models\":[{\"name\":\"models/g-2\"}]}"},
    };

    for (size_t i = 0; i < sizeof pages / sizeof *pages; i++)
        fake_reply(three->fakes[pages[i].fake], "GET", 200,
                   "content-type: application/json\r\n",
                   (llmgw_str){pages[i].body, strlen(pages[i].body)},
                   pages[i].scenario);
}

static void forget(struct three *three)
{
    for (int i = 0; i < 3; i++)
        fake_clear(three->fakes[i]);
}

static void expect_ids(const llmgw_model_list *list, const char *const *ids)
{
    size_t count = 0;

    assert_non_null(list);
    for (; ids[count]; count++)
        if (!llmgw__str_is(llmgw_model_list_id(list, count), ids[count]))
            fail_msg("model %zu is not %s", count, ids[count]);
    assert_int_equal(llmgw_model_list_count(list), count);
    assert_int_equal(llmgw_model_list_id(list, count).len, 0);
    assert_int_equal(llmgw_model_list_owner(list, count).len, 0);
    assert_int_equal(llmgw_model_list_created(list, count), 0);
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    ++*(int *)userdata;
}

/** Blocking, or on a loop. */
static llmgw_call *ask(struct three *three, bool blocking)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    if (blocking) {
        assert_int_equal(llmgw_models(three->gateway, NULL, &call), LLMGW_OK);
        return call;
    }
    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(llmgw_loop_create(three->gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_models_start(loop, &options, &call), LLMGW_OK);
    while (!done)
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    llmgw_loop_free(loop);
    return call;
}

static void all_providers_are_merged(void **state)
{
    static const char *const ids[] = {"a/one", "a/two", "b/c-1", "b/c-2",
                                      "c/g-1", "c/g-2", NULL};
    struct three *three = *state;

    for (int blocking = 0; blocking < 2; blocking++) {
        size_t answered = caller_entries(three->gateway, LLMGW_ENTRY_ANSWERED);
        llmgw_model_list *list;
        llmgw_money cost;
        llmgw_call *call;
        llmgw_str json;

        script(three);
        call = ask(three, blocking);
        forget(three);
        list = llmgw_call_models(call);
        expect_ids(list, ids);
        assert_true(llmgw__str_is(llmgw_model_list_owner(list, 2), "b"));
        assert_int_equal(llmgw_model_list_created(list, 0), 7);
        assert_int_equal(llmgw_model_list_created(list, 2), 1739923200);
        assert_int_equal(llmgw_model_list_created(list, 3), 0);
        assert_int_equal(llmgw_call_attempt_count(call), 5);
        assert_int_equal(llmgw_call_cost(call, &cost), 0);
        assert_int_equal(cost.pico, 0);
        assert_int_equal(caller_entries(three->gateway, LLMGW_ENTRY_ANSWERED),
                         answered + 5);
        assert_null(llmgw_call_response(call));
        assert_null(llmgw_call_embeddings(call));
        assert_int_equal(llmgw_model_list_json(list, &json), LLMGW_OK);
        assert_true(llmgw__str_starts(
            json, "{\"object\":\"list\",\"data\":[{\"id\":\"a/one\",\"object\":"
                  "\"model\",\"created\":7,\"owned_by\":\"a\",\"llmgw\":{"
                  "\"known\":false}},"));
        llmgw_model_list_free(list); /* the call's: nothing is done */
        expect_ids(list, ids);
        llmgw_call_free(call);
    }
}

static void each_wire_is_asked_in_its_own_words(void **state)
{
    struct three *three = *state;
    struct fake_request seen = fake_request(three->fakes[0], 0);

    assert_string_equal(seen.method, "GET");
    assert_string_equal(seen.path, "/v1/models");
    assert_true(
        llmgw__str_is(fake_header(&seen, "authorization"), "Bearer k1"));
    assert_int_equal(seen.body_len, 0);
    seen = fake_request(three->fakes[1], 1);
    assert_string_equal(seen.path, "/v1/models?limit=1000&after_id=c-1%26");
    assert_true(llmgw__str_is(fake_header(&seen, "x-api-key"), "k2"));
    assert_true(
        llmgw__str_is(fake_header(&seen, "anthropic-version"), "2023-06-01"));
    seen = fake_request(three->fakes[2], 0);
    assert_string_equal(seen.path, "/v1beta/models?pageSize=1000");
    seen = fake_request(three->fakes[2], 1);
    assert_string_equal(seen.path,
                        "/v1beta/models?pageSize=1000&pageToken=p%2F2");
}

static void a_failing_provider_ends_nothing(void **state)
{
    static const char *const ids[] = {"b/c-1", "b/c-2", "c/g-1", "c/g-2", NULL};
    static const char first[] = "{\"models\":[{\"name\":\"models/g-1\"}],"
                                "\"nextPageToken\":\"p2\"}";
    struct three *three = *state;
    llmgw_call *call;

    fake_script(three->fakes[0], "", "status=401");
    script(three);
    call = ask(three, true);
    forget(three);
    expect_ids(llmgw_call_models(call), ids);
    assert_int_equal(
        llmgw_error_get_kind(llmgw_attempt_error(llmgw_call_attempt(call, 0))),
        LLMGW_KIND_AUTH);
    assert_int_equal(llmgw_call_plan_count(call), 4);
    assert_int_equal(llmgw_call_plan_usable(call, 3), 0);
    assert_string_equal(llmgw_call_plan_reason(call, 3),
                        "no API key: NOBODY_SETS is not set");
    llmgw_call_free(call);
    /* a later page, and the last of all */
    fake_reply(three->fakes[2], "", 200, "content-type: application/json\r\n",
               (llmgw_str){first, sizeof first - 1}, "times=1");
    fake_script(three->fakes[2], "", "status=500");
    script(three);
    call = ask(three, false);
    forget(three);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_model_list_count(llmgw_call_models(call)), 5);
    llmgw_call_free(call);
}

static void when_all_fail_the_call_does(void **state)
{
    static const char *const bodies[] = {"{}", "{\"data\":7}", "[7]",
                                         "{\"data\":[{}]}", "{\"data\":["};
    struct three *three = *state;

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        llmgw_call *call;

        for (int k = 0; k < 3; k++)
            fake_reply(three->fakes[k], "", 200,
                       "content-type: application/json\r\n",
                       (llmgw_str){bodies[i], strlen(bodies[i])}, "");
        call = ask(three, true);
        forget(three);
        assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
        assert_null(llmgw_call_models(call));
        assert_string_equal(llmgw_error_message(llmgw_call_error(call)),
                            "the answer is not a list of models");
        llmgw_call_free(call);
    }
}

static void endless_pages_come_to_an_end(void **state)
{
    static const char page[] = "{\"models\":[{\"name\":\"models/same\"}],"
                               "\"nextPageToken\":\"again\"}";
    struct three *three = *state;
    llmgw_call *call;

    fake_reply(three->fakes[2], "", 200, "content-type: application/json\r\n",
               (llmgw_str){page, sizeof page - 1}, "");
    script(three);
    call = ask(three, true);
    forget(three);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_model_list_count(llmgw_call_models(call)), 5);
    assert_in_range(llmgw_call_attempt_count(call), 60, 80);
    llmgw_call_free(call);
}

static void the_local_list_asks_nobody(void **state)
{
    static const char *const ids[] = {"best", "next", "b/x",
                                      "a/y",  "c/z",  NULL};
    struct three *three = *state;
    size_t before = fake_requests(three->fakes[0]);
    llmgw_model_list *list;
    llmgw_str json;
    int nth = 0;
    int failed;

    do {
        llmgw_status status;

        fail_allocation(nth++);
        status = llmgw_models_local(three->gateway, &list);
        if (status == LLMGW_OK)
            status = llmgw_model_list_json(list, &json);
        failed = allow_allocations();
        assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        if (failed)
            llmgw_model_list_free(list);
    } while (failed);
    expect_ids(list, ids);
    assert_true(llmgw__str_is(llmgw_model_list_owner(list, 0), "llmgw"));
    assert_true(llmgw__str_is(llmgw_model_list_owner(list, 3), "a"));
    assert_true(llmgw__str_ends(json,
                                "\"id\":\"c/z\",\"object\":\"model\","
                                "\"created\":0,\"owned_by\":\"c\",\"llmgw\":{"
                                "\"known\":false}}]}"));
    llmgw_model_list_free(list);
    assert_int_equal(fake_requests(three->fakes[0]), before);
}

static void misuse_is_refused(void **state)
{
    struct three *three = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_model_list *list;
    llmgw_call *call;
    llmgw_str json;

    options.on_chunk = (llmgw_chunk_fn)(void (*)(void))set_up;
    assert_int_equal(llmgw_models(three->gateway, &options, &call),
                     LLMGW_E_INVALID);
    assert_null(call);
    assert_int_equal(llmgw_models(NULL, NULL, &call), LLMGW_E_INVALID);
    assert_int_equal(llmgw_models(three->gateway, NULL, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_models_start(NULL, NULL, &call), LLMGW_E_INVALID);
    assert_int_equal(llmgw_models_local(NULL, &list), LLMGW_E_INVALID);
    assert_int_equal(llmgw_models_local(three->gateway, NULL), LLMGW_E_INVALID);
    assert_int_equal(llmgw_model_list_json(NULL, &json), LLMGW_E_INVALID);
    assert_int_equal(llmgw_model_list_count(NULL), 0);
    assert_null(llmgw_call_models(NULL));
    llmgw_model_list_free(NULL);
}

static void a_cancelled_list_is_none(void **state)
{
    struct three *three = *state;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    size_t before = fake_requests(three->fakes[1]);
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    fake_script(three->fakes[1], "", "stall_before");
    script(three);
    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(llmgw_loop_create(three->gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_models_start(loop, &options, &call), LLMGW_OK);
    while (fake_requests(three->fakes[1]) == before)
        assert_int_equal(llmgw_loop_run(loop, 20), LLMGW_OK);
    llmgw_call_cancel(call);
    while (!done)
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
    forget(three);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
    assert_null(llmgw_call_models(call));
    llmgw_call_free(call);
    llmgw_loop_free(loop);
}

static void every_allocation_may_fail(void **state)
{
    struct three *three = *state;
    int failed = 1;
    int whole = 0;

    for (int nth = 0; failed; nth++) {
        llmgw_status status;
        llmgw_call *call;
        llmgw_str json;

        script(three);
        fail_allocation(nth);
        status = llmgw_models(three->gateway, NULL, &call);
        if (status == LLMGW_OK && llmgw_call_models(call))
            (void)llmgw_model_list_json(llmgw_call_models(call), &json);
        failed = allow_allocations();
        forget(three);
        if (status != LLMGW_OK) {
            assert_int_equal(status, LLMGW_E_NOMEM);
            assert_null(call);
            continue;
        }
        whole += llmgw_model_list_count(llmgw_call_models(call)) == 6;
        llmgw_call_free(call);
    }
    assert_true(whole > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_providers_are_merged),
        cmocka_unit_test(each_wire_is_asked_in_its_own_words),
        cmocka_unit_test(a_failing_provider_ends_nothing),
        cmocka_unit_test(when_all_fail_the_call_does),
        cmocka_unit_test(endless_pages_come_to_an_end),
        cmocka_unit_test(the_local_list_asks_nobody),
        cmocka_unit_test(misuse_is_refused),
        cmocka_unit_test(a_cancelled_list_is_none),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
