/* Headers that are sent, and the head of an answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "schema/exchange.h"
#include "support/alloc.h"

static void headers_that_would_end_a_line_are_refused(void **state)
{
    static const llmgw_str bad[][2] = {
        {{"x-a", 3}, {"v\r\nx-b: 1", 9}}, {{"x-a", 3}, {"v\0", 2}},
        {{"x-a\n", 4}, {"v", 1}},         {{"x:a", 3}, {"v", 1}},
        {{"x a", 3}, {"v", 1}},           {{"", 0}, {"v", 1}},
        {{NULL, 0}, {NULL, 0}},
    };
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    struct llmgw__http_request request = {
        .headers = headers, .header_cap = LLMGW__HTTP_MAX_HEADERS};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(
            llmgw__http_header_add(&request, bad[i][0], bad[i][1], false),
            LLMGW_E_INVALID);
    assert_int_equal(request.header_count, 0);
    assert_int_equal(llmgw__http_header_add(&request, LLMGW__LIT("x-key"),
                                            LLMGW__LIT("abc"), true),
                     LLMGW_OK);
    assert_int_equal(request.header_count, 1);
    assert_true(request.headers[0].secret);
    assert_true(llmgw__str_is(request.headers[0].value, "abc"));
}

static void too_many_headers_are_a_limit(void **state)
{
    struct llmgw__http_header headers[LLMGW__HTTP_MAX_HEADERS];
    struct llmgw__http_request request = {
        .headers = headers, .header_cap = LLMGW__HTTP_MAX_HEADERS};

    (void)state;
    for (int i = 0; i < LLMGW__HTTP_MAX_HEADERS; i++)
        assert_int_equal(llmgw__http_header_add(&request, LLMGW__LIT("a"),
                                                LLMGW__LIT(""), false),
                         LLMGW_OK);
    assert_int_equal(llmgw__http_header_add(&request, LLMGW__LIT("a"),
                                            LLMGW__LIT(""), false),
                     LLMGW_E_LIMIT);
}

static void names_of_a_head_are_found_in_lower_case(void **state)
{
    struct llmgw__http_head head;
    char value[] = "  application/json ";

    (void)state;
    llmgw__http_head_init(&head);
    assert_int_equal(llmgw__http_head_add(&head, LLMGW__LIT("Content-Type"),
                                          llmgw__str(value)),
                     LLMGW_OK);
    memset(value, 'x', sizeof value - 1); /* copied */
    llmgw__http_head_add(&head, LLMGW__LIT("x-empty"), LLMGW__LIT(""));
    llmgw__http_head_add(&head, LLMGW__LIT("content-type"),
                         LLMGW__LIT("second"));
    assert_true(llmgw__str_is(llmgw__http_head_get(&head, "content-type"),
                              "application/json"));
    assert_non_null(llmgw__http_head_get(&head, "x-empty").data);
    assert_null(llmgw__http_head_get(&head, "x-other").data);
    llmgw__http_head_clear(&head);
    assert_null(llmgw__http_head_get(&head, "content-type").data);
    llmgw__http_head_clear(&head);
}

static void a_head_past_its_bound_leaves_the_rest_out(void **state)
{
    struct llmgw__http_head head;
    char *large = calloc(1, 64 * 1024);

    (void)state;
    assert_non_null(large);
    memset(large, 'x', 64 * 1024);
    llmgw__http_head_init(&head);
    for (int i = 0; i < 300; i++)
        assert_int_equal(
            llmgw__http_head_add(&head, LLMGW__LIT("a"), LLMGW__LIT("b")),
            LLMGW_OK);
    assert_int_equal(head.header_count, 256);
    llmgw__http_head_clear(&head);
    llmgw__http_head_init(&head);
    for (int i = 0; i < 100; i++)
        assert_int_equal(llmgw__http_head_add(&head, LLMGW__LIT("a"),
                                              llmgw__str_n(large, 1000)),
                         LLMGW_OK);
    assert_in_range(head.header_count, 60, 65);
    assert_int_equal(llmgw__http_head_add(&head, LLMGW__LIT("b"),
                                          llmgw__str_n(large, 64 * 1024)),
                     LLMGW_OK);
    assert_null(llmgw__http_head_get(&head, "b").data);
    llmgw__http_head_clear(&head);
    free(large);
}

static llmgw_status fill_head(void)
{
    struct llmgw__http_head head;
    llmgw_status status = LLMGW_OK;

    llmgw__http_head_init(&head);
    for (int i = 0; i < 40 && status == LLMGW_OK; i++)
        status = llmgw__http_head_add(
            &head, LLMGW__LIT("x-some-header-name"),
            LLMGW__LIT("some value of the header, long enough to need "
                       "more than one block after a while"));
    if (status == LLMGW_OK)
        assert_int_equal(head.header_count, 40);
    llmgw__http_head_clear(&head);
    return status;
}

static void a_head_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = fill_head();
        allow_allocations();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_that_would_end_a_line_are_refused),
        cmocka_unit_test(too_many_headers_are_a_limit),
        cmocka_unit_test(names_of_a_head_are_found_in_lower_case),
        cmocka_unit_test(a_head_past_its_bound_leaves_the_rest_out),
        cmocka_unit_test(a_head_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
