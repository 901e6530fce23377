/*
 * base/jsonread.c - pull reader: one walk over a JSON text, no tree.
 *
 * A syntax error ends the text where it stands (at == end, bad), so that the
 * one comparison every step needs anyway also finds what is broken.
 *
 * Source: RFC 8259. Memory: none; skipping takes one byte of stack a level.
 */
#include "jsonread.h"

#include "jsonscan.h"

static bool fail(struct llmgw__json *json);
static const char *value_at(struct llmgw__json *json);
static bool open_container(struct llmgw__json *json, char bracket);
static const char *next_in(struct llmgw__json *json, char close);
static void skip_container(struct llmgw__json *json, const char *at);
static const char *scan_scalar(const char *at, const char *end);

void llmgw__json_init(struct llmgw__json *json, llmgw_str text)
{
    *json = (struct llmgw__json){.at = text.data ? text.data : ""};
    json->end = json->at + text.len;
}

enum llmgw__json_type llmgw__json_peek(struct llmgw__json *json)
{
    const char *at = value_at(json);

    if (at == json->end)
        return LLMGW__JSON_NONE;
    switch (*at) {
    case '{':
        return LLMGW__JSON_OBJECT;
    case '[':
        return LLMGW__JSON_ARRAY;
    case '"':
        return LLMGW__JSON_STRING;
    case 't':
    case 'f':
        return LLMGW__JSON_BOOL;
    case 'n':
        return LLMGW__JSON_NULL;
    default:
        return *at == '-' || (*at >= '0' && *at <= '9') ? LLMGW__JSON_NUMBER
                                                        : LLMGW__JSON_NONE;
    }
}

bool llmgw__json_object(struct llmgw__json *json)
{
    return open_container(json, '{');
}

bool llmgw__json_array(struct llmgw__json *json)
{
    return open_container(json, '[');
}

bool llmgw__json_key(struct llmgw__json *json, llmgw_str *key)
{
    const char *end = json->end;
    const char *at = next_in(json, '}');
    const char *close;
    bool escaped;

    if (!at)
        return false;
    if (*at != '"')
        return fail(json);
    at++;
    close = scan_string(at, end, &escaped);
    if (close == end || *close != '"')
        return fail(json);
    key->data = at;
    key->len = (size_t)(close - at);
    at = scan_space(close + 1, end);
    if (at == end || *at != ':')
        return fail(json);
    json->at = at + 1;
    return true;
}

bool llmgw__json_item(struct llmgw__json *json)
{
    const char *at = next_in(json, ']');

    if (!at)
        return false;
    json->at = at;
    return true;
}

bool llmgw__json_string(struct llmgw__json *json, struct llmgw__jstr *out)
{
    const char *at = value_at(json), *end = json->end;
    const char *close;
    bool escaped;

    if (at == end || *at != '"') {
        llmgw__json_skip(json);
        return false;
    }
    at++;
    close = scan_string(at, end, &escaped);
    if (close == end || *close != '"')
        return fail(json);
    *out = (struct llmgw__jstr){at, (size_t)(close - at), escaped};
    json->at = close + 1;
    return true;
}

bool llmgw__json_number(struct llmgw__json *json, llmgw_str *out)
{
    const char *at = value_at(json);
    const char *after;

    if (at == json->end || !(*at == '-' || (*at >= '0' && *at <= '9'))) {
        llmgw__json_skip(json);
        return false;
    }
    after = llmgw__scan_number(at, json->end);
    if (!after)
        return fail(json);
    *out = (llmgw_str){at, (size_t)(after - at)};
    json->at = after;
    return true;
}

bool llmgw__json_int64(struct llmgw__json *json, int64_t *out)
{
    llmgw_str number;

    return llmgw__json_number(json, &number) &&
           llmgw__number_int64(number, out);
}

