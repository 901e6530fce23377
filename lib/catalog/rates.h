/*
 * catalog/rates.h - amounts of money: rates, their names, their texts, sums.
 *
 * Rates are pico-USD per token (= micro-USD per million tokens).
 */
#ifndef LLMGW_CATALOG_RATES_H
#define LLMGW_CATALOG_RATES_H

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

/** Of enum llmgw__rate, by place; NULL at its end. */
extern const char *const llmgw__rate_names[];

void llmgw__rates_unknown(int64_t *rates);
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

/** Decimal USD per million tokens ("0.075") to pico-USD per token; six
 *  fraction digits at most. @return LLMGW__PRICE_UNKNOWN: not such a number */
int64_t llmgw__price_parse(llmgw_str decimal);

#define LLMGW__AMOUNT_TEXT 40
/** A known amount as a decimal with that many fraction digits (6: a rate in USD
 *  per million tokens, 12: pico-USD in USD), no zeros at its end. */
void llmgw__amount_text(int64_t value, int digits,
                        char text[LLMGW__AMOUNT_TEXT]);

/** a += pico; keeps 0 <= a->pico < 10^12; saturates at INT64_MAX USD. */
void llmgw__money_add(struct llmgw_money *sum, int64_t pico);
void llmgw__money_sum(struct llmgw_money *sum, const struct llmgw_money *add);

#endif
