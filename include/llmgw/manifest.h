/*
 * llmgw/manifest.h - prices, limits and abilities of models, kept up to date.
 *
 * SPDX-License-Identifier: MIT
 *
 * A price list is loaded by the host (llmgw_manifest_load()), or fetched when
 * it is due (llmgw/gateway.h, "manifest"). Four forms are read, told by their
 * shape, or named:
 *
 *     llmgw       our own, that of "manifest" in a configuration
 *     litellm     LiteLLM's model_prices_and_context_window.json
 *     models.dev  https://models.dev/api.json
 *     openrouter  https://openrouter.ai/api/v1/models
 *
 * Of those of others, what is read are list prices in USD: of tokens in and
 * out, read from and written to a cache (both kinds), of reasoning, audio and
 * images where they have their own, of requests and searches; tiers of long
 * prompts; of flex, priority and batch, in hours of the day, and what a region
 * multiplies, where a list has them; context window, longest answer, abilities.
 * Days of the week and other units are not. Amounts are read exactly,
 * and rounded to pico-USD per token (half to even) where a list has more
 * digits. What is left out, null or -1 is unknown, never 0. Models of services
 * that this library has no name for are skipped.
 *
 * Lists have names (the form's, unless said otherwise): one of the same name
 * replaces the one before, others are laid over it. What counts for a model:
 * the row of the configuration, if it has one; else that of the list whose
 * name came last; else the built-in one. Prices of two rows are never mixed;
 * limits and abilities that a row does not know are taken from the next.
 *
 * A price of our own form may depend on more. Beside "rates" (USD per million
 * tokens: "in", "cache_read", "cache_write", "cache_write_long", "out",
 * "reasoning", "audio_in", "audio_out", "image_in", "image_out") a model has:
 *
 *     "prices": [{                each under all of the conditions it has:
 *         "from": "2026-12-01", "until": "2027-01-01",    not on that day
 *         "days": ["mon", "tue"], "hours": ["01:00-04:00", "22:30-06:00"],
 *         "except": ["2027-01-01"],           dates; hours past midnight are
 *         "time_zone": "Asia/Shanghai",       those of the day they began on
 *         "service_tier": "batch",            standard, flex, priority
 *         "regional": true,                   kept in a dearer region
 *         "min_prompt_tokens": 200000,        for more than so many;
 *         "inclusive": true,                  for so many, too
 *         "marginal": true,                   for the tokens past them alone
 *         "rates": {"in": "4"}, "multiply": "11/10"}],
 *     "fees": {"request": "0.005", "web_search": "0.01",      USD each
 *              "web_search_unit": "request",  once a request; else "query"
 *              "web_fetch": "0", "file_search": "0.0025",
 *              "code_interpreter": "0.03"},
 *     "free": true                            instead of all prices: 0
 *
 * Of what applies, a rate is that of the largest min_prompt_tokens, then of the
 * last one that has it, else that of "rates". Every multiplier that applies
 * multiplies what all tokens cost, rounded half up to pico-USD once; fees are
 * not multiplied. Where nothing is told of the way a request was served, the
 * usual price holds. Marginal tokens are counted as they stand in a prompt:
 * those read from a cache, those written to it, the rest; an answer costs what
 * the last of them does. The fee of a tool that is not told is unknown, and so
 * is then the cost of a request that has used it.
 *
 * A list is refused as a whole, and the old one stays, when it cannot be read
 * or is empty; has fewer than half as many models as the one it replaces, or
 * none of a provider's; when a price of more than a tenth of the models that
 * were known is more than ten times what it was, or less than a tenth; when
 * more than a tenth of its models are refused. A model is refused, and what
 * was known of it stays, when one of its prices is negative, no number, or
 * beyond 10000 USD per million tokens (1000 USD per request or search).
 *
 * Where "manifest" of the configuration has a "url", a list is fetched over
 * https (from this host itself over http, too) when a loop is first driven, and
 * again when it has been in force for refresh_s; by one loop at a time, beside
 * its calls, which do not wait for it. No loop is woken up for it. A list that
 * is the same (ETag) is not sent again; when none can be had, or it is refused,
 * the old one stays, and it is tried again after a minute, two, four, at most
 * refresh_s. The answer may have 16 MiB and take a minute; redirects are not
 * followed. Without "models" the built-in prices stay beneath it; with them,
 * those count more. How it went: llmgw_manifest_refreshed(), and the log.
 *
 * To read a list of two megabytes takes the thread that does it some 20 ms.
 */
#ifndef LLMGW_MANIFEST_H
#define LLMGW_MANIFEST_H

#include <llmgw/base.h>
#include <llmgw/error.h>
#include <llmgw/gateway.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a report counts; the kinds of its items are among them. */
enum {
    LLMGW_MANIFEST_READ = 0,    /**< models that the list has */
    LLMGW_MANIFEST_ADDED = 1,   /**< item: a model that was not known before */
    LLMGW_MANIFEST_REMOVED = 2, /**< item: one that is not known any more */
    LLMGW_MANIFEST_CHANGED = 3, /**< item: a price that is another */
    LLMGW_MANIFEST_REFUSED = 4, /**< item: a model that was not taken */
    LLMGW_MANIFEST_SKIPPED = 5  /**< of services we do not know, or without
                                     anything that we could use */
};

/** What a list has changed. */
typedef struct llmgw_manifest_report llmgw_manifest_report;

