/*
 * account/estimate.h - tokens and cost of a request before it is sent; learns
 * bytes per token of each model from what providers report.
 *
 * For any thread, behind one short lock.
 */
#ifndef LLMGW_ACCOUNT_ESTIMATE_H
#define LLMGW_ACCOUNT_ESTIMATE_H

#include <stdint.h>

#include <llmgw/base.h>

#include "base/map.h"
#include "base/sync.h"
#include "catalog/price.h"
#include "catalog/route.h"
#include "schema/bulk.h"

struct llmgw__token_ratios {
    struct llmgw__mutex lock;
    struct llmgw__map models; /* by target id, and by provider; bounded */
};

/* --- tokens.c --- */

llmgw_status llmgw__token_ratios_init(struct llmgw__token_ratios *ratios);
void llmgw__token_ratios_clear(struct llmgw__token_ratios *ratios);

/** What an answered attempt has shown: the provider's own counts. */
void llmgw__token_ratios_note(struct llmgw__token_ratios *ratios,
                              const char *target_id,
                              const struct llmgw__bulk *bulk,
                              const struct llmgw__usage *usage,
                              uint64_t out_bytes);
/** Tokens that so many bytes of an answer are likely to be. */
int64_t llmgw__tokens_of_answer(struct llmgw__token_ratios *ratios,
                                const char *target_id, uint64_t bytes);
/** Tokens that a prompt is likely to be. */
int64_t llmgw__tokens_of_prompt(struct llmgw__token_ratios *ratios,
                                const char *target_id,
                                const struct llmgw__bulk *bulk);

/** Tokens that an answer is likely to be; 0: none was seen. */
int64_t llmgw__length_of_answer(struct llmgw__token_ratios *ratios,
                                const char *target_id);

/* --- estimate.c: and what they cost --- */

/** One end of an estimate. */
struct llmgw__guess {
    int64_t prompt_tokens;
    int64_t completion_tokens; /* -1: nothing bounds it */
    struct llmgw__cost cost;
};

struct llmgw__estimate {
    struct llmgw__guess least; /* an answer of one token, all of the prompt
                                  cached */
    struct llmgw__guess expected;
    struct llmgw__guess most; /* cannot be more, where max_tokens bounds the
                                 answer: a byte is at most a token, each class
                                 is at its dearest; what is not text has the
                                 bounds of estimate.c */
};

/** @param bulk  NULL: of embeddings or the like: prompt_bytes alone */
void llmgw__estimate_make(struct llmgw__token_ratios *ratios,
                          const struct llmgw__target *target,
                          const struct llmgw__bulk *bulk, uint64_t prompt_bytes,
                          int64_t wall_ns, struct llmgw__estimate *out);

/** What it cannot pass alone. */
void llmgw__estimate_most(const struct llmgw__target *target,
                          const struct llmgw__bulk *bulk, uint64_t prompt_bytes,
                          int64_t wall_ns, struct llmgw__guess *out);

#endif
