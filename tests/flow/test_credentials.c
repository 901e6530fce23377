/*
 * Credentials that are fetched: once for all calls of all threads, anew before
 * they expire, not again at once after a failure; and calls that end while
 * they wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/clock.h"
#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"
#include "support/token_source.h"

#define CONFIG                                                       \
    "{'environment':false,'providers':{"                             \
    "'cloud':{'type':'compatible','base_url':'$1/v1'},"              \
    "'other':{'type':'openai','base_url':'$2/v1','api_key':'key'}}," \
    "'routes':{'both':{'targets':['cloud/m','other/m']}}}"

#define WALL INT64_C(1700000000) /* seconds, a second before the start */

/* The clocks stand still until a test moves them. */
static _Atomic uint64_t now_ns;

static uint64_t own_monotonic(void *userdata)
{
    (void)userdata;
    return atomic_load(&now_ns);
}

static int64_t own_wall(void *userdata)
{
    (void)userdata;
    return (WALL * (int64_t)LLMGW__SECOND) + (int64_t)atomic_load(&now_ns);
}

static void pass_s(uint64_t seconds)
{
    atomic_fetch_add(&now_ns, seconds * LLMGW__SECOND);
}

struct cloud {
    struct fake *provider;
    struct fake *other;
    struct fake *tokens;
    llmgw_gateway *gateway;
    llmgw_loop *loop;
};

static void open_cloud(struct cloud *it)
{
    llmgw_clock clock = {sizeof clock, 0, NULL, own_monotonic, own_wall, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    atomic_store(&now_ns, LLMGW__SECOND);
    options.clock = &clock;
    it->provider = fake_start();
    it->other = fake_start();
    it->tokens = fake_start();
    it->gateway = caller_open_with(&options, CONFIG, fake_url(it->provider),
                                   fake_url(it->other), "");
    token_source_install(it->gateway, fake_url(it->tokens));
    assert_int_equal(llmgw_loop_create(it->gateway, &it->loop), LLMGW_OK);
}

static void close_cloud(struct cloud *it)
{
    llmgw_loop_free(it->loop);
    llmgw_gateway_close(it->gateway);
    fake_stop(it->provider);
    fake_stop(it->other);
    fake_stop(it->tokens);
}

/** From now on: this token, that expires so long after the clock's start. */
static void give_token(struct cloud *it, const char *token, int64_t life_s,
                       const char *scenario)
{
    static char body[128];
    int len = snprintf(body, sizeof body, "%s %lld", token,
                       (long long)(life_s ? WALL + 1 + life_s : 0));

    fake_clear(it->tokens);
    fake_reply(it->tokens, "", 200, "", (llmgw_str){body, (size_t)len},
               scenario);
}

static void count_end(llmgw_call *call, void *userdata)
{
    (void)call;
    ++*(int *)userdata;
}

static llmgw_call *start(llmgw_loop *loop, const char *model, int *ended,
                         uint32_t timeout_ms)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    options.on_done = count_end;
    options.userdata = ended;
    options.timeout_ms = timeout_ms;
    assert_int_equal(llmgw_request_create(model, &request), LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2}),
        LLMGW_OK);
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    llmgw_request_free(request);
    return call;
}

static void drive(llmgw_loop *loop, const int *ended, int calls)
{
    while (*ended < calls)
        assert_int_equal(llmgw_loop_run(loop, 20), LLMGW_OK);
}

static llmgw_call *ask(struct cloud *it, const char *model)
{
    int ended = 0;
    llmgw_call *call = start(it->loop, model, &ended, 0);

    drive(it->loop, &ended, 1);
    return call;
}

/** The token that the last request was shown with. */
static void expect_token(struct cloud *it, const char *token)
{
    struct fake_request last =
        fake_request(it->provider, fake_requests(it->provider) - 1);
    char want[160];

    (void)snprintf(want, sizeof want, "Bearer %s", token);
    assert_string_equal(caller_text(fake_header(&last, "authorization")), want);
}

