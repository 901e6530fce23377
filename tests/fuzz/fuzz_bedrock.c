/*
 * fuzz/fuzz_bedrock.c - events and bodies of Converse: one event a
 * line, its first letter says which; then the end; and all of it as one body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "provider/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void make_id(void *userdata, const char *prefix, char out[64])
{
    (void)userdata;
    strncpy(out, prefix, 63);
    out[63] = '\0';
}

/* Every byte that is told is looked at. */
static llmgw_status take(void *userdata, const struct llmgw__chunk *chunk)
{
    const llmgw_str texts[] = {chunk->text, chunk->id, chunk->name,
                               chunk->extra};
    unsigned *sum = userdata;

    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < texts[i].len; k++)
            *sum += (unsigned char)texts[i].data[k];
    if (chunk->usage && llmgw__usage_prompt(chunk->usage) < 0)
        abort();
    return LLMGW_OK;
}

/* "d{…}": a contentBlockDelta; another letter: an exception. */
static struct llmgw__frame frame_of(llmgw_str line)
{
    static const struct {
        char letter;
        const char *name;
    } rows[] = {
        {'m', "messageStart"},      {'s', "contentBlockStart"},
        {'d', "contentBlockDelta"}, {'e', "contentBlockStop"},
        {'x', "messageStop"},       {'u', "metadata"},
    };
    struct llmgw__frame frame = {.kind = LLMGW__FRAME_EXCEPTION,
                                 .event = LLMGW__LIT("throttlingException"),
                                 .data = line};

    for (size_t i = 0; line.len && i < sizeof rows / sizeof *rows; i++)
        if (line.data[0] == rows[i].letter) {
            frame.kind = LLMGW__FRAME_EVENT;
            frame.event = llmgw__str(rows[i].name);
            frame.data = llmgw__str_n(line.data + 1, line.len - 1);
        }
    return frame;
}

static void decode_lines(const struct llmgw__decode *decode, void *decoder,
                         llmgw_str text)
{
    llmgw_status status = LLMGW_OK;

    while (text.len > 0 && status == LLMGW_OK) {
        const char *eol = memchr(text.data, '\n', text.len);
        size_t len = eol ? (size_t)(eol - text.data) : text.len;
        struct llmgw__frame frame = frame_of(llmgw__str_n(text.data, len));

        llmgw__arena_reset(decode->scratch);
        status = llmgw__dialect_bedrock.frame(decoder, decode, &frame);
        len += eol != NULL;
        text = llmgw__str_n(text.data + len, text.len - len);
    }
    if (status == LLMGW_OK)
        (void)llmgw__dialect_bedrock.end(decoder, decode);
}

static void run(llmgw_str text, bool whole)
{
    void *decoder = calloc(1, llmgw__dialect_bedrock.decoder_size);
    struct llmgw__ids ids = {.make = make_id};
    struct llmgw__arena arena, scratch;
    unsigned sum = 0;
    struct llmgw__provider provider = {.name = "p"};
    struct llmgw__target target = {.provider = &provider,
                                   .model = "anthropic.claude-x"};
    struct llmgw__memo memo = {.json_tool = true};
    struct llmgw__decode decode = {.emit = take,
                                   .target = &target,
                                   .userdata = &sum,
                                   .scratch = &scratch,
                                   .arena = &arena,
                                   .memo = &memo,
                                   .ids = &ids};

    if (!decoder)
        return;
    llmgw__arena_init(&arena, 0, 1 << 22);
    llmgw__arena_init(&scratch, 0, 1 << 22);
    if (whole)
        (void)llmgw__dialect_bedrock.body(decoder, &decode, text);
    else
        decode_lines(&decode, decoder, text);
    llmgw__dialect_bedrock.free(decoder);
    llmgw__arena_clear(&arena);
    llmgw__arena_clear(&scratch);
    free(decoder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    llmgw_str text = {(const char *)data, size};

    run(text, false);
    run(text, true);
    return 0;
}
