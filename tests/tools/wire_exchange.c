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
#include "support/event_frame.h"
#include "wire_tool.h"

/** Which row decodes a kind of endpoint, when the provider has none. */
static const struct {
    const char *kind;
    const char *row;
} kinds[] = {
    {"chat", "compatible"},        {"messages", "anthropic"},
    {"generateContent", "google"}, {"responses", "compatible"},
    {"embeddings", "compatible"},  {"models", "compatible"},
    {"converse", "bedrock"},       {"invoke", "bedrock"},
};

/** An endpoint of a provider that has several wires: what tells them apart, a
 *  sign in its URL or in its body; the first that fits. */
static const struct {
    const char *kind;
    const char *provider;
    const char *url;
    const char *body;
    const char *dialect; /* NULL: not spoken */
} wires[] = {
    {"chat", "cohere", "/v2/chat", NULL, "cohere"},
    {"chat", "cohere", "/v1/chat", NULL, NULL},
    {"chat", "cohere", "/chat/completions", NULL, "openai"},
    {"chat", "cohere", NULL, "\"generation_id\"", NULL},
    {"chat", "cohere", NULL, "", "cohere"},
    {"chat", "ollama", "/api/chat", NULL, "ollama"},
    {"chat", "ollama", NULL, "\"done\":", "ollama"},
    {"chat", "ollama", NULL, "", "openai"},
    {"embeddings", "cohere", NULL, "\"int8\"", NULL},
    {"embeddings", "cohere", NULL, "", "cohere"},
    {"embeddings", "ollama", NULL, "\"embeddings\":", "ollama"},
    {"embeddings", "ollama", NULL, "", "openai"},
    {"models", "cohere", "/models/", NULL, NULL}, /* one model */
    {"models", "cohere", NULL, "", "cohere"},
    {"models", "ollama", "/api/tags", NULL, "ollama"},
    {"models", "ollama", NULL, "", "openai"},
    {"messages", "vertex", NULL, "", "anthropic"},
    {"generateContent", "vertex", NULL, "", "gemini"},
    {"embeddings", "vertex", NULL, "", "gemini"},
    {"invoke", "bedrock", "anthropic.claude-v", NULL, NULL},
    {"invoke", "bedrock", "anthropic.claude-instant", NULL, NULL},
    {"invoke", "bedrock", "anthropic.claude-", NULL, "anthropic"},
    {"invoke", "bedrock", "", NULL, NULL}, /* other makers' own bodies */
};

/** Other endpoints that are not asked for in OpenAI's form, likewise. */
static const struct {
    const char *kind;
    const char *provider;
    const char *url;
    const char *body;
} foreign_others[] = {
    {"embeddings", "perplexity", NULL, ""}, /* bytes in base64, not floats */
    {"embeddings", "openai", NULL, "\"bucket\""}, /* usage of an account */
    {"embeddings", "dashscope", NULL, "\"output\":"},
    {"models", "cloudflare", NULL, ""},
    {"models", "pollinations", NULL, ""},
    {"models", "openai", "/models/", NULL}, /* one model */
};

static int decode_file(const char *path, const struct wire_cut *cut, bool sse);
static const char *row_of(const cJSON *recording, const char **dialect,
                          char problem[128]);
static bool play(const cJSON *recording, const struct wire_target *found,
                 const struct wire_cut *cut, bool sse,
                 struct wire_result *result);

int wire_exchanges(int count, char **files, const struct wire_cut *cut,
                   bool sse)
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

static int decode_file(const char *path, const struct wire_cut *cut, bool sse)
{
    cJSON *recording = wire_load(path);
    char problem[128];
    struct wire_target found = {0};
    struct wire_result result = {0};
    int code = WIRE_OK;

    if (!recording)
        return WIRE_MISUSE;
    found.row = row_of(recording, &found.dialect, problem);
    if (!found.row)
        printf("{\"unsupported\":\"%s\"}\n", problem);
    else if (!play(recording, &found, cut, sse, &result))
        code = WIRE_MISUSE;
    else
        code = sse ? wire_print_sse(&result) : wire_print(&result);
    wire_result_clear(&result);
    cJSON_Delete(recording);
    return code;
}

