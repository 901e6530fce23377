/*
 * One gateway, many threads: blocking calls, loops, cancels, reloads and a
 * reader of the ledger at once. Every call ends exactly once, every request
 * the provider saw is an entry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "support/caller.h"
#include "support/fake_provider.h"

enum {
    THREADS = 8,
    CALLS = 40
};

#define CONFIG                                                          \
    "{'environment':false,'failover':{'retries':0},'breaker':false,"    \
    "'providers':{"                                                     \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'k'},"         \
    "'two':{'type':'anthropic','base_url':'$2','api_key':'k'}},"        \
    "'routes':{'smart':{'targets':['one/m','two/claude-sonnet-4-5']}}," \
    "'ledger':{'max_entries':100000}}"

struct crowd {
    struct fake *one;
    struct fake *two;
    llmgw_gateway *gateway;
    llmgw_cancel *token; /* triggered by one thread, used by some calls */
    atomic_int ended[4];
    atomic_int started;
    atomic_int stop;
    char config[1024];
};

static int32_t look(const llmgw_chunk *chunk, void *userdata)
{
    (void)userdata;
    return llmgw_chunk_get_kind(chunk) == 0;
}

/** A failing cmocka assertion in a thread would not be seen: count instead. */
static void *ask_often(void *userdata)
{
    struct crowd *crowd = userdata;

    for (int i = 0; i < CALLS; i++) {
        llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
        llmgw_request *request;
        llmgw_call *call;

        options.on_chunk = i % 2 ? look : NULL;
        options.cancel = i % 5 == 4 ? crowd->token : NULL;
        llmgw_request_create("smart", &request);
        llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
        if (llmgw_chat(crowd->gateway, request, &options, &call) == LLMGW_OK)
            atomic_fetch_add(&crowd->ended[llmgw_call_end(call)], 1);
        atomic_fetch_add(&crowd->started, 1);
        llmgw_call_free(call);
        llmgw_request_free(request);
    }
    return NULL;
}

static void *meddle(void *userdata)
{
    struct crowd *crowd = userdata;

    while (!atomic_load(&crowd->stop)) {
        (void)llmgw_gateway_reload(
            crowd->gateway, (llmgw_str){crowd->config, strlen(crowd->config)},
            NULL);
        (void)caller_entries(crowd->gateway, 0);
        if (atomic_load(&crowd->started) > THREADS * CALLS / 2)
            llmgw_cancel_trigger(crowd->token);
    }
    return NULL;
}

static int32_t add_requests(const llmgw_entry *entry, void *userdata)
{
    *(int64_t *)userdata += llmgw_entry_requests(entry);
    return 0;
}

static void a_gateway_is_shared_by_threads(void **state)
{
    struct crowd crowd = {0};
    pthread_t threads[THREADS];
    pthread_t meddler;
    const char *from;
    int64_t requests = 0;
    int ended = 0;

    (void)state;
    crowd.one = fake_start();
    crowd.two = fake_start();
    fake_script(crowd.one, "", "status=500 times=60");
    fake_script(crowd.one, "", "drop_before times=30");
    fake_script(crowd.one, "", "end_after=0 times=30");
    fake_script(crowd.one, "", "chunks=20 end_after=5 times=20");
    llmgw_cancel_create(&crowd.token);
    crowd.gateway =
        caller_open(CONFIG, fake_url(crowd.one), fake_url(crowd.two), "");
    /* the same configuration again, as the reloads use it */
    from = caller_quotes(CONFIG);
    for (char *to = crowd.config; *from; from++) {
        const char *piece = from[0] != '$'   ? NULL
                            : from[1] == '1' ? fake_url(crowd.one)
                                             : fake_url(crowd.two);

        if (piece) {
            to += snprintf(to, 128, "%s", piece);
            from++;
        } else {
            *to++ = *from;
        }
        *to = '\0';
    }
    assert_int_equal(pthread_create(&meddler, NULL, meddle, &crowd), 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &crowd),
                         0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&crowd.stop, 1);
    pthread_join(meddler, NULL);
    for (int i = 0; i < 4; i++)
        ended += atomic_load(&crowd.ended[i]);
    assert_int_equal(ended, THREADS * CALLS);
    assert_int_equal(atomic_load(&crowd.ended[LLMGW_END_NONE]), 0);
    /* answers cut after content: errors where they were streamed, rescued
       where they were not */
    assert_in_range(atomic_load(&crowd.ended[LLMGW_END_ERROR]), 1, 20);
    assert_int_equal(caller_entries(crowd.gateway, LLMGW_ENTRY_OPEN), 0);
    /* a request sent again on a connection that turned out dead counts */
    llmgw_ledger_read(crowd.gateway, NULL, add_requests, &requests);
    assert_true(requests >=
                (int64_t)(fake_requests(crowd.one) + fake_requests(crowd.two)));
    llmgw_cancel_free(crowd.token);
    llmgw_gateway_close(crowd.gateway);
    fake_stop(crowd.one);
    fake_stop(crowd.two);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gateway_is_shared_by_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
