/*
 * call/queue.h - calls that wait until something else gives room in a rate
 * limit, of all threads.
 */
#ifndef LLMGW_CALL_QUEUE_H
#define LLMGW_CALL_QUEUE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/sync.h"
#include "bell.h"

/** Calls that wait until something else gives room, of all threads. */
struct llmgw__queue {
    struct llmgw__mutex lock;
    struct llmgw__queue_place *first;
    atomic_uint waiting;
};

/** One of them. */
struct llmgw__queue_place {
    struct llmgw__queue_place *next;
    struct llmgw__queue_place *previous;
    struct llmgw__bell *bell; /* its driver's; borrowed while it waits */
    atomic_bool told;         /* there is room: look */
    bool in_queue;
};

llmgw_status llmgw__queue_init(struct llmgw__queue *queue);
void llmgw__queue_clear(struct llmgw__queue *queue);
/** Something was given back: all look for themselves. */
void llmgw__queue_ring(struct llmgw__queue *queue);
/** At its end: who came first is rung for first. */
void llmgw__queue_join(struct llmgw__queue *queue,
                       struct llmgw__queue_place *place);
void llmgw__queue_leave(struct llmgw__queue *queue,
                        struct llmgw__queue_place *place);

#endif
