/*
 * fuzz/fuzz_eventstream.c - any bytes, cut anywhere, give the same frames as
 * whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/eventstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MAX_FRAME = 512
};

/* A sum over what was handed over. */
static llmgw_status add_up(void *userdata, const struct llmgw__frame *frame)
{
    uint64_t *sum = userdata;
    uint64_t value = *sum + frame->event.len;

    for (size_t i = 0; i < frame->event.len; i++)
        value = value * 31 + (unsigned char)frame->event.data[i];
    for (size_t i = 0; i < frame->data.len; i++)
        value = value * 31 + (unsigned char)frame->data.data[i];
    *sum = value * 31 + frame->data.len + 1;
    return LLMGW_OK;
}

static llmgw_status feed(struct llmgw__eventstream *eventstream,
                         const uint8_t *data, size_t size)
{
    char *copy = malloc(size ? size : 1); /* exact, and gone at once */
    llmgw_status status;

    if (!copy)
        return LLMGW_E_NOMEM;
    memcpy(copy, data, size);
    status = llmgw__eventstream_feed(eventstream, copy, size);
    free(copy);
    return status;
}

static llmgw_status parse(const uint8_t *data, size_t size, size_t piece,
                          uint64_t *sum)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__eventstream eventstream;

    *sum = 0;
    llmgw__eventstream_init(&eventstream, MAX_FRAME, add_up, sum);
    for (size_t at = 0; at < size && status == LLMGW_OK; at += piece)
        status = feed(&eventstream, data + at,
                      size - at < piece ? size - at : piece);
    if (status == LLMGW_OK)
        status = llmgw__eventstream_end(&eventstream);
    llmgw__eventstream_clear(&eventstream);
    return status;
}

/* The first byte says how the rest is cut. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole;
    uint64_t pieces;

    if (size < 2)
        return 0;
    if (parse(data + 1, size - 1, size, &whole) !=
            parse(data + 1, size - 1, data[0] % 61u + 1, &pieces) ||
        whole != pieces)
        abort();
    return 0;
}
