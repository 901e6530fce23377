/* Errors of providers, of networks, inside answers: what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "support/alloc.h"
#include "support/golden.h"

/* An example, as the classifier gets it. */
struct example {
    struct llmgw__failure failure;
    struct llmgw__http_head head;
    char *body;
};

static void start(struct example *example, const cJSON *json);
static void clear(struct example *example);
static void check(const cJSON *one, const cJSON *file);

static const cJSON *get(const cJSON *json, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(json, name);
}

static const char *text_of(const cJSON *json, const char *name)
{
    return cJSON_GetStringValue(get(json, name));
}

static void start(struct example *example, const cJSON *json)
{
    const cJSON *body = get(json, "body"), *header;
    const cJSON *transport = get(json, "transport");
    const char *provider = text_of(json, "provider");
    const char *now = text_of(json, "now");

    memset(example, 0, sizeof *example);
    llmgw__http_head_init(&example->head);
    cJSON_ArrayForEach(header, get(json, "headers")) assert_int_equal(
        llmgw__http_head_add(&example->head, llmgw__str(header->string),
                             llmgw__str(cJSON_GetStringValue(header))),
        LLMGW_OK);
    example->body = cJSON_IsString(body) ? strdup(cJSON_GetStringValue(body))
                                         : cJSON_PrintUnformatted(body);
    example->failure = (struct llmgw__failure){
        .family = strcmp(provider, "*") == 0 ? NULL : provider,
        .status = (int32_t)cJSON_GetNumberValue(get(json, "status")),
        .head = &example->head,
        .body = llmgw__str(example->body),
        .now_s = now ? llmgw__date_parse(now, strlen(now)) : 1700000000,
    };
    if (transport) {
        example->failure.transport_code =
            (int32_t)cJSON_GetNumberValue(get(transport, "curl_code"));
        example->failure.transport_detail = text_of(transport, "detail");
    }
}

static void clear(struct example *example)
{
    llmgw__http_head_clear(&example->head);
    free(example->body);
}

static bool contains(const char *text, const char *part)
{
    char lower[512];
    size_t len = strlen(part);

    assert_true(len < sizeof lower);
    for (size_t i = 0; i <= len; i++)
        lower[i] =
            (char)(part[i] >= 'A' && part[i] <= 'Z' ? part[i] + 32 : part[i]);
    return llmgw__str_find_nocase(llmgw__str(text), llmgw__str(lower)) !=
           SIZE_MAX;
}

static void same_flag(const cJSON *expect, const char *name, bool is,
                      const char *example)
{
    const cJSON *wanted = get(expect, name);

    if (wanted && cJSON_IsTrue(wanted) != is)
        fail_msg("%s: %s is %d", example, name, is);
}

static void same_text(const cJSON *expect, const char *name, const char *is,
                      const char *example)
{
    const char *wanted = text_of(expect, name);

    if (get(expect, name) && strcmp(wanted ? wanted : "", is) != 0)
        fail_msg("%s: %s is \"%s\"", example, name, is);
}

static void same_number(const cJSON *expect, const char *name, int64_t is,
                        const char *example)
{
    const cJSON *wanted = get(expect, name);

    if (wanted &&
        (cJSON_IsNull(wanted) ? -1 : (int64_t)cJSON_GetNumberValue(wanted)) !=
            is)
        fail_msg("%s: %s is %lld", example, name, (long long)is);
}

static void check(const cJSON *one, const cJSON *file)
{
    const cJSON *expect = get(one, "expect");
    const char *name = text_of(one, "name");
    const char *part = text_of(expect, "message_contains");
    struct llmgw__error error;
    struct example example;

    (void)file;
    start(&example, one);
    llmgw__error_classify(&example.failure, &error);
    same_text(expect, "kind", llmgw__error_kind_name(error.kind), name);
    same_text(expect, "type", llmgw__error_type(error.kind), name);
    same_text(expect, "code", error.code, name);
    same_text(expect, "param", error.param, name);
    same_text(expect, "message", error.message, name);
    same_text(expect, "request_id", error.request_id, name);
    same_text(expect, "raw_type", error.raw_type, name);
    same_text(expect, "raw_code", error.raw_code, name);
    same_number(expect, "http_status", error.http_status, name);
    same_number(expect, "retry_after_ms", error.retry_after_ms, name);
    same_flag(expect, "retryable", error.retryable, name);
    same_flag(expect, "failover", error.failover, name);
    same_flag(expect, "breaker", error.breaker, name);
    same_flag(expect, "rotate_key", error.rotate_key, name);
    if (part && !contains(error.message, part))
        fail_msg("%s: message is \"%s\"", name, error.message);
    assert_int_equal(error.upstream_status, example.failure.status);
    clear(&example);
}

