/*
 * wire/sigpipe.h - keep SIGPIPE from this thread for a while.
 *
 * TLS libraries may write to a socket that the peer has closed; the host's
 * process must not die of it, and its handlers are not ours to change. So the
 * signal is blocked in the thread that drives, and one that we caused is taken
 * away before it is unblocked.
 */
#ifndef LLMGW_WIRE_SIGPIPE_H
#define LLMGW_WIRE_SIGPIPE_H

#include <stdbool.h>
#include <stdint.h>

#if defined(_WIN32)
struct llmgw__sigpipe {
    bool blocked;
};
#else
#include <signal.h>
struct llmgw__sigpipe {
    sigset_t before; /* the thread's mask */
    bool blocked;    /* by us */
};
#endif

/**
 * Can this libcurl raise it at all? Blocking costs 0.5 us a time, 6 % of a
 * small chunk. Since 7.88 libcurl passes what these TLS libraries write
 * through its own send(), which asks for no signal where the system can.
 *
 * @param version  0xXXYYZZ
 * @param tls      "OpenSSL/3.0.1", as libcurl tells it; NULL: none
 */
bool llmgw__sigpipe_is_due(uint32_t version, const char *tls);
void llmgw__sigpipe_block(struct llmgw__sigpipe *guard);
void llmgw__sigpipe_restore(struct llmgw__sigpipe *guard);

#endif
