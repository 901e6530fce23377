/*
 * fuzz_anthropic.c - the anthropic dialect: records of a stream, a line each;
 * whole answers; requests. The first byte picks which, and the model.
 */
#include <stdlib.h>
#include <string.h>

#include "support/dialect_run.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const models[] = {
    "claude-opus-4-8", "claude-opus-4-5", "claude-sonnet-5-5",
    "claude-opus-4-1", "claude-3-haiku",  "other",
};

static void feed_stream(struct dialect_run *run, const char *data, size_t len)
{
    const char *end = data + len;
    llmgw_status status = LLMGW_OK;

    while (data < end && status == LLMGW_OK) {
        const char *eol = memchr(data, '\n', (size_t)(end - data));
        const char *stop = eol ? eol : end;

        status = dialect_run_frame(run, data, (size_t)(stop - data));
        data = stop < end ? stop + 1 : end;
    }
    (void)dialect_run_end(run);
    cJSON_Delete(dialect_run_final(run));
}

static void feed_body(struct dialect_run *run, const char *data, size_t len)
{
    (void)dialect_run_whole(run, data, len);
    cJSON_Delete(dialect_run_final(run));
}

/* What is taken goes out as JSON. */
static void feed_request(struct dialect_run *run, const char *data, size_t len)
{
    char *text = malloc(len + 1);
    char *body;
    cJSON *json;

    memcpy(text, data, len);
    text[len] = '\0';
    if (dialect_run_chat(run, text) == LLMGW_OK &&
        dialect_run_encode(run, false, false) == LLMGW_OK) {
        body = dialect_run_body(run);
        json = cJSON_Parse(body);
        if (!json && strlen(body) < 10000)
            __builtin_trap();
        cJSON_Delete(json);
        free(body);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const feeds[])(struct dialect_run *, const char *, size_t) = {
        feed_stream, feed_body, feed_request};
    struct dialect_run run;

    if (!size)
        return 0;
    dialect_run_start(&run, &llmgw__dialect_anthropic, "https://host.example",
                      models[data[0] / 3 % 6]);
    feeds[data[0] % 3](&run, (const char *)data + 1, size - 1);
    dialect_run_clear(&run);
    return 0;
}
