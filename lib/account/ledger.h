/*
 * account/ledger.h - an entry for every attempt, kept by a store.
 *
 * The intent is the entry in state open; it is kept before the first byte
 * leaves, and settled when the attempt has ended. What a store fails to keep
 * stays in memory, so that no entry is lost.
 */
#ifndef LLMGW_ACCOUNT_LEDGER_H
#define LLMGW_ACCOUNT_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/ledger.h>
#include <llmgw/sys/store.h>

#include "base/sync.h"
#include "entry.h"
#include "funds.h"
#include "store_op.h"

/** An attempt's entry while the attempt or the store holds it. */
struct llmgw__row {
    struct llmgw_entry *entry;
    struct llmgw_entry *intent; /* what OPEN is told; texts of `entry` */
    struct llmgw__ledger *ledger;
    struct llmgw__refs refs;
    atomic_int phase; /* of OPEN: under way, ended, settling waits for it */
    struct llmgw_store_op open;
    struct llmgw_store_op settle;
    llmgw_store_charge *charges;  /* used, once it is settled */
    llmgw_store_charge *reserved; /* what OPEN is told */
    size_t charge_count;
    struct llmgw__row *next_lost;
    struct llmgw__row *next, *previous; /* of those that are not settled */
    bool lost; /* a store failed to keep it; the ledger holds a reference */
    bool live; /* it is among those not settled */
    /* told when the intent is kept, from any thread; NULL: nobody asks */
    void (*on_open)(void *userdata);
    void *on_open_userdata;
};

struct llmgw__ledger {
    struct llmgw__mutex lock; /* next_id, lost, live */
    uint64_t writer;          /* random, not 0 */
    uint64_t next_id;
    struct llmgw__row *lost;
    struct llmgw__row *live;
    llmgw_store store;
    void *memory; /* the memory store behind `store`; NULL: another */
    struct llmgw__notes notes;
    struct llmgw__funds funds; /* of a store that keeps no budgets */
    atomic_bool own_funds;     /* it is one */
    bool keeps_leases; /* the store may be away while its leases are used */
    struct llmgw_store_op forget; /* one at a time */
    atomic_bool forgetting;
    atomic_size_t under_way; /* operations the store has not ended */
};

/**
 * @param store   NULL: memory, of max_entries rows; else its close is called
 *                also when this fails
 * @param writer  random, not 0
 */
llmgw_status llmgw__ledger_init(struct llmgw__ledger *ledger,
                                const llmgw_store *store, size_t max_entries,
                                uint64_t writer);
void llmgw__ledger_clear(struct llmgw__ledger *ledger);

/** What is told when an intent is kept. */
struct llmgw__row_watch {
    void (*on_open)(void *userdata); /* NULL: nobody asks */
    void *userdata;
};

/**
 * Keep the intent.
 *
 * @param intent    texts are copied; writer, id and state are set here
 * @param charges   what is reserved of budgets; copied
 * @param watch     told when the store has taken it, perhaps from inside this
 *                  call
 * @param[out] out  one reference: llmgw__row_drop()
 */
llmgw_status llmgw__ledger_open(struct llmgw__ledger *ledger,
                                const struct llmgw_entry *intent,
                                const llmgw_store_charge *charges, size_t count,
                                const struct llmgw__row_watch *watch,
                                struct llmgw__row **out);
/** Settle: usage, cost, state, error, time are taken from `row->entry`, what
 *  was used of budgets from `row->charges`, both of which the caller has
 *  filled; needs no memory. While the intent is still on its way, the store is
 *  told when that has ended. */
void llmgw__ledger_settle(struct llmgw__row *row);
void llmgw__row_drop(struct llmgw__row *row); /* NULL allowed */
/** The store has taken the intent. */
bool llmgw__row_is_open(const struct llmgw__row *row);

/** Hand the store an operation that is of no row: it stays the caller's until
 *  on_end, or done. */
void llmgw__ledger_submit(struct llmgw__ledger *ledger,
                          struct llmgw_store_op *op);
/** The same, and wait for its end. */
llmgw_status llmgw__ledger_ask(struct llmgw__ledger *ledger,
                               struct llmgw_store_op *op);
/** Wait until the store has ended all operations under way, or the real time
 *  is that. @retval LLMGW_E_LIMIT  it is */
llmgw_status llmgw__ledger_flush(struct llmgw__ledger *ledger,
                                 uint64_t until_ns);
/** Entries settled before a time are kept as sums; nobody waits for it. */
void llmgw__ledger_forget(struct llmgw__ledger *ledger, int64_t before_ns);
/** The store has work that only llmgw__ledger_process moves on. */
bool llmgw__ledger_wants_turns(const struct llmgw__ledger *ledger);
/** What such work waits for. @return false: the store does not say */
bool llmgw__ledger_fd(const struct llmgw__ledger *ledger, llmgw_store_fd *out);
/** Let the store go on. */
void llmgw__ledger_process(struct llmgw__ledger *ledger, uint64_t now_ns);

#endif
