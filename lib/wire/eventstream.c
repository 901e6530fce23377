/*
 * wire/eventstream.c - cut application/vnd.amazon.eventstream into records.
 *
 *     total length 4 | headers length 4 | CRC of these 8 | headers | payload
 *     | CRC of all before
 *
 * Numbers are big-endian; a header is a name with its length, a type, a value.
 * No length is believed before its checksum has been looked at.
 *
 * Source: Smithy 2.0, "Amazon Event Stream" specification.
 * Memory: one record cut over several reads.
 */
#include "eventstream.h"

#include "base/crypto.h"

enum {
    PRELUDE = 12,  /* lengths and their checksum */
    OVERHEAD = 16, /* and the checksum at the end */
    MAX_HEADERS = 128 * 1024,
    MAX_PAYLOAD = 24 * 1024 * 1024
};

/** The headers that say what a record is. */
struct labels {
    llmgw_str message; /* :message-type */
    llmgw_str event;   /* :event-type */
    llmgw_str exception;
    llmgw_str code; /* :error-code */
    llmgw_str text; /* :error-message */
};

static size_t take(struct llmgw__eventstream *stream, const char *data,
                   size_t len);
static void carry(struct llmgw__eventstream *stream, const char *data,
                  size_t len);
static size_t length_of(struct llmgw__eventstream *stream, const char *data,
                        size_t len);
static void hand_over(struct llmgw__eventstream *stream, const char *record,
                      size_t total);
static bool read_headers(llmgw_str headers, struct labels *labels);

void llmgw__eventstream_init(
    struct llmgw__eventstream *stream, size_t max_frame,
    llmgw_status (*fn)(void *userdata, const struct llmgw__frame *frame),
    void *userdata)
{
    stream->fn = fn;
    stream->userdata = userdata;
    stream->status = LLMGW_OK;
    stream->limit = max_frame;
    llmgw__buf_init(&stream->record, 0);
}

llmgw_status llmgw__eventstream_feed(struct llmgw__eventstream *stream,
                                     const char *data, size_t len)
{
    while (len > 0 && stream->status == LLMGW_OK) {
        size_t taken = take(stream, data, len);

        data += taken;
        len -= taken;
    }
    return stream->status;
}

llmgw_status llmgw__eventstream_end(struct llmgw__eventstream *stream)
{
    if (stream->status == LLMGW_OK && stream->record.len > 0)
        stream->status = LLMGW_E_INVALID;
    return stream->status;
}

void llmgw__eventstream_clear(struct llmgw__eventstream *stream)
{
    llmgw__buf_clear(&stream->record);
}

/** A record, or what there is of one. @return the bytes that were of it */
static size_t take(struct llmgw__eventstream *stream, const char *data,
                   size_t len)
{
    struct llmgw__buf *held = &stream->record;
    size_t total, had = held->len;

    if (had == 0) {
        total = length_of(stream, data, len);
        if (total == 0 || total > len)
            carry(stream, data, len);
        else
            hand_over(stream, data, total);
        return total == 0 || total > len ? len : total;
    }
    total = length_of(stream, held->data, had);
    if (total == 0) { /* up to the end of the lengths, then look again */
        size_t missing = PRELUDE - had;

        carry(stream, data, missing < len ? missing : len);
        return missing < len ? missing : len;
    }
    if (total - had > len) {
        carry(stream, data, len);
        return len;
    }
    carry(stream, data, total - had);
    if (stream->status == LLMGW_OK)
        hand_over(stream, held->data, total);
    llmgw__buf_reset(held);
    return total - had;
}

static void carry(struct llmgw__eventstream *stream, const char *data,
                  size_t len)
{
    if (stream->status != LLMGW_OK)
        return;
    llmgw__buf_add(&stream->record, data, len);
    stream->status = stream->record.status;
}

static uint32_t number(const char *at)
{
    const unsigned char *bytes = (const unsigned char *)at;

    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
           (uint32_t)bytes[2] << 8 | bytes[3];
}

static void give_up(struct llmgw__eventstream *stream)
{
    stream->status = LLMGW_E_INVALID;
    stream->broken = true;
}

