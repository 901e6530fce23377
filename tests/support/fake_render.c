/*
 * support/fake_render.c - turns content into a body, as the scenario wants.
 *
 * Streams are cut by not saying more; every record that was said is whole,
 * unless the scenario counts bytes.
 */
#include "support/fake_render.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char garbage[] = "{\"broken\":[{\"delta\":{\"content\":\"oops";

static int is_refused(const struct fake_render *r);
static int at_blank_line(const struct fake_render *r);
static void render_fixed(struct fake_render *r, const char *type,
                         const char *text);
static void render_error(struct fake_render *r, const struct fake_error *error);
static void render_stream(struct fake_render *r);
static int render_pieces(struct fake_render *r);
static void render_interruption(struct fake_render *r);
static const struct fake_cell *cell_of(const struct fake_render *r);
static void put_error(struct fake_render *r);
static void render_whole(struct fake_render *r);
static void count_tokens(struct fake_render *r);
static void cut_at_byte(struct fake_render *r);
static void cut_body(struct fake_render *r, size_t len);
static void settle_ending(struct fake_render *r);

void fake_render_run(struct fake_render *r)
{
    const struct fake_scenario *s = r->scenario;
    const struct fake_query *q = r->query;

    r->open_block = FAKE_UNSET;
    r->status = s->status == FAKE_UNSET ? 200 : (int)s->status;
    if (s->error && s->ending != FAKE_ERROR)
        render_error(r, s->error);
    else if (s->html)
        render_fixed(r, "text/html", "<html><body>Welcome</body></html>\n");
    else if (s->empty)
        render_fixed(r, "application/json", "");
    else if (r->status >= 400)
        render_error(r, fake_error_of_status(r->status));
    else if (q->endpoint == FAKE_UNKNOWN)
        render_error(r, fake_error_named("model_not_found"));
    else if (q->endpoint != FAKE_MODELS &&
             (q->root.len == 0 || q->root.data[0] != '{'))
        render_error(r, fake_error_named("invalid_request"));
    else if (is_refused(r))
        render_error(r, fake_error_named("prefill"));
    else if (q->stream)
        render_stream(r);
    else
        render_whole(r);
    if (s->ending_at != FAKE_UNSET)
        cut_at_byte(r);
}

void fake_render_literal(struct fake_render *r,
                         const struct fake_script *script)
{
    const struct fake_scenario *s = r->scenario;
    llmgw_str headers = fake_bytes_view(&script->headers);
    llmgw_str type = fake_http_header(headers, "content-type");
    int64_t limit = s->ending_after;

    r->status = (int)s->status;
    r->type = "application/json";
    r->chunked = s->chunked || fake_str_has(type, "event-stream");
    r->told = script->body.len;
    r->tokens_in = s->usage_in == FAKE_UNSET ? 0 : (uint64_t)s->usage_in;
    for (size_t i = 0; i < script->body.len && r->ending == FAKE_FINISH; i++) {
        if (limit != FAKE_UNSET && (int64_t)r->events.count >= limit) {
            settle_ending(r);
            break;
        }
        fake_bytes_add(&r->body, script->body.data + i, 1);
        if (i + 1 == script->body.len || (r->chunked && at_blank_line(r)))
            fake_marks_add(&r->events, r->body.len, 0);
    }
    if (r->events.count > 0 && s->usage_out != FAKE_UNSET)
        r->events.list[r->events.count - 1].tokens = (uint64_t)s->usage_out;
    if (s->ending_at != FAKE_UNSET)
        cut_at_byte(r);
}

/* Some end their last turn with white space; this wire has never let them. */
static int is_refused(const struct fake_render *r)
{
    const struct fake_bytes *begun = &r->query->begun;

    return r->query->prefilled &&
           (r->scenario->reject_prefill ||
            (r->query->wire == &fake_anthropic && begun->len > 0 &&
             strchr(" \t\r\n", begun->data[begun->len - 1])));
}

static int at_blank_line(const struct fake_render *r)
{
    const char *end = r->body.data + r->body.len;

    return (r->body.len >= 2 && memcmp(end - 2, "\n\n", 2) == 0) ||
           (r->body.len >= 4 && memcmp(end - 4, "\r\n\r\n", 4) == 0);
}

static void render_fixed(struct fake_render *r, const char *type,
                         const char *text)
{
    r->type = type;
    fake_bytes_text(&r->body, text);
    r->told = r->body.len;
    fake_marks_add(&r->events, r->body.len, 0);
}

static void render_error(struct fake_render *r, const struct fake_error *error)
{
    const struct fake_wire *wire = r->query->wire;
    const struct fake_cell *cell = &error->cells[wire->column];

    r->status = cell->status;
    if (r->scenario->status != FAKE_UNSET)
        r->status = (int)r->scenario->status;
    r->header = wire->error_header ? cell->type : NULL;
    wire->error(&r->body, cell, r->scenario->retry_after);
    render_fixed(r, "application/json", "");
}

static void count_tokens(struct fake_render *r)
{
    const struct fake_scenario *s = r->scenario;
    llmgw_str prompt = fake_bytes_view(&r->query->prompt);

    r->tokens_in = 7;
    for (size_t i = 0; i < prompt.len; i++)
        r->tokens_in += prompt.data[i] == ' ' || i == 0;
    r->tokens_out = r->content.count;
    if (s->usage_in != FAKE_UNSET) {
        r->tokens_in = (uint64_t)s->usage_in;
        r->tokens_out = (uint64_t)s->usage_out;
    }
}

