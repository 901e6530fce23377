/*
 * provider/bedrock_answer.c - blocks of an answer as chunks; calls, text and
 * what is open are kept as the anthropic decoder keeps them.
 *
 * Source: Amazon Bedrock Runtime API, "ContentBlock", "ContentBlockDelta".
 * Memory: a few words for each block; citations of the open one.
 */
#include "bedrock_decoder.h"
#include "calls.h"

#define MAX_CITATIONS ((size_t)4 << 20)

static struct llmgw__anthropic_block *
find_block(const struct llmgw__converse_decoder *d, int64_t index);
static llmgw_status open_block(const struct llmgw__converse_reading *r,
                               int64_t index, uint8_t kind,
                               struct llmgw__anthropic_block **out);
static llmgw_status begin_call(const struct llmgw__converse_reading *r,
                               const struct llmgw__converse_piece *piece,
                               int64_t index);
static llmgw_status tell_input(const struct llmgw__converse_reading *r,
                               const struct llmgw__converse_piece *piece,
                               struct llmgw__anthropic_block *block);
static llmgw_status tell_thought(const struct llmgw__converse_reading *r,
                                 const struct llmgw__converse_piece *piece,
                                 int64_t index);
static llmgw_status tell_text(const struct llmgw__converse_reading *r,
                              struct llmgw__jstr raw, int64_t index);
static llmgw_status tell_said(const struct llmgw__converse_reading *r,
                              llmgw_str said, int64_t index);
static llmgw_status keep_citations(struct llmgw__converse_decoder *d,
                                   const struct llmgw__converse_piece *piece);
static llmgw_status tell_citations(const struct llmgw__converse_reading *r,
                                   const struct llmgw__anthropic_block *block);

/** Escapes resolved; an absent string is empty. */
static llmgw_status resolve(const struct llmgw__decode *decode,
                            struct llmgw__jstr str, llmgw_str *out)
{
    *out = (llmgw_str){NULL, 0};
    return str.data ? llmgw__jstr_text(str, decode->scratch, out) : LLMGW_OK;
}

llmgw_status llmgw__converse_block(const struct llmgw__converse_reading *r,
                                   int64_t index, llmgw_str json)
{
    struct llmgw__converse_piece piece;
    struct llmgw__anthropic_block *block;
    llmgw_status status = LLMGW_OK;

    llmgw__converse_piece_read(&piece, json);
    if (piece.call && piece.name.len)
        status = begin_call(r, &piece, index);
    block = find_block(r->decoder, index);
    if (status == LLMGW_OK && piece.call && block)
        status = tell_input(r, &piece, block);
    if (status == LLMGW_OK &&
        (piece.thought.data || piece.signature.data || piece.redacted.data))
        status = tell_thought(r, &piece, index);
    if (status == LLMGW_OK && piece.text.len)
        status = tell_text(r, piece.text, index);
    if (status == LLMGW_OK && piece.said.len)
        status = tell_said(r, piece.said, index);
    return status == LLMGW_OK ? keep_citations(r->decoder, &piece) : status;
}

llmgw_status llmgw__converse_block_end(const struct llmgw__converse_reading *r,
                                       int64_t index)
{
    struct llmgw__converse_decoder *d = r->decoder;
    struct llmgw__anthropic_block *block = find_block(d, index);
    llmgw_status status = LLMGW_OK;

    if (block && d->citations.len)
        status = tell_citations(r, block);
    llmgw__buf_reset(&d->citations);
    return block && status == LLMGW_OK
               ? llmgw__anthropic_block_stop(&d->base, r->decode, block,
                                             (llmgw_str){NULL, 0})
               : status;
}

/* --- which block --- */

static struct llmgw__anthropic_block *
find_block(const struct llmgw__converse_decoder *d, int64_t index)
{
    for (size_t i = d->block_count; i > 0; i--)
        if (d->blocks[i - 1].index == index)
            return d->blocks[i - 1].block.open ? &d->blocks[i - 1].block : NULL;
    return NULL;
}

