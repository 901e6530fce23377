/*
 * llmgw/budget.h - budgets: how they stand, and being told.
 *
 * SPDX-License-Identifier: MIT
 *
 * "budgets" of a configuration (config.h) is an object, at most 16 members;
 * what stands here is the default, but for the limit:
 *
 *     "budgets": {
 *       "NAME": {
 *         "scope": "all"           of whom: "all", "provider", "route", "key",
 *                                  "tag:NAME": each of these has a budget of
 *                                  its own; or one of them alone:
 *                                  "provider=openai", "route=chat",
 *                                  "tag:team=blue"
 *         "window": "day"          "hour", "day", "week" (from Monday), "month"
 *                                  of the calendar; or {"rolling_s": 3600}, a
 *                                  minute to a year
 *         "time_zone": "UTC"       whose calendar: "UTC", "+02:00",
 *                                  "Europe/Berlin"
 *         "limit_usd": "10.50",    one of these three; money as a decimal
 *         "limit_tokens": 1000000, string, at most 9000000
 *         "limit_requests": 500,
 *         "action": "reject"       what becomes of a call that does not fit:
 *                                  "reject" ends it; "cheaper" leaves out
 *                                  targets that do not fit, and from cheaper_at
 *                                  on asks the cheapest first; "warn" only
 *                                  tells
 *         "warn_at": 0.8,          the host is told when this share is used,
 *                                  and when all is
 *         "cheaper_at": 0.8,
 *         "unpriced": "reject"     a target whose price is not known, and a
 *                                  budget in money: "reject", or "allow", which
 *                                  counts nothing
 *       }
 *     }
 *
 * Before an attempt is sent, the most that it may use is reserved in each
 * budget that applies: its prompt and max_tokens (or all that the model can
 * say), retries and hedges each for themselves. What it has used in the end is
 * settled, the rest is released. So budgets hold however many calls run at a
 * time, in threads and processes that share a ledger: they are passed at most
 * by what attempts used beyond their reservation, which is nothing where
 * max_tokens bounds an answer. Cost is what the provider states, or is
 * computed.
 *
 * A call that no target fits ends with LLMGW_KIND_BUDGET; code
 * "budget_exceeded"; its param names the budget, llmgw_error_retry_after_ms()
 * tells when it is reset.
 */
#ifndef LLMGW_BUDGET_H
#define LLMGW_BUDGET_H

#include <llmgw/base.h>
#include <llmgw/gateway.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a budget counts. */
typedef int32_t llmgw_budget_unit;
enum {
    LLMGW_BUDGET_PICO_USD = 0,
    LLMGW_BUDGET_TOKENS = 1,
    LLMGW_BUDGET_REQUESTS = 2
};

/** How a budget stands; amounts in its unit. */
typedef struct llmgw_budget_info {
    uint32_t size;   /**< bytes */
    int32_t unit;    /**< llmgw_budget_unit */
    llmgw_str name;  /**< as configured */
    llmgw_str value; /**< of its scope, e.g. a tag's value; empty: all */
    int64_t limit;
    int64_t committed; /**< used, reserved or leased, by all that share the
                            ledger, as far as is known here */
    int64_t reset_ns;  /**< wall clock, ns since 1970: when the window ends, or
                            has room again */
    /* of this gateway, since it was opened (of more than a thousand budgets,
     * those that are idle for a minute begin anew):
     * reserved + overrun = settled + released + open */
    int64_t reserved;
    int64_t settled;
    int64_t released; /**< reserved, and not used */
    int64_t overrun;  /**< used, and not reserved */
    int64_t open;     /**< reserved by attempts under way */
    int64_t in_hand;  /**< leased, and not reserved */
} llmgw_budget_info;

/** A budget has reached a share of its limit: once in each window for each of
 *  warn_at and all, and for each call that did not fit. */
typedef struct llmgw_budget_event {
    uint32_t size;      /**< bytes */
    int32_t unit;       /**< llmgw_budget_unit */
    llmgw_str name;     /**< as configured */
    llmgw_str value;    /**< of its scope; empty: all */
    int64_t limit;      /**< in its unit */
    int64_t committed;  /**< ditto */
    int64_t reset_ns;   /**< wall clock, ns since 1970 */
    int32_t refused;    /**< 1: a call did not fit */
    uint32_t per_mille; /**< of the limit is committed */
} llmgw_budget_event;

/** @param info  lives until it returns. @return 0 to go on */
typedef int32_t (*llmgw_budget_info_fn)(const llmgw_budget_info *info,
                                        void *userdata);

/**
 * Tell each budget that anything was counted in, those of each value apart.
 *
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_budgets_read(llmgw_gateway *gateway,
                                          llmgw_budget_info_fn fn,
                                          void *userdata);

#ifdef __cplusplus
}
#endif

#endif
