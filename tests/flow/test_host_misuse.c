/*
 * Hosts that free, fork, restart and leave things out at the wrong moment.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define ONE_TARGET                                                      \
    "{'environment':false,'providers':{"                                \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'secret-1'}}," \
    "'routes':{'smart':{'targets':['one/m']}}}"

#define NO_LIMITS                                                       \
    "{'environment':false,'providers':{"                                \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'secret-1'}}," \
    "'routes':{'smart':{'targets':['one/m']}},"                         \
    "'limits':{'connect_ms':0,'first_ms':0,'gap_ms':0,'total_ms':0}}"

static llmgw_str view(const char *text)
{
    return (llmgw_str){text, strlen(text)};
}

static llmgw_request *make_request(void)
{
    llmgw_request *request;

    llmgw_request_create("smart", &request);
    llmgw_request_add_text(request, "user", view("hi"));
    return request;
}

static llmgw_status start(llmgw_loop *loop, llmgw_chat_options *options,
                          llmgw_call **out)
{
    llmgw_request *request = make_request();
    llmgw_status status = llmgw_chat_start(loop, request, options, out);

    llmgw_request_free(request);
    return status;
}

static void count_done(llmgw_call *call, void *userdata)
{
    (void)call;
    (*(int *)userdata)++;
}

/* --- a host that asks again whenever a call has ended --- */

struct stubborn {
    llmgw_loop *loop;
    int done;
    llmgw_status refused;
};

static void ask_again(llmgw_call *call, void *userdata)
{
    struct stubborn *stubborn = userdata;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_call *again;

    options.on_done = ask_again;
    options.userdata = stubborn;
    if (stubborn->done++ < 5)
        stubborn->refused = start(stubborn->loop, &options, &again);
    llmgw_call_free(call);
}

