/*
 * provider/bedrock_read.c - members of Converse's events, answers and blocks.
 *
 * Source: Amazon Bedrock Runtime API. Memory: none, slices of the record.
 */
#include "bedrock_decoder.h"

static void read_output(struct llmgw__json *json,
                        struct llmgw__converse_record *record);
static void read_tool(struct llmgw__json *json,
                      struct llmgw__converse_piece *piece);
static void read_thought(struct llmgw__json *json,
                         struct llmgw__converse_piece *piece);
static void read_cited(struct llmgw__json *json,
                       struct llmgw__converse_piece *piece);

static void read_tier(struct llmgw__json *json, struct llmgw__jstr *type)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "type"))
            (void)llmgw__json_string(json, type);
        else
            llmgw__json_skip(json);
}

static void read_member(struct llmgw__json *json, llmgw_str key,
                        struct llmgw__converse_record *record)
{
    const struct {
        const char *name;
        llmgw_str *raw;
    } rows[] = {
        {"delta", &record->delta},
        {"start", &record->start},
        {"usage", &record->usage},
        {"metrics", &record->metrics},
        {"trace", &record->trace},
        {"additionalModelResponseFields", &record->fields},
        {"performanceConfig", &record->performance},
    };

    if (llmgw__str_is(key, "contentBlockIndex")) {
        (void)llmgw__json_int64(json, &record->index);
        return;
    }
    if (llmgw__str_is(key, "stopReason")) {
        (void)llmgw__json_string(json, &record->stop);
        return;
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (llmgw__str_is(key, rows[i].name)) {
            *rows[i].raw = llmgw__json_raw(json);
            return;
        }
    llmgw__json_skip(json);
}

bool llmgw__converse_record_read(struct llmgw__converse_record *record,
                                 llmgw_str text)
{
    struct llmgw__json json;
    llmgw_str key;

    *record = (struct llmgw__converse_record){.index = 0};
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return false;
    while (llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "output"))
            read_output(&json, record);
        else if (llmgw__str_is(key, "serviceTier"))
            read_tier(&json, &record->tier);
        else
            read_member(&json, key, record);
    return llmgw__json_end(&json);
}

/* {"message":{"content":[…]}} */
static void read_output(struct llmgw__json *json,
                        struct llmgw__converse_record *record)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    record->answer = true;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "content"))
            record->content = llmgw__json_raw(json);
        else if (llmgw__str_is(key, "message"))
            read_output(json, record);
        else
            llmgw__json_skip(json);
}

void llmgw__converse_piece_read(struct llmgw__converse_piece *piece,
                                llmgw_str text)
{
    struct llmgw__json json;
    llmgw_str key;

    *piece = (struct llmgw__converse_piece){.call = false};
    llmgw__json_init(&json, text);
    if (!llmgw__json_object(&json))
        return;
    while (llmgw__json_key(&json, &key))
        if (llmgw__str_is(key, "text"))
            (void)llmgw__json_string(&json, &piece->text);
        else if (llmgw__str_is(key, "toolUse"))
            read_tool(&json, piece);
        else if (llmgw__str_is(key, "reasoningContent"))
            read_thought(&json, piece);
        else if (llmgw__str_is(key, "citation"))
            piece->citation = llmgw__json_raw(&json);
        else if (llmgw__str_is(key, "citationsContent"))
            read_cited(&json, piece);
        else
            llmgw__json_skip(&json);
}

static void read_tool(struct llmgw__json *json,
                      struct llmgw__converse_piece *piece)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    piece->call = true;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "toolUseId"))
            (void)llmgw__json_string(json, &piece->id);
        else if (llmgw__str_is(key, "name"))
            (void)llmgw__json_string(json, &piece->name);
        else if (llmgw__str_is(key, "type"))
            (void)llmgw__json_string(json, &piece->type);
        else if (llmgw__str_is(key, "input") &&
                 llmgw__json_peek(json) == LLMGW__JSON_STRING)
            (void)llmgw__json_string(json, &piece->input);
        else if (llmgw__str_is(key, "input"))
            piece->whole = llmgw__json_raw(json);
        else
            llmgw__json_skip(json);
}

/* In a stream without the object around the text. */
static void read_thought(struct llmgw__json *json,
                         struct llmgw__converse_piece *piece)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "text"))
            (void)llmgw__json_string(json, &piece->thought);
        else if (llmgw__str_is(key, "signature"))
            (void)llmgw__json_string(json, &piece->signature);
        else if (llmgw__str_is(key, "redactedContent"))
            (void)llmgw__json_string(json, &piece->redacted);
        else if (llmgw__str_is(key, "reasoningText"))
            read_thought(json, piece);
        else
            llmgw__json_skip(json);
}

static void read_cited(struct llmgw__json *json,
                       struct llmgw__converse_piece *piece)
{
    llmgw_str key;

    if (!llmgw__json_object(json))
        return;
    while (llmgw__json_key(json, &key))
        if (llmgw__str_is(key, "content"))
            piece->said = llmgw__json_raw(json);
        else if (llmgw__str_is(key, "citations"))
            piece->citations = llmgw__json_raw(json);
        else
            llmgw__json_skip(json);
}
