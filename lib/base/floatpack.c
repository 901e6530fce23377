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

/** Value of a digit; 64 or more: it is none. */
static unsigned value_of(char c)
{
    if (c >= 'A' && c <= 'Z')
        return (unsigned)(c - 'A');
    if (c >= 'a' && c <= 'z')
        return (unsigned)(c - 'a') + 26;
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0') + 52;
    return c == '+' ? 62 : c == '/' ? 63 : 64;
}

static bool store(uint32_t word, float *out)
{
    memcpy(out, &word, sizeof word);
    return (word & 0x7f800000) != 0x7f800000; /* neither infinite nor NaN */
}

bool llmgw__floats_unpack(llmgw_str base64, float *out, size_t count)
{
    llmgw_str text = without_padding(base64);
    uint32_t bits = 0;
    uint32_t word = 0;
    unsigned held = 0;  /* bits of `bits` that are not yet in `word` */
    unsigned shift = 0; /* of the byte that comes next into `word` */

    if (llmgw__floats_packed(base64) != count || !count)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        unsigned value = value_of(text.data[i]);

        if (value > 63)
            return false;
        bits = bits << 6 | value;
        held += 6;
        if (held < 8)
            continue;
        held -= 8;
        word |= (bits >> held & 0xff) << shift;
        shift += 8;
        if (shift < 32)
            continue;
        if (!store(word, out++))
            return false;
        word = 0;
        shift = 0;
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
