/*
 * catalog/price.h - what a model costs: integers from price to total.
 *
 * Rates are pico-USD per token (= micro-USD per million tokens).
 */
#ifndef LLMGW_CATALOG_PRICE_H
#define LLMGW_CATALOG_PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "schema/usage.h"

#define LLMGW__PRICE_UNKNOWN INT64_MIN

enum llmgw__rate {
    LLMGW__RATE_IN,
    LLMGW__RATE_CACHE_READ,
    LLMGW__RATE_CACHE_WRITE,
    LLMGW__RATE_CACHE_WRITE_LONG,
    LLMGW__RATE_OUT,
    LLMGW__RATE_REASONING,
    LLMGW__RATE_AUDIO_IN,
    LLMGW__RATE_AUDIO_OUT,
    LLMGW__RATE_IMAGE_IN,
    LLMGW__RATE_IMAGE_OUT,
    LLMGW__RATES
};

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
    int64_t per_request;    /* pico-USD; unknown: none */
    int64_t per_search;     /* pico-USD; unknown: unknown */
    int64_t context_window; /* tokens; 0: not known */
    int64_t max_output;     /* tokens; 0: not known */
    uint8_t can;            /* bits, LLMGW__CAN_…: what it is known to do */
    uint8_t cannot;         /* and what not; in neither: nobody has said */
    uint8_t refuses;        /* bits, LLMGW__REFUSES_…: known to be refused */
    uint8_t reasons;        /* enum llmgw__reasons */
    const char *same_as;    /* name of the same model at others; "": as here */
    const char *source;     /* who said so */
    const char *as_of;      /* and when, ISO date */
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

/** What a price depends on, beside the usage. */
struct llmgw__price_at {
    int64_t wall_ns;      /* when it was asked for, ns since 1970 */
    uint8_t service_tier; /* enum llmgw__service_tier */
    uint8_t regional;     /* 1: kept in a region that costs more */
};

/** How a usage was served, and when it was asked for. */
static inline struct llmgw__price_at
llmgw__price_at_of(int64_t wall_ns, const struct llmgw__usage *usage)
{
    struct llmgw__price_at at = {wall_ns, usage->service_tier, usage->regional};

    return at;
}

/**
 * Price a usage: sum over classes of count x rate, exactly; where a multiplier
 * applies, rounded half up once, at the end. Unknown when the price is NULL, a
 * class that has tokens has no rate (after the fallbacks of its class), or the
 * amount does not fit.
 */
struct llmgw__cost llmgw__price_cost(const struct llmgw__price *price,
                                     const struct llmgw__price_at *at,
                                     const struct llmgw__usage *usage);
void llmgw__rates_unknown(int64_t *rates);
/** The rate that applies to a class, the fallbacks and the tier taken. */
int64_t llmgw__price_rate(const struct llmgw__price *price, int cls,
                          int64_t prompt_tokens);
/** A rate (enum llmgw__rate) for a prompt of that many tokens, no fallbacks. */
int64_t llmgw__price_tier_rate(const struct llmgw__price *price, int rate,
                               int64_t prompt_tokens);
/** Decimal USD per million tokens ("0.075") to pico-USD per token; six
 *  fraction digits at most. @return LLMGW__PRICE_UNKNOWN: not such a number */
int64_t llmgw__price_parse(llmgw_str decimal);

/** a += pico; keeps 0 <= a->pico < 10^12; saturates at INT64_MAX USD. */
void llmgw__money_add(struct llmgw_money *sum, int64_t pico);
void llmgw__money_sum(struct llmgw_money *sum, const struct llmgw_money *add);

#endif
