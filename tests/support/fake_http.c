/*
 * support/fake_http.c - reads requests of HTTP/1.1.
 *
 * Source: RFC 9112. Memory: views into the input; a chunked body is copied.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "support/fake_internal.h"

static llmgw_str head_of(llmgw_str input);
static int read_head(llmgw_str head, struct fake_message *message);
static llmgw_str take_word(llmgw_str *line);
static int read_chunks(llmgw_str data, struct fake_message *message);
static int header_has(llmgw_str headers, const char *name, const char *value);

int fake_http_parse(llmgw_str input, struct fake_message *message)
{
    llmgw_str head = head_of(input);
    llmgw_str length;

    memset(message, 0, sizeof *message);
    if (head.len == 0)
        return input.len > (256u << 10) ? -1 : 0;
    if (!read_head(head, message))
        return -1;
    message->close = header_has(message->headers, "connection", "close");
    input.data += head.len;
    input.len -= head.len;
    message->used = head.len;
    if (header_has(message->headers, "transfer-encoding", "chunked"))
        return read_chunks(input, message);
    length = fake_http_header(message->headers, "content-length");
    message->body.data = input.data;
    message->body.len = length.data ? strtoul(length.data, NULL, 10) : 0;
    if (message->body.len > input.len)
        return 0;
    message->used += message->body.len;
    return 1;
}

int fake_http_expects(llmgw_str input)
{
    llmgw_str head = head_of(input);

    return head.len > 0 && head.len == input.len &&
           header_has(head, "expect", "100-continue");
}

/* the value is followed by CR, so numbers in it can be read as they stand */
llmgw_str fake_http_header(llmgw_str headers, const char *name)
{
    const char *line = headers.data;
    const char *end = headers.data ? headers.data + headers.len : NULL;
    llmgw_str value = {NULL, 0};
    size_t len = strlen(name);

    while (line < end) {
        const char *eol = memchr(line, '\r', (size_t)(end - line));

        if (!eol)
            break;
        if ((size_t)(eol - line) > len && line[len] == ':' &&
            strncasecmp(line, name, len) == 0) {
            value.data = line + len + 1;
            while (*value.data == ' ')
                value.data++;
            value.len = (size_t)(eol - value.data);
            break;
        }
        line = eol + 2;
    }
    return value;
}

/* with the blank line; empty while that is missing */
static llmgw_str head_of(llmgw_str input)
{
    const char *at = input.data;
    const char *end = input.data + input.len;
    llmgw_str head = {input.data, 0};

    while (at && at < end && (at = memchr(at, '\n', (size_t)(end - at)))) {
        if (end - at > 2 && at[1] == '\r' && at[2] == '\n') {
            head.len = (size_t)(at - input.data) + 3;
            break;
        }
        at++;
    }
    return head;
}

static int read_head(llmgw_str head, struct fake_message *message)
{
    const char *eol = memchr(head.data, '\r', head.len);
    llmgw_str line = {head.data, eol ? (size_t)(eol - head.data) : 0};

    message->method = take_word(&line);
    message->path = take_word(&line);
    if (message->path.len == 0 || line.len < 7 ||
        memcmp(line.data, "HTTP/1.", 7) != 0)
        return 0;
    message->headers.data = eol + 2;
    message->headers.len = head.len - (size_t)(eol + 2 - head.data) - 2;
    return 1;
}

static llmgw_str take_word(llmgw_str *line)
{
    const char *blank = line->len ? memchr(line->data, ' ', line->len) : NULL;
    llmgw_str word = {line->data, blank ? (size_t)(blank - line->data) : 0};

    if (blank) {
        line->data += word.len + 1;
        line->len -= word.len + 1;
    }
    return word;
}

static int read_chunks(llmgw_str data, struct fake_message *message)
{
    size_t i = 0;

    for (;;) {
        const char *eol = memchr(data.data + i, '\n', data.len - i);
        size_t len;

        if (!eol)
            break;
        len = strtoul(data.data + i, NULL, 16);
        i = (size_t)(eol - data.data) + 1;
        if (len > data.len || i + len + 2 > data.len)
            break;
        fake_bytes_add(&message->decoded, data.data + i, len);
        i += len + 2;
        if (len == 0) {
            message->body = fake_bytes_view(&message->decoded);
            message->used += i;
            return 1;
        }
    }
    fake_bytes_free(&message->decoded);
    return 0;
}

static int header_has(llmgw_str headers, const char *name, const char *value)
{
    llmgw_str found = fake_http_header(headers, name);
    size_t len = strlen(value);

    return found.len >= len && strncasecmp(found.data, value, len) == 0;
}
