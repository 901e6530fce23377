/*
 * tools/wire_outcome.c - compare what was sent, handed on and entered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire_golden.h"

static void compare_request(struct wire_report *report, const char *path,
                            const cJSON *expected,
                            const struct wire_request *got);
static cJSON *chunks_expected(const struct wire_golden *golden);
static cJSON *chunks_of(const struct wire_result *result);
static cJSON *response_of(const struct wire_result *result);

/* --- step 3: the request --- */

void wire_check_requests(const struct wire_golden *golden,
                         const struct wire_result *result)
{
    size_t hops = golden->hop_count ? golden->hop_count : 1;
    size_t expected = 0;

    for (size_t i = 0; i < hops; i++) {
        const cJSON *request = wire_hop_member(golden, i, "provider_request");

        if (!request || cJSON_IsNull(request))
            continue;
        if (i < result->request_count)
            compare_request(golden->report, "provider_request", request,
                            &result->requests[i]);
        expected++;
    }
    if (expected != result->request_count)
        wire_differ(golden->report, "provider_request",
                    "%zu requests expected, got %zu", expected,
                    result->request_count);
    wire_compare_set(golden->report, "adjustments",
                     wire_golden_member(golden, "adjustments"),
                     result->adjustments);
}

/** "https://host/path" apart. @return the path; "": there is none */
static const char *split_url(const char *url, char host[128])
{
    const char *start = strstr(url, "://");
    const char *path;

    start = start ? start + 3 : url;
    path = start + strcspn(start, "/");
    (void)snprintf(host, 128, "%.*s", (int)(path - start), start);
    return path;
}

static bool is_signature(const char *value)
{
    return strcmp(value, "AWS4-HMAC-SHA256 {sigv4}") == 0 ||
           strcmp(value, "{amz_date}") == 0;
}

static void compare_headers(struct wire_report *report, const cJSON *expected,
                            const cJSON *got, const char *host)
{
    const cJSON *header;

    cJSON_ArrayForEach(header, expected)
    {
        const cJSON *ours = wire_member(got, header->string);
        cJSON *name = NULL;
        char path[96];

        if (cJSON_IsString(header) && is_signature(header->valuestring) &&
            !wire_member(got, "x-amz-date"))
            continue; /* the tool asks with a key, which signs nothing */
        if (strcmp(header->string, "host") == 0)
            ours = name = cJSON_CreateString(host);
        (void)snprintf(path, sizeof path, "provider_request.headers.%s",
                       header->string);
        wire_compare(report, path, header, ours, WIRE_PLACEHOLDERS);
        cJSON_Delete(name);
    }
}

static void compare_text(struct wire_report *report, const char *path,
                         const char *expected, const char *got)
{
    if (!expected || strcmp(expected, got) != 0)
        wire_differ(report, path, "expected %s, got %s",
                    expected ? expected : "nothing", got);
}

static void compare_request(struct wire_report *report, const char *path,
                            const cJSON *expected,
                            const struct wire_request *got)
{
    cJSON *body = cJSON_ParseWithLength(got->body.data, got->body.len);
    char member[64];
    char host[128];
    const char *rest = split_url(got->url, host);

    (void)snprintf(member, sizeof member, "%s.method", path);
    compare_text(report, member, wire_text(expected, "method"), got->method);
    (void)snprintf(member, sizeof member, "%s.path", path);
    compare_text(report, member, wire_text(expected, "path"), rest);
    compare_headers(report, wire_member(expected, "headers_must_include"),
                    got->headers, host);
    (void)snprintf(member, sizeof member, "%s.body", path);
    wire_compare(report, member, wire_member(expected, "body"), body,
                 WIRE_PLACEHOLDERS);
    cJSON_Delete(body);
}

/* --- step 5: the outcome --- */

void wire_check_outcome(const struct wire_golden *golden,
                        const struct wire_result *result)
{
    struct wire_report *report = golden->report;
    const cJSON *response = wire_golden_member(golden, "openai_response");
    const cJSON *final = wire_golden_member(golden, "openai_final");
    const cJSON *error = wire_golden_member(golden, "error");
    cJSON *chunks = chunks_expected(golden);
    cJSON *got = chunks_of(result);

    wire_compare(report, "openai_chunks", chunks, got, WIRE_ORDERED);
    cJSON_Delete(got);
    cJSON_Delete(chunks);
    if (response || final) {
        got = response_of(result);
        wire_compare(report, response ? "openai_response" : "openai_final",
                     response ? response : final, got,
                     wire_golden_endpoint(golden) == WIRE_EMBEDDINGS
                         ? WIRE_ORDERED | WIRE_CLOSE
                         : WIRE_ORDERED);
        cJSON_Delete(got);
    }
    wire_compare_error(report, "error", error, result->error);
    if (error && wire_member(result->error, "partial_output") &&
        !wire_member(error, "partial_output"))
        wire_differ(report, "error", "partial_output, not expected");
}

