/*
 * schema/chat_format.c - response_format: plain text, any JSON, or JSON of a
 * schema.
 *
 * Source: OpenAI API, "Structured outputs".
 * Memory: none; the schema is a view of the request.
 */
#include "chat.h"
#include "chat_parse.h"

static const char *const types[] = {"text", "json_object", "json_schema", NULL};
static const uint8_t formats[] = {
    LLMGW__FORMAT_TEXT,
    LLMGW__FORMAT_JSON_OBJECT,
    LLMGW__FORMAT_JSON_SCHEMA,
};

static llmgw_status read_schema(const struct llmgw__place *at);

llmgw_status llmgw__chat_read_format(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__place type = llmgw__place_member(at, "type");
    struct llmgw__place schema;
    size_t which = 0;
    llmgw_status status = llmgw__place_check(&type, LLMGW__JSON_STRING, true);

    if (status == LLMGW_OK)
        status = llmgw__place_one_of(
            &type, types, "must be text, json_object or json_schema", &which);
    if (status != LLMGW_OK)
        return status;
    chat->format = formats[which];
    if (chat->format != LLMGW__FORMAT_JSON_SCHEMA)
        return LLMGW_OK;
    schema = llmgw__place_member(at, "json_schema");
    status = llmgw__place_check(&schema, LLMGW__JSON_OBJECT, true);
    return status == LLMGW_OK ? read_schema(&schema) : status;
}

static llmgw_status read_schema(const struct llmgw__place *at)
{
    struct llmgw__chat *chat = at->in->chat;
    struct llmgw__place name = llmgw__place_member(at, "name");
    struct llmgw__place description = llmgw__place_member(at, "description");
    struct llmgw__place schema = llmgw__place_member(at, "schema");
    struct llmgw__place strict = llmgw__place_member(at, "strict");
    llmgw_status status = llmgw__place_name(&name, &chat->schema_name);

    if (status == LLMGW_OK)
        status = llmgw__place_string(&description, &chat->schema_description);
    if (status == LLMGW_OK)
        status =
            llmgw__place_node(&schema, LLMGW__JSON_OBJECT, &chat->schema_node);
    if (status == LLMGW_OK)
        status = llmgw__place_flag(&strict, &chat->schema_strict);
    if (status == LLMGW_OK)
        chat->schema = llmgw__jdoc_raw(&chat->doc, chat->schema_node);
    return status;
}
