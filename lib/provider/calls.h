/*
 * provider/calls.h - what calls, vectors and counts of an answer need,
 * whatever wire they came by.
 */
#ifndef LLMGW_PROVIDER_CALLS_H
#define LLMGW_PROVIDER_CALLS_H

#include "base/text.h"
#include "dialect.h"
#include "schema/vectors.h"

/** Did a custom tool of this name go out as a function of one string? */
bool llmgw__calls_custom(const struct llmgw__decode *decode, llmgw_str name);
/** Its input, of the arguments it was called with: in the scratch arena. */
llmgw_status llmgw__calls_input(const struct llmgw__decode *decode,
                                llmgw_str arguments, llmgw_str *out);
/** An id of nine letters and digits, the same for the same id: some services
 *  take no other. false: it cannot be made. */
#define LLMGW__SHORT_ID 9
bool llmgw__calls_short_id(llmgw_str id, char out[LLMGW__SHORT_ID]);
/** Is it one already? */
bool llmgw__calls_is_short_id(llmgw_str id);
/** JSON without white space between its tokens. */
llmgw_status llmgw__calls_compact(llmgw_str json, struct llmgw__arena *arena,
                                  llmgw_str *out);

/** A list of vectors, in the order of the inputs. */
llmgw_status llmgw__vectors_list(struct llmgw__vectors *vectors,
                                 struct llmgw__json *json);
/** Tell a count of the prompt alone; negative: it was not told. */
llmgw_status llmgw__calls_prompt(const struct llmgw__decode *decode,
                                 int64_t tokens);

#endif