/* The last one's place is taken over once it is closed. */
static llmgw_status open_block(const struct llmgw__converse_reading *r,
                               int64_t index, uint8_t kind,
                               struct llmgw__anthropic_block **out)
{
    struct llmgw__converse_decoder *d = r->decoder;
    bool reuse = d->block_count && !d->blocks[d->block_count - 1].block.open;

    if (!reuse &&
        llmgw__arena_grow(r->decode->arena, (void **)&d->blocks, &d->block_cap,
                          d->block_count + 1, sizeof *d->blocks))
        return LLMGW_E_NOMEM;
    d->block_count += !reuse;
    d->base.open++;
    d->blocks[d->block_count - 1] = (struct llmgw__converse_block){
        index,
        {.open = true, .kind = kind, .from = d->base.characters},
    };
    *out = &d->blocks[d->block_count - 1].block;
    return LLMGW_OK;
}

/* --- calls --- */

static llmgw_status begin_call(const struct llmgw__converse_reading *r,
                               const struct llmgw__converse_piece *piece,
                               int64_t index)
{
    const struct llmgw__decode *decode = r->decode;
    struct llmgw__anthropic_decoder *base = &r->decoder->base;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_START};
    struct llmgw__anthropic_block *block = NULL;
    uint8_t kind = LLMGW__ANTHROPIC_CALL;
    llmgw_status status = resolve(decode, piece->name, &chunk.name);

    if (status == LLMGW_OK)
        status = resolve(decode, piece->id, &chunk.id);
    if (status != LLMGW_OK)
        return status;
    if (llmgw__jstr_is(piece->type, "server_tool_use"))
        kind = LLMGW__ANTHROPIC_OPAQUE; /* the service runs it */
    else if (decode->memo && decode->memo->json_tool &&
             llmgw__str_is(chunk.name, LLMGW__ANTHROPIC_JSON_TOOL))
        kind = LLMGW__ANTHROPIC_ANSWER;
    else if (llmgw__calls_custom(decode, chunk.name))
        kind = LLMGW__ANTHROPIC_CUSTOM;
    status = open_block(r, index, kind, &block);
    r->decoder->answered |= kind == LLMGW__ANTHROPIC_ANSWER;
    if (status != LLMGW_OK || kind == LLMGW__ANTHROPIC_ANSWER ||
        kind == LLMGW__ANTHROPIC_OPAQUE)
        return status;
    block->ordinal = chunk.index = base->calls++;
    chunk.variant = kind == LLMGW__ANTHROPIC_CUSTOM;
    return decode->emit(decode->userdata, &chunk);
}

static llmgw_status tell_input(const struct llmgw__converse_reading *r,
                               const struct llmgw__converse_piece *piece,
                               struct llmgw__anthropic_block *block)
{
    llmgw_str text;
    llmgw_status status = resolve(r->decode, piece->input, &text);

    if (piece->whole.len)
        status = llmgw__calls_compact(piece->whole, r->decode->scratch, &text);
    return status == LLMGW_OK ? llmgw__anthropic_block_input(
                                    &r->decoder->base, r->decode, block, text)
                              : status;
}

/* --- thinking --- */

static llmgw_status tell_detail(const struct llmgw__converse_reading *r,
                                const struct llmgw__anthropic_block *block,
                                llmgw_str text, llmgw_str signature)
{
    struct llmgw__chunk detail = {
        .kind = LLMGW__CHUNK_DETAIL,
        .variant = block->kind == LLMGW__ANTHROPIC_REDACTED
                       ? LLMGW__DETAIL_ENCRYPTED
                       : LLMGW__DETAIL_TEXT,
        .index = block->ordinal,
        .text = text,
        .extra = signature,
        .name = llmgw__str(r->decoder->state),
    };

    return text.len || signature.len
               ? r->decode->emit(r->decode->userdata, &detail)
               : LLMGW_OK;
}

