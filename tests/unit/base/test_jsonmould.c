/* Moulds: what fits is what a reader would have read the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonmould.h"
#include "base/jsonread.h"
#include "base/text.h"
#include "support/alloc.h"

static struct llmgw__arena arena;

static const char record[] = "{\"id\":\"a b\",\"pad\":\"xyz\",\"n\":17,"
                             "\"in\":[{\"text\":\"H\\u00e9llo\"}] } ";

/* Views of the three values in a record of that form, in no order. */
static void find_holes(llmgw_str text, llmgw_str holes[LLMGW__MOULD_HOLES])
{
    static const char *const keys[] = {"\"text\":\"", "\"pad\":\"", "\"n\":"};

    for (size_t i = 0; i < LLMGW__MOULD_HOLES; i++) {
        llmgw_str key = llmgw__str(keys[i]);
        size_t at = llmgw__str_find(text, key) + key.len;
        size_t end = at;

        while (text.data[end] != '"' && text.data[end] != ',')
            end++;
        holes[i] = llmgw__str_n(text.data + at, end - at);
    }
}

static llmgw_status take_record(struct llmgw__mould *mould, llmgw_str text)
{
    llmgw_str holes[LLMGW__MOULD_HOLES];

    find_holes(text, holes);
    return llmgw__mould_take(mould, &arena, text, holes, 2);
}

static int fits(struct llmgw__mould *mould, const char *text,
                struct llmgw__jstr values[LLMGW__MOULD_HOLES])
{
    /* in memory of its very length, so that a look past it is seen */
    size_t len = strlen(text);
    char *copy = malloc(len + !len);
    int answer;

    assert_non_null(copy);
    memcpy(copy, text, len);
    answer = llmgw__mould_fits(mould, llmgw__str_n(copy, len), values);
    for (size_t i = 0; answer && i < LLMGW__MOULD_HOLES; i++) {
        assert_in_range(values[i].data - copy, 0, len);
        values[i].data = text + (values[i].data - copy);
    }
    free(copy);
    return answer;
}

static void other_values_fit_and_are_told(void **state)
{
    struct llmgw__mould mould = {0};
    struct llmgw__jstr values[LLMGW__MOULD_HOLES];

    (void)state;
    assert_int_equal(fits(&mould, record, values), 0);
    take_record(&mould, llmgw__str(record));
    assert_int_equal(fits(&mould,
                          "{\"id\":\"a b\",\"pad\":\"\",\"n\":123456789012345,"
                          "\"in\":[{\"text\":\" w\xc3\xb6rld\"}]}",
                          values),
                     1);
    assert_true(llmgw__jstr_is(values[0], " w\xc3\xb6rld"));
    assert_true(llmgw__jstr_is(values[1], ""));
    assert_true(llmgw__jstr_is(values[2], "123456789012345"));
    assert_int_equal(fits(&mould,
                          "{\"id\":\"a b\",\"pad\":\"p\",\"n\":0,"
                          "\"in\":[{\"text\":\"\"}  ]    }   ",
                          values),
                     1);
    assert_true(llmgw__jstr_is(values[2], "0"));
    assert_int_equal(values[0].escaped, 0);
    assert_int_equal(fits(&mould,
                          "{\"id\":\"a b\",\"pad\":\"\\\\\",\"n\":0,"
                          "\"in\":[{\"text\":\"a line, quite long\\n\"}]}",
                          values),
                     1);
    assert_true(llmgw__jstr_is(values[0], "a line, quite long\n"));
    assert_true(llmgw__jstr_is(values[1], "\\"));
    llmgw__arena_clear(&arena);
}

static void what_a_reader_would_have_to_look_at_does_not_fit(void **state)
{
    static const char *const others[] = {
        "",
        "{",
        "{\"id\":\"a b\",\"pad\":\"x",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\\x\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\\",
        "{\"id\":\"a b\",\"pad\":\"\\u12\",\"n\":1,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\n\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":01,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":-1,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1.5,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1e3,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1234567890123456,"
        "\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a  b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\"}]}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\"]}}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\"}]}}",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\"}]",
        "{\"id\":\"a b\",\"pad\":\"x\",\"n\":1,\"in\":[{\"text\":\"t\"}],"
        "\"more\":1}",
    };
    struct llmgw__mould mould = {0};
    struct llmgw__jstr values[LLMGW__MOULD_HOLES];

    (void)state;
    take_record(&mould, llmgw__str(record));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(fits(&mould, others[i], values), 0);
    llmgw__arena_clear(&arena);
}

/* Every byte changed to every other: what fits is valid JSON. */
static void no_damaged_record_fits(void **state)
{
    static const char text[] = "{\"id\":\"a b\",\"pad\":\"xyz\",\"n\":17,"
                               "\"in\":[{\"text\":\"Hello\"}] }";
    struct llmgw__mould mould = {0};
    char changed[sizeof text];
    size_t fitted = 0;

    (void)state;
    take_record(&mould, llmgw__str(text));
    for (size_t at = 0; at + 1 < sizeof text; at++)
        for (int byte = 1; byte < 256; byte++) {
            struct llmgw__jstr values[LLMGW__MOULD_HOLES];
            struct llmgw__json json;

            memcpy(changed, text, sizeof text);
            changed[at] = (char)byte;
            if (!fits(&mould, changed, values))
                continue;
            fitted++;
            llmgw__json_init(&json, llmgw__str(changed));
            llmgw__json_skip(&json);
            assert_true(llmgw__json_end(&json));
        }
    assert_in_range(fitted, 8 * 200, 10 * 256); /* only where holes are */
    llmgw__arena_clear(&arena);
}

static void forms_that_never_fit_are_given_up(void **state)
{
    struct llmgw__mould mould = {0};
    struct llmgw__jstr values[LLMGW__MOULD_HOLES];
    int kept = 0;

    (void)state;
    for (int i = 0; i < 20; i++) {
        take_record(&mould, llmgw__str(record));
        kept += mould.len > 0;
    }
    assert_int_equal(kept, 8);
    assert_int_equal(fits(&mould, record, values), 0);
    llmgw__arena_clear(&arena);
}

static void without_memory_nothing_fits_and_nothing_breaks(void **state)
{
    struct llmgw__mould mould = {0};
    struct llmgw__jstr values[LLMGW__MOULD_HOLES];

    (void)state;
    fail_allocation(0);
    assert_int_equal(take_record(&mould, llmgw__str(record)), LLMGW_E_NOMEM);
    assert_int_equal(allow_allocations(), 1);
    assert_int_equal(fits(&mould, "{}", values), 0);
    take_record(&mould, llmgw__str(record));
    assert_int_equal(mould.len > 0, 1);
    llmgw__arena_clear(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(other_values_fit_and_are_told),
        cmocka_unit_test(what_a_reader_would_have_to_look_at_does_not_fit),
        cmocka_unit_test(no_damaged_record_fits),
        cmocka_unit_test(forms_that_never_fit_are_given_up),
        cmocka_unit_test(without_memory_nothing_fits_and_nothing_breaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
