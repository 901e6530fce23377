/* Requests of the anthropic wire. */
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

static void check_code(const cJSON *one, const cJSON *file)
{
    const cJSON *error = golden_get(one, file, "error");
    const cJSON *code = cJSON_GetObjectItemCaseSensitive(error, "code");
    char *request =
        cJSON_PrintUnformatted(golden_get(one, file, "openai_request"));
    struct dialect_run run;

    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE,
                      cJSON_GetStringValue(golden_get(one, file, "model")));
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_E_INVALID);
    assert_string_equal(run.error.code, cJSON_GetStringValue(code));
    assert_int_equal(run.request.body.len, 0);
    dialect_run_clear(&run);
    free(request);
}

static void check_request(const cJSON *one, const cJSON *file)
{
    golden_check_request(&llmgw__dialect_anthropic, BASE, one, file);
    if (cJSON_IsNull(golden_get(one, file, "provider_request")))
        check_code(one, file);
}

static void check_fixture(const char *name, int cases)
{
    char path[1024];

    snprintf(path, sizeof path, "%s/tests/fixtures/anthropic/%s",
             LLMGW_SOURCE_DIR, name);
    assert_int_equal(golden_each(path, check_request), cases);
}

static void messages_become_turns(void **state)
{
    (void)state;
    check_fixture("turns.json", 19);
}

static void tools_and_formats_find_their_members(void **state)
{
    (void)state;
    check_fixture("tools.json", 10);
}

static void plain_members_find_theirs(void **state)
{
    (void)state;
    check_fixture("params.json", 8);
}

static void what_cannot_be_said_is_refused_and_nothing_sent(void **state)
{
    (void)state;
    check_fixture("refusals.json", 9);
}

/* --- one request, encoded --- */

static struct dialect_run run;
static char *body;

static void encode(const char *model, const char *members)
{
    char request[2048];

    free(body);
    body = NULL;
    if (run.dialect)
        dialect_run_clear(&run);
    snprintf(request, sizeof request,
             "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":"
             "\"A\"}]%s%s}",
             *members ? "," : "", members);
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, model);
    if (dialect_run_chat(&run, request) != LLMGW_OK)
        fail_msg("%s", run.error.message);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_OK);
    body = dialect_run_body(&run);
}

static int forget(void **state)
{
    (void)state;
    if (run.dialect)
        dialect_run_clear(&run);
    free(body);
    body = NULL;
    return 0;
}

static const char *header(const char *name)
{
    for (size_t i = 0; i < run.request.header_count; i++)
        if (llmgw__str_is(run.request.headers[i].name, name))
            return run.request.headers[i].value.data;
    return "(none)";
}

static void has(const char *text)
{
    if (!strstr(body, text))
        fail_msg("%s is not in %s", text, body);
}

static void has_not(const char *text)
{
    if (strstr(body, text))
        fail_msg("%s is in %s", text, body);
}

/** "param/action/reason", or "" */
static const char *first_adjustment(void)
{
    static char text[160];
    const struct llmgw__adjustment *first = run.adjustments.items;

    if (!run.adjustments.count)
        return "";
    snprintf(text, sizeof text, "%s/%s/%s", first->param, first->action,
             first->reason);
    return text;
}

static void efforts_are_what_each_model_makes_of_them(void **state)
{
    static const struct {
        const char *model;
        const char *effort;
        const char *sent; /* first characters of what follows messages */
        const char *adjustment;
    } rows[] = {
        {"claude-opus-5-5", "none", ",\"output_config\":{\"effort\":\"low\"}}",
         "reasoning_effort/approximated/thinking_cannot_be_disabled"},
        {"claude-sonnet-5-5", "none",
         ",\"thinking\":{\"type\":\"between_tools\"}}",
         "reasoning_effort/approximated/thinking_cannot_be_disabled"},
        {"claude-opus-5", "none", ",\"thinking\":{\"type\":\"disabled\"}}", ""},
        {"claude-opus-4-8", "none", "}", ""},
        {"claude-haiku-4-5", "none", "}", ""},
        {"claude-opus-5", "minimal",
         ",\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
         "\"output_config\":{\"effort\":\"low\"}}",
         "reasoning_effort/approximated/effort_level"},
        {"claude-opus-4-7", "xhigh",
         ",\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
         "\"output_config\":{\"effort\":\"xhigh\"}}",
         ""},
        {"claude-opus-4-6", "xhigh",
         ",\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
         "\"output_config\":{\"effort\":\"max\"}}",
         "reasoning_effort/approximated/effort_level"},
        {"claude-opus-4-6", "max",
         ",\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
         "\"output_config\":{\"effort\":\"max\"}}",
         ""},
        {"claude-opus-4-5", "minimal",
         ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}}", ""},
        {"claude-opus-4-5", "high",
         ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":16384}}", ""},
        {"claude-3-5-haiku-20241022", "low", "}",
         "reasoning_effort/dropped/unsupported"},
        {"claude-nobody-knows-9", "low",
         ",\"thinking\":{\"type\":\"adaptive\",\"display\":\"summarized\"},"
         "\"output_config\":{\"effort\":\"low\"}}",
         ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char members[64];

        snprintf(members, sizeof members, "\"reasoning_effort\":\"%s\"",
                 rows[i].effort);
        encode(rows[i].model, members);
        if (strcmp(strstr(body, "}]") + 2, rows[i].sent) != 0)
            fail_msg("%s %s: %s", rows[i].model, rows[i].effort, body);
        assert_string_equal(first_adjustment(), rows[i].adjustment);
    }
}