static void own_examples_are_classified(void **state)
{
    (void)state;
    assert_true(golden_folder(LLMGW_SOURCE_DIR "/tests/fixtures/errors", NULL,
                              check) >= 60);
}

static void shared_examples_are_classified(void **state)
{
    const char *shared = getenv("LLMGW_SHARED");
    char folder[1024];

    (void)state;
    if (!shared) {
        print_message("LLMGW_SHARED is not set: no shared examples\n");
        skip();
    }
    snprintf(folder, sizeof folder, "%s/wire/golden/errors", shared);
    assert_int_equal(golden_folder(folder, NULL, check), 81);
}

static void errors_that_say_they_are_none_are_seen(void **state)
{
    static const struct {
        const char *body;
        bool error;
    } cases[] = {
        {"{\"error\":{\"message\":\"x\"}}", true},
        {" \n {\"id\":\"1\",\"error\":\"x\"}", true},
        {"{\"object\":\"error\"}", true},
        {"{\"success\":false}", true},
        {"{\"base_resp\":{\"status_code\":1}}", true},
        {"<html>", true},
        {"{\"error\":null,\"choices\":[]}", false},
        {"{\"error\":{},\"success\":true}", false},
        {"{\"error\":\"\"}", false},
        {"{\"base_resp\":{\"status_code\":0}}", false},
        {"{\"choices\":[{\"error\":1}]}", false},
        {"", false},
        {"[]", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (llmgw__error_in_body(llmgw__str(cases[i].body)) != cases[i].error)
            fail_msg("%s", cases[i].body);
}

static void an_error_inside_an_answer_outlives_its_frame(void **state)
{
    char frame[] = "{\"error\":{\"message\":\"later\",\"code\":503}}";
    struct dialect_run run;
    struct llmgw__error error;

    (void)state;
    dialect_run_start(&run, &llmgw__dialect_openai, "https://x", "m");
    assert_int_equal(dialect_run_expect(&run), LLMGW_OK);
    llmgw__error_classify_inband(&run.decode, llmgw__str(frame), &error);
    memset(frame, 'x', sizeof frame - 1);
    assert_int_equal(error.kind, LLMGW_KIND_OVERLOADED);
    assert_int_equal(error.upstream_status, 200);
    assert_string_equal(error.message, "later");
    assert_true(llmgw__str_starts(error.body, "{\"error\":{\"message\""));
    dialect_run_clear(&run);
}

/* However little of a body came, and whatever memory there is. */
static void a_body_may_end_anywhere(void **state)
{
    static const char body[] =
        "{\"error\":{\"message\":\"a \\u00e9 \\ud83d\\ude00\",\"code\":\"x\","
        "\"details\":[{\"reason\":\"R\",\"retryDelay\":\"3s\"}],\"metadata\":"
        "{\"provider_name\":\"P\",\"raw\":\"{\\\"message\\\":1}\"}},"
        "\"detail\":[{\"loc\":[\"body\",3],\"msg\":\"m\"}]}";

    (void)state;
    for (size_t len = 0; len < sizeof body; len++)
        for (int nth = -1; nth < 3; nth++) {
            char *copy = malloc(len ? len : 1);
            struct llmgw__failure failure = {.status = 429,
                                             .body = {copy, len}};
            struct llmgw__error error;

            assert_non_null(copy);
            memcpy(copy, body, len);
            if (nth >= 0)
                fail_allocation(nth);
            llmgw__error_classify(&failure, &error);
            allow_allocations();
            assert_int_equal(error.kind, LLMGW_KIND_RATE_LIMIT);
            free(copy);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_examples_are_classified),
        cmocka_unit_test(shared_examples_are_classified),
        cmocka_unit_test(errors_that_say_they_are_none_are_seen),
        cmocka_unit_test(an_error_inside_an_answer_outlives_its_frame),
        cmocka_unit_test(a_body_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
