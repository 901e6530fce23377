/*
 * wire/http_multi.c - HTTP exchanges over libcurl's multi interface: who
 * starts, drives, cancels and ends them. http_setup.c says what an easy
 * handle is set to, http_answer.c what comes back from it.
 *
 * Source: libcurl's curl_multi_socket_action(3). libcurl tells its sockets to
 * our poller and its timeout to our timers; both come back here.
 *
 *     poller, timers -> drive -> libcurl -> connected, head, data
 *                         '---> settle  -> end
 *
 * Handles cannot be removed while libcurl is on the stack, so what is
 * cancelled or fails from inside an event is doomed, and removed after.
 *
 * Memory: a pool of configured easy handles (at most POOL_MAX idle ones), and
 * libcurl's connections: 64 kept, more where more were active at once.
 */
#include <string.h>

#include <curl/curl.h>

#include "base/alloc.h"
#include "base/sync.h"
#include "http.h"
#include "http_private.h"
#include "sigpipe.h"

enum {
    POOL_MAX = 128,
    MANY = 24, /* exchanges at once */
    KEEP_CONNECTIONS = 64
};

struct llmgw__http {
    struct llmgw__poller *poller;
    struct llmgw__timers *timers;
    uint64_t (*now)(void *userdata);
    void *now_userdata;
    CURLM *multi;
    /* Set at all times, to "never" where libcurl wants none: so its place is
     * reserved, and setting it cannot fail. */
    struct llmgw__timer timer;
    struct llmgw__transfer *pool;
    size_t pool_count;
    struct llmgw__transfer *doomed;
    size_t active;
    uint64_t drive_ns; /* when libcurl was last driven */
    size_t kept;       /* connections that libcurl may keep */
    bool busy;         /* libcurl is on the stack */
    bool quiet;        /* libcurl raises no SIGPIPE */
    bool frozen;       /* in a forked child: touch nothing more */
};

static void global_init(void);
static llmgw_status set_up_multi(struct llmgw__http *http);
static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what,
                            void *userdata, void *unused);
static int on_timeout_wanted(CURLM *multi, long timeout_ms, void *userdata);
static void on_socket(void *userdata, intptr_t fd, unsigned events);
static void on_timer(struct llmgw__timer *timer, void *userdata);
static void drive(struct llmgw__http *http, curl_socket_t fd, int events);
static void block_sigpipe(const struct llmgw__http *http,
                          struct llmgw__sigpipe *guard);
static void settle(struct llmgw__http *http);
static void end_done(struct llmgw__http *http, CURL *easy, CURLcode code);
static void end_doomed(struct llmgw__http *http);
static struct llmgw__transfer *transfer_of(CURL *easy);
static void finish(struct llmgw__transfer *transfer, CURLcode code);
static void say_why(struct llmgw__http_end *end,
                    const struct llmgw__transfer *transfer);
static void break_off(struct llmgw__transfer *transfer);
static void recycle(struct llmgw__transfer *transfer);
static void keep_enough(struct llmgw__http *http);

/* The one thing that is process-wide: curl_global_init, and how it went. */
static struct llmgw__once global_once;
static CURLcode global_code;

llmgw_status llmgw__http_global(void)
{
    llmgw__once_run(&global_once, global_init);
    return global_code == CURLE_OK ? LLMGW_OK : LLMGW_E_SYSTEM;
}

static void global_init(void)
{
    global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

llmgw_status llmgw__http_create(struct llmgw__poller *poller,
                                struct llmgw__timers *timers,
                                uint64_t (*now)(void *userdata),
                                void *now_userdata, struct llmgw__http **out)
{
    llmgw_status status = llmgw__http_global();
    struct llmgw__http *http;

    *out = NULL;
    if (status != LLMGW_OK)
        return status;
    http = llmgw__calloc(1, sizeof *http);
    if (!http)
        return LLMGW_E_NOMEM;
    http->poller = poller;
    http->timers = timers;
    http->now = now;
    http->now_userdata = now_userdata;
    status = set_up_multi(http);
    if (status != LLMGW_OK) {
        llmgw__http_free(http);
        return status;
    }
    *out = http;
    return LLMGW_OK;
}

static llmgw_status set_up_multi(struct llmgw__http *http)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    CURLM *multi = curl_multi_init();

    http->quiet = !llmgw__sigpipe_is_due(curl->version_num, curl->ssl_version);
    http->multi = multi;
    http->kept = KEEP_CONNECTIONS;
    http->timer.fire = on_timer;
    http->timer.userdata = http;
    if (!multi ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted) ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, http) ||
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timeout_wanted) ||
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, http) ||
        curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)http->kept))
        return LLMGW_E_NOMEM;
    return llmgw__timer_set(http->timers, &http->timer, UINT64_MAX);
}

