/*
 * provider/anthropic_blocks.c - content blocks of an answer, as chunks.
 *
 * Calls and thoughts are counted each for itself: a block's own index counts
 * everything. What OpenAI's members cannot hold in order (a service's own
 * tools, citations, thinking after text) is noticed here, for the blocks to be
 * handed over as a whole at the end.
 *
 * Source: Messages API, "Messages streaming", "Citations", "Server tools".
 * Memory: the input of a custom tool until it is whole.
 */
#include "anthropic.h"
#include "anthropic_decoder.h"

/** Members of a block's start. */
struct start {
    struct llmgw__jstr type, id, name, text, signature;
    llmgw_str input, caller, citations;
    bool toolset;
};

static const struct {
    const char *type;
    uint8_t kind;
    uint8_t rank; /* 3: has no place in OpenAI's order */
} kinds[] = {
    {"text", LLMGW__ANTHROPIC_TEXT, 1},
    {"thinking", LLMGW__ANTHROPIC_THOUGHT, 0},
    {"redacted_thinking", LLMGW__ANTHROPIC_REDACTED, 0},
    {"tool_use", LLMGW__ANTHROPIC_CALL, 2},
    {"server_tool_use", LLMGW__ANTHROPIC_SERVER, 3},
    {"mcp_tool_use", LLMGW__ANTHROPIC_SERVER, 3},
    {"compaction", LLMGW__ANTHROPIC_COMPACTION, 3},
    {"", LLMGW__ANTHROPIC_OPAQUE, 3}, /* any other */
};

static bool read_start(struct start *start, llmgw_str raw);
static void classify(struct llmgw__anthropic_decoder *d,
                     const struct llmgw__decode *decode,
                     const struct start *start,
                     struct llmgw__anthropic_block *block);
static llmgw_status start_call(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               const struct start *start,
                               struct llmgw__anthropic_block *block);
static llmgw_status stop_custom(struct llmgw__anthropic_decoder *d,
                                const struct llmgw__decode *decode,
                                const struct llmgw__anthropic_block *block);
/** Escapes resolved; an absent string is empty. */
static llmgw_status resolve(const struct llmgw__decode *decode,
                            struct llmgw__jstr str, llmgw_str *out)
{
    *out = (llmgw_str){NULL, 0};
    return str.data ? llmgw__jstr_text(str, decode->scratch, out) : LLMGW_OK;
}

static llmgw_status start_thought(const struct llmgw__decode *decode,
                                  const struct start *start,
                                  const struct llmgw__anthropic_block *block)
{
    llmgw_str text, signature;
    llmgw_status status = resolve(decode, start->text, &text);

    if (status == LLMGW_OK)
        status = resolve(decode, start->signature, &signature);
    if (status != LLMGW_OK)
        return status;
    return llmgw__anthropic_think(decode, block, text, signature);
}

static llmgw_status start_text(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               const struct start *start)
{
    llmgw_str text;
    llmgw_status status = resolve(decode, start->text, &text);

    return status == LLMGW_OK ? llmgw__anthropic_say(d, decode, text) : status;
}

llmgw_status llmgw__anthropic_block_start(struct llmgw__anthropic_decoder *d,
                                          const struct llmgw__decode *decode,
                                          struct llmgw__anthropic_block *block,
                                          llmgw_str raw)
{
    struct start start = {0};

    if (!read_start(&start, raw))
        return LLMGW_E_INVALID;
    *block = (struct llmgw__anthropic_block){.open = true};
    block->from = d->characters;
    classify(d, decode, &start, block);
    d->open++;
    switch ((enum llmgw__anthropic_block_kind)block->kind) {
    case LLMGW__ANTHROPIC_TEXT:
        return start_text(d, decode, &start);
    case LLMGW__ANTHROPIC_THOUGHT:
    case LLMGW__ANTHROPIC_REDACTED:
        block->ordinal = d->thoughts++;
        return start_thought(decode, &start, block);
    case LLMGW__ANTHROPIC_CALL:
    case LLMGW__ANTHROPIC_CUSTOM:
    case LLMGW__ANTHROPIC_ANSWER:
        return start_call(d, decode, &start, block);
    case LLMGW__ANTHROPIC_SERVER:
    case LLMGW__ANTHROPIC_COMPACTION:
    case LLMGW__ANTHROPIC_OPAQUE:
        break;
    }
    return LLMGW_OK;
}

