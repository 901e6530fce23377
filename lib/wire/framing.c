/*
 * wire/framing.c - cut the bytes of an answer into frames.
 *
 * The first byte that is not blank outweighs the content type: errors come as
 * JSON labelled text/event-stream, streams come without any label, and some
 * services send lines of blanks until the document is ready:
 *
 *     first bytes              said: event-stream   json       other, none
 *     [                        document             document   document
 *     {                        document or, where lines of JSON are expected
 *                              and not denied by "json": lines
 *     <                        other                other      other
 *     data: event: id:
 *     retry: :                 SSE                  SSE        SSE
 *     anything else            SSE                  document   other
 *
 * What is said to be vnd.amazon.eventstream is that, where it begins with none
 * of the first three. A byte order mark and leading white space belong to none
 * of them. Frames of a stream that hold nothing but blanks are dropped: some
 * send empty events to keep the connection open.
 * Memory: one frame (see sse.c, ndjson.c, eventstream.c), or max_body bytes.
 */
#include "framing.h"

#include <string.h>

static const char *const mark = "\xEF\xBB\xBF"; /* byte order mark */

static bool says(llmgw_str type, const char *word);
static size_t lead(llmgw_str text);
static bool is_blank(char c);
static enum llmgw__framing_kind kind_of(const struct llmgw__framing *framing,
                                        llmgw_str text);
static enum llmgw__framing_kind sniff_field(llmgw_str text);
static bool is_part(llmgw_str text, const char *whole);
static void feed_undecided(struct llmgw__framing *framing, llmgw_str text);
static void feed_held(struct llmgw__framing *framing, llmgw_str text);
static void settle_on(struct llmgw__framing *framing,
                      enum llmgw__framing_kind kind);
static void feed_decided(struct llmgw__framing *framing, llmgw_str text);
static void collect(struct llmgw__framing *framing, llmgw_str text);
static llmgw_status hand_over(void *userdata, const struct llmgw__frame *frame);
static void end_document(struct llmgw__framing *framing);

void llmgw__framing_init(struct llmgw__framing *framing,
                         const struct llmgw__framing_setup *setup)
{
    llmgw_str type = setup->content_type;

    memset(framing, 0, sizeof *framing);
    framing->kind = LLMGW__FRAMING_UNDECIDED;
    framing->says_sse = says(type, "event-stream");
    framing->says_binary = says(type, "vnd.amazon.eventstream");
    framing->ndjson_expected =
        says(type, "ndjson") || says(type, "jsonl") ||
        says(type, "stream+json") ||
        (setup->ndjson && !says(type, "application/json"));
    framing->says_json = says(type, "json");
    framing->fn = setup->fn;
    framing->userdata = setup->userdata;
    framing->max_frame = setup->max_frame;
    llmgw__buf_init(&framing->body, setup->max_body);
}

llmgw_status llmgw__framing_feed(struct llmgw__framing *framing,
                                 const char *data, size_t len)
{
    llmgw_str text = llmgw__str_n(data, len);

    if (framing->status != LLMGW_OK || len == 0)
        return framing->status;
    if (framing->kind == LLMGW__FRAMING_UNDECIDED)
        feed_undecided(framing, text);
    else
        feed_decided(framing, text);
    return framing->status;
}

llmgw_status llmgw__framing_end(struct llmgw__framing *framing)
{
    if (framing->status != LLMGW_OK)
        return framing->status;
    switch (framing->kind) {
    case LLMGW__FRAMING_UNDECIDED: /* nothing came, or less than a name */
        if (framing->body.len > 0)
            framing->kind = LLMGW__FRAMING_OTHER;
        break;
    case LLMGW__FRAMING_SSE:
        framing->status = llmgw__sse_end(&framing->cut.sse);
        if (framing->status == LLMGW_OK)
            collect(framing, llmgw__buf_str(&framing->cut.sse.tail));
        break;
    case LLMGW__FRAMING_NDJSON:
        framing->status = llmgw__ndjson_end(&framing->cut.ndjson);
        break;
    case LLMGW__FRAMING_EVENTSTREAM:
        framing->status = llmgw__eventstream_end(&framing->cut.eventstream);
        break;
    case LLMGW__FRAMING_DOCUMENT:
        end_document(framing);
        break;
    case LLMGW__FRAMING_OTHER:
        break;
    }
    return framing->status;
}

llmgw_str llmgw__framing_body(const struct llmgw__framing *framing)
{
    return llmgw__buf_str(&framing->body);
}

void llmgw__framing_clear(struct llmgw__framing *framing)
{
    if (framing->kind == LLMGW__FRAMING_SSE)
        llmgw__sse_clear(&framing->cut.sse);
    else if (framing->kind == LLMGW__FRAMING_NDJSON)
        llmgw__ndjson_clear(&framing->cut.ndjson);
    else if (framing->kind == LLMGW__FRAMING_EVENTSTREAM)
        llmgw__eventstream_clear(&framing->cut.eventstream);
    llmgw__buf_clear(&framing->body);
}

static bool says(llmgw_str type, const char *word)
{
    return llmgw__str_find_nocase(type, llmgw__str(word)) != SIZE_MAX;
}

