/*
 * account/budget_state.h - one budget as this gateway sees it: what it has
 * leased of it, what is reserved. Under the lock of all budgets.
 */
#ifndef LLMGW_ACCOUNT_BUDGET_STATE_H
#define LLMGW_ACCOUNT_BUDGET_STATE_H

#include "catalog/budget_rule.h"
#include "ledger.h"
#include "window.h"

struct llmgw__budgets; /* budget.h */

/** A lease is usable until so long before it expires, and lasts so long: what
 *  was reserved from it reaches the store in between. */
#define LLMGW__LEASE_MARGIN_NS (INT64_C(5) * 1000000000)
#define LLMGW__LEASE_TTL_NS    (INT64_C(30) * 1000000000)

struct llmgw__budget_state {
    struct llmgw__budgets *budgets;
    struct llmgw__budget_rule rule; /* as of the latest call; its texts may be
                                       gone, its zone is ours */
    llmgw_str key, name, value;     /* behind it, in the same block */

    uint64_t lease;   /* number of the lease in hand */
    int64_t in_hand;  /* of it, not reserved */
    int64_t until_ns; /* wall clock: usable until; 0: there is none */
    int64_t bucket_s; /* of the calendar window that it is of */
    size_t holders;   /* attempts that have reserved from it */
    int64_t pending;  /* reserved, and not yet on its way to the store */

    struct llmgw__window window; /* at the latest look */
    int64_t committed;           /* in it, of all writers, as far as is known */
    int64_t oldest_s;

    struct llmgw_store_op op; /* one LEASE at a time */
    llmgw_store_lease asked;
    int64_t asked_ns;    /* wall clock */
    bool leasing;        /* it is under way */
    bool ended_at_once;  /* the store did it inside of submit */
    bool waited;         /* others wait for it */
    bool denied;         /* the latest did not grow it */
    bool away;           /* the store could not say */
    int64_t denied_need; /* so much was not there… */
    int64_t denied_ns;   /* …as somebody was told first at this time of the
                            wall clock; 0: nobody was */
    int64_t used_ns;     /* when it was last reserved from */
    int64_t seen_ns;     /* when it was last looked at */

    int64_t reserved, settled, released, overrun, open;
    uint8_t told; /* LLMGW__TOLD_… in this window */
};

enum {
    LLMGW__TOLD_SHARE = 1,
    LLMGW__TOLD_ALL = 2
};

/** The state of a rule for a value, made when it is the first; NULL: no
 *  memory. */
struct llmgw__budget_state *
llmgw__budget_state_of(struct llmgw__budgets *budgets,
                       const struct llmgw__budget_rule *rule, llmgw_str value);
/** It is looked at now: a new calendar window begins with nothing in hand, and
 *  so does who comes after his lease has expired. */
void llmgw__budget_state_look(struct llmgw__budget_state *state,
                              int64_t wall_ns);
/** Forget idle ones where there are many. */
void llmgw__budget_states_forget(struct llmgw__budgets *budgets,
                                 int64_t wall_ns);
/** Used or reserved, of all writers, as far as is known. */
int64_t llmgw__budget_state_used(const struct llmgw__budget_state *state);
/** Per mille of the limit. */
uint32_t llmgw__budget_state_share(const struct llmgw__budget_state *state);
/** Prepare to ask for so much more, with the lock held; then, without it,
 *  llmgw__budget_lease_ask(). */
void llmgw__budget_lease_want(struct llmgw__budget_state *state, int64_t need,
                              int64_t wall_ns);
void llmgw__budget_lease_ask(struct llmgw__budget_state *state);

#endif
