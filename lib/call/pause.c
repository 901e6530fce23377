/*
 * call/pause.c - a call waits before its next attempt.
 *
 * Until a time, by its loop's timer; or until something that holds room in a
 * rate limit ends, on whatever thread (queue.h).
 *
 * Memory: none but the call's own.
 */
#include "pause.h"

#include "base/clock.h"
#include "call_state.h"

/** Room that nobody told of is looked for so often: a limit that was raised,
 *  or forgotten. */
#define LOOK_AGAIN_NS (1000 * LLMGW__MS)

bool llmgw__pause_fits(const struct llmgw_call *call, uint64_t until_ns)
{
    uint64_t now = llmgw__driver_clock(call->driver);

    if (call->limits.total_ms == LLMGW_NO_LIMIT || until_ns == UINT64_MAX)
        return true;
    return (until_ns > now ? until_ns : now) <
           call->started_ns + call->limits.total_ms * LLMGW__MS;
}

static llmgw_status begin(struct llmgw_call *call, uint64_t until_ns,
                          bool for_room)
{
    struct llmgw__pause *pause = &call->pause;
    llmgw_status status =
        llmgw__timer_set(&call->driver->timers, &pause->timer, until_ns);

    if (status != LLMGW_OK)
        return status;
    if (!pause->since_ns)
        pause->since_ns = llmgw__driver_clock(call->driver);
    pause->active = true;
    pause->place.bell = call->driver->bell;
    if (for_room && !pause->place.in_queue)
        llmgw__queue_join(&call->core->queue, &pause->place);
    return LLMGW_OK;
}

llmgw_status llmgw__pause_begin(struct llmgw_call *call, uint64_t until_ns)
{
    if (until_ns == UINT64_MAX)
        return llmgw__pause_for_room(call, LOOK_AGAIN_NS);
    return begin(call, until_ns, false);
}

llmgw_status llmgw__pause_for_room(struct llmgw_call *call, uint64_t look_ns)
{
    return begin(call, llmgw__driver_clock(call->driver) + look_ns, true);
}

void llmgw__pause_end(struct llmgw_call *call)
{
    struct llmgw__pause *pause = &call->pause;

    if (!pause->active)
        return;
    pause->active = false;
    llmgw__timer_cancel(&call->driver->timers, &pause->timer);
    llmgw__queue_leave(&call->core->queue, &pause->place);
}
