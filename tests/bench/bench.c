/*
 * bench/bench.c - the library as a benchmark client.
 *
 *     llmgw-bench CASE MODEL N BASE WARM [option...]
 *
 * CASE  req     N whole answers, one after another
 *       stream  N streams, one after another
 *       conc    N streams at once, on one loop of this thread
 * WARM  how many calls (req), or the model of a stream, go before the clock
 *       starts; "0": none
 *
 *     --wire openai|anthropic|gemini   what the provider speaks
 *     --json-chunks   the host takes each chunk as JSON text
 *     --fail-first    the first target is at BASE/fail and asked for
 *                     MODEL-e500: whichever way a mock is told to fail
 *     --late N        also tell how many allocations were made after the Nth
 *                     piece of text (llmgw-bench-count only)
 *
 * It runs as a gateway: a route of two targets, a ledger, priced. Prints one
 * line of JSON: CPU of the timed part (whole process), and what came.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llmgw/llmgw.h>

#include "measure.h"
#ifdef BENCH_COUNTS_ALLOCATIONS
#include "support/alloc.h"
#else
#define allocation_count() ((size_t)0)
#endif

enum bench_case {
    CASE_REQ,
    CASE_STREAM,
    CASE_CONC
};

struct bench {
    enum bench_case what;
    const char *model;
    long calls;
    const char *base;
    const char *warm;
    const char *wire;
    int json_chunks;
    int fail_first;

    llmgw_gateway *gateway;
    llmgw_request *request;
    struct bench_count count;
    long failed;
    long idle_kb; /* resident before the clock starts, and its peak */
    long idle_peak_kb;
    uint64_t late;           /* text chunks from which on it is steady */
    size_t allocations_late; /* made when that one came */
    size_t allocations_last; /* when the last one came */
};

static int take_arguments(struct bench *bench, int count, char **words);
static int open_gateway(struct bench *bench);
static int make_request(struct bench *bench, const char *model);
static int warm_up(struct bench *bench);
static int run_calls(struct bench *bench, long calls);
static int run_streams_at_once(struct bench *bench);
static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata);
static void on_done(llmgw_call *call, void *userdata);
static void take_end(struct bench *bench, llmgw_call *call);
static void print_result(const struct bench *bench,
                         const struct bench_clock *used, double init_us);

int main(int argc, char **argv)
{
    struct bench bench = {.wire = "openai"};
    struct bench_clock start = bench_now();
    struct bench_clock used;
    double init_us;
    int ok;

    if (!take_arguments(&bench, argc - 1, argv + 1)) {
        fprintf(stderr, "usage: llmgw-bench req|stream|conc MODEL N BASE WARM "
                        "[--wire NAME] [--json-chunks] [--fail-first]\n");
        return 2;
    }
    if (bench.what == CASE_CONC)
        bench_raise_files();
    if (!open_gateway(&bench))
        return 1;
    used = bench_since(&start);
    init_us = used.user_us + used.sys_us;
    ok = warm_up(&bench) && make_request(&bench, "bench");
    bench.idle_kb = bench_resident_kb();
    bench.idle_peak_kb = bench_peak_kb();
    memset(&bench.count, 0, sizeof bench.count);
    bench.failed = 0;
    start = bench_now();
    if (ok)
        ok = bench.what == CASE_CONC ? run_streams_at_once(&bench)
                                     : run_calls(&bench, bench.calls);
    used = bench_since(&start);
    if (ok)
        print_result(&bench, &used, init_us);
    llmgw_request_free(bench.request);
    llmgw_gateway_close(bench.gateway);
    return ok ? 0 : 1;
}

static int take_option(struct bench *bench, const char *word, const char *next)
{
    if (strcmp(word, "--json-chunks") == 0)
        return bench->json_chunks = 1;
    if (strcmp(word, "--fail-first") == 0)
        return bench->fail_first = 1;
#ifdef BENCH_COUNTS_ALLOCATIONS
    if (strcmp(word, "--late") == 0 && next) {
        bench->late = (uint64_t)strtol(next, NULL, 10);
        return 2;
    }
#endif
    if (strcmp(word, "--wire") != 0 || !next)
        return 0;
    bench->wire = next;
    return 2;
}

static int take_arguments(struct bench *bench, int count, char **words)
{
    static const char *const cases[] = {"req", "stream", "conc"};
    int known = -1;

    for (int i = 0; count >= 5 && i < 3; i++)
        if (strcmp(words[0], cases[i]) == 0)
            known = i;
    if (known < 0)
        return 0;
    bench->what = (enum bench_case)known;
    bench->model = words[1];
    bench->calls = strtol(words[2], NULL, 10);
    bench->base = words[3];
    bench->warm = words[4];
    for (int i = 5; i < count;) {
        int taken =
            take_option(bench, words[i], i + 1 < count ? words[i + 1] : NULL);

        if (!taken)
            return 0;
        i += taken;
    }
    return bench->calls > 0;
}

/* --- the gateway --- */

struct wire {
    const char *name;
    const char *type;    /* row of the provider table */
    const char *version; /* what the mock's address ends in */
};

static const struct wire *wire_of(const struct bench *bench)
{
    static const struct wire wires[] = {{"openai", "openai", "/v1"},
                                        {"anthropic", "anthropic", ""},
                                        {"gemini", "google", "/v1beta"}};

    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        if (strcmp(bench->wire, wires[i].name) == 0)
            return &wires[i];
    return &wires[0];
}

