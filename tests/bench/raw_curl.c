/*
 * bench/raw_curl.c - the baseline: the same bytes by libcurl alone.
 *
 *     llmgw-bench-raw CASE MODE MODEL N BASE WARM [WIRE]
 *
 * MODE  discard   the bytes are counted
 *       cjson     lines are found by memchr, each event is parsed by cJSON and
 *                 its text looked up: what one would write by hand
 * The rest as in bench.c; so is the line that is printed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "measure.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

/** Where a wire's text lies: keys, and "0" for the first of an array. */
struct wire {
    const char *name;
    const char *url;
    const char *stream_url;
    const char *body;
    const char *stream_body;
    const char *path[6];
    const char *stream_path[6];
};

struct raw;

struct transfer {
    struct raw *raw;
    CURL *easy;
    char *data; /* a line, or an answer, that has not come whole */
    size_t len;
    size_t cap;
};

struct raw {
    const struct wire *wire;
    int streams;
    int parses;
    char url[512];
    char body[1024];
    struct curl_slist *headers;
    struct bench_count count;
    int epoll;
    double due_us; /* when libcurl wants to be called; below 0: never */
    long failed;
};

static const struct wire wires[3];
static int set_up(struct raw *raw, const char *base, const char *model);
static void open_transfer(struct raw *raw, struct transfer *transfer);
static int run_one(struct transfer *transfer);
static int run_at_once(struct raw *raw, long calls);
static size_t on_data(char *data, size_t size, size_t count, void *userdata);

/* clang-format off */
#define QUESTION \
    "\"messages\":[{\"role\":\"user\",\"content\":" \
    "\"Write one sentence about the quick brown fox.\"}],\"max_tokens\":1024"
#define CONTENTS \
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":" \
    "\"Write one sentence about the quick brown fox.\"}]}]}"

static const struct wire wires[] = {
    {
        "openai", "%s/v1/chat/completions", "%s/v1/chat/completions",
        "{\"model\":\"%s\"," QUESTION "}",
        "{\"model\":\"%s\"," QUESTION ",\"stream\":true,"
        "\"stream_options\":{\"include_usage\":true}}",
        {"choices", "0", "message", "content"},
        {"choices", "0", "delta", "content"},
    }, {
        "anthropic", "%s/v1/messages", "%s/v1/messages",
        "{\"model\":\"%s\"," QUESTION "}",
        "{\"model\":\"%s\"," QUESTION ",\"stream\":true}",
        {"content", "0", "text"},
        {"delta", "text"},
    }, {
        "gemini", "%s/v1beta/models/%s:generateContent",
        "%s/v1beta/models/%s:streamGenerateContent?alt=sse",
        CONTENTS, CONTENTS,
        {"candidates", "0", "content", "parts", "0", "text"},
        {"candidates", "0", "content", "parts", "0", "text"},
    }
};
/* clang-format on */

static int run(struct raw *raw, const char *what, long calls, long warm)
{
    struct transfer transfer = {0};
    struct bench_clock start;
    struct bench_clock used;
    double init_us;
    long idle_kb;
    int ok = 1;

    start = bench_now();
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return 0;
    used = bench_since(&start);
    init_us = used.user_us + used.sys_us;
    open_transfer(raw, &transfer);
    for (long i = 0; ok && i < warm; i++)
        ok = run_one(&transfer);
    memset(&raw->count, 0, sizeof raw->count);
    idle_kb = bench_resident_kb();
    start = bench_now();
    if (ok && strcmp(what, "conc") == 0)
        ok = run_at_once(raw, calls);
    else
        for (long i = 0; ok && i < calls; i++)
            ok = run_one(&transfer);
    used = bench_since(&start);
    if (ok) {
        char more[40];

        (void)snprintf(more, sizeof more, ",\"idle_kb\":%ld", idle_kb);
        bench_print(&used, &raw->count, init_us, more);
    }
    curl_easy_cleanup(transfer.easy);
    free(transfer.data);
    return ok;
}

