/* Writer: commas, escapes, members, limits, references into a body. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "base/jsonwrite.h"
#include "base/text.h"
#include "support/alloc.h"
#include "support/json_cases.h"

static void assert_wrote(struct llmgw__buf *buf, const char *expected)
{
    assert_int_equal(buf->status, LLMGW_OK);
    if (!llmgw__str_is(llmgw__buf_str(buf), expected))
        fail_msg("%.*s\nis not\n%s", (int)buf->len, buf->data, expected);
    llmgw__buf_reset(buf);
}

static struct llmgw__jstr raw_string(const char *inside)
{
    return llmgw__jstr(llmgw__str(inside), true);
}

static void puts_commas_between_values(void **state)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '[');
    llmgw__jsonw_int(&w, 1);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_open(&w, '[');
    llmgw__jsonw_open(&w, '[');
    llmgw__jsonw_null(&w);
    llmgw__jsonw_bool(&w, true);
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_bool(&w, false);
    llmgw__jsonw_close(&w, ']');
    llmgw__jsonw_z(&w, "a");
    llmgw__jsonw_raw(&w, LLMGW__LIT("{\"x\": 1}"));
    llmgw__jsonw_jstr(&w, raw_string("b\\n"));
    llmgw__jsonw_close(&w, ']');
    assert_wrote(&buf, "[1,{},[[null,true],false],\"a\",{\"x\": 1},\"b\\n\"]");
    llmgw__buf_clear(&buf);
}

static void writes_members_of_every_kind(void **state)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_member_str(&w, "s", LLMGW__LIT("a\"b"));
    llmgw__jsonw_member_z(&w, "z", "c\\d");
    llmgw__jsonw_member_jstr(&w, "j", raw_string("\\u00e9"));
    llmgw__jsonw_member_jstr(&w, "absent", (struct llmgw__jstr){0});
    llmgw__jsonw_member_raw(&w, "r", LLMGW__LIT("[1, 2]"));
    llmgw__jsonw_member_int(&w, "i", INT64_MIN);
    llmgw__jsonw_member_bool(&w, "t", true);
    llmgw__jsonw_key(&w, "o");
    llmgw__jsonw_open(&w, '{');
    llmgw__jsonw_key_str(&w, LLMGW__LIT("k\"\n"));
    llmgw__jsonw_int(&w, 0);
    llmgw__jsonw_key_raw(&w, LLMGW__LIT("k\\\""));
    llmgw__jsonw_null(&w);
    llmgw__jsonw_close(&w, '}');
    llmgw__jsonw_member_int(&w, "last", -1);
    llmgw__jsonw_close(&w, '}');
    assert_wrote(&buf,
                 "{\"s\":\"a\\\"b\",\"z\":\"c\\\\d\",\"j\":\"\\u00e9\","
                 "\"absent\":null,\"r\":[1, 2],\"i\":-9223372036854775808,"
                 "\"t\":true,\"o\":{\"k\\\"\\n\":0,\"k\\\"\":null},"
                 "\"last\":-1}");
    llmgw__buf_clear(&buf);
}

static void escapes_what_must_be_and_nothing_else(void **state)
{
    static const char plain[] = "\x7f \x80\xff\xc3\xa9\xe2\x80\xa8/'<>&";
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    char control[32];

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    for (int i = 0; i < 32; i++)
        control[i] = (char)i;
    llmgw__jsonw_str(&w, llmgw__str_n(control, 32));
    assert_wrote(&buf,
                 "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007"
                 "\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f"
                 "\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017"
                 "\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f\"");
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_z(&w, plain);
    assert_int_equal(buf.len, sizeof plain - 1 + 2);
    assert_memory_equal(buf.data + 1, plain, sizeof plain - 1);
    llmgw__buf_clear(&buf);
}

static void an_empty_string_is_written_for_no_text(void **state)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '[');
    llmgw__jsonw_str(&w, llmgw__str_n(NULL, 0));
    llmgw__jsonw_z(&w, NULL);
    llmgw__jsonw_jstr(&w, raw_string(""));
    llmgw__jsonw_raw(&w, llmgw__str_n(NULL, 0)); /* no value: null */
    llmgw__jsonw_close(&w, ']');
    assert_wrote(&buf, "[\"\",\"\",\"\",null]");
    llmgw__buf_clear(&buf);
}

static void joins_pieces_into_one_string(void **state)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '[');
    llmgw__jsonw_str_open(&w);
    llmgw__jsonw_str_add(&w, LLMGW__LIT("a\n"));
    llmgw__jsonw_str_add_raw(&w, LLMGW__LIT("b\\n"));
    llmgw__jsonw_str_add(&w, llmgw__str_n(NULL, 0));
    llmgw__jsonw_str_add(&w, LLMGW__LIT("c"));
    llmgw__jsonw_str_close(&w);
    llmgw__jsonw_str_open(&w);
    llmgw__jsonw_str_close(&w);
    llmgw__jsonw_close(&w, ']');
    assert_wrote(&buf, "[\"a\\nb\\nc\",\"\"]");
    llmgw__buf_clear(&buf);
}

