/*
 * provider/openai_models.h - what is known of OpenAI's own models.
 */
#ifndef LLMGW_PROVIDER_OPENAI_MODELS_H
#define LLMGW_PROVIDER_OPENAI_MODELS_H

#include <stdbool.h>

#include <llmgw/base.h>

#include "base/jsonread.h"
#include "catalog/price.h"

/** Does the model search the web, in chat completions? */
bool llmgw__openai_searches(llmgw_str model);
/** May hosts mark what it caches; may that stay in memory only? Both where
 *  nothing is known. */
void llmgw__openai_model_cache(llmgw_str model, bool *marked, bool *memory);
/** Does it have this service tier? What nobody knows may be. */
bool llmgw__openai_model_tier(llmgw_str model, struct llmgw__jstr tier);

/** Members of a request that the manifest knows a model to refuse, and such as
 *  it lacks; NULL: none. */
uint32_t llmgw__openai_refused(const struct llmgw__price *price);
uint32_t llmgw__openai_lacked(const struct llmgw__price *price);

#endif
