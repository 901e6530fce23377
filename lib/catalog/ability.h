/*
 * catalog/ability.h - the words for what a model can, cannot and refuses, and
 * all that is known of it as JSON.
 */
#ifndef LLMGW_CATALOG_ABILITY_H
#define LLMGW_CATALOG_ABILITY_H

#include "base/jsonwrite.h"
#include "price.h"

/* A word's place is its bit, or its value; NULL at the end of each. */
extern const char *const llmgw__ability_names[]; /* LLMGW__CAN_… */
extern const char *const llmgw__refusal_names[]; /* LLMGW__REFUSES_… */
extern const char *const llmgw__reasons_names[]; /* enum llmgw__reasons */

/** How a model reasons: "none", a word of those above; NULL: not known. */
const char *llmgw__reasoning_of(const struct llmgw__price *price);
/** Write an object of what is known; NULL: that nothing is. */
void llmgw__price_render(const struct llmgw__price *price,
                         struct llmgw__jsonw *w);

#endif
