/*
 * wire/wakeup.c - the bell of a poller: an eventfd (Linux), a pipe (POSIX), a
 * UDP socket that talks to itself on loopback (Windows).
 *
 * The descriptors live as long as the last reference, so that ringing never
 * writes into a descriptor that became somebody else's. While the bell rings
 * further rings cost no system call.
 */
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/sync.h"
#include "poller_private.h"

#if defined(_WIN32)
#include <winsock2.h>
#include <ws2tcpip.h>
#elif LLMGW__POLLER_EPOLL
#include <sys/eventfd.h>
#include <unistd.h>
#else
#include <fcntl.h>
#include <unistd.h>
#endif

struct llmgw__wakeup {
    struct llmgw__refs refs;
    atomic_bool rings;
    intptr_t in;  /* readable while it rings */
    intptr_t out; /* written to; may be the same */
};

static bool open_bell(struct llmgw__wakeup *wakeup);
static void close_bell(struct llmgw__wakeup *wakeup);
static void strike(struct llmgw__wakeup *wakeup);
static void drain(struct llmgw__wakeup *wakeup);

llmgw_status llmgw__wakeup_create(struct llmgw__wakeup **out)
{
    struct llmgw__wakeup *wakeup = llmgw__calloc(1, sizeof *wakeup);

    *out = NULL;
    if (!wakeup)
        return LLMGW_E_NOMEM;
    llmgw__refs_init(&wakeup->refs);
    atomic_init(&wakeup->rings, false);
    if (!open_bell(wakeup)) {
        llmgw__free(wakeup);
        return LLMGW_E_SYSTEM;
    }
    *out = wakeup;
    return LLMGW_OK;
}

struct llmgw__wakeup *llmgw__wakeup_ref(struct llmgw__wakeup *wakeup)
{
    llmgw__refs_add(&wakeup->refs);
    return wakeup;
}

void llmgw__wakeup_drop(struct llmgw__wakeup *wakeup)
{
    if (!wakeup || !llmgw__refs_drop(&wakeup->refs))
        return;
    close_bell(wakeup);
    llmgw__free(wakeup);
}

void llmgw__wakeup_ring(struct llmgw__wakeup *wakeup)
{
    if (!atomic_exchange(&wakeup->rings, true))
        strike(wakeup);
}

intptr_t llmgw__wakeup_fd(const struct llmgw__wakeup *wakeup)
{
    return wakeup->in;
}

/* Emptied first: who rings between the two lines finds the waiter awake; the
 * other way round a ring could be emptied and never be struck again. */
void llmgw__wakeup_empty(struct llmgw__wakeup *wakeup)
{
    drain(wakeup);
    (void)atomic_exchange(&wakeup->rings, false);
}

#if defined(_WIN32)

static bool open_bell(struct llmgw__wakeup *wakeup)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    int len = sizeof address;
    u_long nonblocking = 1;
    SOCKET bell = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bell == INVALID_SOCKET)
        return false;
    if (bind(bell, (struct sockaddr *)&address, len) != 0 ||
        getsockname(bell, (struct sockaddr *)&address, &len) != 0 ||
        connect(bell, (struct sockaddr *)&address, len) != 0 ||
        ioctlsocket(bell, (long)FIONBIO, &nonblocking) != 0) {
        closesocket(bell);
        return false;
    }
    wakeup->in = (intptr_t)bell;
    wakeup->out = (intptr_t)bell;
    return true;
}

static void close_bell(struct llmgw__wakeup *wakeup)
{
    closesocket((SOCKET)wakeup->in);
}

static void strike(struct llmgw__wakeup *wakeup)
{
    (void)send((SOCKET)wakeup->out, "", 1, 0);
}

static void drain(struct llmgw__wakeup *wakeup)
{
    char bytes[16];

    while (recv((SOCKET)wakeup->in, bytes, sizeof bytes, 0) >= 0)
        continue;
}

#elif LLMGW__POLLER_EPOLL

static bool open_bell(struct llmgw__wakeup *wakeup)
{
    int bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    wakeup->in = bell;
    wakeup->out = bell;
    return bell >= 0;
}

static void close_bell(struct llmgw__wakeup *wakeup)
{
    (void)close((int)wakeup->in);
}

static void strike(struct llmgw__wakeup *wakeup)
{
    uint64_t one = 1;

    if (write((int)wakeup->out, &one, sizeof one) < 0)
        return; /* cannot count higher: it rings already */
}

static void drain(struct llmgw__wakeup *wakeup)
{
    uint64_t count;

    if (read((int)wakeup->in, &count, sizeof count) < 0)
        return; /* it did not ring */
}

#else

static bool open_bell(struct llmgw__wakeup *wakeup)
{
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    wakeup->in = ends[0];
    wakeup->out = ends[1];
    for (int i = 0; i < 2; i++)
        if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) < 0 ||
            fcntl(ends[i], F_SETFL, O_NONBLOCK) < 0) {
            close_bell(wakeup);
            return false;
        }
    return true;
}

static void close_bell(struct llmgw__wakeup *wakeup)
{
    (void)close((int)wakeup->in);
    (void)close((int)wakeup->out);
}

static void strike(struct llmgw__wakeup *wakeup)
{
    if (write((int)wakeup->out, "", 1) < 0)
        return; /* full: it rings already */
}

static void drain(struct llmgw__wakeup *wakeup)
{
    char bytes[64];

    while (read((int)wakeup->in, bytes, sizeof bytes) > 0)
        continue;
}

#endif
