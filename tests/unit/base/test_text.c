/* Views and buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"

#define S LLMGW__LIT

static void views_compare_by_bytes(void **state)
{
    (void)state;
    assert_true(llmgw__str_eq(S("ab"), S("ab")));
    assert_false(llmgw__str_eq(S("ab"), S("abc")));
    assert_false(llmgw__str_eq(S("ab"), S("aB")));
    assert_true(llmgw__str_eq(llmgw__str(NULL), S("")));
    assert_true(llmgw__str_is(S("a\0b"), "a") == false);
    assert_true(llmgw__str_is(llmgw__str_n("abc", 2), "ab"));
    assert_true(llmgw__str_is_nocase(S("Content-TYPE"), "content-type"));
    assert_false(llmgw__str_is_nocase(S("content-typ"), "content-type"));
    assert_false(llmgw__str_is_nocase(S("[a]"), "{a}")); /* 0x20 apart */
    assert_true(llmgw__str_is_nocase(llmgw__str(NULL), ""));
}

static void starts_and_ends_know_the_empty_text(void **state)
{
    (void)state;
    assert_true(llmgw__str_starts(S("data: x"), "data:"));
    assert_false(llmgw__str_starts(S("dat"), "data:"));
    assert_true(llmgw__str_starts(llmgw__str(NULL), ""));
    assert_true(llmgw__str_ends(S("a.json"), ".json"));
    assert_false(llmgw__str_ends(S("json"), ".json"));
    assert_false(llmgw__str_ends(S("a.jsoN"), ".json"));
    assert_true(llmgw__str_ends(llmgw__str(NULL), ""));
}

static void find_answers_the_first_place_or_none(void **state)
{
    (void)state;
    assert_int_equal(llmgw__str_find(S("aab"), S("ab")), 1);
    assert_int_equal(llmgw__str_find(S("abab"), S("ab")), 0);
    assert_int_equal(llmgw__str_find(S("abc"), S("c")), 2);
    assert_true(llmgw__str_find(S("abc"), S("d")) == SIZE_MAX);
    assert_true(llmgw__str_find(S("aaa"), S("aab")) == SIZE_MAX);
    assert_true(llmgw__str_find(S("ab"), S("abc")) == SIZE_MAX);
    assert_true(llmgw__str_find(llmgw__str(NULL), S("a")) == SIZE_MAX);
    assert_int_equal(llmgw__str_find(llmgw__str(NULL), S("")), 0);
    assert_int_equal(llmgw__str_find(S("a\0b"), S("b")), 2);
    assert_int_equal(
        llmgw__str_find_nocase(S("xContext LENGTH"), S("context length")), 1);
    assert_true(llmgw__str_find_nocase(S("contex"), S("context")) == SIZE_MAX);
    assert_int_equal(llmgw__str_find_nocase(S("x"), S("")), 0);
}

static void a_pair_is_found_wherever_it_stands(void **state)
{
    char text[80];

    (void)state;
    for (size_t len = 0; len <= sizeof text; len++) {
        memset(text, 'e', sizeof text);
        assert_true(llmgw__str_find_pair(llmgw__str_n(text, len), '"', "esb") ==
                    SIZE_MAX);
        for (size_t at = 0; at < len; at++) {
            text[at] = '"';
            for (size_t other = 0; at + 1 < len && other < 4; other++) {
                text[at + 1] = "esbx"[other];
                assert_true(
                    llmgw__str_find_pair(llmgw__str_n(text, len), '"', "esb") ==
                    (other < 3 ? at : SIZE_MAX));
                text[at + 1] = 'e';
            }
            assert_true(
                llmgw__str_find_pair(llmgw__str_n(text, len), '"', "esb") ==
                (at + 1 < len ? at : SIZE_MAX));
            text[at] = 'e';
        }
    }
}

static void trim_takes_space_from_both_ends(void **state)
{
    (void)state;
    assert_true(llmgw__str_is(llmgw__str_trim(S(" \t a b\r\n")), "a b"));
    assert_true(llmgw__str_is(llmgw__str_trim(S(" \r\n\t")), ""));
    assert_true(llmgw__str_is(llmgw__str_trim(llmgw__str(NULL)), ""));
    assert_true(llmgw__str_is(llmgw__str_trim(S("\va")), "\va"));
}

static void integers_are_whole_or_refused(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"+7", 7},
        {"0042", 42},
        {"-1", -1},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
        {"-9223372036854775807", -INT64_MAX},
    };
    static const char *const bad[] = {"",
                                      "-",
                                      "+",
                                      "--1",
                                      "1 ",
                                      " 1",
                                      "1.0",
                                      "0x10",
                                      "1e",
                                      "+-1",
                                      "12\x80",
                                      "9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "1/",
                                      "1:"};
    int64_t value = 5;

    (void)state;
    for (size_t at = 0; at < sizeof good / sizeof good[0]; at++) {
        assert_true(llmgw__str_int64(llmgw__str(good[at].text), &value));
        assert_true(value == good[at].value);
    }
    value = 5;
    for (size_t at = 0; at < sizeof bad / sizeof bad[0]; at++)
        assert_false(llmgw__str_int64(llmgw__str(bad[at]), &value));
    assert_int_equal(value, 5);
}

static void control_characters_are_not_printable(void **state)
{
    (void)state;
    assert_true(llmgw__str_printable(S("Bearer abc ~ \xC3\xA9")));
    assert_true(llmgw__str_printable(llmgw__str(NULL)));
    assert_false(llmgw__str_printable(S("a\r\nb")));
    assert_false(llmgw__str_printable(S("a\0b")));
    assert_false(llmgw__str_printable(S("a\x7f")));
    assert_false(llmgw__str_printable(S("a\x1f")));
}

