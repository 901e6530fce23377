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
 * Hand over entries, oldest first or newest first.
 *
 * The memory store keeps the newest "ledger.max_entries" rows (see
 * llmgw/gateway.h); of older ones, and of those that were forgotten, a store
 * keeps sums for llmgw_ledger_totals() and reports.
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
    LLMGW_GROUP_TAG = 4,  /**< an entry counts under each of its tags */
    LLMGW_GROUP_KEY = 5,  /**< llmgw_entry_key() */
    LLMGW_GROUP_STATE = 6 /**< "open", "answered", "failed", "cancelled" */
};

/** Sums over entries; exact, equal to the sum of those entries. */
typedef struct llmgw_total {
    llmgw_str key;     /**< of the group; empty for LLMGW_GROUP_ALL */
    uint64_t entries;  /**< rows */
    uint64_t unpriced; /**< of those, with nothing known that is billed */
    uint64_t failed;   /**< of those, failed */
    int64_t prompt_tokens;
    int64_t completion_tokens;
    llmgw_money cost;      /**< billed, of the rows where that is known */
    llmgw_money delivered; /**< of that, what the host got */
    uint64_t estimated;    /**< of the rows, with tokens we have estimated */
    uint64_t open;         /**< of the rows, not settled */
} llmgw_total;

/** @return 0 to go on; any other value ends the reading */
typedef int32_t (*llmgw_total_fn)(const llmgw_total *total, void *userdata);

/**
 * Add up entries by group, keys in byte order.
 *
 * Entries that are no longer kept (they have left the memory store, or were
 * forgotten) still count. Of them only the UTC day is known on which they were
 * started: with a filter on time those days count that lie wholly inside it,
 * of a day that is cut only the rows that are still kept. With a filter on a
 * call they do not count.
 *
 * @param filter  borrowed; NULL: all. max_entries and newest_first change
 *                nothing
 * @return as llmgw_ledger_read()
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_ledger_totals(llmgw_gateway *gateway,
                                           llmgw_ledger_group group,
                                           const llmgw_ledger_filter *filter,
                                           llmgw_total_fn fn, void *userdata);

/** How long the spans of a time series are. */
typedef int32_t llmgw_report_step;
enum {
    LLMGW_STEP_NONE = 0, /**< no series: one span, all of the time */
    LLMGW_STEP_HOUR = 1,
    LLMGW_STEP_DAY = 2,  /**< of a calendar: 23 or 25 hours, twice a year */
    LLMGW_STEP_WEEK = 3, /**< from Monday */
    LLMGW_STEP_MONTH = 4
};

