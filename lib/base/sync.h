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

/** The process id, to notice a fork. */
int64_t llmgw__process_id(void);

#endif
