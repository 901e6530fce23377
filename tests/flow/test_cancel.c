/*
 * Cancelling at every moment, from every place: exactly one end, the
 * connection closed, the entry written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define ONE_TARGET                                              \
    "{'environment':false,'providers':{'one':{'type':'openai'," \
    "'base_url':'$1/v1','api_key':'k'}}}"

struct host {
    struct fake *fake;
    llmgw_gateway *gateway;
};

static int set_up(void **state)
{
    static struct host host;

    host.fake = fake_start();
    assert_non_null(host.fake);
    host.gateway = caller_open(ONE_TARGET, fake_url(host.fake), "", "");
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

static void expect_cancelled(struct host *host, struct caller *caller,
                             size_t entries)
{
    assert_int_equal(caller->done, 1);
    assert_int_equal(llmgw_call_end(caller->call), LLMGW_END_CANCELLED);
    assert_null(llmgw_call_error(caller->call));
    assert_int_equal(caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED),
                     entries);
    assert_int_equal(caller_entries(host->gateway, LLMGW_ENTRY_OPEN), 0);
}

static void a_callbacks_value_stops_the_call(void **state)
{
    struct host *host = *state;

    for (int mode = 0; mode < CALLER_MODES; mode++) {
        size_t entries = caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED);
        size_t aborted = fake_aborted(host->fake);
        struct caller caller = {0};

        caller.stop_at = 4;
        caller.stop_with = 42;
        fake_clear(host->fake);
        fake_script(host->fake, "", "chunks=500 delay_us=500");
        caller_ask(&caller, host->gateway, (enum caller_mode)mode, "one/m",
                   "hi");
        expect_cancelled(host, &caller, entries + 1);
        assert_int_equal(llmgw_call_stop_value(caller.call), 42);
        assert_int_equal(caller.chunks, 4);
        assert_int_equal(
            llmgw_response_text(llmgw_call_response(caller.call)).len,
            caller.len);
        llmgw_call_free(caller.call);
        assert_true(fake_wait_ended(host->fake, fake_requests(host->fake)));
        assert_int_equal(fake_aborted(host->fake), aborted + 1);
    }
}

static void a_token_cancels_from_inside_a_callback(void **state)
{
    struct host *host = *state;

    for (int mode = 0; mode < CALLER_MODES; mode++) {
        size_t entries = caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED);
        struct caller caller = {0};

        assert_int_equal(llmgw_cancel_create(&caller.token), LLMGW_OK);
        caller.cancel_at = 3;
        fake_clear(host->fake);
        fake_script(host->fake, "", "chunks=500 delay_us=500");
        caller_ask(&caller, host->gateway, (enum caller_mode)mode, "one/m",
                   "hi");
        expect_cancelled(host, &caller, entries + 1);
        assert_int_equal(llmgw_call_stop_value(caller.call), 0);
        assert_int_equal(caller.chunks, 3);
        llmgw_call_free(caller.call);
        llmgw_cancel_free(caller.token);
    }
}

static void a_triggered_token_cancels_before_anything_is_sent(void **state)
{
    struct host *host = *state;
    size_t requests = fake_requests(host->fake);
    size_t entries = caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED);
    struct caller caller = {0};

    llmgw_cancel_create(&caller.token);
    llmgw_cancel_trigger(caller.token);
    caller_ask(&caller, host->gateway, CALLER_BLOCKING, "one/m", "hi");
    expect_cancelled(host, &caller, entries); /* no attempt, no entry */
    assert_null(llmgw_call_response(caller.call));
    assert_int_equal(fake_requests(host->fake), requests);
    llmgw_call_free(caller.call);
    llmgw_cancel_free(caller.token);
}

struct other {
    struct fake *fake;
    llmgw_cancel *token;
    size_t wait_for;
};

static void *cancel_when_asked(void *userdata)
{
    struct other *other = userdata;

    (void)fake_wait_requests(other->fake, other->wait_for);
    llmgw_cancel_trigger(other->token);
    return NULL;
}

static void a_token_cancels_from_another_thread(void **state)
{
    struct host *host = *state;

    for (int mode = 0; mode < CALLER_MODES; mode++) {
        size_t entries = caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED);
        struct caller caller = {0};
        struct other other;
        pthread_t thread;

        llmgw_cancel_create(&caller.token);
        fake_clear(host->fake);
        fake_script(host->fake, "", "stall_before");
        other.fake = host->fake;
        other.token = caller.token;
        other.wait_for = fake_requests(host->fake) + 1;
        assert_int_equal(
            pthread_create(&thread, NULL, cancel_when_asked, &other), 0);
        caller_ask(&caller, host->gateway, (enum caller_mode)mode, "one/m",
                   "hi");
        pthread_join(thread, NULL);
        expect_cancelled(host, &caller, entries + 1);
        llmgw_call_free(caller.call);
        llmgw_cancel_free(caller.token);
    }
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    (*(int *)userdata)++;
}

