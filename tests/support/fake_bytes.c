/*
 * support/fake_bytes.c - growing text and a JSON skimmer for the fake.
 *
 * The skimmer finds members without checking what it walks over: the fake
 * answers requests, it does not judge them. Memory: what is added.
 */
#include "support/fake_bytes.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* the linker's name of the allocator behind support/alloc.c */
void *__real_realloc(void *ptr, size_t size);

static size_t skip_blank(llmgw_str text, size_t i);
static size_t value_end(llmgw_str text, size_t i);
static size_t string_end(llmgw_str text, size_t i);
static uint32_t read_hex(llmgw_str text, size_t i);
static size_t read_escape(llmgw_str text, size_t i, struct fake_bytes *out);
static void add_utf8(struct fake_bytes *out, uint32_t code);
static size_t decode_utf8(const unsigned char *data, size_t len,
                          uint32_t *code);
static void add_u(struct fake_bytes *out, uint32_t code);

void *fake_grow(void *ptr, size_t size)
{
    void *grown = __real_realloc(ptr, size ? size : 1);

    if (!grown) {
        fprintf(stderr, "fake: no memory for %zu bytes\n", size);
        abort();
    }
    return grown;
}

void *fake_alloc(size_t size)
{
    return memset(fake_grow(NULL, size), 0, size);
}

char *fake_copy(const char *text, size_t len)
{
    char *copy = fake_grow(NULL, len + 1);

    if (len > 0)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

void fake_bytes_add(struct fake_bytes *bytes, const void *data, size_t len)
{
    if (bytes->cap - bytes->len <= len) {
        bytes->cap = (bytes->len + len) * 2 + 64;
        bytes->data = fake_grow(bytes->data, bytes->cap);
    }
    if (len > 0)
        memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    bytes->data[bytes->len] = '\0';
}

void fake_bytes_text(struct fake_bytes *bytes, const char *text)
{
    fake_bytes_add(bytes, text, strlen(text));
}

void fake_bytes_format(struct fake_bytes *bytes, const char *format, ...)
{
    char text[2048];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof text) {
        fprintf(stderr, "fake: text longer than %zu bytes\n", sizeof text);
        abort();
    }
    fake_bytes_add(bytes, text, (size_t)len);
}

void fake_bytes_free(struct fake_bytes *bytes)
{
    free(bytes->data);
    memset(bytes, 0, sizeof *bytes);
}

llmgw_str fake_bytes_view(const struct fake_bytes *bytes)
{
    llmgw_str view = {bytes->data, bytes->len};

    return view;
}

llmgw_str fake_str(const char *text)
{
    llmgw_str view = {text, strlen(text)};

    return view;
}

int fake_str_has(llmgw_str text, const char *needle)
{
    size_t len = strlen(needle);

    for (size_t i = 0; i + len <= text.len; i++)
        if (memcmp(text.data + i, needle, len) == 0)
            return 1;
    return 0;
}

void fake_bytes_json(struct fake_bytes *bytes, llmgw_str text, int ascii)
{
    static const char named[] = "\"\\\b\f\n\r\t";
    static const char names[] = "\"\\bfnrt";
    size_t step;

    fake_bytes_text(bytes, "\"");
    for (size_t i = 0; i < text.len; i += step) {
        unsigned char c = (unsigned char)text.data[i];
        const char *at = c ? strchr(named, c) : NULL;
        uint32_t code = c;

        step = 1;
        if (at) {
            fake_bytes_format(bytes, "\\%c", names[at - named]);
        } else if (c < 0x20) {
            add_u(bytes, code);
        } else if (c >= 0x80 && ascii) {
            step = decode_utf8((const unsigned char *)text.data + i,
                               text.len - i, &code);
            add_u(bytes, code);
        } else {
            fake_bytes_add(bytes, text.data + i, 1);
        }
    }
    fake_bytes_text(bytes, "\"");
}

static void add_u(struct fake_bytes *out, uint32_t code)
{
    if (code >= 0x10000) {
        code -= 0x10000;
        fake_bytes_format(out, "\\u%04x", 0xd800u + (code >> 10));
        code = 0xdc00u + (code & 0x3ffu);
    }
    fake_bytes_format(out, "\\u%04x", code);
}

static size_t decode_utf8(const unsigned char *data, size_t len, uint32_t *code)
{
    size_t more = data[0] >= 0xf0 ? 3 : data[0] >= 0xe0 ? 2 : 1;

    if (more >= len) {
        *code = 0xfffd;
        return len;
    }
    *code = data[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++)
        *code = (*code << 6) | (data[i] & 0x3fu);
    return more + 1;
}

