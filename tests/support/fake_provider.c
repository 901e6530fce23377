/*
 * support/fake_provider.c - the fake's start, stop, scripts and books.
 *
 * Everything a test asks for is behind one lock; the thread writes it.
 * Memory: what was asked is kept until the end, at most `keep` requests.
 */
#include "support/fake_provider.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "support/fake_server.h"

enum {
    PATIENCE_S = 20,
    BACKLOG = 4096,
    SCRATCH = 64 * 1024
};

static int open_listener(struct fake *fake, uint16_t port);
static int watch(struct fake *fake, int *fd, uint32_t events);
static void raise_files(void);
static void init_lock(struct fake *fake);
static void close_all(struct fake *fake);
static void add_script(struct fake *fake, const char *match, const char *words,
                       const struct fake_script *literal);
static struct fake_answer *answer_of(struct fake_script *script,
                                     const struct fake_message *message);
static struct fake_record *record_of(const struct fake_message *message,
                                     struct fake_answer *answer,
                                     uint64_t connection);
static char *copy_view(llmgw_str text);
static int wait_for(struct fake *fake, const size_t *first,
                    const size_t *second, size_t count);

struct fake *fake_start(void)
{
    return fake_start_at(0, 1000000);
}

struct fake *fake_start_at(uint16_t port, size_t keep)
{
    struct fake *fake = fake_alloc(sizeof *fake);

    raise_files();
    init_lock(fake);
    fake->keep = keep;
    fake->plain = fake_script_make("", "");
    fake->scratch = fake_alloc(SCRATCH);
    fake->accepting = 1;
    fake->listener = fake->timer = fake->wake = -1;
    fake->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (fake->epoll >= 0 && open_listener(fake, port)) {
        fake->timer =
            timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
        fake->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
        if (watch(fake, &fake->listener, EPOLLIN) &&
            watch(fake, &fake->timer, EPOLLIN) &&
            watch(fake, &fake->wake, EPOLLIN) &&
            pthread_create(&fake->thread, NULL, fake_serve, fake) == 0)
            return fake;
    }
    fprintf(stderr, "fake: cannot start: %s\n", strerror(errno));
    close_all(fake);
    return NULL;
}

void fake_stop(struct fake *fake)
{
    uint64_t one = 1;

    if (!fake)
        return;
    pthread_mutex_lock(&fake->lock);
    fake->stopping = 1;
    pthread_mutex_unlock(&fake->lock);
    if (write(fake->wake, &one, sizeof one) != sizeof one)
        abort(); /* an eventfd of ours takes a 1 */
    pthread_join(fake->thread, NULL);
    close_all(fake);
}

const char *fake_url(const struct fake *fake)
{
    return fake->url;
}

uint16_t fake_port(const struct fake *fake)
{
    return fake->port;
}

const char *fake_scenario_error(const char *scenario)
{
    struct fake_scenario parsed;
    const char *problem = fake_scenario_parse(scenario, &parsed);

    fake_scenario_clear(&parsed);
    return problem;
}

void fake_script(struct fake *fake, const char *match, const char *scenario)
{
    add_script(fake, match, scenario, NULL);
}

void fake_reply(struct fake *fake, const char *match, int status,
                const char *headers, llmgw_str body, const char *scenario)
{
    struct fake_script literal;

    memset(&literal, 0, sizeof literal);
    literal.scenario.status = status;
    fake_bytes_add(&literal.body, body.data, body.len);
    add_script(fake, match, scenario, &literal);
    fake_headers(fake, headers ? headers : "");
}

void fake_headers(struct fake *fake, const char *lines)
{
    struct fake_script *last;

    pthread_mutex_lock(&fake->lock);
    for (last = fake->scripts; last && last->next; last = last->next)
        continue;
    while (last && *lines) {
        size_t len = strcspn(lines, "\r\n");

        fake_bytes_add(&last->headers, lines, len);
        fake_bytes_text(&last->headers, "\r\n");
        lines += len + strspn(lines + len, "\r\n");
    }
    pthread_mutex_unlock(&fake->lock);
}

void fake_clear(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    while (fake->scripts) {
        struct fake_script *next = fake->scripts->next;

        fake_script_free(fake->scripts);
        fake->scripts = next;
    }
    pthread_mutex_unlock(&fake->lock);
}

