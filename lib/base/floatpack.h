/*
 * base/floatpack.h - floats as base64: 32 bits each (IEEE 754), the low byte
 * first, on every machine; or signed bytes that stand for them.
 */
#ifndef LLMGW_BASE_FLOATPACK_H
#define LLMGW_BASE_FLOATPACK_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

#include "text.h"

/** How many floats a text of this length holds; 0: none, or no whole number.
 *  Padding may be missing. */
size_t llmgw__floats_packed(llmgw_str base64);
/** Unpack exactly `count` floats. @return false: not base64, not so many, or
 *  one of them is no finite number */
bool llmgw__floats_unpack(llmgw_str base64, float *out, size_t count);
/** The same for signed bytes, each a number of its own. */
size_t llmgw__bytes_packed(llmgw_str base64);
bool llmgw__bytes_unpack(llmgw_str base64, float *out, size_t count);
/** Pack, with padding, appended. */
void llmgw__floats_pack(struct llmgw__buf *out, const float *values,
                        size_t count);

#endif
