/* Typed reads over small documents, and what is said of mistakes. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/text.h"

static struct llmgw__json_fault fault;
static cJSON *root;

static struct llmgw__json_at parse(const char *text)
{
    root = llmgw__json_parse(llmgw__str(text), &fault);
    if (!root)
        fail_msg("%s: %s", text, fault.message);
    return llmgw__json_root(root, &fault);
}

static void assert_refused(const char *path, const char *message)
{
    assert_string_equal(fault.message, message);
    assert_string_equal(fault.path, path);
    memset(&fault, 0, sizeof fault);
}

static int forget(void **state)
{
    (void)state;
    cJSON_Delete(root);
    root = NULL;
    memset(&fault, 0, sizeof fault);
    return 0;
}

static void values_of_the_right_type_are_read(void **state)
{
    struct llmgw__json_at at =
        parse("{\"name\": \"fast\", \"most\": 4294967295, \"on\": true,"
              " \"off\": false, \"list\": [10, 20, 30], \"map\": {}}");
    struct llmgw__json_at member = llmgw__json_member(&at, "name");
    struct llmgw__json_at element;
    const char *name = NULL;
    uint32_t number = 0;
    bool flag = false;

    (void)state;
    assert_true(llmgw__json_get_string(&member, &name));
    assert_string_equal(name, "fast");
    member = llmgw__json_member(&at, "most");
    assert_true(llmgw__json_get_uint32(&member, UINT32_MAX, &number));
    assert_true(number == UINT32_MAX);
    member = llmgw__json_member(&at, "on");
    assert_true(llmgw__json_get_bool(&member, &flag));
    assert_true(flag);
    member = llmgw__json_member(&at, "off");
    assert_true(llmgw__json_get_bool(&member, &flag));
    assert_false(flag);
    member = llmgw__json_member(&at, "list");
    assert_true(llmgw__json_get_array(&member));
    assert_int_equal(llmgw__json_size(&member), 3);
    element = llmgw__json_element(&member, 2);
    assert_true(llmgw__json_get_uint32(&element, 30, &number));
    assert_int_equal(number, 30);
    member = llmgw__json_member(&at, "map");
    assert_true(llmgw__json_get_object(&member));
    assert_int_equal(llmgw__json_size(&member), 0);
    assert_int_equal(llmgw__json_size(&at), 6);
    assert_refused("", "");
}

static void what_is_absent_leaves_the_default(void **state)
{
    struct llmgw__json_at at = parse("{\"list\": [1]}");
    struct llmgw__json_at absent = llmgw__json_member(&at, "nothing");
    struct llmgw__json_at below = llmgw__json_member(&absent, "below");
    struct llmgw__json_at list = llmgw__json_member(&at, "list");
    const char *name = "default";
    uint32_t number = 7;
    bool flag = true;

    (void)state;
    assert_true(llmgw__json_get_string(&absent, &name));
    assert_true(llmgw__json_get_uint32(&absent, 1, &number));
    assert_true(llmgw__json_get_bool(&below, &flag));
    assert_true(llmgw__json_get_object(&absent));
    assert_true(llmgw__json_get_array(&absent));
    assert_true(llmgw__json_known(&absent, (const char *const[]){NULL}));
    assert_int_equal(llmgw__json_size(&absent), 0);
    assert_null(llmgw__json_element(&list, 1).value);
    assert_null(llmgw__json_element(&list, -1).value);
    assert_null(llmgw__json_element(&absent, 0).value);
    assert_string_equal(name, "default");
    assert_int_equal(number, 7);
    assert_true(flag);
    assert_refused("", "");
}

static void members_are_told_apart_by_case(void **state)
{
    struct llmgw__json_at at = parse("{\"Name\": 1}");

    (void)state;
    assert_null(llmgw__json_member(&at, "name").value);
    assert_non_null(llmgw__json_member(&at, "Name").value);
}

static void a_wrong_type_is_refused_with_its_path(void **state)
{
    struct llmgw__json_at at = parse(
        "{\"routes\": {\"fast\": {\"targets\": [\"a\", 5, [true, null]]}}}");
    struct llmgw__json_at routes = llmgw__json_member(&at, "routes");
    struct llmgw__json_at fast = llmgw__json_member(&routes, "fast");
    struct llmgw__json_at targets = llmgw__json_member(&fast, "targets");
    struct llmgw__json_at second = llmgw__json_element(&targets, 1);
    struct llmgw__json_at third = llmgw__json_element(&targets, 2);
    struct llmgw__json_at flag = llmgw__json_element(&third, 0);
    struct llmgw__json_at null = llmgw__json_element(&third, 1);
    const char *name = "kept";
    uint32_t number = 3;
    bool on = true;

    (void)state;
    assert_false(llmgw__json_get_string(&second, &name));
    assert_refused("routes.fast.targets[1]",
                   "expected a string, found a number");
    assert_false(llmgw__json_get_uint32(&null, 9, &number));
    assert_refused("routes.fast.targets[2][1]",
                   "expected an integer, found null");
    assert_false(llmgw__json_get_bool(&second, &on));
    assert_refused("routes.fast.targets[1]",
                   "expected true or false, found a number");
    assert_false(llmgw__json_get_object(&third));
    assert_refused("routes.fast.targets[2]",
                   "expected an object, found an array");
    assert_false(llmgw__json_get_array(&at));
    assert_refused("", "expected an array, found an object");
    assert_null(llmgw__json_member(&flag, "x").value);
    assert_refused("routes.fast.targets[2][0]",
                   "expected an object, found true");
    assert_null(llmgw__json_element(&fast, 0).value);
    assert_refused("routes.fast", "expected an array, found an object");
    assert_string_equal(name, "kept");
    assert_int_equal(number, 3);
    assert_true(on);
}

static void integers_are_exact_and_within_range(void **state)
{
    static const char *const bad[] = {"[-1]",    "[1.5]",  "[4294967296]",
                                      "[1e300]", "[-0.1]", "[1001]"};
    static const struct {
        const char *text;
        uint32_t value;
    } good[] = {{"[0]", 0}, {"[1000]", 1000}, {"[1e2]", 100}, {"[7.0]", 7}};
    uint32_t number;

    (void)state;
    for (size_t at = 0; at < sizeof bad / sizeof bad[0]; at++) {
        struct llmgw__json_at list = parse(bad[at]);
        struct llmgw__json_at element = llmgw__json_element(&list, 0);

        assert_false(llmgw__json_get_uint32(&element, 1000, &number));
        assert_refused("[0]", "expected an integer from 0 to 1000");
        forget(NULL);
    }
    for (size_t at = 0; at < sizeof good / sizeof good[0]; at++) {
        struct llmgw__json_at list = parse(good[at].text);
        struct llmgw__json_at element = llmgw__json_element(&list, 0);

        assert_true(llmgw__json_get_uint32(&element, 1000, &number));
        assert_int_equal(number, good[at].value);
        forget(NULL);
    }
}

static void the_first_mistake_stays(void **state)
{
    struct llmgw__json_at at = parse("{\"a\": 1, \"b\": 2}");
    struct llmgw__json_at a = llmgw__json_member(&at, "a");
    struct llmgw__json_at b = llmgw__json_member(&at, "b");

    (void)state;
    assert_false(llmgw__json_refuse(&a, "no such route"));
    assert_false(llmgw__json_refuse(&b, "another"));
    assert_refused("a", "no such route");
}

static void unknown_and_repeated_members_are_refused(void **state)
{
    static const char *const names[] = {"a", "b", NULL};
    struct llmgw__json_at at = parse("{\"x\": {\"a\": 1, \"b\": 2, \"A\": 3},"
                                     " \"y\": {\"a\": 1, \"b\": 2, \"a\": 3},"
                                     " \"z\": {\"b\": 1}, \"n\": 5}");
    struct llmgw__json_at x = llmgw__json_member(&at, "x");
    struct llmgw__json_at y = llmgw__json_member(&at, "y");
    struct llmgw__json_at z = llmgw__json_member(&at, "z");
    struct llmgw__json_at n = llmgw__json_member(&at, "n");

    (void)state;
    assert_true(llmgw__json_known(&z, names));
    assert_false(llmgw__json_known(&x, names));
    assert_refused("x.A", "unknown member");
    assert_false(llmgw__json_known(&y, names));
    assert_refused("y.a", "member given twice");
    assert_false(llmgw__json_known(&n, names));
    assert_refused("n", "expected an object, found a number");
}

static void mistakes_in_the_text_have_line_and_column(void **state)
{
    static const struct {
        const char *text;
        const char *message;
    } bad[] = {
        {"", "line 1, column 1: empty text, not JSON"},
        {"x", "line 1, column 1: not JSON"},
        {"{\n  \"a\": x\n}", "line 2, column 8: not JSON"},
        {"{\n  \"\xC3\xA9\": x\n}", "line 2, column 8: not JSON"},
        {"[1, 2,\n\n]", "line 3, column 1: not JSON"},
        {"{} x", "line 1, column 4: more text after the JSON value"},
        {"{}\n{}", "line 2, column 1: more text after the JSON value"},
        {"1 2", "line 1, column 3: more text after the JSON value"},
        {"[\"a\xFF\"]", "line 1, column 4: not UTF-8"},
        {"[1,\n \"a\\u0000b\"]", "line 2, column 4: zero byte"},
    };

    (void)state;
    for (size_t at = 0; at < sizeof bad / sizeof bad[0]; at++) {
        assert_null(llmgw__json_parse(llmgw__str(bad[at].text), &fault));
        assert_false(fault.nomem);
        assert_refused("", bad[at].message);
    }
    assert_null(llmgw__json_parse(LLMGW__LIT("{}\0"), &fault));
    assert_refused("", "line 1, column 3: zero byte");
}

static void what_is_json_is_taken(void **state)
{
    static const char *const good[] = {"{}",
                                       " [ ] \r\n\t",
                                       "null",
                                       "\"\\\\u0000\"",
                                       "\"\\\\\\\\u0000\"",
                                       "\"\xF0\x9F\x98\x80\"",
                                       "\xEF\xBB\xBF{}"};

    (void)state;
    for (size_t at = 0; at < sizeof good / sizeof good[0]; at++) {
        parse(good[at]);
        forget(NULL);
    }
}

/* Each in memory of its exact size: a read past the end is seen. */
static void a_document_cut_short_is_refused(void **state)
{
    const char *whole = "{\"a\": [1, \"x\\n\", true, {\"b\": null}]}";

    (void)state;
    for (size_t len = 0; len < strlen(whole); len++) {
        char *copy = malloc(len ? len : 1);

        assert_non_null(copy);
        memcpy(copy, whole, len);
        assert_null(llmgw__json_parse(llmgw__str_n(copy, len), &fault));
        assert_string_not_equal(fault.message, "");
        free(copy);
    }
}

