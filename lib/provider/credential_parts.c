/*
 * provider/credential_parts.c - what all sources of credentials do: look into
 * the environment, ask a service, read what it said.
 *
 * Texts with secrets are written once, into the fetch's arena, which is
 * overwritten with the fetch; no copy of them is left in freed memory.
 *
 * Memory: the fetch's arena.
 */
#include "credential_parts.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/crypto.h"
#include "base/file.h"

#define MAX_HEADERS 12
#define MAX_WORD    200 /* bytes of what a service says */

const char *llmgw__environment(const char *name)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): read-only, as curl does it */
    const char *value = getenv(name);

    return value && *value ? value : NULL;
}

bool llmgw__environment_true(const char *name)
{
    return llmgw__str_is_nocase(llmgw__str(llmgw__environment(name)), "true");
}

bool llmgw__home_path(const char *path, struct llmgw__buf *out)
{
#if defined(_WIN32)
    const char *home = llmgw__environment("USERPROFILE");
#else
    const char *home = llmgw__environment("HOME");
#endif

    if (!home)
        return false;
    llmgw__buf_add_z(out, home);
    llmgw__buf_add_z(out, path);
    llmgw__buf_add_char(out, '\0');
    return true;
}

/* --- texts --- */

char *llmgw__fetch_join(struct llmgw__credential_fetch *fetch,
                        const llmgw_str *parts, size_t count)
{
    size_t len = 0;
    char *text;

    for (size_t i = 0; i < count; i++)
        len += parts[i].len;
    text = llmgw__arena_alloc(fetch->arena, len + 1);
    if (!text)
        return NULL;
    text[len] = '\0';
    len = 0;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len)
            memcpy(text + len, parts[i].data, parts[i].len);
        len += parts[i].len;
    }
    return text;
}

llmgw_status llmgw__fetch_file(struct llmgw__credential_fetch *fetch,
                               const char *path, llmgw_str *out,
                               const char **why)
{
    struct llmgw__buf read;
    llmgw_status status;

    llmgw__buf_init(&read, 0);
    status = llmgw__file_read(path, LLMGW__CREDENTIAL_MAX, &read, why);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(fetch->arena,
                                  llmgw__str_trim(llmgw__buf_str(&read)), out);
    llmgw__file_wipe(&read);
    return status == LLMGW_E_LIMIT ? LLMGW_E_INVALID : status;
}

llmgw_status llmgw__fetch_member(struct llmgw__credential_fetch *fetch,
                                 const struct llmgw__jdoc *doc, uint32_t object,
                                 const char *name, llmgw_str *out)
{
    struct llmgw__jstr text = llmgw__jdoc_get_string(doc, object, name);

    *out = llmgw__str_n(NULL, 0);
    return text.data ? llmgw__jstr_text(text, fetch->arena, out) : LLMGW_OK;
}

/* --- requests --- */

llmgw_status llmgw__fetch_ask(struct llmgw__credential_fetch *fetch,
                              const char *method, const char *url)
{
    struct llmgw__http_request *request = &fetch->request;

    llmgw__file_wipe(&request->body.own);
    llmgw__body_clear(&request->body);
    memset(request, 0, sizeof *request);
    llmgw__body_init(&request->body, 0);
    request->method = method;
    request->url = llmgw__arena_dup(fetch->arena, llmgw__str(url));
    request->headers =
        llmgw__arena_array(fetch->arena, MAX_HEADERS, sizeof *request->headers);
    request->header_cap = MAX_HEADERS;
    return request->url && request->headers ? LLMGW_OK : LLMGW_E_NOMEM;
}

llmgw_status llmgw__fetch_header(struct llmgw__credential_fetch *fetch,
                                 const char *name, llmgw_str value)
{
    static const char *const parts[] = {"what is sent to ask for credentials ",
                                        "cannot be a header", NULL};
    llmgw_status status =
        llmgw__http_header_add(&fetch->request, llmgw__str(name), value, true);

    return status == LLMGW_E_INVALID || status == LLMGW_E_LIMIT
               ? llmgw__fetch_refuse(fetch, parts)
               : status;
}

llmgw_status llmgw__fetch_body(struct llmgw__credential_fetch *fetch,
                               const char *content_type, llmgw_str text)
{
    llmgw_status status =
        llmgw__fetch_header(fetch, "content-type", llmgw__str(content_type));

    if (status != LLMGW_OK)
        return status;
    llmgw__body_add(&fetch->request.body, text);
    return llmgw__body_finish(&fetch->request.body);
}

/** Percent-encoded, as in a form; @return behind it. */
static char *put_encoded(char *to, llmgw_str text)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];

        if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
            (c >= 'A' && c <= 'Z') || (c && strchr("-._", c))) {
            *to++ = (char)c;
            continue;
        }
        *to++ = '%';
        *to++ = hex[c >> 4];
        *to++ = hex[c & 15];
    }
    return to;
}