llmgw_status llmgw__anthropic_block_input(struct llmgw__anthropic_decoder *d,
                                          const struct llmgw__decode *decode,
                                          struct llmgw__anthropic_block *block,
                                          llmgw_str text)
{
    if (!text.len || block->whole)
        return LLMGW_OK;
    block->any = true;
    if (block->kind == LLMGW__ANTHROPIC_ANSWER)
        return llmgw__anthropic_say(d, decode, text);
    if (block->kind == LLMGW__ANTHROPIC_CALL)
        return llmgw__anthropic_emit(decode, LLMGW__CHUNK_TOOL_ARGS,
                                     block->ordinal, text);
    if (block->kind == LLMGW__ANTHROPIC_CUSTOM) {
        llmgw__buf_add_str(&d->input, text);
        return d->input.status;
    }
    return LLMGW_OK;
}

llmgw_status llmgw__anthropic_block_stop(struct llmgw__anthropic_decoder *d,
                                         const struct llmgw__decode *decode,
                                         struct llmgw__anthropic_block *block,
                                         llmgw_str citations)
{
    struct llmgw__chunk last = {0};

    if (!block->open)
        return LLMGW_OK;
    block->open = false;
    d->open--;
    switch ((enum llmgw__anthropic_block_kind)block->kind) {
    case LLMGW__ANTHROPIC_TEXT:
        return citations.len
                   ? llmgw__anthropic_annotate(d, decode, block, citations)
                   : LLMGW_OK;
    case LLMGW__ANTHROPIC_CALL:
        last.kind = LLMGW__CHUNK_TOOL_ARGS;
        last.variant = 1; /* complete */
        last.index = block->ordinal;
        return decode->emit(decode->userdata, &last);
    case LLMGW__ANTHROPIC_CUSTOM:
        return stop_custom(d, decode, block);
    case LLMGW__ANTHROPIC_ANSWER:
        return block->any ? LLMGW_OK
                          : llmgw__anthropic_say(d, decode, LLMGW__LIT("{}"));
    case LLMGW__ANTHROPIC_THOUGHT:
    case LLMGW__ANTHROPIC_REDACTED:
    case LLMGW__ANTHROPIC_SERVER:
    case LLMGW__ANTHROPIC_COMPACTION:
    case LLMGW__ANTHROPIC_OPAQUE:
        break;
    }
    return LLMGW_OK;
}

llmgw_status llmgw__anthropic_blocks(struct llmgw__anthropic_decoder *d,
                                     const struct llmgw__decode *decode,
                                     llmgw_str content)
{
    struct llmgw__json json;
    llmgw_status status = LLMGW_OK;

    llmgw__json_init(&json, content);
    if (!llmgw__json_array(&json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct llmgw__anthropic_block block;
        struct start start = {0};
        llmgw_str raw = llmgw__json_raw(&json);

        status = llmgw__anthropic_block_start(d, decode, &block, raw);
        if (status != LLMGW_OK)
            break;
        (void)read_start(&start, raw);
        llmgw__anthropic_record_start(&d->record, 0, LLMGW__ANTHROPIC_OPAQUE,
                                      raw);
        llmgw__anthropic_record_stop(&d->record, 0);
        status =
            llmgw__anthropic_block_stop(d, decode, &block, start.citations);
    }
    return status;
}

/* --- starts --- */

static bool read_start(struct start *start, llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key)) {
        if (LLMGW__ANTHROPIC_IS(key, "type"))
            (void)llmgw__json_string(&json, &start->type);
        else if (LLMGW__ANTHROPIC_IS(key, "id"))
            (void)llmgw__json_string(&json, &start->id);
        else if (LLMGW__ANTHROPIC_IS(key, "name"))
            (void)llmgw__json_string(&json, &start->name);
        else if (LLMGW__ANTHROPIC_IS(key, "text") ||
                 LLMGW__ANTHROPIC_IS(key, "thinking") ||
                 LLMGW__ANTHROPIC_IS(key, "data"))
            (void)llmgw__json_string(&json, &start->text);
        else if (LLMGW__ANTHROPIC_IS(key, "signature"))
            (void)llmgw__json_string(&json, &start->signature);
        else if (LLMGW__ANTHROPIC_IS(key, "input"))
            start->input = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "caller"))
            start->caller = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "citations") &&
                 llmgw__json_peek(&json) == LLMGW__JSON_ARRAY)
            start->citations = llmgw__json_raw(&json);
        else {
            start->toolset |= LLMGW__ANTHROPIC_IS(key, "toolset_name");
            llmgw__json_skip(&json);
        }
    }
    return !json.bad;
}

