/*
 * route/table.h - what is known of things by their names: made at the first
 * mention, forgotten when there is too much of it.
 */
#ifndef LLMGW_ROUTE_TABLE_H
#define LLMGW_ROUTE_TABLE_H

#include <stddef.h>

#include "base/map.h"

/** What is known of it; of something new: `size` zero bytes. All is forgotten
 *  before there are more than `most`. NULL: no memory */
void *llmgw__table_make(struct llmgw__map *table, const char *name, size_t size,
                        size_t most);
/** Forget all; usable again. */
void llmgw__table_clear(struct llmgw__map *table);

#endif