bool wire_exchange_play(const cJSON *recording, struct wire_result *result,
                        const char **row, char problem[128])
{
    struct wire_cut whole = {0};
    struct wire_target found = {0};

    memset(result, 0, sizeof *result);
    *row = found.row = row_of(recording, &found.dialect, problem);
    if (found.row)
        (void)snprintf(problem, 128, "no such call can be made");
    return found.row && play(recording, &found, &whole, false, result);
}

static bool has(const char *text, const char *sign)
{
    return text && sign && strstr(text, sign);
}

/** Which wire it is of, where its provider has several. @return it has none
 *  that is spoken: false */
static bool find_wire(const cJSON *recording, const char *kind,
                      const char *provider, const char **dialect)
{
    const char *url = wire_text(
        cJSON_GetObjectItemCaseSensitive(recording, "request"), "url");
    const char *body = wire_text(
        cJSON_GetObjectItemCaseSensitive(recording, "response"), "body_text");

    *dialect = NULL;
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        if (strcmp(wires[i].kind, kind) == 0 &&
            strcmp(wires[i].provider, provider) == 0 &&
            (has(url, wires[i].url) || has(body, wires[i].body))) {
            *dialect = wires[i].dialect;
            return *dialect != NULL;
        }
    return true;
}

static bool is_foreign_other(const cJSON *recording, const char *kind,
                             const char *provider)
{
    const char *url = wire_text(
        cJSON_GetObjectItemCaseSensitive(recording, "request"), "url");
    const char *body = wire_text(
        cJSON_GetObjectItemCaseSensitive(recording, "response"), "body_text");

    for (size_t i = 0; i < sizeof foreign_others / sizeof *foreign_others; i++)
        if (strcmp(foreign_others[i].kind, kind) == 0 &&
            strcmp(foreign_others[i].provider, provider) == 0 &&
            (has(url, foreign_others[i].url) ||
             has(body, foreign_others[i].body)))
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

static const char *row_of(const cJSON *recording, const char **dialect,
                          char problem[128])
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
    if (!row || !provider)
        return NULL;
    if (!find_wire(recording, kind, provider, dialect)) {
        (void)snprintf(problem, 128, "another %.40s endpoint of %.40s", kind,
                       provider);
        return NULL;
    }
    if (wire_endpoint_of(kind) != WIRE_CHAT &&
        wire_endpoint_of(kind) != WIRE_ENDPOINTS) {
        if (is_foreign_other(recording, kind, provider))
            return NULL;
        if (strcmp(provider, "gemini") == 0)
            return "google";
    } else if (strcmp(kind, "chat") != 0 && !*dialect) {
        return row;
    }
    return own && (own->openai || *dialect) ? own->name : row;
}

/** Value of a base64 character; -1: it is none. */
static int sextet(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c ? strchr(digits, c) : NULL;

    return found ? (int)(found - digits) : -1;
}

char *wire_from_base64(const char *text, size_t *len)
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

/** One record a line, {"NAME":PAYLOAD}: made records of lengths again. */
static char *from_lines(const char *text, size_t *len)
{
    struct llmgw__buf frames;
    char *copy;

    llmgw__buf_init(&frames, 0);
    while (*text) {
        size_t line = strcspn(text, "\n");
        cJSON *record = cJSON_ParseWithLength(text, line);
        char *payload = record ? cJSON_PrintUnformatted(record->child) : NULL;

        if (payload)
            event_frame(&frames, "event", record->child->string,
                        llmgw__str(payload));
        cJSON_free(payload);
        cJSON_Delete(record);
        text += line + (text[line] == '\n');
    }
    *len = frames.len;
    copy = wire_copy(llmgw__buf_str(&frames));
    llmgw__buf_clear(&frames);
    return copy;
}

