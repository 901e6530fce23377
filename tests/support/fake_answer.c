/*
 * support/fake_answer.c - an answer as the bytes that go out, write by write.
 *
 * Each write is one HTTP chunk where the body is chunked, so a client sees
 * the cuts even when the kernel joins the segments.
 * Memory: head, body and framing once for all equal requests in a row.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/fake_render.h"

static void add_head(struct fake_answer *answer, const struct fake_render *r,
                     const struct fake_script *script);
static void add_body(struct fake_answer *answer, const struct fake_render *r);
static void add_write(struct fake_answer *answer, const struct fake_render *r,
                      size_t from, size_t end);
static size_t ended_by(const struct fake_marks *events, size_t end);
static size_t next_cut(const struct fake_render *r, size_t from,
                       uint64_t *random);
static void set_pace(struct fake_answer *answer, const struct fake_render *r);

struct fake_answer *fake_answer_make(const struct fake_script *script,
                                     const struct fake_message *message)
{
    struct fake_answer *answer = fake_alloc(sizeof *answer);
    struct fake_query query;
    struct fake_render r;

    fake_query_read(&query, message);
    memset(&r, 0, sizeof r);
    if (script->scenario.wire)
        query.wire = script->scenario.wire;
    r.scenario = &script->scenario;
    r.query = &query;
    fake_content_make(&r.content, r.scenario, &query);
    if (script->literal)
        fake_render_literal(&r, script);
    else
        fake_render_run(&r);
    r.chunked |= r.scenario->chunked;
    if (r.scenario->content_length != FAKE_UNSET) {
        r.chunked = 0;
        r.told = (size_t)r.scenario->content_length;
        if (r.told != r.body.len && r.ending == FAKE_FINISH)
            r.ending = FAKE_DROP;
    }
    set_pace(answer, &r);
    if (!r.scenario->before) {
        add_head(answer, &r, script);
        add_body(answer, &r);
    }
    answer->refs = 1;
    answer->text = r.content.text; /* handed over */
    memset(&r.content.text, 0, sizeof r.content.text);
    fake_bytes_free(&r.body);
    fake_bytes_free(&r.json);
    free(r.events.list);
    fake_content_clear(&r.content);
    fake_query_clear(&query);
    return answer;
}

struct fake_answer *fake_answer_json(int status, llmgw_str body)
{
    struct fake_answer *answer = fake_alloc(sizeof *answer);

