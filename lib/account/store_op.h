/*
 * account/store_op.h - one operation handed to a store.
 */
#ifndef LLMGW_ACCOUNT_STORE_OP_H
#define LLMGW_ACCOUNT_STORE_OP_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/ledger.h>
#include <llmgw/sys/store.h>

struct llmgw__ledger;
struct llmgw__row;

struct llmgw_store_op {
    llmgw_store_op_kind kind;
    struct llmgw__row *row;            /* OPEN, SETTLE */
    const llmgw_ledger_filter *filter; /* READ */
    int64_t told;                      /* READ: entries so far */
    int64_t before_ns;                 /* FORGET */
    llmgw_store_lease *lease;          /* LEASE */
    const llmgw_store_fact *fact;      /* TELL */
    llmgw_entry_fn on_row;             /* READ */
    int32_t (*on_sum)(const llmgw_store_sum *sum, void *userdata);
    int32_t (*on_fact)(const llmgw_store_fact *fact, void *userdata);
    void *userdata; /* of these three */
    bool whole;     /* READ with on_sum: rows and sums of one moment; only the
                       memory store's, which keeps its lock for it */
    bool missed;    /* READ with on_sum: rows became sums meanwhile */
    /* told when it has ended, which may be from any thread; the operation is
     * whose it is again, and may be freed. NULL: `done` is looked at */
    void (*on_end)(struct llmgw_store_op *op, llmgw_status status);
    struct llmgw__ledger *ledger;
    atomic_int done; /* 0: under way, 1: ended */
    llmgw_status status;
};

#endif
