/*
 * account/sqlite_db.h - one connection to a ledger file: its schema, its
 * statements.
 */
#ifndef LLMGW_ACCOUNT_SQLITE_DB_H
#define LLMGW_ACCOUNT_SQLITE_DB_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/sys/store.h>

#include "sqlite_api.h"

/** What is said to the file; sqlite_db.c has the words. */
enum llmgw__sqlite_say {
    LLMGW__SAY_BEGIN,
    LLMGW__SAY_COMMIT,
    LLMGW__SAY_ROLLBACK,
    LLMGW__SAY_OPEN,
    LLMGW__SAY_STATE,
    LLMGW__SAY_SETTLE,
    LLMGW__SAY_CHARGE,
    LLMGW__SAY_UNCHARGE,
    LLMGW__SAY_ADD_SUM,
    LLMGW__SAY_TAKE_LEASE,
    LLMGW__SAY_COMMITTED,
    LLMGW__SAY_LEASE,
    LLMGW__SAY_KEEP_LEASE,
    LLMGW__SAY_END_LEASE,
    LLMGW__SAY_PRUNE,
    LLMGW__SAY_TELL,
    LLMGW__SAY_HEAR,
    LLMGW__SAY_FOLD,
    LLMGW__SAY_TAG,
    LLMGW__SAY_DROP_TAGS,
    LLMGW__SAY_DROP,
    LLMGW__SAY_DROP_LEASES,
    LLMGW__SAY_SUMS,
    LLMGW__SAYINGS
};

struct llmgw__sqlite_db {
    const struct llmgw__sqlite_api *api;
    sqlite3 *db;
    sqlite3_stmt *said[LLMGW__SAYINGS]; /* prepared at first use */
    int last;                           /* what SQLite said last, SQLITE_… */
};

/**
 * Open a connection.
 *
 * @param make  make the file and its tables, and bring old ones up to date
 * @return SQLITE_OK, or what is wrong; close it in any case
 */
int llmgw__sqlite_open(struct llmgw__sqlite_db *db,
                       const struct llmgw__sqlite_api *api, const char *path,
                       bool make, bool power);
void llmgw__sqlite_close(struct llmgw__sqlite_db *db);

/* A statement is begun, its parameters are bound from the first on, it is
 * stepped. What fails sticks in `last`: nothing more is done. */
struct llmgw__sqlite_bind {
    struct llmgw__sqlite_db *db;
    sqlite3_stmt *statement;
    int at;
};
struct llmgw__sqlite_bind llmgw__sqlite_begin(struct llmgw__sqlite_db *db,
                                              enum llmgw__sqlite_say say);
void llmgw__sqlite_int(struct llmgw__sqlite_bind *bind, int64_t value);
void llmgw__sqlite_text(struct llmgw__sqlite_bind *bind, llmgw_str text);
void llmgw__sqlite_null(struct llmgw__sqlite_bind *bind);
/** @return true: there is a row */
bool llmgw__sqlite_step(struct llmgw__sqlite_bind *bind);
/** Step to the end, and be done. @return false: it failed */
bool llmgw__sqlite_run(struct llmgw__sqlite_bind *bind);
/** Done with it. */
void llmgw__sqlite_end(struct llmgw__sqlite_bind *bind);
int64_t llmgw__sqlite_column(const struct llmgw__sqlite_bind *bind, int at);
llmgw_str llmgw__sqlite_column_text(const struct llmgw__sqlite_bind *bind,
                                    int at);

/* --- operations, inside a transaction; false: see db->last --- */

bool llmgw__sqlite_write_open(struct llmgw__sqlite_db *db,
                              const llmgw_store_op *op);
bool llmgw__sqlite_write_settle(struct llmgw__sqlite_db *db,
                                const llmgw_store_op *op);
bool llmgw__sqlite_write_forget(struct llmgw__sqlite_db *db,
                                const llmgw_store_op *op);
bool llmgw__sqlite_write_lease(struct llmgw__sqlite_db *db,
                               llmgw_store_lease *lease);
bool llmgw__sqlite_write_fact(struct llmgw__sqlite_db *db,
                              const llmgw_store_fact *fact);
/** Charges of an entry become what was used. */
bool llmgw__sqlite_uncharge(struct llmgw__sqlite_db *db,
                            const llmgw_store_op *op);
bool llmgw__sqlite_charge(struct llmgw__sqlite_db *db,
                          const llmgw_store_op *op);

/* --- and those that read, by a connection of their own --- */

llmgw_status llmgw__sqlite_read(struct llmgw__sqlite_db *db,
                                llmgw_store_op *op);
llmgw_status llmgw__sqlite_read_sums(struct llmgw__sqlite_db *db,
                                     llmgw_store_op *op);
llmgw_status llmgw__sqlite_read_facts(struct llmgw__sqlite_db *db,
                                      llmgw_store_op *op);

#endif
