/*
 * Answers of the responses dialect: the first byte says whether the rest is a
 * whole body, or events of a stream, one a line.
 */
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "provider/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static llmgw_status ignore(void *userdata, const struct llmgw__chunk *chunk)
{
    (void)userdata;
    (void)chunk;
    return LLMGW_OK;
}

static void run_stream(const struct llmgw__decode *decode, void *decoder,
                       llmgw_str lines)
{
    llmgw_status status = LLMGW_OK;

    while (lines.len && status == LLMGW_OK) {
        size_t end = llmgw__str_find(lines, LLMGW__LIT("\n"));
        struct llmgw__frame frame = {.kind = LLMGW__FRAME_EVENT, .data = lines};

        if (end != SIZE_MAX)
            frame.data.len = end++;
        else
            end = lines.len;
        lines = llmgw__str_n(lines.data + end, lines.len - end);
        llmgw__arena_reset(decode->scratch);
        status = llmgw__dialect_responses.frame(decoder, decode, &frame);
    }
    if (status == LLMGW_OK)
        (void)llmgw__dialect_responses.end(decoder, decode);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct llmgw__arena arena, scratch;
    struct llmgw__provider provider = {.name = "p"};
    struct llmgw__target target = {.provider = &provider, .model = "m"};
    struct llmgw__memo memo = {.custom_any = false};
    struct llmgw__decode decode = {.emit = ignore,
                                   .scratch = &scratch,
                                   .arena = &arena,
                                   .target = &target,
                                   .memo = &memo};
    llmgw_str rest;
    void *decoder;

    if (size == 0)
        return 0;
    rest = llmgw__str_n((const char *)data + 1, size - 1);
    llmgw__arena_init(&arena, 0, 1 << 20);
    llmgw__arena_init(&scratch, 0, 1 << 20);
    decoder =
        llmgw__arena_zalloc(&arena, llmgw__dialect_responses.decoder_size);
    if (decoder && data[0] % 2 == 0)
        run_stream(&decode, decoder, rest);
    else if (decoder)
        (void)llmgw__dialect_responses.body(decoder, &decode, rest);
    if (decoder)
        llmgw__dialect_responses.free(decoder);
    llmgw__arena_clear(&scratch);
    llmgw__arena_clear(&arena);
    return 0;
}
