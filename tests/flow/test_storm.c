/*
 * Seeded storms: random faults, random cancels, calls freed at any moment.
 * Every call ends once, every attempt that went out has one settled entry, no
 * descriptor stays open.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>

#include "support/caller.h"
#include "support/fake_provider.h"

#define THREE_TARGETS                                                     \
    "{'environment':false,'providers':{"                                  \
    "'one':{'type':'openai','base_url':'$1/v1','api_key':'sk-STORMKEY'}," \
    "'two':{'type':'anthropic','base_url':'$1','api_key':'sk-STORMKEY'}," \
    "'three':{'type':'google','base_url':'$1','api_key':'sk-STORMKEY'}}," \
    "'routes':{'smart':{'max_attempts':3,'targets':['one/gpt-4.1',"       \
    "'two/claude-sonnet-4-5','three/gemini-2.5-pro']}},"                  \
    "'ledger':{'max_entries':100000},"                                    \
    "'limits':{'first_ms':300,'gap_ms':200,'total_ms':1500}}"

#if defined(__SANITIZE_THREAD__)
/* libcurl closes some sockets before it tells so: by then another thread may
 * have one of that number. The epoll of ours it is taken from knows neither. */
__attribute__((visibility("default"))) const char *
__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "race:llmgw__poll_form_change\n";
}
#endif

enum {
    CALLS = 2000,
    AT_ONCE = 64
};

struct storm {
    uint64_t seed;
    llmgw_loop *loop;
    llmgw_gateway *gateway;
    int started;
    int running;
    int ended; /* told */
    int freed; /* before their end: on_done is not made */
    int broken;
};

struct storm_call {
    struct storm *storm;
    llmgw_call *call;
    llmgw_cancel *token;
    int told;
    int gone;
};

static uint64_t draw(struct storm *storm, uint64_t bound)
{
    storm->seed ^= storm->seed << 13;
    storm->seed ^= storm->seed >> 7;
    storm->seed ^= storm->seed << 17;
    return storm->seed % bound;
}

static void let_go(struct storm_call *one)
{
    if (one->gone)
        return;
    one->gone = 1;
    if (!one->told) {
        one->storm->freed++;
        one->storm->running--;
    }
    llmgw_call_free(one->call);
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct storm_call *one = userdata;
    llmgw_str json;

    if (one->gone || one->told)
        one->storm->broken++;
    (void)llmgw_chunk_json(chunk, &json);
    switch (draw(one->storm, 60)) {
    case 0:
        llmgw_call_cancel(one->call);
        return 0;
    case 1:
        llmgw_cancel_trigger(one->token);
        return 0;
    case 2:
        let_go(one);
        return 0;
    case 3:
        let_go(one);
        return 3;
    case 4:
        return 4;
    default:
        return 0;
    }
}

static void on_done(llmgw_call *call, void *userdata)
{
    struct storm_call *one = userdata;
    llmgw_money cost;
    llmgw_money sum = {0, 0};
    int64_t unknown = 0;

    if (one->told || one->gone || llmgw_call_end(call) == LLMGW_END_NONE)
        one->storm->broken++;
    one->told = 1;
    one->storm->ended++;
    one->storm->running--;
    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_attempt *attempt = llmgw_call_attempt(call, i);
        int64_t pico = 0;

        if (llmgw_attempt_end(attempt) == LLMGW_END_NONE)
            one->storm->broken++;
        unknown += !llmgw_attempt_cost(attempt, &pico);
        sum.pico += pico;
    }
    if (llmgw_call_cost(call, &cost) != unknown ||
        cost.usd * 1000000000000 + cost.pico != sum.pico)
        one->storm->broken++;
    if (draw(one->storm, 2))
        let_go(one);
}

static void start_one(struct storm *storm, struct storm_call *one)
{
    static const char *const models[] = {
        "smart",
        "smart",
        "one/gpt-4.1",
        "two/claude-sonnet-4-5",
        "three/gemini-2.5-pro",
    };
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request;

    one->storm = storm;
    options.on_chunk = draw(storm, 4) ? on_chunk : NULL;
    options.on_done = on_done;
    options.userdata = one;
    options.timeout_ms = draw(storm, 8) ? 0 : 1 + (uint32_t)draw(storm, 20);
    options.connect_ms = draw(storm, 8) ? 0 : 1;
    options.cancel = one->token;
    llmgw_request_create(models[draw(storm, 5)], &request);
    llmgw_request_add_text(request, "user", (llmgw_str){"hi", 2});
    if (llmgw_chat_start(storm->loop, request, &options, &one->call))
        storm->broken++;
    else
        storm->running++;
    storm->started++;
    llmgw_request_free(request);
}

