/*
 * support/fake_responses.c - the wire of responses: items, told piece by piece
 * and whole again at their end.
 *
 * Source: OpenAI API description (2026-08) and recorded streams.
 */
#include "support/fake_render.h"

/* of a piece; calls begin with a piece of their own */
static const struct kind {
    const char *prefix, *delta, *done, *part;
} kinds[] = {
    /* clang-format off */
    [FAKE_REASONING] = { "rs", "response.reasoning_summary_text.delta",
                         "response.reasoning_summary_text.done",
                         "\"summary_index\":0," },
    [FAKE_TEXT] =      { "msg", "response.output_text.delta",
                         "response.output_text.done",
                         "\"content_index\":0," },
    [FAKE_TOOL] =      { "fc", "response.function_call_arguments.delta",
                         "response.function_call_arguments.done", "" },
    [FAKE_ARGS] =      { "fc", "response.function_call_arguments.delta",
                         "response.function_call_arguments.done", "" },
    /* clang-format on */
};

static const char *const finishes[4] = {"", "max_output_tokens",
                                        "content_filter", ""};

static void put_usage(struct fake_render *r)
{
    int64_t cached = r->scenario->cached;

    fake_putf(r,
              "{\"input_tokens\":%llu,\"input_tokens_details\":"
              "{\"cached_tokens\":%lld},\"output_tokens\":%llu,"
              "\"output_tokens_details\":{\"reasoning_tokens\":%llu},"
              "\"total_tokens\":%llu}",
              (unsigned long long)r->tokens_in,
              (long long)(cached == FAKE_UNSET ? 0 : cached),
              (unsigned long long)r->tokens_out,
              (unsigned long long)r->content.reasoning_count,
              (unsigned long long)(r->tokens_in + r->tokens_out));
}

/* the item of a piece; whole: with all that it came to */
static void put_item(struct fake_render *r, size_t i, size_t place, int whole)
{
    const struct fake_piece *piece = &r->content.pieces[i];
    llmgw_str text = piece->kind == FAKE_REASONING
                         ? fake_bytes_view(&r->content.reasoning)
                         : fake_bytes_view(&r->content.text);

    fake_putf(r, "{\"id\":\"%s_%zu_%016llx\",", kinds[piece->kind].prefix,
              place, (unsigned long long)r->query->hash);
    if (piece->kind == FAKE_TOOL) {
        llmgw_str none = {"", 0};

        fake_putf(r,
                  "\"type\":\"function_call\",\"status\":\"%s\","
                  "\"call_id\":\"call_%zu_%08x\",\"name\":",
                  whole ? "completed" : "in_progress", piece->tool,
                  (unsigned)(r->query->hash & 0xffffffffu));
        fake_put_string(r, fake_call_name(r, piece->tool));
        fake_put(r, ",\"arguments\":");
        fake_put_string(r, whole ? fake_call_args(&r->content, i) : none);
        fake_put(r, "}");
        return;
    }
    fake_put(r, piece->kind == FAKE_REASONING
                    ? "\"type\":\"reasoning\",\"summary\":["
                    : "\"type\":\"message\",\"role\":\"assistant\",\"status\":"
                      "\"completed\",\"content\":[");
    if (whole) {
        fake_put(r, piece->kind == FAKE_REASONING
                        ? "{\"type\":\"summary_text\",\"text\":"
                        : "{\"type\":\"output_text\",\"annotations\":[],"
                          "\"logprobs\":[],\"text\":");
        fake_put_string(r, text);
        fake_put(r, "}");
    }
    fake_put(r, "]}");
}

static int begins_item(const struct fake_render *r, size_t i)
{
    enum fake_kind kind = r->content.pieces[i].kind;

    return kind == FAKE_TOOL ||
           (kind != FAKE_ARGS &&
            (i == 0 || r->content.pieces[i - 1].kind != kind));
}

static void put_response(struct fake_render *r, const char *status)
{
    fake_putf(r,
              "{\"id\":\"resp_%016llx\",\"object\":\"response\","
              "\"created_at\":1763805600,\"status\":\"%s\",\"error\":null,",
              (unsigned long long)r->query->hash, status);
    fake_put(r, "\"model\":");
    fake_put_string(r, fake_str(r->query->model));
    fake_put(r, ",\"service_tier\":\"default\",\"output\":[");
}

