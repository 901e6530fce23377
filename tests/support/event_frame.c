#include "event_frame.h"

#include <string.h>

#include "base/crypto.h"

static void add_number(struct llmgw__buf *out, size_t number, int bytes)
{
    while (bytes-- > 0)
        llmgw__buf_add_char(out, (char)(number >> (8 * bytes) & 0xff));
}

static void add_header(struct llmgw__buf *out, const char *name,
                       const char *value)
{
    add_number(out, strlen(name), 1);
    llmgw__buf_add_z(out, name);
    add_number(out, 7, 1);
    add_number(out, strlen(value), 2);
    llmgw__buf_add_z(out, value);
}

void event_frame(struct llmgw__buf *out, const char *type, const char *name,
                 llmgw_str payload)
{
    bool event = strcmp(type, "event") == 0;
    size_t start = out->len;
    struct llmgw__buf headers;

    llmgw__buf_init(&headers, 0);
    add_header(&headers, event ? ":event-type" : ":exception-type", name);
    add_header(&headers, ":content-type", "application/json");
    add_header(&headers, ":message-type", type);
    add_number(out, headers.len + payload.len + 16, 4);
    add_number(out, headers.len, 4);
    add_number(out, llmgw__crc32(0, out->data + start, 8), 4);
    llmgw__buf_add_str(out, llmgw__buf_str(&headers));
    llmgw__buf_add_str(out, payload);
    add_number(out, llmgw__crc32(0, out->data + start, out->len - start), 4);
    llmgw__buf_clear(&headers);
}
