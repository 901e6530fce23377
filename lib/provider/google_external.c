/*
 * provider/google_external.c - a token of another identity provider, from a
 * file or a URL, for one of Google's.
 *
 * Source: RFC 8693; AIP-4117. Memory: the fetch's arena.
 */
#include "base/crypto.h"
#include "base/file.h"
#include "credential_parts.h"
#include "google_token.h"

#define EXCHANGE_URL "https://sts.googleapis.com/v1/token"

static llmgw_status exchange(struct llmgw__credential_fetch *fetch,
                             const struct llmgw__jdoc *doc, llmgw_str token);

static llmgw_status add_source_headers(struct llmgw__credential_fetch *fetch,
                                       const struct llmgw__jdoc *doc,
                                       uint32_t headers)
{
    uint32_t key = llmgw__jdoc_first(doc, headers);
    llmgw_status status = LLMGW_OK;

    if (llmgw__jdoc_type(doc, headers) != LLMGW__JSON_OBJECT)
        return LLMGW_OK;
    while (key != LLMGW__JNONE && status == LLMGW_OK) {
        uint32_t value = llmgw__jdoc_next(doc, headers, key);
        llmgw_str name, text;
        const char *header;

        if (llmgw__jstr_text(llmgw__jdoc_string(doc, key), fetch->arena,
                             &name) != LLMGW_OK ||
            llmgw__jstr_text(llmgw__jdoc_string(doc, value), fetch->arena,
                             &text) != LLMGW_OK)
            return LLMGW_E_NOMEM;
        header = llmgw__fetch_join(fetch, &name, 1);
        status =
            header ? llmgw__fetch_header(fetch, header, text) : LLMGW_E_NOMEM;
        key = llmgw__jdoc_next(doc, headers, value);
    }
    return status;
}

static llmgw_status ask_subject(struct llmgw__credential_fetch *fetch,
                                const struct llmgw__jdoc *doc, uint32_t source,
                                llmgw_str url)
{
    struct llmgw__google_state *state = fetch->state;
    const char *text = llmgw__fetch_join(fetch, &url, 1);
    llmgw_status status;

    if (!text)
        return LLMGW_E_NOMEM;
    if (!llmgw__url_is_safe(text) &&
        !llmgw__str_is(llmgw__url_host(text), "169.254.169.254"))
        return llmgw__google_refuse(fetch, "credential_source.url",
                                    " is no https URL");
    state->step = LLMGW__GOOGLE_ASK_SUBJECT;
    status = llmgw__fetch_ask(fetch, "GET", text);
    return status == LLMGW_OK
               ? add_source_headers(fetch, doc,
                                    llmgw__jdoc_get(doc, source, "headers"))
               : status;
}

llmgw_status llmgw__google_external(struct llmgw__credential_fetch *fetch,
                                    const struct llmgw__jdoc *doc,
                                    uint32_t object)
{
    uint32_t source = llmgw__jdoc_get(doc, object, "credential_source");
    llmgw_str file = {NULL, 0}, url = file, text = file, other = file;
    const struct llmgw__google_wanted wanted[] = {
        {"file", &file, false},
        {"url", &url, false},
        {"environment_id", &other, false}};
    llmgw_status status = llmgw__google_members(fetch, doc, source, wanted, 3);
    const char *path, *why = NULL;

    if (status != LLMGW_OK)
        return status;
    if (other.len || (!file.len && !url.len))
        return llmgw__google_refuse(fetch, "credential_source",
                                    " is neither a file nor a URL");
    if (!file.len)
        return ask_subject(fetch, doc, source, url);
    path = llmgw__fetch_join(fetch, &file, 1);
    if (!path)
        return LLMGW_E_NOMEM;
    status = llmgw__fetch_file(fetch, path, &text, &why);
    if (status == LLMGW_E_INVALID)
        return llmgw__google_refuse(fetch, "credential_source.file: ", why);
    return status == LLMGW_OK ? exchange(fetch, doc, text) : status;
}

