/*
 * unit/wire/test_sse.c - server-sent events, at every cut of the bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/alloc.h"
#include "wire/sse.h"

/* What was handed over: "name>data|" for each event. */
struct seen {
    char text[4096];
    size_t len;
    size_t frames;
    size_t in_place; /* frames whose data lies in `from` */
    const char *from;
    size_t from_len;
    llmgw_status answer;
};

static void note(struct seen *seen, const char *data, size_t len)
{
    assert_true(seen->len + len < sizeof seen->text);
    if (len)
        memcpy(seen->text + seen->len, data, len);
    seen->len += len;
    seen->text[seen->len] = '\0';
}

static llmgw_status take(void *userdata, const struct llmgw__frame *frame)
{
    struct seen *seen = userdata;
    const char *data = frame->data.data;

    assert_int_equal(frame->kind, LLMGW__FRAME_EVENT);
    seen->frames++;
    if (data && data >= seen->from && data <= seen->from + seen->from_len)
        seen->in_place++;
    note(seen, frame->event.data, frame->event.len);
    note(seen, ">", 1);
    note(seen, data, frame->data.len);
    note(seen, "|", 1);
    return seen->answer;
}

/* Feeds every piece from memory of its own, so that a view kept too long is
 * seen by the sanitizer. */
static llmgw_status feed_copy(struct llmgw__sse *sse, const char *data,
                              size_t len)
{
    char *copy = malloc(len ? len : 1);
    llmgw_status status;

    assert_non_null(copy);
    memcpy(copy, data, len);
    status = llmgw__sse_feed(sse, copy, len);
    free(copy);
    return status;
}

static llmgw_status parse(struct seen *seen, const char *text, size_t len,
                          size_t piece, size_t limit)
{
    struct llmgw__sse sse;
    llmgw_status status = LLMGW_OK;

    memset(seen, 0, sizeof *seen);
    llmgw__sse_init(&sse, limit, take, seen);
    for (size_t at = 0; at < len && status == LLMGW_OK; at += piece)
        status =
            feed_copy(&sse, text + at, len - at < piece ? len - at : piece);
    if (status == LLMGW_OK)
        status = llmgw__sse_end(&sse);
    llmgw__sse_clear(&sse);
    return status;
}

static llmgw_status parse_cut(struct seen *seen, const char *text, size_t len,
                              size_t cut)
{
    struct llmgw__sse sse;
    llmgw_status status;

    memset(seen, 0, sizeof *seen);
    llmgw__sse_init(&sse, 1000, take, seen);
    status = feed_copy(&sse, text, cut);
    if (status == LLMGW_OK)
        status = feed_copy(&sse, text + cut, len - cut);
    if (status == LLMGW_OK)
        status = llmgw__sse_end(&sse);
    llmgw__sse_clear(&sse);
    return status;
}

