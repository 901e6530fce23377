/*
 * provider/anthropic_decode.c - records of a stream, one JSON object each.
 *
 * A record says itself what it is (`type`); its members may come in any order,
 * so all are read first, in one pass without a copy, and acted on then.
 * message_stop is the only clean end.
 *
 * Source: Messages API, "Streaming messages". Memory: a few words for each of
 * at most MAX_BLOCKS blocks, and the record of them.
 */
#include "anthropic.h"
#include "anthropic_decoder.h"
#include "anthropic_slots.h"
#include "base/alloc.h"

#define MAX_BLOCKS 4096

/** Members of all kinds of records. */
struct event {
    struct llmgw__jstr type;
    int64_t index;
    struct llmgw__jstr delta_type;
    struct llmgw__jstr piece; /* of text, thinking, input, signature … */
    llmgw_str citation;
    struct llmgw__jstr hidden; /* the encrypted side of a compaction */
    struct llmgw__jstr stop_reason, stop_sequence;
    llmgw_str stop_details;
    llmgw_str block;
    llmgw_str message;
    llmgw_str usage;
    llmgw_str metrics; /* what the service around it has counted */
    llmgw_str error;
    llmgw_str raw;
};

typedef llmgw_status event_fn(struct llmgw__anthropic_decoder *d,
                              const struct llmgw__decode *decode,
                              const struct event *event);

static event_fn on_block_delta;
static event_fn on_message_start;
static event_fn on_block_start;
static event_fn on_block_stop;
static event_fn on_message_delta;
static event_fn on_message_stop;
static event_fn on_message;
static event_fn on_error;

static const struct {
    const char *type;
    event_fn *take;
} events[] = {
    {"content_block_delta", on_block_delta},
    {"message_start", on_message_start},
    {"content_block_start", on_block_start},
    {"content_block_stop", on_block_stop},
    {"message_delta", on_message_delta},
    {"message_stop", on_message_stop},
    {"message", on_message}, /* a whole answer in a stream of one record */
    {"error", on_error},
};

static llmgw_status take_event(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               llmgw_str data);
static bool read_event(struct event *event, llmgw_str data);
static bool take_known(struct llmgw__anthropic_decoder *d,
                       const struct llmgw__decode *decode, llmgw_str data,
                       llmgw_status *status);

llmgw_status llmgw__anthropic_frame(void *decoder,
                                    const struct llmgw__decode *decode,
                                    const struct llmgw__frame *frame)
{
    struct llmgw__anthropic_decoder *d = decoder;
    llmgw_status status;

    if (frame->kind == LLMGW__FRAME_DOCUMENT)
        return llmgw__anthropic_body(d, decode, frame->data);
    llmgw__anthropic_ready(d);
    if (d->done || d->failed)
        return LLMGW_OK; /* what follows an end is none of this answer */
    if (!take_known(d, decode, frame->data, &status))
        status = take_event(d, decode, frame->data);
    if (status == LLMGW_OK && llmgw__anthropic_record_failed(&d->record))
        status = LLMGW_E_NOMEM;
    return status;
}

static llmgw_status take_event(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               llmgw_str data)
{
    struct event event = {.index = 0, .raw = data};

    if (!read_event(&event, data)) {
        llmgw_str word = llmgw__str_trim(data);

        return !word.len || LLMGW__ANTHROPIC_IS(word, "[DONE]")
                   ? LLMGW_OK
                   : LLMGW_E_INVALID;
    }
    if (event.error.len)
        return on_error(d, decode, &event);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (llmgw__jstr_is(event.type, events[i].type))
            return events[i].take(d, decode, &event);
    return LLMGW_OK;
}

llmgw_status llmgw__anthropic_end(void *decoder,
                                  const struct llmgw__decode *decode)
{
    struct llmgw__anthropic_decoder *d = decoder;

    if (d->done)
        return LLMGW_OK;
    if (d->failed || !d->begun || !d->stopped || d->open)
        return LLMGW_E_INVALID;
    /* only the last word is missing: nothing of the answer is */
    return llmgw__anthropic_finish(d, decode, (llmgw_str){NULL, 0});
}

