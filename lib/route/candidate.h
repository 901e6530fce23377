/*
 * route/candidate.h - somebody who may be asked, and what stands for and
 * against that.
 */
#ifndef LLMGW_ROUTE_CANDIDATE_H
#define LLMGW_ROUTE_CANDIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include "catalog/catalog.h"

/** How somebody stands that may be asked: what of it makes others come first,
 *  those first who have less of it; and what is only told. */
enum {
    LLMGW__STANDS_SUSPECT = 1, /* its provider is */
    LLMGW__STANDS_FULL = 2,    /* a rate limit of ours has no room for it */
    LLMGW__STANDS_TIGHT = 4,   /* the prompt may be too long for it */
    LLMGW__STANDS_BEHIND = 7,
    LLMGW__STANDS_SHAKY = 8, /* its latest outcome was a failure */
    LLMGW__STANDS_HALF_OPEN = 16
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
    uint8_t stands;     /* LLMGW__STANDS_… */
    uint64_t due_ns;    /* of open and full: when it may be asked */
    uint64_t score;     /* of its policy: the least is asked first */
    const char *reason; /* why it has its place, or was left out */
};

#endif
