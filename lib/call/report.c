/*
 * call/report.c - the "llmgw" member of a response, of the last chunk of a
 * stream and of an error: who answered, who was considered, what each attempt
 * did, what it cost, what was changed.
 *
 * With the last chunk the answer is whole, but its attempt has not ended: its
 * time is that so far, its cost that of the usage told.
 */
#include "attempt.h"
#include "base/clock.h"
#include "call.h"
#include "kind.h"

static void write_attempt(const struct llmgw_attempt *attempt,
                          struct llmgw__jsonw *w);
static void write_finish(struct llmgw_call *call, struct llmgw__jsonw *w);
static void write_hops(const struct llmgw_call *call, struct llmgw__jsonw *w);
static void write_left_out(const struct llmgw_call *call,
                           struct llmgw__jsonw *w);
static void write_plan(const struct llmgw_call *call, struct llmgw__jsonw *w);

static const char *const ends[] = {
    [LLMGW_END_NONE] = "response", /* asked for with its last chunk */
    [LLMGW_END_RESPONSE] = "response",
    [LLMGW_END_ERROR] = "error",
    [LLMGW_END_CANCELLED] = "cancelled",
};

/** Of something that began then and took so long; 0: it goes on. */
static int64_t lasted_ms(const struct llmgw_call *call, uint64_t started_ns,
                         uint64_t took_ns)
{
    if (!took_ns && call->driver && call->driver->now_ns > started_ns)
        took_ns = call->driver->now_ns - started_ns;
    return (int64_t)(took_ns / LLMGW__MS);
}

llmgw_status llmgw__call_report(struct llmgw_call *call, struct llmgw__buf *out)
{
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "call_id", call->id);
    if (call->committed) {
        llmgw__jsonw_member_z(&w, "target", call->committed->target->id);
        llmgw__jsonw_key(&w, "adjustments");
        llmgw__adjustments_render(call->committed->adjustments, &w);
        write_finish(call, &w);
        write_hops(call, &w);
    }
    if (call->recalled)
        llmgw__jsonw_member_int(&w, "recalled_messages", call->recalled);
    llmgw__jsonw_member_int(&w, "duration_ms",
                            lasted_ms(call, call->started_ns, call->ended_ns));
    llmgw__jsonw_member_int(&w, "first_content_ms",
                            (int64_t)(call->first_content_ns / LLMGW__MS));
    llmgw__jsonw_member_open(&w, "attempts", '[');
    for (size_t i = 0; i < call->attempt_count; i++)
        write_attempt(call->attempts[i], &w);
    llmgw__jsonw_close(&w, ']');
    write_left_out(call, &w);
    write_plan(call, &w);
    llmgw__jsonw_close(&w, '}');
    return out->status;
}

/** What the context was at first: each further exchange reads all that the
 *  ones before it have said, and usage is their sum. */
static void write_hops(const struct llmgw_call *call, struct llmgw__jsonw *w)
{
    const struct llmgw_attempt *last = call->attempts[call->attempt_count - 1];

    if (call->kind == &llmgw__kind_chat && last->hop)
        llmgw__jsonw_member_int(w, "initial_prompt_tokens",
                                llmgw__usage_prompt(&last->hop->first->usage));
}

static void write_finish(struct llmgw_call *call, struct llmgw__jsonw *w)
{
    const struct llmgw__answer *answer =
        llmgw__assemble_answer(&call->assemble);
    const struct llmgw__answer_choice *first;

    if (!answer || !answer->choice_count)
        return;
    first = &answer->choices[0];
    if (first->native_finish.len)
        llmgw__jsonw_member_str(w, "native_finish_reason",
                                first->native_finish);
    if (first->finish_message.len)
        llmgw__jsonw_member_str(w, "native_finish_message",
                                first->finish_message);
    if (answer->identity.vendor.len) {
        llmgw__jsonw_member_open(w, "vendor", '{');
        llmgw__jsonw_raw(w, answer->identity.vendor);
        llmgw__jsonw_close(w, '}');
    }
}