static void a_budget_stays_below_the_limit_or_thinking_goes(void **state)
{
    (void)state;
    encode("claude-opus-4-5",
           "\"reasoning_effort\":\"high\",\"max_tokens\":1500");
    has("\"budget_tokens\":1024");
    assert_string_equal(first_adjustment(),
                        "reasoning_effort/clamped/budget_below_max_tokens");
    encode("claude-opus-4-5",
           "\"reasoning_effort\":\"high\",\"max_tokens\":1024,"
           "\"temperature\":0");
    has_not("thinking");
    has("\"temperature\":0");
    assert_string_equal(
        first_adjustment(),
        "reasoning_effort/dropped/max_tokens_too_small_for_thinking");
}

static void the_limit_is_the_models_own(void **state)
{
    static const struct {
        const char *model;
        const char *sent;
        bool clamped; /* 200000 of them */
    } rows[] = {
        {"claude-opus-5", "128000", true},
        {"us.anthropic.claude-sonnet-4-5-20250929-v1:0", "64000", true},
        {"claude-sonnet-4-20250514", "64000", true},
        {"claude-opus-4-1@20250805", "32000", true},
        {"claude-3-5-sonnet-20241022", "8192", true},
        {"claude-3-haiku-20240307", "4096", true},
        {"claude-nobody-knows-9", "200000", false},
        {"my-claude-like", "200000", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char member[64];

        snprintf(member, sizeof member, "\"max_tokens\":%s", rows[i].sent);
        encode(rows[i].model, "\"max_tokens\":200000");
        has(member);
        assert_string_equal(
            first_adjustment(),
            rows[i].clamped ? "max_tokens/clamped/model_max_output" : "");
    }
}

static void long_answers_are_streamed_whatever_was_asked(void **state)
{
    (void)state;
    encode("claude-opus-5", "\"max_tokens\":21333");
    has_not("\"stream\"");
    assert_string_equal(header("accept"), "application/json");
    encode("claude-opus-5", "\"max_tokens\":21334");
    has("\"stream\":true");
    assert_string_equal(header("accept"), "text/event-stream");
}

static void betas_are_named_once_where_they_are_needed(void **state)
{
    (void)state;
    encode("claude-opus-5", "");
    assert_string_equal(header("anthropic-beta"), "(none)");
    assert_string_equal(header("anthropic-version"), "2023-06-01");
    encode("claude-opus-4-5",
           "\"reasoning_effort\":\"low\",\"speed\":\"fast\",\"fallbacks\":[],"
           "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
           "\"llmgw\":{\"anthropic_beta\":[\"mine\",\"fast-mode-2026-02-01\","
           "\"mine\"]}");
    assert_string_equal(header("anthropic-beta"),
                        "interleaved-thinking-2025-05-14,"
                        "fast-mode-2026-02-01,"
                        "server-side-fallback-2026-07-01,mine");
    encode("claude-3-haiku-20240307",
           "\"llmgw\":{\"anthropic_beta\":\"mine\"}");
    assert_string_equal(header("anthropic-beta"),
                        "model-context-window-exceeded-2025-08-26,mine");
}

static void settings_of_the_provider_reach_the_headers(void **state)
{
    static const struct llmgw__setting settings[] = {
        {"api_version", "2026-10-21", false},
        {"workspace_id", "wrk-1", false},
        {"user_profile_id", "up-1", false},
    };
    static const char request[] =
        "{\"model\":\"m\",\"temperature\":0.5,\"messages\":[{\"role\":"
        "\"user\",\"content\":\"A\"}]}";

    (void)state;
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE "/v1",
                      "claude-opus-4-6");
    run.provider.settings = settings;
    run.provider.setting_count = 3;
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_OK);
    assert_string_equal(run.request.url, BASE "/v1/messages");
    assert_string_equal(run.request.method, "POST");
    assert_string_equal(header("anthropic-version"), "2026-10-21");
    assert_string_equal(header("anthropic-workspace-id"), "wrk-1");
    assert_string_equal(header("anthropic-user-profile-id"), "up-1");
    assert_string_equal(first_adjustment(), "temperature/dropped/api_version");
}

static void a_setting_that_is_no_header_is_a_configuration_error(void **state)
{
    static const struct llmgw__setting settings[] = {
        {"workspace_id", "a\nb", false},
    };
    static const char request[] = "{\"model\":\"m\",\"messages\":[{\"role\":"
                                  "\"user\",\"content\":\"A\"}]}";

    (void)state;
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, "claude-opus-5");
    run.provider.settings = settings;
    run.provider.setting_count = 1;
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_CONFIG);
    assert_int_equal(run.request.body.len, 0);
}

