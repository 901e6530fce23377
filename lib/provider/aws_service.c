/*
 * provider/aws_service.c - ask for access keys of AWS.
 *
 *     container  GET  its URL, with the token it was given
 *     instance   PUT  /latest/api/token, GET the role's name, GET its keys
 *     identity   POST AssumeRoleWithWebIdentity
 *
 * Plain http goes only to addresses that do not leave this machine or link.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider",
 * "IMDS credential provider"; AWS STS API Reference. Memory: the fetch's arena.
 */
#include "aws_service.h"

#include <stdio.h>

#include "aws_profile.h"
#include "base/clock.h"
#include "credential_parts.h"
#include "provider.h"
#include "site.h"

#define TOKEN_PATH "/latest/api/token"
#define ROLES_PATH "/latest/meta-data/iam/security-credentials/"
#define IDENTITY   "AssumeRoleWithWebIdentity"

static llmgw_status take_document(struct llmgw__credential_fetch *fetch,
                                  const char *what, llmgw_str body);
static llmgw_status take_xml(struct llmgw__credential_fetch *fetch,
                             llmgw_str body);
static llmgw_status ask_roles(struct llmgw__credential_fetch *fetch,
                              llmgw_str token);
static llmgw_status ask_keys(struct llmgw__credential_fetch *fetch,
                             llmgw_str role);

static llmgw_status refuse(struct llmgw__credential_fetch *fetch,
                           const char *what, const char *why)
{
    const char *parts[] = {what, ": ", why, NULL};

    return llmgw__fetch_refuse(fetch, parts);
}

/** Of this machine, its container's or its instance's services. */
static bool is_near(const char *url)
{
    static const char *const hosts[] = {"169.254.170.2", "169.254.170.23",
                                        "[fd00:ec2::23]", "169.254.169.254",
                                        "[fd00:ec2::254]"};
    llmgw_str host = llmgw__url_host(url);

    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
        if (llmgw__str_is_nocase(host, hosts[i]))
            return true;
    return llmgw__url_is_safe(url);
}

llmgw_status llmgw__aws_answer(struct llmgw__credential_fetch *fetch,
                               int32_t status, llmgw_str body)
{
    static const char *const whats[] = {
        "the container's credentials", IDENTITY, "instance metadata",
        "instance metadata", "instance metadata"};
    const struct llmgw__aws_state *state = fetch->state;
    const char *what = whats[state->step];

    if (status == 0 && state->step == LLMGW__AWS_ASK_TOKEN)
        return llmgw__aws_nowhere(fetch, "no answer");
    if (status != 200)
        return llmgw__fetch_refused(fetch, what, status, body);
    switch (state->step) {
    case LLMGW__AWS_ASK_CONTAINER:
    case LLMGW__AWS_ASK_KEYS:
        return take_document(fetch, what, body);
    case LLMGW__AWS_ASK_IDENTITY:
        return take_xml(fetch, body);
    case LLMGW__AWS_ASK_TOKEN:
        return ask_roles(fetch, llmgw__str_trim(body));
    case LLMGW__AWS_ASK_ROLE:
        return ask_keys(fetch, llmgw__str_trim(body));
    }
    return LLMGW_E_INVALID;
}

llmgw_status llmgw__aws_nowhere(struct llmgw__credential_fetch *fetch,
                                const char *why)
{
    const struct llmgw__provider_row *row = fetch->provider->row;
    const char *profile = llmgw__provider_setting(fetch->provider, "profile");
    const char *parts[] = {
        "no credentials: not set are api_key, access_key_id, ",
        row && row->key_env ? row->key_env : "api_key_env",
        ", AWS_ACCESS_KEY_ID, AWS_WEB_IDENTITY_TOKEN_FILE and "
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI; profile ",
        profile ? profile : llmgw__environment("AWS_PROFILE"),
        " has no keys in ~/.aws/credentials and ~/.aws/config; "
        "instance metadata: ",
        why,
        NULL};

    if (!parts[3])
        parts[3] = "default";
    return llmgw__fetch_refuse(fetch, parts);
}

/* --- container --- */

