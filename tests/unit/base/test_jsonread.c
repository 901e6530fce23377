/* Pull reader: what it takes, what it hands out, where it stops. */
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
#include "base/jsonread.h"
#include "base/text.h"
#include "support/alloc.h"
#include "support/json_cases.h"

static bool skips_whole(const char *text, size_t len)
{
    char *copy = exact_copy(text, len);
    struct llmgw__json json;
    bool whole;

    llmgw__json_init(&json, llmgw__str_n(copy, len));
    llmgw__json_skip(&json);
    whole = llmgw__json_end(&json);
    free(copy);
    return whole;
}

/* Read a value by the call its type asks for, down to the leaves. */
static void walk(struct llmgw__json *json)
{
    enum llmgw__json_type type = llmgw__json_peek(json);
    struct llmgw__jstr string;
    llmgw_str text;
    int64_t integer;
    bool truth;

    if (type == LLMGW__JSON_OBJECT && llmgw__json_object(json))
        while (llmgw__json_key(json, &text))
            walk(json);
    else if (type == LLMGW__JSON_ARRAY && llmgw__json_array(json))
        while (llmgw__json_item(json))
            walk(json);
    else if (type == LLMGW__JSON_STRING)
        llmgw__json_string(json, &string);
    else if (type == LLMGW__JSON_NUMBER)
        llmgw__json_int64(json, &integer);
    else if (type == LLMGW__JSON_BOOL)
        llmgw__json_bool(json, &truth);
    else
        llmgw__json_skip(json);
}

static bool walks_whole(const char *text, size_t len)
{
    char *copy = exact_copy(text, len);
    struct llmgw__json json;
    bool whole;

    llmgw__json_init(&json, llmgw__str_n(copy, len));
    walk(&json);
    whole = llmgw__json_end(&json);
    free(copy);
    return whole;
}

static struct llmgw__json reader_of(const char *text)
{
    struct llmgw__json json;

    llmgw__json_init(&json, llmgw__str(text));
    return json;
}

static void takes_and_refuses_what_the_table_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < json_case_count; i++) {
        const struct json_case *it = &json_cases[i];

        if (skips_whole(it->text, it->len) != it->valid ||
            walks_whole(it->text, it->len) != it->valid)
            fail_msg("case %zu: %.*s", i, (int)it->len, it->text);
    }
}

static void refuses_a_document_cut_anywhere(void **state)
{
    size_t len = strlen(json_sample);

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        assert_false(skips_whole(json_sample, cut));
        assert_false(walks_whole(json_sample, cut));
    }
    assert_true(skips_whole(json_sample, len));
    assert_true(walks_whole(json_sample, len));
}

/* The chunk as a decoder reads it. */
static void hands_out_the_members_of_a_chunk(void **state)
{
    struct llmgw__json json = reader_of(json_sample);
    struct llmgw__jstr id = {0}, content = {0}, finish = {"-", 1, true};
    int64_t created = 0, keys = 0, choices = 0;
    llmgw_str key;

    (void)state;
    assert_true(llmgw__json_object(&json));
    while (llmgw__json_key(&json, &key)) {
        keys++;
        if (llmgw__str_is(key, "id")) {
            assert_true(llmgw__json_string(&json, &id));
        } else if (llmgw__str_is(key, "created")) {
            assert_true(llmgw__json_int64(&json, &created));
        } else if (llmgw__str_is(key, "choices")) {
            assert_true(llmgw__json_array(&json));
            while (llmgw__json_item(&json)) {
                choices++;
                assert_true(llmgw__json_object(&json));
                while (llmgw__json_key(&json, &key))
                    if (llmgw__str_is(key, "finish_reason"))
                        assert_false(llmgw__json_string(&json, &finish));
                    else if (!llmgw__str_is(key, "delta") || choices > 1)
                        llmgw__json_skip(&json);
                    else if (llmgw__json_object(&json))
                        while (llmgw__json_key(&json, &key))
                            llmgw__json_string(&json, &content);
            }
        } else {
            llmgw__json_skip(&json);
        }
    }
    assert_true(llmgw__json_end(&json));
    assert_true(llmgw__jstr_is(id, "chatcmpl-AAA1"));
    assert_false(id.escaped);
    assert_int_equal(created, 1770933892);
    assert_int_equal(keys, 15);
    assert_int_equal(choices, 2);
    assert_true(content.escaped);
    assert_memory_equal(content.data, "Hi \\\"you", 8);
    assert_string_equal(finish.data, "-"); /* null leaves it alone */
}

