/*
 * provider/auth.c - headers that belong to the account: those the host has
 * configured for the provider, and its key, or what that signs.
 *
 * Memory: the value of the key's header, in the attempt's arena.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "bedrock.h"
#include "credential.h"
#include "provider.h"
#include "sigv4.h"

/* How a scheme writes the key. */
struct scheme {
    const char *header;
    const char *before; /* of the key */
    bool required;
};

static const struct scheme schemes[] = {
    [LLMGW__AUTH_NONE] = {"authorization", "Bearer ", false},
    [LLMGW__AUTH_BEARER] = {"authorization", "Bearer ", true},
    [LLMGW__AUTH_X_API_KEY] = {"x-api-key", "", true},
    [LLMGW__AUTH_X_GOOG] = {"x-goog-api-key", "", true},
    [LLMGW__AUTH_API_KEY] = {"api-key", "", true},
    [LLMGW__AUTH_X_PORTKEY] = {"x-portkey-api-key", "", true},
    [LLMGW__AUTH_PROJECT] = {"authorization", "Bearer ", true},
    [LLMGW__AUTH_AWS] = {"authorization", "Bearer ", true},
};

static const struct scheme *scheme_of(const struct llmgw__provider *provider);
static const struct scheme *scheme_by_header(const char *name);
static llmgw_status add_configured(const struct llmgw__provider *provider,
                                   struct llmgw__http_request *request,
                                   const struct scheme *scheme, bool *has_key,
                                   struct llmgw__error *error);
static llmgw_status add_key(const struct llmgw__auth_ask *ask, const char *key,
                            const struct scheme *scheme);
static llmgw_status add_project(const struct llmgw__auth_ask *ask);
static llmgw_status sign(const struct llmgw__auth_ask *ask,
                         struct llmgw__error *error);
static llmgw_status refuse(struct llmgw__error *error, llmgw_error_kind kind,
                           const char *format, const char *provider,
                           const char *detail);
static llmgw_status set_header(struct llmgw__http_request *request,
                               const struct llmgw__setting *header);

/* What was fetched or chosen for this request, else what is configured. */
static const char *key_of(const struct llmgw__auth_ask *ask)
{
    const char *key =
        ask->credential ? ask->credential->key : ask->provider->api_key;

    return key && *key ? key : NULL;
}

static llmgw_status refuse_keyless(const struct llmgw__auth_ask *ask,
                                   struct llmgw__error *error)
{
    const struct llmgw__provider_row *row = ask->provider->row;

    if (!row || !schemes[row->auth].required)
        return LLMGW_OK;
    return refuse(error, LLMGW_KIND_AUTH,
                  "no API key for provider %s: configure api_key, or set %s",
                  ask->provider->name,
                  row->key_env ? row->key_env : "api_key_env");
}

/* A pair, where the service takes one. */
static bool is_signed(const struct llmgw__auth_ask *ask)
{
    const struct llmgw__provider_row *row = ask->provider->row;

    return ask->credential && ask->credential->access_key && row &&
           row->auth == LLMGW__AUTH_AWS;
}

llmgw_status llmgw__auth_apply(const struct llmgw__auth_ask *ask,
                               struct llmgw__error *error)
{
    const struct scheme *scheme = scheme_of(ask->provider);
    const char *key = key_of(ask);
    bool has_key = false;
    llmgw_status status =
        add_configured(ask->provider, ask->request, scheme, &has_key, error);

    if (status != LLMGW_OK || has_key)
        return status;
    if (!key && is_signed(ask))
        return sign(ask, error);
    if (!key)
        return refuse_keyless(ask, error);
    status = add_key(ask, key, scheme);
    if (status == LLMGW_OK)
        status = add_project(ask);
    if (status == LLMGW_E_INVALID)
        return refuse(error, LLMGW_KIND_AUTH,
                      "the API key of provider %s%s cannot be a header",
                      ask->provider->name, "");
    return status;
}

/* How the row says, and where it is the settings that do. */
static enum llmgw__auth auth_of(const struct llmgw__provider *provider)
{
    enum llmgw__auth auth =
        provider->row ? provider->row->auth : LLMGW__AUTH_NONE;

    return auth == LLMGW__AUTH_PROJECT &&
                   !llmgw__provider_setting(provider, "project")
               ? LLMGW__AUTH_X_GOOG
               : auth;
}

/* The setting "auth" names a header, or bearer; else the row says how. */
static const struct scheme *scheme_of(const struct llmgw__provider *provider)
{
    const char *set = llmgw__provider_setting(provider, "auth");
    const struct scheme *scheme = set ? scheme_by_header(set) : NULL;

    if (scheme)
        return scheme;
    return &schemes[set ? LLMGW__AUTH_BEARER : auth_of(provider)];
}

