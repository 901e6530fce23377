/*
 * support/fake_cohere.c - the wire of Cohere's v2 chat.
 *
 * Source: the vendor's API description and recorded streams.
 */
#include "support/fake_render.h"

static const char *const finishes[4] = {"COMPLETE", "MAX_TOKENS", "ERROR_TOXIC",
                                        "TOOL_CALL"};

static void put_usage(struct fake_render *r)
{
    if (r->scenario->no_usage) {
        fake_put(r, "\"usage\":{}");
        return;
    }
    fake_putf(r,
              "\"usage\":{\"billed_units\":{\"input_tokens\":%llu,"
              "\"output_tokens\":%llu}",
              (unsigned long long)r->tokens_in,
              (unsigned long long)r->tokens_out);
    fake_putf(r, ",\"tokens\":{\"input_tokens\":%llu,\"output_tokens\":%llu}",
              (unsigned long long)r->tokens_in + 500,
              (unsigned long long)r->tokens_out + 2);
    if (r->scenario->cached != FAKE_UNSET)
        fake_putf(r, ",\"cached_tokens\":%lld", (long long)r->scenario->cached);
    fake_put(r, "}");
}

static void put_id(struct fake_render *r)
{
    fake_putf(r, "\"id\":\"29f14a5a-11de-4cae-9800-%012llx\"",
              (unsigned long long)(r->query->hash & 0xffffffffffffu));
}

static void open_stream(struct fake_render *r)
{
    fake_put(r, "{");
    put_id(r);
    fake_put(r, ",\"type\":\"message-start\",\"delta\":{\"message\":{\"role\":"
                "\"assistant\",\"content\":[],\"tool_plan\":\"\","
                "\"tool_calls\":[],\"citations\":[]}}}");
    fake_record(r, "message-start");
}

static void start_event(struct fake_render *r, const char *type, size_t index)
{
    fake_putf(r, "{\"type\":\"%s\",\"index\":%zu,\"delta\":{\"message\":{",
              type, index);
}

static void end_event(struct fake_render *r, const char *type)
{
    fake_put(r, "}}}");
    fake_record(r, type);
}

static void put_bare_end(struct fake_render *r, const char *type, size_t index)
{
    fake_putf(r, "{\"type\":\"%s\",\"index\":%zu}", type, index);
    fake_record(r, type);
}

static void close_block(struct fake_render *r)
{
    if (r->open_block == FAKE_TOOL)
        put_bare_end(r, "tool-call-end",
                     r->content.pieces[r->said > 0 ? r->said - 1 : 0].tool);
    else if (r->open_block != FAKE_UNSET)
        put_bare_end(r, "content-end", r->blocks - 1);
    r->open_block = FAKE_UNSET;
}

/* calls are counted apart */
static void open_block(struct fake_render *r, const struct fake_piece *piece)
{
    close_block(r);
    r->open_block = (int)piece->kind;
    if (piece->kind == FAKE_TOOL) {
        start_event(r, "tool-call-start", piece->tool);
        fake_putf(r,
                  "\"tool_calls\":{\"id\":\"get_%zu_%08x\",\"type\":"
                  "\"function\",\"function\":{\"name\":",
                  piece->tool, (unsigned)(r->query->hash & 0xffffffffu));
        fake_put_string(r, fake_call_name(r, piece->tool));
        fake_put(r, ",\"arguments\":\"\"}}");
        end_event(r, "tool-call-start");
        return;
    }
    start_event(r, "content-start", r->blocks++);
    fake_put(r, piece->kind == FAKE_REASONING
                    ? "\"content\":{\"type\":\"thinking\",\"thinking\":\"\"}"
                    : "\"content\":{\"type\":\"text\",\"text\":\"\"}");
    end_event(r, "content-start");
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    const struct fake_piece *piece = &r->content.pieces[i];

    if (piece->kind == FAKE_TOOL ||
        (piece->kind != FAKE_ARGS && r->open_block != (int)piece->kind))
        open_block(r, piece);
    if (piece->kind == FAKE_TOOL || piece->kind == FAKE_ARGS) {
        start_event(r, "tool-call-delta", piece->tool);
        fake_put(r, "\"tool_calls\":{\"function\":{\"arguments\":");
        fake_put_piece(r, i);
        fake_put(r, "}}");
        end_event(r, "tool-call-delta");
        return 1;
    }
    start_event(r, "content-delta", r->blocks - 1);
    fake_put(r, piece->kind == FAKE_REASONING ? "\"content\":{\"thinking\":"
                                              : "\"content\":{\"text\":");
    fake_put_piece(r, i);
    fake_put(r, "}");
    end_event(r, "content-delta");
    return 1;
}

