/*
 * stream/assemble.c - ordered chunks add up to a whole answer.
 *
 * Memory: the answer's own text, in segments, at most `limit` bytes.
 */
#include "assemble.h"

#include <string.h>

#include "base/alloc.h"
#include "base/jsonread.h"

struct assemble_tool {
    llmgw_str id;
    llmgw_str name;
    llmgw_str extra;
    bool custom;
    bool legacy;
    struct llmgw__rope arguments;
};

struct llmgw__assemble_choice {
    struct llmgw__rope text;
    bool has_text;
    bool has_refusal;
    bool has_logprobs;
    struct llmgw__rope reasoning;
    struct llmgw__rope refusal;
    struct llmgw__rope logprobs_content;
    struct llmgw__rope logprobs_refusal;
    struct assemble_tool *tools;
    size_t tool_count;
    size_t tool_cap;
    llmgw_str extras_front;
    llmgw_str extras_back;
    uint8_t finish;
    llmgw_str native;
    llmgw_str message;
};

static llmgw_status choice_of(struct llmgw__assemble *assemble, size_t index,
                              struct llmgw__assemble_choice **out);
static llmgw_status add_logprobs(struct llmgw__assemble_choice *choice,
                                 llmgw_str json);
static llmgw_status add_tool(struct llmgw__assemble *assemble,
                             struct llmgw__assemble_choice *choice,
                             const struct llmgw__chunk *chunk);
static llmgw_status add_arguments(struct llmgw__assemble_choice *choice,
                                  const struct llmgw__chunk *chunk);
static llmgw_status add_last(struct llmgw__assemble *assemble,
                             struct llmgw__assemble_choice *choice,
                             const struct llmgw__chunk *chunk);
static llmgw_status copy_identity(struct llmgw__assemble *assemble,
                                  const struct llmgw__identity *identity);
static llmgw_status flatten(struct llmgw__assemble *assemble, size_t index);

void llmgw__assemble_init(struct llmgw__assemble *assemble,
                          struct llmgw__arena *arena, size_t limit)
{
    memset(assemble, 0, sizeof *assemble);
    assemble->arena = arena;
    assemble->limit = limit;
    llmgw__usage_init(&assemble->answer.usage);
}

static llmgw_status add_text(struct llmgw__assemble_choice *choice,
                             const struct llmgw__chunk *chunk)
{
    llmgw_status status;

    if (chunk->extra.len) {
        status = add_logprobs(choice, chunk->extra);
        if (status != LLMGW_OK)
            return status;
    }
    if (chunk->kind == LLMGW__CHUNK_REFUSAL) {
        choice->has_refusal = true;
        return llmgw__rope_add(&choice->refusal, chunk->text);
    }
    choice->has_text |= chunk->text.len > 0; /* or only its probabilities */
    return llmgw__rope_add(&choice->text, chunk->text);
}

llmgw_status llmgw__assemble_push(struct llmgw__assemble *assemble,
                                  const struct llmgw__chunk *chunk)
{
    struct llmgw__assemble_choice *choice = NULL;
    llmgw_status status;

    if (chunk->kind == LLMGW__CHUNK_USAGE) {
        assemble->answer.usage = *chunk->usage;
        assemble->answer.has_usage = true;
        return copy_identity(assemble, chunk->identity);
    }
    assemble->bytes += chunk->text.len + chunk->extra.len;
    if (assemble->limit && assemble->bytes > assemble->limit)
        return LLMGW_E_LIMIT;
    status = choice_of(assemble, chunk->choice, &choice);
    if (status != LLMGW_OK)
        return status;
    switch (chunk->kind) {
    case LLMGW__CHUNK_TEXT:
    case LLMGW__CHUNK_REFUSAL:
        return add_text(choice, chunk);
    case LLMGW__CHUNK_REASONING:
        return llmgw__rope_add(&choice->reasoning, chunk->text);
    case LLMGW__CHUNK_TOOL_START:
        return add_tool(assemble, choice, chunk);
    case LLMGW__CHUNK_TOOL_ARGS:
        return add_arguments(choice, chunk);
    case LLMGW__CHUNK_ROLE:
    case LLMGW__CHUNK_FINISH:
    case LLMGW__CHUNK_EXTRAS:
        return add_last(assemble, choice, chunk);
    default:
        return LLMGW_E_INVALID;
    }
}

