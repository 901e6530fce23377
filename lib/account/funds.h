/*
 * account/funds.h - what a store does for budgets (llmgw/sys/store.h), in
 * memory: sums, charges and leases of each.
 *
 * The memory store's, and of stores that keep no budgets.
 */
#ifndef LLMGW_ACCOUNT_FUNDS_H
#define LLMGW_ACCOUNT_FUNDS_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/sys/store.h>

#include "base/map.h"
#include "base/sync.h"

struct llmgw__funds {
    struct llmgw__mutex lock;
    struct llmgw__map budgets; /* by key */
};

llmgw_status llmgw__funds_init(struct llmgw__funds *funds);
void llmgw__funds_clear(struct llmgw__funds *funds);
/** All of it, or nothing (LLMGW_E_NOMEM). */
llmgw_status llmgw__funds_open(struct llmgw__funds *funds, uint64_t writer,
                               uint64_t id, const llmgw_store_charge *charges,
                               size_t count);
/** Never fails: what OPEN has made room for is used. */
void llmgw__funds_settle(struct llmgw__funds *funds, uint64_t writer,
                         uint64_t id, const llmgw_store_charge *charges,
                         size_t count);
llmgw_status llmgw__funds_lease(struct llmgw__funds *funds,
                                llmgw_store_lease *lease);

/**
 * How much a lease grows by: the rule of llmgw/sys/store.h, for every store.
 *
 * @param free  limit less what is committed, may be negative
 * @return 0: nothing, or from need to want
 */
int64_t llmgw__lease_grant(int64_t free, int64_t need, int64_t want);

#endif
