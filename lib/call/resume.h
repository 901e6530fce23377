/*
 * call/resume.h - an answer broke off after it was begun, and a further
 * attempt goes on with it or begins it anew; two attempts that race.
 */
#ifndef LLMGW_CALL_RESUME_H
#define LLMGW_CALL_RESUME_H

#include <stdbool.h>

#include <llmgw/base.h>

#include "base/timers.h"
#include "schema/error.h"
#include "schema/usage.h"

struct llmgw_call;
struct llmgw_attempt;
struct llmgw__target;

/** What is known of an answer that broke. */
struct llmgw__resume {
    bool again;     /* it begins anew: what was told is taken back when the
                       first content of another attempt is there */
    bool goes_on;   /* it is gone on with */
    llmgw_str told; /* its text so far; in the call's arena */
    const struct llmgw__usage *before; /* of the attempts that told it; NULL:
                                          nothing was told yet */
};

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

/* --- race.c --- */

/** A second attempt beside the first. */
struct llmgw__race {
    struct llmgw__timer twin_at;
    bool shadow;  /* the first is a probe: nobody waits for it */
    bool counted; /* the call's share of hedges was added */
    bool hedged;  /* it had a twin */
};

/** An attempt is under way: shall it have a twin, and when? */
void llmgw__race_begin(struct llmgw_call *call,
                       const struct llmgw_attempt *attempt);
/** Its time has come; from the queue. */
void llmgw__race_twin(struct llmgw_call *call);
/** One is committed, or the call ends: end the others; from the queue. */
void llmgw__race_end(struct llmgw_call *call,
                     const struct llmgw_attempt *winner);
/** Attempts under way. */
unsigned llmgw__race_count(const struct llmgw_call *call);
/** Is one under way that is worth waiting for? A probe is not. */
bool llmgw__race_holds(const struct llmgw_call *call);
/** The timer of the twin. */
void llmgw__race_fired(struct llmgw__timer *timer, void *userdata);

#endif
