/* Answers of the gemini wire, as the host gets them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "support/golden.h"

#define BASE "https://host.example"

static void check_answer(const cJSON *one, const cJSON *file)
{
    golden_check_answer(&llmgw__dialect_gemini, BASE, one, file);
}

static void answers_given_as_examples_reach_the_host(void **state)
{
    static const char *const names[] = {
        "001-", "002-", "003-", "004-", "005-", "006-", "007-", "008-",
        "009-", "010-", "011-", "012-", "014-", "015-", "017-", NULL};
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no shared examples\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/wire/golden/gemini", shared);
    assert_int_equal(golden_folder(folder, names, check_answer), 16);
}

static void answers_of_our_own_examples_reach_the_host(void **state)
{
    (void)state;
    assert_int_equal(golden_folder(LLMGW_SOURCE_DIR "/tests/fixtures/gemini",
                                   NULL, check_answer),
                     10);
}

/* --- recordings --- */

/* What the payloads of a recording add up to, found without our code. */
struct fold {
    struct llmgw__buf text[2];
    struct llmgw__buf reasoning[2];
    cJSON *calls; /* [{name, args}] of choice 0 */
    const cJSON *usage;
    bool finished;
    double cached;
};

static const cJSON *member(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(json, name);
}

static double count(const cJSON *usage, const char *name)
{
    const cJSON *number = member(usage, name);

    return cJSON_IsNumber(number) ? cJSON_GetNumberValue(number) : 0;
}

/* Recorded pieces are strings, straight in the arguments. */
static void fold_pieces(struct fold *fold, const cJSON *pieces)
{
    cJSON *args = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetArrayItem(fold->calls, cJSON_GetArraySize(fold->calls) - 1),
        "args");
    const cJSON *piece;

    cJSON_ArrayForEach(piece, pieces)
    {
        const char *name = cJSON_GetStringValue(member(piece, "jsonPath")) + 2;
        const char *old = cJSON_GetStringValue(member(args, name));
        char text[256];

        snprintf(text, sizeof text, "%s%s", old ? old : "",
                 cJSON_GetStringValue(member(piece, "stringValue")));
        cJSON_DeleteItemFromObjectCaseSensitive(args, name);
        cJSON_AddStringToObject(args, name, text);
    }
}

static void fold_call(struct fold *fold, const cJSON *call)
{
    const char *name = cJSON_GetStringValue(member(call, "name"));
    const cJSON *args = member(call, "args");
    cJSON *entry;

    if (member(call, "partialArgs"))
        fold_pieces(fold, member(call, "partialArgs"));
    if (!name)
        return;
    entry = cJSON_CreateObject();
    if (strncmp(name, "default_api", 11) == 0)
        name += 12;
    cJSON_AddStringToObject(entry, "name", name);
    cJSON_AddItemToObject(entry, "args",
                          args ? cJSON_Duplicate(args, true)
                               : cJSON_CreateObject());
    cJSON_AddItemToArray(fold->calls, entry);
}

static void fold_record(struct fold *fold, const cJSON *record)
{
    const cJSON *usage = member(record, "usageMetadata");
    const cJSON *candidate, *part;

    if (member(usage, "promptTokenCount") ||
        member(usage, "candidatesTokenCount") ||
        member(usage, "totalTokenCount"))
        fold->usage = usage;
    if (count(usage, "cachedContentTokenCount") > 0)
        fold->cached = count(usage, "cachedContentTokenCount");
    cJSON_ArrayForEach(candidate, member(record, "candidates"))
    {
        size_t i = count(candidate, "index") > 0;

        fold->finished = fold->finished || member(candidate, "finishReason");
        cJSON_ArrayForEach(part, member(member(candidate, "content"), "parts"))
        {
            const char *text = cJSON_GetStringValue(member(part, "text"));
            struct llmgw__buf *to = cJSON_IsTrue(member(part, "thought"))
                                        ? fold->reasoning
                                        : fold->text;

            if (text)
                llmgw__buf_add_z(&to[i], text);
            if (member(part, "functionCall"))
                fold_call(fold, member(part, "functionCall"));
        }
    }
}

/* The payloads of a body: events, an array, or one object. */
static cJSON *payloads_of(const char *body)
{
    cJSON *list = cJSON_CreateArray();
    cJSON *whole;

    if (strncmp(body, "data:", 5) != 0) {
        whole = cJSON_Parse(body);
        if (cJSON_IsArray(whole)) {
            cJSON_Delete(list);
            return whole;
        }
        cJSON_AddItemToArray(list, whole);
        return list;
    }
    for (const char *at = body; at; at = strchr(at, '\n')) {
        at += *at == '\n';
        if (strncmp(at, "data:", 5) == 0)
            cJSON_AddItemToArray(list, cJSON_Parse(at + 5));
    }
    return list;
}

static void same_text(const char *name, const cJSON *message,
                      const char *member_name, const struct llmgw__buf *wanted)
{
    const char *is = cJSON_GetStringValue(member(message, member_name));
    size_t len = is ? strlen(is) : 0;

    if (len != wanted->len || (len > 0 && memcmp(is, wanted->data, len) != 0))
        fail_msg("%s: %s is %s", name, member_name, is ? is : "(null)");
}

