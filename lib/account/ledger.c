/*
 * account/ledger.c - an entry for every attempt, kept by a store.
 *
 * Memory: the rows under way, and those a store failed to keep.
 */
#include "ledger.h"

#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/wait.h"
#include "store_memory.h"

#define FD_WAIT_MS 5 /* a reader waits so long for what a store waits for */
#define WAIT_MS    1 /* or else */

enum {
    OPENING,
    OPENED,
    SETTLE_WAITS
};

static void submit_row(struct llmgw__ledger *ledger, struct llmgw_store_op *op);
static void hand_over(struct llmgw__ledger *ledger, struct llmgw_store_op *op);
static void keep_lost(struct llmgw__row *row);
static void enlist(struct llmgw__row *row);
static void delist(struct llmgw__row *row);

static llmgw_status init_parts(struct llmgw__ledger *ledger)
{
    llmgw_status status = llmgw__mutex_init(&ledger->lock);

    if (status != LLMGW_OK)
        return status;
    status = llmgw__notes_init(&ledger->notes);
    if (status == LLMGW_OK) {
        status = llmgw__funds_init(&ledger->funds);
        if (status == LLMGW_OK)
            return LLMGW_OK;
        llmgw__notes_clear(&ledger->notes);
    }
    llmgw__mutex_clear(&ledger->lock);
    return status;
}

static void clear_parts(struct llmgw__ledger *ledger)
{
    llmgw__funds_clear(&ledger->funds);
    llmgw__notes_clear(&ledger->notes);
    llmgw__mutex_clear(&ledger->lock);
}

llmgw_status llmgw__ledger_init(struct llmgw__ledger *ledger,
                                const llmgw_store *store, size_t max_entries,
                                uint64_t writer)
{
    llmgw_status status;

    memset(ledger, 0, sizeof *ledger);
    ledger->next_id = 1;
    ledger->writer = writer;
    status = init_parts(ledger);
    if (status == LLMGW_OK && store) {
        ledger->store = *store;
        return LLMGW_OK;
    }
    if (status != LLMGW_OK) {
        if (store && store->close)
            store->close(store->userdata);
        return status;
    }
    status = llmgw__store_memory_create(max_entries, &ledger->store);
    if (status == LLMGW_OK)
        ledger->memory = ledger->store.userdata;
    else
        clear_parts(ledger);
    atomic_store(&ledger->own_funds, ledger->memory != NULL);
    return status;
}

void llmgw__ledger_clear(struct llmgw__ledger *ledger)
{
    if (!ledger->store.submit)
        return;
    if (ledger->store.close)
        ledger->store.close(ledger->store.userdata);
    while (ledger->lost) {
        struct llmgw__row *row = ledger->lost;

        ledger->lost = row->next_lost;
        llmgw__row_drop(row);
    }
    clear_parts(ledger);
    memset(&ledger->store, 0, sizeof ledger->store);
}

/** What is reserved, and later what was used: two copies, as the store may
 *  still read the one when the other is known. Texts behind them. */
static llmgw_status keep_charges(struct llmgw__row *row,
                                 const llmgw_store_charge *charges,
                                 size_t count)
{
    size_t texts = 0;
    char *at;

    if (!count)
        return LLMGW_OK;
    for (size_t i = 0; i < count; i++)
        texts += charges[i].budget.len;
    row->charges = llmgw__calloc(1, 2 * count * sizeof *charges + texts);
    if (!row->charges)
        return LLMGW_E_NOMEM;
    at = (char *)(row->charges + 2 * count);
    row->reserved = row->charges + count;
    row->charge_count = count;
    for (size_t i = 0; i < count; i++) {
        row->charges[i] = charges[i];
        row->charges[i].budget.data = at;
        memcpy(at, charges[i].budget.data, charges[i].budget.len);
        at += charges[i].budget.len;
        row->reserved[i] = row->charges[i];
    }
    return LLMGW_OK;
}

