/*
 * account/totals.c - add entries up by group.
 *
 * A total equals the sum of its entries to the last unit: the rows that are
 * kept, and the sums of those the memory store no longer keeps.
 * Memory: one total for each key.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/text.h"
#include "ledger.h"
#include "store_memory.h"

struct sums {
    struct llmgw__map map; /* key -> llmgw_total */
    llmgw_ledger_group group;
    const llmgw_ledger_filter *filter;
    llmgw_status status;
};

static int32_t add_entry(const llmgw_entry *entry, void *userdata);
static llmgw_status add_carried(const struct llmgw__carried *carried,
                                void *userdata);
static llmgw_status hand_over(struct sums *sums, llmgw_total_fn fn,
                              void *userdata);
static void clear(struct sums *sums);

llmgw_status llmgw__ledger_totals(struct llmgw__ledger *ledger,
                                  llmgw_ledger_group group,
                                  const llmgw_ledger_filter *filter,
                                  llmgw_total_fn fn, void *userdata)
{
    struct sums sums = {.group = group, .filter = filter};
    llmgw_status status;

    llmgw__map_init(&sums.map);
    status = llmgw__ledger_read(ledger, filter, add_entry, &sums);
    if (status == LLMGW_OK)
        status = sums.status;
    if (status == LLMGW_OK && ledger->memory)
        status =
            llmgw__store_memory_carried(ledger->memory, add_carried, &sums);
    if (status == LLMGW_OK)
        status = hand_over(&sums, fn, userdata);
    clear(&sums);
    return status;
}

/** What one row, or the sum of several, adds. */
static llmgw_status add(struct sums *sums, llmgw_str key,
                        const struct llmgw__carried *row)
{
    llmgw_total *total = llmgw__map_get(&sums->map, key);

    if (!total) {
        total = llmgw__calloc(1, sizeof *total);
        if (!total)
            return LLMGW_E_NOMEM;
        if (llmgw__map_set(&sums->map, key, total) != LLMGW_OK) {
            llmgw__free(total);
            return LLMGW_E_NOMEM;
        }
    }
    total->entries += row->entries;
    total->unpriced += row->unpriced;
    if (row->state == LLMGW_ENTRY_FAILED)
        total->failed += row->entries;
    total->prompt_tokens += row->prompt_tokens;
    total->completion_tokens += row->completion_tokens;
    llmgw__money_sum(&total->cost, &row->cost);
    return LLMGW_OK;
}

static llmgw_status add_model(struct sums *sums,
                              const struct llmgw__carried *row)
{
    struct llmgw__buf key;
    llmgw_status status;

    llmgw__buf_init(&key, 0);
    llmgw__buf_add_str(&key, row->provider);
    llmgw__buf_add_char(&key, '/');
    llmgw__buf_add_str(&key, row->model);
    status = key.status;
    if (status == LLMGW_OK)
        status = add(sums, llmgw__buf_str(&key), row);
    llmgw__buf_clear(&key);
    return status;
}

static llmgw_status add_grouped(struct sums *sums,
                                const struct llmgw__carried *row)
{
    llmgw_status status = LLMGW_OK;
    llmgw_str rest = row->tags;
    llmgw_str tag;

    switch (sums->group) {
    case LLMGW_GROUP_PROVIDER:
        return add(sums, row->provider, row);
    case LLMGW_GROUP_ROUTE:
        return add(sums, row->route, row);
    case LLMGW_GROUP_MODEL:
        return add_model(sums, row);
    case LLMGW_GROUP_TAG:
        while (status == LLMGW_OK && llmgw__tags_next(&rest, &tag))
            status = add(sums, tag, row);
        return status;
    default:
        return add(sums, llmgw__str(""), row);
    }
}

static int32_t add_entry(const llmgw_entry *entry, void *userdata)
{
    struct sums *sums = userdata;
    struct llmgw__carried row = {
        .provider = entry->text[LLMGW__ENTRY_PROVIDER],
        .model = entry->text[LLMGW__ENTRY_MODEL],
        .route = entry->text[LLMGW__ENTRY_ROUTE],
        .tags = entry->text[LLMGW__ENTRY_TAGS],
        .state = entry->state,
        .entries = 1,
        .unpriced = entry->cost.known ? 0 : 1,
    };

    if (entry->has_usage) {
        row.prompt_tokens = llmgw__usage_prompt(&entry->usage);
        row.completion_tokens = llmgw__usage_completion(&entry->usage);
    }
    if (entry->cost.known)
        llmgw__money_add(&row.cost, entry->cost.pico);
    sums->status = add_grouped(sums, &row);
    return sums->status;
}

/** A filter on time or call cannot be answered from sums: they are left out. */
static llmgw_status add_carried(const struct llmgw__carried *carried,
                                void *userdata)
{
    struct sums *sums = userdata;
    struct llmgw_entry like = {
        .state = carried->state,
        .text[LLMGW__ENTRY_PROVIDER] = carried->provider,
        .text[LLMGW__ENTRY_MODEL] = carried->model,
        .text[LLMGW__ENTRY_ROUTE] = carried->route,
        .text[LLMGW__ENTRY_TAGS] = carried->tags,
    };
    const llmgw_ledger_filter *filter = sums->filter;

    if (filter && (filter->since_ns || filter->until_ns || filter->call_id))
        return LLMGW_OK;
    if (!llmgw__entry_matches(&like, filter))
        return LLMGW_OK;
    return add_grouped(sums, carried);
}

static int by_key(const void *a, const void *b)
{
    llmgw_str left = (*(const llmgw_total *const *)a)->key;
    llmgw_str right = (*(const llmgw_total *const *)b)->key;
    size_t shorter = left.len < right.len ? left.len : right.len;
    int order = shorter ? memcmp(left.data, right.data, shorter) : 0;

    if (order)
        return order;
    return left.len < right.len ? -1 : left.len > right.len;
}

static llmgw_status hand_over(struct sums *sums, llmgw_total_fn fn,
                              void *userdata)
{
    llmgw_total **sorted;
    llmgw_str key;
    void *value;
    size_t at = 0;
    size_t count = 0;

    if (!sums->map.count)
        return LLMGW_OK;
    sorted = llmgw__calloc(sums->map.count, sizeof(llmgw_total *));
    if (!sorted)
        return LLMGW_E_NOMEM;
    while (llmgw__map_next(&sums->map, &at, &key, &value)) {
        sorted[count] = value;
        sorted[count++]->key = key;
    }
    qsort(sorted, count, sizeof(llmgw_total *), by_key);
    for (size_t i = 0; i < count; i++)
        if (fn(sorted[i], userdata))
            break;
    llmgw__free(sorted);
    return LLMGW_OK;
}

static void clear(struct sums *sums)
{
    llmgw_str key;
    void *value;
    size_t at = 0;

    while (llmgw__map_next(&sums->map, &at, &key, &value))
        llmgw__free(value);
    llmgw__map_clear(&sums->map);
}
