/*
 * Requests of the openai and responses dialects: the first byte says who is
 * asked, the rest is the host's request. What goes out must be JSON in which
 * no member stands twice; what does not go out must say why.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "support/dialect_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct {
    const char *row;
    const char *model;
    const struct llmgw__dialect *dialect;
} targets[] = {
    {"openai", "gpt-4.1", &llmgw__dialect_openai},
    {"openai", "gpt-5.6", &llmgw__dialect_openai},
    {"openai", "gpt-5.6", &llmgw__dialect_responses},
    {"openai", "new-one", &llmgw__dialect_responses},
    {"xai", "grok-4", &llmgw__dialect_responses},
    {"xai", "grok-4", &llmgw__dialect_openai},
    {"mistral", "m", &llmgw__dialect_openai},
    {"deepseek", "m", &llmgw__dialect_openai},
    {"dashscope", "qwen3-32b", &llmgw__dialect_openai},
    {"groq", "qwen/qwen3-32b", &llmgw__dialect_openai},
    {"openrouter", "anthropic/m", &llmgw__dialect_openai},
    {"llamacpp", "m", &llmgw__dialect_openai},
    {"compatible", "m", &llmgw__dialect_openai},
};

static void must(int holds)
{
    if (!holds)
        __builtin_trap();
}

static void check_body(const struct dialect_run *run)
{
    char *body = dialect_run_body(run);
    struct llmgw__jdoc doc = {.nodes = NULL};

    must(body != NULL);
    must(llmgw__jdoc_parse(&doc, llmgw__str(body), LLMGW__JDOC_UNIQUE) ==
         LLMGW_OK);
    llmgw__jdoc_clear(&doc);
    free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t which = size ? data[0] % (sizeof targets / sizeof targets[0]) : 0;
    struct dialect_run run;
    char *request;

    if (size < 2 || memchr(data + 1, '\0', size - 1))
        return 0;
    request = malloc(size);
    if (!request)
        return 0;
    memcpy(request, data + 1, size - 1);
    request[size - 1] = '\0';
    dialect_run_start(&run, targets[which].dialect, "https://x",
                      targets[which].model);
    run.provider.row = llmgw__provider_row_find(llmgw__str(targets[which].row));
    if (dialect_run_chat(&run, request) == LLMGW_OK) {
        if (run.dialect->instead)
            (void)run.dialect->instead(&run.chat, &run.target);
        if (dialect_run_encode(&run, size % 2, false) == LLMGW_OK)
            check_body(&run);
        else
            must(run.error.kind != LLMGW_KIND_NONE && run.error.message[0]);
    }
    dialect_run_clear(&run);
    free(request);
    return 0;
}
