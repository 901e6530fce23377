/* One error for everything: kinds are rows, messages are one clean line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "schema/error.h"

static const char *render_with(const struct llmgw__error *error,
                               llmgw_str report)
{
    static char text[1024];
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    llmgw__buf_init(&buf, sizeof text - 1);
    llmgw__jsonw_init(&w, &buf);
    llmgw__error_render(error, report, &w);
    assert_int_equal(buf.status, LLMGW_OK);
    memcpy(text, buf.data, buf.len);
    text[buf.len] = '\0';
    llmgw__buf_clear(&buf);
    return text;
}

static const char *render(const struct llmgw__error *error)
{
    return render_with(error, llmgw__str(""));
}

static void every_kind_has_its_type_code_status_and_flags(void **state)
{
    enum {
        RETRY = 1,
        FAILOVER = 2,
        BREAKER = 4,
        ROTATE = 8
    };
    /* the table of the error model, restated */
    static const struct {
        llmgw_error_kind kind;
        const char *name, *type, *code;
        int http_status, flags;
    } rows[] = {
        /* clang-format off */
        {1, "invalid_request", "invalid_request_error", "invalid_request", 400, 0},
        {2, "unsupported_parameter", "invalid_request_error", "unsupported_parameter", 400, FAILOVER},
        {3, "context_length", "invalid_request_error", "context_length_exceeded", 400, FAILOVER},
        {4, "content_policy", "invalid_request_error", "content_policy_violation", 400, 0},
        {5, "request_too_large", "invalid_request_error", "request_too_large", 413, FAILOVER},
        {6, "auth", "authentication_error", "invalid_api_key", 401, FAILOVER | ROTATE},
        {7, "permission", "permission_error", "permission_denied", 403, FAILOVER | ROTATE},
        {8, "region", "permission_error", "unsupported_region", 403, FAILOVER},
        {9, "model_not_found", "invalid_request_error", "model_not_found", 404, FAILOVER},
        {10, "rate_limit", "rate_limit_error", "rate_limit_exceeded", 429, RETRY | FAILOVER | ROTATE},
        {11, "quota", "insufficient_quota", "insufficient_quota", 429, FAILOVER | ROTATE},
        {12, "overloaded", "server_error", "overloaded", 503, RETRY | FAILOVER | BREAKER},
        {13, "server_error", "server_error", "server_error", 500, RETRY | FAILOVER | BREAKER},
        {14, "upstream_unavailable", "server_error", "upstream_unavailable", 502, RETRY | FAILOVER | BREAKER},
        {15, "timeout", "timeout_error", "timeout", 504, RETRY | FAILOVER | BREAKER},
        {16, "connection", "connection_error", "connection_failed", 502, RETRY | FAILOVER | BREAKER},
        {17, "dns", "connection_error", "dns_error", 502, RETRY | FAILOVER | BREAKER},
        {18, "tls", "connection_error", "tls_error", 502, FAILOVER | BREAKER},
        {19, "protocol", "server_error", "invalid_response", 502, RETRY | FAILOVER | BREAKER},
        {20, "model_output_invalid", "server_error", "model_output_invalid", 502, RETRY | FAILOVER},
        {30, "deadline", "timeout_error", "deadline_exceeded", 504, 0},
        {31, "budget", "insufficient_quota", "budget_exceeded", 402, 0},
        {32, "no_target", "server_error", "no_available_target", 503, 0},
        {33, "config", "invalid_request_error", "invalid_config", 400, 0},
        {34, "out_of_memory", "server_error", "out_of_memory", 500, 0},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct llmgw__error error;

        llmgw__error_setz(&error, rows[i].kind, "words");
        assert_int_equal(error.kind, rows[i].kind);
        assert_string_equal(llmgw__error_kind_name(rows[i].kind), rows[i].name);
        assert_string_equal(llmgw__error_type(rows[i].kind), rows[i].type);
        assert_string_equal(error.code, rows[i].code);
        assert_int_equal(error.http_status, rows[i].http_status);
        assert_int_equal(error.retryable, (rows[i].flags & RETRY) != 0);
        assert_int_equal(error.failover, (rows[i].flags & FAILOVER) != 0);
        assert_int_equal(error.breaker, (rows[i].flags & BREAKER) != 0);
        assert_int_equal(error.rotate_key, (rows[i].flags & ROTATE) != 0);
        assert_int_equal(error.retry_after_ms, -1);
        assert_string_equal(error.message, "words");
        assert_int_equal(llmgw__error_kind_by_name(llmgw__str(rows[i].name)),
                         rows[i].kind);
    }
}

static void unknown_kinds_have_no_name(void **state)
{
    (void)state;
    assert_null(llmgw__error_kind_name(LLMGW_KIND_NONE));
    assert_null(llmgw__error_kind_name(-1));
    assert_null(llmgw__error_kind_name(21));
    assert_null(llmgw__error_kind_name(35));
    assert_string_equal(llmgw__error_type(99), "api_error");
    assert_int_equal(llmgw__error_kind_by_name(LLMGW__LIT("rate_limit ")),
                     LLMGW_KIND_NONE);
    assert_int_equal(llmgw__error_kind_by_name(LLMGW__LIT("")),
                     LLMGW_KIND_NONE);
}

