/*
 * call/credentials.h - credentials that were fetched, or told by the host, kept
 * for all calls of a gateway: one call fetches, all others wait for it.
 *
 * An account is leased to whom fetches for it. A lease ends after a while: a
 * loop that nobody drives any more holds nobody up.
 */
#ifndef LLMGW_CALL_CREDENTIALS_H
#define LLMGW_CALL_CREDENTIALS_H

#include "base/sync.h"
#include "bell.h"
#include "provider/credential.h"

/** A status of our own: it is not there yet. */
#define LLMGW__WAITS ((llmgw_status)5)

struct llmgw__credentials_entry;

/** Of all accounts, for any thread. */
struct llmgw__credentials {
    struct llmgw__mutex lock;
    struct llmgw__credentials_entry *entries; /* the newest first */
    size_t count;
    uint64_t last_lease;
};

/** Who waits for an account; lives in a call. */
struct llmgw__credentials_wait {
    struct llmgw__credentials_wait *next;   /* under the lock, as these two */
    struct llmgw__credentials_entry *entry; /* where it is listed; NULL: it is
                                               not */
    struct llmgw__bell *bell;               /* of its driver, borrowed */
    atomic_bool told;                       /* look again */
};

struct llmgw__credentials_ask {
    const char *account;
    uint64_t now_ns;                      /* monotonic */
    int64_t now_s;                        /* wall clock */
    struct llmgw__credentials_wait *wait; /* listed where it has to wait; NULL:
                                             only what is there is wanted */
};

struct llmgw__credentials_found {
    struct llmgw__credential *credential; /* one reference; NULL: none yet */
    uint64_t lease;    /* not 0: fetch one; beside a credential: for later */
    uint64_t until_ns; /* when a lease ends: ours, or that which is waited for
                        */
};

llmgw_status llmgw__credentials_init(struct llmgw__credentials *all);
void llmgw__credentials_clear(struct llmgw__credentials *all);

/**
 * The credential of an account.
 *
 * @param error            filled on E_INVALID
 * @retval LLMGW_OK        there is one, or it is to be fetched, or both
 * @retval LLMGW__WAITS    somebody fetches it: told when that has ended
 * @retval LLMGW_E_INVALID it could not be fetched a moment ago
 * @retval LLMGW_E_NOMEM   no memory
 */
llmgw_status llmgw__credentials_find(struct llmgw__credentials *all,
                                     const struct llmgw__credentials_ask *ask,
                                     struct llmgw__credentials_found *found,
                                     struct llmgw__error *error);
/** Wait no more. */
void llmgw__credentials_leave(struct llmgw__credentials *all,
                              struct llmgw__credentials_wait *wait);
/** Keep one; the reference is taken over. ask->account, now_ns. Lease 0: it was
 *  not fetched. */
void llmgw__credentials_put(struct llmgw__credentials *all,
                            const struct llmgw__credentials_ask *ask,
                            uint64_t lease,
                            struct llmgw__credential *credential);
/** It could not be fetched: remembered for a while. NULL: it was given up, the
 *  next one may try. */
void llmgw__credentials_fail(struct llmgw__credentials *all,
                             const struct llmgw__credentials_ask *ask,
                             uint64_t lease, const struct llmgw__error *error);
/** It was refused: fetch another one, unless that is what has been done just
 *  now. */
void llmgw__credentials_refused(struct llmgw__credentials *all,
                                const struct llmgw__credentials_ask *ask,
                                const struct llmgw__credential *credential);

#endif
