/*
 * support/fake_gemini.c - the wire of generateContent.
 *
 * Source: the vendor's API reference and recorded streams (blanks after colons
 * and CR LF are theirs).
 */
#include <stdio.h>
#include <string.h>

#include "support/fake_render.h"

static const char *const finishes[4] = {"STOP", "MAX_TOKENS", "SAFETY", "STOP"};

static void put_usage(struct fake_render *r, uint64_t out, uint64_t thoughts)
{
    uint64_t visible = out > thoughts ? out - thoughts : 0;

    if (r->scenario->no_usage)
        return;
    fake_bytes_format(&r->json,
                      ",\"usageMetadata\": {\"promptTokenCount\": %llu,",
                      (unsigned long long)r->tokens_in);
    if (visible > 0)
        fake_bytes_format(&r->json, "\"candidatesTokenCount\": %llu,",
                          (unsigned long long)visible);
    if (r->scenario->cached != FAKE_UNSET)
        fake_bytes_format(&r->json, "\"cachedContentTokenCount\": %lld,",
                          (long long)r->scenario->cached);
    if (thoughts > 0)
        fake_bytes_format(&r->json, "\"thoughtsTokenCount\": %llu,",
                          (unsigned long long)thoughts);
    fake_bytes_format(&r->json,
                      "\"totalTokenCount\": %llu,\"promptTokensDetails\": "
                      "[{\"modality\": \"TEXT\",\"tokenCount\": %llu}]}",
                      (unsigned long long)(r->tokens_in + visible + thoughts),
                      (unsigned long long)r->tokens_in);
}

static void put_parts(struct fake_render *r)
{
    fake_put(r, "{\"candidates\": [{\"content\": {\"parts\": [");
}

static void end_record(struct fake_render *r, const char *finish, uint64_t out)
{
    uint64_t thoughts = r->content.reasoning_count;

    fake_put(r, "],\"role\": \"model\"}");
    if (finish)
        fake_bytes_format(&r->json, ",\"finishReason\": \"%s\"", finish);
    if (finish && !strcmp(finish, "MAX_TOKENS"))
        fake_put(r, ",\"finishMessage\": \"The limit was reached.\"");
    fake_put(r, ",\"index\": 0}]");
    put_usage(r, out, thoughts < out ? thoughts : out);
    fake_put(r, ",\"modelVersion\": ");
    fake_put_string(r, fake_str(r->query->model));
    fake_bytes_format(&r->json, ",\"responseId\": \"%016llx\"}",
                      (unsigned long long)r->query->hash);
}

static void put_call(struct fake_render *r, size_t i)
{
    const struct fake_piece *piece = &r->content.pieces[i];
    llmgw_str args = fake_call_args(&r->content, i);

    fake_put(r, "{\"functionCall\": {\"name\": ");
    fake_put_string(r, fake_call_name(r, piece->tool));
    if (args.len > 0) {
        fake_put(r, ",\"args\": ");
        fake_bytes_add(&r->json, args.data, args.len);
    }
    fake_bytes_format(&r->json, ",\"id\": \"call%zu\"}", piece->tool);
    if (piece->tool == 0)
        fake_put(r, ",\"thoughtSignature\": \"EpABCo0BAdHt\"");
    fake_put(r, "}");
}

/* no preamble: the first record has content */
static void open_stream(struct fake_render *r)
{
    (void)r;
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    const struct fake_piece *piece = &r->content.pieces[i];
    size_t took = 1;
    uint64_t out;

    put_parts(r);
    if (piece->kind == FAKE_TOOL) {
        put_call(r, i);
        while (i + took < r->content.count &&
               r->content.pieces[i + took].kind == FAKE_ARGS)
            took++;
    } else {
        fake_put(r, "{\"text\": ");
        fake_put_piece(r, i);
        fake_put(r,
                 piece->kind == FAKE_REASONING ? ",\"thought\": true}" : "}");
    }
    out = i + took < r->tokens_out ? i + took : r->tokens_out;
    end_record(r, NULL, out);
    fake_record(r, NULL);
    return took;
}

/* no end mark: the end of the body is the end */
static void put_done(struct fake_render *r)
{
    (void)r;
}

