/*
 * bench/encode.c - what it costs to send a conversation.
 *
 *     llmgw-bench-encode memory WIRE KIND BYTES N
 *     llmgw-bench-encode ours|raw WIRE KIND BYTES N BASE
 *
 * memory  the request is read and encoded N times, without a network; beside
 *         it the bytes of the body are copied by memcpy() as often. Prints
 *         nanoseconds of CPU a request, and what one request allocates
 * ours    llmgw_request_from_json() and llmgw_chat(), N times
 * raw     the same body, made once, posted N times by libcurl alone. Both
 *         print the line of measure.h
 *
 * WIRE is openai, responses, anthropic or gemini; KIND and BYTES are those of
 * support/conversation.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <curl/curl.h>

#include <llmgw/llmgw.h>

#include "measure.h"
#include "support/conversation.h"
#include "support/dialect_run.h"

struct wire {
    const char *name;
    const char *type;    /* row of the provider table */
    const char *version; /* what the base URL ends in */
    const char *model;
    const struct llmgw__dialect *dialect;
    const char *path; /* behind the version */
};

static const struct wire wires[] = {
    /* clang-format off */
    {"openai", "openai", "/v1", "gpt-4.1", &llmgw__dialect_openai,
     "/chat/completions"},
    {"responses", "openai", "/v1", "gpt-4.1", &llmgw__dialect_responses,
     "/responses"},
    {"anthropic", "anthropic", "", "claude-sonnet-4-5",
     &llmgw__dialect_anthropic, "/v1/messages"},
    {"gemini", "google", "/v1beta", "gemini-2.5-flash",
     &llmgw__dialect_gemini, "/models/gemini-2.5-flash:generateContent"},
    /* clang-format on */
};

struct bench {
    const struct wire *wire;
    char *request; /* the host's */
    size_t request_len;
    char *body; /* what goes out */
    size_t body_len;
    long rounds;
    const char *base;
};

static int take_arguments(struct bench *bench, int count, char **words);
static int measure_memory(struct bench *bench);
static int post_ours(struct bench *bench);
static int post_raw(struct bench *bench);

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(struct bench *bench);
        int arguments;
    } modes[] = {
        {"memory", measure_memory, 6},
        {"ours", post_ours, 7},
        {"raw", post_raw, 7},
    };
    struct bench bench = {0};

    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        int ok = 0;

        if (argc != modes[i].arguments || strcmp(argv[1], modes[i].name) != 0)
            continue;
        if (take_arguments(&bench, argc, argv))
            ok = modes[i].run(&bench);
        free(bench.request);
        free(bench.body);
        return ok ? 0 : 1;
    }
    fprintf(stderr, "usage: llmgw-bench-encode memory|ours|raw WIRE "
                    "text|plain|image BYTES N [BASE]\n");
    return 2;
}

static int take_arguments(struct bench *bench, int count, char **words)
{
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        if (strcmp(words[2], wires[i].name) == 0)
            bench->wire = &wires[i];
    bench->rounds = strtol(words[5], NULL, 10);
    bench->base = count > 6 ? words[6] : NULL;
    if (!bench->wire || bench->rounds < 1)
        return 0;
    bench->request =
        make_conversation(words[3], "bench", strtoul(words[4], NULL, 10));
    if (!bench->request)
        return 0;
    bench->request_len = strlen(bench->request);
    return 1;
}

/* --- in memory --- */

static double cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

/* The request is the host's text, kept by the caller. */
static int encode(struct bench *bench, struct dialect_run *run)
{
    dialect_run_start(run, bench->wire->dialect, "https://host.example/v1",
                      bench->wire->model);
    run->provider.row = llmgw__provider_row_find(llmgw__str(bench->wire->type));
    if (llmgw__chat_parse(&run->chat,
                          llmgw__str_n(bench->request, bench->request_len),
                          &run->arena, &run->error) != LLMGW_OK) {
        fprintf(stderr, "not a request: %s\n", run->error.message);
        return 0;
    }
    run->has_chat = true;
    if (dialect_run_encode(run, false, false) == LLMGW_OK)
        return 1;
    fprintf(stderr, "refused: %s\n", run->error.message);
    return 0;
}

static int make_body(struct bench *bench)
{
    struct dialect_run run;
    int ok = encode(bench, &run);

    if (ok) {
        bench->body = dialect_run_body(&run);
        bench->body_len = run.request.body.len;
    }
    dialect_run_clear(&run);
    return ok && bench->body;
}

static double time_reading(struct bench *bench)
{
    double start = cpu_ns();

    for (long i = 0; i < bench->rounds; i++) {
        struct llmgw__jdoc doc;

        if (llmgw__jdoc_parse(
                &doc, llmgw__str_n(bench->request, bench->request_len),
                LLMGW__JDOC_UTF8 | LLMGW__JDOC_UNIQUE) != LLMGW_OK)
            return 0;
        llmgw__jdoc_clear(&doc);
    }
    return (cpu_ns() - start) / (double)bench->rounds;
}

static double time_encoding(struct bench *bench)
{
    double start = cpu_ns();

    for (long i = 0; i < bench->rounds; i++) {
        struct dialect_run run;
        int ok = encode(bench, &run);

        dialect_run_clear(&run);
        if (!ok)
            return 0;
    }
    return (cpu_ns() - start) / (double)bench->rounds;
}

