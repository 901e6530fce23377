/* Requests of the responses dialect: what is sent, reported, refused; and which
 * requests go out in it. */
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
    dialect_run_start(run, &llmgw__dialect_responses, "https://host.example/v1",
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
    const char *path;
    char base[256];

    assert_non_null(row);
    path = strchr(strstr(row->base_url, "://") + 3, '/');
    snprintf(base, sizeof base, "https://host.example%s", path ? path : "");
    golden_set_row(row);
    golden_check_request(&llmgw__dialect_responses, base, one, file);
}

static void what_is_asked_for_goes_out_in_its_words(void **state)
{
    (void)state;
    assert_true(golden_each(LLMGW_SOURCE_DIR
                            "/tests/fixtures/responses/requests.json",
                            check) > 30);
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

        start(&run, "openai", "gpt-6.1-sol", request);
        assert_int_equal(dialect_run_encode(&run, stream, false), LLMGW_OK);
        assert_string_equal(run.request.method, "POST");
        assert_string_equal(run.request.url,
                            "https://host.example/v1/responses");
        assert_string_equal(header(&run, "content-type"), "application/json");
        assert_string_equal(header(&run, "accept"),
                            stream ? "text/event-stream" : "application/json");
        body = dialect_run_body(&run);
        assert_int_equal(strstr(body, "\"stream\":true") != NULL, stream);
        free(body);
        dialect_run_clear(&run);
    }
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
                            "/tests/fixtures/responses/requests.json",
                            check_strict) > 30);
}

static void strict_refuses_what_would_be_changed(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"seed\":5,\"messages\":[{\"role\":"
        "\"user\",\"content\":\"x\"}]}";
    struct dialect_run run;

    (void)state;
    start(&run, "openai", "gpt-6.1-sol", request);
    assert_int_equal(dialect_run_encode(&run, false, true), LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(run.error.param, "seed");
    assert_int_equal(run.adjustments.count, 0);
    dialect_run_clear(&run);
}

static void every_failed_allocation_is_told(void **state)
{
    static char request[8192];
    llmgw_status status = LLMGW_E_NOMEM;
    size_t len = 0;
    int nth;

    (void)state;
    len += (size_t)snprintf(request, sizeof request,
                            "{\"model\":\"m\",\"messages\":[");
    for (int i = 0; i < 40; i++) /* the body has to grow several times */
        len +=
            (size_t)snprintf(request + len, sizeof request - len,
                             "{\"role\":\"user\",\"content\":\"%0100d\"},", i);
    snprintf(request + len, sizeof request - len,
             "{\"role\":\"user\",\"content\":\"x\"}],\"user\":\"u\"}");
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct dialect_run run;

        start(&run, "openai", "gpt-6.1-sol", request);
        fail_allocation(nth);
        status = dialect_run_encode(&run, true, false);
        allow_allocations();
        dialect_run_clear(&run);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3);
}

/* --- which requests go out in it --- */

#define PLAIN \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]"
#define TOOLS \
    ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}]"
#define HOSTED ",\"tools\":[{\"type\":\"web_search\"}]"
#define RESULT(part)                                                         \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":" \
    "[{\"id\":\"c\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]},"    \
    "{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":[" part "]}]}"
#define EFFORT(level) ",\"reasoning_effort\":\"" level "\""

static bool goes_out(const char *provider, const char *model, const char *api,
                     const char *request)
{
    struct llmgw__setting setting = {.name = "api", .value = api};
    const struct llmgw__dialect *instead;
    struct dialect_run run;

    start(&run, provider, model, request);
    run.provider.settings = &setting;
    run.provider.setting_count = api ? 1 : 0;
    instead = llmgw__dialect_openai.instead(&run.chat, &run.target);
    dialect_run_clear(&run);
    assert_true(!instead || instead == &llmgw__dialect_responses);
    return instead != NULL;
}

