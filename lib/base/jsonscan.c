/*
 * base/jsonscan.c - finds what is not plain text of a string, 64 bytes at once.
 *
 * Source: RFC 8259, section 7 (unescaped). Memory: none.
 */
#include "jsonscan.h"

static const char *past_indent(const char *at, const char *end);
static void go_to_block(struct llmgw__json *json, const char *block);
static uint64_t special_of_block(const char *at);
static uint64_t special_of_few(const char *at, size_t len);

void llmgw__scan_init(struct llmgw__json *json)
{
    size_t len = (size_t)(json->end - json->at);

    json->block = json->at;
    json->special = len >= LLMGW__SCAN_BLOCK ? special_of_block(json->at)
                                             : special_of_few(json->at, len);
}

const char *llmgw__scan_plain(struct llmgw__json *json, const char *at)
{
    for (;;) {
        uint64_t special = special_from(json, at);
        size_t past;

        if (special)
            return at + first_bit(special);
        if (at == json->end || json->end - json->block <= LLMGW__SCAN_BLOCK)
            return json->end;
        past = (size_t)(at - json->block) / LLMGW__SCAN_BLOCK;
        go_to_block(json, json->block + LLMGW__SCAN_BLOCK * (past ? past : 1));
        if (at < json->block)
            at = json->block;
    }
}

const char *llmgw__scan_blanks(const char *at, const char *end)
{
    at += at < end && *at == '\n'; /* a line end, and what it is indented by */
    at = past_indent(at, end);
    while (at < end &&
           (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* A block after a whole one. Of the last, which is cut, the bytes up to the
 * end are looked at together with as many before them. */
static void go_to_block(struct llmgw__json *json, const char *block)
{
    size_t left = (size_t)(json->end - block);

    json->block = block;
    if (left >= LLMGW__SCAN_BLOCK)
        json->special = special_of_block(block);
    else
        json->special = special_of_block(json->end - LLMGW__SCAN_BLOCK) >>
                        (LLMGW__SCAN_BLOCK - left);
}

static uint64_t special_of_few(const char *at, size_t len)
{
    uint64_t special = 0;

    for (size_t i = 0; i < len; i++)
        special |= (uint64_t)!is_plain(at[i]) << i;
    return special;
}

#if defined(LLMGW__SCAN_SSE2)

static const char *past_indent(const char *at, const char *end)
{
    for (; end - at >= 16; at += 16) {
        __m128i v = _mm_loadu_si128((const __m128i *)(const void *)at);
        unsigned other = 0xffffu & ~(unsigned)_mm_movemask_epi8(
                                       _mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));

        if (other)
            return at + first_bit(other);
    }
    return at;
}

static uint64_t special_of_block(const char *at)
{
    return special_of_16(at) | special_of_16(at + 16) << 16 |
           special_of_16(at + 32) << 32 | special_of_16(at + 48) << 48;
}

#else

static const char *past_indent(const char *at, const char *end)
{
    while (end - at >= 8 && memcmp(at, "        ", 8) == 0)
        at += 8;
    return at;
}

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The first byte lowest, whatever the machine's order; written out so that
 * compilers see one load in it. */
static uint64_t load_8(const char *at)
{
    const unsigned char *byte = (const unsigned char *)at;

    return (uint64_t)byte[0] | (uint64_t)byte[1] << 8 |
           (uint64_t)byte[2] << 16 | (uint64_t)byte[3] << 24 |
           (uint64_t)byte[4] << 32 | (uint64_t)byte[5] << 40 |
           (uint64_t)byte[6] << 48 | (uint64_t)byte[7] << 56;
}

/* The high bit of each byte that is zero, exactly. */
static uint64_t zero_bytes(uint64_t word)
{
    return ~(((word & EACH(0x7f)) + EACH(0x7f)) | word) & EACH(0x80);
}

static uint64_t special_of_8(const char *at)
{
    uint64_t word = load_8(at);
    uint64_t hits = zero_bytes(word & EACH(0xe0)) | /* < 0x20 */
                    zero_bytes(word ^ EACH('"')) |
                    zero_bytes(word ^ EACH('\\'));

    /* gather the high bits: that of byte i becomes bit i */
    return ((hits >> 7) * UINT64_C(0x0102040810204080)) >> 56;
}

static uint64_t special_of_block(const char *at)
{
    uint64_t special = 0;

    for (unsigned i = 0; i < LLMGW__SCAN_BLOCK; i += 8)
        special |= special_of_8(at + i) << i;
    return special;
}

#endif
