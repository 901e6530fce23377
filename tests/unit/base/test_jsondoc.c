/* Document: the flat index, its lookups, its refusals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "base/text.h"
#include "support/alloc.h"
#include "support/json_cases.h"

static llmgw_status parse(struct llmgw__jdoc *doc, const char *text,
                          unsigned flags)
{
    return llmgw__jdoc_parse(doc, llmgw__str(text), flags);
}

static bool indexes_whole(const char *text, size_t len)
{
    char *copy = exact_copy(text, len);
    struct llmgw__jdoc doc;
    llmgw_status status = llmgw__jdoc_parse(&doc, llmgw__str_n(copy, len), 0);

    if (status == LLMGW_OK) {
        assert_null(doc.error);
        assert_int_equal(doc.nodes[0].next, doc.count);
    } else {
        assert_int_equal(status, LLMGW_E_INVALID);
        assert_non_null(doc.error);
        assert_true(doc.error_at <= len);
        assert_null(doc.nodes);
    }
    llmgw__jdoc_clear(&doc);
    free(copy);
    return status == LLMGW_OK;
}

static bool skips_whole(const char *text, size_t len)
{
    struct llmgw__json json;

    llmgw__json_init(&json, llmgw__str_n(text, len));
    llmgw__json_skip(&json);
    return llmgw__json_end(&json);
}

static void takes_and_refuses_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < json_case_count; i++) {
        const struct json_case *it = &json_cases[i];

        if (indexes_whole(it->text, it->len) != it->valid)
            fail_msg("case %zu: %.*s", i, (int)it->len, it->text);
    }
}

static void refuses_a_document_cut_anywhere(void **state)
{
    size_t len = strlen(json_sample);

    (void)state;
    for (size_t cut = 0; cut < len; cut++)
        assert_false(indexes_whole(json_sample, cut));
    assert_true(indexes_whole(json_sample, len));
}

static void nests_as_deep_as_the_limit_and_no_deeper(void **state)
{
    char text[2 * LLMGW__JSON_MAX_DEPTH + 2];

    (void)state;
    memset(text, '[', LLMGW__JSON_MAX_DEPTH);
    memset(text + LLMGW__JSON_MAX_DEPTH, ']', LLMGW__JSON_MAX_DEPTH);
    assert_true(indexes_whole(text, 2 * LLMGW__JSON_MAX_DEPTH));
    memset(text, '[', LLMGW__JSON_MAX_DEPTH + 1);
    memset(text + LLMGW__JSON_MAX_DEPTH + 1, ']', LLMGW__JSON_MAX_DEPTH + 1);
    assert_false(indexes_whole(text, 2 * LLMGW__JSON_MAX_DEPTH + 2));
}

static void closed_containers_do_not_count_as_depth(void **state)
{
    char text[4 * 1000 + 3];
    size_t len = 1;

    (void)state;
    text[0] = '[';
    for (int i = 0; i < 1000; i++, len += 3)
        memcpy(text + len, i % 2 ? "{}," : "[],", 3);
    memcpy(text + len, "1]", 2);
    assert_true(indexes_whole(text, len + 2));
    assert_true(skips_whole(text, len + 2));
}

static void says_what_is_wrong_and_where(void **state)
{
    static const struct {
        const char *text;
        const char *error;
        size_t at;
    } cases[] = {{"", "unexpected end of the text", 0},
                 {"[1,", "unexpected end of the text", 3},
                 {"{\"a\"", "unexpected end of the text", 4},
                 {"[\"ab", "unexpected end of the text", 4},
                 {"[1] x", "text after the value", 4},
                 {"[x]", "value expected", 1},
                 {"[1,]", "value expected", 3},
                 {"[-]", "malformed number", 1},
                 {"[1.]", "malformed number", 1},
                 {"[01]", "comma or ] expected", 2},
                 {"[nil]", "unknown word", 1},
                 {"[\"a\\x\"]", "unknown escape in a string", 3},
                 {"[\"a\n\"]", "control character in a string", 3},
                 {"[1 2]", "comma or ] expected", 3},
                 {"{\"a\":1]", "comma or } expected", 6},
                 {"{1:2}", "member name expected", 1},
                 {"{\"a\":1,}", "member name expected", 7},
                 {"{\"a\" 1}", "colon expected", 5},
                 {"{\"a\":1,\"b\":2,\"\\u0061\":3}", "member named twice", 14},
                 {"[\"a\xff\"]", "invalid UTF-8", 3},
                 {"[\"\xc3\"]", "invalid UTF-8", 2},
                 {"[\"\xed\xa0\x80\"]", "invalid UTF-8", 2}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__jdoc doc;

        assert_int_equal(
            parse(&doc, cases[i].text, LLMGW__JDOC_UTF8 | LLMGW__JDOC_UNIQUE),
            LLMGW_E_INVALID);
        assert_string_equal(doc.error, cases[i].error);
        assert_int_equal(doc.error_at, cases[i].at);
        assert_int_equal(doc.count, 0);
        assert_int_equal(llmgw__jdoc_type(&doc, 0), LLMGW__JSON_NONE);
        llmgw__jdoc_clear(&doc);
    }
}

static void refuses_what_offsets_cannot_reach(void **state)
{
    static const char text[128] = "[]";
    struct llmgw__jdoc doc;

    (void)state;
    assert_int_equal(llmgw__jdoc_parse(&doc, llmgw__str_n(text, UINT32_MAX), 0),
                     LLMGW_E_INVALID);
    assert_string_equal(doc.error, "document longer than 4294967294 bytes");
}

static void finds_members_by_name(void **state)
{
    struct llmgw__jdoc doc;
    uint32_t usage, details;
    int64_t value = 0;
    bool truth = true;

    (void)state;
    assert_int_equal(
        parse(&doc,
              " { \"a\" : {\"b\":[1,{\"c\":false}],\"d\":\"x\"}, \"e\\n\" : -2,"
              "\"\":3, \"a\":9 } ",
              0),
        LLMGW_OK);
    assert_int_equal(llmgw__jdoc_type(&doc, 0), LLMGW__JSON_OBJECT);
    assert_int_equal(llmgw__jdoc_count(&doc, 0), 4);
    usage = llmgw__jdoc_get(&doc, 0, "a"); /* the first of two */
    assert_int_equal(llmgw__jdoc_type(&doc, usage), LLMGW__JSON_OBJECT);
    assert_int_equal(llmgw__jdoc_count(&doc, usage), 2);
    assert_true(llmgw__jstr_is(
        llmgw__jdoc_string(&doc, llmgw__jdoc_get(&doc, usage, "d")), "x"));
    assert_true(
        llmgw__jdoc_int64(&doc, llmgw__jdoc_get(&doc, 0, "e\n"), &value));
    assert_int_equal(value, -2);
    assert_true(llmgw__jdoc_int64(&doc, llmgw__jdoc_get(&doc, 0, ""), &value));
    assert_int_equal(value, 3);
    details = llmgw__jdoc_get(&doc, usage, "b");
    assert_int_equal(llmgw__jdoc_count(&doc, details), 2);
    details = llmgw__jdoc_next(&doc, details, llmgw__jdoc_first(&doc, details));
    assert_true(
        llmgw__jdoc_bool(&doc, llmgw__jdoc_get(&doc, details, "c"), &truth));
    assert_false(truth);
    assert_int_equal(llmgw__jdoc_get(&doc, 0, "b"), LLMGW__JNONE);
    assert_int_equal(llmgw__jdoc_get(&doc, usage, "c"), LLMGW__JNONE);
    llmgw__jdoc_clear(&doc);
}

