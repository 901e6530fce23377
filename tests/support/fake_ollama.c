/*
 * support/fake_ollama.c - the wire of Ollama's native chat: a document a line.
 *
 * Source: ollama/ollama, docs/api.md, and recorded answers.
 */
#include "support/fake_render.h"

/* calls are not told apart, and nothing is filtered */
static const char *const finishes[4] = {"stop", "length", "stop", "stop"};

static void put_head(struct fake_render *r)
{
    fake_put(r, "{\"model\":");
    fake_put_string(r, fake_str(r->query->model));
    fake_put(r, ",\"created_at\":\"2025-11-22T10:00:00.123456789Z\","
                "\"message\":{\"role\":\"assistant\",\"content\":");
}

static void put_counts(struct fake_render *r)
{
    fake_putf(r, ",\"done_reason\":\"%s\",\"done\":true",
              fake_finish(r, finishes));
    fake_put(r, ",\"total_duration\":1200300400,\"load_duration\":30400500");
    if (!r->scenario->no_usage) {
        fake_putf(r, ",\"prompt_eval_count\":%llu,\"eval_count\":%llu",
                  (unsigned long long)r->tokens_in,
                  (unsigned long long)r->tokens_out);
        if (r->scenario->cached != FAKE_UNSET)
            fake_putf(r, ",\"prompt_eval_cached_count\":%lld",
                      (long long)r->scenario->cached);
    }
    fake_put(r, "}");
}

/* the arguments are an object */
static void put_call(struct fake_render *r, size_t i)
{
    size_t tool = r->content.pieces[i].tool;
    llmgw_str args = fake_call_args(&r->content, i);

    fake_putf(r,
              "{\"id\":\"call_%zu_%08x\",\"function\":{\"index\":0,\"name\":",
              tool, (unsigned)(r->query->hash & 0xffffffffu));
    fake_put_string(r, fake_call_name(r, tool));
    fake_put(r, ",\"arguments\":");
    fake_bytes_add(&r->json, args.data, args.len);
    fake_put(r, args.len > 0 ? "}}" : "{}}}");
}

/* no preamble: the first line has content */
static void open_stream(struct fake_render *r)
{
    (void)r;
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    const struct fake_piece *piece = &r->content.pieces[i];
    size_t took = 1;

    put_head(r);
    if (piece->kind == FAKE_TOOL) {
        fake_put(r, "\"\",\"tool_calls\":[");
        put_call(r, i);
        fake_put(r, "]");
        while (i + took < r->content.count &&
               r->content.pieces[i + took].kind == FAKE_ARGS)
            took++;
    } else {
        fake_put(r, piece->kind == FAKE_REASONING ? "\"\",\"thinking\":" : "");
        fake_put_piece(r, i);
    }
    fake_put(r, "},\"done\":false}");
    fake_record(r, NULL);
    return took;
}

/* no end mark: the last line says that it is */
static void put_done(struct fake_render *r)
{
    (void)r;
}

static void close_stream(struct fake_render *r)
{
    put_head(r);
    fake_put(r, "\"\"}");
    put_counts(r);
    fake_record(r, NULL);
}

static void put_whole(struct fake_render *r)
{
    const char *before = ",\"tool_calls\":[";

    put_head(r);
    fake_put_string(r, fake_bytes_view(&r->content.text));
    if (r->content.reasoning_count > 0) {
        fake_put(r, ",\"thinking\":");
        fake_put_string(r, fake_bytes_view(&r->content.reasoning));
    }
    for (size_t i = 0; i < r->content.count; i++) {
        if (r->content.pieces[i].kind != FAKE_TOOL)
            continue;
        fake_put(r, before);
        put_call(r, i);
        before = ",";
    }
    fake_put(r, r->content.tool_count > 0 ? "]}" : "}");
    put_counts(r);
}

static void put_embeddings(struct fake_render *r)
{
    llmgw_str input = fake_json_get(r->query->root, "input");
    llmgw_str rest = fake_json_inside(input);
    llmgw_str item = input;
    size_t count = 0;

    fake_put(r, "{\"model\":");
    fake_put_string(r, fake_str(r->query->model));
    fake_put(r, ",\"embeddings\":[");
    while (fake_json_next(&rest, NULL, &item) || count == 0)
        fake_putf(r, "%s[%g,0.5,0,0]", count++ > 0 ? "," : "",
                  (double)fake_input_number(item, 0.25f));
    fake_putf(r, "],\"prompt_eval_count\":%llu}",
              (unsigned long long)r->tokens_in);
}

static void put_models(struct fake_render *r)
{
    fake_put(r, "{\"models\":[{\"name\":\"fake-small\",\"model\":"
                "\"fake-small\",\"modified_at\":\"2025-11-22T10:00:00Z\","
                "\"size\":1}]}");
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    (void)retry_after;
    fake_bytes_text(out, "{\"error\":");
    fake_bytes_json(out, fake_str(cell->message), 0);
    fake_bytes_text(out, "}");
}

const struct fake_wire fake_ollama = {
    .name = "ollama",
    .framing = FAKE_LINES,
    .column = 5,
    .open = open_stream,
    .piece = put_piece,
    .close = close_stream,
    .done = put_done,
    .whole = put_whole,
    .embed = put_embeddings,
    .models = put_models,
    .error = put_error,
};
