/*
 * wire/sigpipe.c - keep SIGPIPE from this thread for a while.
 *
 * A SIGPIPE of write() goes to the writing thread, so the other threads of
 * the host see nothing of all this.
 */
#include "sigpipe.h"

#include <stddef.h>

#if defined(_WIN32)

bool llmgw__sigpipe_is_due(uint32_t version, const char *tls)
{
    (void)version;
    (void)tls;
    return false;
}

void llmgw__sigpipe_block(struct llmgw__sigpipe *guard)
{
    guard->blocked = false; /* there is no such signal */
}

void llmgw__sigpipe_restore(struct llmgw__sigpipe *guard)
{
    (void)guard;
}

#else

#include <string.h>
#include <time.h>

#include <sys/socket.h>

static void drain(const sigset_t *pipe_only);

/* Of several TLS libraries those not in use stand in parentheses; where the
 * first is one of them, it is taken to be due. */
bool llmgw__sigpipe_is_due(uint32_t version, const char *tls)
{
#if defined(MSG_NOSIGNAL)
    static const char *const quiet[] = {"OpenSSL", "LibreSSL", "BoringSSL",
                                        "quictls", "GnuTLS",   "mbedTLS"};

    if (!tls)
        return false;
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++)
        if (version >= 0x075800 &&
            strncmp(tls, quiet[i], strlen(quiet[i])) == 0)
            return false;
#else
    (void)version;
    (void)tls;
#endif
    return true;
}

/* Where the host has blocked it, it stays blocked, and pending if it comes. */
void llmgw__sigpipe_block(struct llmgw__sigpipe *guard)
{
    sigset_t pipe_only;

    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    guard->blocked =
        pthread_sigmask(SIG_BLOCK, &pipe_only, &guard->before) == 0 &&
        sigismember(&guard->before, SIGPIPE) == 0;
}

void llmgw__sigpipe_restore(struct llmgw__sigpipe *guard)
{
    sigset_t pipe_only;

    if (!guard->blocked)
        return;
    (void)sigemptyset(&pipe_only);
    (void)sigaddset(&pipe_only, SIGPIPE);
    drain(&pipe_only);
    (void)pthread_sigmask(SIG_SETMASK, &guard->before, NULL);
}

static void drain(const sigset_t *pipe_only)
{
#if defined(__APPLE__) || defined(__OpenBSD__)
    sigset_t pending;
    int number;

    if (sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1)
        (void)sigwait(pipe_only, &number);
#else
    static const struct timespec at_once = {0, 0};

    (void)sigtimedwait(pipe_only, NULL, &at_once);
#endif
}

#endif
