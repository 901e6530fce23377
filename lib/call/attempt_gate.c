/*
 * call/attempt_gate.c - from ordered chunks to the call: the seam of an answer
 * that is gone on with, the gate, first content, commit.
 */
#include "attempt.h"
#include "base/clock.h"
#include "learn.h"

static llmgw_status on_joined(void *userdata, const struct llmgw__chunk *chunk);
static llmgw_status on_passed(void *userdata, const struct llmgw__chunk *chunk);
static llmgw_status on_content(void *userdata);
static llmgw_status on_commit(void *userdata);
static void hold_fired(struct llmgw__timer *timer, void *userdata);

void llmgw__attempt_set_gate(struct llmgw_attempt *attempt)
{
    const struct llmgw__conduct *conduct = &attempt->call->conduct;
    struct llmgw__attempt_run *run = attempt->run;
    struct llmgw__gate_setup setup = {
        .arena = &run->arena,
        .tokens = conduct->gate_tokens,
        .bytes = conduct->gate_bytes,
        .whole_tools = conduct->tools == LLMGW__TOOLS_WHOLE,
        .content = on_content,
        .commit = on_commit,
        .out = on_passed,
        .userdata = attempt,
    };

    if (conduct->hedge.commit == LLMGW__COMMIT_ANSWER)
        setup.tokens = UINT32_MAX;
    else if (setup.tokens == LLMGW_NO_LIMIT) /* as long as its time says */
        setup.tokens = conduct->gate_ms == LLMGW_NO_LIMIT ? 0 : UINT32_MAX;
    llmgw__gate_init(&run->gate, &setup);
    run->hold.fire = hold_fired;
    run->seam.arena = &run->arena;
    run->seam.out = on_joined;
    run->seam.userdata = attempt;
    if (attempt->continues)
        llmgw__seam_init(&run->seam);
}

llmgw_status llmgw__attempt_ordered(void *userdata,
                                    const struct llmgw__chunk *chunk)
{
    struct llmgw_attempt *attempt = userdata;

    attempt->run->out_bytes += chunk->text.len;
    return attempt->continues ? llmgw__seam_push(&attempt->run->seam, chunk)
                              : on_joined(attempt, chunk);
}

static llmgw_status on_joined(void *userdata, const struct llmgw__chunk *chunk)
{
    struct llmgw_attempt *attempt = userdata;

    if (!attempt->content_ns && attempt->run->gate.has_content) {
        llmgw_status status = on_content(attempt); /* a further exchange's */

        if (status != LLMGW_OK)
            return status;
    }
    return llmgw__gate_push(&attempt->run->gate, chunk);
}

static llmgw_status on_passed(void *userdata, const struct llmgw__chunk *chunk)
{
    struct llmgw_attempt *attempt = userdata;

    attempt->told_bytes += chunk->text.len;
    return attempt->call->ops->chunk(attempt->call, chunk);
}

/** No other target will be asked: what was sent is needed no more. */
static void drop_body(struct llmgw__attempt_run *run)
{
    if (run->exchange.transfer && llmgw__http_sent(run->exchange.transfer))
        llmgw__body_clear(&run->request.body);
}

static llmgw_status on_commit(void *userdata)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw_call *call = attempt->call;
    llmgw_status status = call->ops->commit(call, attempt);
    uint64_t now = llmgw__attempt_now(attempt);

    if (status != LLMGW_OK)
        return status;
    drop_body(attempt->run);
    call->first_content_ns =
        now > call->started_ns ? now - call->started_ns : 1;
    llmgw__timer_cancel(&call->driver->timers, &attempt->run->hold);
    return LLMGW_OK;
}

/** After the first content it is the gap that is watched, and the time that
 *  the gate may hold it back. */
static llmgw_status on_content(void *userdata)
{
    struct llmgw_attempt *attempt = userdata;
    struct llmgw__attempt_run *run = attempt->run;
    const struct llmgw_call *call = attempt->call;
    struct llmgw__timers *timers = &call->driver->timers;
    uint64_t now = llmgw__attempt_now(attempt);
    uint32_t hold_ms = call->conduct.gate_ms;
    llmgw_status status = LLMGW_OK;

    attempt->content_ns = llmgw__attempt_age(attempt);
    llmgw__attempt_proves(attempt);
    if (!run->gate.committed && run->gate.setup.tokens &&
        hold_ms != LLMGW_NO_LIMIT)
        status =
            llmgw__timer_set(timers, &run->hold, now + hold_ms * LLMGW__MS);
    return status == LLMGW_OK ? llmgw__attempt_watch_gap(attempt, now) : status;
}

static void hold_fired(struct llmgw__timer *timer, void *userdata)
{
    struct llmgw_attempt *attempt = userdata;
    llmgw_status status;

    (void)timer;
    if (attempt->end)
        return;
    status = llmgw__gate_open(&attempt->run->gate);
    if (status != LLMGW_OK && status != LLMGW__CHILD)
        llmgw__attempt_end_by(attempt, status);
}
