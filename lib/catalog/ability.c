/*
 * catalog/ability.c - the words for what a model can, cannot and refuses: in
 * manifests, in lists of models, in reasons.
 *
 * Memory: none.
 */
#include "ability.h"

#include <stddef.h>

const char *const llmgw__ability_names[] = {
    "tools",       "vision",    "pdf",     "audio",
    "json_schema", "reasoning", "prefill", "cancel_stops_billing",
    NULL};

const char *const llmgw__refusal_names[] = {"temperature",
                                            "top_p",
                                            "top_k",
                                            "frequency_penalty",
                                            "presence_penalty",
                                            "seed",
                                            "logprobs",
                                            "stop",
                                            NULL};

const char *const llmgw__reasons_names[] = {
    "unknown", "switch", "effort", "budget", "adaptive", "always", NULL};
