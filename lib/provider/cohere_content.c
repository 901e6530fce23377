/*
 * provider/cohere_content.c - blocks of an answer: text and thinking; the
 * logprobs beside them; calls.
 *
 * A block's first piece may come with its start. Arguments come in pieces; a
 * call without any says "null", an empty text, or nothing.
 *
 * Memory: the input of a custom tool, until it is complete.
 */
#include <stdio.h>

#include "cohere.h"

/* Of one call's arguments, kept. */
#define MAX_INPUT ((size_t)64 << 20)

struct piece {
    struct llmgw__jstr id;
    struct llmgw__jstr name;
    struct llmgw__jstr arguments;
};

static llmgw_status tell_block(const struct llmgw__cohere_reading *r,
                               struct llmgw__json *json, int64_t index,
                               llmgw_str *logprobs);
static llmgw_status note_block(const struct llmgw__cohere_reading *r,
                               int64_t index, llmgw_str text);
static int64_t count_chars(llmgw_str text);
static llmgw_status tell_call(const struct llmgw__cohere_reading *r,
                              struct llmgw__json *json, int64_t index);
static void read_piece(struct llmgw__json *json, struct piece *piece);
static llmgw_status begin_call(const struct llmgw__cohere_reading *r,
                               const struct piece *piece, int64_t index);
static llmgw_status name_of(const struct llmgw__cohere_reading *r,
                            struct llmgw__jstr raw, llmgw_str *name);
static llmgw_status tell_arguments(const struct llmgw__cohere_reading *r,
                                   struct llmgw__jstr raw, int64_t index);
static struct llmgw__cohere_call *call_of(const struct llmgw__cohere_decoder *d,
                                          int64_t index);

/* --- text and thinking --- */

llmgw_status llmgw__cohere_content(const struct llmgw__cohere_reading *r)
{
    struct llmgw__json json;
    llmgw_str logprobs = {NULL, 0};
    llmgw_status status = LLMGW_OK;

    if (r->decoder->logprobs && r->record->logprobs.len > 0)
        status = llmgw__cohere_logprobs(r, &logprobs);
    llmgw__json_init(&json, r->record->content);
    if (llmgw__json_peek(&json) != LLMGW__JSON_ARRAY)
        return status == LLMGW_OK
                   ? tell_block(r, &json, r->record->index, &logprobs)
                   : status;
    (void)llmgw__json_array(&json);
    for (int64_t i = 0; status == LLMGW_OK && llmgw__json_item(&json); i++)
        status = tell_block(r, &json, i, &logprobs);
    return status;
}

static llmgw_status tell_block(const struct llmgw__cohere_reading *r,
                               struct llmgw__json *json, int64_t index,
                               llmgw_str *logprobs)
{
    struct llmgw__jstr text = {NULL, 0, false}, thinking = text;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TEXT};
    llmgw_status status;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return LLMGW_OK;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "text"))
            (void)llmgw__json_string(json, &text);
        else if (llmgw__str_is(key, "thinking"))
            (void)llmgw__json_string(json, &thinking);
        else
            llmgw__json_skip(json);
    if (thinking.len > 0) {
        chunk.kind = LLMGW__CHUNK_REASONING;
        text = thinking;
    }
    if (text.len == 0 && (logprobs->len == 0 || !text.data))
        return LLMGW_OK;
    status = llmgw__jstr_text(text, r->decode->scratch, &chunk.text);
    if (status == LLMGW_OK && chunk.kind == LLMGW__CHUNK_TEXT) {
        chunk.extra = *logprobs;
        logprobs->len = 0;
        status = note_block(r, index, chunk.text);
    }
    return status == LLMGW_OK ? r->decode->emit(r->decode->userdata, &chunk)
                              : status;
}

/* Citations count from the beginning of their block. */
static llmgw_status note_block(const struct llmgw__cohere_reading *r,
                               int64_t index, llmgw_str text)
{
    struct llmgw__cohere_decoder *d = r->decoder;

    if (d->block_count == 0 || d->blocks[d->block_count - 1].index != index) {
        if (llmgw__arena_grow(r->decode->arena, (void **)&d->blocks,
                              &d->block_cap, d->block_count + 1,
                              sizeof *d->blocks))
            return LLMGW_E_NOMEM;
        d->blocks[d->block_count].index = index;
        d->blocks[d->block_count++].start = d->chars;
    }
    d->chars += count_chars(text);
    return LLMGW_OK;
}

/* Two halves of a pair, each in three bytes, are one. */
static int64_t count_chars(llmgw_str text)
{
    int64_t count = 0;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        bool second = c == 0xED && i + 1 < text.len &&
                      (unsigned char)text.data[i + 1] >= 0xB0;

        count += (c & 0xC0) != 0x80 && !second;
    }
    return count;
}

/* --- calls --- */

llmgw_status llmgw__cohere_calls(const struct llmgw__cohere_reading *r)
{
    struct llmgw__json json;
    llmgw_status status = LLMGW_OK;

    llmgw__json_init(&json, r->record->calls);
    if (llmgw__json_peek(&json) != LLMGW__JSON_ARRAY)
        return tell_call(r, &json, r->record->index);
    (void)llmgw__json_array(&json);
    for (int64_t i = 0; status == LLMGW_OK && llmgw__json_item(&json); i++) {
        status = tell_call(r, &json, i);
        if (status == LLMGW_OK)
            status = llmgw__cohere_call_end(r, i);
    }
    return status;
}

