/*
 * provider/openai_text.c - the text of an answer: a string, or an array of
 * parts that mixes text, thinking, refusal and images, or an object where an
 * answer in JSON comes parsed.
 *
 * Source: OpenAI API description 2.3.0; Mistral's content chunks. Memory: the
 * scratch arena, for strings with escapes.
 */
#include <string.h>

#include "openai_decode.h"

/* One part, as views. */
struct part {
    struct llmgw__jstr type, text, refusal;
    struct llmgw__json thinking; /* stands at the value */
    bool has_thinking;
};

static llmgw_status tell_string(const struct llmgw__decode *decode,
                                uint16_t index, uint8_t kind,
                                struct llmgw__jstr text, llmgw_str logprobs);
static llmgw_status tell_parts(const struct llmgw__decode *decode,
                               uint16_t index, llmgw_str parts);
static void read_part(struct llmgw__json *json, struct part *part);
static llmgw_status tell_part(const struct llmgw__decode *decode,
                              uint16_t index, const struct part *part,
                              llmgw_str raw);
static llmgw_status tell_thinking(const struct llmgw__decode *decode,
                                  uint16_t index, struct llmgw__json json);

static llmgw_status tell_string(const struct llmgw__decode *decode,
                                uint16_t index, uint8_t kind,
                                struct llmgw__jstr text, llmgw_str logprobs)
{
    struct llmgw__chunk chunk = {
        .kind = kind, .choice = index, .extra = logprobs};
    llmgw_status status;

    if (!text.len && !logprobs.len)
        return LLMGW_OK;
    status = llmgw__jstr_text(text, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

/* Log probabilities ride on the text they belong to; half a character has
 * them and no text. */
llmgw_status llmgw__openai_decode_text(const struct llmgw__decode *decode,
                                       uint16_t index,
                                       const struct llmgw__openai_delta *from,
                                       llmgw_str logprobs)
{
    struct llmgw__jstr text = from->content.text;
    llmgw_str raw = from->content.raw, none = {NULL, 0};
    bool refuses = from->refusal.len && !text.len;
    llmgw_status status = LLMGW_OK;

    if (!text.data)
        text = (struct llmgw__jstr){"", 0, false};
    if (!refuses)
        status = tell_string(decode, index, LLMGW__CHUNK_TEXT, text, logprobs);
    if (status == LLMGW_OK && raw.len && raw.data[0] == '[')
        status = tell_parts(decode, index, raw);
    else if (status == LLMGW_OK && raw.len && raw.data[0] == '{')
        status = llmgw__openai_emit(
            decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_TEXT,
                                           .choice = index,
                                           .text = raw});
    if (status == LLMGW_OK && from->refusal.len)
        status = tell_string(decode, index, LLMGW__CHUNK_REFUSAL, from->refusal,
                             refuses ? logprobs : none);
    return status;
}

/* --- content as an array of parts --- */

static void read_part(struct llmgw__json *json, struct part *part)
{
    llmgw_str key;

    memset(part, 0, sizeof *part);
    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, "type")) {
            llmgw__json_string(json, &part->type);
        } else if (llmgw__str_is(key, "text")) {
            llmgw__json_string(json, &part->text);
        } else if (llmgw__str_is(key, "refusal")) {
            llmgw__json_string(json, &part->refusal);
        } else {
            if (llmgw__str_is(key, "thinking")) {
                part->thinking = *json;
                part->has_thinking = true;
            }
            llmgw__json_skip(json);
        }
    }
}

/* thinking: a text, or texts in parts of their own. */
static llmgw_status tell_thinking(const struct llmgw__decode *decode,
                                  uint16_t index, struct llmgw__json json)
{
    llmgw_str none = {NULL, 0};
    struct llmgw__jstr text = {NULL, 0, false};
    llmgw_status status = LLMGW_OK;

    if (llmgw__json_peek(&json) == LLMGW__JSON_STRING) {
        llmgw__json_string(&json, &text);
        return tell_string(decode, index, LLMGW__CHUNK_REASONING, text, none);
    }
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct part part;

        read_part(&json, &part);
        status =
            tell_string(decode, index, LLMGW__CHUNK_REASONING, part.text, none);
    }
    return status;
}

static llmgw_status tell_part(const struct llmgw__decode *decode,
                              uint16_t index, const struct part *part,
                              llmgw_str raw)
{
    llmgw_str none = {NULL, 0};

    if (part->has_thinking)
        return tell_thinking(decode, index, part->thinking);
    if (part->refusal.len)
        return tell_string(decode, index, LLMGW__CHUNK_REFUSAL, part->refusal,
                           none);
    if (llmgw__jstr_is(part->type, "image_url"))
        return llmgw__openai_emit_extra(decode, index, LLMGW__EXTRA_IMAGE, raw);
    return tell_string(decode, index, LLMGW__CHUNK_TEXT, part->text, none);
}

static llmgw_status tell_parts(const struct llmgw__decode *decode,
                               uint16_t index, llmgw_str parts)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;

    llmgw__json_init(&json, parts);
    llmgw__json_array(&json);
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct llmgw__json at = json;
        struct part part;

        read_part(&json, &part);
        status = tell_part(decode, index, &part, llmgw__json_raw(&at));
    }
    return status;
}
