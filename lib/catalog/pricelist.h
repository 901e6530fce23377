/*
 * catalog/pricelist.h - price lists that are loaded while calls run: read in
 * our form or in those of others, checked against what is known, laid over it.
 */
#ifndef LLMGW_CATALOG_PRICELIST_H
#define LLMGW_CATALOG_PRICELIST_H

#include <stddef.h>

#include <llmgw/base.h>
#include <llmgw/manifest.h>

#include "base/arena.h"
#include "base/sync.h"
#include "manifest.h"

#define LLMGW__LISTS 8 /* lists of different names in a gateway */

/** One list, as it was read: immutable, shared by the snapshots that have
 *  it. */
struct llmgw__list {
    struct llmgw__refs refs;
    struct llmgw__arena arena;
    const char *name; /* who said so: a list of the same name replaces it */
    struct llmgw__manifest manifest;
};
void llmgw__list_drop(struct llmgw__list *list); /* NULL allowed */

/** Something that a new list has changed, or that was not taken from it. */
struct llmgw__change {
    int32_t kind;       /* LLMGW_MANIFEST_… */
    const char *model;  /* "provider/model" */
    const char *detail; /* which price; why it was refused */
    const char *before; /* a price; "": not known */
    const char *after;
};

/** What a list has changed; owns its texts. */
struct llmgw__changes {
    struct llmgw__arena arena;
    struct llmgw__change *items;
    size_t count;
    size_t cap;
    size_t counts[LLMGW_MANIFEST_SKIPPED + 1];
    bool nomem;
};
void llmgw__changes_clear(struct llmgw__changes *changes);
/** Note one; texts are copied. No memory: noted. */
void llmgw__changes_add(struct llmgw__changes *changes, int32_t kind,
                        const struct llmgw__price *row, const char *detail);
/** What is another in `now` than in `before`. */
void llmgw__changes_between(struct llmgw__changes *changes,
                            const struct llmgw__manifest *before,
                            const struct llmgw__manifest *now);

/** How a list is to be read. */
struct llmgw__reading {
    const char *format;             /* by its name; NULL: by its shape */
    const char *name;               /* of the list; NULL: the format's */
    const char *as_of;              /* of a list of others; NULL: "" */
    struct llmgw__changes *changes; /* is told what was refused */
};

/** Is there a format of that name? */
bool llmgw__list_format(const char *name);
/**
 * Read a list.
 *
 * @retval LLMGW_E_CONFIG  refused, fault says why
 */
llmgw_status llmgw__list_read(llmgw_str text,
                              const struct llmgw__reading *reading,
                              struct llmgw__list **out,
                              struct llmgw__json_fault *fault);
/**
 * Is the list one that may replace `old` (NULL: there was none), where `known`
 * is in force? It is not when models or a provider are missing, or prices have
 * changed beyond belief.
 *
 * @retval LLMGW_E_CONFIG  fault says why
 */
llmgw_status llmgw__list_check(const struct llmgw__list *list,
                               const struct llmgw__list *old,
                               const struct llmgw__manifest *known,
                               size_t refused, struct llmgw__json_fault *fault);

/** A row, and whose word it is: the lowest of a model counts. */
struct llmgw__ranked {
    const struct llmgw__price *row;
    size_t rank;
};

/**
 * Make a manifest of ranked rows: of each model the lowest rank, with limits
 * and abilities that it does not know from the next ones; prices of two lists
 * are never mixed. Their texts stay where they are.
 *
 * @param manifest  its arena may be in use; the rows come into it
 */
llmgw_status llmgw__manifest_rank(struct llmgw__manifest *manifest,
                                  struct llmgw__ranked *rows, size_t count);
/**
 * Lay lists over a base: over them again where `base_wins`; else a later list
 * counts more than an earlier one, and any more than the base.
 */
llmgw_status llmgw__manifest_merge(struct llmgw__manifest *manifest,
                                   const struct llmgw__manifest *base,
                                   bool base_wins,
                                   struct llmgw__list *const *lists,
                                   size_t count);

#endif
