/*
 * account/postgres_line.h - operations that wait, in order.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_LINE_H
#define LLMGW_ACCOUNT_POSTGRES_LINE_H

#include <llmgw/sys/store.h>

#include "postgres_api.h"

/** An operation, or a record of the outbox. */
struct llmgw__place {
    llmgw_store_op *op; /* NULL: the oldest record of the outbox */
    struct llmgw__place *next;
    const void *thread; /* of one that reads: who asks */
    PGresult *result;   /* of one that reads: its answer, to be handed over */
};

struct llmgw__line {
    struct llmgw__place *first, **last;
};

void llmgw__line_init(struct llmgw__line *line);
void llmgw__line_join(struct llmgw__line *line, struct llmgw__place *place);
/** The first; NULL: there is none. */
struct llmgw__place *llmgw__line_leave(struct llmgw__line *line);
/** The first that a thread has asked for; NULL: there is none. */
struct llmgw__place *llmgw__line_leave_of(struct llmgw__line *line,
                                          const void *thread);
/** All of `from` before all of `line`. */
void llmgw__line_go_before(struct llmgw__line *line, struct llmgw__line *from);

#endif