static void a_loop_that_is_being_freed_starts_nothing(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway = caller_open(ONE_TARGET, fake_url(fake), "", "");
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    struct stubborn stubborn = {0};
    llmgw_call *call;

    (void)state;
    fake_script(fake, "", "stall_before");
    llmgw_loop_create(gateway, &stubborn.loop);
    options.on_done = ask_again;
    options.userdata = &stubborn;
    assert_int_equal(start(stubborn.loop, &options, &call), LLMGW_OK);
    llmgw_loop_run(stubborn.loop, 0);
    llmgw_loop_free(stubborn.loop);
    assert_int_equal(stubborn.done, 1);
    assert_int_equal(stubborn.refused, LLMGW_E_CLOSED);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

/* --- fork --- */

static int status_of_child(pid_t child)
{
    int status = -1;

    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void a_child_that_frees_all_leaves_the_parents_calls_alone(void **state)
{
    (void)state;
    for (int call_first = 0; call_first < 2; call_first++) {
        struct fake *fake = fake_start();
        llmgw_gateway *gateway =
            caller_open(ONE_TARGET, fake_url(fake), "", "");
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_call *call;
        llmgw_loop *loop;
        int done = 0;
        pid_t child;

        fake_script(fake, "", "chunks=3 first_delay_ms=200");
        llmgw_loop_create(gateway, &loop);
        options.on_done = count_done;
        options.userdata = &done;
        assert_int_equal(start(loop, &options, &call), LLMGW_OK);
        while (fake_requests(fake) == 0)
            llmgw_loop_run(loop, 1);
        child = fork();
        if (child == 0) {
            if (call_first)
                llmgw_call_free(call);
            llmgw_loop_free(loop);
            if (!call_first)
                llmgw_call_free(call);
            llmgw_gateway_close(gateway);
            _exit(done ? 2 : 0);
        }
        assert_int_equal(status_of_child(child), 0);
        for (int turns = 0; !done && turns < 500; turns++)
            llmgw_loop_run(loop, 20);
        assert_int_equal(done, 1);
        assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
        llmgw_call_free(call);
        llmgw_loop_free(loop);
        llmgw_gateway_close(gateway);
        fake_stop(fake);
    }
}

/** A store that has as much of every budget as is wanted. */
static void grant_all(llmgw_store_op *op, void *userdata)
{
    llmgw_store_lease *lease = llmgw_store_op_lease(op);
    int *given_back = userdata;

    if (lease && lease->ends)
        ++*given_back;
    else if (lease)
        lease->granted = lease->want;
    if (!lease && !llmgw_store_op_entry(op))
        llmgw_store_complete(op, LLMGW_E_UNSUPPORTED);
    else
        llmgw_store_complete(op, LLMGW_OK);
}

static void a_child_gives_back_nothing_of_its_parents(void **state)
{
    struct fake *fake = fake_start();
    int given_back = 0;
    llmgw_store store = {sizeof store, 0,    &given_back, grant_all,
                         NULL,         NULL, NULL};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct caller caller = {0};
    llmgw_gateway *gateway;
    pid_t child;

    (void)state;
    options.store = &store;
    gateway = caller_open_with(
        &options,
        "{'environment':false,'budgets':{'b':{'window':'day',"
        "'limit_requests':1000}},'providers':{'one':{'type':'compatible',"
        "'base_url':'$1/v1'}}}",
        fake_url(fake), "", "");
    caller_ask(&caller, gateway, CALLER_BLOCKING, "one/m", "hi");
    assert_int_equal(llmgw_call_end(caller.call), LLMGW_END_RESPONSE);
    llmgw_call_free(caller.call);
    child = fork();
    if (child == 0) {
        llmgw_gateway_close(gateway);
        _exit(given_back);
    }
    assert_int_equal(status_of_child(child), 0);
    assert_int_equal(given_back, 0);
    llmgw_gateway_close(gateway);
    assert_int_equal(given_back, 1);
    fake_stop(fake);
}

static int32_t fork_here(const llmgw_chunk *chunk, void *userdata)
{
    pid_t *child = userdata;

    (void)chunk;
    if (*child < 0)
        *child = fork();
    return 0;
}

static void a_child_forked_inside_a_call_has_no_call(void **state)
{
    struct fake *fake = fake_start();
    llmgw_gateway *gateway = caller_open(ONE_TARGET, fake_url(fake), "", "");
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request = make_request();
    llmgw_call *call;
    pid_t child = -1;
    llmgw_status status;

    (void)state;
    fake_script(fake, "", "chunks=20 delay_us=2000 cut=64");
    options.on_chunk = fork_here;
    options.userdata = &child;
    status = llmgw_chat(gateway, request, &options, &call);
    if (child == 0)
        _exit(status == LLMGW_E_FORKED && !call ? 0 : 1);
    assert_int_equal(status_of_child(child), 0);
    assert_int_equal(status, LLMGW_OK);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    llmgw_call_free(call);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

/* --- a slow store, a host that waits by hooks, and no limit at all --- */

struct slow_store {
    llmgw_store_op *waiting[16];
    int count;
    int delay; /* calls of process until the next one is completed */
    int64_t timeout;
    int states[8]; /* of settled entries */
    int out_of_order;
    uint64_t open_id;
};

static void slow_submit(llmgw_store_op *op, void *userdata)
{
    struct slow_store *store = userdata;

    if (llmgw_store_op_get_kind(op) > LLMGW_STORE_READ)
        llmgw_store_complete(op, LLMGW_E_UNSUPPORTED);
    else
        store->waiting[store->count++] = op;
}

static void slow_process(uint64_t now_ns, void *userdata)
{
    struct slow_store *store = userdata;
    llmgw_store_op *first = store->waiting[0];
    llmgw_store_op_kind kind;
    llmgw_entry_state entry_state;

    (void)now_ns;
    if (!store->count || store->delay-- > 0)
        return;
    store->delay = 2;
    kind = llmgw_store_op_get_kind(first);
    entry_state = llmgw_entry_get_state(llmgw_store_op_entry(first));
    if ((kind == LLMGW_STORE_OPEN) != (entry_state == LLMGW_ENTRY_OPEN))
        store->out_of_order++;
    if (kind == LLMGW_STORE_SETTLE)
        store->states[entry_state]++;
    store->count--;
    memmove(store->waiting, store->waiting + 1,
            (size_t)store->count * sizeof *store->waiting);
    llmgw_store_complete(first, LLMGW_OK);
}

static void slow_close(void *userdata)
{
    struct slow_store *store = userdata;

    while (store->count)
        slow_process(0, store);
}

static void ignore_socket(intptr_t fd, uint32_t events, void *userdata)
{
    (void)fd;
    (void)events;
    (void)userdata;
}

static void keep_timeout(int64_t timeout_ms, void *userdata)
{
    ((struct slow_store *)userdata)->timeout = timeout_ms;
}

static int32_t refuse_start(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    (void)userdata;
    return 1;
}

static void ignore_cancel(llmgw_exchange *exchange, void *userdata)
{
    (void)exchange;
    (void)userdata;
}

static llmgw_gateway *open_slow(struct slow_store *slow)
{
    llmgw_store store = {sizeof store, 0,          slow, slow_submit,
                         slow_process, slow_close, NULL};
    llmgw_transport transport = {sizeof transport, 0, NULL, refuse_start,
                                 ignore_cancel};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;

    options.store = &store;
    options.transport = &transport;
    return caller_open_with(&options, NO_LIMITS, "https://one.test", "", "");
}

static void a_slow_store_gets_turns_through_hooks_too(void **state)
{
    struct slow_store slow = {.delay = 2, .timeout = -1};
    llmgw_gateway *gateway = open_slow(&slow);
    llmgw_loop_hooks hooks = LLMGW_LOOP_HOOKS_INIT;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    hooks.on_socket = ignore_socket;
    hooks.on_timer = keep_timeout;
    hooks.userdata = &slow;
    llmgw_loop_create(gateway, &loop);
    assert_int_equal(llmgw_loop_set_hooks(loop, &hooks), LLMGW_OK);
    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(start(loop, &options, &call), LLMGW_OK);
    for (int turn = 0; turn < 100 && (!done || slow.count); turn++) {
        int64_t told = slow.timeout;

        assert_true(told >= 0); /* else nobody would come back */
        slow.timeout = -1;
        llmgw_loop_expired(loop);
    }
    assert_int_equal(done, 1);
    assert_int_equal(slow.count, 0);
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
}

static void
a_call_cancelled_before_its_intent_is_kept_settles_after(void **state)
{
    struct slow_store slow = {.delay = 4};
    llmgw_gateway *gateway = open_slow(&slow);
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_loop *loop;
    llmgw_call *call;
    int done = 0;

    (void)state;
    llmgw_loop_create(gateway, &loop);
    options.on_done = count_done;
    options.userdata = &done;
    assert_int_equal(start(loop, &options, &call), LLMGW_OK);
    llmgw_loop_run(loop, 0);
    llmgw_call_cancel(call);
    while (!done)
        llmgw_loop_run(loop, 0);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_CANCELLED);
    assert_int_equal(slow.count, 1); /* one operation of a row at a time */
    llmgw_call_free(call);
    llmgw_loop_free(loop);
    llmgw_gateway_close(gateway);
    assert_int_equal(slow.out_of_order, 0);
    assert_int_equal(slow.states[LLMGW_ENTRY_CANCELLED], 1);
}

/* --- structs that were not filled in --- */

static void a_gateway_refuses_what_it_cannot_use(void **state)
{
    struct slow_store slow = {0};
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_transport transport = {sizeof transport, 0, NULL, refuse_start, NULL};
    llmgw_store store = {sizeof store, 0, &slow, NULL, NULL, NULL, NULL};
    llmgw_clock clock = {0};
    llmgw_gateway *gateway;

    (void)state;
    options.config_json = view("{}");
    options.transport = &transport;
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL),
                     LLMGW_E_INVALID);
    transport.start = NULL;
    transport.cancel = ignore_cancel;
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL),
                     LLMGW_E_INVALID);
    transport.start = refuse_start;
    transport.size = 0;
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL),
                     LLMGW_E_INVALID);
    options.transport = NULL;
    options.store = &store;
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL),
                     LLMGW_E_INVALID);
    options.store = NULL;
    options.clock = &clock;
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL),
                     LLMGW_E_INVALID);
    options.clock = NULL;
    options.config_json = (llmgw_str){NULL, 5};
    assert_int_equal(llmgw_gateway_open(&options, &gateway, NULL),
                     LLMGW_E_INVALID);
    assert_null(gateway);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_loop_that_is_being_freed_starts_nothing),
        cmocka_unit_test(a_child_that_frees_all_leaves_the_parents_calls_alone),
        cmocka_unit_test(a_child_forked_inside_a_call_has_no_call),
        cmocka_unit_test(a_child_gives_back_nothing_of_its_parents),
        cmocka_unit_test(a_slow_store_gets_turns_through_hooks_too),
        cmocka_unit_test(
            a_call_cancelled_before_its_intent_is_kept_settles_after),
        cmocka_unit_test(a_gateway_refuses_what_it_cannot_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
