/*
 * catalog/bill.h - how a cost was reckoned: the price in force, as a note that
 * outlives its manifest, and the sum in words.
 *
 * A note is one line of JSON, a row of our own manifest form with the one price
 * that applied, and the manifest's version. From usage and note the cost comes
 * out again, to the last unit.
 */
#ifndef LLMGW_CATALOG_BILL_H
#define LLMGW_CATALOG_BILL_H

#include <llmgw/base.h>

#include "base/text.h"
#include "price.h"

/** The note of the price that applies; the same for all usages that it applies
 *  to, so that it can be kept once. */
void llmgw__bill_note(const struct llmgw__price *price,
                      const struct llmgw__price_at *at, const char *version,
                      struct llmgw__buf *out);
/** Reckon again. @return unknown: no such note, or what it lacks was used */
struct llmgw__cost llmgw__bill_cost(llmgw_str note,
                                    const struct llmgw__usage *usage);
/**
 * The sum for people, a line for each class: count, rate, product; fees,
 * multiplier, total; then row, tier and manifest. ASCII, lines end in \n.
 */
llmgw_status llmgw__bill_explain(llmgw_str note,
                                 const struct llmgw__usage *usage,
                                 struct llmgw__buf *out);

#endif
