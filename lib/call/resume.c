/*
 * call/resume.c - an answer broke off after it was begun: what was told is
 * gone on with, or taken back and told anew, or all there is.
 *
 * Nothing that was handed over is ever withdrawn silently: without on_restart a
 * stream is not begun anew. Where no chunks are handed over, nothing was told
 * before the end, and beginning anew is nobody's business. What was told stays
 * until the first content of another attempt is there: if none comes, it is the
 * partial answer of the error.
 *
 * Gone on with is text alone: never from within a tool call or reasoning.
 */
#include "resume.h"

#include <string.h>

#include "base/alloc.h"
#include "call_state.h"
#include "driver.h"
#include "kind.h"

bool llmgw__resume_has_part(const struct llmgw_call *call)
{
    return call->committed || call->resume.again || call->resume.goes_on;
}

/** The text of an answer that can be gone on with; empty: it cannot. */
static llmgw_str text_so_far(struct llmgw_call *call)
{
    const struct llmgw__answer *answer =
        llmgw__assemble_answer(&call->assemble);
    const struct llmgw__answer_choice *choice;

    if (!answer || answer->choice_count != 1 || call->chat.n > 1)
        return llmgw__str_n(NULL, 0);
    choice = &answer->choices[0];
    if (choice->tool_count || choice->refusal.len ||
        choice->finish != LLMGW_FINISH_NONE)
        return llmgw__str_n(NULL, 0);
    return choice->text;
}

/** What the attempts have used that told it. */
static bool add_usage(struct llmgw_call *call,
                      const struct llmgw_attempt *broken)
{
    struct llmgw__usage *sum = llmgw__arena_alloc(&call->arena, sizeof *sum);

    if (!sum)
        return false;
    *sum = broken->usage;
    if (broken->before)
        llmgw__usage_add(sum, broken->before);
    call->resume.before = sum;
    return true;
}

static bool go_on_with(struct llmgw_call *call,
                       const struct llmgw_attempt *broken)
{
    llmgw_str told = text_so_far(call);

    if (!told.len || !add_usage(call, broken) ||
        llmgw__arena_str(&call->arena, told, &call->resume.told) != LLMGW_OK)
        return false;
    call->resume.goes_on = true;
    call->resume.again = false;
    call->committed = NULL;
    return true;
}

static bool begin_anew(struct llmgw_call *call)
{
    if (call->options.on_chunk && !call->options.on_restart)
        return false;
    call->resume.goes_on = false;
    call->resume.again = true;
    call->resume.before = NULL;
    call->committed = NULL;
    return true;
}

/** One that was asked is asked next, before those who were not. */
static void offer_again(struct llmgw__plan *plan, size_t index)
{
    struct llmgw__candidate moved = plan->candidates[index];

    moved.cannot_resume = false;
    moved.usable = true;
    plan->next--;
    memmove(&plan->candidates[index], &plan->candidates[index + 1],
            (plan->next - index) * sizeof moved);
    plan->candidates[plan->next] = moved;
}

/** Those who only could not go on with it, in their order. */
static void offer_unable(struct llmgw__plan *plan)
{
    for (size_t i = plan->next; i-- > 0;)
        if (plan->candidates[i].cannot_resume)
            offer_again(plan, i);
}

/** Those who were only late: nothing is held against them. */
static void offer_losers(struct llmgw_call *call)
{
    struct llmgw__plan *plan = &call->plan;

    for (size_t a = 0; a < call->attempt_count; a++) {
        const struct llmgw_attempt *attempt = call->attempts[a];

        for (size_t i = plan->next; attempt->lost && i-- > 0;)
            if (plan->candidates[i].target == attempt->target) {
                offer_again(plan, i);
                break;
            }
    }
}

bool llmgw__resume_prepare(struct llmgw_call *call,
                           const struct llmgw_attempt *broken)
{
    uint8_t how = call->conduct.on_break;
    bool goes_on;

    if (call->kind != &llmgw__kind_chat || call->deadline_passed ||
        (call->options.on_chunk && how == LLMGW__BREAK_ERROR))
        return false;
    goes_on = call->options.on_chunk && how == LLMGW__BREAK_CONTINUE &&
              go_on_with(call, broken);
    if (!goes_on && !begin_anew(call))
        return false;
    offer_losers(call);
    return true;
}

void llmgw__resume_cannot(struct llmgw_call *call,
                          const struct llmgw__target *target)
{
    for (size_t i = 0; i < call->plan.next; i++)
        if (call->plan.candidates[i].target == target)
            call->plan.candidates[i].cannot_resume = true;
}

bool llmgw__resume_anew(struct llmgw_call *call)
{
    if (!call->resume.goes_on || call->deadline_passed)
        return false;
    if (!begin_anew(call))
        return false;
    offer_unable(&call->plan);
    return true;
}

llmgw_status llmgw__resume_commit(struct llmgw_call *call)
{
    int32_t stop = 0;

    call->resume.goes_on = false;
    if (!call->resume.again)
        return LLMGW_OK;
    if (call->options.on_chunk) {
        llmgw__guard_enter();
        stop = call->options.on_restart(call, call->options.userdata);
        llmgw__guard_leave();
        if (llmgw__birth_forked(&call->driver->birth))
            return LLMGW__CHILD;
    }
    if (stop) {
        call->stopped = true;
        call->stop_value = stop;
        return LLMGW__STOPPED;
    }
    call->resume.again = false;
    llmgw__assemble_clear(&call->assemble);
    llmgw__assemble_init(&call->assemble, &call->arena,
                         call->catalog->max_response);
    return LLMGW_OK;
}
