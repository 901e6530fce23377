/*
 * account/note.h - notes of prices (catalog/bill.h): entries that were reckoned
 * by the same price share one.
 */
#ifndef LLMGW_ACCOUNT_NOTE_H
#define LLMGW_ACCOUNT_NOTE_H

#include <llmgw/base.h>

#include "base/map.h"
#include "base/sync.h"
#include "catalog/price.h"

/** Immutable; lives as long as somebody has a reference. */
struct llmgw__note {
    struct llmgw__refs refs;
    llmgw_str text; /* behind it, in the same block */
};

/** One reference; NULL: no memory. */
struct llmgw__note *llmgw__note_make(llmgw_str text);
struct llmgw__note *llmgw__note_ref(struct llmgw__note *note); /* NULL too */
void llmgw__note_drop(struct llmgw__note *note);               /* NULL too */

/** The note of a plain price, one reference: its text is not made again. */
struct llmgw__note_slot {
    struct llmgw__price price; /* as it was then */
    char version[32];
    struct llmgw__note *note; /* NULL: none */
};

#define LLMGW__NOTE_SLOTS 16

/** The latest notes, to be found again. */
struct llmgw__notes {
    struct llmgw__mutex lock;
    struct llmgw__map map; /* text -> note, one reference each */
    struct llmgw__note_slot slots[LLMGW__NOTE_SLOTS]; /* by price */
};

llmgw_status llmgw__notes_init(struct llmgw__notes *notes);
void llmgw__notes_clear(struct llmgw__notes *notes);
/** The note of a text, one reference; NULL: no memory. */
struct llmgw__note *llmgw__notes_find(struct llmgw__notes *notes,
                                      llmgw_str text);

/** The note of the price that applies at a time, one reference; NULL: no
 *  memory. */
struct llmgw__note *llmgw__notes_of(struct llmgw__notes *notes,
                                    const struct llmgw__price *price,
                                    const struct llmgw__price_at *at,
                                    const char *version);

#endif