/** The subject's token: the text, or a member of it. */
static llmgw_status read_subject(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__jdoc *file,
                                 llmgw_str *text)
{
    uint32_t source = llmgw__jdoc_get(file, 0, "credential_source");
    uint32_t format = llmgw__jdoc_get(file, source, "format");
    llmgw_str type = {NULL, 0}, name = type;
    const struct llmgw__google_wanted wanted[] = {
        {"type", &type, false}, {"subject_token_field_name", &name, false}};
    llmgw_status status = llmgw__google_members(fetch, file, format, wanted, 2);
    struct llmgw__jdoc doc;

    if (status != LLMGW_OK || !llmgw__str_is(type, "json"))
        return status;
    status = llmgw__jdoc_parse(&doc, *text, 0);
    *text = llmgw__str_n(NULL, 0);
    if (status == LLMGW_OK) {
        const char *member = llmgw__fetch_join(fetch, &name, 1);

        status = member ? llmgw__fetch_member(fetch, &doc, 0, member, text)
                        : LLMGW_E_NOMEM;
    }
    llmgw__jdoc_clear(&doc);
    return status == LLMGW_E_NOMEM ? status : LLMGW_OK;
}

/** "Basic ID:SECRET", of a client that has one. */
static llmgw_status add_client(struct llmgw__credential_fetch *fetch,
                               llmgw_str id, llmgw_str secret)
{
    const llmgw_str parts[] = {id, LLMGW__LIT(":"), secret};
    const char *pair = llmgw__fetch_join(fetch, parts, 3);
    llmgw_str value = {NULL, 0};
    struct llmgw__buf text;
    llmgw_status status;

    if (!id.len)
        return LLMGW_OK;
    if (!pair)
        return LLMGW_E_NOMEM;
    llmgw__buf_init(&text, 0);
    (void)llmgw__buf_reserve(&text, 2 * strlen(pair) + 16);
    llmgw__buf_add_z(&text, "Basic ");
    llmgw__base64_encode(&text, llmgw__str(pair));
    status = text.status;
    if (status == LLMGW_OK)
        status = llmgw__arena_str(fetch->arena, llmgw__buf_str(&text), &value);
    llmgw__file_wipe(&text);
    return status == LLMGW_OK
               ? llmgw__fetch_header(fetch, "authorization", value)
               : status;
}

static llmgw_status exchange(struct llmgw__credential_fetch *fetch,
                             const struct llmgw__jdoc *doc, llmgw_str token)
{
    struct llmgw__form_member members[] = {
        {"grant_type",
         LLMGW__LIT("urn:ietf:params:oauth:grant-type:token-exchange")},
        {"requested_token_type",
         LLMGW__LIT("urn:ietf:params:oauth:token-type:access_token")},
        {"scope", LLMGW__LIT(LLMGW__GOOGLE_SCOPE)},
        {"audience", {NULL, 0}},
        {"subject_token_type", {NULL, 0}},
        {"subject_token", {NULL, 0}},
    };
    llmgw_str url = {NULL, 0}, id = url, secret = url;
    const struct llmgw__google_wanted wanted[] = {
        {"audience", &members[3].value, true},
        {"subject_token_type", &members[4].value, true},
        {"token_url", &url, false},
        {"client_id", &id, false},
        {"client_secret", &secret, false},
    };
    llmgw_status status = llmgw__google_members(fetch, doc, 0, wanted, 5);

    if (status == LLMGW_OK)
        status = llmgw__google_url(fetch, &url, EXCHANGE_URL);
    if (status == LLMGW_OK)
        status = read_subject(fetch, doc, &token);
    if (status != LLMGW_OK)
        return status;
    if (!token.len)
        return llmgw__google_refuse(fetch, "its source", " gave no token");
    members[5].value = token;
    status = llmgw__google_ask_token(fetch, url, members, 6);
    return status == LLMGW_OK ? add_client(fetch, id, secret) : status;
}

llmgw_status llmgw__google_exchange(struct llmgw__credential_fetch *fetch,
                                    llmgw_str body)
{
    llmgw_str token = {NULL, 0};

    if (llmgw__arena_str(fetch->arena, llmgw__str_trim(body), &token) !=
        LLMGW_OK)
        return LLMGW_E_NOMEM;
    return llmgw__google_document(fetch, token, exchange);
}
