/*
 * provider/bedrock_decode.c - answers of Converse and ConverseStream.
 *
 * A stream tells blocks as the anthropic wire does, under names of its own;
 * blocks of text and thinking have no start. Usage comes behind the reason to
 * stop, so the finish waits for it. An exception ends the stream, in spite of
 * the status it began with. Every event has padding in it, which is ignored.
 *
 * Source: Amazon Bedrock Runtime API, "Converse", "ConverseStream"; recorded
 * answers. Memory: a few words for each block; a custom tool's input.
 */
#include "anthropic_slots.h"
#include "bedrock_decoder.h"
#include "endpoints.h"

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame);
static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body);
static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode);
static void free_answer(void *decoder);
static llmgw_status get_ready(struct llmgw__converse_decoder *d,
                              const struct llmgw__decode *decode);
static llmgw_status tell_exception(struct llmgw__converse_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__frame *frame);
static llmgw_status tell_event(const struct llmgw__converse_reading *r,
                               llmgw_str event);
static llmgw_status tell_identity(const struct llmgw__decode *decode);
static llmgw_status tell_blocks(const struct llmgw__converse_reading *r);

static const char *const extensions[] = {"bedrock", NULL};
const char *const llmgw__bedrock_settings[] = {
    "region",           "fips",        "claude_api",   "model_base",
    "request_metadata", "api_version", "server_tools", NULL};

const char *llmgw__bedrock_refuse_setting(const char *name, const char *value)
{
    static const char *const rows[][4] = {
        {"claude_api", "invoke", "converse", "messages"},
        {"fips", "true", "false", "false"},
        {"request_metadata", "true", "false", "false"},
        {"server_tools", "true", "false", "false"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (strcmp(name, rows[i][0]) != 0)
            continue;
        for (int k = 1; k < 4; k++)
            if (strcmp(value, rows[i][k]) == 0)
                return NULL;
        return i == 0 ? "must be invoke, converse or messages"
                      : "must be true or false";
    }
    return NULL;
}

/* Older endpoints know an effort in another place; thinking is bound to the
 * account it came from. */
static uint8_t send_again(const struct llmgw__error *error)
{
    llmgw_str message = llmgw__str(error->message);

    if (error->upstream_status != 400)
        return 0;
    if (llmgw__str_find(message, LLMGW__LIT("outputConfig.effort")) != SIZE_MAX)
        return LLMGW__AGAIN_UNLEVELED;
    if (llmgw__str_find(message, LLMGW__LIT("in `thinking` block")) != SIZE_MAX)
        return LLMGW__AGAIN_STATELESS;
    return llmgw__str_find_nocase(message, LLMGW__LIT("toolchoice")) != SIZE_MAX
               ? LLMGW__AGAIN_UNFORCED
               : 0;
}

const struct llmgw__dialect llmgw__dialect_bedrock = {
    .name = "bedrock",
    .extensions = extensions,
    .settings = llmgw__bedrock_settings,
    .refuse_setting = llmgw__bedrock_refuse_setting,
    .instead = llmgw__bedrock_instead,
    .encode = llmgw__converse_encode,
    .decoder_size = sizeof(struct llmgw__converse_decoder),
    .frame = read_frame,
    .body = read_body,
    .end = end_answer,
    .free = free_answer,
    .takes_state = llmgw__converse_takes_state,
    .goes_on = llmgw__anthropic_goes_on, /* other families' models do not */
    .again = send_again,
    .embed = &llmgw__bedrock_embed,
};

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame)
{
    struct llmgw__converse_decoder *d = decoder;
    struct llmgw__converse_record record;
    struct llmgw__converse_reading r = {d, decode, &record};
    llmgw_status status;

    if (d->done)
        return LLMGW_OK;
    if (frame->kind == LLMGW__FRAME_EXCEPTION ||
        frame->kind == LLMGW__FRAME_FAULT)
        return tell_exception(d, decode, frame);
    if (!llmgw__converse_record_read(&record, frame->data))
        return LLMGW_E_INVALID;
    status = get_ready(d, decode);
    return status == LLMGW_OK ? tell_event(&r, frame->event) : status;
}

