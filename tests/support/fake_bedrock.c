/*
 * support/fake_bedrock.c - the wire of Converse and ConverseStream.
 *
 * Source: Amazon Bedrock Runtime API and recorded answers.
 */
#include "support/fake_render.h"

static const char *const finishes[4] = {"end_turn", "max_tokens",
                                        "content_filtered", "tool_use"};
static const char signature[] = "EqQBCgIYAhIM1gbcDa9GJwZA2b";

/* inputTokens leaves out what was cached */
static void put_usage(struct fake_render *r)
{
    int64_t cached = r->scenario->cached;
    uint64_t read = cached == FAKE_UNSET ? 0 : (uint64_t)cached;

    if (!r->scenario->no_usage)
        fake_putf(r,
                  "\"usage\":{\"inputTokens\":%llu,\"outputTokens\":%llu,"
                  "\"totalTokens\":%llu,\"cacheReadInputTokens\":%llu,"
                  "\"cacheWriteInputTokens\":0},",
                  (unsigned long long)(r->tokens_in - read),
                  (unsigned long long)r->tokens_out,
                  (unsigned long long)(r->tokens_in + r->tokens_out),
                  (unsigned long long)read);
    fake_put(r, "\"metrics\":{\"latencyMs\":551}");
}

/* every payload is padded */
static void end_event(struct fake_render *r, const char *event)
{
    static const char padding[] = "abcdefghijklmnopqrstuvwxyz";

    fake_putf(r, ",\"p\":\"%s\"}", padding + r->records % 26);
    fake_record(r, event);
}

static void open_stream(struct fake_render *r)
{
    fake_put(r, "{\"role\":\"assistant\"");
    end_event(r, "messageStart");
}

static void put_tool(struct fake_render *r, size_t tool)
{
    fake_putf(r, "{\"toolUse\":{\"toolUseId\":\"tooluse_%zu_%08x\",\"name\":",
              tool, (unsigned)(r->query->hash & 0xffffffffu));
    fake_put_string(r, fake_call_name(r, tool));
}

static void start_delta(struct fake_render *r)
{
    fake_putf(r, "{\"contentBlockIndex\":%zu,\"delta\":{", r->blocks - 1);
}

static void close_block(struct fake_render *r)
{
    if (r->open_block == FAKE_UNSET)
        return;
    if (r->open_block == FAKE_REASONING) {
        start_delta(r);
        fake_putf(r, "\"reasoningContent\":{\"signature\":\"%s\"}}", signature);
        end_event(r, "contentBlockDelta");
    }
    fake_putf(r, "{\"contentBlockIndex\":%zu", r->blocks - 1);
    end_event(r, "contentBlockStop");
    r->open_block = FAKE_UNSET;
}

/* only calls tell their start */
static void open_block(struct fake_render *r, const struct fake_piece *piece)
{
    close_block(r);
    if (piece->kind == FAKE_TOOL) {
        fake_putf(r, "{\"contentBlockIndex\":%zu,\"start\":", r->blocks);
        put_tool(r, piece->tool);
        fake_put(r, "}}");
        end_event(r, "contentBlockStart");
    }
    r->blocks++;
    r->open_block = (int)piece->kind;
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    static const char *const deltas[] = {
        [FAKE_REASONING] = "\"reasoningContent\":{\"text\":",
        [FAKE_TEXT] = "\"text\":",
        [FAKE_TOOL] = "\"toolUse\":{\"input\":",
        [FAKE_ARGS] = "\"toolUse\":{\"input\":",
    };
    const struct fake_piece *piece = &r->content.pieces[i];

    if (piece->kind == FAKE_TOOL ||
        (piece->kind != FAKE_ARGS && r->open_block != (int)piece->kind))
        open_block(r, piece);
    start_delta(r);
    fake_put(r, deltas[piece->kind]);
    fake_put_piece(r, i);
    fake_put(r, piece->kind == FAKE_TEXT ? "}" : "}}");
    end_event(r, "contentBlockDelta");
    return 1;
}

/* no end mark: the end of the body is the end */
static void put_done(struct fake_render *r)
{
    (void)r;
}

static void close_stream(struct fake_render *r)
{
    close_block(r);
    fake_putf(r, "{\"stopReason\":\"%s\"", fake_finish(r, finishes));
    end_event(r, "messageStop");
    fake_put(r, "{");
    put_usage(r);
    end_event(r, "metadata");
}

static void put_blocks(struct fake_render *r)
{
    const char *before = "";

    if (r->content.reasoning_count > 0) {
        fake_put(r, "{\"reasoningContent\":{\"reasoningText\":{\"text\":");
        fake_put_string(r, fake_bytes_view(&r->content.reasoning));
        fake_putf(r, ",\"signature\":\"%s\"}}}", signature);
        before = ",";
    }
    if (r->content.text.len > 0) {
        fake_putf(r, "%s{\"text\":", before);
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
        fake_put(r, ",\"input\":");
        fake_bytes_add(&r->json, args.data, args.len);
        fake_put(r, args.len > 0 ? "}}" : "{}}}");
        before = ",";
    }
}

static void put_whole(struct fake_render *r)
{
    fake_put(r, "{\"output\":{\"message\":{\"role\":\"assistant\","
                "\"content\":[");
    put_blocks(r);
    fake_putf(r, "]}},\"stopReason\":\"%s\",", fake_finish(r, finishes));
    put_usage(r);
    fake_put(r, "}");
}

/* these are other services */
static void put_nothing(struct fake_render *r)
{
    fake_put(r, "{\"message\":\"Not Found\"}");
    r->status = 404;
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    (void)retry_after;
    fake_bytes_text(out, "{\"message\":");
    fake_bytes_json(out, fake_str(cell->message), 0);
    fake_bytes_text(out, "}");
}

static const char *put_exception(struct fake_render *r,
                                 const struct fake_cell *cell)
{
    put_error(&r->json, cell, FAKE_UNSET);
    return cell->code;
}

const struct fake_wire fake_bedrock = {
    .name = "bedrock",
    .framing = FAKE_FRAMES,
    .column = 3,
    .event = "contentBlockDelta",
    .error_header = "x-amzn-ErrorType",
    .open = open_stream,
    .piece = put_piece,
    .close = close_stream,
    .done = put_done,
    .whole = put_whole,
    .embed = put_nothing,
    .models = put_nothing,
    .error = put_error,
    .fail = put_exception,
};
