/*
 * wire/sigpipe.c - keep SIGPIPE from this thread for a while.
 *
 * A SIGPIPE of write() goes to the writing thread, so the other threads of
 * the host see nothing of all this.
 */
#include "sigpipe.h"

#include <stddef.h>

#if defined(_WIN32)

void llmgw__sigpipe_block(struct llmgw__sigpipe *guard)
{
    guard->blocked = false; /* there is no such signal */
}

void llmgw__sigpipe_restore(struct llmgw__sigpipe *guard)
{
    (void)guard;
}

#else

#include <time.h>

static void drain(const sigset_t *pipe_only);

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