void llmgw__anthropic_free(void *decoder)
{
    struct llmgw__anthropic_decoder *d = decoder;

    llmgw__free(d->blocks);
    llmgw__buf_clear(&d->input);
    llmgw__anthropic_record_clear(&d->record);
}

/* --- reading --- */

static void read_delta(struct llmgw__json *json, struct event *event)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (LLMGW__ANTHROPIC_IS(key, "type"))
            (void)llmgw__json_string(json, &event->delta_type);
        else if (LLMGW__ANTHROPIC_IS(key, "text") ||
                 LLMGW__ANTHROPIC_IS(key, "partial_json") ||
                 LLMGW__ANTHROPIC_IS(key, "thinking") ||
                 LLMGW__ANTHROPIC_IS(key, "signature") ||
                 LLMGW__ANTHROPIC_IS(key, "content"))
            (void)llmgw__json_string(json, &event->piece);
        else if (LLMGW__ANTHROPIC_IS(key, "citation"))
            event->citation = llmgw__json_raw(json);
        else if (LLMGW__ANTHROPIC_IS(key, "stop_reason"))
            (void)llmgw__json_string(json, &event->stop_reason);
        else if (LLMGW__ANTHROPIC_IS(key, "stop_sequence"))
            (void)llmgw__json_string(json, &event->stop_sequence);
        else if (LLMGW__ANTHROPIC_IS(key, "encrypted_content"))
            (void)llmgw__json_string(json, &event->hidden);
        else if (LLMGW__ANTHROPIC_IS(key, "stop_details"))
            event->stop_details = llmgw__json_raw(json);
        else
            llmgw__json_skip(json);
    }
}

static bool read_event(struct event *event, llmgw_str data)
{
    struct llmgw__json json;
    llmgw_str key;

    llmgw__json_init(&json, data);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key)) {
        if (LLMGW__ANTHROPIC_IS(key, "type"))
            (void)llmgw__json_string(&json, &event->type);
        else if (LLMGW__ANTHROPIC_IS(key, "index"))
            (void)llmgw__json_int64(&json, &event->index);
        else if (LLMGW__ANTHROPIC_IS(key, "delta"))
            read_delta(&json, event);
        else if (LLMGW__ANTHROPIC_IS(key, "content_block"))
            event->block = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "message") &&
                 llmgw__json_peek(&json) == LLMGW__JSON_OBJECT)
            event->message = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "usage"))
            event->usage = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "amazon-bedrock-invocationMetrics"))
            event->metrics = llmgw__json_raw(&json);
        else if (LLMGW__ANTHROPIC_IS(key, "error") &&
                 llmgw__json_peek(&json) == LLMGW__JSON_OBJECT)
            event->error = llmgw__json_raw(&json);
        else
            llmgw__json_skip(&json);
    }
    return llmgw__json_end(&json);
}

/* --- deltas: the hot path --- */

/** Bytes that are not the rest of a character, eight at a time. */
static uint64_t count_starts(llmgw_str text)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t count = text.len;
    size_t at = 0;

    for (; text.len - at >= sizeof ones; at += sizeof ones) {
        uint64_t word;

        memcpy(&word, text.data + at, sizeof word);
        count -= ((word >> 7 & ~(word >> 6) & ones) * ones) >> 56;
    }
    for (; at < text.len; at++)
        count -= ((unsigned char)text.data[at] & 0xc0) == 0x80;
    return count;
}

/** Code points; a pair whose halves came apart counts as one. */
static uint64_t count_characters(llmgw_str text)
{
    uint64_t count;

    if (llmgw__is_short_ascii(text))
        return text.len;
    count = count_starts(text);
    for (size_t i = 0; i + 1 < text.len; i++) {
        const char *at = memchr(text.data + i, 0xed, text.len - i - 1);

        if (!at)
            break;
        i = (size_t)(at - text.data);
        count -= (unsigned char)at[1] >= 0xb0;
    }
    return count;
}

llmgw_status llmgw__anthropic_emit(const struct llmgw__decode *decode,
                                   uint8_t kind, uint32_t index, llmgw_str text)
{
    struct llmgw__chunk chunk = {.kind = kind, .index = index, .text = text};

    return decode->emit(decode->userdata, &chunk);
}

