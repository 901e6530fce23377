/*
 * support/fake_query.c - what a request asks for: wire, model, prompt, tools.
 */
#include <stdlib.h>
#include <string.h>

#include "support/fake_internal.h"

static const struct route {
    const char *suffix; /* of the path, without query */
    const struct fake_wire *wire;
    enum fake_endpoint endpoint;
    int stream; /* -1: the body says it */
} routes[] = {
    /* clang-format off */
    { "/chat/completions",      &fake_openai,    FAKE_CHAT,   -1 },
    { "/messages",              &fake_anthropic, FAKE_CHAT,   -1 },
    { ":rawPredict",            &fake_anthropic, FAKE_CHAT,   0 },
    { ":streamRawPredict",      &fake_anthropic, FAKE_CHAT,   1 },
    { ":generateContent",       &fake_gemini,    FAKE_CHAT,   0 },
    { ":streamGenerateContent", &fake_gemini,    FAKE_CHAT,   1 },
    { "/embeddings",            &fake_openai,    FAKE_EMBED,  0 },
    { ":embedContent",          &fake_gemini,    FAKE_EMBED,  0 },
    { ":batchEmbedContents",    &fake_gemini,    FAKE_EMBED,  0 },
    { "/v1beta/models",         &fake_gemini,    FAKE_MODELS, 0 },
    { "/models",                &fake_openai,    FAKE_MODELS, 0 },
    /* clang-format on */
};

static void find_route(struct fake_query *query, llmgw_str path);
static void read_model(struct fake_query *query, llmgw_str path);
static void read_prompt(struct fake_query *query);
static void read_tools(struct fake_query *query);
static void add_tool(struct fake_query *query, llmgw_str function);
static llmgw_str last_item(llmgw_str array);
static int ends_with(llmgw_str text, const char *suffix);

void fake_query_read(struct fake_query *query,
                     const struct fake_message *message)
{
    llmgw_str path = message->path;
    llmgw_str options;

    memset(query, 0, sizeof *query);
    for (size_t i = 0; i < path.len; i++)
        if (path.data[i] == '?')
            path.len = i;
    query->root = message->body;
    query->sse = fake_str_has(message->path, "alt=sse");
    query->hash = 14695981039346656037u; /* FNV-1a */
    for (size_t i = 0; i < message->body.len; i++)
        query->hash = (query->hash ^ (unsigned char)message->body.data[i]) *
                      1099511628211u;
    find_route(query, path);
    if (fake_http_header(message->headers, "anthropic-version").data &&
        query->endpoint == FAKE_MODELS)
        query->wire = &fake_anthropic;
    options = fake_json_get(query->root, "stream_options");
    query->want_usage =
        fake_json_is(fake_json_get(options, "include_usage"), "true");
    read_model(query, path);
    read_prompt(query);
    read_tools(query);
}

void fake_query_clear(struct fake_query *query)
{
    for (size_t i = 0; i < query->tool_count; i++)
        fake_bytes_free(&query->tools[i]);
    fake_bytes_free(&query->prompt);
    free(query->model);
}

static void find_route(struct fake_query *query, llmgw_str path)
{
    llmgw_str stream = fake_json_get(query->root, "stream");

    query->wire = &fake_openai; /* the shape of "not found" */
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!ends_with(path, routes[i].suffix))
            continue;
        query->wire = routes[i].wire;
        query->endpoint = routes[i].endpoint;
        query->stream = routes[i].stream;
        if (query->stream < 0)
            query->stream = fake_json_is(stream, "true");
        return;
    }
}

/* in the body, or in the path: .../models/NAME:method */
static void read_model(struct fake_query *query, llmgw_str path)
{
    struct fake_bytes name = {NULL, 0, 0};
    size_t from = path.len;
    size_t end = 0;

    fake_json_text(fake_json_get(query->root, "model"), &name);
    while (from > 0 && path.data[from - 1] != '/') {
        from--;
        if (path.data[from] == ':')
            end = from;
    }
    if (name.len == 0 && end > from)
        fake_bytes_add(&name, path.data + from, end - from);
    else if (name.len == 0)
        fake_bytes_text(&name, "unknown");
    query->model = fake_copy(name.data, name.len);
    fake_bytes_free(&name);
}

static void read_prompt(struct fake_query *query)
{
    llmgw_str turns = fake_json_get(query->root, "messages");
    llmgw_str content;
    llmgw_str last;

    if (!turns.data)
        turns = fake_json_get(query->root, "contents");
    last = last_item(turns);
    content = fake_json_get(last, "content");
    if (!content.data)
        content = fake_json_get(last, "parts");
    fake_json_text(content, &query->prompt);
    if (query->prompt.len == 0)
        fake_json_text(fake_json_get(last_item(content), "text"),
                       &query->prompt);
}

static void read_tools(struct fake_query *query)
{
    llmgw_str rest = fake_json_inside(fake_json_get(query->root, "tools"));
    llmgw_str tool;

    while (fake_json_next(&rest, NULL, &tool)) {
        llmgw_str list = fake_json_get(tool, "functionDeclarations");
        llmgw_str inner = fake_json_inside(list);
        llmgw_str function = fake_json_get(tool, "function");

        while (list.data && fake_json_next(&inner, NULL, &function))
            add_tool(query, function);
        if (!list.data)
            add_tool(query, function.data ? function : tool);
    }
}

static void add_tool(struct fake_query *query, llmgw_str function)
{
    if (query->tool_count == FAKE_MAX_TOOLS)
        return;
    fake_json_text(fake_json_get(function, "name"),
                   &query->tools[query->tool_count]);
    if (query->tools[query->tool_count].len > 0)
        query->tool_count++;
}

static llmgw_str last_item(llmgw_str array)
{
    llmgw_str rest = fake_json_inside(array);
    llmgw_str last = {NULL, 0};

    while (fake_json_next(&rest, NULL, &last))
        continue;
    return last;
}

static int ends_with(llmgw_str text, const char *suffix)
{
    size_t len = strlen(suffix);

    return text.len >= len &&
           memcmp(text.data + text.len - len, suffix, len) == 0;
}
