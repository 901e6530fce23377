/*
 * account/store.h - which store keeps the ledger: memory, a file, a server.
 */
#ifndef LLMGW_ACCOUNT_STORE_H
#define LLMGW_ACCOUNT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/sys/store.h>

#include "schema/error.h"

/** "ledger" of a configuration; texts but the URL are the snapshot's. */
struct llmgw__ledger_setting {
    size_t max_entries; /* of memory */
    const char *path;   /* of a file; NULL: none */
    char *url;          /* of a server; NULL: none; its own, as it may hold a
                           password: llmgw__ledger_setting_clear() */
    const char *outbox; /* file of what waits for the server; NULL: memory */
    uint32_t outbox_max_bytes;
    uint32_t keep_days; /* entries settled before are kept as sums; 0: all */
    bool power;         /* survives power loss, not only the process's end */
};

#define LLMGW__LEDGER_ENTRIES 100000      /* usual max_entries */
#define LLMGW__OUTBOX_BYTES   (64u << 20) /* usual outbox_max_bytes */

/** Overwrite the URL, and free it. */
void llmgw__ledger_setting_clear(struct llmgw__ledger_setting *setting);
/**
 * Open the store that a setting asks for.
 *
 * @param writer    the gateway that is being opened
 * @param[out] why  of E_CONFIG, E_UNSUPPORTED, E_SYSTEM: what is wrong
 * @retval LLMGW_E_INVALID  neither path nor url: memory is not made here
 */
llmgw_status llmgw__store_open(const struct llmgw__ledger_setting *setting,
                               uint64_t writer, llmgw_store *out,
                               struct llmgw__error *why);

#endif