/** What a report is of. Zero in any field means its default. */
typedef struct llmgw_report_options {
    uint32_t size;            /**< bytes; LLMGW_REPORT_OPTIONS_INIT fills it */
    llmgw_ledger_group group; /**< what rows are told apart by */
    llmgw_report_step step;   /**< and by what spans of time */
    uint32_t max_rows;        /**< not more than so many; 0: 1000000 */
    const char *time_zone;    /**< of spans: "Europe/Berlin", "+02:00"; borrowed
                                   for the call; NULL: UTC */
    const char *tag_name;     /**< with LLMGW_GROUP_TAG: told apart by the value
                                   of this tag, each entry once, under an empty
                                   key where it has none; ditto; NULL: by all
                                   tags */
    const llmgw_ledger_filter *filter; /**< as llmgw_ledger_totals(); ditto */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_report_options;

#define LLMGW_REPORT_OPTIONS_INIT                               \
    {                                                           \
        sizeof(llmgw_report_options), 0, 0, 0, NULL, NULL, NULL \
    }

/** One row of a report: a total of a span. All of it lives until the callback
 *  returns. */
typedef struct llmgw_report_row {
    int64_t begin_ns; /**< the span's, ns since 1970; 0: no series */
    int64_t end_ns;   /**< begin of the next span; 0: no series */
    llmgw_str begin;  /**< in the time zone, "2026-03-29T00:00:00+01:00" */
    llmgw_str end;    /**< ditto; both empty: no series */
    const llmgw_total *total; /**< its key: that of the group */
} llmgw_report_row;

/** @return 0 to go on; any other value ends the report */
typedef int32_t (*llmgw_report_fn)(const llmgw_report_row *row, void *userdata);

/**
 * Add up entries by group and by span of time.
 *
 * Rows come ordered by time, then by key in byte order; spans and groups in
 * which nothing was started are left out. An entry counts where it was started.
 * Entries that are no longer kept count in the span in which the noon (UTC) of
 * their day lies; see llmgw_ledger_totals().
 *
 * @param options  borrowed; NULL: all defaults
 * @param fn       each row lives until it returns
 * @retval LLMGW_E_INVALID  a NULL argument, an options field we do not know, no
 *                          such group, step or time zone
 * @retval LLMGW_E_LIMIT    more than max_rows; none was handed over
 * @retval LLMGW_E_SYSTEM   the store failed
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_ledger_report(llmgw_gateway *gateway,
                                           const llmgw_report_options *options,
                                           llmgw_report_fn fn, void *userdata);

/** Takes a piece of a text. @return 0 to go on; any other value ends it */
typedef int32_t (*llmgw_write_fn)(const char *data, size_t len, void *userdata);

/**
 * The same as CSV (RFC 4180, UTF-8, lines end in CR LF), piece by piece.
 *
 * The first line names the columns: begin, end, key, entries, open, failed,
 * unpriced, estimated, prompt_tokens, completion_tokens, billed_usd,
 * delivered_usd. New ones are only ever added behind. Money is an exact decimal
 * with twelve digits after the point.
 *
 * @param write  each piece lives until it returns
 * @return as llmgw_ledger_report()
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_ledger_report_csv(
    llmgw_gateway *gateway, const llmgw_report_options *options,
    llmgw_write_fn write, void *userdata);

/**
 * The same as JSON: an array of objects with the columns of the CSV as members.
 *
 * begin and end are null where there is no series; money is a string, a decimal
 * as in the CSV; a count beyond 2^53 is a string too.
 *
 * @param write  each piece lives until it returns
 * @return as llmgw_ledger_report()
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_ledger_report_json(
    llmgw_gateway *gateway, const llmgw_report_options *options,
    llmgw_write_fn write, void *userdata);

/**
 * Keep the entries that were settled before a time only as sums: by UTC day,
 * provider, model, route, tags, key and state. Open ones stay.
 *
 * @param before_ns  wall clock, ns since 1970
 * @retval LLMGW_E_INVALID      a NULL gateway
 * @retval LLMGW_E_UNSUPPORTED  the store keeps no sums
 * @retval LLMGW_E_SYSTEM       the store failed
 * @retval LLMGW_E_NOMEM        no memory; some may have been forgotten
 *
 * Thread: any; waits for the store. Callbacks: none.
 */
LLMGW_API llmgw_status llmgw_ledger_forget(llmgw_gateway *gateway,
                                           int64_t before_ns);

/**
 * Wait until the store has taken all that was handed over to it. Calls do not
 * wait for their last word to it, so that what was just settled may be on its
 * way; closing a gateway waits for it, too. What waits in an outbox is taken.
 *
 * @param timeout_ms  ms; LLMGW_NO_LIMIT: as long as it takes
 * @retval LLMGW_E_LIMIT      the time has passed; the store goes on
 * @retval LLMGW_E_INVALID    gateway is NULL
 * @retval LLMGW_E_REENTRANT  from inside a callback
 * @retval LLMGW_E_FORKED     in a child of the process that opened it
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_ledger_flush(llmgw_gateway *gateway,
                                          uint32_t timeout_ms);

#ifdef __cplusplus
}
#endif

#endif
