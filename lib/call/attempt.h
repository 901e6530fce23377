/*
 * call/attempt.h - one try of a call at one target.
 */
#ifndef LLMGW_CALL_ATTEMPT_H
#define LLMGW_CALL_ATTEMPT_H

#include "call_state.h"

/**
 * Encode and keep the intent; sending follows when the store has it. What is
 * asked, and with what, stands in call->access; the credential is taken over.
 *
 * @param[out] out  belongs to the call's arena
 * @retval LLMGW_E_INVALID  this target cannot take it; nothing was sent and
 *                          no entry made; *refusal says why
 * @retval LLMGW_E_NOMEM    no memory
 */
llmgw_status llmgw__attempt_create(struct llmgw_call *call,
                                   struct llmgw__error *refusal,
                                   struct llmgw_attempt **out);
/**
 * One that has ended before it was made: there was nothing to show the
 * provider. NULL: no memory.
 *
 * @param error  NULL: it was cancelled
 */
struct llmgw_attempt *llmgw__attempt_refused(struct llmgw_call *call,
                                             const struct llmgw__error *error);
/**
 * Go on with the answer of an ended attempt at the same target: a further
 * exchange, with an entry of its own. Takes over its decoder and what it has
 * told.
 *
 * @return as llmgw__attempt_create()
 */
llmgw_status llmgw__attempt_follow(struct llmgw_attempt *ended,
                                   struct llmgw__error *refusal,
                                   struct llmgw_attempt **out);
/** Send, when the intent is kept. */
void llmgw__attempt_send(struct llmgw_attempt *attempt);
/** End it as cancelled, from outside. */
void llmgw__attempt_cancel(struct llmgw_attempt *attempt);
/** Free the machinery of an ended attempt; from the queue, when neither
 *  libcurl nor a decoder of it is on the stack. */
void llmgw__attempt_close(struct llmgw_attempt *attempt);
/** End it with its answer. */
void llmgw__attempt_succeed(struct llmgw_attempt *attempt);
/** End it with this error (a limit, a deadline). */
void llmgw__attempt_fail(struct llmgw_attempt *attempt,
                         const struct llmgw__error *error);
/** Free what an ended attempt holds outside the call's arena. */
void llmgw__attempt_clear(struct llmgw_attempt *attempt);

/* --- attempt_request.c --- */

/** Body, URL, headers, credentials. */
llmgw_status llmgw__attempt_prepare(struct llmgw_attempt *attempt,
                                    struct llmgw__error *refusal);

/* --- attempt_limits.c --- */

void llmgw__attempt_set_timers(struct llmgw_attempt *attempt);
/** It is sent: watch connect and first content. */
llmgw_status llmgw__attempt_watch(struct llmgw_attempt *attempt);
/** Bytes of a whole answer have come. */
llmgw_status llmgw__attempt_watch_bytes(struct llmgw_attempt *attempt,
                                        uint64_t now);
/** First content is there: watch the gap and the pace. */
llmgw_status llmgw__attempt_watch_gap(struct llmgw_attempt *attempt,
                                      uint64_t now);
void llmgw__attempt_unwatch(struct llmgw_attempt *attempt);

/* --- attempt_answer.c: what comes back --- */

extern const struct llmgw__http_events llmgw__attempt_events;
/** Set up framing, decoder, order and gate for the answer. */
llmgw_status llmgw__attempt_expect(struct llmgw_attempt *attempt);
/** The same for a further exchange of the answer. */
void llmgw__attempt_expect_more(struct llmgw_attempt *attempt);
/** All bytes have come: is the answer complete? Fills *error otherwise. */
llmgw_status llmgw__attempt_finish(struct llmgw_attempt *attempt,
                                   struct llmgw__error *error);

/** What came of a piece: it cannot go on. */
void llmgw__attempt_end_by(struct llmgw_attempt *attempt, llmgw_status status);

/** libcurl's drive has just sampled the clock; a host's transport may call at
 *  any time. */
static inline uint64_t llmgw__attempt_now(const struct llmgw_attempt *attempt)
{
    const struct llmgw__driver *driver = attempt->call->driver;

    return attempt->run->exchange.transfer ? driver->now_ns
                                           : llmgw__driver_clock(driver);
}

static inline uint64_t llmgw__attempt_age(const struct llmgw_attempt *attempt)
{
    uint64_t now = llmgw__attempt_now(attempt);

    return now > attempt->started_ns ? now - attempt->started_ns : 1;
}

/* --- attempt_gate.c --- */

/** Set up seam and gate for the answer. */
void llmgw__attempt_set_gate(struct llmgw_attempt *attempt);
/** An ordered chunk of it. */
llmgw_status llmgw__attempt_ordered(void *userdata,
                                    const struct llmgw__chunk *chunk);

/* --- recall.c --- */

/** Pieces of opaque reasoning in the history that this target does not take:
 *  another one's, left out of what is sent. */
uint32_t llmgw__attempt_foreign_state(const struct llmgw_attempt *attempt);

/* --- hide.c --- */

/** Overwrite what stands in the text of this attempt's credentials. */
void llmgw__attempt_hide(const struct llmgw_attempt *attempt, char *text,
                         size_t len);

/* --- settle.c: usage, cost, entry --- */

/** Close the books of an ended attempt. */
void llmgw__attempt_settle(struct llmgw_attempt *attempt);
/** What a usage costs at its target, by the price of when it was asked. */
struct llmgw__cost llmgw__attempt_price(const struct llmgw_attempt *attempt,
                                        const struct llmgw__usage *usage);

#endif
