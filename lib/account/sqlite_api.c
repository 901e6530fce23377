/*
 * account/sqlite_api.c - the functions of SQLite that are used, loaded when a
 * file is asked for.
 *
 * Source: sqlite.org/c3ref. Memory: none.
 */
#ifdef LLMGW_WITH_SQLITE

#include "sqlite_api.h"

#include <stddef.h>

#include "base/library.h"

#define LEAST_VERSION 3024000 /* ON CONFLICT … DO UPDATE */

#define SYMBOL(name, member)                                        \
    {                                                               \
        "sqlite3_" name, offsetof(struct llmgw__sqlite_api, member) \
    }

static const struct llmgw__library_symbol symbols[] = {
    SYMBOL("threadsafe", threadsafe),
    SYMBOL("libversion_number", version),
    SYMBOL("open_v2", open),
    SYMBOL("close_v2", close),
    SYMBOL("exec", exec),
    SYMBOL("prepare_v3", prepare),
    SYMBOL("finalize", finalize),
    SYMBOL("bind_int64", bind_int64),
    SYMBOL("bind_text", bind_text),
    SYMBOL("bind_null", bind_null),
    SYMBOL("step", step),
    SYMBOL("reset", reset),
    SYMBOL("column_int64", column_int64),
    SYMBOL("column_text", column_text),
    SYMBOL("column_bytes", column_bytes),
    SYMBOL("changes", changes),
    SYMBOL("busy_timeout", busy_timeout),
    SYMBOL("errmsg", error),
    {NULL, 0},
};

static const char *const names[] = {
#if defined(_WIN32)
    "sqlite3.dll", "winsqlite3.dll",
#elif defined(__APPLE__)
    "libsqlite3.dylib", "/usr/lib/libsqlite3.dylib",
#endif
    "libsqlite3.so.0", "libsqlite3.so", NULL};

llmgw_status llmgw__sqlite_load(struct llmgw__sqlite_api *api,
                                const char **missing)
{
    api->library = llmgw__library_open(names, symbols, api, missing);
    if (!api->library)
        return LLMGW_E_UNSUPPORTED;
    if (api->version() >= LEAST_VERSION && api->threadsafe())
        return LLMGW_OK;
    *missing = "a SQLite of version 3.24 or newer that is built for threads";
    llmgw__sqlite_unload(api);
    return LLMGW_E_UNSUPPORTED;
}

void llmgw__sqlite_unload(struct llmgw__sqlite_api *api)
{
    llmgw__library_close(api->library);
    api->library = NULL;
}

#endif
