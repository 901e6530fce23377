/* Requests of the openai dialect: what is sent to each service, reported,
 * refused. */
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

static void start(struct dialect_run *run, const char *provider,
                  const char *model, const char *request)
{
    dialect_run_start(run, &llmgw__dialect_openai, "https://host.example/v1",
                      model);
    run->provider.row = llmgw__provider_row_find(llmgw__str(provider));
    assert_non_null(run->provider.row);
    if (dialect_run_chat(run, request) != LLMGW_OK)
        fail_msg("%s", run->error.message);
}

static void check(const cJSON *one, const cJSON *file)
{
    const char *provider =
        cJSON_GetStringValue(golden_get(one, file, "provider"));
    const struct llmgw__provider_row *row =
        llmgw__provider_row_find(llmgw__str(provider));
    const char *url, *path;
    char base[256];

    assert_non_null(row);
    url = llmgw__provider_row_url(row, &llmgw__dialect_openai);
    path = strchr(strstr(url, "://") + 3, '/');
    snprintf(base, sizeof base, "https://host.example%s", path ? path : "");
    golden_set_row(row);
    golden_check_request(&llmgw__dialect_openai, base, one, file);
}

static void each_service_gets_its_own_words(void **state)
{
    (void)state;
    assert_true(golden_each(LLMGW_SOURCE_DIR
                            "/tests/fixtures/openai/requests.json",
                            check) > 50);
}

static void each_compatible_service_gets_its_own_words(void **state)
{
    (void)state;
    assert_true(golden_each(LLMGW_SOURCE_DIR
                            "/tests/fixtures/openai/services.json",
                            check) > 20);
}

static const char *header(const struct dialect_run *run, const char *name)
{
    for (size_t i = 0; i < run->request.header_count; i++)
        if (llmgw__str_is(run->request.headers[i].name, name))
            return run->request.headers[i].value.data;
    return "";
}

static void the_form_of_the_answer_is_asked_for(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    struct dialect_run run;

    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        char *body;

        start(&run, "openai", "gpt-4.1", request);
        assert_int_equal(dialect_run_encode(&run, stream, false), LLMGW_OK);
        assert_string_equal(run.request.method, "POST");
        assert_string_equal(run.request.url,
                            "https://host.example/v1/chat/completions");
        assert_string_equal(header(&run, "content-type"), "application/json");
        assert_string_equal(header(&run, "accept"),
                            stream ? "text/event-stream" : "application/json");
        body = dialect_run_body(&run);
        assert_int_equal(strstr(body, "\"stream\":true") != NULL, stream);
        free(body);
        dialect_run_clear(&run);
    }
}

/* A large message is not copied: the body refers to the host's bytes. */
static void large_messages_are_referred_to(void **state)
{
    size_t len = 1 << 20, referred = 0;
    char *request = malloc(len + 200);
    struct dialect_run run;
    int head;

    (void)state;
    assert_non_null(request);
    head = snprintf(request, 200,
                    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                    "\"content\":\"a\"},{\"role\":\"user\",\"content\":\"");
    memset(request + head, 'x', len);
    memcpy(request + head + len, "\"}]}", sizeof "\"}]}");
    start(&run, "openai", "gpt-4.1", request);
    free(request);
    assert_int_equal(dialect_run_encode(&run, true, false), LLMGW_OK);
    for (size_t i = 0; i < run.request.body.count; i++)
        if (run.request.body.segments[i].ref)
            referred += run.request.body.segments[i].len;
    assert_true(referred > len);
    assert_true(run.request.body.own.len < 400);
    dialect_run_clear(&run);
}

static void the_same_request_is_the_same_bytes(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"temperature\":1,\"tools\":[{\"type\":\"custom\","
        "\"custom\":{\"name\":\"s\"}}],\"messages\":[{\"role\":\"user\","
        "\"content\":\"x\"}],\"reasoning_effort\":\"low\"}";
    char *bodies[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct dialect_run run;

        start(&run, "xai", "grok-4", request);
        assert_int_equal(dialect_run_encode(&run, true, false), LLMGW_OK);
        assert_true(run.memo.custom_any);
        bodies[i] = dialect_run_body(&run);
        dialect_run_clear(&run);
    }
    assert_string_equal(bodies[0], bodies[1]);
    free(bodies[0]);
    free(bodies[1]);
}

/* Each adjustment there is: named by the error, and nothing else is. */
static void check_strict(const cJSON *one, const cJSON *file)
{
    char *request =
        cJSON_PrintUnformatted(golden_get(one, file, "openai_request"));
    const char *provider =
        cJSON_GetStringValue(golden_get(one, file, "provider"));
    const char *model = cJSON_GetStringValue(golden_get(one, file, "model"));
    struct llmgw__adjustments made;
    struct dialect_run run;

    start(&run, provider, model, request);
    if (dialect_run_encode(&run, false, false) != LLMGW_OK)
        run.adjustments.count = 0; /* refused as it is */
    made = run.adjustments;
    dialect_run_clear(&run);
    if (made.count > 0) {
        start(&run, provider, model, request);
        assert_int_equal(dialect_run_encode(&run, false, true),
                         LLMGW_E_INVALID);
        assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
        assert_string_equal(run.error.param, made.items[0].param);
        assert_int_equal(run.adjustments.count, 0);
        dialect_run_clear(&run);
    }
    free(request);
}