/** Did the model call the tool itself, not a program of its? */
static bool is_direct(llmgw_str caller)
{
    struct start start = {0};

    return !read_start(&start, caller) || !start.type.data ||
           llmgw__jstr_is(start.type, "direct");
}

/** Is a tool of this name a custom one for the host? */
static bool is_custom(const struct llmgw__decode *decode,
                      struct llmgw__jstr name)
{
    const struct llmgw__chat *chat = decode->memo->chat;

    for (size_t i = 0; i < chat->tool_count; i++) {
        if (chat->tools[i].type == LLMGW__TOOL_CUSTOM &&
            llmgw__jstr_compare(chat->tools[i].name, name) == 0)
            return true;
    }
    return false;
}

static void classify(struct llmgw__anthropic_decoder *d,
                     const struct llmgw__decode *decode,
                     const struct start *start,
                     struct llmgw__anthropic_block *block)
{
    size_t last = sizeof kinds / sizeof kinds[0] - 1;
    uint8_t rank;
    size_t i = 0;

    while (i < last && !llmgw__jstr_is(start->type, kinds[i].type))
        i++;
    block->kind = kinds[i].kind;
    rank = kinds[i].rank;
    if (block->kind == LLMGW__ANTHROPIC_CALL) {
        if (decode->memo->json_tool &&
            llmgw__jstr_is(start->name, LLMGW__ANTHROPIC_JSON_TOOL)) {
            block->kind = LLMGW__ANTHROPIC_ANSWER;
            rank = 1;
        } else if (decode->memo->custom_any && is_custom(decode, start->name)) {
            block->kind = LLMGW__ANTHROPIC_CUSTOM;
        }
        d->opaque |= start->toolset || !is_direct(start->caller);
    }
    d->opaque |= rank == 3 || rank < d->rank ||
                 !llmgw__anthropic_empty(start->citations);
    if (rank > d->rank && rank < 3)
        d->rank = rank;
}

static llmgw_status start_call(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               const struct start *start,
                               struct llmgw__anthropic_block *block)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_START};
    struct llmgw__buf compact;
    llmgw_status status = LLMGW_OK;

    if (block->kind != LLMGW__ANTHROPIC_ANSWER) {
        block->ordinal = d->calls++;
        chunk.index = block->ordinal;
        chunk.variant = block->kind == LLMGW__ANTHROPIC_CUSTOM;
        status = resolve(decode, start->id, &chunk.id);
        if (status == LLMGW_OK)
            status = resolve(decode, start->name, &chunk.name);
        if (status == LLMGW_OK)
            status = decode->emit(decode->userdata, &chunk);
    }
    if (status != LLMGW_OK)
        return status;
    llmgw__buf_reset(&d->input);
    if (llmgw__anthropic_empty(start->input))
        return LLMGW_OK; /* it holds the place */
    llmgw__buf_init(&compact, 0);
    llmgw__anthropic_compact(&compact, start->input);
    status = compact.status;
    if (status == LLMGW_OK)
        status = llmgw__anthropic_block_input(d, decode, block,
                                              llmgw__buf_str(&compact));
    llmgw__buf_clear(&compact);
    block->whole = true;
    return status;
}

/* --- ends --- */

/** The one string inside; what is no such object is passed on as it is. */
static llmgw_status unwrap(const struct llmgw__decode *decode, llmgw_str object,
                           llmgw_str *out)
{
    struct llmgw__jstr input = {NULL, 0, false};
    struct llmgw__json json;
    llmgw_str key;

    *out = object;
    llmgw__json_init(&json, object);
    if (llmgw__json_object(&json))
        while (llmgw__json_key(&json, &key)) {
            if (LLMGW__ANTHROPIC_IS(key, "input"))
                (void)llmgw__json_string(&json, &input);
            else
                llmgw__json_skip(&json);
        }
    if (!llmgw__json_end(&json) || !input.data)
        return LLMGW_OK;
    return llmgw__jstr_text(input, decode->scratch, out);
}

static llmgw_status stop_custom(struct llmgw__anthropic_decoder *d,
                                const struct llmgw__decode *decode,
                                const struct llmgw__anthropic_block *block)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS, .variant = 1};
    llmgw_status status =
        unwrap(decode, llmgw__buf_str(&d->input), &chunk.text);

    chunk.index = block->ordinal;
    if (status == LLMGW_OK)
        status = decode->emit(decode->userdata, &chunk);
    llmgw__buf_reset(&d->input);
    return status;
}