llmgw_status llmgw__anthropic_say(struct llmgw__anthropic_decoder *d,
                                  const struct llmgw__decode *decode,
                                  llmgw_str text)
{
    if (!text.len)
        return LLMGW_OK;
    d->characters += count_characters(text);
    return llmgw__anthropic_emit(decode, LLMGW__CHUNK_TEXT, 0, text);
}

llmgw_status llmgw__anthropic_think(const struct llmgw__decode *decode,
                                    const struct llmgw__anthropic_block *block,
                                    llmgw_str text, llmgw_str signature)
{
    bool redacted = block->kind == LLMGW__ANTHROPIC_REDACTED;
    struct llmgw__chunk detail = {.kind = LLMGW__CHUNK_DETAIL};
    llmgw_status status = LLMGW_OK;

    if (!text.len && !signature.len)
        return LLMGW_OK;
    if (text.len && !redacted)
        status = llmgw__anthropic_emit(decode, LLMGW__CHUNK_REASONING, 0, text);
    if (status != LLMGW_OK)
        return status;
    detail.variant = redacted ? LLMGW__DETAIL_ENCRYPTED : LLMGW__DETAIL_TEXT;
    detail.index = block->ordinal;
    detail.text = text;
    detail.extra = signature;
    detail.name = LLMGW__LIT("anthropic-claude-v1");
    return decode->emit(decode->userdata, &detail);
}

static struct llmgw__anthropic_block *
find_block(const struct llmgw__anthropic_decoder *d, int64_t index)
{
    if (index < 0 || (uint64_t)index >= d->block_count ||
        !d->blocks[index].open)
        return NULL;
    return &d->blocks[index];
}

static llmgw_str raw_of(struct llmgw__jstr str)
{
    return (llmgw_str){str.data, str.len};
}

/** A text block's piece: the next ones differ in nothing but their text. */
static llmgw_status take_mould(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               const struct event *event)
{
    llmgw_str holes[LLMGW__MOULD_HOLES] = {raw_of(event->piece)};

    d->mould_block = event->index;
    return llmgw__mould_take(&d->mould, decode->arena, event->raw, holes,
                             LLMGW__MOULD_HOLES);
}

/** A piece of the text block that the last one belonged to. */
static bool take_known(struct llmgw__anthropic_decoder *d,
                       const struct llmgw__decode *decode, llmgw_str data,
                       llmgw_status *status)
{
    const struct llmgw__anthropic_block *block;
    struct llmgw__jstr holes[LLMGW__MOULD_HOLES];
    llmgw_str text;

    if (!llmgw__mould_fits(&d->mould, data, holes))
        return false;
    block = find_block(d, d->mould_block);
    if (!block || block->kind != LLMGW__ANTHROPIC_TEXT)
        return false;
    llmgw__anthropic_record_add(&d->record, d->mould_block, raw_of(holes[0]));
    *status = llmgw__jstr_text(holes[0], decode->scratch, &text);
    if (*status == LLMGW_OK)
        *status = llmgw__anthropic_say(d, decode, text);
    return true;
}

/** A piece of whatever the block is. */
static llmgw_status take_piece(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               struct llmgw__anthropic_block *block,
                               const struct event *event)
{
    llmgw_str none = {NULL, 0};
    llmgw_str text;
    llmgw_status status =
        llmgw__jstr_text(event->piece, decode->scratch, &text);

    if (status != LLMGW_OK)
        return status;
    switch ((enum llmgw__anthropic_block_kind)block->kind) {
    case LLMGW__ANTHROPIC_TEXT:
        llmgw__anthropic_record_add(&d->record, event->index,
                                    raw_of(event->piece));
        return llmgw__anthropic_say(d, decode, text);
    case LLMGW__ANTHROPIC_THOUGHT:
        llmgw__anthropic_record_add(&d->record, event->index,
                                    raw_of(event->piece));
        return llmgw__anthropic_think(decode, block, text, none);
    case LLMGW__ANTHROPIC_CALL:
    case LLMGW__ANTHROPIC_CUSTOM:
    case LLMGW__ANTHROPIC_ANSWER:
    case LLMGW__ANTHROPIC_SERVER:
        if (!block->whole)
            llmgw__anthropic_record_add(&d->record, event->index, text);
        return llmgw__anthropic_block_input(d, decode, block, text);
    case LLMGW__ANTHROPIC_COMPACTION:
        llmgw__anthropic_record_add(&d->record, event->index,
                                    raw_of(event->piece));
        return LLMGW_OK;
    case LLMGW__ANTHROPIC_REDACTED:
    case LLMGW__ANTHROPIC_OPAQUE:
        break;
    }
    return LLMGW_OK;
}