static void expect_answer(struct cloud *it, const char *token)
{
    llmgw_call *call = ask(it, "cloud/m");

    if (llmgw_call_end(call) != LLMGW_END_RESPONSE)
        fail_msg("%s", llmgw_error_message(llmgw_call_error(call)));
    expect_token(it, token);
    llmgw_call_free(call);
}

static void a_token_is_fetched_and_kept(void **state)
{
    struct cloud it;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "");
    for (int i = 0; i < 3; i++)
        expect_answer(&it, "tok-one");
    assert_int_equal(fake_requests(it.tokens), 1);
    close_cloud(&it);
}

static void what_was_waited_for_is_told(void **state)
{
    struct cloud it;
    int ended = 0;
    llmgw_call *call;
    const llmgw_attempt *attempt;
    llmgw_str json;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "");
    call = start(it.loop, "cloud/m", &ended, 0);
    assert_int_equal(llmgw_loop_run(it.loop, 0), LLMGW_OK);
    atomic_fetch_add(&now_ns, 250 * LLMGW__MS);
    drive(it.loop, &ended, 1);
    assert_int_equal(llmgw_call_attempt_count(call), 1);
    attempt = llmgw_call_attempt(call, 0);
    assert_int_equal(llmgw_attempt_ns(attempt, LLMGW_TIME_CREDENTIAL),
                     250 * LLMGW__MS);
    assert_int_equal(llmgw_attempt_ns(attempt, LLMGW_TIME_STARTED),
                     250 * LLMGW__MS);
    assert_int_equal(llmgw_response_json(llmgw_call_response(call), &json),
                     LLMGW_OK);
    assert_non_null(strstr(caller_text(json), "\"credential_ms\":250"));
    llmgw_call_free(call);
    close_cloud(&it);
}

/* --- threads --- */

struct crowd {
    struct cloud *cloud;
    atomic_int answered;
};

static void *ask_some(void *userdata)
{
    struct crowd *crowd = userdata;
    llmgw_call *calls[8];
    llmgw_loop *loop;
    int ended = 0;

    if (llmgw_loop_create(crowd->cloud->gateway, &loop) != LLMGW_OK)
        return NULL;
    for (int i = 0; i < 8; i++)
        calls[i] = start(loop, "cloud/m", &ended, 0);
    while (ended < 8)
        (void)llmgw_loop_run(loop, -1);
    for (int i = 0; i < 8; i++) {
        if (llmgw_call_end(calls[i]) == LLMGW_END_RESPONSE)
            atomic_fetch_add(&crowd->answered, 1);
        llmgw_call_free(calls[i]);
    }
    llmgw_loop_free(loop);
    return NULL;
}

static void many_threads_fetch_once(void **state)
{
    pthread_t threads[4];
    struct cloud it;
    struct crowd crowd = {.cloud = &it};

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "first_delay_ms=100");
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_some, &crowd),
                         0);
    for (int i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&crowd.answered), 32);
    assert_int_equal(fake_requests(it.tokens), 1);
    assert_int_equal(fake_requests(it.provider), 32);
    close_cloud(&it);
}

static void a_loop_that_is_not_driven_holds_nobody_up(void **state)
{
    struct cloud it;
    llmgw_loop *idle;
    llmgw_call *first, *second;
    int first_ended = 0, second_ended = 0;

    (void)state;
    open_cloud(&it);
    assert_int_equal(llmgw_loop_create(it.gateway, &idle), LLMGW_OK);
    give_token(&it, "tok-late", 3600, "stall_before times=1");
    fake_reply(it.tokens, "", 200, "", (llmgw_str){"tok-two 0", 9}, "");
    first = start(idle, "cloud/m", &first_ended, 0);
    assert_int_equal(llmgw_loop_run(idle, 0), LLMGW_OK);
    while (fake_requests(it.tokens) < 1)
        assert_int_equal(llmgw_loop_run(idle, 10), LLMGW_OK);
    second = start(it.loop, "cloud/m", &second_ended, 0);
    assert_int_equal(llmgw_loop_run(it.loop, 0), LLMGW_OK);
    pass_s(29);
    assert_int_equal(llmgw_loop_run(it.loop, 0), LLMGW_OK);
    assert_int_equal(fake_requests(it.tokens), 1);
    pass_s(1);
    drive(it.loop, &second_ended, 1);
    assert_int_equal(llmgw_call_end(second), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(it.tokens), 2);
    drive(idle, &first_ended, 1);
    assert_int_equal(llmgw_call_end(first), LLMGW_END_RESPONSE);
    expect_token(&it, "tok-two");
    assert_int_equal(fake_requests(it.tokens), 2);
    llmgw_call_free(first);
    llmgw_call_free(second);
    llmgw_loop_free(idle);
    close_cloud(&it);
}

