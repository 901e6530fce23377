/*
 * support/fake_record.c - what is said becomes records of a stream: events,
 * lines, frames or the items of one array.
 */
#include <string.h>

#include "base/crypto.h"
#include "support/fake_render.h"

static void end_line(struct fake_render *r, size_t count);
static void add_event(struct fake_render *r, const char *event);
static void add_frame(struct fake_render *r, const char *event);
static void add_number(struct fake_bytes *out, size_t number, int bytes);
static void add_crc(struct fake_bytes *out, size_t from);
static void add_header(struct fake_bytes *out, const char *name,
                       const char *value);

static const struct fake_wire *const wires[] = {
    &fake_openai,  &fake_anthropic, &fake_gemini, &fake_responses,
    &fake_bedrock, &fake_cohere,    &fake_ollama,
};

const struct fake_wire *fake_wire_named(const char *name)
{
    for (size_t i = 0; i < sizeof wires / sizeof *wires; i++)
        if (strcmp(wires[i]->name, name) == 0)
            return wires[i];
    return NULL;
}

const char *fake_stream_type(const struct fake_render *r)
{
    static const char *const types[] = {
        [FAKE_EVENTS] = "text/event-stream",
        [FAKE_LINES] = "application/x-ndjson",
        [FAKE_FRAMES] = "application/vnd.amazon.eventstream",
    };

    return r->array ? "application/json" : types[r->query->wire->framing];
}

void fake_record(struct fake_render *r, const char *event)
{
    const struct fake_wire *wire = r->query->wire;

    if (r->array)
        fake_bytes_text(&r->body, r->records > 0 ? ",\r\n" : "[");
    if (!r->array && wire->framing == FAKE_EVENTS)
        add_event(r, event);
    else if (!r->array && wire->framing == FAKE_FRAMES)
        add_frame(r, event ? event : wire->event);
    else
        fake_bytes_add(&r->body, r->json.data, r->json.len);
    if (wire->framing == FAKE_LINES)
        end_line(r, 1);
    r->records++;
    r->json.len = 0;
}

void fake_comment(struct fake_render *r)
{
    if (r->array || r->query->wire->framing != FAKE_EVENTS)
        return;
    fake_bytes_text(&r->body, ": keep-alive");
    end_line(r, 2);
}

static void add_event(struct fake_render *r, const char *event)
{
    if (event) {
        fake_bytes_format(&r->body, "event: %s", event);
        end_line(r, 1);
    }
    fake_bytes_text(&r->body, "data: ");
    fake_bytes_add(&r->body, r->json.data, r->json.len);
    end_line(r, 2);
}

static void end_line(struct fake_render *r, size_t count)
{
    int crlf = r->scenario->crlf || (r->query->wire->crlf && !r->scenario->lf);

    while (count-- > 0)
        fake_bytes_text(&r->body, crlf ? "\r\n" : "\n");
}

/* an event, or an exception: those are called that */
static void add_frame(struct fake_render *r, const char *event)
{
    int exception = strstr(event, "Exception") != NULL;
    struct fake_bytes headers = {NULL, 0, 0};
    size_t start = r->body.len;

    add_header(&headers, exception ? ":exception-type" : ":event-type", event);
    add_header(&headers, ":content-type", "application/json");
    add_header(&headers, ":message-type", exception ? "exception" : "event");
    add_number(&r->body, headers.len + r->json.len + 16, 4);
    add_number(&r->body, headers.len, 4);
    add_crc(&r->body, start);
    fake_bytes_add(&r->body, headers.data, headers.len);
    fake_bytes_add(&r->body, r->json.data, r->json.len);
    add_crc(&r->body, start);
    fake_bytes_free(&headers);
}

static void add_number(struct fake_bytes *out, size_t number, int bytes)
{
    while (bytes-- > 0) {
        char byte = (char)(number >> (8 * bytes) & 0xff);

        fake_bytes_add(out, &byte, 1);
    }
}

static void add_crc(struct fake_bytes *out, size_t from)
{
    add_number(out, llmgw__crc32(0, out->data + from, out->len - from), 4);
}

static void add_header(struct fake_bytes *out, const char *name,
                       const char *value)
{
    add_number(out, strlen(name), 1);
    fake_bytes_text(out, name);
    add_number(out, 7, 1);
    add_number(out, strlen(value), 2);
    fake_bytes_text(out, value);
}