static void put_done(struct fake_render *r)
{
    fake_put(r, "[DONE]");
    fake_record(r, NULL);
}

static void close_stream(struct fake_render *r)
{
    close_block(r);
    fake_putf(r,
              "{\"type\":\"message-end\",\"delta\":{\"finish_reason\":"
              "\"%s\",",
              fake_finish(r, finishes));
    put_usage(r);
    fake_put(r, "}}");
    fake_record(r, "message-end");
    if (!r->scenario->no_done)
        put_done(r);
}

static void put_calls(struct fake_render *r)
{
    const char *before = ",\"tool_calls\":[";

    for (size_t i = 0; i < r->content.count; i++) {
        size_t tool = r->content.pieces[i].tool;

        if (r->content.pieces[i].kind != FAKE_TOOL)
            continue;
        fake_putf(r,
                  "%s{\"id\":\"get_%zu_%08x\",\"type\":\"function\","
                  "\"function\":{\"name\":",
                  before, tool, (unsigned)(r->query->hash & 0xffffffffu));
        fake_put_string(r, fake_call_name(r, tool));
        fake_put(r, ",\"arguments\":");
        fake_put_string(r, fake_call_args(&r->content, i));
        fake_put(r, "}}");
        before = ",";
    }
    fake_put(r, r->content.tool_count > 0 ? "]" : "");
}

static void put_whole(struct fake_render *r)
{
    int thought = r->content.reasoning_count > 0;

    fake_put(r, "{");
    put_id(r);
    fake_put(r, ",\"message\":{\"role\":\"assistant\",\"content\":[");
    if (thought) {
        fake_put(r, "{\"type\":\"thinking\",\"thinking\":");
        fake_put_string(r, fake_bytes_view(&r->content.reasoning));
        fake_put(r, "}");
    }
    if (r->content.text.len > 0) {
        fake_put(r, thought ? "," : "");
        fake_put(r, "{\"type\":\"text\",\"text\":");
        fake_put_string(r, fake_bytes_view(&r->content.text));
        fake_put(r, "}");
    }
    fake_put(r, "]");
    put_calls(r);
    fake_putf(r, "},\"finish_reason\":\"%s\",", fake_finish(r, finishes));
    put_usage(r);
    fake_put(r, "}");
}

static void put_embeddings(struct fake_render *r)
{
    llmgw_str texts = fake_json_get(r->query->root, "texts");
    llmgw_str rest = fake_json_inside(texts);
    llmgw_str item;
    size_t count = 0;

    fake_put(r, "{");
    put_id(r);
    fake_put(r, ",\"embeddings\":{\"float\":[");
    while (fake_json_next(&rest, NULL, &item))
        fake_putf(r, "%s[%g,0.5,0,0]", count++ > 0 ? "," : "",
                  (double)fake_input_number(item, 0.25f));
    fake_putf(r, "]},\"meta\":{\"billed_units\":{\"input_tokens\":%llu}}}",
              (unsigned long long)r->tokens_in);
}

static void put_models(struct fake_render *r)
{
    fake_put(r, "{\"models\":[{\"name\":\"fake-small\",\"endpoints\":"
                "[\"chat\"],\"context_length\":128000}]}");
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    (void)retry_after;
    fake_bytes_text(out, "{\"id\":\"b9b1a7a0-2f4f-4a4e-8d2b-6d0f3f1f0a11\","
                         "\"message\":");
    fake_bytes_json(out, fake_str(cell->message), 0);
    if (cell->type)
        fake_bytes_format(out, ",\"error_type\":\"%s\"", cell->type);
    fake_bytes_text(out, "}");
}

/* a regular end with a reason of its own */
static const char *put_failure(struct fake_render *r,
                               const struct fake_cell *cell)
{
    fake_put(r, "{\"type\":\"message-end\",\"delta\":{\"finish_reason\":"
                "\"ERROR\",\"error\":");
    fake_put_string(r, fake_str(cell->message));
    fake_put(r, ",\"usage\":{}}}");
    return "message-end";
}

const struct fake_wire fake_cohere = {
    .name = "cohere",
    .column = 4,
    .open = open_stream,
    .piece = put_piece,
    .close = close_stream,
    .done = put_done,
    .whole = put_whole,
    .embed = put_embeddings,
    .models = put_models,
    .error = put_error,
    .fail = put_failure,
};
