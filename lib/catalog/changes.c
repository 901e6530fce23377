/*
 * catalog/changes.c - what a new price list has changed.
 *
 * Memory: an item and its texts for each change, in an arena of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "pricelist.h"
#include "terms.h"

#define RATE_DIGITS 6  /* of USD per million tokens */
#define FEE_DIGITS  12 /* of USD */

static void compare_prices(struct llmgw__changes *changes,
                           const struct llmgw__price *before,
                           const struct llmgw__price *now);
static void compare_rates(struct llmgw__changes *changes,
                          const struct llmgw__price *row, const int64_t *before,
                          const int64_t *now, int64_t from);
static void note(struct llmgw__changes *changes, const struct llmgw__price *row,
                 const char *detail, int64_t before, int64_t now);
static struct llmgw__change *new_change(struct llmgw__changes *changes,
                                        int32_t kind,
                                        const struct llmgw__price *row,
                                        const char *detail);
static const int64_t *rates_from(const struct llmgw__price *row, int64_t from);
static const char *decimal(struct llmgw__changes *changes, int64_t value,
                           int digits);
static const char *copy(struct llmgw__changes *changes, const char *text);

void llmgw__changes_clear(struct llmgw__changes *changes)
{
    llmgw__arena_clear(&changes->arena);
    memset(changes, 0, sizeof *changes);
}

void llmgw__changes_add(struct llmgw__changes *changes, int32_t kind,
                        const struct llmgw__price *row, const char *detail)
{
    (void)new_change(changes, kind, row, detail);
}

void llmgw__changes_between(struct llmgw__changes *changes,
                            const struct llmgw__manifest *before,
                            const struct llmgw__manifest *now)
{
    size_t b = 0;
    size_t n = 0;

    while (b < before->count && n < now->count) {
        const struct llmgw__price *old = &before->rows[b];
        const struct llmgw__price *row = &now->rows[n];
        int order = llmgw__price_order(old, row);

        if (order < 0)
            (void)new_change(changes, LLMGW_MANIFEST_REMOVED, old, "");
        else if (order > 0)
            (void)new_change(changes, LLMGW_MANIFEST_ADDED, row, "");
        else
            compare_prices(changes, old, row);
        b += order <= 0;
        n += order >= 0;
    }
    for (; b < before->count; b++)
        (void)new_change(changes, LLMGW_MANIFEST_REMOVED, &before->rows[b], "");
    for (; n < now->count; n++)
        (void)new_change(changes, LLMGW_MANIFEST_ADDED, &now->rows[n], "");
}

static void compare_prices(struct llmgw__changes *changes,
                           const struct llmgw__price *before,
                           const struct llmgw__price *now)
{
    int64_t none[LLMGW__RATES];

    llmgw__rates_unknown(none);
    compare_rates(changes, now, before->rate, now->rate, 0);
    for (size_t i = 0; i < before->tier_count; i++) {
        const int64_t *rates = rates_from(now, before->tiers[i].from);

        compare_rates(changes, now, before->tiers[i].rate, rates ? rates : none,
                      before->tiers[i].from);
    }
    for (size_t i = 0; i < now->tier_count; i++)
        if (!rates_from(before, now->tiers[i].from))
            compare_rates(changes, now, none, now->tiers[i].rate,
                          now->tiers[i].from);
    note(changes, now, "per_request", before->per_request, now->per_request);
    note(changes, now, "per_search", before->per_search, now->per_search);
    if (!llmgw__terms_equal(before->terms, now->terms) ||
        before->free != now->free)
        (void)new_change(changes, LLMGW_MANIFEST_CHANGED, now, "prices");
}

/* NULL: there is no such tier */
static const int64_t *rates_from(const struct llmgw__price *row, int64_t from)
{
    for (size_t i = 0; i < row->tier_count; i++)
        if (row->tiers[i].from == from)
            return row->tiers[i].rate;
    return NULL;
}

static void compare_rates(struct llmgw__changes *changes,
                          const struct llmgw__price *row, const int64_t *before,
                          const int64_t *now, int64_t from)
{
    char detail[64];

    for (int rate = 0; rate < LLMGW__RATES; rate++) {
        if (from)
            (void)snprintf(detail, sizeof detail, "%s from %" PRId64,
                           llmgw__rate_names[rate], from);
        note(changes, row, from ? detail : llmgw__rate_names[rate],
             before[rate], now[rate]);
    }
}

static void note(struct llmgw__changes *changes, const struct llmgw__price *row,
                 const char *detail, int64_t before, int64_t now)
{
    int digits = strncmp(detail, "per_", 4) == 0 ? FEE_DIGITS : RATE_DIGITS;
    struct llmgw__change *change;

    if (before == now)
        return;
    change = new_change(changes, LLMGW_MANIFEST_CHANGED, row, detail);
    if (!change)
        return;
    change->before = decimal(changes, before, digits);
    change->after = decimal(changes, now, digits);
}

static struct llmgw__change *new_change(struct llmgw__changes *changes,
                                        int32_t kind,
                                        const struct llmgw__price *row,
                                        const char *detail)
{
    size_t provider = strlen(row->provider);
    size_t model = strlen(row->model);
    struct llmgw__change *change;
    char *name;

    changes->counts[kind]++;
    name = llmgw__arena_alloc(&changes->arena, provider + model + 2);
    if (!name || llmgw__arena_grow(&changes->arena, (void **)&changes->items,
                                   &changes->cap, changes->count + 1,
                                   sizeof *changes->items)) {
        changes->nomem = true;
        return NULL;
    }
    memcpy(name, row->provider, provider);
    name[provider] = '/';
    memcpy(name + provider + 1, row->model, model + 1);
    change = &changes->items[changes->count++];
    change->kind = kind;
    change->model = name;
    change->detail = copy(changes, detail);
    change->before = "";
    change->after = "";
    return change;
}

/* Without zeros at its end; "": not known. */
static const char *decimal(struct llmgw__changes *changes, int64_t value,
                           int digits)
{
    char text[LLMGW__AMOUNT_TEXT];

    if (value == LLMGW__PRICE_UNKNOWN)
        return "";
    llmgw__amount_text(value, digits, text);
    return copy(changes, text);
}

static const char *copy(struct llmgw__changes *changes, const char *text)
{
    const char *made = llmgw__arena_dup(&changes->arena, llmgw__str(text));

    changes->nomem = changes->nomem || !made;
    return made ? made : "";
}