static struct llmgw__row *make_row(struct llmgw__ledger *ledger,
                                   const struct llmgw_entry *intent,
                                   const llmgw_store_charge *charges,
                                   size_t count)
{
    struct llmgw__row *row = llmgw__calloc(1, sizeof *row);

    if (!row)
        return NULL;
    llmgw__refs_init(&row->refs);
    row->ledger = ledger;
    row->entry = llmgw__entry_copy(intent);
    row->intent = row->entry; /* it is settled when the store has read it */
    if (row->entry && !ledger->memory)
        row->intent = llmgw__malloc(sizeof *row->intent);
    if (row->intent && keep_charges(row, charges, count) == LLMGW_OK)
        return row;
    llmgw__row_drop(row);
    return NULL;
}

/** Budgets that the store does not keep are kept here: there is room for what
 *  is settled later, or the attempt is not made. */
static llmgw_status reserve(const struct llmgw__row *row)
{
    struct llmgw__ledger *ledger = row->ledger;

    if (!row->charge_count || !atomic_load(&ledger->own_funds))
        return LLMGW_OK;
    return llmgw__funds_open(&ledger->funds, ledger->writer, row->entry->id,
                             row->reserved, row->charge_count);
}

llmgw_status llmgw__ledger_open(struct llmgw__ledger *ledger,
                                const struct llmgw_entry *intent,
                                const llmgw_store_charge *charges, size_t count,
                                const struct llmgw__row_watch *watch,
                                struct llmgw__row **out)
{
    struct llmgw__row *row = make_row(ledger, intent, charges, count);

    *out = NULL;
    if (!row)
        return LLMGW_E_NOMEM;
    row->on_open = watch->on_open;
    row->on_open_userdata = watch->userdata;
    row->entry->state = LLMGW_ENTRY_OPEN;
    row->entry->writer = ledger->writer;
    enlist(row);
    if (reserve(row) != LLMGW_OK) {
        llmgw__row_drop(row);
        return LLMGW_E_NOMEM;
    }
    if (row->intent != row->entry)
        *row->intent = *row->entry;
    atomic_init(&row->phase, OPENING);
    row->open.kind = LLMGW_STORE_OPEN;
    row->open.row = row;
    *out = row;
    submit_row(ledger, &row->open);
    return LLMGW_OK;
}

void llmgw__ledger_settle(struct llmgw__row *row)
{
    int opening = OPENING;

    row->settle.kind = LLMGW_STORE_SETTLE;
    row->settle.row = row;
    if (!atomic_compare_exchange_strong(&row->phase, &opening, SETTLE_WAITS))
        submit_row(row->ledger, &row->settle);
}

void llmgw__row_drop(struct llmgw__row *row)
{
    if (!row || !llmgw__refs_drop(&row->refs))
        return;
    if (row->live)
        delist(row);
    if (row->intent != row->entry)
        llmgw__free(row->intent);
    llmgw__entry_free(row->entry);
    llmgw__free(row->charges);
    llmgw__free(row);
}

bool llmgw__row_is_open(const struct llmgw__row *row)
{
    return atomic_load(&row->open.done) != 0;
}

bool llmgw__ledger_wants_turns(const struct llmgw__ledger *ledger)
{
    return ledger->store.process && atomic_load(&ledger->under_way) > 0;
}

void llmgw__ledger_process(struct llmgw__ledger *ledger, uint64_t now_ns)
{
    if (ledger->store.process)
        ledger->store.process(now_ns, ledger->store.userdata);
}

/** The store holds a reference until it completes. */
static void submit_row(struct llmgw__ledger *ledger, struct llmgw_store_op *op)
{
    llmgw__refs_add(&op->row->refs);
    hand_over(ledger, op);
}

static void hand_over(struct llmgw__ledger *ledger, struct llmgw_store_op *op)
{
    op->ledger = ledger;
    atomic_fetch_add(&ledger->under_way, 1);
    ledger->store.submit(op, ledger->store.userdata);
}

