/*
 * tools/wire_exchange.c - decode recorded exchanges.
 *
 * A recording is a JSON object: provider, endpoint_kind, stream, model,
 * request {url, …} and response {status, headers, body_text}. It is decoded by
 * the row that speaks its protocol; a protocol that no row speaks is told as
 * unsupported.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provider/provider.h"
#include "wire_tool.h"

/** Which row decodes a kind of endpoint, when the provider has none. */
static const struct {
    const char *kind;
    const char *row;
} kinds[] = {
    {"chat", "compatible"},
    {"messages", "anthropic"},
    {"generateContent", "google"},
    {"responses", "compatible"},
};

/** What only a foreign "chat" has: a sign in its URL or in its body. */
static const struct {
    const char *provider;
    const char *url;
    const char *body;
} foreign_chats[] = {
    {"cohere", "/v2/chat", NULL},
    {"cohere", "/v1/chat", NULL},
    {"cohere", NULL, "\"finish_reason\":\"COMPLETE\""},
    {"cohere", NULL, "\"message-start\""},
    {"cohere", NULL, "\"finish_reason\":\"MAX_TOKENS\""},
    {"cohere", NULL, "\"finish_reason\":\"TOOL_CALL\""},
    {"cohere", NULL, "\"finish_reason\":\"ERROR\""},
    {"ollama", "/api/chat", NULL},
    {"ollama", NULL, "\"done\":"},
};

/** Hosts of a protocol's own whose services are no rows yet. */
static const char *const foreign_providers[] = {"vertex", "bedrock"};

static int decode_file(const char *path, size_t cut, bool sse);
static const char *row_of(const cJSON *recording, char problem[128]);
static int decode_recording(const cJSON *recording, const char *row, size_t cut,
                            bool sse);

int wire_exchanges(int count, char **files, size_t cut, bool sse)
{
    int code = WIRE_OK;

    for (int i = 0; i < count; i++) {
        if (count > 1) {
            cJSON *name = cJSON_CreateString(files[i]);
            char *text = cJSON_PrintUnformatted(name);

            printf("{\"file\":%s}\n", text ? text : "null");
            cJSON_free(text);
            cJSON_Delete(name);
        }
        code = decode_file(files[i], cut, sse);
        if (code == WIRE_MISUSE)
            return code;
    }
    return count > 1 ? WIRE_OK : code;
}

static int decode_file(const char *path, size_t cut, bool sse)
{
    cJSON *recording = wire_load(path);
    char problem[128];
    const char *row;
    int code = WIRE_OK;

    if (!recording)
        return WIRE_MISUSE;
    row = row_of(recording, problem);
    if (row)
        code = decode_recording(recording, row, cut, sse);
    else
        printf("{\"unsupported\":\"%s\"}\n", problem);
    cJSON_Delete(recording);
    return code;
}

static bool listed(const char *const *list, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], word) == 0)
            return true;
    return false;
}

static bool has(const char *text, const char *sign)
{
    return text && sign && strstr(text, sign);
}

/** Does a "chat" speak a protocol of its provider's own? */
static bool is_foreign(const cJSON *recording, const char *provider)
{
    const char *url = wire_text(
        cJSON_GetObjectItemCaseSensitive(recording, "request"), "url");
    const char *body = wire_text(
        cJSON_GetObjectItemCaseSensitive(recording, "response"), "body_text");

    for (size_t i = 0; i < sizeof foreign_chats / sizeof *foreign_chats; i++)
        if (strcmp(foreign_chats[i].provider, provider) == 0 &&
            (has(url, foreign_chats[i].url) ||
             has(body, foreign_chats[i].body)))
            return true;
    return false;
}

static const char *row_for_kind(const char *kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].kind, kind) == 0)
            return kinds[i].row;
    return NULL;
}

