/*
 * llmgw/chat.h - chat completions: ask, stream, cancel, read the end.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LLMGW_CHAT_H
#define LLMGW_CHAT_H

#include <llmgw/base.h>
#include <llmgw/chunk.h>
#include <llmgw/error.h>
#include <llmgw/gateway.h>
#include <llmgw/loop.h>
#include <llmgw/request.h>
#include <llmgw/response.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One request of the host, from start to its end. */
typedef struct llmgw_call llmgw_call;

/** Ends calls from any thread, any time; outlives them. */
typedef struct llmgw_cancel llmgw_cancel;

/**
 * One piece of a streamed answer has arrived.
 *
 * @param chunk     borrowed, until the callback returns
 * @param userdata  the pointer given in llmgw_chat_options
 * @return 0 to go on; any other value ends the call as cancelled and is kept:
 *         llmgw_call_stop_value()
 */
typedef int32_t (*llmgw_chunk_fn)(const llmgw_chunk *chunk, void *userdata);

/**
 * The call has ended, its ledger entries are written; made exactly once, last
 * of all.
 *
 * @param call      to be read with the getters below; may be freed here
 * @param userdata  the pointer given in llmgw_chat_options
 */
typedef void (*llmgw_done_fn)(llmgw_call *call, void *userdata);

/**
 * A stream broke after content was handed over, and the call begins its answer
 * anew ("on_break": "restart"): discard what on_chunk was given so far.
 *
 * @param call  its attempts so far can be read; must not be freed here
 * @return 0 to go on; any other value ends the call as on_chunk's does
 */
typedef int32_t (*llmgw_restart_fn)(llmgw_call *call, void *userdata);