void llmgw__ledger_submit(struct llmgw__ledger *ledger,
                          struct llmgw_store_op *op)
{
    op->row = NULL;
    atomic_store(&op->done, 0);
    if (op->kind == LLMGW_STORE_LEASE && atomic_load(&ledger->own_funds)) {
        op->ledger = ledger;
        atomic_fetch_add(&ledger->under_way, 1);
        llmgw_store_complete(op, llmgw__funds_lease(&ledger->funds, op->lease));
        return;
    }
    hand_over(ledger, op);
}

bool llmgw__ledger_fd(const struct llmgw__ledger *ledger, llmgw_store_fd *out)
{
    return ledger->store.fds && llmgw__ledger_wants_turns(ledger) &&
           ledger->store.fds(out, 1, ledger->store.userdata) == 1;
}

/** Another thread may take what comes: not for long. */
static void wait_for_store(const struct llmgw__ledger *ledger)
{
    llmgw_store_fd one;

    if (llmgw__ledger_fd(ledger, &one))
        (void)llmgw__wait(one.fd, one.readable, one.writable, FD_WAIT_MS);
    else
        (void)llmgw__wait(-1, false, false, WAIT_MS);
}

llmgw_status llmgw__ledger_ask(struct llmgw__ledger *ledger,
                               struct llmgw_store_op *op)
{
    llmgw__ledger_submit(ledger, op);
    while (!atomic_load(&op->done)) {
        llmgw__ledger_process(ledger, 0);
        if (!atomic_load(&op->done))
            wait_for_store(ledger);
    }
    return op->status;
}

llmgw_status llmgw__ledger_flush(struct llmgw__ledger *ledger,
                                 uint64_t until_ns)
{
    while (atomic_load(&ledger->under_way)) {
        llmgw__ledger_process(ledger, 0);
        if (!atomic_load(&ledger->under_way))
            break;
        if (llmgw__clock_monotonic() >= until_ns)
            return LLMGW_E_LIMIT;
        wait_for_store(ledger);
    }
    return LLMGW_OK;
}

static void forgotten(struct llmgw_store_op *op, llmgw_status status)
{
    (void)status; /* later, then */
    atomic_store(&op->ledger->forgetting, false);
}

void llmgw__ledger_forget(struct llmgw__ledger *ledger, int64_t before_ns)
{
    if (atomic_exchange(&ledger->forgetting, true))
        return;
    memset(&ledger->forget, 0, sizeof ledger->forget);
    ledger->forget.kind = LLMGW_STORE_FORGET;
    ledger->forget.before_ns = before_ns;
    ledger->forget.on_end = forgotten;
    llmgw__ledger_submit(ledger, &ledger->forget);
}

/** Those that are not settled. */
static void enlist(struct llmgw__row *row)
{
    struct llmgw__ledger *ledger = row->ledger;

    llmgw__mutex_lock(&ledger->lock);
    row->entry->id = ledger->next_id++;
    row->next = ledger->live;
    if (row->next)
        row->next->previous = row;
    ledger->live = row;
    row->live = true;
    llmgw__mutex_unlock(&ledger->lock);
}

static void delist(struct llmgw__row *row)
{
    struct llmgw__ledger *ledger = row->ledger;

    llmgw__mutex_lock(&ledger->lock);
    if (row->previous)
        row->previous->next = row->next;
    else
        ledger->live = row->next;
    if (row->next)
        row->next->previous = row->previous;
    row->live = false;
    llmgw__mutex_unlock(&ledger->lock);
}

/* --- the store's side of the seam --- */

llmgw_store_op_kind llmgw_store_op_get_kind(const llmgw_store_op *op)
{
    return op ? op->kind : 0;
}

const llmgw_entry *llmgw_store_op_entry(const llmgw_store_op *op)
{
    if (!op || !op->row)
        return NULL;
    return op->kind == LLMGW_STORE_OPEN ? op->row->intent : op->row->entry;
}

