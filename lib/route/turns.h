/*
 * route/turns.h - what is kept of routes and targets for their policies: whose
 * turn it is, who was the fastest, how many attempts are under way.
 */
#ifndef LLMGW_ROUTE_TURNS_H
#define LLMGW_ROUTE_TURNS_H

#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"
#include "base/sync.h"

/** Whose turn it is on a route, and how many attempts each target has. */
struct llmgw__turns {
    struct llmgw__mutex lock;
    struct llmgw__map routes;  /* by name */
    struct llmgw__map targets; /* by id */
};

llmgw_status llmgw__turns_init(struct llmgw__turns *turns);
void llmgw__turns_clear(struct llmgw__turns *turns);
/** An attempt at a target has begun; the same has ended. */
void llmgw__turns_begin(struct llmgw__turns *turns, const char *target_id);
void llmgw__turns_end(struct llmgw__turns *turns, const char *target_id);
/** Attempts under way. */
uint32_t llmgw__turns_busy(struct llmgw__turns *turns, const char *target_id);

/** One call more of a route: how many there were before. */
uint64_t llmgw__turns_next(struct llmgw__turns *turns, const char *route);
/** Who was the fastest of a route: hash of the target's id; 0: nobody yet. */
uint64_t llmgw__turns_favourite(struct llmgw__turns *turns, const char *route);
void llmgw__turns_favour(struct llmgw__turns *turns, const char *route,
                         uint64_t id);

#endif
