/*
 * provider/openai_extras.c - what an answer carries beside its text: reasoning,
 * opaque reasoning entries, annotations, images, log probabilities.
 *
 * Source: OpenAI API description 2.3.0; OpenRouter's reasoning_details.
 * Memory: the scratch arena.
 */
#include <string.h>

#include "base/jsonwrite.h"
#include "openai_decode.h"

/** An annotation whose members stand in it, not in its url_citation. */
struct citation {
    struct llmgw__jstr url, title;
    int64_t start, end;
};

static llmgw_status tell_reasoning(const struct llmgw__decode *decode,
                                   uint16_t choice, struct llmgw__jstr text);
static llmgw_status tell_details(const struct llmgw__decode *decode,
                                 uint16_t choice, llmgw_str raw,
                                 bool with_text);
static llmgw_status tell_detail(const struct llmgw__decode *decode,
                                uint16_t choice,
                                const struct llmgw__openai_detail *detail,
                                uint32_t index);
static llmgw_status tell_items(const struct llmgw__decode *decode,
                               uint16_t choice, uint8_t member, llmgw_str raw);
static llmgw_status tell_item(const struct llmgw__decode *decode,
                              uint16_t choice, uint8_t member, llmgw_str raw);
static bool is_flat(struct citation *citation, llmgw_str raw);
static void write_citation(const struct citation *citation,
                           struct llmgw__buf *out);

/* The same text may stand in two spellings at once, and in the details a third
 * time: the first that is not empty is the one. */
llmgw_status
llmgw__openai_decode_reasoning(const struct llmgw__decode *decode,
                               uint16_t choice,
                               const struct llmgw__openai_delta *from)
{
    struct llmgw__jstr text = from->reasoning_content;
    llmgw_status status = LLMGW_OK;

    if (!text.len)
        text = from->reasoning;
    if (!text.len)
        text = from->thinking;
    if (text.len)
        status = tell_reasoning(decode, choice, text);
    if (status == LLMGW_OK && from->details.len)
        status = tell_details(decode, choice, from->details, !text.len);
    return status;
}

static llmgw_status tell_reasoning(const struct llmgw__decode *decode,
                                   uint16_t choice, struct llmgw__jstr text)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_REASONING,
                                 .choice = choice};
    llmgw_status status = llmgw__jstr_text(text, decode->scratch, &chunk.text);

    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

/* --- reasoning_details --- */

static llmgw_status tell_details(const struct llmgw__decode *decode,
                                 uint16_t choice, llmgw_str raw, bool with_text)
{
    struct llmgw__openai_detail detail;
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    uint32_t place = 0;

    llmgw__json_init(&json, raw);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    for (; status == LLMGW_OK && llmgw__json_item(&json); place++) {
        struct llmgw__jstr text;
        bool told;

        if (!llmgw__openai_read_detail(&json, &detail))
            continue;
        text = detail.text.len ? detail.text : detail.summary;
        if (with_text && text.len)
            status = tell_reasoning(decode, choice, text);
        told = detail.index >= 0 && detail.index <= UINT16_MAX;
        if (status == LLMGW_OK)
            status = tell_detail(decode, choice, &detail,
                                 told ? (uint32_t)detail.index : place);
    }
    return status;
}

static uint8_t detail_type(const struct llmgw__openai_detail *detail)
{
    if (llmgw__jstr_is(detail->type, "reasoning.encrypted"))
        return LLMGW__DETAIL_ENCRYPTED;
    if (llmgw__jstr_is(detail->type, "reasoning.summary"))
        return LLMGW__DETAIL_SUMMARY;
    return LLMGW__DETAIL_TEXT;
}

static llmgw_status tell_detail(const struct llmgw__decode *decode,
                                uint16_t choice,
                                const struct llmgw__openai_detail *detail,
                                uint32_t index)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_DETAIL,
                                 .variant = detail_type(detail),
                                 .choice = choice,
                                 .index = index};
    const struct llmgw__jstr bodies[] = {
        [LLMGW__DETAIL_TEXT] = detail->text,
        [LLMGW__DETAIL_SUMMARY] = detail->summary,
        [LLMGW__DETAIL_ENCRYPTED] = detail->data,
    };
    const struct {
        struct llmgw__jstr from;
        llmgw_str *to;
    } texts[] = {
        {bodies[chunk.variant], &chunk.text},
        {detail->signature, &chunk.extra},
        {detail->id, &chunk.id},
        {detail->format, &chunk.name},
    };
    llmgw_status status = LLMGW_OK;

    if (!bodies[chunk.variant].len && !detail->signature.len)
        return LLMGW_OK;
    for (size_t i = 0; i < 4 && status == LLMGW_OK; i++)
        if (texts[i].from.len)
            status =
                llmgw__jstr_text(texts[i].from, decode->scratch, texts[i].to);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

/* --- members handed over whole --- */

