/*
 * support/host_model.c - a host that keeps what it is handed over.
 */
#include "support/host_model.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void host_model_claim(struct host_model *it, int holds, const char *rule)
{
    if (!holds && !it->wrong[0])
        snprintf(it->wrong, sizeof it->wrong, "%s", rule);
}

static void join(struct host_model *it, struct host_text *text, llmgw_str piece)
{
    host_model_claim(it, llmgw__utf8_valid(piece) == piece.len,
                     "a chunk is not whole UTF-8");
    if (text->len + piece.len > sizeof text->data) {
        host_model_claim(it, 0, "too long for the host");
        return;
    }
    if (piece.len)
        memcpy(text->data + text->len, piece.data, piece.len);
    text->len += piece.len;
}

static int same(const struct host_text *text, llmgw_str other)
{
    return text->len == other.len &&
           (!other.len || memcmp(text->data, other.data, other.len) == 0);
}

static void keep_tool(struct host_model *it, struct host_choice *choice,
                      const llmgw_chunk *chunk)
{
    size_t i = (size_t)llmgw_chunk_tool_index(chunk);
    int starts = llmgw_chunk_get_kind(chunk) == LLMGW_CHUNK_TOOL_START;

    if (i >= HOST_CALLS ||
        (starts ? i != choice->call_count : i >= choice->call_count)) {
        host_model_claim(it, 0, "tool calls are not in order");
        return;
    }
    choice->call_count += starts != 0;
    join(it, &choice->calls[i].id, llmgw_chunk_tool_id(chunk));
    join(it, &choice->calls[i].name, llmgw_chunk_tool_name(chunk));
    if (!starts)
        join(it, &choice->calls[i].arguments, llmgw_chunk_value(chunk));
}

int32_t host_model_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct host_model *it = userdata;
    int32_t number = llmgw_chunk_choice(chunk);
    llmgw_chunk_kind kind = llmgw_chunk_get_kind(chunk);
    struct host_choice *choice;

    host_model_claim(it, number >= 0 && number < HOST_CHOICES, "which choice");
    host_model_claim(it, !it->usages, "a chunk after the last");
    choice = &it->choices[number & (HOST_CHOICES - 1)];
    host_model_claim(it, !choice->finishes || kind == LLMGW_CHUNK_USAGE,
                     "a chunk after the finish");
    if (kind == LLMGW_CHUNK_TEXT)
        join(it, &choice->text, llmgw_chunk_text(chunk));
    if (kind == LLMGW_CHUNK_REASONING)
        join(it, &choice->reasoning, llmgw_chunk_value(chunk));
    if (kind == LLMGW_CHUNK_REFUSAL)
        join(it, &choice->refusal, llmgw_chunk_value(chunk));
    if (kind == LLMGW_CHUNK_TOOL_START || kind == LLMGW_CHUNK_TOOL_ARGUMENTS)
        keep_tool(it, choice, chunk);
    if (kind == LLMGW_CHUNK_FINISH) {
        choice->finishes++;
        choice->finish = llmgw_chunk_finish_reason(chunk);
    }
    if (kind == LLMGW_CHUNK_USAGE) {
        it->usages++;
        it->tokens =
            llmgw_usage_count(llmgw_chunk_usage(chunk), LLMGW_USAGE_TOTAL);
    }
    return 0;
}

int32_t host_model_restart(llmgw_call *call, void *userdata)
{
    struct host_model *it = userdata;

    (void)call;
    memset(it->choices, 0, sizeof it->choices);
    host_model_claim(it, !it->usages, "begun anew after the last chunk");
    it->restarts++;
    return 0;
}

static void compare_calls(struct host_model *it, llmgw_response *response,
                          size_t i)
{
    struct host_choice *choice = &it->choices[i];

    host_model_claim(
        it, choice->call_count == llmgw_response_tool_call_count(response, i),
        "number of tool calls");
    for (size_t j = 0; j < choice->call_count; j++) {
        struct host_call *call = &choice->calls[j];

        host_model_claim(
            it, same(&call->id, llmgw_response_tool_call_id(response, i, j)),
            "id of a tool call");
        host_model_claim(
            it,
            same(&call->name, llmgw_response_tool_call_name(response, i, j)),
            "name of a tool call");
        host_model_claim(
            it,
            same(&call->arguments,
                 llmgw_response_tool_call_arguments(response, i, j)),
            "arguments of a tool call");
    }
}

static void compare_choice(struct host_model *it, llmgw_response *response,
                           size_t i, int whole)
{
    struct host_choice *choice = &it->choices[i];
    int expected = whole && i < llmgw_response_choice_count(response);

    host_model_claim(
        it, same(&choice->text, llmgw_response_choice_text(response, i)),
        "text");
    host_model_claim(
        it, same(&choice->reasoning, llmgw_response_reasoning(response, i)),
        "reasoning");
    host_model_claim(
        it, same(&choice->refusal, llmgw_response_refusal(response, i)),
        "refusal");
    compare_calls(it, response, i);
    host_model_claim(it, choice->finishes == expected, "number of finishes");
    host_model_claim(
        it, choice->finish == llmgw_response_finish_reason(response, i),
        "finish reason");
}

void host_model_compare(struct host_model *it, llmgw_call *call)
{
    llmgw_response *response = llmgw_call_response(call);
    int whole = llmgw_call_end(call) == LLMGW_END_RESPONSE;
    const llmgw_usage *usage = llmgw_response_usage(response);

    host_model_claim(it, !whole || response, "no answer after success");
    for (size_t i = 0; i < HOST_CHOICES; i++)
        compare_choice(it, response, i, whole);
    host_model_claim(it, whole || !it->usages, "usage without an end");
    host_model_claim(it,
                     !it->usages || it->tokens == llmgw_usage_count(
                                                      usage, LLMGW_USAGE_TOTAL),
                     "usage");
}