static const struct scheme *scheme_by_header(const char *name)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (llmgw__str_is_nocase(llmgw__str(name), schemes[i].header))
            return &schemes[i];
    return NULL;
}

bool llmgw__auth_is_header(const char *name)
{
    return scheme_by_header(name) != NULL;
}

/* What the host has set itself stands in for what the dialect sends, and its
 * own credential for the key. */
static llmgw_status add_configured(const struct llmgw__provider *provider,
                                   struct llmgw__http_request *request,
                                   const struct scheme *scheme, bool *has_key,
                                   struct llmgw__error *error)
{
    for (size_t i = 0; i < provider->header_count; i++) {
        const struct llmgw__setting *header = &provider->headers[i];
        llmgw_status status = set_header(request, header);

        *has_key |=
            llmgw__str_is_nocase(llmgw__str(header->name), scheme->header);
        if (status == LLMGW_E_INVALID)
            return refuse(error, LLMGW_KIND_CONFIG,
                          "header of provider %s is not one: %s",
                          provider->name, header->name);
        if (status != LLMGW_OK)
            return status;
    }
    return LLMGW_OK;
}

static llmgw_status set_header(struct llmgw__http_request *request,
                               const struct llmgw__setting *header)
{
    llmgw_str value = llmgw__str(header->value);

    for (size_t i = 0; i < request->header_count; i++) {
        if (!llmgw__str_is_nocase(request->headers[i].name, header->name))
            continue;
        if (!llmgw__str_printable(value))
            return LLMGW_E_INVALID;
        request->headers[i].value = value;
        request->headers[i].secret |= header->secret;
        return LLMGW_OK;
    }
    return llmgw__http_header_add(request, llmgw__str(header->name), value,
                                  header->secret);
}

static llmgw_status add_key(const struct llmgw__auth_ask *ask, const char *key,
                            const struct scheme *scheme)
{
    llmgw_str before = llmgw__str(scheme->before), text = llmgw__str(key);
    size_t len = before.len + text.len;
    char *value = llmgw__arena_alloc(ask->arena, len);

    if (!value)
        return LLMGW_E_NOMEM;
    if (before.len)
        memcpy(value, before.data, before.len);
    if (text.len)
        memcpy(value + before.len, text.data, text.len);
    return llmgw__http_header_add(ask->request, llmgw__str(scheme->header),
                                  llmgw__str_n(value, len), true);
}

/** That is charged for it, unless a configured header says. */
static llmgw_status add_project(const struct llmgw__auth_ask *ask)
{
    static const char name[] = "x-goog-user-project";
    const char *project =
        ask->credential ? ask->credential->quota_project : NULL;

    for (size_t i = 0; project && i < ask->request->header_count; i++)
        if (llmgw__str_is_nocase(ask->request->headers[i].name, name))
            project = NULL;
    return project ? llmgw__http_header_add(ask->request, llmgw__str(name),
                                            llmgw__str(project), false)
                   : LLMGW_OK;
}

/** By a pair of access keys. */
static llmgw_status sign(const struct llmgw__auth_ask *ask,
                         struct llmgw__error *error)
{
    const struct llmgw__credential *by = ask->credential;
    const char *region = llmgw__bedrock_region(ask->provider);
    const struct llmgw__sigv4 sigv4 = {
        .access_key = llmgw__str(by->access_key),
        .secret_key = llmgw__str(by->secret_key),
        .session_token = llmgw__str(by->session_token),
        .region = llmgw__str(region),
        .service =
            llmgw__str(llmgw__bedrock_service(llmgw__str(ask->request->url))),
        .now_s = ask->now_s,
    };
    llmgw_status status;

    if (!region)
        return refuse(error, LLMGW_KIND_CONFIG,
                      "provider %s has no region%s: set AWS_REGION, or region "
                      "in its settings",
                      ask->provider->name, "");
    status = llmgw__sigv4_sign(&sigv4, ask->request, ask->arena, NULL);
    return status == LLMGW_E_INVALID
               ? refuse(error, LLMGW_KIND_AUTH,
                        "a request of provider %s%s cannot be signed",
                        ask->provider->name, "")
               : status;
}

static llmgw_status refuse(struct llmgw__error *error, llmgw_error_kind kind,
                           const char *format, const char *provider,
                           const char *detail)
{
    char message[256];

    (void)snprintf(message, sizeof message, format, provider, detail);
    llmgw__error_setz(error, kind, message);
    return LLMGW_E_INVALID;
}
