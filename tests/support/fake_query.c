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
    int stream; /* -1: the body says it; -2: and it may say not to */
} routes[] = {
    /* clang-format off */
    { "/chat/completions",      &fake_openai,    FAKE_CHAT,   -1 },
    { "/responses",             &fake_responses, FAKE_CHAT,   -1 },
    { "/messages",              &fake_anthropic, FAKE_CHAT,   -1 },
    { ":rawPredict",            &fake_anthropic, FAKE_CHAT,   0 },
    { ":streamRawPredict",      &fake_anthropic, FAKE_CHAT,   1 },
    { ":generateContent",       &fake_gemini,    FAKE_CHAT,   0 },
    { ":streamGenerateContent", &fake_gemini,    FAKE_CHAT,   1 },
    { "/converse",              &fake_bedrock,   FAKE_CHAT,   0 },
    { "/converse-stream",       &fake_bedrock,   FAKE_CHAT,   1 },
    { "/v2/chat",               &fake_cohere,    FAKE_CHAT,   -1 },
    { "/api/chat",              &fake_ollama,    FAKE_CHAT,   -2 },
    { "/embeddings",            &fake_openai,    FAKE_EMBED,  0 },
    { "/v2/embed",              &fake_cohere,    FAKE_EMBED,  0 },
    { "/api/embed",             &fake_ollama,    FAKE_EMBED,  0 },
    { "/api/tags",              &fake_ollama,    FAKE_MODELS, 0 },
    { ":embedContent",          &fake_gemini,    FAKE_EMBED,  0 },
    { ":batchEmbedContents",    &fake_gemini,    FAKE_EMBED,  0 },
    { "/v1beta/models",         &fake_gemini,    FAKE_MODELS, 0 },
    { "/models",                &fake_openai,    FAKE_MODELS, 0 },
    /* clang-format on */
};

static void find_route(struct fake_query *query, llmgw_str path);
static void read_model(struct fake_query *query, llmgw_str path);
static void read_segment(llmgw_str path, size_t end, struct fake_bytes *out);
static void read_turns(struct fake_query *query);
static int read_text(llmgw_str turn, int all, struct fake_bytes *out);
static void read_tools(struct fake_query *query);
static void add_tool(struct fake_query *query, llmgw_str function);
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
    if (fake_str_has(message->path, "endpoint=chat"))
        query->wire = &fake_cohere;
    options = fake_json_get(query->root, "stream_options");
    query->want_usage =
        fake_json_is(fake_json_get(options, "include_usage"), "true");
    read_model(query, path);
    read_turns(query);
    read_tools(query);
}

void fake_query_clear(struct fake_query *query)
{
    for (size_t i = 0; i < query->tool_count; i++)
        fake_bytes_free(&query->tools[i]);
    fake_bytes_free(&query->prompt);
    fake_bytes_free(&query->begun);
    fake_bytes_free(&query->asked);
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
        if (query->stream == -1)
            query->stream = fake_json_is(stream, "true");
        else if (query->stream == -2)
            query->stream = !fake_json_is(stream, "false");
        return;
    }
}

/* in the body, or in the path: .../models/NAME:method, .../NAME/method */
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
    else if (name.len == 0 && query->wire == &fake_bedrock)
        read_segment(path, from, &name);
    if (name.len == 0)
        fake_bytes_text(&name, "unknown");
    query->model = fake_copy(name.data, name.len);
    fake_bytes_free(&name);
}

/* the segment before the one that begins at `end`, as it stands there */
static void read_segment(llmgw_str path, size_t end, struct fake_bytes *out)
{
    size_t from = end > 0 ? end - 1 : 0;

    while (from > 0 && path.data[from - 1] != '/')
        from--;
    if (end > from)
        fake_bytes_add(out, path.data + from, end - 1 - from);
}

/* the last three turns, the last one first */
static size_t last_turns(llmgw_str list, llmgw_str turns[3])
{
    llmgw_str rest = fake_json_inside(list);
    llmgw_str turn;
    size_t count = 0;

    while (fake_json_next(&rest, NULL, &turn)) {
        turns[2] = turns[1];
        turns[1] = turns[0];
        turns[0] = turn;
        count++;
    }
    return count < 3 ? count : 3;
}

static int is_assistant(llmgw_str turn)
{
    llmgw_str role = fake_json_get(turn, "role");

    return fake_json_is(role, "\"assistant\"") ||
           fake_json_is(role, "\"model\"");
}

static void read_turns(struct fake_query *query)
{
    static const char *const lists[] = {"messages", "contents", "input"};
    llmgw_str turns[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    llmgw_str list = {NULL, 0};
    size_t count;
    size_t at;

    for (size_t i = 0; i < 3 && !list.data; i++)
        list = fake_json_get(query->root, lists[i]);
    fake_json_text(list, &query->prompt);
    count = last_turns(list, turns);
    (void)read_text(turns[0], 0, &query->prompt);
    query->prefilled = is_assistant(turns[0]);
    at = query->prefilled ? 0 : 1;
    if (count < at + 2 || !is_assistant(turns[at]) ||
        is_assistant(turns[at + 1]))
        return;
    (void)read_text(turns[at], 1, &query->begun);
    (void)read_text(turns[at + 1], 0, &query->asked);
}

/* the text of a turn: of all its parts, or of the last */
static int read_text(llmgw_str turn, int all, struct fake_bytes *out)
{
    llmgw_str content = fake_json_get(turn, "content");
    llmgw_str rest;
    llmgw_str part;

    if (!content.data)
        content = fake_json_get(turn, "parts");
    fake_json_text(content, out);
    if (!content.data || content.data[0] != '[')
        return content.data != NULL;
    rest = fake_json_inside(content);
    while (fake_json_next(&rest, NULL, &part)) {
        if (!all)
            out->len = 0;
        fake_json_text(fake_json_get(part, "text"), out);
    }
    return 1;
}

static void read_tools(struct fake_query *query)
{
    llmgw_str config = fake_json_get(query->root, "toolConfig");
    llmgw_str list = fake_json_get(config.data ? config : query->root, "tools");
    llmgw_str rest = fake_json_inside(list);
    llmgw_str tool;

    while (fake_json_next(&rest, NULL, &tool)) {
        llmgw_str many = fake_json_get(tool, "functionDeclarations");
        llmgw_str inner = fake_json_inside(many);
        llmgw_str function = fake_json_get(tool, "function");

        if (!function.data)
            function = fake_json_get(tool, "toolSpec");
        while (many.data && fake_json_next(&inner, NULL, &function))
            add_tool(query, function);
        if (!many.data)
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

static int ends_with(llmgw_str text, const char *suffix)
{
    size_t len = strlen(suffix);

    return text.len >= len &&
           memcmp(text.data + text.len - len, suffix, len) == 0;
}
