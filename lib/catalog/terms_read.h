/*
 * catalog/terms_read.h - parts of a row in our own form. Private to the readers
 * of manifests.
 */
#ifndef LLMGW_CATALOG_TERMS_READ_H
#define LLMGW_CATALOG_TERMS_READ_H

#include "base/arena.h"
#include "base/json.h"
#include "price.h"

/** Read "prices" and "fees" of a row, "request" and "web_search" of these into
 *  the row itself. @return false: the fault says why */
bool llmgw__terms_read(struct llmgw__arena *arena,
                       const struct llmgw__json_at *parent,
                       struct llmgw__price *row);
/** Of the built-in table: {"prices": …, "fees": …}, which it trusts.
 *  @retval LLMGW_E_NOMEM */
llmgw_status llmgw__terms_parse(struct llmgw__arena *arena, const char *text,
                                struct llmgw__price *row);
/* --- small things of rows --- */

bool llmgw__rates_read(const struct llmgw__json_at *at, int64_t *rates);
bool llmgw__fee_read(const struct llmgw__json_at *parent, const char *name,
                     int64_t *out);
bool llmgw__tokens_read(const struct llmgw__json_at *parent, const char *name,
                        int64_t *out);

#endif
