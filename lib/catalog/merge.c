/*
 * catalog/merge.c - which row counts for a model, where several lists have
 * one; and whether a list may be believed.
 *
 * Memory: the rows in force, in the manifest's arena; two words for each row
 * of any list while they are laid over each other.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "pricelist.h"

#define FACTOR 10 /* a price that changes by more is not believed */
#define SHARE  10 /* nor a list where one in so many does */

static int compare_ranked(const void *a, const void *b);
static void fill_in(struct llmgw__price *row, const struct llmgw__price *other);
static size_t add_rows(struct llmgw__ranked *rows,
                       const struct llmgw__manifest *from, size_t rank);
static const char *vanished(const struct llmgw__manifest *old,
                            const struct llmgw__manifest *now);
static bool has_provider(const struct llmgw__manifest *manifest,
                         const char *provider);
static bool has_jumped(const struct llmgw__price *before,
                       const struct llmgw__price *now);
static bool is_far(int64_t a, int64_t b);

llmgw_status llmgw__manifest_rank(struct llmgw__manifest *manifest,
                                  struct llmgw__ranked *rows, size_t count)
{
    struct llmgw__price *out;
    size_t made = 0;

    out = llmgw__arena_array(&manifest->arena, count, sizeof *out);
    if (!out)
        return LLMGW_E_NOMEM;
    if (count > 1)
        qsort(rows, count, sizeof *rows, compare_ranked);
    for (size_t i = 0; i < count; i++)
        if (made && !llmgw__price_order(&out[made - 1], rows[i].row))
            fill_in(&out[made - 1], rows[i].row);
        else
            out[made++] = *rows[i].row;
    manifest->rows = out;
    manifest->count = made;
    return LLMGW_OK;
}

llmgw_status llmgw__manifest_merge(struct llmgw__manifest *manifest,
                                   const struct llmgw__manifest *base,
                                   bool base_wins,
                                   struct llmgw__list *const *lists,
                                   size_t count)
{
    size_t rows = base->count;
    struct llmgw__ranked *ranked;
    llmgw_status status;

    for (size_t i = 0; i < count; i++)
        rows += lists[i]->manifest.count;
    ranked = llmgw__calloc(rows ? rows : 1, sizeof *ranked);
    if (!ranked)
        return LLMGW_E_NOMEM;
    rows = add_rows(ranked, base, base_wins ? 0 : count + 1);
    for (size_t i = 0; i < count; i++)
        rows += add_rows(ranked + rows, &lists[i]->manifest, count - i);
    status = llmgw__manifest_rank(manifest, ranked, rows);
    manifest->version = base->version;
    llmgw__free(ranked);
    return status;
}

static size_t add_rows(struct llmgw__ranked *rows,
                       const struct llmgw__manifest *from, size_t rank)
{
    for (size_t i = 0; i < from->count; i++) {
        rows[i].row = &from->rows[i];
        rows[i].rank = rank;
    }
    return from->count;
}

static int compare_ranked(const void *a, const void *b)
{
    const struct llmgw__ranked *left = a;
    const struct llmgw__ranked *right = b;
    int order = llmgw__price_order(left->row, right->row);

    return order ? order
                 : (left->rank > right->rank) - (left->rank < right->rank);
}

/* What is no price, and not known. */
static void fill_in(struct llmgw__price *row, const struct llmgw__price *other)
{
    if (!row->context_window)
        row->context_window = other->context_window;
    if (!row->same_as[0])
        row->same_as = other->same_as;
    if (!row->max_output)
        row->max_output = other->max_output;
    if (!row->refuses)
        row->refuses = other->refuses;
    if (!row->reasons)
        row->reasons = other->reasons;
    row->can |= other->can & (uint8_t)~row->cannot;
    row->cannot |= other->cannot & (uint8_t)~row->can;
}

/* --- may it be believed? --- */

llmgw_status llmgw__list_check(const struct llmgw__list *list,
                               const struct llmgw__list *old,
                               const struct llmgw__manifest *known,
                               size_t refused, struct llmgw__json_fault *fault)
{
    const struct llmgw__manifest *now = &list->manifest;
    const char *gone = old ? vanished(&old->manifest, now) : NULL;
    size_t common = 0;
    size_t jumped = 0;

    for (size_t i = 0; i < now->count; i++) {
        const struct llmgw__price *before = llmgw__manifest_row(
            known, now->rows[i].provider, llmgw__str(now->rows[i].model));

        common += before != NULL;
        jumped += before && has_jumped(before, &now->rows[i]);
    }
    if (!now->count)
        (void)snprintf(fault->message, sizeof fault->message, "has no models");
    else if (old && now->count * 2 < old->manifest.count)
        (void)snprintf(fault->message, sizeof fault->message,
                       "has %zu models, fewer than half of the %zu before",
                       now->count, old->manifest.count);
    else if (gone)
        (void)snprintf(fault->message, sizeof fault->message,
                       "has no model of %.80s any more", gone);
    else if (refused > (now->count + refused) / SHARE)
        (void)snprintf(fault->message, sizeof fault->message,
                       "has %zu models with absurd prices of %zu, more than a "
                       "tenth",
                       refused, now->count + refused);
    else if (jumped > common / SHARE)
        (void)snprintf(fault->message, sizeof fault->message,
                       "has %zu of %zu known models with a price more than "
                       "ten times what it was, or less than a tenth: more "
                       "than a tenth of them",
                       jumped, common);
    else
        return LLMGW_OK;
    return LLMGW_E_CONFIG;
}

/* A provider that had models and has none; NULL: there is none. */
static const char *vanished(const struct llmgw__manifest *old,
                            const struct llmgw__manifest *now)
{
    for (size_t i = 0; i < old->count; i++)
        if ((!i ||
             strcmp(old->rows[i - 1].provider, old->rows[i].provider) != 0) &&
            !has_provider(now, old->rows[i].provider))
            return old->rows[i].provider;
    return NULL;
}

static bool has_provider(const struct llmgw__manifest *manifest,
                         const char *provider)
{
    for (size_t i = 0; i < manifest->count; i++)
        if (strcmp(manifest->rows[i].provider, provider) == 0)
            return true;
    return false;
}

static bool has_jumped(const struct llmgw__price *before,
                       const struct llmgw__price *now)
{
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        if (is_far(before->rate[rate], now->rate[rate]) ||
            is_far(now->rate[rate], before->rate[rate]))
            return true;
    return false;
}

/* Known both, and the second more than ten times the first. */
static bool is_far(int64_t a, int64_t b)
{
    return a != LLMGW__PRICE_UNKNOWN && b != LLMGW__PRICE_UNKNOWN && b > 0 &&
           (b - 1) / FACTOR >= a;
}