/** How a list is to be loaded. Zero in any field means its default. */
typedef struct llmgw_manifest_options {
    uint32_t size;      /**< bytes; LLMGW_MANIFEST_OPTIONS_INIT fills it in */
    uint32_t reserved;  /**< 0 */
    const char *format; /**< its form; NULL: told by its shape */
    const char *name;   /**< of the list; NULL: its form's */
    const char *as_of;  /**< ISO date of what it says; NULL: today, UTC */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_manifest_options;

#define LLMGW_MANIFEST_OPTIONS_INIT                         \
    {                                                       \
        sizeof(llmgw_manifest_options), 0, NULL, NULL, NULL \
    }

/**
 * Load a price list while calls run: those keep what they started with, new
 * ones see the new prices. When refused, nothing has changed. What was loaded
 * stays over llmgw_gateway_reload().
 *
 * @param text         the list, JSON, up to 16 MiB; borrowed
 * @param options      copied; NULL: all defaults
 * @param[out] report  optional. What has changed; owned by the caller:
 *                     llmgw_manifest_report_free(). NULL on failure
 * @param[out] error   optional. Why it was refused; owned by the caller:
 *                     llmgw_error_free()
 * @retval LLMGW_E_CONFIG   refused; *error says why. Also a ninth name
 * @retval LLMGW_E_INVALID  gateway or text is NULL, or an options field we do
 *                          not know
 * @retval LLMGW_E_CLOSED   the gateway is closed
 * @retval LLMGW_E_NOMEM    no memory; nothing has changed
 *
 * Thread: any. Callbacks: none.
 */
LLMGW_API llmgw_status
llmgw_manifest_load(llmgw_gateway *gateway, llmgw_str text,
                    const llmgw_manifest_options *options,
                    llmgw_manifest_report **report, llmgw_error **error);

/** Free a report; NULL is allowed. Thread: one at a time, as for all below. */
LLMGW_API void llmgw_manifest_report_free(llmgw_manifest_report *report);

/** How many: LLMGW_MANIFEST_…; another kind, or NULL: 0. */
LLMGW_API size_t
llmgw_manifest_report_count(const llmgw_manifest_report *report, int32_t kind);

/** Number of items; NULL: 0. */
LLMGW_API size_t
llmgw_manifest_report_size(const llmgw_manifest_report *report);

/** What item `index` tells: LLMGW_MANIFEST_…; -1: out of range. */
LLMGW_API int32_t
llmgw_manifest_report_kind(const llmgw_manifest_report *report, size_t index);

/** "provider/model". Empty: out of range. Lives as long as the report, as do
 *  the next ones. */
LLMGW_API llmgw_str
llmgw_manifest_report_model(const llmgw_manifest_report *report, size_t index);

/** Which price has changed ("in", "out from 200001", "per_request"; "prices":
 *  one that has conditions, or a tool's), or why the model was refused; else
 *  empty. */
LLMGW_API llmgw_str
llmgw_manifest_report_detail(const llmgw_manifest_report *report, size_t index);

/** What the price was: a decimal, USD per million tokens (of per_request and
 *  per_search: USD). Empty: not known, or no price. */
LLMGW_API llmgw_str
llmgw_manifest_report_before(const llmgw_manifest_report *report, size_t index);

/** What it is. */
LLMGW_API llmgw_str
llmgw_manifest_report_after(const llmgw_manifest_report *report, size_t index);

/**
 * The report as JSON: {"read": 2, "added": 1, "removed": 0, "changed": 1,
 * "refused": 0, "skipped": 7, "items": [{"kind": "changed", "model":
 * "p/m", "detail": "in", "before": "2.5", "after": "2"}]}; empty members are
 * left out.
 *
 * @param[out] out  lives as long as the report, made at the first request
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_manifest_report_json(llmgw_manifest_report *report,
                                                  llmgw_str *out);

/** How the last refresh has ended. */
enum {
    LLMGW_REFRESH_NONE = 0,      /**< there has not been one */
    LLMGW_REFRESH_TAKEN = 1,     /**< a new list is in force */
    LLMGW_REFRESH_UNCHANGED = 2, /**< the service says it is the same (304) */
    LLMGW_REFRESH_FAILED = 3,    /**< no answer, or not that of a list */
    LLMGW_REFRESH_REFUSED = 4    /**< a list that was refused */
};

/** What is known of refreshing. */
typedef struct llmgw_manifest_refresh {
    uint32_t size;       /**< bytes; LLMGW_MANIFEST_REFRESH_INIT fills it in */
    int32_t outcome;     /**< LLMGW_REFRESH_… of the last one that ended */
    int64_t ended_s;     /**< when it ended, seconds since 1970-01-01 UTC */
    int64_t taken_s;     /**< when a list was last taken, or found unchanged */
    int64_t due_s;       /**< when the next one may begin; 0: none is due */
    int32_t http_status; /**< of the last one; 0: no answer */
    uint32_t failures;   /**< in a row, refusals among them */
    uint64_t read;       /**< models of the list in force, as are the next */
    uint64_t added;      /**< models that it added when it was taken */
    uint64_t removed;    /**< models that went with it */
    uint64_t changed;    /**< prices that it changed */
    uint64_t refused;    /**< models of it that were refused */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_manifest_refresh;

#define LLMGW_MANIFEST_REFRESH_INIT                                     \
    {                                                                   \
        sizeof(llmgw_manifest_refresh), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 \
    }

/**
 * How refreshing stands: the URL is that of "manifest" in the configuration.
 *
 * @param[out] out    its size filled in; fields that it has room for
 * @param[out] error  optional. Why the last one failed or was refused, else
 *                    NULL; owned by the caller: llmgw_error_free()
 * @retval LLMGW_E_INVALID  a NULL argument, or a size that cannot be one
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_manifest_refreshed(llmgw_gateway *gateway,
                                                llmgw_manifest_refresh *out,
                                                llmgw_error **error);

#ifdef __cplusplus
}
#endif

#endif