static void long_paths_and_messages_are_cut_between_characters(void **state)
{
    char key[400];
    struct llmgw__json_at at;
    struct llmgw__json_at member;

    (void)state;
    for (size_t i = 0; i + 1 < sizeof key; i += 2)
        memcpy(key + i, "\xC3\xA9", 2);
    key[398] = '\0';
    at = parse("{}");
    member = llmgw__json_member(&at, key);
    llmgw__json_refuse(&member, key);
    assert_int_equal(strlen(fault.path), 190); /* 191 would be half of one */
    assert_int_equal(strlen(fault.message), 254);
    assert_int_equal(llmgw__utf8_valid(llmgw__str(fault.path)), 190);
    assert_int_equal(llmgw__utf8_valid(llmgw__str(fault.message)), 254);
}

static void messages_stay_on_one_line(void **state)
{
    struct llmgw__json_at at = parse("{\"a\\nb\": 1}");

    (void)state;
    llmgw__json_known(&at, (const char *const[]){NULL});
    assert_refused("a?b", "unknown member");
}

static int allocations_left;

static void *scarce_malloc(size_t size)
{
    if (allocations_left-- <= 0) {
        errno = ENOMEM;
        return NULL;
    }
    return malloc(size);
}

static void no_memory_is_told_apart_from_mistakes(void **state)
{
    cJSON_Hooks scarce = {scarce_malloc, free};
    int most = 0;

    (void)state;
    cJSON_InitHooks(&scarce);
    for (; !root; most++) {
        allocations_left = most;
        root = llmgw__json_parse(LLMGW__LIT("{\"a\": [1, \"b\"]}"), &fault);
        if (!root) {
            assert_true(fault.nomem);
            assert_refused("", "no memory");
        }
    }
    allocations_left = 100;
    assert_null(llmgw__json_parse(LLMGW__LIT("{\"a\": }"), &fault));
    cJSON_InitHooks(NULL);
    assert_false(fault.nomem);
    assert_true(most > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(values_of_the_right_type_are_read, forget),
        cmocka_unit_test_teardown(what_is_absent_leaves_the_default, forget),
        cmocka_unit_test_teardown(members_are_told_apart_by_case, forget),
        cmocka_unit_test_teardown(a_wrong_type_is_refused_with_its_path,
                                  forget),
        cmocka_unit_test_teardown(integers_are_exact_and_within_range, forget),
        cmocka_unit_test_teardown(the_first_mistake_stays, forget),
        cmocka_unit_test_teardown(unknown_and_repeated_members_are_refused,
                                  forget),
        cmocka_unit_test_teardown(mistakes_in_the_text_have_line_and_column,
                                  forget),
        cmocka_unit_test_teardown(what_is_json_is_taken, forget),
        cmocka_unit_test_teardown(a_document_cut_short_is_refused, forget),
        cmocka_unit_test_teardown(
            long_paths_and_messages_are_cut_between_characters, forget),
        cmocka_unit_test_teardown(messages_stay_on_one_line, forget),
        cmocka_unit_test_teardown(no_memory_is_told_apart_from_mistakes,
                                  forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
