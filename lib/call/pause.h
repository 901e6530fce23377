/*
 * call/pause.h - a call waits before its next attempt: to back off, for the
 * time that a provider has told, for room in a rate limit.
 */
#ifndef LLMGW_CALL_PAUSE_H
#define LLMGW_CALL_PAUSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"
#include "base/timers.h"
#include "bell.h"
#include "schema/error.h"

struct llmgw_call;
struct llmgw_attempt;

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

struct llmgw__pause {
    struct llmgw__timer timer;
    struct llmgw__queue_place place;
    bool active;
    uint64_t since_ns;
    uint64_t waited_ns; /* before the next attempt; 0: not at all */
};

/** Would the call still run then? */
bool llmgw__pause_fits(const struct llmgw_call *call, uint64_t until_ns);
/**
 * Wait, then ask what call->access says; NEED_RETRY comes.
 *
 * @param until_ns  UINT64_MAX: until there is room, or the call ends
 */
llmgw_status llmgw__pause_begin(struct llmgw_call *call, uint64_t until_ns);
/** It is over, or given up. */
void llmgw__pause_end(struct llmgw_call *call);

#endif
