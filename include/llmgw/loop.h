/*
 * llmgw/loop.h - drive many calls on one thread, with our wait or the host's.
 *
 * SPDX-License-Identifier: MIT
 *
 * Three ways to drive a loop, to be chosen by who owns the thread:
 *
 *  1. ours:    while (llmgw_loop_active(loop)) llmgw_loop_run(loop, -1);
 *  2. one fd:  watch llmgw_loop_fd() for input, wait at most
 *              llmgw_loop_timeout_ms(), then llmgw_loop_run(loop, 0);
 *  3. sockets: llmgw_loop_set_hooks(): the host is told which sockets to
 *              watch and when to call, as in libuv or GLib.
 */
#ifndef LLMGW_LOOP_H
#define LLMGW_LOOP_H

#include <llmgw/base.h>
#include <llmgw/gateway.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Drives calls on the thread that owns it; keeps their connections. */
typedef struct llmgw_loop llmgw_loop;

/**
 * Make a loop.
 *
 * @param gateway   a reference is held until llmgw_loop_free()
 * @param[out] out  owned by the caller: llmgw_loop_free(). NULL on failure
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_CLOSED   the gateway is closed
 * @retval LLMGW_E_SYSTEM   no descriptor left
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: any; the loop belongs to the thread that drives it.
 */
LLMGW_API llmgw_status llmgw_loop_create(llmgw_gateway *gateway,
                                         llmgw_loop **out);

/**
 * Free a loop; NULL is allowed. Calls that still run are cancelled, their
 * entries written and their on_done made from here.
 *
 * Thread: owner; not from inside a callback.
 */
LLMGW_API void llmgw_loop_free(llmgw_loop *loop);

/**
 * Wait until something happens, handle all that is due, return.
 *
 * @param timeout_ms  wait at most this long; 0: do not wait; negative: until
 *                    something happens
 * @retval LLMGW_OK          what was due has been handled
 * @retval LLMGW_E_INVALID   loop is NULL
 * @retval LLMGW_E_REENTRANT called from inside a callback
 * @retval LLMGW_E_FORKED    the loop was made by the parent process
 * @retval LLMGW_E_SYSTEM    the wait failed
 *
 * Thread: owner. Callbacks: on_chunk, on_done.
 */
LLMGW_API llmgw_status llmgw_loop_run(llmgw_loop *loop, int32_t timeout_ms);

/** Calls that have not ended. Thread: owner. */
LLMGW_API size_t llmgw_loop_active(const llmgw_loop *loop);

/**
 * A descriptor that becomes readable when there is work; -1 where the platform
 * has no such thing (then use hooks). Borrowed. Thread: owner.
 */
LLMGW_API intptr_t llmgw_loop_fd(const llmgw_loop *loop);

/**
 * How long a host that waits itself may wait before llmgw_loop_run(loop, 0).
 *
 * @return ms, 0: call at once, -1: no timer is set
 *
 * Thread: owner.
 */
LLMGW_API int64_t llmgw_loop_timeout_ms(const llmgw_loop *loop);

/** Make a waiting llmgw_loop_run() return. Thread: any, while it lives. */
LLMGW_API void llmgw_loop_wakeup(llmgw_loop *loop);

/** What a host watches a socket for, and what it saw. */
enum {
    LLMGW_POLL_IN = 1,
    LLMGW_POLL_OUT = 2,
    LLMGW_POLL_ERROR = 4
};

/** The host's own watching, in place of ours. */
typedef struct llmgw_loop_hooks {
    uint32_t size;     /**< bytes; LLMGW_LOOP_HOOKS_INIT fills it in */
    uint32_t reserved; /**< 0 */
    void *userdata;    /**< handed to both, never read */
    /**
     * Watch `fd` for `events` from now on, in place of what was asked before;
     * 0: forget it, it may be closed when this returns.
     */
    void (*on_socket)(intptr_t fd, uint32_t events, void *userdata);
    /**
     * Call llmgw_loop_expired() in `timeout_ms` from now, in place of what was
     * asked before; -1: no timer.
     */
    void (*on_timer)(int64_t timeout_ms, void *userdata);
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_loop_hooks;

#define LLMGW_LOOP_HOOKS_INIT                         \
    {                                                 \
        sizeof(llmgw_loop_hooks), 0, NULL, NULL, NULL \
    }

/**
 * Hand the watching to the host: on_socket is called at once for sockets that
 * are open, and whenever that changes.
 *
 * @param hooks  copied; both functions are required; NULL: the loop waits
 *               itself again
 * @retval LLMGW_E_INVALID   loop is NULL, a function is missing, an options
 *                           field we do not know
 * @retval LLMGW_E_REENTRANT called from inside a callback
 * @retval LLMGW_E_NOMEM     no memory; nothing has changed
 *
 * Thread: owner. Callbacks: on_socket, on_timer.
 */
LLMGW_API llmgw_status llmgw_loop_set_hooks(llmgw_loop *loop,
                                            const llmgw_loop_hooks *hooks);

/**
 * The host saw `events` on a socket it watches for us.
 *
 * @retval LLMGW_E_INVALID   loop is NULL
 * @retval LLMGW_E_REENTRANT called from inside a callback
 *
 * Thread: owner. Callbacks: on_chunk, on_done, on_socket, on_timer.
 */
LLMGW_API llmgw_status llmgw_loop_ready(llmgw_loop *loop, intptr_t fd,
                                        uint32_t events);

/** The time asked for by on_timer has come. As llmgw_loop_ready(). */
LLMGW_API llmgw_status llmgw_loop_expired(llmgw_loop *loop);

#ifdef __cplusplus
}
#endif

#endif
