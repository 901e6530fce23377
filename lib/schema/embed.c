/*
 * schema/embed.c - read and check an embeddings request.
 *
 * How many tokens an input may have is the model's business: 8192 at OpenAI,
 * more elsewhere. That is left to the provider.
 *
 * Source: OpenAI API, "Create embeddings". Memory: the index over the
 * request's bytes, and a node an input in the caller's arena.
 */
#include "embed.h"

#include <string.h>

#include "base/arena.h"
#include "chat_form.h"

static llmgw__read_fn read_input;
static llmgw__read_fn read_format;
static llmgw__read_fn read_dimensions;
static llmgw_status read_list(const struct llmgw__place *at);
static llmgw_status check_text(const struct llmgw__place *at);
static llmgw_status check_tokens(const struct llmgw__place *at);

/* clang-format off */
static const struct llmgw__member members[] = {
    LLMGW__REQUIRED("model", STRING, llmgw__chat_read_model),
    LLMGW__REQUIRED("input", NONE, read_input),
    LLMGW__MEMBER("encoding_format", NONE, read_format),
    LLMGW__MEMBER("dimensions", NUMBER, read_dimensions),
    LLMGW__MEMBER("user", STRING, llmgw__chat_read_user),
    LLMGW__MEMBER("llmgw", OBJECT, NULL), /* read before all others */
};
/* clang-format on */

static const struct llmgw__form form = {members,
                                        sizeof members / sizeof members[0]};

llmgw_status llmgw__embed_parse(struct llmgw__embed *embed,
                                struct llmgw__chat *chat, llmgw_str bytes,
                                struct llmgw__arena *arena,
                                struct llmgw__error *error)
{
    const struct llmgw__chat_parse in = {chat, embed, error};

    memset(embed, 0, sizeof *embed);
    embed->chat = chat;
    return llmgw__form_parse(&in, &form, bytes, arena);
}

bool llmgw__embed_member_known(struct llmgw__jstr name)
{
    return llmgw__form_find(&form, name) < form.count;
}

size_t llmgw__embed_bytes(const struct llmgw__embed *embed, size_t from,
                          size_t count)
{
    size_t bytes = 0;

    for (size_t i = from; i < from + count; i++)
        bytes += llmgw__jdoc_raw(&embed->chat->doc, embed->inputs[i]).len;
    return bytes;
}

/** A text, a list of texts, token ids, or a list of such. */
static llmgw_status read_input(const struct llmgw__place *at)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    struct llmgw__embed *embed = at->in->embed;
    enum llmgw__json_type type = llmgw__place_type(at);
    uint32_t first = llmgw__jdoc_first(doc, at->node);

    embed->node = at->node;
    if (type != LLMGW__JSON_STRING && type != LLMGW__JSON_ARRAY)
        return llmgw__place_refuse(at, "must be a string or an array");
    if (type == LLMGW__JSON_ARRAY && first == LLMGW__JNONE)
        return llmgw__place_refuse(at, "must not be empty");
    if (type == LLMGW__JSON_ARRAY &&
        llmgw__jdoc_type(doc, first) != LLMGW__JSON_NUMBER)
        return read_list(at);
    embed->inputs =
        llmgw__arena_array(at->in->chat->arena, 1, sizeof *embed->inputs);
    if (!embed->inputs)
        return LLMGW_E_NOMEM;
    embed->inputs[0] = at->node;
    embed->count = 1;
    embed->tokens = type == LLMGW__JSON_ARRAY;
    return embed->tokens ? check_tokens(at) : check_text(at);
}

/** All of the first one's type. */
static llmgw_status read_list(const struct llmgw__place *at)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    struct llmgw__embed *embed = at->in->embed;
    size_t count = llmgw__jdoc_count(doc, at->node);
    uint32_t node = llmgw__jdoc_first(doc, at->node);
    llmgw_status status = LLMGW_OK;

    if (count > LLMGW__EMBED_MAX_INPUTS)
        return llmgw__place_refuse(at, "must have at most 2048 elements");
    embed->inputs =
        llmgw__arena_array(at->in->chat->arena, count, sizeof *embed->inputs);
    if (!embed->inputs)
        return LLMGW_E_NOMEM;
    embed->tokens = llmgw__jdoc_type(doc, node) == LLMGW__JSON_ARRAY;
    while (status == LLMGW_OK && node != LLMGW__JNONE) {
        struct llmgw__place one = llmgw__place_element(at, embed->count, node);

        status = embed->tokens ? check_tokens(&one) : check_text(&one);
        embed->inputs[embed->count++] = node;
        node = llmgw__jdoc_next(doc, at->node, node);
    }
    return status;
}

static llmgw_status check_text(const struct llmgw__place *at)
{
    struct llmgw__jstr text;

    return llmgw__place_word(at, &text);
}

static llmgw_status check_tokens(const struct llmgw__place *at)
{
    const struct llmgw__jdoc *doc = &at->in->chat->doc;
    llmgw_status status = llmgw__place_check(at, LLMGW__JSON_ARRAY, true);
    uint32_t node = llmgw__jdoc_first(doc, at->node);

    if (status == LLMGW_OK && node == LLMGW__JNONE)
        return llmgw__place_refuse(at, "must not be empty");
    for (size_t i = 0; status == LLMGW_OK && node != LLMGW__JNONE; i++) {
        struct llmgw__place one = llmgw__place_element(at, i, node);
        int64_t token;

        if (!llmgw__jdoc_int64(doc, node, &token) || token < 0)
            return llmgw__place_refuse(&one, "must be a token id");
        node = llmgw__jdoc_next(doc, at->node, node);
    }
    return status;
}

static llmgw_status read_format(const struct llmgw__place *at)
{
    static const char *const words[] = {"float", "base64", NULL};
    size_t word = 0;
    llmgw_status status = llmgw__place_one_of(
        at, words, "must be \"float\" or \"base64\"", &word);

    at->in->embed->base64 = word == 1;
    return status;
}

static llmgw_status read_dimensions(const struct llmgw__place *at)
{
    int64_t value;

    if (!llmgw__jdoc_int64(&at->in->chat->doc, at->node, &value) || value < 1 ||
        value > INT32_MAX)
        return llmgw__place_refuse(at, "must be a whole number, at least 1");
    at->in->embed->dimensions = value;
    return LLMGW_OK;
}