static llmgw_status tell_event(const struct llmgw__converse_reading *r,
                               llmgw_str event)
{
    const struct llmgw__converse_record *record = r->record;

    if (llmgw__str_is(event, "contentBlockDelta"))
        return llmgw__converse_block(r, record->index, record->delta);
    if (llmgw__str_is(event, "contentBlockStart"))
        return llmgw__converse_block(r, record->index, record->start);
    if (llmgw__str_is(event, "contentBlockStop"))
        return llmgw__converse_block_end(r, record->index);
    if (llmgw__str_is(event, "messageStop"))
        return llmgw__converse_stop(r);
    if (llmgw__str_is(event, "metadata"))
        return llmgw__converse_finish(r);
    return LLMGW_OK; /* others are there to be ignored */
}

static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body)
{
    struct llmgw__converse_decoder *d = decoder;
    struct llmgw__converse_record record;
    struct llmgw__converse_reading r = {d, decode, &record};
    llmgw_status status;

    if (!llmgw__converse_record_read(&record, body) || !record.answer ||
        !record.stop.len)
        return LLMGW_E_INVALID;
    status = get_ready(d, decode);
    if (status == LLMGW_OK)
        status = tell_blocks(&r);
    if (status == LLMGW_OK)
        status = llmgw__converse_stop(&r);
    return status == LLMGW_OK ? llmgw__converse_finish(&r) : status;
}

static llmgw_status tell_blocks(const struct llmgw__converse_reading *r)
{
    struct llmgw__json json;
    llmgw_status status = LLMGW_OK;

    llmgw__json_init(&json, r->record->content);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    for (int64_t i = 0; status == LLMGW_OK && llmgw__json_item(&json); i++) {
        status = llmgw__converse_block(r, i, llmgw__json_raw(&json));
        if (status == LLMGW_OK)
            status = llmgw__converse_block_end(r, i);
    }
    return status;
}

/* Without usage it is an answer too. */
static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode)
{
    static const struct llmgw__converse_record nothing = {.index = 0};
    struct llmgw__converse_decoder *d = decoder;
    const struct llmgw__converse_reading r = {d, decode, &nothing};

    if (d->done)
        return LLMGW_OK;
    return d->native[0] ? llmgw__converse_finish(&r) : LLMGW_E_INVALID;
}

static void free_answer(void *decoder)
{
    struct llmgw__converse_decoder *d = decoder;

    llmgw__buf_clear(&d->citations);
    llmgw__anthropic_free(&d->base);
}

static llmgw_status get_ready(struct llmgw__converse_decoder *d,
                              const struct llmgw__decode *decode)
{
    if (d->state)
        return LLMGW_OK;
    llmgw__anthropic_ready(&d->base);
    llmgw__buf_init(&d->citations, 0);
    d->state = llmgw__converse_state(decode->target, decode->arena);
    return d->state ? tell_identity(decode) : LLMGW_E_NOMEM;
}

/* Answers have no id of their own. */
static llmgw_status tell_identity(const struct llmgw__decode *decode)
{
    static const char prefix[] = "chatcmpl-";
    struct llmgw__identity identity = {.created = 0};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_IDENTITY,
                                 .identity = &identity};
    llmgw_str id = {NULL, 0};
    char *text;

    if (decode->head)
        id = llmgw__http_head_get(decode->head, "x-amzn-requestid");
    if (!id.len)
        return LLMGW_OK;
    text = llmgw__arena_alloc(decode->scratch, sizeof prefix - 1 + id.len);
    if (!text)
        return LLMGW_E_NOMEM;
    memcpy(text, prefix, sizeof prefix - 1);
    memcpy(text + sizeof prefix - 1, id.data, id.len);
    identity.id = llmgw__str_n(text, sizeof prefix - 1 + id.len);
    return decode->emit(decode->userdata, &chunk);
}

static llmgw_status tell_exception(struct llmgw__converse_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__frame *frame)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};

    d->done = true;
    llmgw__bedrock_classify(decode, frame, &error);
    return decode->emit(decode->userdata, &chunk);
}
