/* Made-up ids: a prefix and 24 characters that differ. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "schema/ids.h"

static int32_t fill_ones(void *userdata, void *out, size_t len)
{
    (void)userdata;
    memset(out, 1, len);
    return 0;
}

static int32_t fill_nothing(void *userdata, void *out, size_t len)
{
    (void)userdata;
    (void)out;
    (void)len;
    return -1;
}

static int is_base62(const char *text)
{
    return strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "abcdefghijklmnopqrstuvwxyz") == strlen(text);
}

static void ids_are_a_prefix_and_24_base62_characters(void **state)
{
    char a[64], b[64];

    (void)state;
    llmgw__ids_random(NULL, "chatcmpl-", a);
    llmgw__ids_random(NULL, "chatcmpl-", b);
    assert_int_equal(strlen(a), 9 + 24);
    assert_memory_equal(a, "chatcmpl-", 9);
    assert_true(is_base62(a + 9));
    assert_string_not_equal(a, b);
}

static void the_source_of_randomness_is_the_given_one(void **state)
{
    struct llmgw__random ones = {fill_ones, NULL};
    char a[64], b[64];

    (void)state;
    llmgw__ids_random(&ones, "call_", a);
    llmgw__ids_random(&ones, "call_", b);
    assert_string_equal(a, b);
    assert_int_equal(strlen(a), 5 + 24);
}

static void a_failing_source_still_gives_an_id(void **state)
{
    struct llmgw__random broken = {fill_nothing, NULL};
    char id[64];

    (void)state;
    llmgw__ids_random(&broken, "call_", id);
    assert_int_equal(strlen(id), 5 + 24);
    assert_true(is_base62(id + 5));
}

static void a_long_prefix_is_cut(void **state)
{
    char id[64];

    (void)state;
    llmgw__ids_random(
        NULL, "a-prefix-that-is-much-too-long-for-an-id-of-63-bytes", id);
    assert_int_equal(strlen(id), 63);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_a_prefix_and_24_base62_characters),
        cmocka_unit_test(the_source_of_randomness_is_the_given_one),
        cmocka_unit_test(a_failing_source_still_gives_an_id),
        cmocka_unit_test(a_long_prefix_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
