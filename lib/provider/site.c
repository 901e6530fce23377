/*
 * provider/site.c - where a service is: its base URL, in the region that was
 * asked for and with the account's own name in it, and the URL of a request.
 *
 * Services with deployments have two forms of paths: /openai/v1, where the
 * model's name stands in the body, and one for each dated version, where it
 * stands in the path.
 *
 * Source: the services' documentation, 2026-11; "Azure OpenAI REST API
 * reference" for deployments. Memory: the URL, in the caller's buffer.
 */
#include "site.h"

#include <string.h>

#include "url.h"

static const char *const places[] = {"region", "resource", "account_id"};

static const char *foreign_setting(const struct llmgw__provider *provider);
static const char *base_of(const struct llmgw__provider *provider,
                           const char *environment);
static void add_fips(struct llmgw__buf *url,
                     const struct llmgw__provider *provider);
static const char *domain_of(const char *domain, const char *region);
static void add_deployment_base(struct llmgw__buf *url,
                                const struct llmgw__provider *provider,
                                const char *model);

const char *llmgw__site_base(const struct llmgw__provider *provider,
                             const char *environment, struct llmgw__buf *url)
{
    const struct llmgw__provider_row *row = provider->row;
    const char *foreign = foreign_setting(provider);
    const char *base = base_of(provider, environment);
    const char *hole = base ? strchr(base, '{') : NULL;
    const char *fill = NULL;

    if (foreign)
        return foreign;
    if (!base)
        return row->regions ? "region" : "base_url";
    if (!hole) {
        llmgw__buf_add_z(url, base);
        return NULL;
    }
    fill = llmgw__provider_setting(provider, row->place);
    if (!fill)
        fill = environment;
    if (!fill || llmgw__site_part(fill))
        return row->place;
    llmgw__buf_add(url, base, (size_t)(hole - base));
    add_fips(url, provider);
    llmgw__buf_add_z(url, fill);
    llmgw__buf_add_z(url, domain_of(hole + 2, fill));
    return NULL;
}

/* "name." -> "name-fips." */
static void add_fips(struct llmgw__buf *url,
                     const struct llmgw__provider *provider)
{
    const char *fips = llmgw__provider_setting(provider, "fips");

    if (!fips || strcmp(fips, "true") != 0 || !url->len)
        return;
    url->len--;
    llmgw__buf_add_z(url, "-fips.");
}

/* Some parts of the world have a domain of their own. */
static const char *domain_of(const char *domain, const char *region)
{
    static const struct {
        const char *region, *usual, *own;
    } rows[] = {
        {"cn-", ".amazonaws.com", ".amazonaws.com.cn"},
        {"eusc-", ".amazonaws.com", ".amazonaws.eu"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(domain, rows[i].usual) == 0 &&
            llmgw__str_starts(llmgw__str(region), rows[i].region))
            return rows[i].own;
    return domain;
}

/* A name of a place that this service has not. */
static const char *foreign_setting(const struct llmgw__provider *provider)
{
    const struct llmgw__provider_row *row = provider->row;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (llmgw__provider_setting(provider, places[i]) &&
            !(row->place && strcmp(row->place, places[i]) == 0) &&
            !(i == 0 && row->regions))
            return places[i];
    return NULL;
}

/* The first of a table is where a service is that is told no place. */
static const char *base_of(const struct llmgw__provider *provider,
                           const char *environment)
{
    const struct llmgw__provider_row *row = provider->row;
    const struct llmgw__region *at = row->regions;
    const char *place =
        llmgw__provider_setting(provider, row->place ? row->place : "region");

    if (!place && row->place)
        place = environment;
    if (!at || (!place && !row->place))
        return row->base_url;
    while (place && at->name && strcmp(at->name, place) != 0)
        at++;
    return at->name || !row->place ? at->base_url : row->base_url;
}

const char *llmgw__site_part(const char *value)
{
    size_t len = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-_."
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /* dots alone would climb, once they are a segment of a path */
    return len && !value[len] && value[strspn(value, ".")]
               ? NULL
               : "must be letters, digits, '-', '_' and '.'";
}

const char *llmgw__site_model(const struct llmgw__target *target)
{
    const char *deployment =
        llmgw__provider_setting(target->provider, "deployment");

    return deployment ? deployment : target->model;
}

static const char *version_of(const struct llmgw__provider *provider)
{
    const char *version = llmgw__provider_setting(provider, "api_version");

    return version || !provider->row ? version : provider->row->api_version;
}

bool llmgw__site_is_dated(const struct llmgw__provider *provider)
{
    const char *version = version_of(provider);

    return provider->row &&
           (provider->row->quirks & LLMGW__QUIRK_DEPLOYMENTS) && version &&
           version[0] >= '0' && version[0] <= '9';
}

void llmgw__site_url(struct llmgw__buf *url,
                     const struct llmgw__provider *provider, const char *path,
                     const char *model)
{
    const char *version = version_of(provider);

    if (provider->row && (provider->row->quirks & LLMGW__QUIRK_DEPLOYMENTS))
        add_deployment_base(url, provider, model);
    else
        llmgw__buf_add_z(url, provider->base_url);
    llmgw__buf_add_z(url, path);
    if (version) {
        llmgw__buf_add_z(url, "?api-version=");
        llmgw__buf_add_z(url, version);
    }
}

char *llmgw__site_request(struct llmgw__arena *arena,
                          const struct llmgw__provider *provider,
                          const char *path, const char *model)
{
    struct llmgw__buf url;
    char *kept = NULL;

    llmgw__buf_init(&url, 0);
    llmgw__site_url(&url, provider, path, model);
    if (url.status == LLMGW_OK)
        kept = llmgw__arena_dup(arena, llmgw__buf_str(&url));
    llmgw__buf_clear(&url);
    return kept;
}

/* Configured with what follows the resource, or without. */
static void add_deployment_base(struct llmgw__buf *url,
                                const struct llmgw__provider *provider,
                                const char *model)
{
    static const char *const ends[] = {"/v1", "/openai"};
    llmgw_str base = llmgw__str(provider->base_url);

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        if (llmgw__str_ends(base, ends[i]))
            base.len -= strlen(ends[i]);
    llmgw__buf_add_str(url, base);
    llmgw__buf_add_z(url, "/openai");
    if (!llmgw__site_is_dated(provider)) {
        llmgw__buf_add_z(url, "/v1");
    } else if (model) {
        llmgw__buf_add_z(url, "/deployments/");
        llmgw__url_add_part(url, llmgw__str(model));
    }
}

const char *llmgw__site_place(const struct llmgw__provider *provider)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (llmgw__provider_setting(provider, places[i]))
            return places[i];
    return NULL;
}
