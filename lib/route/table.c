/*
 * route/table.c - what is known of things by their names.
 *
 * Memory: one piece for each name, at most as many as the caller says.
 */
#include "table.h"

#include "base/alloc.h"
#include "base/text.h"

void *llmgw__table_make(struct llmgw__map *table, const char *name, size_t size,
                        size_t most)
{
    void *entry = llmgw__map_get(table, llmgw__str(name));

    if (entry)
        return entry;
    if (table->count >= most)
        llmgw__table_clear(table);
    entry = llmgw__calloc(1, size);
    if (entry && llmgw__map_set(table, llmgw__str(name), entry) != LLMGW_OK) {
        llmgw__free(entry);
        return NULL;
    }
    return entry;
}

void llmgw__table_clear(struct llmgw__map *table)
{
    llmgw_str name;
    void *entry;
    size_t at = 0;

    while (llmgw__map_next(table, &at, &name, &entry))
        llmgw__free(entry);
    llmgw__map_clear(table);
}
