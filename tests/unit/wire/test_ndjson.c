/*
 * unit/wire/test_ndjson.c - lines of JSON, at every cut of the bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "wire/ndjson.h"

/* What was handed over: "line|" for each. */
struct seen {
    char text[1024];
    size_t len;
    llmgw_status answer;
};

static llmgw_status take(void *userdata, const struct llmgw__frame *frame)
{
    struct seen *seen = userdata;

    assert_int_equal(frame->kind, LLMGW__FRAME_EVENT);
    assert_int_equal(frame->event.len, 0);
    assert_true(seen->len + frame->data.len + 2 < sizeof seen->text);
    memcpy(seen->text + seen->len, frame->data.data, frame->data.len);
    seen->len += frame->data.len;
    seen->text[seen->len++] = '|';
    seen->text[seen->len] = '\0';
    return seen->answer;
}

static llmgw_status feed_copy(struct llmgw__ndjson *ndjson, const char *data,
                              size_t len)
{
    char *copy = malloc(len ? len : 1);
    llmgw_status status;

    assert_non_null(copy);
    memcpy(copy, data, len);
    status = llmgw__ndjson_feed(ndjson, copy, len);
    free(copy);
    return status;
}

static llmgw_status parse(struct seen *seen, const char *text, size_t piece,
                          size_t limit)
{
    struct llmgw__ndjson ndjson;
    llmgw_status status = LLMGW_OK;
    size_t len = strlen(text);

    memset(seen, 0, sizeof *seen);
    llmgw__ndjson_init(&ndjson, limit, take, seen);
    for (size_t at = 0; at < len && status == LLMGW_OK; at += piece)
        status =
            feed_copy(&ndjson, text + at, len - at < piece ? len - at : piece);
    if (status == LLMGW_OK)
        status = llmgw__ndjson_end(&ndjson);
    llmgw__ndjson_clear(&ndjson);
    return status;
}

static const struct {
    const char *input;
    const char *lines;
} cases[] = {
    /* clang-format off */
    { "", "" },
    { "{\"a\":1}\n{\"b\":2}\n", "{\"a\":1}|{\"b\":2}|" },
    { "{\"a\":1}\r\n{\"b\":2}\r\n", "{\"a\":1}|{\"b\":2}|" },
    { "{\"a\":1}\n{\"b\":2}", "{\"a\":1}|{\"b\":2}|" },
    { "\n\n{\"a\":1}\n \n\t\r\n\n{\"b\":2}\n\n", "{\"a\":1}|{\"b\":2}|" },
    { "  {\"a\":1}  \n", "{\"a\":1}|" },
    { "{\"a\":\r1}\n", "{\"a\":\r1}|" },
    { "{\"a\":1}\n   ", "{\"a\":1}|" },
    { " \r\n \n", "" },
    /* clang-format on */
};

static void every_case_gives_its_lines_however_it_is_cut(void **state)
{
    struct seen seen;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (size_t piece = 1; piece <= strlen(cases[i].input) + 1; piece++) {
            assert_int_equal(parse(&seen, cases[i].input, piece, 100),
                             LLMGW_OK);
            assert_string_equal(seen.text, cases[i].lines);
        }
}

static void a_line_may_have_the_limit_and_not_a_byte_more(void **state)
{
    struct seen seen;

    (void)state;
    for (size_t piece = 1; piece <= 24; piece++) {
        assert_int_equal(parse(&seen, "{}\n[1,2,3,45]\n", piece, 10), LLMGW_OK);
        assert_string_equal(seen.text, "{}|[1,2,3,45]|");
        assert_int_equal(parse(&seen, "{}\n[1,2,3,456]\n", piece, 10),
                         LLMGW_E_LIMIT);
        assert_string_equal(seen.text, "{}|");
        assert_int_equal(parse(&seen, "{}\n[1,2,3,456]", piece, 10),
                         LLMGW_E_LIMIT);
    }
    assert_int_equal(parse(&seen, "[1,2,3,4,5,6,7,8,9]\n", 3, 0), LLMGW_OK);
}

static void a_line_in_one_read_is_handed_over_without_a_copy(void **state)
{
    struct llmgw__ndjson ndjson;
    struct seen seen = {0};
    size_t before = allocation_count();

    (void)state;
    llmgw__ndjson_init(&ndjson, 100, take, &seen);
    assert_int_equal(llmgw__ndjson_feed(&ndjson, "{}\n{}\n", 6), LLMGW_OK);
    assert_int_equal(allocation_count(), before);
    assert_string_equal(seen.text, "{}|{}|");
    llmgw__ndjson_clear(&ndjson);
}

static void a_refused_line_stops_the_parser_for_good(void **state)
{
    struct llmgw__ndjson ndjson;
    struct seen seen = {.answer = LLMGW_E_INVALID};

    (void)state;
    llmgw__ndjson_init(&ndjson, 100, take, &seen);
    assert_int_equal(llmgw__ndjson_feed(&ndjson, "1\n2\n", 4), LLMGW_E_INVALID);
    assert_int_equal(llmgw__ndjson_feed(&ndjson, "3\n", 2), LLMGW_E_INVALID);
    assert_int_equal(llmgw__ndjson_end(&ndjson), LLMGW_E_INVALID);
    assert_string_equal(seen.text, "1|");
    llmgw__ndjson_clear(&ndjson);
}

static void every_failed_allocation_is_told(void **state)
{
    struct seen seen;
    int failed = 1;
    int nth = 0;

    (void)state;
    for (; failed; nth++) {
        struct llmgw__ndjson ndjson;
        llmgw_status status;

        memset(&seen, 0, sizeof seen);
        llmgw__ndjson_init(&ndjson, 1000, take, &seen);
        fail_allocation(nth);
        llmgw__ndjson_feed(&ndjson, "{\"a\":", 5);
        llmgw__ndjson_feed(&ndjson, "\"an answer of quite some length, to let",
                           38);
        llmgw__ndjson_feed(&ndjson, " the buffer grow\"}\n{", 20);
        llmgw__ndjson_feed(&ndjson, "}", 1);
        status = llmgw__ndjson_end(&ndjson);
        failed = allow_allocations();
        llmgw__ndjson_clear(&ndjson);
        assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
    }
    assert_true(nth > 1);
    assert_int_equal(seen.len, 5 + 38 + 18 + 1 + 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_gives_its_lines_however_it_is_cut),
        cmocka_unit_test(a_line_may_have_the_limit_and_not_a_byte_more),
        cmocka_unit_test(a_line_in_one_read_is_handed_over_without_a_copy),
        cmocka_unit_test(a_refused_line_stops_the_parser_for_good),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
