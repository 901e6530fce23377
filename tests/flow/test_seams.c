/*
 * What a host may bring along: its own wait, its own HTTP, its own clock, its
 * own ledger store. And every allocation of a whole call failing in turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>

#include "support/alloc.h"
#include "support/caller.h"
#include "support/fake_provider.h"

#define TWO_TARGETS                                                     \
    "{'environment':false,'providers':{"                                \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'secret-1'},"  \
    "'two':{'type':'openai','base_url':'$2/v1','api_key':'secret-2'}}," \
    "'routes':{'smart':{'targets':['one/m','two/gpt-4.1-mini']}}}"

/* --- the host's own HTTP, answered from memory --- */

#define BODY                                                                  \
    "data: {\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1," \
    "\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"       \
    "\"hello\"},\"finish_reason\":null}]}\n\n"                                \
    "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},"             \
    "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":10,"           \
    "\"completion_tokens\":2,\"total_tokens\":12}}\n\ndata: [DONE]\n\n"

struct memory_http {
    int started;
    int cancelled;
    int refuse; /* this many, before answering */
    int later;  /* keep them, to be answered by the test */
    llmgw_exchange *kept;
    char url[256];
    char key[64];
    char body[1024];
};

static void answer(llmgw_exchange *exchange)
{
    llmgw_exchange_connected(exchange);
    llmgw_exchange_header(exchange, (llmgw_str){"Content-Type", 12},
                          (llmgw_str){"text/event-stream", 17});
    llmgw_exchange_head(exchange, 200);
    for (size_t i = 0; i < sizeof BODY - 1; i++)
        if (llmgw_exchange_data(exchange, (llmgw_str){&BODY[i], 1}))
            break;
    llmgw_exchange_end(exchange, 0, (llmgw_str){"", 0});
}

static void note_request(struct memory_http *http, llmgw_exchange *exchange)
{
    llmgw_str url = llmgw_exchange_url(exchange);
    size_t len;

    snprintf(http->url, sizeof http->url, "%.*s", (int)url.len, url.data);
    for (size_t i = 0; i < llmgw_exchange_header_count(exchange); i++) {
        llmgw_str name = llmgw_exchange_header_name(exchange, i);
        llmgw_str value = llmgw_exchange_header_value(exchange, i);

        if (name.len == 13 && memcmp(name.data, "authorization", 13) == 0)
            snprintf(http->key, sizeof http->key, "%.*s", (int)value.len,
                     value.data);
    }
    len = llmgw_exchange_body_read(exchange, 0, http->body,
                                   sizeof http->body - 1);
    http->body[len] = '\0';
    assert_int_equal(len, llmgw_exchange_body_len(exchange));
}

static int32_t memory_start(llmgw_exchange *exchange, void *userdata)
{
    struct memory_http *http = userdata;

    http->started++;
    note_request(http, exchange);
    if (http->refuse > 0) {
        http->refuse--;
        return 1;
    }
    if (http->later)
        http->kept = exchange;
    else
        answer(exchange);
    return 0;
}

static void memory_cancel(llmgw_exchange *exchange, void *userdata)
{
    struct memory_http *http = userdata;

    if (http->later)
        assert_ptr_equal(exchange, http->kept);
    http->cancelled++;
}

static llmgw_gateway *open_with_memory(struct memory_http *http)
{
    llmgw_transport transport = {sizeof transport, 0, http, memory_start,
                                 memory_cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.transport = &transport;
    return caller_open_with(&options, TWO_TARGETS, "https://one.test",
                            "https://two.test", "");
}

static void a_host_may_carry_the_exchanges(void **state)
{
    (void)state;
    for (int mode = 0; mode < CALLER_MODES; mode++) {
        struct memory_http http = {0};
        llmgw_gateway *gateway = open_with_memory(&http);
        struct caller caller = {0};

        http.refuse = 1;
        caller_ask(&caller, gateway, (enum caller_mode)mode, "smart", "hi");
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
        assert_string_equal(caller.text, "hello");
        assert_int_equal(http.started, 2);
        assert_int_equal(llmgw_error_get_kind(llmgw_attempt_error(
                             llmgw_call_attempt(caller.call, 0))),
                         LLMGW_KIND_CONNECTION);
        assert_string_equal(http.url, "https://two.test/v1/chat/completions");
        assert_string_equal(http.key, "Bearer secret-2");
        assert_non_null(strstr(http.body, "\"model\":\"gpt-4.1-mini\""));
        llmgw_call_free(caller.call);
        llmgw_gateway_close(gateway);
    }
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    (*(int *)userdata)++;
}

static llmgw_call *start_call(llmgw_loop *loop, int *done)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call = NULL;

    options.on_done = count_done;
    options.userdata = done;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    llmgw_request_free(request);
    return call;
}