/** Bytes of the record that begins here; 0: not known yet, or wrong. */
static size_t length_of(struct llmgw__eventstream *stream, const char *data,
                        size_t len)
{
    size_t total, headers;

    if (len < PRELUDE)
        return 0;
    total = number(data);
    headers = number(data + 4);
    if (llmgw__crc32(0, data, 8) != number(data + 8) || total < OVERHEAD ||
        headers > total - OVERHEAD)
        give_up(stream);
    else if (headers > MAX_HEADERS ||
             total - headers - OVERHEAD > MAX_PAYLOAD ||
             (stream->limit && total > stream->limit))
        stream->status = LLMGW_E_LIMIT;
    return stream->status == LLMGW_OK ? total : 0;
}

static void hand_over(struct llmgw__eventstream *stream, const char *record,
                      size_t total)
{
    size_t headers = number(record + 4);
    struct labels labels = {
        {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}, {NULL, 0}};
    struct llmgw__frame frame = {LLMGW__FRAME_EVENT, {NULL, 0}, {NULL, 0}};

    if (llmgw__crc32(0, record, total - 4) != number(record + total - 4) ||
        !read_headers(llmgw__str_n(record + PRELUDE, headers), &labels) ||
        labels.message.len == 0) {
        give_up(stream);
        return;
    }
    frame.event = labels.event;
    frame.data =
        llmgw__str_n(record + PRELUDE + headers, total - OVERHEAD - headers);
    if (llmgw__str_is(labels.message, "exception")) {
        frame.kind = LLMGW__FRAME_EXCEPTION;
        frame.event = labels.exception;
    } else if (llmgw__str_is(labels.message, "error")) {
        frame.kind = LLMGW__FRAME_FAULT;
        frame.event = labels.code;
        frame.data = labels.text;
    } else if (!llmgw__str_is(labels.message, "event")) {
        return; /* a kind of later times */
    }
    stream->status = stream->fn(stream->userdata, &frame);
}

/* --- headers --- */

/** Bytes of a value whose length its type gives; SIZE_MAX: no such type. */
static size_t fixed_size(unsigned char type)
{
    static const unsigned char sizes[] = {0, 0, 1, 2, 4, 8, 0, 0, 8, 16};

    return type < sizeof sizes ? sizes[type] : SIZE_MAX;
}

/** The value that begins a text; the text begins behind it afterwards.
 *  @return false: it is cut short, or of no known type */
static bool read_value(llmgw_str *rest, llmgw_str *value)
{
    unsigned char type;
    size_t size;

    if (rest->len < 1)
        return false;
    type = (unsigned char)rest->data[0];
    *rest = llmgw__str_n(rest->data + 1, rest->len - 1);
    size = fixed_size(type);
    if (type == 6 || type == 7) {
        if (rest->len < 2)
            return false;
        size = (size_t)(unsigned char)rest->data[0] << 8 |
               (unsigned char)rest->data[1];
        *rest = llmgw__str_n(rest->data + 2, rest->len - 2);
    }
    if (size > rest->len)
        return false;
    *value = type == 7 ? llmgw__str_n(rest->data, size) : llmgw__str(NULL);
    *rest = llmgw__str_n(rest->data + size, rest->len - size);
    return true;
}

static void label(struct labels *labels, llmgw_str name, llmgw_str value)
{
    if (llmgw__str_is(name, ":message-type"))
        labels->message = value;
    else if (llmgw__str_is(name, ":event-type"))
        labels->event = value;
    else if (llmgw__str_is(name, ":exception-type"))
        labels->exception = value;
    else if (llmgw__str_is(name, ":error-code"))
        labels->code = value;
    else if (llmgw__str_is(name, ":error-message"))
        labels->text = value;
}

static bool read_headers(llmgw_str headers, struct labels *labels)
{
    while (headers.len > 0) {
        size_t size = (unsigned char)headers.data[0];
        llmgw_str name, value;

        if (size == 0 || size >= headers.len)
            return false;
        name = llmgw__str_n(headers.data + 1, size);
        headers = llmgw__str_n(headers.data + 1 + size, headers.len - 1 - size);
        if (!read_value(&headers, &value))
            return false;
        label(labels, name, value);
    }
    return true;
}
