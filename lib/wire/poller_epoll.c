/*
 * wire/poller_epoll.c - the form of the poller that waits by epoll (Linux).
 *
 * Memory: none of ours beside one round of events on the stack.
 */
#include "poller_private.h"

#if LLMGW__POLLER_EPOLL

#include <errno.h>

#include <sys/epoll.h>
#include <unistd.h>

enum {
    ROUND = 256 /* events taken at once; the rest come in the next wait */
};

/** No socket: the bell. Serials begin at 1. */
#define BELL UINT64_C(0)

static uint64_t key_of(const struct llmgw__poll_socket *socket);
static uint32_t mask_of(unsigned events);
static unsigned events_of(uint32_t mask);

llmgw_status llmgw__poll_form_open(struct llmgw__poller *poller)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = BELL};

    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd < 0)
        return LLMGW_E_SYSTEM;
    if (epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD,
                  (int)llmgw__wakeup_fd(poller->wakeup), &event) == 0)
        return LLMGW_OK;
    (void)close(poller->epoll_fd);
    return LLMGW_E_SYSTEM;
}

void llmgw__poll_form_close(struct llmgw__poller *poller)
{
    (void)close(poller->epoll_fd);
}

/* A socket that was closed and opened anew before it was forgotten is in the
 * table and no more in the kernel. */
llmgw_status llmgw__poll_form_change(struct llmgw__poller *poller,
                                     const struct llmgw__poll_socket *socket,
                                     unsigned before)
{
    struct epoll_event event = {.events = mask_of(socket->events),
                                .data.u64 = key_of(socket)};
    int operation = before ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int fd = (int)socket->fd;

    if (socket->events == 0) {
        (void)epoll_ctl(poller->epoll_fd, EPOLL_CTL_DEL, fd, &event);
        return LLMGW_OK;
    }
    if (epoll_ctl(poller->epoll_fd, operation, fd, &event) == 0)
        return LLMGW_OK;
    if (errno == ENOENT &&
        epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0)
        return LLMGW_OK;
    return errno == ENOMEM ? LLMGW_E_NOMEM : LLMGW_E_SYSTEM;
}

int32_t llmgw__poll_form_wait(struct llmgw__poller *poller, int timeout_ms)
{
    struct epoll_event events[ROUND];
    int count = epoll_wait(poller->epoll_fd, events, ROUND, timeout_ms);
    int32_t told = 0;

    if (count < 0)
        return errno == EINTR ? 0 : LLMGW_E_SYSTEM;
    for (int i = 0; i < count; i++) {
        uint64_t key = events[i].data.u64;

        if (i + 1 < count)
            llmgw__poller_fetch(
                poller, (intptr_t)(events[i + 1].data.u64 & UINT32_MAX));
        if (key == BELL)
            llmgw__wakeup_empty(poller->wakeup);
        else
            told += llmgw__poller_tell(poller, (intptr_t)(key & UINT32_MAX),
                                       (uint32_t)(key >> 32),
                                       events_of(events[i].events));
    }
    return told;
}

intptr_t llmgw__poller_fd(const struct llmgw__poller *poller)
{
    return poller->epoll_fd;
}

static uint64_t key_of(const struct llmgw__poll_socket *socket)
{
    return (uint64_t)socket->serial << 32 | (uint32_t)socket->fd;
}

static uint32_t mask_of(unsigned events)
{
    return (events & LLMGW__POLL_IN ? (uint32_t)EPOLLIN : 0) |
           (events & LLMGW__POLL_OUT ? (uint32_t)EPOLLOUT : 0);
}

static unsigned events_of(uint32_t mask)
{
    return (mask & EPOLLIN ? LLMGW__POLL_IN : 0u) |
           (mask & EPOLLOUT ? LLMGW__POLL_OUT : 0u) |
           (mask & (EPOLLERR | EPOLLHUP) ? LLMGW__POLL_ERROR : 0u);
}

#endif