static llmgw_status take_signature(struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__anthropic_block *block,
                                   const struct event *event)
{
    llmgw_str none = {NULL, 0};
    llmgw_str signature;
    llmgw_status status;

    if (block->kind != LLMGW__ANTHROPIC_THOUGHT || !event->piece.len)
        return LLMGW_OK;
    llmgw__anthropic_record_beside(&d->record, event->index,
                                   raw_of(event->piece));
    status = llmgw__jstr_text(event->piece, decode->scratch, &signature);
    return status == LLMGW_OK
               ? llmgw__anthropic_think(decode, block, none, signature)
               : status;
}

/** Is this what such a block grows by? Some producers leave the type out. */
static bool is_of_kind(struct llmgw__jstr type, uint8_t kind)
{
    static const char *const types[] = {
        [LLMGW__ANTHROPIC_TEXT] = "text_delta",
        [LLMGW__ANTHROPIC_THOUGHT] = "thinking_delta",
        [LLMGW__ANTHROPIC_REDACTED] = "",
        [LLMGW__ANTHROPIC_CALL] = "input_json_delta",
        [LLMGW__ANTHROPIC_CUSTOM] = "input_json_delta",
        [LLMGW__ANTHROPIC_ANSWER] = "input_json_delta",
        [LLMGW__ANTHROPIC_SERVER] = "input_json_delta",
        [LLMGW__ANTHROPIC_COMPACTION] = "compaction_delta",
        [LLMGW__ANTHROPIC_OPAQUE] = "",
    };

    return !type.data || llmgw__jstr_is(type, types[kind]);
}

static llmgw_status on_block_delta(struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct event *event)
{
    struct llmgw__anthropic_block *block = find_block(d, event->index);

    if (!block)
        return LLMGW_OK; /* of a block that nobody began */
    if (event->citation.len) {
        d->opaque = true;
        llmgw__anthropic_record_citation(&d->record, event->citation);
        return LLMGW_OK;
    }
    if (llmgw__jstr_is(event->delta_type, "signature_delta"))
        return take_signature(d, decode, block, event);
    if (block->kind == LLMGW__ANTHROPIC_OPAQUE)
        llmgw__anthropic_record_lose(&d->record); /* nobody knows what grows */
    if (!is_of_kind(event->delta_type, block->kind))
        return LLMGW_OK;
    if (event->hidden.len && block->kind == LLMGW__ANTHROPIC_COMPACTION)
        llmgw__anthropic_record_beside(&d->record, event->index,
                                       raw_of(event->hidden));
    if (!event->piece.len)
        return LLMGW_OK;
    if (block->kind == LLMGW__ANTHROPIC_TEXT &&
        take_mould(d, decode, event) != LLMGW_OK)
        return LLMGW_E_NOMEM;
    return take_piece(d, decode, block, event);
}

/* --- blocks --- */

static llmgw_status stop_block(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               int64_t index)
{
    struct llmgw__anthropic_block *block = find_block(d, index);
    llmgw_str citations = {NULL, 0};

    if (!block)
        return LLMGW_OK;
    if (block->kind == LLMGW__ANTHROPIC_TEXT)
        citations = llmgw__anthropic_record_citations(&d->record);
    llmgw__anthropic_record_stop(&d->record, index);
    return llmgw__anthropic_block_stop(d, decode, block, citations);
}

/** Blocks up to an index, the new ones closed. */
static llmgw_status make_blocks(struct llmgw__anthropic_decoder *d,
                                size_t count)
{
    void *blocks = d->blocks;

    if (count <= d->block_count)
        return LLMGW_OK;
    if (llmgw__grow(&blocks, &d->block_cap, count, sizeof *d->blocks) != 0)
        return LLMGW_E_NOMEM;
    d->blocks = blocks;
    memset(d->blocks + d->block_count, 0,
           (count - d->block_count) * sizeof *d->blocks);
    d->block_count = count;
    return LLMGW_OK;
}

