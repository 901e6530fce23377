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

struct llmgw__ledger;
struct llmgw__row;

/** One operation handed to a store. */
struct llmgw_store_op {
    llmgw_store_op_kind kind;
    struct llmgw__row *row;            /* OPEN, SETTLE */
    llmgw_entry_fn fn;                 /* READ */
    void *userdata;                    /* READ */
    const llmgw_ledger_filter *filter; /* READ */
    atomic_int done;                   /* 0: under way, 1: ended */
    llmgw_status status;
};

/** An attempt's entry while the attempt or the store holds it. */
struct llmgw__row {
    struct llmgw_entry *entry;
    struct llmgw_entry *intent; /* what OPEN is told; texts of `entry` */
    struct llmgw__ledger *ledger;
    struct llmgw__refs refs;
    atomic_int phase; /* of OPEN: under way, ended, settling waits for it */
    struct llmgw_store_op open;
    struct llmgw_store_op settle;
    struct llmgw__row *next_lost;
    bool lost; /* a store failed to keep it; the ledger holds a reference */
    /* told when the intent is kept, from any thread; NULL: nobody asks */
    void (*on_open)(void *userdata);
    void *on_open_userdata;
};

struct llmgw__ledger {
    struct llmgw__mutex lock; /* next_id, lost */
    uint64_t next_id;
    struct llmgw__row *lost;
    llmgw_store store;
    void *memory; /* the memory store behind `store`; NULL: the host's */
    atomic_size_t under_way; /* operations the store has not ended */
};

/** @param store  the host's; NULL: memory, of max_entries rows */
llmgw_status llmgw__ledger_init(struct llmgw__ledger *ledger,
                                const llmgw_store *store, size_t max_entries);
void llmgw__ledger_clear(struct llmgw__ledger *ledger);

/**
 * Keep the intent.
 *
 * @param intent    texts are copied; id and state are set here
 * @param on_open   told when the store has taken it, perhaps from inside this
 *                  call; may be NULL
 * @param[out] out  one reference: llmgw__row_drop()
 */
llmgw_status llmgw__ledger_open(struct llmgw__ledger *ledger,
                                const struct llmgw_entry *intent,
                                void (*on_open)(void *userdata), void *userdata,
                                struct llmgw__row **out);
/** Settle: usage, cost, state, error, time are taken from `row->entry`, which
 *  the caller has filled; needs no memory. While the intent is still on its
 *  way, the store is told when that has ended. */
void llmgw__ledger_settle(struct llmgw__row *row);
void llmgw__row_drop(struct llmgw__row *row); /* NULL allowed */
/** The store has taken the intent. */
bool llmgw__row_is_open(const struct llmgw__row *row);
/** The store has work that only llmgw__ledger_process moves on. */
bool llmgw__ledger_wants_turns(const struct llmgw__ledger *ledger);
/** Let the store go on. */
void llmgw__ledger_process(struct llmgw__ledger *ledger, uint64_t now_ns);

llmgw_status llmgw__ledger_read(struct llmgw__ledger *ledger,
                                const llmgw_ledger_filter *filter,
                                llmgw_entry_fn fn, void *userdata);
llmgw_status llmgw__ledger_totals(struct llmgw__ledger *ledger,
                                  llmgw_ledger_group group,
                                  const llmgw_ledger_filter *filter,
                                  llmgw_total_fn fn, void *userdata);

#endif
