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

#define NEWER "gemini-embedding-"
#define FIRST "gemini-embedding-001" /* of them */
#define FULL_LENGTH \
    3072 /* floats; shorter ones of one model are not of
                            length 1 */

static llmgw_status encode_vertex(struct llmgw__encode *encode,
                                  const struct llmgw__embed *embed, size_t from,
                                  size_t count);
static size_t most_of(const struct llmgw__target *target);
static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count);
static void write_request(struct llmgw__gemini_encode *e,
                          const struct llmgw__embed *embed, size_t index);
static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model);
struct answer;
static llmgw_status read_list(struct llmgw__json *json, struct answer *answer);
static llmgw_status read_values(struct llmgw__json *json, int64_t index,
                                struct answer *answer);
static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               const struct answer *answer);
static void write_content(struct llmgw__gemini_encode *e,
                          const struct llmgw__embed *embed, size_t index);

const struct llmgw__embed_part llmgw__gemini_embed = {
    .most = 100,
    .encode = encode_embed,
    .body = decode_embed,
};

const struct llmgw__embed_part llmgw__vertex_embed = {
    .most = 250,
    .most_of = most_of,
    .encode = encode_vertex,
    .body = decode_embed,
};

static void begin(struct llmgw__gemini_encode *e, struct llmgw__encode *encode,
                  const struct llmgw__gemini_surface *surface,
                  const struct llmgw__embed *embed)
{
    llmgw__gemini_begin(e, encode, surface);
    if (embed->tokens)
        llmgw__gemini_refuse(e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "input",
                             "this target takes texts, not token ids");
    if (e->options != LLMGW__JNONE &&
        llmgw__jdoc_type(&e->chat->doc, e->options) != LLMGW__JSON_OBJECT)
        llmgw__gemini_refuse(e, LLMGW_KIND_INVALID_REQUEST, "llmgw.gemini",
                             "must be an object");
    if (embed->chat->user.data)
        llmgw__gemini_adjust(e, "user", "dropped", "unsupported");
}

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count)
{
    struct llmgw__gemini_encode e;

    begin(&e, encode, &llmgw__gemini_studio, embed);
    llmgw__jsonw_open(&e.w, '{');
    llmgw__jsonw_member_open(&e.w, "requests", '[');
    for (size_t i = from; i < from + count && e.status == LLMGW_OK; i++)
        write_request(&e, embed, i);
    llmgw__jsonw_close(&e.w, ']');
    llmgw__jsonw_close(&e.w, '}');
    return llmgw__gemini_finish(&e, ":batchEmbedContents");
}

/** What llmgw.gemini says, but for what the request itself says. */
static void write_options(struct llmgw__gemini_encode *e, int64_t dimensions)
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
    if (dimensions)
        llmgw__jsonw_member_int(&e->w, "outputDimensionality", dimensions);
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
    write_content(e, embed, index);
    write_options(e, embed->dimensions);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_content(struct llmgw__gemini_encode *e,
                          const struct llmgw__embed *embed, size_t index)
{
    llmgw__jsonw_member_open(&e->w, "content", '{');
    llmgw__jsonw_member_open(&e->w, "parts", '[');
    llmgw__jsonw_open(&e->w, '{');
    llmgw__jsonw_member_node(&e->w, "text", &embed->chat->doc,
                             embed->inputs[index]);
    llmgw__jsonw_close(&e->w, '}');
    llmgw__jsonw_close(&e->w, ']');
    llmgw__jsonw_close(&e->w, '}');
}

/* --- the other surface: its older models have a form of their own, its newer
 * ones take one input --- */

static size_t most_of(const struct llmgw__target *target)
{
    struct llmgw__gemini_model model;

    llmgw__gemini_model_read(&model, target->model);
    return llmgw__str_starts(model.id, NEWER) ? 1 : llmgw__vertex_embed.most;
}

/** Members of llmgw.gemini: those of an instance, or all the others. */
static void write_chosen(struct llmgw__gemini_encode *e, bool instance,
                         bool dimensions)
{
    static const struct {
        const char *name;
        const char *sent;
    } members[] = {
        {"taskType", "task_type"},
        {"task_type", "task_type"},
        {"title", "title"},
    };
    const struct llmgw__jdoc *doc = &e->chat->doc;
    uint32_t key = llmgw__jdoc_first(doc, e->options);

    while (key != LLMGW__JNONE) {
        uint32_t value = llmgw__jdoc_next(doc, e->options, key);
        struct llmgw__jstr name = llmgw__jdoc_string(doc, key);
        const char *own = NULL;

        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
            if (llmgw__jstr_is(name, members[i].name))
                own = members[i].sent;
        if (instance == (own != NULL) &&
            !(dimensions && llmgw__jstr_is(name, "outputDimensionality"))) {
            llmgw__jsonw_key_raw(&e->w,
                                 own ? llmgw__str(own)
                                     : llmgw__str_n(name.data, name.len));
            llmgw__jsonw_raw(&e->w, llmgw__jdoc_raw(doc, value));
        }
        key = llmgw__jdoc_next(doc, e->options, value);
    }
}

