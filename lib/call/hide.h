/*
 * call/hide.h - overwrite secrets where they stand in a text.
 */
#ifndef LLMGW_CALL_HIDE_H
#define LLMGW_CALL_HIDE_H

#include <llmgw/base.h>

/** The secret, or its beginning at the end of the text. Short ones are words
 *  that may stand anywhere. */
void llmgw__hide(char *text, size_t len, llmgw_str secret);
/** Pieces made of what credentials are written in, at least `shortest` long,
 *  that stand in `sent` too. */
void llmgw__hide_parts(char *text, size_t len, llmgw_str sent, size_t shortest);

#endif
