/*
 * support/golden.c - worked examples of a dialect, checked.
 */
#include "support/golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

static const struct llmgw__provider_row *provider_row;

/** Settings of the provider, as views of the file. */
static void set_up(struct dialect_run *run, const cJSON *settings)
{
    static struct llmgw__setting filled[8];
    size_t count = 0;

    for (const cJSON *one = settings ? settings->child : NULL; one;
         one = one->next) {
        assert_true(count < sizeof filled / sizeof filled[0]);
        filled[count].name = one->string;
        filled[count++].value = cJSON_GetStringValue(one);
    }
    run->provider.settings = filled;
    run->provider.setting_count = count;
}

static void start(struct dialect_run *run, const struct llmgw__dialect *dialect,
                  const char *base_url, const cJSON *one, const cJSON *file);
static void same_json(const char *what, const char *name, const cJSON *is,
                      const cJSON *wanted);
static void same_adjustments(const struct dialect_run *run, const cJSON *list,
                             const char *name);
static void same_usage(const struct dialect_run *run, const cJSON *wanted);
static void same_error(const struct dialect_run *run, const cJSON *wanted);
static llmgw_status feed(struct dialect_run *run, const cJSON *one,
                         const cJSON *file);

char *golden_read(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;
    long size;

    if (!file)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0 && (text = malloc((size_t)size + 1))) {
        *len = fread(text, 1, (size_t)size, file);
        text[*len] = '\0';
    }
    fclose(file);
    return text;
}

int golden_each(const char *path,
                void (*check)(const cJSON *one, const cJSON *file))
{
    size_t len = 0;
    char *text = golden_read(path, &len);
    cJSON *file = text ? cJSON_ParseWithLength(text, len) : NULL;
    const cJSON *cases = cJSON_GetObjectItemCaseSensitive(file, "cases");
    const cJSON *one;
    int count = 0;

    if (!file)
        fail_msg("%s cannot be read", path);
    cJSON_ArrayForEach(one, cases)
    {
        check(one, file);
        count++;
    }
    if (!cases) {
        check(file, file);
        count = 1;
    }
    cJSON_Delete(file);
    free(text);
    return count;
}

static bool is_wanted(const char *name, const char *const *names)
{
    size_t len = strlen(name);

    if (len < 5 || strcmp(name + len - 5, ".json") != 0)
        return false;
    for (; names && *names; names++)
        if (strncmp(name, *names, strlen(*names)) == 0)
            return true;
    return !names;
}

int golden_folder(const char *folder, const char *const *names,
                  void (*check)(const cJSON *one, const cJSON *file))
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int count = 0;

    if (!dir)
        fail_msg("%s cannot be read", folder);
    while ((entry = readdir(dir)) != NULL) {
        char path[4096];

        if (!is_wanted(entry->d_name, names))
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        count += golden_each(path, check);
    }
    closedir(dir);
    return count;
}

const cJSON *golden_get(const cJSON *one, const cJSON *file, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(one, name);

    return member ? member : cJSON_GetObjectItemCaseSensitive(file, name);
}

static const char *name_of(const cJSON *one)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(one, "name"));
}

static bool is_streamed(const cJSON *one, const cJSON *file)
{
    const cJSON *request = golden_get(one, file, "openai_request");

    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(request, "stream"));
}

/** When the host asks for it, or the target has to. */
static bool has_to_stream(const struct dialect_run *run, const cJSON *one,
                          const cJSON *file)
{
    const struct llmgw__dialect *dialect = run->dialect;

    return is_streamed(one, file) ||
           (dialect->streams && dialect->streams(&run->chat, &run->target));
}

static void start(struct dialect_run *run, const struct llmgw__dialect *dialect,
                  const char *base_url, const cJSON *one, const cJSON *file)
{
    char *request =
        cJSON_PrintUnformatted(golden_get(one, file, "openai_request"));

    dialect_run_start(run, dialect, base_url,
                      cJSON_GetStringValue(golden_get(one, file, "model")));
    run->provider.row = provider_row;
    set_up(run, golden_get(one, file, "settings"));
    assert_non_null(request);
    if (dialect_run_chat(run, request) != LLMGW_OK)
        fail_msg("%s: %s", name_of(one), run->error.message);
    free(request);
    if (dialect_run_encode(run, has_to_stream(run, one, file), false) !=
            LLMGW_OK &&
        !cJSON_IsNull(golden_get(one, file, "provider_request")))
        fail_msg("%s: refused: %s", name_of(one), run->error.message);
}

void golden_set_row(const struct llmgw__provider_row *row)
{
    provider_row = row;
}

void golden_check_request(const struct llmgw__dialect *dialect,
                          const char *base_url, const cJSON *one,
                          const cJSON *file)
{
    const cJSON *wanted = golden_get(one, file, "provider_request");
    struct dialect_run run;
    cJSON *body;
    char *text;

    start(&run, dialect, base_url, one, file);
    if (cJSON_IsNull(wanted)) {
        same_error(&run, golden_get(one, file, "error"));
        dialect_run_clear(&run);
        return;
    }
    assert_string_equal(
        run.request.url + strlen("https://host.example"),
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(wanted, "path")));
    text = dialect_run_body(&run);
    body = cJSON_Parse(text);
    if (!body)
        fail_msg("%s: not JSON: %s", name_of(one), text);
    same_json("body", name_of(one), body,
              cJSON_GetObjectItemCaseSensitive(wanted, "body"));
    same_adjustments(&run, golden_get(one, file, "adjustments"), name_of(one));
    cJSON_Delete(body);
    free(text);
    dialect_run_clear(&run);
}

