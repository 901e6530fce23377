/*
 * provider/bedrock_embed.c - embeddings by InvokeModel: each maker has a body
 * of its own. Titan takes one text a request.
 *
 * Source: Amazon Bedrock User Guide, "Inference parameters" of Titan text
 * embeddings and Cohere Embed, 2026-08; recorded answers. Memory: the body;
 * large inputs are referred to; the vectors, read straight into their places.
 */
#include "bedrock.h"
#include "calls.h"
#include "encoding.h"
#include "endpoints.h"

#define TITAN   "titan-embed-text"
#define TITAN_1 "titan-embed-text-v1" /* of one length */
#define TITAN_G "titan-embed-g1"      /* its older name */
#define COHERE  "embed-"

static size_t most_of(const struct llmgw__target *target);
static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count);
static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model);

const struct llmgw__embed_part llmgw__bedrock_embed = {
    .most = 96,
    .most_of = most_of,
    .encode = encode_embed,
    .body = decode_embed,
};

/* Members that the request itself fills, and those of chat. */
static const char *const owned[] = {"inputText", "texts", "dimensions",
                                    "output_dimension", NULL};
static const char *const aside[] = {"guardrailConfig", "performanceConfig",
                                    NULL};

static bool is_titan(const struct llmgw__target *target)
{
    llmgw_str base = llmgw__bedrock_base(target);

    return llmgw__str_is(llmgw__bedrock_family(target), "amazon") &&
           (llmgw__str_starts(base, TITAN) || llmgw__str_starts(base, TITAN_G));
}

static bool is_cohere(const struct llmgw__target *target)
{
    return llmgw__str_is(llmgw__bedrock_family(target), "cohere") &&
           llmgw__str_starts(llmgw__bedrock_base(target), COHERE);
}

static size_t most_of(const struct llmgw__target *target)
{
    return is_titan(target) ? 1 : llmgw__bedrock_embed.most;
}

static void write_titan(struct llmgw__encoding *e,
                        const struct llmgw__embed *embed, size_t from)
{
    llmgw_str base = llmgw__bedrock_base(e->io->target);

    llmgw__jsonw_member_node(&e->w, "inputText", &e->chat->doc,
                             embed->inputs[from]);
    if (!embed->dimensions)
        return;
    if (llmgw__str_starts(base, TITAN_1) || llmgw__str_starts(base, TITAN_G))
        llmgw__encoding_adjust(e, "dimensions", "dropped", "unsupported");
    else
        llmgw__jsonw_member_int(&e->w, "dimensions", embed->dimensions);
}

/** What a text is for has to be said. */
static void write_cohere(struct llmgw__encoding *e,
                         const struct llmgw__embed *embed, size_t from,
                         size_t count)
{
    llmgw__jsonw_key(&e->w, "texts");
    llmgw__encoding_inputs(e, embed->inputs + from, count);
    if (llmgw__encoding_option(e, "input_type") == LLMGW__JNONE)
        llmgw__jsonw_member_z(&e->w, "input_type", "search_document");
    if (!embed->dimensions)
        return;
    if (llmgw__str_find(llmgw__bedrock_base(e->io->target),
                        LLMGW__LIT("-v3")) != SIZE_MAX)
        llmgw__encoding_adjust(e, "dimensions", "dropped", "unsupported");
    else
        llmgw__jsonw_member_int(&e->w, "output_dimension", embed->dimensions);
}

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count)
{
    struct llmgw__encoding e = {
        .owned = owned, .aside = aside, .known = llmgw__embed_member_known};
    const char *url =
        llmgw__bedrock_url(encode->arena, encode->target, "invoke");
    size_t base = strlen(encode->target->provider->base_url);

    if (!url)
        return LLMGW_E_NOMEM;
    llmgw__encoding_start(&e, encode, "llmgw.bedrock");
    if (embed->tokens)
        llmgw__encoding_refuse(&e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "input",
                               "this target takes texts, not token ids");
    if (embed->chat->user.data)
        llmgw__encoding_adjust(&e, "user", "dropped", "unsupported");
    if (is_titan(encode->target))
        write_titan(&e, embed, from);
    else if (is_cohere(encode->target))
        write_cohere(&e, embed, from, count);
    else
        llmgw__encoding_refuse(&e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "model",
                               "embeddings are asked of Titan text models and "
                               "of Cohere's there, and this is none");
    if (e.status == LLMGW_OK)
        llmgw__encoding_given(&e);
    return llmgw__encoding_finish(&e, url + base, "/");
}

/* --- the answer --- */

/** Titan: one vector, and its tokens. */
static llmgw_status read_titan(llmgw_str body, struct llmgw__vectors *vectors,
                               int64_t *tokens)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    bool any = false;
    llmgw_str key;

    llmgw__json_init(&json, body);
    if (!llmgw__json_object(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "embedding") && !any) {
            any = true;
            status = llmgw__vectors_take(vectors, 0, llmgw__json_raw(&json));
        } else if (llmgw__str_is(key, "inputTextTokenCount")) {
            (void)llmgw__json_int64(&json, tokens);
        } else {
            llmgw__json_skip(&json);
        }
    if (status == LLMGW_OK && (!any || !llmgw__json_end(&json)))
        status = LLMGW_E_INVALID;
    return status == LLMGW_OK ? llmgw__vectors_end(vectors) : status;
}

static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model)
{
    int64_t tokens = -1;
    llmgw_status status;

    if (is_titan(decode->target))
        status = read_titan(body, vectors, &tokens);
    else
        status = llmgw__cohere_embed.body(decode, body, vectors, model);
    if (status != LLMGW_OK)
        return status;
    if (tokens < 0 && decode->head)
        (void)llmgw__str_int64(
            llmgw__http_head_get(decode->head,
                                 "x-amzn-bedrock-input-token-count"),
            &tokens);
    return llmgw__calls_prompt(decode, tokens);
}
