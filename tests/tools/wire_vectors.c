/*
 * tools/wire_vectors.c - check worked examples of signing: requests for AWS,
 * assertions for Google.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "provider/credential.h"
#include "provider/sigv4.h"
#include "wire_golden.h"

static void check_signature(const cJSON *vector, struct wire_report *report);
static void check_account(const cJSON *vectors, struct wire_report *report);

void wire_check_vectors(const cJSON *vectors, struct wire_report *report)
{
    const cJSON *account = wire_member(vectors, "service_account_json");
    const cJSON *list, *one;
    bool checked = account != NULL;

    cJSON_ArrayForEach(list, vectors)
    {
        if (cJSON_IsArray(list))
            cJSON_ArrayForEach(one, list)
            {
                report->part = wire_text(one, "name");
                check_signature(one, report);
                checked = true;
            }
    }
    report->part = NULL;
    if (account)
        check_account(vectors, report);
    if (!checked)
        wire_differ(report, "vectors", "not supported: of what they are");
}

static void compare_text(struct wire_report *report, const cJSON *expected,
                         const char *name, llmgw_str got)
{
    const char *text = wire_text(expected, name);

    if (text && !llmgw__str_is(got, text))
        wire_differ(report, name, "expected %s, got %.*s", text, (int)got.len,
                    got.data);
}

/* --- AWS --- */

/** "20150830T123600Z" in seconds. */
static int64_t seconds_of(const char *t)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2sZ", t,
                   t + 4, t + 6, t + 9, t + 11, t + 13);
    return llmgw__date_parse(text, strlen(text));
}

static llmgw_status add_headers(struct llmgw__http_request *request,
                                const cJSON *headers)
{
    llmgw_status status = LLMGW_OK;
    const cJSON *one;

    cJSON_ArrayForEach(one, headers)
    {
        if (status == LLMGW_OK)
            status =
                llmgw__http_header_add(request, llmgw__str(one->string),
                                       llmgw__str(one->valuestring), false);
    }
    return status;
}

static llmgw_str header_of(const struct llmgw__http_request *request,
                           const char *name)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (llmgw__str_is(request->headers[i].name, name))
            return request->headers[i].value;
    return llmgw__str(NULL);
}

static void compare_signed(const cJSON *vector, struct wire_report *report,
                           const struct llmgw__http_request *request,
                           const struct llmgw__sigv4_trace *trace)
{
    llmgw_str whole = header_of(request, "authorization");
    size_t at = llmgw__str_find(whole, LLMGW__LIT("Signature="));
    char key[65];

    llmgw__hash_hex(trace->key, key);
    compare_text(report, vector, "canonical_request",
                 llmgw__buf_str(&trace->canonical));
    compare_text(report, vector, "string_to_sign",
                 llmgw__buf_str(&trace->to_sign));
    compare_text(report, vector, "signing_key", llmgw__str(key));
    compare_text(report, vector, "authorization", whole);
    compare_text(report, vector, "timestamp", header_of(request, "x-amz-date"));
    compare_text(report, vector, "session_token",
                 header_of(request, "x-amz-security-token"));
    if (at == SIZE_MAX)
        at = whole.len;
    else
        at += strlen("Signature=");
    compare_text(report, vector, "signature",
                 llmgw__str_n(whole.data + at, whole.len - at));
}

static void check_signature(const cJSON *vector, struct wire_report *report)
{
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    const struct llmgw__sigv4 by = {
        .access_key = llmgw__str(wire_text(vector, "access_key_id")),
        .secret_key = llmgw__str(wire_text(vector, "secret_access_key")),
        .session_token = llmgw__str(wire_text(vector, "session_token")),
        .region = llmgw__str(wire_text(vector, "region")),
        .service = llmgw__str(wire_text(vector, "service")),
        .now_s = seconds_of(wire_text(vector, "timestamp")),
        .hash_header =
            cJSON_IsTrue(wire_member(vector, "include_content_sha256_header")),
    };
    struct llmgw__http_request request = {.method = wire_text(vector, "method"),
                                          .headers = headers,
                                          .header_cap =
                                              LLMGW__HTTP_MAX_HEADERS};
    struct llmgw__sigv4_trace trace;
    struct llmgw__arena arena;
    char url[512];
    llmgw_status status;

    llmgw__arena_init(&arena, 0, 0);
    memset(&trace, 0, sizeof trace);
    (void)snprintf(url, sizeof url, "https://%s%s", wire_text(vector, "host"),
                   wire_text(vector, "wire_path"));
    request.url = url;
    llmgw__body_init(&request.body, 0);
    llmgw__body_add(&request.body, llmgw__str(wire_text(vector, "body")));
    status = llmgw__body_finish(&request.body);
    if (status == LLMGW_OK)
        status = add_headers(&request, wire_member(vector, "headers"));
    if (status == LLMGW_OK)
        status = llmgw__sigv4_sign(&by, &request, &arena, &trace);
    if (status == LLMGW_OK)
        compare_signed(vector, report, &request, &trace);
    else
        wire_differ(report, "signature", "status %d", (int)status);
    llmgw__buf_clear(&trace.canonical);
    llmgw__buf_clear(&trace.to_sign);
    llmgw__body_clear(&request.body);
    llmgw__arena_clear(&arena);
}