/* The bytes before the first that counts: white space, byte order marks. */
static size_t lead(llmgw_str text)
{
    size_t at = 0;

    while (at < text.len) {
        if (is_blank(text.data[at]))
            at++;
        else if (text.len - at >= 3 && !memcmp(text.data + at, mark, 3))
            at += 3;
        else
            break;
    }
    return at;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* text is not empty and begins with what counts. */
static enum llmgw__framing_kind kind_of(const struct llmgw__framing *framing,
                                        llmgw_str text)
{
    enum llmgw__framing_kind kind;

    if (text.data[0] == '[')
        return LLMGW__FRAMING_DOCUMENT;
    if (text.data[0] == '{')
        return framing->ndjson_expected ? LLMGW__FRAMING_NDJSON
                                        : LLMGW__FRAMING_DOCUMENT;
    if (text.data[0] == '<')
        return LLMGW__FRAMING_OTHER;
    if (framing->says_binary)
        return LLMGW__FRAMING_EVENTSTREAM;
    if (is_part(text, mark))
        return LLMGW__FRAMING_UNDECIDED;
    if (framing->says_sse)
        return LLMGW__FRAMING_SSE;
    kind = sniff_field(text);
    if (kind == LLMGW__FRAMING_OTHER && framing->says_json)
        return LLMGW__FRAMING_DOCUMENT;
    return kind;
}

/* One letter is not enough here: "error code: 1020" is no event stream. */
static enum llmgw__framing_kind sniff_field(llmgw_str text)
{
    static const char *const fields[] = {":",
                                         "data:", "event:", "id:", "retry:"};

    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (llmgw__str_starts(text, fields[i]))
            return LLMGW__FRAMING_SSE;
        if (is_part(text, fields[i]))
            return LLMGW__FRAMING_UNDECIDED;
    }
    return LLMGW__FRAMING_OTHER;
}

static bool is_part(llmgw_str text, const char *whole)
{
    return text.len < strlen(whole) && !memcmp(text.data, whole, text.len);
}

/* What decides may be cut: the few bytes that do not yet are held in the
 * body, which is empty otherwise. */
static void feed_undecided(struct llmgw__framing *framing, llmgw_str text)
{
    enum llmgw__framing_kind kind;
    size_t skip = lead(text);

    if (framing->body.len > 0) {
        feed_held(framing, text);
        return;
    }
    text = llmgw__str_n(text.data + skip, text.len - skip);
    if (text.len == 0)
        return;
    kind = kind_of(framing, text);
    if (kind == LLMGW__FRAMING_UNDECIDED) {
        collect(framing, text);
        return;
    }
    settle_on(framing, kind);
    feed_decided(framing, text);
}

static void feed_held(struct llmgw__framing *framing, llmgw_str text)
{
    enum llmgw__framing_kind kind = LLMGW__FRAMING_UNDECIDED;
    struct llmgw__buf *held = &framing->body;

    while (kind == LLMGW__FRAMING_UNDECIDED && text.len > 0) {
        collect(framing, llmgw__str_n(text.data, 1));
        if (framing->status != LLMGW_OK)
            return;
        text = llmgw__str_n(text.data + 1, text.len - 1);
        if (lead(llmgw__buf_str(held)) == held->len) {
            llmgw__buf_reset(held); /* the mark is whole: no part of it all */
            feed_undecided(framing, text);
            return;
        }
        kind = kind_of(framing, llmgw__buf_str(held));
    }
    if (kind == LLMGW__FRAMING_UNDECIDED)
        return;
    settle_on(framing, kind);
    if (kind == LLMGW__FRAMING_SSE || kind == LLMGW__FRAMING_NDJSON) {
        feed_decided(framing, llmgw__buf_str(held));
        llmgw__buf_reset(held);
    }
    feed_decided(framing, text);
}

static void settle_on(struct llmgw__framing *framing,
                      enum llmgw__framing_kind kind)
{
    framing->kind = kind;
    if (kind == LLMGW__FRAMING_SSE)
        llmgw__sse_init(&framing->cut.sse, framing->max_frame, hand_over,
                        framing);
    else if (kind == LLMGW__FRAMING_NDJSON)
        llmgw__ndjson_init(&framing->cut.ndjson, framing->max_frame,
                           framing->fn, framing->userdata);
    else if (kind == LLMGW__FRAMING_EVENTSTREAM)
        llmgw__eventstream_init(&framing->cut.eventstream, framing->max_frame,
                                framing->fn, framing->userdata);
}

static void feed_decided(struct llmgw__framing *framing, llmgw_str text)
{
    if (framing->status != LLMGW_OK || text.len == 0)
        return;
    if (framing->kind == LLMGW__FRAMING_SSE)
        framing->status =
            llmgw__sse_feed(&framing->cut.sse, text.data, text.len);
    else if (framing->kind == LLMGW__FRAMING_NDJSON)
        framing->status =
            llmgw__ndjson_feed(&framing->cut.ndjson, text.data, text.len);
    else if (framing->kind == LLMGW__FRAMING_EVENTSTREAM)
        framing->status = llmgw__eventstream_feed(&framing->cut.eventstream,
                                                  text.data, text.len);
    else
        collect(framing, text);
}

static void collect(struct llmgw__framing *framing, llmgw_str text)
{
    llmgw__buf_add_str(&framing->body, text);
    framing->status = framing->body.status;
}

/* Between the event parser and the owner. */
static llmgw_status hand_over(void *userdata, const struct llmgw__frame *frame)
{
    struct llmgw__framing *framing = userdata;

    if (frame->data.len == 0 ||
        (is_blank(frame->data.data[0]) && lead(frame->data) == frame->data.len))
        return LLMGW_OK;
    return framing->fn(framing->userdata, frame);
}

static void end_document(struct llmgw__framing *framing)
{
    struct llmgw__frame frame = {LLMGW__FRAME_DOCUMENT, {NULL, 0}, {NULL, 0}};

    frame.data = llmgw__str_trim(llmgw__buf_str(&framing->body));
    framing->status = framing->fn(framing->userdata, &frame);
}