static void close_stream(struct fake_render *r)
{
    put_parts(r);
    fake_put(r, "{\"text\": \"\"}");
    end_record(r, fake_finish(r, finishes), r->tokens_out);
    fake_record(r, NULL);
}

static void put_whole(struct fake_render *r)
{
    const char *before = "";

    put_parts(r);
    if (r->content.reasoning_count > 0) {
        fake_put(r, "{\"text\": ");
        fake_put_string(r, fake_bytes_view(&r->content.reasoning));
        fake_put(r, ",\"thought\": true}");
        before = ",";
    }
    if (r->content.text.len > 0) {
        fake_put(r, before);
        fake_put(r, "{\"text\": ");
        fake_put_string(r, fake_bytes_view(&r->content.text));
        fake_put(r, "}");
        before = ",";
    }
    for (size_t i = 0; i < r->content.count; i++) {
        if (r->content.pieces[i].kind != FAKE_TOOL)
            continue;
        fake_put(r, before);
        put_call(r, i);
        before = ",";
    }
    end_record(r, fake_finish(r, finishes), r->tokens_out);
}

static void put_values(struct fake_render *r, size_t index, llmgw_str input)
{
    static const char *const values[] = {"0.6, -0.8, 0, 0", "0, 0.8, 0.6, 0"};
    float number = fake_input_number(input, -1);

    if (number >= 0) {
        fake_bytes_format(&r->json, "{\"values\": [%g, 0.5, 0, 0]}",
                          (double)number);
        return;
    }
    fake_bytes_format(&r->json, "{\"values\": [%s]}", values[index % 2]);
}

static void put_embeddings(struct fake_render *r)
{
    llmgw_str list = fake_json_get(r->query->root, "requests");
    llmgw_str rest = fake_json_inside(list);
    llmgw_str item;

    if (!list.data) {
        fake_put(r, "{\"embedding\": ");
        put_values(r, 0, r->query->root);
        fake_bytes_format(&r->json,
                          ",\"usageMetadata\": {\"promptTokenCount\": %llu}}",
                          (unsigned long long)r->tokens_in);
        return;
    }
    fake_put(r, "{\"embeddings\": [");
    for (size_t i = 0; fake_json_next(&rest, NULL, &item); i++) {
        fake_put(r, i > 0 ? "," : "");
        put_values(r, i, item);
    }
    fake_put(r, "]}");
}

static void put_models(struct fake_render *r)
{
    fake_put(r, "{\"models\": [{\"name\": \"models/fake-small\","
                "\"inputTokenLimit\": 1048576,\"outputTokenLimit\": 65536,"
                "\"supportedGenerationMethods\": [\"generateContent\"]}]}");
}

static void put_details(struct fake_bytes *out, const struct fake_cell *cell,
                        int64_t retry_after)
{
    static const char type[] = "{\"@type\": \"type.googleapis.com/google.rpc.";

    fake_bytes_text(out, ",\"details\": [");
    if (cell->code)
        fake_bytes_format(out,
                          "%sQuotaFailure\",\"violations\": "
                          "[{\"quotaId\": \"%s-FreeTier\"}]}",
                          type, cell->code);
    if (retry_after != FAKE_UNSET)
        fake_bytes_format(out, "%s%sRetryInfo\",\"retryDelay\": \"%llds\"}",
                          cell->code ? "," : "", type, (long long)retry_after);
    fake_bytes_text(out, "]");
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    fake_bytes_format(out,
                      "{\"error\": {\"code\": %d,\"message\": ", cell->status);
    fake_bytes_json(out, fake_str(cell->message), 0);
    fake_bytes_format(out, ",\"status\": \"%s\"", cell->type);
    if (cell->code || retry_after != FAKE_UNSET)
        put_details(out, cell, retry_after);
    fake_bytes_text(out, "}}");
}

const struct fake_wire fake_gemini = {
    .name = "gemini",
    .column = 2,
    .crlf = 1,
    .open = open_stream,
    .piece = put_piece,
    .close = close_stream,
    .done = put_done,
    .whole = put_whole,
    .embed = put_embeddings,
    .models = put_models,
    .error = put_error,
};
