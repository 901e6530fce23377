/*
 * schema/adjust.h - what a target made us change in meaning.
 */
#ifndef LLMGW_SCHEMA_ADJUST_H
#define LLMGW_SCHEMA_ADJUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/jsonwrite.h"

/** All three are static strings; param is the host's top-level member. */
struct llmgw__adjustment {
    const char *param;
    const char *action; /* dropped clamped moved added converted approximated
                           emulated */
    const char *reason;
};

#define LLMGW__MAX_ADJUSTMENTS 32

/** A set: the same one is kept once. */
struct llmgw__adjustments {
    struct llmgw__adjustment items[LLMGW__MAX_ADJUSTMENTS];
    size_t count;
};

void llmgw__adjust(struct llmgw__adjustments *set, const char *param,
                   const char *action, const char *reason);
/** Write the array of {param, action, reason}; NULL: there are none. */
void llmgw__adjustments_render(const struct llmgw__adjustments *set,
                               struct llmgw__jsonw *w);

#endif
