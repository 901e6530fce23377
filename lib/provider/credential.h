/*
 * provider/credential.h - what a request is signed with, and where that comes
 * from when it is no configured key: the environment, files, a token service.
 *
 * A source knows no wire: it says what is to be asked next, and reads what was
 * answered. call/ runs these exchanges, one at a time for an account, and keeps
 * what they brought until it is due.
 */
#ifndef LLMGW_PROVIDER_CREDENTIAL_H
#define LLMGW_PROVIDER_CREDENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/random.h"
#include "base/sync.h"
#include "base/text.h"
#include "catalog/catalog.h"
#include "schema/error.h"
#include "schema/exchange.h"

/** A credential; immutable, shared. The last one to drop it overwrites it. */
struct llmgw__credential {
    struct llmgw__refs refs;
    int64_t expires_s;         /* wall clock, seconds; 0: never */
    const char *key;           /* API key or bearer token; NULL: none */
    const char *access_key;    /* of a pair that signs; NULL: none */
    const char *secret_key;    /* likewise */
    const char *session_token; /* beside these; NULL: none */
    const char *quota_project; /* that is charged; NULL: as the service sees */
    size_t size;               /* bytes of all of it, this struct included */
};

/** Views of the texts of a credential; empty: none. */
struct llmgw__credential_texts {
    llmgw_str key;
    llmgw_str access_key;
    llmgw_str secret_key;
    llmgw_str session_token;
    llmgw_str quota_project;
};

/** Copied, one reference; NULL: no memory. */
struct llmgw__credential *
llmgw__credential_make(const struct llmgw__credential_texts *texts,
                       int64_t expires_s);
struct llmgw__credential *
llmgw__credential_ref(struct llmgw__credential *credential);
void llmgw__credential_drop(struct llmgw__credential *credential);

/** One fetching of a credential: what a source works with, and what it says. */
struct llmgw__credential_fetch {
    const struct llmgw__provider *provider;
    struct llmgw__arena *arena; /* lives as long as the fetch; overwritten */
    const struct llmgw__random *random;
    int64_t now_s; /* wall clock, seconds */
    void *state;   /* the source's own, zeroed at first */

    /** To be asked next, filled by the source where *out is NULL and it
     *  answers OK. Origin and headers are the source's; a plain http URL only
     *  where the service is on this machine or link (metadata). */
    struct llmgw__http_request request;
    struct llmgw__credential *out; /* found: a reference is handed over */
    struct llmgw__error error;     /* filled on LLMGW_E_INVALID */
};

/** Where an account's credentials come from. */
struct llmgw__credential_source {
    size_t state_size;
    /** Names of a provider's "settings" that it reads; NULL at the end. */
    const char *const *settings;
    /**
     * Look into settings, environment and files.
     *
     * @retval LLMGW_OK         fetch->out is set, or fetch->request
     * @retval LLMGW_E_INVALID  there is none; error names every place looked
     * @retval LLMGW_E_NOMEM    no memory
     */
    llmgw_status (*begin)(struct llmgw__credential_fetch *fetch);
    /**
     * The request was answered: whole, bounded. status 0: no answer came, body
     * says why. As begin(): a credential, the next request, or an error.
     */
    llmgw_status (*answer)(struct llmgw__credential_fetch *fetch,
                           int32_t status, llmgw_str body);
    /**
     * What files and environment say of a setting that is not configured
     * ("region", "project"): appended, or nothing.
     *
     * @retval LLMGW_E_NOMEM  no memory
     */
    llmgw_status (*hint)(const struct llmgw__provider *provider,
                         const char *setting, struct llmgw__buf *out);
    /** Do environment or files show that there are credentials? */
    bool (*is_present)(const struct llmgw__provider *provider);
};

extern const struct llmgw__credential_source llmgw__aws_credentials;
extern const struct llmgw__credential_source llmgw__google_credentials;

#endif
