/* base/text.h - views, bounded growing buffers, segmented text, UTF-8. */
#ifndef LLMGW_BASE_TEXT_H
#define LLMGW_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <llmgw/base.h>

/* --- views --- */

#define LLMGW__LIT(literal) ((llmgw_str){(literal), sizeof(literal) - 1})

inline llmgw_str llmgw__str_n(const char *data, size_t len)
{
    llmgw_str text = {data, len};

    return text;
}

inline llmgw_str llmgw__str(const char *text) /* NULL: empty */
{
    return llmgw__str_n(text, text ? strlen(text) : 0);
}

inline bool llmgw__str_eq(llmgw_str a, llmgw_str b)
{
    return a.len == b.len && (a.len == 0 || !memcmp(a.data, b.data, a.len));
}

/* Most are told apart by their length: no call for those. */
inline bool llmgw__str_is(llmgw_str a, const char *b)
{
    return llmgw__str_eq(a, llmgw__str(b));
}

bool llmgw__str_is_nocase(llmgw_str a, const char *b); /* ASCII */
bool llmgw__str_starts(llmgw_str a, const char *prefix);
bool llmgw__str_ends(llmgw_str a, const char *suffix);
/** Offset of needle in hay, or SIZE_MAX; _nocase: needle is lower case. */
size_t llmgw__str_find(llmgw_str hay, llmgw_str needle);
size_t llmgw__str_find_nocase(llmgw_str hay, llmgw_str needle);
size_t llmgw__str_find_pair(llmgw_str hay, char first, const char others[3]);
/** Without leading and trailing space, tab, CR, LF. */
llmgw_str llmgw__str_trim(llmgw_str text);
/** Whole decimal integer, optional sign; false: not one, or overflow. */
bool llmgw__str_int64(llmgw_str text, int64_t *out);
/** No control characters (< 0x20, 0x7f): safe in a header or URL. */
bool llmgw__str_printable(llmgw_str text);

/* --- a contiguous buffer with a ceiling; its status is sticky --- */

struct llmgw__buf {
    char *data;
    size_t len;
    size_t cap;
    size_t limit;        /* bytes, 0: none */
    llmgw_status status; /* first failure: E_NOMEM or E_LIMIT; adds then
                            do nothing */
};

void llmgw__buf_init(struct llmgw__buf *buf, size_t limit);
void llmgw__buf_add(struct llmgw__buf *buf, const char *data, size_t len);
static inline void llmgw__buf_add_str(struct llmgw__buf *buf, llmgw_str text)
{
    llmgw__buf_add(buf, text.data, text.len);
}
void llmgw__buf_add_z(struct llmgw__buf *buf, const char *text);
void llmgw__buf_add_char(struct llmgw__buf *buf, char c);
void llmgw__buf_add_int(struct llmgw__buf *buf, int64_t value);
/** Room for len more bytes, to be written at the returned place and then
 *  counted by adding to buf->len; NULL: failed (status set). */
char *llmgw__buf_reserve(struct llmgw__buf *buf, size_t len);
static inline llmgw_str llmgw__buf_str(const struct llmgw__buf *buf)
{
    return llmgw__str_n(buf->data, buf->len);
}
/** Forget the content and the status, keep the memory. */
static inline void llmgw__buf_reset(struct llmgw__buf *buf)
{
    buf->len = 0;
    buf->status = LLMGW_OK;
}
void llmgw__buf_clear(struct llmgw__buf *buf);

/* --- growing text in segments: no copy when it grows --- */

struct llmgw__rope_piece;

struct llmgw__rope {
    struct llmgw__rope_piece *first;
    struct llmgw__rope_piece *last;
    size_t len;
    size_t limit;
};

void llmgw__rope_init(struct llmgw__rope *rope, size_t limit);
llmgw_status llmgw__rope_add(struct llmgw__rope *rope, llmgw_str text);
/** All of it as one view, valid until the next add or clear (the pieces are
 *  joined into one). */
llmgw_status llmgw__rope_flat(struct llmgw__rope *rope, llmgw_str *out);
void llmgw__rope_clear(struct llmgw__rope *rope);

/* --- UTF-8 --- */

/** Most pieces of an answer: 1 to 8 bytes of ASCII, in two looks. */
static inline bool llmgw__is_short_ascii(llmgw_str text)
{
    uint32_t head, tail;

    if (text.len < 4)
        return text.len > 0 && !((text.data[0] | text.data[text.len / 2] |
                                  text.data[text.len - 1]) &
                                 0x80);
    if (text.len > 8)
        return false;
    memcpy(&head, text.data, 4);
    memcpy(&tail, text.data + text.len - 4, 4);
    return !((head | tail) & UINT32_C(0x80808080));
}

/** Length of the longest prefix that is whole, valid UTF-8. */
size_t llmgw__utf8_valid(llmgw_str text);

/**
 * Joins text that arrives in pieces into whole UTF-8: sequences cut between
 * pieces, and surrogate pairs whose halves came in two pieces (each written
 * as three bytes ED Ax/Bx xx by the JSON reader). What can never become valid
 * is replaced by U+FFFD.
 */
struct llmgw__utf8_join {
    unsigned char held[6]; /* bytes that wait for their rest */
    unsigned char count;
};

/**
 * Push one piece.
 *
 * @param scratch  used only when the piece had to be changed
 * @param[out] out whole UTF-8, possibly empty: a view of `piece` or scratch
 */
llmgw_status llmgw__utf8_push(struct llmgw__utf8_join *join, llmgw_str piece,
                              struct llmgw__buf *scratch, llmgw_str *out);
/** The end: what is still held, as U+FFFD each; may be empty. */
llmgw_status llmgw__utf8_end(struct llmgw__utf8_join *join,
                             struct llmgw__buf *scratch, llmgw_str *out);

#endif