/** Those of all hops, one after the other. */
static cJSON *chunks_expected(const struct wire_golden *golden)
{
    cJSON *all = cJSON_CreateArray();
    size_t hops = golden->hop_count ? golden->hop_count : 1;

    for (size_t i = 0; i < hops; i++) {
        const cJSON *chunk;

        cJSON_ArrayForEach(chunk, wire_hop_member(golden, i, "openai_chunks"))
        {
            cJSON_AddItemToArray(all, cJSON_Duplicate(chunk, true));
        }
    }
    return all;
}

/** The library's own report is no part of an example. */
static cJSON *parse_ours(llmgw_str text)
{
    cJSON *tree = cJSON_ParseWithLength(text.data, text.len);

    cJSON_DeleteItemFromObjectCaseSensitive(tree, "llmgw");
    return tree;
}

static cJSON *chunks_of(const struct wire_result *result)
{
    cJSON *all = cJSON_CreateArray();
    llmgw_str rest = llmgw__buf_str(&result->chunks);

    while (rest.len) {
        size_t end = llmgw__str_find(rest, LLMGW__LIT("\n"));

        cJSON_AddItemToArray(all, parse_ours(llmgw__str_n(rest.data, end)));
        rest.data += end + 1;
        rest.len -= end + 1;
    }
    return all;
}

static cJSON *response_of(const struct wire_result *result)
{
    return parse_ours(llmgw__buf_str(&result->response));
}

static bool contains(const char *text, const char *part)
{
    size_t len = strlen(part);

    for (; text && *text; text++)
        if (strncasecmp(text, part, len) == 0)
            return true;
    return false;
}

void wire_compare_error(struct wire_report *report, const char *path,
                        const cJSON *expected, const cJSON *got)
{
    const char *part = wire_text(expected, "message_contains");
    const char *message = wire_text(got, "message");
    const cJSON *item;
    char member[96];

    if (!expected != !got) {
        wire_compare(report, path, expected, got, 0);
        return;
    }
    cJSON_ArrayForEach(item, expected)
    {
        if (strcmp(item->string, "message_contains") == 0)
            continue;
        (void)snprintf(member, sizeof member, "%s.%s", path, item->string);
        wire_compare(report, member, item, wire_member(got, item->string), 0);
    }
    if (part && !contains(message, part))
        wire_differ(report, path, "message has no \"%s\": %s", part,
                    message ? message : "none");
}

/* --- step 5: the books --- */

static void check_entry(const struct wire_golden *golden, size_t hop,
                        const cJSON *entry)
{
    const cJSON *usage = wire_hop_member(golden, hop, "usage");
    const cJSON *raw = wire_hop_member(golden, hop, "usage_raw");
    const cJSON *estimated = wire_hop_member(golden, hop, "usage_estimated");
    const cJSON *charge = wire_hop_member(golden, hop, "cost_provider_pico");

    if (usage && !cJSON_IsNull(usage))
        wire_compare(golden->report, "usage", usage,
                     wire_member(entry, "usage"), 0);
    else if (cJSON_IsObject(wire_member(entry, "usage")))
        wire_compare(golden->report, "usage", usage,
                     wire_member(entry, "usage"), 0);
    if (raw || wire_member(entry, "usage_raw"))
        wire_compare(golden->report, "usage_raw", raw,
                     wire_member(entry, "usage_raw"), 0);
    wire_compare_set(golden->report, "usage_estimated", estimated,
                     wire_member(entry, "usage_estimated"));
    if (charge || wire_member(entry, "cost_provider_pico"))
        wire_compare(golden->report, "cost_provider_pico", charge,
                     wire_member(entry, "cost_provider_pico"), 0);
}

/** The provider's word for the end: of a response, or of a failure. */
static const char *native_word(const struct wire_result *result)
{
    const char *code = wire_text(result->error, "raw_code");

    if (result->native_finish)
        return result->native_finish;
    return code ? code : "nothing";
}

void wire_check_books(const struct wire_golden *golden,
                      const struct wire_result *result)
{
    const cJSON *native = wire_golden_member(golden, "native_finish_reason");
    size_t hops = golden->hop_count ? golden->hop_count : 1;

    for (size_t i = 0; i < hops; i++)
        check_entry(golden, i, cJSON_GetArrayItem(result->entries, (int)i));
    if (native && strcmp(native->valuestring, native_word(result)) != 0)
        wire_differ(golden->report, "native_finish_reason",
                    "expected %s, got %s", native->valuestring,
                    native_word(result));
}