/* What is copied must be looked at, or nobody copies it. */
static double time_copying(struct bench *bench)
{
    char *copy = malloc(bench->body_len + 1);
    volatile char seen = 0;
    double start = cpu_ns();

    for (long i = 0; copy && i < bench->rounds; i++) {
        bench->body[0] = (char)i;
        memcpy(copy, bench->body, bench->body_len);
        seen = (char)(seen + copy[(size_t)i % bench->body_len]);
    }
    free(copy);
    return (cpu_ns() - start) / (double)bench->rounds;
}

static int measure_memory(struct bench *bench)
{
    double reading, encoding, copying;

    if (!make_body(bench))
        return 0;
    reading = time_reading(bench);
    encoding = time_encoding(bench);
    copying = time_copying(bench);
    printf("{\"request\":%zu,\"body\":%zu,\"parse_ns\":%.0f,"
           "\"encode_ns\":%.0f,\"copy_ns\":%.0f}\n",
           bench->request_len, bench->body_len, reading, encoding, copying);
    return encoding > 0;
}

/* --- over the network --- */

static const char config_form[] =
    "{\"environment\": false,"
    " \"providers\": {\"first\": {\"type\": \"%s\", \"base_url\": \"%s%s\","
    "  \"api_key\": \"sk-first\"}},"
    " \"routes\": {\"bench\": {\"targets\": [\"first/%s\"]}},"
    " \"ledger\": {\"max_entries\": 1000}}";

static llmgw_gateway *open_gateway(const struct bench *bench)
{
    const struct wire *wire = bench->wire;
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    llmgw_gateway *gateway = NULL;
    llmgw_error *error = NULL;
    char config[2048];
    int len = snprintf(config, sizeof config, config_form, wire->type,
                       bench->base, wire->version, wire->model);

    if (len < 0 || (size_t)len >= sizeof config)
        return NULL;
    options.config_json.data = config;
    options.config_json.len = (size_t)len;
    if (llmgw_gateway_open(&options, &gateway, &error) != LLMGW_OK)
        fprintf(stderr, "no gateway: %s\n", llmgw_error_message(error));
    llmgw_error_free(error);
    return gateway;
}

static int ask(const struct bench *bench, llmgw_gateway *gateway,
               struct bench_count *count)
{
    llmgw_str json = {bench->request, bench->request_len};
    llmgw_request *request = NULL;
    llmgw_call *call = NULL;
    int ok = llmgw_request_from_json(json, &request) == LLMGW_OK &&
             llmgw_chat(gateway, request, NULL, &call) == LLMGW_OK;

    if (ok && llmgw_call_end(call) != LLMGW_END_RESPONSE) {
        fprintf(stderr, "no answer: %s\n",
                llmgw_error_message(llmgw_call_error(call)));
        ok = 0;
    }
    if (ok) {
        count->text += llmgw_response_text(llmgw_call_response(call)).len;
        count->events++;
    }
    llmgw_call_free(call);
    llmgw_request_free(request);
    return ok;
}

static int post_ours(struct bench *bench)
{
    llmgw_gateway *gateway = open_gateway(bench);
    struct bench_count count = {0};
    struct bench_clock start, used;
    long idle_kb;
    char more[64];
    int ok = gateway && ask(bench, gateway, &count);

    memset(&count, 0, sizeof count);
    idle_kb = bench_resident_kb();
    start = bench_now();
    for (long i = 0; ok && i < bench->rounds; i++)
        ok = ask(bench, gateway, &count);
    used = bench_since(&start);
    (void)snprintf(more, sizeof more, ",\"idle_kb\":%ld", idle_kb);
    if (ok)
        bench_print(&used, &count, 0, more);
    llmgw_gateway_close(gateway);
    return ok;
}

static size_t on_data(char *data, size_t size, size_t count, void *userdata)
{
    struct bench_count *seen = userdata;

    (void)data;
    seen->bytes += size * count;
    return size * count;
}

static int post(CURL *easy, struct bench_count *count)
{
    CURLcode code = curl_easy_perform(easy);
    long status = 0;

    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (code != CURLE_OK || status != 200)
        fprintf(stderr, "%s, HTTP %ld\n", curl_easy_strerror(code), status);
    count->events++;
    return code == CURLE_OK && status == 200;
}

static CURL *open_easy(const struct bench *bench, struct curl_slist *headers,
                       struct bench_count *count)
{
    CURL *easy = curl_easy_init();
    char url[512];

    (void)snprintf(url, sizeof url, "%s%s%s", bench->base, bench->wire->version,
                   bench->wire->path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)bench->body_len);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, bench->body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, count);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return easy;
}

static int post_raw(struct bench *bench)
{
    struct bench_count count = {0};
    struct bench_clock start, used;
    struct curl_slist *headers;
    CURL *easy;
    int ok = make_body(bench);

    curl_global_init(CURL_GLOBAL_DEFAULT);
    headers = curl_slist_append(NULL, "content-type: application/json");
    headers = curl_slist_append(headers, "authorization: Bearer sk");
    headers = curl_slist_append(headers, "expect:");
    easy = open_easy(bench, headers, &count);
    ok = ok && post(easy, &count);
    memset(&count, 0, sizeof count);
    start = bench_now();
    for (long i = 0; ok && i < bench->rounds; i++)
        ok = post(easy, &count);
    used = bench_since(&start);
    if (ok)
        bench_print(&used, &count, 0, "");
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    curl_global_cleanup();
    return ok;
}