static llmgw_call *start(llmgw_loop *loop, int *done)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    options.on_done = count_done;
    options.userdata = done;
    llmgw_request_create("one/m", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    llmgw_request_free(request);
    return call;
}

static void a_call_can_be_cancelled_at_once_and_twice(void **state)
{
    struct host *host = *state;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    assert_int_equal(llmgw_loop_create(host->gateway, &loop), LLMGW_OK);
    call = start(loop, &done);
    llmgw_call_cancel(call);
    llmgw_call_cancel(call);
    assert_int_equal(done, 0);
    while (llmgw_loop_active(loop) || !done)
        llmgw_loop_run(loop, -1);
    llmgw_loop_run(loop, 0);
    assert_int_equal(done, 1);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
}

static void a_freed_call_is_cancelled_and_says_nothing_more(void **state)
{
    struct host *host = *state;
    size_t entries = caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED);
    llmgw_loop *loop;
    int done = 0;

    fake_clear(host->fake);
    fake_script(host->fake, "", "stall_before");
    llmgw_loop_create(host->gateway, &loop);
    llmgw_call *call = start(loop, &done);
    size_t wanted = fake_requests(host->fake) + 1;
    while (fake_requests(host->fake) < wanted)
        llmgw_loop_run(loop, 10);
    llmgw_call_free(call);
    while (llmgw_loop_active(loop))
        llmgw_loop_run(loop, -1);
    assert_int_equal(done, 0);
    assert_int_equal(caller_entries(host->gateway, LLMGW_ENTRY_CANCELLED),
                     entries + 1);
    llmgw_loop_free(loop);
}

static void freeing_a_loop_ends_its_calls(void **state)
{
    struct host *host = *state;
    llmgw_call *calls[5];
    llmgw_loop *loop;
    int done = 0;

    fake_clear(host->fake);
    fake_script(host->fake, "", "stall_before");
    llmgw_loop_create(host->gateway, &loop);
    for (int i = 0; i < 5; i++)
        calls[i] = start(loop, &done);
    llmgw_loop_run(loop, 0);
    llmgw_loop_free(loop);
    assert_int_equal(done, 5);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(llmgw_call_end(calls[i]), LLMGW_END_CANCELLED);
        llmgw_call_free(calls[i]);
    }
    assert_int_equal(caller_entries(host->gateway, LLMGW_ENTRY_OPEN), 0);
}

static void a_gateway_may_be_closed_while_calls_run(void **state)
{
    struct host *host = *state;
    llmgw_gateway *gateway =
        caller_open(ONE_TARGET, fake_url(host->fake), "", "");
    llmgw_request *request;
    llmgw_loop *loop;
    llmgw_call *call;
    llmgw_call *refused;
    int done = 0;

    fake_clear(host->fake);
    llmgw_loop_create(gateway, &loop);
    call = start(loop, &done);
    llmgw_gateway_close(gateway);
    llmgw_request_create("one/m", &request);
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(llmgw_chat_start(loop, request, &options, &refused),
                     LLMGW_E_CLOSED);
    assert_null(refused);
    while (!done)
        llmgw_loop_run(loop, -1);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    llmgw_loop_free(loop);
    assert_true(llmgw_response_text(llmgw_call_response(call)).len > 0);
    llmgw_call_free(call);
    llmgw_request_free(request);
}

struct waker {
    llmgw_loop *loop;
};

static void *wake(void *userdata)
{
    struct waker *waker = userdata;

    llmgw_loop_wakeup(waker->loop);
    return NULL;
}

static void a_waiting_loop_can_be_woken_from_another_thread(void **state)
{
    struct host *host = *state;
    struct waker waker = {0};
    pthread_t thread;

    llmgw_loop_create(host->gateway, &waker.loop);
    assert_int_equal(pthread_create(&thread, NULL, wake, &waker), 0);
    /* nothing else would end this wait */
    assert_int_equal(llmgw_loop_run(waker.loop, -1), LLMGW_OK);
    pthread_join(thread, NULL);
    llmgw_loop_free(waker.loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callbacks_value_stops_the_call),
        cmocka_unit_test(a_token_cancels_from_inside_a_callback),
        cmocka_unit_test(a_triggered_token_cancels_before_anything_is_sent),
        cmocka_unit_test(a_token_cancels_from_another_thread),
        cmocka_unit_test(a_call_can_be_cancelled_at_once_and_twice),
        cmocka_unit_test(a_freed_call_is_cancelled_and_says_nothing_more),
        cmocka_unit_test(freeing_a_loop_ends_its_calls),
        cmocka_unit_test(a_gateway_may_be_closed_while_calls_run),
        cmocka_unit_test(a_waiting_loop_can_be_woken_from_another_thread),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
