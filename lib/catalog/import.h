/*
 * catalog/import.h - one model in a price list of others. Private to the
 * files import*.c.
 */
#ifndef LLMGW_CATALOG_IMPORT_H
#define LLMGW_CATALOG_IMPORT_H

#include "base/jsondoc.h"
#include "formats.h"
#include "price.h"
#include "terms.h"

#define LLMGW__ENTRY_TIERS    16
#define LLMGW__ENTRY_VARIANTS 16

/** A model that is being read. */
struct llmgw__entry {
    const struct llmgw__jdoc *doc;
    const struct llmgw__price_format *format;
    bool from;                /* its tiers begin at their number, not past it */
    struct llmgw__price *row; /* without names; tiers stand here */
    struct llmgw__tier tiers[LLMGW__ENTRY_TIERS]; /* ascending */
    struct llmgw__variant variants[LLMGW__ENTRY_VARIANTS];
    struct llmgw__terms terms; /* the row's, where it has some */
    const char *wrong;         /* why the model is refused; NULL: nothing */
    llmgw_str where;           /* the member that is wrong */
    /* of the object at hand: */
    int64_t *rates; /* where prices go: the row's, or a tier's */
    int64_t above;  /* prompt tokens that it begins past; -1: not told */
    struct llmgw__variant *now; /* conditions of a tier; NULL: the row */
    int64_t start, end;         /* hours and minutes, HHMM; -1: not told */
    bool window;                /* a condition that cannot be read */
};

/** Read the members of a model into its row. */
void llmgw__entry_read(struct llmgw__entry *entry, uint32_t node);
/** Is there anything that we can use? */
bool llmgw__entry_useful(const struct llmgw__entry *entry);

#endif