/** How one chat call is to run. Zero in any field means its default. */
typedef struct llmgw_chat_options {
    uint32_t size;       /**< bytes; LLMGW_CHAT_OPTIONS_INIT fills it in */
    uint32_t timeout_ms; /**< whole call, ms; 0: the route's; LLMGW_NO_LIMIT */
    uint32_t first_ms;   /**< attempt to first content, ms; 0: the route's */
    uint32_t gap_ms;     /**< between two pieces, ms; 0: the route's */
    uint32_t connect_ms; /**< DNS, TCP, TLS of an attempt, ms; 0: route's */
    uint32_t max_attempts;   /**< tries in all, 1..32; 0: the route's */
    llmgw_chunk_fn on_chunk; /**< absent: the answer is not streamed to us */
    llmgw_done_fn on_done;   /**< required by llmgw_chat_start(), otherwise
                                  optional */
    void *userdata;          /**< handed to both callbacks, never read */
    llmgw_cancel *cancel;    /**< optional; a reference is taken */
    const char *tags;        /**< optional "key=value,key=value", for the
                                  ledger: no spaces around, at most 256 bytes
                                  each and 4096 in all; copied */
    llmgw_restart_fn on_restart; /**< optional; without it a stream that was
                                      handed over is never begun anew */
    uint32_t hedge_ms;           /**< a second attempt after this, ms; 0: as the
                              request or its route says; LLMGW_NO_LIMIT:
                              never */
    uint32_t min_tokens_per_s;   /**< slowest answer allowed; 0: the route's */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_chat_options;

#define LLMGW_CHAT_OPTIONS_INIT                                            \
    {                                                                      \
        sizeof(llmgw_chat_options), 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, \
            NULL, NULL, 0, 0                                               \
    }

/**
 * Ask and wait for the end. With on_chunk the answer is streamed to it, on
 * this thread. Borrows an idle loop of the gateway, so that connections are
 * kept between calls and threads.
 *
 * @param gateway   borrowed
 * @param request   copied
 * @param options   copied; NULL: all defaults
 * @param[out] out  the ended call, owned by the caller: llmgw_call_free().
 *                  NULL on failure
 * @retval LLMGW_OK          ended; llmgw_call_end() says how
 * @retval LLMGW_E_INVALID   a NULL argument, or an options field we do not know
 * @retval LLMGW_E_REENTRANT called from inside a callback of a call
 * @retval LLMGW_E_CLOSED    the gateway is closed
 * @retval LLMGW_E_FORKED    the gateway was opened by the parent process
 * @retval LLMGW_E_SYSTEM    no descriptor for a loop
 * @retval LLMGW_E_NOMEM     no memory; nothing was started
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_chat(llmgw_gateway *gateway,
                                  const llmgw_request *request,
                                  const llmgw_chat_options *options,
                                  llmgw_call **out);

/**
 * Start a chat completion on a loop.
 *
 * Returns without waiting; chunks and the end arrive while the loop is driven.
 * What goes wrong after this point is told by on_done.
 *
 * @param loop      borrowed; must outlive the call
 * @param request   copied
 * @param options   copied; on_done is required
 * @param[out] out  the call, owned by the caller: llmgw_call_free(). NULL on
 *                  failure
 * @retval LLMGW_OK        started; on_done will be made exactly once
 * @retval LLMGW_E_INVALID a NULL argument, no on_done, or an options field we
 *                         do not know
 * @retval LLMGW_E_CLOSED  the gateway is closed
 * @retval LLMGW_E_FORKED  the loop was made by the parent process
 * @retval LLMGW_E_NOMEM   nothing was started
 *
 * Thread: owner. Callbacks: none before this function returns.
 */
LLMGW_API llmgw_status llmgw_chat_start(llmgw_loop *loop,
                                        const llmgw_request *request,
                                        const llmgw_chat_options *options,
                                        llmgw_call **out);

/**
 * End a call as cancelled: its connection is closed, its entry written, its
 * on_done made while the loop is driven. Twice is once; after the end it does
 * nothing.
 *
 * @param call  must not be freed meanwhile by another thread; where that can
 *              happen, use an llmgw_cancel. NULL is allowed
 *
 * Thread: any.
 */
LLMGW_API void llmgw_call_cancel(llmgw_call *call);

/**
 * Free a call; NULL is allowed. One that is still running is cancelled first;
 * its on_done is then not made any more. Inside a callback the memory goes
 * when the callback has returned.
 *
 * Thread: owner; a call of llmgw_chat(): any.
 */
LLMGW_API void llmgw_call_free(llmgw_call *call);

/* --- cancel token --- */

/**
 * Make a cancel token for any number of calls.
 *
 * @param[out] out  owned by the caller: llmgw_cancel_free()
 * @retval LLMGW_E_INVALID  out is NULL
 * @retval LLMGW_E_NOMEM    no memory
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_cancel_create(llmgw_cancel **out);

/**
 * Cancel every call that was started with this token and has not ended, and
 * every one started with it from now on.
 *
 * A triggered token stays so: make a new one for the next calls. May be called
 * from callbacks, not from signal handlers.
 *
 * Thread: any; twice is once.
 */
LLMGW_API void llmgw_cancel_trigger(llmgw_cancel *cancel);

/** Drop the caller's reference; calls keep theirs. NULL is allowed.
 *  Thread: any. */
LLMGW_API void llmgw_cancel_free(llmgw_cancel *cancel);

/* --- how a call ended; getters, Thread: owner --- */

typedef int32_t llmgw_end;
enum {
    LLMGW_END_NONE = 0,     /**< still running */
    LLMGW_END_RESPONSE = 1, /**< llmgw_call_response() */
    LLMGW_END_ERROR = 2,    /**< llmgw_call_error() */
    LLMGW_END_CANCELLED = 3 /**< by cancel, or by a callback's value */
};

/** How it ended. */
LLMGW_API llmgw_end llmgw_call_end(const llmgw_call *call);

/**
 * The answer: whole after LLMGW_END_RESPONSE; after the other ends what had
 * been handed over, with finish reason none; NULL: nothing had, or the call is
 * no chat. Lives as long as the call.
 */
LLMGW_API llmgw_response *llmgw_call_response(llmgw_call *call);

/** The error after LLMGW_END_ERROR, else NULL. Lives as long as the call. */
LLMGW_API llmgw_error *llmgw_call_error(llmgw_call *call);

/** The non-zero value a chunk callback returned; 0: none did. */
LLMGW_API int32_t llmgw_call_stop_value(const llmgw_call *call);

/**
 * What the call cost: the sum of its entries whose cost is known.
 *
 * @param[out] out  may be NULL
 * @return number of entries whose cost is unknown
 */
LLMGW_API int64_t llmgw_call_cost(const llmgw_call *call, llmgw_money *out);

/** Time from start to end, ns; 0 while running. */
LLMGW_API uint64_t llmgw_call_duration_ns(const llmgw_call *call);

/** Time from start to the first content handed over, ns; 0: none. */
LLMGW_API uint64_t llmgw_call_first_content_ns(const llmgw_call *call);

/** The id that all log lines and entries of this call carry. */
LLMGW_API const char *llmgw_call_id(const llmgw_call *call);

/* --- attempts: tries of the call at its targets, in the order made --- */

typedef struct llmgw_attempt llmgw_attempt;

/**
 * Number of attempts. One that a target could not take is among them (it has
 * an error, no HTTP status and no ledger entry: nothing was sent).
 */
LLMGW_API size_t llmgw_call_attempt_count(const llmgw_call *call);

/** Attempt by number, NULL: out of range. Lives as long as the call. */
LLMGW_API const llmgw_attempt *llmgw_call_attempt(const llmgw_call *call,
                                                  size_t index);

/** "provider/model". */
LLMGW_API const char *llmgw_attempt_target(const llmgw_attempt *attempt);

/**
 * What it was made for: "first", "fallback" (the next target), "retry" (the
 * same one again), "key", "credential", "clock", "mend" (again without what was
 * refused), "further" (the answer goes on in another exchange), "hedge",
 * "continue", "restart" (of a broken stream).
 */
LLMGW_API const char *llmgw_attempt_why(const llmgw_attempt *attempt);

/** How it ended: response, error or cancelled. */
LLMGW_API llmgw_end llmgw_attempt_end(const llmgw_attempt *attempt);

/** What went wrong; NULL: nothing. */
LLMGW_API llmgw_error *llmgw_attempt_error(const llmgw_attempt *attempt);

/** HTTP status; 0: no answer came. */
LLMGW_API int32_t llmgw_attempt_http_status(const llmgw_attempt *attempt);

/** Header of the answer by lower-case name; empty: absent. */
LLMGW_API llmgw_str llmgw_attempt_header(const llmgw_attempt *attempt,
                                         const char *name);

/** Usage of this attempt; NULL: none is known. */
LLMGW_API const llmgw_usage *llmgw_attempt_usage(const llmgw_attempt *attempt);

/** Cost, pico-USD. @return 1: known, 0: unknown (*out untouched) */
LLMGW_API int32_t llmgw_attempt_cost(const llmgw_attempt *attempt,
                                     int64_t *out_pico_usd);

/** Moments of an attempt. */
typedef int32_t llmgw_attempt_time;
enum {
    LLMGW_TIME_STARTED = 0,   /**< ns since the call's start */
    LLMGW_TIME_CONNECTED = 1, /**< ns since the attempt's start; 0: never */
    LLMGW_TIME_HEAD = 2,      /**< ditto: the answer's head */
    LLMGW_TIME_CONTENT = 3,   /**< ditto: its first content */
    LLMGW_TIME_END = 4,       /**< ditto: its end */
    LLMGW_TIME_CREDENTIAL = 5 /**< ns that its credential was waited for, before
                                 it started; 0: not at all */
};
/** When something of an attempt happened, ns; see the constants above. */
LLMGW_API uint64_t llmgw_attempt_ns(const llmgw_attempt *attempt,
                                    llmgw_attempt_time which);

/* --- plan: who was considered, in order, and why not asked --- */

/** Candidates of the call. */
LLMGW_API size_t llmgw_call_plan_count(const llmgw_call *call);
/** "provider/model" of a candidate; NULL: out of range. */
LLMGW_API const char *llmgw_call_plan_target(const llmgw_call *call,
                                             size_t index);
/** Why it has its place, or was left out, e.g. "no API key: X is not set". */
LLMGW_API const char *llmgw_call_plan_reason(const llmgw_call *call,
                                             size_t index);
/** 1: it may be asked; 0: it was left out. */
LLMGW_API int32_t llmgw_call_plan_usable(const llmgw_call *call, size_t index);

/* --- adjustments: what the answering target made us change --- */

/** Number of adjustments of the last attempt. */
LLMGW_API size_t llmgw_call_adjustment_count(const llmgw_call *call);
/** The request's member, e.g. "temperature"; NULL: out of range. */
LLMGW_API const char *llmgw_call_adjustment_param(const llmgw_call *call,
                                                  size_t index);
/** dropped, clamped, moved, added, converted, approximated or emulated. */
LLMGW_API const char *llmgw_call_adjustment_action(const llmgw_call *call,
                                                   size_t index);
/** Why, e.g. "model_rejects_sampling". */
LLMGW_API const char *llmgw_call_adjustment_reason(const llmgw_call *call,
                                                   size_t index);

#ifdef __cplusplus
}
#endif

#endif
