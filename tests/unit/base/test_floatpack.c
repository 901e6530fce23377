/* Floats as base64, on every machine the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/floatpack.h"
#include "support/alloc.h"

static void known_texts_are_unpacked(void **state)
{
    float values[3] = {9, 9, 9};

    (void)state;
    assert_int_equal(llmgw__floats_packed(llmgw__str("AACAPwAAAL8AAIA+")), 3);
    assert_true(
        llmgw__floats_unpack(llmgw__str("AACAPwAAAL8AAIA+"), values, 3));
    assert_true(values[0] == 1.0f && values[1] == -0.5f && values[2] == 0.25f);
    assert_true(llmgw__floats_unpack(llmgw__str("AACAPw=="), values, 1));
    assert_true(values[0] == 1.0f);
    assert_true(llmgw__floats_unpack(llmgw__str("AAAAvw"), values, 1));
    assert_true(values[0] == -0.5f);
}

static void what_is_no_row_of_floats_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "A",
        "AA",
        "AACAP",
        "AACAPw=",
        "AACAPw===",
        "AACAPwAAAL8A",
        "AACA Pw=",
        "AACAP*==",
        "AACAPw=A",
        "AACAPwAA",
        "AADAfw==" /* NaN */,
        "AACAfw==" /* infinite */,
        "AACA/w==",
    };
    float values[4];

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (size_t count = 0; count < 4; count++)
            assert_false(
                llmgw__floats_unpack(llmgw__str(texts[i]), values, count));
}

static void every_length_comes_back(void **state)
{
    float values[200];
    float back[200];
    struct llmgw__buf buf;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        values[i] = (float)i * 0.37f - 11;
    for (size_t count = 1; count <= 200; count++) {
        llmgw__buf_init(&buf, 0);
        llmgw__floats_pack(&buf, values, count);
        assert_int_equal(buf.status, LLMGW_OK);
        assert_int_equal(buf.len % 4, 0);
        assert_int_equal(llmgw__floats_packed(llmgw__buf_str(&buf)), count);
        assert_true(llmgw__floats_unpack(llmgw__buf_str(&buf), back, count));
        assert_memory_equal(back, values, count * sizeof *values);
        llmgw__buf_clear(&buf);
    }
}

static void no_memory_sticks_to_the_buffer(void **state)
{
    const float value = 1;
    struct llmgw__buf buf;

    (void)state;
    llmgw__buf_init(&buf, 0);
    fail_allocation(0);
    llmgw__floats_pack(&buf, &value, 1);
    assert_true(allow_allocations());
    assert_int_equal(buf.status, LLMGW_E_NOMEM);
    llmgw__buf_clear(&buf);
}

static void bytes_are_numbers_of_their_own(void **state)
{
    static const struct {
        const char *base64;
        size_t count;
        float first, last;
    } cases[] = {
        {"fw==", 1, 127, 127}, {"gA", 1, -128, -128},   {"AP8=", 2, 0, -1},
        {"9sYA", 3, -10, 0},   {"9sYAAQ==", 4, -10, 1}, {"9sYAAQID", 6, -10, 3},
    };
    float out[8];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        llmgw_str text = llmgw__str(cases[i].base64);

        assert_int_equal(llmgw__bytes_packed(text), cases[i].count);
        assert_true(llmgw__bytes_unpack(text, out, cases[i].count));
        assert_true(out[0] >= cases[i].first && out[0] <= cases[i].first);
        assert_true(out[cases[i].count - 1] >= cases[i].last &&
                    out[cases[i].count - 1] <= cases[i].last);
        assert_false(llmgw__bytes_unpack(text, out, cases[i].count + 1));
    }
    assert_int_equal(llmgw__bytes_packed(llmgw__str("AAAAA")), 0);
    assert_false(llmgw__bytes_unpack(llmgw__str(""), out, 0));
    assert_false(llmgw__bytes_unpack(llmgw__str("A*AA"), out, 3));
    assert_false(llmgw__bytes_unpack(llmgw__str("AAAA*A=="), out, 4));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_numbers_of_their_own),
        cmocka_unit_test(known_texts_are_unpacked),
        cmocka_unit_test(what_is_no_row_of_floats_is_refused),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(no_memory_sticks_to_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
