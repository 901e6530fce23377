/* What the anthropic wire makes us change, and what a request may hold. */
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

#define BASE   "https://host.example"
#define SOURCE LLMGW_SOURCE_DIR "/lib/provider"

static struct dialect_run run;
static char *body;

static void forget_run(void)
{
    if (run.dialect)
        dialect_run_clear(&run);
    free(body);
    body = NULL;
}

static int forget(void **state)
{
    (void)state;
    forget_run();
    return 0;
}

static llmgw_status encode(const char *model, const char *request, bool strict)
{
    llmgw_status status;

    forget_run();
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, model);
    if (dialect_run_chat(&run, request) != LLMGW_OK)
        fail_msg("%s: %s", request, run.error.message);
    status = dialect_run_encode(&run, false, strict);
    if (status == LLMGW_OK)
        body = dialect_run_body(&run);
    return status;
}

/* --- adjustments --- */

#define ASK(members)                                                      \
    "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"" \
    "}]" members "}"
#define SAY(messages) "{\"model\":\"m\",\"messages\":[" messages "]}"
#define USER          "{\"role\":\"user\",\"content\":\"A\"}"
#define CALL                                                            \
    "{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":"   \
    "\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]" \
    "}"
#define PROGRAM                                                             \
    "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":"     \
    "\"c\",\"type\":\"function\",\"function\":{\"name\":\"f\","             \
    "\"arguments\":\"{}\"}}],\"llmgw\":{\"family\":\"anthropic\","          \
    "\"content\":[{\"type\":\"server_tool_use\",\"id\":\"s\",\"name\":"     \
    "\"code_execution\",\"input\":{}},{\"type\":\"tool_use\",\"id\":\"c\"," \
    "\"name\":\"f\",\"input\":{}}]}}"
#define RESULT(members) "{\"role\":\"tool\",\"tool_call_id\":\"c\"" members "}"
#define IMAGE                                                          \
    "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://a.b/c\"" \
    "}}"
#define TOOL(members)                                                         \
    ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"" members \
    "}}]"
