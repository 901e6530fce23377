/*
 * account/budget.h - budgets: worst cases are reserved before anything is sent,
 * from what the store has leased to this gateway, and settled after.
 *
 * For any thread, behind one short lock; no lock is held while the store works.
 * Always, for each budget: reserved + overrun = settled + released + open.
 * Of more than a thousand, those that were idle for a minute are forgotten.
 */
#ifndef LLMGW_ACCOUNT_BUDGET_H
#define LLMGW_ACCOUNT_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/budget.h>
#include <llmgw/sys/store.h>

#include "base/map.h"
#include "base/sync.h"
#include "catalog/budget_rule.h"

struct llmgw__ledger;       /* ledger.h */
struct llmgw__budget_state; /* budget_state.h */

struct llmgw__budgets {
    struct llmgw__mutex lock;
    struct llmgw__map states; /* by key; kept over reloads */
    int64_t forgot_ns;        /* wall clock, when idle states were looked for */
    struct llmgw__map zones;  /* by name; those of the states */
    struct llmgw__ledger *ledger; /* borrowed: whose store leases */
    llmgw_budget_fn on_budget;    /* NULL: the host is not told */
    void *on_budget_userdata;
    void (*on_room)(void *userdata); /* a lease has come, from any thread */
    void *on_room_userdata;
};

/** What an attempt may use, and on whose account. */
struct llmgw__budget_ask {
    const struct llmgw__budget_rule *rules; /* of its call's snapshot */
    size_t rule_count;
    llmgw_str provider;
    llmgw_str route;
    llmgw_str key; /* id of the key shown; empty: none */
    llmgw_str tags;
    int64_t most_pico;   /* worst case; -1: not known */
    int64_t most_tokens; /* likewise, prompt and answer */
    int64_t wall_ns;
};

/** What an attempt has reserved: its entry's charges. Texts are the budgets'
 *  own, which live as long as something is reserved. */
struct llmgw__charges {
    llmgw_store_charge item[LLMGW__MAX_BUDGETS];
    struct llmgw__budget_state *state[LLMGW__MAX_BUDGETS];
    int64_t leased[LLMGW__MAX_BUDGETS]; /* of the amount, from the lease */
    uint8_t count;
};

/** Why a budget does not let it in. */
struct llmgw__budget_refusal {
    const struct llmgw__budget_rule *rule;
    llmgw_str value; /* of its scope; empty: all; good until the next call */
    int64_t needs;   /* in the budget's unit; -1: not known */
    int64_t left;
    int64_t reset_ns; /* wall clock */
    bool away;        /* it cannot be said: the store that keeps it is away */
};

/** A status of our own: a lease is under way; on_room tells when to ask
 *  again. */
#define LLMGW__LEASING ((llmgw_status)10)

llmgw_status llmgw__budgets_init(struct llmgw__budgets *budgets,
                                 struct llmgw__ledger *ledger);
void llmgw__budgets_clear(struct llmgw__budgets *budgets);
/**
 * Reserve the worst case in every budget that applies, or in none.
 *
 * @param[out] charges  filled on LLMGW_OK
 * @param[out] refusal  filled on LLMGW_E_LIMIT
 * @retval LLMGW_E_LIMIT   a budget has not so much left
 * @retval LLMGW__LEASING  see there
 * @retval LLMGW_E_NOMEM   no memory; nothing is reserved
 */
llmgw_status llmgw__budgets_take(struct llmgw__budgets *budgets,
                                 const struct llmgw__budget_ask *ask,
                                 struct llmgw__charges *charges,
                                 struct llmgw__budget_refusal *refusal);
/** Its entry is on its way to the store, with the charges. */
void llmgw__budgets_opened(struct llmgw__budgets *budgets,
                           const struct llmgw__charges *charges);
/** It was not begun after all: nothing of it was journaled. */
void llmgw__budgets_give_back(struct llmgw__budgets *budgets,
                              struct llmgw__charges *charges);
/**
 * It has ended: the amounts become what was used; the entry is settled with
 * them after this.
 *
 * @param used  by unit (enum llmgw__budget_unit); -1: not known, what is
 *              reserved stays so
 */
void llmgw__budgets_settle(struct llmgw__budgets *budgets,
                           struct llmgw__charges *charges,
                           const int64_t used[LLMGW__BUDGET_UNITS],
                           int64_t wall_ns);
/** Per mille of the fullest budget with action "cheaper" that applies and has
 *  reached its cheaper_pm; 0: none has. */
uint32_t llmgw__budgets_press(struct llmgw__budgets *budgets,
                              const struct llmgw__budget_ask *ask);
/** Give leases back that nothing is reserved from, renew those in use; `ends`:
 *  all of them, the gateway goes. */
void llmgw__budgets_tend(struct llmgw__budgets *budgets, int64_t wall_ns,
                         bool ends);
/** Tell each. */
llmgw_status llmgw__budgets_read(struct llmgw__budgets *budgets,
                                 llmgw_budget_info_fn fn, void *userdata);

#endif