/* --- expiry --- */

static void it_is_renewed_in_time_and_nobody_waits(void **state)
{
    struct cloud it;
    llmgw_call *call;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "");
    expect_answer(&it, "tok-one");
    give_token(&it, "tok-two", 7200, "");
    pass_s(3300);
    expect_answer(&it, "tok-one");
    assert_int_equal(fake_requests(it.tokens), 1);
    pass_s(1);
    call = ask(&it, "cloud/m");
    expect_token(&it, "tok-one");
    assert_int_equal(
        llmgw_attempt_ns(llmgw_call_attempt(call, 0), LLMGW_TIME_CREDENTIAL),
        0);
    llmgw_call_free(call);
    while (fake_requests(it.tokens) < 2)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    for (int shown = 0; !shown;) { /* until its answer was read */
        struct fake_request last;

        llmgw_call_free(ask(&it, "cloud/m"));
        last = fake_request(it.provider, fake_requests(it.provider) - 1);
        shown = strstr(last.headers, "tok-two") != NULL;
    }
    expect_answer(&it, "tok-two");
    assert_int_equal(fake_requests(it.tokens), 2);
    close_cloud(&it);
}

static void a_renewal_that_fails_harms_nobody_yet(void **state)
{
    struct cloud it;
    llmgw_call *call;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "");
    expect_answer(&it, "tok-one");
    fake_clear(it.tokens);
    fake_script(it.tokens, "", "status=503");
    pass_s(3301);
    for (int i = 0; i < 4; i++)
        expect_answer(&it, "tok-one");
    while (fake_requests(it.tokens) < 2)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    pass_s(300);
    call = ask(&it, "cloud/m");
    assert_int_equal(llmgw_call_end(call), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_UPSTREAM_UNAVAILABLE);
    llmgw_call_free(call);
    close_cloud(&it);
}

/* --- failures --- */

static void a_failed_fetch_is_not_repeated_at_once(void **state)
{
    static const int seconds[] = {1, 2, 4, 8, 16, 32, 60, 60};
    struct cloud it;

    (void)state;
    open_cloud(&it);
    fake_reply(it.tokens, "", 400, "", (llmgw_str){"no such client", 14}, "");
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        for (int again = 0; again < 3; again++) {
            llmgw_call *call = ask(&it, "cloud/m");
            llmgw_error *error = llmgw_call_error(call);

            assert_int_equal(llmgw_error_get_kind(error), LLMGW_KIND_AUTH);
            assert_string_equal(llmgw_error_message(error),
                                "token endpoint: 400 no such client");
            assert_int_equal(llmgw_call_attempt_count(call), 1);
            assert_int_equal(
                llmgw_attempt_http_status(llmgw_call_attempt(call, 0)), 0);
            llmgw_call_free(call);
        }
        assert_int_equal(fake_requests(it.tokens), i + 1);
        pass_s((uint64_t)seconds[i]);
    }
    assert_int_equal(fake_requests(it.provider), 0);
    assert_int_equal(caller_entries(it.gateway, 0), 0);
    close_cloud(&it);
}