static void a_typed_read_skips_a_value_of_another_type(void **state)
{
    static const char *const values[] = {"null",     "true",    "-1.5e3",
                                         "\"text\"", "[1,[2]]", "{\"b\":[]}",
                                         "[]",       "{}"};
    enum {
        OBJECT = 1,
        ARRAY = 2,
        STRING = 4,
        NUMBER = 8,
        BOOL = 16
    };
    static const int fits[] = {0,     BOOL,   NUMBER, STRING,
                               ARRAY, OBJECT, ARRAY,  OBJECT};
    char text[64];

    (void)state;
    for (size_t i = 0; i < 8; i++)
        for (int read = OBJECT; read <= BOOL; read *= 2) {
            struct llmgw__jstr string = {"-", 1, false};
            llmgw_str number = {"-", 1};
            bool truth = false, done;
            int64_t after = 0;
            struct llmgw__json json;

            snprintf(text, sizeof text, "[ %s ,7]", values[i]);
            json = reader_of(text);
            assert_true(llmgw__json_array(&json));
            assert_true(llmgw__json_item(&json));
            done = read == OBJECT   ? llmgw__json_object(&json)
                   : read == ARRAY  ? llmgw__json_array(&json)
                   : read == STRING ? llmgw__json_string(&json, &string)
                   : read == NUMBER ? llmgw__json_number(&json, &number)
                                    : llmgw__json_bool(&json, &truth);
            assert_int_equal(done, fits[i] == read);
            if (done && read <= ARRAY)
                continue;
            assert_int_equal(string.data[0] == '-', read != STRING || !done);
            assert_int_equal(number.len == 1, read != NUMBER || !done);
            assert_int_equal(truth, read == BOOL && done);
            assert_true(llmgw__json_item(&json));
            assert_true(llmgw__json_int64(&json, &after));
            assert_int_equal(after, 7);
            assert_false(llmgw__json_item(&json));
            assert_true(llmgw__json_end(&json));
        }
}

static void peek_tells_the_type_and_consumes_nothing(void **state)
{
    static const struct {
        const char *text;
        enum llmgw__json_type type;
    } cases[] = {{" {}", LLMGW__JSON_OBJECT},    {"[]", LLMGW__JSON_ARRAY},
                 {"\n\"\"", LLMGW__JSON_STRING}, {"-1", LLMGW__JSON_NUMBER},
                 {"0", LLMGW__JSON_NUMBER},      {"9", LLMGW__JSON_NUMBER},
                 {"true", LLMGW__JSON_BOOL},     {"false", LLMGW__JSON_BOOL},
                 {"null", LLMGW__JSON_NULL},     {"", LLMGW__JSON_NONE},
                 {" ", LLMGW__JSON_NONE},        {"}", LLMGW__JSON_NONE},
                 {"x", LLMGW__JSON_NONE}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__json json = reader_of(cases[i].text);

        assert_int_equal(llmgw__json_peek(&json), cases[i].type);
        assert_int_equal(llmgw__json_peek(&json), cases[i].type);
        llmgw__json_skip(&json);
        assert_int_equal(llmgw__json_end(&json),
                         cases[i].type != LLMGW__JSON_NONE);
    }
}

static void integers_end_where_the_number_ends(void **state)
{
    struct llmgw__json json = reader_of("[12,-3 ,0,{\"a\":45},1.0]");
    static const int64_t expected[] = {12, -3, 0, 45, 1};
    llmgw_str key;

    (void)state;
    assert_true(llmgw__json_array(&json));
    for (size_t i = 0; i < 5; i++) {
        int64_t value = -1;

        assert_true(llmgw__json_item(&json));
        if (i == 3)
            assert_true(llmgw__json_object(&json) &&
                        llmgw__json_key(&json, &key));
        assert_true(llmgw__json_int64(&json, &value));
        assert_int_equal(value, expected[i]);
        if (i == 3)
            assert_false(llmgw__json_key(&json, &key));
    }
    assert_false(llmgw__json_item(&json));
    assert_true(llmgw__json_end(&json));
}

