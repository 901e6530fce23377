/*
 * llmgw/base.h - export mark, status, string views, version.
 *
 * SPDX-License-Identifier: MIT
 *
 * How these headers speak:
 *
 *  - borrowed: the library looks at it until the call returns, or as long as
 *    is said; copied: it may go at once; owned by the caller: free it with the
 *    function that is named.
 *  - Thread: any (any thread, any time), or owner (the thread that drives the
 *    loop; of a call or what hangs off it: the one that drives its loop).
 *  - Callbacks: which of the host's functions may run before it returns.
 *  - Quantities say their unit in their name: _ms, _ns, _len (bytes), _pico.
 *  - free, close and every getter take NULL.
 *  - Options structs begin with their size and are initialized by their _INIT
 *    macro: a program built against older headers goes on working.
 */
#ifndef LLMGW_BASE_H
#define LLMGW_BASE_H

#include <stddef.h>
#include <stdint.h>

#if defined(LLMGW_STATIC)
#define LLMGW_API
#elif defined(_WIN32)
#if defined(LLMGW_BUILDING)
#define LLMGW_API __declspec(dllexport)
#else
#define LLMGW_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define LLMGW_API __attribute__((visibility("default")))
#else
#define LLMGW_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** Version of these headers; llmgw_version() tells that of the library. */
#define LLMGW_VERSION_MAJOR 0
#define LLMGW_VERSION_MINOR 1
#define LLMGW_VERSION_PATCH 0

/**
 * What a function answers. It speaks of the function alone (misuse, no
 * memory); what a provider or the network did wrong is an llmgw_error.
 */
typedef int32_t llmgw_status;
enum {
    LLMGW_OK = 0,            /**< done */
    LLMGW_E_NOMEM = -1,      /**< no memory; nothing has changed */
    LLMGW_E_INVALID = -2,    /**< a broken contract: NULL, size, wrong state */
    LLMGW_E_REENTRANT = -3,  /**< not allowed from inside a callback */
    LLMGW_E_FORKED = -4,     /**< the object was made by the parent process */
    LLMGW_E_CLOSED = -5,     /**< the gateway has been closed */
    LLMGW_E_CONFIG = -6,     /**< configuration refused; see the error object */
    LLMGW_E_SYSTEM = -7,     /**< the operating system refused a descriptor */
    LLMGW_E_LIMIT = -8,      /**< larger than a limit that was set */
    LLMGW_E_UNSUPPORTED = -9 /**< not built in, or not this store's */
};

/** In options: no limit at all, where 0 means "inherit". */
#define LLMGW_NO_LIMIT UINT32_MAX

/**
 * A view of bytes, not NUL-terminated. `data` may be NULL when `len` is 0.
 * Who owns the bytes, and until when, is said where a view is handed out.
 */
typedef struct llmgw_str {
    const char *data; /**< first byte */
    size_t len;       /**< bytes */
} llmgw_str;

/**
 * An amount of money, exact: usd + pico * 10^-12 USD, 0 <= pico < 10^12.
 */
typedef struct llmgw_money {
    int64_t usd;  /**< whole US dollars */
    int64_t pico; /**< pico-USD, 10^-12 USD */
} llmgw_money;

/**
 * The library's version, e.g. "0.1.0".
 *
 * @return a static string
 *
 * Thread: any.
 */
LLMGW_API const char *llmgw_version(void);

/**
 * A view of a NUL-terminated text.
 *
 * @param text  borrowed: the view lives as long as it; NULL: an empty view
 *
 * Thread: any.
 */
LLMGW_API llmgw_str llmgw_str_of(const char *text);

/** Bytes that llmgw_money_text() needs at most, its NUL included. */
#define LLMGW_MONEY_TEXT 36

/**
 * Write an amount as a decimal, e.g. "0.000146625000": twelve digits after the
 * point, nothing rounded.
 *
 * @param money     NULL: zero
 * @param[out] out  at least LLMGW_MONEY_TEXT bytes; NUL-terminated
 * @return out
 *
 * Thread: any.
 */
LLMGW_API const char *llmgw_money_text(const llmgw_money *money, char *out);

/**
 * What a status means, in a few English words.
 *
 * @param status  any value
 * @return a static string, never NULL
 *
 * Thread: any.
 */
LLMGW_API const char *llmgw_status_text(llmgw_status status);

#ifdef __cplusplus
}
#endif

#endif
