/*
 * base/jsonwrite.c - JSON writer.
 *
 * Escapes what RFC 8259 demands and nothing else: quote, backslash and bytes
 * below 0x20. Slices go through put(), which is where a body refers to large
 * ones instead of copying them.
 *
 * Source: RFC 8259, section 7. Memory: the buffer's, held to its limit.
 */
#include "jsonwrite.h"

#include <string.h>

#include "jsonscan.h"
#include "text.h"

enum {
    SHORT_TEXT = 32 /* bytes looked at one by one */
};

static void put(struct llmgw__jsonw *w, llmgw_str bytes);
static void put_char(struct llmgw__jsonw *w, char c);
static bool is_short_plain(llmgw_str text);
static void put_escaped(struct llmgw__jsonw *w, llmgw_str text);
static void put_escape(struct llmgw__jsonw *w, char c);
static void begin_value(struct llmgw__jsonw *w);
static void put_value(struct llmgw__jsonw *w, llmgw_str json);

void llmgw__jsonw_init(struct llmgw__jsonw *w, struct llmgw__buf *buf)
{
    *w = (struct llmgw__jsonw){.buf = buf};
}

void llmgw__jsonw_body(struct llmgw__jsonw *w, struct llmgw__body *body)
{
    *w = (struct llmgw__jsonw){.buf = &body->own, .body = body};
}

void llmgw__jsonw_open(struct llmgw__jsonw *w, char bracket)
{
    begin_value(w);
    put_char(w, bracket);
    w->comma = false;
}

void llmgw__jsonw_close(struct llmgw__jsonw *w, char bracket)
{
    put_char(w, bracket);
    w->comma = true;
}

void llmgw__jsonw_key(struct llmgw__jsonw *w, const char *key)
{
    llmgw__jsonw_key_raw(w, llmgw__str(key));
}

void llmgw__jsonw_key_str(struct llmgw__jsonw *w, llmgw_str key)
{
    llmgw__jsonw_str(w, key);
    put_char(w, ':');
    w->comma = false;
}

void llmgw__jsonw_key_raw(struct llmgw__jsonw *w, llmgw_str key)
{
    llmgw__jsonw_str_open(w);
    put(w, key);
    llmgw__buf_add(w->buf, "\":", 2);
    w->comma = false;
}

void llmgw__jsonw_str(struct llmgw__jsonw *w, llmgw_str text)
{
    llmgw__jsonw_str_open(w);
    put_escaped(w, text);
    llmgw__jsonw_str_close(w);
}

void llmgw__jsonw_z(struct llmgw__jsonw *w, const char *text)
{
    llmgw__jsonw_str(w, llmgw__str(text));
}

void llmgw__jsonw_jstr(struct llmgw__jsonw *w, struct llmgw__jstr str)
{
    if (!str.data) {
        llmgw__jsonw_null(w);
        return;
    }
    llmgw__jsonw_str_open(w);
    put(w, (llmgw_str){str.data, str.len});
    llmgw__jsonw_str_close(w);
}

/* No value is no JSON: an empty slice is written as null. */
void llmgw__jsonw_raw(struct llmgw__jsonw *w, llmgw_str json)
{
    put_value(w, json.len > 0 ? json : LLMGW__LIT("null"));
}

void llmgw__jsonw_node(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                       uint32_t node)
{
    llmgw__jsonw_raw(w, llmgw__jdoc_raw(doc, node));
}

void llmgw__jsonw_int(struct llmgw__jsonw *w, int64_t value)
{
    begin_value(w);
    llmgw__buf_add_int(w->buf, value);
}

void llmgw__jsonw_bool(struct llmgw__jsonw *w, bool value)
{
    put_value(w, value ? LLMGW__LIT("true") : LLMGW__LIT("false"));
}

void llmgw__jsonw_null(struct llmgw__jsonw *w)
{
    put_value(w, LLMGW__LIT("null"));
}

