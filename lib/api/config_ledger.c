/*
 * api/config_ledger.c - "ledger" of a configuration: where entries are kept.
 */
#include <string.h>

#include "account/store.h"
#include "base/alloc.h"
#include "config_parts.h"

#define MAX_ENTRIES   10000000
#define MAX_KEEP_DAYS 36500

static bool read_places(struct llmgw__config *config,
                        const struct llmgw__json_at *at);

bool llmgw__config_ledger(struct llmgw__config *config,
                          const struct llmgw__json_at *parent)
{
    static const char *const names[] = {
        "max_entries", "path",   "durability",       "keep_days",
        "url",         "outbox", "outbox_max_bytes", NULL};
    struct llmgw__json_at at = llmgw__json_member(parent, "ledger");
    struct llmgw__json_at entries, days;
    uint32_t max = LLMGW__LEDGER_ENTRIES;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at) || !llmgw__json_known(&at, names))
        return false;
    entries = llmgw__json_member(&at, "max_entries");
    days = llmgw__json_member(&at, "keep_days");
    if (!llmgw__json_get_uint32(&entries, MAX_ENTRIES, &max) ||
        !llmgw__json_get_uint32(&days, MAX_KEEP_DAYS,
                                &config->ledger->keep_days))
        return false;
    if (!max)
        return llmgw__json_refuse(&entries, "must be at least 1");
    config->ledger->max_entries = max;
    return read_places(config, &at);
}

static bool refuse_pair(const struct llmgw__json_at *at, const char *name,
                        const char *message)
{
    struct llmgw__json_at member = llmgw__json_member(at, name);

    return !member.value || llmgw__json_refuse(&member, message);
}

static bool read_durability(struct llmgw__config *config,
                            const struct llmgw__json_at *parent)
{
    static const struct llmgw__field fields[] = {
        {"durability", "process, power", 0, 0,
         LLMGW__FIELD(struct llmgw__ledger_setting, power), LLMGW__FIELD_WORD,
         -1},
        {0},
    };

    return llmgw__json_get_fields(parent, fields, config->ledger);
}

/** A file or a server; what is said of the one is not said of the other. */
static bool read_places(struct llmgw__config *config,
                        const struct llmgw__json_at *at)
{
    struct llmgw__ledger_setting *ledger = config->ledger;
    struct llmgw__json_at outbox_max =
        llmgw__json_member(at, "outbox_max_bytes");
    struct llmgw__json_at server = llmgw__json_member(at, "url");
    const char *url = NULL; /* of the tree, which is overwritten */

    if (!read_durability(config, at) ||
        !llmgw__config_text(config, at, "path", &ledger->path) ||
        !llmgw__json_get_string(&server, &url) ||
        !llmgw__config_text(config, at, "outbox", &ledger->outbox) ||
        !llmgw__json_get_uint32(&outbox_max, UINT32_C(1) << 31,
                                &ledger->outbox_max_bytes))
        return false;
    if (ledger->path && !*ledger->path)
        return refuse_pair(at, "path", "must not be empty");
    if (ledger->path && url)
        return refuse_pair(at, "url", "given beside path");
    if (!url && !(refuse_pair(at, "outbox", "given without url") &&
                  refuse_pair(at, "outbox_max_bytes", "given without url")))
        return false;
    if (!ledger->path && !url &&
        !(refuse_pair(at, "durability", "given without path or url") &&
          refuse_pair(at, "keep_days", "given without path or url")))
        return false;
    if (!url)
        return true;
    ledger->url = llmgw__strndup(url, strlen(url));
    config->nomem = config->nomem || !ledger->url;
    return ledger->url != NULL;
}