int main(int argc, char **argv)
{
    static struct raw raw;
    const char *wire = argc > 7 ? argv[7] : "openai";
    int ok;

    for (size_t i = 0; i < COUNT(wires); i++)
        if (strcmp(wires[i].name, wire) == 0)
            raw.wire = &wires[i];
    if (argc < 7 || !raw.wire) {
        fprintf(stderr, "usage: llmgw-bench-raw req|stream|conc discard|cjson "
                        "MODEL N BASE WARM [WIRE]\n");
        return 2;
    }
    if (strcmp(argv[1], "conc") == 0)
        bench_raise_files();
    raw.streams = strcmp(argv[1], "req") != 0;
    raw.parses = strcmp(argv[2], "cjson") == 0;
    if (!set_up(&raw, argv[5], argv[3]))
        return 1;
    ok = run(&raw, argv[1], strtol(argv[4], NULL, 10),
             raw.streams ? 0 : strtol(argv[6], NULL, 10));
    curl_slist_free_all(raw.headers);
    return ok ? 0 : 1;
}

static int set_up(struct raw *raw, const char *base, const char *model)
{
    const struct wire *wire = raw->wire;
    const char *url = raw->streams ? wire->stream_url : wire->url;
    const char *body = raw->streams ? wire->stream_body : wire->body;

    /* NOLINTBEGIN(clang-diagnostic-format-nonliteral): of our table */
    (void)snprintf(raw->url, sizeof raw->url, url, base, model);
    (void)snprintf(raw->body, sizeof raw->body, body, model);
    /* NOLINTEND(clang-diagnostic-format-nonliteral) */
    raw->headers = curl_slist_append(NULL, "content-type: application/json");
    raw->headers = curl_slist_append(raw->headers, "authorization: Bearer sk");
    return raw->headers != NULL;
}