/* `depth` opening brackets in turn, and the closing ones. */
static size_t nest(char *text, size_t depth)
{
    char *at = text;

    for (size_t i = 0; i < depth; i++)
        if (i % 2) {
            memcpy(at, "{\"a\":", 5);
            at += 5;
        } else {
            *at++ = '[';
        }
    *at++ = '1';
    for (size_t i = depth; i-- > 0;)
        *at++ = i % 2 ? '}' : ']';
    return (size_t)(at - text);
}

static void nests_as_deep_as_the_limit_and_no_deeper(void **state)
{
    char text[(LLMGW__JSON_MAX_DEPTH + 1) * 8];
    size_t len = nest(text, LLMGW__JSON_MAX_DEPTH);

    (void)state;
    assert_true(skips_whole(text, len));
    assert_true(walks_whole(text, len));
    len = nest(text, LLMGW__JSON_MAX_DEPTH + 1);
    assert_false(skips_whole(text, len));
    assert_false(walks_whole(text, len));
}

static void depth_counts_on_when_the_rest_is_skipped(void **state)
{
    char text[(LLMGW__JSON_MAX_DEPTH + 1) * 8];

    (void)state;
    for (size_t depth = 100; depth <= LLMGW__JSON_MAX_DEPTH + 1; depth++) {
        size_t len = nest(text, depth);
        struct llmgw__json json;
        llmgw_str key;

        llmgw__json_init(&json, llmgw__str_n(text, len));
        for (size_t i = 0; i < 99; i++)
            if (i % 2)
                assert_true(llmgw__json_object(&json) &&
                            llmgw__json_key(&json, &key));
            else
                assert_true(llmgw__json_array(&json) &&
                            llmgw__json_item(&json));
        llmgw__json_skip(&json);
        for (size_t i = 99; i-- > 0;)
            assert_false(i % 2 ? llmgw__json_key(&json, &key)
                               : llmgw__json_item(&json));
        assert_int_equal(llmgw__json_end(&json),
                         depth <= LLMGW__JSON_MAX_DEPTH);
    }
}

static void once_broken_everything_answers_false(void **state)
{
    struct llmgw__json json = reader_of("{\"a\":1 \"b\":\"c\",\"d\":[1]}");
    struct llmgw__jstr string;
    llmgw_str key;
    int64_t value = 0;
    bool truth;

    (void)state;
    assert_true(llmgw__json_object(&json));
    assert_true(llmgw__json_key(&json, &key));
    assert_true(llmgw__json_int64(&json, &value));
    for (int again = 0; again < 2; again++) {
        assert_false(llmgw__json_key(&json, &key));
        assert_false(llmgw__json_string(&json, &string));
        assert_false(llmgw__json_int64(&json, &value));
        assert_false(llmgw__json_bool(&json, &truth));
        assert_false(llmgw__json_object(&json));
        assert_false(llmgw__json_array(&json));
        assert_false(llmgw__json_item(&json));
        assert_int_equal(llmgw__json_raw(&json).len, 0);
        assert_int_equal(llmgw__json_peek(&json), LLMGW__JSON_NONE);
        assert_false(llmgw__json_end(&json));
    }
}

static void a_container_is_not_closed_by_the_other_bracket(void **state)
{
    struct llmgw__json json = reader_of("[}");
    llmgw_str key;

    (void)state;
    assert_true(llmgw__json_array(&json));
    if (llmgw__json_item(&json)) /* something stands there, but no value */
        llmgw__json_skip(&json);
    assert_false(llmgw__json_item(&json));
    assert_false(llmgw__json_end(&json));
    json = reader_of("{]");
    assert_true(llmgw__json_object(&json));
    assert_false(llmgw__json_key(&json, &key));
    assert_false(llmgw__json_end(&json));
}

