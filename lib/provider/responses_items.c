/*
 * provider/responses_items.c - output items: messages, reasoning, calls.
 *
 * An item's pieces are told as they come. When it is done, what it says is
 * told if no piece of it was: some services send no deltas.
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: one struct an item.
 */
#include <string.h>

#include "base/alloc.h"
#include "responses.h"

/* An item, as views. */
struct view {
    struct llmgw__jstr type, call_id, name, input;
    llmgw_str content, summary, raw;
};

/* A part of a message or of reasoning. */
struct part {
    struct llmgw__jstr text, refusal;
    llmgw_str annotations, logprobs;
};

static void read_view(struct view *view, llmgw_str raw);
static uint8_t kind_of(const struct view *view);
static struct llmgw__responses_item *
find_item(const struct llmgw__responses_decoder *decoder, int64_t place);
static llmgw_status take_item(struct llmgw__responses_decoder *decoder,
                              int64_t place, uint8_t kind,
                              struct llmgw__responses_item **out);
static llmgw_status start_call(struct llmgw__responses_decoder *decoder,
                               const struct llmgw__decode *decode,
                               struct llmgw__responses_item *item,
                               const struct view *view);
static llmgw_status end_call(struct llmgw__responses_decoder *decoder,
                             const struct llmgw__decode *decode,
                             struct llmgw__responses_item *item,
                             const struct view *view);
static llmgw_status end_message(struct llmgw__responses_decoder *decoder,
                                const struct llmgw__decode *decode,
                                struct llmgw__responses_item *item,
                                const struct view *view);
static llmgw_status end_reasoning(struct llmgw__responses_decoder *decoder,
                                  const struct llmgw__decode *decode,
                                  struct llmgw__responses_item *item,
                                  const struct view *view);
static void read_part(struct llmgw__json *json, struct part *part);
static llmgw_status tell_text(struct llmgw__responses_decoder *decoder,
                              const struct llmgw__decode *decode, uint8_t kind,
                              struct llmgw__jstr text, llmgw_str logprobs);
static llmgw_status tell_reasoning(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   int64_t place, int64_t part,
                                   struct llmgw__jstr text);

llmgw_status llmgw__responses_added(struct llmgw__responses_decoder *decoder,
                                    const struct llmgw__decode *decode,
                                    const struct llmgw__responses_event *event)
{
    int64_t place =
        event->place < 0 ? (int64_t)decoder->item_count : event->place;
    struct llmgw__responses_item *item;
    struct view view;
    llmgw_status status;

    read_view(&view, event->item);
    status = take_item(decoder, place, kind_of(&view), &item);
    if (status == LLMGW_OK && item->kind >= LLMGW__RESPONSES_FUNCTION &&
        view.name.len)
        status = start_call(decoder, decode, item, &view);
    return status;
}

llmgw_status llmgw__responses_done(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__responses_event *event)
{
    struct llmgw__responses_item *item;
    int64_t place = event->place;
    struct view view;
    llmgw_status status;

    if (place < 0 && decoder->item_count)
        place = decoder->items[decoder->item_count - 1].place;
    read_view(&view, event->item);
    status = take_item(decoder, place < 0 ? 0 : place, kind_of(&view), &item);
    if (status != LLMGW_OK || item->done)
        return status;
    item->done = true;
    switch ((enum llmgw__responses_kind)item->kind) {
    case LLMGW__RESPONSES_MESSAGE:
        return end_message(decoder, decode, item, &view);
    case LLMGW__RESPONSES_REASONING:
        return end_reasoning(decoder, decode, item, &view);
    case LLMGW__RESPONSES_FUNCTION:
    case LLMGW__RESPONSES_CUSTOM:
        return end_call(decoder, decode, item, &view);
    case LLMGW__RESPONSES_OTHER:
        break;
    }
    return llmgw__responses_hosted(decoder, decode, event->item);
}

