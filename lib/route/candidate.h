/*
 * route/candidate.h - somebody who may be asked, and what stands for and
 * against that.
 */
#ifndef LLMGW_ROUTE_CANDIDATE_H
#define LLMGW_ROUTE_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"

/** Usable, but not before those who have less of these. */
enum {
    LLMGW__LATE_SUSPECT = 1, /* its provider is */
    LLMGW__LATE_NO_ROOM = 2, /* in a rate limit of ours */
    LLMGW__LATE_TIGHT = 4    /* the prompt may be too long */
};

struct llmgw__candidate {
    const struct llmgw__target *target;
    bool usable;
    uint8_t lacks; /* LLMGW__CAN_…: what it has not and the request needs */
    bool put_off;  /* its keys rest: asked when nobody else is left */
    bool open;     /* its breaker is open: asked when nobody else is left, if
                      the route says so */
    bool insisted; /* it was asked so: once is enough */
    bool full;     /* a rate limit of ours is reached: likewise */
    bool cannot_resume; /* it cannot go on with the answer that was begun */
    uint8_t late;       /* why it comes after others: LLMGW__LATE_… */
    uint64_t due_ns;    /* of open and full: when it may be asked */
    uint64_t score;     /* of its policy: the least is asked first */
    const char *reason; /* why it has its place, or was left out */
};

#endif
