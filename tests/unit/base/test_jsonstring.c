/* JSON strings: escapes resolved, compared, ordered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/jsonread.h"
#include "base/text.h"
#include "support/alloc.h"

static const struct {
    const char *raw;
    const char *text;
    size_t len;
} strings[] = {
    {"", "", 0},
    {"plain", "plain", 5},
    {"\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 8},
    {"a\\nb\\n", "a\nb\n", 4},
    {"\\u0041\\u00e9\\u20aC", "A\xc3\xa9\xe2\x82\xac", 6},
    {"\\u007f\\u0080\\u07ff\\u0800\\uffff",
     "\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf", 11},
    {"\\u0000", "\0", 1},
    {"a\\u0000b", "a\0b", 3},
    {"\\ud83d\\ude00", "\xf0\x9f\x98\x80", 4},
    {"\\uD800\\uDC00\\uDBFF\\uDFFF", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", 8},
    {"\\ud83d", "\xed\xa0\xbd", 3},
    {"\\ude00", "\xed\xb8\x80", 3},
    {"\\ude00\\ude00", "\xed\xb8\x80\xed\xb8\x80", 6},
    {"\\ude00\\ud83d", "\xed\xb8\x80\xed\xa0\xbd", 6},
    {"\\ud83d\\ud83d\\ude00", "\xed\xa0\xbd\xf0\x9f\x98\x80", 7},
    {"\\ud83dx\\ude00", "\xed\xa0\xbdx\xed\xb8\x80", 7},
    {"\\ud83d\\n", "\xed\xa0\xbd\n", 4},
    {"\\ud83d\\u0041",
     "\xed\xa0\xbd"
     "A",
     4},
    {"\xc3\xa9\\t\xff", "\xc3\xa9\t\xff", 4},
};

static struct llmgw__jstr jstr_of(const char *raw)
{
    return llmgw__jstr(llmgw__str(raw), strchr(raw, '\\') != NULL);
}

static void strings_have_their_escapes_resolved(void **state)
{
    struct llmgw__arena arena;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        struct llmgw__jstr raw = jstr_of(strings[i].raw);
        llmgw_str out = {0};

        assert_int_equal(llmgw__jstr_text(raw, &arena, &out), LLMGW_OK);
        assert_int_equal(out.len, strings[i].len);
        assert_memory_equal(out.data, strings[i].text, out.len);
        assert_int_equal(out.data == raw.data, !raw.escaped);
    }
    llmgw__arena_clear(&arena);
}

static void strings_compare_by_what_they_mean(void **state)
{
    (void)state;
    assert_true(llmgw__jstr_is(jstr_of("id"), "id"));
    assert_true(llmgw__jstr_is(jstr_of("\\u0069d"), "id"));
    assert_true(llmgw__jstr_is(jstr_of("\\u0069\\u0064"), "id"));
    assert_true(llmgw__jstr_is(jstr_of("a\\/b"), "a/b"));
    assert_true(llmgw__jstr_is(jstr_of(""), ""));
    assert_false(llmgw__jstr_is(jstr_of("id"), "i"));
    assert_false(llmgw__jstr_is(jstr_of("i"), "id"));
    assert_false(llmgw__jstr_is(jstr_of("\\u0069"), "id"));
    assert_false(llmgw__jstr_is(jstr_of("\\u0069d\\u0000"), "id"));
    assert_false(llmgw__jstr_is(jstr_of("\\u0069d"), "idx"));
    assert_false(llmgw__jstr_is(jstr_of("\\u0069e"), "id"));
    assert_false(llmgw__jstr_is(jstr_of("Id"), "id"));
    assert_false(llmgw__jstr_is((struct llmgw__jstr){NULL, 0, false}, ""));
}

static void strings_are_ordered_by_what_they_mean(void **state)
{
    static const char *const ordered[] = {
        "",   "a",         "a\\u0000", "a\\n",    "a b",
        "ab", "\\u0061bc", "b",        "\\u00e9", "\\ud83d\\ude00"};
    const size_t count = sizeof ordered / sizeof ordered[0];

    (void)state;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            int order =
                llmgw__jstr_compare(jstr_of(ordered[i]), jstr_of(ordered[j]));

            assert_int_equal((order > 0) - (order < 0), (i > j) - (i < j));
        }
    assert_int_equal(llmgw__jstr_compare((struct llmgw__jstr){0}, jstr_of("")),
                     0);
    assert_true(llmgw__jstr_compare((struct llmgw__jstr){0}, jstr_of("a")) < 0);
}

static void an_absent_string_is_empty_text(void **state)
{
    llmgw_str out = {"x", 1};

    (void)state;
    assert_int_equal(
        llmgw__jstr_text((struct llmgw__jstr){NULL, 0, false}, NULL, &out),
        LLMGW_OK);
    assert_null(out.data);
    assert_int_equal(out.len, 0);
}

static void resolving_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__arena arena;
        llmgw_str out = {"untouched", 9};

        llmgw__arena_init(&arena, 0, 0);
        fail_allocation(nth);
        status = llmgw__jstr_text(jstr_of("a\\nb"), &arena, &out);
        allow_allocations();
        assert_true(llmgw__str_is(out, status ? "untouched" : "a\nb"));
        llmgw__arena_clear(&arena);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
}

static void halves_of_surrogate_pairs_are_found(void **state)
{
    static const struct {
        const char *text;
        bool half;
    } cases[] = {
        {"", false},
        {"plain", false},
        {"\\n\\u00e9", false},
        {"{\"a\":\"\\uD83D\\ude00\"}", false},
        {"\\\\ud83d", false},
        {"\\ud7ff\\ue000", false},
        {"\\ud83d", true},
        {"\\uDFFF", true},
        {"[\"\\uDBff\"]", true},
        {"\\ude00\\ud83d", true},
        {"\\ud83d\\ud83d\\ude00", true},
        {"\\\\\\ud83dx", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(llmgw__json_has_half(llmgw__str(cases[i].text)),
                         cases[i].half);
    assert_false(llmgw__json_has_half((llmgw_str){NULL, 0}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_have_their_escapes_resolved),
        cmocka_unit_test(strings_compare_by_what_they_mean),
        cmocka_unit_test(strings_are_ordered_by_what_they_mean),
        cmocka_unit_test(an_absent_string_is_empty_text),
        cmocka_unit_test(resolving_survives_every_failed_allocation),
        cmocka_unit_test(halves_of_surrogate_pairs_are_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
