/*
 * account/postgres_sql.h - what is said to a server: its schema, and one
 * statement for each operation, which is done as a whole or not at all.
 */
#ifndef LLMGW_ACCOUNT_POSTGRES_SQL_H
#define LLMGW_ACCOUNT_POSTGRES_SQL_H

#include <stddef.h>

#include <llmgw/sys/store.h>

#include "base/arena.h"
#include "entry.h"

/** Makes the tables and functions, or brings them up to date, said as one;
 *  several may say it at once. NULL at its end. */
extern const char *const llmgw__postgres_schema[];

#define LLMGW__POSTGRES_PARAMS 20

/** A statement with its parameters, as text; NULL: null. */
struct llmgw__postgres_say {
    const char *sql;
    const char *values[LLMGW__POSTGRES_PARAMS];
    int count;
};

/* Each writes its parameters into the arena. @retval LLMGW_E_NOMEM */

llmgw_status llmgw__postgres_say_open(const struct llmgw_entry *entry,
                                      const llmgw_store_charge *charges,
                                      size_t count, struct llmgw__arena *arena,
                                      struct llmgw__postgres_say *out);
llmgw_status llmgw__postgres_say_settle(const struct llmgw_entry *entry,
                                        const llmgw_store_charge *charges,
                                        size_t count,
                                        struct llmgw__arena *arena,
                                        struct llmgw__postgres_say *out);
llmgw_status llmgw__postgres_say_lease(const llmgw_store_lease *lease,
                                       struct llmgw__arena *arena,
                                       struct llmgw__postgres_say *out);
llmgw_status llmgw__postgres_say_read(const llmgw_ledger_filter *filter,
                                      struct llmgw__arena *arena,
                                      struct llmgw__postgres_say *out);
/** Any operation. */
llmgw_status llmgw__postgres_say_op(llmgw_store_op *op,
                                    struct llmgw__arena *arena,
                                    struct llmgw__postgres_say *out);

#endif