static void without_a_token_the_next_target_is_asked(void **state)
{
    struct cloud it;
    llmgw_call *call;
    const llmgw_attempt *first;

    (void)state;
    open_cloud(&it);
    fake_script(it.tokens, "", "status=500");
    call = ask(&it, "both");
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_call_attempt_count(call), 2);
    first = llmgw_call_attempt(call, 0);
    assert_string_equal(llmgw_attempt_target(first), "cloud/m");
    assert_int_equal(llmgw_attempt_end(first), LLMGW_END_ERROR);
    assert_int_equal(llmgw_error_get_kind(llmgw_attempt_error(first)),
                     LLMGW_KIND_UPSTREAM_UNAVAILABLE);
    assert_int_equal(llmgw_call_plan_usable(call, 0), 0);
    assert_int_equal(fake_requests(it.other), 1);
    llmgw_call_free(call);
    close_cloud(&it);
}

static void an_expired_token_is_replaced_once(void **state)
{
    struct cloud it;
    llmgw_call *call;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "");
    expect_answer(&it, "tok-one");
    give_token(&it, "tok-two", 3600, "");
    fake_script(it.provider, "", "error=auth with=tok-one");
    call = ask(&it, "cloud/m");
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_call_attempt_count(call), 2);
    expect_token(&it, "tok-two");
    llmgw_call_free(call);
    assert_int_equal(fake_requests(it.tokens), 2);
    close_cloud(&it);
}

static void fresh_tokens_that_are_refused_are_no_storm(void **state)
{
    struct cloud it;
    llmgw_call *call;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "");
    fake_script(it.provider, "", "error=auth");
    call = ask(&it, "cloud/m");
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_AUTH);
    assert_int_equal(llmgw_call_attempt_count(call), 2);
    llmgw_call_free(call);
    assert_int_equal(fake_requests(it.tokens), 2);
    for (int i = 0; i < 5; i++) {
        call = ask(&it, "cloud/m");
        assert_string_equal(llmgw_error_message(llmgw_call_error(call)),
                            "the provider refuses fresh credentials too");
        llmgw_call_free(call);
    }
    assert_int_equal(fake_requests(it.tokens), 2);
    assert_int_equal(fake_requests(it.provider), 2);
    fake_clear(it.provider);
    pass_s(1);
    expect_answer(&it, "tok-one");
    close_cloud(&it);
}

/* --- calls that end while they wait --- */

static void a_cancelled_call_hands_its_lease_on(void **state)
{
    struct cloud it;
    llmgw_call *calls[3];
    int ended = 0;

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-late", 3600, "stall_before times=1");
    fake_reply(it.tokens, "", 200, "", (llmgw_str){"tok-two 0", 9}, "");
    for (int i = 0; i < 3; i++)
        calls[i] = start(it.loop, "cloud/m", &ended, 0);
    while (fake_requests(it.tokens) < 1)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    llmgw_call_cancel(calls[0]);
    drive(it.loop, &ended, 3);
    assert_int_equal(llmgw_call_end(calls[0]), LLMGW_END_CANCELLED);
    assert_int_equal(llmgw_call_attempt_count(calls[0]), 1);
    assert_int_equal(llmgw_attempt_end(llmgw_call_attempt(calls[0], 0)),
                     LLMGW_END_CANCELLED);
    assert_int_equal(llmgw_call_end(calls[1]), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_call_end(calls[2]), LLMGW_END_RESPONSE);
    assert_int_equal(fake_requests(it.tokens), 2);
    for (int i = 0; i < 3; i++)
        llmgw_call_free(calls[i]);
    close_cloud(&it);
}

static void a_deadline_passes_while_it_waits(void **state)
{
    struct cloud it;
    llmgw_call *call;
    int ended = 0;

    (void)state;
    open_cloud(&it);
    fake_script(it.tokens, "", "stall_before");
    call = start(it.loop, "both", &ended, 5000);
    while (fake_requests(it.tokens) < 1)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    pass_s(5);
    drive(it.loop, &ended, 1);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_DEADLINE);
    assert_int_equal(llmgw_call_attempt_count(call), 1);
    assert_int_equal(
        llmgw_attempt_ns(llmgw_call_attempt(call, 0), LLMGW_TIME_CREDENTIAL),
        5 * LLMGW__SECOND);
    llmgw_call_free(call);
    close_cloud(&it);
}

