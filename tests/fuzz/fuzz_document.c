/*
 * fuzz/fuzz_document.c - a small document is refused with a message, or can be
 * walked to its leaves without one.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(const struct llmgw__json_at *at, int depth)
{
    int size = llmgw__json_size(at);

    if (depth == 8)
        return;
    for (int index = 0; index < size && index < 16; index++) {
        struct llmgw__json_at below = {NULL, NULL, NULL, 0, NULL};

        if ((at->value->type & 0xff) == cJSON_Array)
            below = llmgw__json_element(at, index);
        else
            below = llmgw__json_member(at, at->value->child->string);
        if (!below.value)
            abort();
        walk(&below, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const none[] = {NULL};
    struct llmgw__json_fault fault;
    llmgw_str text = {(const char *)data, size};
    cJSON *root = llmgw__json_parse(text, &fault);
    struct llmgw__json_at at = llmgw__json_root(root, &fault);

    if (!root && !fault.message[0])
        abort();
    if (!root)
        return 0;
    walk(&at, 0);
    if (fault.message[0])
        abort();
    (void)llmgw__json_known(&at, none);
    cJSON_Delete(root);
    return 0;
}
