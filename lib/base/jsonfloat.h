/*
 * base/jsonfloat.h - numbers of JSON as 32-bit floats, both ways, correctly
 * rounded and whatever the host's locale.
 */
#ifndef LLMGW_BASE_JSONFLOAT_H
#define LLMGW_BASE_JSONFLOAT_H

#include <stdbool.h>
#include <stddef.h>

#include <llmgw/base.h>

/** Bytes that the text of any float takes at most. */
#define LLMGW__FLOAT_TEXT 24

/**
 * The float nearest to a number, ties to even.
 *
 * @param number  a number's text as the JSON reader hands it out
 * @return false: beyond the range of a float
 */
bool llmgw__number_float(llmgw_str number, float *out);

/**
 * Few digits that are read back as the same float; no NUL.
 *
 * @param value  finite
 * @return bytes written
 */
size_t llmgw__float_text(float value, char out[LLMGW__FLOAT_TEXT]);

#endif