/* what a response holds at its end, with how it ended */
static void put_rest(struct fake_render *r)
{
    const char *reason = fake_finish(r, finishes);
    size_t place = 0;

    for (size_t i = 0; i < r->content.count; i++) {
        if (!begins_item(r, i))
            continue;
        fake_put(r, place > 0 ? "," : "");
        put_item(r, i, place++, 1);
    }
    fake_put(r, "],\"incomplete_details\":");
    if (*reason)
        fake_putf(r, "{\"reason\":\"%s\"}", reason);
    else
        fake_put(r, "null");
    fake_put(r, ",\"usage\":");
    if (r->scenario->no_usage)
        fake_put(r, "null");
    else
        put_usage(r);
    fake_put(r, "}");
}

static const char *status_of(const struct fake_render *r)
{
    return *fake_finish(r, finishes) ? "incomplete" : "completed";
}

static void start_event(struct fake_render *r, const char *type)
{
    fake_putf(r, "{\"type\":\"%s\",\"sequence_number\":%zu,", type, r->records);
}

static void open_stream(struct fake_render *r)
{
    static const char *const types[] = {"response.created",
                                        "response.in_progress"};

    for (size_t i = 0; i < 2; i++) {
        start_event(r, types[i]);
        fake_put(r, "\"response\":");
        put_response(r, "in_progress");
        fake_put(r, "],\"usage\":null}}");
        fake_record(r, types[i]);
    }
}

/* of the item that `i` begins */
static void put_item_event(struct fake_render *r, const char *type, size_t i,
                           int whole)
{
    start_event(r, type);
    fake_putf(r, "\"output_index\":%zu,\"item\":", r->blocks - 1);
    put_item(r, i, r->blocks - 1, whole);
    fake_put(r, "}");
    fake_record(r, type);
}

static void start_delta(struct fake_render *r, const char *type,
                        enum fake_kind kind)
{
    start_event(r, type);
    fake_putf(r, "\"item_id\":\"%s_%zu_%016llx\",\"output_index\":%zu,%s",
              kinds[kind].prefix, r->blocks - 1,
              (unsigned long long)r->query->hash, r->blocks - 1,
              kinds[kind].part);
}

static void close_item(struct fake_render *r, size_t end)
{
    size_t i = end;
    enum fake_kind kind;

    if (r->open_block == FAKE_UNSET)
        return;
    while (i > 0 && !begins_item(r, i - 1))
        i--;
    i -= i > 0;
    kind = r->content.pieces[i].kind;
    start_delta(r, kinds[kind].done, kind);
    fake_put(r, kind == FAKE_TOOL ? "\"arguments\":" : "\"text\":");
    fake_put_string(r, kind == FAKE_TOOL ? fake_call_args(&r->content, i)
                       : kind == FAKE_TEXT
                           ? fake_bytes_view(&r->content.text)
                           : fake_bytes_view(&r->content.reasoning));
    fake_put(r, "}");
    fake_record(r, kinds[kind].done);
    put_item_event(r, "response.output_item.done", i, 1);
    r->open_block = FAKE_UNSET;
}

static size_t put_piece(struct fake_render *r, size_t i)
{
    enum fake_kind kind = r->content.pieces[i].kind;

    if (begins_item(r, i)) {
        close_item(r, i);
        r->blocks++;
        r->open_block = (int)kind;
        put_item_event(r, "response.output_item.added", i, 0);
    }
    start_delta(r, kinds[kind].delta, kind);
    fake_put(r, "\"delta\":");
    fake_put_piece(r, i);
    fake_put(r, "}");
    fake_record(r, kinds[kind].delta);
    return 1;
}

/* no end mark: the last event says that it is */
static void put_done(struct fake_render *r)
{
    (void)r;
}

static void close_stream(struct fake_render *r)
{
    const char *status = status_of(r);
    const char *type =
        status[0] == 'i' ? "response.incomplete" : "response.completed";

    close_item(r, r->content.count);
    start_event(r, type);
    fake_put(r, "\"response\":");
    put_response(r, status);
    put_rest(r);
    fake_put(r, "}");
    fake_record(r, type);
}

static void put_whole(struct fake_render *r)
{
    put_response(r, status_of(r));
    put_rest(r);
}

static void put_embeddings(struct fake_render *r)
{
    fake_openai.embed(r);
}

static void put_models(struct fake_render *r)
{
    fake_openai.models(r);
}

static void put_error(struct fake_bytes *out, const struct fake_cell *cell,
                      int64_t retry_after)
{
    fake_openai.error(out, cell, retry_after);
}

static const char *put_failure(struct fake_render *r,
                               const struct fake_cell *cell)
{
    start_event(r, "error");
    fake_putf(r, "\"code\":\"%s\",\"param\":null,\"message\":",
              cell->code ? cell->code : cell->type);
    fake_put_string(r, fake_str(cell->message));
    fake_put(r, "}");
    return "error";
}

const struct fake_wire fake_responses = {
    .name = "responses",
    .column = 0,
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
