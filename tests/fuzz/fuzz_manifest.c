/*
 * fuzz/fuzz_manifest.c - load a manifest from any bytes; every row that was
 * taken must be found again, and the note of its price must give the same sum.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "catalog/bill.h"
#include "catalog/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_note(const struct llmgw__price *row,
                       const struct llmgw__price_at *at,
                       const struct llmgw__usage *usage, const char *version)
{
    struct llmgw__cost cost = llmgw__price_cost(row, at, usage);
    struct llmgw__cost again;
    struct llmgw__buf note, text;

    llmgw__buf_init(&note, 0);
    llmgw__buf_init(&text, 0);
    llmgw__bill_note(row, at, version, &note);
    again = llmgw__bill_cost(llmgw__buf_str(&note), usage);
    if (note.status == LLMGW_OK &&
        (again.known != cost.known || again.pico != cost.pico))
        __builtin_trap();
    (void)llmgw__bill_explain(llmgw__buf_str(&note), usage, &text);
    llmgw__buf_clear(&note);
    llmgw__buf_clear(&text);
}

static void check_notes(const struct llmgw__price *row, const char *version)
{
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    usage.requests = 2;
    for (int64_t step = 0; step < 8; step++) {
        struct llmgw__price_at at = {
            .wall_ns = INT64_C(1790000000) * 1000000000 +
                       step * 86399 * INT64_C(2000000000),
            .service_tier = (uint8_t)(step % LLMGW__SERVICE_TIERS),
            .regional = step & 1};

        for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
            usage.count[cls] = step * step * step * 500 + cls;
        for (int tool = 0; tool < LLMGW__USAGE_TOOLS && step > 5; tool++)
            usage.tools[tool] = tool;
        check_note(row, &at, &usage, version);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct llmgw__manifest manifest;
    struct llmgw__json_fault fault = {.nomem = false};
    llmgw_status status = llmgw__manifest_load(
        &manifest, llmgw__str_n((const char *)data, size), &fault);

    if (status != LLMGW_OK) {
        if (status == LLMGW_E_CONFIG && !fault.message[0])
            __builtin_trap();
        return 0;
    }
    for (size_t i = 0; i < manifest.count; i++) {
        const struct llmgw__price *row = &manifest.rows[i];

        if (llmgw__manifest_find(&manifest, row->provider,
                                 llmgw__str(row->model)) != row)
            __builtin_trap();
        if (i < 4)
            check_notes(row, manifest.version);
    }
    llmgw__manifest_clear(&manifest);
    return 0;
}
