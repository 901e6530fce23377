/*
 * faults/virtual_time.c - time that jumps where nobody has anything to do.
 */
#define _GNU_SOURCE /* syscall */

#include "virtual_time.h"

#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <poll.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define MS     UINT64_C(1000000)
#define SECOND UINT64_C(1000000000)

enum {
    MAX_FAKES = 8,
    STUCK_MS = 3000
};

/* A fake's thread: where it waits, and until when. */
struct server {
    int epoll_fd;
    int timer_fd;
    _Atomic uint64_t due_ns; /* 0: nothing is due */
    _Atomic unsigned rounds; /* even: it waits */
};

static struct server servers[MAX_FAKES];
static _Atomic int server_count;
static int expected;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint64_t offset_ns;
static llmgw_cancel *watched;
static uint64_t watched_until;
static int barked;
static _Thread_local int is_client;
static _Thread_local int jumping;
static _Thread_local struct server *mine;

typedef int (*look_fn)(void *of, int timeout_ms);

struct epoll_look {
    int fd, max;
    struct epoll_event *events;
};

struct poll_look {
    struct pollfd *fds;
    nfds_t count;
};

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max,
                      int timeout_ms);
int __real_epoll_wait(int fd, struct epoll_event *events, int max,
                      int timeout_ms);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout_ms);
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *before);
int __real_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *before);
static int look_epoll(void *of, int timeout_ms);
static int look_poll(void *of, int timeout_ms);
static int serve(int fd, struct epoll_event *events, int max, int timeout_ms);
static struct server *server_at(int epoll_fd);
static int client_wait(look_fn look, void *of, int timeout_ms);
static int wait_idle(look_fn look, void *of);
static uint64_t due_first(void);
static int all_idle(void);
static int is_idle(struct server *server);
static void advance(uint64_t ns);
static void arm(const struct server *server);
static void bark_if_late(int stuck);
static uint64_t real_ns(clockid_t which);

void virtual_time_start(int fakes)
{
    is_client = 1;
    jumping = 1;
    expected = fakes;
    atomic_store(&server_count, 0);
    watched = NULL;
    barked = 0;
}

void virtual_time_jump(int jumps)
{
    jumping = jumps;
}

uint64_t virtual_time_ns(void)
{
    return real_ns(CLOCK_MONOTONIC) + atomic_load(&offset_ns);
}

void virtual_time_pass(uint64_t ns)
{
    uint64_t until = virtual_time_ns() + ns;

    for (;;) {
        uint64_t now = virtual_time_ns();
        uint64_t due = due_first();

        virtual_time_settle();
        if (now >= until)
            return;
        advance(due < until ? (due > now ? due - now : 0) : until - now);
    }
}

void virtual_time_settle(void)
{
    int quiet = 0;

    while (quiet < 2) {
        quiet = all_idle() ? quiet + 1 : 0;
        (void)__real_poll(NULL, 0, quiet == 1);
    }
}

void virtual_time_watch(llmgw_cancel *token, uint64_t ns)
{
    watched = token;
    watched_until = virtual_time_ns() + ns;
    barked = 0;
}

int virtual_time_barked(void)
{
    return barked;
}

static uint64_t clock_monotonic(void *userdata)
{
    (void)userdata;
    return virtual_time_ns();
}

static int64_t clock_wall(void *userdata)
{
    (void)userdata;
    return (int64_t)(real_ns(CLOCK_REALTIME) + atomic_load(&offset_ns));
}

const llmgw_clock *virtual_time_clock(void)
{
    static const llmgw_clock clock = {.size = sizeof clock,
                                      .monotonic_ns = clock_monotonic,
                                      .wall_ns = clock_wall};

    return &clock;
}

int __wrap_epoll_wait(int fd, struct epoll_event *events, int max,
                      int timeout_ms)
{
    struct epoll_look of = {fd, max, events};

    if (!is_client)
        return serve(fd, events, max, timeout_ms);
    return client_wait(look_epoll, &of, timeout_ms);
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout_ms)
{
    struct poll_look of = {fds, count};

    if (!is_client)
        return __real_poll(fds, count, timeout_ms);
    return client_wait(look_poll, &of, timeout_ms);
}

static int look_epoll(void *of, int timeout_ms)
{
    struct epoll_look *it = of;

    return __real_epoll_wait(it->fd, it->events, it->max, timeout_ms);
}

static int look_poll(void *of, int timeout_ms)
{
    struct poll_look *it = of;

    return __real_poll(it->fds, it->count, timeout_ms);
}

/* in place of the C library's, for the fakes and for libcurl too */
__attribute__((visibility("default"))) int clock_gettime(clockid_t which,
                                                         struct timespec *out)
{
    uint64_t now;

