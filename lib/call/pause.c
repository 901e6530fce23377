/*
 * call/pause.c - a call waits before its next attempt.
 *
 * Until a time, by its loop's timer; or until something that holds room in a
 * rate limit ends, on whatever thread: then all that wait for room are rung
 * for, and look for themselves, those first that have waited longest.
 *
 * Memory: none but the call's own.
 */
#include "pause.h"

#include "base/clock.h"
#include "call_state.h"

/** Room that nobody told of is looked for so often: a limit that was raised,
 *  or forgotten. */
#define LOOK_AGAIN_NS (1000 * LLMGW__MS)

llmgw_status llmgw__queue_init(struct llmgw__queue *queue)
{
    queue->first = NULL;
    atomic_init(&queue->waiting, 0);
    return llmgw__mutex_init(&queue->lock);
}

void llmgw__queue_clear(struct llmgw__queue *queue)
{
    llmgw__mutex_clear(&queue->lock);
}

void llmgw__queue_ring(struct llmgw__queue *queue)
{
    if (!atomic_load(&queue->waiting))
        return;
    llmgw__mutex_lock(&queue->lock);
    for (struct llmgw__queue_place *place = queue->first; place;
         place = place->next) {
        atomic_store(&place->told, true);
        llmgw__bell_ring(place->bell);
    }
    llmgw__mutex_unlock(&queue->lock);
}

/** At the end: who came first is rung for first. */
static void join(struct llmgw__queue *queue, struct llmgw__queue_place *place)
{
    struct llmgw__queue_place *last = NULL;

    atomic_store(&place->told, false);
    llmgw__mutex_lock(&queue->lock);
    for (last = queue->first; last && last->next; last = last->next)
        ;
    place->previous = last;
    place->next = NULL;
    if (last)
        last->next = place;
    else
        queue->first = place;
    place->in_queue = true;
    llmgw__mutex_unlock(&queue->lock);
    atomic_fetch_add(&queue->waiting, 1);
}

static void leave(struct llmgw__queue *queue, struct llmgw__queue_place *place)
{
    if (!place->in_queue)
        return;
    atomic_fetch_sub(&queue->waiting, 1);
    llmgw__mutex_lock(&queue->lock);
    if (place->previous)
        place->previous->next = place->next;
    else
        queue->first = place->next;
    if (place->next)
        place->next->previous = place->previous;
    place->in_queue = false;
    llmgw__mutex_unlock(&queue->lock);
}

bool llmgw__pause_fits(const struct llmgw_call *call, uint64_t until_ns)
{
    uint64_t now = llmgw__driver_clock(call->driver);

    if (call->limits.total_ms == LLMGW_NO_LIMIT || until_ns == UINT64_MAX)
        return true;
    return (until_ns > now ? until_ns : now) <
           call->started_ns + call->limits.total_ms * LLMGW__MS;
}

llmgw_status llmgw__pause_begin(struct llmgw_call *call, uint64_t until_ns)
{
    struct llmgw__pause *pause = &call->pause;
    bool for_room = until_ns == UINT64_MAX;
    uint64_t now = llmgw__driver_clock(call->driver);
    llmgw_status status;

    if (for_room)
        until_ns = now + LOOK_AGAIN_NS;
    status = llmgw__timer_set(&call->driver->timers, &pause->timer, until_ns);
    if (status != LLMGW_OK)
        return status;
    if (!pause->since_ns)
        pause->since_ns = now;
    pause->active = true;
    pause->place.bell = call->driver->bell;
    if (for_room && !pause->place.in_queue)
        join(&call->core->queue, &pause->place);
    return LLMGW_OK;
}

void llmgw__pause_end(struct llmgw_call *call)
{
    struct llmgw__pause *pause = &call->pause;

    if (!pause->active)
        return;
    pause->active = false;
    llmgw__timer_cancel(&call->driver->timers, &pause->timer);
    leave(&call->core->queue, &pause->place);
}
