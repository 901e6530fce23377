/*
 * catalog/describe.h - all that is known of a model, for people and programs.
 */
#ifndef LLMGW_CATALOG_DESCRIBE_H
#define LLMGW_CATALOG_DESCRIBE_H

#include "base/jsonwrite.h"
#include "price.h"

/** How a model reasons: "none", or a word of ability.h; NULL: not known. */
const char *llmgw__reasoning_of(const struct llmgw__price *price);
/** Write an object of what is known; NULL: that nothing is. */
void llmgw__price_render(const struct llmgw__price *price,
                         struct llmgw__jsonw *w);

#endif
