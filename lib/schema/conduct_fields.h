/*
 * schema/conduct_fields.h - the words of how a call goes about failure: the
 * same in a configuration and in a request.
 */
#ifndef LLMGW_SCHEMA_CONDUCT_FIELDS_H
#define LLMGW_SCHEMA_CONDUCT_FIELDS_H

#include "base/fields.h"
#include "conduct.h"

/* Of struct llmgw__conduct: what stands beside "gate" and "hedge", and what
 * stands in "gate". */
extern const struct llmgw__field llmgw__conduct_fields[];
extern const struct llmgw__field llmgw__gate_fields[];

/* Of struct llmgw__sla: what stands in "sla". */
extern const struct llmgw__field llmgw__sla_fields[];

/** A "hedge" object while it is read. */
struct llmgw__hedge_words {
    uint32_t after_ms; /* 0: not given */
    uint16_t quantile_pm;
    int8_t at_once;
    uint8_t commit;
    uint16_t budget_pm; /* UINT16_MAX: not given */
    uint16_t burst;     /* likewise */
};
extern const struct llmgw__field llmgw__hedge_fields[];

#define LLMGW__HEDGE_WORDS                 \
    {                                      \
        0, 0, 0, 0, UINT16_MAX, UINT16_MAX \
    }

/** The setting that was read. @return NULL, or what the object must be */
const char *llmgw__hedging_take(const struct llmgw__hedge_words *words,
                                struct llmgw__hedging *hedge);

/** What a "hedge" must be that is neither preset nor object. */
#define LLMGW__HEDGE_MUST "must be an object, or one of: off, shadow, p95, tail"

#endif
