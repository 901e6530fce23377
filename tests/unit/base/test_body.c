/* Bodies: own text and borrowed slices, read at any place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonwrite.h"
#include "base/text.h"
#include "support/alloc.h"

enum {
    LARGE = LLMGW__BODY_JOIN_MAX / 4, /* so that all together stay apart */
    LEAST = LLMGW__BODY_REF_MIN
};

static char large[LARGE];
static char larger[2 * LARGE + 1];

static int fill_slices(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof large; i++)
        large[i] = (char)('a' + i % 26);
    for (size_t i = 0; i < sizeof larger; i++)
        larger[i] = (char)('0' + i % 10);
    return 0;
}

/* small, large, larger, small small, large */
static void add_all(struct llmgw__body *body)
{
    llmgw__body_add(body, LLMGW__LIT("head,"));
    llmgw__body_add(body, llmgw__str_n(large, sizeof large));
    llmgw__body_add(body, llmgw__str_n(larger, sizeof larger));
    llmgw__body_add(body, LLMGW__LIT("mid"));
    llmgw__buf_add_z(&body->own, "dle,"); /* as the JSON writer does */
    llmgw__body_add(body, llmgw__str_n(large, sizeof large));
}

static size_t expected_text(char *out)
{
    size_t len = 5;

    memcpy(out, "head,", 5);
    memcpy(out + len, large, sizeof large);
    len += sizeof large;
    memcpy(out + len, larger, sizeof larger);
    len += sizeof larger;
    memcpy(out + len, "middle,", 7);
    len += 7;
    memcpy(out + len, large, sizeof large);
    return len + sizeof large;
}

static void copies_small_slices_and_refers_to_large_ones(void **state)
{
    struct llmgw__body body;

    (void)state;
    llmgw__body_init(&body, 0);
    add_all(&body);
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(body.count, 5);
    assert_null(body.segments[0].ref);
    assert_ptr_equal(body.segments[1].ref, large);
    assert_ptr_equal(body.segments[2].ref, larger);
    assert_null(body.segments[3].ref);
    assert_ptr_equal(body.segments[4].ref, large);
    assert_int_equal(body.own.len, 12);
    llmgw__body_clear(&body);
}

static void the_border_is_where_the_header_says(void **state)
{
    struct llmgw__body body;

    (void)state;
    llmgw__body_init(&body, 0);
    llmgw__body_add(&body, llmgw__str_n(large, LEAST - 1));
    assert_int_equal(body.own.len, LEAST - 1);
    llmgw__body_add(&body, llmgw__str_n(large, LEAST));
    assert_int_equal(body.own.len, LEAST - 1);
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(body.len, 2 * LEAST - 1);
    llmgw__body_clear(&body);
}

static void a_small_body_becomes_one_piece(void **state)
{
    char text[LLMGW__BODY_JOIN_MAX];

    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct llmgw__body body;

        llmgw__body_init(&body, sizeof text + more);
        llmgw__body_add(&body, llmgw__str_n(large, sizeof large));
        llmgw__body_add(&body, LLMGW__LIT("middle"));
        llmgw__body_add(&body, llmgw__str_n(larger, sizeof larger));
        llmgw__body_add(&body,
                        llmgw__str_n(large, sizeof text + more - 6 -
                                                sizeof larger - sizeof large));
        for (int twice = 0; twice < 2; twice++) {
            assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
            assert_int_equal(body.count, more ? 4 : 1);
            assert_int_equal(body.len, sizeof text + more);
        }
        assert_int_equal(llmgw__body_read(&body, 0, text, sizeof text),
                         sizeof text);
        assert_memory_equal(text, large, sizeof large);
        assert_memory_equal(text + sizeof large, "middle0123", 10);
        assert_memory_equal(text + sizeof large + 6 + sizeof larger, large, 99);
        llmgw__body_clear(&body);
    }
}

