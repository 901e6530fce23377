/*
 * provider/bedrock_end.c - how an answer of Converse ended, what it took, and
 * what an exception in the midst of it means.
 *
 * Input tokens leave out what went through the cache, but for one maker's
 * models. An exception says in its name which status it stands for.
 *
 * Source: Amazon Bedrock Runtime API, "TokenUsage", "ConverseStreamOutput",
 * "Errors". Memory: an exception's body, in the attempt's arena.
 */
#include <stdio.h>

#include "bedrock_decoder.h"

static llmgw_status tell_usage(const struct llmgw__converse_reading *r);
static void read_usage(llmgw_str usage, struct llmgw__anthropic_counts *counts);
static llmgw_status tell_beside(const struct llmgw__converse_reading *r);
static llmgw_status tell_finish(const struct llmgw__converse_reading *r);

llmgw_status llmgw__converse_stop(const struct llmgw__converse_reading *r)
{
    struct llmgw__converse_decoder *d = r->decoder;
    llmgw_str native = {NULL, 0};
    llmgw_status status = LLMGW_OK;

    if (r->record->fields.len)
        status =
            llmgw__arena_str(r->decode->arena, r->record->fields, &d->fields);
    if (status == LLMGW_OK && r->record->stop.data)
        status = llmgw__jstr_text(r->record->stop, r->decode->scratch, &native);
    if (status == LLMGW_OK && !d->native[0])
        llmgw__error_copy(d->native, sizeof d->native, native);
    return status;
}

llmgw_status llmgw__converse_finish(const struct llmgw__converse_reading *r)
{
    llmgw_status status = tell_usage(r);

    if (status == LLMGW_OK)
        status = tell_beside(r);
    if (status != LLMGW_OK || !r->decoder->native[0])
        return status;
    r->decoder->done = true;
    return tell_finish(r);
}

/* --- usage --- */

static llmgw_status tell_usage(const struct llmgw__converse_reading *r)
{
    struct llmgw__anthropic_counts counts;
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};
    const struct llmgw__converse_model *model;

    if (!r->record->usage.len)
        return LLMGW_OK;
    model = llmgw__converse_model_find(r->decode->target);
    llmgw__anthropic_counts_init(&counts);
    read_usage(r->record->usage, &counts);
    if (model->can & LLMGW__CONVERSE_INCLUSIVE) {
        if (counts.read > 0 && counts.input >= counts.read)
            counts.input -= counts.read;
        if (counts.write > 0 && counts.input >= counts.write)
            counts.input -= counts.write;
    }
    counts.tier = (uint8_t)llmgw__service_tier_of(
        llmgw__str_n(r->record->tier.data, r->record->tier.len));
    llmgw__anthropic_usage(&counts, &usage);
    return usage.reported ? r->decode->emit(r->decode->userdata, &chunk)
                          : LLMGW_OK;
}

/* [{"ttl":"1h","inputTokens":n},…]: what is not for an hour is for less. */
static void read_details(struct llmgw__json *json,
                         struct llmgw__anthropic_counts *counts)
{
    llmgw_str key;

    if (!llmgw__json_array(json))
        return;
    while (llmgw__json_item(json)) {
        struct llmgw__jstr ttl = {NULL, 0, false};
        int64_t tokens = 0;

        if (!llmgw__json_object(json))
            continue;
        while (llmgw__json_key(json, &key))
            if (llmgw__str_is(key, "ttl"))
                (void)llmgw__json_string(json, &ttl);
            else if (llmgw__str_is(key, "inputTokens"))
                (void)llmgw__json_int64(json, &tokens);
            else
                llmgw__json_skip(json);
        if (llmgw__jstr_is(ttl, "1h") && tokens > 0)
            counts->write_1h = tokens;
    }
}

static void read_usage(llmgw_str usage, struct llmgw__anthropic_counts *counts)
{
    const struct {
        const char *name;
        int64_t *at;
    } rows[] = {
        {"inputTokens", &counts->input},
        {"outputTokens", &counts->output},
        {"cacheReadInputTokens", &counts->read},
        {"cacheReadInputTokenCount", &counts->read},
        {"cacheWriteInputTokens", &counts->write},
        {"cacheWriteInputTokenCount", &counts->write},
    };
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, usage);
    if (!llmgw__json_object(&json))
        return;
    while (llmgw__json_key(&json, &key)) {
        int64_t number;
        size_t i = 0;

        if (llmgw__str_is(key, "cacheDetails")) {
            read_details(&json, counts);
            continue;
        }
        while (i < sizeof rows / sizeof *rows &&
               !llmgw__str_is(key, rows[i].name))
            i++;
        if (i == sizeof rows / sizeof *rows)
            llmgw__json_skip(&json);
        else if (llmgw__json_int64(&json, &number))
            *rows[i].at = number;
    }
}

/* --- beside it --- */

