/*
 * llmgw/sys/store.h - keep the ledger yourself.
 *
 * SPDX-License-Identifier: MIT
 *
 * A store takes operations and ends each one, at once or later; the library
 * never waits for it with a lock held. A weaker promise than the rest of the
 * headers.
 *
 * An entry is known by its writer (a gateway that was opened) and its number
 * there. OPEN and SETTLE may come twice for one entry (after an outage): the
 * second one changes nothing.
 *
 * A store that several gateways share also keeps their budgets. Of each budget
 * it has
 *
 *   - sums: what settled entries have used, by bucket of time;
 *   - charges: what open entries have reserved, each in its bucket;
 *   - leases: what a writer has in hand beyond that, so that it need not ask
 *     for each call. An expired lease counts no more, unless it is `kept`.
 *
 * Committed is all of it from a bucket on: sums, charges, leases. What an
 * operation does to them happens as a whole, or not at all:
 *
 *   LEASE   free = limit - committed. Where free is less than `need`, the
 *           lease does not grow; else it grows by `need`, and beyond that up
 *           to `want` as long as it stays within half of what is free. It then
 *           expires so long after now. One that has expired before (and is not
 *           `kept`) is gone: `lapsed`, and it does not grow.
 *   OPEN    the entry and its charges are kept; each charge's amount is taken
 *           from the lease it names, as far as that has it.
 *   SETTLE  the entry's charges go; the amounts that the operation has are
 *           added to the sums.
 *
 * Operations of one gateway take effect in the order in which they were handed
 * over.
 */
#ifndef LLMGW_SYS_STORE_H
#define LLMGW_SYS_STORE_H

#include <llmgw/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One ledger row; getters in llmgw/ledger.h. */
typedef struct llmgw_entry llmgw_entry;

/** Which entries are wanted; llmgw/ledger.h. */
struct llmgw_ledger_filter;

/** One operation under way. */
typedef struct llmgw_store_op llmgw_store_op;

/** What an operation asks for. Of one that it does not know, a store says
 *  LLMGW_E_UNSUPPORTED; the first three it must know. */
typedef int32_t llmgw_store_op_kind;
enum {
    LLMGW_STORE_OPEN = 1,   /**< keep this new entry, in state open */
    LLMGW_STORE_SETTLE = 2, /**< replace the entry of the same id */
    LLMGW_STORE_READ = 3,   /**< tell entries, by llmgw_store_op_row() */
    LLMGW_STORE_SUMS = 4,   /**< tell the sums of entries that are no longer
                                 kept, by llmgw_store_op_sum() */
    LLMGW_STORE_FORGET = 5, /**< keep entries that were settled before
                                 llmgw_store_op_before_ns() only as sums, and
                                 what expired leases and sums of budgets are
                                 older still not at all */
    LLMGW_STORE_LEASE = 6,  /**< llmgw_store_op_lease() */
    LLMGW_STORE_TELL = 7,   /**< keep a fact, over an older one of its key:
                                 llmgw_store_op_fact() */
    LLMGW_STORE_HEAR = 8    /**< tell all facts that have not run out, by
                                 llmgw_store_op_hear() */
};

/** What an entry counts against a budget. */
typedef struct llmgw_store_charge {
    llmgw_str budget; /**< its key */
    int64_t bucket_s; /**< begin of the bucket, seconds since 1970 */
    int64_t amount;   /**< pico-USD, tokens or requests; reserved while open,
                           then what was used */
    uint64_t lease;   /**< number of the writer's lease it is taken from */
} llmgw_store_charge;

/** A lease of a budget: what is asked for, and what came of it. */
typedef struct llmgw_store_lease {
    llmgw_str budget; /**< its key */
    uint64_t writer;  /**< whose lease */
    uint64_t number;  /**< which of his; a new one begins with nothing */
    int64_t from_s;   /**< buckets that begin at or after count */
    int64_t bucket_s; /**< the present one */
    int64_t limit;    /**< of the budget */
    int64_t need;     /**< to grow by at least this; or by nothing */
    int64_t want;     /**< at best by this, not less than need */
    int64_t now_ns; /**< wall clock; a store of several machines has its own */
    int64_t ttl_ns; /**< expires so long after now */
    int32_t kept;   /**< 1: counts also when it has expired, as long as its
                           bucket does: its writer may have used it in places
                           that the store does not know yet */
    int32_t ends;   /**< 1: given back; need and want are 0 */
    /* the answer */
    int64_t granted;   /**< grown by this; 0: free was less than need */
    int64_t committed; /**< of the budget, all writers, afterwards */
    int64_t oldest_s;  /**< the first bucket from from_s on that has anything;
                            0: none has */
    int32_t lapsed;    /**< 1: it had expired; what it had is gone */
    int32_t reserved;
} llmgw_store_lease;

/** Entries that are no longer kept, added up: one for each UTC day, provider,
 *  model, route, tags, key and state. */
typedef struct llmgw_store_sum {
    int64_t day_ns; /**< begin of the day in which they were started */
    llmgw_str provider;
    llmgw_str model;
    llmgw_str route;
    llmgw_str tags;
    llmgw_str key;
    int32_t state; /**< llmgw_entry_state */
    int32_t reserved;
    uint64_t entries;
    uint64_t unpriced;  /**< of those, with a cost that is unknown */
    uint64_t estimated; /**< of those, with tokens that are our estimate */
    int64_t prompt_tokens;
    int64_t completion_tokens;
    llmgw_money billed;
    llmgw_money delivered;
} llmgw_store_sum;