    answer->refs = 1;
    answer->status = status;
    answer->close = status >= 400;
    fake_bytes_format(&answer->wire,
                      "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      status, status < 400 ? "OK" : "Error", body.len);
    fake_bytes_add(&answer->wire, body.data, body.len);
    fake_marks_add(&answer->marks, answer->wire.len, 0);
    return answer;
}

void fake_answer_release(struct fake_answer *answer)
{
    if (!answer || --answer->refs > 0)
        return;
    fake_bytes_free(&answer->wire);
    fake_bytes_free(&answer->text);
    free(answer->marks.list);
    free(answer);
}

/* a mark where nothing was added only raises the tokens */
void fake_marks_add(struct fake_marks *marks, size_t end, uint64_t tokens)
{
    size_t last = marks->count > 0 ? marks->list[marks->count - 1].end : 0;

    if (end == last) {
        if (marks->count > 0)
            marks->list[marks->count - 1].tokens = tokens;
        return;
    }
    if (marks->count == marks->cap) {
        marks->cap = marks->cap * 2 + 8;
        marks->list = fake_grow(marks->list, marks->cap * sizeof *marks->list);
    }
    marks->list[marks->count].end = end;
    marks->list[marks->count++].tokens = tokens;
}

static void set_pace(struct fake_answer *answer, const struct fake_render *r)
{
    const struct fake_scenario *s = r->scenario;

    answer->status = s->before ? 0 : r->status;
    answer->close = s->close;
    answer->ending = s->before ? s->ending : r->ending;
    answer->tokens_in = s->before ? 0 : r->tokens_in;
    answer->by_mark = s->cut != FAKE_UNSET;
    if (s->delay_us > 0)
        answer->delay_ns = (uint64_t)s->delay_us * 1000u;
    if (s->first_delay_ms > 0)
        answer->first_delay_ns = (uint64_t)s->first_delay_ms * 1000000u;
    if (s->content_delay_ms > 0)
        answer->content_delay_ns = (uint64_t)s->content_delay_ms * 1000000u;
}

static void add_head(struct fake_answer *answer, const struct fake_render *r,
                     const struct fake_script *script)
{
    struct fake_bytes *wire = &answer->wire;
    llmgw_str given = fake_bytes_view(&script->headers);

    fake_bytes_format(wire, "HTTP/1.1 %d %s\r\n", r->status,
                      r->status < 400 ? "OK" : "Error");
    if (!fake_http_header(given, "content-type").data)
        fake_bytes_format(wire, "Content-Type: %s\r\n", r->type);
    fake_bytes_format(wire, "X-Request-Id: req_%016llx\r\n",
                      (unsigned long long)r->query->hash);
    if (r->scenario->retry_after != FAKE_UNSET &&
        r->query->wire != &fake_gemini)
        fake_bytes_format(wire, "Retry-After: %lld\r\n",
                          (long long)r->scenario->retry_after);
    if (r->header)
        fake_bytes_format(wire, "%s: %s\r\n", r->query->wire->error_header,
                          r->header);
    if (r->scenario->close)
        fake_bytes_text(wire, "Connection: close\r\n");
    fake_bytes_add(wire, given.data, given.len);
    if (r->chunked)
        fake_bytes_text(wire, "Transfer-Encoding: chunked\r\n\r\n");
    else
        fake_bytes_format(wire, "Content-Length: %zu\r\n\r\n", r->told);
    if (answer->content_delay_ns > 0)
        fake_marks_add(&answer->marks, wire->len, 0);
}

static void add_body(struct fake_answer *answer, const struct fake_render *r)
{
    uint64_t random = 88172645463325252u + (uint64_t)r->scenario->cut_seed;
    size_t from = 0;

    while (from < r->body.len) {
        size_t end = next_cut(r, from, &random);

        add_write(answer, r, from, end);
        from = end;
    }
    if (r->chunked && answer->ending == FAKE_FINISH)
        fake_bytes_text(&answer->wire, "0\r\n\r\n");
    if (answer->marks.count > 0 && from > 0)
        answer->marks.list[answer->marks.count - 1].end = answer->wire.len;
    else
        fake_marks_add(&answer->marks, answer->wire.len, 0);
}

static void add_write(struct fake_answer *answer, const struct fake_render *r,
                      size_t from, size_t end)
{
    size_t whole = ended_by(&r->events, end);
    uint64_t tokens = whole > 0 ? r->events.list[whole - 1].tokens : 0;

    if (r->chunked)
        fake_bytes_format(&answer->wire, "%zx\r\n", end - from);
    fake_bytes_add(&answer->wire, r->body.data + from, end - from);
    if (r->chunked)
        fake_bytes_text(&answer->wire, "\r\n");
    fake_marks_add(&answer->marks, answer->wire.len, tokens);
}

/* how many events end at this byte or before it */
static size_t ended_by(const struct fake_marks *events, size_t end)
{
    size_t low = 0;
    size_t high = events->count;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (events->list[middle].end <= end)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t next_cut(const struct fake_render *r, size_t from,
                       uint64_t *random)
{
    const struct fake_scenario *s = r->scenario;
    size_t step = s->cut > 0 ? (size_t)s->cut : 0;

    if (s->cut == FAKE_UNSET)
        return r->events.list[ended_by(&r->events, from)].end;
    if (step == 0) { /* xorshift64 */
        *random ^= *random << 13;
        *random ^= *random >> 7;
        *random ^= *random << 17;
        step = 1 + (size_t)(*random % 32);
    }
    return step < r->body.len - from ? from + step : r->body.len;
}
