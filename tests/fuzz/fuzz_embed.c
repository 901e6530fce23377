/*
 * Answers with vectors, and lists of models: the first byte says whose wire it
 * is and how many inputs there were. What is taken as vectors must come back
 * out of what is rendered.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "provider/endpoints.h"
#include "schema/models.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static llmgw_status ignore(void *userdata, const struct llmgw__chunk *chunk)
{
    (void)userdata;
    (void)chunk;
    return LLMGW_OK;
}

static llmgw_status take(void *userdata, const struct llmgw__model *model)
{
    if (!model->id.data || model->created < 0)
        abort();
    return llmgw__models_add(userdata, LLMGW__LIT("p"), model->id,
                             model->created);
}

/** Vectors -> OpenAI's JSON -> the same vectors. */
static void check_rendered(const struct llmgw__decode *decode,
                           const struct llmgw__vectors *vectors, bool base64)
{
    struct llmgw__vectors_form form = {LLMGW__LIT("m"), NULL, base64};
    llmgw_str model = {NULL, 0};
    struct llmgw__vectors again;
    struct llmgw__buf json;
    struct llmgw__jsonw w;

    llmgw__buf_init(&json, 0);
    llmgw__jsonw_init(&w, &json);
    llmgw__vectors_render(vectors, &form, llmgw__str_n(NULL, 0), &w);
    llmgw__vectors_init(&again, vectors->count, 1 << 20);
    llmgw__vectors_expect(&again, 0, vectors->count);
    if (llmgw__openai_embed.body(decode, llmgw__buf_str(&json), &again,
                                 &model) != LLMGW_OK ||
        again.dimension != vectors->dimension)
        abort();
    for (size_t i = 0; i < vectors->count * vectors->dimension; i++)
        if (again.values[i] < vectors->values[i] ||
            again.values[i] > vectors->values[i])
            abort();
    llmgw__vectors_clear(&again);
    llmgw__buf_clear(&json);
}

static void run_vectors(const struct llmgw__decode *decode,
                        const struct llmgw__embed_part *part, size_t count,
                        llmgw_str body)
{
    struct llmgw__vectors vectors;
    llmgw_str model = {NULL, 0};

    llmgw__vectors_init(&vectors, count, 1 << 16);
    llmgw__vectors_expect(&vectors, 0, count);
    if (part->body(decode, body, &vectors, &model) == LLMGW_OK) {
        check_rendered(decode, &vectors, false);
        check_rendered(decode, &vectors, true);
    }
    llmgw__vectors_clear(&vectors);
}

static void run_models(const struct llmgw__decode *decode,
                       const struct llmgw__models_part *part, llmgw_str body)
{
    struct llmgw__model_list list;
    llmgw_str onward = {NULL, 0};

    llmgw__models_init(&list, 1 << 16);
    (void)llmgw__models_read(part, decode, body, take, &list, &onward);
    llmgw__models_clear(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct llmgw__models_part *const lists[] = {
        &llmgw__openai_list, &llmgw__anthropic_list, &llmgw__gemini_list};
    struct llmgw__arena arena, scratch;
    struct llmgw__provider provider = {.name = "p"};
    struct llmgw__target target = {.provider = &provider,
                                   .model = "gemini-embedding-001"};
    struct llmgw__decode decode = {.emit = ignore,
                                   .scratch = &scratch,
                                   .arena = &arena,
                                   .target = &target};
    size_t count;
    llmgw_str rest;

    if (size == 0)
        return 0;
    count = (size_t)(data[0] >> 4) + 1;
    rest = llmgw__str_n((const char *)data + 1, size - 1);
    llmgw__arena_init(&arena, 0, 1 << 20);
    llmgw__arena_init(&scratch, 0, 1 << 20);
    if (data[0] % 5 < 3)
        run_models(&decode, lists[data[0] % 5], rest);
    else
        run_vectors(&decode,
                    data[0] % 5 == 3 ? &llmgw__openai_embed
                                     : &llmgw__gemini_embed,
                    count, rest);
    llmgw__arena_clear(&scratch);
    llmgw__arena_clear(&arena);
    return 0;
}
