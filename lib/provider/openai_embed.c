/*
 * provider/openai_embed.c - embeddings of the openai dialect.
 *
 * Vectors are asked for in base64 whatever the host wants: a third of the
 * bytes, and no numbers to read. A service that does not know the member
 * answers with numbers.
 *
 * Source: OpenAI API, "Create embeddings"; recorded answers. Memory: the
 * vectors, read straight into their places.
 */
#include <string.h>

#include "endpoints.h"
#include "openai_decode.h"
#include "openai_encode.h"
#include "site.h"

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count);
static void write_input(struct llmgw__openai_encode *o,
                        const struct llmgw__embed *embed, size_t from,
                        size_t count);
static void write_vouched(struct llmgw__openai_encode *o);
static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model);
static llmgw_status read_list(struct llmgw__json *json,
                              struct llmgw__vectors *vectors);
static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               llmgw_str raw);

const struct llmgw__embed_part llmgw__openai_embed = {
    .most = LLMGW__EMBED_MAX_INPUTS,
    .encode = encode_embed,
    .body = decode_embed,
};

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count)
{
    const struct llmgw__provider_row *row = encode->target->provider->row;
    const char *name = llmgw__site_model(encode->target);
    struct llmgw__openai_encode o;

    llmgw__openai_begin(&o, encode);
    llmgw__openai_head(
        &o, row && row->embed_path ? row->embed_path : "/embeddings", name);
    if (o.status != LLMGW_OK)
        return o.status;
    llmgw__jsonw_open(&o.w, '{');
    llmgw__jsonw_member_z(&o.w, "model", name);
    write_input(&o, embed, from, count);
    if (embed->dimensions)
        llmgw__jsonw_member_int(
            &o.w,
            row && row->embed_dimensions ? row->embed_dimensions : "dimensions",
            embed->dimensions);
    llmgw__jsonw_member_z(&o.w, "encoding_format",
                          row && row->embed_bytes ? row->embed_bytes
                                                  : "base64");
    if (embed->chat->user.data && o.service->user)
        llmgw__jsonw_member_jstr(&o.w, "user", embed->chat->user);
    else if (embed->chat->user.data)
        llmgw__openai_adjust(&o, "user", "dropped", "unsupported");
    write_vouched(&o);
    llmgw__jsonw_close(&o.w, '}');
    if (o.status == LLMGW_OK)
        o.status = llmgw__body_finish(&encode->request->body);
    return o.status;
}

/** All of them as they stand, or a part of the list. */
static void write_input(struct llmgw__openai_encode *o,
                        const struct llmgw__embed *embed, size_t from,
                        size_t count)
{
    const struct llmgw__jdoc *doc = &embed->chat->doc;

    llmgw__jsonw_key(&o->w, "input");
    if (count == embed->count) {
        llmgw__jsonw_node(&o->w, doc, embed->node);
        return;
    }
    llmgw__jsonw_open(&o->w, '[');
    for (size_t i = from; i < from + count; i++)
        llmgw__jsonw_node(&o->w, doc, embed->inputs[i]);
    llmgw__jsonw_close(&o->w, ']');
}

/** Members that nobody here knows: the host vouches for them. */
static void write_vouched(struct llmgw__openai_encode *o)
{
    const struct llmgw__jdoc *doc = &o->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, 0);

    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, 0, key);
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);

        if (!llmgw__embed_member_known(name) &&
            llmgw__jdoc_type(doc, value) != LLMGW__JSON_NULL) {
            llmgw__jsonw_key_raw(&o->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&o->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, 0, value);
    }
}

/* --- the answer --- */

static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model)
{
    const struct llmgw__provider_row *row = decode->target->provider->row;
    struct llmgw__jstr name = {NULL, 0, false};
    llmgw_str usage = {NULL, 0};
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    bool list = false;
    llmgw_str key;

    vectors->bytes = row && row->embed_bytes;
    llmgw__json_init(&json, body);
    if (!llmgw__json_object(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "data") && !list) {
            list = llmgw__json_peek(&json) == LLMGW__JSON_ARRAY;
            status = read_list(&json, vectors);
        } else if (llmgw__str_is(key, "model")) {
            (void)llmgw__json_string(&json, &name);
        } else if (llmgw__str_is(key, "usage")) {
            usage = llmgw__json_raw(&json);
        } else {
            llmgw__json_skip(&json);
        }
    }
    if (status == LLMGW_OK && (!list || !llmgw__json_end(&json)))
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = llmgw__vectors_end(vectors);
    if (status == LLMGW_OK && vectors->bytes)
        llmgw__vectors_normalize(vectors); /* as all others are */
    if (status == LLMGW_OK && name.data)
        status = llmgw__jstr_text(name, decode->scratch, model);
    return status == LLMGW_OK ? tell_usage(decode, usage) : status;
}

/** One element; its members come in any order. */
static llmgw_status read_element(struct llmgw__json *json, int64_t place,
                                 struct llmgw__vectors *vectors)
{
    llmgw_str vector = {NULL, 0};
    int64_t index = place;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return LLMGW_E_INVALID;
    while (llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, "embedding"))
            vector = llmgw__json_raw(json);
        else if (llmgw__str_is(key, "index"))
            (void)llmgw__json_int64(json, &index);
        else
            llmgw__json_skip(json);
    }
    return llmgw__vectors_take(vectors, index, vector);
}

static llmgw_status read_list(struct llmgw__json *json,
                              struct llmgw__vectors *vectors)
{
    llmgw_status status = LLMGW_OK;
    int64_t place = 0;

    if (!llmgw__json_array(json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(json))
        status = read_element(json, place++, vectors);
    return status;
}

/** A count of the total alone is one of the input: nothing else is read. */
static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               llmgw_str raw)
{
    struct llmgw__openai_payload payload = {.usage = raw};
    int64_t prompt = -1;
    int64_t total = -1;
    struct llmgw__usage usage;
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, raw);
    if (raw.len && llmgw__json_object(&json)) {
        while (llmgw__json_key(&json, &key)) {
            if (llmgw__str_is(key, "prompt_tokens"))
                (void)llmgw__json_int64(&json, &prompt);
            else if (llmgw__str_is(key, "total_tokens"))
                (void)llmgw__json_int64(&json, &total);
            else
                llmgw__json_skip(&json);
        }
    }
    if (prompt != -1 || total < 0)
        return llmgw__openai_decode_usage(decode, &payload, NULL);
    llmgw__usage_init(&usage);
    llmgw__usage_set(&usage, LLMGW__INPUT_UNCACHED, total);
    usage.requests = 1;
    usage.reported = true;
    return llmgw__openai_emit(
        decode,
        &(struct llmgw__chunk){.kind = LLMGW__CHUNK_USAGE, .usage = &usage});
}
