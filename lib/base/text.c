/*
 * base/text.c - views of bytes, and a growing buffer with a ceiling.
 *
 * Memory: a buffer holds at most twice its content, and never more than its
 * limit. cap <= limit always, so the common add needs one comparison for both
 * room and ceiling.
 */
#include "text.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "alloc.h"

#define FIRST_CAP 64
/** Characters of INT64_MIN. */
#define INT_CHARS 20

static bool same_nocase(const char *a, const char *b, size_t len);
static char lower(char c);
static bool is_space(char c);
static inline char *room_for(struct llmgw__buf *buf, size_t len);
static char *make_room(struct llmgw__buf *buf, size_t len);
static char *fail(struct llmgw__buf *buf, llmgw_status status);

/* where a caller does not take them in: once for all */
extern inline llmgw_str llmgw__str_n(const char *data, size_t len);
extern inline llmgw_str llmgw__str(const char *text);
extern inline bool llmgw__str_eq(llmgw_str a, llmgw_str b);
extern inline bool llmgw__str_is(llmgw_str a, const char *b);

#if defined(__SSE2__)
static __m128i load_16(const char *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}
#endif

bool llmgw__str_is_nocase(llmgw_str a, const char *b)
{
    llmgw_str other = llmgw__str(b);

    return a.len == other.len && same_nocase(a.data, other.data, a.len);
}

bool llmgw__str_starts(llmgw_str a, const char *prefix)
{
    llmgw_str head = llmgw__str(prefix);

    return a.len >= head.len &&
           llmgw__str_eq(llmgw__str_n(a.data, head.len), head);
}

bool llmgw__str_ends(llmgw_str a, const char *suffix)
{
    llmgw_str tail = llmgw__str(suffix);

    if (tail.len == 0)
        return true;
    return a.len >= tail.len &&
           !memcmp(a.data + (a.len - tail.len), tail.data, tail.len);
}

size_t llmgw__str_find(llmgw_str hay, llmgw_str needle)
{
    const char *at = hay.data;
    const char *last; /* where needle can stand at the latest */

    if (needle.len == 0)
        return 0;
    if (needle.len > hay.len)
        return SIZE_MAX;
    last = hay.data + (hay.len - needle.len);
    while (at <= last) {
        at = memchr(at, needle.data[0], (size_t)(last - at) + 1);
        if (!at)
            return SIZE_MAX;
        if (!memcmp(at, needle.data, needle.len))
            return (size_t)(at - hay.data);
        at++;
    }
    return SIZE_MAX;
}

/* The first place of `first` that one of the other bytes follows. */
size_t llmgw__str_find_pair(llmgw_str hay, char first, const char others[3])
{
    size_t at = 0;

#if defined(__SSE2__)
    for (; hay.len - at > 16; at += 16) {
        __m128i one = load_16(hay.data + at), two = load_16(hay.data + at + 1);
        __m128i other = _mm_or_si128(
            _mm_cmpeq_epi8(two, _mm_set1_epi8(others[0])),
            _mm_or_si128(_mm_cmpeq_epi8(two, _mm_set1_epi8(others[1])),
                         _mm_cmpeq_epi8(two, _mm_set1_epi8(others[2]))));

        if (_mm_movemask_epi8(_mm_and_si128(
                other, _mm_cmpeq_epi8(one, _mm_set1_epi8(first)))))
            break;
    }
#endif
    for (; at + 1 < hay.len; at++)
        if (hay.data[at] == first &&
            (hay.data[at + 1] == others[0] || hay.data[at + 1] == others[1] ||
             hay.data[at + 1] == others[2]))
            return at;
    return SIZE_MAX;
}

size_t llmgw__str_find_nocase(llmgw_str hay, llmgw_str needle)
{
    char first;

    if (needle.len == 0)
        return 0;
    first = lower(needle.data[0]);
    for (size_t at = 0; at + needle.len <= hay.len; at++)
        if (lower(hay.data[at]) == first &&
            same_nocase(hay.data + at, needle.data, needle.len))
            return at;
    return SIZE_MAX;
}

