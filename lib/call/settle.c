/*
 * call/settle.c - close the books of an attempt: usage, cost, entry.
 *
 * Usage is the provider's word where it came. Where an answer was under way
 * and no word came (cancelled, broken, timed out), it is our estimate, marked
 * so, by what the model's tokens have been so far. An error answer has no
 * tokens: providers do not bill it.
 */
#include "account/estimate.h"
#include "attempt.h"
#include "kind.h"
#include "reserve.h"

static bool was_under_way(const struct llmgw_attempt *attempt);
static void estimate(struct llmgw_attempt *attempt);
static void reckon(struct llmgw_attempt *attempt, struct llmgw_entry *entry);
static struct llmgw__cost delivered(const struct llmgw_attempt *attempt);
static llmgw_entry_state state_of(const struct llmgw_attempt *attempt);

void llmgw__attempt_settle(struct llmgw_attempt *attempt)
{
    struct llmgw_entry *entry;

    if (!attempt->row)
        return;
    if (attempt->sent)
        attempt->usage.requests = attempt->sends;
    if (!attempt->usage.service_tier)
        attempt->usage.service_tier = attempt->call->bulk.service_tier;
    if (!attempt->call->kind->free && was_under_way(attempt))
        estimate(attempt);
    entry = attempt->row->entry;
    entry->state = state_of(attempt);
    entry->settled_ns = llmgw__call_wall_ns(attempt->call);
    entry->has_usage = attempt->has_usage;
    entry->usage = attempt->usage;
    reckon(attempt, entry);
    if (attempt->end == LLMGW_END_ERROR)
        entry->error_kind = attempt->error ? attempt->error->error.kind
                                           : LLMGW_KIND_OUT_OF_MEMORY;
    llmgw__reserve_settle(attempt);
    llmgw__ledger_settle(attempt->row);
}

/** The price that it is reckoned by is kept with it: the list may be another
 *  by the time that somebody asks. Without memory it goes without. */
static void keep_note(const struct llmgw_attempt *attempt,
                      struct llmgw_entry *entry)
{
    const struct llmgw__price_at at =
        llmgw__price_at_of(entry->started_ns, &attempt->usage);

    entry->note =
        llmgw__notes_of(&attempt->row->ledger->notes, attempt->target->price,
                        &at, attempt->call->catalog->manifest.version);
}

static void reckon(struct llmgw_attempt *attempt, struct llmgw_entry *entry)
{
    const struct llmgw__cost nothing = {0, true};

    if (attempt->call->kind->free) {
        entry->cost = attempt->cost = entry->delivered = nothing;
        return;
    }
    entry->cost = llmgw__attempt_price(attempt, &attempt->usage);
    if (attempt->target->price)
        keep_note(attempt, entry);
    attempt->cost = llmgw__entry_billed(entry);
    entry->delivered = delivered(attempt);
}

/** Of what it is billed, what the host got: all of an answer; the prompt and
 *  what was handed over of one that broke; else nothing. */
static struct llmgw__cost delivered(const struct llmgw_attempt *attempt)
{
    const struct llmgw_call *call = attempt->call;
    struct llmgw__usage part = attempt->usage;
    struct llmgw__cost cost = {0, true};
    int64_t told;

    if (attempt->end == LLMGW_END_RESPONSE && !attempt->lost)
        return attempt->cost;
    if (!attempt->told_bytes || !call->options.on_chunk || !attempt->has_usage)
        return cost;
    told = llmgw__tokens_of_answer(&call->core->ratios, attempt->target->id,
                                   attempt->told_bytes);
    if (part.count[LLMGW__OUTPUT_TEXT] > told)
        part.count[LLMGW__OUTPUT_TEXT] = told;
    cost = llmgw__attempt_price(attempt, &part);
    if (cost.known && attempt->cost.known && cost.pico > attempt->cost.pico)
        cost = attempt->cost;
    return cost;
}

struct llmgw__cost llmgw__attempt_price(const struct llmgw_attempt *attempt,
                                        const struct llmgw__usage *usage)
{
    int64_t asked_ns = attempt->row ? attempt->row->entry->started_ns
                                    : attempt->call->started_wall_ns;
    struct llmgw__price_at at = llmgw__price_at_of(asked_ns, usage);

    return llmgw__price_cost(attempt->target->price, &at, usage);
}

/** The provider may have worked for it: it was sent, and not refused. */
static bool was_under_way(const struct llmgw_attempt *attempt)
{
    int32_t status = attempt->head.status;

    return attempt->connected_ns &&
           (!status || (status >= 200 && status < 300));
}

static void estimate_class(struct llmgw__usage *usage,
                           enum llmgw__usage_class cls, int64_t tokens)
{
    usage->count[cls] = tokens;
    usage->estimated |= 1u << cls;
}

/** An answer that broke off: what was counted so far is a lower bound. */
static void estimate_rest(struct llmgw__usage *usage, int64_t tokens)
{
    int64_t counted = usage->count[LLMGW__OUTPUT_TEXT];

    estimate_class(usage, LLMGW__OUTPUT_TEXT, tokens);
    if (usage->count[LLMGW__OUTPUT_TEXT] < counted)
        usage->count[LLMGW__OUTPUT_TEXT] = counted;
}

/** A prompt that the provider counted, if only as nothing. */
static bool knows_prompt(const struct llmgw__usage *usage)
{
    const uint32_t inputs = (1u << LLMGW__OUTPUT_TEXT) - 1;

    return usage->known & inputs;
}

static int64_t prompt_tokens(const struct llmgw_attempt *attempt)
{
    const struct llmgw_call *call = attempt->call;

    if (call->kind == &llmgw__kind_chat)
        return llmgw__tokens_of_prompt(&call->core->ratios, attempt->target->id,
                                       &call->bulk);
    return (int64_t)((attempt->run->in_bytes + LLMGW__BYTES_A_TOKEN - 1) /
                     LLMGW__BYTES_A_TOKEN);
}

/** Fill in what the provider has not said. */
static void estimate(struct llmgw_attempt *attempt)
{
    struct llmgw__usage *usage = &attempt->usage;
    bool whole = attempt->end == LLMGW_END_RESPONSE;
    bool failed = attempt->run->failed && usage->count[LLMGW__OUTPUT_TEXT] > 0;
    uint64_t bytes = attempt->run->out_bytes;

    attempt->has_usage = true;
    if (!knows_prompt(usage))
        estimate_class(usage, LLMGW__INPUT_UNCACHED, prompt_tokens(attempt));
    if (usage->reported && (whole || failed))
        return;
    if (bytes && (!whole || !llmgw__usage_completion(usage)))
        estimate_rest(usage,
                      llmgw__tokens_of_answer(&attempt->call->core->ratios,
                                              attempt->target->id, bytes));
}

static llmgw_entry_state state_of(const struct llmgw_attempt *attempt)
{
    switch (attempt->end) {
    case LLMGW_END_RESPONSE:
        return LLMGW_ENTRY_ANSWERED;
    case LLMGW_END_CANCELLED:
        return LLMGW_ENTRY_CANCELLED;
    default:
        return LLMGW_ENTRY_FAILED;
    }
}