/* What has no place in an answer of ours goes as it came. */
static llmgw_status tell_beside(const struct llmgw__converse_reading *r)
{
    static const char *const tiers[] = {"default", "flex", "priority"};
    const struct llmgw__converse_record *record = r->record;
    const struct {
        const char *name;
        llmgw_str raw;
    } members[] = {
        {"metrics", record->metrics},
        {"trace", record->trace},
        {"performanceConfig", record->performance},
        {"additionalModelResponseFields", r->decoder->fields},
    };
    struct llmgw__identity identity = {.created = 0};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_IDENTITY,
                                 .identity = &identity};
    llmgw_status status;
    struct llmgw__buf text;
    struct llmgw__jsonw w;

    llmgw__buf_init(&text, 0);
    llmgw__jsonw_init(&w, &text);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (members[i].raw.len)
            llmgw__jsonw_member_raw(&w, members[i].name, members[i].raw);
    identity.vendor = llmgw__buf_str(&text);
    for (size_t i = 0; i < sizeof tiers / sizeof *tiers; i++)
        if (llmgw__jstr_is(record->tier, tiers[i]))
            identity.service_tier = llmgw__str(tiers[i]);
    status = text.status;
    if (status == LLMGW_OK &&
        (identity.vendor.len || identity.service_tier.len))
        status = r->decode->emit(r->decode->userdata, &chunk);
    llmgw__buf_clear(&text);
    return status;
}

/* --- the end --- */

static llmgw_status fail(const struct llmgw__converse_reading *r,
                         const char *native)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};
    char message[160];

    (void)snprintf(message, sizeof message,
                   "the model's output is not usable (%s)", native);
    llmgw__error_setz(&error, LLMGW_KIND_MODEL_OUTPUT_INVALID, message);
    return r->decode->emit(r->decode->userdata, &chunk);
}

static llmgw_status tell_finish(const struct llmgw__converse_reading *r)
{
    static const struct {
        const char *native;
        uint8_t finish;
    } rows[] = {
        {"tool_use", LLMGW_FINISH_TOOL_CALLS},
        {"max_tokens", LLMGW_FINISH_LENGTH},
        {"model_context_window_exceeded", LLMGW_FINISH_LENGTH},
        {"guardrail_intervened", LLMGW_FINISH_CONTENT_FILTER},
        {"content_filtered", LLMGW_FINISH_CONTENT_FILTER},
        {"refusal", LLMGW_FINISH_CONTENT_FILTER},
    };
    const struct llmgw__converse_decoder *d = r->decoder;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH,
                                 .variant = LLMGW_FINISH_STOP,
                                 .text = llmgw__str(d->native)};

    if (llmgw__str_starts(chunk.text, "malformed_"))
        return fail(r, d->native);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (llmgw__str_is(chunk.text, rows[i].native))
            chunk.variant = rows[i].finish;
    if (chunk.variant == LLMGW_FINISH_TOOL_CALLS && d->answered &&
        !d->base.calls)
        chunk.variant = LLMGW_FINISH_STOP;
    return r->decode->emit(r->decode->userdata, &chunk);
}

/* --- exceptions --- */

static int32_t status_of(llmgw_str name)
{
    static const struct {
        const char *name;
        int32_t status;
    } rows[] = {
        {"validationException", 400},
        {"serviceQuotaExceededException", 400},
        {"accessDeniedException", 403},
        {"resourceNotFoundException", 404},
        {"modelTimeoutException", 408},
        {"modelErrorException", 424},
        {"modelStreamErrorException", 424},
        {"throttlingException", 429},
        {"modelNotReadyException", 429},
        {"serviceUnavailableException", 503},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (llmgw__str_is(name, rows[i].name))
            return rows[i].status;
    return 500;
}

/* {"type":"Name","message":…}; what is told beside the message counts no
 * more than that. */
static void write_body(struct llmgw__buf *body,
                       const struct llmgw__frame *frame, char *name)
{
    struct llmgw__jstr message = {NULL, 0, false};
    struct llmgw__json json;
    struct llmgw__jsonw w;
    llmgw_str key;

    llmgw__jsonw_init(&w, body);
    llmgw__jsonw_open(&w, '{');
    if (name[0] >= 'a' && name[0] <= 'z')
        name[0] = (char)(name[0] - 'a' + 'A');
    llmgw__jsonw_member_z(&w, "type", name);
    if (frame->kind == LLMGW__FRAME_FAULT) {
        llmgw__jsonw_member_str(&w, "message", frame->data);
    } else {
        llmgw__json_init(&json, frame->data);
        if (llmgw__json_object(&json)) {
            while (llmgw__json_key(&json, &key))
                if (llmgw__str_is_nocase(key, "message"))
                    (void)llmgw__json_string(&json, &message);
                else
                    llmgw__json_skip(&json);
        }
        if (message.data)
            llmgw__jsonw_member_jstr(&w, "message", message);
    }
    llmgw__jsonw_close(&w, '}');
}

void llmgw__bedrock_classify(const struct llmgw__decode *decode,
                             const struct llmgw__frame *frame,
                             struct llmgw__error *error)
{
    const struct llmgw__provider_row *row = decode->target->provider->row;
    struct llmgw__failure failure = {
        .family = row ? row->family : NULL,
        .status = status_of(frame->event),
        .head = decode->head,
        .now_s = decode->now_s,
    };
    struct llmgw__buf body;
    char name[96];

    llmgw__error_copy(name, sizeof name, frame->event);
    llmgw__buf_init(&body, 0);
    write_body(&body, frame, name);
    failure.body = llmgw__buf_str(&body);
    llmgw__error_clear(error);
    llmgw__error_classify(&failure, error);
    error->upstream_status = decode->head ? decode->head->status : 200;
    error->body = (llmgw_str){NULL, 0};
    (void)llmgw__arena_str(decode->arena, frame->data, &error->body);
    llmgw__buf_clear(&body);
}
