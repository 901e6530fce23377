/*
 * provider/prefill.h - can a target go on with an answer that another one
 * began?
 */
#ifndef LLMGW_PROVIDER_PREFILL_H
#define LLMGW_PROVIDER_PREFILL_H

#include "catalog/catalog.h"
#include "schema/chat.h"

enum llmgw__goes_on {
    LLMGW__GOES_ON_NEVER, /* with this request: structured output, n > 1, … */
    LLMGW__GOES_ON_TOLD,  /* when an instruction asks it to */
    LLMGW__GOES_ON_PREFILL /* it is known to go on from the last turn */
};

/**
 * @param[out] unsaid  of PREFILL: bytes at the end of text that this target's
 *                     wire does not take there (white space)
 */
enum llmgw__goes_on llmgw__prefill_of(const struct llmgw__target *target,
                                      const struct llmgw__chat *chat,
                                      llmgw_str text, size_t *unsaid);
/** Does its model think, or may it, where the request does not say? */
bool llmgw__may_think(const struct llmgw__target *target,
                      const struct llmgw__chat *chat);

#endif