const llmgw_store_charge *llmgw_store_op_charges(const llmgw_store_op *op,
                                                 size_t *count)
{
    bool none = !op || !op->row || atomic_load(&op->row->ledger->own_funds);

    if (count)
        *count = none ? 0 : op->row->charge_count;
    if (none)
        return NULL;
    return op->kind == LLMGW_STORE_OPEN ? op->row->reserved : op->row->charges;
}

const llmgw_ledger_filter *llmgw_store_op_filter(const llmgw_store_op *op)
{
    return op ? op->filter : NULL;
}

int64_t llmgw_store_op_before_ns(const llmgw_store_op *op)
{
    return op ? op->before_ns : 0;
}

llmgw_store_lease *llmgw_store_op_lease(llmgw_store_op *op)
{
    return op ? op->lease : NULL;
}

const llmgw_store_fact *llmgw_store_op_fact(const llmgw_store_op *op)
{
    return op ? op->fact : NULL;
}

int32_t llmgw_store_op_row(llmgw_store_op *op, const llmgw_entry *entry)
{
    if (!op || !entry || !op->on_row)
        return 1;
    if (!llmgw__entry_matches(entry, op->filter))
        return 0;
    op->told++;
    if (op->on_row(entry, op->userdata) == 0 &&
        (!op->filter || op->told != op->filter->max_entries))
        return 0;
    op->on_row = NULL; /* no more is wanted */
    return 1;
}

int32_t llmgw_store_op_sum(llmgw_store_op *op, const llmgw_store_sum *sum)
{
    return op && sum && op->on_sum ? op->on_sum(sum, op->userdata) : 1;
}

int32_t llmgw_store_op_hear(llmgw_store_op *op, const llmgw_store_fact *fact)
{
    return op && fact && op->on_fact ? op->on_fact(fact, op->userdata) : 1;
}

/** One of no row: whose it is may free it now. */
static void end_plain(struct llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__ledger *ledger = op->ledger;

    if (op->kind == LLMGW_STORE_LEASE && status == LLMGW_E_UNSUPPORTED) {
        atomic_store(&ledger->own_funds, true);
        status = llmgw__funds_lease(&ledger->funds, op->lease);
    }
    op->status = status;
    atomic_fetch_sub(&ledger->under_way, 1);
    if (op->on_end)
        op->on_end(op, status);
    else
        atomic_store(&op->done, 1);
}

/** What reserve() has reserved. */
static void use_reserved(const struct llmgw__row *row)
{
    struct llmgw__ledger *ledger = row->ledger;

    if (row->charge_count && atomic_load(&ledger->own_funds))
        llmgw__funds_settle(&ledger->funds, ledger->writer, row->entry->id,
                            row->charges, row->charge_count);
}

void llmgw_store_complete(llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__row *row;

    if (!op)
        return;
    row = op->row;
    if (!row) {
        end_plain(op, status);
        return;
    }
    op->status = status;
    if (op->kind == LLMGW_STORE_SETTLE)
        use_reserved(row);
    if (status != LLMGW_OK)
        keep_lost(row);
    if (op->kind == LLMGW_STORE_SETTLE && row->live)
        delist(row);
    if (op->kind == LLMGW_STORE_OPEN &&
        atomic_exchange(&row->phase, OPENED) == SETTLE_WAITS)
        submit_row(row->ledger, &row->settle);
    atomic_fetch_sub(&row->ledger->under_way, 1);
    atomic_store(&op->done, 1);
    if (op->kind == LLMGW_STORE_OPEN && row->on_open)
        row->on_open(row->on_open_userdata);
    llmgw__row_drop(row);
}

/** A row the store failed to keep stays with us. */
static void keep_lost(struct llmgw__row *row)
{
    struct llmgw__ledger *ledger = row->ledger;

    llmgw__mutex_lock(&ledger->lock);
    if (!row->lost) {
        row->lost = true;
        llmgw__refs_add(&row->refs);
        row->next_lost = ledger->lost;
        ledger->lost = row;
    }
    llmgw__mutex_unlock(&ledger->lock);
}