size_t fake_requests(struct fake *fake)
{
    size_t count;

    pthread_mutex_lock(&fake->lock);
    count = fake->requests;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

size_t fake_connections(struct fake *fake)
{
    size_t count;

    pthread_mutex_lock(&fake->lock);
    count = fake->accepted;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

size_t fake_open_connections(struct fake *fake)
{
    size_t count;

    pthread_mutex_lock(&fake->lock);
    count = fake->accepted - fake->closed;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

size_t fake_aborted(struct fake *fake)
{
    size_t count;

    pthread_mutex_lock(&fake->lock);
    count = fake->aborted;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

struct fake_request fake_request(struct fake *fake, size_t i)
{
    struct fake_request seen;

    memset(&seen, 0, sizeof seen);
    pthread_mutex_lock(&fake->lock);
    if (i < fake->record_count)
        seen = fake->records[i]->seen;
    pthread_mutex_unlock(&fake->lock);
    return seen;
}

llmgw_str fake_header(const struct fake_request *request, const char *name)
{
    llmgw_str none = {NULL, 0};

    return request->headers ? fake_http_header(fake_str(request->headers), name)
                            : none;
}

void fake_billed(struct fake *fake, uint64_t *in, uint64_t *out)
{
    pthread_mutex_lock(&fake->lock);
    *in = fake->billed_in;
    *out = fake->billed_out;
    pthread_mutex_unlock(&fake->lock);
}

int fake_wait_requests(struct fake *fake, size_t count)
{
    return wait_for(fake, &fake->requests, NULL, count);
}

int fake_wait_closed(struct fake *fake, size_t count)
{
    return wait_for(fake, &fake->closed, NULL, count);
}

int fake_wait_ended(struct fake *fake, size_t count)
{
    return wait_for(fake, &fake->finished, &fake->aborted, count);
}

static int wait_for(struct fake *fake, const size_t *first,
                    const size_t *second, size_t count)
{
    struct timespec until;
    int reached;
    int failed = 0;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&fake->lock);
    while (!(reached = *first + (second ? *second : 0) >= count) && !failed)
        failed = pthread_cond_timedwait(&fake->changed, &fake->lock, &until);
    pthread_mutex_unlock(&fake->lock);
    return reached;
}

static int open_listener(struct fake *fake, uint16_t port)
{
    struct sockaddr_in address;
    socklen_t len = sizeof address;
    int one = 1;

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fake->listener =
        socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fake->listener < 0)
        return 0;
    setsockopt(fake->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (bind(fake->listener, (struct sockaddr *)&address, len) != 0 ||
        listen(fake->listener, BACKLOG) != 0 ||
        getsockname(fake->listener, (struct sockaddr *)&address, &len) != 0)
        return 0;
    fake->port = ntohs(address.sin_port);
    snprintf(fake->url, sizeof fake->url, "http://127.0.0.1:%u",
             (unsigned)fake->port);
    return 1;
}

/* the address of our member tells these from connections */
static int watch(struct fake *fake, int *fd, uint32_t events)
{
    struct epoll_event event;

    memset(&event, 0, sizeof event);
    event.events = events;
    event.data.ptr = fd;
    return *fd >= 0 && epoll_ctl(fake->epoll, EPOLL_CTL_ADD, *fd, &event) == 0;
}

static void raise_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
        limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void init_lock(struct fake *fake)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&fake->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&fake->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* the thread has ended, or never was */
static void close_all(struct fake *fake)
{
    const int files[] = {fake->listener, fake->timer, fake->wake, fake->epoll};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (files[i] >= 0)
            close(files[i]);
    fake_clear(fake);
    fake_script_free(fake->plain);
    for (size_t i = 0; i < fake->record_count; i++) {
        struct fake_record *record = fake->records[i];

        fake_answer_release(record->answer);
        free((void *)(uintptr_t)record->seen.method);
        free((void *)(uintptr_t)record->seen.path);
        free((void *)(uintptr_t)record->seen.headers);
        free((void *)(uintptr_t)record->seen.body);
        free(record);
    }
    free(fake->records);
    free(fake->due);
    free(fake->scratch);
    pthread_cond_destroy(&fake->changed);
    pthread_mutex_destroy(&fake->lock);
    free(fake);
}

/* literal: its body and status are taken over */
static void add_script(struct fake *fake, const char *match, const char *words,
                       const struct fake_script *literal)
{
    struct fake_script *script = fake_script_make(match, words);
    struct fake_script **end = &fake->scripts;

    if (!script) {
        fprintf(stderr, "fake: bad scenario '%s': %s\n", words,
                fake_scenario_error(words));
        abort();
    }
    if (literal) {
        script->literal = 1;
        script->body = literal->body;
        script->scenario.status = literal->scenario.status;
    }
    pthread_mutex_lock(&fake->lock);
    while (*end)
        end = &(*end)->next;
    *end = script;
    pthread_mutex_unlock(&fake->lock);
}

struct fake_answer *fake_book_request(struct fake *fake, uint64_t connection,
                                      const struct fake_message *message,
                                      struct fake_record **record)
{
    struct fake_answer *answer;
    struct fake_script *script;

    pthread_mutex_lock(&fake->lock);
    script = fake->scripts;
    while (script && !fake_script_fits(script, message))
        script = script->next;
    if (!script)
        script = fake->plain;
    script->used++;
    answer = answer_of(script, message);
    *record = NULL;
    if (fake->record_count < fake->keep) {
        size_t n = fake->record_count;

        *record = record_of(message, answer, connection);
        if ((n & (n - 1)) == 0)
            fake->records =
                fake_grow(fake->records, (n * 2 + 1) * sizeof *fake->records);
        fake->records[fake->record_count++] = *record;
    }
    fake->requests++;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
    return answer;
}

/* a reference for the connection; equal requests in a row share one answer */
static struct fake_answer *answer_of(struct fake_script *script,
                                     const struct fake_message *message)
{
    struct fake_bytes key = {NULL, 0, 0};
    llmgw_str version = fake_http_header(message->headers, "anthropic-version");

    fake_bytes_add(&key, message->path.data, message->path.len);
    fake_bytes_text(&key, version.data ? "\nv\n" : "\n\n");
    fake_bytes_add(&key, message->body.data, message->body.len);
    if (!script->answer || key.len != script->answer_key.len ||
        memcmp(key.data, script->answer_key.data, key.len) != 0) {
        fake_answer_release(script->answer);
        script->answer = fake_answer_make(script, message);
        fake_bytes_free(&script->answer_key);
        script->answer_key = key;
    } else {
        fake_bytes_free(&key);
    }
    script->answer->refs++;
    return script->answer;
}

static struct fake_record *record_of(const struct fake_message *message,
                                     struct fake_answer *answer,
                                     uint64_t connection)
{
    struct fake_record *record = fake_alloc(sizeof *record);
    struct fake_request *seen = &record->seen;

    seen->method = copy_view(message->method);
    seen->path = copy_view(message->path);
    seen->headers = copy_view(message->headers);
    seen->body = copy_view(message->body);
    seen->body_len = message->body.len;
    seen->text = answer->text.data ? answer->text.data : "";
    seen->text_len = answer->text.len;
    seen->connection = connection;
    seen->status = answer->status;
    record->answer = answer;
    answer->refs++;
    return record;
}

static char *copy_view(llmgw_str text)
{
    return fake_copy(text.data, text.len);
}

void fake_book_accepted(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    fake->accepted++;
    pthread_mutex_unlock(&fake->lock);
}

void fake_book_closed(struct fake *fake)
{
    pthread_mutex_lock(&fake->lock);
    fake->closed++;
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
}

void fake_book_sent(struct fake *fake, struct fake_record *record,
                    const struct fake_sent *sent)
{
    pthread_mutex_lock(&fake->lock);
    fake->billed_in += sent->tokens_in;
    fake->billed_out += sent->tokens_out;
    if (record) {
        record->seen.bytes_sent += sent->bytes;
        record->seen.billed_in += sent->tokens_in;
        record->seen.billed_out += sent->tokens_out;
    }
    pthread_mutex_unlock(&fake->lock);
}

void fake_book_ended(struct fake *fake, struct fake_record *record,
                     struct fake_answer *answer, int aborted)
{
    pthread_mutex_lock(&fake->lock);
    if (aborted)
        fake->aborted++;
    else
        fake->finished++;
    if (record) {
        record->seen.aborted = aborted;
        record->seen.finished = !aborted;
    }
    fake_answer_release(answer);
    pthread_cond_broadcast(&fake->changed);
    pthread_mutex_unlock(&fake->lock);
}
