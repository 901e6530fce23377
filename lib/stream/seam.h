/*
 * stream/seam.h - where the answer of another attempt is joined to what was
 * handed over of a broken one, byte-exactly: what it says again is trimmed.
 *
 * Stands between the order keeper and the gate of an attempt that goes on.
 */
#ifndef LLMGW_STREAM_SEAM_H
#define LLMGW_STREAM_SEAM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"
#include "schema/chunk.h"

struct llmgw__seam {
    llmgw__chunk_fn out;
    void *userdata;
    struct llmgw__arena *arena; /* holds what waits; the attempt's */
    llmgw_str told;             /* the text handed over so far, all of it */
    size_t unsaid;              /* bytes at its end that the request does not
                                   have: white space that wires cut off */
    bool exact;                 /* asked for by prefill: it goes on where that
                                   ends, unless it says all of it again */
    bool joined;                /* nothing waits any more */
    bool again;                 /* all that came is told's beginning */
    size_t echoed;              /* so much of it, of `again` */
    size_t overlap;             /* the longest that is still possible */
    struct llmgw__buf held;     /* text that may be a repetition */
};

/** @param seam  told, unsaid, exact, out, userdata and arena set, all else
 *               zero; told is borrowed */
void llmgw__seam_init(struct llmgw__seam *seam);
/**
 * Take an ordered chunk. Roles are told already; text waits as long as it may
 * be a repetition; all else that is content ends the waiting of what waits
 * (reasoning that comes before any text does not).
 *
 * @return what out answered, or E_NOMEM
 */
llmgw_status llmgw__seam_push(struct llmgw__seam *seam,
                              const struct llmgw__chunk *chunk);
void llmgw__seam_clear(struct llmgw__seam *seam);

#endif