llmgw_status llmgw__openai_decode_extras(struct llmgw__openai_decoder *decoder,
                                         const struct llmgw__decode *decode,
                                         uint16_t choice,
                                         const struct llmgw__openai_delta *from)
{
    llmgw_status status = LLMGW_OK;

    if (from->annotations.len)
        status = tell_items(decode, choice, LLMGW__EXTRA_ANNOTATION,
                            from->annotations);
    if (from->audio.len && status == LLMGW_OK)
        status =
            llmgw__openai_decode_audio(decoder, decode, choice, from->audio);
    if (from->images.len && status == LLMGW_OK)
        status = tell_items(decode, choice, LLMGW__EXTRA_IMAGE, from->images);
    if (from->extra.len && status == LLMGW_OK)
        status = llmgw__openai_emit_extra(
            decode, choice, LLMGW__EXTRA_EXTRA_CONTENT, from->extra);
    return status;
}

static llmgw_status tell_items(const struct llmgw__decode *decode,
                               uint16_t choice, uint8_t member, llmgw_str raw)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;

    llmgw__json_init(&json, raw);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json))
        status = tell_item(decode, choice, member, llmgw__json_raw(&json));
    return status;
}

/* Some services leave out the object around what a citation says, which
 * clients look into. */
static llmgw_status tell_item(const struct llmgw__decode *decode,
                              uint16_t choice, uint8_t member, llmgw_str raw)
{
    struct citation citation;
    struct llmgw__buf nested;
    llmgw_status status;

    if (member != LLMGW__EXTRA_ANNOTATION || !is_flat(&citation, raw))
        return llmgw__openai_emit_extra(decode, choice, member, raw);
    llmgw__buf_init(&nested, 0);
    write_citation(&citation, &nested);
    status = nested.status;
    if (status == LLMGW_OK)
        status = llmgw__openai_emit_extra(decode, choice, member,
                                          llmgw__buf_str(&nested));
    llmgw__buf_clear(&nested);
    return status;
}

static bool is_flat(struct citation *citation, llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    memset(citation, 0, sizeof *citation);
    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "url_citation"))
            return false;
        else if (llmgw__str_is(key, "url"))
            llmgw__json_string(&json, &citation->url);
        else if (llmgw__str_is(key, "title"))
            llmgw__json_string(&json, &citation->title);
        else if (llmgw__str_is(key, "start_index"))
            llmgw__json_int64(&json, &citation->start);
        else if (llmgw__str_is(key, "end_index"))
            llmgw__json_int64(&json, &citation->end);
        else
            llmgw__json_skip(&json);
    return citation->url.len > 0;
}

static void write_citation(const struct citation *citation,
                           struct llmgw__buf *out)
{
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, out);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "url_citation");
    llmgw__jsonw_member_open(&w, "url_citation", '{');
    llmgw__jsonw_member_int(&w, "start_index", citation->start);
    llmgw__jsonw_member_int(&w, "end_index", citation->end);
    llmgw__jsonw_member_jstr(&w, "url", citation->url);
    if (citation->title.len)
        llmgw__jsonw_member_jstr(&w, "title", citation->title);
    else
        llmgw__jsonw_member_z(&w, "title", "");
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
}

llmgw_status llmgw__openai_emit_extra(const struct llmgw__decode *decode,
                                      uint16_t choice, uint8_t member,
                                      llmgw_str json)
{
    if (!json.len || json.data[0] != '{')
        return LLMGW_OK; /* each of them is an object */
    return llmgw__openai_emit(decode,
                              &(struct llmgw__chunk){.kind = LLMGW__CHUNK_EXTRA,
                                                     .variant = member,
                                                     .choice = choice,
                                                     .text = json});
}

/* --- log probabilities --- */

static bool has_items(llmgw_str array)
{
    struct llmgw__json json;

    llmgw__json_init(&json, array);
    return array.len && array.data[0] == '[' && llmgw__json_array(&json) &&
           llmgw__json_item(&json);
}

/* What services add to the object is not the host's. */
llmgw_status llmgw__openai_logprobs(const struct llmgw__decode *decode,
                                    llmgw_str raw, llmgw_str *out)
{
    static const char open[] = "{\"content\":", next[] = ",\"refusal\":";
    llmgw_str content = LLMGW__LIT("null"), refusal = content, key;
    struct llmgw__json json;
    char *text;

    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return LLMGW_OK;
    while (llmgw__json_key(&json, &key)) {
        llmgw_str value = llmgw__json_raw(&json);

        if (llmgw__str_is(key, "content") && has_items(value))
            content = value;
        else if (llmgw__str_is(key, "refusal") && has_items(value))
            refusal = value;
    }
    if (content.data[0] != '[' && refusal.data[0] != '[')
        return LLMGW_OK;
    out->len =
        sizeof open - 1 + content.len + sizeof next - 1 + refusal.len + 1;
    out->data = text = llmgw__arena_alloc(decode->scratch, out->len);
    if (!text)
        return LLMGW_E_NOMEM;
    memcpy(text, open, sizeof open - 1);
    text += sizeof open - 1;
    memcpy(text, content.data, content.len);
    text += content.len;
    memcpy(text, next, sizeof next - 1);
    text += sizeof next - 1;
    memcpy(text, refusal.data, refusal.len);
    text[refusal.len] = '}';
    return LLMGW_OK;
}