static void any_bytes_come_back_as_they_were(void **state)
{
    struct json_random random = {3};
    struct llmgw__arena arena;
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    llmgw__arena_init(&arena, 0, 0);
    for (int round = 0; round < 3000; round++) {
        char bytes[300];
        size_t len = json_random_below(&random, sizeof bytes);
        struct llmgw__jsonw w;
        struct llmgw__jdoc doc;
        llmgw_str back;

        for (size_t i = 0; i < len; i++)
            bytes[i] = (char)json_random_below(&random, round % 3 ? 256 : 0x60);
        llmgw__buf_reset(&buf);
        llmgw__jsonw_init(&w, &buf);
        llmgw__jsonw_str(&w, llmgw__str_n(bytes, len));
        assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__buf_str(&buf), 0),
                         LLMGW_OK);
        assert_int_equal(
            llmgw__jstr_text(llmgw__jdoc_string(&doc, 0), &arena, &back),
            LLMGW_OK);
        assert_true(llmgw__str_eq(back, llmgw__str_n(bytes, len)));
        llmgw__jdoc_clear(&doc);
        llmgw__arena_reset(&arena);
    }
    llmgw__arena_clear(&arena);
    llmgw__buf_clear(&buf);
}

/* Write a document's value again, piece by piece. */
static void copy_value(struct llmgw__jsonw *w, const struct llmgw__jdoc *doc,
                       uint32_t node)
{
    enum llmgw__json_type type = llmgw__jdoc_type(doc, node);
    uint32_t at = llmgw__jdoc_first(doc, node);

    if (type == LLMGW__JSON_STRING) {
        llmgw__jsonw_jstr(w, llmgw__jdoc_string(doc, node));
        return;
    }
    if (type != LLMGW__JSON_OBJECT && type != LLMGW__JSON_ARRAY) {
        llmgw__jsonw_raw(w, llmgw__jdoc_raw(doc, node));
        return;
    }
    llmgw__jsonw_open(w, type == LLMGW__JSON_OBJECT ? '{' : '[');
    for (; at != LLMGW__JNONE; at = llmgw__jdoc_next(doc, node, at)) {
        if (type == LLMGW__JSON_OBJECT) {
            struct llmgw__jstr key = llmgw__jdoc_string(doc, at);

            llmgw__jsonw_key_raw(w, llmgw__str_n(key.data, key.len));
            at = llmgw__jdoc_next(doc, node, at);
        }
        copy_value(w, doc, at);
    }
    llmgw__jsonw_close(w, type == LLMGW__JSON_OBJECT ? '}' : ']');
}

static void assert_same_tree(const struct llmgw__jdoc *a,
                             const struct llmgw__jdoc *b)
{
    assert_int_equal(a->count, b->count);
    for (uint32_t i = 0; i < a->count; i++) {
        const struct llmgw__jnode *one = &a->nodes[i], *other = &b->nodes[i];

        assert_int_equal(one->type, other->type);
        assert_int_equal(one->next, other->next);
        assert_int_equal(one->count, other->count);
        if (one->count == 0 && one->type < LLMGW__JSON_ARRAY)
            assert_true(
                llmgw__str_eq(llmgw__jdoc_raw(a, i), llmgw__jdoc_raw(b, i)));
    }
}

static void a_copied_document_is_the_same_document(void **state)
{
    struct llmgw__buf buf;
    char text[4096];

    (void)state;
    llmgw__buf_init(&buf, 0);
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct json_random random = {seed};
        size_t len = json_generate(&random, text, sizeof text);
        struct llmgw__jdoc doc, copy;
        struct llmgw__jsonw w;

        assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, len), 0),
                         LLMGW_OK);
        llmgw__buf_reset(&buf);
        llmgw__jsonw_init(&w, &buf);
        copy_value(&w, &doc, 0);
        assert_int_equal(llmgw__jdoc_parse(&copy, llmgw__buf_str(&buf), 0),
                         LLMGW_OK);
        assert_same_tree(&doc, &copy);
        llmgw__jdoc_clear(&doc);
        llmgw__jdoc_clear(&copy);
    }
    llmgw__buf_clear(&buf);
}

static void a_limit_sticks(void **state)
{
    struct llmgw__buf buf;
    struct llmgw__jsonw w;

    (void)state;
    llmgw__buf_init(&buf, 8);
    llmgw__jsonw_init(&w, &buf);
    llmgw__jsonw_open(&w, '[');
    llmgw__jsonw_z(&w, "too long for it");
    llmgw__jsonw_int(&w, 1);
    llmgw__jsonw_close(&w, ']');
    assert_int_equal(buf.status, LLMGW_E_LIMIT);
    assert_true(buf.len <= 8);
    llmgw__buf_clear(&buf);
}

