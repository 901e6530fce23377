/*
 * provider/openai_decode.c - answers of the openai dialect -> chunks.
 *
 * A record is read whole into views, then told: error before anything else,
 * then identity, usage, and choice by choice reasoning, text, refusal, tools,
 * finish. Chunks come out in the order of arrival with what the service sent;
 * the order keeper makes the one sequence of them.
 *
 * Source: OpenAI API description 2.3.0, and recorded traffic of 45 services.
 * Memory: identity and tool ids in the attempt's arena, once an answer; the
 * scratch arena for strings with escapes; nothing else in the steady state.
 */
#include "openai_decode.h"

#include <string.h>

#include "endpoints.h"
#include "error_facts.h"
#include "openai_encode.h"
#include "openai_stream.h"

static llmgw_status decode_frame(void *state,
                                 const struct llmgw__decode *decode,
                                 const struct llmgw__frame *frame);
static llmgw_status decode_body(void *state, const struct llmgw__decode *decode,
                                llmgw_str body);
static llmgw_status decode_end(void *state, const struct llmgw__decode *decode);
static void free_decoder(void *state);

static llmgw_status tell_record(struct llmgw__openai_decoder *decoder,
                                const struct llmgw__decode *decode,
                                llmgw_str data);
static llmgw_status take_mould(struct llmgw__openai_decoder *decoder,
                               const struct llmgw__decode *decode,
                               llmgw_str data,
                               const struct llmgw__openai_payload *payload);
static llmgw_status tell_text(const struct llmgw__openai_decoder *decoder,
                              const struct llmgw__decode *decode,
                              struct llmgw__jstr text);
static bool is_tier(struct llmgw__jstr tier);
static bool has_error(const struct llmgw__openai_payload *payload);
static llmgw_status tell_error(struct llmgw__openai_decoder *decoder,
                               const struct llmgw__decode *decode,
                               llmgw_str json);
static llmgw_status tell_choices(struct llmgw__openai_decoder *decoder,
                                 const struct llmgw__decode *decode,
                                 struct llmgw__openai_payload *payload);
static llmgw_status tell_choice(struct llmgw__openai_decoder *decoder,
                                const struct llmgw__decode *decode,
                                uint16_t index,
                                const struct llmgw__openai_choice *choice);
static llmgw_status close_choices(struct llmgw__openai_decoder *decoder,
                                  const struct llmgw__decode *decode);

static const char *const settings[] = {
    "account_id", "api",    "api_version", "auth",
    "deployment", "region", "resource",    NULL};

const struct llmgw__dialect llmgw__dialect_openai = {
    .name = "openai",
    .settings = settings,
    .refuse_setting = llmgw__openai_refuse_setting,
    .instead = llmgw__openai_instead,
    .encode = llmgw__openai_encode,
    .decoder_size = sizeof(struct llmgw__openai_decoder),
    .frame = decode_frame,
    .body = decode_body,
    .end = decode_end,
    .free = free_decoder,
    .takes_state = llmgw__openai_takes_state,
    .streams = llmgw__openai_streams,
    .embed = &llmgw__openai_embed,
    .models = &llmgw__openai_list,
};

static llmgw_status decode_frame(void *state,
                                 const struct llmgw__decode *decode,
                                 const struct llmgw__frame *frame)
{
    struct llmgw__openai_decoder *decoder = state;
    struct llmgw__jstr holes[LLMGW__MOULD_HOLES];
    llmgw_str data = frame->data;

    if (frame->kind == LLMGW__FRAME_DOCUMENT)
        return decode_body(state, decode, data);
    if (decoder->done || decoder->failed)
        return LLMGW_OK;
    if (frame->event.len == 0 &&
        llmgw__mould_fits(&decoder->mould, data, holes))
        return tell_text(decoder, decode, holes[0]);
    data = llmgw__str_trim(data);
    if (data.len == 0)
        return LLMGW_OK;
    if (data.data[0] == '[' && llmgw__str_starts(data, "[DONE]")) {
        decoder->done = true;
        return LLMGW_OK;
    }
    if (frame->event.len && llmgw__str_is(frame->event, "error"))
        return tell_error(decoder, decode, data);
    return tell_record(decoder, decode, data);
}

