/*
 * api/config_providers.c - the "providers" of a configuration.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config_parts.h"
#include "provider/credential.h"
#include "provider/provider.h"
#include "provider/site.h"

#define MAX_URL 8192 /* bytes of a service's own */

static bool read_provider(struct llmgw__config *config,
                          const struct llmgw__json_at *at, const char *name);
static bool add_from_table(struct llmgw__config *config,
                           const struct llmgw__provider_row *row);
static bool add_row(struct llmgw__config *config,
                    const struct llmgw__provider_row *row, const char *url);
struct pairs;
static bool read_pairs(struct llmgw__config *config,
                       const struct llmgw__json_at *parent, const char *member,
                       const struct llmgw__provider *known, struct pairs *out);
static bool read_headers_and_settings(struct llmgw__config *config,
                                      const struct llmgw__json_at *at,
                                      struct llmgw__provider *provider);

static size_t table_size(void)
{
    size_t count = 0;

    while (llmgw__provider_row_at(count))
        count++;
    return count;
}

bool llmgw__config_providers(struct llmgw__config *config,
                             const struct llmgw__json_at *top, bool environment)
{
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__json_at at = {0};
    size_t room = table_size();

    if (top) {
        at = llmgw__json_member(top, "providers");
        if (at.value && !llmgw__json_get_object(&at))
            return false;
    }
    if (at.value)
        room += (size_t)llmgw__json_size(&at);
    catalog->providers =
        llmgw__arena_array(&catalog->arena, room, sizeof *catalog->providers);
    if (!catalog->providers) {
        config->nomem = true;
        return false;
    }
    for (const cJSON *item = at.value ? at.value->child : NULL; item;
         item = item->next) {
        struct llmgw__json_at one = llmgw__json_member(&at, item->string);

        if (!read_provider(config, &one, item->string))
            return false;
    }
    for (size_t i = 0; environment && llmgw__provider_row_at(i); i++)
        if (!add_from_table(config, llmgw__provider_row_at(i)))
            return false;
    return true;
}

/* --- one provider --- */

bool llmgw__config_refuse(const struct llmgw__json_at *at, const char *before,
                          const char *name, const char *after)
{
    char message[256];

    (void)snprintf(message, sizeof message, "%s\"%.120s\"%s", before, name,
                   after);
    return llmgw__json_refuse(at, message);
}

/** Paths are put behind it, and credentials have places of their own. */
static bool good_url(const char *url)
{
    llmgw_str text = llmgw__str(url);
    const char *host = strstr(url, "://");

    if (!llmgw__str_starts(text, "https://") &&
        !llmgw__str_starts(text, "http://"))
        return false;
    host += 3;
    return *host && *host != '/' && llmgw__str_printable(text) &&
           !strpbrk(url, " ?#") && !memchr(host, '@', strcspn(host, "/"));
}

/** Without slashes at its end. */
static bool take_url(struct llmgw__config *config,
                     struct llmgw__provider *provider, const char *url)
{
    llmgw_str text = llmgw__str(url);
    char *copy;

    while (text.len && text.data[text.len - 1] == '/')
        text.len--;
    copy = llmgw__arena_dup(&config->catalog->arena, text);
    config->nomem = config->nomem || !copy;
    provider->base_url = copy;
    return copy != NULL;
}

static struct llmgw__provider *
new_provider(struct llmgw__config *config, const char *name,
             const struct llmgw__provider_row *row)
{
    struct llmgw__catalog *catalog = config->catalog;
    struct llmgw__provider *provider =
        &catalog->providers[catalog->provider_count];

    if (!llmgw__config_copy(config, name, &provider->name))
        return NULL;
    provider->row = row;
    provider->dialect = row->dialect;
    provider->price_name = row->name;
    provider->needs_key = row->auth != LLMGW__AUTH_NONE;
    provider->key_may_come = row->credentials != NULL;
    catalog->provider_count++;
    return provider;
}

static bool row_and_dialect(const struct llmgw__json_at *at, const char *name,
                            const struct llmgw__provider_row **row,
                            const struct llmgw__dialect **dialect)
{
    struct llmgw__json_at type = llmgw__json_member(at, "type");
    struct llmgw__json_at spoken = llmgw__json_member(at, "dialect");
    const char *type_name = name;
    const char *dialect_name = NULL;

    if (!llmgw__json_get_string(&type, &type_name) ||
        !llmgw__json_get_string(&spoken, &dialect_name))
        return false;
    *row = llmgw__provider_row_find(llmgw__str(type_name));
    if (!*row)
        return llmgw__config_refuse(type.value ? &type : at, "no provider ",
                                    type_name,
                                    " is known; set type to compatible for any "
                                    "service with a Chat Completions API");
    if (!dialect_name)
        return true;
    *dialect = llmgw__provider_row_dialect(*row, llmgw__str(dialect_name));
    return *dialect || llmgw__config_refuse(&spoken, "no dialect ",
                                            dialect_name, " is known");
}

