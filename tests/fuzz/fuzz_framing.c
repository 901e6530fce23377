/*
 * fuzz/fuzz_framing.c - any bytes, cut anywhere, give the same frames as whole.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/framing.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    MAX_FRAME = 256,
    MAX_BODY = 512
};

/* A sum over what was handed over. */
static llmgw_status add_up(void *userdata, const struct llmgw__frame *frame)
{
    uint64_t *sum = userdata;
    uint64_t value = *sum + frame->event.len + (uint64_t)frame->kind;

    for (size_t i = 0; i < frame->data.len; i++)
        value = value * 31 + (unsigned char)frame->data.data[i];
    *sum = value * 31 + frame->data.len + 1;
    return LLMGW_OK;
}

static llmgw_status feed(struct llmgw__framing *framing, const uint8_t *data,
                         size_t size)
{
    char *copy = malloc(size ? size : 1); /* exact, and gone at once */
    llmgw_status status;

    if (!copy)
        return LLMGW_E_NOMEM;
    memcpy(copy, data, size);
    status = llmgw__framing_feed(framing, copy, size);
    free(copy);
    return status;
}

static llmgw_status parse(const uint8_t *data, size_t size, size_t piece,
                          uint64_t *sum)
{
    static const char *const types[] = {
        "", "text/event-stream", "application/json", "application/x-ndjson"};
    llmgw_str type = llmgw__str(types[data[0] / 61u % 4]);
    llmgw_status status = LLMGW_OK;
    struct llmgw__framing framing;

    *sum = 0;
    llmgw__framing_init(
        &framing, &(struct llmgw__framing_setup){type, size % 2 == 1, MAX_FRAME,
                                                 MAX_BODY, add_up, sum});
    for (size_t at = 1; at < size && status == LLMGW_OK; at += piece)
        status =
            feed(&framing, data + at, size - at < piece ? size - at : piece);
    if (status == LLMGW_OK)
        status = llmgw__framing_end(&framing);
    *sum =
        *sum * 31 + (uint64_t)framing.kind + llmgw__framing_body(&framing).len;
    llmgw__framing_clear(&framing);
    return status;
}

/* The first byte says how the rest is cut, and the content type. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    llmgw_status status;
    uint64_t whole;
    uint64_t pieces;

    if (size < 2)
        return 0;
    status = parse(data, size, size, &whole);
    if (status != parse(data, size, data[0] % 61u + 1, &pieces) ||
        (status == LLMGW_OK && whole != pieces))
        abort();
    return 0;
}
