/*
 * call/bell.c - rings a driver from any thread, also when it is gone.
 */
#include "bell.h"

#include "base/alloc.h"

void llmgw__bell_ring(struct llmgw__bell *bell)
{
    atomic_store(&bell->rung, true);
    llmgw__wakeup_ring(bell->wakeup);
}

void llmgw__bell_drop(struct llmgw__bell *bell)
{
    if (!bell || !llmgw__refs_drop(&bell->refs))
        return;
    llmgw__wakeup_drop(bell->wakeup);
    llmgw__free(bell);
}