static llmgw_status decode_body(void *state, const struct llmgw__decode *decode,
                                llmgw_str body)
{
    struct llmgw__openai_decoder *decoder = state;
    llmgw_status status;

    decoder->whole = true;
    status = tell_record(decoder, decode, body);
    if (status != LLMGW_OK || decoder->failed)
        return status;
    decoder->done = true; /* a document that parses is all there */
    return close_choices(decoder, decode);
}

/* Complete is what was said to be ([DONE]), or where every choice has its
 * finish reason; an answer of nothing at all never is. */
static llmgw_status decode_end(void *state, const struct llmgw__decode *decode)
{
    struct llmgw__openai_decoder *decoder = state;
    unsigned finished = 0;

    if (decoder->failed || decoder->whole)
        return LLMGW_OK;
    for (unsigned word = 0; word < LLMGW__OPENAI_MAX_CHOICES / 64; word++)
        for (uint64_t bits = decoder->finished[word]; bits; bits &= bits - 1)
            finished++;
    if (!decoder->done &&
        (decoder->seen[0] & ~decoder->finished[0] ||
         decoder->seen[1] & ~decoder->finished[1] ||
         (decode->memo->chat && (int64_t)finished < decode->memo->chat->n)))
        return LLMGW_E_INVALID;
    return close_choices(decoder, decode);
}

static void free_decoder(void *state)
{
    struct llmgw__openai_decoder *decoder = state;

    llmgw__openai_free_calls(decoder);
    llmgw__openai_free_audio(decoder);
    llmgw__openai_free_vendor(decoder);
}

static llmgw_status tell_record(struct llmgw__openai_decoder *decoder,
                                const struct llmgw__decode *decode,
                                llmgw_str data)
{
    struct llmgw__openai_payload payload;
    llmgw_status status;

    if (!llmgw__openai_read(&payload, data))
        return LLMGW_E_INVALID;
    status =
        llmgw__openai_decode_identity(&decoder->identity, decode, &payload);
    if (status == LLMGW_OK)
        status = llmgw__openai_decode_usage(decode, &payload, NULL);
    if (status != LLMGW_OK)
        return status;
    if (has_error(&payload))
        return tell_error(decoder, decode, data);
    if (payload.tier.len && !is_tier(payload.tier)) /* with its quotes */
        payload.vendors[LLMGW__OPENAI_OTHER_TIER] =
            llmgw__str_n(payload.tier.data - 1, payload.tier.len + 2);
    status = llmgw__openai_decode_vendor(decoder, &payload);
    /* records of a content filter that ran beside say object "" */
    if (status != LLMGW_OK || (payload.object.data && payload.object.len == 0))
        return status;
    status = tell_choices(decoder, decode, &payload);
    if (status == LLMGW_OK && !decoder->whole && !decoder->failed)
        status = take_mould(decoder, decode, data, &payload);
    return status;
}

/* --- records that say a piece of text, and nothing else that is new --- */

static bool is_only_text(const struct llmgw__openai_payload *payload)
{
    const struct llmgw__openai_choice *choice = &payload->choice;
    const struct llmgw__openai_delta *delta = &choice->delta;
    size_t other =
        choice->finish.len + choice->native.len + choice->logprobs.len +
        choice->usage.len + choice->error.len + payload->usage.len +
        payload->error.len + delta->content.raw.len +
        delta->reasoning_content.len + delta->reasoning.len +
        delta->thinking.len + delta->refusal.len + delta->details.len +
        delta->tool_calls.len + delta->annotations.len + delta->audio.len +
        delta->images.len + delta->extra.len + delta->function_call.len;

    for (size_t i = 0; i < LLMGW__OPENAI_VENDORS; i++)
        other += payload->vendors[i].len;
    return payload->has_choice && !payload->has_more && delta->present &&
           !choice->message.present && delta->content.text.len && !other;
}

