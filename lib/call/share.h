/*
 * call/share.h - gateways that share a store let each other know which targets
 * they have found down, and which are well again.
 */
#ifndef LLMGW_CALL_SHARE_H
#define LLMGW_CALL_SHARE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <llmgw/gateway.h>

#include "account/ledger.h"
#include "base/text.h"
#include "route/breaker.h"

/** One fact is told at a time, and all are heard at a time. */
struct llmgw__share {
    struct llmgw__ledger *ledger;
    struct llmgw__breakers *breakers;
    const llmgw_clock *clock;
    atomic_bool none; /* the store keeps no facts */
    atomic_bool telling, hearing;
    atomic_ullong heard_ns; /* when last */
    struct llmgw_store_op tell, hear;
    llmgw_store_fact fact; /* that is told */
    struct llmgw__buf key; /* its key */
};

/** Tell the next, hear what is due; by whoever drives. */
void llmgw__share_turn(struct llmgw__share *share, uint64_t now_ns);

#endif