static void strict_refuses_every_adjustment(void **state)
{
    (void)state;
    assert_true(golden_each(LLMGW_SOURCE_DIR
                            "/tests/fixtures/openai/requests.json",
                            check_strict) > 30);
}

static void strict_refuses_what_would_be_changed(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"temperature\":0.5,\"messages\":[{\"role\":"
        "\"user\",\"content\":\"x\"}]}";
    struct dialect_run run;

    (void)state;
    start(&run, "openai", "o3", request);
    assert_int_equal(dialect_run_encode(&run, false, true), LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(run.error.param, "temperature");
    assert_int_equal(run.adjustments.count, 0);
    dialect_run_clear(&run);
    start(&run, "openai", "gpt-4.1", request);
    assert_int_equal(dialect_run_encode(&run, false, true), LLMGW_OK);
    dialect_run_clear(&run);
}

static void check_choices(const char *model, const char *temperature,
                          llmgw_status wanted)
{
    struct dialect_run run;
    char request[256];

    snprintf(request, sizeof request,
             "{\"model\":\"m\",\"n\":2,%s\"messages\":[{\"role\":\"user\","
             "\"content\":\"x\"}]}",
             temperature);
    start(&run, "moonshot", model, request);
    assert_int_equal(dialect_run_encode(&run, false, false), wanted);
    if (wanted != LLMGW_OK) {
        assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
        assert_string_equal(run.error.param, "n");
    }
    dialect_run_clear(&run);
}

static void choices_are_refused_where_there_is_but_one(void **state)
{
    (void)state;
    check_choices("moonshot-v1-8k", "", LLMGW_OK);
    check_choices("moonshot-v1-8k", "\"temperature\":0.5,", LLMGW_OK);
    check_choices("moonshot-v1-8k", "\"temperature\":0,", LLMGW_E_INVALID);
    check_choices("moonshot-v1-8k", "\"temperature\":0.0,", LLMGW_E_INVALID);
    check_choices("kimi-k2.6", "\"temperature\":1,", LLMGW_E_INVALID);
}

static char *append(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len + 1);
    return at + len;
}

/* A long list of instructions is looked at once. */
static void many_messages_of_one_role_become_one(void **state)
{
    static const char one[] = "{\"role\":\"system\",\"content\":\"a\"},";
    size_t count = 20000;
    char *request = malloc(count * (sizeof one - 1) * 2 + 256);
    char *at = request, *body;
    struct dialect_run run;

    (void)state;
    assert_non_null(request);
    at = append(at, "{\"model\":\"m\",\"messages\":[");
    for (size_t i = 0; i < count; i++)
        at = append(at, one);
    at = append(at, "{\"role\":\"user\",\"content\":\"b\"},");
    for (size_t i = 0; i < count; i++)
        at = append(at, one);
    append(at, "{\"role\":\"user\",\"content\":\"c\"}]}");
    start(&run, "perplexity", "sonar", request);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_OK);
    body = dialect_run_body(&run);
    at = strstr(body, "\"role\"") + 1;
    assert_int_equal(strncmp(at, "role\":\"system\"", 14), 0);
    at = strstr(at, "\"role\"") + 1;
    assert_int_equal(strncmp(at, "role\":\"user\"", 12), 0);
    assert_null(strstr(at, "\"role\""));
    assert_int_equal(run.adjustments.count, 1);
    free(body);
    dialect_run_clear(&run);
    free(request);
}

static void every_failed_allocation_is_told(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"user\":\"u\",\"messages\":["
        "{\"role\":\"system\",\"content\":\"a\"},{\"role\":\"system\","
        "\"content\":\"b\"},{\"role\":\"assistant\",\"content\":null,"
        "\"reasoning_content\":\"r\",\"tool_calls\":[{\"id\":\"c\\u0061ll\","
        "\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":"
        "\"{}\"}}]},{\"role\":\"tool\",\"tool_call_id\":\"c\\u0061ll\","
        "\"content\":\"1\"}],\"tools\":[{\"type\":\"function\",\"function\":"
        "{\"name\":\"f\"}}]}";
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct dialect_run run;

        start(&run, "mistral", "m", request);
        fail_allocation(nth);
        status = dialect_run_encode(&run, true, false);
        allow_allocations();
        dialect_run_clear(&run);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_service_gets_its_own_words),
        cmocka_unit_test(each_compatible_service_gets_its_own_words),
        cmocka_unit_test(the_form_of_the_answer_is_asked_for),
        cmocka_unit_test(large_messages_are_referred_to),
        cmocka_unit_test(the_same_request_is_the_same_bytes),
        cmocka_unit_test(strict_refuses_every_adjustment),
        cmocka_unit_test(strict_refuses_what_would_be_changed),
        cmocka_unit_test(choices_are_refused_where_there_is_but_one),
        cmocka_unit_test(many_messages_of_one_role_become_one),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
