/*
 * provider/gemini_embed.c - embeddings of the gemini dialect.
 *
 * Every input is a request of its own inside of one batch. What OpenAI has no
 * word for (taskType, title) is taken from the request's llmgw.gemini as it
 * stands.
 *
 * Source: Google AI for Developers, "Embeddings" (v1beta). Memory: the body;
 * large inputs are referred to; the vectors, read straight into their places.
 */
#include "endpoints.h"
#include "gemini_target.h"

#define FULL_LENGTH \
    3072 /* floats; shorter ones of one model are not of
                            length 1 */

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count);
static void write_request(struct llmgw__gemini_encode *e,
                          const struct llmgw__embed *embed, size_t index);
static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model);
static llmgw_status read_list(struct llmgw__json *json,
                              struct llmgw__vectors *vectors);
static llmgw_status read_values(struct llmgw__json *json, int64_t index,
                                struct llmgw__vectors *vectors);
static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               llmgw_str raw);

const struct llmgw__embed_part llmgw__gemini_embed = {
    .most = 100,
    .encode = encode_embed,
    .body = decode_embed,
};

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count)
{
    struct llmgw__gemini_encode e;

    llmgw__gemini_begin(&e, encode);
    if (embed->tokens)
        llmgw__gemini_refuse(&e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "input",
                             "this target takes texts, not token ids");
    if (e.options != LLMGW__JNONE &&
        llmgw__jdoc_type(&e.chat->doc, e.options) != LLMGW__JSON_OBJECT)
        llmgw__gemini_refuse(&e, LLMGW_KIND_INVALID_REQUEST, "llmgw.gemini",
                             "must be an object");
    if (embed->chat->user.data)
        llmgw__gemini_adjust(&e, "user", "dropped", "unsupported");
    llmgw__jsonw_open(&e.w, '{');
    llmgw__jsonw_member_open(&e.w, "requests", '[');
    for (size_t i = from; i < from + count && e.status == LLMGW_OK; i++)
        write_request(&e, embed, i);
    llmgw__jsonw_close(&e.w, ']');
    llmgw__jsonw_close(&e.w, '}');
    return llmgw__gemini_finish(&e, ":batchEmbedContents");
}

/** What llmgw.gemini says, but for what the request itself says. */
static void write_options(struct llmgw__gemini_encode *e, bool dimensions)
{
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, e->options);

    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, e->options, key);
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);

        if (!llmgw__jstr_is(name, "model") &&
            !llmgw__jstr_is(name, "content") &&
            !(dimensions && llmgw__jstr_is(name, "outputDimensionality"))) {
            llmgw__jsonw_key_raw(&e->w, llmgw__str_n(name.data, name.len));
            llmgw__jsonw_node(&e->w, doc, value);
        }
        key = llmgw__jdoc_next(doc, e->options, value);
    }
}

static void write_request(struct llmgw__gemini_encode *e,
                          const struct llmgw__embed *embed, size_t index)
{
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_key(&e->w, "model");
    llmgw__jsonw_str_open(&e->w);
    llmgw__jsonw_str_add(
        &e->w, llmgw__str(e->model.tuned ? "tunedModels/" : "models/"));
    llmgw__jsonw_str_add(&e->w, e->model.id);
    llmgw__jsonw_str_close(&e->w);
    llmgw__jsonw_member_open(&e->w, "content", '{');
    llmgw__jsonw_member_open(&e->w, "parts", '[');
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_node(&e->w, "text", &embed->chat->doc,
                             embed->inputs[index]);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, ']');
    llmgw__jsonw_close(&e->w, '}');
    write_options(e, embed->dimensions > 0);
    if (embed->dimensions)
        llmgw__jsonw_member_int(&e->w, "outputDimensionality",
                                embed->dimensions);
    llmgw__jsonw_close(&e->w, '}');
}

/* --- the answer --- */

/** One model leaves its shortened vectors as they were cut. */
static bool has_to_normalize(const struct llmgw__decode *decode,
                             const struct llmgw__vectors *vectors)
{
    struct llmgw__gemini_model model;

    llmgw__gemini_model_read(&model, decode->target->model);
    return vectors->dimension < FULL_LENGTH &&
           llmgw__str_starts(model.id, "gemini-embedding-001");
}

static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model)
{
    llmgw_str usage = {NULL, 0};
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    bool any = false;
    llmgw_str key;

    (void)model; /* not told */
    llmgw__json_init(&json, body);
    if (!llmgw__json_object(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "embeddings")) {
            any = true;
            status = read_list(&json, vectors);
        } else if (llmgw__str_is(key, "embedding")) {
            any = true;
            status = read_values(&json, 0, vectors);
        } else if (llmgw__str_is(key, "usageMetadata")) {
            usage = llmgw__json_raw(&json);
        } else {
            llmgw__json_skip(&json);
        }
    }
    if (status == LLMGW_OK && (!any || !llmgw__json_end(&json)))
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = llmgw__vectors_end(vectors);
    if (status != LLMGW_OK)
        return status;
    if (has_to_normalize(decode, vectors))
        llmgw__vectors_normalize(vectors);
    return tell_usage(decode, usage);
}

static llmgw_status read_list(struct llmgw__json *json,
                              struct llmgw__vectors *vectors)
{
    llmgw_status status = LLMGW_OK;
    int64_t index = 0;

    if (!llmgw__json_array(json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_item(json))
        status = read_values(json, index++, vectors);
    return status;
}

static llmgw_status read_values(struct llmgw__json *json, int64_t index,
                                struct llmgw__vectors *vectors)
{
    llmgw_str values = {NULL, 0};
    llmgw_str key;

    if (!llmgw__json_object(json))
        return LLMGW_E_INVALID;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "values"))
            values = llmgw__json_raw(json);
        else
            llmgw__json_skip(json);
    return llmgw__vectors_take(vectors, index, values);
}

static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               llmgw_str raw)
{
    llmgw_str holes[LLMGW__MOULD_HOLES] = {{NULL, 0}};
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};
    struct llmgw__gemini_counts counts;
    struct llmgw__json json;

    if (!raw.len)
        return LLMGW_OK;
    llmgw__json_init(&json, raw);
    llmgw__gemini_counts_read(&json, &counts, holes);
    if (!counts.any)
        return LLMGW_OK;
    llmgw__gemini_usage(&counts, &usage);
    usage.reported = true;
    return decode->emit(decode->userdata, &chunk);
}
