/*
 * catalog/budget_rule.h - a budget as it is configured: of whom, in what time,
 * how much, and what then.
 */
#ifndef LLMGW_CATALOG_BUDGET_RULE_H
#define LLMGW_CATALOG_BUDGET_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/zone.h"

/** Of whom. Where no value is said, each value has a budget of its own. */
enum llmgw__budget_scope {
    LLMGW__BUDGET_OF_ALL,
    LLMGW__BUDGET_OF_PROVIDER,
    LLMGW__BUDGET_OF_ROUTE,
    LLMGW__BUDGET_OF_KEY, /* of those shown, by its id */
    LLMGW__BUDGET_OF_TAG
};

/** What is counted. */
enum llmgw__budget_unit {
    LLMGW__BUDGET_PICO_USD,
    LLMGW__BUDGET_TOKENS,
    LLMGW__BUDGET_REQUESTS,
    LLMGW__BUDGET_UNITS
};

/** What becomes of a call that does not fit. */
enum llmgw__budget_action {
    LLMGW__BUDGET_REJECT,
    LLMGW__BUDGET_CHEAPER, /* dear targets are left out, the cheapest first
                              beyond cheaper_pm; the last resort is to reject */
    LLMGW__BUDGET_WARN     /* the host is told, the call goes on */
};

#define LLMGW__MAX_BUDGETS 16 /* of a configuration */

struct llmgw__budget_rule {
    const char *name;
    uint8_t scope;         /* enum llmgw__budget_scope */
    uint8_t unit;          /* enum llmgw__budget_unit */
    uint8_t action;        /* enum llmgw__budget_action */
    uint8_t span;          /* enum llmgw__span, of a calendar window */
    bool unpriced;         /* also targets without a price, which count nothing
                             of a budget in money; else they are refused */
    const char *tag;       /* name, of LLMGW__BUDGET_OF_TAG */
    const char *value;     /* NULL: each value has its own */
    uint32_t rolling_s;    /* 0: a calendar window */
    uint32_t warn_pm;      /* the host is told at this share, per mille; 0: only
                             when it is used up */
    uint32_t cheaper_pm;   /* cheapest first from this share on */
    const char *zone_name; /* "UTC" */
    const struct llmgw__zone *zone;
    int64_t limit;
};

#endif
