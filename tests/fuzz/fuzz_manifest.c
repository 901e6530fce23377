/*
 * fuzz/fuzz_manifest.c - load a manifest from any bytes; every row that was
 * taken must be found again.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "catalog/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    }
    llmgw__manifest_clear(&manifest);
    return 0;
}