static const char config_form[] =
    "{\"environment\": false,"
    " \"providers\": {"
    "  \"first\": {\"type\": \"%s\", \"base_url\": \"%s%s%s\","
    "              \"api_key\": \"sk-first\"},"
    "  \"second\": {\"type\": \"%s\", \"base_url\": \"%s%s\","
    "               \"api_key\": \"sk-second\"}},"
    " \"routes\": {"
    "  \"bench\": {\"targets\": [\"first/%s%s\", \"second/%s\"]},"
    "  \"warm\": {\"targets\": [\"first/%s\", \"second/%s\"]}},"
    " \"ledger\": {\"max_entries\": 1000},"
    " \"manifest\": {\"models\": ["
    "  {\"provider\": \"%s\", \"model\": \"%s\","
    "   \"rates\": {\"in\": \"0.5\", \"out\": \"2\"}}]}}";

static int open_gateway(struct bench *bench)
{
    const struct wire *wire = wire_of(bench);
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_error *error = NULL;
    char config[4096];
    int len =
        snprintf(config, sizeof config, config_form, wire->type, bench->base,
                 bench->fail_first ? "/fail" : "", wire->version, wire->type,
                 bench->base, wire->version, bench->model,
                 bench->fail_first ? "-e500" : "", bench->model, bench->warm,
                 bench->warm, wire->type, bench->model);

    if (len < 0 || (size_t)len >= sizeof config)
        return 0;
    options.config_json.data = config;
    options.config_json.len = (size_t)len;
    if (llmgw_gateway_open(&options, &bench->gateway, &error) == LLMGW_OK)
        return 1;
    fprintf(stderr, "no gateway: %s\n", llmgw_error_message(error));
    llmgw_error_free(error);
    return 0;
}

static int make_request(struct bench *bench, const char *route)
{
    static const char text[] = "Write one sentence about the quick brown fox.";
    llmgw_str question = {text, sizeof text - 1};
    llmgw_status status;

    llmgw_request_free(bench->request);
    status = llmgw_request_create(route, &bench->request);
    if (status == LLMGW_OK)
        status = llmgw_request_add_text(bench->request, "user", question);
    if (status == LLMGW_OK)
        status = llmgw_request_set_int(bench->request, "max_tokens", 1024);
    return status == LLMGW_OK;
}

/* --- the cases --- */

static int warm_up(struct bench *bench)
{
    long calls = 1;

    if (strcmp(bench->warm, "0") == 0)
        return 1;
    if (bench->what == CASE_REQ)
        calls = strtol(bench->warm, NULL, 10);
    return make_request(bench, bench->what == CASE_REQ ? "bench" : "warm") &&
           run_calls(bench, calls);
}

static int run_calls(struct bench *bench, long calls)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;

    options.userdata = bench;
    if (bench->what != CASE_REQ)
        options.on_chunk = on_chunk;
    for (long i = 0; i < calls && !bench->failed; i++) {
        llmgw_call *call;

        if (llmgw_chat(bench->gateway, bench->request, &options, &call) !=
            LLMGW_OK)
            return 0;
        take_end(bench, call);
    }
    return !bench->failed;
}

static int run_streams_at_once(struct bench *bench)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_loop *loop;
    llmgw_status status = llmgw_loop_create(bench->gateway, &loop);

    options.userdata = bench;
    options.on_chunk = on_chunk;
    options.on_done = on_done;
    for (long i = 0; i < bench->calls && status == LLMGW_OK; i++) {
        llmgw_call *call; /* freed in on_done */

        status = llmgw_chat_start(loop, bench->request, &options, &call);
    }
    while (status == LLMGW_OK && llmgw_loop_active(loop))
        status = llmgw_loop_run(loop, -1);
    llmgw_loop_free(loop);
    return status == LLMGW_OK && !bench->failed;
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct bench *bench = userdata;
    llmgw_str text = llmgw_chunk_text(chunk);
    llmgw_str json = text;

    bench->count.calls++;
    if (bench->json_chunks && llmgw_chunk_json(chunk, &json) != LLMGW_OK)
        return 1;
    bench->count.bytes += json.len;
    if (!text.len)
        return 0;
    bench->count.text += text.len;
    if (++bench->count.events == bench->late)
        bench->allocations_late = allocation_count();
    bench->allocations_last = allocation_count();
    return 0;
}

static void on_done(llmgw_call *call, void *userdata)
{
    take_end(userdata, call);
}

static void take_end(struct bench *bench, llmgw_call *call)
{
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str text = llmgw_response_text(response);

    if (llmgw_call_end(call) != LLMGW_END_RESPONSE) {
        if (!bench->failed++)
            fprintf(stderr, "no answer: %s\n",
                    llmgw_error_message(llmgw_call_error(call)));
    } else if (bench->what == CASE_REQ) {
        bench->count.events++;
        bench->count.text += text.len;
        bench->count.bytes += text.len;
    }
    llmgw_call_free(call);
}

static void print_result(const struct bench *bench,
                         const struct bench_clock *used, double init_us)
{
    char more[160];

    size_t allocations = bench->allocations_last - bench->allocations_late;

    (void)snprintf(more, sizeof more,
                   ",\"idle_kb\":%ld,\"idle_peak_kb\":%ld%s%zu", bench->idle_kb,
                   bench->idle_peak_kb, ",\"late_allocations\":", allocations);
    bench_print(used, &bench->count, init_us, more);
}
