/*
 * fuzz/fuzz_pricelist.c - read a price list of any form from any bytes; what
 * was taken is sorted, its prices are prices, and laid over what is built in
 * it can be found.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "catalog/pricelist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rates(const int64_t *rates)
{
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        if (rates[rate] != LLMGW__PRICE_UNKNOWN && rates[rate] < 0)
            __builtin_trap();
}

static void check_list(const struct llmgw__manifest *manifest)
{
    for (size_t i = 0; i < manifest->count; i++) {
        const struct llmgw__price *row = &manifest->rows[i];

        check_rates(row->rate);
        for (size_t t = 0; t < row->tier_count; t++) {
            check_rates(row->tiers[t].rate);
            if (t > 0 && row->tiers[t].from <= row->tiers[t - 1].from)
                __builtin_trap();
        }
        if (i > 0 && llmgw__price_order(row - 1, row) >= 0)
            __builtin_trap();
    }
}

static void check_merged(struct llmgw__list *list,
                         struct llmgw__changes *changes)
{
    struct llmgw__json_fault fault = {.nomem = false};
    struct llmgw__manifest base, merged = {.count = 0};

    llmgw__arena_init(&merged.arena, 0, 0);
    if (llmgw__manifest_builtin(&base) == LLMGW_OK &&
        llmgw__manifest_merge(&merged, &base, false, &list, 1) == LLMGW_OK) {
        check_list(&merged);
        for (size_t i = 0; i < list->manifest.count; i++)
            if (!llmgw__manifest_row(&merged, list->manifest.rows[i].provider,
                                     llmgw__str(list->manifest.rows[i].model)))
                __builtin_trap();
        llmgw__changes_between(changes, &base, &merged);
        (void)llmgw__list_check(list, NULL, &base, 0, &fault);
    }
    llmgw__manifest_clear(&merged);
    llmgw__manifest_clear(&base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct llmgw__changes changes = {.count = 0};
    struct llmgw__reading reading = {.changes = &changes};
    struct llmgw__json_fault fault = {.nomem = false};
    struct llmgw__list *list = NULL;
    llmgw_status status;

    llmgw__arena_init(&changes.arena, 0, 0);
    status = llmgw__list_read(llmgw__str_n((const char *)data, size), &reading,
                              &list, &fault);
    if (status == LLMGW_E_CONFIG && !fault.message[0])
        __builtin_trap();
    if (status == LLMGW_OK) {
        check_list(&list->manifest);
        check_merged(list, &changes);
        llmgw__list_drop(list);
    }
    llmgw__changes_clear(&changes);
    return 0;
}
