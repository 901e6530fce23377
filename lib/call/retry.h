/*
 * call/retry.h - ask the same target once more, after a while.
 */
#ifndef LLMGW_CALL_RETRY_H
#define LLMGW_CALL_RETRY_H

#include "call_state.h"

/**
 * A failed attempt: is its target asked again, and when? The call waits then.
 *
 * @return false: it is not, for this reason or that; others may be
 */
bool llmgw__retry(struct llmgw_call *call, const struct llmgw_attempt *failed,
                  const struct llmgw__error *error);
/** Nobody can be asked now, but somebody later: wait for room in a rate limit
 *  of ours. @return false: nobody, or not in time */
bool llmgw__retry_full(struct llmgw_call *call);

#endif