static llmgw_status add_container_token(struct llmgw__credential_fetch *fetch)
{
    const char *path = llmgw__environment("AWS_CONTAINER_AUTHORIZATION_TOKEN_"
                                          "FILE");
    llmgw_str token =
        llmgw__str(llmgw__environment("AWS_CONTAINER_AUTHORIZATION_TOKEN"));
    const char *why = NULL;
    llmgw_status status = LLMGW_OK;

    if (path)
        status = llmgw__fetch_file(fetch, path, &token, &why);
    if (status == LLMGW_E_INVALID)
        return refuse(fetch, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", why);
    if (status == LLMGW_OK && token.len)
        status = llmgw__fetch_header(fetch, "authorization", token);
    return status;
}

llmgw_status llmgw__aws_container(struct llmgw__credential_fetch *fetch)
{
    const char *path =
        llmgw__environment("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *url = llmgw__environment("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const llmgw_str parts[] = {LLMGW__LIT("http://169.254.170.2"),
                               llmgw__str(path)};
    struct llmgw__aws_state *state = fetch->state;
    llmgw_status status;

    if (path) {
        url = llmgw__fetch_join(fetch, parts, 2);
        if (!url)
            return LLMGW_E_NOMEM;
    }
    if (!url)
        return LLMGW_OK;
    if ((path && path[0] != '/') || !is_near(url))
        return refuse(fetch,
                      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, _FULL_URI",
                      "must be a path; https, or an address of the container");
    state->step = LLMGW__AWS_ASK_CONTAINER;
    status = llmgw__fetch_ask(fetch, "GET", url);
    return status == LLMGW_OK ? add_container_token(fetch) : status;
}

/** Keys as container and instance write them; anything else is not shown. */
static llmgw_status take_document(struct llmgw__credential_fetch *fetch,
                                  const char *what, llmgw_str body)
{
    static const char *const names[] = {
        "Code", "AccessKeyId", "SecretAccessKey", "Token", "Expiration"};
    llmgw_str values[5] = {{NULL, 0}};
    struct llmgw__jdoc doc;
    llmgw_status status = llmgw__jdoc_parse(&doc, body, 0);
    int64_t expires = 0;

    for (size_t i = 0; status == LLMGW_OK && i < 5; i++)
        status = llmgw__fetch_member(fetch, &doc, 0, names[i], &values[i]);
    llmgw__jdoc_clear(&doc);
    if (status == LLMGW_E_NOMEM)
        return status;
    if (values[4].len)
        expires = llmgw__date_parse(values[4].data, values[4].len);
    if (status != LLMGW_OK || !values[1].len || !values[2].len || expires < 0 ||
        (values[0].len && !llmgw__str_is(values[0], "Success")))
        return refuse(fetch, what, "the answer holds no access keys");
    return llmgw__fetch_found(
        fetch,
        &(const struct llmgw__credential_texts){.access_key = values[1],
                                                .secret_key = values[2],
                                                .session_token = values[3]},
        expires);
}

/* --- instance --- */

llmgw_status llmgw__aws_instance(struct llmgw__credential_fetch *fetch)
{
    const char *at = llmgw__environment("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode =
        llmgw__environment("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    struct llmgw__aws_state *state = fetch->state;
    llmgw_str parts[2];
    const char *url;
    llmgw_status status;

    if (llmgw__environment_true("AWS_EC2_METADATA_DISABLED"))
        return LLMGW_OK;
    if (!at)
        at = llmgw__str_is_nocase(llmgw__str(mode), "ipv6")
                 ? "http://[fd00:ec2::254]"
                 : "http://169.254.169.254";
    if (!is_near(at))
        return refuse(fetch, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                      "must be https, or an address of the instance");
    parts[0] = llmgw__str(at);
    while (llmgw__str_ends(parts[0], "/"))
        parts[0].len--;
    parts[1] = LLMGW__LIT(TOKEN_PATH);
    url = llmgw__fetch_join(fetch, parts, 2);
    parts[1] = LLMGW__LIT(ROLES_PATH);
    state->roles = llmgw__fetch_join(fetch, parts, 2);
    state->step = LLMGW__AWS_ASK_TOKEN;
    if (!url || !state->roles)
        return LLMGW_E_NOMEM;
    status = llmgw__fetch_ask(fetch, "PUT", url);
    return status == LLMGW_OK
               ? llmgw__fetch_header(fetch,
                                     "x-aws-ec2-metadata-token-ttl-seconds",
                                     LLMGW__LIT("21600"))
               : status;
}

/** GET, with the token that the service has given. */
static llmgw_status ask_instance(struct llmgw__credential_fetch *fetch,
                                 enum llmgw__aws_step step, const char *url)
{
    struct llmgw__aws_state *state = fetch->state;
    llmgw_status status = llmgw__fetch_ask(fetch, "GET", url);

    state->step = step;
    return status == LLMGW_OK
               ? llmgw__fetch_header(fetch, "x-aws-ec2-metadata-token",
                                     state->token)
               : status;
}

static llmgw_status ask_roles(struct llmgw__credential_fetch *fetch,
                              llmgw_str token)
{
    struct llmgw__aws_state *state = fetch->state;

    if (!token.len)
        return refuse(fetch, "instance metadata", "it gives no token");
    if (llmgw__arena_str(fetch->arena, token, &state->token) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    return ask_instance(fetch, LLMGW__AWS_ASK_ROLE, state->roles);
}

/** The first of the names; there is one. */
static llmgw_status ask_keys(struct llmgw__credential_fetch *fetch,
                             llmgw_str role)
{
    const struct llmgw__aws_state *state = fetch->state;
    size_t end = llmgw__str_find(role, LLMGW__LIT("\n"));
    llmgw_str parts[2] = {llmgw__str(state->roles), role};
    const char *url;

    if (end != SIZE_MAX)
        parts[1] = llmgw__str_trim(llmgw__str_n(role.data, end));
    if (!parts[1].len || !llmgw__str_printable(parts[1]) ||
        llmgw__str_find(parts[1], LLMGW__LIT("/")) != SIZE_MAX ||
        llmgw__str_find(parts[1], LLMGW__LIT("?")) != SIZE_MAX ||
        llmgw__str_find(parts[1], LLMGW__LIT(" ")) != SIZE_MAX)
        return refuse(fetch, "instance metadata", "it names no role");
    url = llmgw__fetch_join(fetch, parts, 2);
    return url ? ask_instance(fetch, LLMGW__AWS_ASK_KEYS, url) : LLMGW_E_NOMEM;
}

/* --- web identity --- */

/** Near the service that is asked, else the one of all regions. */
static char *identity_url(struct llmgw__credential_fetch *fetch)
{
    const char *set = llmgw__environment("AWS_ENDPOINT_URL_STS");
    const char *region = llmgw__provider_setting(fetch->provider, "region");
    llmgw_str parts[] = {LLMGW__LIT("https://sts."), llmgw__str(NULL),
                         LLMGW__LIT(".amazonaws.com"), LLMGW__LIT("/")};

    if (set) {
        parts[0] = llmgw__str(set);
        return llmgw__fetch_join(fetch, parts, 1);
    }
    if (!region)
        region = llmgw__environment("AWS_REGION");
    if (!region)
        region = llmgw__environment("AWS_DEFAULT_REGION");
    parts[1] = llmgw__str(region);
    if (llmgw__str_starts(parts[1], "cn-"))
        parts[2] = LLMGW__LIT(".amazonaws.com.cn");
    else if (llmgw__str_starts(parts[1], "eusc-"))
        parts[2] = LLMGW__LIT(".amazonaws.eu");
    if (!region || llmgw__site_part(region)) {
        parts[1] = llmgw__str(NULL);
        parts[0] = LLMGW__LIT("https://sts");
    }
    return llmgw__fetch_join(fetch, parts, 4);
}

static llmgw_status ask_identity(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__aws_identity *identity,
                                 const char *url, llmgw_str token)
{
    char session[40] = "";
    const struct llmgw__form_member members[] = {
        {"Action", LLMGW__LIT(IDENTITY)},
        {"Version", LLMGW__LIT("2011-06-15")},
        {"RoleArn", identity->role},
        {"RoleSessionName", identity->session.len
                                ? identity->session
                                : llmgw__str_n(session, 6 + 20)},
        {"WebIdentityToken", token},
    };
    struct llmgw__aws_state *state = fetch->state;
    llmgw_status status = llmgw__fetch_ask(fetch, "POST", url);

    state->step = LLMGW__AWS_ASK_IDENTITY;
    (void)snprintf(session, sizeof session, "llmgw-%020lld",
                   (long long)fetch->now_s);
    return status == LLMGW_OK ? llmgw__fetch_form(fetch, members, 5) : status;
}

llmgw_status llmgw__aws_identity(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__aws_identity *identity)
{
    const char *path = llmgw__arena_dup(fetch->arena, identity->token_file);
    const char *url = identity_url(fetch), *why = NULL;
    llmgw_str token = {NULL, 0};
    llmgw_status status;

    if (!path || !url)
        return LLMGW_E_NOMEM;
    if (!llmgw__url_is_safe(url))
        return refuse(fetch, "AWS_ENDPOINT_URL_STS", "must be an https URL");
    status = llmgw__fetch_file(fetch, path, &token, &why);
    if (status == LLMGW_E_INVALID)
        return refuse(fetch, "AWS_WEB_IDENTITY_TOKEN_FILE", why);
    return status == LLMGW_OK ? ask_identity(fetch, identity, url, token)
                              : status;
}

/** The inside of an element that holds text alone; empty: it is not there. */
static llmgw_str element(llmgw_str xml, const char *start)
{
    size_t at = llmgw__str_find(xml, llmgw__str(start));
    size_t end;

    if (at == SIZE_MAX)
        return llmgw__str_n(NULL, 0);
    at += strlen(start);
    xml = llmgw__str_n(xml.data + at, xml.len - at);
    end = llmgw__str_find(xml, LLMGW__LIT("<"));
    return end == SIZE_MAX ? llmgw__str_n(NULL, 0)
                           : llmgw__str_trim(llmgw__str_n(xml.data, end));
}

static llmgw_status take_xml(struct llmgw__credential_fetch *fetch,
                             llmgw_str body)
{
    const struct llmgw__credential_texts texts = {
        .access_key = element(body, "<AccessKeyId>"),
        .secret_key = element(body, "<SecretAccessKey>"),
        .session_token = element(body, "<SessionToken>"),
    };
    llmgw_str date = element(body, "<Expiration>");
    int64_t expires = llmgw__date_parse(date.data, date.len);

    if (!texts.access_key.len || !texts.secret_key.len ||
        !texts.session_token.len || expires < 0)
        return refuse(fetch, IDENTITY, "the answer holds no access keys");
    return llmgw__fetch_found(fetch, &texts, expires);
}
