/*
 * base/jsonplain.h - which bytes of a JSON string stand for themselves: all but
 * quotes, backslashes and control characters.
 *
 * Private to the scanner and to what stands beside it. Source: RFC 8259,
 * section 7 (unescaped).
 */
#ifndef LLMGW_BASE_JSONPLAIN_H
#define LLMGW_BASE_JSONPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__SSE2__) && !defined(LLMGW__SCAN_PORTABLE)
#include <emmintrin.h>
#define LLMGW__SCAN_SSE2 1
#endif

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
 *  control characters are what is <= 0x20; unsigned x <= y is
 *  x == min(x, y). */
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

#endif
