/*
 * tools/wire_run.c - one call through a real gateway: one provider, one route,
 * no second attempt.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/gateway.h"
#include "provider/provider.h"
#include "wire_tool.h"

/** Made ids: a counter a kind. */
struct counters {
    char prefix[4][16];
    int next[4];
};

static char *config_of(const struct wire_script *script);
static llmgw_status ask(llmgw_gateway *gateway,
                        const struct wire_script *script,
                        struct wire_result *result);
static void make_id(void *userdata, const char *prefix, char out[64]);
static int32_t keep_chunk(const llmgw_chunk *chunk, void *userdata);
static void keep_end(llmgw_call *call, struct wire_result *result);
static void keep_other(llmgw_call *call, struct wire_result *result);

const char *wire_run(const struct wire_script *script,
                     struct wire_result *result)
{
    llmgw_gateway_options options = LLMGW_GATEWAY_OPTIONS_INIT;
    struct wire_player player = {script, result};
    struct counters counters = {0};
    llmgw_transport transport;
    llmgw_gateway *gateway = NULL;
    char *config = config_of(script);
    llmgw_status status;

    memset(result, 0, sizeof *result);
    wire_player_transport(&player, &transport);
    options.config_json = llmgw__str(config);
    options.clock = &wire_clock;
    options.transport = &transport;
    status = llmgw_gateway_open(&options, &gateway, NULL);
    free(config);
    if (status != LLMGW_OK)
        return "the gateway refuses this provider's configuration";
    gateway->core.ids.make = make_id;
    gateway->core.ids.userdata = &counters;
    status = ask(gateway, script, result);
    if (status == LLMGW_OK) {
        result->entries = wire_entries(gateway);
        result->has_usage = wire_usage(gateway, &result->usage);
    }
    llmgw_gateway_close(gateway);
    return status == LLMGW_OK ? NULL : llmgw_status_text(status);
}

void wire_result_clear(struct wire_result *result)
{
    for (size_t i = 0; i < result->request_count; i++) {
        free(result->requests[i].method);
        free(result->requests[i].url);
        cJSON_Delete(result->requests[i].headers);
        llmgw__buf_clear(&result->requests[i].body);
    }
    cJSON_Delete(result->adjustments);
    llmgw__buf_clear(&result->chunks);
    llmgw__buf_clear(&result->response);
    llmgw__buf_clear(&result->failure);
    free(result->native_finish);
    cJSON_Delete(result->error);
    cJSON_Delete(result->entries);
    memset(result, 0, sizeof *result);
}

bool wire_target_of_row(struct wire_target *target, const char *row)
{
    const struct llmgw__provider_row *found =
        llmgw__provider_row_find(llmgw__str(row));

    if (!found)
        return false;
    memset(target, 0, sizeof *target);
    target->provider = target->row = found->name;
    target->base_url = found->base_url && !strchr(found->base_url, '{')
                           ? found->base_url
                           : "http://127.0.0.1/v1";
    target->key = found->auth != LLMGW__AUTH_NONE;
    return true;
}

void wire_target_speaks(struct wire_target *target, const char *dialect)
{
    const struct llmgw__provider_row *row =
        llmgw__provider_row_find(llmgw__str(target->row));
    const struct llmgw__dialect *spoken =
        llmgw__dialect_find(llmgw__str(dialect));

    target->dialect = dialect;
    if (row && row->other && row->other == spoken)
        target->base_url = row->other_url;
}

/** The model name a request asks for, if it can be a route's; owned by the
 *  tree. */
static const char *asked_model(const cJSON *request)
{
    const char *model = wire_text(request, "model");
    size_t len = 0;

    while (model && model[len] >= ' ' && model[len] <= '~')
        len++;
    return len && !model[len] && len <= 256 ? model : "model";
}

static char *config_of(const struct wire_script *script)
{
    const struct wire_target *target = script->target;
    cJSON *request =
        cJSON_ParseWithLength(script->request.data, script->request.len);
    cJSON *config = cJSON_CreateObject();
    cJSON *provider = cJSON_AddObjectToObject(
        cJSON_AddObjectToObject(config, "providers"), target->provider);
    cJSON *route = cJSON_AddObjectToObject(
        cJSON_AddObjectToObject(config, "routes"), asked_model(request));
    struct llmgw__buf name;
    char *text;

    llmgw__buf_init(&name, 0);
    llmgw__buf_add_z(&name, target->provider);
    llmgw__buf_add_char(&name, '/');
    llmgw__buf_add(&name, target->model, strlen(target->model) + 1);
    cJSON_AddItemToArray(cJSON_AddArrayToObject(route, "targets"),
                         cJSON_CreateString(name.data));
    cJSON_AddFalseToObject(config, "environment");
    cJSON_AddStringToObject(provider, "type", target->row);
    if (target->dialect)
        cJSON_AddStringToObject(provider, "dialect", target->dialect);
    if (target->base_url)
        cJSON_AddStringToObject(provider, "base_url", target->base_url);
    if (target->key)
        cJSON_AddStringToObject(provider, "api_key", WIRE_KEY);
    if (target->settings)
        cJSON_AddItemToObject(provider, "settings",
                              cJSON_Duplicate(target->settings, true));
    text = cJSON_PrintUnformatted(config);
    llmgw__buf_clear(&name);
    cJSON_Delete(config);
    cJSON_Delete(request);
    return text;
}

