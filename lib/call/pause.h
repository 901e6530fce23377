/*
 * call/pause.h - a call waits before its next attempt: to back off, for the
 * time that a provider has told, for room in a rate limit.
 */
#ifndef LLMGW_CALL_PAUSE_H
#define LLMGW_CALL_PAUSE_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

struct llmgw_call;
struct llmgw_attempt;

/** Would the call still run then? */
bool llmgw__pause_fits(const struct llmgw_call *call, uint64_t until_ns);
/**
 * Wait, then ask what call->access says; NEED_RETRY comes.
 *
 * @param until_ns  UINT64_MAX: until there is room, or the call ends
 */
llmgw_status llmgw__pause_begin(struct llmgw_call *call, uint64_t until_ns);
/** Wait until there is room, looking for it every so often. */
llmgw_status llmgw__pause_for_room(struct llmgw_call *call, uint64_t look_ns);
/** It is over, or given up. */
void llmgw__pause_end(struct llmgw_call *call);

#endif
