/*
 * api/ledger.c - read the ledger.
 */
#include <llmgw/ledger.h>

#include "account/report.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "catalog/bill.h"
#include "gateway.h"

static llmgw_str text_of(const llmgw_entry *entry, int text)
{
    return entry ? entry->text[text] : llmgw__str("");
}

static int32_t tell(struct llmgw__cost cost, int64_t *out_pico_usd)
{
    if (cost.known && out_pico_usd)
        *out_pico_usd = cost.pico;
    return cost.known;
}

uint64_t llmgw_entry_id(const llmgw_entry *entry)
{
    return entry ? entry->id : 0;
}

uint64_t llmgw_entry_writer(const llmgw_entry *entry)
{
    return entry ? entry->writer : 0;
}

llmgw_str llmgw_entry_call_id(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_CALL_ID);
}

int32_t llmgw_entry_attempt(const llmgw_entry *entry)
{
    return entry ? entry->attempt : 0;
}

llmgw_entry_state llmgw_entry_get_state(const llmgw_entry *entry)
{
    return entry ? entry->state : 0;
}

int64_t llmgw_entry_started_ns(const llmgw_entry *entry)
{
    return entry ? entry->started_ns : 0;
}

int64_t llmgw_entry_settled_ns(const llmgw_entry *entry)
{
    return entry ? entry->settled_ns : 0;
}

llmgw_str llmgw_entry_provider(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_PROVIDER);
}

llmgw_str llmgw_entry_model(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_MODEL);
}

llmgw_str llmgw_entry_route(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_ROUTE);
}

llmgw_str llmgw_entry_tags(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_TAGS);
}

llmgw_str llmgw_entry_key(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_KEY);
}

llmgw_str llmgw_entry_why(const llmgw_entry *entry)
{
    return text_of(entry, LLMGW__ENTRY_WHY);
}

int64_t llmgw_entry_expires_ns(const llmgw_entry *entry)
{
    return entry ? entry->expires_ns : 0;
}

llmgw_error_kind llmgw_entry_error_kind(const llmgw_entry *entry)
{
    return entry ? entry->error_kind : LLMGW_KIND_NONE;
}

int64_t llmgw_entry_requests(const llmgw_entry *entry)
{
    return entry ? entry->usage.requests : 0;
}

const llmgw_usage *llmgw_entry_usage(const llmgw_entry *entry)
{
    if (!entry || !entry->has_usage)
        return NULL;
    return (const llmgw_usage *)&entry->usage;
}

int32_t llmgw_entry_cost(const llmgw_entry *entry, int64_t *out_pico_usd)
{
    if (!entry || entry->state == LLMGW_ENTRY_OPEN || !entry->cost.known)
        return 0;
    if (out_pico_usd)
        *out_pico_usd = entry->cost.pico;
    return 1;
}

int32_t llmgw_entry_estimated(const llmgw_entry *entry)
{
    return entry && entry->usage.estimated != 0;
}

int32_t llmgw_entry_provider_cost(const llmgw_entry *entry,
                                  int64_t *out_pico_usd)
{
    if (!entry || !entry->has_usage || entry->usage.provider_cost_pico < 0)
        return 0;
    if (out_pico_usd)
        *out_pico_usd = entry->usage.provider_cost_pico;
    return 1;
}

int32_t llmgw_entry_billed(const llmgw_entry *entry, int64_t *out_pico_usd)
{
    if (!entry || entry->state == LLMGW_ENTRY_OPEN)
        return 0;
    return tell(llmgw__entry_billed(entry), out_pico_usd);
}

int32_t llmgw_entry_delivered(const llmgw_entry *entry, int64_t *out_pico_usd)
{
    if (!entry || entry->state == LLMGW_ENTRY_OPEN)
        return 0;
    return tell(entry->delivered, out_pico_usd);
}

int32_t llmgw_entry_reserved(const llmgw_entry *entry, int64_t *out_pico_usd)
{
    return entry ? tell(entry->reserved, out_pico_usd) : 0;
}

llmgw_entry *llmgw_entry_copy(const llmgw_entry *entry)
{
    return entry ? llmgw__entry_copy(entry) : NULL;
}

void llmgw_entry_free(llmgw_entry *entry)
{
    llmgw__entry_free(entry);
}

/* The buffer's memory changes hands. */
static llmgw_status hand_over(struct llmgw__buf *text, llmgw_status status,
                              llmgw_str *out)
{
    if (status == LLMGW_OK)
        *out = llmgw__buf_str(text);
    else
        llmgw__buf_clear(text);
    return status;
}

llmgw_status llmgw_entry_write(const llmgw_entry *entry, llmgw_str *out)
{
    struct llmgw__buf line;

    if (out)
        *out = llmgw__str("");
    if (!entry || !out)
        return LLMGW_E_INVALID;
    llmgw__buf_init(&line, 0);
    llmgw__entry_render(entry, &line);
    return hand_over(&line, line.status, out);
}

llmgw_status llmgw_entry_explain(const llmgw_entry *entry, llmgw_str *out)
{
    struct llmgw__buf text;
    llmgw_status status;

    if (out)
        *out = llmgw__str("");
    if (!entry || !out)
        return LLMGW_E_INVALID;
    llmgw__buf_init(&text, 0);
    status = llmgw__bill_explain(
        entry->note ? entry->note->text : llmgw__str(""), &entry->usage, &text);
    return hand_over(&text, status, out);
}

llmgw_status llmgw_entry_read(llmgw_str line, llmgw_entry **out)
{
    if (out)
        *out = NULL;
    if (!out || (line.len && !line.data))
        return LLMGW_E_INVALID;
    return llmgw__entry_parse(line, out);
}

void llmgw_text_free(llmgw_str text)
{
    llmgw__free((char *)(uintptr_t)text.data);
}

llmgw_status llmgw_ledger_read(llmgw_gateway *gateway,
                               const llmgw_ledger_filter *filter,
                               llmgw_entry_fn fn, void *userdata)
{
    llmgw_ledger_filter taken = LLMGW_LEDGER_FILTER_INIT;
    struct llmgw__look look = {
        .filter = &taken, .fn = fn, .userdata = userdata};
    llmgw_status status;

    if (!gateway || !fn)
        return LLMGW_E_INVALID;
    status = llmgw__take_options(&taken, sizeof taken, filter);
    if (status != LLMGW_OK)
        return status;
    look.now_ns = llmgw__core_wall_ns(&gateway->core);
    return llmgw__ledger_look(&gateway->core.ledger, &look, false, NULL);
}

llmgw_status llmgw_ledger_forget(llmgw_gateway *gateway, int64_t before_ns)
{
    struct llmgw_store_op forget = {0};

    if (!gateway)
        return LLMGW_E_INVALID;
    forget.kind = LLMGW_STORE_FORGET;
    forget.before_ns = before_ns;
    return llmgw__ledger_ask(&gateway->core.ledger, &forget);
}

llmgw_status llmgw_ledger_flush(llmgw_gateway *gateway, uint32_t timeout_ms)
{
    uint64_t until_ns = UINT64_MAX;

    if (!gateway)
        return LLMGW_E_INVALID;
    if (llmgw__guard_inside())
        return LLMGW_E_REENTRANT;
    if (llmgw__birth_forked(&gateway->birth))
        return LLMGW_E_FORKED;
    if (timeout_ms != LLMGW_NO_LIMIT)
        until_ns = llmgw__clock_monotonic() + timeout_ms * LLMGW__MS;
    return llmgw__ledger_flush(&gateway->core.ledger, until_ns);
}
