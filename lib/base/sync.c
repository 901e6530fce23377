/*
 * base/sync.c - mutex, once, reference counts and the notice of a fork.
 *
 * Source: POSIX threads; Windows slim reader/writer locks, used exclusively;
 * madvise(2), MADV_WIPEONFORK (Linux 4.14). Memory: one page a birth.
 */
#include "sync.h"

#if defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <errno.h>

#include <sched.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/mman.h>
#endif
#endif

enum {
    ONCE_NEW = 0,
    ONCE_RUNNING = 1,
    ONCE_DONE = 2
};

static void give_way(void);
static int64_t process_id(void);
static volatile unsigned char *wiped_page(void);
static void drop_page(volatile unsigned char *page);

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

static int64_t process_id(void)
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

static int64_t process_id(void)
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

/* --- birth --- */

enum {
    BIRTH_BYTES = 4096 /* less than a page is rounded up */
};

void llmgw__birth_init(struct llmgw__birth *birth)
{
    birth->process = process_id();
    birth->page = wiped_page();
    if (birth->page)
        *birth->page = 1;
}

bool llmgw__birth_forked(const struct llmgw__birth *birth)
{
    return birth->page ? !*birth->page : birth->process != process_id();
}

void llmgw__birth_clear(struct llmgw__birth *birth)
{
    if (birth->page)
        drop_page(birth->page);
    birth->page = NULL;
}

/* Where it was seen to work; emulators of other machines take the call and do
 * not wipe. There a birth asks for the process id each time. */
#if defined(MADV_WIPEONFORK) && (defined(__x86_64__) || defined(__aarch64__))

static volatile unsigned char *wiped_page(void)
{
    void *page = mmap(NULL, BIRTH_BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (page == MAP_FAILED)
        return NULL;
    if (madvise(page, BIRTH_BYTES, MADV_WIPEONFORK) == 0)
        return page;
    (void)munmap(page, BIRTH_BYTES);
    return NULL;
}

static void drop_page(volatile unsigned char *page)
{
    (void)munmap((void *)page, BIRTH_BYTES);
}

#else

static volatile unsigned char *wiped_page(void)
{
    return NULL;
}

static void drop_page(volatile unsigned char *page)
{
    (void)page;
}

#endif