static void reads_any_stretch(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 1024, 3000, 100000};
    char expected[5 * LARGE], read[5 * LARGE];
    size_t len = expected_text(expected);
    struct llmgw__body body;

    (void)state;
    llmgw__body_init(&body, 0);
    add_all(&body);
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(body.len, len);
    for (size_t at = 0; at <= len + 1; at += at < len - 20 ? 3 : 1)
        for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
            size_t left = at < len ? len - at : 0;
            size_t want = sizes[i] < left ? sizes[i] : left;

            assert_int_equal(llmgw__body_read(&body, at, read, sizes[i]), want);
            assert_memory_equal(read, expected + (want ? at : 0), want);
        }
    llmgw__body_clear(&body);
}

static void an_empty_body_reads_nothing(void **state)
{
    struct llmgw__body body;
    char out[4];

    (void)state;
    llmgw__body_init(&body, 0);
    llmgw__body_add(&body, llmgw__str_n(NULL, 0));
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(body.len, 0);
    assert_int_equal(llmgw__body_read(&body, 0, out, sizeof out), 0);
    llmgw__body_clear(&body);
}

static void finishing_twice_changes_nothing(void **state)
{
    struct llmgw__body body;

    (void)state;
    llmgw__body_init(&body, 0);
    add_all(&body);
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(body.count, 5);
    assert_int_equal(body.len, 4 * LARGE + 1 + 12);
    llmgw__body_clear(&body);
}

static void the_limit_counts_text_and_slices_together(void **state)
{
    const size_t whole = 4 * LARGE + 1 + 12;

    (void)state;
    for (size_t limit = 1; limit <= whole;
         limit += limit < whole - 3 ? 397 : 1) {
        struct llmgw__body body;

        if (limit > whole)
            limit = whole;
        llmgw__body_init(&body, limit);
        add_all(&body);
        assert_int_equal(llmgw__body_finish(&body),
                         limit < whole ? LLMGW_E_LIMIT : LLMGW_OK);
        assert_true(body.len <= limit);
        llmgw__body_clear(&body);
    }
}

static void own_text_after_slices_counts_too(void **state)
{
    struct llmgw__body body;

    (void)state;
    for (size_t limit = LARGE + 3; limit <= LARGE + 4; limit++) {
        llmgw__body_init(&body, limit);
        llmgw__body_add(&body, llmgw__str_n(large, LARGE));
        llmgw__body_add(&body, LLMGW__LIT("tail"));
        assert_int_equal(llmgw__body_finish(&body),
                         limit == LARGE + 4 ? LLMGW_OK : LLMGW_E_LIMIT);
        llmgw__body_clear(&body);
    }
}

static void is_usable_again_after_clear(void **state)
{
    struct llmgw__body body;
    char out[8];

    (void)state;
    llmgw__body_init(&body, 2 * LARGE);
    add_all(&body);
    assert_int_equal(llmgw__body_finish(&body), LLMGW_E_LIMIT);
    llmgw__body_clear(&body);
    llmgw__body_add(&body, LLMGW__LIT("again"));
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(llmgw__body_read(&body, 0, out, sizeof out), 5);
    assert_memory_equal(out, "again", 5);
    add_all(&body); /* the limit is kept */
    assert_int_equal(llmgw__body_finish(&body), LLMGW_E_LIMIT);
    llmgw__body_clear(&body);
}

static void survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__body body, small;

        llmgw__body_init(&body, 0);
        llmgw__body_init(&small, 0);
        fail_allocation(nth);
        add_all(&body);
        status = llmgw__body_finish(&body);
        llmgw__body_add(&small, LLMGW__LIT("text"));
        llmgw__body_add(&small, llmgw__str_n(large, sizeof large));
        if (status == LLMGW_OK)
            status = llmgw__body_finish(&small);
        allow_allocations();
        llmgw__body_clear(&body);
        llmgw__body_clear(&small);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies_small_slices_and_refers_to_large_ones),
        cmocka_unit_test(the_border_is_where_the_header_says),
        cmocka_unit_test(a_small_body_becomes_one_piece),
        cmocka_unit_test(reads_any_stretch),
        cmocka_unit_test(an_empty_body_reads_nothing),
        cmocka_unit_test(finishing_twice_changes_nothing),
        cmocka_unit_test(the_limit_counts_text_and_slices_together),
        cmocka_unit_test(own_text_after_slices_counts_too),
        cmocka_unit_test(is_usable_again_after_clear),
        cmocka_unit_test(survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, fill_slices, NULL);
}
