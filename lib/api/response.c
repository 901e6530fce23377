/*
 * api/response.c - read an answer and its usage.
 */
#include <llmgw/response.h>

#include "gateway.h"

static const struct llmgw__answer_choice *
choice_of(const llmgw_response *response, size_t index)
{
    if (!response || !response->answer ||
        index >= response->answer->choice_count)
        return NULL;
    return &response->answer->choices[index];
}

static const struct llmgw__answer_tool *tool_of(const llmgw_response *response,
                                                size_t choice, size_t index)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from && index < from->tool_count ? &from->tools[index] : NULL;
}

const char *llmgw_finish_name(llmgw_finish_reason reason)
{
    return llmgw__finish_name(reason);
}

llmgw_str llmgw_response_id(const llmgw_response *response)
{
    return response && response->answer ? response->answer->identity.id
                                        : llmgw__str("");
}

llmgw_str llmgw_response_model(const llmgw_response *response)
{
    return response && response->answer ? response->answer->identity.model
                                        : llmgw__str("");
}

int64_t llmgw_response_created(const llmgw_response *response)
{
    return response && response->answer ? response->answer->identity.created
                                        : 0;
}

size_t llmgw_response_choice_count(const llmgw_response *response)
{
    return response && response->answer ? response->answer->choice_count : 0;
}

llmgw_str llmgw_response_text(const llmgw_response *response)
{
    return llmgw_response_choice_text(response, 0);
}

llmgw_str llmgw_response_choice_text(const llmgw_response *response,
                                     size_t choice)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from ? from->text : llmgw__str("");
}

llmgw_str llmgw_response_reasoning(const llmgw_response *response,
                                   size_t choice)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from ? from->reasoning : llmgw__str("");
}

llmgw_str llmgw_response_refusal(const llmgw_response *response, size_t choice)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from ? from->refusal : llmgw__str("");
}

llmgw_finish_reason llmgw_response_finish_reason(const llmgw_response *response,
                                                 size_t choice)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from ? from->finish : LLMGW_FINISH_NONE;
}

llmgw_str llmgw_response_native_finish(const llmgw_response *response,
                                       size_t choice)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from ? from->native_finish : llmgw__str("");
}

size_t llmgw_response_tool_call_count(const llmgw_response *response,
                                      size_t choice)
{
    const struct llmgw__answer_choice *from = choice_of(response, choice);

    return from ? from->tool_count : 0;
}

llmgw_str llmgw_response_tool_call_id(const llmgw_response *response,
                                      size_t choice, size_t index)
{
    const struct llmgw__answer_tool *tool = tool_of(response, choice, index);

    return tool ? tool->id : llmgw__str("");
}

llmgw_str llmgw_response_tool_call_name(const llmgw_response *response,
                                        size_t choice, size_t index)
{
    const struct llmgw__answer_tool *tool = tool_of(response, choice, index);

    return tool ? tool->name : llmgw__str("");
}

llmgw_str llmgw_response_tool_call_arguments(const llmgw_response *response,
                                             size_t choice, size_t index)
{
    const struct llmgw__answer_tool *tool = tool_of(response, choice, index);

    return tool ? tool->arguments : llmgw__str("");
}

llmgw_status llmgw_response_json(llmgw_response *response, llmgw_str *out)
{
    struct llmgw__buf report;
    struct llmgw__jsonw w;
    llmgw_status status;

    if (!response || !out || !response->answer)
        return LLMGW_E_INVALID;
    if (response->json.len && response->json.status == LLMGW_OK) {
        *out = llmgw__buf_str(&response->json);
        return LLMGW_OK;
    }
    llmgw__buf_init(&report, 0);
    status = llmgw__call_report(response->call, &report);
    if (status == LLMGW_OK) {
        llmgw__buf_reset(&response->json);
        llmgw__jsonw_init(&w, &response->json);
        llmgw__answer_render(response->answer, llmgw__buf_str(&report), &w);
        status = response->json.status;
    }
    llmgw__buf_clear(&report);
    if (status == LLMGW_OK)
        *out = llmgw__buf_str(&response->json);
    return status;
}

/* --- usage --- */

const llmgw_usage *llmgw_response_usage(const llmgw_response *response)
{
    if (!response || !response->answer || !response->answer->has_usage)
        return NULL;
    return (const llmgw_usage *)&response->answer->usage;
}

/** The class a field stands for; -1: none. */
static int class_of(llmgw_usage_field field)
{
    if (field < LLMGW_USAGE_INPUT_UNCACHED ||
        field >= LLMGW_USAGE_INPUT_UNCACHED + LLMGW__USAGE_CLASSES)
        return -1;
    return field - LLMGW_USAGE_INPUT_UNCACHED;
}

int64_t llmgw_usage_count(const llmgw_usage *usage, llmgw_usage_field field)
{
    const struct llmgw__usage *counts = (const struct llmgw__usage *)usage;
    int cls = class_of(field);

    if (!counts)
        return -1;
    if (cls >= 0)
        return counts->known & 1u << cls || counts->count[cls]
                   ? counts->count[cls]
                   : -1;
    switch (field) {
    case LLMGW_USAGE_PROMPT:
        return llmgw__usage_prompt(counts);
    case LLMGW_USAGE_COMPLETION:
        return llmgw__usage_completion(counts);
    case LLMGW_USAGE_TOTAL:
        return llmgw__usage_prompt(counts) + llmgw__usage_completion(counts);
    case LLMGW_USAGE_REQUESTS:
        return counts->requests;
    case LLMGW_USAGE_WEB_SEARCH:
        return counts->tools[LLMGW__TOOL_WEB_SEARCH];
    default:
        return -1;
    }
}

int32_t llmgw_usage_estimated(const llmgw_usage *usage, llmgw_usage_field field)
{
    const struct llmgw__usage *counts = (const struct llmgw__usage *)usage;
    const uint32_t output = 1u << LLMGW__OUTPUT_TEXT |
                            1u << LLMGW__OUTPUT_REASONING |
                            1u << LLMGW__AUDIO_OUT | 1u << LLMGW__IMAGE_OUT;
    int cls = class_of(field);
    uint32_t bits = cls >= 0                          ? 1u << cls
                    : field == LLMGW_USAGE_COMPLETION ? output
                    : field == LLMGW_USAGE_PROMPT     ? ~output
                    : field == LLMGW_USAGE_TOTAL      ? ~0u
                                                      : 0u;

    return counts && (counts->estimated & bits) != 0;
}
