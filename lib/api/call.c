/*
 * api/call.c - read how a call went: its end, attempts, plan, adjustments.
 */
#include <llmgw/chat.h>

#include "gateway.h"

void llmgw_call_cancel(llmgw_call *call)
{
    if (call)
        llmgw__cancel_flag_set(call->cancel);
}

void llmgw_call_free(llmgw_call *call)
{
    if (call)
        llmgw__call_release(call);
}

llmgw_end llmgw_call_end(const llmgw_call *call)
{
    return call && call->state == LLMGW__CALL_ENDED ? call->end
                                                    : LLMGW_END_NONE;
}

llmgw_response *llmgw_call_response(llmgw_call *call)
{
    return call && call->response.answer ? &call->response : NULL;
}

llmgw_error *llmgw_call_error(llmgw_call *call)
{
    return llmgw_call_end(call) == LLMGW_END_ERROR ? call->error : NULL;
}

int32_t llmgw_call_stop_value(const llmgw_call *call)
{
    return call ? call->stop_value : 0;
}

int64_t llmgw_call_cost(const llmgw_call *call, llmgw_money *out)
{
    llmgw_money sum = {0, 0};
    int64_t unknown = 0;

    for (size_t i = 0; call && i < call->attempt_count; i++) {
        const struct llmgw_attempt *attempt = call->attempts[i];

        if (!attempt->row)
            continue; /* never sent */
        if (attempt->cost.known)
            llmgw__money_add(&sum, attempt->cost.pico);
        else
            unknown++;
    }
    if (out)
        *out = sum;
    return unknown;
}

uint64_t llmgw_call_duration_ns(const llmgw_call *call)
{
    return call ? call->ended_ns : 0;
}

uint64_t llmgw_call_first_content_ns(const llmgw_call *call)
{
    return call ? call->first_content_ns : 0;
}

const char *llmgw_call_id(const llmgw_call *call)
{
    return call ? call->id : "";
}

/* --- attempts --- */

size_t llmgw_call_attempt_count(const llmgw_call *call)
{
    return call ? call->attempt_count : 0;
}

const llmgw_attempt *llmgw_call_attempt(const llmgw_call *call, size_t index)
{
    return call && index < call->attempt_count ? call->attempts[index] : NULL;
}

const char *llmgw_attempt_target(const llmgw_attempt *attempt)
{
    return attempt ? attempt->target->id : "";
}

const char *llmgw_attempt_why(const llmgw_attempt *attempt)
{
    return attempt ? attempt->why : NULL;
}

llmgw_end llmgw_attempt_end(const llmgw_attempt *attempt)
{
    return attempt ? attempt->end : LLMGW_END_NONE;
}

llmgw_error *llmgw_attempt_error(const llmgw_attempt *attempt)
{
    return attempt ? attempt->error : NULL;
}

int32_t llmgw_attempt_http_status(const llmgw_attempt *attempt)
{
    return attempt ? attempt->head.status : 0;
}

llmgw_str llmgw_attempt_header(const llmgw_attempt *attempt, const char *name)
{
    if (!attempt || !name)
        return llmgw__str("");
    return llmgw__http_head_get(&attempt->head, name);
}

const llmgw_usage *llmgw_attempt_usage(const llmgw_attempt *attempt)
{
    if (!attempt || !attempt->has_usage)
        return NULL;
    return (const llmgw_usage *)&attempt->usage;
}

int32_t llmgw_attempt_cost(const llmgw_attempt *attempt, int64_t *out_pico_usd)
{
    if (!attempt || !attempt->row || !attempt->cost.known)
        return 0;
    if (out_pico_usd)
        *out_pico_usd = attempt->cost.pico;
    return 1;
}

uint64_t llmgw_attempt_ns(const llmgw_attempt *attempt,
                          llmgw_attempt_time which)
{
    if (!attempt)
        return 0;
    switch (which) {
    case LLMGW_TIME_STARTED:
        return attempt->started_ns - attempt->call->started_ns;
    case LLMGW_TIME_CONNECTED:
        return attempt->connected_ns;
    case LLMGW_TIME_HEAD:
        return attempt->head_ns;
    case LLMGW_TIME_CONTENT:
        return attempt->content_ns;
    case LLMGW_TIME_CREDENTIAL:
        return attempt->waited_ns;
    case LLMGW_TIME_END:
        return attempt->ended_ns;
    default:
        return 0;
    }
}

/* --- plan --- */

size_t llmgw_call_plan_count(const llmgw_call *call)
{
    return call ? call->plan.count : 0;
}

static const struct llmgw__candidate *candidate_of(const llmgw_call *call,
                                                   size_t index)
{
    return call && index < call->plan.count ? &call->plan.candidates[index]
                                            : NULL;
}

const char *llmgw_call_plan_target(const llmgw_call *call, size_t index)
{
    const struct llmgw__candidate *candidate = candidate_of(call, index);

    return candidate ? candidate->target->id : NULL;
}

const char *llmgw_call_plan_reason(const llmgw_call *call, size_t index)
{
    const struct llmgw__candidate *candidate = candidate_of(call, index);

    return candidate ? candidate->reason : NULL;
}

int32_t llmgw_call_plan_usable(const llmgw_call *call, size_t index)
{
    const struct llmgw__candidate *candidate = candidate_of(call, index);

    return candidate && candidate->usable;
}

/* --- adjustments --- */

static const struct llmgw__adjustments *adjustments_of(const llmgw_call *call)
{
    if (!call || !call->attempt_count)
        return NULL;
    return call->attempts[call->attempt_count - 1]->adjustments;
}

static const struct llmgw__adjustment *adjustment_of(const llmgw_call *call,
                                                     size_t index)
{
    const struct llmgw__adjustments *set = adjustments_of(call);

    return set && index < set->count ? &set->items[index] : NULL;
}

size_t llmgw_call_adjustment_count(const llmgw_call *call)
{
    const struct llmgw__adjustments *set = adjustments_of(call);

    return set ? set->count : 0;
}

const char *llmgw_call_adjustment_param(const llmgw_call *call, size_t index)
{
    const struct llmgw__adjustment *one = adjustment_of(call, index);

    return one ? one->param : NULL;
}

const char *llmgw_call_adjustment_action(const llmgw_call *call, size_t index)
{
    const struct llmgw__adjustment *one = adjustment_of(call, index);

    return one ? one->action : NULL;
}

const char *llmgw_call_adjustment_reason(const llmgw_call *call, size_t index)
{
    const struct llmgw__adjustment *one = adjustment_of(call, index);

    return one ? one->reason : NULL;
}
