/*
 * tools/wire_encode.c - what would be sent for a request.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonwrite.h"
#include "wire_tool.h"

struct options {
    const char *provider;
    const char *model;
    const char *endpoint;
};

static int encode(struct wire_target *target, const struct options *options,
                  llmgw_str request);
static llmgw_str with_model(llmgw_str request, const char *model,
                            struct llmgw__buf *buf);
static int print_request(const struct wire_result *result);

static bool take_options(struct options *options, int count, char **words)
{
    for (int i = 0; i < count; i += 2) {
        if (i + 1 == count)
            return false;
        if (strcmp(words[i], "--provider") == 0)
            options->provider = words[i + 1];
        else if (strcmp(words[i], "--model") == 0)
            options->model = words[i + 1];
        else if (strcmp(words[i], "--endpoint") == 0)
            options->endpoint = words[i + 1];
        else
            return false;
    }
    return options->provider != NULL;
}

int wire_encode(int count, char **words)
{
    struct options options = {.endpoint = "chat"};
    struct wire_target target;
    llmgw_str request;
    char *text;
    int code;

    if (!take_options(&options, count, words))
        return wire_misuse("encode --provider NAME [--model M] "
                           "[--endpoint NAME] < request");
    if (wire_endpoint_of(options.endpoint) == WIRE_ENDPOINTS)
        return wire_misuse("no endpoint %s is known", options.endpoint);
    if (!wire_target_of_row(&target, options.provider))
        return wire_misuse("no provider %s is known", options.provider);
    text = wire_read("-", &request.len);
    request.data = text;
    code = request.len ? encode(&target, &options, request)
                       : wire_misuse("no request on standard input");
    free(text);
    return code;
}

/** The model without the provider's name in front. */
static const char *bare(const char *model, const char *provider)
{
    size_t len = strlen(provider);

    return strncmp(model, provider, len) == 0 && model[len] == '/'
               ? model + len + 1
               : model;
}

static int encode(struct wire_target *target, const struct options *options,
                  llmgw_str request)
{
    const char *model = options->model;
    cJSON *tree = cJSON_ParseWithLength(request.data, request.len);
    const char *asked = wire_text(tree, "model");
    struct wire_script script = {
        .target = target, .endpoint = wire_endpoint_of(options->endpoint)};
    struct wire_result result;
    struct llmgw__buf buf;
    const char *problem;
    int code = WIRE_MISUSE;

    llmgw__buf_init(&buf, 0);
    model = model ? model : asked;
    target->model = bare(model && *model ? model : "model", target->provider);
    script.request = request;
    if (model && cJSON_IsObject(tree) &&
        !cJSON_GetObjectItemCaseSensitive(tree, "model"))
        script.request = with_model(request, model, &buf);
    problem = wire_run(&script, &result);
    if (problem)
        (void)wire_misuse("%s", problem);
    else
        code = print_request(&result);
    wire_result_clear(&result);
    llmgw__buf_clear(&buf);
    cJSON_Delete(tree);
    return code;
}

/** The request with a model put in, otherwise byte by byte as it was. */
static llmgw_str with_model(llmgw_str request, const char *model,
                            struct llmgw__buf *buf)
{
    size_t brace = llmgw__str_find(request, LLMGW__LIT("{")) + 1;
    llmgw_str rest = llmgw__str_trim(
        llmgw__str_n(request.data + brace, request.len - brace));
    struct llmgw__jsonw w;

    llmgw__jsonw_init(&w, buf);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_z(&w, "model", model);
    if (rest.data[0] != '}')
        llmgw__buf_add_char(buf, ',');
    llmgw__buf_add_str(buf, rest);
    return llmgw__buf_str(buf);
}

static void print_member(const char *name, const cJSON *value)
{
    char *text = cJSON_PrintUnformatted(value);

    printf("\"%s\":%s", name, text ? text : "null");
    cJSON_free(text);
}

/** The body as it is, if it is JSON; else as a string. */
static void print_body(const struct llmgw__buf *body)
{
    cJSON *tree = cJSON_ParseWithLength(body->data, body->len);
    struct llmgw__buf text;
    struct llmgw__jsonw w;

    llmgw__buf_init(&text, 0);
    llmgw__jsonw_init(&w, &text);
    if (tree)
        llmgw__jsonw_raw(&w, llmgw__buf_str(body));
    else
        llmgw__jsonw_str(&w, llmgw__buf_str(body));
    printf("\"body\":%.*s", (int)text.len, text.data);
    llmgw__buf_clear(&text);
    cJSON_Delete(tree);
}

static int print_request(const struct wire_result *result)
{
    const struct wire_request *request = &result->requests[0];
    cJSON *line;

    if (!result->request_count) {
        putchar('{');
        print_member("error", result->error);
        puts("}");
        return WIRE_OK;
    }
    line = cJSON_CreateString(request->method);
    putchar('{');
    print_member("method", line);
    cJSON_Delete(line);
    line = cJSON_CreateString(request->url);
    putchar(',');
    print_member("url", line);
    cJSON_Delete(line);
    putchar(',');
    print_member("headers", request->headers);
    putchar(',');
    print_body(&request->body);
    putchar(',');
    print_member("adjustments", result->adjustments);
    puts("}");
    return WIRE_OK;
}
