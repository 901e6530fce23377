/*
 * provider/openai_calls.c - tool calls of an answer, put together from pieces.
 *
 * A piece belongs to the call of its index. Services differ: the index is
 * missing, two calls share one, the id is repeated, empty or never sent, the
 * name comes again with every piece. So:
 *
 *     index told    the call last seen at it, unless the id is another's
 *     no index      the call of that id; a new one where an id or a name
 *                   stands; else the call before
 *
 * Source: recorded traffic of 45 services. Memory: one entry a call, at most
 * LLMGW__OPENAI_MAX_CALLS, with its id in the attempt's arena; the input of an
 * emulated custom tool, up to MAX_INPUT.
 */
#include <string.h>

#include "base/alloc.h"
#include "openai_decode.h"

#define MAX_INPUT ((size_t)64 * 1024 * 1024) /* bytes of one tool's input */

static llmgw_status tell_call(struct llmgw__openai_decoder *decoder,
                              const struct llmgw__decode *decode,
                              uint16_t choice,
                              const struct llmgw__openai_call_delta *delta);
static struct llmgw__openai_call *
find_call(struct llmgw__openai_decoder *decoder, uint16_t choice,
          const struct llmgw__openai_call_delta *delta, llmgw_str id,
          bool named);
static llmgw_status add_call(struct llmgw__openai_decoder *decoder,
                             uint16_t choice, int64_t wire,
                             struct llmgw__openai_call **out);
static llmgw_status start_call(struct llmgw__openai_call *call,
                               const struct llmgw__decode *decode,
                               llmgw_str name);
static llmgw_status tell_arguments(struct llmgw__openai_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   struct llmgw__openai_call *call,
                                   const struct llmgw__openai_value *value);
static bool is_emulated(const struct llmgw__decode *decode, llmgw_str name);
static llmgw_status emit_arguments(const struct llmgw__decode *decode,
                                   const struct llmgw__openai_call *call,
                                   llmgw_str text, bool complete);
static llmgw_status tell_kept(const struct llmgw__decode *decode,
                              const struct llmgw__openai_call *call);

llmgw_status llmgw__openai_decode_calls(struct llmgw__openai_decoder *decoder,
                                        const struct llmgw__decode *decode,
                                        uint16_t choice,
                                        const struct llmgw__openai_delta *from)
{
    struct llmgw__openai_call_delta delta;
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;

    if (from->tool_calls.len) {
        llmgw__json_init(&json, from->tool_calls);
        if (llmgw__json_array(&json))
            while (status == LLMGW_OK && llmgw__json_item(&json))
                if (llmgw__openai_read_call(&json, &delta))
                    status = tell_call(decoder, decode, choice, &delta);
    }
    if (from->function_call.len && status == LLMGW_OK) { /* the old form */
        memset(&delta, 0, sizeof delta);
        llmgw__json_init(&json, from->function_call);
        delta.function.present =
            llmgw__openai_read_function(&json, &delta.function);
        if (delta.function.name.len || delta.function.arguments.text.len)
            status = tell_call(decoder, decode, choice, &delta);
    }
    return status;
}

llmgw_status llmgw__openai_end_calls(struct llmgw__openai_decoder *decoder,
                                     const struct llmgw__decode *decode)
{
    llmgw_status status = LLMGW_OK;

    for (size_t i = 0; i < decoder->call_count && status == LLMGW_OK; i++) {
        struct llmgw__openai_call *call = &decoder->calls[i];

        if (!call->started)
            status = start_call(call, decode, (llmgw_str){"", 0});
        if (call->emulated && status == LLMGW_OK)
            status = tell_kept(decode, call);
    }
    return status;
}

void llmgw__openai_free_calls(struct llmgw__openai_decoder *decoder)
{
    for (size_t i = 0; i < decoder->call_count; i++)
        llmgw__buf_clear(&decoder->calls[i].kept);
    llmgw__free(decoder->calls);
    decoder->calls = NULL;
    decoder->call_count = 0;
}

static llmgw_status tell_call(struct llmgw__openai_decoder *decoder,
                              const struct llmgw__decode *decode,
                              uint16_t choice,
                              const struct llmgw__openai_call_delta *delta)
{
    bool custom =
        delta->custom.name.len ||
        (delta->custom.present && llmgw__jstr_is(delta->type, "custom"));
    const struct llmgw__openai_function *function =
        custom || (delta->custom.present && !delta->function.present)
            ? &delta->custom
            : &delta->function;
    struct llmgw__openai_call *call;
    llmgw_str id = {NULL, 0}, name = {NULL, 0};
    llmgw_status status = LLMGW_OK;

    if (delta->id.len)
        status = llmgw__jstr_text(delta->id, decode->scratch, &id);
    if (status == LLMGW_OK && function->name.len)
        status = llmgw__jstr_text(function->name, decode->scratch, &name);
    if (status != LLMGW_OK)
        return status;
    call = find_call(decoder, choice, delta, id, name.len > 0);
    if (!call) {
        status = add_call(decoder, choice, delta->index, &call);
        if (status != LLMGW_OK)
            return status;
        call->custom = custom;
    }
    if (id.len && !call->id.len && !call->started)
        status = llmgw__arena_str(decode->arena, id, &call->id);
    if (delta->extra.len && !call->started && status == LLMGW_OK)
        status = llmgw__arena_str(decode->arena, delta->extra, &call->extra);
    if (name.len && !call->started && status == LLMGW_OK)
        status = start_call(call, decode, name);
    return status == LLMGW_OK
               ? tell_arguments(decoder, decode, call, &function->arguments)
               : status;
}

/* --- whose piece is it --- */