static void render_stream(struct fake_render *r)
{
    const struct fake_wire *wire = r->query->wire;

    count_tokens(r);
    r->array = wire->framing == FAKE_EVENTS && r->scenario->array;
    if (wire == &fake_gemini && !r->query->sse)
        r->array = 1;
    r->type = fake_stream_type(r);
    r->chunked = 1;
    if (r->scenario->done_only) {
        wire->done(r);
        r->tokens_out = 0;
    } else {
        wire->open(r);
        fake_end_event(r);
        if (!render_pieces(r))
            return;
        wire->close(r);
    }
    if (r->array)
        fake_bytes_text(&r->body, "]");
    fake_marks_add(&r->events, r->body.len, r->tokens_out);
}

/* @return 0 when the scenario broke it off */
static int render_pieces(struct fake_render *r)
{
    const struct fake_scenario *s = r->scenario;
    int64_t chunks = 0;

    for (;; chunks++) {
        if (s->ending_after == chunks) {
            render_interruption(r);
            return 0;
        }
        if (s->garbage_after == chunks) {
            fake_put(r, garbage);
            fake_record(r, NULL);
            fake_end_event(r);
        }
        if (r->said == r->content.count)
            return 1;
        if (s->comments)
            fake_comment(r);
        r->said += r->query->wire->piece(r, r->said);
        fake_end_event(r);
    }
}

static void render_interruption(struct fake_render *r)
{
    if (r->scenario->ending == FAKE_ERROR) {
        const struct fake_wire *wire = r->query->wire;
        const char *event = wire->error_event;

        if (wire->fail)
            event = wire->fail(r, cell_of(r));
        else
            put_error(r);
        fake_record(r, event);
        fake_end_event(r);
    }
    settle_ending(r);
}

static const struct fake_cell *cell_of(const struct fake_render *r)
{
    const struct fake_error *error = r->scenario->error;

    if (!error)
        error = fake_error_named("overloaded");
    return &error->cells[r->query->wire->column];
}

static void put_error(struct fake_render *r)
{
    r->query->wire->error(&r->json, cell_of(r), FAKE_UNSET);
}

static void render_whole(struct fake_render *r)
{
    const struct fake_scenario *s = r->scenario;
    const struct fake_query *q = r->query;

    r->type = "application/json";
    if (q->endpoint == FAKE_CHAT || q->endpoint == FAKE_EMBED)
        count_tokens(r);
    if (q->endpoint == FAKE_MODELS)
        q->wire->models(r);
    else if (s->garbage_after != FAKE_UNSET)
        fake_put(r, garbage);
    else if (s->ending == FAKE_ERROR)
        put_error(r);
    else if (q->endpoint == FAKE_EMBED)
        q->wire->embed(r);
    else
        q->wire->whole(r);
    if (q->endpoint == FAKE_EMBED)
        r->tokens_out = 0;
    fake_bytes_add(&r->body, r->json.data, r->json.len);
    r->told = r->body.len;
    fake_marks_add(&r->events, r->body.len, r->tokens_out);
    if (s->ending_after != FAKE_UNSET && s->ending != FAKE_ERROR) {
        cut_body(r, s->ending_after > 0 ? r->body.len / 2 : 0);
        settle_ending(r);
    }
}

static void cut_at_byte(struct fake_render *r)
{
    if ((uint64_t)r->scenario->ending_at >= r->body.len)
        return;
    cut_body(r, (size_t)r->scenario->ending_at);
    settle_ending(r);
}

static void cut_body(struct fake_render *r, size_t len)
{
    uint64_t tokens = 0;
    size_t i = 0;

    while (i < r->events.count && r->events.list[i].end <= len)
        tokens = r->events.list[i++].tokens;
    if (!r->chunked && len > 0 && r->events.count > 0)
        tokens = r->events.list[0].tokens; /* all of it was made */
    r->events.count = i;
    if (len > 0 && (i == 0 || r->events.list[i - 1].end < len))
        fake_marks_add(&r->events, len, tokens);
    r->body.len = len;
}

static void settle_ending(struct fake_render *r)
{
    r->ending = r->scenario->ending;
    if (r->ending == FAKE_END || r->ending == FAKE_ERROR) {
        r->ending = FAKE_FINISH;
        r->told = r->body.len;
    }
}

void fake_end_event(struct fake_render *r)
{
    uint64_t tokens = r->said < r->tokens_out ? r->said : r->tokens_out;
    size_t last = r->events.count;

    if (r->body.len > (last ? r->events.list[last - 1].end : 0))
        fake_marks_add(&r->events, r->body.len, tokens);
}

void fake_put(struct fake_render *r, const char *json)
{
    fake_bytes_text(&r->json, json);
}

void fake_putf(struct fake_render *r, const char *format, ...)
{
    char text[2048];
    va_list args;

    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fake_put(r, text);
}

void fake_put_string(struct fake_render *r, llmgw_str text)
{
    fake_bytes_json(&r->json, text, r->scenario->ascii);
}

void fake_put_piece(struct fake_render *r, size_t i)
{
    fake_put_string(r, fake_piece_text(&r->content, i));
}

llmgw_str fake_call_name(const struct fake_render *r, size_t tool)
{
    return fake_bytes_view(&r->query->tools[tool % r->query->tool_count]);
}

const char *fake_finish(const struct fake_render *r, const char *const names[4])
{
    static const char *const known[3] = {"stop", "length", "content_filter"};

    for (size_t i = 0; r->scenario->finish && i < 3; i++)
        if (strcmp(known[i], r->scenario->finish) == 0)
            return names[i];
    return names[r->content.tool_count > 0 ? 3 : 0];
}

float fake_input_number(llmgw_str input, float otherwise)
{
    const char *mark = input.len ? memchr(input.data, '#', input.len) : NULL;
    float number = 0;

    if (!mark)
        return otherwise;
    while (++mark < input.data + input.len && *mark >= '0' && *mark <= '9')
        number = number * 10 + (float)(*mark - '0');
    return number;
}
