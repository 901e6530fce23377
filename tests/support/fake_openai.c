/*
 * support/fake_openai.c - the wire of chat completions and embeddings.
 *
 * Source: OpenAI API description (2026-08) and recorded streams.
 */
#include <stdio.h>
#include <string.h>

#include "support/fake_render.h"

static const char *const finishes[4] = {"stop", "length", "content_filter",
                                        "tool_calls"};

static void put_head(struct fake_render *r, const char *object)
{
    fake_bytes_format(&r->json,
                      "{\"id\":\"chatcmpl-%016llx\",\"object\":\"%s\"",
                      (unsigned long long)r->query->hash, object);
    fake_put(r, ",\"created\":1763805600,\"model\":");
    fake_put_string(r, fake_str(r->query->model));
    fake_put(r, ",\"service_tier\":\"default\","
                "\"system_fingerprint\":\"fp_560af6e559\",\"choices\":[");
}

static void put_delta(struct fake_render *r)
{
    put_head(r, "chat.completion.chunk");
    fake_put(r, "{\"index\":0,\"delta\":{");
}

static void end_delta(struct fake_render *r, const char *finish)
{
    fake_put(r, "},\"logprobs\":null,\"finish_reason\":");
    fake_put(r, finish ? "\"" : "null");
    fake_put(r, finish ? finish : "");
    fake_put(r, finish ? "\"}]" : "}]");
    fake_put(r, r->query->want_usage ? ",\"usage\":null}" : "}");
    fake_record(r, NULL);
}

static void put_usage(struct fake_render *r)
{
    int64_t cached = r->scenario->cached;

    fake_bytes_format(
        &r->json,
        "\"usage\":{\"prompt_tokens\":%llu,\"completion_tokens\":%llu,"
        "\"total_tokens\":%llu,\"prompt_tokens_details\":"
        "{\"cached_tokens\":%lld,\"audio_tokens\":0},"
        "\"completion_tokens_details\":{\"reasoning_tokens\":%llu,"
        "\"audio_tokens\":0}}",
        (unsigned long long)r->tokens_in, (unsigned long long)r->tokens_out,
        (unsigned long long)(r->tokens_in + r->tokens_out),
        (long long)(cached == FAKE_UNSET ? 0 : cached),
        (unsigned long long)r->content.reasoning_count);
}

static void open_stream(struct fake_render *r)
{
    put_delta(r);
    fake_put(r, "\"role\":\"assistant\",\"content\":\"\",\"refusal\":null");
    end_delta(r, NULL);
}

static void put_call_start(struct fake_render *r, size_t tool)
{
    fake_bytes_format(&r->json, "\"id\":\"call_%zu_%08x\",", tool,
                      (unsigned)(r->query->hash & 0xffffffffu));
    fake_put(r, "\"type\":\"function\",\"function\":{\"name\":");
    fake_put_string(r, fake_call_name(r, tool));
    fake_put(r, ",\"arguments\":");
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    const struct fake_piece *piece = &r->content.pieces[i];

    put_delta(r);
    if (piece->kind == FAKE_REASONING)
        fake_put(r, "\"content\":null,\"reasoning_content\":");
    else if (piece->kind == FAKE_TEXT)
        fake_put(r, "\"content\":");
    else
        fake_bytes_format(&r->json, "\"tool_calls\":[{\"index\":%zu,",
                          piece->tool);
    if (piece->kind == FAKE_TOOL)
        put_call_start(r, piece->tool);
    else if (piece->kind == FAKE_ARGS)
        fake_put(r, "\"function\":{\"arguments\":");
    fake_put_piece(r, i);
    if (piece->kind == FAKE_TOOL || piece->kind == FAKE_ARGS)
        fake_put(r, "}}]");
    end_delta(r, NULL);
    return 1;
}

static void put_done(struct fake_render *r)
{
    fake_put(r, "[DONE]");
    fake_record(r, NULL);
}

static void close_stream(struct fake_render *r)
{
    put_delta(r);
    end_delta(r, fake_finish(r, finishes));
    if (r->query->want_usage && !r->scenario->no_usage) {
        put_head(r, "chat.completion.chunk");
        fake_put(r, "],");
        put_usage(r);
        fake_put(r, "}");
        fake_record(r, NULL);
    }
    if (!r->scenario->no_done)
        put_done(r);
}

static void put_calls(struct fake_render *r)
{
    const char *before = ",\"tool_calls\":[{";

    for (size_t i = 0; i < r->content.count; i++) {
        if (r->content.pieces[i].kind != FAKE_TOOL)
            continue;
        fake_put(r, before);
        put_call_start(r, r->content.pieces[i].tool);
        fake_put_string(r, fake_call_args(&r->content, i));
        fake_put(r, "}}");
        before = ",{";
    }
    fake_put(r, r->content.tool_count > 0 ? "]" : "");
}