static const struct {
    const char *input;
    const char *events;
} cases[] = {
    /* clang-format off */
    /* the examples of the standard */
    { "data: This is the first message.\n\n"
      "data: This is the second message, it\ndata: has two lines.\n\n"
      "data: This is the third message.\n\n",
      ">This is the first message.|"
      ">This is the second message, it\nhas two lines.|"
      ">This is the third message.|" },
    { "event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\n",
      "add>73857293|remove>2153|" },
    { "data: YHOO\ndata: +2\ndata: 10\n\n", ">YHOO\n+2\n10|" },
    { ": test stream\n\ndata: first event\nid: 1\n\n"
      "data:second event\nid\n\ndata:  third event\n\n",
      ">first event|>second event|> third event|" },
    /* events that look like the one before, for as long as they do */
    { "event: a\r\ndata: 1\r\n\r\nevent: a\r\ndata: 2\r\n\r\n"
      "event: a\r\ndata: 3\rdata: 4\r\n\r\nevent: a\ndata: 5\n\n",
      "a>1|a>2|a>3\n4|a>5|" },
    { "event: a\ndata: 1\n\nevent: a\ndata: 2\ndata: 3\n\n"
      "event: a\ndata: 4\n\nevent: a\ndata: 5\n\nevent: b\ndata: 6\n\n"
      "data: 7\n\nevent: b\ndata: 8\n\n",
      "a>1|a>2\n3|a>4|a>5|b>6|>7|b>8|" },
    { "data: 1\n\ndata: 2\n\ndata: 3\n: note\n\ndata: 4\n\n",
      ">1|>2|>3|>4|" },
    { "event: a\nid: 1\ndata: x\n\nevent: a\nid: 2\ndata: y\n\n",
      "a>x|a>y|" },
    { "data:1\n\ndata:2\n\ndata: 3\n\ndata:4\n\n", ">1|>2|>3|>4|" },
    { "data: 1\r\r\ndata: 2\r\n\r\ndata: 3\r\n\r\n", ">1|>2|>3|" },
    /* the standard drops the last block; so do we not: it may be whole */
    { "data\n\ndata\ndata\n\ndata:", ">|>\n|>|" },
    { "data:test\n\ndata: test\n\n", ">test|>test|" },
    /* line ends */
    { "data: a\r\ndata: b\r\n\r\n", ">a\nb|" },
    { "data: a\rdata: b\r\r", ">a\nb|" },
    { "data: a\n\rdata: b\r\n\n", ">a|>b|" },
    { "data: a\r\n\ndata: b\n\r\n", ">a|>b|" },
    { "data: a\r\r\ndata: b\r\r", ">a|>b|" },
    { "\n\n\r\r\n\ndata: a\n\n\n\n\ndata: b\n\n", ">a|>b|" },
    /* fields */
    { "data:a\n\n", ">a|" },
    { "data:\ta\n\n", ">\ta|" },
    { "data: a: b\n\n", ">a: b|" },
    { "data :a\n\n", "" },
    { "Data: a\n\nDATA: b\n\n", "" },
    { " data: a\n\n", "" },
    { "datas: a\n\ndat: b\n\n", "" },
    { "event: x\n\ndata: a\n\n", ">a|" },
    { "data: a\nevent: x\n\ndata: b\n\n", "x>a|>b|" },
    { "event: x\nevent: y\ndata: a\n\n", "y>a|" },
    { "event: x\nevent:\ndata: a\n\n", ">a|" },
    { "event: x\nevent\ndata: a\n\n", ">a|" },
    { "id: 7\nretry: 10\nfoo: bar\n\n", "" },
    { "id:1\nevent:result\n:HTTP_STATUS/200\ndata:{\"a\":1}\n\n",
      "result>{\"a\":1}|" },
    { "retry: 3000\ndata: a\n\n", ">a|" },
    { "data: \xC3\xA9\xE4\xB8\xAD\n\n", ">\xC3\xA9\xE4\xB8\xAD|" },
    { "data:\n\n", ">|" },
    { "data: \n\n", ">|" },
    /* comments never end an event */
    { ": OPENROUTER PROCESSING\n\ndata: a\n\n", ">a|" },
    { "data: a\n: ping\ndata: b\n:\n\n", ">a\nb|" },
    { ":\n\n:\r\n\r\n", "" },
    /* the mark, only once and only first */
    { "\xEF\xBB\xBF" "data: a\n\n", ">a|" },
    { "\xEF\xBB\xBF\xEF\xBB\xBF" "data: a\n\ndata: b\n\n", ">b|" },
    { "\xEF\xBB" "data: a\n\ndata: b\n\n", ">b|" },
    { "\xEF" "data: a\n\ndata: b\n\n", ">b|" },
    { "\n\xEF\xBB\xBF" "data: a\n\ndata: b\n\n", ">b|" },
    { "\xEF\xBB\xBF", "" },
    { "\xEF\xBB", "" },
    /* the end */
    { "", "" },
    { "data: a", ">a|" },
    { "data: a\n", ">a|" },
    { "data: a\ndata: b", ">a\nb|" },
    { "data: a\nevent: x", "x>a|" },
    { "data: a\r", ">a|" },
    { "event: x\n", "" },
    { "data: a\nda", ">a|" },
    /* clang-format on */
};

