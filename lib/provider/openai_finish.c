/*
 * provider/openai_finish.c - why a choice has ended, in whatever word a service
 * has for it; some words are no end but a failure.
 *
 * Source: the services' documentation and recorded traffic. Memory: none.
 */
#include <stdio.h>

#include "openai_decode.h"
#include "openai_service.h"

/* A service's word, and what it means: a reason, or an error. */
struct ending {
    const char *word;
    uint8_t reason;
    uint8_t kind;
};

/* clang-format off */
static const struct ending endings[] = {
    {"stop", LLMGW_FINISH_STOP, 0},
    {"length", LLMGW_FINISH_LENGTH, 0},
    {"tool_calls", LLMGW_FINISH_TOOL_CALLS, 0},
    {"content_filter", LLMGW_FINISH_CONTENT_FILTER, 0},
    {"function_call", LLMGW_FINISH_TOOL_CALLS, 0},
    {"eos", LLMGW_FINISH_STOP, 0},
    {"end_turn", LLMGW_FINISH_STOP, 0},
    {"stop_sequence", LLMGW_FINISH_STOP, 0},
    {"completed", LLMGW_FINISH_STOP, 0},
    {"complete", LLMGW_FINISH_STOP, 0},
    {"COMPLETE", LLMGW_FINISH_STOP, 0},
    {"max_tokens", LLMGW_FINISH_LENGTH, 0},
    {"MAX_TOKENS", LLMGW_FINISH_LENGTH, 0},
    {"model_length", LLMGW_FINISH_LENGTH, 0},
    {"model_context_window_exceeded", LLMGW_FINISH_LENGTH, 0},
    {"tool_use", LLMGW_FINISH_TOOL_CALLS, 0},
    {"tool_call", LLMGW_FINISH_TOOL_CALLS, 0},
    {"sensitive", LLMGW_FINISH_CONTENT_FILTER, 0},
    {"safety", LLMGW_FINISH_CONTENT_FILTER, 0},
    {"SAFETY", LLMGW_FINISH_CONTENT_FILTER, 0},
    {"content_filtered", LLMGW_FINISH_CONTENT_FILTER, 0},
    {"refusal", LLMGW_FINISH_CONTENT_FILTER, 0},
    {"null", LLMGW_FINISH_NONE, 0},
    {"error", 0, LLMGW_KIND_SERVER_ERROR},
    {"abort", 0, LLMGW_KIND_SERVER_ERROR},
    {"network_error", 0, LLMGW_KIND_UPSTREAM_UNAVAILABLE},
    {"insufficient_system_resource", 0, LLMGW_KIND_OVERLOADED},
};
/* clang-format on */

static const struct ending *find_ending(struct llmgw__jstr word)
{
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++)
        if (llmgw__jstr_is(word, endings[i].word))
            return &endings[i];
    return &endings[0]; /* an unknown word is a natural end */
}

static llmgw_status tell_failed_finish(struct llmgw__openai_decoder *decoder,
                                       const struct llmgw__decode *decode,
                                       const struct ending *ending)
{
    static const char before[] = "the provider gave up with finish reason ";
    const struct llmgw__provider_row *row = decode->target->provider->row;
    llmgw_str word = llmgw__str(ending->word);
    char message[sizeof before + 64];
    struct llmgw__error error;
    llmgw_error_kind kind = ending->kind;

    if (row && row->openai && llmgw__str_is(word, "error"))
        kind = row->openai->finish_error;
    (void)snprintf(message, sizeof message, "%s%s", before, ending->word);
    llmgw__error_setz(&error, kind, message);
    llmgw__error_copy(error.raw_code, sizeof error.raw_code, word);
    decoder->failed = true;
    return llmgw__openai_emit(
        decode,
        &(struct llmgw__chunk){.kind = LLMGW__CHUNK_ERROR, .error = &error});
}

llmgw_status
llmgw__openai_decode_finish(struct llmgw__openai_decoder *decoder,
                            const struct llmgw__decode *decode, uint16_t index,
                            const struct llmgw__openai_choice *choice)
{
    const struct ending *ending = find_ending(choice->finish);
    struct llmgw__chunk chunk = {.kind = LLMGW__CHUNK_FINISH,
                                 .variant = ending->reason,
                                 .choice = index};
    llmgw_status status;

    if (ending->kind)
        return tell_failed_finish(decoder, decode, ending);
    if (ending->reason == LLMGW_FINISH_NONE)
        return LLMGW_OK;
    decoder->seen[index / 64] |= UINT64_C(1) << index % 64;
    decoder->finished[index / 64] |= UINT64_C(1) << index % 64;
    status =
        llmgw__jstr_text(choice->native.len ? choice->native : choice->finish,
                         decode->scratch, &chunk.text);
    return status == LLMGW_OK ? llmgw__openai_emit(decode, &chunk) : status;
}