static void a_carried_exchange_is_cancelled_with_its_call(void **state)
{
    struct memory_http http = {0};
    llmgw_gateway *gateway = open_with_memory(&http);
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    http.later = 1;
    llmgw_loop_create(gateway, &loop);
    call = start_call(loop, &done);
    llmgw_loop_run(loop, 0);
    assert_non_null(http.kept);
    llmgw_call_cancel(call);
    while (!done)
        llmgw_loop_run(loop, -1);
    assert_int_equal(http.cancelled, 1);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
}

/* --- the host's own clock --- */

static uint64_t ticks(void *userdata)
{
    return *(uint64_t *)userdata;
}

static void limits_run_on_the_hosts_clock(void **state)
{
    struct memory_http http = {0};
    uint64_t now = 5;
    llmgw_clock clock = {sizeof clock, 0, &now, ticks, NULL, NULL};
    llmgw_transport transport = {sizeof transport, 0, &http, memory_start,
                                 memory_cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    options.clock = &clock;
    options.transport = &transport;
    gateway = caller_open_with(&options, TWO_TARGETS, "https://one.test",
                               "https://two.test", "");
    http.later = 1;
    llmgw_loop_create(gateway, &loop);
    call = start_call(loop, &done);
    llmgw_loop_run(loop, 0);
    assert_int_equal(http.started, 1);
    assert_int_equal(llmgw_loop_timeout_ms(loop), 10000); /* connect limit */
    now += UINT64_C(9999) * 1000000;
    llmgw_loop_run(loop, 0);
    assert_int_equal(http.started, 1);
    now += UINT64_C(1) * 1000000;
    llmgw_loop_run(loop, 0); /* the first target's limit has passed */
    llmgw_loop_run(loop, 0);
    assert_int_equal(http.cancelled, 1);
    assert_int_equal(http.started, 2);
    answer(http.kept);
    while (!done)
        llmgw_loop_run(loop, 0);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    assert_int_equal(
        llmgw_attempt_ns(llmgw_call_attempt(call, 0), LLMGW_TIME_END),
        UINT64_C(10000) * 1000000);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
}

static void a_whole_answer_may_take_its_time(void **state)
{
    struct memory_http http = {0};
    uint64_t now = 5;
    llmgw_clock clock = {sizeof clock, 0, &now, ticks, NULL, NULL};
    llmgw_transport transport = {sizeof transport, 0, &http, memory_start,
                                 memory_cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    options.clock = &clock;
    options.transport = &transport;
    gateway = caller_open_with(&options, TWO_TARGETS, "https://one.test",
                               "https://two.test", "");
    http.later = 1;
    llmgw_loop_create(gateway, &loop);
    call = start_call(loop, &done); /* not streamed */
    llmgw_loop_run(loop, 0);
    llmgw_exchange_connected(http.kept);
    now += UINT64_C(599) * 1000000000;
    llmgw_loop_run(loop, 0);
    assert_int_equal(http.cancelled, 0);
    now += UINT64_C(1) * 1000000000; /* the total limit holds */
    while (!done)
        llmgw_loop_run(loop, 0);
    assert_int_equal(http.cancelled, 1);
    assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                     LLMGW_KIND_DEADLINE);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
}

/* --- the host's own store --- */

struct list_store {
    llmgw_store_op *waiting[64];
    int waiting_count;
    int opened;
    int settled;
    int closed;
    int slow;
};

static void store_submit(llmgw_store_op *op, void *userdata)
{
    struct list_store *store = userdata;

    store->opened += llmgw_store_op_get_kind(op) == LLMGW_STORE_OPEN;
    store->settled += llmgw_store_op_get_kind(op) == LLMGW_STORE_SETTLE;
    if (store->slow)
        store->waiting[store->waiting_count++] = op;
    else
        llmgw_store_complete(op, LLMGW_OK);
}

static void store_process(uint64_t now_ns, void *userdata)
{
    struct list_store *store = userdata;

    (void)now_ns;
    while (store->waiting_count > 0)
        llmgw_store_complete(store->waiting[--store->waiting_count], LLMGW_OK);
}

static void store_close(void *userdata)
{
    store_process(0, userdata);
    ((struct list_store *)userdata)->closed++;
}

static void a_host_may_keep_the_ledger(void **state)
{
    (void)state;
    for (int slow = 0; slow < 2; slow++) {
        struct memory_http http = {0};
        struct list_store list = {.slow = slow};
        llmgw_store store = {sizeof store,  0,           &list, store_submit,
                             store_process, store_close, NULL};
        llmgw_transport transport = {sizeof transport, 0, &http, memory_start,
                                     memory_cancel};
        llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
        struct caller caller = {0};
        llmgw_gateway *gateway;

        options.store = &store;
        options.transport = &transport;
        gateway = caller_open_with(&options, TWO_TARGETS, "https://a.test",
                                   "https://b.test", "");
        http.refuse = 1;
        caller_ask(&caller, gateway, CALLER_LOOP, "smart", "hi");
        assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
        assert_int_equal(list.opened, 2);
        assert_int_equal(list.settled, 2);
        llmgw_call_free(caller.call);
        llmgw_gateway_close(gateway);
        assert_int_equal(list.closed, 1);
    }
}

/* --- the host's own wait: sockets and a timer --- */

struct watcher {
    struct pollfd fds[64];
    int count;
    int64_t timeout;
};

static void watch_socket(intptr_t fd, uint32_t events, void *userdata)
{
    struct watcher *watcher = userdata;
    int at = 0;

    while (at < watcher->count && watcher->fds[at].fd != (int)fd)
        at++;
    if (!events) {
        if (at < watcher->count)
            watcher->fds[at] = watcher->fds[--watcher->count];
        return;
    }
    if (at == watcher->count)
        watcher->count++;
    watcher->fds[at].fd = (int)fd;
    watcher->fds[at].events = (short)((events & LLMGW_POLL_IN ? POLLIN : 0) |
                                      (events & LLMGW_POLL_OUT ? POLLOUT : 0));
}

static void watch_timer(int64_t timeout_ms, void *userdata)
{
    ((struct watcher *)userdata)->timeout = timeout_ms;
}

/** One round of a host's event loop. */
static void host_round(llmgw_loop *loop, struct watcher *watcher)
{
    struct pollfd ready[64];
    int count = watcher->count;
    int found;

    memcpy(ready, watcher->fds, sizeof ready);
    for (int i = 0; i < count; i++)
        ready[i].revents = 0;
    found = poll(ready, (nfds_t)count, (int)watcher->timeout);
    if (found == 0)
        llmgw_loop_expired(loop);
    for (int i = 0; found > 0 && i < count; i++)
        if (ready[i].revents)
            llmgw_loop_ready(
                loop, ready[i].fd,
                (ready[i].revents & POLLIN ? (uint32_t)LLMGW_POLL_IN : 0u) |
                    (ready[i].revents & POLLOUT ? (uint32_t)LLMGW_POLL_OUT
                                                : 0u) |
                    (ready[i].revents & (POLLERR | POLLHUP)
                         ? (uint32_t)LLMGW_POLL_ERROR
                         : 0u));
}

static void a_host_may_watch_the_sockets(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway =
        caller_open(TWO_TARGETS, fake_url(fake), fake_url(fake), "");
    struct watcher watcher = {.timeout = -1};
    llmgw_loop_hooks hooks = LLMGW_LOOP_HOOKS_INIT;
    llmgw_call *calls[20];
    llmgw_loop *loop;
    int done = 0;

    (void)state;
    fake_script(fake, "", "status=500 times=10");
    hooks.on_socket = watch_socket;
    hooks.on_timer = watch_timer;
    hooks.userdata = &watcher;
    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    assert_int_equal(llmgw_loop_set_hooks(loop, &hooks), LLMGW_OK);
    assert_true(watcher.count >= 1); /* the wakeup */
    for (int i = 0; i < 20; i++)
        calls[i] = start_call(loop, &done);
    llmgw_call_cancel(calls[19]);
    while (done < 20)
        host_round(loop, &watcher);
    for (int i = 0; i < 19; i++)
        assert_int_equal(llmgw_call_end(calls[i]), LLMGW_END_RESPONSE);
    assert_int_equal(llmgw_call_end(calls[19]), LLMGW_END_CANCELLED);
    for (int i = 0; i < 20; i++)
        llmgw_call_free(calls[i]);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

/* --- a tool loop asks again from on_done; what may not be done there --- */

struct again {
    llmgw_loop *loop;
    llmgw_gateway *gateway;
    llmgw_call *second;
    int done;
};

static void ask_again(llmgw_call *call, void *userdata)
{
    struct again *again = userdata;
    llmgw_call *refused = NULL;
    llmgw_request *request;

    again->done++;
    assert_int_equal(llmgw_loop_run(again->loop, 0), LLMGW_E_REENTRANT);
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    assert_int_equal(llmgw_chat(again->gateway, request, NULL, &refused),
                     LLMGW_E_REENTRANT);
    assert_null(refused);
    if (again->done == 1) {
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;

        options.on_done = ask_again;
        options.userdata = again;
        assert_int_equal(
            llmgw_chat_start(again->loop, request, &options, &again->second),
            LLMGW_OK);
        llmgw_call_free(call); /* memory goes when the callback returned */
    }
    llmgw_request_free(request);
}

static void a_callback_may_start_and_free_but_not_drive(void **state)
{
    struct memory_http http = {0};
    struct again again = {0};
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;
    llmgw_call *call;

    (void)state;
    again.gateway = open_with_memory(&http);
    llmgw_loop_create(again.gateway, &again.loop);
    options.on_done = ask_again;
    options.userdata = &again;
    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    llmgw_chat_start(again.loop, request, &options, &call);
    llmgw_request_free(request);
    while (again.done < 2)
        assert_int_equal(llmgw_loop_run(again.loop, -1), LLMGW_OK);
    llmgw_call_free(again.second);
    llmgw_loop_free(again.loop);
    llmgw_gateway_close(again.gateway);
}

/* --- every allocation fails in turn --- */

struct oom {
    struct memory_http http;
    size_t len;
};

static int32_t take_chunk(const llmgw_chunk *chunk, void *userdata)
{
    llmgw_str json;

    ((struct oom *)userdata)->len += llmgw_chunk_text(chunk).len;
    (void)llmgw_chunk_json(chunk, &json);
    return 0;
}

static int32_t count_entry(const llmgw_entry *entry, void *userdata)
{
    assert_int_not_equal(llmgw_entry_get_state(entry), LLMGW_ENTRY_OPEN);
    (*(int *)userdata)++;
    return 0;
}

/** A whole life of a gateway; @return the end of its one call, or -1. */
static int one_life(struct oom *oom, int nth, int *entries, int *reached)
{
    static const char config[] =
        "{\"environment\":false,\"providers\":{\"one\":{\"type\":\"openai\","
        "\"base_url\":\"https://a.test/v1\",\"api_key\":\"k\"}}}";
    llmgw_transport transport = {sizeof transport, 0, &oom->http, memory_start,
                                 memory_cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_chat_options chat = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_gateway *gateway = NULL;
    llmgw_request *request = NULL;
    llmgw_error *error = NULL;
    llmgw_call *call = NULL;
    llmgw_str json;
    int end = -1;

    options.transport = &transport;
    options.config_json = (llmgw_str){config, sizeof config - 1};
    chat.on_chunk = take_chunk;
    chat.userdata = oom;
    fail_allocation(nth);
    if (llmgw_gateway_open(&options, &gateway, &error) == LLMGW_OK &&
        llmgw_request_create("one/gpt-4.1", &request) == LLMGW_OK &&
        llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2}) ==
            LLMGW_OK &&
        llmgw_chat(gateway, request, &chat, &call) == LLMGW_OK) {
        end = llmgw_call_end(call);
        if (llmgw_call_response(call))
            (void)llmgw_response_json(llmgw_call_response(call), &json);
        if (end == LLMGW_END_ERROR)
            assert_int_equal(llmgw_error_get_kind(llmgw_call_error(call)),
                             LLMGW_KIND_OUT_OF_MEMORY);
    }
    *reached = allow_allocations();
    if (gateway)
        (void)llmgw_ledger_read(gateway, NULL, count_entry, entries);
    llmgw_call_free(call);
    llmgw_request_free(request);
    llmgw_error_free(error);
    llmgw_gateway_close(gateway);
    return end;
}

static void a_whole_life_survives_every_failed_allocation(void **state)
{
    int responses = 0;
    int errors = 0;

    (void)state;
    for (int nth = 0, reached = 1; reached && nth < 2000; nth++) {
        struct oom oom = {0};
        int entries = 0;
        int end = one_life(&oom, nth, &entries, &reached);

        responses += end == LLMGW_END_RESPONSE;
        errors += end == LLMGW_END_ERROR;
        /* whatever reached the provider is in the ledger */
        if (oom.http.started)
            assert_int_equal(entries, 1);
        if (end == LLMGW_END_RESPONSE)
            assert_int_equal(oom.len, 5);
    }
    assert_true(responses > 0);
    assert_true(errors > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_may_carry_the_exchanges),
        cmocka_unit_test(a_carried_exchange_is_cancelled_with_its_call),
        cmocka_unit_test(limits_run_on_the_hosts_clock),
        cmocka_unit_test(a_whole_answer_may_take_its_time),
        cmocka_unit_test(a_host_may_keep_the_ledger),
        cmocka_unit_test(a_host_may_watch_the_sockets),
        cmocka_unit_test(a_callback_may_start_and_free_but_not_drive),
        cmocka_unit_test(a_whole_life_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
