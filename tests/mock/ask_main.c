/*
 * mock/ask_main.c - ask through a gateway, over real sockets.
 *
 * Each line of standard input is a JSON object: config, endpoint ("chat",
 * "embeddings", "models"), stream, request. Each is answered by a line: end,
 * text (of the chunks), response or error, and the attempts' ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include <llmgw/llmgw.h>

#define MAX_LINE (1 << 20)

/** Text of the chunks. */
struct told {
    char text[65536];
    size_t len;
    int count;
};

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static int32_t on_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct told *told = userdata;
    llmgw_str text = llmgw_chunk_text(chunk);

    told->count++;
    if (llmgw_chunk_get_kind(chunk) != LLMGW_CHUNK_TEXT ||
        text.len >= sizeof told->text - told->len)
        return 0;
    memcpy(told->text + told->len, text.data, text.len);
    told->len += text.len;
    return 0;
}

static void add_json(cJSON *out, const char *name, llmgw_status status,
                     llmgw_str json)
{
    if (status == LLMGW_OK)
        cJSON_AddItemToObject(out, name,
                              cJSON_ParseWithLength(json.data, json.len));
}

static void add_error(cJSON *out, llmgw_error *error)
{
    llmgw_str json;

    cJSON_AddStringToObject(out, "kind",
                            llmgw_error_kind_name(llmgw_error_get_kind(error)));
    cJSON_AddNumberToObject(out, "wait_ms",
                            (double)llmgw_error_retry_after_ms(error));
    add_json(out, "error", llmgw_error_json(error, &json), json);
}

static void add_attempts(cJSON *out, llmgw_call *call)
{
    cJSON *list = cJSON_AddArrayToObject(out, "attempts");

    for (size_t i = 0; i < llmgw_call_attempt_count(call); i++) {
        const llmgw_error *error =
            llmgw_attempt_error(llmgw_call_attempt(call, i));

        cJSON_AddItemToArray(
            list, cJSON_CreateString(llmgw_error_kind_name(
                      error ? llmgw_error_get_kind(error) : LLMGW_KIND_NONE)));
    }
}

static void add_outcome(cJSON *out, llmgw_call *call)
{
    llmgw_embeddings *vectors = llmgw_call_embeddings(call);
    llmgw_model_list *models = llmgw_call_models(call);
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str json;

    if (llmgw_call_end(call) == LLMGW_END_ERROR)
        add_error(out, llmgw_call_error(call));
    else if (vectors)
        add_json(out, "response", llmgw_embeddings_json(vectors, &json), json);
    else if (models)
        add_json(out, "response", llmgw_model_list_json(models, &json), json);
    else if (response)
        add_json(out, "response", llmgw_response_json(response, &json), json);
    add_attempts(out, call);
}

static llmgw_status start(llmgw_gateway *gateway, const cJSON *line,
                          struct told *told, llmgw_call **call)
{
    const char *endpoint = text_of(line, "endpoint");
    char *json = cJSON_PrintUnformatted(
        cJSON_GetObjectItemCaseSensitive(line, "request"));
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request = NULL;
    llmgw_status status = LLMGW_OK;

    options.userdata = told;
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(line, "stream")))
        options.on_chunk = on_chunk;
    if (json)
        status = llmgw_request_from_json(llmgw_str_of(json), &request);
    cJSON_free(json);
    if (status == LLMGW_OK && endpoint && strcmp(endpoint, "models") == 0)
        status = llmgw_models(gateway, &options, call);
    else if (status == LLMGW_OK && endpoint &&
             strcmp(endpoint, "embeddings") == 0)
        status = llmgw_embed(gateway, request, &options, call);
    else if (status == LLMGW_OK)
        status = llmgw_chat(gateway, request, &options, call);
    llmgw_request_free(request);
    return status;
}

static cJSON *answer(const cJSON *line)
{
    static struct told told;
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    char *config = cJSON_PrintUnformatted(
        cJSON_GetObjectItemCaseSensitive(line, "config"));
    cJSON *out = cJSON_CreateObject();
    llmgw_gateway *gateway = NULL;
    llmgw_error *error = NULL;
    llmgw_call *call = NULL;

    memset(&told, 0, sizeof told);
    options.config_json = llmgw_str_of(config);
    if (llmgw_gateway_open(&options, &gateway, &error) != LLMGW_OK) {
        cJSON_AddStringToObject(out, "misuse", llmgw_error_message(error));
        llmgw_error_free(error);
    } else if (start(gateway, line, &told, &call) != LLMGW_OK) {
        cJSON_AddStringToObject(out, "misuse", "not a request");
    } else {
        cJSON_AddStringToObject(out, "text", told.text);
        cJSON_AddNumberToObject(out, "chunks", told.count);
        add_outcome(out, call);
    }
    llmgw_call_free(call);
    if (gateway)
        llmgw_gateway_close(gateway);
    cJSON_free(config);
    return out;
}

int main(void)
{
    char *line = malloc(MAX_LINE);

    while (line && fgets(line, MAX_LINE, stdin)) {
        cJSON *asked = cJSON_Parse(line);
        cJSON *out = answer(asked);
        char *text = cJSON_PrintUnformatted(out);

        printf("%s\n", text ? text : "null");
        (void)fflush(stdout);
        cJSON_free(text);
        cJSON_Delete(out);
        cJSON_Delete(asked);
    }
    free(line);
    return 0;
}
