/*
 * call/bell.h - rings a driver from any thread.
 */
#ifndef LLMGW_CALL_BELL_H
#define LLMGW_CALL_BELL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/sync.h"
#include "wire/poller.h"

/** Wakes a driver, which then looks at all its jobs: some call of it was
 *  cancelled, or what one waits for has come. */
struct llmgw__bell {
    struct llmgw__refs refs;
    struct llmgw__wakeup *wakeup;
    atomic_bool rung;
};
void llmgw__bell_ring(struct llmgw__bell *bell);
void llmgw__bell_drop(struct llmgw__bell *bell); /* NULL allowed */

#endif