void llmgw__http_free(struct llmgw__http *http)
{
    struct llmgw__sigpipe guard;

    if (!http)
        return;
    block_sigpipe(http, &guard);
    while (http->pool) {
        struct llmgw__transfer *transfer = http->pool;

        http->pool = transfer->next;
        llmgw__transfer_free(transfer);
    }
    if (http->multi)
        (void)curl_multi_cleanup(http->multi);
    llmgw__sigpipe_restore(&guard);
    llmgw__timer_cancel(http->timers, &http->timer);
    llmgw__free(http);
}

llmgw_status llmgw__http_start(struct llmgw__http *http,
                               const struct llmgw__http_request *request,
                               const struct llmgw__http_settings *settings,
                               const struct llmgw__http_events *events,
                               void *userdata, struct llmgw__transfer **out)
{
    struct llmgw__transfer *transfer = http->pool;
    llmgw_status status;

    *out = NULL;
    if (http->busy)
        return LLMGW_E_REENTRANT;
    if (transfer) {
        http->pool = transfer->next;
        http->pool_count--;
    } else {
        transfer = llmgw__transfer_create(http);
    }
    if (!transfer)
        return LLMGW_E_NOMEM;
    transfer->events = events;
    transfer->userdata = userdata;
    transfer->start_ns = llmgw__http_now(http);
    status = llmgw__transfer_prepare(transfer, request, settings,
                                     http->active >= MANY);
    if (status == LLMGW_OK &&
        curl_multi_add_handle(http->multi, transfer->easy) != CURLM_OK)
        status = LLMGW_E_NOMEM;
    if (status != LLMGW_OK) {
        recycle(transfer);
        return status;
    }
    http->active++;
    keep_enough(http);
    *out = transfer;
    return LLMGW_OK;
}

void llmgw__http_cancel(struct llmgw__transfer *transfer)
{
    struct llmgw__http *http = transfer->http;

    if (transfer->over || transfer->dead)
        return;
    transfer->dead = true;
    http->active--;
    if (http->busy) {
        llmgw__http_doom(transfer);
    } else if (!transfer->doomed) {
        break_off(transfer);
        recycle(transfer);
    }
}

void llmgw__http_times(const struct llmgw__transfer *transfer,
                       struct llmgw__http_times *times)
{
    *times = transfer->times;
}

bool llmgw__http_busy(const struct llmgw__http *http)
{
    return http->busy;
}

size_t llmgw__http_active(const struct llmgw__http *http)
{
    return http->active;
}

const char *llmgw__http_code_text(int32_t code)
{
    return curl_easy_strerror((CURLcode)code);
}

uint64_t llmgw__http_now(const struct llmgw__http *http)
{
    return http->now(http->now_userdata);
}

/* What one drive tells came at one time. */
uint64_t llmgw__http_elapsed(const struct llmgw__transfer *transfer)
{
    uint64_t now = transfer->http->drive_ns;

    return now > transfer->start_ns ? now - transfer->start_ns : 1;
}

void llmgw__http_doom(struct llmgw__transfer *transfer)
{
    if (transfer->doomed)
        return;
    transfer->doomed = true;
    transfer->next = transfer->http->doomed;
    transfer->http->doomed = transfer;
}

void llmgw__http_forget(struct llmgw__http *http, intptr_t fd)
{
    if (!http->frozen)
        (void)llmgw__poller_watch(http->poller, fd, 0, NULL, NULL);
}

void llmgw__http_freeze(struct llmgw__http *http)
{
    http->frozen = true;
}

static int on_socket_wanted(CURL *easy, curl_socket_t fd, int what,
                            void *userdata, void *unused)
{
    struct llmgw__http *http = userdata;
    unsigned events = 0;

    (void)unused;
    if (http->frozen)
        return 0;
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        events |= LLMGW__POLL_IN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        events |= LLMGW__POLL_OUT;
    if (llmgw__poller_watch(http->poller, (intptr_t)fd, events, on_socket,
                            http) != LLMGW_OK &&
        transfer_of(easy)) /* none: a handle of libcurl's own */
        llmgw__transfer_fail(transfer_of(easy), CURLE_OUT_OF_MEMORY);
    return 0;
}

static int on_timeout_wanted(CURLM *multi, long timeout_ms, void *userdata)
{
    struct llmgw__http *http = userdata;
    uint64_t due = UINT64_MAX;

    (void)multi;
    if (timeout_ms == 0)
        due = 0; /* at once, whatever the clock says */
    else if (timeout_ms > 0)
        due = llmgw__http_now(http) + (uint64_t)timeout_ms * 1000000;
    (void)llmgw__timer_set(http->timers, &http->timer, due);
    return 0;
}