llmgw_str fake_json_inside(llmgw_str container)
{
    size_t i = skip_blank(container, 0);
    llmgw_str inside = {NULL, 0};

    if (i < container.len && strchr("[{", container.data[i])) {
        inside.data = container.data + i + 1;
        inside.len = container.len - i - 1;
    }
    return inside;
}

int fake_json_next(llmgw_str *rest, llmgw_str *key, llmgw_str *value)
{
    size_t i = skip_blank(*rest, 0);
    size_t end;

    if (key && i < rest->len && rest->data[i] == '"') {
        end = string_end(*rest, i);
        key->data = rest->data + i + 1;
        key->len = end - i > 1 ? end - i - 2 : 0;
        i = skip_blank(*rest, end);
    }
    if (i >= rest->len || strchr("]}", rest->data[i]))
        return 0;
    end = value_end(*rest, i);
    if (end == i)
        return 0;
    value->data = rest->data + i;
    value->len = end - i;
    rest->data += end;
    rest->len -= end;
    return 1;
}

llmgw_str fake_json_get(llmgw_str object, const char *name)
{
    llmgw_str rest = fake_json_inside(object);
    llmgw_str none = {NULL, 0};
    llmgw_str key = none;
    llmgw_str value;

    while (fake_json_next(&rest, &key, &value))
        if (key.len == strlen(name) && memcmp(key.data, name, key.len) == 0)
            return value;
    return none;
}

int fake_json_is(llmgw_str value, const char *literal)
{
    size_t len = strlen(literal);

    return value.len == len && memcmp(value.data, literal, len) == 0;
}

/* blanks, and the commas and colons between members */
static size_t skip_blank(llmgw_str text, size_t i)
{
    while (i < text.len && text.data[i] && strchr(" \t\r\n,:", text.data[i]))
        i++;
    return i;
}

static size_t value_end(llmgw_str text, size_t i)
{
    size_t depth = 0;

    while (i < text.len) {
        char c = text.data[i];

        if (c == '"') {
            i = string_end(text, i);
            continue;
        }
        if (depth == 0 && (skip_blank(text, i) > i || c == '}' || c == ']'))
            return i;
        if (c == '{' || c == '[')
            depth++;
        else if (c == '}' || c == ']')
            depth--;
        i++;
    }
    return i;
}

static size_t string_end(llmgw_str text, size_t i)
{
    for (i++; i < text.len; i++) {
        if (text.data[i] == '\\')
            i++;
        else if (text.data[i] == '"')
            return i + 1;
    }
    return text.len;
}

void fake_json_text(llmgw_str value, struct fake_bytes *out)
{
    if (value.len < 2 || value.data[0] != '"')
        return;
    value.data++;
    value.len -= 2;
    for (size_t i = 0; i < value.len;) {
        if (value.data[i] == '\\') {
            i = read_escape(value, i + 1, out);
            continue;
        }
        fake_bytes_add(out, value.data + i, 1);
        i++;
    }
}

static size_t read_escape(llmgw_str text, size_t i, struct fake_bytes *out)
{
    static const char names[] = "bfnrt";
    static const char values[] = "\b\f\n\r\t";
    const char *at;
    uint32_t code;

    if (i >= text.len)
        return i;
    if (text.data[i] != 'u') {
        at = text.data[i] ? strchr(names, text.data[i]) : NULL;
        fake_bytes_add(out, at ? &values[at - names] : text.data + i, 1);
        return i + 1;
    }
    code = read_hex(text, i + 1);
    i += 5;
    if (code >= 0xd800 && code < 0xdc00 && i < text.len &&
        text.data[i] == '\\') {
        code = 0x10000 + ((code & 0x3ffu) << 10) +
               (read_hex(text, i + 2) & 0x3ffu);
        i += 6;
    }
    add_utf8(out, code);
    return i;
}

static uint32_t read_hex(llmgw_str text, size_t i)
{
    char digits[5] = "0";

    for (size_t k = 0; k < 4 && i + k < text.len; k++)
        digits[k] = text.data[i + k];
    return (uint32_t)strtoul(digits, NULL, 16);
}

static void add_utf8(struct fake_bytes *out, uint32_t code)
{
    unsigned char text[4];
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};

    for (size_t i = more; i > 0; i--) {
        text[i] = (unsigned char)(0x80u | (code & 0x3fu));
        code >>= 6;
    }
    text[0] = (unsigned char)(lead[more] | code);
    fake_bytes_add(out, text, more + 1);
}