/** As it will be settled. */
static struct llmgw__cost cost_of(const struct llmgw_attempt *attempt)
{
    struct llmgw__usage usage = attempt->usage;

    if (attempt->end)
        return attempt->cost;
    usage.requests = attempt->sends;
    return llmgw__attempt_price(attempt, &usage);
}

/** Opaque reasoning is of use to those who made it. */
static void write_stripped(const struct llmgw_attempt *attempt,
                           struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "stripped", '{');
    llmgw__jsonw_member_z(w, "param", "messages");
    llmgw__jsonw_member_z(w, "reason", "reasoning_of_another_target");
    llmgw__jsonw_member_int(w, "count", attempt->stripped);
    llmgw__jsonw_close(w, '}');
}

static void write_attempt(const struct llmgw_attempt *attempt,
                          struct llmgw__jsonw *w)
{
    struct llmgw__cost cost = cost_of(attempt);

    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "target", attempt->target->id);
    if (!attempt->target->price && !attempt->call->kind->free)
        llmgw__jsonw_member_bool(w, "known", false); /* to the manifest */
    llmgw__jsonw_member_z(w, "end", ends[attempt->end]);
    if (attempt->head.status)
        llmgw__jsonw_member_int(w, "http_status", attempt->head.status);
    if (attempt->error) {
        llmgw__jsonw_member_z(
            w, "error", llmgw__error_kind_name(attempt->error->error.kind));
        llmgw__jsonw_member_z(w, "message", attempt->error->error.message);
    }
    llmgw__jsonw_member_int(
        w, "duration_ms",
        lasted_ms(attempt->call, attempt->started_ns, attempt->ended_ns));
    if (attempt->waited_ns)
        llmgw__jsonw_member_int(w, "credential_ms",
                                (int64_t)(attempt->waited_ns / LLMGW__MS));
    if (attempt->row && cost.known)
        llmgw__jsonw_member_int(w, "cost_pico_usd", cost.pico);
    if (attempt->stripped)
        write_stripped(attempt, w);
    if (attempt->usage.estimated)
        llmgw__jsonw_member_bool(w, "estimated", true);
    llmgw__jsonw_close(w, '}');
}

static bool was_tried(const struct llmgw_call *call,
                      const struct llmgw__target *target)
{
    for (size_t i = 0; i < call->attempt_count; i++)
        if (call->attempts[i]->target == target)
            return true;
    return false;
}

/** Why the others were not asked: who had no attempt and will have none. */
static void write_left_out(const struct llmgw_call *call,
                           struct llmgw__jsonw *w)
{
    bool open = false;

    for (size_t i = 0; i < call->plan.count; i++) {
        const struct llmgw__candidate *candidate = &call->plan.candidates[i];

        if (candidate->usable || was_tried(call, candidate->target))
            continue;
        if (!open) {
            llmgw__jsonw_key(w, "left_out");
            llmgw__jsonw_open(w, '[');
        }
        open = true;
        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_z(w, "target", candidate->target->id);
        llmgw__jsonw_member_z(w, "reason", candidate->reason);
        llmgw__jsonw_close(w, '}');
    }
    if (open)
        llmgw__jsonw_close(w, ']');
}

/** Everybody who was considered, in order, and why there. */
static void write_plan(const struct llmgw_call *call, struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "plan", '[');
    for (size_t i = 0; i < call->plan.count; i++) {
        const struct llmgw__candidate *candidate = &call->plan.candidates[i];

        llmgw__jsonw_open(w, '{');
        llmgw__jsonw_member_z(w, "target", candidate->target->id);
        llmgw__jsonw_member_z(w, "reason",
                              candidate->reason ? candidate->reason : "");
        llmgw__jsonw_member_bool(w, "usable", candidate->usable);
        llmgw__jsonw_member_bool(w, "tried",
                                 was_tried(call, candidate->target));
        llmgw__jsonw_close(w, '}');
    }
    llmgw__jsonw_close(w, ']');
}
