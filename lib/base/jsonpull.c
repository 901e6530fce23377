/*
 * base/jsonpull.c - pull reader: one walk over a JSON text, no tree.
 *
 * A syntax error ends the text where it stands (at == end, bad), so that the
 * one comparison every step needs anyway also finds what is broken.
 *
 * Source: RFC 8259. Memory: none; skipping takes one byte of stack a level.
 */
#include "jsonread.h"
#include "jsonscan.h"

/** Digits of an integer that cannot overflow. */
#define SHORT_DIGITS 18

static bool fail(struct llmgw__json *json);
static const char *value_at(struct llmgw__json *json);
static bool open_container(struct llmgw__json *json, char bracket);
static bool find_key(struct llmgw__json *json, llmgw_str *key);
static bool take_key(struct llmgw__json *json, const char *at, llmgw_str *key);
static bool find_string(struct llmgw__json *json, struct llmgw__jstr *out);
static bool take_string(struct llmgw__json *json, const char *at,
                        struct llmgw__jstr *out);
static bool find_int64(struct llmgw__json *json, int64_t *out);
static void skip_any(struct llmgw__json *json);
static inline const char *next_in(struct llmgw__json *json, char close);
static void skip_container(struct llmgw__json *json);
static const char *scan_other(const char *at, const char *end);

void llmgw__json_init(struct llmgw__json *json, llmgw_str text)
{
    *json = (struct llmgw__json){.at = text.data ? text.data : ""};
    json->end = json->at + text.len;
    if (text.len >= UINT32_MAX) /* so might its strings be */
        fail(json);
    llmgw__scan_init(json);
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

/* Nearly all keys begin with ," (the first: with ") and end with ": near by.
 * These ask for no call; all others go the long way. So do strings, null and
 * short integers below. */
bool llmgw__json_key(struct llmgw__json *json, llmgw_str *key)
{
    const char *at = json->at, *close;

    if (json->end - at <= 2 || (!json->fresh && *at++ != ',') || *at++ != '"')
        return find_key(json, key);
    json->fresh = false;
    close = scan_near(json, at);
    if (!close || close[0] != '"' || json->end - close < 2 || close[1] != ':')
        return take_key(json, at, key);
    json->at = close + 2;
    *key = (llmgw_str){at, (size_t)(close - at)};
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
    const char *at = json->at, *close;

    if (at == json->end || *at++ != '"')
        return find_string(json, out);
    close = scan_near(json, at);
    if (!close || *close != '"')
        return take_string(json, at, out);
    json->at = close + 1;
    *out = (struct llmgw__jstr){at, (uint32_t)(close - at), false};
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
    const char *at = json->at, *from = at, *end = json->end;
    int64_t value = 0;

    if (end - at > SHORT_DIGITS)
        end = at + SHORT_DIGITS;
    while (at < end && *at >= '0' && *at <= '9')
        value = value * 10 + (*at++ - '0');
    if (at == end || at == from || (*at != ',' && *at != '}') ||
        (*from == '0' && at - from > 1))
        return find_int64(json, out);
    json->at = at;
    *out = value;
    return true;
}

bool llmgw__json_bool(struct llmgw__json *json, bool *out)
{
    const char *at = value_at(json);
    bool value = at < json->end && *at == 't';

    if (at == json->end || (*at != 't' && *at != 'f')) {
        llmgw__json_skip(json);
        return false;
    }
    at = scan_other(at, json->end);
    if (!at)
        return fail(json);
    *out = value;
    json->at = at;
    return true;
}

void llmgw__json_skip(struct llmgw__json *json)
{
    const char *at = json->at, *end = json->end;

    if (end - at > 4 && memcmp(at, "null", 4) == 0) {
        json->at = at + 4;
        return;
    }
    at = at < end && *at == '"' ? scan_near(json, at + 1) : NULL;
    if (at && *at == '"')
        json->at = at + 1;
    else
        skip_any(json);
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

static bool find_key(struct llmgw__json *json, llmgw_str *key)
{
    const char *at = next_in(json, '}');

    if (!at)
        return false;
    return *at == '"' ? take_key(json, at + 1, key) : fail(json);
}

/* A key from after its quote, and the colon. */
static bool take_key(struct llmgw__json *json, const char *at, llmgw_str *key)
{
    struct llmgw__jstr str;

    if (!take_string(json, at, &str))
        return false;
    at = value_at(json);
    if (at == json->end || *at != ':')
        return fail(json);
    json->at = at + 1;
    *key = (llmgw_str){str.data, str.len};
    return true;
}

static bool find_string(struct llmgw__json *json, struct llmgw__jstr *out)
{
    const char *at = value_at(json);

    if (at < json->end && *at == '"')
        return take_string(json, at + 1, out);
    llmgw__json_skip(json);
    return false;
}

/* A string from after its quote. */
static bool take_string(struct llmgw__json *json, const char *at,
                        struct llmgw__jstr *out)
{
    const char *close;
    bool escaped;

    close = scan_string(json, at, &escaped);
    if (close == json->end || *close != '"')
        return fail(json);
    *out = (struct llmgw__jstr){at, (uint32_t)(close - at), escaped};
    json->at = close + 1;
    return true;
}

static bool find_int64(struct llmgw__json *json, int64_t *out)
{
    llmgw_str number;

    return llmgw__json_number(json, &number) &&
           llmgw__number_int64(number, out);
}

static void skip_any(struct llmgw__json *json)
{
    const char *at = value_at(json), *end = json->end;
    struct llmgw__jstr str;

    if (at == end) {
        fail(json);
    } else if (*at == '"') {
        take_string(json, at + 1, &str);
    } else if (*at == '{' || *at == '[') {
        skip_container(json);
    } else {
        at = scan_other(at, end);
        if (at)
            json->at = at;
        else
            fail(json);
    }
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
static inline const char *next_in(struct llmgw__json *json, char close)
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

static void skip_container(struct llmgw__json *json)
{
    char closers[LLMGW__JSON_MAX_DEPTH + 1]; /* of the level that is open */
    unsigned outer = json->depth;

    do {
        char first = '\0';

        if (value_at(json) < json->end)
            first = *json->at;
        if (first != '{' && first != '[')
            llmgw__json_skip(json);
        else if (open_container(json, first))
            closers[json->depth] = first == '{' ? '}' : ']';
    } while (skip_to_value(json, outer, closers));
}

/* Past a number or literal; NULL: broken. */
static const char *scan_other(const char *at, const char *end)
{
    switch (*at) {
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
