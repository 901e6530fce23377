/*
 * provider/responses_read.c - events and response objects of the responses
 * dialect as views, read in one walk.
 *
 * Source: OpenAI API description 2.3.0, responses. Memory: none.
 */
#include <string.h>

#include "responses.h"

static void read_incomplete(struct llmgw__responses_answer *answer,
                            struct llmgw__json *json);

static void moderation(struct llmgw__openai_payload *told, llmgw_str raw);

static bool is_place(llmgw_str key)
{
    return llmgw__str_is(key, "summary_index") ||
           llmgw__str_is(key, "content_index");
}

bool llmgw__responses_read_event(struct llmgw__responses_event *event,
                                 llmgw_str text)
{
    struct llmgw__json json;
    llmgw_str key;

    memset(event, 0, sizeof *event);
    event->place = -1;
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "type"))
            llmgw__json_string(&json, &event->type);
        else if (llmgw__str_is(key, "delta"))
            llmgw__json_string(&json, &event->delta);
        else if (llmgw__str_is(key, "output_index"))
            llmgw__json_int64(&json, &event->place);
        else if (is_place(key))
            llmgw__json_int64(&json, &event->part);
        else if (llmgw__str_is(key, "item"))
            event->item = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "response"))
            event->response = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "logprobs"))
            event->logprobs = llmgw__json_raw(&json);
        else
            llmgw__json_skip(&json);
    }
    return llmgw__json_end(&json);
}

bool llmgw__responses_read_answer(struct llmgw__responses_answer *answer,
                                  llmgw_str text)
{
    struct llmgw__openai_payload *told = &answer->told;
    struct llmgw__json json;
    llmgw_str key;

    memset(answer, 0, sizeof *answer);
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key)) {
        if (llmgw__str_is(key, "id"))
            llmgw__json_string(&json, &told->id);
        else if (llmgw__str_is(key, "model"))
            llmgw__json_string(&json, &told->model);
        else if (llmgw__str_is(key, "created_at"))
            llmgw__json_int64(&json, &told->created);
        else if (llmgw__str_is(key, "service_tier"))
            llmgw__json_string(&json, &told->tier);
        else if (llmgw__str_is(key, "status"))
            llmgw__json_string(&json, &answer->status);
        else if (llmgw__str_is(key, "incomplete_details"))
            read_incomplete(answer, &json);
        else if (llmgw__str_is(key, "output"))
            answer->output = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "usage"))
            told->usage = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "error"))
            told->error = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "moderation"))
            moderation(told, llmgw__json_raw(&json));
        else
            llmgw__json_skip(&json);
    }
    return llmgw__json_end(&json);
}

static void moderation(struct llmgw__openai_payload *told, llmgw_str raw)
{
    if (raw.len && raw.data[0] == '{')
        told->vendors[LLMGW__OPENAI_MODERATION_RESULT] = raw;
}

static void read_incomplete(struct llmgw__responses_answer *answer,
                            struct llmgw__json *json)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key)) {
        if (llmgw__str_is(key, "reason"))
            llmgw__json_string(json, &answer->reason);
        else
            llmgw__json_skip(json);
    }
}
