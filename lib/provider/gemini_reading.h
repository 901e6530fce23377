/*
 * provider/gemini_reading.h - one record of a gemini answer being read, and
 * what is told of it.
 */
#ifndef LLMGW_PROVIDER_GEMINI_READING_H
#define LLMGW_PROVIDER_GEMINI_READING_H

#include "gemini_decoder.h"

enum llmgw__gemini_part {
    LLMGW__GEMINI_PART_TEXT = 1,
    LLMGW__GEMINI_PART_THOUGHT,
    LLMGW__GEMINI_PART_OTHER
};

/** One record being read. */
struct llmgw__gemini_reading {
    struct llmgw__gemini_decoder *decoder;
    const struct llmgw__decode *decode;
    struct llmgw__json *json;
    const char *from; /* its first byte */
    bool counted;     /* it had counts: */
    struct llmgw__gemini_counts counts;
    /* told when all of the record has been, and then nothing follows: */
    bool failure;                        /* it is an error */
    struct llmgw__gemini_choice *broken; /* this choice ended in a failure */
    bool pieces;    /* pieces of a call that make no sense */
    unsigned texts; /* parts of visible text alone */
    bool other;     /* there is more than these and counts */
    llmgw_str holes[LLMGW__MOULD_HOLES]; /* text, candidates, total */
};

llmgw_status llmgw__gemini_keep(struct llmgw__gemini_kept *kept, llmgw_str text,
                                struct llmgw__arena *arena);
/** Choice by index, made when new; NULL: no memory, or no such index. */
struct llmgw__gemini_choice *
llmgw__gemini_choice(const struct llmgw__gemini_reading *r, int64_t index);

/** One response object. */
llmgw_status llmgw__gemini_record(struct llmgw__gemini_reading *r);
/** One element of candidates. */
llmgw_status llmgw__gemini_candidate(struct llmgw__gemini_reading *r);
/** A functionCall of a choice; signature: raw, data NULL: none. */
llmgw_status llmgw__gemini_call(struct llmgw__gemini_reading *r,
                                struct llmgw__gemini_choice *choice,
                                llmgw_str json, struct llmgw__jstr signature);
/** inlineData of a choice; signature: raw, len 0: none. */
llmgw_status llmgw__gemini_inline(const struct llmgw__gemini_reading *r,
                                  struct llmgw__gemini_choice *choice,
                                  llmgw_str text, struct llmgw__jstr signature);
/** logprobsResult -> a choice's logprobs object, in the scratch arena. */
llmgw_status llmgw__gemini_logprobs(const struct llmgw__decode *decode,
                                    llmgw_str text, llmgw_str *out);

/** @param[out] holes  as in a reading: where the counts stand that grow */
void llmgw__gemini_counts_read(struct llmgw__json *json,
                               struct llmgw__gemini_counts *n,
                               llmgw_str holes[LLMGW__MOULD_HOLES]);
/** Counts of a record, which hold from now on. */
void llmgw__gemini_counts_take(struct llmgw__gemini_decoder *decoder,
                               const struct llmgw__gemini_counts *counts);
llmgw_status
llmgw__gemini_tell_usage(const struct llmgw__gemini_decoder *decoder,
                         const struct llmgw__decode *decode);

/** A record that differs from an earlier one in its text and counts only is
 *  told. @return false: it is none, nothing was done */
bool llmgw__gemini_known(struct llmgw__gemini_decoder *decoder,
                         const struct llmgw__decode *decode, llmgw_str record,
                         llmgw_status *status);
/** A record has been told: others may be like it. */
llmgw_status llmgw__gemini_learn(const struct llmgw__gemini_reading *r,
                                 llmgw_str record);
void llmgw__gemini_usage(const struct llmgw__gemini_counts *n,
                         struct llmgw__usage *usage);

/** The choice has ended: finishReason, name or number. The first one holds. */
void llmgw__gemini_ended(struct llmgw__gemini_choice *choice, llmgw_str reason);
/** The prompt was blocked, for this reason. */
void llmgw__gemini_blocked(struct llmgw__gemini_choice *choice,
                           llmgw_str reason);
/** What the choice's end is called; NONE: it is a failure. */
llmgw_finish_reason
llmgw__gemini_finish_of(const struct llmgw__gemini_choice *choice);
/** Tell a failure of the answer; nothing follows. */
llmgw_status llmgw__gemini_fail(struct llmgw__gemini_decoder *decoder,
                                const struct llmgw__decode *decode,
                                const struct llmgw__gemini_choice *choice);

/** Emit what was kept of a choice for its end: citations, sound, signature. */
llmgw_status llmgw__gemini_extras(const struct llmgw__decode *decode,
                                  struct llmgw__gemini_choice *choice);
/** A part begins; kind: text, thought or another one; more: a text may go on
 *  that an earlier record has begun. */
llmgw_status llmgw__gemini_part_begins(struct llmgw__gemini_choice *choice,
                                       enum llmgw__gemini_part kind, bool more);
/** Emit the url_citations of a choice. */
llmgw_status llmgw__gemini_citations(const struct llmgw__decode *decode,
                                     struct llmgw__gemini_choice *choice);
/** groundingMetadata of a choice came. */
llmgw_status llmgw__gemini_grounded(struct llmgw__gemini_choice *choice,
                                    llmgw_str text, struct llmgw__arena *arena);

#endif
