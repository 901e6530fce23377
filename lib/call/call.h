/*
 * call/call.h - one call: a plan, its attempts, the end.
 *
 * A call is served from its driver's queue only: chunk callbacks may run inside
 * libcurl, where handles cannot be added or driven, so start, cancel, free,
 * failover and on_done are noted (needs) and done when libcurl has returned.
 */
#ifndef LLMGW_CALL_CALL_H
#define LLMGW_CALL_CALL_H

#include "setup.h"

/** The host is through with it: cancelled if it runs, freed when it may. */
void llmgw__call_release(struct llmgw_call *call);
/** Take an ended call away from its driver; its memory is the caller's. */
void llmgw__call_detach(struct llmgw_call *call);

/** The "llmgw" member of a response. */
llmgw_status llmgw__call_report(struct llmgw_call *call,
                                struct llmgw__buf *out);

#endif
