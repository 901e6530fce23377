/*
 * call/settle.c - close the books of an attempt: usage, cost, entry.
 *
 * Usage is the provider's word where it came. Where an answer was under way
 * and no word came (cancelled, broken, timed out), it is our estimate, marked
 * so: bytes / 4. An error answer has no tokens: providers do not bill it.
 */
#include "attempt.h"
#include "kind.h"

static bool was_under_way(const struct llmgw_attempt *attempt);
static void estimate(struct llmgw_attempt *attempt);
static llmgw_entry_state state_of(const struct llmgw_attempt *attempt);

void llmgw__attempt_settle(struct llmgw_attempt *attempt)
{
    struct llmgw_entry *entry;

    if (!attempt->row)
        return;
    if (attempt->sent)
        attempt->usage.requests = attempt->sends;
    if (attempt->call->kind->free) {
        attempt->cost.known = true;
    } else {
        if (was_under_way(attempt))
            estimate(attempt);
        attempt->cost = llmgw__attempt_price(attempt, &attempt->usage);
    }
    entry = attempt->row->entry;
    entry->state = state_of(attempt);
    entry->settled_ns = llmgw__call_wall_ns(attempt->call);
    entry->has_usage = attempt->has_usage;
    entry->usage = attempt->usage;
    entry->cost = attempt->cost;
    if (attempt->end == LLMGW_END_ERROR)
        entry->error_kind = attempt->error ? attempt->error->error.kind
                                           : LLMGW_KIND_OUT_OF_MEMORY;
    llmgw__ledger_settle(attempt->row);
}

struct llmgw__cost llmgw__attempt_price(const struct llmgw_attempt *attempt,
                                        const struct llmgw__usage *usage)
{
    int64_t began_ns =
        llmgw__call_wall_ns(attempt->call) -
        (int64_t)(attempt->call->driver->now_ns - attempt->started_ns);
    struct llmgw__price_at at = llmgw__price_at_of(began_ns, usage);

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
                           enum llmgw__usage_class cls, uint64_t bytes)
{
    usage->count[cls] =
        (int64_t)((bytes + LLMGW__BYTES_A_TOKEN - 1) / LLMGW__BYTES_A_TOKEN);
    usage->estimated |= 1u << cls;
}

/** An answer that broke off: what was counted so far is a lower bound. */
static void estimate_rest(struct llmgw__usage *usage, uint64_t bytes)
{
    int64_t counted = usage->count[LLMGW__OUTPUT_TEXT];

    estimate_class(usage, LLMGW__OUTPUT_TEXT, bytes);
    if (usage->count[LLMGW__OUTPUT_TEXT] < counted)
        usage->count[LLMGW__OUTPUT_TEXT] = counted;
}

/** A prompt that the provider counted, if only as nothing. */
static bool knows_prompt(const struct llmgw__usage *usage)
{
    const uint32_t inputs = (1u << LLMGW__OUTPUT_TEXT) - 1;

    return usage->known & inputs;
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
        estimate_class(usage, LLMGW__INPUT_UNCACHED, attempt->run->in_bytes);
    if (usage->reported && (whole || failed))
        return;
    if (bytes && (!whole || !llmgw__usage_completion(usage)))
        estimate_rest(usage, bytes);
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