static void no_element_stands_after_a_trailing_comma(void **state)
{
    struct llmgw__json json = reader_of("[1, ]");
    int64_t value;

    (void)state;
    assert_true(llmgw__json_array(&json));
    assert_true(llmgw__json_item(&json));
    assert_true(llmgw__json_int64(&json, &value));
    assert_false(llmgw__json_item(&json));
    assert_false(llmgw__json_end(&json));
}

static void it_is_not_the_end_while_something_is_open(void **state)
{
    struct llmgw__json json = reader_of("[");

    (void)state;
    assert_true(llmgw__json_array(&json));
    assert_false(llmgw__json_end(&json));
}

static void raw_hands_out_the_bytes_of_a_value(void **state)
{
    struct llmgw__json json =
        reader_of("{\"a\": {\"b\": [1, \"]\"]} ,\"c\":\"x\\\"y\",\"d\":1.50}");
    static const char *const expected[] = {"{\"b\": [1, \"]\"]}", "\"x\\\"y\"",
                                           "1.50"};
    llmgw_str key;

    (void)state;
    assert_true(llmgw__json_object(&json));
    for (size_t i = 0; i < 3; i++) {
        assert_true(llmgw__json_key(&json, &key));
        assert_true(llmgw__str_is(llmgw__json_raw(&json), expected[i]));
    }
    assert_false(llmgw__json_key(&json, &key));
    assert_true(llmgw__json_end(&json));
}

/* Every length of string, behind every length of what comes before. */
static void finds_the_end_of_a_string_wherever_blocks_end(void **state)
{
    static const char ends[] = {'"', '\\', '\n', '\x1f', '\0'};
    char text[512];

    (void)state;
    for (size_t before = 0; before < 70; before++)
        for (size_t len = 0; len < 140; len++)
            for (size_t end = 0; end < sizeof ends; end++) {
                size_t size = before + len + 4;
                struct llmgw__jstr out = {0};
                struct llmgw__json json;
                char *copy;
                bool read;

                memset(text, ' ', before);
                memset(text + before, 'x', len + 3);
                text[before] = '"';
                text[before + 1 + len] = ends[end];
                text[before + 2 + len] = ends[end] == '\\' ? 'n' : '"';
                text[before + 3 + len] = ends[end] == '"' ? ' ' : '"';
                size -= end == 0 ? 2 : 0; /* ends with the closing quote */
                copy = exact_copy(text, size);
                llmgw__json_init(&json, llmgw__str_n(copy, size));
                read = llmgw__json_string(&json, &out);
                assert_int_equal(read, end < 2);
                assert_true(!read || (out.data == copy + before + 1 &&
                                      out.len == len + (end == 1 ? 2 : 0) &&
                                      out.escaped == (end == 1)));
                assert_int_equal(llmgw__json_end(&json), end < 2);
                free(copy);
            }
}

static void goes_on_after_long_stretches_without_strings(void **state)
{
    char text[700];
    struct llmgw__json json;
    struct llmgw__jstr out;

    (void)state;
    for (size_t blanks = 0; blanks < 600; blanks++) {
        int len =
            snprintf(text, sizeof text, "[\"a\",%*s\"bc\"]", (int)blanks, "");
        char *copy = exact_copy(text, (size_t)len);

        llmgw__json_init(&json, llmgw__str_n(copy, (size_t)len));
        assert_true(llmgw__json_array(&json) && llmgw__json_item(&json));
        assert_true(llmgw__json_string(&json, &out));
        assert_true(llmgw__json_item(&json));
        assert_true(llmgw__json_string(&json, &out));
        assert_true(llmgw__jstr_is(out, "bc"));
        assert_false(llmgw__json_item(&json));
        assert_true(llmgw__json_end(&json));
        free(copy);
    }
}

static void reading_allocates_nothing(void **state)
{
    struct llmgw__json json = reader_of(json_sample);
    size_t before = allocation_count();

    (void)state;
    walk(&json);
    assert_true(llmgw__json_end(&json));
    assert_int_equal(allocation_count(), before);
}

