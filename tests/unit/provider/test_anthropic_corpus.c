/* Recorded answers of the anthropic wire, against a fold of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <dirent.h>

#include "support/golden.h"

#define BASE "https://host.example"

/** What a recording says, added up without our code. */
struct fold {
    cJSON *blocks; /* put together */
    double prompt;
    double output;
    const char *stop; /* in `last` */
    cJSON *last;      /* the record it stands in */
    bool complete;
    bool failed;  /* an error record */
    bool spliced; /* a second answer begins inside */
};

static struct {
    int streams;
    int whole;
    int failed;
} seen;

static const cJSON *at(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static const char *text_at(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(at(object, name));

    return text ? text : "";
}

/* --- the fold --- */

static void append(cJSON *object, const char *name, const char *piece)
{
    const char *had = text_at(object, name);
    size_t size = strlen(had) + strlen(piece) + 1;
    char *all = malloc(size);

    snprintf(all, size, "%s%s", had, piece);
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    cJSON_AddStringToObject(object, name, all);
    free(all);
}

static void fold_delta(cJSON *block, const cJSON *delta)
{
    static const char *const strings[] = {"text", "thinking", "signature",
                                          "content"};

    for (size_t i = 0; i < 4; i++)
        if (cJSON_IsString(at(delta, strings[i])))
            append(block, strings[i], text_at(delta, strings[i]));
    if (at(delta, "partial_json"))
        append(block, "_input", text_at(delta, "partial_json"));
    if (at(delta, "citation")) {
        if (!cJSON_IsArray(at(block, "citations"))) {
            cJSON_DeleteItemFromObjectCaseSensitive(block, "citations");
            cJSON_AddArrayToObject(block, "citations");
        }
        cJSON_AddItemToArray(
            cJSON_GetObjectItemCaseSensitive(block, "citations"),
            cJSON_Duplicate(at(delta, "citation"), true));
    }
}

static void fold_stop(cJSON *block)
{
    const char *input = text_at(block, "_input");
    cJSON *json = cJSON_Parse(input);

    if (!block)
        return;
    if (json && *input) {
        cJSON_DeleteItemFromObjectCaseSensitive(block, "input");
        cJSON_AddItemToObject(block, "input", json);
    } else {
        cJSON_Delete(json);
    }
    if (!*input)
        cJSON_DeleteItemFromObjectCaseSensitive(block, "_input");
}

static double number(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *value = at(object, name);

    return cJSON_IsNumber(value) ? value->valuedouble : otherwise;
}

/* Steps of other kinds are not in the totals. */
static void fold_usage(struct fold *fold, cJSON *kept, const cJSON *usage)
{
    static const char *const inputs[] = {"input_tokens",
                                         "cache_creation_input_tokens",
                                         "cache_read_input_tokens"};
    const cJSON *member;
    const cJSON *step;

    cJSON_ArrayForEach(member, usage)
    {
        if (cJSON_IsNull(member))
            continue;
        cJSON_DeleteItemFromObjectCaseSensitive(kept, member->string);
        cJSON_AddItemToObject(kept, member->string,
                              cJSON_Duplicate(member, true));
    }
    fold->prompt = 0;
    fold->output = number(kept, "output_tokens", 0);
    for (int i = 0; i < 3; i++)
        fold->prompt += number(kept, inputs[i], 0);
    cJSON_ArrayForEach(step, at(kept, "iterations"))
    {
        if (strcmp(text_at(step, "type"), "compaction") != 0 &&
            strcmp(text_at(step, "type"), "advisor_message") != 0)
            continue;
        fold->output += number(step, "output_tokens", 0);
        for (int i = 0; i < 3; i++)
            fold->prompt += number(step, inputs[i], 0);
    }
}

static void fold_event(struct fold *fold, cJSON *usage, cJSON *event)
{
    const char *type = text_at(event, "type");
    const cJSON *message = at(event, "message");
    int index = (int)number(event, "index", 0);

    if (strcmp(type, "message_start") == 0) {
        if (fold->last &&
            strcmp(text_at(fold->last, "id"), text_at(message, "id")) != 0)
            fold->spliced = true;
        if (fold->last)
            return;
        fold->last = cJSON_Duplicate(message, true);
        fold_usage(fold, usage, at(message, "usage"));
    } else if (strcmp(type, "content_block_start") == 0) {
        cJSON_AddItemToArray(fold->blocks,
                             cJSON_Duplicate(at(event, "content_block"), true));
    } else if (strcmp(type, "content_block_delta") == 0) {
        fold_delta(cJSON_GetArrayItem(fold->blocks, index), at(event, "delta"));
    } else if (strcmp(type, "content_block_stop") == 0) {
        fold_stop(cJSON_GetArrayItem(fold->blocks, index));
    } else if (strcmp(type, "message_delta") == 0) {
        const cJSON *reason = at(at(event, "delta"), "stop_reason");

        if (cJSON_IsString(reason) && !*text_at(fold->last, "_stop"))
            cJSON_AddStringToObject(fold->last, "_stop", reason->valuestring);
        fold_usage(fold, usage, at(event, "usage"));
    } else if (strcmp(type, "message_stop") == 0) {
        fold->complete = true;
    } else if (strcmp(type, "error") == 0) {
        fold->failed = true;
    }
}

static void fold_stream(struct fold *fold, const char *body)
{
    cJSON *usage = cJSON_CreateObject();

    while (*body && !fold->complete) {
        size_t len = strcspn(body, "\r\n");
        cJSON *event = strncmp(body, "data:", 5) == 0
                           ? cJSON_ParseWithLength(body + 5, len - 5)
                           : NULL;

        if (event)
            fold_event(fold, usage, event);
        cJSON_Delete(event);
        body += len;
        body += strspn(body, "\r\n");
    }
    fold->stop = text_at(fold->last, "_stop");
    cJSON_Delete(usage);
}

static void fold_whole(struct fold *fold, const char *body)
{
    cJSON *usage = cJSON_CreateObject();
    const cJSON *block;

    fold->last = cJSON_Parse(body);
    assert_non_null(fold->last);
    cJSON_ArrayForEach(block, at(fold->last, "content"))
        cJSON_AddItemToArray(fold->blocks, cJSON_Duplicate(block, true));
    fold_usage(fold, usage, at(fold->last, "usage"));
    fold->stop = text_at(fold->last, "stop_reason");
    fold->complete = true;
    cJSON_Delete(usage);
}

/* --- comparing --- */

static void same_text(const char *id, const char *is, const char *wanted)
{
    if (strcmp(is, wanted) != 0)
        fail_msg("%s: is\n%s\nwanted\n%s", id, is, wanted);
}

static const char *joined(const struct fold *fold, const char *type,
                          const char *member, cJSON *into)
{
    const cJSON *block;

    cJSON_ArrayForEach(block, fold->blocks)
    {
        if (strcmp(text_at(block, "type"), type) == 0)
            append(into, member, text_at(block, member));
    }
    return text_at(into, member);
}

static void same_calls(const char *id, const struct fold *fold,
                       const cJSON *calls)
{
    const cJSON *call = calls ? calls->child : NULL;
    const cJSON *block;

    cJSON_ArrayForEach(block, fold->blocks)
    {
        const cJSON *function = at(call, "function");
        cJSON *arguments;

        if (strcmp(text_at(block, "type"), "tool_use") != 0)
            continue;
        if (!call)
            fail_msg("%s: a call is missing", id);
        same_text(id, text_at(call, "id"), text_at(block, "id"));
        same_text(id, text_at(function, "name"), text_at(block, "name"));
        arguments = cJSON_Parse(text_at(function, "arguments"));
        if (arguments && !cJSON_Compare(arguments, at(block, "input"), true))
            fail_msg("%s: arguments %s", id, text_at(function, "arguments"));
        if (!arguments)
            same_text(id, text_at(function, "arguments"),
                      text_at(block, "_input"));
        cJSON_Delete(arguments);
        call = call->next;
    }
    assert_null(call);
}

static const char *finish_of(const char *stop, bool calls)
{
    if (strcmp(stop, "max_tokens") == 0)
        return "length";
    if (strcmp(stop, "refusal") == 0)
        return "content_filter";
    return calls ? "tool_calls" : "stop";
}

/* What an empty member says is nothing. */
static void tidy(cJSON *blocks)
{
    cJSON *block;

    cJSON_ArrayForEach(block, blocks)
    {
        if (!cJSON_GetArraySize(at(block, "citations")))
            cJSON_DeleteItemFromObjectCaseSensitive(block, "citations");
        cJSON_DeleteItemFromObjectCaseSensitive(block, "_input");
        if (strcmp(text_at(block, "type"), "thinking") == 0 &&
            !at(block, "signature"))
            cJSON_AddStringToObject(block, "signature", "");
    }
}

static void same_replay(const char *id, const struct fold *fold,
                        const cJSON *message)
{
    const cJSON *replay = at(at(message, "llmgw"), "content");
    cJSON *is, *wanted;

    if (!replay)
        return;
    is = cJSON_Duplicate(replay, true);
    wanted = cJSON_Duplicate(fold->blocks, true);
    tidy(is);
    tidy(wanted);
    if (!cJSON_Compare(is, wanted, true))
        fail_msg("%s: replay content\n%s\n%s", id, cJSON_PrintUnformatted(is),
                 cJSON_PrintUnformatted(wanted));
    cJSON_Delete(is);
    cJSON_Delete(wanted);
}

/* A block that has no counterpart must come back as a whole. */
static void same_kinds(const char *id, const struct fold *fold,
                       const cJSON *message)
{
    const cJSON *block;
    bool plain = true;

    cJSON_ArrayForEach(block, fold->blocks)
    {
        const char *type = text_at(block, "type");

        plain = plain &&
                (strcmp(type, "text") == 0 || strcmp(type, "tool_use") == 0 ||
                 strcmp(type, "thinking") == 0 ||
                 strcmp(type, "redacted_thinking") == 0);
    }
    if (!plain && !at(message, "llmgw"))
        fail_msg("%s: no replay content", id);
}

static void same_answer(const char *id, const struct fold *fold,
                        const cJSON *final)
{
    const cJSON *choice = cJSON_GetArrayItem(at(final, "choices"), 0);
    const cJSON *message = at(choice, "message");
    const cJSON *calls = at(message, "tool_calls");
    const cJSON *usage = at(final, "usage");
    cJSON *all = cJSON_CreateObject();

    same_text(id, text_at(final, "id"), text_at(fold->last, "id"));
    same_text(id, text_at(message, "content"),
              joined(fold, "text", "text", all));
    same_text(id, text_at(message, "reasoning_content"),
              joined(fold, "thinking", "thinking", all));
    same_calls(id, fold, calls);
    same_text(id, text_at(choice, "finish_reason"),
              finish_of(fold->stop, calls != NULL));
    if ((int64_t)number(usage, "prompt_tokens", -1) != (int64_t)fold->prompt ||
        (int64_t)number(usage, "completion_tokens", -1) !=
            (int64_t)fold->output)
        fail_msg("%s: usage is not %g, %g", id, fold->prompt, fold->output);
    same_replay(id, fold, message);
    same_kinds(id, fold, message);
    cJSON_Delete(all);
}

static llmgw_status decode(struct dialect_run *run, const char *body,
                           bool stream)
{
    llmgw_status status;

    dialect_run_start(run, &llmgw__dialect_anthropic, BASE, "claude");
    if (stream)
        status = dialect_run_events(run, body, strlen(body));
    else
        status = dialect_run_whole(run, body, strlen(body));
    return status;
}

static void check(const cJSON *one, const cJSON *file)
{
    const cJSON *response = at(one, "response");
    const char *body = text_at(response, "body_text");
    const char *id = text_at(one, "id");
    bool stream = strcmp(text_at(one, "transport"), "sse") == 0;
    struct fold fold = {.blocks = cJSON_CreateArray()};
    struct dialect_run run;
    llmgw_status status;

    (void)file;
    if (number(response, "status", 0) >= 300) {
        cJSON_Delete(fold.blocks);
        return;
    }
    if (stream)
        fold_stream(&fold, body);
    else
        fold_whole(&fold, body);
    status = decode(&run, body, stream);
    if (fold.failed || fold.spliced || !fold.complete) {
        assert_true(run.failed || status == LLMGW_E_INVALID);
        seen.failed++;
    } else {
        cJSON *final = dialect_run_final(&run);

        if (status != LLMGW_OK)
            fail_msg("%s: status %d", id, (int)status);
        same_answer(id, &fold, final);
        cJSON_Delete(final);
        seen.streams += stream;
        seen.whole += !stream;
    }
    dialect_run_clear(&run);
    cJSON_Delete(fold.blocks);
    cJSON_Delete(fold.last);
}

static void recorded_answers_are_what_they_add_up_to(void **state)
{
    static const char *const names[] = {"anthropic-messages-", NULL};
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no recordings\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/corpus/anthropic", shared);
    assert_true(golden_folder(folder, names, check) > 200);
    print_message("%d streams, %d whole answers, %d failed\n", seen.streams,
                  seen.whole, seen.failed);
    assert_true(seen.streams > 100 && seen.whole > 50);
    assert_in_range(seen.failed, 1, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recorded_answers_are_what_they_add_up_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