/** The row's, in the place that the settings name. */
static bool take_own_url(struct llmgw__config *config,
                         const struct llmgw__json_at *at,
                         struct llmgw__provider *provider)
{
    struct llmgw__buf url;
    const char *lacks;
    bool taken;

    llmgw__buf_init(&url, MAX_URL);
    lacks =
        llmgw__site_base(provider, llmgw__config_place(config, provider), &url);
    llmgw__buf_add_char(&url, '\0');
    if (lacks)
        taken =
            strcmp(lacks, "base_url") == 0
                ? llmgw__json_refuse(at, "base_url is required")
                : llmgw__config_refuse(at, "base_url is required: the setting ",
                                       lacks, " is missing or does not fit");
    else
        taken = url.status == LLMGW_OK && take_url(config, provider, url.data);
    config->nomem |= url.status != LLMGW_OK;
    llmgw__buf_clear(&url);
    return taken;
}

/** Where the environment says that a service is; NULL: it does not. */
static const char *environment_url(struct llmgw__config *config,
                                   const struct llmgw__provider_row *row)
{
    const char *text = llmgw__config_variable(row->base_env);

    return text && row->base_host
               ? llmgw__config_host(config, llmgw__str(text), row->base_url)
               : text;
}

/** Where the other dialect of a service is spoken; NULL: as its own. */
static const char *other_url(const struct llmgw__provider *provider)
{
    const struct llmgw__provider_row *row = provider->row;

    return row->other && provider->dialect == row->other ? row->other_url
                                                         : NULL;
}

static bool read_url(struct llmgw__config *config,
                     const struct llmgw__json_at *at,
                     struct llmgw__provider *provider)
{
    struct llmgw__json_at url = llmgw__json_member(at, "base_url");
    const char *place = llmgw__site_place(provider);
    const char *text = NULL;

    if (!llmgw__json_get_string(&url, &text))
        return false;
    if (text && place && provider->row->auth != LLMGW__AUTH_AWS)
        return llmgw__config_refuse(&url, "must not stand beside the setting ",
                                    place, ", which says where the service is");
    if (!text && !place && !other_url(provider))
        text = environment_url(config, provider->row);
    if (config->nomem)
        return false;
    if (!text)
        text = other_url(provider);
    if (!text)
        return take_own_url(config, at, provider);
    if (!good_url(text))
        return llmgw__json_refuse(
            &url, "must be an http or https URL without spaces, credentials, "
                  "query and fragment");
    return take_url(config, provider, text);
}

/** Its key, and so the account, is not configured. */
static bool is_of_environment(const struct llmgw__json_at *at)
{
    return !llmgw__json_member(at, "api_key").value &&
           !llmgw__json_member(at, "api_keys").value &&
           !llmgw__json_member(at, "api_key_env").value;
}

static bool read_provider(struct llmgw__config *config,
                          const struct llmgw__json_at *at, const char *name)
{
    static const char *const names[] = {
        "type",    "dialect",  "base_url", "api_key", "api_keys", "api_key_env",
        "headers", "settings", "region",   "limits",  NULL};
    const struct llmgw__provider_row *row = NULL;
    const struct llmgw__dialect *dialect = NULL;
    struct llmgw__json_at limits;
    struct llmgw__provider *provider;

    if (!llmgw__json_get_object(at) || !llmgw__json_known(at, names))
        return false;
    if (!*name || strpbrk(name, "/*") ||
        !llmgw__str_printable(llmgw__str(name)))
        return llmgw__json_refuse(
            at, "a provider's name must not be empty or have a slash, an "
                "asterisk or control characters in it");
    if (!row_and_dialect(at, name, &row, &dialect))
        return false;
    provider = new_provider(config, name, row);
    if (!provider)
        return false;
    provider->configured = true;
    if (dialect)
        provider->dialect = dialect;
    limits = llmgw__json_member(at, "limits");
    if (!llmgw__config_quota(&limits, &provider->quota) ||
        !llmgw__config_keys(config, at, provider) ||
        !read_headers_and_settings(config, at, provider) ||
        !llmgw__config_text(config, at, "region", &provider->region) ||
        !read_url(config, at, provider))
        return false;
    if (is_of_environment(at) && !llmgw__config_variables(config, provider))
        return false;
    return llmgw__config_account(config, provider);
}

/** Names and values, as they were configured. */
struct pairs {
    const struct llmgw__setting *items;
    size_t count;
};