bool llmgw__json_bool(struct llmgw__json *json, bool *out)
{
    const char *at = value_at(json);
    bool value = at < json->end && *at == 't';

    if (at == json->end || (*at != 't' && *at != 'f')) {
        llmgw__json_skip(json);
        return false;
    }
    at = scan_scalar(at, json->end);
    if (!at)
        return fail(json);
    *out = value;
    json->at = at;
    return true;
}

void llmgw__json_skip(struct llmgw__json *json)
{
    const char *at = scan_space(json->at, json->end);

    if (at < json->end && (*at == '{' || *at == '[')) {
        skip_container(json, at);
        return;
    }
    at = scan_scalar(at, json->end);
    if (at)
        json->at = at;
    else
        fail(json);
}

llmgw_str llmgw__json_raw(struct llmgw__json *json)
{
    const char *from = value_at(json);

    llmgw__json_skip(json);
    if (json->bad)
        return (llmgw_str){NULL, 0};
    return (llmgw_str){from, (size_t)(json->at - from)};
}

bool llmgw__json_end(struct llmgw__json *json)
{
    return !json->bad && json->depth == 0 && value_at(json) == json->end;
}

static bool fail(struct llmgw__json *json)
{
    json->bad = true;
    json->at = json->end;
    return false;
}

/* White space before a value is passed. @return where it stands, or end */
static const char *value_at(struct llmgw__json *json)
{
    return json->at = scan_space(json->at, json->end);
}

static bool open_container(struct llmgw__json *json, char bracket)
{
    const char *at = value_at(json);

    if (at == json->end || *at != bracket) {
        llmgw__json_skip(json);
        return false;
    }
    if (json->depth == LLMGW__JSON_MAX_DEPTH)
        return fail(json);
    json->depth++;
    json->fresh = true;
    json->at = at + 1;
    return true;
}

/* Where the next key or element stands; NULL: the container is closed, or
 * something is broken. */
static const char *next_in(struct llmgw__json *json, char close)
{
    const char *end = json->end;
    const char *at = scan_space(json->at, end);
    bool fresh = json->fresh;

    if (at == end || json->depth == 0)
        goto broken;
    json->fresh = false;
    if (*at == close) {
        json->at = at + 1;
        json->depth--;
        return NULL;
    }
    if (fresh)
        return at;
    if (*at != ',')
        goto broken;
    at = scan_space(at + 1, end);
    if (at < end && *at != close)
        return at;
broken:
    fail(json);
    return NULL;
}

/* To the next value of a container in the walk, closing those that end;
 * false: the outermost is closed, or something is broken. */
static bool skip_to_value(struct llmgw__json *json, unsigned outer,
                          const char *closers)
{
    llmgw_str key;

    while (json->depth > outer && !json->bad)
        if (closers[json->depth] == '}' ? llmgw__json_key(json, &key)
                                        : llmgw__json_item(json))
            return true;
    return false;
}

static void skip_container(struct llmgw__json *json, const char *at)
{
    char closers[LLMGW__JSON_MAX_DEPTH + 1]; /* of the level that is open */
    unsigned outer = json->depth;

    json->at = at;
    do {
        at = value_at(json);
        if (at < json->end && (*at == '{' || *at == '[')) {
            if (!open_container(json, *at))
                return;
            closers[json->depth] = *at == '{' ? '}' : ']';
        } else {
            at = scan_scalar(at, json->end);
            if (!at) {
                fail(json);
                return;
            }
            json->at = at;
        }
    } while (skip_to_value(json, outer, closers));
}

/* Past a string, number or literal; NULL: broken. */
static const char *scan_scalar(const char *at, const char *end)
{
    bool escaped;

    if (at == end)
        return NULL;
    switch (*at) {
    case '"':
        at = scan_string(at + 1, end, &escaped);
        return at < end && *at == '"' ? at + 1 : NULL;
    case 'n':
        return scan_word(at, end, "null", 4);
    case 't':
        return scan_word(at, end, "true", 4);
    case 'f':
        return scan_word(at, end, "false", 5);
    default:
        return llmgw__scan_number(at, end);
    }
}
