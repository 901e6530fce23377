/*
 * catalog/catalog.h - providers, targets, routes and prices: one immutable
 * snapshot behind a reference count. A call pins the one it started with;
 * reload swaps it.
 */
#ifndef LLMGW_CATALOG_CATALOG_H
#define LLMGW_CATALOG_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/arena.h"
#include "base/sync.h"
#include "budget_rule.h"
#include "pricelist.h"
#include "route.h"

struct llmgw__provider_row; /* provider/provider.h */
struct llmgw__dialect;      /* provider/provider.h */

/** A named setting of a provider, e.g. region, api_version. */
struct llmgw__setting {
    const char *name;
    const char *value;
    bool secret; /* a header with a credential */
};

/** One of a provider's keys. */
struct llmgw__key {
    char *text;     /* zeroized with the snapshot */
    const char *id; /* provider and hash: the same over reloads */
};

/** One account at one endpoint. */
struct llmgw__provider {
    const char *name; /* as configured; unique */
    const struct llmgw__provider_row *row;
    const struct llmgw__dialect *dialect;
    const char *price_name;        /* provider column of the manifest */
    const char *base_url;          /* no slash at its end */
    char *api_key;                 /* NULL: none; zeroized with the snapshot */
    const struct llmgw__key *keys; /* api_key is the first */
    size_t key_count;
    const char *account; /* provider and hash of what it is: the same over
                            reloads; NULL: its name is all */
    const char *region;  /* as configured; NULL: the setting's, if any */
    bool configured;     /* "providers" names it */
    bool key_may_come;   /* fetched, or the host's word, when it is asked */
    bool needs_key;      /* asking without one cannot succeed */
    const char *key_variable; /* where a key was looked for; NULL: nowhere */
    const struct llmgw__setting *headers; /* sent with every request */
    size_t header_count;
    const struct llmgw__setting *settings;
    size_t setting_count;
    struct llmgw__quota quota; /* of each of its keys */
};

/** Where a price list is fetched, and how often. */
struct llmgw__refresh_setting {
    const char *url;    /* NULL: nowhere */
    const char *format; /* NULL: told by its shape */
    uint32_t every_s;
};

struct llmgw__catalog {
    struct llmgw__refs refs;
    struct llmgw__arena arena;
    struct llmgw__catalog *owner; /* one reference: of whom it has all but
                                     routes and prices; NULL: all its own */
    struct llmgw__provider *providers;
    size_t provider_count;
    struct llmgw__route *routes;
    size_t route_count;
    struct llmgw__limits limits;   /* defaults, none of them 0 */
    bool first_default;            /* limits.first_ms is nobody's word */
    struct llmgw__conduct conduct; /* defaults, every field set */
    struct llmgw__breaker_setting breaker;
    const struct llmgw__tag_quota *tag_quotas;
    size_t tag_quota_count;
    const struct llmgw__budget_rule *budgets;
    size_t budget_count;
    struct llmgw__manifest base; /* prices as configured, or built in */
    bool base_wins;              /* configured ones */
    struct llmgw__list *lists[LLMGW__LISTS]; /* one reference each */
    size_t list_count;
    struct llmgw__manifest manifest; /* all of them: what is in force */
    struct llmgw__refresh_setting refresh;
    size_t max_response; /* bytes of one whole answer */
    size_t max_frame;    /* bytes of one stream record */
    size_t max_opaque;   /* bytes of reasoning state kept; 0: none */
    /* transport settings; NULL: libcurl's own default */
    const char *ca_file;
    const char *ca_path;
    llmgw_str ca_pem;
    const char *proxy;
};

/** One reference, nothing in it. */
llmgw_status llmgw__catalog_create(struct llmgw__catalog **out);
struct llmgw__catalog *llmgw__catalog_ref(struct llmgw__catalog *catalog);
/** The last one frees, keys overwritten first. */
void llmgw__catalog_drop(struct llmgw__catalog *catalog);

const struct llmgw__provider *
llmgw__catalog_provider(const struct llmgw__catalog *catalog, llmgw_str name);
const struct llmgw__route *
llmgw__catalog_route(const struct llmgw__catalog *catalog, llmgw_str name);

/** The price of a provider's model; NULL: not known. */
const struct llmgw__price *
llmgw__catalog_price_of(const struct llmgw__catalog *catalog,
                        const struct llmgw__provider *provider,
                        const char *model);
/** A setting's value; NULL: not set. */
const char *llmgw__provider_setting(const struct llmgw__provider *provider,
                                    const char *name);
/** Fill the zero fields of `limits` from `from`. */
void llmgw__limits_inherit(struct llmgw__limits *limits,
                           const struct llmgw__limits *from);

#endif
