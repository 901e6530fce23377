/*
 * fuzz/fuzz_entry.c - whatever a line of a ledger holds, the entry that is read
 * from it is written to a line that reads as the same entry.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "account/entry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct llmgw_entry *entry, *again;
    struct llmgw__buf first, second;

    if (llmgw__entry_parse(llmgw__str_n((const char *)data, size), &entry) !=
        LLMGW_OK)
        return 0;
    llmgw__buf_init(&first, 0);
    llmgw__buf_init(&second, 0);
    llmgw__entry_render(entry, &first);
    if (first.status == LLMGW_OK) {
        if (memchr(first.data, '\n', first.len) ||
            llmgw__entry_parse(llmgw__buf_str(&first), &again) != LLMGW_OK)
            abort();
        llmgw__entry_render(again, &second);
        if (second.status == LLMGW_OK &&
            !llmgw__str_eq(llmgw__buf_str(&first), llmgw__buf_str(&second)))
            abort();
        llmgw__entry_free(again);
    }
    llmgw__buf_clear(&first);
    llmgw__buf_clear(&second);
    llmgw__entry_free(entry);
    return 0;
}
