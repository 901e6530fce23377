/*
 * fuzz/fuzz_ini.c - whatever an INI file holds, its members lie in it, on one
 * line each, and there are no more of them than lines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "provider/ini.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(llmgw_str part, const char *text, size_t size)
{
    if (part.len && (part.data < text || part.data + part.len > text + size))
        abort();
    if (part.len && memchr(part.data, '\n', part.len))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct llmgw__ini_item item;
    struct llmgw__ini ini;
    size_t items = 0, lines = 1;

    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    llmgw__ini_init(&ini, llmgw__str_n(text, size));
    while (llmgw__ini_next(&ini, &item)) {
        check(item.section, text, size);
        check(item.name, text, size);
        check(item.value, text, size);
        if (!item.section.len || !item.name.len || ++items > lines)
            abort();
    }
    return 0;
}