static void *run_storm(void *userdata)
{
    struct storm *storm = userdata;
    struct storm_call *calls = calloc(CALLS, sizeof *calls);

    if (llmgw_loop_create(storm->gateway, &storm->loop) != LLMGW_OK)
        storm->broken++;
    for (int i = 0; i < CALLS; i++)
        llmgw_cancel_create(&calls[i].token);
    while (storm->started < CALLS || storm->running) {
        while (storm->running < AT_ONCE && storm->started < CALLS)
            start_one(storm, &calls[storm->started]);
        if (draw(storm, 4) == 0) {
            struct storm_call *one =
                &calls[draw(storm, (uint64_t)storm->started)];

            switch (draw(storm, 4)) {
            case 0:
                let_go(one);
                break;
            case 1:
                if (!one->gone)
                    llmgw_call_cancel(one->call);
                break;
            default:
                llmgw_cancel_trigger(one->token);
            }
        }
        if (llmgw_loop_run(storm->loop, 20) != LLMGW_OK)
            storm->broken++;
    }
    while (llmgw_loop_active(storm->loop))
        llmgw_loop_run(storm->loop, 20);
    for (int i = 0; i < CALLS; i += 2)
        let_go(&calls[i]);
    llmgw_loop_free(storm->loop);
    for (int i = 0; i < CALLS; i++) {
        let_go(&calls[i]);
        llmgw_cancel_free(calls[i].token);
    }
    free(calls);
    return NULL;
}

static void stir(struct fake *fake)
{
    static const char *const faults[] = {
        "status=500",
        "status=429 retry_after=1",
        "status=401",
        "drop_before",
        "reset_before",
        "stall_before",
        "drop_after=2",
        "reset_after=2",
        "stall_after=1",
        "end_after=2",
        "error_after=1",
        "html",
        "empty",
        "done_only",
        "garbage_after=1",
        "no_done",
        "chunks=40 cut=1",
        "cut=random:7",
        "tools=3",
        "reasoning=2 chunks=4",
        "usage=none",
        "content_delay_ms=5",
        "first_delay_ms=10",
        "crlf comments",
    };

    for (int round = 0; round < 4; round++)
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            char text[96];

            snprintf(text, sizeof text, "%s times=%d", faults[i], 1 + round);
            fake_script(fake, "", text);
            fake_script(fake, "", "times=2");
        }
}

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    if (!dir)
        return 0;
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

struct sums {
    size_t requests;
    size_t open;
};

static int32_t add_entry(const llmgw_entry *entry, void *userdata)
{
    struct sums *sums = userdata;

    sums->requests += (size_t)llmgw_entry_requests(entry);
    sums->open += llmgw_entry_get_state(entry) == LLMGW_ENTRY_OPEN;
    return 0;
}

static void note_line(int32_t level, llmgw_str line, void *userdata)
{
    static const char key[] = "STORMKEY";

    (void)level;
    for (size_t i = 0; i + sizeof key - 1 <= line.len; i++)
        if (memcmp(line.data + i, key, sizeof key - 1) == 0)
            (*(size_t *)userdata)++;
}

static void storm_on(int threads)
{
    int before = open_descriptors();
    struct fake *fake = fake_start();
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct storm storms[8] = {{0}};
    struct sums sums = {0};
    size_t leaks = 0;
    pthread_t ids[8];
    llmgw_gateway *gateway;

    options.log_level = LLMGW_LOG_DEBUG;
    options.on_log = note_line;
    options.log_userdata = &leaks;
    gateway = caller_open_with(&options, THREE_TARGETS, fake_url(fake), "", "");
    stir(fake);
    for (int i = 0; i < threads; i++) {
        storms[i].gateway = gateway;
        storms[i].seed = 88172645463325252u + (uint64_t)i;
        pthread_create(&ids[i], NULL, run_storm, &storms[i]);
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(ids[i], NULL);
        assert_int_equal(storms[i].broken, 0);
        assert_int_equal(storms[i].ended + storms[i].freed, CALLS);
    }
    llmgw_ledger_read(gateway, NULL, add_entry, &sums);
    assert_int_equal(sums.open, 0);
    /* also those that went out again on a connection that was dead */
    assert_true(sums.requests >= fake_requests(fake));
    assert_int_equal(leaks, 0);
    llmgw_gateway_close(gateway);
    fake_stop(fake);
    assert_int_equal(open_descriptors(), before);
}

static void a_storm_on_one_loop_ends_every_call_once(void **state)
{
    (void)state;
    storm_on(1);
}

static void a_storm_on_many_threads_ends_every_call_once(void **state)
{
    (void)state;
    storm_on(8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_storm_on_one_loop_ends_every_call_once),
        cmocka_unit_test(a_storm_on_many_threads_ends_every_call_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
