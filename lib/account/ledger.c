/*
 * account/ledger.c - an entry for every attempt, kept by a store.
 *
 * Memory: the rows under way, and those a store failed to keep.
 */
#include "ledger.h"

#include <string.h>

#include "base/alloc.h"
#include "store_memory.h"

enum {
    OPENING,
    OPENED,
    SETTLE_WAITS
};

static void submit(struct llmgw__ledger *ledger, struct llmgw_store_op *op);
static void keep_lost(struct llmgw__row *row);
static llmgw_status read_store(struct llmgw__ledger *ledger,
                               const llmgw_ledger_filter *filter,
                               llmgw_entry_fn fn, void *userdata);
struct reading;
static int32_t read_kept(const llmgw_entry *entry, void *userdata);
static void read_lost(struct reading *reading,
                      const llmgw_ledger_filter *filter);

llmgw_status llmgw__ledger_init(struct llmgw__ledger *ledger,
                                const llmgw_store *store, size_t max_entries)
{
    llmgw_status status;

    memset(ledger, 0, sizeof *ledger);
    ledger->next_id = 1;
    status = llmgw__mutex_init(&ledger->lock);
    if (status != LLMGW_OK)
        return status;
    if (store) {
        ledger->store = *store;
        return LLMGW_OK;
    }
    status = llmgw__store_memory_create(max_entries, &ledger->store);
    if (status == LLMGW_OK)
        ledger->memory = ledger->store.userdata;
    else
        llmgw__mutex_clear(&ledger->lock);
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
    llmgw__mutex_clear(&ledger->lock);
    memset(&ledger->store, 0, sizeof ledger->store);
}

llmgw_status llmgw__ledger_open(struct llmgw__ledger *ledger,
                                const struct llmgw_entry *intent,
                                void (*on_open)(void *userdata), void *userdata,
                                struct llmgw__row **out)
{
    struct llmgw__row *row = llmgw__calloc(1, sizeof *row);

    *out = NULL;
    if (!row)
        return LLMGW_E_NOMEM;
    llmgw__refs_init(&row->refs);
    row->entry = llmgw__entry_copy(intent);
    row->intent = row->entry; /* it is settled when the store has read it */
    if (row->entry && !ledger->memory)
        row->intent = llmgw__malloc(sizeof *row->intent);
    if (!row->intent) {
        llmgw__row_drop(row);
        return LLMGW_E_NOMEM;
    }
    row->ledger = ledger;
    row->on_open = on_open;
    row->on_open_userdata = userdata;
    row->entry->state = LLMGW_ENTRY_OPEN;
    llmgw__mutex_lock(&ledger->lock);
    row->entry->id = ledger->next_id++;
    llmgw__mutex_unlock(&ledger->lock);
    if (row->intent != row->entry)
        *row->intent = *row->entry;
    atomic_init(&row->phase, OPENING);
    row->open.kind = LLMGW_STORE_OPEN;
    row->open.row = row;
    *out = row;
    submit(ledger, &row->open);
    return LLMGW_OK;
}

void llmgw__ledger_settle(struct llmgw__row *row)
{
    int opening = OPENING;

    row->settle.kind = LLMGW_STORE_SETTLE;
    row->settle.row = row;
    if (!atomic_compare_exchange_strong(&row->phase, &opening, SETTLE_WAITS))
        submit(row->ledger, &row->settle);
}

void llmgw__row_drop(struct llmgw__row *row)
{
    if (!row || !llmgw__refs_drop(&row->refs))
        return;
    if (row->intent != row->entry)
        llmgw__free(row->intent);
    llmgw__free(row->entry);
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

/** A reading of both: rows that a store failed to keep go before its own. */
struct reading {
    const struct llmgw__row *lost;
    llmgw_entry_fn fn;
    void *userdata;
};

llmgw_status llmgw__ledger_read(struct llmgw__ledger *ledger,
                                const llmgw_ledger_filter *filter,
                                llmgw_entry_fn fn, void *userdata)
{
    struct reading reading = {NULL, fn, userdata};
    llmgw_status status;

    llmgw__mutex_lock(&ledger->lock);
    reading.lost = ledger->lost; /* rows are only ever put in front */
    llmgw__mutex_unlock(&ledger->lock);
    status = read_store(ledger, filter, read_kept, &reading);
    if (status == LLMGW_OK)
        read_lost(&reading, filter);
    return status;
}

/** The store holds a reference until it completes. */
static void submit(struct llmgw__ledger *ledger, struct llmgw_store_op *op)
{
    llmgw__refs_add(&op->row->refs);
    atomic_fetch_add(&ledger->under_way, 1);
    ledger->store.submit(op, ledger->store.userdata);
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

int32_t llmgw_store_op_row(llmgw_store_op *op, const llmgw_entry *entry)
{
    if (!op || !entry || !op->fn)
        return 1;
    if (!llmgw__entry_matches(entry, op->filter))
        return 0;
    if (op->fn(entry, op->userdata) == 0)
        return 0;
    op->fn = NULL; /* no more is wanted */
    return 1;
}

void llmgw_store_complete(llmgw_store_op *op, llmgw_status status)
{
    struct llmgw__row *row;

    if (!op)
        return;
    row = op->row;
    op->status = status;
    if (!row) {
        atomic_store(&op->done, 1);
        return;
    }
    if (status != LLMGW_OK)
        keep_lost(row);
    if (op->kind == LLMGW_STORE_OPEN &&
        atomic_exchange(&row->phase, OPENED) == SETTLE_WAITS)
        submit(row->ledger, &row->settle);
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

/* --- reading --- */

static llmgw_status read_store(struct llmgw__ledger *ledger,
                               const llmgw_ledger_filter *filter,
                               llmgw_entry_fn fn, void *userdata)
{
    struct llmgw_store_op read = {0};

    read.kind = LLMGW_STORE_READ;
    read.fn = fn;
    read.userdata = userdata;
    read.filter = filter;
    ledger->store.submit(&read, ledger->store.userdata);
    while (!atomic_load(&read.done))
        if (ledger->store.process)
            ledger->store.process(0, ledger->store.userdata);
    return read.status;
}

/** Only we have the row's last state: the store failed to keep it. */
static bool is_ours(const struct llmgw__row *row)
{
    return atomic_load(&row->settle.done) && row->settle.status != LLMGW_OK &&
           row->entry->settled_ns;
}

/** A row of the store, unless we have a later state of it. */
static int32_t read_kept(const llmgw_entry *entry, void *userdata)
{
    struct reading *reading = userdata;

    for (const struct llmgw__row *row = reading->lost; row;
         row = row->next_lost)
        if (row->entry->id == entry->id && is_ours(row))
            return 0;
    return reading->fn(entry, reading->userdata);
}

static void read_lost(struct reading *reading,
                      const llmgw_ledger_filter *filter)
{
    for (const struct llmgw__row *row = reading->lost; row;
         row = row->next_lost)
        if (is_ours(row) && llmgw__entry_matches(row->entry, filter) &&
            reading->fn(row->entry, reading->userdata))
            return;
}