static llmgw_status ask(llmgw_gateway *gateway,
                        const struct wire_script *script,
                        struct wire_result *result)
{
    llmgw_chat_options options = LLMGW_CHAT_OPTIONS_INIT;
    llmgw_request *request = NULL;
    llmgw_call *call = NULL;
    llmgw_status status;

    options.max_attempts = 1;
    options.userdata = result;
    if (script->stream)
        options.on_chunk = keep_chunk;
    status = script->endpoint == WIRE_MODELS
                 ? LLMGW_OK
                 : llmgw_request_from_json(script->request, &request);
    if (status == LLMGW_OK && script->endpoint == WIRE_EMBEDDINGS)
        status = llmgw_embed(gateway, request, &options, &call);
    else if (status == LLMGW_OK && script->endpoint == WIRE_MODELS)
        status = llmgw_models(gateway, &options, &call);
    else if (status == LLMGW_OK)
        status = llmgw_chat(gateway, request, &options, &call);
    if (status == LLMGW_OK)
        keep_end(call, result);
    llmgw_call_free(call);
    llmgw_request_free(request);
    return status;
}

static void make_id(void *userdata, const char *prefix, char out[64])
{
    struct counters *counters = userdata;
    int kind = 0;

    while (kind < 3 && counters->prefix[kind][0] &&
           strcmp(counters->prefix[kind], prefix) != 0)
        kind++;
    (void)snprintf(counters->prefix[kind], sizeof counters->prefix[kind], "%s",
                   prefix);
    (void)snprintf(out, 64, "%sgw%d", prefix, counters->next[kind]++);
}

static int32_t keep_chunk(const llmgw_chunk *chunk, void *userdata)
{
    struct wire_result *result = userdata;
    llmgw_str json;

    if (llmgw_chunk_json(chunk, &json) != LLMGW_OK)
        return 1;
    llmgw__buf_add_str(&result->chunks, json);
    llmgw__buf_add_char(&result->chunks, '\n');
    return 0;
}

static void keep_adjustments(const llmgw_call *call, struct wire_result *result)
{
    result->adjustments = cJSON_CreateArray();
    for (size_t i = 0; i < llmgw_call_adjustment_count(call); i++) {
        cJSON *one = cJSON_CreateObject();

        cJSON_AddStringToObject(one, "param",
                                llmgw_call_adjustment_param(call, i));
        cJSON_AddStringToObject(one, "action",
                                llmgw_call_adjustment_action(call, i));
        cJSON_AddStringToObject(one, "reason",
                                llmgw_call_adjustment_reason(call, i));
        cJSON_AddItemToArray(result->adjustments, one);
    }
}

static void keep_end(llmgw_call *call, struct wire_result *result)
{
    llmgw_response *response = llmgw_call_response(call);
    llmgw_str json = {0};

    keep_adjustments(call, result);
    if (llmgw_call_end(call) == LLMGW_END_ERROR) {
        result->error = wire_error_tree(&llmgw_call_error(call)->error);
        if (llmgw_error_json(llmgw_call_error(call), &json) == LLMGW_OK)
            llmgw__buf_add_str(&result->failure, json);
        return;
    }
    keep_other(call, result);
    if (llmgw_call_end(call) == LLMGW_END_RESPONSE &&
        llmgw_response_json(response, &json) == LLMGW_OK)
        llmgw__buf_add_str(&result->response, json);
    if (llmgw_response_native_finish(response, 0).len)
        result->native_finish =
            wire_copy(llmgw_response_native_finish(response, 0));
}

static void keep_other(llmgw_call *call, struct wire_result *result)
{
    llmgw_embeddings *vectors = llmgw_call_embeddings(call);
    llmgw_model_list *models = llmgw_call_models(call);
    llmgw_str json = {0};

    if ((vectors && llmgw_embeddings_json(vectors, &json) == LLMGW_OK) ||
        (models && llmgw_model_list_json(models, &json) == LLMGW_OK))
        llmgw__buf_add_str(&result->response, json);
}
