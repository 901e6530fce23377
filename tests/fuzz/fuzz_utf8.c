/*
 * fuzz/fuzz_utf8.c - joined text is valid, and the same however it was cut.
 * The first byte says how large the pieces are.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static void join(struct llmgw__buf *text, llmgw_str bytes, size_t step)
{
    struct llmgw__utf8_join join = {{0}, 0};
    struct llmgw__buf scratch;
    llmgw_str out;

    llmgw__buf_init(&scratch, 0);
    while (bytes.len) {
        size_t len = bytes.len < step ? bytes.len : step;

        check(llmgw__utf8_push(&join, llmgw__str_n(bytes.data, len), &scratch,
                               &out) == LLMGW_OK);
        check(llmgw__utf8_valid(out) == out.len);
        llmgw__buf_add_str(text, out);
        bytes.data += len;
        bytes.len -= len;
    }
    check(llmgw__utf8_end(&join, &scratch, &out) == LLMGW_OK);
    llmgw__buf_add_str(text, out);
    llmgw__buf_clear(&scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    llmgw_str bytes;
    struct llmgw__buf whole;
    struct llmgw__buf cut;

    if (size == 0)
        return 0;
    bytes = llmgw__str_n((const char *)data + 1, size - 1);
    llmgw__buf_init(&whole, 0);
    llmgw__buf_init(&cut, 0);
    join(&whole, bytes, size);
    join(&cut, bytes, data[0] % 16 + 1u);
    check(llmgw__str_eq(llmgw__buf_str(&whole), llmgw__buf_str(&cut)));
    if (llmgw__utf8_valid(bytes) == bytes.len)
        check(llmgw__str_eq(llmgw__buf_str(&whole), bytes));
    llmgw__buf_clear(&whole);
    llmgw__buf_clear(&cut);
    return 0;
}
