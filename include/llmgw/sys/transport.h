/*
 * llmgw/sys/transport.h - carry the library's HTTP exchanges yourself.
 *
 * SPDX-License-Identifier: MIT
 *
 * The order of one exchange, told by the transport:
 *
 *     connected (optional), header..., head, data..., end
 *
 * For hosts with an HTTP stack of their own, for record and replay, and for
 * tests; a weaker promise than the rest of the headers. All functions run on
 * the thread that drives the loop of the call.
 */
#ifndef LLMGW_SYS_TRANSPORT_H
#define LLMGW_SYS_TRANSPORT_H

#include <llmgw/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One exchange: the request to read, the answer to tell. */
typedef struct llmgw_exchange llmgw_exchange;

/** How exchanges are carried. */
typedef struct llmgw_transport {
    uint32_t size;     /**< sizeof(llmgw_transport) */
    uint32_t reserved; /**< 0 */
    void *userdata;    /**< handed to both, never read */
    /**
     * Begin. The answer may be told from inside this call or later.
     *
     * @param exchange  valid until its end was told or cancel was called
     * @return 0, or another value: it could not be begun (a failed connection)
     */
    int32_t (*start)(llmgw_exchange *exchange, void *userdata);
    /** Give up: tell nothing more; the exchange is dead when this returns. */
    void (*cancel)(llmgw_exchange *exchange, void *userdata);
} llmgw_transport;

/* The request; views live as long as the exchange. */
LLMGW_API llmgw_str llmgw_exchange_method(const llmgw_exchange *exchange);
LLMGW_API llmgw_str llmgw_exchange_url(const llmgw_exchange *exchange);
LLMGW_API size_t llmgw_exchange_header_count(const llmgw_exchange *exchange);
/** Lower-case name and value, credentials included; empty: out of range. */
LLMGW_API llmgw_str llmgw_exchange_header_name(const llmgw_exchange *exchange,
                                               size_t index);
LLMGW_API llmgw_str llmgw_exchange_header_value(const llmgw_exchange *exchange,
                                                size_t index);
/** Bytes of the body. */
LLMGW_API size_t llmgw_exchange_body_len(const llmgw_exchange *exchange);
/** Copy up to `size` bytes of the body from offset `at`. @return bytes */
LLMGW_API size_t llmgw_exchange_body_read(const llmgw_exchange *exchange,
                                          size_t at, char *out, size_t size);

/** A pointer of the transport's own, kept with the exchange. */
LLMGW_API void llmgw_exchange_set_data(llmgw_exchange *exchange, void *data);
LLMGW_API void *llmgw_exchange_get_data(const llmgw_exchange *exchange);

/* The answer: connected (optional), headers, head, data…, end. */

/** The connection stands; the request is being sent. */
LLMGW_API void llmgw_exchange_connected(llmgw_exchange *exchange);
/** One header of the answer, before the head; copied. */
LLMGW_API void llmgw_exchange_header(llmgw_exchange *exchange, llmgw_str name,
                                     llmgw_str value);
/** The head is complete. @param status  of HTTP, 100..599 */
LLMGW_API void llmgw_exchange_head(llmgw_exchange *exchange, int32_t status);
/** Bytes of the body; read before this returns.
 *  @return 0, or another value: send no more, tell the end. The request may
 *          not be read any more, and cancel is called only if the loop is
 *          freed before the end was told */
LLMGW_API int32_t llmgw_exchange_data(llmgw_exchange *exchange,
                                      llmgw_str bytes);
/**
 * The end; the exchange is dead when this returns.
 *
 * @param code     0: all bytes came; else why not, in libcurl's CURLcode
 *                 numbers (7: refused, 28: timeout, 56: broken, …)
 * @param message  what went wrong, one line; empty: none
 */
LLMGW_API void llmgw_exchange_end(llmgw_exchange *exchange, int32_t code,
                                  llmgw_str message);

#ifdef __cplusplus
}
#endif

#endif
