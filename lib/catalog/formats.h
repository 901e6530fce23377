/*
 * catalog/formats.h - the price lists of others as tables: where what we know
 * of a model stands in them, and whom they call what. Private to import.c.
 */
#ifndef LLMGW_CATALOG_FORMATS_H
#define LLMGW_CATALOG_FORMATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** What a member says. `place` is the rate, bit or number that it is about. */
enum llmgw__member_kind {
    LLMGW__MEMBER_RATE,    /* price of a token */
    LLMGW__MEMBER_REQUEST, /* price of a request, USD */
    LLMGW__MEMBER_SEARCH,  /* price of a search, USD */
    LLMGW__MEMBER_CONTEXT, /* tokens */
    LLMGW__MEMBER_OUTPUT,  /* tokens */
    LLMGW__MEMBER_CAN,     /* true or false */
    LLMGW__MEMBER_WORDS,   /* array of words, each as CAN */
    LLMGW__MEMBER_OBJECT,  /* more members inside */
    LLMGW__MEMBER_TIERS,   /* array of objects, a tier of rates each */
    LLMGW__MEMBER_TIER,    /* one such, past `place` thousand prompt tokens */
    LLMGW__MEMBER_ABOVE,   /* of a tier: it begins past so many */
    LLMGW__MEMBER_RANGE,   /* the same, as the first of an array */
    LLMGW__MEMBER_SERVICE, /* rates of the service tier `place` */
    LLMGW__MEMBER_HOURS,   /* of a tier: "HH:MM-HH:MM", or an array of them */
    LLMGW__MEMBER_START,   /* of a tier: a number HHMM, UTC */
    LLMGW__MEMBER_END,     /* likewise */
    LLMGW__MEMBER_WINDOW,  /* of a tier: a condition that is not understood */
    LLMGW__MEMBER_REGION,  /* multiplies where data stays in a region */
    LLMGW__MEMBER_UNIT     /* of searches: "per_query", "per_prompt" */
};

struct llmgw__member {
    const char *name; /* NULL: the end of the table */
    uint8_t kind;
    uint8_t place;
    const struct llmgw__member *inside;
};

/** A provider's name in a list. */
struct llmgw__foreign {
    const char *name;   /* NULL: the end; ends in '*': what begins so */
    const char *ours;   /* row name of the provider table */
    const char *prefix; /* of its models' names, left out; NULL: as name */
    bool from;          /* its long tiers begin at the number, not past it */
};

enum llmgw__layout {
    LLMGW__LAYOUT_OWN,    /* "models" is an array; manifest.c reads it */
    LLMGW__LAYOUT_LISTED, /* "data" is an array, all of one provider */
    LLMGW__LAYOUT_NESTED, /* provider: {"models": {model: …}} */
    LLMGW__LAYOUT_KEYED   /* model: {provider's name in it} */
};

struct llmgw__price_format {
    const char *name;
    uint8_t layout;  /* enum llmgw__layout */
    int8_t power;    /* a rate as written times 10^power: pico-USD per token */
    bool above;      /* members may end in _above_200k_tokens, _flex … */
    const char *key; /* member: a model's id, or its provider's name */
    const struct llmgw__member *members; /* of a model */
    const struct llmgw__foreign *providers;
};

/** By place; NULL: past the end. */
const struct llmgw__price_format *llmgw__price_format_at(size_t place);

#endif
