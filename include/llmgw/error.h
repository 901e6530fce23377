/*
 * llmgw/error.h - one error object for everything that can end a call.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LLMGW_ERROR_H
#define LLMGW_ERROR_H

#include <llmgw/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * What went wrong, as a class that programs can switch on. Each kind has one
 * OpenAI error type and one HTTP status; kinds of 1..29 were told by a provider
 * or the network, kinds from 30 on are the library's own.
 */
typedef int32_t llmgw_error_kind;
enum {
    LLMGW_KIND_NONE = 0,
    LLMGW_KIND_INVALID_REQUEST = 1,       /**< caller's mistake; 400 */
    LLMGW_KIND_UNSUPPORTED_PARAMETER = 2, /**< this target cannot; 400 */
    LLMGW_KIND_CONTEXT_LENGTH = 3,        /**< prompt too long; 400 */
    LLMGW_KIND_CONTENT_POLICY = 4,        /**< refused for its content; 400 */
    LLMGW_KIND_REQUEST_TOO_LARGE = 5,     /**< body or budget of one; 413 */
    LLMGW_KIND_AUTH = 6,                  /**< key wrong or expired; 401 */
    LLMGW_KIND_PERMISSION = 7,            /**< key lacks the model; 403 */
    LLMGW_KIND_REGION = 8,                /**< geography or edge block; 403 */
    LLMGW_KIND_MODEL_NOT_FOUND = 9,       /**< no such model; 404 */
    LLMGW_KIND_RATE_LIMIT = 10,           /**< too fast; 429 */
    LLMGW_KIND_QUOTA = 11,                /**< billing; 429 */
    LLMGW_KIND_OVERLOADED = 12,           /**< capacity there; 503 */
    LLMGW_KIND_SERVER_ERROR = 13,         /**< 5xx; 500 */
    LLMGW_KIND_UPSTREAM_UNAVAILABLE = 14, /**< proxy in front of it; 502 */
    LLMGW_KIND_TIMEOUT = 15,              /**< a limit passed; 504 */
    LLMGW_KIND_CONNECTION = 16,           /**< TCP, HTTP/2; 502 */
    LLMGW_KIND_DNS = 17,                  /**< name resolution; 502 */
    LLMGW_KIND_TLS = 18,                  /**< certificate, handshake; 502 */
    LLMGW_KIND_PROTOCOL = 19,             /**< cut or unreadable answer; 502 */
    LLMGW_KIND_MODEL_OUTPUT_INVALID = 20, /**< output broke a check; 502 */
    LLMGW_KIND_DEADLINE = 30,             /**< the call's own deadline; 504 */
    LLMGW_KIND_BUDGET = 31,               /**< a budget refused it; 402 */
    LLMGW_KIND_NO_TARGET = 32,            /**< nobody left to ask; 503 */
    LLMGW_KIND_CONFIG = 33,               /**< bad configuration; 400 */
    LLMGW_KIND_OUT_OF_MEMORY = 34         /**< inside a running call; 500 */
};

/** Opaque. Owned by what handed it out (see there). */
typedef struct llmgw_error llmgw_error;

/** @param error  NULL: LLMGW_KIND_NONE. @return its kind. Thread: any. */
LLMGW_API llmgw_error_kind llmgw_error_get_kind(const llmgw_error *error);

/**
 * Name of a kind, e.g. "rate_limit"; "none" for anything unknown.
 *
 * Thread: any.
 */
LLMGW_API const char *llmgw_error_kind_name(llmgw_error_kind kind);

/**
 * For people: our words, one line; or the provider's, cleaned, at most 500
 * bytes, with line feeds where it sent them. Holds no key and no prompt.
 *
 * @param error  NULL: an empty string
 * @return NUL-terminated, lives as long as the error. Thread: any.
 */
LLMGW_API const char *llmgw_error_message(const llmgw_error *error);

/** OpenAI's `type`, e.g. "invalid_request_error". As llmgw_error_message. */
LLMGW_API const char *llmgw_error_type(const llmgw_error *error);

/** OpenAI's `code`, e.g. "context_length_exceeded". As llmgw_error_message. */
LLMGW_API const char *llmgw_error_code(const llmgw_error *error);

/**
 * OpenAI's `param`: which member of the request, e.g. "messages[2].content";
 * for configuration its JSON path; NULL: none. Lives as long as the error.
 */
LLMGW_API const char *llmgw_error_param(const llmgw_error *error);

/** HTTP status to report to an HTTP client of the host. NULL: 0. */
LLMGW_API int32_t llmgw_error_http_status(const llmgw_error *error);

/**
 * HTTP status the provider answered with; 0: no answer came. An error inside
 * a successful answer has the status of that answer.
 */
LLMGW_API int32_t llmgw_error_upstream_status(const llmgw_error *error);

/** 1: the same request may succeed later or elsewhere; 0: it will not. */
LLMGW_API int32_t llmgw_error_retryable(const llmgw_error *error);

/** Limits that end an attempt or a call. */
typedef int32_t llmgw_limit;
enum {
    LLMGW_LIMIT_NONE = 0,
    LLMGW_LIMIT_CONNECT = 1,    /**< connect_ms; code connect_timeout */
    LLMGW_LIMIT_FIRST = 2,      /**< first_ms; code first_content_timeout */
    LLMGW_LIMIT_GAP = 3,        /**< gap_ms; code gap_timeout */
    LLMGW_LIMIT_THROUGHPUT = 4, /**< min_tokens_per_s; code too_slow */
    LLMGW_LIMIT_TOTAL = 5,      /**< total_ms; code deadline_exceeded */
    LLMGW_LIMIT_COST = 6,       /**< max_cost_usd; code cost_limit */
    LLMGW_LIMIT_RATE = 7        /**< a rate limit of our own; code
                                     own_rate_limit */
};

/** Which limit of ours was passed; LLMGW_LIMIT_NONE: none. NULL: none. */
LLMGW_API llmgw_limit llmgw_error_get_limit(const llmgw_error *error);

/** How long the provider asks to wait, milliseconds; -1: it did not say. */
LLMGW_API int64_t llmgw_error_retry_after_ms(const llmgw_error *error);

/** 1: content had been handed over before the error. */
LLMGW_API int32_t llmgw_error_partial_output(const llmgw_error *error);

/** Provider that said so, its configured name; NULL: none. */
LLMGW_API const char *llmgw_error_provider(const llmgw_error *error);

/** Target that was asked, "provider/model"; NULL: none. */
LLMGW_API const char *llmgw_error_target(const llmgw_error *error);

/** The provider's id of the exchange, for its support; NULL: none. */
LLMGW_API const char *llmgw_error_request_id(const llmgw_error *error);

/**
 * The provider's own body, at most 64 KiB of it, verbatim but for our keys,
 * which are overwritten where it repeats them; empty: none.
 * Lives as long as the error.
 */
LLMGW_API llmgw_str llmgw_error_body(const llmgw_error *error);

/**
 * The error as OpenAI's JSON: {"error":{message,type,param,code}}. That of a
 * call has a member "llmgw" beside it, as llmgw_response_json() has: its
 * attempts, and who was considered.
 *
 * @param error     not NULL
 * @param[out] out  lives as long as the error, made at the first request
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: the one that owns the error's object.
 */
LLMGW_API llmgw_status llmgw_error_json(llmgw_error *error, llmgw_str *out);

/**
 * Free an error that was handed out as the caller's own (by
 * llmgw_gateway_open() and llmgw_gateway_reload()); NULL is allowed.
 */
LLMGW_API void llmgw_error_free(llmgw_error *error);

#ifdef __cplusplus
}
#endif

#endif
