/*
 * call/access.h - what an attempt shows its provider: what the host says, one
 * of the configured keys, a credential that is fetched, or nothing.
 */
#ifndef LLMGW_CALL_ACCESS_H
#define LLMGW_CALL_ACCESS_H

#include "call_state.h"

/**
 * Find it for call->access.target.
 *
 * @param refusal          filled on E_INVALID
 * @retval LLMGW_OK        found; the credential is to be taken out of there
 * @retval LLMGW__WAITS    it is being fetched: call again when rung for, or
 *                         when again_at fires
 * @retval LLMGW__RESTS    all keys rest
 * @retval LLMGW_E_INVALID there is none
 * @retval LLMGW_E_NOMEM   no memory
 */
llmgw_status llmgw__access_find(struct llmgw_call *call,
                                struct llmgw__error *refusal);
/** Stop waiting; what was begun for this call is given up. */
void llmgw__access_leave(struct llmgw_call *call);
/** An attempt has ended: what it has shown was taken, or rests, or is fetched
 *  anew. Before the attempt is closed. */
void llmgw__access_judge(const struct llmgw_attempt *attempt);
/** Was it signed by a clock that is not the service's, as the answer says? The
 *  gateway's is set, for all that is signed from now on. */
bool llmgw__access_set_clock(const struct llmgw_attempt *attempt);
/** Are there keys of this provider that the call has not tried? */
bool llmgw__access_has_other(const struct llmgw_attempt *attempt);

#endif
