/*
 * schema/allowance.h - what a provider says is left of its rate limits.
 */
#ifndef LLMGW_SCHEMA_ALLOWANCE_H
#define LLMGW_SCHEMA_ALLOWANCE_H

#include <stdbool.h>
#include <stdint.h>

/** One limit; -1 in a field: not told. */
struct llmgw__allowed {
    int64_t limit;    /* in a window */
    int64_t left;     /* of it */
    int64_t reset_ms; /* until the window is new */
};

struct llmgw__allowance {
    bool told; /* anything at all */
    struct llmgw__allowed requests;
    struct llmgw__allowed tokens;
};

#endif
