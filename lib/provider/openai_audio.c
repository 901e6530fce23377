/*
 * provider/openai_audio.c - the audio of an answer: one object, which streams
 * bring in pieces.
 *
 *     {"id"} {"transcript": "…"}… {"data": base64}… {"expires_at"}
 *
 * Each piece of data is base64 of its own, so the bytes are joined, not the
 * texts.
 *
 * Source: OpenAI API, streamed audio of chat completions. Memory: the audio,
 * at most MAX_AUDIO bytes.
 */
#include <string.h>

#include "base/alloc.h"
#include "base/crypto.h"
#include "base/jsonwrite.h"
#include "openai_decode.h"

#define MAX_AUDIO ((size_t)64 * 1024 * 1024)

struct piece {
    struct llmgw__jstr id, data, transcript;
    int64_t expires_at;
};

static void read_piece(struct piece *piece, llmgw_str raw);
static llmgw_status begin(struct llmgw__openai_decoder *decoder,
                          uint16_t choice);
static llmgw_status add(struct llmgw__openai_audio *audio,
                        const struct llmgw__decode *decode,
                        const struct piece *piece);
static void write_audio(const struct llmgw__openai_audio *audio,
                        struct llmgw__buf *data, struct llmgw__buf *out);

llmgw_status llmgw__openai_decode_audio(struct llmgw__openai_decoder *decoder,
                                        const struct llmgw__decode *decode,
                                        uint16_t choice, llmgw_str raw)
{
    llmgw_status status;
    struct piece piece;

    read_piece(&piece, raw);
    if (!piece.id.len && !piece.data.len && !piece.transcript.len &&
        !piece.expires_at)
        return LLMGW_OK;
    if (decoder->whole)
        return llmgw__openai_emit_extra(decode, choice, LLMGW__EXTRA_AUDIO,
                                        raw);
    if (decoder->audio && decoder->audio->choice != choice) {
        status = llmgw__openai_end_audio(decoder, decode);
        if (status != LLMGW_OK)
            return status;
    }
    status = begin(decoder, choice);
    return status == LLMGW_OK ? add(decoder->audio, decode, &piece) : status;
}

llmgw_status llmgw__openai_end_audio(struct llmgw__openai_decoder *decoder,
                                     const struct llmgw__decode *decode)
{
    struct llmgw__openai_audio *audio = decoder->audio;
    struct llmgw__buf out, data;
    llmgw_status status;

    if (!audio)
        return LLMGW_OK;
    llmgw__buf_init(&out, 0);
    llmgw__buf_init(&data, 0);
    write_audio(audio, &data, &out);
    status = data.status != LLMGW_OK ? data.status : out.status;
    if (status == LLMGW_OK)
        status = llmgw__openai_emit_extra(
            decode, audio->choice, LLMGW__EXTRA_AUDIO, llmgw__buf_str(&out));
    llmgw__buf_clear(&data);
    llmgw__buf_clear(&out);
    llmgw__openai_free_audio(decoder);
    return status;
}

void llmgw__openai_free_audio(struct llmgw__openai_decoder *decoder)
{
    if (!decoder->audio)
        return;
    llmgw__buf_clear(&decoder->audio->data);
    llmgw__buf_clear(&decoder->audio->transcript);
    llmgw__free(decoder->audio);
    decoder->audio = NULL;
}

static void read_piece(struct piece *piece, llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    memset(piece, 0, sizeof *piece);
    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return;
    while (llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "id"))
            llmgw__json_string(&json, &piece->id);
        else if (llmgw__str_is(key, "data"))
            llmgw__json_string(&json, &piece->data);
        else if (llmgw__str_is(key, "transcript"))
            llmgw__json_string(&json, &piece->transcript);
        else if (llmgw__str_is(key, "expires_at"))
            llmgw__json_int64(&json, &piece->expires_at);
        else
            llmgw__json_skip(&json);
}

static llmgw_status begin(struct llmgw__openai_decoder *decoder,
                          uint16_t choice)
{
    if (decoder->audio)
        return LLMGW_OK;
    decoder->audio = llmgw__calloc(1, sizeof *decoder->audio);
    if (!decoder->audio)
        return LLMGW_E_NOMEM;
    decoder->audio->choice = choice;
    llmgw__buf_init(&decoder->audio->data, MAX_AUDIO);
    llmgw__buf_init(&decoder->audio->transcript, MAX_AUDIO);
    return LLMGW_OK;
}

static llmgw_status add(struct llmgw__openai_audio *audio,
                        const struct llmgw__decode *decode,
                        const struct piece *piece)
{
    llmgw_status status = LLMGW_OK;
    llmgw_str text;

    if (piece->expires_at)
        audio->expires_at = piece->expires_at;
    if (piece->id.len && !audio->id.len) {
        status = llmgw__jstr_text(piece->id, decode->scratch, &text);
        if (status == LLMGW_OK)
            status = llmgw__arena_str(decode->arena, text, &audio->id);
    }
    if (piece->transcript.len && status == LLMGW_OK) {
        status = llmgw__jstr_text(piece->transcript, decode->scratch, &text);
        if (status == LLMGW_OK)
            llmgw__buf_add_str(&audio->transcript, text);
    }
    if (piece->data.len && status == LLMGW_OK) {
        status = llmgw__jstr_text(piece->data, decode->scratch, &text);
        if (status == LLMGW_OK)
            status = llmgw__base64_decode(&audio->data, text);
    }
    return status != LLMGW_OK ? status : audio->transcript.status;
}

static void write_audio(const struct llmgw__openai_audio *audio,
                        struct llmgw__buf *data, struct llmgw__buf *out)
{
    struct llmgw__jsonw w;

    llmgw__base64_encode(data, llmgw__buf_str(&audio->data));
    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    if (audio->id.len)
        llmgw__jsonw_member_str(&w, "id", audio->id);
    if (audio->expires_at)
        llmgw__jsonw_member_int(&w, "expires_at", audio->expires_at);
    llmgw__jsonw_member_str(&w, "data", llmgw__buf_str(data));
    llmgw__jsonw_member_str(&w, "transcript",
                            llmgw__buf_str(&audio->transcript));
    llmgw__jsonw_close(&w, '}');
}