static void every_case_gives_its_events_however_it_is_cut(void **state)
{
    struct seen seen;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].input);

        for (size_t piece = 1; piece <= len + 1; piece++) {
            assert_int_equal(parse(&seen, cases[i].input, len, piece, 1000),
                             LLMGW_OK);
            assert_string_equal(seen.text, cases[i].events);
        }
        for (size_t cut = 0; cut <= len; cut++) {
            assert_int_equal(parse_cut(&seen, cases[i].input, len, cut),
                             LLMGW_OK);
            assert_string_equal(seen.text, cases[i].events);
        }
    }
}

static void a_zero_byte_is_an_ordinary_byte(void **state)
{
    static const char input[] = "data: a\0b\n\n";
    struct seen seen;

    (void)state;
    for (size_t piece = 1; piece <= sizeof input; piece++) {
        assert_int_equal(parse(&seen, input, sizeof input - 1, piece, 1000),
                         LLMGW_OK);
        assert_int_equal(seen.len, 5);
        assert_memory_equal(seen.text, ">a\0b|", 5);
    }
}

static void an_event_in_one_read_is_handed_over_in_place(void **state)
{
    static const char input[] =
        "event: x\ndata: {\"a\":1}\n\n: c\ndata: {\"b\":2}\r\n\r\ndata: cut";
    struct llmgw__sse sse;
    struct seen seen = {.from = input, .from_len = sizeof input};
    size_t before;

    (void)state;
    llmgw__sse_init(&sse, 1000, take, &seen);
    before = allocation_count();
    assert_int_equal(llmgw__sse_feed(&sse, input, sizeof input - 10), LLMGW_OK);
    assert_int_equal(allocation_count(), before);
    assert_int_equal(seen.in_place, 2);
    assert_int_equal(llmgw__sse_feed(&sse, input + sizeof input - 10, 9),
                     LLMGW_OK);
    assert_int_equal(llmgw__sse_end(&sse), LLMGW_OK);
    assert_string_equal(seen.text, "x>{\"a\":1}|>{\"b\":2}|>cut|");
    assert_int_equal(seen.in_place, 2);
    llmgw__sse_clear(&sse);
}

static void a_line_may_have_the_limit_and_not_a_byte_more(void **state)
{
    static const char *const fits[] = {"data: 7890\n\n", ": comment!\n\n",
                                       "data: 7890", "event: 890\n\n",
                                       ("\xEF\xBB\xBF"
                                        "data: 7890\r\n")};
    static const char *const breaks[] = {"data: 78901\n\n", ": comment!!\n\n",
                                         "data: 78901", "event: 8901\n\n",
                                         "data: a\n\nunknown field"};
    struct seen seen;

    (void)state;
    for (size_t i = 0; i < sizeof fits / sizeof *fits; i++)
        for (size_t piece = 1; piece <= strlen(fits[i]); piece++)
            assert_int_equal(parse(&seen, fits[i], strlen(fits[i]), piece, 10),
                             LLMGW_OK);
    for (size_t i = 0; i < sizeof breaks / sizeof *breaks; i++)
        for (size_t piece = 1; piece <= strlen(breaks[i]); piece++)
            assert_int_equal(
                parse(&seen, breaks[i], strlen(breaks[i]), piece, 10),
                LLMGW_E_LIMIT);
}

static void joined_data_may_have_the_limit_and_not_a_byte_more(void **state)
{
    static const char fits[] = "data:1234\ndata:1234\ndata\n\n"; /* 4+1+4+1 */
    static const char breaks[] = "data:1234\ndata:1234\ndata:1\n\n";
    struct seen seen;

    (void)state;
    for (size_t piece = 1; piece <= sizeof fits; piece++) {
        assert_int_equal(parse(&seen, fits, sizeof fits - 1, piece, 10),
                         LLMGW_OK);
        assert_string_equal(seen.text, ">1234\n1234\n|");
        assert_int_equal(parse(&seen, breaks, sizeof breaks - 1, piece, 10),
                         LLMGW_E_LIMIT);
        assert_int_equal(seen.frames, 0);
    }
}