static llmgw_status tell_call(const struct llmgw__cohere_reading *r,
                              struct llmgw__json *json, int64_t index)
{
    struct piece piece = {.id = {NULL, 0, false}};
    llmgw_status status = LLMGW_OK;

    if (llmgw__json_peek(json) != LLMGW__JSON_OBJECT) {
        llmgw__json_skip(json);
        return LLMGW_OK;
    }
    read_piece(json, &piece);
    if (piece.name.len > 0)
        status = begin_call(r, &piece, index);
    if (status == LLMGW_OK && piece.arguments.len > 0)
        status = tell_arguments(r, piece.arguments, index);
    return status;
}

static void read_piece(struct llmgw__json *json, struct piece *piece)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "id"))
            (void)llmgw__json_string(json, &piece->id);
        else if (llmgw__str_is(key, "name"))
            (void)llmgw__json_string(json, &piece->name);
        else if (llmgw__str_is(key, "arguments"))
            (void)llmgw__json_string(json, &piece->arguments);
        else if (llmgw__str_is(key, "function") && !piece->name.data)
            read_piece(json, piece);
        else
            llmgw__json_skip(json);
}

static llmgw_status begin_call(const struct llmgw__cohere_reading *r,
                               const struct piece *piece, int64_t index)
{
    struct llmgw__cohere_decoder *d = r->decoder;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_START,
                                 .index = (uint32_t)index};
    struct llmgw__cohere_call *call;
    llmgw_status status = name_of(r, piece->name, &chunk.name);

    if (status == LLMGW_OK && piece->id.len > 0)
        status = llmgw__jstr_text(piece->id, r->decode->scratch, &chunk.id);
    if (status != LLMGW_OK)
        return status;
    if (llmgw__arena_grow(r->decode->arena, (void **)&d->calls, &d->call_cap,
                          d->call_count + 1, sizeof *d->calls))
        return LLMGW_E_NOMEM;
    chunk.variant = llmgw__calls_custom(r->decode, chunk.name);
    call = &d->calls[d->call_count++];
    *call = (struct llmgw__cohere_call){.index = index,
                                        .custom = chunk.variant == 1};
    llmgw__buf_init(&call->input, MAX_INPUT);
    return r->decode->emit(r->decode->userdata, &chunk);
}

/* As the host named the tool. */
static llmgw_status name_of(const struct llmgw__cohere_reading *r,
                            struct llmgw__jstr raw, llmgw_str *name)
{
    const struct llmgw__decode *decode = r->decode;
    const struct llmgw__chat *chat = decode->memo ? decode->memo->chat : NULL;
    struct llmgw__cohere_decoder *d = r->decoder;
    llmgw_status status = llmgw__jstr_text(raw, decode->scratch, name);

    if (status == LLMGW_OK && chat && !d->named)
        status = llmgw__cohere_names(chat, decode->arena, &d->names);
    if (status != LLMGW_OK)
        return status;
    d->named = true;
    for (size_t i = 0; chat && d->names && i < chat->tool_count; i++)
        if (llmgw__str_eq(d->names[i], *name))
            return llmgw__jstr_text(chat->tools[i].name, decode->scratch, name);
    return LLMGW_OK;
}

static llmgw_status tell_arguments(const struct llmgw__cohere_reading *r,
                                   struct llmgw__jstr raw, int64_t index)
{
    struct llmgw__cohere_call *call = call_of(r->decoder, index);
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS,
                                 .index = (uint32_t)index};
    llmgw_status status;

    if (!call)
        return LLMGW_E_INVALID;
    if (!call->any && llmgw__jstr_is(raw, "null"))
        return LLMGW_OK;
    call->any = true;
    status = llmgw__jstr_text(raw, r->decode->scratch, &chunk.text);
    if (status != LLMGW_OK || !call->custom)
        return status == LLMGW_OK ? r->decode->emit(r->decode->userdata, &chunk)
                                  : status;
    llmgw__buf_add_str(&call->input, chunk.text);
    return call->input.status;
}

llmgw_status llmgw__cohere_call_end(const struct llmgw__cohere_reading *r,
                                    int64_t index)
{
    struct llmgw__cohere_call *call = call_of(r->decoder, index);
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS,
                                 .variant = 1, /* all of them */
                                 .index = (uint32_t)index};
    llmgw_status status = LLMGW_OK;

    if (!call)
        return LLMGW_OK;
    if (call->custom)
        status = llmgw__calls_input(r->decode, llmgw__buf_str(&call->input),
                                    &chunk.text);
    if (status == LLMGW_OK)
        status = r->decode->emit(r->decode->userdata, &chunk);
    call->custom = false;
    return status;
}

/* The latest of that index. */
static struct llmgw__cohere_call *call_of(const struct llmgw__cohere_decoder *d,
                                          int64_t index)
{
    for (size_t i = d->call_count; i > 0; i--)
        if (d->calls[i - 1].index == index)
            return &d->calls[i - 1];
    return NULL;
}
