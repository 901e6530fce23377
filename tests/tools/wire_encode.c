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
    const char *dialect; /* NULL: the row's */
    const char *endpoint;
    cJSON *settings; /* of the provider; NULL: none */
};

/** A line of a batch ahead of a request: "provider dialect model bytes". */
struct heading {
    char provider[64];
    char dialect[64]; /* "-": the row's */
    char model[256];
    size_t len; /* of the request that follows, and a line's end */
};

static int encode_all(void);
static int encode_input(struct wire_target *target,
                        const struct options *options);
static int encode(struct wire_target *target, const struct options *options,
                  llmgw_str request);
static llmgw_str with_model(llmgw_str request, const char *model,
                            struct llmgw__buf *buf);
static int print_request(const struct wire_result *result);

/** "name=value" */
static bool take_setting(struct options *options, const char *word)
{
    const char *equals = strchr(word, '=');
    char *name;

    if (!equals)
        return false;
    name = wire_copy(llmgw__str_n(word, (size_t)(equals - word)));
    if (!options->settings)
        options->settings = cJSON_CreateObject();
    cJSON_AddStringToObject(options->settings, name, equals + 1);
    free(name);
    return true;
}

static bool take_options(struct options *options, int count, char **words)
{
    for (int i = 0; i < count; i += 2) {
        if (i + 1 == count)
            return false;
        if (strcmp(words[i], "--provider") == 0)
            options->provider = words[i + 1];
        else if (strcmp(words[i], "--model") == 0)
            options->model = words[i + 1];
        else if (strcmp(words[i], "--dialect") == 0)
            options->dialect = words[i + 1];
        else if (strcmp(words[i], "--endpoint") == 0)
            options->endpoint = words[i + 1];
        else if (strcmp(words[i], "--setting") != 0 ||
                 !take_setting(options, words[i + 1]))
            return false;
    }
    return options->provider != NULL;
}

int wire_encode(int count, char **words)
{
    struct options options = {.endpoint = "chat"};
    struct wire_target target;
    int code;

    if (count == 1 && strcmp(words[0], "--batch") == 0)
        return encode_all();
    if (!take_options(&options, count, words))
        code = wire_misuse("encode --provider NAME [--dialect NAME] "
                           "[--model M] "
                           "[--endpoint NAME] [--setting NAME=VALUE]... "
                           "< request");
    else if (wire_endpoint_of(options.endpoint) == WIRE_ENDPOINTS)
        code = wire_misuse("no endpoint %s is known", options.endpoint);
    else if (!wire_target_of_row(&target, options.provider))
        code = wire_misuse("no provider %s is known", options.provider);
    else
        code = encode_input(&target, &options);
    cJSON_Delete(options.settings);
    return code;
}

static int encode_input(struct wire_target *target,
                        const struct options *options)
{
    llmgw_str request;
    char *text;
    int code;

    target->settings = options->settings;
    if (options->dialect)
        wire_target_speaks(target, options->dialect);
    text = wire_read("-", &request.len);
    request.data = text;
    code = request.len || wire_endpoint_of(options->endpoint) == WIRE_MODELS
               ? encode(target, options, request)
               : wire_misuse("no request on standard input");
    free(text);
    return code;
}

static bool take_word(llmgw_str *rest, char *out, size_t cap)
{
    size_t len = 0;

    while (len < rest->len && rest->data[len] > ' ')
        len++;
    if (!len || len == rest->len || len >= cap)
        return false;
    memcpy(out, rest->data, len);
    out[len] = '\0';
    rest->data += len + 1;
    rest->len -= len + 1;
    return true;
}

static bool take_heading(llmgw_str *rest, struct heading *heading)
{
    char digits[16];
    char *end;

    if (!take_word(rest, heading->provider, sizeof heading->provider) ||
        !take_word(rest, heading->dialect, sizeof heading->dialect) ||
        !take_word(rest, heading->model, sizeof heading->model) ||
        !take_word(rest, digits, sizeof digits))
        return false;
    heading->len = strtoul(digits, &end, 10);
    return !*end && heading->len < rest->len;
}

/** Every request of a batch, a line of output each. */
static int encode_all(void)
{
    struct options options = {.endpoint = "chat"};
    llmgw_str rest = {0};
    char *text = wire_read("-", &rest.len);
    int code = WIRE_OK;

    rest.data = text;
    while (rest.len && code == WIRE_OK) {
        struct wire_target target;
        struct heading heading;

        if (!take_heading(&rest, &heading) ||
            !wire_target_of_row(&target, heading.provider)) {
            code = wire_misuse("%zu bytes ahead of the end: not a heading "
                               "\"provider dialect model bytes\"",
                               rest.len);
            break;
        }
        if (strcmp(heading.dialect, "-") != 0)
            wire_target_speaks(&target, heading.dialect);
        options.model = heading.model;
        code = encode(&target, &options, llmgw__str_n(rest.data, heading.len));
        rest.data += heading.len + 1;
        rest.len -= heading.len + 1;
    }
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

/** The body as it is, but on one line, if it is JSON; else as a string. */
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
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '\n' || text.data[i] == '\r')
            text.data[i] = ' '; /* between tokens: strings escape theirs */
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
