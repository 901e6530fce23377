/*
 * provider/anthropic_usage.h - token counts of the Messages API.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_USAGE_H
#define LLMGW_PROVIDER_ANTHROPIC_USAGE_H

#include <stdint.h>

#include <llmgw/base.h>

#include "schema/usage.h"

/** Members of usage; LLMGW__ANTHROPIC_UNTOLD: not told. */
#define LLMGW__ANTHROPIC_UNTOLD INT64_MIN
struct llmgw__anthropic_counts {
    int64_t input, write, write_1h, read, output, thinking;
    int64_t searches, fetches;
    /* of the upstream steps that the totals leave out */
    int64_t more_input, more_write, more_write_1h, more_read, more_output;
    uint8_t tier;     /* enum llmgw__service_tier */
    uint8_t regional; /* inference was kept in a region */
};

void llmgw__anthropic_counts_init(struct llmgw__anthropic_counts *counts);
/** Merge a usage object: null and absent members change nothing. */
void llmgw__anthropic_counts_read(struct llmgw__anthropic_counts *counts,
                                  llmgw_str usage);
/** What is not told yet, by Bedrock's metrics. @return there was something */
bool llmgw__anthropic_counts_fill(struct llmgw__anthropic_counts *counts,
                                  llmgw_str metrics);
void llmgw__anthropic_usage(const struct llmgw__anthropic_counts *counts,
                            struct llmgw__usage *usage);
/** OpenAI's word for a usage's service tier; empty: not told. */
llmgw_str llmgw__anthropic_tier(llmgw_str usage);

#endif