/* What a record of that form said of the answer as a whole is known. */
static llmgw_status take_mould(struct llmgw__openai_decoder *decoder,
                               const struct llmgw__decode *decode,
                               llmgw_str data,
                               const struct llmgw__openai_payload *payload)
{
    const struct llmgw__openai_choice *choice = &payload->choice;
    llmgw_str holes[LLMGW__MOULD_HOLES] = {
        {choice->delta.content.text.data, choice->delta.content.text.len},
        {payload->padding.data, payload->padding.len},
    };

    if (!is_only_text(payload))
        return LLMGW_OK;
    decoder->mould_choice = choice->index < 0 ? 0 : (uint16_t)choice->index;
    return llmgw__mould_take(&decoder->mould, decode->arena, data, holes,
                             LLMGW__MOULD_HOLES);
}

static llmgw_status tell_text(const struct llmgw__openai_decoder *decoder,
                              const struct llmgw__decode *decode,
                              struct llmgw__jstr text)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TEXT,
                                 .choice = decoder->mould_choice};
    llmgw_status status = llmgw__jstr_text(text, decode->scratch, &chunk.text);

    if (status != LLMGW_OK || !chunk.text.len)
        return status;
    return llmgw__openai_emit(decode, &chunk);
}

/* --- errors --- */

static bool vendor_has_error(llmgw_str vendor)
{
    struct llmgw__json json;
    llmgw_str key;
    bool found = false;

    if (!vendor.len)
        return false;
    llmgw__json_init(&json, vendor);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key)) {
            llmgw_str raw = llmgw__json_raw(&json);

            found |= llmgw__str_is(key, "error") && llmgw__error_truthy(raw);
        }
    return found;
}

static bool has_error(const struct llmgw__openai_payload *payload)
{
    return llmgw__error_truthy(payload->error) ||
           (payload->object.len == 5 &&
            llmgw__jstr_is(payload->object, "error")) ||
           vendor_has_error(payload->vendors[LLMGW__OPENAI_X_GROQ]);
}

static llmgw_status tell_error(struct llmgw__openai_decoder *decoder,
                               const struct llmgw__decode *decode,
                               llmgw_str json)
{
    struct llmgw__error error;

    decoder->failed = true;
    llmgw__error_classify_inband(decode, json, &error);
    return llmgw__openai_emit(
        decode,
        &(struct llmgw__chunk){.kind = LLMGW__CHUNK_ERROR, .error = &error});
}

/* --- identity: the first word holds, member by member --- */

static llmgw_status take(const struct llmgw__decode *decode, llmgw_str *to,
                         struct llmgw__jstr from, bool *fresh)
{
    llmgw_status status;
    llmgw_str text;

    if (to->len || !from.len)
        return LLMGW_OK;
    status = llmgw__jstr_text(from, decode->scratch, &text);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(decode->arena, text, to);
    *fresh |= status == LLMGW_OK;
    return status;
}

/* The tiers that the host's surface knows; a vendor's own is none. */
static bool is_tier(struct llmgw__jstr tier)
{
    static const char *const tiers[] = {"default", "auto",     "flex",
                                        "scale",   "priority", "fast"};

    for (size_t i = 0; i < sizeof tiers / sizeof tiers[0]; i++)
        if (llmgw__jstr_is(tier, tiers[i]))
            return true;
    return false;
}

