/*
 * provider/responses_annotations.c - what an item carries beside its text:
 * citations, and reasoning that goes back as it came.
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: the scratch arena;
 * a buffer as large as the citation being rewritten.
 */
#include <string.h>

#include "responses.h"

/* A citation, as views. */
struct citation {
    struct llmgw__jstr type;
    int64_t start, end; /* -1: not told */
    struct llmgw__jstr url, title;
};

static void read_citation(struct llmgw__json *json, struct citation *citation);
static llmgw_status tell_citation(const struct llmgw__decode *decode,
                                  const struct citation *citation,
                                  int64_t base);
static llmgw_status tell_detail(struct llmgw__responses_decoder *decoder,
                                const struct llmgw__decode *decode,
                                uint8_t type, struct llmgw__jstr id,
                                struct llmgw__jstr text);

/* --- citations --- */

llmgw_status llmgw__responses_annotations(const struct llmgw__decode *decode,
                                          llmgw_str list, int64_t base)
{
    llmgw_status status = LLMGW_OK;
    struct citation citation;
    struct llmgw__json json;

    llmgw__json_init(&json, list);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        read_citation(&json, &citation);
        if (llmgw__jstr_is(citation.type, "url_citation"))
            status = tell_citation(decode, &citation, base);
    }
    return status;
}

static void read_citation(struct llmgw__json *json, struct citation *citation)
{
    llmgw_str key;

    memset(citation, 0, sizeof *citation);
    citation->start = citation->end = -1;
    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, "type"))
            llmgw__json_string(json, &citation->type);
        else if (llmgw__str_is(key, "start_index"))
            llmgw__json_int64(json, &citation->start);
        else if (llmgw__str_is(key, "end_index"))
            llmgw__json_int64(json, &citation->end);
        else if (llmgw__str_is(key, "url"))
            llmgw__json_string(json, &citation->url);
        else if (llmgw__str_is(key, "title"))
            llmgw__json_string(json, &citation->title);
        else
            llmgw__json_skip(json);
    }
}

static void write_place(struct llmgw__jsonw *w, const char *name, int64_t index,
                        int64_t base)
{
    if (index >= 0 && index <= INT64_MAX - base)
        llmgw__jsonw_member_int(w, name, index + base);
}

static llmgw_status tell_citation(const struct llmgw__decode *decode,
                                  const struct citation *citation, int64_t base)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "type", "url_citation");
    llmgw__jsonw_member_open(&w, "url_citation", '{');
    write_place(&w, "start_index", citation->start, base);
    write_place(&w, "end_index", citation->end, base);
    if (citation->url.data)
        llmgw__jsonw_member_jstr(&w, "url", citation->url);
    if (citation->title.data)
        llmgw__jsonw_member_jstr(&w, "title", citation->title);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_close(&w, '}');
    status = buf.status;
    if (status == LLMGW_OK)
        status = llmgw__openai_emit_extra(decode, 0, LLMGW__EXTRA_ANNOTATION,
                                          llmgw__buf_str(&buf));
    llmgw__buf_clear(&buf);
    return status;
}

/* --- reasoning that goes back --- */

static llmgw_status tell_summaries(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   struct llmgw__jstr id, llmgw_str list)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, list);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct llmgw__jstr text = {NULL, 0, false};

        if (!llmgw__json_object(&json))
            continue;
        while (llmgw__json_key(&json, &key)) {
            if (llmgw__str_is(key, "text"))
                llmgw__json_string(&json, &text);
            else
                llmgw__json_skip(&json);
        }
        status = tell_detail(decoder, decode, LLMGW__DETAIL_SUMMARY, id, text);
    }
    return status;
}

llmgw_status llmgw__responses_details(struct llmgw__responses_decoder *decoder,
                                      const struct llmgw__decode *decode,
                                      llmgw_str item)
{
    struct llmgw__jstr id = {NULL, 0, false}, sealed = id;
    llmgw_str summary = {NULL, 0}, key;
    struct llmgw__json json;
    llmgw_status status;

    llmgw__json_init(&json, item);
    if (!llmgw__json_object(&json))
        return LLMGW_OK;
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "id"))
            llmgw__json_string(&json, &id);
        else if (llmgw__str_is(key, "encrypted_content"))
            llmgw__json_string(&json, &sealed);
        else if (llmgw__str_is(key, "summary"))
            summary = llmgw__json_raw(&json);
        else
            llmgw__json_skip(&json);
    }
    status = tell_summaries(decoder, decode, id, summary);
    if (status == LLMGW_OK)
        status =
            tell_detail(decoder, decode, LLMGW__DETAIL_ENCRYPTED, id, sealed);
    return status;
}

static llmgw_status tell_detail(struct llmgw__responses_decoder *decoder,
                                const struct llmgw__decode *decode,
                                uint8_t type, struct llmgw__jstr id,
                                struct llmgw__jstr text)
{
    struct llmgw__chunk chunk = {
        .kind = LLMGW__CHUNK_DETAIL,
        .variant = type,
        .index = decoder->detail_count,
        .name = LLMGW__LIT(LLMGW__RESPONSES_FORMAT),
    };
    llmgw_status status;

    if (!text.len)
        return LLMGW_OK;
    decoder->detail_count++;
    status = llmgw__jstr_text(text, decode->scratch, &chunk.text);
    if (status == LLMGW_OK)
        status = llmgw__jstr_text(id, decode->scratch, &chunk.id);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}
