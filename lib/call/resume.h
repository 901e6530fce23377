/*
 * call/resume.h - an answer broke off after it was begun, and a further
 * attempt goes on with it or begins it anew.
 */
#ifndef LLMGW_CALL_RESUME_H
#define LLMGW_CALL_RESUME_H

#include <stdbool.h>

#include <llmgw/base.h>

struct llmgw_call;
struct llmgw_attempt;
struct llmgw__target;

/**
 * The committed attempt has failed: prepare the call for another one.
 *
 * @return false: the call ends with what was told and the error
 */
bool llmgw__resume_prepare(struct llmgw_call *call,
                           const struct llmgw_attempt *broken);
/** Nobody is left who could go on with it: begin anew, if that is allowed.
 *  @return false: it is not, or it was so already */
bool llmgw__resume_anew(struct llmgw_call *call);
/** This target cannot go on with it; it may begin anew. */
void llmgw__resume_cannot(struct llmgw_call *call,
                          const struct llmgw__target *target);
/** First content of another attempt: take back what was told, if it begins
 *  anew. @retval LLMGW__STOPPED  the host says so */
llmgw_status llmgw__resume_commit(struct llmgw_call *call);
/** Something was handed over, or is kept for the host. */
bool llmgw__resume_has_part(const struct llmgw_call *call);

#endif
