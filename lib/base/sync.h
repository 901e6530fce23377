/* base/sync.h - mutex, once, reference counts, flags: POSIX and Windows. */
#ifndef LLMGW_BASE_SYNC_H
#define LLMGW_BASE_SYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#if defined(_WIN32)
struct llmgw__mutex {
    void *lock; /* an SRWLOCK, which is one pointer */
};
#else
#include <pthread.h>
struct llmgw__mutex {
    pthread_mutex_t lock;
};
#endif

llmgw_status llmgw__mutex_init(struct llmgw__mutex *mutex);
void llmgw__mutex_lock(struct llmgw__mutex *mutex);
void llmgw__mutex_unlock(struct llmgw__mutex *mutex);
void llmgw__mutex_clear(struct llmgw__mutex *mutex);

/** Runs fn once per process, however many threads come. */
struct llmgw__once {
    atomic_int state; /* 0 new, 1 running, 2 done */
};
void llmgw__once_run(struct llmgw__once *once, void (*fn)(void));

/** Atomic count; starts at 1. */
struct llmgw__refs {
    atomic_uint count;
};
void llmgw__refs_init(struct llmgw__refs *refs);
void llmgw__refs_add(struct llmgw__refs *refs);
/** @return true when this was the last one */
bool llmgw__refs_drop(struct llmgw__refs *refs);

/**
 * Notices a fork: a page that the kernel empties in a child (Linux), so that
 * to look costs no system call; elsewhere the process id.
 */
struct llmgw__birth {
    volatile unsigned char *page; /* NULL: by the id */
    int64_t process;
};
void llmgw__birth_init(struct llmgw__birth *birth);
/** This process is a child of the one that made it. */
bool llmgw__birth_forked(const struct llmgw__birth *birth);
void llmgw__birth_clear(struct llmgw__birth *birth);

#endif
