/*
 * provider/anthropic_invoke.c - the Messages API behind Amazon Bedrock: by
 * InvokeModel, whose stream has every event in base64 inside an event of its
 * own, and at an endpoint in the shape of Messages.
 *
 * Source: Amazon Bedrock Runtime API, "InvokeModel",
 * "InvokeModelWithResponseStream"; recorded answers. Memory: one event, beside
 * what an answer of this wire holds.
 */
#include "anthropic.h"
#include "anthropic_decoder.h"
#include "anthropic_encoder.h"
#include "anthropic_slots.h"
#include "base/crypto.h"
#include "bedrock.h"

struct decoder {
    struct llmgw__anthropic_decoder base; /* first: slots take it for this */
    struct llmgw__buf event;
};

static llmgw_status encode_invoke(struct llmgw__encode *io);
static llmgw_status encode_messages(struct llmgw__encode *io);
static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame);
static void free_answer(void *decoder);

const struct llmgw__dialect llmgw__dialect_anthropic_invoke = {
    LLMGW__ANTHROPIC_COMMON,
    .settings = llmgw__bedrock_settings,
    .refuse_setting = llmgw__bedrock_refuse_setting,
    .instead = llmgw__bedrock_instead,
    .encode = encode_invoke,
    .decoder_size = sizeof(struct decoder),
    .frame = read_frame,
    .free = free_answer,
};

const struct llmgw__dialect llmgw__dialect_anthropic_messages = {
    LLMGW__ANTHROPIC_COMMON,
    .settings = llmgw__bedrock_settings,
    .refuse_setting = llmgw__bedrock_refuse_setting,
    .encode = encode_messages,
    .decoder_size = sizeof(struct llmgw__anthropic_decoder),
    .frame = llmgw__anthropic_frame,
    .free = llmgw__anthropic_free,
};

const struct llmgw__dialect *
llmgw__bedrock_instead(const struct llmgw__chat *chat,
                       const struct llmgw__target *target)
{
    (void)chat;
    switch (llmgw__bedrock_surface(target)) {
    case LLMGW__BEDROCK_CONVERSE:
        break;
    case LLMGW__BEDROCK_INVOKE:
        return &llmgw__dialect_anthropic_invoke;
    case LLMGW__BEDROCK_MESSAGES:
        return &llmgw__dialect_anthropic_messages;
    }
    return NULL;
}

/* --- what the host asks of the service itself: llmgw.bedrock --- */

static uint32_t option(const struct llmgw__chat *chat, const char *name)
{
    return llmgw__jdoc_get(
        &chat->doc, llmgw__jdoc_get(&chat->doc, chat->extension, "bedrock"),
        name);
}

static llmgw_status refuse(struct llmgw__encode *io, const char *message)
{
    llmgw__error_refuse(io->error, LLMGW_KIND_UNSUPPORTED_PARAMETER,
                        "llmgw.bedrock", message);
    return LLMGW_E_INVALID;
}

static llmgw_status add_option(struct llmgw__encode *io, const char *group,
                               const char *member, const char *header)
{
    const struct llmgw__jdoc *doc = &io->chat->doc;
    struct llmgw__jstr text = llmgw__jdoc_string(
        doc, llmgw__jdoc_get(doc, option(io->chat, group), member));
    llmgw_str value;
    llmgw_status status;

    if (!text.len)
        return LLMGW_OK;
    status = llmgw__jstr_text(text, io->arena, &value);
    if (status == LLMGW_OK)
        status = llmgw__http_header_add(io->request, llmgw__str(header), value,
                                        false);
    return status == LLMGW_E_INVALID ? refuse(io, "cannot be a header")
                                     : status;
}

static llmgw_status encode_invoke(struct llmgw__encode *io)
{
    static const struct {
        const char *group, *member, *header;
    } rows[] = {
        {"guardrailConfig", "guardrailIdentifier",
         "x-amzn-bedrock-guardrailidentifier"},
        {"guardrailConfig", "guardrailVersion",
         "x-amzn-bedrock-guardrailversion"},
        {"guardrailConfig", "trace", "x-amzn-bedrock-trace"},
        {"performanceConfig", "latency",
         "x-amzn-bedrock-performanceconfig-latency"},
    };
    llmgw_status status = llmgw__anthropic_encode(io, &llmgw__anthropic_invoke);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (status == LLMGW_OK)
            status =
                add_option(io, rows[i].group, rows[i].member, rows[i].header);
    return status;
}

/* Never without a guardrail that was asked for. */
static llmgw_status encode_messages(struct llmgw__encode *io)
{
    if (option(io->chat, "guardrailConfig") != LLMGW__JNONE)
        return refuse(io, "this endpoint has no guardrails");
    return llmgw__anthropic_encode(io, &llmgw__anthropic_messages);
}

/* --- its stream --- */

static llmgw_status tell_exception(struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__frame *frame)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};

    d->failed = true;
    llmgw__bedrock_classify(decode, frame, &error);
    return decode->emit(decode->userdata, &chunk);
}

/** The member "bytes" of an event; data NULL: there is none. */
static struct llmgw__jstr bytes_of(llmgw_str json)
{
    struct llmgw__jstr bytes = {NULL, 0, false};
    struct llmgw__json reader;
    llmgw_str key;

    llmgw__json_init(&reader, json);
    if (!llmgw__json_object(&reader))
        return bytes;
    while (llmgw__json_key(&reader, &key))
        if (LLMGW__ANTHROPIC_IS(key, "bytes"))
            (void)llmgw__json_string(&reader, &bytes);
        else
            llmgw__json_skip(&reader);
    if (!llmgw__json_end(&reader))
        bytes.data = NULL;
    return bytes;
}

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame)
{
    struct decoder *d = decoder;
    struct llmgw__frame inner = *frame;
    struct llmgw__jstr bytes;
    llmgw_str text;
    llmgw_status status;

    if (d->base.done || d->base.failed)
        return LLMGW_OK;
    if (frame->kind == LLMGW__FRAME_EXCEPTION ||
        frame->kind == LLMGW__FRAME_FAULT)
        return tell_exception(&d->base, decode, frame);
    if (frame->kind != LLMGW__FRAME_EVENT ||
        !LLMGW__ANTHROPIC_IS(frame->event, "chunk"))
        return llmgw__anthropic_frame(&d->base, decode, frame);
    bytes = bytes_of(frame->data);
    if (!bytes.data)
        return LLMGW_E_INVALID;
    status = llmgw__jstr_text(bytes, decode->scratch, &text);
    if (!d->event.data)
        llmgw__buf_init(&d->event, 0);
    d->event.len = 0;
    if (status == LLMGW_OK)
        status = llmgw__base64_decode(&d->event, text);
    inner.data = llmgw__buf_str(&d->event);
    return status == LLMGW_OK ? llmgw__anthropic_frame(&d->base, decode, &inner)
                              : status;
}

static void free_answer(void *decoder)
{
    struct decoder *d = decoder;

    llmgw__buf_clear(&d->event);
    llmgw__anthropic_free(&d->base);
}