static void open_transfer(struct raw *raw, struct transfer *transfer)
{
    CURL *easy = curl_easy_init();

    transfer->raw = raw;
    transfer->easy = easy;
    curl_easy_setopt(easy, CURLOPT_URL, raw->url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, raw->headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(raw->body));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, raw->body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

/* --- what comes back --- */

static void take_json(struct raw *raw, const char *data, size_t len)
{
    cJSON *root = cJSON_ParseWithLength(data, len);
    const cJSON *at = root;
    const char *const *path =
        raw->streams ? raw->wire->stream_path : raw->wire->path;

    for (int i = 0; at && i < 6 && path[i]; i++)
        at = path[i][0] == '0' ? cJSON_GetArrayItem(at, 0)
                               : cJSON_GetObjectItemCaseSensitive(at, path[i]);
    raw->count.bad += !root;
    if (cJSON_IsString(at) && at->valuestring[0]) {
        raw->count.events++;
        raw->count.text += strlen(at->valuestring);
    }
    cJSON_Delete(root);
}

static void take_line(struct raw *raw, const char *line, size_t len)
{
    if (len && line[len - 1] == '\r')
        len--;
    if (len < 6 || memcmp(line, "data: ", 6) != 0 || line[6] == '[')
        return;
    take_json(raw, line + 6, len - 6);
}

static void keep(struct transfer *transfer, const char *data, size_t len)
{
    if (transfer->len + len > transfer->cap) {
        transfer->cap = (transfer->len + len) * 2 + 512;
        transfer->data = realloc(transfer->data, transfer->cap);
        if (!transfer->data)
            exit(1);
    }
    memcpy(transfer->data + transfer->len, data, len);
    transfer->len += len;
}

static void take_lines(struct transfer *transfer, const char *data, size_t len)
{
    const char *end = data + len;
    const char *line_end;

    while (data < end &&
           (line_end = memchr(data, '\n', (size_t)(end - data))) != NULL) {
        if (transfer->len) {
            keep(transfer, data, (size_t)(line_end - data));
            take_line(transfer->raw, transfer->data, transfer->len);
            transfer->len = 0;
        } else {
            take_line(transfer->raw, data, (size_t)(line_end - data));
        }
        data = line_end + 1;
    }
    if (data < end)
        keep(transfer, data, (size_t)(end - data));
}

static size_t on_data(char *data, size_t size, size_t count, void *userdata)
{
    struct transfer *transfer = userdata;
    struct raw *raw = transfer->raw;
    size_t len = size * count;

    raw->count.bytes += len;
    raw->count.calls++;
    if (!raw->parses)
        return len;
    if (raw->streams)
        take_lines(transfer, data, len);
    else
        keep(transfer, data, len);
    return len;
}

static int take_end(struct transfer *transfer)
{
    struct raw *raw = transfer->raw;
    long status = 0;

    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    if (!raw->streams && raw->parses)
        take_json(raw, transfer->data, transfer->len);
    transfer->len = 0;
    if (status != 200)
        fprintf(stderr, "HTTP %ld\n", status);
    return status == 200;
}

static int run_one(struct transfer *transfer)
{
    CURLcode code = curl_easy_perform(transfer->easy);

    if (code != CURLE_OK)
        fprintf(stderr, "%s\n", curl_easy_strerror(code));
    return code == CURLE_OK && take_end(transfer);
}

/* --- many at once: multi_socket and epoll --- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *userdata,
                     void *known)
{
    struct raw *raw = userdata;
    struct epoll_event event = {0};

    (void)easy;
    event.events = (what & CURL_POLL_IN ? (uint32_t)EPOLLIN : 0) |
                   (what & CURL_POLL_OUT ? (uint32_t)EPOLLOUT : 0);
    event.data.fd = fd;
    (void)known;
    if (what == CURL_POLL_REMOVE)
        epoll_ctl(raw->epoll, EPOLL_CTL_DEL, fd, NULL);
    else if (epoll_ctl(raw->epoll, EPOLL_CTL_MOD, fd, &event) != 0)
        epoll_ctl(raw->epoll, EPOLL_CTL_ADD, fd, &event);
    return 0;
}

static int on_timer(CURLM *multi, long timeout_ms, void *userdata)
{
    struct raw *raw = userdata;

    (void)multi;
    raw->due_us =
        timeout_ms < 0 ? -1 : bench_wall_us() + (double)timeout_ms * 1e3;
    return 0;
}

static long take_ended(struct raw *raw, CURLM *multi)
{
    CURLMsg *message;
    long ended = 0;
    int left;

    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        char *transfer = NULL;

        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
        if (code != CURLE_OK || !take_end((struct transfer *)(void *)transfer))
            raw->failed++;
        curl_multi_remove_handle(multi, easy);
        ended++;
    }
    return ended;
}

static int wait_ms(const struct raw *raw)
{
    double left = raw->due_us - bench_wall_us();

    if (raw->due_us < 0)
        return -1;
    return left <= 0 ? 0 : (int)(left / 1e3) + 1;
}

static void drive(struct raw *raw, CURLM *multi, long calls)
{
    struct epoll_event events[256];
    int running;

    while (calls > 0) {
        int count = epoll_wait(raw->epoll, events, 256, wait_ms(raw));

        if (wait_ms(raw) == 0) {
            raw->due_us = -1;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        for (int i = 0; i < count; i++) {
            uint32_t seen = events[i].events;
            int mask = (seen & EPOLLIN ? CURL_CSELECT_IN : 0) |
                       (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (seen & EPOLLERR ? CURL_CSELECT_ERR : 0) |
                       (seen & EPOLLHUP ? CURL_CSELECT_IN : 0);

            curl_multi_socket_action(multi, events[i].data.fd, mask, &running);
        }
        calls -= take_ended(raw, multi);
    }
}

static int run_at_once(struct raw *raw, long calls)
{
    struct transfer *transfers = calloc((size_t)calls, sizeof *transfers);
    CURLM *multi = curl_multi_init();

    if (!transfers || !multi)
        return 0;
    raw->epoll = epoll_create1(EPOLL_CLOEXEC);
    raw->due_us = -1;
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, raw);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, raw);
    for (long i = 0; i < calls; i++) {
        open_transfer(raw, &transfers[i]);
        curl_multi_add_handle(multi, transfers[i].easy);
    }
    drive(raw, multi, calls);
    for (long i = 0; i < calls; i++) {
        curl_easy_cleanup(transfers[i].easy);
        free(transfers[i].data);
    }
    curl_multi_cleanup(multi);
    close(raw->epoll);
    free(transfers);
    return !raw->failed;
}
