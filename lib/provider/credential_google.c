/*
 * provider/credential_google.c - access tokens of Google: where its own
 * libraries look for credentials (application default credentials).
 *
 *     settings, GOOGLE_APPLICATION_CREDENTIALS, the file that gcloud writes,
 *     the machine's metadata server
 *
 * Source: Google Cloud, "How Application Default Credentials works"; google-
 * auth, _default.py; AIP-4115. Memory: the fetch's arena.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "credential_parts.h"
#include "google_token.h"

#define METADATA_HOST "metadata.google.internal"
#define METADATA_PATH \
    "/computeMetadata/v1/instance/service-accounts/default/token"
#define USUAL_FILE "/application_default_credentials.json"
#define USUAL_LIFE 3600 /* seconds of a token that does not say */

static llmgw_status ask_metadata(struct llmgw__credential_fetch *fetch);

static llmgw_status refuse(struct llmgw__credential_fetch *fetch,
                           const char *what, const char *why)
{
    const char *parts[] = {what, ": ", why, NULL};

    return llmgw__fetch_refuse(fetch, parts);
}

static llmgw_status nowhere(struct llmgw__credential_fetch *fetch,
                            const char *why)
{
    const char *parts[] = {
        "no credentials: not set are api_key, credentials_json, "
        "credentials_file and GOOGLE_APPLICATION_CREDENTIALS; no "
        "application_default_credentials.json in CLOUDSDK_CONFIG or "
        "~/.config/gcloud; metadata server: ",
        why, NULL};

    return llmgw__fetch_refuse(fetch, parts);
}

/* --- the file --- */

/** Where gcloud writes it; false: nowhere. */
static bool usual_path(struct llmgw__buf *out)
{
    const char *folder = llmgw__environment("CLOUDSDK_CONFIG");

    if (folder) {
        llmgw__buf_add_z(out, folder);
        llmgw__buf_add(out, USUAL_FILE, sizeof USUAL_FILE);
        return true;
    }
#if defined(_WIN32)
    folder = llmgw__environment("APPDATA");
    if (!folder)
        return false;
    llmgw__buf_add_z(out, folder);
    llmgw__buf_add(out, "/gcloud" USUAL_FILE, sizeof "/gcloud" USUAL_FILE);
    return true;
#else
    return llmgw__home_path("/.config/gcloud" USUAL_FILE, out);
#endif
}

/** It need not be there. */
static llmgw_status read_usual(struct llmgw__buf *out)
{
    const char *why = NULL;
    struct llmgw__buf path;
    llmgw_status status = LLMGW_OK;

    llmgw__buf_init(&path, 0);
    if (usual_path(&path))
        status = path.status;
    if (status == LLMGW_OK && path.len)
        status = llmgw__file_read(path.data, LLMGW__CREDENTIAL_MAX, out, &why);
    llmgw__buf_clear(&path);
    if (status == LLMGW_E_NOMEM)
        return status;
    if (status != LLMGW_OK)
        llmgw__file_wipe(out);
    return LLMGW_OK;
}

/** The credential file's text; empty: there is none. */
static llmgw_status read_document(const struct llmgw__provider *provider,
                                  struct llmgw__buf *out, const char **what,
                                  const char **why)
{
    const char *text = llmgw__provider_setting(provider, "credentials_json");
    const char *path = llmgw__provider_setting(provider, "credentials_file");
    llmgw_status status;

    *what = "credentials_file";
    if (text) {
        llmgw__buf_add_z(out, text);
        return out->status;
    }
    if (!path) {
        *what = "GOOGLE_APPLICATION_CREDENTIALS";
        path = llmgw__environment(*what);
    }
    if (!path)
        return read_usual(out);
    status = llmgw__file_read(path, LLMGW__CREDENTIAL_MAX, out, why);
    if (status == LLMGW_OK && !out->len) {
        *why = "it is empty";
        status = LLMGW_E_INVALID;
    }
    return status == LLMGW_E_LIMIT ? LLMGW_E_INVALID : status;
}

static llmgw_status begin(struct llmgw__credential_fetch *fetch)
{
    struct llmgw__google_state *state = fetch->state;
    const char *what = NULL, *why = NULL;
    struct llmgw__buf text;
    llmgw_status status;

    llmgw__buf_init(&text, 0);
    status = read_document(fetch->provider, &text, &what, &why);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(fetch->arena, llmgw__buf_str(&text),
                                  &state->document);
    llmgw__file_wipe(&text);
    if (status == LLMGW_E_INVALID)
        return refuse(fetch, what, why);
    if (status != LLMGW_OK)
        return status;
    return state->document.len ? llmgw__google_ask(fetch) : ask_metadata(fetch);
}

/* --- the metadata server --- */