static void strict_rules_refuse_the_first_adjustment(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"seed\":1,\"temperature\":0.5,\"messages\":[{"
        "\"role\":\"user\",\"content\":\"A\"}]}";

    (void)state;
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, "claude-opus-5");
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, false, true), LLMGW_E_INVALID);
    assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
    assert_string_equal(run.error.code, "unsupported_parameter");
    assert_string_equal(run.error.param, "seed");
    assert_int_equal(run.adjustments.count, 0);
    assert_int_equal(run.request.body.len, 0);
}

static void numbers_and_keys_keep_their_bytes(void **state)
{
    (void)state;
    encode("claude-opus-4-5",
           "\"temperature\":0.70,\"tools\":[{\"type\":\"function\","
           "\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\", "
           "\"properties\":{\"z\":{\"const\":9007199254740993},\"a\":{"
           "\"const\":1e2}}}}}]");
    has("\"temperature\":0.70");
    has("{\"type\":\"object\", \"properties\":{\"z\":{\"const\":"
        "9007199254740993},\"a\":{\"const\":1e2}}}");
}

static void large_texts_are_referred_to_not_copied(void **state)
{
    enum {
        LARGE = 200000
    };
    char *request = malloc(LARGE + 200);
    size_t len;

    (void)state;
    len = (size_t)snprintf(request, 200,
                           "{\"model\":\"m\",\"messages\":[{\"role\":"
                           "\"user\",\"content\":[{\"type\":\"image_url\","
                           "\"image_url\":{\"url\":\"data:image/png;base64,");
    memset(request + len, 'A', LARGE);
    memcpy(request + len + LARGE, "\"}}]}]}", 8);
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, "claude-opus-5");
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_OK);
    assert_true(run.request.body.len > LARGE);
    assert_true(run.request.body.own.len < 1024);
    free(request);
}

/* --- no memory --- */

static llmgw_status encode_once(const char *request)
{
    llmgw_status status;

    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE,
                      "claude-haiku-4-5");
    status = dialect_run_chat(&run, request);
    if (status == LLMGW_OK)
        status = dialect_run_encode(&run, true, false);
    dialect_run_clear(&run);
    return status;
}

static void every_failed_allocation_is_told(void **state)
{
    static const char request[] =
        "{\"model\":\"m\",\"user\":\"a@b.cd\",\"reasoning_effort\":\"low\","
        "\"max_tokens\":9000,\"llmgw\":{\"anthropic_beta\":[\"x\"]},"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"strict\":true,\"parameters\":{\"type\":\"object\",\"properties\":{"
        "\"a\":{\"$ref\":\"#/$defs/b\"}},\"$defs\":{\"b\":{\"minimum\":1}}}}}"
        "],\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{"
        "\"name\":\"s\",\"schema\":{\"type\":\"object\"}}},\"messages\":[{"
        "\"role\":\"system\",\"content\":\"S\"},{\"role\":\"user\","
        "\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":"
        "\"data:image\\/png;base64,iVBO Rw0K Ggo=\"}},{\"type\":\"file\","
        "\"file\":{\"file_data\":\"data:text/plain;base64,SGk=\"}}]},{"
        "\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a.b\",\"type\":"
        "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":"
        "1}\"}},{\"id\":\"a:b\",\"type\":\"function\",\"function\":{\"name\":"
        "\"f\",\"arguments\":\"\"}}]},{\"role\":\"tool\",\"tool_call_id\":"
        "\"none\",\"content\":\"orphan\"}]}";
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = encode_once(request);
        if (!allow_allocations())
            break;
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_become_turns),
        cmocka_unit_test(tools_and_formats_find_their_members),
        cmocka_unit_test(plain_members_find_theirs),
        cmocka_unit_test(what_cannot_be_said_is_refused_and_nothing_sent),
        cmocka_unit_test_teardown(efforts_are_what_each_model_makes_of_them,
                                  forget),
        cmocka_unit_test_teardown(
            a_budget_stays_below_the_limit_or_thinking_goes, forget),
        cmocka_unit_test_teardown(the_limit_is_the_models_own, forget),
        cmocka_unit_test_teardown(long_answers_are_streamed_whatever_was_asked,
                                  forget),
        cmocka_unit_test_teardown(betas_are_named_once_where_they_are_needed,
                                  forget),
        cmocka_unit_test_teardown(settings_of_the_provider_reach_the_headers,
                                  forget),
        cmocka_unit_test_teardown(
            a_setting_that_is_no_header_is_a_configuration_error, forget),
        cmocka_unit_test_teardown(strict_rules_refuse_the_first_adjustment,
                                  forget),
        cmocka_unit_test_teardown(numbers_and_keys_keep_their_bytes, forget),
        cmocka_unit_test_teardown(large_texts_are_referred_to_not_copied,
                                  forget),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
