/*
 * provider/calls.h - what the calls of an answer need, whatever wire they came
 * by.
 */
#ifndef LLMGW_PROVIDER_CALLS_H
#define LLMGW_PROVIDER_CALLS_H

#include "base/text.h"
#include "dialect.h"

/** Did a custom tool of this name go out as a function of one string? */
bool llmgw__calls_custom(const struct llmgw__decode *decode, llmgw_str name);
/** Its input, of the arguments it was called with: in the scratch arena. */
llmgw_status llmgw__calls_input(const struct llmgw__decode *decode,
                                llmgw_str arguments, llmgw_str *out);
/** JSON without white space between its tokens. */
llmgw_status llmgw__calls_compact(llmgw_str json, struct llmgw__arena *arena,
                                  llmgw_str *out);

#endif