static void write_request(struct llmgw__jsonw *w, llmgw_str big)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_z(w, "model", "x");
    llmgw__jsonw_member_str(w, "text", big);
    llmgw__jsonw_member_jstr(w, "again",
                             (struct llmgw__jstr){big.data, 5, false});
    llmgw__jsonw_key(w, "raw");
    llmgw__jsonw_str_open(w);
    llmgw__jsonw_str_add_raw(w, big);
    llmgw__jsonw_str_close(w);
    llmgw__jsonw_close(w, '}');
}

static void a_body_refers_to_large_text_and_reads_the_same(void **state)
{
    char *big = malloc(50000), *read = malloc(200000);
    struct llmgw__body body;
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    size_t refs = 0;

    (void)state;
    assert_true(big && read);
    memset(big, 'b', 50000);
    llmgw__buf_init(&buf, 0);
    llmgw__jsonw_init(&w, &buf);
    write_request(&w, llmgw__str_n(big, 50000));
    llmgw__body_init(&body, 0);
    llmgw__jsonw_body(&w, &body);
    write_request(&w, llmgw__str_n(big, 50000));
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    assert_int_equal(body.len, buf.len);
    assert_int_equal(llmgw__body_read(&body, 0, read, 200000), buf.len);
    assert_memory_equal(read, buf.data, buf.len);
    for (size_t i = 0; i < body.count; i++)
        refs += body.segments[i].ref == big;
    assert_int_equal(refs, 2);
    assert_true(body.own.len < 100);
    llmgw__body_clear(&body);
    llmgw__buf_clear(&buf);
    free(read);
    free(big);
}

/* Escapes cut a large text into runs: the large ones are referenced. */
static void a_body_refers_to_the_runs_between_escapes(void **state)
{
    char text[20 * LLMGW__BODY_REF_MIN], read[sizeof text + 16];
    struct llmgw__body body;
    struct llmgw__jsonw w;
    size_t len;

    (void)state;
    memset(text, 't', sizeof text);
    text[100] = '\n'; /* runs of 100, 3000 and the rest */
    text[3101] = '"';
    llmgw__body_init(&body, 0);
    llmgw__jsonw_body(&w, &body);
    llmgw__jsonw_str(&w, llmgw__str_n(text, sizeof text));
    assert_int_equal(llmgw__body_finish(&body), LLMGW_OK);
    len = llmgw__body_read(&body, 0, read, sizeof read);
    assert_int_equal(len, sizeof text + 4);
    assert_memory_equal(read, "\"ttt", 4);
    assert_memory_equal(read + 101, "\\nttt", 5);
    assert_memory_equal(read + 3103, "\\\"t", 3);
    assert_int_equal(body.count, 5);
    assert_ptr_equal(body.segments[1].ref, text + 101);
    assert_int_equal(body.segments[1].len, 3000);
    llmgw__body_clear(&body);
}

static llmgw_status write_once(bool segmented, llmgw_str big)
{
    struct llmgw__body body;
    struct llmgw__buf buf;
    struct llmgw__jsonw w;
    llmgw_status status;

    llmgw__body_init(&body, 0);
    llmgw__buf_init(&buf, 0);
    if (segmented)
        llmgw__jsonw_body(&w, &body);
    else
        llmgw__jsonw_init(&w, &buf);
    write_request(&w, big);
    status = segmented ? llmgw__body_finish(&body) : buf.status;
    llmgw__body_clear(&body);
    llmgw__buf_clear(&buf);
    return status;
}

static void survives_every_failed_allocation(void **state)
{
    char big[2000];

    (void)state;
    memset(big, 'b', sizeof big);
    for (int segmented = 0; segmented < 2; segmented++) {
        llmgw_status status = LLMGW_E_NOMEM;
        int nth = 0;

        for (; status == LLMGW_E_NOMEM; nth++) {
            fail_allocation(nth);
            status = write_once(segmented, llmgw__str_n(big, sizeof big));
            allow_allocations();
        }
        assert_int_equal(status, LLMGW_OK);
        assert_true(nth > 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(puts_commas_between_values),
        cmocka_unit_test(writes_members_of_every_kind),
        cmocka_unit_test(escapes_what_must_be_and_nothing_else),
        cmocka_unit_test(an_empty_string_is_written_for_no_text),
        cmocka_unit_test(joins_pieces_into_one_string),
        cmocka_unit_test(any_bytes_come_back_as_they_were),
        cmocka_unit_test(a_copied_document_is_the_same_document),
        cmocka_unit_test(a_limit_sticks),
        cmocka_unit_test(a_body_refers_to_large_text_and_reads_the_same),
        cmocka_unit_test(a_body_refers_to_the_runs_between_escapes),
        cmocka_unit_test(survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
