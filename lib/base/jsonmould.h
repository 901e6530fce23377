/*
 * base/jsonmould.h - JSON records that repeat each other but for a few values.
 *
 * The records of a stream often differ in nothing but a piece of text, a
 * count and some padding. A mould keeps one such record, with holes where
 * these stand. A record that has the same bytes everywhere else fits: it need
 * not be read again, since what it says is known, but for its holes.
 */
#ifndef LLMGW_BASE_JSONMOULD_H
#define LLMGW_BASE_JSONMOULD_H

#include <stdbool.h>
#include <stdint.h>

#include <llmgw/base.h>

#include "arena.h"
#include "jsonread.h"

#define LLMGW__MOULD_HOLES 3

struct llmgw__mould_hole {
    uint32_t end;  /* of the bytes before it */
    uint8_t which; /* as it was given */
    bool digits;   /* else the inside of a string */
};

/** All zero: empty. */
struct llmgw__mould {
    char *bytes; /* the record, less what stands in its holes */
    uint32_t cap;
    uint32_t len;  /* 0: there is no form to fit */
    uint32_t tail; /* from here: brackets that close, blanks left out */
    struct llmgw__mould_hole holes[LLMGW__MOULD_HOLES];
    uint8_t hole_count;
    uint8_t vain; /* taken since one fitted */
};

/**
 * Take the form of a record that has been read and found valid.
 *
 * @param holes   views into the record that do not overlap, in any order; an
 *                absent one has no data. Of these the first `strings` are the
 *                insides of strings, the others whole numbers of digits
 *
 * Where forms are taken and never fit none is kept any more. Its memory is
 * the arena's.
 *
 * @retval LLMGW_E_NOMEM  no memory; the mould is empty
 */
llmgw_status llmgw__mould_take(struct llmgw__mould *mould,
                               struct llmgw__arena *arena, llmgw_str record,
                               const llmgw_str holes[LLMGW__MOULD_HOLES],
                               unsigned strings);
/**
 * Does a record fit?
 *
 * @param[out] values  what stands in its holes: the insides of strings,
 *                     digits of at most 15 places; absent ones are untouched
 */
bool llmgw__mould_fits(struct llmgw__mould *mould, llmgw_str record,
                       struct llmgw__jstr values[LLMGW__MOULD_HOLES]);

#endif
