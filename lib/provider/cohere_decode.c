/*
 * provider/cohere_decode.c - answers of Cohere's v2 chat.
 *
 * An event is a message in small: what it carries stands at the same places,
 * one object where the message has a list. So events and whole answers are
 * read by the same code. The type in the data decides, not the event's name;
 * "[DONE]" may follow the last one.
 *
 * Source: Cohere's API reference, "Chat" (v2), 2026-08; recorded answers.
 * Memory: a few words for each call and block of text.
 */
#include "cohere.h"
#include "endpoints.h"

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame);
static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body);
static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode);
static void free_answer(void *decoder);
static bool read_record(llmgw_str text, struct llmgw__cohere_record *record);
static void read_members(struct llmgw__json *json,
                         struct llmgw__cohere_record *record, unsigned depth);
static void read_member(struct llmgw__json *json, llmgw_str key,
                        struct llmgw__cohere_record *record);
static void read_message(struct llmgw__json *json,
                         struct llmgw__cohere_record *record, unsigned depth);
static bool is_known(struct llmgw__jstr type);
static void get_ready(struct llmgw__cohere_decoder *d,
                      const struct llmgw__decode *decode);
static llmgw_status tell(const struct llmgw__cohere_reading *r);
static llmgw_status tell_identity(const struct llmgw__cohere_reading *r);
static llmgw_status tell_plan(const struct llmgw__cohere_reading *r);
static llmgw_status tell_complaint(const struct llmgw__cohere_reading *r);

static const char *const extensions[] = {"cohere", NULL};

/* Older models take no choice. */
static uint8_t send_again(const struct llmgw__error *error)
{
    return error->kind == LLMGW_KIND_UNSUPPORTED_PARAMETER &&
                   llmgw__str_find(llmgw__str(error->message),
                                   LLMGW__LIT("tool_choice")) != SIZE_MAX
               ? LLMGW__AGAIN_UNFORCED
               : 0;
}

const struct llmgw__dialect llmgw__dialect_cohere = {
    .name = "cohere",
    .extensions = extensions,
    .encode = llmgw__cohere_encode,
    .decoder_size = sizeof(struct llmgw__cohere_decoder),
    .frame = read_frame,
    .body = read_body,
    .end = end_answer,
    .again = send_again,
    .embed = &llmgw__cohere_embed,
    .models = &llmgw__cohere_list,
    .free = free_answer,
};

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame)
{
    struct llmgw__cohere_decoder *d = decoder;
    struct llmgw__cohere_record record;
    struct llmgw__cohere_reading r = {d, decode, &record, frame->data};

    if (d->ended || llmgw__str_is(llmgw__str_trim(frame->data), "[DONE]"))
        return LLMGW_OK;
    if (!read_record(frame->data, &record))
        return LLMGW_E_INVALID;
    if (record.complaint.data && !record.type.data)
        return tell_complaint(&r);
    if (!is_known(record.type))
        return LLMGW_OK;
    get_ready(d, decode);
    return tell(&r);
}

static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body)
{
    struct llmgw__cohere_decoder *d = decoder;
    struct llmgw__cohere_record record;
    struct llmgw__cohere_reading r = {d, decode, &record, body};

    if (!read_record(body, &record))
        return LLMGW_E_INVALID;
    if (record.complaint.data && !record.finish.data)
        return tell_complaint(&r);
    if (!record.finish.data)
        return LLMGW_E_INVALID;
    get_ready(d, decode);
    return tell(&r);
}

static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode)
{
    const struct llmgw__cohere_decoder *d = decoder;

    (void)decode;
    return d->ended ? LLMGW_OK : LLMGW_E_INVALID;
}

static void free_answer(void *decoder)
{
    struct llmgw__cohere_decoder *d = decoder;

    for (size_t i = 0; i < d->call_count; i++)
        llmgw__buf_clear(&d->calls[i].input);
}

