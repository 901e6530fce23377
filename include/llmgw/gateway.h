/*
 * llmgw/gateway.h - open, reload and close a gateway.
 *
 * SPDX-License-Identifier: MIT
 *
 * Configuration is JSON, as a file or a text: config.h describes it, failover.h
 * what it says of failure.
 */
#ifndef LLMGW_GATEWAY_H
#define LLMGW_GATEWAY_H

#include <llmgw/base.h>
#include <llmgw/config.h>
#include <llmgw/credential.h>
#include <llmgw/error.h>
#include <llmgw/sys/clock.h>
#include <llmgw/sys/store.h>
#include <llmgw/sys/transport.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What a host opens once and shares between its threads: configuration,
 * prices, ledger, idle loops with their connections.
 *
 * Loops and calls hold references on it: closing is safe in any order.
 */
typedef struct llmgw_gateway llmgw_gateway;

/** How much a log line matters. */
enum {
    LLMGW_LOG_ERROR = 1,
    LLMGW_LOG_WARNING = 2,
    LLMGW_LOG_INFO = 3,
    LLMGW_LOG_DEBUG = 4
};

/**
 * One log line. Made on the thread that caused it, with no lock held; must not
 * call the library.
 *
 * @param level    LLMGW_LOG_…
 * @param message  one line, no key and no prompt in it; until it returns
 */
typedef void (*llmgw_log_fn)(int32_t level, llmgw_str message, void *userdata);

/**
 * A budget has reached a share of its limit; llmgw/budget.h. Made on the thread
 * that caused it, with no lock held; must not call the library.
 */
struct llmgw_budget_event;
typedef void (*llmgw_budget_fn)(const struct llmgw_budget_event *event,
                                void *userdata);

/** How to open a gateway. Zero in any field means its default. */
typedef struct llmgw_gateway_options {
    uint32_t size;     /**< bytes; LLMGW_GATEWAY_OPTIONS_INIT fills it in */
    int32_t log_level; /**< most detailed level wanted; 0: LLMGW_LOG_WARNING */
    const char *config_file;  /**< path of a JSON file, or NULL; copied */
    llmgw_str config_json;    /**< JSON text, or empty; not with config_file */
    llmgw_log_fn on_log;      /**< optional */
    void *log_userdata;       /**< handed to on_log, never read */
    const llmgw_clock *clock; /**< own clock; NULL: the system's; copied */
    const llmgw_transport *transport; /**< own HTTP; NULL: libcurl; copied */
    const llmgw_store *store; /**< own ledger store; NULL: memory; copied */
    llmgw_credential_fn on_credential; /**< optional: keys just in time */
    void *credential_userdata; /**< handed to on_credential, never read */
    llmgw_budget_fn on_budget; /**< optional: how budgets stand */
    void *budget_userdata;     /**< handed to on_budget, never read */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_gateway_options;

#define LLMGW_GATEWAY_OPTIONS_INIT                                           \
    {                                                                        \
        sizeof(llmgw_gateway_options), 0, NULL, {NULL, 0}, NULL, NULL, NULL, \
            NULL, NULL, NULL, NULL, NULL, NULL                               \
    }

/**
 * Open a gateway. Opens no socket; with no configuration, providers come from
 * the customary environment variables.
 *
 * @param options     copied; NULL: all defaults
 * @param[out] out    owned by the caller: llmgw_gateway_close(). NULL on
 *                    failure
 * @param[out] error  optional. What is wrong with the configuration, its param
 *                    the JSON path; owned by the caller: llmgw_error_free()
 * @retval LLMGW_E_CONFIG   refused or unreadable; *error says why
 * @retval LLMGW_E_INVALID  out is NULL, an options field we do not know, or
 *                          both config_file and config_json
 * @retval LLMGW_E_NOMEM    no memory
 * @retval LLMGW_E_SYSTEM   libcurl could not be initialized
 * @retval LLMGW_E_UNSUPPORTED  a ledger in a file, or on a server, that was not
 *                          built in, or whose library is not there; *error
 *                          says which
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_gateway_open(const llmgw_gateway_options *options,
                                          llmgw_gateway **out,
                                          llmgw_error **error);

/**
 * Replace the configuration while calls run: those keep what they started
 * with, new ones see the new. When refused, the old one stays.
 *
 * @param json        the whole new configuration; empty: the file given at
 *                    opening is read again
 * @param[out] error  as in llmgw_gateway_open()
 * @retval LLMGW_E_CONFIG   refused; nothing has changed
 * @retval LLMGW_E_INVALID  gateway is NULL, or json is empty and there is no
 *                          file
 * @retval LLMGW_E_CLOSED   the gateway is closed
 * @retval LLMGW_E_NOMEM    no memory; nothing has changed
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_gateway_reload(llmgw_gateway *gateway,
                                            llmgw_str json,
                                            llmgw_error **error);

/**
 * Close: no new call starts (LLMGW_E_CLOSED); running ones go on to their end.
 * The memory goes with the last loop and call. NULL is allowed.
 *
 * Thread: any; the pointer is dead afterwards for its caller.
 */
LLMGW_API void llmgw_gateway_close(llmgw_gateway *gateway);

/** One name that can be asked for. */
typedef struct llmgw_model_info {
    llmgw_str name;       /**< a route's or a provider's name */
    int32_t is_route;     /**< 1: a route; 0: a provider, to be asked as
                             "provider/model" */
    int32_t target_count; /**< targets of a route; 0 for a provider */
} llmgw_model_info;

/**
 * Called once for each route and each configured provider.
 *
 * @param info  views until it returns
 * @return 0 to go on; any other value ends the listing
 */
typedef int32_t (*llmgw_model_fn)(const llmgw_model_info *info, void *userdata);

/**
 * List the configured routes and providers.
 *
 * @retval LLMGW_E_INVALID  a NULL argument
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_gateway_models(llmgw_gateway *gateway,
                                            llmgw_model_fn fn, void *userdata);

#ifdef __cplusplus
}
#endif

#endif
