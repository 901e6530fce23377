/*
 * tools/wire_decode.c - what a host gets for the bytes of an answer.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_tool.h"

struct options {
    const char *provider;
    const char *endpoint;
    bool stream;
    bool sse; /* the stream, as a server sends it */
    int32_t status;
    cJSON *headers;
    struct wire_cut cut;
    const char *request; /* file of the request it answers; NULL: a plain one */
    char **files;        /* of --exchange, within the command line */
    int file_count;
};

static const char usage[] =
    "decode --provider NAME [--endpoint NAME] [--stream] [--status N] "
    "[--header 'K: V']... [--cut N] [--request FILE] [--sse] < body, or decode "
    "--exchange FILE... [--cut N] [--seed N] [--sse]";

static int take_option(struct options *options, const char *name, char **values,
                       int left);
static int decode(const struct options *options);
static int decode_body(const struct options *options,
                       struct wire_target *target);
static char *inputs_for(const llmgw_str *body);

int wire_decode(int count, char **words)
{
    struct options options = {.endpoint = "chat", .status = 200};
    int code;
    int at = 0;

    options.headers = cJSON_CreateObject();
    while (at < count) {
        int taken =
            take_option(&options, words[at], words + at + 1, count - at - 1);

        if (taken < 0)
            break;
        at += taken + 1;
    }
    if (at < count || !options.provider == !options.file_count)
        code = wire_misuse("%s", usage);
    else if (options.file_count)
        code = wire_exchanges(options.file_count, options.files, &options.cut,
                              options.sse);
    else
        code = decode(&options);
    cJSON_Delete(options.headers);
    return code;
}

/** A whole number of at least `min`; false: it is none. */
static bool take_number(const char *word, long min, long max, long *out)
{
    char *end;

    *out = strtol(word, &end, 10);
    return *word && !*end && *out >= min && *out <= max;
}