static void without_a_limit_a_line_may_be_long(void **state)
{
    static char line[100000] = "data: ";
    struct llmgw__sse sse;
    struct seen seen = {0};

    (void)state;
    memset(line + 6, 'x', sizeof line - 6);
    llmgw__sse_init(&sse, 0, take, &seen);
    for (size_t at = 0; at < sizeof line; at += 1000)
        assert_int_equal(llmgw__sse_feed(&sse, line + at, 1000), LLMGW_OK);
    assert_int_equal(sse.line.len, sizeof line);
    assert_int_equal(seen.frames, 0);
    llmgw__sse_clear(&sse);
}

static void a_refused_event_stops_the_parser_for_good(void **state)
{
    static const char input[] = "data: a\n\ndata: b\n\n";
    struct llmgw__sse sse;
    struct seen seen = {.answer = LLMGW_E_INVALID};

    (void)state;
    llmgw__sse_init(&sse, 1000, take, &seen);
    assert_int_equal(llmgw__sse_feed(&sse, input, sizeof input - 1),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw__sse_feed(&sse, input, sizeof input - 1),
                     LLMGW_E_INVALID);
    assert_int_equal(llmgw__sse_end(&sse), LLMGW_E_INVALID);
    assert_string_equal(seen.text, ">a|");
    llmgw__sse_clear(&sse);
}

static void no_bytes_change_nothing(void **state)
{
    struct llmgw__sse sse;
    struct seen seen = {0};

    (void)state;
    llmgw__sse_init(&sse, 1000, take, &seen);
    assert_int_equal(llmgw__sse_feed(&sse, NULL, 0), LLMGW_OK);
    assert_int_equal(llmgw__sse_feed(&sse, "data: a\r", 8), LLMGW_OK);
    assert_int_equal(llmgw__sse_feed(&sse, NULL, 0), LLMGW_OK);
    assert_int_equal(llmgw__sse_feed(&sse, "\n\r", 2), LLMGW_OK);
    assert_string_equal(seen.text, ">a|");
    llmgw__sse_clear(&sse);
}

static void every_failed_allocation_is_told(void **state)
{
    static const char input[] = "\xEF\xBB"
                                "x\nevent: name\ndata: one\n"
                                "data: two\n\ndata: three\n\n";
    struct seen seen;

    (void)state;
    for (size_t piece = 1; piece <= 8; piece++) {
        int nth = 0;
        int failed = 1;

        for (; failed; nth++) {
            llmgw_status status;
            struct llmgw__sse sse;

            memset(&seen, 0, sizeof seen);
            llmgw__sse_init(&sse, 1000, take, &seen);
            status = LLMGW_OK;
            fail_allocation(nth);
            for (size_t at = 0; at < sizeof input - 1; at += piece) {
                size_t left = sizeof input - 1 - at;

                status = llmgw__sse_feed(&sse, input + at,
                                         left < piece ? left : piece);
            }
            if (status == LLMGW_OK)
                status = llmgw__sse_end(&sse);
            failed = allow_allocations();
            llmgw__sse_clear(&sse);
            assert_int_equal(status, failed ? LLMGW_E_NOMEM : LLMGW_OK);
        }
        assert_true(nth > 2);
        assert_string_equal(seen.text, "name>one\ntwo|>three|");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_gives_its_events_however_it_is_cut),
        cmocka_unit_test(a_zero_byte_is_an_ordinary_byte),
        cmocka_unit_test(an_event_in_one_read_is_handed_over_in_place),
        cmocka_unit_test(a_line_may_have_the_limit_and_not_a_byte_more),
        cmocka_unit_test(joined_data_may_have_the_limit_and_not_a_byte_more),
        cmocka_unit_test(without_a_limit_a_line_may_be_long),
        cmocka_unit_test(a_refused_event_stops_the_parser_for_good),
        cmocka_unit_test(no_bytes_change_nothing),
        cmocka_unit_test(every_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