static llmgw_status on_block_start(struct llmgw__anthropic_decoder *d,
                                   const struct llmgw__decode *decode,
                                   const struct event *event)
{
    llmgw_status status;

    if (event->index < 0 || event->index >= MAX_BLOCKS)
        return LLMGW_E_INVALID;
    status = make_blocks(d, (size_t)event->index + 1);
    if (status == LLMGW_OK) /* one that begins again has ended */
        status = stop_block(d, decode, event->index);
    if (status == LLMGW_OK)
        status = llmgw__anthropic_block_start(
            d, decode, &d->blocks[event->index], event->block);
    if (status == LLMGW_OK)
        llmgw__anthropic_record_start(&d->record, event->index,
                                      d->blocks[event->index].kind,
                                      event->block);
    return status;
}

static llmgw_status on_block_stop(struct llmgw__anthropic_decoder *d,
                                  const struct llmgw__decode *decode,
                                  const struct event *event)
{
    return stop_block(d, decode, event->index);
}

/* --- the message --- */

static llmgw_status on_message_start(struct llmgw__anthropic_decoder *d,
                                     const struct llmgw__decode *decode,
                                     const struct event *event)
{
    struct llmgw__anthropic_message m;
    llmgw_str id = {NULL, 0};
    llmgw_status status = LLMGW_OK;

    if (!llmgw__anthropic_message_read(&m, event->message))
        return LLMGW_E_INVALID;
    if (d->begun) { /* gateways repeat it, or splice in another answer */
        if (m.id.data)
            status = llmgw__jstr_text(m.id, decode->scratch, &id);
        if (status == LLMGW_OK && !llmgw__str_eq(id, d->id))
            status = LLMGW_E_INVALID;
        return status;
    }
    status = llmgw__anthropic_begin(d, decode, &m);
    /* the number of output tokens at the start only holds the place */
    d->counts.output = d->counts.thinking = LLMGW__ANTHROPIC_UNTOLD;
    if (status == LLMGW_OK)
        status = llmgw__anthropic_tell_usage(d, decode);
    if (status == LLMGW_OK && m.content.len)
        status = llmgw__anthropic_blocks(d, decode, m.content);
    return status;
}

static llmgw_status on_message_delta(struct llmgw__anthropic_decoder *d,
                                     const struct llmgw__decode *decode,
                                     const struct event *event)
{
    llmgw_status status =
        llmgw__anthropic_stop(d, decode, event->stop_reason,
                              event->stop_sequence, event->stop_details);

    if (status != LLMGW_OK || !event->usage.len)
        return status;
    llmgw__anthropic_counts_read(&d->counts, event->usage);
    return llmgw__anthropic_tell_usage(d, decode);
}

static llmgw_status on_message_stop(struct llmgw__anthropic_decoder *d,
                                    const struct llmgw__decode *decode,
                                    const struct event *event)
{
    llmgw_status status = LLMGW_OK;

    if (!d->begun)
        return LLMGW_E_INVALID; /* the end of nothing */
    if (event->metrics.len &&
        llmgw__anthropic_counts_fill(&d->counts, event->metrics))
        status = llmgw__anthropic_tell_usage(d, decode);
    for (size_t i = 0; i < d->block_count && status == LLMGW_OK; i++)
        status = stop_block(d, decode, (int64_t)i);
    return status == LLMGW_OK
               ? llmgw__anthropic_finish(d, decode, (llmgw_str){NULL, 0})
               : status;
}

static llmgw_status on_message(struct llmgw__anthropic_decoder *d,
                               const struct llmgw__decode *decode,
                               const struct event *event)
{
    return d->begun ? LLMGW_E_INVALID
                    : llmgw__anthropic_body(d, decode, event->raw);
}

static llmgw_status on_error(struct llmgw__anthropic_decoder *d,
                             const struct llmgw__decode *decode,
                             const struct event *event)
{
    return llmgw__anthropic_tell_error(d, decode, event->raw);
}