static const char *row_of(const cJSON *recording, char problem[128])
{
    const char *provider = wire_text(recording, "provider");
    const char *kind = wire_text(recording, "endpoint_kind");
    const char *row = kind ? row_for_kind(kind) : NULL;
    const struct llmgw__provider_row *own =
        provider ? llmgw__provider_row_find(llmgw__str(provider)) : NULL;

    (void)snprintf(problem, 128, "endpoint_kind %.40s of %.40s",
                   kind ? kind : "none", provider ? provider : "none");
    if (row && provider && strcmp(kind, "responses") == 0)
        return own && own->openai ? own->name : row;
    if (!row || !provider ||
        listed(foreign_providers,
               sizeof foreign_providers / sizeof *foreign_providers, provider))
        return NULL;
    if (strcmp(kind, "chat") != 0)
        return row;
    if (is_foreign(recording, provider)) {
        (void)snprintf(problem, 128, "%.40s's own chat endpoint", provider);
        return NULL;
    }
    return own && own->openai ? own->name : row;
}

/** Value of a base64 character; -1: it is none. */
static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

static char *from_base64(const char *text, size_t *len)
{
    char *bytes = wire_alloc(strlen(text));
    unsigned held = 0;
    int bits = 0;

    *len = 0;
    for (; sextet(*text) >= 0; text++) {
        held = held << 6 | (unsigned)sextet(*text);
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        bytes[(*len)++] = (char)(held >> bits & 0xff);
    }
    return bytes;
}

/** The body, as text or in base64. @return NULL: there is none */
static char *body_of(const cJSON *response, size_t *len)
{
    const char *text = wire_text(response, "body_text");
    const char *base64 = wire_text(response, "body_base64");

    if (base64)
        return from_base64(base64, len);
    *len = text ? strlen(text) : 0;
    return text ? wire_copy(llmgw__str_n(text, *len)) : NULL;
}

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

/** A plain request with what a decoder may go by, where the recorded one had
 *  it and was taken: several choices, logprobs, functions in legacy form. */
static char *request_of(const cJSON *recording, bool stream)
{
    const cJSON *body = member(member(recording, "request"), "body");
    const cJSON *config = member(body, "generationConfig");
    llmgw_str plain = wire_plain_request(stream);
    cJSON *request = cJSON_ParseWithLength(plain.data, plain.len);
    double count = cJSON_GetNumberValue(
        config ? member(config, "candidateCount") : member(body, "n"));
    const cJSON *functions = member(body, "functions");
    double status =
        cJSON_GetNumberValue(member(member(recording, "response"), "status"));
    char *text;

    if (functions)
        cJSON_AddItemToObject(request, "functions",
                              cJSON_Duplicate(functions, true));
    if (count > 1)
        cJSON_AddNumberToObject(request, "n", count);
    if (status < 300 && (cJSON_IsTrue(member(body, "logprobs")) ||
                         cJSON_IsTrue(member(config, "responseLogprobs"))))
        cJSON_AddTrueToObject(request, "logprobs");
    text = cJSON_PrintUnformatted(request);
    cJSON_Delete(request);
    return text;
}

static int decode_recording(const cJSON *recording, const char *row, size_t cut,
                            bool sse)
{
    const cJSON *response = member(recording, "response");
    const char *model = wire_text(recording, "model");
    struct wire_target target;
    struct wire_answer answer = {0};
    struct wire_script script = {
        .target = &target, .answers = &answer, .answer_count = 1};
    struct wire_result result;
    char *body = body_of(response, &answer.body.len);
    char *request;
    const char *problem;
    int code;

    if (!body || !wire_target_of_row(&target, row))
        return wire_misuse("the recording has no body");
    if (strcmp(wire_text(recording, "endpoint_kind"), "responses") == 0)
        target.dialect = "responses";
    target.model = model && *model ? model : "model";
    answer.status = (int32_t)cJSON_GetNumberValue(member(response, "status"));
    answer.headers = member(response, "headers");
    answer.body.data = body;
    script.stream = sse || cJSON_IsTrue(member(recording, "stream"));
    script.cut.every = cut ? cut : answer.body.len;
    request = request_of(recording, script.stream);
    script.request = llmgw__str(request);
    problem = wire_run(&script, &result);
    if (problem)
        code = wire_misuse("%s", problem);
    else
        code = sse ? wire_print_sse(&result) : wire_print(&result);
    wire_result_clear(&result);
    cJSON_free(request);
    free(body);
    return code;
}
