/* Ropes: text that grows without being copied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "support/alloc.h"

static char letters[200000];

static int fill_letters(void **state)
{
    (void)state;
    for (size_t at = 0; at < sizeof letters; at++)
        letters[at] = (char)('a' + at % 23);
    return 0;
}

static void assert_letters(struct llmgw__rope *rope, size_t len)
{
    llmgw_str flat = {NULL, 0};

    assert_int_equal(llmgw__rope_flat(rope, &flat), LLMGW_OK);
    assert_int_equal(flat.len, len);
    assert_memory_equal(flat.data, letters, len);
}

static void add_letters(struct llmgw__rope *rope, size_t step, size_t len)
{
    for (size_t at = 0; at < len; at += step) {
        size_t piece = len - at < step ? len - at : step;

        assert_int_equal(
            llmgw__rope_add(rope, llmgw__str_n(letters + at, piece)), LLMGW_OK);
    }
}

static void text_is_whole_whatever_the_pieces(void **state)
{
    static const size_t steps[] = {1, 7, 255, 256, 257, 4096, 150000, 200000};
    struct llmgw__rope rope;

    (void)state;
    for (size_t at = 0; at < sizeof steps / sizeof steps[0]; at++) {
        llmgw__rope_init(&rope, 0);
        add_letters(&rope, steps[at], sizeof letters);
        assert_int_equal(rope.len, sizeof letters);
        assert_letters(&rope, sizeof letters);
        llmgw__rope_clear(&rope);
    }
}

static void an_empty_rope_is_an_empty_text(void **state)
{
    struct llmgw__rope rope;
    llmgw_str flat = {NULL, 9};

    (void)state;
    llmgw__rope_init(&rope, 0);
    assert_int_equal(llmgw__rope_add(&rope, llmgw__str(NULL)), LLMGW_OK);
    assert_int_equal(llmgw__rope_flat(&rope, &flat), LLMGW_OK);
    assert_int_equal(flat.len, 0);
    assert_non_null(flat.data);
    llmgw__rope_clear(&rope);
}

static void pieces_double_so_that_there_are_few(void **state)
{
    struct llmgw__rope rope;
    size_t before = allocation_count();

    (void)state;
    llmgw__rope_init(&rope, 0);
    add_letters(&rope, 3, 65000);
    assert_in_range(allocation_count() - before, 5, 9);
    llmgw__rope_clear(&rope);
}

static void reading_after_each_add_copies_seldom(void **state)
{
    struct llmgw__rope rope;
    size_t before = allocation_count();

    (void)state;
    llmgw__rope_init(&rope, 0);
    for (size_t len = 10; len <= 20000; len += 10) {
        assert_int_equal(
            llmgw__rope_add(&rope, llmgw__str_n(letters + len - 10, 10)),
            LLMGW_OK);
        assert_letters(&rope, len);
    }
    assert_true(allocation_count() - before < 80);
    llmgw__rope_clear(&rope);
}

static void the_limit_refuses_and_changes_nothing(void **state)
{
    struct llmgw__rope rope;

    (void)state;
    llmgw__rope_init(&rope, 1000);
    add_letters(&rope, 300, 900);
    assert_int_equal(llmgw__rope_add(&rope, llmgw__str_n(letters + 900, 101)),
                     LLMGW_E_LIMIT);
    assert_int_equal(rope.len, 900);
    assert_int_equal(llmgw__rope_add(&rope, llmgw__str_n(letters + 900, 100)),
                     LLMGW_OK);
    assert_letters(&rope, 1000);
    assert_int_equal(llmgw__rope_add(&rope, llmgw__str_n(letters, SIZE_MAX)),
                     LLMGW_E_LIMIT);
    llmgw__rope_clear(&rope);
    add_letters(&rope, 1000, 1000); /* the limit stays */
    assert_int_equal(llmgw__rope_add(&rope, LLMGW__LIT("x")), LLMGW_E_LIMIT);
    llmgw__rope_clear(&rope);
}

static llmgw_status grow_once(void)
{
    struct llmgw__rope rope;
    llmgw_str flat;
    llmgw_status status = LLMGW_OK;

    llmgw__rope_init(&rope, 0);
    for (size_t at = 0; at < 3000 && status == LLMGW_OK; at += 100) {
        size_t before = rope.len;

        status = llmgw__rope_add(&rope, llmgw__str_n(letters + at, 100));
        assert_int_equal(rope.len, before + (status == LLMGW_OK ? 100 : 0));
    }
    if (status == LLMGW_OK)
        status = llmgw__rope_flat(&rope, &flat);
    allow_allocations();
    assert_letters(&rope, rope.len); /* unharmed by the failure */
    llmgw__rope_clear(&rope);
    return status;
}

static void a_rope_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = grow_once();
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_whole_whatever_the_pieces),
        cmocka_unit_test(an_empty_rope_is_an_empty_text),
        cmocka_unit_test(pieces_double_so_that_there_are_few),
        cmocka_unit_test(reading_after_each_add_copies_seldom),
        cmocka_unit_test(the_limit_refuses_and_changes_nothing),
        cmocka_unit_test(a_rope_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, fill_letters, NULL);
}