static void walks_siblings_in_order(void **state)
{
    struct llmgw__jdoc doc;
    uint32_t at, inner;

    (void)state;
    assert_int_equal(parse(&doc, "[{\"k\":[1,2],\"l\":{}},[],\"s\"]", 0),
                     LLMGW_OK);
    at = llmgw__jdoc_first(&doc, 0);
    assert_int_equal(llmgw__jdoc_type(&doc, at), LLMGW__JSON_OBJECT);
    inner = llmgw__jdoc_first(&doc, at);
    assert_true(llmgw__jstr_is(llmgw__jdoc_string(&doc, inner), "k"));
    inner = llmgw__jdoc_next(&doc, at, inner);
    assert_int_equal(llmgw__jdoc_type(&doc, inner), LLMGW__JSON_ARRAY);
    inner = llmgw__jdoc_next(&doc, at, inner);
    assert_true(llmgw__jstr_is(llmgw__jdoc_string(&doc, inner), "l"));
    inner = llmgw__jdoc_next(&doc, at, inner);
    assert_int_equal(llmgw__jdoc_type(&doc, inner), LLMGW__JSON_OBJECT);
    assert_int_equal(llmgw__jdoc_next(&doc, at, inner), LLMGW__JNONE);
    at = llmgw__jdoc_next(&doc, 0, at);
    assert_int_equal(llmgw__jdoc_type(&doc, at), LLMGW__JSON_ARRAY);
    assert_int_equal(llmgw__jdoc_first(&doc, at), LLMGW__JNONE);
    at = llmgw__jdoc_next(&doc, 0, at);
    assert_true(llmgw__jstr_is(llmgw__jdoc_string(&doc, at), "s"));
    assert_int_equal(llmgw__jdoc_next(&doc, 0, at), LLMGW__JNONE);
    llmgw__jdoc_clear(&doc);
}