const struct llmgw__answer *
llmgw__assemble_answer(struct llmgw__assemble *assemble)
{
    struct llmgw__answer *answer = &assemble->answer;

    if (!assemble->choice_count)
        return NULL;
    if (answer->choice_count < assemble->choice_count) {
        answer->choices = llmgw__arena_array(
            assemble->arena, assemble->choice_count, sizeof *answer->choices);
        if (!answer->choices) {
            answer->choice_count = 0;
            return NULL;
        }
        answer->choice_count = assemble->choice_count;
    }
    for (size_t i = 0; i < assemble->choice_count; i++)
        if (flatten(assemble, i) != LLMGW_OK)
            return NULL;
    return answer;
}

void llmgw__assemble_clear(struct llmgw__assemble *assemble)
{
    for (size_t i = 0; i < assemble->choice_count; i++) {
        struct llmgw__assemble_choice *choice = &assemble->choices[i];

        llmgw__rope_clear(&choice->text);
        llmgw__rope_clear(&choice->reasoning);
        llmgw__rope_clear(&choice->refusal);
        llmgw__rope_clear(&choice->logprobs_content);
        llmgw__rope_clear(&choice->logprobs_refusal);
        for (size_t t = 0; t < choice->tool_count; t++)
            llmgw__rope_clear(&choice->tools[t].arguments);
        llmgw__free(choice->tools);
    }
    assemble->choices = NULL;
    assemble->choice_count = assemble->choice_cap = 0;
}

static llmgw_status choice_of(struct llmgw__assemble *assemble, size_t index,
                              struct llmgw__assemble_choice **out)
{
    if (index >= assemble->choice_count) {
        if (llmgw__arena_grow(assemble->arena, (void **)&assemble->choices,
                              &assemble->choice_cap, index + 1,
                              sizeof *assemble->choices))
            return LLMGW_E_NOMEM;
        for (; assemble->choice_count <= index; assemble->choice_count++) {
            struct llmgw__assemble_choice *fresh =
                &assemble->choices[assemble->choice_count];

            llmgw__rope_init(&fresh->text, 0);
            llmgw__rope_init(&fresh->reasoning, 0);
            llmgw__rope_init(&fresh->refusal, 0);
            llmgw__rope_init(&fresh->logprobs_content, 0);
            llmgw__rope_init(&fresh->logprobs_refusal, 0);
        }
    }
    *out = &assemble->choices[index];
    return LLMGW_OK;
}

/** Append the inside of an array of logprobs; null adds nothing. */
static llmgw_status add_list(struct llmgw__rope *rope, llmgw_str array)
{
    llmgw_str inside;
    llmgw_status status = LLMGW_OK;

    if (array.len < 2 || array.data[0] != '[')
        return LLMGW_OK;
    inside = llmgw__str_trim(llmgw__str_n(array.data + 1, array.len - 2));
    if (!inside.len)
        return LLMGW_OK;
    if (rope->len)
        status = llmgw__rope_add(rope, LLMGW__LIT(","));
    return status == LLMGW_OK ? llmgw__rope_add(rope, inside) : status;
}

static llmgw_status add_logprobs(struct llmgw__assemble_choice *choice,
                                 llmgw_str json)
{
    struct llmgw__json reader;
    llmgw_status status = LLMGW_OK;
    llmgw_str key;

    choice->has_logprobs = true;
    llmgw__json_init(&reader, json);
    if (!llmgw__json_object(&reader))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_key(&reader, &key)) {
        if (llmgw__str_is(key, "content"))
            status =
                add_list(&choice->logprobs_content, llmgw__json_raw(&reader));
        else if (llmgw__str_is(key, "refusal"))
            status =
                add_list(&choice->logprobs_refusal, llmgw__json_raw(&reader));
        else
            llmgw__json_skip(&reader);
    }
    return status;
}

static llmgw_status add_tool(struct llmgw__assemble *assemble,
                             struct llmgw__assemble_choice *choice,
                             const struct llmgw__chunk *chunk)
{
    struct assemble_tool tool = {0};
    llmgw_status status;

    if (llmgw__grow((void **)&choice->tools, &choice->tool_cap,
                    choice->tool_count + 1, sizeof *choice->tools))
        return LLMGW_E_NOMEM;
    status = llmgw__arena_str(assemble->arena, chunk->id, &tool.id);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(assemble->arena, chunk->name, &tool.name);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(assemble->arena, chunk->extra, &tool.extra);
    if (status != LLMGW_OK)
        return status;
    tool.custom = chunk->variant == 1;
    tool.legacy = chunk->variant == 3;
    llmgw__rope_init(&tool.arguments, 0);
    choice->tools[choice->tool_count++] = tool;
    return LLMGW_OK;
}

static llmgw_status add_arguments(struct llmgw__assemble_choice *choice,
                                  const struct llmgw__chunk *chunk)
{
    if (chunk->index >= choice->tool_count)
        return LLMGW_E_INVALID;
    return llmgw__rope_add(&choice->tools[chunk->index].arguments, chunk->text);
}

