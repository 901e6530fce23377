/* Allocation: sizes of zero, overflow, growth, failure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "support/alloc.h"

static void a_size_of_zero_still_gives_memory(void **state)
{
    void *a = llmgw__malloc(0);
    void *b = llmgw__calloc(0, 8);
    void *c = llmgw__calloc(8, 0);
    void *d;

    (void)state;
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    d = llmgw__realloc(a, 0);
    assert_non_null(d);
    llmgw__free(b);
    llmgw__free(c);
    llmgw__free(d);
    llmgw__free(NULL);
}

static void calloc_zeroes_and_refuses_what_overflows(void **state)
{
    unsigned char *bytes = llmgw__calloc(5, 7);

    (void)state;
    assert_non_null(bytes);
    for (size_t at = 0; at < 35; at++)
        assert_int_equal(bytes[at], 0);
    llmgw__free(bytes);
    assert_null(llmgw__calloc(SIZE_MAX / 2, 3));
}

static void strndup_copies_all_bytes_and_ends_them(void **state)
{
    char *copy = llmgw__strndup("a\0bcd", 4);
    char *empty = llmgw__strndup(NULL, 0);

    (void)state;
    assert_memory_equal(copy, "a\0bc", 5);
    assert_string_equal(empty, "");
    llmgw__free(copy);
    llmgw__free(empty);
    assert_null(llmgw__strndup("x", SIZE_MAX));
    fail_allocation(0);
    assert_null(llmgw__strndup("x", 1));
    assert_true(allow_allocations());
}

static void arrays_double_and_keep_their_content(void **state)
{
    void *array = NULL;
    size_t cap = 0;
    size_t growths = 0;

    (void)state;
    for (uint32_t count = 0; count < 10000; count++) {
        size_t before = cap;

        assert_int_equal(llmgw__grow(&array, &cap, count + 1, 4), 0);
        assert_true(cap > count);
        growths += cap != before;
        ((uint32_t *)array)[count] = count;
    }
    for (uint32_t at = 0; at < 10000; at++)
        assert_int_equal(((uint32_t *)array)[at], at);
    assert_true(growths < 16);
    llmgw__free(array);
}

static void a_large_need_is_met_at_once(void **state)
{
    void *array = NULL;
    size_t cap = 0;

    (void)state;
    assert_int_equal(llmgw__grow(&array, &cap, 1000, 100), 0);
    assert_int_equal(cap, 1000);
    assert_int_equal(llmgw__grow(&array, &cap, 900, 100), 0);
    assert_int_equal(cap, 1000);
    llmgw__free(array);
}

static void growth_that_fails_changes_nothing(void **state)
{
    void *array = NULL;
    size_t cap = 0;
    void *before;

    (void)state;
    assert_int_equal(llmgw__grow(&array, &cap, 1, 8), 0);
    before = array;
    assert_int_equal(llmgw__grow(&array, &cap, SIZE_MAX / 4, 8), -1);
    assert_int_equal(llmgw__grow(&array, &cap, SIZE_MAX, 0), -1);
    fail_allocation(0);
    assert_int_equal(llmgw__grow(&array, &cap, 100, 8), -1);
    assert_true(allow_allocations());
    assert_ptr_equal(array, before);
    assert_int_equal(cap, 8);
    llmgw__free(array);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_size_of_zero_still_gives_memory),
        cmocka_unit_test(calloc_zeroes_and_refuses_what_overflows),
        cmocka_unit_test(strndup_copies_all_bytes_and_ends_them),
        cmocka_unit_test(arrays_double_and_keep_their_content),
        cmocka_unit_test(a_large_need_is_met_at_once),
        cmocka_unit_test(growth_that_fails_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
