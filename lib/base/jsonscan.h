/*
 * base/jsonscan.h - the scanner under the JSON reader, document and writer.
 *
 * Private to these files. Every function takes [at, end) and never looks at
 * `end` itself. Source: RFC 8259.
 */
#ifndef LLMGW_BASE_JSONSCAN_H
#define LLMGW_BASE_JSONSCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <llmgw/base.h>

#include "jsondoc.h"
#include "jsonread.h"

#if defined(__SSE2__) && !defined(LLMGW__SCAN_PORTABLE)
#include <emmintrin.h>
#define LLMGW__SCAN_SSE2 1
#endif

/*
 * Strings are found by blocks of 64 bytes: json->special has a bit for each
 * byte of the block that is a quote, a backslash or a control character. One
 * look at a block serves all strings in it, so that to find the end of the
 * next one takes a shift and a count, and waits for no load.
 */
enum {
    LLMGW__SCAN_BLOCK = 64
};

/** Start at json->at, which json->end follows. */
void llmgw__scan_init(struct llmgw__json *json);
/** First byte from `at` on that is not plain, or end; any block. */
const char *llmgw__scan_plain(struct llmgw__json *json, const char *at);
/** From a backslash to the end of the string, as llmgw__scan_string. */
const char *llmgw__scan_escaped(struct llmgw__json *json, const char *at);
/** Past white space. */
const char *llmgw__scan_blanks(const char *at, const char *end);
/** Past a number that begins here; NULL: malformed. */
const char *llmgw__scan_number(const char *at, const char *end);
/** One character of a string's inside, escapes resolved, as 1-4 bytes (one
 *  for a raw byte). @return bytes put into out; *at is moved on */
size_t llmgw__scan_char(const char **at, const char *end, unsigned char out[4]);
/** Equal for strings that compare equal. */
uint32_t llmgw__jstr_hash(struct llmgw__jstr str);
/** A number's text as double; false: not a number, or beyond double. */
bool llmgw__number_double(llmgw_str number, double *out);
/** A key that occurs twice in an object: the node of the second one;
 *  LLMGW__JNONE: all differ. E_NOMEM: could not be told. */
llmgw_status llmgw__jdoc_repeated(const struct llmgw__jdoc *doc,
                                  uint32_t object, uint32_t *out);

static inline bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/** Number of zero bits below the first one; bits != 0. */
static inline unsigned first_bit(uint64_t bits)
{
#if defined(__GNUC__)
    return (unsigned)__builtin_ctzll(bits);
#else
    unsigned count = 0;

    for (; (bits & 1) == 0; bits >>= 1)
        count++;
    return count;
#endif
}

#if defined(LLMGW__SCAN_SSE2)
/** The bits of 16 bytes that are not plain. With bit 1 flipped, quote and
 *  control characters are what is <= 0x20; unsigned x <= y is x == min(x, y). */
static inline uint64_t special_of_16(const char *at)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i x = _mm_xor_si128(v, _mm_set1_epi8(0x02));

    return (uint64_t)(unsigned)_mm_movemask_epi8(
        _mm_or_si128(_mm_cmpeq_epi8(x, _mm_min_epu8(x, _mm_set1_epi8(0x20))),
                     _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
}
#endif

/** First byte from `at` on that is not plain, or end; `from` is where the text
 *  begins: of a last block that is cut, bytes before `at` are looked at too. */
static inline const char *plain_end(const char *from, const char *at,
                                    const char *end)
{
#if defined(LLMGW__SCAN_SSE2)
    uint64_t special;

    for (; end - at >= 16; at += 16) {
        special = special_of_16(at);
        if (special)
            return at + first_bit(special);
    }
    if (at < end && end - from >= 16) {
        special = special_of_16(end - 16) >> (16 - (end - at));
        return special ? at + first_bit(special) : end;
    }
#else
    (void)from;
#endif
    while (at < end && is_plain(*at))
        at++;
    return at;
}

/** The bits of the block at hand from `at` on. */
static inline uint64_t special_from(const struct llmgw__json *json,
                                    const char *at)
{
    size_t offset = (size_t)(at - json->block);

    return offset < LLMGW__SCAN_BLOCK ? json->special >> offset : 0;
}

/** First byte from `at` on that is not plain, within the block at hand; NULL:
 *  not there. */
static inline const char *scan_near(const struct llmgw__json *json,
                                    const char *at)
{
    uint64_t special = special_from(json, at);

    return special ? at + first_bit(special) : NULL;
}

/**
 * The inside of a string, from after its opening quote.
 * @return the closing quote; else the byte that is wrong, or end
 */
static inline const char *scan_string(struct llmgw__json *json, const char *at,
                                      bool *escaped)
{
    const char *hit = scan_near(json, at);

    at = hit ? hit : llmgw__scan_plain(json, at);
    *escaped = at < json->end && *at == '\\';
    return *escaped ? llmgw__scan_escaped(json, at) : at;
}

/** Past white space; compact texts leave at the first comparison. */
static inline const char *scan_space(const char *at, const char *end)
{
    return at < end && (unsigned char)*at > ' ' ? at
                                                : llmgw__scan_blanks(at, end);
}

/** Past a literal that begins here; NULL: another text. */
static inline const char *scan_word(const char *at, const char *end,
                                    const char *word, size_t len)
{
    if ((size_t)(end - at) < len || memcmp(at, word, len) != 0)
        return NULL;
    return at + len;
}

#endif
