/*
 * call/planner_state.h - what a call knows of its way through failure: what an
 * attempt is let in with, the pause before it, two that race, an answer that
 * broke, a trial.
 */
#ifndef LLMGW_CALL_PLANNER_STATE_H
#define LLMGW_CALL_PLANNER_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "account/budget.h"
#include "account/estimate.h"
#include "base/timers.h"
#include "queue.h"
#include "route/breaker.h"
#include "route/throttle.h"
#include "schema/usage.h"

/** What an attempt is let in with: its breaker's pass, room in rate limits, the
 *  most that it may cost. Given back when it has ended. */
struct llmgw__grant {
    bool given;
    struct llmgw__breaker_pass pass;
    struct llmgw__throttle_hold *hold; /* NULL: it holds nothing */
    struct llmgw__guess most;          /* that it may use and cost */
    int64_t most_pico;                 /* reserved of the call's cost limit */
    struct llmgw__charges *charges;    /* reserved of budgets; NULL: nothing */
};

/** A budget has kept somebody out. */
struct llmgw__broke {
    bool set;
    bool for_all; /* whoever would be asked */
    struct llmgw__budget_refusal by;
};

/** A call waits before its next attempt. */
struct llmgw__pause {
    struct llmgw__timer timer;
    struct llmgw__queue_place place;
    bool active;
    uint64_t since_ns;
    uint64_t waited_ns; /* before the next attempt; 0: not at all */
};

/** What is known of an answer that broke. */
struct llmgw__resume {
    bool again;     /* it begins anew: what was told is taken back when the
                       first content of another attempt is there */
    bool goes_on;   /* it is gone on with */
    llmgw_str told; /* its text so far; in the call's arena */
    const struct llmgw__usage *before; /* of the attempts that told it; NULL:
                                          nothing was told yet */
};

/** A second attempt beside the first. */
struct llmgw__race {
    struct llmgw__timer twin_at;
    bool counted; /* the call's share of hedges was added */
    bool hedged;  /* it had a twin */
};

/** Of a call that is a trial; zero: it is none. */
struct llmgw__trial {
    const struct llmgw__target *target;
    const struct llmgw__route *route;
    struct llmgw__breaker_pass pass; /* until its attempt has it */
};

#endif
