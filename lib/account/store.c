/*
 * account/store.c - which store keeps the ledger: a file, a server.
 */
#include "store.h"

#include "store_postgres.h"
#include "store_sqlite.h"

llmgw_status llmgw__store_open(const struct llmgw__ledger_setting *setting,
                               uint64_t writer, llmgw_store *out,
                               struct llmgw__error *why)
{
    const struct llmgw__sqlite_setting file = {
        .path = setting->path,
        .power = setting->power,
    };
    const struct llmgw__postgres_setting server = {
        .url = setting->url,
        .outbox = setting->outbox,
        .outbox_max_bytes = setting->outbox_max_bytes,
        .power = setting->power,
        .writer = writer,
    };

    if (setting->path)
        return llmgw__store_sqlite_create(&file, out, why);
    if (setting->url)
        return llmgw__store_postgres_create(&server, out, why);
    return LLMGW_E_INVALID;
}
