/* Arenas: alignment, limits, steady state without allocations. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/text.h"
#include "support/alloc.h"

static void what_is_given_is_aligned_and_apart(void **state)
{
    struct llmgw__arena arena;
    unsigned char *given[300];

    (void)state;
    llmgw__arena_init(&arena, 256, 0);
    for (size_t at = 0; at < 300; at++) {
        given[at] = llmgw__arena_alloc(&arena, at);
        assert_non_null(given[at]);
        assert_int_equal((uintptr_t)given[at] % alignof(max_align_t), 0);
        memset(given[at], (int)(at & 0xff), at);
    }
    for (size_t at = 0; at < 300; at++)
        for (size_t byte = 0; byte < at; byte++)
            assert_int_equal(given[at][byte], at & 0xff);
    assert_true(arena.used >= 300 * 299 / 2);
    llmgw__arena_clear(&arena);
}

static void nothing_is_allocated_before_the_first_use(void **state)
{
    struct llmgw__arena arena;
    size_t before = allocation_count();

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(allocation_count(), before);
    assert_non_null(llmgw__arena_alloc(&arena, 4000));
    assert_int_equal(allocation_count(), before + 1);
    llmgw__arena_clear(&arena);
}

static void reset_and_refill_allocates_nothing(void **state)
{
    struct llmgw__arena arena;
    size_t before;

    (void)state;
    llmgw__arena_init(&arena, 1024, 0);
    assert_non_null(llmgw__arena_alloc(&arena, 100));
    assert_non_null(llmgw__arena_alloc(&arena, 100000)); /* a block alone */
    assert_non_null(llmgw__arena_alloc(&arena, 200));
    llmgw__arena_reset(&arena);
    before = allocation_count();
    for (int round = 0; round < 50; round++) {
        for (int each = 0; each < 10; each++)
            assert_non_null(llmgw__arena_alloc(&arena, 90));
        llmgw__arena_reset(&arena);
    }
    assert_int_equal(allocation_count(), before);
    llmgw__arena_clear(&arena);
}

static void large_pieces_do_not_waste_the_newest_block(void **state)
{
    struct llmgw__arena arena;
    size_t before;

    (void)state;
    llmgw__arena_init(&arena, 4096, 0);
    assert_non_null(llmgw__arena_alloc(&arena, 16));
    assert_non_null(llmgw__arena_alloc(&arena, 50000));
    before = allocation_count();
    for (int each = 0; each < 200; each++)
        assert_non_null(llmgw__arena_alloc(&arena, 16));
    assert_int_equal(allocation_count(), before);
    llmgw__arena_clear(&arena);
}

static void few_blocks_serve_many_small_pieces(void **state)
{
    struct llmgw__arena arena;
    size_t before = allocation_count();

    (void)state;
    llmgw__arena_init(&arena, 4096, 0);
    for (int each = 0; each < 65536; each++)
        assert_non_null(llmgw__arena_alloc(&arena, 16));
    assert_true(allocation_count() - before < 24); /* 1 MiB */
    llmgw__arena_clear(&arena);
}

static void the_limit_holds_to_the_byte(void **state)
{
    struct llmgw__arena arena;

    (void)state;
    llmgw__arena_init(&arena, 64, 1024);
    for (int each = 0; each < 64; each++)
        assert_non_null(llmgw__arena_alloc(&arena, 16));
    assert_int_equal(arena.used, 1024);
    assert_null(llmgw__arena_alloc(&arena, 1));
    assert_null(llmgw__arena_alloc(&arena, SIZE_MAX));
    llmgw__arena_reset(&arena);
    assert_null(llmgw__arena_alloc(&arena, 1025));
    assert_non_null(llmgw__arena_alloc(&arena, 1024));
    llmgw__arena_clear(&arena);
    assert_int_equal(arena.used, 0);
    assert_non_null(llmgw__arena_alloc(&arena, 1024));
    llmgw__arena_clear(&arena);
}

static void sizes_that_overflow_are_refused(void **state)
{
    struct llmgw__arena arena;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    assert_null(llmgw__arena_alloc(&arena, SIZE_MAX));
    assert_null(llmgw__arena_alloc(&arena, SIZE_MAX - 15));
    assert_null(llmgw__arena_array(&arena, SIZE_MAX / 4, 8));
    assert_null(llmgw__arena_dup(&arena, llmgw__str_n("x", SIZE_MAX)));
    llmgw__arena_clear(&arena);
}

