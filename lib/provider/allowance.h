/*
 * provider/allowance.h - what an answer's head says is left of rate limits.
 */
#ifndef LLMGW_PROVIDER_ALLOWANCE_H
#define LLMGW_PROVIDER_ALLOWANCE_H

#include "schema/allowance.h"
#include "schema/exchange.h"

/** By every spelling that services have; told false: it says nothing.
 *  @param now_s  wall clock, for resets that are dates */
void llmgw__allowance_read(const struct llmgw__http_head *head, int64_t now_s,
                           struct llmgw__allowance *out);

#endif
