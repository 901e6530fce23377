/*
 * base/floatpack.c - floats as base64.
 *
 * Source: RFC 4648, section 4; IEEE 754 binary32, little-endian, as OpenAI's
 * API and its SDKs have it. Memory: none; packing appends to a buffer.
 */
#include "floatpack.h"

#include <stdint.h>
#include <string.h>

#include "crypto.h"

#define PIECE 48 /* floats packed at once: a multiple of three */

static llmgw_str without_padding(llmgw_str text)
{
    for (int i = 0; i < 2 && text.len && text.data[text.len - 1] == '='; i++)
        text.len--;
    return text;
}

size_t llmgw__floats_packed(llmgw_str base64)
{
    llmgw_str text = without_padding(base64);
    size_t bytes = text.len / 4 * 3 + text.len % 4 * 3 / 4;

    if (text.len % 4 == 1 || bytes % 4 ||
        (text.len != base64.len && base64.len % 4))
        return 0;
    return bytes / 4;
}

/** Value of a digit, and VALID. */
#define VALID 0x80

/* clang-format off */
static const unsigned char values_of[256] = {
    ['A'] = 128, ['B'] = 129, ['C'] = 130, ['D'] = 131,
    ['E'] = 132, ['F'] = 133, ['G'] = 134, ['H'] = 135,
    ['I'] = 136, ['J'] = 137, ['K'] = 138, ['L'] = 139,
    ['M'] = 140, ['N'] = 141, ['O'] = 142, ['P'] = 143,
    ['Q'] = 144, ['R'] = 145, ['S'] = 146, ['T'] = 147,
    ['U'] = 148, ['V'] = 149, ['W'] = 150, ['X'] = 151,
    ['Y'] = 152, ['Z'] = 153, ['a'] = 154, ['b'] = 155,
    ['c'] = 156, ['d'] = 157, ['e'] = 158, ['f'] = 159,
    ['g'] = 160, ['h'] = 161, ['i'] = 162, ['j'] = 163,
    ['k'] = 164, ['l'] = 165, ['m'] = 166, ['n'] = 167,
    ['o'] = 168, ['p'] = 169, ['q'] = 170, ['r'] = 171,
    ['s'] = 172, ['t'] = 173, ['u'] = 174, ['v'] = 175,
    ['w'] = 176, ['x'] = 177, ['y'] = 178, ['z'] = 179,
    ['0'] = 180, ['1'] = 181, ['2'] = 182, ['3'] = 183,
    ['4'] = 184, ['5'] = 185, ['6'] = 186, ['7'] = 187,
    ['8'] = 188, ['9'] = 189, ['+'] = 190, ['/'] = 191,
};
/* clang-format on */

/** Bytes come in threes and leave in fours, the first of them lowest. */
struct unpacked {
    uint64_t held;
    unsigned bits; /* of `held` */
    float *out;
    bool finite; /* neither infinite nor NaN, all of them so far */
};

static inline void push(struct unpacked *to, uint32_t bytes, unsigned bits)
{
    to->held |= (uint64_t)bytes << to->bits;
    to->bits += bits;
    if (to->bits >= 32) {
        uint32_t word = (uint32_t)to->held;

        memcpy(to->out++, &word, sizeof word);
        to->finite = to->finite && (word & 0x7f800000) != 0x7f800000;
        to->held >>= 32;
        to->bits -= 32;
    }
}

/** Four digits, the first highest. @return false: one of them is none */
static inline bool read_digits(const char *at, uint32_t *bits)
{
    const unsigned char *digit = (const unsigned char *)at;
    uint32_t a = values_of[digit[0]], b = values_of[digit[1]];
    uint32_t c = values_of[digit[2]], d = values_of[digit[3]];

    *bits = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);
    return a & b & c & d & VALID;
}

/* NOLINTNEXTLINE(readability-non-const-parameter): written through `to` */
bool llmgw__floats_unpack(llmgw_str base64, float *out, size_t count)
{
    llmgw_str text = without_padding(base64);
    struct unpacked to = {.out = out, .finite = true};
    size_t rest = text.len % 4;
    char last[4] = {'A', 'A', 'A', 'A'};
    uint32_t bits = 0;

    if (llmgw__floats_packed(base64) != count || !count)
        return false;
    for (size_t i = 0; i + 4 <= text.len; i += 4) {
        if (!read_digits(text.data + i, &bits))
            return false;
        push(&to, bits >> 16 | (bits & 0xff00) | (bits & 0xff) << 16, 24);
    }
    memcpy(last, text.data + text.len - rest, rest);
    if (!read_digits(last, &bits))
        return false;
    if (rest > 1)
        push(&to, bits >> 16, 8);
    if (rest > 2)
        push(&to, bits >> 8 & 0xff, 8);
    return to.finite;
}

size_t llmgw__bytes_packed(llmgw_str base64)
{
    size_t len = without_padding(base64).len;

    return len % 4 == 1 ? 0 : len / 4 * 3 + len % 4 * 3 / 4;
}

bool llmgw__bytes_unpack(llmgw_str base64, float *out, size_t count)
{
    llmgw_str text = without_padding(base64);
    uint32_t bits = 0;

    if (llmgw__bytes_packed(base64) != count || !count)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t at = i / 3 * 4;
        size_t rest = text.len - at < 4 ? text.len - at : 4;
        char digits[4] = {'A', 'A', 'A', 'A'};
        uint32_t byte;

        memcpy(digits, text.data + at, rest);
        if (i % 3 == 0 && !read_digits(digits, &bits))
            return false;
        byte = bits >> (16 - 8 * (i % 3)) & 0xff;
        out[i] = (float)((int32_t)byte - (byte > 127 ? 256 : 0));
    }
    return true;
}

void llmgw__floats_pack(struct llmgw__buf *out, const float *values,
                        size_t count)
{
    char bytes[4 * PIECE];

    for (size_t at = 0; at < count; at += PIECE) {
        size_t some = count - at < PIECE ? count - at : PIECE;

        for (size_t i = 0; i < some; i++) {
            uint32_t word;

            memcpy(&word, &values[at + i], sizeof word);
            for (unsigned byte = 0; byte < 4; byte++)
                bytes[4 * i + byte] = (char)(word >> 8 * byte & 0xff);
        }
        llmgw__base64_encode(out, llmgw__str_n(bytes, 4 * some));
    }
}
