/*
 * fuzz_allowance - heads of answers: what is left of rate limits.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "provider/allowance.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct llmgw__http_head head;
    struct llmgw__allowance told;
    llmgw_str rest = {(const char *)data, size};

    llmgw__http_head_init(&head);
    while (rest.len) {
        const char *end = memchr(rest.data, '\n', rest.len);
        size_t len = end ? (size_t)(end - rest.data) : rest.len;
        const char *colon = memchr(rest.data, ':', len);
        size_t name = colon ? (size_t)(colon - rest.data) : len;
        llmgw_str value = {rest.data + name, len - name};

        if (value.len) {
            value.data++;
            value.len--;
        }
        if (llmgw__http_head_add(&head, (llmgw_str){rest.data, name}, value) !=
            LLMGW_OK)
            break;
        rest.data += len + (end != NULL);
        rest.len -= len + (end != NULL);
    }
    llmgw__allowance_read(&head, 1780000000, &told);
    if (told.told != (told.requests.left >= 0 || told.tokens.left >= 0) ||
        told.requests.reset_ms < -1 || told.tokens.reset_ms < -1)
        abort();
    llmgw__http_head_clear(&head);
    return 0;
}