llmgw_status
llmgw__openai_decode_identity(struct llmgw__identity *identity,
                              const struct llmgw__decode *decode,
                              const struct llmgw__openai_payload *payload)
{
    bool fresh = false;
    llmgw_status status;

    status = take(decode, &identity->id, payload->id, &fresh);
    if (status == LLMGW_OK)
        status = take(decode, &identity->model, payload->model, &fresh);
    if (status == LLMGW_OK)
        status = take(decode, &identity->system_fingerprint,
                      payload->fingerprint, &fresh);
    if (status == LLMGW_OK && !identity->service_tier.len &&
        is_tier(payload->tier))
        status = take(decode, &identity->service_tier, payload->tier, &fresh);
    if (status != LLMGW_OK)
        return status;
    if (!identity->created && payload->created > 0) {
        identity->created = payload->created;
        fresh = true;
    }
    if (!fresh)
        return LLMGW_OK;
    return llmgw__openai_emit(
        decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_IDENTITY,
                                       .identity = identity});
}

/* --- choices --- */

static llmgw_status tell_choices(struct llmgw__openai_decoder *decoder,
                                 const struct llmgw__decode *decode,
                                 struct llmgw__openai_payload *payload)
{
    struct llmgw__openai_choice *choice = &payload->choice;
    bool more = payload->has_choice;

    for (int64_t place = 0; more && !decoder->failed; place++) {
        int64_t index = choice->index < 0 ? place : choice->index;
        llmgw_status status;

        if (index >= LLMGW__OPENAI_MAX_CHOICES)
            return LLMGW_E_INVALID;
        if (llmgw__error_truthy(choice->error))
            return tell_error(decoder, decode, choice->error);
        status = tell_choice(decoder, decode, (uint16_t)index, choice);
        if (status != LLMGW_OK)
            return status;
        more = llmgw__openai_read_choice(&payload->rest, choice);
    }
    return LLMGW_OK;
}

static llmgw_status tell_choice(struct llmgw__openai_decoder *decoder,
                                const struct llmgw__decode *decode,
                                uint16_t index,
                                const struct llmgw__openai_choice *choice)
{
    /* beside each other: in a stream the message repeats what came before, in
       a whole answer the delta says nothing */
    const struct llmgw__openai_delta *from =
        choice->message.present && (decoder->whole || !choice->delta.present)
            ? &choice->message
            : &choice->delta;
    llmgw_status status = LLMGW_OK;
    llmgw_str logprobs = {NULL, 0};

    if (from->present) {
        decoder->seen[index / 64] |= UINT64_C(1) << index % 64;
        if (choice->logprobs.len)
            status =
                llmgw__openai_logprobs(decode, choice->logprobs, &logprobs);
        if (status == LLMGW_OK)
            status = llmgw__openai_decode_reasoning(decode, index, from);
        if (status == LLMGW_OK)
            status = llmgw__openai_decode_text(decode, index, from, logprobs);
        if (status == LLMGW_OK)
            status = llmgw__openai_decode_calls(decoder, decode, index, from);
        if (status == LLMGW_OK)
            status = llmgw__openai_decode_extras(decoder, decode, index, from);
    }
    if (status == LLMGW_OK && choice->finish.len)
        status = llmgw__openai_decode_finish(decoder, decode, index, choice);
    return status;
}

/* What was kept for the end, and a finish for choices that were given none:
 * the service said that it is all. */
static llmgw_status close_choices(struct llmgw__openai_decoder *decoder,
                                  const struct llmgw__decode *decode)
{
    llmgw_status status;

    if (!(decoder->seen[0] | decoder->seen[1]))
        return LLMGW_E_INVALID;
    status = llmgw__openai_end_calls(decoder, decode);
    if (status == LLMGW_OK)
        status = llmgw__openai_end_audio(decoder, decode);
    if (status == LLMGW_OK)
        status = llmgw__openai_end_vendor(decoder, decode);
    for (unsigned i = 0; i < LLMGW__OPENAI_MAX_CHOICES && status == LLMGW_OK;
         i++) {
        uint64_t open = decoder->seen[i / 64] & ~decoder->finished[i / 64];

        if (!(open >> i % 64))
            i |= 63; /* none here and up: on with the next word */
        else if (open >> i % 64 & 1)
            status = llmgw__openai_emit(
                decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_FINISH,
                                               .variant = LLMGW_FINISH_STOP,
                                               .choice = (uint16_t)i});
    }
    return status;
}
