/*
 * schema/usage.h - the one vocabulary of token counts.
 *
 * Every token is in exactly one class. What the host sees as prompt and
 * completion tokens is made from the classes, inclusive, always.
 */
#ifndef LLMGW_SCHEMA_USAGE_H
#define LLMGW_SCHEMA_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/jsonwrite.h"

enum llmgw__usage_class {
    LLMGW__INPUT_UNCACHED,
    LLMGW__INPUT_CACHED,
    LLMGW__INPUT_CACHE_WRITE_5M, /* the short TTL, or not told which */
    LLMGW__INPUT_CACHE_WRITE_1H, /* the long TTL */
    LLMGW__AUDIO_IN,
    LLMGW__IMAGE_IN,
    LLMGW__OUTPUT_TEXT, /* all output that is in no other class */
    LLMGW__OUTPUT_REASONING,
    LLMGW__AUDIO_OUT,
    LLMGW__IMAGE_OUT,
    LLMGW__USAGE_CLASSES
};

/** Tools that the provider ran and charges. */
enum llmgw__usage_tool {
    LLMGW__TOOL_WEB_SEARCH,
    LLMGW__TOOL_WEB_FETCH,
    LLMGW__TOOL_FILE_SEARCH,
    LLMGW__TOOL_CODE_INTERPRETER,
    LLMGW__USAGE_TOOLS
};

/** How a request was served, where it makes a price of its own. */
enum llmgw__service_tier {
    LLMGW__SERVICE_UNKNOWN, /* not told: the usual price */
    LLMGW__SERVICE_STANDARD,
    LLMGW__SERVICE_FLEX,
    LLMGW__SERVICE_PRIORITY, /* also "fast" */
    LLMGW__SERVICE_BATCH,
    LLMGW__SERVICE_TIERS
};

/** Counts as the provider stated them, where the classes do not show them. */
enum llmgw__usage_raw {
    LLMGW__RAW_TOOL_USE_PROMPT, /* inside INPUT_UNCACHED: what its own tools
                                   put before the model */
    LLMGW__RAW_INPUT,           /* all that went through the model, where less
                                   of it is charged */
    LLMGW__RAW_OUTPUT,          /* likewise */
    LLMGW__RAW_CACHED,          /* part of RAW_INPUT */
    LLMGW__USAGE_RAWS
};

struct llmgw__usage {
    int64_t count[LLMGW__USAGE_CLASSES];
    uint32_t known;     /* bit per class: the provider gave a number for it */
    uint32_t estimated; /* bit per class: the number is ours */
    int64_t accepted_prediction; /* inside OUTPUT_TEXT; -1: not told */
    int64_t rejected_prediction; /* inside OUTPUT_TEXT; -1: not told */
    int64_t tools[LLMGW__USAGE_TOOLS];
    int64_t raw[LLMGW__USAGE_RAWS]; /* 0: nothing, or not told */
    bool raw_whole;   /* RAW_INPUT, _OUTPUT and _CACHED were told, zeros too */
    int64_t requests; /* upstream requests behind this */
    int64_t provider_cost_pico; /* what the provider says it charges; -1: does
                                   not say */
    uint8_t service_tier;       /* enum llmgw__service_tier: as it was served,
                                   else as it was asked for */
    uint8_t regional;           /* 1: it was kept in a region that costs more */
    bool reported;              /* any usage came from the provider */
    bool clamped;               /* numbers were negative or contradictory */
};

/** Nothing known, no requests. */
void llmgw__usage_init(struct llmgw__usage *usage);
/** Set a class as the provider reported it; negative: clamped to 0, flagged. */
void llmgw__usage_set(struct llmgw__usage *usage, enum llmgw__usage_class cls,
                      int64_t count);
/** Sums of the classes, saturating. */
int64_t llmgw__usage_prompt(const struct llmgw__usage *usage);
int64_t llmgw__usage_completion(const struct llmgw__usage *usage);
/** Add all of b to a (several upstream requests behind one answer). */
void llmgw__usage_add(struct llmgw__usage *a, const struct llmgw__usage *b);
/** The class's name in ledgers and reports, e.g. "input_cached". */
const char *llmgw__usage_class_name(int cls);
const char *llmgw__usage_tool_name(int tool);
const char *llmgw__usage_raw_name(int raw);
/** "standard", "flex", "priority", "batch"; NULL: LLMGW__SERVICE_UNKNOWN. */
const char *llmgw__service_tier_name(int tier);
/** The tier of a provider's word for it ("default", "fast", "on_demand" …). */
enum llmgw__service_tier llmgw__service_tier_of(llmgw_str word);
/** Write the OpenAI-shaped usage object: details where known, zeros too. */
void llmgw__usage_render(const struct llmgw__usage *usage,
                         struct llmgw__jsonw *w);

/**
 * Counts as OpenAI-shaped wires state them, where prompt contains cached and
 * write and completion contains reasoning. -1: not told. Turned into classes,
 * contradictions clamped and flagged.
 */
struct llmgw__usage_inclusive {
    int64_t prompt, cached, cache_write, cache_write_long, audio_in, image_in;
    int64_t completion, reasoning, audio_out, image_out;
    int64_t accepted_prediction, rejected_prediction;
};
void llmgw__usage_inclusive_init(struct llmgw__usage_inclusive *counts);
void llmgw__usage_from_inclusive(struct llmgw__usage *usage,
                                 const struct llmgw__usage_inclusive *counts);

#endif
