/*
 * provider/responses_decode.c - answers of the Responses API -> chunks.
 *
 * The type in an event's data decides. Items are told as their pieces come;
 * what came in no pieces is told when its item is done. The answer ends with
 * response.completed, incomplete, failed or error; bytes that end before that
 * are a truncated answer.
 *
 * Source: OpenAI API description 2.3.0, responses; recorded traffic of nine
 * services. Memory: 48 bytes an output item, at most 2048 of them; identity in
 * the attempt's arena; the scratch arena for strings with escapes.
 */
#include <string.h>

#include "base/alloc.h"
#include "endpoints.h"
#include "error_facts.h"
#include "responses.h"

typedef llmgw_status (*event_fn)(struct llmgw__responses_decoder *decoder,
                                 const struct llmgw__decode *decode,
                                 const struct llmgw__responses_event *event);

static llmgw_status decode_frame(void *state,
                                 const struct llmgw__decode *decode,
                                 const struct llmgw__frame *frame);
static llmgw_status decode_body(void *state, const struct llmgw__decode *decode,
                                llmgw_str body);
static llmgw_status decode_end(void *state, const struct llmgw__decode *decode);
static void free_decoder(void *state);

static llmgw_status begun(struct llmgw__responses_decoder *decoder,
                          const struct llmgw__decode *decode,
                          const struct llmgw__responses_event *event);
static llmgw_status ended(struct llmgw__responses_decoder *decoder,
                          const struct llmgw__decode *decode,
                          const struct llmgw__responses_event *event);
static llmgw_status content(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event);
static llmgw_status refusal(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event);
static llmgw_status summary(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event);
static llmgw_status thought(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event);
static llmgw_status tell_identity(struct llmgw__responses_decoder *decoder,
                                  const struct llmgw__decode *decode,
                                  struct llmgw__responses_answer *answer,
                                  bool last);
static llmgw_status finish(struct llmgw__responses_decoder *decoder,
                           const struct llmgw__decode *decode,
                           const struct llmgw__responses_answer *answer);
static llmgw_status tell_error(struct llmgw__responses_decoder *decoder,
                               const struct llmgw__decode *decode,
                               llmgw_str json);

/* clang-format off */
static const struct {
    const char *type;
    event_fn tell;
} events[] = {
    {"response.output_text.delta", content},
    {"response.function_call_arguments.delta", llmgw__responses_arguments},
    {"response.custom_tool_call_input.delta", llmgw__responses_arguments},
    {"response.reasoning_summary_text.delta", summary},
    {"response.reasoning_text.delta", thought},
    {"response.refusal.delta", refusal},
    {"response.output_item.added", llmgw__responses_added},
    {"response.output_item.done", llmgw__responses_done},
    {"response.created", begun},
    {"response.in_progress", begun},
    {"response.queued", begun},
    {"response.completed", ended},
    {"response.incomplete", ended},
    {"response.failed", ended},
};
/* clang-format on */

/* Entries of reasoning, whole outputs, and the phase of a message. */
static bool takes_state(const struct llmgw__target *target, llmgw_str format)
{
    static const char *const formats[] = {LLMGW__RESPONSES_FORMAT,
                                          LLMGW__RESPONSES_FAMILY,
                                          LLMGW__RESPONSES_EXTRA};

    (void)target;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        if (llmgw__str_is(format, formats[i]))
            return true;
    return false;
}

/* Its input has no turn that is not said to its end. */
static bool goes_on(const struct llmgw__target *target,
                    const struct llmgw__chat *chat)
{
    (void)target;
    (void)chat;
    return false;
}

const struct llmgw__dialect llmgw__dialect_responses = {
    .name = "responses",
    .encode = llmgw__responses_encode,
    .decoder_size = sizeof(struct llmgw__responses_decoder),
    .frame = decode_frame,
    .body = decode_body,
    .end = decode_end,
    .free = free_decoder,
    .embed = &llmgw__openai_embed, /* of the same services */
    .models = &llmgw__openai_list,
    .takes_state = takes_state,
    .goes_on = goes_on,
};

