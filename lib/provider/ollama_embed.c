/*
 * provider/ollama_embed.c - embeddings of the ollama dialect.
 *
 * The server cuts long inputs without a word, unless llmgw.ollama says
 * "truncate": false. Source: ollama/ollama, api/types.go (EmbedRequest),
 * 2026-08; recorded answers. Memory: the body; large inputs are referred to;
 * the vectors, read straight into their places.
 */
#include "endpoints.h"
#include "ollama.h"

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count);
static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model);

const struct llmgw__embed_part llmgw__ollama_embed = {
    .most = LLMGW__EMBED_MAX_INPUTS,
    .encode = encode_embed,
    .body = decode_embed,
};

static const char *const owned[] = {"model", "input", "dimensions", NULL};
/* These are of chat, or written apart. */
static const char *const aside[] = {"options", "shift", "think", NULL};

static llmgw_status encode_embed(struct llmgw__encode *encode,
                                 const struct llmgw__embed *embed, size_t from,
                                 size_t count)
{
    struct llmgw__encoding e = {
        .owned = owned, .aside = aside, .known = llmgw__embed_member_known};

    llmgw__encoding_start(&e, encode, "llmgw.ollama");
    if (embed->tokens)
        llmgw__encoding_refuse(&e, LLMGW_KIND_UNSUPPORTED_PARAMETER, "input",
                               "this target takes texts, not token ids");
    if (embed->chat->user.data)
        llmgw__encoding_adjust(&e, "user", "dropped", "unsupported");
    llmgw__jsonw_member_z(&e.w, "model", encode->target->model);
    llmgw__jsonw_key(&e.w, "input");
    llmgw__encoding_inputs(&e, embed->inputs + from, count);
    if (embed->dimensions)
        llmgw__jsonw_member_int(&e.w, "dimensions", embed->dimensions);
    if (e.status == LLMGW_OK) {
        llmgw__ollama_options(&e);
        llmgw__encoding_given(&e);
    }
    return llmgw__encoding_finish(&e, "/api/embed", "/v1");
}

/* --- the answer --- */

static llmgw_status decode_embed(const struct llmgw__decode *decode,
                                 llmgw_str body, struct llmgw__vectors *vectors,
                                 llmgw_str *model)
{
    struct llmgw__jstr name = {NULL, 0, false};
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    int64_t tokens = -1;
    bool any = false;
    llmgw_str key;

    llmgw__json_init(&json, body);
    if (!llmgw__json_object(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "embeddings") && !any) {
            any = llmgw__json_peek(&json) == LLMGW__JSON_ARRAY;
            status = llmgw__vectors_list(vectors, &json);
        } else if (llmgw__str_is(key, "model")) {
            (void)llmgw__json_string(&json, &name);
        } else if (llmgw__str_is(key, "prompt_eval_count")) {
            (void)llmgw__json_int64(&json, &tokens);
        } else {
            llmgw__json_skip(&json);
        }
    if (status == LLMGW_OK && (!any || !llmgw__json_end(&json)))
        status = LLMGW_E_INVALID;
    if (status == LLMGW_OK)
        status = llmgw__vectors_end(vectors);
    if (status == LLMGW_OK && name.data)
        status = llmgw__jstr_text(name, decode->scratch, model);
    return status == LLMGW_OK ? llmgw__calls_prompt(decode, tokens) : status;
}
