/*
 * catalog/terms.h - what a price depends on: the time, the way a request is
 * served, where it is kept, the length of its prompt; and the fees of tools.
 */
#ifndef LLMGW_CATALOG_TERMS_H
#define LLMGW_CATALOG_TERMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "base/zone.h"
#include "rates.h"

#define LLMGW__ALL_DAYS   0x7f
#define LLMGW__HOURS      4       /* windows of a day */
#define LLMGW__MULTIPLIER 1000000 /* largest part of one */
#define LLMGW__MAX_TOKENS 2147483647u
#define LLMGW__DATE_NONE  UINT32_MAX /* past all dates */

/** Minutes of a day: from begin on, before end; past midnight where that is
 *  the smaller. */
struct llmgw__hours {
    uint16_t begin, end;
};

/** Rates or a multiplier under conditions, all of which must be met. */
struct llmgw__variant {
    int64_t prompt_from; /* least prompt tokens */
    /* local dates as numbers, 20261231 */
    uint32_t from, until; /* from the one on, before the other */
    uint32_t *except;     /* not on days of these dates */
    size_t except_count;
    const struct llmgw__zone *zone; /* of dates, days, hours */
    const char *zone_name;          /* "": UTC */
    struct llmgw__hours hours[LLMGW__HOURS];
    uint8_t hours_count;  /* 0: all day */
    uint8_t days;         /* bit 0: Monday; hours past midnight are those of
                             the day they have begun on */
    uint8_t service_tier; /* SERVICE_UNKNOWN: any; _STANDARD: also not told */
    bool regional;        /* only where it is kept in such a region */
    bool marginal;        /* only the tokens from prompt_from on */
    uint32_t num, den;    /* multiplies what tokens cost; den 0: nothing */
    int64_t rate[LLMGW__RATES]; /* unknown: as without it */
};

struct llmgw__terms {
    const struct llmgw__variant *variants; /* the last that knows a rate has
                                              it: by prompt_from, then as
                                              written */
    size_t count;
    int64_t fee[LLMGW__USAGE_TOOLS]; /* pico-USD; unknown: unknown. That of
                                        searches is the row's */
    bool search_once; /* a request pays for one search, however many */
};

/** Does it apply, but for the prompt? `at` NULL: only one without time, tier
 *  and region. */
bool llmgw__variant_applies(const struct llmgw__variant *variant,
                            const struct llmgw__price_at *at);
bool llmgw__terms_equal(const struct llmgw__terms *a,
                        const struct llmgw__terms *b); /* NULL allowed */
/** Sort variants the way terms want them. */
void llmgw__variants_sort(struct llmgw__variant *variants, size_t count);
/** A variant that changes nothing, under no conditions. */
void llmgw__variant_init(struct llmgw__variant *variant);

/* --- words for it --- */

/** "09:30-17:00" (or "9:30-24:00"). @return false: it is none */
bool llmgw__hours_parse(llmgw_str text, struct llmgw__hours *out);
/** "2026-12-31" as a number; 0: it is none. */
uint32_t llmgw__date_number(llmgw_str text);
/** "mon" to "sun", any case, more letters allowed: 1 to 7; 0: none. */
int llmgw__weekday_of(llmgw_str word);
/** "1/2": two whole numbers from 1 to LLMGW__MULTIPLIER. */
bool llmgw__ratio_parse(llmgw_str text, uint32_t *num, uint32_t *den);

#endif