static void setting_forgets_the_error_before(void **state)
{
    struct llmgw__error error;

    (void)state;
    memset(&error, 0x5a, sizeof error);
    llmgw__error_setz(&error, LLMGW_KIND_TIMEOUT, "no answer in 5 s");
    assert_string_equal(error.param, "");
    assert_string_equal(error.raw_type, "");
    assert_string_equal(error.request_id, "");
    assert_int_equal(error.body.len, 0);
    assert_false(error.partial_output);
    llmgw__error_setz(&error, LLMGW_KIND_NONE, "unused");
    assert_int_equal(error.kind, LLMGW_KIND_NONE);
    assert_string_equal(error.message, "");
    assert_int_equal(error.retry_after_ms, -1);
}

static void flags_follow_a_kind_changed_by_hand(void **state)
{
    struct llmgw__error error;

    (void)state;
    llmgw__error_setz(&error, LLMGW_KIND_RATE_LIMIT, "slow down");
    error.kind = LLMGW_KIND_TLS;
    llmgw__error_kind_flags(&error);
    assert_false(error.retryable);
    assert_true(error.breaker);
    assert_false(error.rotate_key);
    assert_string_equal(error.message, "slow down");
    error.kind = LLMGW_KIND_NONE;
    llmgw__error_kind_flags(&error);
    assert_false(error.breaker);
}

static void messages_are_lines_of_whole_characters(void **state)
{
    struct llmgw__error error;
    char long_text[700];

    (void)state;
    llmgw__error_setz(&error, LLMGW_KIND_SERVER_ERROR, "a\r\n\tb\x7f\x1b");
    assert_string_equal(error.message, "a \n b  ");
    llmgw__error_setz(&error, LLMGW_KIND_SERVER_ERROR,
                      "\xff\xc3\xa9\xc3|\xed\xa0\x80");
    assert_string_equal(error.message, "?\xc3\xa9?|???");
    memset(long_text, 'x', sizeof long_text);
    memcpy(long_text + 498, "\xe2\x82\xac", 3); /* would end at byte 501 */
    llmgw__error_set(&error, LLMGW_KIND_SERVER_ERROR,
                     llmgw__str_n(long_text, sizeof long_text));
    assert_int_equal(strlen(error.message), 498);
    memcpy(long_text + 497, "\xe2\x82\xac", 3);
    llmgw__error_set(&error, LLMGW_KIND_SERVER_ERROR,
                     llmgw__str_n(long_text, sizeof long_text));
    assert_int_equal(strlen(error.message), 500);
}

static void fields_are_cut_to_their_size(void **state)
{
    char field[4];

    (void)state;
    llmgw__error_copy(field, sizeof field, LLMGW__LIT("abcdef"));
    assert_string_equal(field, "abc");
    llmgw__error_copy(field, sizeof field, LLMGW__LIT("ab\xc3\xa9"));
    assert_string_equal(field, "ab");
    llmgw__error_copy(field, sizeof field, (llmgw_str){NULL, 0});
    assert_string_equal(field, "");
}

static void errors_render_in_openai_shape(void **state)
{
    struct llmgw__error error;

    (void)state;
    llmgw__error_refuse(&error, LLMGW_KIND_INVALID_REQUEST,
                        "messages[2].content[0]", "say \"please\"");
    assert_string_equal(
        render(&error),
        "{\"error\":{\"message\":\"say \\\"please\\\"\","
        "\"type\":\"invalid_request_error\","
        "\"param\":\"messages[2].content[0]\",\"code\":\"invalid_request\"}}");
    llmgw__error_setz(&error, LLMGW_KIND_BUDGET, "spent");
    assert_string_equal(render(&error),
                        "{\"error\":{\"message\":\"spent\","
                        "\"type\":\"insufficient_quota\",\"param\":null,"
                        "\"code\":\"budget_exceeded\"}}");
    assert_string_equal(render_with(&error, LLMGW__LIT("{\"plan\":[]}")),
                        "{\"error\":{\"message\":\"spent\","
                        "\"type\":\"insufficient_quota\",\"param\":null,"
                        "\"code\":\"budget_exceeded\"},"
                        "\"llmgw\":{\"plan\":[]}}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_has_its_type_code_status_and_flags),
        cmocka_unit_test(unknown_kinds_have_no_name),
        cmocka_unit_test(setting_forgets_the_error_before),
        cmocka_unit_test(flags_follow_a_kind_changed_by_hand),
        cmocka_unit_test(messages_are_lines_of_whole_characters),
        cmocka_unit_test(fields_are_cut_to_their_size),
        cmocka_unit_test(errors_render_in_openai_shape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
