/*
 * fuzz/fuzz_date.c - a date is refused or lies in the years 0 to 9999, give
 * or take the day of an offset.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/clock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int64_t seconds = llmgw__date_parse((const char *)data, size);

    if (seconds != INT64_MIN && (seconds < INT64_C(-62167219200) - 86400 ||
                                 seconds > INT64_C(253402300800) + 86400))
        abort();
    return 0;
}
