/*
 * provider/anthropic_slots.h - what dialects in the shape of the Messages API
 * have in common.
 */
#ifndef LLMGW_PROVIDER_ANTHROPIC_SLOTS_H
#define LLMGW_PROVIDER_ANTHROPIC_SLOTS_H

#include "provider.h"

/** Wherever it is spoken. */
#define LLMGW__ANTHROPIC_COMMON                                     \
    .name = "anthropic", .extensions = llmgw__anthropic_extensions, \
    .body = llmgw__anthropic_body, .end = llmgw__anthropic_end,     \
    .takes_state = llmgw__anthropic_takes_state,                    \
    .goes_on = llmgw__anthropic_goes_on, .again = llmgw__anthropic_again
extern const char *const llmgw__anthropic_extensions[];
bool llmgw__anthropic_takes_state(const struct llmgw__target *target,
                                  llmgw_str format);
bool llmgw__anthropic_goes_on(const struct llmgw__target *target,
                              const struct llmgw__chat *chat);
uint8_t llmgw__anthropic_again(const struct llmgw__error *error);
llmgw_status llmgw__anthropic_frame(void *decoder,
                                    const struct llmgw__decode *decode,
                                    const struct llmgw__frame *frame);
llmgw_status llmgw__anthropic_body(void *decoder,
                                   const struct llmgw__decode *decode,
                                   llmgw_str body);
llmgw_status llmgw__anthropic_end(void *decoder,
                                  const struct llmgw__decode *decode);
void llmgw__anthropic_free(void *decoder);

#endif