llmgw_str llmgw__str_trim(llmgw_str text)
{
    while (text.len && is_space(text.data[0])) {
        text.data++;
        text.len--;
    }
    while (text.len && is_space(text.data[text.len - 1]))
        text.len--;
    return text;
}

bool llmgw__str_int64(llmgw_str text, int64_t *out)
{
    bool negative = text.len && text.data[0] == '-';
    uint64_t most = (uint64_t)INT64_MAX + (negative ? 1 : 0);
    uint64_t value = 0;
    size_t at = text.len && (negative || text.data[0] == '+') ? 1 : 0;

    if (at == text.len)
        return false;
    for (; at < text.len; at++) {
        unsigned digit = (unsigned)(unsigned char)text.data[at] - '0';

        if (digit > 9 || value > (most - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    /* -(value - 1) - 1: INT64_MIN has no positive counterpart */
    *out = negative && value ? -(int64_t)(value - 1) - 1 : (int64_t)value;
    return true;
}

bool llmgw__str_printable(llmgw_str text)
{
    for (size_t at = 0; at < text.len; at++) {
        unsigned char c = (unsigned char)text.data[at];

        if (c < 0x20 || c == 0x7f)
            return false;
    }
    return true;
}

void llmgw__buf_init(struct llmgw__buf *buf, size_t limit)
{
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
    buf->limit = limit;
    buf->status = LLMGW_OK;
}

void llmgw__buf_add(struct llmgw__buf *buf, const char *data, size_t len)
{
    char *room;

    if (len == 0)
        return;
    room = room_for(buf, len);
    if (!room)
        return;
    memcpy(room, data, len);
    buf->len += len;
}

void llmgw__buf_add_z(struct llmgw__buf *buf, const char *text)
{
    llmgw__buf_add_str(buf, llmgw__str(text));
}

void llmgw__buf_add_char(struct llmgw__buf *buf, char c)
{
    char *room = room_for(buf, 1);

    if (!room)
        return;
    *room = c;
    buf->len++;
}

void llmgw__buf_add_int(struct llmgw__buf *buf, int64_t value)
{
    char digits[INT_CHARS];
    size_t at = sizeof digits;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;

    do {
        digits[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (value < 0)
        digits[--at] = '-';
    llmgw__buf_add(buf, digits + at, sizeof digits - at);
}

char *llmgw__buf_reserve(struct llmgw__buf *buf, size_t len)
{
    return room_for(buf, len);
}

static inline char *room_for(struct llmgw__buf *buf, size_t len)
{
    if (buf->status == LLMGW_OK && len <= buf->cap - buf->len && buf->data)
        return buf->data + buf->len;
    return make_room(buf, len);
}

void llmgw__buf_clear(struct llmgw__buf *buf)
{
    llmgw__free(buf->data);
    llmgw__buf_init(buf, buf->limit);
}

static bool same_nocase(const char *a, const char *b, size_t len)
{
    for (size_t at = 0; at < len; at++)
        if (lower(a[at]) != lower(b[at]))
            return false;
    return true;
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static char *make_room(struct llmgw__buf *buf, size_t len)
{
    size_t cap = buf->cap <= SIZE_MAX / 2 ? buf->cap * 2 : SIZE_MAX;
    size_t need = buf->len + len;
    char *moved;

    if (buf->status != LLMGW_OK)
        return NULL;
    if (need < len || (buf->limit && need > buf->limit))
        return fail(buf, LLMGW_E_LIMIT);
    if (cap < FIRST_CAP)
        cap = FIRST_CAP;
    if (cap < need)
        cap = need;
    if (buf->limit && cap > buf->limit)
        cap = buf->limit;
    moved = llmgw__realloc(buf->data, cap);
    if (!moved)
        return fail(buf, LLMGW_E_NOMEM);
    buf->data = moved;
    buf->cap = cap;
    return buf->data + buf->len;
}

static char *fail(struct llmgw__buf *buf, llmgw_status status)
{
    buf->status = status;
    return NULL;
}
