/*
 * provider/gemini_answer.c - the answer as a whole: records of a stream, whole
 * bodies, the end.
 *
 * There is no closing mark: the end of the bytes is the end, and usage, calls
 * and metadata may follow the finishReason. So the finish is told at the end,
 * and an answer without a reason was cut.
 */
#include "endpoints.h"
#include "gemini.h"
#include "gemini_pieces.h"
#include "prefill.h"
#include "vertex.h"

static bool has_to_stream(const struct llmgw__chat *chat,
                          const struct llmgw__target *target);
static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame);
static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body);
static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode);
static bool goes_on(const struct llmgw__gemini_decoder *d,
                    const struct llmgw__decode *decode);
static llmgw_str go_on(void *decoder);
static void free_answer(void *decoder);
static bool has_another(llmgw_str text);
static llmgw_status read_records(struct llmgw__gemini_decoder *d,
                                 const struct llmgw__decode *decode,
                                 llmgw_str text);
static llmgw_status read_array(const struct llmgw__gemini_reading *all);
static llmgw_status tell_searches(const struct llmgw__gemini_decoder *d,
                                  const struct llmgw__decode *decode);
static llmgw_status end_choice(struct llmgw__gemini_decoder *d,
                               const struct llmgw__decode *decode,
                               struct llmgw__gemini_choice *choice);

static const char *const extensions[] = {"gemini", NULL};

static bool takes_state(const struct llmgw__target *target, llmgw_str format)
{
    (void)target;
    return llmgw__str_is(format, "google-gemini-v1") ||
           llmgw__str_is(format, "google") || llmgw__str_is(format, "gemini");
}

/* "Invalid thought signature", "Corrupted thought signature": another host's,
 * or of a history that was touched. Calls then get what stands in for one. */
static uint8_t send_again(const struct llmgw__error *error)
{
    llmgw_str message = llmgw__str(error->message);

    return error->upstream_status == 400 &&
                   llmgw__str_find_nocase(
                       message, LLMGW__LIT("thought signature")) != SIZE_MAX
               ? LLMGW__AGAIN_STATELESS
               : 0;
}

static bool takes_prefill(const struct llmgw__target *target,
                          const struct llmgw__chat *chat)
{
    struct llmgw__gemini_model model;

    llmgw__gemini_model_read(&model, target->model);
    return !model.no_prefill && !llmgw__may_think(target, chat) &&
           target->price && (target->price->can & LLMGW__CAN_PREFILL);
}

static llmgw_status encode_studio(struct llmgw__encode *encode)
{
    return llmgw__gemini_encode(encode, &llmgw__gemini_studio);
}

static llmgw_status encode_vertex(struct llmgw__encode *encode)
{
    return llmgw__gemini_encode(encode, &llmgw__gemini_vertex);
}

/* clang-format off */
#define COMMON \
    .name = "gemini", .extensions = extensions, \
    .decoder_size = sizeof(struct llmgw__gemini_decoder), \
    .frame = read_frame, .body = read_body, .end = end_answer, \
    .onward = go_on, .free = free_answer, .takes_state = takes_state, \
    .again = send_again, .streams = has_to_stream, .goes_on = takes_prefill

const struct llmgw__dialect llmgw__dialect_gemini = {
    COMMON,
    .encode = encode_studio,
    .embed = &llmgw__gemini_embed,
    .models = &llmgw__gemini_list,
};

const struct llmgw__dialect llmgw__dialect_gemini_vertex = {
    COMMON,
    .settings = llmgw__vertex_settings,
    .refuse_setting = llmgw__vertex_refuse_setting,
    .instead = llmgw__vertex_instead,
    .encode = encode_vertex,
    .embed = &llmgw__vertex_embed,
};
/* clang-format on */

/* From generation 4 on a stream may be twice as long as a whole answer, which
 * is silent for minutes. */
static bool has_to_stream(const struct llmgw__chat *chat,
                          const struct llmgw__target *target)
{
    struct llmgw__gemini_model model;

    (void)chat;
    llmgw__gemini_model_read(&model, target->model);
    return model.version >= LLMGW__GEMINI_4;
}

static llmgw_status read_frame(void *decoder,
                               const struct llmgw__decode *decode,
                               const struct llmgw__frame *frame)
{
    llmgw_status status;

    if (llmgw__gemini_known(decoder, decode, frame->data, &status))
        return status;
    return read_records(decoder, decode, frame->data);
}

static llmgw_status read_body(void *decoder, const struct llmgw__decode *decode,
                              llmgw_str body)
{
    llmgw_status status = read_records(decoder, decode, body);

    return status == LLMGW_OK ? end_answer(decoder, decode) : status;
}

static llmgw_status end_answer(void *decoder,
                               const struct llmgw__decode *decode)
{
    struct llmgw__gemini_decoder *d = decoder;
    llmgw_status status;

    if (d->failed)
        return LLMGW_OK;
    for (struct llmgw__gemini_choice *c = &d->first; c; c = c->next)
        if (c->ending == LLMGW__GEMINI_OPEN)
            return LLMGW_E_INVALID;
    status = tell_searches(d, decode);
    for (struct llmgw__gemini_choice *c = &d->first;
         c && status == LLMGW_OK && !d->failed; c = c->next)
        status = end_choice(d, decode, c);
    return status;
}

/* More comes when the same request is sent again with the token. A request has
 * one token, so an answer that goes on has one choice. */
