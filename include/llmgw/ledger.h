/*
 * llmgw/ledger.h - read the ledger: entries and totals.
 *
 * SPDX-License-Identifier: MIT
 *
 * Every attempt of every call leaves one entry: also the failed, the cancelled
 * and those that were never answered.
 */
#ifndef LLMGW_LEDGER_H
#define LLMGW_LEDGER_H

#include <llmgw/base.h>
#include <llmgw/error.h>
#include <llmgw/gateway.h>
#include <llmgw/response.h>
#include <llmgw/sys/store.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One row: what one attempt used and cost. Declared in sys/store.h. */

/** Where an entry stands. */
typedef int32_t llmgw_entry_state;
enum {
    LLMGW_ENTRY_OPEN = 1,     /**< sent or about to be; not settled */
    LLMGW_ENTRY_ANSWERED = 2, /**< settled: an answer came */
    LLMGW_ENTRY_FAILED = 3,   /**< settled: it failed */
    LLMGW_ENTRY_CANCELLED = 4 /**< settled: it was cancelled */
};

/* Getters: NULL entries answer 0, NULL or an empty view; strings live as long
 * as the entry's callback. Thread: that of the callback. */

/** The gateway that wrote it: a random number, another each time one is
 *  opened. Together with the entry's number it is unique. */
LLMGW_API uint64_t llmgw_entry_writer(const llmgw_entry *entry);
/** Number of the entry among its writer's, from 1, ascending. */
LLMGW_API uint64_t llmgw_entry_id(const llmgw_entry *entry);
/** Id of its call: llmgw_call_id(). */
LLMGW_API llmgw_str llmgw_entry_call_id(const llmgw_entry *entry);
/** Which attempt of the call, from 0. */
LLMGW_API int32_t llmgw_entry_attempt(const llmgw_entry *entry);
/** Where it stands: open, answered, failed or cancelled. */
LLMGW_API llmgw_entry_state llmgw_entry_get_state(const llmgw_entry *entry);
/** Wall clock when the attempt was started, ns since 1970-01-01 UTC. */
LLMGW_API int64_t llmgw_entry_started_ns(const llmgw_entry *entry);
/** Wall clock when it was settled, ns since 1970-01-01 UTC; 0: not yet. */
LLMGW_API int64_t llmgw_entry_settled_ns(const llmgw_entry *entry);
/** The provider that was asked, by its configured name. */
LLMGW_API llmgw_str llmgw_entry_provider(const llmgw_entry *entry);
/** The model asked for at that provider. */
LLMGW_API llmgw_str llmgw_entry_model(const llmgw_entry *entry);
/** The route, or the model name that was asked for. */
LLMGW_API llmgw_str llmgw_entry_route(const llmgw_entry *entry);
/** "key=value,key=value" as given in llmgw_chat_options. */
LLMGW_API llmgw_str llmgw_entry_tags(const llmgw_entry *entry);
/** Id of the key that was shown, a name and a hash; empty: none. */
LLMGW_API llmgw_str llmgw_entry_key(const llmgw_entry *entry);
/** What the attempt was made for: llmgw_attempt_why(). */
LLMGW_API llmgw_str llmgw_entry_why(const llmgw_entry *entry);
/** Wall clock by which its call must have ended, ns since 1970: one that is
 *  open later than that was left by a gateway that is gone. */
LLMGW_API int64_t llmgw_entry_expires_ns(const llmgw_entry *entry);
/** What went wrong; LLMGW_KIND_NONE: nothing. */
LLMGW_API llmgw_error_kind llmgw_entry_error_kind(const llmgw_entry *entry);
/**
 * Requests that went out for it: 1; more when it was sent again because a kept
 * connection turned out dead; 0: none did.
 */
LLMGW_API int64_t llmgw_entry_requests(const llmgw_entry *entry);
/** Token counts; NULL: none known. */
LLMGW_API const llmgw_usage *llmgw_entry_usage(const llmgw_entry *entry);
/** Cost as it is reckoned from usage and price, pico-USD.
 *  @return 1: known, 0: unknown (*out untouched) */
LLMGW_API int32_t llmgw_entry_cost(const llmgw_entry *entry,
                                   int64_t *out_pico_usd);
/** 1: tokens or cost are the library's estimate. */
LLMGW_API int32_t llmgw_entry_estimated(const llmgw_entry *entry);
/** What the provider itself says it charges, pico-USD. @return as above */
LLMGW_API int32_t llmgw_entry_provider_cost(const llmgw_entry *entry,
                                            int64_t *out_pico_usd);
/** What is billed, pico-USD: what the provider says, else as reckoned. What
 *  totals and budgets count. @return as above */
