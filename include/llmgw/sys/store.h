/*
 * llmgw/sys/store.h - keep the ledger yourself.
 *
 * SPDX-License-Identifier: MIT
 *
 * A store takes operations and ends each one, at once or later; the library
 * never waits for it with a lock held. A weaker promise than the rest of the
 * headers.
 */
#ifndef LLMGW_SYS_STORE_H
#define LLMGW_SYS_STORE_H

#include <llmgw/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One ledger row; getters in llmgw/ledger.h. */
typedef struct llmgw_entry llmgw_entry;

/** One operation under way. */
typedef struct llmgw_store_op llmgw_store_op;

/** What an operation asks for. */
typedef int32_t llmgw_store_op_kind;
enum {
    LLMGW_STORE_OPEN = 1,   /**< keep this new entry, in state open */
    LLMGW_STORE_SETTLE = 2, /**< replace the entry of the same id */
    LLMGW_STORE_READ = 3    /**< tell every entry, by llmgw_store_op_row() */
};

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
} llmgw_store;

/** What is asked for. */
LLMGW_API llmgw_store_op_kind llmgw_store_op_get_kind(const llmgw_store_op *op);

/**
 * The entry to keep (OPEN, SETTLE); NULL for READ. Lives until the operation
 * is completed.
 */
LLMGW_API const llmgw_entry *llmgw_store_op_entry(const llmgw_store_op *op);

/**
 * An independent copy of an entry, for stores that keep entries as they are.
 * @return NULL: no memory
 */
LLMGW_API llmgw_entry *llmgw_entry_copy(const llmgw_entry *entry);
/** Free a copy; NULL is allowed. */
LLMGW_API void llmgw_entry_free(llmgw_entry *entry);

/**
 * Tell one entry to a READ, oldest first.
 *
 * @return 0 to go on; any other value: no more is wanted, complete
 */
LLMGW_API int32_t llmgw_store_op_row(llmgw_store_op *op,
                                     const llmgw_entry *entry);

/**
 * End an operation; it is dead afterwards. The next one of the same entry may
 * be submitted from inside.
 *
 * @param status  LLMGW_OK, LLMGW_E_NOMEM, or LLMGW_E_SYSTEM: it failed; the
 *                library keeps an entry that could not be kept in memory
 */
LLMGW_API void llmgw_store_complete(llmgw_store_op *op, llmgw_status status);

#ifdef __cplusplus
}
#endif

#endif
