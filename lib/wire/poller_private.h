/*
 * wire/poller_private.h - what the files of the poller share: the table of
 * sockets, the form that waits (epoll or poll), and the bell.
 */
#ifndef LLMGW_WIRE_POLLER_PRIVATE_H
#define LLMGW_WIRE_POLLER_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "poller.h"

/* LLMGW_FORCE_POLL: the portable form on Linux too, so that it is tested. */
#if defined(__linux__) && !defined(LLMGW_FORCE_POLL)
#define LLMGW__POLLER_EPOLL 1
#else
#define LLMGW__POLLER_EPOLL 0
#endif

struct pollfd;

/** A watched socket; slots move when the table changes. */
struct llmgw__poll_socket {
    intptr_t fd;
    llmgw__poll_fn fn;
    void *userdata;
    unsigned events; /* asked for; 0: the slot is free */
    uint32_t serial; /* tells a socket from an earlier one of that number */
};

struct llmgw__poller {
    struct llmgw__poll_socket *slots; /* open addressing, by fd */
    size_t cap;                       /* a power of two, or 0 */
    size_t count;
    uint32_t last_serial;
    struct llmgw__wakeup *wakeup;
    llmgw__poll_hook hook;
    void *hook_userdata;
#if LLMGW__POLLER_EPOLL
    int epoll_fd;
#else
    struct pollfd *fds; /* the bell first; rebuilt when the table changed */
    uint32_t *serials;  /* of the sockets in fds */
    size_t fds_cap;
    size_t serials_cap;
    bool changed;
#endif
};

/* --- the form: poller_epoll.c or poller_poll.c --- */

llmgw_status llmgw__poll_form_open(struct llmgw__poller *poller);
void llmgw__poll_form_close(struct llmgw__poller *poller);
/** Socket's events were `before` (0: new) and are now socket->events (0: it
 *  is going). */
llmgw_status llmgw__poll_form_change(struct llmgw__poller *poller,
                                     const struct llmgw__poll_socket *socket,
                                     unsigned before);
/** Wait and tell; as llmgw__poller_wait. */
int32_t llmgw__poll_form_wait(struct llmgw__poller *poller, int timeout_ms);

/* --- poller_table.c --- */

/** Tell a socket's owner, unless it was forgotten meanwhile. @return 1, 0 */
int32_t llmgw__poller_tell(struct llmgw__poller *poller, intptr_t fd,
                           uint32_t serial, unsigned events);

/** A socket will be told of soon: have what that needs brought near. */
void llmgw__poller_fetch(const struct llmgw__poller *poller, intptr_t fd);

/* --- wakeup.c --- */

llmgw_status llmgw__wakeup_create(struct llmgw__wakeup **out);
/** Readable while the bell rings. */
intptr_t llmgw__wakeup_fd(const struct llmgw__wakeup *wakeup);
void llmgw__wakeup_empty(struct llmgw__wakeup *wakeup);

#endif
