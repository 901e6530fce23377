/*
 * support/fake_anthropic.c - the wire of messages.
 *
 * Source: the vendor's streaming documentation and recorded streams.
 */
#include <stdio.h>

#include "support/fake_render.h"

static const char *const finishes[4] = {"end_turn", "max_tokens", "refusal",
                                        "tool_use"};
static const char signature[] = "EqQBCgIYAhIM1gbcDa9GJwZA2b";

/* input_tokens leaves out what was cached */
static void put_usage(struct fake_render *r, uint64_t out)
{
    int64_t cached = r->scenario->cached;
    uint64_t read = cached == FAKE_UNSET ? 0 : (uint64_t)cached;

    if (r->scenario->no_usage)
        return;
    fake_bytes_format(&r->json,
                      ",\"usage\":{\"input_tokens\":%llu,"
                      "\"cache_creation_input_tokens\":0,"
                      "\"cache_read_input_tokens\":%llu,\"output_tokens\":%llu,"
                      "\"service_tier\":\"standard\"}",
                      (unsigned long long)(r->tokens_in - read),
                      (unsigned long long)read, (unsigned long long)out);
}

static void put_final_usage(struct fake_render *r)
{
    if (r->scenario->no_usage)
        return;
    fake_bytes_format(&r->json,
                      ",\"usage\":{\"input_tokens\":null,"
                      "\"cache_creation_input_tokens\":null,"
                      "\"cache_read_input_tokens\":null,"
                      "\"output_tokens\":%llu",
                      (unsigned long long)r->tokens_out);
    if (r->content.reasoning_count > 0)
        fake_bytes_format(
            &r->json, ",\"output_tokens_details\":{\"thinking_tokens\":%zu}",
            r->content.reasoning_count);
    fake_put(r, "}");
}

static void put_message(struct fake_render *r)
{
    fake_bytes_format(&r->json,
                      "\"id\":\"msg_%016llx\",\"type\":\"message\","
                      "\"role\":\"assistant\",\"model\":",
                      (unsigned long long)r->query->hash);
    fake_put_string(r, fake_str(r->query->model));
    fake_put(r, ",\"content\":[");
}

static void open_stream(struct fake_render *r)
{
    fake_put(r, "{\"type\":\"message_start\",\"message\":{");
    put_message(r);
    fake_put(r, "],\"stop_reason\":null,\"stop_sequence\":null");
    put_usage(r, 1);
    fake_put(r, "}}");
    fake_record(r, "message_start");
    fake_put(r, "{\"type\": \"ping\"}");
    fake_record(r, "ping");
}

static void put_tool(struct fake_render *r, size_t tool)
{
    fake_bytes_format(&r->json,
                      "{\"type\":\"tool_use\",\"id\":\"toolu_%zu_%08x\","
                      "\"name\":",
                      tool, (unsigned)(r->query->hash & 0xffffffffu));
    fake_put_string(r, fake_call_name(r, tool));
    fake_put(r, ",\"input\":");
}

static void start_delta(struct fake_render *r)
{
    fake_bytes_format(&r->json,
                      "{\"type\":\"content_block_delta\",\"index\":%zu,"
                      "\"delta\":{\"type\":",
                      r->blocks - 1);
}

static void end_delta(struct fake_render *r)
{
    fake_put(r, "}}");
    fake_record(r, "content_block_delta");
}

static void close_block(struct fake_render *r)
{
    if (r->open_block == FAKE_UNSET)
        return;
    if (r->open_block == FAKE_REASONING) {
        start_delta(r);
        fake_bytes_format(&r->json, "\"signature_delta\",\"signature\":\"%s\"",
                          signature);
        end_delta(r);
    }
    fake_bytes_format(&r->json,
                      "{\"type\":\"content_block_stop\",\"index\":%zu}",
                      r->blocks - 1);
    fake_record(r, "content_block_stop");
    r->open_block = FAKE_UNSET;
}

