/*
 * account/store_sqlite.h - a ledger in a SQLite file, which several processes
 * may use at once.
 */
#ifndef LLMGW_ACCOUNT_STORE_SQLITE_H
#define LLMGW_ACCOUNT_STORE_SQLITE_H

#include <stdbool.h>

#include <llmgw/sys/store.h>

#include "schema/error.h"

struct llmgw__sqlite_setting {
    const char *path; /* copied */
    bool power;       /* entries survive power loss */
};

/**
 * @param[out] why  of all but E_NOMEM: what is wrong, naming the file
 * @retval LLMGW_E_UNSUPPORTED  not built in, or the library is not there
 * @retval LLMGW_E_CONFIG       the file cannot be used, and is left as it is
 */
llmgw_status
llmgw__store_sqlite_create(const struct llmgw__sqlite_setting *setting,
                           llmgw_store *out, struct llmgw__error *why);

#endif
