/*
 * base/sync.c - mutex, once, reference counts and the process id.
 *
 * Source: POSIX threads; Windows slim reader/writer locks, used exclusively.
 */
#include "sync.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <errno.h>

#include <sched.h>
#include <unistd.h>
#endif

enum {
    ONCE_NEW = 0,
    ONCE_RUNNING = 1,
    ONCE_DONE = 2
};

static void give_way(void);

#if defined(_WIN32)

_Static_assert(sizeof(SRWLOCK) == sizeof(void *), "an SRWLOCK is one pointer");

llmgw_status llmgw__mutex_init(struct llmgw__mutex *mutex)
{
    InitializeSRWLock((PSRWLOCK)&mutex->lock);
    return LLMGW_OK;
}

void llmgw__mutex_lock(struct llmgw__mutex *mutex)
{
    AcquireSRWLockExclusive((PSRWLOCK)&mutex->lock);
}

void llmgw__mutex_unlock(struct llmgw__mutex *mutex)
{
    ReleaseSRWLockExclusive((PSRWLOCK)&mutex->lock);
}

void llmgw__mutex_clear(struct llmgw__mutex *mutex)
{
    (void)mutex; /* slim locks hold nothing */
}

int64_t llmgw__process_id(void)
{
    return (int64_t)GetCurrentProcessId();
}

static void give_way(void)
{
    (void)SwitchToThread();
}

#else

llmgw_status llmgw__mutex_init(struct llmgw__mutex *mutex)
{
    int error = pthread_mutex_init(&mutex->lock, NULL);

    if (error == ENOMEM)
        return LLMGW_E_NOMEM;
    return error ? LLMGW_E_SYSTEM : LLMGW_OK;
}

void llmgw__mutex_lock(struct llmgw__mutex *mutex)
{
    (void)pthread_mutex_lock(&mutex->lock); /* fails on misuse only */
}

void llmgw__mutex_unlock(struct llmgw__mutex *mutex)
{
    (void)pthread_mutex_unlock(&mutex->lock);
}

void llmgw__mutex_clear(struct llmgw__mutex *mutex)
{
    (void)pthread_mutex_destroy(&mutex->lock);
}

int64_t llmgw__process_id(void)
{
    return (int64_t)getpid();
}

static void give_way(void)
{
    (void)sched_yield();
}

#endif

void llmgw__once_run(struct llmgw__once *once, void (*fn)(void))
{
    int seen = ONCE_NEW;

    if (atomic_load_explicit(&once->state, memory_order_acquire) == ONCE_DONE)
        return;
    if (atomic_compare_exchange_strong(&once->state, &seen, ONCE_RUNNING)) {
        fn();
        atomic_store_explicit(&once->state, ONCE_DONE, memory_order_release);
        return;
    }
    while (atomic_load_explicit(&once->state, memory_order_acquire) !=
           ONCE_DONE)
        give_way();
}

void llmgw__refs_init(struct llmgw__refs *refs)
{
    atomic_init(&refs->count, 1);
}

void llmgw__refs_add(struct llmgw__refs *refs)
{
    atomic_fetch_add_explicit(&refs->count, 1, memory_order_relaxed);
}

bool llmgw__refs_drop(struct llmgw__refs *refs)
{
    /* release what this holder wrote; the last one acquires what all wrote */
    return atomic_fetch_sub_explicit(&refs->count, 1, memory_order_acq_rel) ==
           1;
}
