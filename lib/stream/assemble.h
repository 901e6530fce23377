/*
 * stream/assemble.h - ordered chunks add up to a whole answer.
 */
#ifndef LLMGW_STREAM_ASSEMBLE_H
#define LLMGW_STREAM_ASSEMBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "schema/answer.h"

struct llmgw__assemble_choice; /* assemble.c */

struct llmgw__assemble {
    struct llmgw__arena *arena; /* the call's: ids, names, arrays */
    size_t limit;               /* bytes of the answer's text in all */
    size_t bytes;
    struct llmgw__assemble_choice *choices;
    size_t choice_count;
    size_t choice_cap;
    struct llmgw__answer answer;
};

void llmgw__assemble_init(struct llmgw__assemble *assemble,
                          struct llmgw__arena *arena, size_t limit);
/** Add one ordered chunk. @retval LLMGW_E_LIMIT  the answer is too large */
llmgw_status llmgw__assemble_push(struct llmgw__assemble *assemble,
                                  const struct llmgw__chunk *chunk);
/** What has come so far, as an answer; views live until clear. NULL: nothing
 *  has, or no memory. */
const struct llmgw__answer *
llmgw__assemble_answer(struct llmgw__assemble *assemble);
void llmgw__assemble_clear(struct llmgw__assemble *assemble);

#endif
