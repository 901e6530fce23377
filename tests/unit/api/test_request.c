/*
 * Requests built with setters: what they say, and what a failed setter leaves.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>

#include <llmgw/llmgw.h>

#include "support/alloc.h"

#define TEXT(literal) ((llmgw_str){literal, sizeof(literal) - 1})

static void expect_json(llmgw_request *request, const char *wanted)
{
    llmgw_str json;

    assert_int_equal(llmgw_request_json(request, &json), LLMGW_OK);
    assert_int_equal(json.len, strlen(wanted));
    assert_memory_equal(json.data, wanted, json.len);
}

static void setters_write_the_json_of_the_api(void **state)
{
    llmgw_request *request;

    (void)state;
    assert_int_equal(llmgw_request_create("a/b", &request), LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_text(request, "user", TEXT("say \"hi\"\n")),
        LLMGW_OK);
    assert_int_equal(llmgw_request_add_image(request, TEXT("what?"),
                                             TEXT("https://x.test/a.png")),
                     LLMGW_OK);
    assert_int_equal(
        llmgw_request_add_tool_result(request, TEXT("call_1"), TEXT("7")),
        LLMGW_OK);
    assert_int_equal(llmgw_request_add_tool(request, "f", "does f",
                                            TEXT("{\"type\":\"object\"}")),
                     LLMGW_OK);
    assert_int_equal(llmgw_request_set_int(request, "seed", -5), LLMGW_OK);
    expect_json(
        request,
        "{\"model\":\"a/b\",\"messages\":["
        "{\"role\":\"user\",\"content\":\"say \\\"hi\\\"\\n\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":"
        "\"what?\"},{\"type\":\"image_url\",\"image_url\":{\"url\":"
        "\"https://x.test/a.png\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"7\"}],"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\","
        "\"description\":\"does f\",\"parameters\":{\"type\":\"object\"}}}],"
        "\"seed\":-5}");
    llmgw_request_free(request);
}

static void a_member_set_again_is_replaced_or_removed(void **state)
{
    llmgw_request *request;

    (void)state;
    llmgw_request_create(NULL, &request);
    llmgw_request_set_bool(request, "logprobs", 1);
    llmgw_request_set_string(request, "user", TEXT("me"));
    llmgw_request_set_double(request, "temperature", 0.25);
    llmgw_request_set_bool(request, "logprobs", 0);
    expect_json(request, "{\"messages\":[],\"logprobs\":false,"
                         "\"user\":\"me\",\"temperature\":0.25}");
    llmgw_request_set_json(request, "user", TEXT(""));
    llmgw_request_set_model(request, "m");
    llmgw_request_set_model(request, "n");
    expect_json(request, "{\"model\":\"n\",\"messages\":[],"
                         "\"logprobs\":false,\"temperature\":0.25}");
    assert_int_equal(llmgw_request_set_double(request, "temperature", NAN),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_set_json(request, "", TEXT("1")),
                     LLMGW_E_INVALID);
    llmgw_request_free(request);
}

static void a_request_of_json_is_taken_as_it_stands(void **state)
{
    llmgw_request *request;

    (void)state;
    assert_int_equal(
        llmgw_request_from_json(TEXT("{ \"model\" : 1.0 }"), &request),
        LLMGW_OK);
    expect_json(request, "{ \"model\" : 1.0 }");
    assert_int_equal(llmgw_request_add_text(request, "user", TEXT("x")),
                     LLMGW_E_INVALID); /* it cannot be taken apart */
    expect_json(request, "{ \"model\" : 1.0 }");
    llmgw_request_free(request);
    assert_int_equal(llmgw_request_from_json(TEXT(""), &request),
                     LLMGW_E_INVALID);
    assert_null(request);
}