void llmgw__jsonw_str_open(struct llmgw__jsonw *w)
{
    begin_value(w);
    put_char(w, '"');
}

void llmgw__jsonw_str_add(struct llmgw__jsonw *w, llmgw_str text)
{
    put_escaped(w, text);
}

void llmgw__jsonw_str_add_raw(struct llmgw__jsonw *w, llmgw_str raw)
{
    put(w, raw);
}

void llmgw__jsonw_str_close(struct llmgw__jsonw *w)
{
    put_char(w, '"');
}

void llmgw__jsonw_member_str(struct llmgw__jsonw *w, const char *key,
                             llmgw_str text)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_str(w, text);
}

void llmgw__jsonw_member_z(struct llmgw__jsonw *w, const char *key,
                           const char *text)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_z(w, text);
}

void llmgw__jsonw_member_jstr(struct llmgw__jsonw *w, const char *key,
                              struct llmgw__jstr str)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_jstr(w, str);
}

void llmgw__jsonw_member_raw(struct llmgw__jsonw *w, const char *key,
                             llmgw_str json)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_raw(w, json);
}

void llmgw__jsonw_member_node(struct llmgw__jsonw *w, const char *key,
                              const struct llmgw__jdoc *doc, uint32_t node)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_node(w, doc, node);
}

void llmgw__jsonw_member_int(struct llmgw__jsonw *w, const char *key,
                             int64_t value)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_int(w, value);
}

void llmgw__jsonw_member_bool(struct llmgw__jsonw *w, const char *key,
                              bool value)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_bool(w, value);
}

void llmgw__jsonw_member_open(struct llmgw__jsonw *w, const char *key,
                              char bracket)
{
    llmgw__jsonw_key(w, key);
    llmgw__jsonw_open(w, bracket);
}

static void put(struct llmgw__jsonw *w, llmgw_str bytes)
{
    if (w->body)
        llmgw__body_add(w->body, bytes);
    else
        llmgw__buf_add(w->buf, bytes.data, bytes.len);
}

static void put_char(struct llmgw__jsonw *w, char c)
{
    llmgw__buf_add_char(w->buf, c);
}

/* Most pieces of an answer are a word. */
static bool is_short_plain(llmgw_str text)
{
    size_t at = 0;

    while (at < text.len && at < SHORT_TEXT && is_plain(text.data[at]))
        at++;
    return at == text.len;
}

/* Runs that need no escape go out whole. */
static void put_escaped(struct llmgw__jsonw *w, llmgw_str text)
{
    struct llmgw__json json = {.at = text.data};
    const char *at = text.data;

    if (!at || is_short_plain(text)) {
        put(w, text);
        return;
    }
    json.end = at + text.len;
    llmgw__scan_init(&json); /* of any length */
    for (;;) {
        const char *plain = at;

        at = llmgw__scan_plain(&json, at);
        if (at > plain)
            put(w, (llmgw_str){plain, (size_t)(at - plain)});
        if (at == json.end)
            return;
        put_escape(w, *at++);
    }
}

static void put_escape(struct llmgw__jsonw *w, char c)
{
    static const char hex[] = "0123456789abcdef";
    static const char shorts[] = "\"\"\\\\\bb\ff\nn\rr\tt"; /* byte, letter */
    char text[6] = {'\\', 'u', '0', '0'};

    for (size_t i = 0; shorts[i]; i += 2)
        if (shorts[i] == c) {
            text[1] = shorts[i + 1];
            llmgw__buf_add(w->buf, text, 2);
            return;
        }
    text[4] = hex[(unsigned char)c >> 4];
    text[5] = hex[(unsigned char)c & 0xf];
    llmgw__buf_add(w->buf, text, sizeof text);
}

/* The comma due before a value or key; after it another one is due. */
static void begin_value(struct llmgw__jsonw *w)
{
    if (w->comma)
        put_char(w, ',');
    w->comma = true;
}

static void put_value(struct llmgw__jsonw *w, llmgw_str json)
{
    begin_value(w);
    put(w, json);
}