void golden_check_answer(const struct llmgw__dialect *dialect,
                         const char *base_url, const cJSON *one,
                         const cJSON *file)
{
    const cJSON *chunks = golden_get(one, file, "openai_chunks");
    const cJSON *error = golden_get(one, file, "error");
    const cJSON *native = golden_get(one, file, "native_finish_reason");
    const cJSON *cost = golden_get(one, file, "cost_provider_pico");
    const cJSON *final = golden_get(one, file, "openai_final");
    struct dialect_run run;
    llmgw_status status;

    start(&run, dialect, base_url, one, file);
    status = feed(&run, one, file);
    assert_int_equal(status, LLMGW_OK);
    if (chunks)
        same_json("chunks", name_of(one), run.chunks, chunks);
    assert_int_equal(run.failed, error != NULL);
    if (error) {
        same_error(&run, error);
    } else {
        cJSON *is = dialect_run_final(&run);

        same_json("final", name_of(one), is,
                  final ? final : golden_get(one, file, "openai_response"));
        cJSON_Delete(is);
    }
    if (native)
        assert_string_equal(error ? run.error.raw_code : run.native,
                            cJSON_GetStringValue(native));
    same_usage(&run, golden_get(one, file, "usage"));
    if (cost)
        assert_int_equal(run.usage.provider_cost_pico,
                         (int64_t)cJSON_GetNumberValue(cost));
    dialect_run_clear(&run);
}

static llmgw_status feed(struct dialect_run *run, const cJSON *one,
                         const cJSON *file)
{
    const cJSON *stream = golden_get(one, file, "provider_stream");
    const cJSON *pieces = cJSON_GetObjectItemCaseSensitive(stream, "body_text");
    const cJSON *piece;
    struct llmgw__buf body;
    llmgw_status status;

    llmgw__buf_init(&body, 0);
    cJSON_ArrayForEach(piece, pieces)
        llmgw__buf_add_z(&body, cJSON_GetStringValue(piece));
    if (stream) {
        status = dialect_run_events(run, body.data, body.len);
    } else {
        const cJSON *response = golden_get(one, file, "provider_response");
        const cJSON *json = cJSON_GetObjectItemCaseSensitive(response, "body");
        char *text = cJSON_Print(json);
        const char *raw = cJSON_GetStringValue(json); /* a text as it came */

        status =
            dialect_run_whole(run, raw ? raw : text, strlen(raw ? raw : text));
        free(text);
    }
    llmgw__buf_clear(&body);
    return status;
}

static void same_json(const char *what, const char *name, const cJSON *is,
                      const cJSON *wanted)
{
    char *is_text, *wanted_text;

    if (cJSON_Compare(is, wanted, true))
        return;
    is_text = cJSON_PrintUnformatted(is);
    wanted_text = cJSON_PrintUnformatted(wanted);
    print_message("%s: %s\n  is     %s\n  wanted %s\n", name, what,
                  is_text ? is_text : "nothing", wanted_text);
    free(is_text);
    free(wanted_text);
    fail();
}

static void same_adjustments(const struct dialect_run *run, const cJSON *list,
                             const char *name)
{
    const cJSON *wanted;

    for (size_t i = 0; i < run->adjustments.count; i++) {
        const struct llmgw__adjustment *is = &run->adjustments.items[i];
        bool found = false;

        cJSON_ArrayForEach(wanted, list)
        {
            const char *reason = cJSON_GetStringValue(
                cJSON_GetObjectItemCaseSensitive(wanted, "reason"));
            const char *action = cJSON_GetStringValue(
                cJSON_GetObjectItemCaseSensitive(wanted, "action"));
            const char *param = cJSON_GetStringValue(
                cJSON_GetObjectItemCaseSensitive(wanted, "param"));

            found = found || (strcmp(is->reason, reason) == 0 &&
                              strcmp(is->action, action) == 0 &&
                              strcmp(is->param, param) == 0);
        }
        if (!found)
            fail_msg("%s: adjustment %s/%s/%s", name, is->param, is->action,
                     is->reason);
    }
    assert_int_equal(run->adjustments.count, cJSON_GetArraySize(list));
}

/* "*" is any count; what is left out is zero. */
static void same_usage(const struct dialect_run *run, const cJSON *wanted)
{
    const cJSON *tools = cJSON_GetObjectItemCaseSensitive(wanted, "tool_calls");
    const cJSON *search = cJSON_GetObjectItemCaseSensitive(tools, "web_search");

    if (!wanted || cJSON_IsNull(wanted))
        return;
    for (int i = 0; i < LLMGW__USAGE_CLASSES; i++) {
        const cJSON *count = cJSON_GetObjectItemCaseSensitive(
            wanted, llmgw__usage_class_name(i));

        if (cJSON_IsString(count))
            continue;
        assert_int_equal(run->usage.count[i],
                         count ? (int64_t)cJSON_GetNumberValue(count) : 0);
    }
    assert_int_equal(run->usage.tools[LLMGW__TOOL_WEB_SEARCH],
                     search ? (int64_t)cJSON_GetNumberValue(search) : 0);
}

static void same_error(const struct dialect_run *run, const cJSON *wanted)
{
    const char *kind =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(wanted, "kind"));
    const char *message = cJSON_GetStringValue(
        cJSON_GetObjectItemCaseSensitive(wanted, "message"));
    const char *param =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(wanted, "param"));

    assert_string_equal(llmgw__error_kind_name(run->error.kind), kind);
    if (message)
        assert_string_equal(run->error.message, message);
    assert_string_equal(run->error.param, param ? param : "");
}
