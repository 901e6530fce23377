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

#include "jsonread.h"

#if defined(__GNUC__) && defined(__SSE2__) && !defined(LLMGW__SCAN_PORTABLE)
#define LLMGW__SCAN_SSE2 1
#include <emmintrin.h>
#endif

/** From a backslash to the end of the string, as scan_string. */
const char *llmgw__scan_escaped(const char *at, const char *end);
/** One character of a string's inside, escapes resolved, as 1-4 bytes (one
 *  for a raw byte). @return bytes put into out; *at is moved on */
size_t llmgw__scan_char(const char **at, const char *end, unsigned char out[4]);
/** Equal for strings that compare equal. */
uint32_t llmgw__jstr_hash(struct llmgw__jstr str);
/** A key that occurs twice in an object: the node of the second one;
 *  LLMGW__JNONE: all differ. E_NOMEM: could not be told. */
llmgw_status llmgw__jdoc_repeated(const struct llmgw__jdoc *doc,
                                  uint32_t object, uint32_t *out);
/** Past a number that begins here; NULL: malformed. */
const char *llmgw__scan_number(const char *at, const char *end);
/** A number's text as double; false: not a number, or beyond double. */
bool llmgw__number_double(llmgw_str number, double *out);

static inline bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

static inline const char *scan_plain_bytes(const char *at, const char *end)
{
    while (at < end && is_plain(*at))
        at++;
    return at;
}

#if defined(LLMGW__SCAN_SSE2)

/* 16 bytes a step. Unsigned v < 0x20 is v == min(v, 0x1f). */
static inline const char *scan_plain(const char *at, const char *end)
{
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i control = _mm_set1_epi8(0x1f);

    while (end - at >= 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i hit = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(v, quote),
                                                _mm_cmpeq_epi8(v, backslash)),
                                   _mm_cmpeq_epi8(v, _mm_min_epu8(v, control)));
        unsigned mask = (unsigned)_mm_movemask_epi8(hit);

        if (mask)
            return at + __builtin_ctz(mask);
        at += 16;
    }
    return scan_plain_bytes(at, end);
}

#else

#define SCAN_ONES UINT64_C(0x0101010101010101)
#define SCAN_HIGH UINT64_C(0x8080808080808080)

/* 8 bytes a step. A hit says only that there is one among them: which one is
 * looked up byte by byte, so the order of bytes in a word does not matter. */
static inline const char *scan_plain(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t v, quote, backslash;

        memcpy(&v, at, sizeof v);
        quote = v ^ SCAN_ONES * '"';
        backslash = v ^ SCAN_ONES * '\\';
        if (((((v - SCAN_ONES * 0x20) & ~v) | ((quote - SCAN_ONES) & ~quote) |
              ((backslash - SCAN_ONES) & ~backslash)) &
             SCAN_HIGH) != 0)
            break;
        at += 8;
    }
    return scan_plain_bytes(at, end);
}

#endif

/**
 * The inside of a string, from after its opening quote.
 * @return the closing quote; else the byte that is wrong, or end
 */
static inline const char *scan_string(const char *at, const char *end,
                                      bool *escaped)
{
    at = scan_plain(at, end);
    *escaped = at < end && *at == '\\';
    return *escaped ? llmgw__scan_escaped(at, end) : at;
}

/** Past white space; compact texts leave at the first comparison. */
static inline const char *scan_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
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