/** The body, as text or in base64. @return NULL: there is none */
static char *body_of(const cJSON *response, bool lines, size_t *len)
{
    const char *text = wire_text(response, "body_text");
    const char *base64 = wire_text(response, "body_base64");

    if (text && lines)
        return from_lines(text, len);
    if (base64)
        return wire_from_base64(base64, len);
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

/** Some recordings have lost the type of their body. */
static cJSON *binary_headers(const cJSON *recorded)
{
    cJSON *headers = cJSON_Duplicate(recorded, true);

    if (!headers)
        headers = cJSON_CreateObject();
    cJSON_DeleteItemFromObject(headers, "content-type");
    cJSON_AddStringToObject(headers, "content-type",
                            "application/vnd.amazon.eventstream");
    return headers;
}

static bool is_stream(const cJSON *recording)
{
    const char *transport = wire_text(recording, "transport");

    return transport && (strcmp(transport, "eventstream") == 0 ||
                         strcmp(transport, "ndjson") == 0);
}

/** Settings of services that have to be told a place. */
static cJSON *place_of(const struct wire_target *found)
{
    static const struct {
        const char *row, *name, *value;
    } places[] = {
        {"bedrock", "region", "us-east-1"},
        {"vertex", "project", "project"},
    };
    cJSON *settings = NULL;

    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (strcmp(found->row, places[i].row) == 0) {
            settings = cJSON_CreateObject();
            cJSON_AddStringToObject(settings, places[i].name, places[i].value);
        }
    if (settings && strcmp(found->row, "bedrock") == 0)
        cJSON_AddStringToObject(settings, "claude_api",
                                found->dialect ? "invoke" : "converse");
    return settings;
}

static bool play(const cJSON *recording, const struct wire_target *found,
                 const struct wire_cut *cut, bool sse,
                 struct wire_result *result)
{
    const cJSON *response = member(recording, "response");
    const char *model = wire_text(recording, "model");
    struct wire_target target;
    struct wire_answer answer = {0};
    struct wire_script script = {
        .target = &target, .answers = &answer, .answer_count = 1};
    bool binary = strcmp(found->row, "bedrock") == 0 && is_stream(recording);
    char *body = body_of(response, binary, &answer.body.len);
    cJSON *tree = body ? cJSON_ParseWithLength(body, answer.body.len) : NULL;
    cJSON *settings = NULL, *headers = NULL;
    char *inputs = NULL;
    char *request;
    const char *problem;

    if (!body || !wire_target_of_row(&target, found->row)) {
        (void)wire_misuse("the recording has no body");
        return false;
    }
    if (found->dialect)
        wire_target_speaks(&target, found->dialect);
    if (strcmp(wire_text(recording, "endpoint_kind"), "responses") == 0)
        target.dialect = "responses";
    target.settings = settings = place_of(found);
    if (settings)
        target.base_url = NULL;
    target.model = model && *model ? model : "model";
    answer.status = (int32_t)cJSON_GetNumberValue(member(response, "status"));
    answer.headers = member(response, "headers");
    if (binary)
        answer.headers = headers = binary_headers(answer.headers);
    answer.body.data = body;
    script.stream = sse || cJSON_IsTrue(member(recording, "stream"));
    script.cut = *cut;
    if (!cut->every && !cut->seed)
        script.cut.every = answer.body.len;
    request = request_of(recording, script.stream);
    script.request = llmgw__str(request);
    script.endpoint = wire_endpoint_of(wire_text(recording, "endpoint_kind"));
    if (script.endpoint == WIRE_EMBEDDINGS) {
        inputs = wire_embed_request(tree, "model");
        script.request = llmgw__str(inputs);
    }
    problem = wire_run(&script, result);
    if (problem)
        (void)wire_misuse("%s", problem);
    cJSON_free(request);
    cJSON_Delete(headers);
    cJSON_Delete(settings);
    cJSON_Delete(tree);
    free(inputs);
    free(body);
    return !problem;
}
