/*
 * tools/wire_main.c - what the library says on the wire, and hears there, at
 * the command line.
 *
 *   llmgw-wire encode --provider NAME [--dialect NAME] [--model M]
 *              [--endpoint NAME] [--setting NAME=VALUE]...
 *              < openai-request.json
 *   llmgw-wire encode --batch < "PROVIDER DIALECT MODEL BYTES\n" and as many
 *              bytes of a request and "\n", again and again; DIALECT may be -
 *   llmgw-wire decode --provider NAME [--endpoint NAME] [--stream]
 *              [--status N] [--header 'K: V']... [--cut N] [--sse]
 *              [--request FILE] < body
 *   llmgw-wire decode --exchange FILE... [--cut N] [--seed N] [--sse]
 *   llmgw-wire check --golden FILE...
 *   llmgw-wire price --exchange FILE... [--provider P] [--model M] [--at TIME]
 *              [--manifest FILE] [--json]
 *   llmgw-wire rows
 *
 * Exit codes: 0 done, 1 differences (check), 2 misuse, 3 the answer is an
 * error (decode).
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_tool.h"

static const struct {
    const char *name;
    int (*run)(int count, char **words);
} commands[] = {
    {"encode", wire_encode}, {"decode", wire_decode}, {"check", wire_check},
    {"price", wire_price},   {"rows", wire_rows},
};

static const char usage[] =
    "llmgw-wire encode --provider NAME [--dialect NAME] [--model M]\n"
    "                  [--endpoint NAME] [--setting NAME=VALUE]... < request\n"
    "       llmgw-wire encode --batch < headings and requests\n"
    "       llmgw-wire decode --provider NAME [--endpoint NAME] [--stream]\n"
    "                  [--status N] [--header 'K: V']... [--cut N] [--sse]\n"
    "                  [--request FILE] < body\n"
    "       llmgw-wire decode --exchange FILE... [--cut N] [--seed N] [--sse]\n"
    "       llmgw-wire check --golden FILE...\n"
    "       llmgw-wire price --exchange FILE... [--provider P] [--model M]\n"
    "                  [--at TIME] [--manifest FILE] [--json]\n"
    "       llmgw-wire rows";

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 2, argv + 2);
    return wire_misuse("usage: %s", usage);
}

int wire_misuse(const char *format, ...)
{
    va_list arguments;

    (void)fputs("llmgw-wire: ", stderr);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    (void)fputc('\n', stderr);
    return WIRE_MISUSE;
}

void *wire_alloc(size_t size)
{
    void *memory = calloc(1, size ? size : 1);

    if (!memory)
        exit(wire_misuse("no memory"));
    return memory;
}

char *wire_copy(llmgw_str text)
{
    char *copy = wire_alloc(text.len + 1);

    if (text.len)
        memcpy(copy, text.data, text.len);
    return copy;
}

static char *read_stream(FILE *file, size_t *len)
{
    size_t cap = 1 << 16;
    char *data = wire_alloc(cap);

    *len = 0;
    for (;;) {
        size_t got = fread(data + *len, 1, cap - *len - 1, file);
        char *larger;

        *len += got;
        if (!got)
            break;
        if (*len + 1 < cap)
            continue;
        larger = wire_alloc(cap *= 2);
        memcpy(larger, data, *len);
        free(data);
        data = larger;
    }
    data[*len] = '\0';
    return data;
}

char *wire_read(const char *path, size_t *len)
{
    bool input = strcmp(path, "-") == 0;
    FILE *file = input ? stdin : fopen(path, "rb");
    char *data;

    if (!file)
        return NULL;
    data = read_stream(file, len);
    if (!input)
        (void)fclose(file);
    return data;
}

cJSON *wire_load(const char *path)
{
    size_t len;
    char *text = wire_read(path, &len);
    cJSON *tree;

    if (!text) {
        (void)wire_misuse("%s cannot be read", path);
        return NULL;
    }
    tree = cJSON_ParseWithLength(text, len);
    free(text);
    if (!cJSON_IsObject(tree)) {
        (void)wire_misuse("%s is not a JSON object", path);
        cJSON_Delete(tree);
        return NULL;
    }
    return tree;
}

const char *wire_text(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}