static llmgw_status tell_thought(const struct llmgw__converse_reading *r,
                                 const struct llmgw__converse_piece *piece,
                                 int64_t index)
{
    struct llmgw__converse_decoder *d = r->decoder;
    bool redacted = piece->redacted.data != NULL;
    struct llmgw__anthropic_block *block = find_block(d, index);
    llmgw_str text, signature;
    llmgw_status status =
        resolve(r->decode, redacted ? piece->redacted : piece->thought, &text);

    if (status == LLMGW_OK)
        status = resolve(r->decode, piece->signature, &signature);
    if (status == LLMGW_OK && !block) {
        status = open_block(r, index,
                            redacted ? LLMGW__ANTHROPIC_REDACTED
                                     : LLMGW__ANTHROPIC_THOUGHT,
                            &block);
        if (status == LLMGW_OK)
            block->ordinal = d->base.thoughts++;
    }
    if (status == LLMGW_OK && !redacted && text.len)
        status =
            llmgw__anthropic_emit(r->decode, LLMGW__CHUNK_REASONING, 0, text);
    return status == LLMGW_OK ? tell_detail(r, block, text, signature) : status;
}

/* --- text --- */

static llmgw_status tell_text(const struct llmgw__converse_reading *r,
                              struct llmgw__jstr raw, int64_t index)
{
    struct llmgw__anthropic_block *block = find_block(r->decoder, index);
    llmgw_str text;
    llmgw_status status = resolve(r->decode, raw, &text);

    if (status == LLMGW_OK && !block)
        status = open_block(r, index, LLMGW__ANTHROPIC_TEXT, &block);
    return status == LLMGW_OK
               ? llmgw__anthropic_say(&r->decoder->base, r->decode, text)
               : status;
}

/* [{"text":…},…] */
static llmgw_status tell_said(const struct llmgw__converse_reading *r,
                              llmgw_str said, int64_t index)
{
    struct llmgw__json json;
    llmgw_status status = LLMGW_OK;

    llmgw__json_init(&json, said);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        struct llmgw__converse_piece piece;

        llmgw__converse_piece_read(&piece, llmgw__json_raw(&json));
        if (piece.text.len)
            status = tell_text(r, piece.text, index);
    }
    return status;
}

/* --- citations: told with the end of their block --- */

static llmgw_status keep_citations(struct llmgw__converse_decoder *d,
                                   const struct llmgw__converse_piece *piece)
{
    llmgw_str one = piece->citation;

    if (piece->citations.len > 2 && piece->citations.data[0] == '[')
        one = llmgw__str_n(piece->citations.data + 1, piece->citations.len - 2);
    if (!one.len || d->citations.len + one.len > MAX_CITATIONS)
        return LLMGW_OK;
    if (d->citations.len)
        llmgw__buf_add_char(&d->citations, ',');
    llmgw__buf_add_str(&d->citations, one);
    return d->citations.status;
}

static llmgw_status tell_citations(const struct llmgw__converse_reading *r,
                                   const struct llmgw__anthropic_block *block)
{
    struct llmgw__jdoc doc = {.nodes = NULL};
    llmgw_status status = LLMGW_OK;
    struct llmgw__buf list;

    llmgw__buf_init(&list, 0);
    llmgw__buf_add_char(&list, '[');
    llmgw__buf_add_str(&list, llmgw__buf_str(&r->decoder->citations));
    llmgw__buf_add_char(&list, ']');
    status = list.status;
    if (status == LLMGW_OK)
        status = llmgw__jdoc_parse(&doc, llmgw__buf_str(&list), 0);
    for (uint32_t at = llmgw__jdoc_first(&doc, 0);
         status == LLMGW_OK && at != LLMGW__JNONE;
         at = llmgw__jdoc_next(&doc, 0, at)) {
        uint32_t web =
            llmgw__jdoc_get(&doc, llmgw__jdoc_get(&doc, at, "location"), "web");
        struct llmgw__jstr url =
            llmgw__jdoc_string(&doc, llmgw__jdoc_get(&doc, web, "url"));

        if (url.len)
            status = llmgw__anthropic_cite(
                &r->decoder->base, r->decode, block,
                llmgw__jdoc_string(&doc, llmgw__jdoc_get(&doc, at, "title")),
                url);
    }
    llmgw__jdoc_clear(&doc);
    llmgw__buf_clear(&list);
    return status;
}
