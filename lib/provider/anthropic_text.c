/*
 * provider/anthropic_text.c - white space: in strings that stay JSON-escaped,
 * and between the values of JSON text.
 *
 * The service answers 400 to text that shows nothing; what counts is Unicode's
 * White_Space.
 *
 * Source: Unicode 15, PropList, White_Space. Memory: none.
 */
#include "anthropic_encoder.h"

static uint32_t next_char(const char **at, const char *end);
static bool is_white(uint32_t code);

bool llmgw__anthropic_blank(struct llmgw__jstr str)
{
    const char *at = str.data;
    const char *end;

    if (!at)
        return true;
    end = at + str.len;
    while (at < end)
        if (!is_white(next_char(&at, end)))
            return false;
    return true;
}

struct llmgw__jstr llmgw__anthropic_trim_end(struct llmgw__jstr str)
{
    const char *at = str.data;
    const char *end;
    const char *last = at;

    if (!at)
        return str;
    end = at + str.len;
    while (at < end)
        if (!is_white(next_char(&at, end)))
            last = at;
    str.len = (uint32_t)(last - str.data);
    return str;
}

static uint32_t hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    return (uint32_t)((c | 0x20) - 'a') + 10;
}

/** An escape, from its backslash. */
static uint32_t next_escape(const char **at, const char *end)
{
    const char *from = *at;
    uint32_t code = 0;

    if (end - from < 2) {
        *at = end;
        return '\\';
    }
    *at += 2;
    if (from[1] == 'n' || from[1] == 'r' || from[1] == 't')
        return '\n';
    if (from[1] == 'f')
        return '\f';
    if (from[1] != 'u' || end - from < 6)
        return '\\';
    for (int i = 2; i < 6; i++)
        code = code << 4 | (hex_value(from[i]) & 0xf);
    *at = from + 6;
    return code;
}

/** One character. Four bytes of UTF-8 are never white: any code will do. */
static uint32_t next_char(const char **at, const char *end)
{
    const unsigned char *from = (const unsigned char *)*at;

    if (*from == '\\')
        return next_escape(at, end);
    if (*from >= 0xc0 && *from < 0xe0 && end - *at >= 2) {
        *at += 2;
        return (from[0] & 0x1fu) << 6 | (from[1] & 0x3fu);
    }
    if (*from >= 0xe0 && *from < 0xf0 && end - *at >= 3) {
        *at += 3;
        return (from[0] & 0xfu) << 12 | (from[1] & 0x3fu) << 6 |
               (from[2] & 0x3fu);
    }
    *at += 1;
    return *from < 0x80 ? *from : UINT32_C(0xfffd);
}

static bool is_white(uint32_t code)
{
    if (code < 0x80)
        return code == ' ' || (code >= '\t' && code <= '\r');
    return code == 0x85 || code == 0xa0 || code == 0x1680 ||
           (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
           code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

void llmgw__anthropic_compact(struct llmgw__buf *out, llmgw_str json)
{
    const char *at = json.len ? json.data : "";
    const char *end = at + json.len;

    while (at < end) {
        const char *from = at;

        if (*at == '"') { /* a string goes out whole */
            for (at++; at < end && *at != '"'; at++)
                if (*at == '\\')
                    at++;
            at = at < end ? at + 1 : end;
        } else {
            while (at < end && *at != '"' && !is_white((unsigned char)*at))
                at++;
        }
        llmgw__buf_add(out, from, (size_t)(at - from));
        while (at < end && *at != '"' && is_white((unsigned char)*at))
            at++;
    }
}

bool llmgw__anthropic_empty(llmgw_str json)
{
    struct llmgw__json reader;
    llmgw_str key;

    if (!json.len)
        return true;
    llmgw__json_init(&reader, json);
    if (llmgw__json_peek(&reader) == LLMGW__JSON_ARRAY)
        return llmgw__json_array(&reader) && !llmgw__json_item(&reader);
    return llmgw__json_object(&reader) && !llmgw__json_key(&reader, &key);
}