llmgw_status llmgw__responses_output(struct llmgw__responses_decoder *decoder,
                                     const struct llmgw__decode *decode,
                                     llmgw_str output)
{
    struct llmgw__responses_event event = {.place = 0};
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;

    llmgw__json_init(&json, output);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    for (; status == LLMGW_OK && llmgw__json_item(&json); event.place++) {
        event.item = llmgw__json_raw(&json);
        status = llmgw__responses_done(decoder, decode, &event);
    }
    return status;
}

/* --- pieces --- */

llmgw_status llmgw__responses_text(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   const struct llmgw__responses_event *event,
                                   uint8_t kind)
{
    struct llmgw__responses_item *item;
    llmgw_status status =
        take_item(decoder, event->place, LLMGW__RESPONSES_MESSAGE, &item);

    if (status != LLMGW_OK || !event->delta.len)
        return status;
    item->told = true;
    return tell_text(decoder, decode, kind, event->delta, event->logprobs);
}

llmgw_status
llmgw__responses_reasoning(struct llmgw__responses_decoder *decoder,
                           const struct llmgw__decode *decode,
                           const struct llmgw__responses_event *event,
                           uint8_t spoken)
{
    struct llmgw__responses_item *item;
    llmgw_status status =
        take_item(decoder, event->place, LLMGW__RESPONSES_REASONING, &item);

    /* an item may say the same twice: as a summary, and as it was thought */
    if (status != LLMGW_OK || !event->delta.len ||
        (item->spoken && item->spoken != spoken))
        return status;
    item->told = true;
    item->spoken = spoken;
    return tell_reasoning(decoder, decode, item->place, event->part,
                          event->delta);
}

llmgw_status
llmgw__responses_arguments(struct llmgw__responses_decoder *decoder,
                           const struct llmgw__decode *decode,
                           const struct llmgw__responses_event *event)
{
    struct llmgw__responses_item *item = find_item(decoder, event->place);
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS};
    llmgw_status status;

    /* of a call that has no name yet: they are told when it is done */
    if (!item || !item->started || item->done || !event->delta.len)
        return LLMGW_OK;
    item->told = true;
    chunk.index = item->call;
    status = llmgw__jstr_text(event->delta, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

/* --- the table of items --- */

/* Searched from its end: pieces are of the latest item. A place that was not
 * told is the latest one's. */
static struct llmgw__responses_item *
find_item(const struct llmgw__responses_decoder *decoder, int64_t place)
{
    for (size_t i = decoder->item_count; i > 0; i--)
        if (place < 0 || decoder->items[i - 1].place == place)
            return &decoder->items[i - 1];
    return NULL;
}

static llmgw_status take_item(struct llmgw__responses_decoder *decoder,
                              int64_t place, uint8_t kind,
                              struct llmgw__responses_item **out)
{
    void *items = decoder->items;

    *out = find_item(decoder, place);
    if (*out)
        return LLMGW_OK;
    if (decoder->item_count == LLMGW__RESPONSES_MAX_ITEMS)
        return LLMGW_E_INVALID;
    if (llmgw__grow(&items, &decoder->item_cap, decoder->item_count + 1,
                    sizeof **out) != 0)
        return LLMGW_E_NOMEM;
    decoder->items = items;
    *out = &decoder->items[decoder->item_count++];
    **out = (struct llmgw__responses_item){
        .place = place < 0 ? 0 : place, .base = decoder->points, .kind = kind};
    return LLMGW_OK;
}

static void read_view(struct view *view, llmgw_str raw)
{
    struct llmgw__json json;
    llmgw_str key;

    memset(view, 0, sizeof *view);
    view->raw = raw;
    llmgw__json_init(&json, raw);
    if (!llmgw__json_object(&json))
        return;
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "type"))
            llmgw__json_string(&json, &view->type);
        else if (llmgw__str_is(key, "call_id"))
            llmgw__json_string(&json, &view->call_id);
        else if (llmgw__str_is(key, "name"))
            llmgw__json_string(&json, &view->name);
        else if (llmgw__str_is(key, "arguments") || llmgw__str_is(key, "input"))
            llmgw__json_string(&json, &view->input);
        else if (llmgw__str_is(key, "content"))
            view->content = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "summary"))
            view->summary = llmgw__json_raw(&json);
        else
            llmgw__json_skip(&json);
    }
}

