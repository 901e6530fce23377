/*
 * provider/cohere_embed.c - embeddings of the cohere dialect.
 *
 * What a text is for has to be said (input_type), and which form is wanted:
 * without that the answer is another one. What OpenAI has no word for is taken
 * from the request's llmgw.cohere as it stands.
 *
 * Source: Cohere's API reference, "Embed" (v2), 2026-08; recorded answers.
 * Memory: the body; large inputs are referred to; the vectors, read straight
 * into their places.
 */
#include "cohere.h"
#include "endpoints.h"

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count);
static void write_dimensions(struct llmgw__encoding *e, int64_t dimensions);
static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model);
static llmgw_status read_forms(struct llmgw__json *json,
                               struct llmgw__vectors *vectors, bool *any);
static int64_t read_billed(struct llmgw__json *json, unsigned depth);

const struct llmgw__embed_part llmgw__cohere_embed = {
    .most = 96,
    .encode = encode_embed,
    .body = decode_embed,
};

static const char *const owned[] = {"model", "texts", "embedding_types",
                                    "output_dimension", NULL};
/* These are of chat. */
static const char *const aside[] = {"documents", "citation_options",
                                    "safety_mode", NULL};

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count)
{
    struct llmgw__encoding e = {
        .owned = owned, .aside = aside, .known = llmgw__embed_member_known};

    llmgw__encoding_start(&e, encode, "llmgw.cohere");
    if (embed->tokens)
        llmgw__encoding_refuse(&e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "input",
                               "this target takes texts, not token ids");
    if (embed->chat->user.data)
        llmgw__encoding_adjust(&e, "user", "dropped", "unsupported");
    llmgw__jsonw_member_z(&e.w, "model", encode->target->model);
    llmgw__jsonw_key(&e.w, "texts");
    llmgw__encoding_inputs(&e, embed->inputs + from, count);
    if (llmgw__encoding_option(&e, "input_type") == LLMGW__JNONE)
        llmgw__jsonw_member_z(&e.w, "input_type", "search_document");
    llmgw__jsonw_member_raw(&e.w, "embedding_types", LLMGW__LIT("[\"float\"]"));
    write_dimensions(&e, embed->dimensions);
    if (e.status == LLMGW_OK)
        llmgw__encoding_given(&e);
    return llmgw__encoding_finish(&e, "/v2/embed", "/v2");
}

/* Only from the fourth generation on. */
static void write_dimensions(struct llmgw__encoding *e, int64_t dimensions)
{
    llmgw_str model = llmgw__str(e->io->target->model);

    if (dimensions == 0)
        return;
    if (llmgw__str_find(model, LLMGW__LIT("-v3")) != SIZE_MAX ||
        llmgw__str_find(model, LLMGW__LIT("-v2")) != SIZE_MAX)
        llmgw__encoding_adjust(e, "dimensions", "dropped", "unsupported");
    else
        llmgw__jsonw_member_int(&e->w, "output_dimension", dimensions);
}

/* --- the answer --- */

static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    int64_t billed = -1;
    bool any = false;
    llmgw_str key;

    (void)model; /* not told */
    llmgw__json_init(&json, body);
    if (!llmgw__json_object(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "embeddings") && !any)
            status = read_forms(&json, vectors, &any);
        else if (llmgw__str_is(key, "meta"))
            billed = read_billed(&json, 0);
        else
            llmgw__json_skip(&json);
    if (status == LLMGW_OK && (!any || !llmgw__json_end(&json)))
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = llmgw__vectors_end(vectors);
    return status == LLMGW_OK ? llmgw__calls_prompt(decode, billed) : status;
}

/* A list for each form, or the one list that there is. */
static llmgw_status read_forms(struct llmgw__json *json,
                               struct llmgw__vectors *vectors, bool *any)
{
    llmgw_status status = LLMGW_OK;
    llmgw_str key;

    if (llmgw__json_peek(json) == LLMGW__JSON_ARRAY) {
        *any = true;
        return llmgw__vectors_list(vectors, json);
    }
    if (!llmgw__json_object(json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "float") &&
            llmgw__json_peek(json) == LLMGW__JSON_ARRAY) {
            *any = true;
            status = llmgw__vectors_list(vectors, json);
        } else {
            llmgw__json_skip(json);
        }
    return status;
}

/* meta.billed_units.input_tokens; -1: not told. */
static int64_t read_billed(struct llmgw__json *json, unsigned depth)
{
    int64_t found = -1;
    llmgw_str key;

    if (!llmgw__json_object(json))
        return -1;
    while (llmgw__json_key(json, &key))
        if (depth == 0 && llmgw__str_is(key, "billed_units"))
            found = read_billed(json, 1);
        else if (depth == 1 && llmgw__str_is(key, "input_tokens"))
            (void)llmgw__json_int64(json, &found);
        else
            llmgw__json_skip(json);
    return found;
}