static void put_whole(struct fake_render *r)
{
    put_head(r, "chat.completion");
    fake_put(r,
             "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
    if (r->content.text.len > 0 || r->content.tool_count == 0)
        fake_put_string(r, fake_bytes_view(&r->content.text));
    else
        fake_put(r, "null");
    fake_put(r, ",\"refusal\":null");
    if (r->content.reasoning_count > 0) {
        fake_put(r, ",\"reasoning_content\":");
        fake_put_string(r, fake_bytes_view(&r->content.reasoning));
    }
    put_calls(r);
    fake_put(r, "},\"logprobs\":null,\"finish_reason\":\"");
    fake_put(r, fake_finish(r, finishes));
    fake_put(r, "\"}]");
    if (!r->scenario->no_usage) {
        fake_put(r, ",");
        put_usage(r);
    }
    fake_put(r, "}");
}

/* little-endian float32 in base64; values with few bits, so exact */
static void put_base64(struct fake_render *r, const float *values, size_t count)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t len = count * 4;
    uint32_t held = 0;
    uint32_t word = 0;

    fake_put(r, "\"");
    for (size_t i = 0; i < (len + 2) / 3 * 3; i++) {
        if (i % 4 == 0 && i < len)
            memcpy(&word, &values[i / 4], 4);
        held = (held << 8) | (i < len ? (word >> (8 * (i % 4))) & 0xff : 0);
        if (i % 3 != 2)
            continue;
        for (size_t k = 0; k < 4; k++) {
            char digit = digits[(held >> (18 - 6 * k)) & 0x3f];

            fake_bytes_add(&r->json, i - 2 + k > len ? "=" : &digit, 1);
        }
        held = 0;
    }
    fake_put(r, "\"");
}

static void put_vector(struct fake_render *r, size_t index, llmgw_str input,
                       int base64)
{
    llmgw_str dimensions = fake_json_get(r->query->root, "dimensions");
    float values[64];
    size_t count = 8;

    for (size_t i = 0, n = 0; i < dimensions.len; i++) {
        n = n * 10 + (size_t)(dimensions.data[i] - '0');
        count = n < 1 ? 1 : n > 64 ? 64 : n;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = (float)((int)((i * 7 + index * 3) % 17) - 8) / 16.0f;
    values[0] = fake_input_number(input, values[0]);
    if (base64) {
        put_base64(r, values, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        fake_bytes_format(&r->json, "%c%.4f", i ? ',' : '[', (double)values[i]);
    fake_put(r, "]");
}

static void put_embeddings(struct fake_render *r)
{
    llmgw_str input = fake_json_get(r->query->root, "input");
    llmgw_str format = fake_json_get(r->query->root, "encoding_format");
    llmgw_str rest = fake_json_inside(input);
    llmgw_str item = input;
    size_t count = 0;

    fake_put(r, "{\"object\":\"list\",\"data\":[");
    /* a string or an array of tokens is one input */
    while (fake_json_next(&rest, NULL, &item) || count == 0) {
        fake_bytes_format(
            &r->json,
            "%s{\"object\":\"embedding\",\"index\":%zu,\"embedding\":",
            count > 0 ? "," : "", count);
        put_vector(r, count++, item, fake_json_is(format, "\"base64\""));
        fake_put(r, "}");
        if (item.len == 0 || !strchr("\"[", item.data[0]))
            break;
    }
    fake_put(r, "],\"model\":");
    fake_put_string(r, fake_str(r->query->model));
    fake_bytes_format(&r->json,
                      ",\"usage\":{\"prompt_tokens\":%llu,"
                      "\"total_tokens\":%llu}}",
                      (unsigned long long)r->tokens_in,
                      (unsigned long long)r->tokens_in);
}

static void put_models(struct fake_render *r)
{
    fake_put(r, "{\"object\":\"list\",\"data\":["
                "{\"id\":\"fake-small\",\"object\":\"model\","
                "\"created\":1763805600,\"owned_by\":\"fake\"},"
                "{\"id\":\"fake-large\",\"object\":\"model\","
                "\"created\":1763805600,\"owned_by\":\"fake\"}]}");
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    (void)retry_after;
    fake_bytes_text(out, "{\"error\":{\"message\":");
    fake_bytes_json(out, fake_str(cell->message), 0);
    fake_bytes_format(out,
                      ",\"type\":\"%s\",\"param\":null,\"code\":", cell->type);
    if (cell->code)
        fake_bytes_format(out, "\"%s\"}}", cell->code);
    else
        fake_bytes_text(out, "null}}");
}

const struct fake_wire fake_openai = {
    .name = "openai",
    .column = 0,
    .open = open_stream,
    .piece = put_piece,
    .close = close_stream,
    .done = put_done,
    .whole = put_whole,
    .embed = put_embeddings,
    .models = put_models,
    .error = put_error,
};
