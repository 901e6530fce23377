/*
 * call/attempt_limits.c - the limits of an attempt: connect, first content,
 * gap, throughput. Each is its own error.
 */
#include "attempt.h"
#include "base/clock.h"

static void connect_fired(struct llmgw__timer *timer, void *userdata);
static void watch_fired(struct llmgw__timer *timer, void *userdata);
static void pace_fired(struct llmgw__timer *timer, void *userdata);

void llmgw__attempt_set_timers(struct llmgw_attempt *attempt)
{
    struct llmgw__attempt_run *run = attempt->run;

    run->connect.fire = connect_fired;
    run->watch.fire = watch_fired;
    run->pace.fire = pace_fired;
    run->connect.userdata = run->watch.userdata = attempt;
    run->pace.userdata = run->hold.userdata = attempt;
}

static llmgw_status set_limit(struct llmgw_attempt *attempt,
                              struct llmgw__timer *timer, uint32_t limit_ms)
{
    if (limit_ms == LLMGW_NO_LIMIT)
        return LLMGW_OK;
    return llmgw__timer_set(&attempt->call->driver->timers, timer,
                            attempt->started_ns + limit_ms * LLMGW__MS);
}

llmgw_status llmgw__attempt_watch(struct llmgw_attempt *attempt)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;
    llmgw_status status =
        set_limit(attempt, &run->connect, call->limits.connect_ms);

    /* the first content of an answer that comes whole is all of it: only a
       limit that was asked for may cut that short */
    if (status == LLMGW_OK && (attempt->streaming || call->first_given))
        status = set_limit(attempt, &run->watch, call->limits.first_ms);
    return status;
}

void llmgw__attempt_unwatch(struct llmgw_attempt *attempt)
{
    struct llmgw__timers *timers = &attempt->call->driver->timers;
    struct llmgw__attempt_run *run = attempt->run;

    llmgw__timer_cancel(timers, &run->connect);
    llmgw__timer_cancel(timers, &run->watch);
    llmgw__timer_cancel(timers, &run->pace);
    llmgw__timer_cancel(timers, &run->hold);
}

/** A whole answer comes in pieces that are no content yet: what is watched is
 *  the gap between them, where no limit of its first content is. */
llmgw_status llmgw__attempt_watch_bytes(struct llmgw_attempt *attempt,
                                        uint64_t now)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;

    if (run->watches_bytes || llmgw__timer_is_set(&run->watch) ||
        call->limits.gap_ms == LLMGW_NO_LIMIT)
        return LLMGW_OK;
    run->watches_bytes = true;
    return llmgw__timer_set(&call->driver->timers, &run->watch,
                            now + call->limits.gap_ms * LLMGW__MS);
}

/** From now on it is the gap that is watched, and the pace. */
llmgw_status llmgw__attempt_watch_gap(struct llmgw_attempt *attempt,
                                      uint64_t now)
{
    struct llmgw_call *call = attempt->call;
    struct llmgw__timers *timers = &call->driver->timers;
    struct llmgw__attempt_run *run = attempt->run;

    if (call->limits.min_rate != LLMGW_NO_LIMIT && attempt->streaming &&
        llmgw__timer_set(timers, &run->pace, now + LLMGW__PACE_WINDOW_NS) !=
            LLMGW_OK)
        return LLMGW_E_NOMEM;
    if (call->limits.gap_ms == LLMGW_NO_LIMIT) {
        llmgw__timer_cancel(timers, &run->watch);
        return LLMGW_OK;
    }
    return llmgw__timer_set(timers, &run->watch,
                            now + call->limits.gap_ms * LLMGW__MS);
}

static void pass_limit(struct llmgw_attempt *attempt, llmgw_limit limit,
                       const char *message)
{
    struct llmgw__error error;

    llmgw__error_limit(&error, limit, message);
    llmgw__attempt_fail(attempt, &error);
}

static void connect_fired(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw_attempt *attempt = userdata;

    (void)timer;
    if (!attempt->end && !attempt->connected_ns)
        pass_limit(attempt, LLMGW_LIMIT_CONNECT,
                   "no connection within the connect limit");
}

/** First content, then the gap: the timer is moved when it fires, not with
 *  every piece that comes. */
static void watch_fired(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw_call *call = attempt->call;
    uint64_t gap = call->limits.gap_ms * LLMGW__MS;
    uint64_t due;

    if (attempt->end)
        return;
    if (!attempt->content_ns && !attempt->run->watches_bytes) {
        pass_limit(attempt, LLMGW_LIMIT_FIRST,
                   "no content within the first-content limit");
        return;
    }
    if (call->limits.gap_ms == LLMGW_NO_LIMIT)
        return;
    due = attempt->run->heard_ns + gap;
    if (due <= call->driver->now_ns)
        pass_limit(attempt, LLMGW_LIMIT_GAP,
                   "nothing came within the gap limit");
    else if (llmgw__timer_set(&call->driver->timers, timer, due) != LLMGW_OK)
        pass_limit(attempt, LLMGW_LIMIT_GAP, "no memory for the gap limit");
}

/** Once a window: has enough come in it? */
static void pace_fired(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw_call *call = attempt->call;
    struct llmgw__attempt_run *run = attempt->run;
    uint64_t tokens = (run->out_bytes - run->pace_bytes) / LLMGW__BYTES_A_TOKEN;

    if (attempt->end)
        return;
    run->pace_bytes = run->out_bytes;
    if (tokens * LLMGW__SECOND <
        (uint64_t)call->limits.min_rate * LLMGW__PACE_WINDOW_NS)
        pass_limit(attempt, LLMGW_LIMIT_THROUGHPUT,
                   "fewer tokens a second came than the limit");
    else if (llmgw__timer_set(&call->driver->timers, timer,
                              call->driver->now_ns + LLMGW__PACE_WINDOW_NS) !=
             LLMGW_OK)
        pass_limit(attempt, LLMGW_LIMIT_THROUGHPUT,
                   "no memory for the throughput limit");
}
