/*
 * base/jsonmould.c - JSON records that repeat each other but for a few values.
 *
 *     record  {"id":"x","text":"Hello","n":17 }}
 *     bytes   {"id":"x","text":"","n":}}
 *                               ^     ^'- tail
 *                               holes
 *
 * That a record fits proves that it is as valid as the one taken: a string, and
 * digits, stand where others stood; and between brackets that close blanks mean
 * nothing.
 *
 * Memory: one record of at most MAX_RECORD bytes; of a few that were shorter
 * what they took stays behind in the arena.
 */
#include "jsonmould.h"

#include <string.h>

#include "jsonplain.h"
#include "jsonscan.h"

enum {
    MAX_RECORD = 2048,
    MAX_VAIN = 8,   /* then the records are not of that kind */
    MAX_DIGITS = 15 /* no count is larger, and none overflows */
};

static bool place_holes(struct llmgw__mould *mould, const llmgw_str *holes,
                        unsigned strings);
static void copy(struct llmgw__mould *mould, llmgw_str record,
                 const llmgw_str *holes);
static size_t closing(llmgw_str record);
static inline bool is_same(const char *a, const char *b, size_t len);
static const char *string_end(llmgw_str record, const char *at, bool *escaped);
static const char *digits_end(const char *at, const char *end);
static bool tail_fits(const struct llmgw__mould *mould, const char *at,
                      const char *end);

llmgw_status llmgw__mould_take(struct llmgw__mould *mould,
                               struct llmgw__arena *arena, llmgw_str record,
                               const llmgw_str holes[LLMGW__MOULD_HOLES],
                               unsigned strings)
{
    mould->len = 0;
    if (mould->vain == MAX_VAIN || record.len > MAX_RECORD)
        return LLMGW_OK;
    mould->vain++;
    if (record.len > mould->cap) {
        size_t cap = record.len + record.len / 4; /* the next may be longer */
        char *bytes = llmgw__arena_alloc(arena, cap);

        if (!bytes)
            return LLMGW_E_NOMEM;
        mould->bytes = bytes;
        mould->cap = (uint32_t)cap;
    }
    if (place_holes(mould, holes, strings))
        copy(mould, record, holes);
    return LLMGW_OK;
}

bool llmgw__mould_fits(struct llmgw__mould *mould, llmgw_str record,
                       struct llmgw__jstr values[LLMGW__MOULD_HOLES])
{
    const char *bytes = mould->bytes;
    const char *at = record.data;
    const char *end = at + record.len;
    size_t len;

    if (mould->len == 0)
        return false;
    for (unsigned i = 0; i < mould->hole_count; i++) {
        const struct llmgw__mould_hole *hole = &mould->holes[i];
        const char *close;
        bool escaped = false;

        len = (size_t)(mould->bytes + hole->end - bytes);
        if ((size_t)(end - at) < len || memcmp(at, bytes, len) != 0)
            return false;
        at += len;
        bytes += len;
        close = hole->digits ? digits_end(at, end)
                             : string_end(record, at, &escaped);
        if (!close)
            return false;
        values[hole->which] =
            (struct llmgw__jstr){at, (uint32_t)(close - at), escaped};
        at = close;
    }
    len = (size_t)(mould->bytes + mould->tail - bytes);
    if ((size_t)(end - at) < len || !is_same(at, bytes, len) ||
        !tail_fits(mould, at + len, end))
        return false;
    mould->vain = 0;
    return true;
}

/* Mostly a quote and little else. */
static inline bool is_same(const char *a, const char *b, size_t len)
{
    return len == 1 ? *a == *b : memcmp(a, b, len) == 0;
}

/* In the order in which they stand. */
static bool place_holes(struct llmgw__mould *mould, const llmgw_str *holes,
                        unsigned strings)
{
    mould->hole_count = 0;
    for (unsigned i = 0; i < LLMGW__MOULD_HOLES; i++) {
        unsigned at = mould->hole_count;

        if (!holes[i].data)
            continue;
        while (at > 0 && holes[mould->holes[at - 1].which].data > holes[i].data)
            at--;
        memmove(mould->holes + at + 1, mould->holes + at,
                (mould->hole_count - at) * sizeof *mould->holes);
        mould->holes[at].which = (uint8_t)i;
        mould->holes[at].digits = i >= strings;
        mould->hole_count++;
    }
    return mould->hole_count > 0;
}

static void copy(struct llmgw__mould *mould, llmgw_str record,
                 const llmgw_str *holes)
{
    const char *at = record.data;
    const char *tail = at + closing(record);
    const char *end = at + record.len;
    char *out = mould->bytes;

    for (unsigned i = 0; i < mould->hole_count; i++) {
        llmgw_str hole = holes[mould->holes[i].which];

        memcpy(out, at, (size_t)(hole.data - at));
        out += hole.data - at;
        mould->holes[i].end = (uint32_t)(out - mould->bytes);
        at = hole.data + hole.len;
    }
    memcpy(out, at, (size_t)(tail - at));
    out += tail - at;
    mould->tail = (uint32_t)(out - mould->bytes);
    for (at = tail; at < end; at++)
        if (*at == '}' || *at == ']')
            *out++ = *at;
    mould->len = (uint32_t)(out - mould->bytes);
}

/* Where the brackets begin that close the record: no string reaches in. */
static size_t closing(llmgw_str record)
{
    size_t at = record.len;

    while (at > 0 && (record.data[at - 1] == '}' ||
                      record.data[at - 1] == ']' || record.data[at - 1] == ' '))
        at--;
    return at;
}

/* NULL: it does not end, or is no string of JSON. */
static const char *string_end(llmgw_str record, const char *at, bool *escaped)
{
    const char *end = record.data + record.len;

    at = plain_end(record.data, at, end);
    while (at < end && *at == '\\') {
        size_t len = llmgw__scan_escape(at, end);

        if (len == 0)
            return NULL;
        *escaped = true;
        at = plain_end(record.data, at + len, end);
    }
    return at < end && *at == '"' ? at : NULL;
}

static const char *digits_end(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && *at >= '0' && *at <= '9')
        at++;
    if (at == from || at - from > MAX_DIGITS || (*from == '0' && at - from > 1))
        return NULL;
    return at;
}

static bool tail_fits(const struct llmgw__mould *mould, const char *at,
                      const char *end)
{
    const char *wanted = mould->bytes + mould->tail;
    const char *wanted_end = mould->bytes + mould->len;

    while (at < end && wanted < wanted_end && *at == *wanted) {
        at++;
        wanted++;
    }
    for (;;) {
        while (end - at >= 4 && memcmp(at, "    ", 4) == 0)
            at += 4; /* padding that hides the length of the text */
        while (at < end && *at == ' ')
            at++;
        if (at == end || wanted == wanted_end)
            return at == end && wanted == wanted_end;
        if (*at++ != *wanted++)
            return false;
    }
}
