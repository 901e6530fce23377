/*
 * provider/anthropic_message.c - the frame of an answer: who answers, why it
 * stopped, what it took; and answers that come whole.
 *
 * Source: Messages API, "Create a Message", "Handling stop reasons".
 * Memory: the message's id and what is said of its end, in the attempt's
 * arena.
 */
#include "anthropic.h"
#include "anthropic_decoder.h"
#include "anthropic_slots.h"
#include "base/jsonwrite.h"

#define MAX_INPUT ((size_t)16 << 20) /* bytes of one custom tool's input */

static const struct {
    const char *reason;
    uint8_t finish;
} finishes[] = {
    {"end_turn", LLMGW_FINISH_STOP},
    {"stop_sequence", LLMGW_FINISH_STOP},
    {"tool_use", LLMGW_FINISH_TOOL_CALLS},
    {"max_tokens", LLMGW_FINISH_LENGTH},
    {"model_context_window_exceeded", LLMGW_FINISH_LENGTH},
    {"refusal", LLMGW_FINISH_CONTENT_FILTER},
};

static llmgw_status tell_refusal(struct llmgw__anthropic_decoder *d,
                                 const struct llmgw__decode *decode);
static llmgw_status tell_replay(struct llmgw__anthropic_decoder *d,
                                const struct llmgw__decode *decode,
                                llmgw_str content);
static uint8_t finish_of(const struct llmgw__anthropic_decoder *d,
                         const struct llmgw__decode *decode);

void llmgw__anthropic_ready(struct llmgw__anthropic_decoder *d)
{
    if (d->ready)
        return;
    d->ready = true;
    llmgw__anthropic_record_init(&d->record);
    llmgw__anthropic_counts_init(&d->counts);
    llmgw__buf_init(&d->input, MAX_INPUT);
}

bool llmgw__anthropic_message_read(struct llmgw__anthropic_message *message,
                                   llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    *message = (struct llmgw__anthropic_message){0};
    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key)) {
        if (LLMGW__ANTHROPIC_IS(key, "type"))
            (void)llmgw__json_string(&json, &message->type);
        else if (LLMGW__ANTHROPIC_IS(key, "id"))
            (void)llmgw__json_string(&json, &message->id);
        else if (LLMGW__ANTHROPIC_IS(key, "model"))
            (void)llmgw__json_string(&json, &message->model);
        else if (LLMGW__ANTHROPIC_IS(key, "stop_reason"))
            (void)llmgw__json_string(&json, &message->stop_reason);
        else if (LLMGW__ANTHROPIC_IS(key, "stop_sequence"))
            (void)llmgw__json_string(&json, &message->stop_sequence);
        else if (LLMGW__ANTHROPIC_IS(key, "stop_details"))
            message->stop_details = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "content") &&
                 llmgw__json_peek(&json) == LLMGW__JSON_ARRAY)
            message->content = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "usage"))
            message->usage = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "error") &&
                 llmgw__json_peek(&json) == LLMGW__JSON_OBJECT)
            message->error = llmgw__json_raw(&json);
        else
            llmgw__json_skip(&json);
    }
    return llmgw__json_end(&json);
}

llmgw_status llmgw__anthropic_begin(struct llmgw__anthropic_decoder *d,
                                    const struct llmgw__decode *decode,
                                    const struct llmgw__anthropic_message *m)
{
    struct llmgw__identity identity = {0};
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_IDENTITY};
    llmgw_status status = LLMGW_OK;

    if (m->id.data)
        status = llmgw__jstr_text(m->id, decode->scratch, &identity.id);
    if (status == LLMGW_OK && m->model.data)
        status = llmgw__jstr_text(m->model, decode->scratch, &identity.model);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(decode->arena, identity.id, &d->id);
    if (status != LLMGW_OK)
        return status;
    d->begun = true;
    identity.service_tier = llmgw__anthropic_tier(m->usage);
    chunk.identity = &identity;
    llmgw__anthropic_counts_read(&d->counts, m->usage);
    return decode->emit(decode->userdata, &chunk);
}

/** What stop_details tells of a refusal. */
struct details {
    struct llmgw__jstr explanation, category;
};

static struct details read_details(llmgw_str raw)
{
    struct details details = {{NULL, 0, false}, {NULL, 0, false}};
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, raw);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key)) {
            if (LLMGW__ANTHROPIC_IS(key, "explanation"))
                (void)llmgw__json_string(&json, &details.explanation);
            else if (LLMGW__ANTHROPIC_IS(key, "category"))
                (void)llmgw__json_string(&json, &details.category);
            else
                llmgw__json_skip(&json);
        }
    return details;
}

/** A text to keep, unless there is one. */
static llmgw_status keep(const struct llmgw__decode *decode,
                         struct llmgw__jstr from, llmgw_str *text)
{
    llmgw_str resolved;
    llmgw_status status;

    if (!from.len || text->len)
        return LLMGW_OK;
    status = llmgw__jstr_text(from, decode->scratch, &resolved);
    return status == LLMGW_OK ? llmgw__arena_str(decode->arena, resolved, text)
                              : status;
}

llmgw_status llmgw__anthropic_stop(struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   struct llmgw__jstr reason,
                                   struct llmgw__jstr sequence,
                                   llmgw_str raw_details)
{
    struct details details = read_details(raw_details);
    llmgw_status status = keep(decode, details.explanation, &d->explanation);

    if (status == LLMGW_OK)
        status = keep(decode, details.category, &d->words);
    if (status == LLMGW_OK)
        status = keep(decode, sequence, &d->words);
    if (status != LLMGW_OK || !reason.data || d->stopped)
        return status;
    d->stopped = true;
    llmgw__error_copy(d->native, sizeof d->native,
                      llmgw__str_n(reason.data, reason.len));
    return LLMGW_OK;
}

