/*
 * support/store_suite.h - what every store must do, whichever it is.
 *
 * Each is told two ledgers of different writers over one store that several
 * gateways share: what the one has done, the other sees.
 */
#ifndef LLMGW_TESTS_STORE_SUITE_H
#define LLMGW_TESTS_STORE_SUITE_H

#include <stdbool.h>
#include <stdint.h>

#include "account/ledger.h"

/** Let the store go on until it has ended all of a ledger's operations. */
void store_settle_down(struct llmgw__ledger *ledger);

/** OPEN and SETTLE that come twice, and SETTLE of what was never opened. */
void store_takes_an_entry_once(struct llmgw__ledger *one,
                               struct llmgw__ledger *other);
/** Random leases, charges and times; committed is what account/funds.c has.
 *  @param own_clock  leases expire by the store's clock: none does here */
void store_keeps_budgets(struct llmgw__ledger *one, struct llmgw__ledger *other,
                         uint32_t seed, int steps, bool own_clock);
/** The latest of a key, from whom it may be. */
void store_tells_facts(struct llmgw__ledger *one, struct llmgw__ledger *other);
/** What a store leaves out by itself, and in which order it tells the rest. */
void store_reads_what_is_asked_for(struct llmgw__ledger *one,
                                   struct llmgw__ledger *other);

#endif
