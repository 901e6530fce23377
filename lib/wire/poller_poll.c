/*
 * wire/poller_poll.c - the form of the poller that waits by poll (POSIX) or
 * WSAPoll (Windows).
 *
 * Memory: 12 bytes a socket that is watched at the same time.
 */
#include "poller_private.h"

#if !LLMGW__POLLER_EPOLL

#include <errno.h>

#if defined(_WIN32)
#include <winsock2.h>
#define poll WSAPoll
typedef ULONG poll_count;
typedef SOCKET poll_fd;
#else
#include <poll.h>
typedef nfds_t poll_count;
typedef int poll_fd;
#endif

#include "base/alloc.h"

static size_t build(struct llmgw__poller *poller);
static short mask_of(unsigned events);
static unsigned events_of(short mask);
static llmgw_status grow_fds(struct llmgw__poller *poller, size_t count);
static bool interrupted(void);

llmgw_status llmgw__poll_form_open(struct llmgw__poller *poller)
{
    llmgw_status status = grow_fds(poller, 1);

    poller->changed = true;
    if (status != LLMGW_OK)
        llmgw__poll_form_close(poller);
    return status;
}

void llmgw__poll_form_close(struct llmgw__poller *poller)
{
    llmgw__free(poller->fds);
    llmgw__free(poller->serials);
}

/* Room is made here, so that waiting needs none. */
llmgw_status llmgw__poll_form_change(struct llmgw__poller *poller,
                                     const struct llmgw__poll_socket *socket,
                                     unsigned before)
{
    (void)socket;
    (void)before;
    poller->changed = true;
    return grow_fds(poller, poller->count + 1);
}

/* The owners may watch and forget while they are told: that shows in the next
 * round (fds may move, but keep what is in them). */
int32_t llmgw__poll_form_wait(struct llmgw__poller *poller, int timeout_ms)
{
    size_t count = build(poller);
    int ready = poll(poller->fds, (poll_count)count, timeout_ms);
    int32_t told = 0;

    if (ready < 0)
        return interrupted() ? 0 : LLMGW_E_SYSTEM;
    if (ready > 0 && poller->fds[0].revents)
        llmgw__wakeup_empty(poller->wakeup);
    for (size_t i = 1; i < count && ready > 0; i++) {
        short mask = poller->fds[i].revents;

        if (!mask)
            continue;
        told += llmgw__poller_tell(poller, (intptr_t)poller->fds[i].fd,
                                   poller->serials[i], events_of(mask));
    }
    return told;
}

intptr_t llmgw__poller_fd(const struct llmgw__poller *poller)
{
    (void)poller;
    return -1;
}

/* @return entries, the bell's included */
static size_t build(struct llmgw__poller *poller)
{
    size_t count = 1;

    if (!poller->changed)
        return poller->count + 1;
    poller->fds[0].fd = (poll_fd)llmgw__wakeup_fd(poller->wakeup);
    poller->fds[0].events = POLLIN;
    for (size_t i = 0; i < poller->cap; i++) {
        const struct llmgw__poll_socket *socket = &poller->slots[i];

        if (socket->events == 0)
            continue;
        poller->fds[count].fd = (poll_fd)socket->fd;
        poller->fds[count].events = mask_of(socket->events);
        poller->serials[count++] = socket->serial;
    }
    poller->changed = false;
    return count;
}

static short mask_of(unsigned events)
{
    return (short)((events & LLMGW__POLL_IN ? POLLIN : 0) |
                   (events & LLMGW__POLL_OUT ? POLLOUT : 0));
}

static unsigned events_of(short mask)
{
    return (mask & POLLIN ? LLMGW__POLL_IN : 0u) |
           (mask & POLLOUT ? LLMGW__POLL_OUT : 0u) |
           (mask & (POLLERR | POLLHUP | POLLNVAL) ? LLMGW__POLL_ERROR : 0u);
}

static llmgw_status grow_fds(struct llmgw__poller *poller, size_t count)
{
    void *fds = poller->fds;
    void *serials = poller->serials;

    if (llmgw__grow(&fds, &poller->fds_cap, count, sizeof *poller->fds) != 0)
        return LLMGW_E_NOMEM;
    poller->fds = fds;
    if (llmgw__grow(&serials, &poller->serials_cap, count,
                    sizeof *poller->serials) != 0)
        return LLMGW_E_NOMEM;
    poller->serials = serials;
    return LLMGW_OK;
}

static bool interrupted(void)
{
#if defined(_WIN32)
    return WSAGetLastError() == WSAEINTR;
#else
    return errno == EINTR;
#endif
}

#endif
