/* The one rendering of whole answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "schema/answer.h"
#include "support/alloc.h"

static char rendered[4096];

static llmgw_status keep(struct llmgw__buf *buf)
{
    llmgw_status status = buf->status;

    if (status == LLMGW_OK)
        memcpy(rendered, buf->data, buf->len);
    rendered[status == LLMGW_OK ? buf->len : 0] = '\0';
    llmgw__buf_clear(buf);
    return status;
}

static llmgw_status render_answer(const struct llmgw__answer *answer,
                                  const char *extension)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    llmgw__buf_init(&buf, sizeof rendered - 1);
    llmgw__jsonw_init(&w, &buf);
    llmgw__answer_render(answer, llmgw__str(extension), &w);
    return keep(&buf);
}

static const char *message_of(const struct llmgw__answer_choice *choice)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    llmgw__buf_init(&buf, sizeof rendered - 1);
    llmgw__jsonw_init(&w, &buf);
    llmgw__answer_render_message(choice, &w);
    assert_int_equal(keep(&buf), LLMGW_OK);
    return rendered;
}

static void an_answer_has_its_members_in_order(void **state)
{
    struct llmgw__answer_choice choices[2] = {
        {.text = {"Hi", 2}, .has_text = true, .finish = LLMGW_FINISH_STOP},
        {.text = {"b", 1}, .has_text = true, .finish = LLMGW_FINISH_LENGTH},
    };
    struct llmgw__answer answer = {
        .identity = {.id = {"id-1", 4},
                     .model = {"m", 1},
                     .service_tier = {"default", 7},
                     .system_fingerprint = {"fp", 2},
                     .created = 17},
        .choices = choices,
        .choice_count = 2,
        .has_usage = true,
    };

    (void)state;
    llmgw__usage_init(&answer.usage);
    llmgw__usage_set(&answer.usage, LLMGW__INPUT_UNCACHED, 5);
    llmgw__usage_set(&answer.usage, LLMGW__OUTPUT_TEXT, 2);
    assert_int_equal(render_answer(&answer, "{\"a\":1}"), LLMGW_OK);
    assert_string_equal(
        rendered,
        "{\"id\":\"id-1\",\"object\":\"chat.completion\",\"created\":17,"
        "\"model\":\"m\",\"service_tier\":\"default\","
        "\"system_fingerprint\":\"fp\",\"choices\":["
        "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Hi\","
        "\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"},"
        "{\"index\":1,\"message\":{\"role\":\"assistant\",\"content\":\"b\","
        "\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"length\"}],"
        "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2,"
        "\"total_tokens\":7},\"llmgw\":{\"a\":1}}");
    answer.has_usage = false;
    assert_int_equal(render_answer(&answer, NULL), LLMGW_OK);
    assert_null(strstr(rendered, "usage"));
    assert_null(strstr(rendered, "llmgw"));
}

static void no_text_is_null_only_where_something_came_instead(void **state)
{
    struct llmgw__answer_tool tool = {{"c", 1},  {"f", 1}, {"{}", 2},
                                      {NULL, 0}, false,    false};
    struct llmgw__answer_choice choice = {.finish = LLMGW_FINISH_STOP};

    (void)state;
    assert_non_null(strstr(message_of(&choice), "\"content\":\"\""));
    choice.finish = LLMGW_FINISH_LENGTH;
    assert_non_null(strstr(message_of(&choice), "\"content\":\"\""));
    choice.finish = LLMGW_FINISH_CONTENT_FILTER;
    assert_non_null(strstr(message_of(&choice), "\"content\":null"));
    choice.finish = LLMGW_FINISH_STOP;
    choice.has_refusal = true;
    choice.refusal = LLMGW__LIT("no");
    assert_string_equal(
        message_of(&choice),
        "{\"role\":\"assistant\",\"content\":null,\"refusal\":\"no\"}");
    choice.has_refusal = false;
    choice.tools = &tool;
    choice.tool_count = 1;
    assert_non_null(strstr(message_of(&choice), "\"content\":null"));
    choice.has_text = true;
    choice.text = LLMGW__LIT("x");
    assert_non_null(strstr(message_of(&choice), "\"content\":\"x\""));
}

static void a_message_has_all_its_members_in_order(void **state)
{
    struct llmgw__answer_tool tools[2] = {
        {{"c1", 2}, {"f", 1}, {"{\"a\":1}", 7}, {"{\"g\":2}", 7}, false, false},
        {{"c2", 2}, {"g", 1}, {"raw", 3}, {NULL, 0}, true, false},
    };
    struct llmgw__answer_choice choice = {
        .reasoning = LLMGW__LIT("why"),
        .tools = tools,
        .tool_count = 2,
        .extras_front = LLMGW__LIT("\"annotations\":[1],\"audio\":{}"),
        .extras_back = LLMGW__LIT("\"reasoning_details\":[2],\"llmgw\":{}"),
        .finish = LLMGW_FINISH_TOOL_CALLS,
    };

    (void)state;
    assert_string_equal(
        message_of(&choice),
        "{\"role\":\"assistant\",\"content\":null,\"refusal\":null,"
        "\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\",\"function\":"
        "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1}\"},"
        "\"extra_content\":{\"g\":2}},{\"id\":\"c2\",\"type\":\"custom\","
        "\"custom\":{\"name\":\"g\",\"input\":\"raw\"}}],"
        "\"annotations\":[1],\"audio\":{},\"reasoning_content\":\"why\","
        "\"reasoning_details\":[2],\"llmgw\":{}}");
}

static void a_call_in_the_legacy_form_is_a_function_call(void **state)
{
    struct llmgw__answer_tool tool = {
        .id = LLMGW__LIT("c1"),
        .name = LLMGW__LIT("f"),
        .arguments = LLMGW__LIT("{}"),
        .legacy = true,
    };
    struct llmgw__answer_choice choice = {
        .tools = &tool,
        .tool_count = 1,
        .reasoning = LLMGW__LIT("why"),
        .finish = LLMGW_FINISH_FUNCTION_CALL,
    };

    (void)state;
    assert_string_equal(
        message_of(&choice),
        "{\"role\":\"assistant\",\"content\":null,\"refusal\":null,"
        "\"reasoning_content\":\"why\",\"function_call\":{\"name\":\"f\","
        "\"arguments\":\"{}\"}}");
}

static void logprobs_are_lists_or_null(void **state)
{
    struct llmgw__answer_choice choice = {
        .has_text = true,
        .has_logprobs = true,
        .logprobs_content = LLMGW__LIT("{\"token\":\"a\"},{\"token\":\"b\"}"),
    };
    struct llmgw__answer answer = {.choices = &choice, .choice_count = 1};

    (void)state;
    assert_int_equal(render_answer(&answer, NULL), LLMGW_OK);
    assert_non_null(strstr(rendered,
                           "\"logprobs\":{\"content\":[{\"token\":\"a\"},"
                           "{\"token\":\"b\"}],\"refusal\":null},"
                           "\"finish_reason\":null}"));
}

static void rendering_survives_every_failed_allocation(void **state)
{
    struct llmgw__answer_choice choice = {.text = {"Hi", 2}, .has_text = true};
    struct llmgw__answer answer = {.choices = &choice, .choice_count = 1};
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = render_answer(&answer, NULL);
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_its_members_in_order),
        cmocka_unit_test(no_text_is_null_only_where_something_came_instead),
        cmocka_unit_test(a_message_has_all_its_members_in_order),
        cmocka_unit_test(a_call_in_the_legacy_form_is_a_function_call),
        cmocka_unit_test(logprobs_are_lists_or_null),
        cmocka_unit_test(rendering_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
