/*
 * catalog/reprice.h - a snapshot with other prices.
 */
#ifndef LLMGW_CATALOG_REPRICE_H
#define LLMGW_CATALOG_REPRICE_H

#include "catalog.h"

/**
 * Lay price lists over the base of a catalog that has no manifest yet.
 *
 * @param like  whose lists; NULL: none
 */
llmgw_status llmgw__catalog_price(struct llmgw__catalog *catalog,
                                  const struct llmgw__catalog *like);
/**
 * The same catalog with one list more, or another of its name.
 *
 * @param[out] out  one reference; the list is referred to, too
 * @retval LLMGW_E_LIMIT  there are LLMGW__LISTS others
 */
llmgw_status llmgw__catalog_with(struct llmgw__catalog *catalog,
                                 struct llmgw__list *list,
                                 struct llmgw__catalog **out);
/** The list of that name; NULL: none. */
struct llmgw__list *llmgw__catalog_list(const struct llmgw__catalog *catalog,
                                        const char *name);

#endif