#define SCHEMA(members)                                                \
    ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{" \
    "\"name\":\"s\",\"schema\":{\"type\":\"object\"" members "}}}"
#define CLOSED(members)                                                \
    ",\"additionalProperties\":false,\"properties\":{\"a\":{\"type\":" \
    "\"number\"" members "}},\"required\":[\"a\"]"

static const struct {
    const char *model;
    const char *request;
    const char *adjustment; /* param/action/reason */
} adjusted[] = {
    /* clang-format off */
    {"claude-opus-5", SAY("{\"role\":\"user\",\"name\":\"n\",\"content\":\"A\"}"), "messages/dropped/message_name"},
    {"claude-opus-5", SAY("{\"role\":\"assistant\",\"content\":\"B\"}," USER), "messages/added/leading_user_turn"},
    {"claude-opus-5", SAY(USER "," PROGRAM "," RESULT(",\"content\":\"R\"") "," USER), "messages/moved/results_only_turn"},
    {"claude-opus-5", SAY("{\"role\":\"system\",\"content\":\"S\"}"), "messages/converted/system_message_to_user"},
    {"claude-opus-4-7", SAY(USER ",{\"role\":\"system\",\"content\":\"S\"}"), "messages/moved/system_message_hoisted"},
    {"claude-opus-5", SAY(USER ",{\"role\":\"assistant\",\"content\":\"B\"}," RESULT(",\"content\":\"R\"")), "messages/converted/orphan_tool_result"},
    {"claude-opus-5", SAY(USER "," CALL), "messages/added/missing_tool_result"},
    {"claude-opus-5", SAY(USER "," CALL "," RESULT(",\"content\":\"\",\"is_error\":true")), "messages/added/empty_error_result"},
    {"claude-opus-5", SAY(USER "," CALL "," RESULT(",\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"R\"}," IMAGE "]")), "messages/moved/error_result_media"},
    {"claude-opus-5", SAY(USER "," PROGRAM "," RESULT(",\"is_error\":true,\"content\":[{\"type\":\"text\",\"text\":\"R\"}," IMAGE "]")), "messages/dropped/error_result_media"},
    {"claude-opus-5", SAY("{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://a.b/c\",\"detail\":\"low\"}}]}"), "messages/dropped/image_detail"},
    {"claude-opus-5", ASK(",\"max_tokens\":128001"), "max_tokens/clamped/model_max_output"},
    {"claude-opus-5", ASK(",\"max_completion_tokens\":128001"), "max_completion_tokens/clamped/model_max_output"},
    {"claude-opus-5", ASK(",\"stop\":[\" \",\"x\"]"), "stop/dropped/whitespace_stop_sequence"},
    {"claude-opus-5", ASK(",\"user\":\"a@b.cd\""), "user/converted/hashed"},
    {"claude-opus-5", ASK(",\"safety_identifier\":\"+1 (555) 123-4567\""), "safety_identifier/converted/hashed"},
    {"claude-opus-5", ASK(",\"seed\":1"), "seed/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"frequency_penalty\":1"), "frequency_penalty/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"presence_penalty\":-1"), "presence_penalty/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"logit_bias\":{\"1\":2}"), "logit_bias/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"logprobs\":true"), "logprobs/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"logprobs\":true,\"top_logprobs\":2"), "top_logprobs/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"prediction\":{\"type\":\"content\",\"content\":\"x\"}"), "prediction/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"store\":true"), "store/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"verbosity\":\"low\""), "verbosity/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"moderation\":{\"model\":\"x\"}"), "moderation/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"service_tier\":\"priority\""), "service_tier/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"web_search_options\":{}"), "web_search_options/dropped/unsupported"},
    {"claude-3-haiku", ASK(",\"reasoning_effort\":\"low\""), "reasoning_effort/dropped/unsupported"},
    {"claude-opus-5", ASK(",\"reasoning_effort\":\"minimal\""), "reasoning_effort/approximated/effort_level"},
    {"claude-opus-5-5", ASK(",\"reasoning_effort\":\"none\""), "reasoning_effort/approximated/thinking_cannot_be_disabled"},
    {"claude-haiku-4-5", ASK(",\"reasoning_effort\":\"low\",\"max_tokens\":9"), "reasoning_effort/dropped/max_tokens_too_small_for_thinking"},
    {"claude-haiku-4-5", ASK(",\"reasoning_effort\":\"low\",\"max_tokens\":1100"), "reasoning_effort/clamped/budget_below_max_tokens"},
    {"claude-haiku-4-5", SAY(USER "," CALL "," RESULT(",\"content\":\"R\"") "],\"reasoning_effort\":\"low\",\"stop\":["), "thinking/dropped/history_without_thinking"},
    {"claude-haiku-4-5", SAY(USER "," CALL "," RESULT(",\"content\":\"R\"") "],\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024},\"stop\":["), "thinking/dropped/history_without_thinking"},
    {"claude-opus-5", ASK(",\"temperature\":0"), "temperature/dropped/model_rejects_sampling"},
    {"claude-opus-5", ASK(",\"top_p\":0.5"), "top_p/dropped/model_rejects_sampling"},
    {"claude-opus-5", ASK(",\"top_k\":5"), "top_k/dropped/model_rejects_sampling"},
    {"claude-haiku-4-5", ASK(",\"temperature\":0,\"reasoning_effort\":\"low\""), "temperature/dropped/thinking_enabled"},
    {"claude-haiku-4-5", ASK(",\"temperature\":1.5"), "temperature/clamped/range_0_1"},
    {"claude-haiku-4-5", ASK(",\"temperature\":0,\"top_p\":0.5"), "top_p/dropped/temperature_and_top_p"},
    {"claude-opus-5-5", ASK(TOOL("") ",\"tool_choice\":\"required\""), "tool_choice/approximated/forced_tool_use_unsupported"},
    {"claude-opus-4-1", ASK(TOOL(",\"strict\":true")), "tools/dropped/strict"},
    {"claude-opus-5", ASK(TOOL(",\"strict\":true,\"parameters\":{\"type\":\"object\"" CLOSED(",\"minimum\":1") "}")), "tools/approximated/schema_keywords"},
    {"claude-opus-5", ASK(",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"f\",\"format\":{\"type\":\"grammar\",\"grammar\":{\"syntax\":\"lark\",\"definition\":\"x\"}}}}]"), "tools/approximated/unsupported"},
    {"claude-opus-5", ASK(SCHEMA(CLOSED(",\"minimum\":1"))), "response_format/approximated/schema_keywords"},
    {"claude-opus-5", ASK(SCHEMA("")), "response_format/emulated/json_tool"},
    {"claude-opus-5", ASK(",\"response_format\":{\"type\":\"json_object\"}"), "response_format/emulated/json_instruction"},
    {"claude-opus-5-5", ASK(SCHEMA("")), "response_format/emulated/json_instruction"},
    /* clang-format on */
};