/* --- Google --- */

/** The file as it is: with its key in PEM, lines of 64. free() it. */
static char *file_of(const cJSON *account)
{
    static const char begin[] = "-----BEGIN PRIVATE KEY-----\n";
    static const char end[] = "-----END PRIVATE KEY-----\n";
    const char *at = wire_text(account, "private_key_pkcs8_base64");
    cJSON *copy = cJSON_Duplicate(account, true);
    struct llmgw__buf pem;
    char *text;

    llmgw__buf_init(&pem, 0);
    llmgw__buf_add_z(&pem, begin);
    for (size_t left = strlen(at); left;) {
        size_t line = left < 64 ? left : 64;

        llmgw__buf_add(&pem, at, line);
        llmgw__buf_add_char(&pem, '\n');
        at += line;
        left -= line;
    }
    llmgw__buf_add(&pem, end, sizeof end);
    cJSON_AddStringToObject(copy, "private_key", pem.data);
    text = cJSON_PrintUnformatted(copy);
    cJSON_Delete(copy);
    llmgw__buf_clear(&pem);
    return text;
}

/** What the token service is asked, and what is made of its answer. */
static void compare_fetch(const cJSON *vectors, struct wire_report *report,
                          struct llmgw__credential_fetch *fetch)
{
    const cJSON *asked = wire_member(vectors, "token_request");
    const cJSON *must = wire_member(asked, "headers_must_include");
    const cJSON *answer = wire_member(vectors, "token_response");
    char *body = cJSON_PrintUnformatted(wire_member(answer, "body"));
    const struct llmgw__credential_source *source = &llmgw__google_credentials;
    char sent[8192];
    size_t len = llmgw__body_read(&fetch->request.body, 0, sent, sizeof sent);

    compare_text(report, asked, "method", llmgw__str(fetch->request.method));
    compare_text(report, asked, "url", llmgw__str(fetch->request.url));
    compare_text(report, asked, "body", llmgw__str_n(sent, len));
    compare_text(report, must, "content-type",
                 header_of(&fetch->request, "content-type"));
    if (source->answer(fetch, 200, llmgw__str(body)) != LLMGW_OK || !fetch->out)
        wire_differ(report, "token_response", "%s", fetch->error.message);
    else
        compare_text(report, wire_member(answer, "body"), "access_token",
                     llmgw__str(fetch->out->key));
    free(body);
}

static void check_account(const cJSON *vectors, struct wire_report *report)
{
    char *file = file_of(wire_member(vectors, "service_account_json"));
    const struct llmgw__setting setting = {"credentials_json", file, true};
    const struct llmgw__provider provider = {
        .name = "account", .settings = &setting, .setting_count = 1};
    struct llmgw__arena arena;
    struct llmgw__credential_fetch fetch = {
        .provider = &provider,
        .arena = &arena,
        .random = &llmgw__random_system,
        .now_s = (int64_t)cJSON_GetNumberValue(wire_member(vectors, "now")),
        .state = wire_alloc(llmgw__google_credentials.state_size),
    };

    llmgw__arena_init(&arena, 0, 0);
    if (llmgw__google_credentials.begin(&fetch) != LLMGW_OK)
        wire_differ(report, "assertion", "%s", fetch.error.message);
    else
        compare_fetch(vectors, report, &fetch);
    llmgw__credential_drop(fetch.out);
    llmgw__body_clear(&fetch.request.body);
    llmgw__arena_clear(&arena);
    free(fetch.state);
    free(file);
}
