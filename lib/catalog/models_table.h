/*
 * catalog/models_table.h - the form of the compiled-in manifest: a fifth of
 * the rows that are made of it. Private to models_table.c, which is made by a
 * script, and models.c, which reads it.
 */
#ifndef LLMGW_CATALOG_MODELS_TABLE_H
#define LLMGW_CATALOG_MODELS_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define LLMGW__NO_FEE UINT32_MAX

/** Rates that are known: a bit each, their values one after another. */
struct llmgw__packed_rates {
    uint16_t known;
    uint16_t first; /* place in llmgw__models_rates */
};

struct llmgw__packed_model {
    const char *model;
    struct llmgw__packed_rates rates;
    struct llmgw__packed_rates long_rates;
    uint32_t long_threshold;
    uint32_t per_request, per_search; /* micro-USD, LLMGW__NO_FEE */
    uint32_t context_window;
    uint32_t max_output;
    uint8_t provider, source, as_of, same_as; /* in llmgw__models_texts */
    uint8_t terms; /* there, too: {"prices": …, "fees": …}; or empty */
    uint8_t long_inclusive;
    uint8_t can, cannot, refuses, reasons;
};

extern const struct llmgw__packed_model llmgw__models[];
extern const size_t llmgw__models_count;
extern const uint32_t llmgw__models_rates[]; /* pico-USD per token */
extern const char *const llmgw__models_texts[];
extern const char llmgw__models_version[];

#endif
