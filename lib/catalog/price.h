/*
 * catalog/price.h - what a model costs: integers from price to total.
 *
 * Rates are pico-USD per token (= micro-USD per million tokens). Most models
 * have one plain price; what depends on more stands behind a pointer (terms.h).
 */
#ifndef LLMGW_CATALOG_PRICE_H
#define LLMGW_CATALOG_PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rates.h"

/** Rates of long prompts: the whole request is priced by them. */
struct llmgw__tier {
    int64_t from;               /* least prompt tokens that it is for */
    int64_t rate[LLMGW__RATES]; /* unknown: as below the first tier */
};

/** One model at one provider kind: prices, limits, what it can do. */
struct llmgw__price {
    const char *provider;            /* row name of the provider table */
    const char *model;               /* as that provider names it */
    int64_t rate[LLMGW__RATES];      /* LLMGW__PRICE_UNKNOWN: not known */
    const struct llmgw__tier *tiers; /* ascending */
    size_t tier_count;
    const struct llmgw__terms *terms; /* terms.h; NULL: none */
    int64_t per_request;              /* pico-USD; unknown: none */
    int64_t per_search;               /* pico-USD; unknown: unknown */
    int64_t context_window;           /* tokens; 0: not known */
    int64_t max_output;               /* tokens; 0: not known */
    uint8_t can;         /* bits, LLMGW__CAN_…: what it is known to do */
    uint8_t cannot;      /* and what not; in neither: nobody has said */
    uint8_t refuses;     /* bits, LLMGW__REFUSES_…: known to be refused */
    uint8_t reasons;     /* enum llmgw__reasons */
    bool free;           /* nothing of it costs anything */
    const char *same_as; /* name of the same model at others; "": as here */
    const char *source;  /* who said so */
    const char *as_of;   /* and when, ISO date */
};

/** Bits of can and cannot. */
enum {
    LLMGW__CAN_TOOLS = 1,
    LLMGW__CAN_VISION = 2,
    LLMGW__CAN_PDF = 4,
    LLMGW__CAN_AUDIO = 8, /* as input */
    LLMGW__CAN_JSON_SCHEMA = 16,
    LLMGW__CAN_REASONING = 32,
    LLMGW__CAN_PREFILL = 64,      /* goes on from an assistant's last turn */
    LLMGW__CAN_STOP_BILLING = 128 /* what is cancelled costs no more */
};

/** Sampling parameters that are a 400. */
enum {
    LLMGW__REFUSES_TEMPERATURE = 1,
    LLMGW__REFUSES_TOP_P = 2,
    LLMGW__REFUSES_TOP_K = 4,
    LLMGW__REFUSES_FREQUENCY_PENALTY = 8,
    LLMGW__REFUSES_PRESENCE_PENALTY = 16,
    LLMGW__REFUSES_SEED = 32,
    LLMGW__REFUSES_LOGPROBS = 64,
    LLMGW__REFUSES_STOP = 128
};

/** What a model that reasons is told about it. */
enum llmgw__reasons {
    LLMGW__REASONS_UNKNOWN,
    LLMGW__REASONS_SWITCH,   /* on or off */
    LLMGW__REASONS_EFFORT,   /* how much: a level */
    LLMGW__REASONS_BUDGET,   /* how much: tokens */
    LLMGW__REASONS_ADAPTIVE, /* it decides; may be switched off */
    LLMGW__REASONS_ALWAYS    /* cannot be switched off */
};

/** A cost: pico-USD, and whether it is known at all. */
struct llmgw__cost {
    int64_t pico;
    bool known;
};

/**
 * Price a usage: sum over classes of count x rate, exactly; where multipliers
 * apply, all of them, rounded half up once; then fees, which nothing
 * multiplies. Unknown when the price is NULL, a class that has tokens has no
 * rate (after the fallbacks of its class), a fee is not known of a tool that
 * was used, or the amount does not fit.
 */
struct llmgw__cost llmgw__price_cost(const struct llmgw__price *price,
                                     const struct llmgw__price_at *at,
                                     const struct llmgw__usage *usage);
/** The rate that applies to a class, the fallbacks and the tier taken, no
 *  multiplier. `at` NULL: the usual price, at no time. */
int64_t llmgw__price_rate(const struct llmgw__price *price,
                          const struct llmgw__price_at *at, int cls,
                          int64_t prompt_tokens);
/** A rate (enum llmgw__rate) for a prompt of that many tokens, no fallbacks,
 *  multipliers taken. */
int64_t llmgw__price_tier_rate(const struct llmgw__price *price,
                               const struct llmgw__price_at *at, int rate,
                               int64_t prompt_tokens);

/** Told of each line of a sum, as it is made. */
struct llmgw__price_line {
    const char *name; /* of a class or a tool, or "request" */
    int64_t count;
    int64_t each; /* pico-USD; unknown: so is the sum */
    bool fee;
};
struct llmgw__price_watch {
    void (*line)(void *userdata, const struct llmgw__price_line *line);
    /** Only where one applies: the sum of tokens, before and after. */
    void (*multiplied)(void *userdata, int64_t before, int64_t num, int64_t den,
                       int64_t after);
    void *userdata;
};
/** llmgw__price_cost, step by step; `watch` NULL: nobody looks on. */
struct llmgw__cost llmgw__price_reckon(const struct llmgw__price *price,
                                       const struct llmgw__price_at *at,
                                       const struct llmgw__usage *usage,
                                       const struct llmgw__price_watch *watch);
#endif