#define ADJUSTED (sizeof adjusted / sizeof adjusted[0])

static bool is_reported(const char *wanted)
{
    char text[160];

    for (size_t i = 0; i < run.adjustments.count; i++) {
        const struct llmgw__adjustment *one = &run.adjustments.items[i];

        snprintf(text, sizeof text, "%s/%s/%s", one->param, one->action,
                 one->reason);
        if (strcmp(text, wanted) == 0)
            return true;
    }
    return false;
}

static void every_adjustment_is_reported(void **state)
{
    (void)state;
    for (size_t i = 0; i < ADJUSTED; i++) {
        if (encode(adjusted[i].model, adjusted[i].request, false) != LLMGW_OK)
            fail_msg("%s: %s", adjusted[i].request, run.error.message);
        if (!is_reported(adjusted[i].adjustment))
            fail_msg("%s: not %s", adjusted[i].request, adjusted[i].adjustment);
    }
}

/** The error names the parameter that had to change. */
static void check_param(const char *adjustment)
{
    size_t len = strlen(run.error.param);

    if (strncmp(adjustment, "top_logprobs", 12) == 0)
        adjustment += 4; /* never without the other, which is refused first */
    if (strncmp(run.error.param, adjustment, len) != 0 ||
        adjustment[len] != '/')
        fail_msg("%s is named for %s", run.error.param, adjustment);
}

static void every_adjustment_is_refused_under_strict_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < ADJUSTED; i++) {
        if (encode(adjusted[i].model, adjusted[i].request, true) !=
            LLMGW_E_INVALID)
            fail_msg("%s was sent", adjusted[i].request);
        assert_int_equal(run.error.kind, LLMGW_KIND_UNSUPPORTED_PARAMETER);
        assert_string_equal(run.error.code, "unsupported_parameter");
        assert_int_equal(run.adjustments.count, 0);
        assert_int_equal(run.request.body.len, 0);
        check_param(adjusted[i].adjustment);
    }
}

/** Is a reason among those of the table? */
static bool is_listed(const char *reason, size_t len)
{
    for (size_t i = 0; i < ADJUSTED; i++) {
        const char *last = strrchr(adjusted[i].adjustment, '/') + 1;

        if (strlen(last) == len && memcmp(last, reason, len) == 0)
            return true;
    }
    return false;
}

/** Check the reasons that a file of the dialect names. @return their number */
static size_t check_reasons(const char *name)
{
    char path[1024];
    size_t len = 0;
    size_t count = 0;
    char *text;
    char *at;

    snprintf(path, sizeof path, "%s/%s", SOURCE, name);
    text = golden_read(path, &len);
    assert_non_null(text);
    for (at = strstr(text, "llmgw__anthropic_adjust("); at;
         at = strstr(at + 1, "llmgw__anthropic_adjust(")) {
        const char *end = strchr(at, ';');
        const char *from;

        if (!end || end[-1] != ')' || end[-2] != '"')
            continue; /* the reason is no literal */
        for (from = end - 2; from[-1] != '"'; from--)
            ;
        if (!is_listed(from, (size_t)(end - 2 - from)))
            fail_msg("%s: nobody tries %.*s", name, (int)(end - 2 - from),
                     from);
        count++;
    }
    free(text);
    return count;
}

static void no_adjustment_goes_untried(void **state)
{
    DIR *folder = opendir(SOURCE);
    const struct dirent *entry;
    size_t count = 0;

    (void)state;
    assert_non_null(folder);
    while ((entry = readdir(folder)))
        if (strncmp(entry->d_name, "anthropic_", 10) == 0 &&
            strstr(entry->d_name, ".c"))
            count += check_reasons(entry->d_name);
    closedir(folder);
    assert_true(count > 20);
}

/* --- what schemas may take together --- */

