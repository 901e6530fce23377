/*
 * account/postgres_places.h - operations that wait, in order.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_PLACES_H
#define LLMGW_ACCOUNT_POSTGRES_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/sys/store.h>

#include "postgres_api.h"

/** An operation, or a record of the outbox. */
struct llmgw__place {
    llmgw_store_op *op; /* NULL: a record of the outbox, in turn */
    struct llmgw__place *next;
    uint64_t since_ns; /* real time, when it was handed over */
    bool late; /* its operation has ended: its answer says nothing more */
    const void *thread; /* of one that reads: who asks; NULL: any */
    PGresult *result;   /* of one that reads: its answer, to be handed over */
};

struct llmgw__places {
    struct llmgw__place *first, **last;
};

void llmgw__places_init(struct llmgw__places *line);
void llmgw__places_join(struct llmgw__places *line, struct llmgw__place *place);
/** The first; NULL: there is none. */
struct llmgw__place *llmgw__places_leave(struct llmgw__places *line);
/** The first that a thread may have; NULL: there is none. */
struct llmgw__place *llmgw__places_leave_of(struct llmgw__places *line,
                                            const void *thread);
/** All of `from` before all of `line`. */
void llmgw__places_go_before(struct llmgw__places *line,
                             struct llmgw__places *from);

#endif