/* Others are there to be ignored. */
static bool is_known(struct llmgw__jstr type)
{
    static const char *const types[] = {
        "content-delta",   "message-start",   "content-start",
        "content-end",     "tool-plan-delta", "tool-call-start",
        "tool-call-delta", "tool-call-end",   "citation-start",
        "citation-end",    "message-end",
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (llmgw__jstr_is(type, types[i]))
            return true;
    return false;
}

static void get_ready(struct llmgw__cohere_decoder *d,
                      const struct llmgw__decode *decode)
{
    const struct llmgw__chat *chat = decode->memo ? decode->memo->chat : NULL;
    bool asked = false;

    if (d->ready)
        return;
    d->ready = true;
    d->logprobs = !chat || chat->logprobs == 1;
    if (chat && llmgw__jdoc_bool(
                    &chat->doc,
                    llmgw__jdoc_get(
                        &chat->doc,
                        llmgw__jdoc_get(&chat->doc, chat->extension, "cohere"),
                        "logprobs"),
                    &asked))
        d->logprobs = asked;
}

/* --- one record --- */

/* @return it is a JSON object */
static bool read_record(llmgw_str text, struct llmgw__cohere_record *record)
{
    struct llmgw__json json;

    *record = (struct llmgw__cohere_record){.index = -1};
    llmgw__json_init(&json, text);
    if (llmgw__json_peek(&json) != LLMGW__JSON_OBJECT)
        return false;
    read_members(&json, record, 0);
    return llmgw__json_end(&json);
}

static void read_members(struct llmgw__json *json,
                         struct llmgw__cohere_record *record, unsigned depth)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (depth < 2 && llmgw__str_is(key, "delta"))
            read_members(json, record, depth + 1);
        else if (depth < 2 && llmgw__str_is(key, "message"))
            read_message(json, record, depth + 1);
        else
            read_member(json, key, record);
}

/* In an error it is a text. */
static void read_message(struct llmgw__json *json,
                         struct llmgw__cohere_record *record, unsigned depth)
{
    if (llmgw__json_peek(json) == LLMGW__JSON_STRING)
        (void)llmgw__json_string(json, &record->complaint);
    else
        read_members(json, record, depth);
}

static void read_member(struct llmgw__json *json, llmgw_str key,
                        struct llmgw__cohere_record *record)
{
    const struct {
        const char *name;
        struct llmgw__jstr *text;
        llmgw_str *raw;
    } rows[] = {
        {"type", &record->type, NULL},
        {"content", NULL, &record->content},
        {"logprobs", NULL, &record->logprobs},
        {"tool_plan", &record->plan, NULL},
        {"tool_calls", NULL, &record->calls},
        {"citations", NULL, &record->citations},
        {"id", &record->id, NULL},
        {"finish_reason", &record->finish, NULL},
        {"usage", NULL, &record->usage},
        {"error", &record->error, NULL},
        {"error_type", &record->error_type, NULL},
    };

    if (llmgw__str_is(key, "index")) {
        (void)llmgw__json_int64(json, &record->index);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!llmgw__str_is(key, rows[i].name))
            continue;
        if (rows[i].text)
            (void)llmgw__json_string(json, rows[i].text);
        else
            *rows[i].raw = llmgw__json_raw(json);
        return;
    }
    llmgw__json_skip(json);
}

/* --- what it says --- */

static llmgw_status tell(const struct llmgw__cohere_reading *r)
{
    const struct llmgw__cohere_record *record = r->record;
    llmgw_status status = tell_identity(r);

    if (status == LLMGW_OK)
        status = tell_plan(r);
    if (status == LLMGW_OK && record->content.len > 0)
        status = llmgw__cohere_content(r);
    if (status == LLMGW_OK && record->calls.len > 0)
        status = llmgw__cohere_calls(r);
    if (status == LLMGW_OK && llmgw__jstr_is(record->type, "tool-call-end"))
        status = llmgw__cohere_call_end(r, record->index);
    if (status == LLMGW_OK && record->citations.len > 0)
        status = llmgw__cohere_citations(r);
    if (status == LLMGW_OK && record->usage.len > 0)
        status = llmgw__cohere_usage(r);
    if (status == LLMGW_OK &&
        (record->finish.data || llmgw__jstr_is(record->type, "message-end")))
        status = llmgw__cohere_finish(r);
    return status;
}

static llmgw_status tell_identity(const struct llmgw__cohere_reading *r)
{
    struct llmgw__identity identity = {.created = 0};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_IDENTITY,
                                 .identity = &identity};
    llmgw_status status;

    if (r->decoder->told || r->record->id.len == 0)
        return LLMGW_OK;
    status = llmgw__jstr_text(r->record->id, r->decode->scratch, &identity.id);
    if (status != LLMGW_OK)
        return status;
    r->decoder->told = true;
    return r->decode->emit(r->decode->userdata, &chunk);
}

/* The model talking to itself before it calls. */
static llmgw_status tell_plan(const struct llmgw__cohere_reading *r)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_REASONING};
    llmgw_status status;

    if (r->record->plan.len == 0)
        return LLMGW_OK;
    status = llmgw__jstr_text(r->record->plan, r->decode->scratch, &chunk.text);
    return status == LLMGW_OK ? r->decode->emit(r->decode->userdata, &chunk)
                              : status;
}

/* An error in place of an answer. */
static llmgw_status tell_complaint(const struct llmgw__cohere_reading *r)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};

    r->decoder->ended = true;
    llmgw__error_clear(&error);
    llmgw__error_classify_inband(r->decode, r->text, &error);
    return r->decode->emit(r->decode->userdata, &chunk);
}