static void what_chat_would_refuse_goes_out_here(void **state)
{
    static const struct {
        const char *model;
        const char *request;
        bool here;
    } cases[] = {
        {"gpt-6.1-sol", PLAIN "}", false},
        {"gpt-6.1-sol", PLAIN TOOLS "}", true},
        {"gpt-6.1-sol", PLAIN EFFORT("xhigh") "}", false},
        {"gpt-6.1-sol", PLAIN EFFORT("max") "}", true},
        {"gpt-6-astra", PLAIN TOOLS EFFORT("none") "}", true},
        {"gpt-6-luna", PLAIN TOOLS "}", true},
        {"gpt-5.6", PLAIN TOOLS "}", true},
        {"gpt-5.6", PLAIN TOOLS EFFORT("none") "}", false},
        {"gpt-5.6", PLAIN "}", false},
        {"ft:gpt-5.6:me::1", PLAIN TOOLS "}", true},
        {"gpt-5.5", PLAIN TOOLS EFFORT("low") "}", true},
        {"gpt-5.4", PLAIN TOOLS "}", false},
        {"gpt-5.4", PLAIN TOOLS EFFORT("low") "}", true},
        {"gpt-5.5-pro", PLAIN "}", true},
        {"gpt-5", PLAIN TOOLS EFFORT("high") "}", false},
        {"gpt-4.1", PLAIN TOOLS "}", false},
        {"new-one", PLAIN TOOLS EFFORT("high") "}", false},
        {"gpt-4.1", PLAIN HOSTED "}", true},
        {"new-one", PLAIN HOSTED "}", true},
        {"gpt-4.1", PLAIN ",\"web_search_options\":{}}", true},
        {"gpt-4o-search-preview", PLAIN ",\"web_search_options\":{}}", false},
        {"new-one", PLAIN ",\"web_search_options\":{}}", false},
        {"gpt-5", PLAIN ",\"reasoning\":{\"summary\":\"auto\"}}", true},
        {"gpt-5", PLAIN ",\"reasoning\":{\"effort\":\"low\"}}", false},
        {"gpt-4.1", RESULT("{\"type\":\"text\",\"text\":\"t\"}"), false},
        {"gpt-4.1",
         RESULT("{\"type\":\"image_url\",\"image_url\":{\"url\":"
                "\"https://i\"}}"),
         true},
        {"o3-pro", PLAIN "}", true},
        {"o3-deep-research", PLAIN "}", true},
        {"gpt-5-pro", PLAIN "}", true},
        {"gpt-5.1-codex-max", PLAIN "}", true},
        {"gpt-5.1-codex", PLAIN TOOLS "}", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (goes_out("openai", cases[i].model, NULL, cases[i].request) !=
            cases[i].here)
            fail_msg("%s: %s", cases[i].model, cases[i].request);
}

static void others_speak_it_when_they_are_set_to(void **state)
{
    (void)state;
    assert_false(goes_out("xai", "gpt-5.5-pro", NULL, PLAIN TOOLS "}"));
    assert_true(goes_out("xai", "grok-4", "responses", PLAIN "}"));
    assert_true(goes_out("openai", "gpt-4.1", "responses", PLAIN "}"));
    assert_false(goes_out("openai", "gpt-6.1-sol", "chat", PLAIN TOOLS "}"));
}

static void another_word_for_it_is_refused(void **state)
{
    const struct llmgw__dialect *dialect = &llmgw__dialect_openai;

    (void)state;
    assert_null(dialect->refuse_setting("api", "chat"));
    assert_null(dialect->refuse_setting("api", "responses"));
    assert_string_equal(dialect->refuse_setting("api", "Chat"),
                        "must be chat or responses");
    assert_non_null(dialect->refuse_setting("api", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_asked_for_goes_out_in_its_words),
        cmocka_unit_test(the_form_of_the_answer_is_asked_for),
        cmocka_unit_test(strict_refuses_every_adjustment),
        cmocka_unit_test(strict_refuses_what_would_be_changed),
        cmocka_unit_test(every_failed_allocation_is_told),
        cmocka_unit_test(what_chat_would_refuse_goes_out_here),
        cmocka_unit_test(others_speak_it_when_they_are_set_to),
        cmocka_unit_test(another_word_for_it_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