static void a_fetch_that_takes_too_long_has_failed(void **state)
{
    struct cloud it;
    llmgw_call *call;
    int ended = 0;

    (void)state;
    open_cloud(&it);
    fake_script(it.tokens, "", "stall_before");
    call = start(it.loop, "both", &ended, 0);
    while (fake_requests(it.tokens) < 1)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    pass_s(20);
    drive(it.loop, &ended, 1);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_string_equal(
        llmgw_error_message(llmgw_attempt_error(llmgw_call_attempt(call, 0))),
        "token endpoint: 0 no answer within the time limit");
    llmgw_call_free(call);
    close_cloud(&it);
}

static void loops_and_calls_are_freed_while_they_wait(void **state)
{
    struct cloud it;
    llmgw_call *freed, *kept;
    int ended = 0;

    (void)state;
    open_cloud(&it);
    fake_script(it.tokens, "", "stall_before");
    freed = start(it.loop, "cloud/m", &ended, 0);
    kept = start(it.loop, "cloud/m", &ended, 0);
    while (fake_requests(it.tokens) < 1)
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    llmgw_call_free(freed);
    while (fake_requests(it.tokens) < 2) /* the other one took over */
        assert_int_equal(llmgw_loop_run(it.loop, 10), LLMGW_OK);
    close_cloud(&it);
    assert_int_equal(llmgw_call_end(kept), LLMGW_END_CANCELLED);
    llmgw_call_free(kept);
}

static void a_blocking_call_fetches_too(void **state)
{
    struct cloud it;
    struct caller caller = {0};

    (void)state;
    open_cloud(&it);
    give_token(&it, "tok-one", 3600, "first_delay_ms=20");
    caller_ask(&caller, it.gateway, CALLER_BLOCKING, "cloud/m", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    expect_token(&it, "tok-one");
    llmgw_call_free(caller.call);
    close_cloud(&it);
}

static void every_failed_allocation_ends_a_call_cleanly(void **state)
{
    int failed = 1, answered = 0;

    (void)state;
    for (int nth = 0; failed; nth++) {
        struct cloud it;
        llmgw_call *call = NULL;
        llmgw_request *request;
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_status status;
        int ended = 0;

        open_cloud(&it);
        give_token(&it, "tok-one", 3600, "");
        assert_int_equal(llmgw_request_create("both", &request), LLMGW_OK);
        assert_int_equal(
            llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2}),
            LLMGW_OK);
        options.on_done = count_end;
        options.userdata = &ended;
        fail_allocation(nth);
        status = llmgw_chat_start(it.loop, request, &options, &call);
        while (status == LLMGW_OK && !ended)
            (void)llmgw_loop_run(it.loop, 20);
        failed = allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
        answered =
            status == LLMGW_OK && llmgw_call_end(call) == LLMGW_END_RESPONSE;
        llmgw_call_free(call);
        llmgw_request_free(request);
        close_cloud(&it);
    }
    assert_true(answered);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_fetched_and_kept),
        cmocka_unit_test(what_was_waited_for_is_told),
        cmocka_unit_test(many_threads_fetch_once),
        cmocka_unit_test(a_loop_that_is_not_driven_holds_nobody_up),
        cmocka_unit_test(it_is_renewed_in_time_and_nobody_waits),
        cmocka_unit_test(a_renewal_that_fails_harms_nobody_yet),
        cmocka_unit_test(a_failed_fetch_is_not_repeated_at_once),
        cmocka_unit_test(without_a_token_the_next_target_is_asked),
        cmocka_unit_test(an_expired_token_is_replaced_once),
        cmocka_unit_test(fresh_tokens_that_are_refused_are_no_storm),
        cmocka_unit_test(a_cancelled_call_hands_its_lease_on),
        cmocka_unit_test(a_deadline_passes_while_it_waits),
        cmocka_unit_test(a_fetch_that_takes_too_long_has_failed),
        cmocka_unit_test(loops_and_calls_are_freed_while_they_wait),
        cmocka_unit_test(a_blocking_call_fetches_too),
        cmocka_unit_test(every_failed_allocation_ends_a_call_cleanly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
