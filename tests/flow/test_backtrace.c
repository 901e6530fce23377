/*
 * What runs in a host's callback sees the whole stack below it, where the
 * library is built with unwind tables (Debug, sanitizers, or by the option):
 * they are left out only where no code of the host's can be above.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#if defined(__GLIBC__) && !defined(LLMGW_NO_TABLES)
#include <execinfo.h>
#else
#define backtrace(frames, count) ((void)(frames), (void)(count), -1)
#endif

#include <llmgw/llmgw.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define FRAMES 256
#define CONFIG                                                  \
    "{'environment':false,'providers':{"                        \
    "'oai':{'type':'openai','base_url':'$1/v1','api_key':'k'}," \
    "'ant':{'type':'anthropic','base_url':'$1','api_key':'k'}," \
    "'res':{'type':'openai','base_url':'$1/v1','api_key':'k',"  \
    "'settings':{'api':'responses'}},"                          \
    "'goo':{'type':'google','base_url':'$1','api_key':'k'}}}"
#define DELTA \
    "data: {\"type\":\"response.output_text.delta\",\"delta\":\"hello\"}\n\n"

static const char responses[] = DELTA DELTA DELTA
    "data: {\"type\":\"response.completed\",\"response\":{\"status\":"
    "\"completed\",\"output\":[]}}\n\n";

/* Where the host called from. */
struct host {
    void *caller; /* an address the stack must lead back to */
    int callbacks;
    int lost; /* callbacks whose stack did not lead there */
};

static void look(struct host *host)
{
    void *frames[FRAMES];
    int count = backtrace(frames, FRAMES);

    host->callbacks++;
    for (int i = 0; i < count; i++)
        if (frames[i] == host->caller)
            return;
    host->lost++;
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    (void)chunk;
    look(userdata);
    return 0;
}

static void on_done(llmgw_call *call, void *userdata)
{
    look(userdata);
    assert_int_equal(llmgw_call_end(call), LLMGW_END_RESPONSE);
    llmgw_call_free(call);
}

/* Its return address is on the stack of all that happens inside. */
__attribute__((noinline)) static void
run(llmgw_loop *loop, llmgw_request *request, struct host *host, int streamed)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_call *call;

    host->caller = __builtin_return_address(0);
    options.on_chunk = streamed ? on_chunk : NULL;
    options.on_done = on_done;
    options.userdata = host;
    assert_int_equal(llmgw_chat_start(loop, request, &options, &call),
                     LLMGW_OK);
    while (llmgw_loop_active(loop))
        assert_int_equal(llmgw_loop_run(loop, -1), LLMGW_OK);
}

static void ask(llmgw_gateway *gateway, const char *model, int streamed)
{
    llmgw_str hello = {"hello", 5};
    struct host host = {NULL, 0, 0};
    llmgw_request *request;
    llmgw_loop *loop;

    assert_int_equal(llmgw_request_create(model, &request), LLMGW_OK);
    assert_int_equal(llmgw_request_add_text(request, "user", hello), LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_tool(request, "f", NULL, (llmgw_str){NULL, 0}),
        LLMGW_OK);
    assert_int_equal(llmgw_loop_create(gateway, &loop), LLMGW_OK);
    run(loop, request, &host, streamed);
    assert_true(host.callbacks > (streamed ? 3 : 0));
    if (host.lost)
        fail_msg("%s: %d of %d stacks end inside", model, host.lost,
                 host.callbacks);
    llmgw_loop_free(loop);
    llmgw_request_free(request);
}

static void a_callback_sees_who_called_the_library(void **state)
{
    static const char *const models[] = {"oai/gpt-4.1", "ant/claude-sonnet-4-5",
                                         "goo/gemini-2.5-flash"};
    static const char *const scenarios[] = {
        "chunks=3", "tools=2 args='{\"a\":1}'", "reasoning=3 text='x y'"};
    struct fake *fake;
    llmgw_gateway *gateway;
    void *frame;

    (void)state;
    if (backtrace(&frame, 1) < 0)
        skip(); /* stacks cannot be walked here */
    fake = fake_start();
    assert_non_null(fake);
    gateway = caller_open(CONFIG, fake_url(fake), "", "");
    for (size_t i = 0; i < 3; i++) {
        fake_clear(fake);
        fake_script(fake, "", scenarios[i]);
        for (size_t k = 0; k < 3; k++)
            for (int streamed = 0; streamed < 2; streamed++)
                ask(gateway, models[k], streamed);
    }
    fake_clear(fake);
    fake_reply(fake, "POST /v1/responses", 200,
               "content-type: text/event-stream\r\n",
               (llmgw_str){responses, sizeof responses - 1}, "");
    ask(gateway, "res/gpt-4.1", 1);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_callback_sees_who_called_the_library),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
