/*
 * wire/poller.h - wait for sockets: epoll on Linux, poll elsewhere, WSAPoll
 * on Windows; with a wakeup that any thread can ring.
 *
 * In place of our own wait the host may watch the sockets itself: then a hook
 * is told of every socket and its events, and hands back what became ready.
 */
#ifndef LLMGW_WIRE_POLLER_H
#define LLMGW_WIRE_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/sync.h"

enum {
    LLMGW__POLL_IN = 1,
    LLMGW__POLL_OUT = 2,
    LLMGW__POLL_ERROR = 4 /* reported, never asked for */
};

/** A socket's owner is told what is ready. */
typedef void (*llmgw__poll_fn)(void *userdata, intptr_t fd, unsigned events);

/** The bell: rings one poller, from any thread, as long as somebody holds a
 *  reference; ringing after the poller is gone does nothing. */
struct llmgw__wakeup;
struct llmgw__wakeup *llmgw__wakeup_ref(struct llmgw__wakeup *wakeup);
void llmgw__wakeup_drop(struct llmgw__wakeup *wakeup); /* NULL allowed */
void llmgw__wakeup_ring(struct llmgw__wakeup *wakeup);

/** Told of every change when the host watches; events 0: forget the socket. */
typedef void (*llmgw__poll_hook)(void *userdata, intptr_t fd, unsigned events);

struct llmgw__poller;

llmgw_status llmgw__poller_create(struct llmgw__poller **out);
void llmgw__poller_free(struct llmgw__poller *poller);
/** Borrowed; take a reference to keep it. */
struct llmgw__wakeup *llmgw__poller_wakeup(struct llmgw__poller *poller);
/** Watch a socket for events (replacing what was asked before); events 0:
 *  stop watching. fn and userdata are kept until then. */
llmgw_status llmgw__poller_watch(struct llmgw__poller *poller, intptr_t fd,
                                 unsigned events, llmgw__poll_fn fn,
                                 void *userdata);
/**
 * Wait until something is ready, the bell rings, or the time has passed; then
 * call the owners of what is ready. A socket forgotten by an earlier callback
 * of the same round is not called.
 *
 * @param timeout_ms  0: do not wait; negative: for ever
 * @return number of sockets told (the bell not counted), or LLMGW_E_SYSTEM
 */
int32_t llmgw__poller_wait(struct llmgw__poller *poller, int64_t timeout_ms);
/** One descriptor that is readable whenever wait would find something; -1
 *  where the platform has none (poll, WSAPoll). */
intptr_t llmgw__poller_fd(const struct llmgw__poller *poller);
/** From now on the host watches; it is told of all present sockets, the
 *  bell's included. NULL: we watch again. */
llmgw_status llmgw__poller_set_hook(struct llmgw__poller *poller,
                                    llmgw__poll_hook hook, void *userdata);
/** The host saw events on a socket: its owner is called (the bell is
 *  emptied). Unknown sockets are ignored. */
void llmgw__poller_ready(struct llmgw__poller *poller, intptr_t fd,
                         unsigned events);

#endif