static void same_string(struct llmgw__jstr raw, const char *expected)
{
    struct llmgw__arena arena;
    llmgw_str text;

    llmgw__arena_init(&arena, 0, 0);
    assert_int_equal(llmgw__jstr_text(raw, &arena, &text), LLMGW_OK);
    assert_int_equal(text.len, strlen(expected));
    assert_memory_equal(text.data, expected, text.len);
    llmgw__arena_clear(&arena);
}

static struct llmgw__jstr key_string(llmgw_str key)
{
    return llmgw__jstr(key,
                       key.len > 0 && memchr(key.data, '\\', key.len) != NULL);
}

/* The reader's value and cJSON's are one and the same. */
static void same_value(struct llmgw__json *json, const cJSON *other)
{
    const cJSON *child = other->child;
    struct llmgw__jstr string;
    llmgw_str text;
    bool truth = false;

    if (cJSON_IsObject(other)) {
        assert_true(llmgw__json_object(json));
        for (; llmgw__json_key(json, &text); child = child->next) {
            assert_non_null(child);
            same_string(key_string(text), child->string);
            same_value(json, child);
        }
        assert_null(child);
    } else if (cJSON_IsArray(other)) {
        assert_true(llmgw__json_array(json));
        for (; llmgw__json_item(json); child = child->next)
            same_value(json, child);
        assert_null(child);
    } else if (cJSON_IsString(other)) {
        assert_true(llmgw__json_string(json, &string));
        same_string(string, other->valuestring);
    } else if (cJSON_IsNumber(other)) {
        assert_true(llmgw__json_number(json, &text));
        assert_true(strtod(text.data, NULL) == other->valuedouble);
    } else if (cJSON_IsBool(other)) {
        assert_true(llmgw__json_bool(json, &truth));
        assert_int_equal(truth, cJSON_IsTrue(other));
    } else {
        assert_int_equal(llmgw__json_peek(json), LLMGW__JSON_NULL);
        llmgw__json_skip(json);
    }
}

static void a_text_of_4_gib_reads_as_broken(void **state)
{
    static const char text[] = "\"a\"";
    struct llmgw__jstr string = {NULL, 0, false};
    struct llmgw__json json;

    (void)state;
    llmgw__json_init(&json, llmgw__str_n(text, UINT32_MAX));
    assert_false(llmgw__json_string(&json, &string));
    assert_false(llmgw__json_end(&json));
    assert_null(string.data);
}

static void reads_what_cjson_reads(void **state)
{
    char text[4096];

    (void)state;
    for (uint64_t seed = 1; seed <= 1000; seed++) {
        struct json_random random = {seed};
        size_t len = json_generate(&random, text, sizeof text);
        cJSON *other = cJSON_ParseWithLength(text, len);
        struct llmgw__json json;

        assert_non_null(other);
        llmgw__json_init(&json, llmgw__str_n(text, len));
        same_value(&json, other);
        assert_true(llmgw__json_end(&json));
        assert_true(skips_whole(text, len));
        cJSON_Delete(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_and_refuses_what_the_table_says),
        cmocka_unit_test(refuses_a_document_cut_anywhere),
        cmocka_unit_test(hands_out_the_members_of_a_chunk),
        cmocka_unit_test(a_typed_read_skips_a_value_of_another_type),
        cmocka_unit_test(peek_tells_the_type_and_consumes_nothing),
        cmocka_unit_test(integers_end_where_the_number_ends),
        cmocka_unit_test(nests_as_deep_as_the_limit_and_no_deeper),
        cmocka_unit_test(depth_counts_on_when_the_rest_is_skipped),
        cmocka_unit_test(once_broken_everything_answers_false),
        cmocka_unit_test(a_container_is_not_closed_by_the_other_bracket),
        cmocka_unit_test(no_element_stands_after_a_trailing_comma),
        cmocka_unit_test(it_is_not_the_end_while_something_is_open),
        cmocka_unit_test(raw_hands_out_the_bytes_of_a_value),
        cmocka_unit_test(finds_the_end_of_a_string_wherever_blocks_end),
        cmocka_unit_test(goes_on_after_long_stretches_without_strings),
        cmocka_unit_test(reading_allocates_nothing),
        cmocka_unit_test(a_text_of_4_gib_reads_as_broken),
        cmocka_unit_test(reads_what_cjson_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
