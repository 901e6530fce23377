/*
 * provider/google_token.c - ask for an access token with what a credential
 * file of Google's holds.
 *
 *     service_account               its key signs a JWT   -> token
 *     authorized_user               its refresh token     -> token
 *     external_account              google_external.c
 *     impersonated_service_account  one of the first two  -> token
 *                                   token -> the account's own token
 *
 * What the file says is sent to Google's own hosts only, or those of its
 * universe; to this machine without TLS.
 *
 * Source: see the header. Memory: the fetch's arena; the assertion is wiped.
 */
#include "google_token.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/jsonwrite.h"
#include "base/sign.h"
#include "credential_parts.h"

#define TOKEN_URL  "https://oauth2.googleapis.com/token"
#define LIFETIME_S 3600

static llmgw_status ask_service(struct llmgw__credential_fetch *fetch,
                                const struct llmgw__jdoc *doc, uint32_t object);
static llmgw_status ask_user(struct llmgw__credential_fetch *fetch,
                             const struct llmgw__jdoc *doc, uint32_t object);
static llmgw_status ask_source(struct llmgw__credential_fetch *fetch,
                               const struct llmgw__jdoc *doc, uint32_t object);

static const struct type {
    const char *name;
    llmgw_status (*ask)(struct llmgw__credential_fetch *fetch,
                        const struct llmgw__jdoc *doc, uint32_t object);
    bool source; /* may stand within an impersonated account */
} types[] = {
    {"service_account", ask_service, true},
    {"authorized_user", ask_user, true},
    {"external_account", llmgw__google_external, false},
    {"impersonated_service_account", ask_source, false},
};

llmgw_status llmgw__google_refuse(struct llmgw__credential_fetch *fetch,
                                  const char *what, const char *why)
{
    const char *parts[] = {"the credential file: ", what, why, NULL};

    return llmgw__fetch_refuse(fetch, parts);
}

/* --- reading --- */

llmgw_status llmgw__google_members(struct llmgw__credential_fetch *fetch,
                                   const struct llmgw__jdoc *doc,
                                   uint32_t object,
                                   const struct llmgw__google_wanted *wanted,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (llmgw__fetch_member(fetch, doc, object, wanted[i].name,
                                wanted[i].to) != LLMGW_OK)
            return LLMGW_E_NOMEM;
        if (wanted[i].required && !wanted[i].to->len)
            return llmgw__google_refuse(fetch, wanted[i].name, " is missing");
    }
    return LLMGW_OK;
}

/** A URL of the file's that secrets go to; empty: the usual one. */
llmgw_status llmgw__google_url(struct llmgw__credential_fetch *fetch,
                               llmgw_str *url, const char *usual)
{
    const struct llmgw__google_state *state = fetch->state;
    llmgw_str universe[] = {LLMGW__LIT("."), state->universe};
    const char *text, *ending;
    llmgw_str host;

    if (!url->len)
        *url = llmgw__str(usual);
    text = llmgw__fetch_join(fetch, url, 1);
    ending = llmgw__fetch_join(fetch, universe, 2);
    if (!text || !ending)
        return LLMGW_E_NOMEM;
    *url = llmgw__str(text);
    host = llmgw__url_host(text);
    if (llmgw__url_is_safe(text) &&
        (llmgw__host_is_loopback(host) ||
         llmgw__str_ends(host, ".googleapis.com") ||
         (state->universe.len && llmgw__str_ends(host, ending))))
        return LLMGW_OK;
    return llmgw__google_refuse(fetch, "a URL in it",
                                " is no https URL of a Google service");
}

llmgw_status llmgw__google_document(
    struct llmgw__credential_fetch *fetch, llmgw_str argument,
    llmgw_status (*use)(struct llmgw__credential_fetch *fetch,
                        const struct llmgw__jdoc *doc, llmgw_str argument))
{
    const struct llmgw__google_state *state = fetch->state;
    struct llmgw__jdoc doc;
    llmgw_status status =
        llmgw__jdoc_parse(&doc, state->document, LLMGW__JDOC_UTF8);

    if (status == LLMGW_OK && llmgw__jdoc_type(&doc, 0) != LLMGW__JSON_OBJECT)
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = use(fetch, &doc, argument);
    else if (status == LLMGW_E_INVALID)
        (void)llmgw__google_refuse(fetch, "it is no JSON object", "");
    llmgw__jdoc_clear(&doc);
    return status;
}

/* --- what kind of file it is --- */

