/*
 * llmgw/health.h - how the targets stand: circuit breakers, time to first
 * token, what is under way; and to set a breaker.
 *
 * SPDX-License-Identifier: MIT
 *
 * Each target ("provider/model") has a circuit breaker. Closed, it is asked.
 * It opens when attempts at it fail ("breaker" of the configuration says how
 * many: three in a row within a minute, or in a row at all where calls are
 * rarer; where there are many calls at a time, half of the last ten must have
 * failed, too). Open, it is not asked: ten seconds at a time in the first
 * minute, then twice as long each time, five minutes at most. Then it is
 * half-open: one call asks it, beside the next target of its route, so that
 * this call waits for nothing; if it answers, the breaker closes. Where a
 * provider could not even be reached, it is asked for its list of models every
 * two seconds while calls are under way, for free; when it answers, the breaker
 * is half-open at once.
 *
 * What the caller did wrong, content filters, cancelled attempts and lost races
 * are no failures. Keys and accounts that were refused, or have reached a
 * limit, rest on their own: no breaker opens for them. What is known outlives
 * a reload of the configuration, not the gateway.
 */
#ifndef LLMGW_HEALTH_H
#define LLMGW_HEALTH_H

#include <llmgw/base.h>
#include <llmgw/gateway.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How a circuit breaker stands. */
typedef int32_t llmgw_breaker;
enum {
    LLMGW_BREAKER_CLOSED = 0,   /**< the target is asked */
    LLMGW_BREAKER_OPEN = 1,     /**< it is not */
    LLMGW_BREAKER_HALF_OPEN = 2 /**< one call asks it, or the next one will */
};

/** Who says so. */
typedef int32_t llmgw_breaker_rule;
enum {
    LLMGW_BREAKER_BY_ITSELF = 0,  /**< it opens and closes as attempts go */
    LLMGW_BREAKER_KEEP_OPEN = 1,  /**< the host: not asked at all */
    LLMGW_BREAKER_KEEP_CLOSED = 2 /**< the host: asked whatever happens */
};

/** How a target stands. A time that is not known is -1. */
typedef struct llmgw_health {
    uint32_t size;           /**< bytes; LLMGW_HEALTH_INIT fills it in */
    llmgw_breaker breaker;   /**< closed, open, half-open */
    llmgw_breaker_rule rule; /**< by itself, or as the host has set it */
    uint32_t failures;       /**< attempts that failed in a row */
    uint32_t opened;         /**< times that it has opened, in all */
    uint32_t under_way;      /**< attempts that have not ended */
    int32_t suspect;         /**< 1: closed, but two other targets of its
                                  provider are open */
    int32_t keys_rest;       /**< 1: all keys of its provider rest */
    int64_t due_ms;          /**< until it may be asked, ms; 0: it may be now;
                                  -1: not before the host says so */
    int64_t changed_ms;      /**< since the breaker changed, ms; -1: it never
                                  has */
    int64_t keys_back_ms;    /**< of keys_rest: until the first is back, ms */
    int64_t first_p50_ns;    /**< time to the first content, median, ns */
    int64_t first_p95_ns;    /**< likewise, what 95 of 100 are faster than */
    int64_t rate_p50;        /**< output tokens per 1,000 seconds, median */
    /* New fields only here, at the end, in whole 8-byte steps. */
} llmgw_health;

#define LLMGW_HEALTH_INIT                                           \
    {                                                               \
        sizeof(llmgw_health), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 \
    }

/**
 * Read how a target stands, now.
 *
 * Times to the first content and rates are of streamed answers, of the last
 * minutes more than of the last hours, and known after the first few; the times
 * to short prompts (below 4 KiB), or to all where too few were short. A target
 * that has never been asked is closed, and nothing else is known of it.
 *
 * @param gateway      borrowed
 * @param target       borrowed: "provider/model" as in a route
 * @param[in,out] out  size is read, all that it has room for is written
 * @retval LLMGW_OK        filled
 * @retval LLMGW_E_INVALID a NULL argument, a size never filled in, or no
 *                         configured provider of that name
 * @retval LLMGW_E_CLOSED  the gateway is closed
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_health_read(llmgw_gateway *gateway,
                                         const char *target, llmgw_health *out);

/**
 * Called once for each target.
 *
 * @param target    "provider/model", until it returns
 * @param health    borrowed, until it returns
 * @param userdata  the pointer given to llmgw_health_list()
 * @return 0 to go on; any other value ends the listing
 */
typedef int32_t (*llmgw_health_fn)(llmgw_str target, const llmgw_health *health,
                                   void *userdata);

/**
 * List the targets of all routes, then those that have been asked by their own
 * names, each once.
 *
 * @param gateway   borrowed
 * @param fn        called for each
 * @param userdata  handed to fn, never read
 * @retval LLMGW_OK        all told, or fn has ended it
 * @retval LLMGW_E_INVALID a NULL argument
 * @retval LLMGW_E_CLOSED  the gateway is closed
 * @retval LLMGW_E_NOMEM   no memory; nothing was told
 *
 * Thread: any. Callbacks: on this thread, no lock held.
 */
LLMGW_API llmgw_status llmgw_health_list(llmgw_gateway *gateway,
                                         llmgw_health_fn fn, void *userdata);

/**
 * Set a target's breaker: keep it open (to drain a target, say), keep it
 * closed, or let it open and close by itself again, from closed and with
 * nothing held against it. Attempts under way go on; what they come to changes
 * nothing. Lasts until it is set again, over reloads.
 *
 * @param gateway  borrowed
 * @param target   borrowed, copied: "provider/model"; asked before or not
 * @param rule     LLMGW_BREAKER_BY_ITSELF, _KEEP_OPEN, _KEEP_CLOSED
 * @retval LLMGW_OK        set
 * @retval LLMGW_E_INVALID a NULL argument, an unknown rule, or no configured
 *                         provider of that name
 * @retval LLMGW_E_CLOSED  the gateway is closed
 * @retval LLMGW_E_NOMEM   no memory, or thousands are set; nothing has changed
 *
 * Thread: any.
 */
LLMGW_API llmgw_status llmgw_breaker_set(llmgw_gateway *gateway,
                                         const char *target,
                                         llmgw_breaker_rule rule);

#ifdef __cplusplus
}
#endif

#endif
