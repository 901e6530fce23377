/* Members named twice, among few and among many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "base/text.h"
#include "support/alloc.h"

static llmgw_status parse(struct llmgw__jdoc *doc, const char *text,
                          unsigned flags)
{
    return llmgw__jdoc_parse(doc, llmgw__str(text), flags);
}

/* An object of `count` members k0, k1, ... and one more. */
static size_t big_object(char *text, size_t size, int count, const char *more)
{
    size_t len = 1;

    text[0] = '{';
    for (int i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, size - len, "\"k%d\":%d,", i, i);
    return len + (size_t)snprintf(text + len, size - len, "\"%s\":0}", more);
}

static void members_named_twice_are_found_in_any_number(void **state)
{
    static char text[200000];
    static const int counts[] = {1, 2, 15, 16, 17, 100, 9999};

    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct llmgw__jdoc doc;
        size_t len = big_object(text, sizeof text, counts[i], "other");

        assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, len),
                                           LLMGW__JDOC_UNIQUE),
                         LLMGW_OK);
        assert_int_equal(doc.nodes[0].count, counts[i] + 1);
        llmgw__jdoc_clear(&doc);
        len = big_object(text, sizeof text, counts[i], "\\u006b0"); /* k0 */
        assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, len),
                                           LLMGW__JDOC_UNIQUE),
                         LLMGW_E_INVALID);
        assert_string_equal(doc.error, "member named twice");
        assert_int_equal(doc.error_at, len - strlen("\\u006b0\":0}"));
        assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, len), 0),
                         LLMGW_OK);
        llmgw__jdoc_clear(&doc);
    }
}

static void the_first_repetition_is_the_one_told(void **state)
{
    static const char *const more[] = {
        "k3\":0,\"k1\":0,\"k2", "k1\":0,\"k2\":0,\"k3", "k2\":0,\"k2\":0,\"k1"};
    char text[1024];

    (void)state;
    for (int count = 5; count < 50; count += 20)
        for (size_t i = 0; i < 3; i++) {
            size_t len = big_object(text, sizeof text, count, more[i]);
            struct llmgw__jdoc doc;

            assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, len),
                                               LLMGW__JDOC_UNIQUE),
                             LLMGW_E_INVALID);
            assert_int_equal(doc.error_at, len - strlen(more[i]) - 4);
        }
}

/* FNV-1a gives "costarring" and "liquid" one hash, "declinate" and
 * "macallums" another. */
static void names_of_one_hash_are_still_told_apart(void **state)
{
    static const struct {
        const char *names;
        bool unique;
    } cases[] = {
        {"\"costarring\":1,\"liquid\":2,\"declinate\":3,\"macallums\":4", true},
        {"\"liquid\":1,\"costarring\":2,\"liqui\\u0064\":3,\"x\":4", false},
        {"\"costarring\":1,\"liquid\":2,\"costarrin\\u0067\":3", false},
        {"\"liqui\":1,\"liquid\":2,\"liquids\":3,\"\":4", true},
        {"\"\":1,\"liquid\":2,\"liquids\":3,\"\":4", false}};
    char text[512], more[128];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__jdoc doc;
        size_t len;

        snprintf(more, sizeof more, "z\":0,%s,\"zz", cases[i].names);
        len = big_object(text, sizeof text, 20, more);
        assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, len),
                                           LLMGW__JDOC_UNIQUE),
                         cases[i].unique ? LLMGW_OK : LLMGW_E_INVALID);
        llmgw__jdoc_clear(&doc);
    }
}

static void one_name_in_two_objects_is_no_repetition(void **state)
{
    struct llmgw__jdoc doc;

    (void)state;
    assert_int_equal(parse(&doc, "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}",
                           LLMGW__JDOC_UNIQUE),
                     LLMGW_OK);
    llmgw__jdoc_clear(&doc);
    assert_int_equal(
        parse(&doc, "{\"a\":{\"b\":[{\"a\":1,\"a\":2}]}}", LLMGW__JDOC_UNIQUE),
        LLMGW_E_INVALID);
    assert_int_equal(doc.error_at, 19);
}

static void survives_every_failed_allocation(void **state)
{
    static char text[20000];
    size_t len = big_object(text, sizeof text, 500, "last");
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__jdoc doc;

        fail_allocation(nth);
        status = llmgw__jdoc_parse(&doc, llmgw__str_n(text, len),
                                   LLMGW__JDOC_UNIQUE | LLMGW__JDOC_UTF8);
        allow_allocations();
        assert_int_equal(doc.count, status == LLMGW_OK ? 1003 : 0);
        assert_null(doc.error);
        llmgw__jdoc_clear(&doc);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3); /* nodes grew several times, keys were sorted */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_named_twice_are_found_in_any_number),
        cmocka_unit_test(the_first_repetition_is_the_one_told),
        cmocka_unit_test(names_of_one_hash_are_still_told_apart),
        cmocka_unit_test(one_name_in_two_objects_is_no_repetition),
        cmocka_unit_test(survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
