/*
 * base/timers.c - a binary heap of timers that know their place in it.
 *
 * While a run lasts, the timers that were due when it began are marked (one
 * bit of `slot`) and stand before all others: what a callback sets anew is not
 * marked, so a run ends however often callbacks set timers in the past.
 *
 * Memory: one pointer a timer; grows, never shrinks before clear.
 */
#include "timers.h"

#include "alloc.h"

/** The bit of `slot` that marks a timer due in the run that goes on. */
#define MARK (~(SIZE_MAX >> 1))

static bool before(const struct llmgw__timer *a, const struct llmgw__timer *b);
static void put(struct llmgw__timers *timers, size_t at,
                struct llmgw__timer *timer);
static void sift_up(struct llmgw__timers *timers, size_t at);
static void sift_down(struct llmgw__timers *timers, size_t at);
static void mark_due(struct llmgw__timers *timers, size_t at, uint64_t now_ns);
static size_t place_of(const struct llmgw__timer *timer);

void llmgw__timers_init(struct llmgw__timers *timers)
{
    timers->heap = NULL;
    timers->count = 0;
    timers->cap = 0;
}

llmgw_status llmgw__timer_set(struct llmgw__timers *timers,
                              struct llmgw__timer *timer, uint64_t due_ns)
{
    void *heap = timers->heap;

    if (!timer->slot) {
        if (llmgw__grow(&heap, &timers->cap, timers->count + 1,
                        sizeof(struct llmgw__timer *)) != 0)
            return LLMGW_E_NOMEM;
        timers->heap = heap;
        put(timers, timers->count++, timer);
    }
    timer->slot &= ~MARK;
    timer->due_ns = due_ns;
    sift_up(timers, place_of(timer));
    sift_down(timers, place_of(timer));
    return LLMGW_OK;
}

void llmgw__timer_cancel(struct llmgw__timers *timers,
                         struct llmgw__timer *timer)
{
    struct llmgw__timer *last;
    size_t at;

    if (!timer->slot)
        return;
    at = place_of(timer);
    timer->slot = 0;
    last = timers->heap[--timers->count];
    if (last == timer)
        return;
    put(timers, at, last);
    sift_up(timers, at);
    sift_down(timers, place_of(last));
}

bool llmgw__timer_is_set(const struct llmgw__timer *timer)
{
    return timer->slot != 0;
}

uint64_t llmgw__timers_next(const struct llmgw__timers *timers)
{
    return timers->count ? timers->heap[0]->due_ns : UINT64_MAX;
}

void llmgw__timers_run(struct llmgw__timers *timers, uint64_t now_ns)
{
    mark_due(timers, 0, now_ns);
    while (timers->count && (timers->heap[0]->slot & MARK)) {
        struct llmgw__timer *timer = timers->heap[0];

        llmgw__timer_cancel(timers, timer);
        timer->fire(timer, timer->userdata); /* may free the timer */
    }
}

void llmgw__timers_clear(struct llmgw__timers *timers)
{
    for (size_t at = 0; at < timers->count; at++)
        timers->heap[at]->slot = 0;
    llmgw__free(timers->heap);
    llmgw__timers_init(timers);
}

static bool before(const struct llmgw__timer *a, const struct llmgw__timer *b)
{
    if ((a->slot & MARK) != (b->slot & MARK))
        return (a->slot & MARK) != 0;
    return a->due_ns < b->due_ns;
}

static void put(struct llmgw__timers *timers, size_t at,
                struct llmgw__timer *timer)
{
    timers->heap[at] = timer;
    timer->slot = (timer->slot & MARK) | (at + 1);
}

static void sift_up(struct llmgw__timers *timers, size_t at)
{
    struct llmgw__timer *timer = timers->heap[at];

    while (at > 0) {
        struct llmgw__timer *parent = timers->heap[(at - 1) / 2];

        if (!before(timer, parent))
            break;
        put(timers, at, parent);
        at = (at - 1) / 2;
    }
    put(timers, at, timer);
}

static void sift_down(struct llmgw__timers *timers, size_t at)
{
    struct llmgw__timer *timer = timers->heap[at];

    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < timers->count &&
            before(timers->heap[child + 1], timers->heap[child]))
            child++;
        if (child >= timers->count || !before(timers->heap[child], timer))
            break;
        put(timers, at, timers->heap[child]);
        at = child;
    }
    put(timers, at, timer);
}

/* All that are due form the top of the heap: no other is looked at but their
 * children. As deep as the heap: the logarithm of its size. */
static void mark_due(struct llmgw__timers *timers, size_t at, uint64_t now_ns)
{
    if (at >= timers->count || timers->heap[at]->due_ns > now_ns)
        return;
    timers->heap[at]->slot |= MARK;
    mark_due(timers, 2 * at + 1, now_ns);
    mark_due(timers, 2 * at + 2, now_ns);
}

static size_t place_of(const struct llmgw__timer *timer)
{
    return (timer->slot & ~MARK) - 1;
}