/** A schema of so many optional parameters, so many of several types. */
static size_t add_schema(char *out, size_t size, int optionals, int unions)
{
    size_t len = (size_t)snprintf(out, size,
                                  "{\"type\":\"object\","
                                  "\"properties\":{");

    for (int i = 0; i < optionals + unions; i++)
        len += (size_t)snprintf(
            out + len, size - len, "%s\"p%d\":{\"type\":%s}", i ? "," : "", i,
            i < optionals ? "\"string\"" : "[\"string\",\"null\"]");
    len += (size_t)snprintf(out + len, size - len,
                            "},\"additionalProperties\":false,\"required\":[");
    for (int i = 0; i < unions; i++)
        len += (size_t)snprintf(out + len, size - len, "%s\"p%d\"",
                                i ? "," : "", optionals + i);
    return len + (size_t)snprintf(out + len, size - len, "]}");
}

static void encode_schemas(int optionals, int unions, int of_format)
{
    static char request[8192];
    size_t size = sizeof request;
    size_t len = (size_t)snprintf(
        request, size,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"A\"}]"
        ",\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"strict\":true,\"parameters\":");

    len += add_schema(request + len, size - len, optionals, unions);
    len += (size_t)snprintf(request + len, size - len,
                            "}}],\"response_format\":{\"type\":"
                            "\"json_schema\",\"json_schema\":{\"name\":\"s\","
                            "\"schema\":");
    len += add_schema(request + len, size - len, of_format, 0);
    (void)snprintf(request + len, size - len, "}}}");
    assert_int_equal(encode("claude-opus-4-8", request, false), LLMGW_OK);
}

