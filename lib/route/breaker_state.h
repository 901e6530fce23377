/*
 * route/breaker_state.h - what a breaker knows; for breaker*.c, under the lock.
 */
#ifndef LLMGW_ROUTE_BREAKER_STATE_H
#define LLMGW_ROUTE_BREAKER_STATE_H

#include "breaker.h"

/** Outcomes remembered: settings count no more. */
#define LLMGW__BREAKER_LATEST 32

/** What is known of a provider: all its targets together. */
struct llmgw__breaker_owner {
    uint32_t open; /* targets, by themselves */
};

struct llmgw__breaker_event {
    uint64_t at_ns;
    uint32_t turn; /* how many attempts had ended by then */
    bool failed;
};

struct llmgw__breaker_state {
    struct llmgw__breaker_owner *owner;
    uint64_t epoch;
    /* of this epoch */
    uint32_t under_way;
    uint32_t turn;  /* attempts that ended */
    uint32_t known; /* of these, said something */
    struct llmgw__breaker_event latest[LLMGW__BREAKER_LATEST];
    /* of this outage */
    uint64_t outage_ns; /* it began */
    uint64_t span_ns;   /* a period, before jitter */
    uint64_t due_ns;
    uint64_t lease_ns; /* of the probe: it ends; 0: nobody probes */
    uint64_t free_ns;  /* no free probe before */
    uint64_t free_began_ns;
    bool open;
    bool early;       /* the probe began before it was due */
    bool far;         /* every failure was of reachability */
    bool free_lied;   /* reached by a free probe, and yet the real one failed */
    bool rumour;      /* open because another gateway has found it so */
    bool news;        /* of our own finding, and not told to others */
    int64_t heard_ns; /* wall clock: what was told or heard of it last */
    /* in all */
    uint8_t force;     /* enum llmgw__breaker_force */
    uint32_t failures; /* in a row */
    uint32_t opened;
    uint64_t changed_ns;
};

/** NULL: nothing is known of it. */
struct llmgw__breaker_state *
llmgw__breaker_find(const struct llmgw__breakers *breakers, llmgw_str id);
/** NULL: no memory, or too many that the host has set. */
struct llmgw__breaker_state *
llmgw__breaker_make(struct llmgw__breakers *breakers, llmgw_str id);
/** A new epoch, without evidence. */
void llmgw__breaker_begin(struct llmgw__breakers *breakers,
                          struct llmgw__breaker_state *state);
/** Closed, and a new epoch. */
void llmgw__breaker_close(struct llmgw__breakers *breakers,
                          struct llmgw__breaker_state *state, uint64_t now_ns);
/** How many targets of its provider are open by themselves. */
uint32_t llmgw__breaker_open_beside(const struct llmgw__breakers *breakers,
                                    llmgw_str id);

#endif