/** Something that writers let each other know. */
typedef struct llmgw_store_fact {
    llmgw_str key;    /**< of what, e.g. "breaker/provider/model" */
    llmgw_str value;  /**< short; empty: nothing any more */
    int64_t stamp_ns; /**< wall clock, when it was found: the latest counts */
    int64_t until_ns; /**< wall clock, when it runs out */
} llmgw_store_fact;

/** A descriptor that a store waits for. */
typedef struct llmgw_store_fd {
    intptr_t fd;
    int32_t readable; /**< 1: until it can be read */
    int32_t writable; /**< 1: until it can be written */
} llmgw_store_fd;

/** A store. All functions may be called from any thread, several at once. */
typedef struct llmgw_store {
    uint32_t size;     /**< sizeof(llmgw_store) */
    uint32_t reserved; /**< 0 */
    void *userdata;    /**< handed to all, never read */
    /**
     * Take an operation and end it by llmgw_store_complete(), from inside this
     * call or later, from any thread.
     */
    void (*submit)(llmgw_store_op *op, void *userdata);
    /**
     * Go on with operations under way; called by every turn of every loop and
     * while a reader waits. NULL: nothing to do.
     */
    void (*process)(uint64_t now_ns, void *userdata);
    /** The gateway is gone: end what is under way, free all. NULL: nothing */
    void (*close)(void *userdata);
    /**
     * What operations under way wait for: loops call process when it is
     * ready, and else every few milliseconds.
     *
     * @param out  room for `max`
     * @return how many there are. NULL: never any
     */
    int32_t (*fds)(llmgw_store_fd *out, int32_t max, void *userdata);
} llmgw_store;

/** What is asked for. */
LLMGW_API llmgw_store_op_kind llmgw_store_op_get_kind(const llmgw_store_op *op);

/**
 * The entry to keep (OPEN, SETTLE), else NULL. Lives until the operation is
 * completed.
 */
LLMGW_API const llmgw_entry *llmgw_store_op_entry(const llmgw_store_op *op);

/** What the entry counts against budgets (OPEN, SETTLE); lives likewise.
 *  @param[out] count  how many; 0: none */
LLMGW_API const llmgw_store_charge *
llmgw_store_op_charges(const llmgw_store_op *op, size_t *count);

/** Which entries a READ wants, so that a store need not tell all; the library
 *  looks again. NULL: all. Lives likewise. */
LLMGW_API const struct llmgw_ledger_filter *
llmgw_store_op_filter(const llmgw_store_op *op);

/** Of a FORGET: wall clock, ns since 1970. */
LLMGW_API int64_t llmgw_store_op_before_ns(const llmgw_store_op *op);

/** Of a LEASE, else NULL: to be answered before the operation is completed. */
LLMGW_API llmgw_store_lease *llmgw_store_op_lease(llmgw_store_op *op);

/** Of a TELL, else NULL. */
LLMGW_API const llmgw_store_fact *llmgw_store_op_fact(const llmgw_store_op *op);

/**
 * An independent copy of an entry, for stores that keep entries as they are.
 * @return NULL: no memory
 */
LLMGW_API llmgw_entry *llmgw_entry_copy(const llmgw_entry *entry);
/** Free a copy, or what llmgw_entry_read() made; NULL is allowed. */
LLMGW_API void llmgw_entry_free(llmgw_entry *entry);

/**
 * An entry as one line of JSON, for stores that keep text; all of it, exactly.
 *
 * @param[out] out  owned by the caller: llmgw_text_free()
 * @retval LLMGW_E_INVALID  a NULL argument
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_entry_write(const llmgw_entry *entry,
                                         llmgw_str *out);
/**
 * The entry that such a line is of. Members that are not known are passed
 * over: a newer library may have written it.
 *
 * @param[out] out  owned by the caller: llmgw_entry_free()
 * @retval LLMGW_E_INVALID  a NULL argument, or no such line
 * @retval LLMGW_E_NOMEM    no memory
 */
LLMGW_API llmgw_status llmgw_entry_read(llmgw_str line, llmgw_entry **out);
/** Free what llmgw_entry_write() made; empty is allowed. */
LLMGW_API void llmgw_text_free(llmgw_str text);

/**
 * Tell one entry to a READ, oldest first, or as its filter says.
 *
 * @return 0 to go on; any other value: no more is wanted, complete
 */
LLMGW_API int32_t llmgw_store_op_row(llmgw_store_op *op,
                                     const llmgw_entry *entry);
/** Tell one sum to a SUMS, in any order. @return as llmgw_store_op_row() */
LLMGW_API int32_t llmgw_store_op_sum(llmgw_store_op *op,
                                     const llmgw_store_sum *sum);
/** Tell one fact to a HEAR, in any order. @return as llmgw_store_op_row() */
LLMGW_API int32_t llmgw_store_op_hear(llmgw_store_op *op,
                                      const llmgw_store_fact *fact);

/**
 * End an operation; it is dead afterwards. The next one of the same entry may
 * be submitted from inside.
 *
 * @param status  LLMGW_OK, LLMGW_E_NOMEM, LLMGW_E_UNSUPPORTED, or
 *                LLMGW_E_SYSTEM: it failed; the library keeps an entry that
 *                could not be kept in memory
 */
LLMGW_API void llmgw_store_complete(llmgw_store_op *op, llmgw_status status);

#ifdef __cplusplus
}
#endif

#endif