static bool goes_on(const struct llmgw__gemini_decoder *d,
                    const struct llmgw__decode *decode)
{
    return decode->may_follow && !d->first.next && d->first.token.len > 0 &&
           d->first.ending == LLMGW__GEMINI_CONTINUES;
}

static llmgw_str go_on(void *decoder)
{
    struct llmgw__gemini_decoder *d = decoder;
    struct llmgw__gemini_choice *choice = &d->first;
    llmgw_str token = llmgw__str_n(choice->token.data, choice->token.len);

    if (d->failed || !d->onward)
        return LLMGW__LIT("");
    d->onward = false;
    choice->ending = LLMGW__GEMINI_OPEN;
    choice->text_from = choice->text.len;
    choice->token.len = choice->message.len = choice->grounding.len = 0;
    choice->searches = 0;
    choice->last = 0;
    llmgw__buf_reset(&choice->starts);
    memset(&d->counts, 0, sizeof d->counts);
    return token;
}

static void free_answer(void *decoder)
{
    struct llmgw__gemini_decoder *d = decoder;

    for (struct llmgw__gemini_choice *c = &d->first; c; c = c->next) {
        llmgw__buf_clear(&c->text);
        llmgw__buf_clear(&c->starts);
        llmgw__buf_clear(&c->audio);
        llmgw__buf_clear(&c->blocks);
        llmgw__gemini_pieces_clear(c);
    }
}

/* Is there a candidate of another index than 0? More come than were asked for
 * where the host set candidateCount itself, and text must not be told before
 * it is known whose it is. A member of that name elsewhere does no harm. */
static bool has_another(llmgw_str text)
{
    static const char key[] = "\"index\"";
    size_t at;

    while ((at = llmgw__str_find(text, llmgw__str(key))) != SIZE_MAX) {
        llmgw_str value;

        at += sizeof key - 1;
        text = llmgw__str_n(text.data + at, text.len - at);
        value = llmgw__str_trim(text);
        if (value.len == 0 || value.data[0] != ':')
            continue;
        value = llmgw__str_trim(llmgw__str_n(value.data + 1, value.len - 1));
        if (value.len > 0 && value.data[0] != '0')
            return true;
    }
    return false;
}

/* One record, or an array of them, as it comes where no stream was asked for
 * record by record. */
static llmgw_status read_records(struct llmgw__gemini_decoder *d,
                                 const struct llmgw__decode *decode,
                                 llmgw_str text)
{
    struct llmgw__json json;
    struct llmgw__gemini_reading r = {
        .decoder = d, .decode = decode, .json = &json};
    llmgw_status status = LLMGW_OK;

    d->several = d->several || has_another(text);
    llmgw__json_init(&json, text);
    if (llmgw__json_peek(&json) != LLMGW__JSON_ARRAY)
        status = d->failed ? LLMGW_OK : llmgw__gemini_record(&r);
    else if (llmgw__str_is(llmgw__str_trim(text), "[DONE]"))
        return LLMGW_OK; /* a proxy's habit */
    else
        status = read_array(&r);
    if (status != LLMGW_OK || d->failed)
        return status;
    return llmgw__json_end(&json) ? llmgw__gemini_learn(&r, text)
                                  : LLMGW_E_INVALID;
}

static llmgw_status read_array(const struct llmgw__gemini_reading *all)
{
    llmgw_status status = LLMGW_OK;

    if (!llmgw__json_array(all->json))
        return LLMGW_E_INVALID;
    while (status == LLMGW_OK && !all->decoder->failed &&
           llmgw__json_item(all->json)) {
        struct llmgw__gemini_reading one = *all;

        status = llmgw__gemini_record(&one);
    }
    return status;
}

/* Searches are counted by what the metadata says last. */
static llmgw_status tell_searches(const struct llmgw__gemini_decoder *d,
                                  const struct llmgw__decode *decode)
{
    struct llmgw__usage usage;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_USAGE, .usage = &usage};
    int64_t searches = 0;

    for (const struct llmgw__gemini_choice *c = &d->first; c; c = c->next)
        searches += c->searches;
    if (searches == 0 || !d->counts.any)
        return LLMGW_OK;
    llmgw__gemini_usage(&d->counts, &usage);
    usage.tools[LLMGW__TOOL_WEB_SEARCH] = searches;
    return decode->emit(decode->userdata, &chunk);
}

static llmgw_status end_choice(struct llmgw__gemini_decoder *d,
                               const struct llmgw__decode *decode,
                               struct llmgw__gemini_choice *choice)
{
    llmgw_finish_reason reason = llmgw__gemini_finish_of(choice);
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH,
                                 .variant = (uint8_t)reason,
                                 .choice = choice->index,
                                 .text = llmgw__str(choice->native)};
    struct llmgw__jstr message = llmgw__gemini_kept(&choice->message, true);
    llmgw_status status = LLMGW_OK;

    if (goes_on(d, decode)) {
        d->onward = true; /* the segments of this exchange count from its own
                             beginning */
        return llmgw__gemini_citations(decode, choice);
    }
    if (reason == LLMGW_FINISH_NONE)
        return llmgw__gemini_fail(d, decode, choice);
    if (choice->message.len > 0)
        status = llmgw__jstr_text(message, decode->scratch, &chunk.extra);
    if (status != LLMGW_OK)
        return status;
    status = llmgw__gemini_pieces_end(decode, choice);
    if (status == LLMGW_OK)
        status = llmgw__gemini_extras(decode, choice);
    return status == LLMGW_OK ? decode->emit(decode->userdata, &chunk) : status;
}