    if (which != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, which, out);
    now = virtual_time_ns();
    out->tv_sec = (time_t)(now / SECOND);
    out->tv_nsec = (long)(now % SECOND);
    return 0;
}

/* absolute, and the fakes' own: in virtual time */
int __wrap_timerfd_settime(int fd, int flags, const struct itimerspec *when,
                           struct itimerspec *before)
{
    if (!mine)
        return __real_timerfd_settime(fd, flags, when, before);
    mine->timer_fd = fd;
    atomic_store(&mine->due_ns, (uint64_t)when->it_value.tv_sec * SECOND +
                                    (uint64_t)when->it_value.tv_nsec);
    arm(mine);
    return 0;
}

static int serve(int fd, struct epoll_event *events, int max, int timeout_ms)
{
    int count;

    if (!mine)
        mine = server_at(fd);
    atomic_fetch_add(&mine->rounds, 1); /* even: waits */
    count = __real_epoll_wait(fd, events, max, timeout_ms);
    atomic_fetch_add(&mine->rounds, 1);
    return count;
}

/* begins as if it were at work */
static struct server *server_at(int epoll_fd)
{
    struct server *server;

    pthread_mutex_lock(&lock);
    server = &servers[atomic_load(&server_count) % MAX_FAKES];
    server->epoll_fd = epoll_fd;
    server->timer_fd = -1;
    atomic_store(&server->due_ns, 0);
    atomic_store(&server->rounds, 1);
    atomic_fetch_add(&server_count, 1);
    pthread_mutex_unlock(&lock);
    return server;
}

static int client_wait(look_fn look, void *of, int timeout_ms)
{
    uint64_t until = virtual_time_ns() + (uint64_t)timeout_ms * MS;

    if (!jumping)
        return look(of, timeout_ms);
    if (timeout_ms < 0)
        until = UINT64_MAX;
    if (watched && !barked && until > watched_until)
        until = watched_until;
    for (;;) {
        int count = timeout_ms == 0 ? look(of, 0) : wait_idle(look, of);
        uint64_t due = due_first();
        uint64_t now = virtual_time_ns();

        if (count == 0)
            bark_if_late(0);
        if (count != 0 || now >= until)
            return count;
        if (due == UINT64_MAX && until == UINT64_MAX)
            bark_if_late(1);
        else if (due < until)
            advance(due > now ? due - now : 0);
        else
            advance(until - now);
    }
}

/* Until there is something to read, or no fake has anything to do: looked at
 * again after that, for what was under way. */
static int wait_idle(look_fn look, void *of)
{
    for (int quiet = 0, left = STUCK_MS; quiet < 2 && left > 0; left--) {
        int count = look(of, quiet || !all_idle());

        if (count != 0)
            return count;
        quiet = all_idle() ? quiet + 1 : 0;
    }
    return 0;
}

/* what a fake has to do next; UINT64_MAX: nothing */
static uint64_t due_first(void)
{
    uint64_t first = UINT64_MAX;

    for (int i = 0; i < atomic_load(&server_count); i++) {
        uint64_t due = atomic_load(&servers[i].due_ns);

        if (due && due < first)
            first = due;
    }
    return first;
}

static int all_idle(void)
{
    if (atomic_load(&server_count) < expected)
        return 0;
    for (int i = 0; i < atomic_load(&server_count); i++)
        if (!is_idle(&servers[i]))
            return 0;
    return 1;
}

/* it waits, nothing is there for it, and it waited all the while */
static int is_idle(struct server *server)
{
    unsigned before = atomic_load(&server->rounds);
    struct pollfd ready = {server->epoll_fd, POLLIN, 0};

    return before % 2 == 0 && __real_poll(&ready, 1, 0) == 0 &&
           atomic_load(&server->rounds) == before;
}

static void advance(uint64_t ns)
{
    atomic_fetch_add(&offset_ns, ns);
    for (int i = 0; i < atomic_load(&server_count); i++)
        arm(&servers[i]);
}

static void arm(const struct server *server)
{
    uint64_t due = atomic_load(&server->due_ns);
    uint64_t offset = atomic_load(&offset_ns);
    struct itimerspec when;

    if (server->timer_fd < 0)
        return;
    memset(&when, 0, sizeof when); /* zero: never */
    if (due) {
        due = due > offset ? due - offset : 1;
        when.it_value.tv_sec = (time_t)(due / SECOND);
        when.it_value.tv_nsec = (long)(due % SECOND);
    }
    __real_timerfd_settime(server->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* stuck: nobody will ever do anything again */
static void bark_if_late(int stuck)
{
    if (barked || !watched || (!stuck && virtual_time_ns() < watched_until))
        return;
    barked = 1;
    llmgw_cancel_trigger(watched);
}

static uint64_t real_ns(clockid_t which)
{
    struct timespec now;

    (void)syscall(SYS_clock_gettime, which, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}