static bool is_listed(const char *const *names, const char *name)
{
    for (; names && *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/** A setting of where its credentials are. */
static bool is_of_credentials(const struct llmgw__provider *provider,
                              const char *name)
{
    const struct llmgw__credential_source *source =
        provider ? provider->row->credentials : NULL;

    return source && is_listed(source->settings, name);
}

/** @param known  whose settings they are; NULL: any names */
static bool read_pairs(struct llmgw__config *config,
                       const struct llmgw__json_at *parent, const char *member,
                       const struct llmgw__provider *known, struct pairs *out)
{
    struct llmgw__json_at at = llmgw__json_member(parent, member);
    struct llmgw__setting *settings;
    size_t filled = 0;

    if (!at.value)
        return true;
    if (!llmgw__json_get_object(&at))
        return false;
    settings =
        llmgw__arena_array(&config->catalog->arena,
                           (size_t)llmgw__json_size(&at) + 1, sizeof *settings);
    if (!settings) {
        config->nomem = true;
        return false;
    }
    for (const cJSON *item = at.value->child; item; item = item->next) {
        struct llmgw__json_at one = llmgw__json_member(&at, item->string);
        const char *value = NULL;

        if (!llmgw__json_get_string(&one, &value))
            return false;
        if (known && !is_listed(known->dialect->settings, item->string) &&
            !is_of_credentials(known, item->string))
            return llmgw__json_refuse(&one, "unknown setting");
        if (!*item->string || !llmgw__str_printable(llmgw__str(item->string)) ||
            (!llmgw__str_printable(llmgw__str(value)) &&
             !is_of_credentials(known, item->string))) /* a file has lines */
            return llmgw__json_refuse(&one, "empty, or has control characters");
        if (!llmgw__config_copy(config, item->string, &settings[filled].name) ||
            !llmgw__config_copy(config, value, &settings[filled].value))
            return false;
        settings[filled++].secret = true; /* a header may hold a credential */
    }
    out->items = settings;
    out->count = filled;
    return true;
}

/** A configured header may be the credential. */
/** Names are known; what they may be is the dialect's to say. */
static bool check_settings(const struct llmgw__json_at *parent,
                           const struct llmgw__dialect *dialect,
                           const struct pairs *settings)
{
    struct llmgw__json_at at = llmgw__json_member(parent, "settings");

    for (size_t i = 0; dialect->refuse_setting && i < settings->count; i++) {
        const char *name = settings->items[i].name;
        const char *must =
            dialect->refuse_setting(name, settings->items[i].value);
        struct llmgw__json_at one = llmgw__json_member(&at, name);

        if (must)
            return llmgw__json_refuse(&one, must);
    }
    return true;
}

static bool read_headers_and_settings(struct llmgw__config *config,
                                      const struct llmgw__json_at *at,
                                      struct llmgw__provider *provider)
{
    struct pairs headers = {NULL, 0};
    struct pairs settings = {NULL, 0};

    if (!read_pairs(config, at, "headers", NULL, &headers) ||
        !read_pairs(config, at, "settings", provider, &settings) ||
        !check_settings(at, provider->dialect, &settings))
        return false;
    provider->headers = headers.items;
    provider->header_count = headers.count;
    provider->settings = settings.items;
    provider->setting_count = settings.count;
    for (size_t i = 0; i < headers.count; i++)
        if (llmgw__auth_is_header(headers.items[i].name))
            provider->needs_key = false;
    return true;
}

/** A provider of the table that the configuration does not name. */
static bool add_from_table(struct llmgw__config *config,
                           const struct llmgw__provider_row *row)
{
    const struct llmgw__provider bare = {.row = row};
    const char *url = environment_url(config, row);
    const char *place;
    struct llmgw__buf own;
    bool added;

    if (config->nomem)
        return false;
    if (llmgw__catalog_provider(config->catalog, llmgw__str(row->name)))
        return true;
    if (url && !good_url(url)) /* never to somewhere else instead */
        return llmgw__config_refuse_variable(
            config, row->base_env,
            "must be an http or https URL without spaces");
    place = llmgw__config_place(config, &bare);
    llmgw__buf_init(&own, MAX_URL);
    if (!url && llmgw__site_base(&bare, place, &own))
        return true; /* it cannot be told where it is */
    llmgw__buf_add_char(&own, '\0');
    if (own.status != LLMGW_OK)
        config->nomem = true;
    added =
        own.status == LLMGW_OK && add_row(config, row, url ? url : own.data);
    llmgw__buf_clear(&own);
    return added;
}

static bool add_row(struct llmgw__config *config,
                    const struct llmgw__provider_row *row, const char *url)
{
    struct llmgw__provider *provider = new_provider(config, row->name, row);

    if (!provider)
        return false;
    if (row->credentials) /* services are asked of who is configured */
        provider->key_may_come = row->credentials->is_present(provider);
    if (!llmgw__config_row_key(config, provider))
        return config->nomem ? false
                             : llmgw__config_refuse_variable(
                                   config, row->key_env,
                                   "the API key has control characters");
    return take_url(config, provider, url) &&
           llmgw__config_variables(config, provider) &&
           llmgw__config_account(config, provider);
}
