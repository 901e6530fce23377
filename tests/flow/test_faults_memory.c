/*
 * X13: every allocation fails, one after another, while a call makes its way
 * through failures: retries, another target, a hedge, a stream that breaks and
 * is begun anew or gone on with, a trial. Each ends once, with its books
 * closed, and nothing is lost (the leak checker looks too).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/fast_clock.h"
#include "support/pair.h"

#define TWO(members)                                                     \
    "{'environment':false,'failover':{'backoff_ms':1},"                  \
    "'breaker':{'failures':1,'open_ms':1,'max_open_ms':1},'providers':{" \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k1',"          \
    "'limits':{'concurrent':4,'requests_per_minute':60000}},"            \
    "'two':{'type':'mistral','base_url':'$2/v1','api_key':'k2'}},"       \
    "'routes':{'smart':{'targets':['one/gpt-4.1-mini',"                  \
    "'two/mistral-small-latest']" members "}}}"

struct way {
    const char *name;
    const char *config;
    const char *first; /* what the first target does */
    size_t least;      /* attempts, when all goes well */
};

static const struct way ways[] = {
    {"retry", TWO(""), "status=500 times=1", 2},
    {"restart", TWO(",'on_break':'restart'"), "chunks=9 end_after=3", 2},
    {"continue", TWO(",'on_break':'continue','continue_by':'instruction'"),
     "chunks=9 end_after=3", 2},
    {"hedge", TWO(",'hedge':'shadow'"), "content_delay_ms=20", 1},
    {"held back",
     TWO(",'gate':{'tokens':50},'tools':'whole','on_break':'restart'"),
     "chunks=90 end_after=80", 2},
    {"policy", TWO(",'policy':'round_robin','max_cost_usd':'9'"), "", 1},
};

static struct fake *one, *two;

/** What was handed over, joined. */
struct host {
    char text[16384];
    size_t len;
    int ends;
};

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct host *host = userdata;
    llmgw_str text = llmgw_chunk_text(chunk);

    assert_true(host->len + text.len < sizeof host->text);
    memcpy(host->text + host->len, text.data ? text.data : "", text.len);
    host->len += text.len;
    return 0;
}

static int32_t on_restart(llmgw_call *call, void *userdata)
{
    (void)call;
    ((struct host *)userdata)->len = 0;
    return 0;
}

static void on_done(llmgw_call *call, void *userdata)
{
    (void)call;
    ((struct host *)userdata)->ends++;
}

static void expect_final(const struct way *way, int nth, llmgw_call *call,
                         const struct host *host)
{
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str text = llmgw_response_text(response);

    if (!response && host->len)
        return; /* no memory to show it in */
    if (text.len != host->len || memcmp(text.data, host->text, text.len) != 0)
        fail_msg("%s, %d: \"%.*s\" was handed over, \"%.*s\" is final",
                 way->name, nth, (int)host->len, host->text, (int)text.len,
                 text.data);
}

/** @return whether an allocation has failed */
static int ask(const struct way *way, int nth, size_t *answered)
{
    llmgw_gateway_options opening = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    struct host host = {.len = 0};
    llmgw_gateway *gateway;
    llmgw_request *request;
    llmgw_call *call = NULL;
    int reached;

    opening.clock = fast_clock(20);
    fake_clear(one);
    fake_clear(two);
    fake_script(one, "", way->first);
    gateway = caller_open_with(&opening, way->config, fake_url(one),
                               fake_url(two), "");
    options.on_chunk = on_chunk;
    options.on_restart = on_restart;
    options.on_done = on_done;
    options.userdata = &host;
    assert_int_equal(llmgw_request_create("smart", &request), LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_text(request, "user", (llmgw_str){"hello", 5}),
        LLMGW_OK);
    fail_allocation(nth);
    if (llmgw_chat(gateway, request, &options, &call) == LLMGW_OK) {
        assert_int_equal(host.ends, 1);
        expect_final(way, nth, call, &host);
        *answered += llmgw_call_end(call) == LLMGW_END_RESPONSE;
        if (nth < 0)
            assert_true(llmgw_call_attempt_count(call) >= way->least);
    } else {
        assert_int_equal(host.len, 0);
    }
    reached = allow_allocations();
    assert_int_equal(caller_entries(gateway, LLMGW_ENTRY_OPEN), 0);
    llmgw_call_free(call);
    llmgw_request_free(request);
    llmgw_gateway_close(gateway);
    return reached;
}

static void every_failed_allocation_ends_a_call_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        size_t answered = 0;
        int nth = 0;

        (void)ask(&ways[i], -1, &answered);
        assert_int_equal(answered, 1);
        while (ask(&ways[i], nth, &answered))
            nth++;
        assert_true(nth > 10);
        assert_true(answered > 2);
    }
}

static int set_up(void **state)
{
    (void)state;
    one = fake_start();
    two = fake_start();
    return !one || !two;
}

static int tear_down(void **state)
{
    (void)state;
    fake_stop(one);
    fake_stop(two);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failed_allocation_ends_a_call_once),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
