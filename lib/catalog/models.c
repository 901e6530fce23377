/*
 * catalog/models.c - the compiled-in manifest, unpacked.
 *
 * Memory: its rows in the manifest's arena, about 20 KiB; texts stay where
 * they are compiled in.
 */
#include <string.h>

#include "manifest.h"
#include "models_table.h"
#include "terms_read.h"

#define MICRO 1000000 /* pico-USD in a micro-USD */

static void unpack(const struct llmgw__packed_model *from,
                   struct llmgw__price *row, struct llmgw__tier **tiers);
static bool unpack_terms(struct llmgw__manifest *manifest,
                         const struct llmgw__price *rows, size_t at,
                         struct llmgw__price *row);
static void unpack_rates(const struct llmgw__packed_rates *from,
                         int64_t *rates);
static int64_t fee(uint32_t micro);

llmgw_status llmgw__manifest_builtin(struct llmgw__manifest *manifest)
{
    struct llmgw__price *rows;
    struct llmgw__tier *tiers;
    size_t tier_count = 0;

    for (size_t i = 0; i < llmgw__models_count; i++)
        tier_count += llmgw__models[i].long_threshold > 0;
    memset(manifest, 0, sizeof *manifest);
    llmgw__arena_init(&manifest->arena, llmgw__models_count * sizeof *rows, 0);
    rows =
        llmgw__arena_array(&manifest->arena, llmgw__models_count, sizeof *rows);
    tiers = llmgw__arena_array(&manifest->arena, tier_count, sizeof *tiers);
    if (!rows || !tiers)
        return LLMGW_E_NOMEM;
    for (size_t i = 0; i < llmgw__models_count; i++) {
        unpack(&llmgw__models[i], &rows[i], &tiers);
        if (!unpack_terms(manifest, rows, i, &rows[i]))
            return LLMGW_E_NOMEM;
    }
    manifest->rows = rows;
    manifest->count = llmgw__models_count;
    manifest->version = llmgw__models_version;
    return LLMGW_OK;
}

/* Its tier, where it has one, is taken off the front of those. */
static void unpack(const struct llmgw__packed_model *from,
                   struct llmgw__price *row, struct llmgw__tier **tiers)
{
    row->provider = llmgw__models_texts[from->provider];
    row->model = from->model;
    row->same_as = llmgw__models_texts[from->same_as];
    row->source = llmgw__models_texts[from->source];
    row->as_of = llmgw__models_texts[from->as_of];
    unpack_rates(&from->rates, row->rate);
    if (from->long_threshold) {
        struct llmgw__tier *tier = (*tiers)++;

        unpack_rates(&from->long_rates, tier->rate);
        tier->from = (int64_t)from->long_threshold + !from->long_inclusive;
        row->tiers = tier;
        row->tier_count = 1;
    }
    row->per_request = fee(from->per_request);
    row->per_search = fee(from->per_search);
    row->context_window = from->context_window;
    row->max_output = from->max_output;
    row->can = from->can;
    row->cannot = from->cannot;
    row->refuses = from->refuses;
    row->reasons = from->reasons;
}

/* Of many models they are the same: read once. false: no memory */
static bool unpack_terms(struct llmgw__manifest *manifest,
                         const struct llmgw__price *rows, size_t at,
                         struct llmgw__price *row)
{
    uint8_t terms = llmgw__models[at].terms;
    const char *text = llmgw__models_texts[terms];

    if (!text[0])
        return true;
    for (size_t i = 0; i < at; i++)
        if (llmgw__models[i].terms == terms) {
            row->terms = rows[i].terms;
            return true;
        }
    return llmgw__terms_parse(&manifest->arena, text, row) == LLMGW_OK;
}

static void unpack_rates(const struct llmgw__packed_rates *from, int64_t *rates)
{
    const uint32_t *next = llmgw__models_rates + from->first;

    for (int rate = 0; rate < LLMGW__RATES; rate++)
        rates[rate] = from->known >> rate & 1 ? *next++ : LLMGW__PRICE_UNKNOWN;
}

static int64_t fee(uint32_t micro)
{
    return micro == LLMGW__NO_FEE ? LLMGW__PRICE_UNKNOWN
                                  : (int64_t)micro * MICRO;
}