static uint8_t kind_of(const struct view *view)
{
    static const char *const types[] = {
        [LLMGW__RESPONSES_MESSAGE] = "message",
        [LLMGW__RESPONSES_REASONING] = "reasoning",
        [LLMGW__RESPONSES_FUNCTION] = "function_call",
        [LLMGW__RESPONSES_CUSTOM] = "custom_tool_call",
    };

    for (size_t i = 1; i < sizeof types / sizeof types[0]; i++)
        if (llmgw__jstr_is(view->type, types[i]))
            return (uint8_t)i;
    return LLMGW__RESPONSES_OTHER;
}

/* --- calls --- */

static llmgw_status start_call(struct llmgw__responses_decoder *decoder,
                               const struct llmgw__decode *decode,
                               struct llmgw__responses_item *item,
                               const struct view *view)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_START};
    llmgw_status status;

    if (item->started)
        return LLMGW_OK;
    item->started = true;
    item->call = decoder->call_count++;
    chunk.index = item->call;
    chunk.variant = item->kind == LLMGW__RESPONSES_CUSTOM;
    status = llmgw__jstr_text(view->call_id, decode->scratch, &chunk.id);
    if (status == LLMGW_OK)
        status = llmgw__jstr_text(view->name, decode->scratch, &chunk.name);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

static llmgw_status end_call(struct llmgw__responses_decoder *decoder,
                             const struct llmgw__decode *decode,
                             struct llmgw__responses_item *item,
                             const struct view *view)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_TOOL_ARGS, .variant = 1};
    llmgw_status status = start_call(decoder, decode, item, view);

    chunk.index = item->call;
    if (status == LLMGW_OK && !item->told)
        status = llmgw__jstr_text(view->input, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

/* --- messages --- */

static void read_part(struct llmgw__json *json, struct part *part)
{
    llmgw_str key;

    memset(part, 0, sizeof *part);
    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, "text"))
            llmgw__json_string(json, &part->text);
        else if (llmgw__str_is(key, "refusal"))
            llmgw__json_string(json, &part->refusal);
        else if (llmgw__str_is(key, "annotations"))
            part->annotations = llmgw__json_raw(json);
        else if (llmgw__str_is(key, "logprobs"))
            part->logprobs = llmgw__json_raw(json);
        else
            llmgw__json_skip(json);
    }
}

static int64_t count_points(llmgw_str text)
{
    int64_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += ((unsigned char)text.data[i] & 0xc0) != 0x80;
    return count;
}

/* Annotations come with the whole of a part, whose text begins at base. */
static llmgw_status end_part(struct llmgw__responses_decoder *decoder,
                             const struct llmgw__decode *decode, bool told,
                             const struct part *part, int64_t *base)
{
    llmgw_str none = {NULL, 0}, text;
    llmgw_status status = llmgw__jstr_text(part->text, decode->scratch, &text);

    if (status == LLMGW_OK && !told)
        status = tell_text(decoder, decode, LLMGW__CHUNK_TEXT, part->text,
                           part->logprobs);
    if (status == LLMGW_OK && !told)
        status = tell_text(decoder, decode, LLMGW__CHUNK_REFUSAL, part->refusal,
                           none);
    if (status == LLMGW_OK && part->annotations.len)
        status = llmgw__responses_annotations(decode, part->annotations, *base);
    if (status == LLMGW_OK)
        *base += count_points(text);
    return status;
}