static void zeroed_memory_is_zero_even_when_reused(void **state)
{
    struct llmgw__arena arena;
    unsigned char *bytes;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    memset(llmgw__arena_alloc(&arena, 512), 0xff, 512);
    llmgw__arena_reset(&arena);
    bytes = llmgw__arena_zalloc(&arena, 200);
    for (size_t at = 0; at < 200; at++)
        assert_int_equal(bytes[at], 0);
    bytes = llmgw__arena_array(&arena, 10, 20);
    for (size_t at = 0; at < 200; at++)
        assert_int_equal(bytes[at], 0);
    llmgw__arena_clear(&arena);
}

static void texts_are_copied_and_ended(void **state)
{
    struct llmgw__arena arena;
    char source[] = "model";
    llmgw_str copy = {NULL, 0};
    char *dup;

    (void)state;
    llmgw__arena_init(&arena, 0, 0);
    dup = llmgw__arena_dup(&arena, llmgw__str(source));
    assert_int_equal(llmgw__arena_str(&arena, llmgw__str(source), &copy),
                     LLMGW_OK);
    memset(source, 'x', 5);
    assert_string_equal(dup, "model");
    assert_true(llmgw__str_is(copy, "model"));
    assert_string_equal(llmgw__arena_dup(&arena, llmgw__str(NULL)), "");
    llmgw__arena_clear(&arena);
}

static llmgw_status fill_once(void)
{
    struct llmgw__arena arena;
    llmgw_status status = LLMGW_OK;
    llmgw_str copy = {"untouched", 9};

    llmgw__arena_init(&arena, 64, 0);
    if (!llmgw__arena_alloc(&arena, 40) || !llmgw__arena_alloc(&arena, 500) ||
        !llmgw__arena_array(&arena, 10, 100))
        status = LLMGW_E_NOMEM;
    for (int each = 0; each < 100 && status == LLMGW_OK; each++) {
        status = llmgw__arena_str(&arena, LLMGW__LIT("some text"), &copy);
        if (status != LLMGW_OK && each == 0)
            assert_true(llmgw__str_is(copy, "untouched"));
    }
    llmgw__arena_clear(&arena);
    return status;
}

static void secrets_are_overwritten_where_they_stand(void **state)
{
    static const char elsewhere[] = "of another";
    struct llmgw__arena arena;
    char *texts[64];

    (void)state;
    llmgw__arena_init(&arena, 64, 0);
    for (size_t i = 0; i < 64; i++) {
        texts[i] = llmgw__arena_dup(&arena, LLMGW__LIT("secret"));
        assert_non_null(texts[i]);
    }
    llmgw__arena_wipe_text(&arena, llmgw__str_n(texts[0], 6));
    llmgw__arena_wipe_text(&arena, llmgw__str_n(texts[63], 3));
    llmgw__arena_wipe_text(&arena, LLMGW__LIT(elsewhere));
    assert_memory_equal(texts[0], "\0\0\0\0\0\0", 6);
    assert_memory_equal(texts[63], "\0\0\0ret", 6);
    assert_string_equal(texts[1], "secret");
    assert_string_equal(elsewhere, "of another");
    llmgw__arena_wipe(&arena);
    assert_null(arena.blocks);
    assert_int_equal(arena.used, 0);
    llmgw__arena_wipe(&arena);
}

static void an_arena_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        fail_allocation(nth);
        status = fill_once();
        assert_int_equal(allow_allocations(), status == LLMGW_E_NOMEM);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_given_is_aligned_and_apart),
        cmocka_unit_test(nothing_is_allocated_before_the_first_use),
        cmocka_unit_test(reset_and_refill_allocates_nothing),
        cmocka_unit_test(large_pieces_do_not_waste_the_newest_block),
        cmocka_unit_test(few_blocks_serve_many_small_pieces),
        cmocka_unit_test(the_limit_holds_to_the_byte),
        cmocka_unit_test(sizes_that_overflow_are_refused),
        cmocka_unit_test(zeroed_memory_is_zero_even_when_reused),
        cmocka_unit_test(texts_are_copied_and_ended),
        cmocka_unit_test(secrets_are_overwritten_where_they_stand),
        cmocka_unit_test(an_arena_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