static void a_buffer_takes_every_kind_of_text(void **state)
{
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    assert_true(llmgw__str_is(llmgw__buf_str(&buf), ""));
    llmgw__buf_add(&buf, NULL, 0);
    llmgw__buf_add(&buf, "ab!", 2);
    llmgw__buf_add_str(&buf, S("cd"));
    llmgw__buf_add_z(&buf, "ef");
    llmgw__buf_add_z(&buf, NULL);
    llmgw__buf_add_char(&buf, ':');
    llmgw__buf_add_int(&buf, 0);
    llmgw__buf_add_char(&buf, ',');
    llmgw__buf_add_int(&buf, INT64_MIN);
    llmgw__buf_add_char(&buf, ',');
    llmgw__buf_add_int(&buf, INT64_MAX);
    assert_int_equal(buf.status, LLMGW_OK);
    assert_true(
        llmgw__str_is(llmgw__buf_str(&buf),
                      "abcdef:0,-9223372036854775808,9223372036854775807"));
    llmgw__buf_clear(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
}

static void a_buffer_grows_seldom_and_keeps_its_memory(void **state)
{
    struct llmgw__buf buf;
    size_t before = allocation_count();

    (void)state;
    llmgw__buf_init(&buf, 0);
    for (int each = 0; each < 100000; each++)
        llmgw__buf_add_char(&buf, (char)('a' + each % 26));
    assert_int_equal(buf.len, 100000);
    assert_int_equal(buf.data[99999], 'a' + 99999 % 26);
    assert_true(allocation_count() - before < 16);
    llmgw__buf_reset(&buf);
    before = allocation_count();
    for (int each = 0; each < 1000; each++)
        llmgw__buf_add_z(&buf, "0123456789");
    assert_int_equal(allocation_count(), before);
    llmgw__buf_clear(&buf);
}

static void the_limit_is_exact_and_its_status_sticks(void **state)
{
    struct llmgw__buf buf;

    (void)state;
    for (size_t limit = 1; limit < 300; limit += 13) {
        llmgw__buf_init(&buf, limit);
        for (size_t each = 0; each < limit; each++)
            llmgw__buf_add_char(&buf, 'x');
        assert_int_equal(buf.status, LLMGW_OK);
        assert_true(buf.cap <= limit);
        llmgw__buf_add_z(&buf, "y");
        assert_int_equal(buf.status, LLMGW_E_LIMIT);
        assert_int_equal(buf.len, limit);
        llmgw__buf_reset(&buf);
        assert_int_equal(buf.status, LLMGW_OK);
        llmgw__buf_add_char(&buf, 'z');
        assert_true(llmgw__str_is(llmgw__buf_str(&buf), "z"));
        llmgw__buf_clear(&buf);
    }
}

static void after_a_failure_adds_do_nothing(void **state)
{
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 10);
    llmgw__buf_add_z(&buf, "12345678");
    llmgw__buf_add_z(&buf, "too long");
    llmgw__buf_add_z(&buf, "9"); /* would fit, but a piece is missing */
    assert_true(llmgw__str_is(llmgw__buf_str(&buf), "12345678"));
    assert_null(llmgw__buf_reserve(&buf, 1));
    llmgw__buf_clear(&buf);
    llmgw__buf_init(&buf, 0);
    llmgw__buf_add_z(&buf, "x");
    assert_null(llmgw__buf_reserve(&buf, SIZE_MAX));
    assert_int_equal(buf.status, LLMGW_E_LIMIT);
    llmgw__buf_clear(&buf);
}

static void reserved_room_is_counted_by_its_user(void **state)
{
    struct llmgw__buf buf;
    char *room;

    (void)state;
    llmgw__buf_init(&buf, 0);
    room = llmgw__buf_reserve(&buf, 0);
    assert_non_null(room);
    room = llmgw__buf_reserve(&buf, 1000);
    assert_non_null(room);
    memset(room, 'r', 1000);
    buf.len += 3;
    llmgw__buf_add_z(&buf, "!");
    assert_true(llmgw__str_is(llmgw__buf_str(&buf), "rrr!"));
    llmgw__buf_clear(&buf);
}

static llmgw_status write_once(void)
{
    struct llmgw__buf buf;
    llmgw_status status;

    llmgw__buf_init(&buf, 0);
    for (int each = 0; each < 100; each++)
        llmgw__buf_add_z(&buf, "0123456789");
    status = buf.status;
    if (status == LLMGW_OK)
        assert_int_equal(buf.len, 1000);
    llmgw__buf_clear(&buf);
    return status;
}

static void a_buffer_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;

    (void)state;
    for (int nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = write_once();
        assert_int_equal(allow_allocations(), status == LLMGW_E_NOMEM);
    }
    assert_int_equal(status, LLMGW_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pair_is_found_wherever_it_stands),
        cmocka_unit_test(views_compare_by_bytes),
        cmocka_unit_test(starts_and_ends_know_the_empty_text),
        cmocka_unit_test(find_answers_the_first_place_or_none),
        cmocka_unit_test(trim_takes_space_from_both_ends),
        cmocka_unit_test(integers_are_whole_or_refused),
        cmocka_unit_test(control_characters_are_not_printable),
        cmocka_unit_test(a_buffer_takes_every_kind_of_text),
        cmocka_unit_test(a_buffer_grows_seldom_and_keeps_its_memory),
        cmocka_unit_test(the_limit_is_exact_and_its_status_sticks),
        cmocka_unit_test(after_a_failure_adds_do_nothing),
        cmocka_unit_test(reserved_room_is_counted_by_its_user),
        cmocka_unit_test(a_buffer_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