static void same_calls(const char *name, const cJSON *message,
                       const cJSON *wanted)
{
    const cJSON *calls = member(message, "tool_calls");
    const cJSON *call;
    int i = 0;

    assert_int_equal(cJSON_GetArraySize(calls), cJSON_GetArraySize(wanted));
    cJSON_ArrayForEach(call, calls)
    {
        const cJSON *want = cJSON_GetArrayItem(wanted, i++);
        const cJSON *function = member(call, "function");
        cJSON *args =
            cJSON_Parse(cJSON_GetStringValue(member(function, "arguments")));

        assert_string_equal(cJSON_GetStringValue(member(function, "name")),
                            cJSON_GetStringValue(member(want, "name")));
        if (!cJSON_Compare(args, member(want, "args"), true))
            fail_msg("%s: arguments differ", name);
        assert_true(strlen(cJSON_GetStringValue(member(call, "id"))) > 0);
        cJSON_Delete(args);
    }
}

static void same_counts(const char *name, const struct dialect_run *run,
                        const struct fold *fold)
{
    double prompt = count(fold->usage, "promptTokenCount") +
                    count(fold->usage, "toolUsePromptTokenCount");
    double thoughts = count(fold->usage, "thoughtsTokenCount");
    double out = count(fold->usage, "candidatesTokenCount");

    if (prompt + out != count(fold->usage, "totalTokenCount"))
        out += thoughts;
    if (llmgw__usage_prompt(&run->usage) != (int64_t)prompt ||
        llmgw__usage_completion(&run->usage) != (int64_t)out ||
        run->usage.count[LLMGW__OUTPUT_REASONING] != (int64_t)thoughts ||
        run->usage.count[LLMGW__INPUT_CACHED] != (int64_t)fold->cached)
        fail_msg("%s: usage differs", name);
}

static void same_answer(const char *name, struct dialect_run *run,
                        const struct fold *fold)
{
    cJSON *final = dialect_run_final(run);
    const cJSON *choice;
    size_t i = 0;

    assert_non_null(final);
    cJSON_ArrayForEach(choice, member(final, "choices"))
    {
        const cJSON *message = member(choice, "message");

        same_text(name, message, "content", &fold->text[i]);
        same_text(name, message, "reasoning_content", &fold->reasoning[i]);
        assert_non_null(member(choice, "finish_reason")->valuestring);
        if (i++ == 0)
            same_calls(name, message, fold->calls);
    }
    if (fold->usage)
        same_counts(name, run, fold);
    cJSON_Delete(final);
}

static const char *const requests[] = {
    /* no request known: everything may come */
    NULL,
    /* the usual: one choice, text is told as it is read */
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
    "\"content\":\"x\"}]}",
    /* citations may come, and several choices */
    "{\"model\":\"m\",\"n\":2,\"web_search_options\":{},\"messages\":"
    "[{\"role\":\"user\",\"content\":\"x\"}]}",
};

static void replay_one(const char *name, const char *body,
                       const struct fold *fold, const char *request)
{
    struct dialect_run run;
    llmgw_status status;

    dialect_run_start(&run, &llmgw__dialect_gemini, BASE, "m");
    if (request)
        assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    if (strncmp(body, "data:", 5) == 0)
        status = dialect_run_events(&run, body, strlen(body));
    else
        status = dialect_run_whole(&run, body, strlen(body));
    if (status != LLMGW_OK || run.failed)
        fail_msg("%s: status %d, %s", name, status, run.error.message);
    if (!run.failed)
        same_answer(name, &run, fold);
    dialect_run_clear(&run);
}

static void replay(const char *name, const char *body)
{
    struct fold fold = {.usage = NULL};
    cJSON *payloads = payloads_of(body);
    const cJSON *record;
    bool several = false;

    fold.calls = cJSON_CreateArray();
    cJSON_ArrayForEach(record, payloads)
    {
        several =
            several || cJSON_GetArraySize(member(record, "candidates")) > 1;
        fold_record(&fold, record);
    }
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++)
        if (i != 1 || !several)
            replay_one(name, body, &fold, requests[i]);
    for (size_t i = 0; i < 2; i++) {
        llmgw__buf_clear(&fold.text[i]);
        llmgw__buf_clear(&fold.reasoning[i]);
    }
    cJSON_Delete(fold.calls);
    cJSON_Delete(payloads);
}

static int recordings;

static void check_recording(const cJSON *one, const cJSON *file)
{
    const cJSON *response = member(one, "response");
    const char *body = cJSON_GetStringValue(member(response, "body_text"));
    const char *kind = cJSON_GetStringValue(member(one, "endpoint_kind"));

    (void)file;
    if (count(response, "status") >= 300 || !body ||
        strcmp(kind, "generateContent") != 0)
        return;
    replay(cJSON_GetStringValue(member(one, "id")), body);
    recordings++;
}

static void recorded_answers_add_up_to_their_payloads(void **state)
{
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no recordings\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/corpus/gemini", shared);
    golden_folder(folder, NULL, check_recording);
    snprintf(folder, sizeof folder, "%s/corpus/vertex", shared);
    golden_folder(folder, NULL, check_recording);
    print_message("%d recordings\n", recordings);
    assert_true(recordings > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_of_our_own_examples_reach_the_host),
        cmocka_unit_test(answers_given_as_examples_reach_the_host),
        cmocka_unit_test(recorded_answers_add_up_to_their_payloads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
