/*
 * account/store.c - which store keeps the ledger: a file, a server.
 */
#include "store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "store_postgres.h"
#include "store_sqlite.h"

void llmgw__ledger_setting_clear(struct llmgw__ledger_setting *setting)
{
    if (setting->url)
        llmgw__zeroize(setting->url, strlen(setting->url));
    llmgw__free(setting->url);
    setting->url = NULL;
}

#if !defined(LLMGW_WITH_SQLITE) || !defined(LLMGW_WITH_POSTGRES)
static llmgw_status not_built_in(const char *param, const char *message,
                                 struct llmgw__error *why)
{
    llmgw__error_refuse(why, LLMGW_KIND_CONFIG, param, message);
    return LLMGW_E_UNSUPPORTED;
}
#endif

static llmgw_status open_file(const struct llmgw__ledger_setting *setting,
                              llmgw_store *out, struct llmgw__error *why)
{
#ifdef LLMGW_WITH_SQLITE
    const struct llmgw__sqlite_setting file = {
        .path = setting->path,
        .power = setting->power,
    };

    return llmgw__store_sqlite_create(&file, out, why);
#else
    (void)setting, (void)out;
    return not_built_in("ledger.path", "ledger.path: built without SQLite",
                        why);
#endif
}

static llmgw_status open_server(const struct llmgw__ledger_setting *setting,
                                uint64_t writer, llmgw_store *out,
                                struct llmgw__error *why)
{
#ifdef LLMGW_WITH_POSTGRES
    const struct llmgw__postgres_setting server = {
        .url = setting->url,
        .outbox = setting->outbox,
        .outbox_max_bytes = setting->outbox_max_bytes,
        .power = setting->power,
        .writer = writer,
    };

    return llmgw__store_postgres_create(&server, out, why);
#else
    (void)setting, (void)writer, (void)out;
    return not_built_in("ledger.url",
                        "ledger.url: built without PostgreSQL's libpq", why);
#endif
}

llmgw_status llmgw__store_open(const struct llmgw__ledger_setting *setting,
                               uint64_t writer, llmgw_store *out,
                               struct llmgw__error *why)
{
    if (setting->path)
        return open_file(setting, out, why);
    if (setting->url)
        return open_server(setting, writer, out, why);
    return LLMGW_E_INVALID;
}