llmgw_status
llmgw__anthropic_tell_usage(const struct llmgw__anthropic_decoder *d,
                            const struct llmgw__decode *decode)
{
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};

    llmgw__anthropic_usage(&d->counts, &usage);
    return usage.reported ? decode->emit(decode->userdata, &chunk) : LLMGW_OK;
}

llmgw_status llmgw__anthropic_finish(struct llmgw__anthropic_decoder *d,
                                     const struct llmgw__decode *decode,
                                     llmgw_str content)
{
    struct llmgw__chunk finish = {.kind = LLMGW__CHUNK_FINISH};
    llmgw_status status = tell_refusal(d, decode);

    if (status == LLMGW_OK)
        status = tell_replay(d, decode, content);
    if (status != LLMGW_OK)
        return status;
    d->done = true;
    finish.variant = finish_of(d, decode);
    finish.text = llmgw__str(d->native);
    finish.extra = d->words;
    return decode->emit(decode->userdata, &finish);
}

llmgw_status llmgw__anthropic_tell_error(struct llmgw__anthropic_decoder *d,
                                         const struct llmgw__decode *decode,
                                         llmgw_str json)
{
    struct llmgw__error error;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_ERROR, .error = &error};

    d->failed = true;
    llmgw__error_classify_inband(decode, json, &error);
    return decode->emit(decode->userdata, &chunk);
}

/** A whole answer. */
llmgw_status llmgw__anthropic_body(void *decoder,
                                   const struct llmgw__decode *decode,
                                   llmgw_str body)
{
    struct llmgw__anthropic_decoder *d = decoder;
    struct llmgw__anthropic_message m;
    llmgw_status status;

    llmgw__anthropic_ready(d);
    if (d->done || d->failed || !llmgw__anthropic_message_read(&m, body))
        return LLMGW_E_INVALID;
    if (m.error.len || llmgw__jstr_is(m.type, "error"))
        return llmgw__anthropic_tell_error(d, decode, body);
    if (!m.content.len)
        return LLMGW_E_INVALID;
    d->record.lost = true; /* the blocks are there as they came */
    status = llmgw__anthropic_begin(d, decode, &m);
    if (status == LLMGW_OK)
        status = llmgw__anthropic_blocks(d, decode, m.content);
    if (status == LLMGW_OK)
        status = llmgw__anthropic_stop(d, decode, m.stop_reason,
                                       m.stop_sequence, m.stop_details);
    if (status == LLMGW_OK)
        status = llmgw__anthropic_tell_usage(d, decode);
    if (status == LLMGW_OK)
        status = llmgw__anthropic_finish(d, decode, m.content);
    return status;
}

/* --- the end --- */

static bool stopped_by(const struct llmgw__anthropic_decoder *d,
                       const char *reason)
{
    return strcmp(d->native, reason) == 0;
}

static llmgw_status tell_refusal(struct llmgw__anthropic_decoder *d,
                                 const struct llmgw__decode *decode)
{
    llmgw_str text = d->explanation;

    if (!stopped_by(d, "refusal"))
        return LLMGW_OK;
    if (!text.len)
        text = LLMGW__LIT("The model declined to answer.");
    return llmgw__anthropic_emit(decode, LLMGW__CHUNK_REFUSAL, 0, text);
}

/** The blocks as a whole, where OpenAI's members lose their order. */
static llmgw_status tell_replay(struct llmgw__anthropic_decoder *d,
                                const struct llmgw__decode *decode,
                                llmgw_str content)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_EXTRA,
                                 .variant = LLMGW__EXTRA_REPLAY};
    llmgw_str recorded = llmgw__buf_str(&d->record.blocks);
    bool whole = !llmgw__anthropic_empty(content);
    struct llmgw__buf buf;
    llmgw_status status;

    if (!d->opaque && !stopped_by(d, "pause_turn"))
        return LLMGW_OK;
    if (!whole && (d->record.lost || !recorded.len))
        return LLMGW_OK;
    llmgw__buf_init(&buf, 0);
    llmgw__buf_add_z(&buf, "{\"family\":\"anthropic\",\"content\":");
    llmgw__buf_add_str(&buf, whole ? content : LLMGW__LIT("["));
    if (!whole) {
        llmgw__buf_add_str(&buf, recorded);
        llmgw__buf_add_char(&buf, ']');
    }
    llmgw__buf_add_char(&buf, '}');
    status = buf.status;
    chunk.text = llmgw__buf_str(&buf);
    if (status == LLMGW_OK)
        status = decode->emit(decode->userdata, &chunk);
    llmgw__buf_clear(&buf);
    return status;
}

static uint8_t finish_of(const struct llmgw__anthropic_decoder *d,
                         const struct llmgw__decode *decode)
{
    for (size_t i = 0; i < sizeof finishes / sizeof finishes[0]; i++)
        if (stopped_by(d, finishes[i].reason)) {
            if (finishes[i].finish == LLMGW_FINISH_TOOL_CALLS &&
                decode->memo->json_tool)
                return LLMGW_FINISH_STOP; /* the call was the answer */
            return finishes[i].finish;
        }
    return LLMGW_FINISH_STOP;
}