static void write_predict(struct llmgw__gemini_encode *e,
                          const struct llmgw__embed *embed, size_t from,
                          size_t count)
{
    llmgw__jsonw_key(&e->w, "instances");
    llmgw__jsonw_open(&e->w, '[');
    for (size_t i = from; i < from + count && e->status == LLMGW_OK; i++) {
        llmgw__jsonw_open(&e->w, '{');
        llmgw__jsonw_member_raw(
            &e->w, "content",
            llmgw__jdoc_raw(&embed->chat->doc, embed->inputs[i]));
        write_chosen(e, true, false);
        llmgw__jsonw_close(&e->w, '}');
    }
    llmgw__jsonw_close(&e->w, ']');
    if (!embed->dimensions && e->options == LLMGW__JNONE)
        return;
    llmgw__jsonw_key(&e->w, "parameters");
    llmgw__jsonw_open(&e->w, '{');
    if (embed->dimensions)
        llmgw__jsonw_member_int(&e->w, "outputDimensionality",
                                embed->dimensions);
    write_chosen(e, false, embed->dimensions > 0);
    llmgw__jsonw_close(&e->w, '}');
}

static void write_single(struct llmgw__gemini_encode *e,
                         const struct llmgw__embed *embed, size_t index)
{
    write_content(e, embed, index);
    if (!embed->dimensions && e->options == LLMGW__JNONE)
        return;
    llmgw__jsonw_key(&e->w, "embedContentConfig");
    llmgw__jsonw_open(&e->w, '{');
    write_options(e, embed->dimensions);
    llmgw__jsonw_close(&e->w, '}');
}

static llmgw_status encode_vertex(struct llmgw__encode *encode,
                                  const struct llmgw__embed *embed, size_t from,
                                  size_t count)
{
    struct llmgw__gemini_encode e;
    bool single;

    begin(&e, encode, &llmgw__gemini_vertex, embed);
    single = llmgw__str_starts(e.model.id, NEWER) &&
             !llmgw__str_starts(e.model.id, FIRST);
    llmgw__jsonw_open(&e.w, '{');
    if (single)
        write_single(&e, embed, from);
    else
        write_predict(&e, embed, from, count);
    llmgw__jsonw_close(&e.w, '}');
    return llmgw__gemini_finish(&e, single ? ":embedContent" : ":predict");
}

/* --- the answer --- */

struct answer {
    struct llmgw__vectors *vectors;
    llmgw_str usage; /* usageMetadata; empty: none */
    int64_t tokens;  /* of all vectors; -1: not told */
};

/** One model leaves its shortened vectors as they were cut. */
static bool has_to_normalize(const struct llmgw__decode *decode,
                             const struct llmgw__vectors *vectors)
{
    struct llmgw__gemini_model model;

    llmgw__gemini_model_read(&model, decode->target->model);
    return vectors->dimension < FULL_LENGTH &&
           llmgw__str_starts(model.id, FIRST);
}

static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model)
{
    struct answer answer = {.vectors = vectors, .tokens = -1};
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    bool any = false;
    llmgw_str key;

    (void)model; /* not told */
    llmgw__json_init(&json, body);
    if (!llmgw__json_object(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "embeddings") ||
            llmgw__str_is(key, "predictions")) {
            any = true;
            status = read_list(&json, &answer);
        } else if (llmgw__str_is(key, "embedding")) {
            any = true;
            status = read_values(&json, 0, &answer);
        } else if (llmgw__str_is(key, "usageMetadata")) {
            answer.usage = llmgw__json_raw(&json);
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
    return tell_usage(decode, &answer);
}

static llmgw_status read_list(struct llmgw__json *json, struct answer *answer)
{
    llmgw_status status = LLMGW_OK;
    int64_t index = 0;

    if (!llmgw__json_array(json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_item(json))
        status = read_values(json, index++, answer);
    return status;
}

static void read_statistics(struct llmgw__json *json, struct answer *answer)
{
    int64_t count;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (!llmgw__str_is(key, "token_count"))
            llmgw__json_skip(json);
        else if (llmgw__json_int64(json, &count) && count >= 0 &&
                 count < INT32_MAX)
            answer->tokens = (answer->tokens > 0 ? answer->tokens : 0) + count;
}

static llmgw_status read_values(struct llmgw__json *json, int64_t index,
                                struct answer *answer)
{
    llmgw_str values = {NULL, 0};
    struct llmgw__json inside;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return LLMGW_E_INVALID;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "values") || llmgw__str_is(key, "embeddings"))
            values = llmgw__json_raw(json);
        else if (llmgw__str_is(key, "statistics"))
            read_statistics(json, answer);
        else
            llmgw__json_skip(json);
    if (!values.len || values.data[0] != '{')
        return llmgw__vectors_take(answer->vectors, index, values);
    llmgw__json_init(&inside, values); /* as deep as the document is */
    return read_values(&inside, index, answer);
}

static llmgw_status tell_usage(const struct llmgw__decode *decode,
                               const struct answer *answer)
{
    llmgw_str holes[LLMGW__MOULD_HOLES] = {{NULL, 0}};
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};
    struct llmgw__gemini_counts counts;
    struct llmgw__json json;

    if (!answer->usage.len && answer->tokens < 0)
        return LLMGW_OK;
    llmgw__json_init(&json, answer->usage);
    llmgw__gemini_counts_read(&json, &counts, holes);
    if (answer->tokens >= 0)
        counts = (struct llmgw__gemini_counts){
            .any = true, .prompt_told = true, .prompt = answer->tokens};
    if (!counts.any)
        return LLMGW_OK;
    llmgw__gemini_usage(&counts, &usage);
    usage.reported = true;
    return decode->emit(decode->userdata, &chunk);
}