static void schemas_share_what_the_compiler_allows(void **state)
{
    static const struct {
        int optionals, unions, of_format;
        bool strict, native;
    } rows[] = {
        {24, 0, 0, true, true},   {25, 0, 0, false, true},
        {20, 0, 4, true, true},   {20, 0, 5, true, false},
        {25, 0, 24, false, true}, {0, 16, 24, true, true},
        {0, 17, 24, false, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        encode_schemas(rows[i].optionals, rows[i].unions, rows[i].of_format);
        assert_int_equal(strstr(body, "\"strict\":true") != NULL,
                         rows[i].strict);
        assert_int_equal(is_reported("tools/dropped/strict"), !rows[i].strict);
        assert_int_equal(strstr(body, "\"output_config\"") != NULL,
                         rows[i].native);
        assert_int_equal(
            is_reported("response_format/emulated/json_instruction"),
            !rows[i].native);
    }
}

/* A definition counts once, where it stands, however often it is meant. */
static void references_are_not_counted_again(void **state)
{
    (void)state;
    assert_int_equal(
        encode(
            "claude-opus-4-8",
            ASK(SCHEMA(",\"additionalProperties\":false,\"properties\":{"
                       "\"a\":{\"$ref\":\"#/$defs/d\"},\"b\":{\"$ref\":"
                       "\"#/$defs/d\"},\"c\":{\"$ref\":\"#/$defs/d\"}},"
                       "\"required\":[\"a\",\"b\",\"c\"],\"$defs\":{\"d\":{"
                       "\"type\":\"object\",\"additionalProperties\":false,"
                       "\"properties\":{\"a\":{},\"b\":{},\"c\":{},\"d\":{},"
                       "\"e\":{},\"f\":{},\"g\":{},\"h\":{},\"i\":{},\"j\":{},"
                       "\"k\":{},\"l\":{},\"m\":{}}}}")),
            true),
        LLMGW_OK);
    assert_non_null(strstr(body, "\"output_config\""));
}

/* --- tools that the service runs --- */

static void encode_with_server_tools(const char *members)
{
    static const struct llmgw__setting settings[] = {
        {"server_tools", "true", false}};
    char request[1024];

    forget_run();
    snprintf(request, sizeof request, ASK("%s"), members);
    dialect_run_start(&run, &llmgw__dialect_anthropic, BASE, "claude-opus-4-8");
    run.provider.settings = settings;
    run.provider.setting_count = 1;
    assert_int_equal(dialect_run_chat(&run, request), LLMGW_OK);
    assert_int_equal(dialect_run_encode(&run, false, false), LLMGW_OK);
    body = dialect_run_body(&run);
}

static void a_search_is_a_tool_where_it_is_allowed(void **state)
{
    (void)state;
    encode_with_server_tools(
        ",\"web_search_options\":{\"search_context_size\":\"medium\","
        "\"user_location\":{\"type\":\"approximate\",\"approximate\":{"
        "\"country\":\"DE\",\"city\":\"Ulm\",\"timezone\":\"Europe/Berlin\"}}}");
    assert_non_null(strstr(
        body, "\"tools\":[{\"type\":\"web_search_20250305\",\"name\":"
              "\"web_search\",\"user_location\":{\"type\":\"approximate\","
              "\"city\":\"Ulm\",\"country\":\"DE\",\"timezone\":"
              "\"Europe/Berlin\"}}]"));
    assert_int_equal(run.adjustments.count, 0);
    encode_with_server_tools(
        TOOL("") ",\"web_search_options\":{\"search_context_size\":\"low\"}");
    assert_non_null(strstr(body, "{\"type\":\"web_search_20250305\",\"name\":"
                                 "\"web_search\"}]"));
    assert_true(is_reported("web_search_options/dropped/unsupported"));
    encode_with_server_tools(
        ",\"web_search_options\":{},\"tools\":[{\"type\":"
        "\"web_search_20260209\",\"name\":\"web_search\"}]");
    assert_null(strstr(body, "web_search_20250305"));
    assert_int_equal(run.adjustments.count, 0);
    encode_with_server_tools("");
    assert_null(strstr(body, "web_search"));
    encode_with_server_tools(",\"web_search_options\":{}" SCHEMA(""));
    assert_null(strstr(body, "json_response"));
}

static void members_of_a_tool_that_only_this_wire_knows_pass(void **state)
{
    static const char own[] =
        "\"eager_input_streaming\":true,\"defer_loading\":true,"
        "\"allowed_callers\":[\"direct\"],\"input_examples\":[{\"a\":1}]";

    (void)state;
    assert_int_equal(encode("claude-opus-4-8",
                            ASK(",\"tools\":[{\"input_examples\":[{\"a\":1}],"
                                "\"type\":\"function\",\"function\":{\"name\":"
                                "\"f\"},\"eager_input_streaming\":true,"
                                "\"allowed_callers\":[\"direct\"],"
                                "\"defer_loading\":true}]"),
                            true),
                     LLMGW_OK);
    assert_non_null(strstr(body, own));
}

static void own_thinking_goes_where_the_service_would_refuse_it(void **state)
{
    (void)state;
    assert_int_equal(
        encode(
            "claude-haiku-4-5",
            SAY(USER "," CALL "," RESULT(
                ",\"content\":\"R\"") "],\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":"
                                      "1024},\"temperature\":0.5,\"stop\":["),
            false),
        LLMGW_OK);
    assert_null(strstr(body, "\"thinking\""));
    assert_non_null(strstr(body, "\"temperature\":0.5"));
    assert_int_equal(encode("claude-haiku-4-5",
                            SAY(USER "],\"thinking\":{\"type\":\"enabled\","
                                     "\"budget_tokens\":1024},\"stop\":["),
                            true),
                     LLMGW_OK);
    assert_non_null(strstr(
        body, "\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}"));
}

static void a_list_of_betas_has_an_end(void **state)
{
    static char request[5000];
    size_t len = (size_t)snprintf(request, sizeof request,
                                  "{\"model\":\"m\",\"messages\":[" USER
                                  "],\"llmgw\":{\"anthropic_beta\":\"");

    (void)state;
    memset(request + len, 'b', 4097);
    memcpy(request + len + 4097, "\"}}", 4);
    assert_int_equal(encode("claude-opus-5", request, false), LLMGW_E_INVALID);
    assert_string_equal(run.error.code, "invalid_value");
    assert_string_equal(run.error.param, "llmgw");
    assert_int_equal(run.request.body.len, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_adjustment_is_reported, forget),
        cmocka_unit_test_teardown(
            every_adjustment_is_refused_under_strict_rules, forget),
        cmocka_unit_test(no_adjustment_goes_untried),
        cmocka_unit_test_teardown(schemas_share_what_the_compiler_allows,
                                  forget),
        cmocka_unit_test_teardown(references_are_not_counted_again, forget),
        cmocka_unit_test_teardown(a_search_is_a_tool_where_it_is_allowed,
                                  forget),
        cmocka_unit_test_teardown(
            members_of_a_tool_that_only_this_wire_knows_pass, forget),
        cmocka_unit_test_teardown(
            own_thinking_goes_where_the_service_would_refuse_it, forget),
        cmocka_unit_test_teardown(a_list_of_betas_has_an_end, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