static llmgw_status ask_by_type(struct llmgw__credential_fetch *fetch,
                                const struct llmgw__jdoc *doc, uint32_t object,
                                bool source)
{
    llmgw_str type = {NULL, 0};
    char name[64];

    if (llmgw__fetch_member(fetch, doc, object, "type", &type) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (llmgw__str_is(type, types[i].name) && (types[i].source || !source))
            return types[i].ask(fetch, doc, object);
    llmgw__error_copy(name, sizeof name, type);
    return llmgw__google_refuse(fetch, "no token is asked for with type ",
                                name);
}

static llmgw_status begin(struct llmgw__credential_fetch *fetch,
                          const struct llmgw__jdoc *doc, llmgw_str unused)
{
    struct llmgw__google_state *state = fetch->state;
    const struct llmgw__google_wanted wanted[] = {
        {"universe_domain", &state->universe, false},
        {"quota_project_id", &state->quota_project, false},
        {"service_account_impersonation_url", &state->account_url, false},
    };
    uint32_t delegates = llmgw__jdoc_get(doc, 0, "delegates");
    llmgw_status status = llmgw__google_members(fetch, doc, 0, wanted, 3);

    (void)unused;
    if (status == LLMGW_OK && state->account_url.len)
        status = llmgw__google_url(fetch, &state->account_url, "");
    if (llmgw__jdoc_type(doc, delegates) == LLMGW__JSON_ARRAY)
        state->delegates = llmgw__jdoc_raw(doc, delegates);
    return status == LLMGW_OK ? ask_by_type(fetch, doc, 0, false) : status;
}

llmgw_status llmgw__google_ask(struct llmgw__credential_fetch *fetch)
{
    return llmgw__google_document(fetch, llmgw__str(NULL), begin);
}

static llmgw_status ask_source(struct llmgw__credential_fetch *fetch,
                               const struct llmgw__jdoc *doc, uint32_t object)
{
    const struct llmgw__google_state *state = fetch->state;
    uint32_t source = llmgw__jdoc_get(doc, object, "source_credentials");

    if (!state->account_url.len)
        return llmgw__google_refuse(fetch, "service_account_impersonation_url",
                                    " is missing");
    if (llmgw__jdoc_type(doc, source) != LLMGW__JSON_OBJECT)
        return llmgw__google_refuse(fetch, "source_credentials", " is missing");
    return ask_by_type(fetch, doc, source, true);
}

llmgw_status llmgw__google_ask_token(struct llmgw__credential_fetch *fetch,
                                     llmgw_str url,
                                     const struct llmgw__form_member *members,
                                     size_t count)
{
    struct llmgw__google_state *state = fetch->state;
    llmgw_status status = llmgw__fetch_ask(fetch, "POST", url.data);

    state->step = LLMGW__GOOGLE_ASK_TOKEN;
    return status == LLMGW_OK ? llmgw__fetch_form(fetch, members, count)
                              : status;
}

/* --- service account --- */

static void add_encoded(struct llmgw__buf *out, const struct llmgw__buf *json)
{
    if (json->status != LLMGW_OK)
        out->status = json->status;
    else
        llmgw__base64url_encode(out, llmgw__buf_str(json));
}

static void write_header(struct llmgw__jsonw *w,
                         const struct llmgw__google_account *account)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "typ", "JWT");
    llmgw__jsonw_member_z(w, "alg", "RS256");
    if (account->key_id.len)
        llmgw__jsonw_member_str(w, "kid", account->key_id);
    llmgw__jsonw_close(w, '}');
}

static void write_claims(struct llmgw__jsonw *w,
                         const struct llmgw__google_account *account,
                         int64_t now_s)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_int(w, "iat", now_s);
    llmgw__jsonw_member_int(w, "exp", now_s + LIFETIME_S);
    llmgw__jsonw_member_str(w, "iss", account->email);
    llmgw__jsonw_member_str(w, "aud", account->token_url);
    llmgw__jsonw_member_z(w, "scope", LLMGW__GOOGLE_SCOPE);
    llmgw__jsonw_close(w, '}');
}

llmgw_status
llmgw__google_assertion(const struct llmgw__google_account *account,
                        const struct llmgw__random *random, int64_t now_s,
                        struct llmgw__buf *out)
{
    struct llmgw__buf part;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&part, 0);
    llmgw__jsonw_init(&w, &part);
    write_header(&w, account);
    add_encoded(out, &part);
    llmgw__buf_add_char(out, '.');
    llmgw__buf_reset(&part);
    llmgw__jsonw_init(&w, &part);
    write_claims(&w, account, now_s);
    add_encoded(out, &part);
    llmgw__buf_reset(&part);
    status = out->status;
    if (status == LLMGW_OK)
        status =
            llmgw__rs256_sign(account->key, llmgw__buf_str(out), random, &part);
    llmgw__buf_add_char(out, '.');
    if (status == LLMGW_OK)
        add_encoded(out, &part);
    llmgw__file_wipe(&part);
    return status == LLMGW_OK ? out->status : status;
}