static void hands_out_the_bytes_of_every_value(void **state)
{
    static const char *const values[] = {"null",          "true", "-1.50e3",
                                         "\"a\\n\"",      "\"\"", "[ 1 , [] ]",
                                         "{ \"a\" : {} }"};
    char text[64];

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct llmgw__jdoc doc;

        snprintf(text, sizeof text, "[ 0, %s ]", values[i]);
        assert_int_equal(parse(&doc, text, 0), LLMGW_OK);
        assert_true(llmgw__str_is(llmgw__jdoc_raw(&doc, 2), values[i]));
        assert_true(llmgw__str_is(llmgw__jdoc_raw(&doc, 0), text));
        llmgw__jdoc_clear(&doc);
    }
}

static void nothing_is_answered_about_no_node(void **state)
{
    struct llmgw__jdoc doc;
    int64_t integer = 42;
    double number = 42;
    bool truth = true;

    (void)state;
    assert_int_equal(parse(&doc, "[\"x\",1.5,true]", 0), LLMGW_OK);
    for (uint32_t node = 0; node < 6; node++) {
        uint32_t it = node < 5 ? node : LLMGW__JNONE;

        assert_int_equal(llmgw__jdoc_get(&doc, it, "a"), LLMGW__JNONE);
        if (it != 0)
            assert_int_equal(llmgw__jdoc_first(&doc, it), LLMGW__JNONE);
        if (it != 1)
            assert_null(llmgw__jdoc_string(&doc, it).data);
        if (it != 2)
            assert_false(llmgw__jdoc_double(&doc, it, &number));
        if (it != 3)
            assert_false(llmgw__jdoc_bool(&doc, it, &truth));
        assert_false(llmgw__jdoc_int64(&doc, it, &integer));
    }
    for (uint32_t it = 4; it != 3; it = it == 4 ? LLMGW__JNONE : 3) {
        assert_int_equal(llmgw__jdoc_type(&doc, it), LLMGW__JSON_NONE);
        assert_int_equal(llmgw__jdoc_count(&doc, it), 0);
        assert_int_equal(llmgw__jdoc_raw(&doc, it).len, 0);
        assert_int_equal(llmgw__jdoc_next(&doc, 0, it), LLMGW__JNONE);
        assert_int_equal(llmgw__jdoc_next(&doc, it, 1), LLMGW__JNONE);
    }
    assert_int_equal(integer, 42);
    assert_true(number == 42 && truth);
    llmgw__jdoc_clear(&doc);
}

static void integers_follow_the_readers_rule(void **state)
{
    struct llmgw__jdoc doc;
    int64_t value = 42;

    (void)state;
    assert_int_equal(parse(&doc,
                           "[9223372036854775807,9223372036854775808,1.0,3e2,"
                           "12658879820317954000]",
                           0),
                     LLMGW_OK);
    assert_true(llmgw__jdoc_int64(&doc, 1, &value));
    assert_true(value == INT64_MAX);
    assert_false(llmgw__jdoc_int64(&doc, 2, &value));
    assert_true(llmgw__jdoc_int64(&doc, 3, &value));
    assert_int_equal(value, 1);
    assert_true(llmgw__jdoc_int64(&doc, 4, &value));
    assert_int_equal(value, 300);
    assert_false(llmgw__jdoc_int64(&doc, 5, &value));
    assert_true(
        llmgw__str_is(llmgw__jdoc_raw(&doc, 5), "12658879820317954000"));
    llmgw__jdoc_clear(&doc);
}

static void utf8_is_demanded_only_when_asked(void **state)
{
    struct llmgw__jdoc doc;

    (void)state;
    assert_int_equal(parse(&doc, "[\"\xff\"]", 0), LLMGW_OK);
    llmgw__jdoc_clear(&doc);
    assert_int_equal(parse(&doc, "[\"\xff\"]", LLMGW__JDOC_UTF8),
                     LLMGW_E_INVALID);
    assert_int_equal(
        parse(&doc, "[\"\xf0\x9f\x98\x80\xc3\xa9 \\ud83d\"]", LLMGW__JDOC_UTF8),
        LLMGW_OK);
    llmgw__jdoc_clear(&doc);
}

static void survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__jdoc doc;

        fail_allocation(nth);
        status =
            parse(&doc, json_sample, LLMGW__JDOC_UNIQUE | LLMGW__JDOC_UTF8);
        allow_allocations();
        assert_int_equal(doc.count > 0, status == LLMGW_OK);
        assert_null(doc.error);
        llmgw__jdoc_clear(&doc);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3); /* the nodes grew several times */
}

