/*
 * provider/gemini_media_out.c - images and sound in an answer.
 *
 * An image is told as it comes, as a part with a data URL. Sound comes in
 * pieces of raw samples, each its own base64: the bytes are put together and
 * told once. Memory: the bytes of the sound, held to a limit.
 */
#include "base/crypto.h"
#include "gemini_reading.h"

enum {
    MAX_SOUND = 256 * 1024 * 1024
};

/* All raw. */
struct image {
    struct llmgw__jstr type;
    struct llmgw__jstr data;
    struct llmgw__jstr signature; /* len 0: none */
};

static llmgw_status tell_image(const struct llmgw__gemini_reading *r,
                               const struct llmgw__gemini_choice *choice,
                               const struct image *image);
static llmgw_status keep_sound(const struct llmgw__gemini_reading *r,
                               struct llmgw__gemini_choice *choice,
                               struct llmgw__jstr type,
                               struct llmgw__jstr data);
static bool is_kind(struct llmgw__jstr type, const char *kind);

llmgw_status llmgw__gemini_inline(const struct llmgw__gemini_reading *r,
                                  struct llmgw__gemini_choice *choice,
                                  llmgw_str text, struct llmgw__jstr signature)
{
    struct llmgw__jstr type = {"", 0, false}, data = {"", 0, false};
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return LLMGW_OK;
    while (llmgw__json_key(&json, &key))
        if (LLMGW__GEMINI_KEY(key, "mimeType"))
            llmgw__json_string(&json, &type);
        else if (LLMGW__GEMINI_KEY(key, "data"))
            llmgw__json_string(&json, &data);
        else
            llmgw__json_skip(&json);
    if (data.len == 0)
        return LLMGW_OK;
    choice->any = true;
    if (is_kind(type, "image")) {
        choice->visible = true;
        return tell_image(r, choice, &(struct image){type, data, signature});
    }
    if (is_kind(type, "audio"))
        return keep_sound(r, choice, type, data);
    return LLMGW_OK; /* nothing else has a place in a message */
}

/* Also with its slash escaped. */
static bool is_kind(struct llmgw__jstr type, const char *kind)
{
    size_t len = strlen(kind);

    return type.len > len && memcmp(type.data, kind, len) == 0 &&
           (type.data[len] == '/' || type.data[len] == '\\');
}

/* Its signature goes beside it, as a call's does. */
static llmgw_status tell_image(const struct llmgw__gemini_reading *r,
                               const struct llmgw__gemini_choice *choice,
                               const struct image *image)
{
    static const char before[] =
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:";
    static const char mark[] =
        "},\"extra_content\":{\"google\":{\"thought_signature\":\"";
    const bool is_signed = image->signature.len > 0;
    const llmgw_str pieces[] = {
        {before, sizeof before - 1},
        {image->type.data, image->type.len},
        LLMGW__LIT(";base64,"),
        {image->data.data, image->data.len},
        LLMGW__LIT("\""),
        {mark, is_signed ? sizeof mark - 1 : 0},
        {image->signature.data, image->signature.len},
        {"\"}}}", is_signed ? 4 : 0},
        {"}}", is_signed ? 0 : 2},
    };
    const size_t count = sizeof pieces / sizeof *pieces;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_EXTRA,
                                 .variant = LLMGW__EXTRA_IMAGE,
                                 .choice = choice->index};
    size_t len = 0;
    char *text;

    for (size_t i = 0; i < count; i++)
        len += pieces[i].len;
    text = llmgw__arena_alloc(r->decode->scratch, len);
    if (!text)
        return LLMGW_E_NOMEM;
    chunk.text = llmgw__str_n(text, len);
    for (size_t i = 0; i < count; i++) {
        if (pieces[i].len > 0)
            memcpy(text, pieces[i].data, pieces[i].len);
        text += pieces[i].len;
    }
    return r->decode->emit(r->decode->userdata, &chunk);
}

static llmgw_status keep_sound(const struct llmgw__gemini_reading *r,
                               struct llmgw__gemini_choice *choice,
                               struct llmgw__jstr type, struct llmgw__jstr data)
{
    llmgw_str base64;
    llmgw_status status = llmgw__jstr_text(data, r->decode->scratch, &base64);

    if (status == LLMGW_OK)
        status = llmgw__gemini_keep(&choice->sound,
                                    llmgw__str_n(type.data, type.len),
                                    r->decode->arena);
    if (status != LLMGW_OK)
        return status;
    choice->visible = true;
    choice->audio.limit = MAX_SOUND;
    return llmgw__base64_decode(&choice->audio, base64);
}
