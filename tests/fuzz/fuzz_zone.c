/*
 * fuzz/fuzz_zone.c - any bytes as a time zone's file, and as its rule: spans
 * of what is taken have a begin that is not after the time, and an end that is.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/zone.h"
#include "base/zone_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct llmgw__zone *zone)
{
    static const int64_t times_s[] = {-4000000000, 0, 1790000000, 4102444800};

    for (size_t i = 0; i < sizeof times_s / sizeof *times_s; i++)
        for (int span = LLMGW__SPAN_HOUR; span <= LLMGW__SPAN_MONTH; span++) {
            int64_t begin_s, next_s;

            llmgw__zone_span(zone, (enum llmgw__span)span, times_s[i], &begin_s,
                             &next_s);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1); /* exact, so that overreads show */
    struct llmgw__zone_rule rule;
    struct llmgw__arena arena;
    struct llmgw__zone zone;
    llmgw_str bytes;

    if (!copy)
        return 0;
    if (size)
        memcpy(copy, data, size);
    bytes = llmgw__str_n(copy, size);
    memset(&zone, 0, sizeof zone);
    memset(&rule, 0, sizeof rule);
    llmgw__arena_init(&arena, 0, 0);
    if (llmgw__zone_parse(bytes, &arena, &zone) == LLMGW_OK)
        walk(&zone);
    llmgw__arena_clear(&arena);
    if (llmgw__zone_rule_parse(bytes, &rule)) {
        memset(&zone, 0, sizeof zone);
        zone.has_rule = true;
        zone.rule = rule;
        walk(&zone);
    }
    free(copy);
    return 0;
}