static llmgw_status ask_metadata(struct llmgw__credential_fetch *fetch)
{
    struct llmgw__google_state *state = fetch->state;
    const char *host = llmgw__environment("GCE_METADATA_HOST");
    const llmgw_str parts[] = {LLMGW__LIT("http://"),
                               llmgw__str(host ? host : METADATA_HOST),
                               LLMGW__LIT(METADATA_PATH)};
    const char *url = llmgw__fetch_join(fetch, parts, 3);
    llmgw_status status;
    llmgw_str name;

    if (llmgw__environment_true("NO_GCE_CHECK"))
        return nowhere(fetch, "NO_GCE_CHECK is true");
    if (!url)
        return LLMGW_E_NOMEM;
    name = llmgw__url_host(url);
    if (!llmgw__str_is_nocase(name, METADATA_HOST) &&
        !llmgw__str_is(name, "169.254.169.254") &&
        !llmgw__host_is_loopback(name))
        return refuse(fetch, "GCE_METADATA_HOST",
                      "is no host of a metadata server");
    state->step = LLMGW__GOOGLE_ASK_METADATA;
    status = llmgw__fetch_ask(fetch, "GET", url);
    return status == LLMGW_OK ? llmgw__fetch_header(fetch, "metadata-flavor",
                                                    LLMGW__LIT("Google"))
                              : status;
}

/* --- answers --- */

/** Seconds may be written as a text. */
static int64_t read_life(const struct llmgw__jdoc *doc)
{
    uint32_t node = llmgw__jdoc_get(doc, 0, "expires_in");
    struct llmgw__jstr text = llmgw__jdoc_string(doc, node);
    int64_t seconds = USUAL_LIFE;

    if (text.data)
        (void)llmgw__str_int64(llmgw__str_n(text.data, text.len), &seconds);
    else
        (void)llmgw__jdoc_int64(doc, node, &seconds);
    return seconds > 0 && seconds < INT32_MAX ? seconds : USUAL_LIFE;
}

/** A token, and when it ends; empty: there is none in it. */
static llmgw_status read_token(struct llmgw__credential_fetch *fetch,
                               const struct llmgw__jdoc *doc, llmgw_str *token,
                               int64_t *expires_s)
{
    const struct llmgw__google_state *state = fetch->state;
    llmgw_str date;

    if (state->step != LLMGW__GOOGLE_ASK_ACCOUNT) {
        *expires_s = fetch->now_s + read_life(doc);
        return llmgw__fetch_member(fetch, doc, 0, "access_token", token);
    }
    if (llmgw__fetch_member(fetch, doc, 0, "expireTime", &date) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    *expires_s = llmgw__date_parse(date.data, date.len);
    if (*expires_s < 0)
        *expires_s = fetch->now_s + USUAL_LIFE;
    return llmgw__fetch_member(fetch, doc, 0, "accessToken", token);
}

static llmgw_status answer(struct llmgw__credential_fetch *fetch,
                           int32_t status, llmgw_str body)
{
    static const char *const whats[] = {
        "the token service", "the subject's token",
        "the account to be impersonated", "the metadata server"};
    const struct llmgw__google_state *state = fetch->state;
    llmgw_str token = {NULL, 0};
    struct llmgw__jdoc doc;
    int64_t expires_s = 0;
    llmgw_status done;

    if (status == 0 && state->step == LLMGW__GOOGLE_ASK_METADATA)
        return nowhere(fetch, "no answer");
    if (status != 200)
        return llmgw__fetch_refused(fetch, whats[state->step], status, body);
    if (state->step == LLMGW__GOOGLE_ASK_SUBJECT)
        return llmgw__google_exchange(fetch, body);
    done = llmgw__jdoc_parse(&doc, body, 0);
    if (done == LLMGW_OK)
        done = read_token(fetch, &doc, &token, &expires_s);
    llmgw__jdoc_clear(&doc);
    if (done == LLMGW_E_NOMEM)
        return done;
    return token.len ? llmgw__google_take(fetch, token, expires_s)
                     : refuse(fetch, whats[state->step],
                              "the answer holds no access token");
}

/* --- what is known without asking anybody --- */

/** The file's project. */
static llmgw_status hint(const struct llmgw__provider *provider,
                         const char *name, struct llmgw__buf *out)
{
    const char *what = NULL, *why = NULL;
    struct llmgw__jdoc doc;
    struct llmgw__buf text;
    llmgw_status status;

    if (strcmp(name, "project") != 0)
        return LLMGW_OK;
    llmgw__buf_init(&text, 0);
    status = read_document(provider, &text, &what, &why);
    if (status == LLMGW_OK && text.len) {
        status = llmgw__jdoc_parse(&doc, llmgw__buf_str(&text), 0);
        if (status == LLMGW_OK) {
            struct llmgw__jstr project =
                llmgw__jdoc_get_string(&doc, 0, "project_id");

            if (project.data && !project.escaped)
                llmgw__buf_add(out, project.data, project.len);
        }
        llmgw__jdoc_clear(&doc);
    }
    llmgw__file_wipe(&text);
    return status == LLMGW_E_NOMEM ? status : out->status;
}

static bool is_present(const struct llmgw__provider *provider)
{
    const char *what = NULL, *why = NULL;
    struct llmgw__buf text;
    bool present;

    llmgw__buf_init(&text, 0);
    present =
        read_document(provider, &text, &what, &why) != LLMGW_OK || text.len;
    llmgw__file_wipe(&text);
    return present; /* a file that is set but cannot be read: to be told */
}

static const char *const settings[] = {"credentials_json", "credentials_file",
                                       NULL};

const struct llmgw__credential_source llmgw__google_credentials = {
    .state_size = sizeof(struct llmgw__google_state),
    .settings = settings,
    .begin = begin,
    .answer = answer,
    .hint = hint,
    .is_present = is_present,
};