llmgw_status llmgw__fetch_form(struct llmgw__credential_fetch *fetch,
                               const struct llmgw__form_member *members,
                               size_t count)
{
    size_t most = 0;
    char *text, *to;

    for (size_t i = 0; i < count; i++)
        most += strlen(members[i].name) + 2 + 3 * members[i].value.len;
    text = to = llmgw__arena_alloc(fetch->arena, most);
    if (!text)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (!members[i].value.len)
            continue;
        if (to > text)
            *to++ = '&';
        memcpy(to, members[i].name, strlen(members[i].name));
        to += strlen(members[i].name);
        *to++ = '=';
        to = put_encoded(to, members[i].value);
    }
    return llmgw__fetch_body(fetch, "application/x-www-form-urlencoded",
                             llmgw__str_n(text, (size_t)(to - text)));
}

/* --- the end of it --- */

llmgw_status llmgw__fetch_found(struct llmgw__credential_fetch *fetch,
                                const struct llmgw__credential_texts *texts,
                                int64_t expires_s)
{
    static const char *const parts[] = {"the credentials that were found ",
                                        "cannot be sent in a header", NULL};
    const llmgw_str all[] = {texts->key, texts->access_key, texts->secret_key,
                             texts->session_token, texts->quota_project};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].len > LLMGW__CREDENTIAL_MAX || !llmgw__str_printable(all[i]))
            return llmgw__fetch_refuse(fetch, parts);
    fetch->out = llmgw__credential_make(texts, expires_s);
    return fetch->out ? LLMGW_OK : LLMGW_E_NOMEM;
}

llmgw_status llmgw__fetch_refuse(struct llmgw__credential_fetch *fetch,
                                 const char *const *parts)
{
    char message[sizeof fetch->error.message] = "";
    size_t len = 0;

    for (size_t i = 0; i < 2; i++) {
        const char *at = i ? ": " : fetch->provider->name;

        while (*at && len + 1 < sizeof message)
            message[len++] = *at++;
    }
    for (; *parts; parts++)
        for (const char *at = *parts; *at && len + 1 < sizeof message;)
            message[len++] = *at++;
    llmgw__error_set(&fetch->error, LLMGW_KIND_AUTH,
                     llmgw__str_n(message, len));
    return LLMGW_E_INVALID;
}

/** What a service says of its refusal: the first of these that is a text. */
static void read_words(struct llmgw__credential_fetch *fetch, llmgw_str body,
                       char *out)
{
    static const char *const names[] = {"error_description", "message",
                                        "Message", "error", "code"};
    struct llmgw__jdoc doc;
    uint32_t object = 0;
    llmgw_str text = {NULL, 0};

    if (llmgw__jdoc_parse(&doc, body, 0) == LLMGW_OK) {
        uint32_t inner = llmgw__jdoc_get(&doc, 0, "error");

        if (llmgw__jdoc_type(&doc, inner) == LLMGW__JSON_OBJECT)
            object = inner;
        for (size_t i = 0; !text.len && i < sizeof names / sizeof *names; i++)
            if (llmgw__fetch_member(fetch, &doc, object, names[i], &text) !=
                LLMGW_OK)
                break;
    }
    llmgw__jdoc_clear(&doc);
    llmgw__error_copy(out, MAX_WORD, text);
}

llmgw_status llmgw__fetch_refused(struct llmgw__credential_fetch *fetch,
                                  const char *what, int32_t status,
                                  llmgw_str body)
{
    char words[MAX_WORD] = "", code[24];
    const char *parts[] = {what, ": ", code, words[0] ? ", " : "", words, NULL};

    if (status) {
        (void)snprintf(code, sizeof code, "HTTP %d", (int)status);
        read_words(fetch, body, words);
        parts[3] = words[0] ? ", " : "";
    } else {
        code[0] = '\0';
        llmgw__error_copy(words, sizeof words, body);
        parts[3] = "no answer, ";
    }
    (void)llmgw__fetch_refuse(fetch, parts);
    if (!status || status == 429 || status >= 500) { /* it may pass */
        fetch->error.retryable = true;
        fetch->error.failover = true;
    }
    return LLMGW_E_INVALID;
}

/* --- URLs --- */

llmgw_str llmgw__url_host(const char *url)
{
    llmgw_str text = llmgw__str(url), none = {NULL, 0};
    size_t start = llmgw__str_starts(text, "https://")  ? 8
                   : llmgw__str_starts(text, "http://") ? 7
                                                        : 0;
    size_t len;
    const char *host = url + start;

    if (!start || !llmgw__str_printable(text) || strpbrk(url, " \\#"))
        return none;
    len = strcspn(host, "/?");
    if (memchr(host, '@', len))
        return none;
    if (host[0] == '[') {
        const char *end = memchr(host, ']', len);

        return end ? llmgw__str_n(host, (size_t)(end - host) + 1) : none;
    }
    return llmgw__str_n(host, strcspn(host, ":/?"));
}

bool llmgw__host_is_loopback(llmgw_str host)
{
    return llmgw__str_is_nocase(host, "localhost") ||
           llmgw__str_is(host, "[::1]") ||
           (llmgw__str_starts(host, "127.") &&
            host.len == strspn(host.data, "0123456789."));
}

bool llmgw__url_is_safe(const char *url)
{
    llmgw_str host = llmgw__url_host(url);

    return host.len && (llmgw__str_starts(llmgw__str(url), "https://") ||
                        llmgw__host_is_loopback(host));
}
