/*
 * account/store_postgres.h - a ledger on a PostgreSQL server, which machines
 * share.
 */
#ifndef LLMGW_ACCOUNT_STORE_POSTGRES_H
#define LLMGW_ACCOUNT_STORE_POSTGRES_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/sys/store.h>

#include "schema/error.h"

struct llmgw__postgres_setting {
    const char *url;    /* copied, and overwritten when it goes */
    const char *outbox; /* file of what waits while the server is away; NULL:
                           memory; copied */
    uint32_t outbox_max_bytes;
    bool power;      /* entries survive power loss */
    uint64_t writer; /* the gateway that is being opened */
};

/**
 * Opens no connection: that is begun by the first operation.
 *
 * @param[out] why  of all but E_NOMEM: what is wrong; no password in it
 * @retval LLMGW_E_UNSUPPORTED  not built in, or the library is not there
 * @retval LLMGW_E_CONFIG       the URL or the outbox cannot be used
 */
llmgw_status
llmgw__store_postgres_create(const struct llmgw__postgres_setting *setting,
                             llmgw_store *out, struct llmgw__error *why);

#endif
