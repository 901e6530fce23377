/*
 * tools/wire_rows.c - the provider table, a JSON object a row.
 */
#include <stdio.h>

#include "provider/endpoints.h"
#include "provider/openai_service.h"
#include "provider/provider.h"
#include "wire_tool.h"

static void add_keys(cJSON *out, const struct llmgw__provider_row *row)
{
    cJSON *keys = cJSON_AddArrayToObject(out, "keys");

    if (row->key_env)
        cJSON_AddItemToArray(keys, cJSON_CreateString(row->key_env));
    if (row->key_env_2)
        cJSON_AddItemToArray(keys, cJSON_CreateString(row->key_env_2));
    cJSON_AddBoolToObject(out, "keyless", row->auth == LLMGW__AUTH_NONE);
    cJSON_AddBoolToObject(out, "fetched", row->credentials != NULL);
}

static cJSON *describe(const struct llmgw__provider_row *row)
{
    cJSON *out = cJSON_CreateObject();
    bool openai = row->dialect == &llmgw__dialect_openai;

    cJSON_AddStringToObject(out, "name", row->name);
    add_keys(out, row);
    cJSON_AddBoolToObject(out, "placed", row->base_url != NULL);
    cJSON_AddStringToObject(out, "dialect", row->dialect->name);
    if (row->other)
        cJSON_AddStringToObject(out, "other", row->other->name);
    cJSON_AddBoolToObject(out, "moves",
                          openai && (row->quirks & LLMGW__QUIRK_FULL_OPENAI));
    cJSON_AddBoolToObject(
        out, "unknown",
        openai && (!row->openai || row->openai == &llmgw__openai_generic));
    cJSON_AddBoolToObject(out, "embeddings",
                          llmgw__embed_part(row->dialect, row) != NULL);
    cJSON_AddBoolToObject(out, "models", row->dialect->models != NULL);
    return out;
}

int wire_rows(int count, char **words)
{
    const struct llmgw__provider_row *row;

    (void)words;
    if (count)
        return wire_misuse("rows takes nothing");
    for (size_t i = 0; (row = llmgw__provider_row_at(i)) != NULL; i++) {
        cJSON *out = describe(row);
        char *text = cJSON_PrintUnformatted(out);

        printf("%s\n", text ? text : "null");
        cJSON_free(text);
        cJSON_Delete(out);
    }
    return WIRE_OK;
}