/* An error is found by whoever reads or writes; alone it ends the wait. */
static void on_socket(void *userdata, intptr_t fd, unsigned events)
{
    int mask = (events & LLMGW__POLL_IN ? CURL_CSELECT_IN : 0) |
               (events & LLMGW__POLL_OUT ? CURL_CSELECT_OUT : 0);

    drive(userdata, (curl_socket_t)fd, mask ? mask : CURL_CSELECT_ERR);
}

static void on_timer(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw__http *http = userdata;

    (void)llmgw__timer_set(http->timers, timer, UINT64_MAX); /* its place */
    drive(http, CURL_SOCKET_TIMEOUT, 0);
}

static void drive(struct llmgw__http *http, curl_socket_t fd, int events)
{
    struct llmgw__sigpipe guard;
    int running;

    block_sigpipe(http, &guard);
    http->drive_ns = llmgw__http_now(http);
    http->busy = true;
    (void)curl_multi_socket_action(http->multi, fd, events, &running);
    http->busy = false;
    llmgw__sigpipe_restore(&guard);
    settle(http);
}

static void block_sigpipe(const struct llmgw__http *http,
                          struct llmgw__sigpipe *guard)
{
    guard->blocked = false;
    if (!http->quiet)
        llmgw__sigpipe_block(guard);
}

/* Owners may start and cancel while they hear of an end. */
static void settle(struct llmgw__http *http)
{
    CURLMsg *message;
    int left;

    end_doomed(http);
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            end_done(http, message->easy_handle, message->data.result);
}

/* Out of the multi handle first: its end may start another. */
static void end_done(struct llmgw__http *http, CURL *easy, CURLcode code)
{
    (void)curl_multi_remove_handle(http->multi, easy);
    finish(transfer_of(easy), code);
}

static void end_doomed(struct llmgw__http *http)
{
    while (http->doomed) {
        struct llmgw__transfer *transfer = http->doomed;

        http->doomed = transfer->next;
        break_off(transfer);
        if (transfer->dead)
            recycle(transfer);
        else
            finish(transfer, (CURLcode)transfer->failed);
    }
}

static struct llmgw__transfer *transfer_of(CURL *easy)
{
    char *transfer = NULL;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return (struct llmgw__transfer *)(void *)transfer;
}

/* The transfer lives until its end was told, so that its times can be read. */
static void finish(struct llmgw__transfer *transfer, CURLcode code)
{
    struct llmgw__http_end end = {.code = (int32_t)code};

    if (code != CURLE_OK)
        say_why(&end, transfer);
    transfer->over = true;
    transfer->times.end_ns = llmgw__http_elapsed(transfer);
    transfer->http->active--;
    transfer->events->end(transfer->userdata, &end);
    recycle(transfer);
}

/* libcurl's own words, where it found some, on one line. */
static void say_why(struct llmgw__http_end *end,
                    const struct llmgw__transfer *transfer)
{
    const char *text = transfer->error;
    size_t len;

    if (transfer->failed || transfer->stopped || !text[0])
        text = llmgw__http_code_text(end->code);
    len = strlen(text);
    if (len >= sizeof end->message)
        len = sizeof end->message - 1;
    while (len > 0 && (unsigned char)text[len - 1] <= ' ')
        len--;
    for (size_t i = 0; i < len; i++)
        end->message[i] = (char)((unsigned char)text[i] < ' ' ? ' ' : text[i]);
    end->message[len] = '\0';
}

/* A connection with an unfinished exchange is closed by this, its goodbye
 * (TLS) included. */
static void break_off(struct llmgw__transfer *transfer)
{
    struct llmgw__sigpipe guard;

    block_sigpipe(transfer->http, &guard);
    (void)curl_multi_remove_handle(transfer->http->multi, transfer->easy);
    llmgw__sigpipe_restore(&guard);
}

static void recycle(struct llmgw__transfer *transfer)
{
    struct llmgw__http *http = transfer->http;

    if (http->pool_count == POOL_MAX) {
        llmgw__transfer_free(transfer);
        return;
    }
    llmgw__transfer_reset(transfer);
    transfer->next = http->pool;
    http->pool = transfer;
    http->pool_count++;
}

/* libcurl counts the connections in use too, and closes an idle one whenever
 * there are more: the bound has to stay above what is used at once. */
static void keep_enough(struct llmgw__http *http)
{
    if (http->active * 2 <= http->kept)
        return;
    http->kept *= 2;
    (void)curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS,
                            (long)http->kept);
}