static struct llmgw__openai_call *last_of(struct llmgw__openai_decoder *decoder,
                                          uint16_t choice)
{
    for (size_t i = decoder->call_count; i > 0; i--)
        if (decoder->calls[i - 1].choice == choice)
            return &decoder->calls[i - 1];
    return NULL;
}

static struct llmgw__openai_call *by_id(struct llmgw__openai_decoder *decoder,
                                        uint16_t choice, llmgw_str id)
{
    for (size_t i = decoder->call_count; i > 0 && id.len; i--)
        if (decoder->calls[i - 1].choice == choice &&
            llmgw__str_eq(decoder->calls[i - 1].id, id))
            return &decoder->calls[i - 1];
    return NULL;
}

static struct llmgw__openai_call *
by_index(struct llmgw__openai_decoder *decoder, uint16_t choice, int64_t wire)
{
    for (size_t i = decoder->call_count; i > 0; i--)
        if (decoder->calls[i - 1].choice == choice &&
            decoder->calls[i - 1].wire == wire)
            return &decoder->calls[i - 1];
    return NULL;
}

static struct llmgw__openai_call *
find_call(struct llmgw__openai_decoder *decoder, uint16_t choice,
          const struct llmgw__openai_call_delta *delta, llmgw_str id,
          bool named)
{
    struct llmgw__openai_call *call;

    if (delta->index < 0) {
        call = by_id(decoder, choice, id);
        if (call || id.len || named)
            return call;
        return last_of(decoder, choice);
    }
    call = by_index(decoder, choice, delta->index);
    if (call && (!id.len || !call->id.len || llmgw__str_eq(call->id, id)))
        return call;
    if (call || !named) /* two calls at one index, or one at two */
        return by_id(decoder, choice, id);
    return NULL;
}

static llmgw_status add_call(struct llmgw__openai_decoder *decoder,
                             uint16_t choice, int64_t wire,
                             struct llmgw__openai_call **out)
{
    struct llmgw__openai_call *last = last_of(decoder, choice);
    uint32_t index = last ? last->index + 1 : 0;
    void *calls = decoder->calls;

    if (decoder->call_count == LLMGW__OPENAI_MAX_CALLS)
        return LLMGW_E_INVALID;
    if (llmgw__grow(&calls, &decoder->call_cap, decoder->call_count + 1,
                    sizeof **out) != 0)
        return LLMGW_E_NOMEM;
    decoder->calls = calls;
    *out = &decoder->calls[decoder->call_count++];
    **out = (struct llmgw__openai_call){
        .choice = choice, .wire = wire < 0 ? index : wire, .index = index};
    llmgw__buf_init(&(*out)->kept, MAX_INPUT);
    return LLMGW_OK;
}

/* --- what is told of it --- */

static llmgw_status start_call(struct llmgw__openai_call *call,
                               const struct llmgw__decode *decode,
                               llmgw_str name)
{
    call->started = true;
    call->emulated = !call->custom && is_emulated(decode, name);
    call->custom |= call->emulated;
    return llmgw__openai_emit(
        decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_TOOL_START,
                                       .variant = call->custom,
                                       .choice = call->choice,
                                       .index = call->index,
                                       .id = call->id,
                                       .name = name,
                                       .extra = call->extra});
}

/* A text, or an object where somebody sends it parsed. */
static llmgw_status tell_arguments(struct llmgw__openai_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   struct llmgw__openai_call *call,
                                   const struct llmgw__openai_value *value)
{
    llmgw_str text = value->raw;
    llmgw_status status = LLMGW_OK;

    if (value->text.len)
        status = llmgw__jstr_text(value->text, decode->scratch, &text);
    if (status != LLMGW_OK || !text.len)
        return status;
    if (!call->started)
        status = start_call(call, decode, (llmgw_str){"", 0});
    if (status != LLMGW_OK)
        return status;
    if (!call->emulated)
        return emit_arguments(decode, call, text, decoder->whole);
    llmgw__buf_add_str(&call->kept, text);
    return call->kept.status;
}

static llmgw_status emit_arguments(const struct llmgw__decode *decode,
                                   const struct llmgw__openai_call *call,
                                   llmgw_str text, bool complete)
{
    return llmgw__openai_emit(
        decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_TOOL_ARGS,
                                       .variant = complete,
                                       .choice = call->choice,
                                       .index = call->index,
                                       .text = text});
}

/* Did the encoder make a function of this custom tool? */
static bool is_emulated(const struct llmgw__decode *decode, llmgw_str name)
{
    const struct llmgw__chat *chat = decode->memo->chat;
    llmgw_str text;

    if (!decode->memo->custom_any || !chat)
        return false;
    for (size_t i = 0; i < chat->tool_count; i++)
        if (chat->tools[i].type == LLMGW__TOOL_CUSTOM &&
            llmgw__jstr_text(chat->tools[i].name, decode->scratch, &text) ==
                LLMGW_OK &&
            llmgw__str_eq(text, name))
            return true;
    return false;
}

/* {"input": "…"} -> the input; what is no such thing goes out as it came. */
static llmgw_status tell_kept(const struct llmgw__decode *decode,
                              const struct llmgw__openai_call *call)
{
    llmgw_str text = llmgw__buf_str(&call->kept), key;
    struct llmgw__jstr input = {NULL, 0, false};
    struct llmgw__json json;

    llmgw__json_init(&json, text);
    llmgw__json_object(&json);
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "input"))
            llmgw__json_string(&json, &input);
        else
            llmgw__json_skip(&json);
    }
    if (input.data && llmgw__json_end(&json)) {
        llmgw_status status = llmgw__jstr_text(input, decode->scratch, &text);

        if (status != LLMGW_OK)
            return status;
    }
    return emit_arguments(decode, call, text, true);
}