static llmgw_status decode_frame(void *state,
                                 const struct llmgw__decode *decode,
                                 const struct llmgw__frame *frame)
{
    struct llmgw__responses_decoder *decoder = state;
    llmgw_str data = llmgw__str_trim(frame->data);
    struct llmgw__responses_event event;

    if (frame->kind == LLMGW__FRAME_DOCUMENT)
        return decode_body(state, decode, data);
    /* some services end their streams as those of chat completions end */
    if (decoder->ended || decoder->failed || !data.len ||
        llmgw__str_is(data, "[DONE]"))
        return LLMGW_OK;
    if (!llmgw__responses_read_event(&event, data))
        return LLMGW_E_INVALID;
    if (!event.type.data)
        event.type = llmgw__jstr(frame->event, false);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        if (llmgw__jstr_is(event.type, events[i].type))
            return events[i].tell(decoder, decode, &event);
    if (llmgw__jstr_is(event.type, "error") ||
        (!event.type.len && llmgw__error_in_body(data)))
        return tell_error(decoder, decode, data);
    return LLMGW_OK; /* progress of hosted tools, and what repeats deltas */
}

static llmgw_status decode_body(void *state, const struct llmgw__decode *decode,
                                llmgw_str body)
{
    struct llmgw__responses_decoder *decoder = state;
    struct llmgw__responses_answer answer;
    llmgw_status status;

    decoder->whole = true;
    if (!llmgw__responses_read_answer(&answer, body))
        return LLMGW_E_INVALID;
    status = tell_identity(decoder, decode, &answer, true);
    if (status == LLMGW_OK && !llmgw__error_truthy(answer.told.error) &&
        (!answer.output.len || answer.output.data[0] != '['))
        return LLMGW_E_INVALID; /* no response object */
    return status == LLMGW_OK ? finish(decoder, decode, &answer) : status;
}

static llmgw_status decode_end(void *state, const struct llmgw__decode *decode)
{
    struct llmgw__responses_decoder *decoder = state;

    (void)decode;
    return decoder->ended || decoder->failed ? LLMGW_OK : LLMGW_E_INVALID;
}

static void free_decoder(void *state)
{
    struct llmgw__responses_decoder *decoder = state;

    llmgw__free(decoder->items);
    decoder->items = NULL;
    decoder->item_count = decoder->item_cap = 0;
}

/* --- events of the response itself --- */

static llmgw_status begun(struct llmgw__responses_decoder *decoder,
                          const struct llmgw__decode *decode,
                          const struct llmgw__responses_event *event)
{
    struct llmgw__responses_answer answer;

    if (!llmgw__responses_read_answer(&answer, event->response))
        return LLMGW_OK;
    return tell_identity(decoder, decode, &answer, false);
}

static llmgw_status ended(struct llmgw__responses_decoder *decoder,
                          const struct llmgw__decode *decode,
                          const struct llmgw__responses_event *event)
{
    struct llmgw__responses_answer answer;
    llmgw_status status;

    if (!llmgw__responses_read_answer(&answer, event->response))
        return LLMGW_E_INVALID;
    if (!answer.status.data) /* the event's name says the same */
        answer.status = (struct llmgw__jstr){
            event->type.data + sizeof "response." - 1,
            event->type.len - (uint32_t)(sizeof "response." - 1),
            event->type.escaped};
    status = tell_identity(decoder, decode, &answer, true);
    return status == LLMGW_OK ? finish(decoder, decode, &answer) : status;
}

static llmgw_status content(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event)
{
    return llmgw__responses_text(decoder, decode, event, LLMGW__CHUNK_TEXT);
}

static llmgw_status refusal(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event)
{
    return llmgw__responses_text(decoder, decode, event, LLMGW__CHUNK_REFUSAL);
}

static llmgw_status summary(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event)
{
    return llmgw__responses_reasoning(decoder, decode, event, 1);
}