static void same_string(struct llmgw__jstr raw, const char *expected)
{
    struct llmgw__arena arena;
    llmgw_str text;

    assert_non_null(raw.data);
    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(llmgw__jstr_text(raw, &arena, &text), LLMGW_OK);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data, expected, text.len);
    llmgw__arena_clear(&arena);
}

static void same_value(const struct llmgw__jdoc *doc, uint32_t node,
                       const cJSON *other)
{
    uint32_t at = llmgw__jdoc_first(doc, node);
    const cJSON *child;
    bool truth = false;
    double number = 0;

    if (cJSON_IsString(other)) {
        same_string(llmgw__jdoc_string(doc, node), other->valuestring);
    } else if (cJSON_IsNumber(other)) {
        assert_true(llmgw__jdoc_double(doc, node, &number));
        assert_true(number == other->valuedouble);
    } else if (cJSON_IsBool(other)) {
        assert_true(llmgw__jdoc_bool(doc, node, &truth));
        assert_int_equal(truth, cJSON_IsTrue(other));
    } else if (cJSON_IsNull(other)) {
        assert_int_equal(llmgw__jdoc_type(doc, node), LLMGW__JSON_NULL);
    } else {
        assert_int_equal(llmgw__jdoc_count(doc, node),
                         cJSON_GetArraySize(other));
        cJSON_ArrayForEach(child, other)
        {
            if (cJSON_IsObject(other)) {
                same_string(llmgw__jdoc_string(doc, at), child->string);
                at = llmgw__jdoc_next(doc, node, at);
                assert_int_equal(llmgw__jdoc_get(doc, node, child->string), at);
            }
            same_value(doc, at, child);
            at = llmgw__jdoc_next(doc, node, at);
        }
        assert_int_equal(at, LLMGW__JNONE);
    }
}

static void indexes_what_cjson_reads(void **state)
{
    char text[4096];

    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct json_random random = {seed};
        size_t len = json_generate(&random, text, sizeof text);
        cJSON *other = cJSON_ParseWithLength(text, len);
        struct llmgw__jdoc doc;

        assert_non_null(other);
        assert_int_equal(
            llmgw__jdoc_parse(&doc, llmgw__str_n(text, len),
                              LLMGW__JDOC_UNIQUE | LLMGW__JDOC_UTF8),
            LLMGW_OK);
        same_value(&doc, 0, other);
        llmgw__jdoc_clear(&doc);
        cJSON_Delete(other);
    }
}

/* One byte changed, or the end cut off: both forms refuse the same, and what
 * they take, cJSON takes too (but for halves of surrogate pairs). */
static void agrees_with_the_reader_on_damaged_documents(void **state)
{
    static const char marks[] = "\"\\{}[]:,0-.e \nntf\x01x";
    char text[4096];
    int taken = 0, refused = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 5000; seed++) {
        struct json_random random = {seed};
        size_t len = json_generate(&random, text, sizeof text);
        size_t place = json_random_below(&random, (uint32_t)len);
        bool valid;

        if (seed % 4 == 0)
            len = place;
        else
            text[place] = marks[json_random_below(&random, sizeof marks - 1)];
        valid = indexes_whole(text, len);
        assert_int_equal(skips_whole(text, len), valid);
        if (valid && !strstr(text, "\\ud")) {
            cJSON *other = cJSON_ParseWithLength(text, len);

            assert_non_null(other);
            cJSON_Delete(other);
        }
        taken += valid;
        refused += !valid;
    }
    assert_true(taken > 100 && refused > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_and_refuses_what_the_table_says),
        cmocka_unit_test(refuses_a_document_cut_anywhere),
        cmocka_unit_test(nests_as_deep_as_the_limit_and_no_deeper),
        cmocka_unit_test(closed_containers_do_not_count_as_depth),
        cmocka_unit_test(says_what_is_wrong_and_where),
        cmocka_unit_test(refuses_what_offsets_cannot_reach),
        cmocka_unit_test(finds_members_by_name),
        cmocka_unit_test(walks_siblings_in_order),
        cmocka_unit_test(hands_out_the_bytes_of_every_value),
        cmocka_unit_test(nothing_is_answered_about_no_node),
        cmocka_unit_test(integers_follow_the_readers_rule),
        cmocka_unit_test(utf8_is_demanded_only_when_asked),
        cmocka_unit_test(survives_every_failed_allocation),
        cmocka_unit_test(indexes_what_cjson_reads),
        cmocka_unit_test(agrees_with_the_reader_on_damaged_documents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
