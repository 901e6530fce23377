/*
 * call/access_state.h - what the next attempt of a call shows its provider,
 * while that is being found.
 */
#ifndef LLMGW_CALL_ACCESS_STATE_H
#define LLMGW_CALL_ACCESS_STATE_H

#include "base/timers.h"
#include "credentials.h"
#include "planner_state.h"
#include "route/plan.h"

/** A status of our own: all keys rest, and there may be others to ask. */
#define LLMGW__RESTS ((llmgw_status)6)

struct llmgw__fetch; /* fetch.h */

struct llmgw__access {
    const struct llmgw__target *target;
    struct llmgw__candidate *candidate; /* NULL: it was asked before */
    uint8_t again;                      /* LLMGW__AGAIN_… */
    bool anyway;                        /* also with a key that rests */
    bool beside;     /* another attempt is under way: it waits for no room */
    bool renewed;    /* what it was shown before has expired */
    const char *why; /* what it is made for: llmgw_attempt_why() */
    struct llmgw__grant grant; /* what it was let in with */

    struct llmgw__credential *credential; /* found, one reference; NULL: what
                                             is configured */
    const char *id;   /* who rests if it is refused; NULL: nobody */
    int key;          /* number of the configured key; -1: none */
    bool kept;        /* it is one of those kept for all calls */
    uint64_t back_ns; /* LLMGW__RESTS: when the first is back */

    bool waits;
    uint64_t since_ns; /* when that began; 0: it has not */
    struct llmgw__timer again_at;
    struct llmgw__credentials_wait wait;
    struct llmgw__fetch *fetch; /* ours; NULL: none */
};

#endif
