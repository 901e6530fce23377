/*
 * catalog/manifest.h - the table of prices, limits and capabilities: our own
 * dated one compiled in, or one that the host gives.
 */
#ifndef LLMGW_CATALOG_MANIFEST_H
#define LLMGW_CATALOG_MANIFEST_H

#include <stddef.h>

#include <llmgw/base.h>

#include "base/arena.h"
#include "base/json.h"
#include "price.h"

struct llmgw__manifest {
    struct llmgw__arena arena; /* owns the rows of a loaded manifest */
    const struct llmgw__price *rows;
    size_t count;
    const char *version; /* e.g. "2026-11-15" */
};

/**
 * The compiled-in manifest (models_table.c, made from models.json).
 *
 * @retval LLMGW_E_NOMEM  no memory; clear is allowed all the same
 */
llmgw_status llmgw__manifest_builtin(struct llmgw__manifest *manifest);
/**
 * Read a manifest in our own form, the form of models.json:
 * {"version": "…", "models": [{provider, model, prices…, source, as_of}]}.
 *
 * @retval LLMGW_E_CONFIG  refused, fault says where and why
 */
llmgw_status llmgw__manifest_load(struct llmgw__manifest *manifest,
                                  llmgw_str text,
                                  struct llmgw__json_fault *fault);
/** The same from a tree, where other members may stand beside.
 *  @return false: the fault of `at` says why, or that there is no memory */
bool llmgw__manifest_read(struct llmgw__manifest *manifest,
                          const struct llmgw__json_at *at);
/**
 * The row of a model: exact name first, then the longest row name that is
 * followed by a date or version suffix of the name ("-2025-04-14",
 * "-20250929", "@20250929", "-001", "-latest"). NULL: not known.
 */
const struct llmgw__price *
llmgw__manifest_find(const struct llmgw__manifest *manifest,
                     const char *provider, llmgw_str model);
/** The row of exactly that name; NULL: none. */
const struct llmgw__price *
llmgw__manifest_row(const struct llmgw__manifest *manifest,
                    const char *provider, llmgw_str model);
/** Bytes of the date or version that a name ends in; 0: it ends in none. */
size_t llmgw__model_suffix(llmgw_str model);
/** By provider, then by model, byte by byte: how rows are sorted. */
int llmgw__price_order(const struct llmgw__price *a,
                       const struct llmgw__price *b);
void llmgw__manifest_clear(struct llmgw__manifest *manifest);

#endif
