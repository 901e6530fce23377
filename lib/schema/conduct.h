/*
 * schema/conduct.h - how a call goes about failure: retries, waits, hedges,
 * the gate, streams that break. The request may say it, its route, the
 * gateway; 0 in a field: the next of these does.
 */
#ifndef LLMGW_SCHEMA_CONDUCT_H
#define LLMGW_SCHEMA_CONDUCT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <llmgw/base.h>

/** A limit was met (429, or one of ours): elsewhere at once, or wait for it
 *  here as long as that fits the deadline. */
enum {
    LLMGW__LIMITED_GO = 1,
    LLMGW__LIMITED_WAIT = 2
};

/** Every target's breaker is open: ask the one due first, or fail at once. */
enum {
    LLMGW__OPEN_EARLIEST = 1,
    LLMGW__OPEN_FAIL = 2
};

/** A stream broke after content was handed over. */
enum {
    LLMGW__BREAK_ERROR = 1,
    LLMGW__BREAK_CONTINUE = 2,
    LLMGW__BREAK_RESTART = 3
};

/** What a continuation may be asked for with. */
enum {
    LLMGW__CONTINUE_PREFILL = 1,
    LLMGW__CONTINUE_INSTRUCTION = 2 /* where there is no prefill */
};

/** Tool calls are handed over as they come, or when they are whole. */
enum {
    LLMGW__TOOLS_STREAM = 1,
    LLMGW__TOOLS_WHOLE = 2
};

/** When a second attempt is started beside the first. */
enum {
    LLMGW__HEDGE_OFF = 1,
    LLMGW__HEDGE_AT_ONCE = 2,
    LLMGW__HEDGE_QUANTILE = 3, /* of the target's own time to first content */
    LLMGW__HEDGE_AFTER = 4     /* a time that was set */
};

/** Which of two wins: that with the first content, or with the first whole
 *  answer. */
enum {
    LLMGW__COMMIT_CONTENT = 1,
    LLMGW__COMMIT_ANSWER = 2
};

/** Given as a whole: `when` 0 means that none of it is said. */
struct llmgw__hedging {
    uint8_t when;
    uint8_t commit;
    uint16_t quantile_pm; /* per mille, of LLMGW__HEDGE_QUANTILE */
    uint16_t budget_pm;   /* calls that may be hedged, per mille */
    uint16_t burst;       /* so many at once beyond that */
    uint32_t after_ms;    /* of LLMGW__HEDGE_AFTER */
};

/** Two of a target where another one is left to ask, three of the last. */
#define LLMGW__TRIES_AS_NEEDED 255

struct llmgw__conduct {
    uint8_t tries;        /* of one target in a call, the first included */
    uint8_t when_limited; /* LLMGW__LIMITED_… */
    uint8_t when_open;    /* LLMGW__OPEN_… */
    uint8_t on_break;     /* LLMGW__BREAK_… */
    uint8_t continue_by;  /* LLMGW__CONTINUE_… */
    uint8_t tools;        /* LLMGW__TOOLS_… */
    uint32_t backoff_ms;  /* the first wait is at most so long, then doubled */
    uint32_t backoff_max_ms;
    uint32_t gate_tokens; /* content held back before an attempt is committed;
                             LLMGW_NO_LIMIT: none is */
    uint32_t gate_ms;     /* but no longer than this after its first */
    uint32_t gate_bytes;  /* nor more than this */
    struct llmgw__hedging hedge;
    int64_t max_cost_pico; /* of all attempts together, pico-USD; 0: not said,
                              INT64_MAX: no limit */
};

/** How fast a target is to be where the cheapest is asked; 0: not said. */
struct llmgw__sla {
    uint32_t first_ms; /* to first content, and … */
    uint32_t tokens_per_s;
    uint16_t quantile_pm; /* … both in so many of a thousand */
};
void llmgw__sla_inherit(struct llmgw__sla *sla, const struct llmgw__sla *from);

/** Fill what is not said from `from`. */
void llmgw__conduct_inherit(struct llmgw__conduct *conduct,
                            const struct llmgw__conduct *from);
/** What holds where nobody has said anything: every field set. */
void llmgw__conduct_default(struct llmgw__conduct *conduct);
/** "off", "shadow", "p95", "tail". @return false: no such preset */
bool llmgw__hedging_preset(struct llmgw__hedging *hedge, llmgw_str name);

#endif