static void open_block(struct fake_render *r, const struct fake_piece *piece)
{
    close_block(r);
    fake_bytes_format(&r->json,
                      "{\"type\":\"content_block_start\",\"index\":%zu,"
                      "\"content_block\":",
                      r->blocks);
    if (piece->kind == FAKE_REASONING)
        fake_put(r, "{\"type\":\"thinking\",\"thinking\":\"\","
                    "\"signature\":\"\"}");
    else if (piece->kind == FAKE_TEXT)
        fake_put(r, "{\"type\":\"text\",\"text\":\"\"}");
    if (piece->kind == FAKE_TOOL) {
        put_tool(r, piece->tool);
        fake_put(r, "{}}");
    }
    fake_put(r, "}");
    fake_record(r, "content_block_start");
    r->blocks++;
    r->open_block = (int)piece->kind;
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    static const char *const deltas[] = {
        [FAKE_REASONING] = "\"thinking_delta\",\"thinking\":",
        [FAKE_TEXT] = "\"text_delta\",\"text\":",
        [FAKE_TOOL] = "\"input_json_delta\",\"partial_json\":",
        [FAKE_ARGS] = "\"input_json_delta\",\"partial_json\":",
    };
    const struct fake_piece *piece = &r->content.pieces[i];

    if (piece->kind == FAKE_TOOL ||
        (piece->kind != FAKE_ARGS && r->open_block != (int)piece->kind))
        open_block(r, piece);
    start_delta(r);
    fake_put(r, deltas[piece->kind]);
    fake_put_piece(r, i);
    end_delta(r);
    return 1;
}

static void put_done(struct fake_render *r)
{
    fake_put(r, "{\"type\":\"message_stop\"}");
    fake_record(r, "message_stop");
}

static void close_stream(struct fake_render *r)
{
    close_block(r);
    fake_put(r, "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"");
    fake_put(r, fake_finish(r, finishes));
    fake_put(r, "\",\"stop_sequence\":null}");
    put_final_usage(r);
    fake_put(r, "}");
    fake_record(r, "message_delta");
    if (!r->scenario->no_done)
        put_done(r);
}

static void put_blocks(struct fake_render *r)
{
    const char *before = "";

    if (r->content.reasoning_count > 0) {
        fake_put(r, "{\"type\":\"thinking\",\"thinking\":");
        fake_put_string(r, fake_bytes_view(&r->content.reasoning));
        fake_bytes_format(&r->json, ",\"signature\":\"%s\"}", signature);
        before = ",";
    }
    if (r->content.text.len > 0) {
        fake_put(r, before);
        fake_put(r, "{\"type\":\"text\",\"text\":");
        fake_put_string(r, fake_bytes_view(&r->content.text));
        fake_put(r, "}");
        before = ",";
    }
    for (size_t i = 0; i < r->content.count; i++) {
        llmgw_str args;

        if (r->content.pieces[i].kind != FAKE_TOOL)
            continue;
        args = fake_call_args(&r->content, i);
        fake_put(r, before);
        put_tool(r, r->content.pieces[i].tool);
        fake_bytes_add(&r->json, args.data, args.len);
        fake_put(r, args.len > 0 ? "}" : "{}}");
        before = ",";
    }
}

static void put_whole(struct fake_render *r)
{
    fake_put(r, "{");
    put_message(r);
    put_blocks(r);
    fake_put(r, "],\"stop_reason\":\"");
    fake_put(r, fake_finish(r, finishes));
    fake_put(r, "\",\"stop_sequence\":null");
    put_usage(r, r->tokens_out);
    fake_put(r, "}");
}

static void put_models(struct fake_render *r)
{
    fake_put(r, "{\"data\":[{\"type\":\"model\",\"id\":\"fake-small\","
                "\"display_name\":\"Fake Small\","
                "\"created_at\":\"2025-11-22T10:00:00Z\"}],"
                "\"has_more\":false,\"first_id\":\"fake-small\","
                "\"last_id\":\"fake-small\"}");
}

/* this API has none */
static void put_embeddings(struct fake_render *r)
{
    fake_put(r, "{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\","
                "\"message\":\"Not Found\"}}");
    r->status = 404;
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    (void)retry_after;
    fake_bytes_format(out, "{\"type\":\"error\",\"error\":{\"type\":\"%s\"",
                      cell->type);
    fake_bytes_text(out, ",\"message\":");
    fake_bytes_json(out, fake_str(cell->message), 0);
    fake_bytes_text(out, "},\"request_id\":\"req_011CSHoEeqs5C35K2UUqR7Fy\"}");
}

const struct fake_wire fake_anthropic = {
    .name = "anthropic",
    .column = 1,
    .error_event = "error",
    .open = open_stream,
    .piece = put_piece,
    .close = close_stream,
    .done = put_done,
    .whole = put_whole,
    .embed = put_embeddings,
    .models = put_models,
    .error = put_error,
};