LLMGW_API int32_t llmgw_entry_billed(const llmgw_entry *entry,
                                     int64_t *out_pico_usd);
/** Of that, what the host got: all of an answer that was handed over; of one
 *  that broke the prompt and what was handed over; 0 of an attempt that nothing
 *  came of, or that lost to another. @return as above */
LLMGW_API int32_t llmgw_entry_delivered(const llmgw_entry *entry,
                                        int64_t *out_pico_usd);
/** The most that it could cost, reserved before it was sent. @return as
 *  above */
LLMGW_API int32_t llmgw_entry_reserved(const llmgw_entry *entry,
                                       int64_t *out_pico_usd);
/**
 * The entry's own sum, for people: classes, counts, rates, fees, the row of the
 * manifest and its version. ASCII, lines end in \n.
 *
 * @param[out] out  owned by the caller: llmgw_text_free()
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_entry_explain(const llmgw_entry *entry,
                                           llmgw_str *out);

/** Which entries; zero in any field: all. */
typedef struct llmgw_ledger_filter {
    uint32_t size;        /**< bytes; LLMGW_LEDGER_FILTER_INIT fills it in */
    int32_t state;        /**< llmgw_entry_state; 0: any */
    int64_t since_ns;     /**< started at or after, ns since 1970 */
    int64_t until_ns;     /**< started before; 0: no end */
    const char *provider; /**< borrowed for the call; NULL: any */
    const char *model;    /**< ditto */
    const char *route;    /**< ditto */
    const char *tag;      /**< "key=value", ditto */
    const char *call_id;  /**< ditto */
    const char *key;      /**< ditto */
    int64_t max_entries;  /**< tell so many at most; 0: all */
    int32_t newest_first; /**< 1: newest first */
    int32_t unsettled;    /**< 1: only open ones whose call must have ended:
                               their gateway is gone */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_ledger_filter;

#define LLMGW_LEDGER_FILTER_INIT                                            \
    {                                                                       \
        sizeof(llmgw_ledger_filter), 0, 0, 0, NULL, NULL, NULL, NULL, NULL, \
            NULL, 0, 0, 0                                                   \
    }

/** @return 0 to go on; any other value ends the reading */
typedef int32_t (*llmgw_entry_fn)(const llmgw_entry *entry, void *userdata);

/**
 * Hand over entries, oldest first.
 *
 * The memory store keeps the newest "ledger.max_entries" rows (see
 * llmgw/gateway.h); of older ones it keeps the sums for llmgw_ledger_totals().
 *
 * @param filter  borrowed; NULL: all
 * @param fn      each entry lives until it returns
 * @retval LLMGW_E_INVALID  a NULL argument, or a filter field we do not know
 * @retval LLMGW_E_SYSTEM   the store failed
 * @retval LLMGW_E_NOMEM    no memory; some entries may have been handed over
 *
 * Thread: any. Callbacks: on this thread, no lock held; they may not call the
 * ledger.
 */
LLMGW_API llmgw_status llmgw_ledger_read(llmgw_gateway *gateway,
                                         const llmgw_ledger_filter *filter,
                                         llmgw_entry_fn fn, void *userdata);

/** What totals are told apart by. */
typedef int32_t llmgw_ledger_group;
enum {
    LLMGW_GROUP_ALL = 0, /**< one total */
    LLMGW_GROUP_PROVIDER = 1,
    LLMGW_GROUP_MODEL = 2, /**< "provider/model" */
    LLMGW_GROUP_ROUTE = 3,
    LLMGW_GROUP_TAG = 4 /**< an entry counts under each of its tags */
};

/** Sums over entries; exact, equal to the sum of those entries. */
typedef struct llmgw_total {
    llmgw_str key;     /**< of the group; empty for LLMGW_GROUP_ALL */
    uint64_t entries;  /**< rows */
    uint64_t unpriced; /**< of those, with a cost that is unknown */
    uint64_t failed;   /**< of those, failed */
    int64_t prompt_tokens;
    int64_t completion_tokens;
    llmgw_money cost; /**< of the rows whose cost is known */
} llmgw_total;

/** @return 0 to go on; any other value ends the reading */
typedef int32_t (*llmgw_total_fn)(const llmgw_total *total, void *userdata);

/**
 * Add up entries by group, keys in byte order.
 *
 * Rows that the memory store no longer keeps are still in the totals, unless
 * the filter asks for a time or a call: those can only be answered from rows.
 *
 * @param filter  borrowed; NULL: all
 * @return as llmgw_ledger_read()
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_ledger_totals(llmgw_gateway *gateway,
                                           llmgw_ledger_group group,
                                           const llmgw_ledger_filter *filter,
                                           llmgw_total_fn fn, void *userdata);

#ifdef __cplusplus
}
#endif

#endif