static void a_request_of_json_can_be_continued(void **state)
{
    llmgw_request *request;

    (void)state;
    llmgw_request_from_json(
        TEXT("{\"seed\": 12658879820317954000, \"messages\" :[ {\"a\":1 }, "
             "2 ],\"model\":\"x\\u002fy\",\"tools\":[ {\"t\":[]} ]}"),
        &request);
    assert_int_equal(llmgw_request_set_model(request, "m"), LLMGW_OK);
    assert_int_equal(llmgw_request_add_text(request, "user", TEXT("x")),
                     LLMGW_OK);
    assert_int_equal(llmgw_request_message_count(request), 3);
    expect_json(request,
                "{\"model\":\"m\",\"messages\":[{\"a\":1 },2,"
                "{\"role\":\"user\",\"content\":\"x\"}],"
                "\"tools\":[{\"t\":[]}],\"seed\":12658879820317954000}");
    llmgw_request_free(request);
}

static void messages_can_be_taken_back(void **state)
{
    llmgw_request *request;

    (void)state;
    llmgw_request_create("m", &request);
    llmgw_request_add_text(request, "user", TEXT("one"));
    llmgw_request_add_text(request, "user", TEXT("two"));
    llmgw_request_add_text(request, "user", TEXT("three"));
    assert_int_equal(llmgw_request_truncate(request, 4), LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_truncate(request, 1), LLMGW_OK);
    llmgw_request_add_text(request, "user", TEXT("four"));
    assert_int_equal(llmgw_request_message_count(request), 2);
    expect_json(request, "{\"model\":\"m\",\"messages\":["
                         "{\"role\":\"user\",\"content\":\"one\"},"
                         "{\"role\":\"user\",\"content\":\"four\"}]}");
    assert_int_equal(llmgw_request_truncate(request, 0), LLMGW_OK);
    expect_json(request, "{\"model\":\"m\",\"messages\":[]}");
    llmgw_request_free(request);
}

static void nothing_can_be_smuggled_in_with_a_value(void **state)
{
    llmgw_request *request;

    (void)state;
    llmgw_request_create("m", &request);
    assert_int_equal(
        llmgw_request_set_json(request, "n", TEXT("1,\"max_tokens\":1")),
        LLMGW_E_INVALID);
    assert_int_equal(
        llmgw_request_add_message_json(request, TEXT("{\"a\":1},{}")),
        LLMGW_E_INVALID);
    assert_int_equal(llmgw_request_add_message_json(request, TEXT("[]")),
                     LLMGW_E_INVALID);
    assert_int_equal(
        llmgw_request_add_tool(request, "t", NULL, TEXT("{}},{\"x\":{}")),
        LLMGW_E_INVALID);
    expect_json(request, "{\"model\":\"m\",\"messages\":[]}");
    llmgw_request_free(request);
}

static llmgw_status set_all(llmgw_request *request)
{
    llmgw_status status =
        llmgw_request_add_text(request, "user", TEXT("hello there"));

    if (status == LLMGW_OK)
        status = llmgw_request_add_message_json(request, TEXT("{\"a\":1}"));
    if (status == LLMGW_OK)
        status = llmgw_request_add_tool(request, "t", NULL, TEXT(""));
    if (status == LLMGW_OK)
        status = llmgw_request_set_string(request, "user", TEXT("x"));
    return status;
}

static void setters_survive_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        llmgw_request *request = NULL;

        fail_allocation(nth);
        status = llmgw_request_create("m", &request);
        if (status == LLMGW_OK)
            status = set_all(request);
        allow_allocations();
        if (request) { /* whatever failed, the rest still works */
            llmgw_str json;

            assert_int_equal(llmgw_request_json(request, &json), LLMGW_OK);
            assert_int_equal(json.data[json.len - 1], '}');
        }
        if (status == LLMGW_OK)
            expect_json(request,
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\","
                        "\"content\":\"hello there\"},{\"a\":1}],\"tools\":["
                        "{\"type\":\"function\",\"function\":{\"name\":"
                        "\"t\"}}],\"user\":\"x\"}");
        llmgw_request_free(request);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setters_write_the_json_of_the_api),
        cmocka_unit_test(a_member_set_again_is_replaced_or_removed),
        cmocka_unit_test(a_request_of_json_is_taken_as_it_stands),
        cmocka_unit_test(a_request_of_json_can_be_continued),
        cmocka_unit_test(messages_can_be_taken_back),
        cmocka_unit_test(nothing_can_be_smuggled_in_with_a_value),
        cmocka_unit_test(setters_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
