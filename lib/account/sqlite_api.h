/*
 * account/sqlite_api.h - the functions of SQLite that are used, loaded when a
 * file is asked for.
 */
#ifndef LLMGW_ACCOUNT_SQLITE_API_H
#define LLMGW_ACCOUNT_SQLITE_API_H

#include <sqlite3.h>

#include <llmgw/base.h>

struct llmgw__sqlite_api {
    int (*threadsafe)(void);
    int (*version)(void);
    int (*open)(const char *path, sqlite3 **out, int flags, const char *vfs);
    int (*close)(sqlite3 *db);
    int (*exec)(sqlite3 *db, const char *sql,
                int (*fn)(void *, int, char **, char **), void *userdata,
                char **message);
    int (*prepare)(sqlite3 *db, const char *sql, int len, unsigned flags,
                   sqlite3_stmt **out, const char **tail);
    int (*finalize)(sqlite3_stmt *statement);
    int (*bind_int64)(sqlite3_stmt *statement, int at, sqlite3_int64 value);
    int (*bind_text)(sqlite3_stmt *statement, int at, const char *text, int len,
                     void (*destroy)(void *));
    int (*bind_null)(sqlite3_stmt *statement, int at);
    int (*step)(sqlite3_stmt *statement);
    int (*reset)(sqlite3_stmt *statement);
    sqlite3_int64 (*column_int64)(sqlite3_stmt *statement, int at);
    const unsigned char *(*column_text)(sqlite3_stmt *statement, int at);
    int (*column_bytes)(sqlite3_stmt *statement, int at);
    int (*changes)(sqlite3 *db);
    int (*busy_timeout)(sqlite3 *db, int ms);
    const char *(*error)(sqlite3 *db);
    void *library;
};

/** @param[out] missing  what is not there
 *  @retval LLMGW_E_UNSUPPORTED  it is not there, too old, or not for threads */
llmgw_status llmgw__sqlite_load(struct llmgw__sqlite_api *api,
                                const char **missing);
void llmgw__sqlite_unload(struct llmgw__sqlite_api *api);

#endif
