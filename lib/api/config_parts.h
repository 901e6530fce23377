/*
 * api/config_parts.h - between the files that read a configuration.
 */
#ifndef LLMGW_API_CONFIG_PARTS_H
#define LLMGW_API_CONFIG_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "account/store.h"
#include "base/json.h"
#include "catalog/catalog.h"

/** A configuration being read. */
struct llmgw__config {
    struct llmgw__catalog *catalog; /* filled */
    struct llmgw__json_fault *fault;
    struct llmgw__ledger_setting *ledger; /* filled */
    bool nomem;
};

/** Copy into the snapshot; false: no memory (noted). */
bool llmgw__config_copy(struct llmgw__config *config, const char *text,
                        const char **out);
/** A string member; absent leaves *out alone. */
bool llmgw__config_text(struct llmgw__config *config,
                        const struct llmgw__json_at *parent, const char *name,
                        const char **out);
/** A limit member in ms: 0 is "no limit", absent leaves *out alone. */
bool llmgw__config_limit(const struct llmgw__json_at *parent, const char *name,
                         uint32_t *out);
/** The limits that both the top and a route may have. */
bool llmgw__config_limits(const struct llmgw__json_at *at,
                          struct llmgw__limits *limits);
/** A host, with or without scheme and port, as a URL in the snapshot; what it
 *  lacks is as in `like`. An address to listen on becomes one to ask.
 *  @return NULL: no memory (noted) */
const char *llmgw__config_host(struct llmgw__config *config, llmgw_str host,
                               const char *like);
/** The keys of a configured provider. */
bool llmgw__config_keys(struct llmgw__config *config,
                        const struct llmgw__json_at *at,
                        struct llmgw__provider *provider);
/** Those of one that the environment adds. @return false: no memory (noted),
 *  or control characters in it */
bool llmgw__config_row_key(struct llmgw__config *config,
                           struct llmgw__provider *provider);
/** What stands for the account over reloads; when all else is known. */
bool llmgw__config_account(struct llmgw__config *config,
                           struct llmgw__provider *provider);
/** A variable of the environment; NULL: it is not set, or empty. */
const char *llmgw__config_variable(const char *name);
/** What it says is not taken: its name is the path. */
bool llmgw__config_refuse_variable(struct llmgw__config *config,
                                   const char *name, const char *message);
/** What the environment says of the account that its key is of, beside what
 *  is configured, which wins. */
bool llmgw__config_variables(struct llmgw__config *config,
                             struct llmgw__provider *provider);
/** Where its service is, as the environment or the files of its credentials
 *  say; NULL: nowhere, or no memory (noted). */
const char *llmgw__config_place(struct llmgw__config *config,
                                const struct llmgw__provider *provider);
/** Overwrite every string of a tree (keys stand in it), then free it. */
void llmgw__config_wipe(cJSON *root);

/** "providers", and those of the environment; at NULL: no configuration. */
bool llmgw__config_providers(struct llmgw__config *config,
                             const struct llmgw__json_at *at, bool environment);
/** "routes". */
bool llmgw__config_routes(struct llmgw__config *config,
                          const struct llmgw__json_at *at);
/** "budgets"; providers and routes are known. */
bool llmgw__config_budgets(struct llmgw__config *config,
                           const struct llmgw__json_at *top);
/** "ledger". */
bool llmgw__config_ledger(struct llmgw__config *config,
                          const struct llmgw__json_at *parent);
/** "failover", "breaker" and "tag_limits", over the defaults. */
bool llmgw__config_failover(struct llmgw__config *config,
                            const struct llmgw__json_at *top);
/** What an object says of how calls go about failure. */
bool llmgw__config_conduct(const struct llmgw__json_at *at,
                           struct llmgw__conduct *conduct);
/** An object that says how much may be asked. */
bool llmgw__config_quota(const struct llmgw__json_at *at,
                         struct llmgw__quota *quota);
/** Refuse members that are neither among the names (NULL-terminated, or NULL)
 *  nor of the table (or NULL). */
bool llmgw__config_known(const struct llmgw__json_at *at,
                         const char *const *names,
                         const struct llmgw__field *fields);
/** "targets" and "region" of a route. */
bool llmgw__config_targets(struct llmgw__config *config,
                           const struct llmgw__json_at *parent,
                           struct llmgw__route *route);
/** A refusal that names what was given: up to 120 bytes of it. */
bool llmgw__config_refuse(const struct llmgw__json_at *at, const char *before,
                          const char *name, const char *after);

#endif