static llmgw_status thought(struct llmgw__responses_decoder *decoder,
                            const struct llmgw__decode *decode,
                            const struct llmgw__responses_event *event)
{
    return llmgw__responses_reasoning(decoder, decode, event, 2);
}

/* --- the answer as such --- */

/* Before the end "auto" only repeats what was asked for: the tier that was
 * used is told last. */
static llmgw_status tell_identity(struct llmgw__responses_decoder *decoder,
                                  const struct llmgw__decode *decode,
                                  struct llmgw__responses_answer *answer,
                                  bool last)
{
    llmgw_str moderation =
        answer->told.vendors[LLMGW__OPENAI_MODERATION_RESULT];
    struct llmgw__identity told;
    llmgw_status status;

    if (!last && llmgw__jstr_is(answer->told.tier, "auto"))
        answer->told.tier = (struct llmgw__jstr){NULL, 0, false};
    status = llmgw__openai_decode_identity(&decoder->identity, decode,
                                           &answer->told);
    if (status != LLMGW_OK || !last || !moderation.len)
        return status;
    told = decoder->identity;
    told.moderation = moderation;
    return llmgw__openai_emit(
        decode, &(struct llmgw__chunk){.kind = LLMGW__CHUNK_IDENTITY,
                                       .identity = &told});
}

static uint8_t finish_reason(const struct llmgw__responses_decoder *decoder,
                             const struct llmgw__responses_answer *answer)
{
    if (llmgw__jstr_is(answer->reason, "content_filter"))
        return LLMGW_FINISH_CONTENT_FILTER;
    if (llmgw__jstr_is(answer->status, "incomplete"))
        return LLMGW_FINISH_LENGTH;
    return decoder->call_count ? LLMGW_FINISH_TOOL_CALLS : LLMGW_FINISH_STOP;
}

static bool has_failed(const struct llmgw__responses_answer *answer)
{
    return llmgw__error_truthy(answer->told.error) ||
           llmgw__jstr_is(answer->status, "failed") ||
           llmgw__jstr_is(answer->status, "cancelled");
}

/* Either the error or what is left to tell, and usage with both. */
static llmgw_status finish(struct llmgw__responses_decoder *decoder,
                           const struct llmgw__decode *decode,
                           const struct llmgw__responses_answer *answer)
{
    struct llmgw__jstr word =
        answer->reason.len ? answer->reason : answer->status;
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH};
    bool failed = has_failed(answer);
    llmgw_status status = LLMGW_OK;

    if (!failed && (llmgw__jstr_is(answer->status, "queued") ||
                    llmgw__jstr_is(answer->status, "in_progress")))
        return LLMGW_E_INVALID; /* an answer that is still being made */
    if (!failed)
        status = llmgw__responses_output(decoder, decode, answer->output);
    if (!failed && status == LLMGW_OK)
        status = llmgw__responses_state(decode, answer->output);
    if (status == LLMGW_OK)
        status =
            llmgw__openai_decode_usage(decode, &answer->told, decoder->tools);
    if (failed && status == LLMGW_OK)
        return tell_error(decoder, decode, answer->told.error);
    if (status == LLMGW_OK)
        status = llmgw__jstr_text(word, decode->scratch, &chunk.text);
    if (status != LLMGW_OK)
        return status;
    decoder->ended = true;
    chunk.variant = finish_reason(decoder, answer);
    return llmgw__openai_emit(decode, &chunk);
}

static llmgw_status tell_error(struct llmgw__responses_decoder *decoder,
                               const struct llmgw__decode *decode,
                               llmgw_str json)
{
    struct llmgw__error error;

    decoder->failed = true;
    if (llmgw__error_truthy(json))
        llmgw__error_classify_inband(decode, json, &error);
    else
        llmgw__error_setz(&error, LLMGW_KIND_SERVER_ERROR,
                          "the provider gave up on the response");
    return llmgw__openai_emit(
        decode,
        &(struct llmgw__chunk){.kind = LLMGW__CHUNK_ERROR, .error = &error});
}