static llmgw_status end_message(struct llmgw__responses_decoder *decoder,
                                const struct llmgw__decode *decode,
                                struct llmgw__responses_item *item,
                                const struct view *view)
{
    llmgw_status status = LLMGW_OK;
    int64_t base = item->base;
    bool told = item->told;
    struct llmgw__json json;
    struct part part;

    llmgw__json_init(&json, view->content);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    while (status == LLMGW_OK && llmgw__json_item(&json)) {
        read_part(&json, &part);
        status = end_part(decoder, decode, told, &part, &base);
    }
    return status;
}

/* [entry, …] -> {"content": […], "refusal": null} */
static llmgw_status wrap_logprobs(const struct llmgw__decode *decode,
                                  llmgw_str list, llmgw_str *out)
{
    static const char open[] = "{\"content\":";
    size_t len = sizeof open - 1 + list.len + 1;
    char *text;

    if (!list.len || list.data[0] != '[')
        return LLMGW_OK;
    text = llmgw__arena_alloc(decode->scratch, len);
    if (!text)
        return LLMGW_E_NOMEM;
    memcpy(text, open, sizeof open - 1);
    memcpy(text + sizeof open - 1, list.data, list.len);
    text[len - 1] = '}';
    return llmgw__openai_logprobs(decode, llmgw__str_n(text, len), out);
}

static llmgw_status tell_text(struct llmgw__responses_decoder *decoder,
                              const struct llmgw__decode *decode, uint8_t kind,
                              struct llmgw__jstr text, llmgw_str logprobs)
{
    struct llmgw__chunk chunk = {.kind = kind};
    llmgw_status status = wrap_logprobs(decode, logprobs, &chunk.extra);

    if (status == LLMGW_OK)
        status = llmgw__jstr_text(text, decode->scratch, &chunk.text);
    if (status != LLMGW_OK || !chunk.text.len)
        return status;
    if (kind == LLMGW__CHUNK_TEXT)
        decoder->points += count_points(chunk.text);
    return llmgw__openai_emit(decode, &chunk);
}

/* --- reasoning --- */

/* Parts of it stand apart by a blank line. */
static llmgw_status tell_reasoning(struct llmgw__responses_decoder *decoder,
                                   const struct llmgw__decode *decode,
                                   int64_t place, int64_t part,
                                   struct llmgw__jstr text)
{
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_REASONING};
    llmgw_status status = LLMGW_OK;

    if (!text.len)
        return LLMGW_OK;
    if (decoder->reasoned &&
        (decoder->reasoned_item != place || decoder->reasoned_part != part)) {
        chunk.text = LLMGW__LIT("\n\n");
        status = llmgw__openai_emit(decode, &chunk);
    }
    decoder->reasoned = true;
    decoder->reasoned_item = place;
    decoder->reasoned_part = part;
    if (status == LLMGW_OK)
        status = llmgw__jstr_text(text, decode->scratch, &chunk.text);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}

static llmgw_status tell_parts(struct llmgw__responses_decoder *decoder,
                               const struct llmgw__decode *decode,
                               struct llmgw__responses_item *item,
                               llmgw_str list)
{
    llmgw_status status = LLMGW_OK;
    struct llmgw__json json;
    int64_t place = item->place;
    struct part part;

    llmgw__json_init(&json, list);
    if (!llmgw__json_array(&json))
        return LLMGW_OK;
    for (int64_t i = 0; status == LLMGW_OK && llmgw__json_item(&json); i++) {
        read_part(&json, &part);
        item->told |= part.text.len > 0;
        status = tell_reasoning(decoder, decode, place, i, part.text);
    }
    return status;
}

static llmgw_status end_reasoning(struct llmgw__responses_decoder *decoder,
                                  const struct llmgw__decode *decode,
                                  struct llmgw__responses_item *item,
                                  const struct view *view)
{
    llmgw_status status = LLMGW_OK;

    if (!item->told)
        status = tell_parts(decoder, decode, item, view->summary);
    if (status == LLMGW_OK && !item->told)
        status = tell_parts(decoder, decode, item, view->content);
    if (status == LLMGW_OK)
        status = llmgw__responses_details(decoder, decode, view->raw);
    return status;
}
