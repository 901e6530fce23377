/*
 * base/jsonstring.c - strings of JSON: escapes checked, resolved, compared.
 *
 * Source: RFC 8259, section 7. Memory: a resolved string takes at most the
 * bytes it had escaped, in the caller's arena.
 */
#include "arena.h"
#include "jsonread.h"
#include "jsonscan.h"

static int32_t hex4(const char *at, const char *end);
static size_t scan_unicode(const char **at, const char *end,
                           unsigned char out[4]);
static size_t put_utf8(uint32_t code, unsigned char out[4]);
static struct llmgw__jstr text_as_jstr(const char *text);

/* Two characters each: what follows the backslash, what it stands for; the
 * usual ones first. */
static const char escapes[] = "n\n\"\"\\\\t\t//r\rb\bf\f";

llmgw_status llmgw__jstr_text(struct llmgw__jstr str,
                              struct llmgw__arena *arena, llmgw_str *out)
{
    const char *at = str.data, *end;
    unsigned char *text;
    size_t len = 0;

    if (!str.escaped || !at) {
        *out = (llmgw_str){str.data, str.len};
        return LLMGW_OK;
    }
    end = at + str.len;
    text = llmgw__arena_alloc(arena, str.len);
    if (!text)
        return LLMGW_E_NOMEM;
    while (at < end) {
        const char *plain = at;
        unsigned char bytes[4];
        size_t count;

        at = memchr(at, '\\', (size_t)(end - at));
        at = at ? at : end;
        memcpy(text + len, plain, (size_t)(at - plain));
        len += (size_t)(at - plain);
        count = at < end ? llmgw__scan_char(&at, end, bytes) : 0;
        memcpy(text + len, bytes, count);
        len += count;
    }
    *out = (llmgw_str){(const char *)text, len};
    return LLMGW_OK;
}

bool llmgw__jstr_is(struct llmgw__jstr str, const char *text)
{
    struct llmgw__jstr other = text_as_jstr(text);

    if (!str.data)
        return false;
    if (!str.escaped)
        return str.len == other.len && memcmp(str.data, text, str.len) == 0;
    return llmgw__jstr_compare(str, other) == 0;
}

/* One string's characters, byte by byte. */
struct cursor {
    const char *at;
    const char *end;
    bool escaped;
    unsigned char bytes[4];
    size_t count;
    size_t next;
};

/* No string at all reads like an empty one. */
static struct cursor cursor_of(struct llmgw__jstr str)
{
    const char *at = str.data ? str.data : "";

    return (struct cursor){
        .at = at, .end = at + str.len, .escaped = str.escaped};
}

/* The next byte with escapes resolved; -1: the end. */
static int next_byte(struct cursor *cursor)
{
    if (cursor->next < cursor->count)
        return cursor->bytes[cursor->next++];
    if (cursor->at == cursor->end)
        return -1;
    if (!cursor->escaped || *cursor->at != '\\')
        return (unsigned char)*cursor->at++;
    cursor->count = llmgw__scan_char(&cursor->at, cursor->end, cursor->bytes);
    cursor->next = 1;
    return cursor->bytes[0];
}

int llmgw__jstr_compare(struct llmgw__jstr a, struct llmgw__jstr b)
{
    struct cursor left = cursor_of(a), right = cursor_of(b);
    int one, other;

    do {
        one = next_byte(&left);
        other = next_byte(&right);
    } while (one == other && one >= 0);
    return one - other;
}

uint32_t llmgw__jstr_hash(struct llmgw__jstr str)
{
    struct cursor cursor = cursor_of(str);
    uint32_t hash = UINT32_C(2166136261); /* FNV-1a */
    int byte;

    while ((byte = next_byte(&cursor)) >= 0)
        hash = (hash ^ (uint32_t)byte) * UINT32_C(16777619);
    return hash;
}

const char *llmgw__scan_escaped(struct llmgw__json *json, const char *at)
{
    while (at < json->end && *at == '\\') {
        size_t len = llmgw__scan_escape(at, json->end);
        const char *near = scan_near(json, at + len);

        if (len == 0)
            return at;
        at = near ? near : llmgw__scan_plain(json, at + len);
    }
    return at;
}

size_t llmgw__scan_char(const char **at, const char *end, unsigned char out[4])
{
    const char *from = *at;

    out[0] = (unsigned char)*from;
    if (*from == '\\' && end - from >= 2) {
        if (from[1] == 'u' && llmgw__scan_escape(from, end) == 6)
            return scan_unicode(at, end, out);
        for (size_t i = 0; escapes[i]; i += 2)
            if (escapes[i] == from[1]) {
                out[0] = (unsigned char)escapes[i + 1];
                break;
            }
        from++;
    }
    *at = from + 1;
    return 1;
}

size_t llmgw__scan_escape(const char *at, const char *end)
{
    if (end - at < 2)
        return 0;
    if (at[1] == 'u')
        return hex4(at + 2, end) >= 0 ? 6 : 0;
    for (size_t i = 0; escapes[i]; i += 2)
        if (escapes[i] == at[1])
            return 2;
    return 0;
}

/* Four hexadecimal digits, or -1. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t value = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)at[i];
        int lower = c | 0x20;

        if (c >= '0' && c <= '9')
            value = value * 16 + (c - '0');
        else if (lower >= 'a' && lower <= 'f')
            value = value * 16 + (lower - 'a' + 10);
        else
            return -1;
    }
    return value;
}

/* A \u escape known to be whole, and its second half when it is a pair. */
static size_t scan_unicode(const char **at, const char *end,
                           unsigned char out[4])
{
    uint32_t code = (uint32_t)hex4(*at + 2, end);
    int32_t low;

    *at += 6;
    if (code < 0xd800 || code > 0xdbff || end - *at < 6 || (*at)[0] != '\\' ||
        (*at)[1] != 'u')
        return put_utf8(code, out);
    low = hex4(*at + 2, end);
    if (low < 0xdc00 || low > 0xdfff)
        return put_utf8(code, out);
    *at += 6;
    return put_utf8(
        0x10000 + ((code - 0xd800) << 10) + ((uint32_t)low - 0xdc00), out);
}

/* Surrogates are written like any other code: three bytes. */
static size_t put_utf8(uint32_t code, unsigned char out[4])
{
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (count == 1) {
        out[0] = (unsigned char)code;
        return 1;
    }
    for (size_t i = count - 1; i > 0; i--) {
        out[i] = (unsigned char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (unsigned char)(lead[count] | code);
    return count;
}

static struct llmgw__jstr text_as_jstr(const char *text)
{
    return llmgw__jstr(llmgw__str(text), false);
}
