/*
 * provider/site.h - where a service is, by its row and the provider's
 * settings: region, resource, account_id, deployment, api_version.
 */
#ifndef LLMGW_PROVIDER_SITE_H
#define LLMGW_PROVIDER_SITE_H

#include "base/text.h"
#include "provider.h"

/** One of a service's places. */
struct llmgw__region {
    const char *name; /* the setting's value; NULL: the table's end */
    const char *base_url;
};

/** What a variable of the environment says, as a header or a setting. */
struct llmgw__variable {
    const char *variable; /* NULL: the table's end */
    const char *name;     /* of the header or setting */
    bool header;
};

/**
 * The row's base URL, in the place that the settings name.
 *
 * @param environment  what the row's variable says, if there is no setting
 * @return NULL, or the name of the setting that is missing or does not fit
 */
const char *llmgw__site_base(const struct llmgw__provider *provider,
                             const char *environment, struct llmgw__buf *url);
/** The setting that names a place; NULL: none does. */
const char *llmgw__site_place(const struct llmgw__provider *provider);
/** May this be part of a URL? NULL, or what it must be. */
const char *llmgw__site_part(const char *value);
/** What the model is called there: the deployment's name, if one is set. */
const char *llmgw__site_model(const struct llmgw__target *target);
/** Are requests made by deployment and dated version? */
bool llmgw__site_is_dated(const struct llmgw__provider *provider);
/** The URL of a path; model: whose path it is, NULL: that of no model. */
void llmgw__site_url(struct llmgw__buf *url,
                     const struct llmgw__provider *provider, const char *path,
                     const char *model);

/** The same, in the arena; NULL: no memory. */
char *llmgw__site_request(struct llmgw__arena *arena,
                          const struct llmgw__provider *provider,
                          const char *path, const char *model);

/** A dialect by name, as this row speaks it; NULL: none. */
const struct llmgw__dialect *
llmgw__provider_row_dialect(const struct llmgw__provider_row *row,
                            llmgw_str name);

#endif
