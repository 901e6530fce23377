/*
 * support/text_sum.h - text that comes in pieces, kept as a sum.
 */
#ifndef LLMGW_TEST_TEXT_SUM_H
#define LLMGW_TEST_TEXT_SUM_H

#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

struct text_sum {
    uint64_t hash;
    size_t len;
};

/** Of no text. */
void text_sum_clear(struct text_sum *sum);
void text_sum_add(struct text_sum *sum, llmgw_str text);
/** Were all pieces together this text? */
int text_sum_is(const struct text_sum *sum, llmgw_str text);

#endif
