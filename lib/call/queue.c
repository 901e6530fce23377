/*
 * call/queue.c - calls that wait until something gives room: all are rung for,
 * and look for themselves, those first that have waited longest.
 *
 * Memory: none but the calls' own.
 */
#include "queue.h"

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

void llmgw__queue_join(struct llmgw__queue *queue,
                       struct llmgw__queue_place *place)
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

void llmgw__queue_leave(struct llmgw__queue *queue,
                        struct llmgw__queue_place *place)
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
