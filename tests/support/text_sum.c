/*
 * support/text_sum.c - text that comes in pieces, kept as a sum.
 *
 * Source: FNV-1a, 64 bits.
 */
#include "support/text_sum.h"

void text_sum_clear(struct text_sum *sum)
{
    sum->hash = UINT64_C(0xcbf29ce484222325);
    sum->len = 0;
}

void text_sum_add(struct text_sum *sum, llmgw_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        sum->hash ^= (unsigned char)text.data[i];
        sum->hash *= UINT64_C(0x100000001b3);
    }
    sum->len += text.len;
}

int text_sum_is(const struct text_sum *sum, llmgw_str text)
{
    struct text_sum other;

    text_sum_clear(&other);
    text_sum_add(&other, text);
    return other.hash == sum->hash && other.len == sum->len;
}
