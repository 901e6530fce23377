/*
 * base/fields.h - members of JSON objects that a table reads into a struct:
 * numbers in a range, shares, words, amounts of money. Of a value it does not
 * matter who parsed it.
 */
#ifndef LLMGW_BASE_FIELDS_H
#define LLMGW_BASE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "jsonread.h"

/** What a member is, and becomes. */
enum llmgw__field_kind {
    LLMGW__FIELD_NUMBER, /* whole, from min to max; `add` is added */
    LLMGW__FIELD_LIMIT,  /* likewise; 0, no limit, becomes UINT32_MAX */
    LLMGW__FIELD_SHARE,  /* from min to max per mille, given as 0 to 1 */
    LLMGW__FIELD_WORD,   /* its place among `words`, from 1; `add` is added */
    LLMGW__FIELD_FLAG,   /* 0, 1 */
    LLMGW__FIELD_MONEY   /* decimal USD in a string, not 0: pico-USD */
};

/** A member; the table ends where the name is NULL. */
struct llmgw__field {
    const char *name;
    const char *words; /* "go, wait" */
    uint32_t min, max;
    uint16_t offset; /* in the struct */
    uint8_t width;   /* bytes there */
    uint8_t kind;    /* enum llmgw__field_kind */
    int8_t add;
};

/* The place of a member in a struct: offset and width. */
#define LLMGW__FIELD(type, member) \
    offsetof(type, member), sizeof(((type *)0)->member)

/** A value of JSON. */
struct llmgw__scalar {
    enum llmgw__json_type type;
    bool flag;
    double number;
    llmgw_str text; /* of a string; none of our words has an escape */
};

#define LLMGW__FIELD_MUST 128 /* bytes of a refusal */

/**
 * Read a value into its place in `into`.
 *
 * @param[out] must  when refused: "must be a whole number from 0 to 8"
 * @return false: refused, nothing is set
 */
bool llmgw__field_set(const struct llmgw__field *field, void *into,
                      const struct llmgw__scalar *value,
                      char must[LLMGW__FIELD_MUST]);
/** "0.05" to pico-USD, exactly; @return -1: not a decimal number with at most
 *  12 fraction digits, or more than 9000000 USD */
int64_t llmgw__decimal_pico(llmgw_str text);

#endif