static llmgw_status ask_service(struct llmgw__credential_fetch *fetch,
                                const struct llmgw__jdoc *doc, uint32_t object)
{
    struct llmgw__google_account account = {.email = {NULL, 0}};
    const struct llmgw__google_wanted wanted[] = {
        {"client_email", &account.email, true},
        {"private_key", &account.key, true},
        {"private_key_id", &account.key_id, false},
        {"token_uri", &account.token_url, false},
    };
    struct llmgw__form_member members[] = {
        {"grant_type",
         LLMGW__LIT("urn:ietf:params:oauth:grant-type:jwt-bearer")},
        {"assertion", {NULL, 0}},
    };
    struct llmgw__buf text;
    llmgw_status status = llmgw__google_members(fetch, doc, object, wanted, 4);

    if (status == LLMGW_OK)
        status = llmgw__google_url(fetch, &account.token_url, TOKEN_URL);
    if (status != LLMGW_OK)
        return status;
    llmgw__buf_init(&text, 0);
    (void)llmgw__buf_reserve(&text, 8192); /* it does not move */
    status =
        llmgw__google_assertion(&account, fetch->random, fetch->now_s, &text);
    members[1].value = llmgw__buf_str(&text);
    if (status == LLMGW_OK)
        status = llmgw__google_ask_token(fetch, account.token_url, members, 2);
    else if (status == LLMGW_E_INVALID)
        status =
            llmgw__google_refuse(fetch, "private_key", " is no RSA key in PEM");
    llmgw__file_wipe(&text);
    return status;
}

/* --- user --- */

static llmgw_status ask_user(struct llmgw__credential_fetch *fetch,
                             const struct llmgw__jdoc *doc, uint32_t object)
{
    struct llmgw__form_member members[] = {
        {"grant_type", LLMGW__LIT("refresh_token")},
        {"client_id", {NULL, 0}},
        {"client_secret", {NULL, 0}},
        {"refresh_token", {NULL, 0}},
    };
    llmgw_str url = {NULL, 0};
    const struct llmgw__google_wanted wanted[] = {
        {"client_id", &members[1].value, true},
        {"client_secret", &members[2].value, true},
        {"refresh_token", &members[3].value, true},
        {"token_uri", &url, false},
    };
    llmgw_status status = llmgw__google_members(fetch, doc, object, wanted, 4);

    if (status == LLMGW_OK)
        status = llmgw__google_url(fetch, &url, TOKEN_URL);
    return status == LLMGW_OK ? llmgw__google_ask_token(fetch, url, members, 4)
                              : status;
}

/* --- a token has come --- */

static llmgw_status ask_account(struct llmgw__credential_fetch *fetch,
                                llmgw_str token)
{
    struct llmgw__google_state *state = fetch->state;
    const llmgw_str bearer[] = {LLMGW__LIT("Bearer "), token};
    const llmgw_str body[] = {LLMGW__LIT("{\"delegates\":"),
                              state->delegates.len ? state->delegates
                                                   : LLMGW__LIT("[]"),
                              LLMGW__LIT(",\"scope\":[\"" LLMGW__GOOGLE_SCOPE
                                         "\"],\"lifetime\":\"3600s\"}")};
    const char *value = llmgw__fetch_join(fetch, bearer, 2);
    const char *text = llmgw__fetch_join(fetch, body, 3);
    llmgw_status status;

    if (!value || !text)
        return LLMGW_E_NOMEM;
    state->step = LLMGW__GOOGLE_ASK_ACCOUNT;
    status = llmgw__fetch_ask(fetch, "POST", state->account_url.data);
    if (status == LLMGW_OK)
        status = llmgw__fetch_header(fetch, "authorization", llmgw__str(value));
    return status == LLMGW_OK
               ? llmgw__fetch_body(fetch, "application/json", llmgw__str(text))
               : status;
}

llmgw_status llmgw__google_take(struct llmgw__credential_fetch *fetch,
                                llmgw_str token, int64_t expires_s)
{
    const struct llmgw__google_state *state = fetch->state;
    const struct llmgw__credential_texts texts = {
        .key = token, .quota_project = state->quota_project};

    if (state->step != LLMGW__GOOGLE_ASK_ACCOUNT && state->account_url.len)
        return ask_account(fetch, token);
    return llmgw__fetch_found(fetch, &texts, expires_s);
}