static llmgw_status add_last(struct llmgw__assemble *assemble,
                             struct llmgw__assemble_choice *choice,
                             const struct llmgw__chunk *chunk)
{
    llmgw_status status;

    if (chunk->kind == LLMGW__CHUNK_ROLE)
        return copy_identity(assemble, chunk->identity);
    if (chunk->kind == LLMGW__CHUNK_FINISH) {
        choice->finish = chunk->variant;
        status =
            llmgw__arena_str(assemble->arena, chunk->text, &choice->native);
        if (status == LLMGW_OK)
            status = llmgw__arena_str(assemble->arena, chunk->extra,
                                      &choice->message);
        return status == LLMGW_OK ? copy_identity(assemble, chunk->identity)
                                  : status;
    }
    status =
        llmgw__arena_str(assemble->arena, chunk->text, &choice->extras_front);
    if (status == LLMGW_OK)
        status = llmgw__arena_str(assemble->arena, chunk->extra,
                                  &choice->extras_back);
    return status;
}

static llmgw_status copy_word(struct llmgw__assemble *assemble, llmgw_str *kept,
                              llmgw_str told)
{
    if (llmgw__str_eq(*kept, told))
        return LLMGW_OK;
    return llmgw__arena_str(assemble->arena, told, kept);
}

/** The attempt's memory dies before the call's: copy. */
static llmgw_status copy_identity(struct llmgw__assemble *assemble,
                                  const struct llmgw__identity *identity)
{
    struct llmgw__identity *kept = &assemble->answer.identity;
    llmgw_status status = copy_word(assemble, &kept->id, identity->id);

    if (status == LLMGW_OK)
        status = copy_word(assemble, &kept->model, identity->model);
    if (status == LLMGW_OK)
        status =
            copy_word(assemble, &kept->service_tier, identity->service_tier);
    if (status == LLMGW_OK)
        status = copy_word(assemble, &kept->system_fingerprint,
                           identity->system_fingerprint);
    if (status == LLMGW_OK)
        status = copy_word(assemble, &kept->moderation, identity->moderation);
    if (status == LLMGW_OK)
        status = copy_word(assemble, &kept->metadata, identity->metadata);
    if (status == LLMGW_OK)
        status = copy_word(assemble, &kept->vendor, identity->vendor);
    kept->created = identity->created;
    return status;
}

static llmgw_status flatten_tools(struct llmgw__assemble *assemble,
                                  struct llmgw__assemble_choice *from,
                                  struct llmgw__answer_choice *to)
{
    if (to->tool_count < from->tool_count) {
        to->tools = llmgw__arena_array(assemble->arena, from->tool_count,
                                       sizeof *to->tools);
        if (!to->tools) {
            to->tool_count = 0;
            return LLMGW_E_NOMEM;
        }
        to->tool_count = from->tool_count;
    }
    for (size_t i = 0; i < from->tool_count; i++) {
        struct assemble_tool *tool = &from->tools[i];
        llmgw_status status;

        to->tools[i].id = tool->id;
        to->tools[i].name = tool->name;
        to->tools[i].extra = tool->extra;
        to->tools[i].custom = tool->custom;
        to->tools[i].legacy = tool->legacy;
        status = llmgw__rope_flat(&tool->arguments, &to->tools[i].arguments);
        if (status != LLMGW_OK)
            return status;
    }
    return LLMGW_OK;
}

static llmgw_status flatten(struct llmgw__assemble *assemble, size_t index)
{
    struct llmgw__assemble_choice *from = &assemble->choices[index];
    struct llmgw__answer_choice *to = &assemble->answer.choices[index];
    llmgw_status status = llmgw__rope_flat(&from->text, &to->text);

    if (status == LLMGW_OK)
        status = llmgw__rope_flat(&from->reasoning, &to->reasoning);
    if (status == LLMGW_OK)
        status = llmgw__rope_flat(&from->refusal, &to->refusal);
    if (status == LLMGW_OK)
        status =
            llmgw__rope_flat(&from->logprobs_content, &to->logprobs_content);
    if (status == LLMGW_OK)
        status =
            llmgw__rope_flat(&from->logprobs_refusal, &to->logprobs_refusal);
    to->has_text = from->has_text;
    to->has_refusal = from->has_refusal;
    to->has_logprobs = from->has_logprobs;
    to->extras_front = from->extras_front;
    to->extras_back = from->extras_back;
    to->finish = from->finish;
    to->native_finish = from->native;
    to->finish_message = from->message;
    return status == LLMGW_OK ? flatten_tools(assemble, from, to) : status;
}