static bool take_header(struct options *options, const char *word)
{
    const char *colon = strchr(word, ':');
    char *name;

    if (!colon || colon == word)
        return false;
    name = wire_copy(llmgw__str_n(word, (size_t)(colon - word)));
    for (char *at = name; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    colon += strspn(colon, ": \t");
    cJSON_AddStringToObject(options->headers, name, colon);
    free(name);
    return true;
}

/** @return how many values were taken, -1: misuse */
static int take_option(struct options *options, const char *name, char **values,
                       int left)
{
    long number = 0;

    if (strcmp(name, "--stream") == 0 || strcmp(name, "--sse") == 0) {
        options->stream = true;
        options->sse = options->sse || strcmp(name, "--sse") == 0;
        return 0;
    }
    if (left < 1)
        return -1;
    if (strcmp(name, "--exchange") == 0) {
        options->files = values;
        while (options->file_count < left &&
               strncmp(values[options->file_count], "--", 2) != 0)
            options->file_count++;
        return options->file_count ? options->file_count : -1;
    }
    if (strcmp(name, "--provider") == 0)
        options->provider = values[0];
    else if (strcmp(name, "--endpoint") == 0)
        options->endpoint = values[0];
    else if (strcmp(name, "--request") == 0)
        options->request = values[0];
    else if (strcmp(name, "--header") == 0)
        return take_header(options, values[0]) ? 1 : -1;
    else if (strcmp(name, "--status") == 0 &&
             take_number(values[0], 100, 599, &number))
        options->status = (int32_t)number;
    else if (strcmp(name, "--cut") == 0 &&
             take_number(values[0], 1, 1L << 30, &number))
        options->cut.every = (size_t)number;
    else if (strcmp(name, "--seed") == 0 &&
             take_number(values[0], 1, INT32_MAX, &number))
        options->cut.seed = (uint32_t)number;
    else
        return -1;
    return 1;
}

static int decode(const struct options *options)
{
    struct wire_target target;

    if (wire_endpoint_of(options->endpoint) == WIRE_ENDPOINTS)
        return wire_misuse("no endpoint %s is known", options->endpoint);
    if (!wire_target_of_row(&target, options->provider))
        return wire_misuse("no provider %s is known", options->provider);
    target.model = "model";
    return decode_body(options, &target);
}

static int decode_body(const struct options *options,
                       struct wire_target *target)
{
    struct wire_answer answer = {.status = options->status,
                                 .headers = options->headers};
    struct wire_script script = {.target = target,
                                 .stream = options->stream,
                                 .answers = &answer,
                                 .answer_count = 1,
                                 .cut = options->cut};
    struct wire_result result;
    const char *problem;
    char *body = wire_read("-", &answer.body.len);
    char *request = NULL;
    int code;

    answer.body.data = body;
    if (!script.cut.every)
        script.cut.every = answer.body.len;
    script.endpoint = wire_endpoint_of(options->endpoint);
    script.request = wire_plain_request(options->stream);
    if (options->request)
        script.request.data = request =
            wire_read(options->request, &script.request.len);
    else if (script.endpoint == WIRE_EMBEDDINGS)
        script.request = llmgw__str(request = inputs_for(&answer.body));
    problem = script.request.data ? wire_run(&script, &result)
                                  : "the request cannot be read";
    if (problem)
        code = wire_misuse("%s", problem);
    else
        code = options->sse ? wire_print_sse(&result) : wire_print(&result);
    if (script.request.data)
        wire_result_clear(&result);
    free(request);
    free(body);
    return code;
}

/** A request for as many embeddings as an answer has; free() it. */
static char *inputs_for(const llmgw_str *body)
{
    cJSON *tree = cJSON_ParseWithLength(body->data, body->len);
    char *request = wire_embed_request(tree, "model");

    cJSON_Delete(tree);
    return request;
}

enum wire_endpoint wire_endpoint_of(const char *name)
{
    static const char *const names[] = {"chat", "embeddings", "models"};
    int at = 0;

    while (at < WIRE_ENDPOINTS && strcmp(names[at], name) != 0)
        at++;
    return (enum wire_endpoint)at;
}

/** Vectors in an answer of any wire; at least 1. */
static int count_vectors(const cJSON *answer)
{
    static const char *const lists[] = {"data", "embeddings", "predictions"};
    int count = 0;

    for (size_t i = 0; i < sizeof lists / sizeof *lists && !count; i++) {
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(answer, lists[i]);

        if (cJSON_IsObject(list)) /* a list for each form */
            list = list->child;
        count = cJSON_GetArraySize(list);
    }
    return count > 0 ? count : 1;
}

char *wire_embed_request(const cJSON *answer, const char *model)
{
    cJSON *request = cJSON_CreateObject();
    cJSON *inputs = cJSON_AddArrayToObject(request, "input");
    char *printed;
    char *text;

    for (int i = count_vectors(answer); i > 0; i--)
        cJSON_AddItemToArray(inputs, cJSON_CreateString("Hi"));
    cJSON_AddStringToObject(request, "model", model);
    printed = cJSON_PrintUnformatted(request);
    text = wire_copy(llmgw__str(printed));
    cJSON_free(printed);
    cJSON_Delete(request);
    return text;
}

llmgw_str wire_plain_request(bool stream)
{
    if (stream)
        return LLMGW__LIT(
            "{\"model\":\"model\",\"stream\":true,"
            "\"stream_options\":{\"include_usage\":true},"
            "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
    return LLMGW__LIT("{\"model\":\"model\","
                      "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}");
}

int wire_print(const struct wire_result *result)
{
    char *error;

    if (result->chunks.len)
        (void)fwrite(result->chunks.data, 1, result->chunks.len, stdout);
    if (!result->error) {
        printf("{\"response\":");
        (void)fwrite(result->response.data, 1, result->response.len, stdout);
        puts("}");
        return WIRE_OK;
    }
    error = cJSON_PrintUnformatted(result->error);
    printf("{\"error\":%s}\n", error ? error : "null");
    cJSON_free(error);
    return WIRE_ERROR;
}

static void print_event(const char *data, size_t len)
{
    printf("data: ");
    (void)fwrite(data, 1, len, stdout);
    printf("\n\n");
}

int wire_print_sse(const struct wire_result *result)
{
    const char *line = result->chunks.data;
    const char *end = line + result->chunks.len;

    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));

        print_event(line, (size_t)(stop - line));
        line = stop + 1;
    }
    if (result->error) {
        print_event(result->failure.data, result->failure.len);
        return WIRE_ERROR;
    }
    print_event("[DONE]", strlen("[DONE]"));
    return WIRE_OK;
}
