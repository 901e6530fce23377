/* Floats of JSON: the nearest one, and texts that come back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>

#include "base/jsonfloat.h"
#include "base/text.h"

static uint32_t bits_of(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void assert_float(const char *text, float expected)
{
    float value = 12345;

    assert_true(llmgw__number_float(llmgw__str(text), &value));
    if (bits_of(value) != bits_of(expected))
        fail_msg("%s: %.9g, expected %.9g", text, (double)value,
                 (double)expected);
}

static void numbers_become_the_nearest_float(void **state)
{
    static const struct {
        const char *text;
        float value;
    } cases[] = {
        {"0", 0.0f},
        {"-0", -0.0f},
        {"-0.0e7", -0.0f},
        {"0e999999999999999999999", 0.0f},
        {"1", 1.0f},
        {"-1.5", -1.5f},
        {"0.1", 0.1f},
        {"3e2", 300.0f},
        {"3E-2", 0.03f},
        {"-0.020370483", -0.020370483f},
        {"0.0253143310546875", 0.0253143310546875f},
        {"-0.041009265929460526", -0.041009265929460526f},
        {"0.000020416603", 0.000020416603f},
        {"1.17549435e-38", 1.17549435e-38f},
        {"1.4e-45", 1.4e-45f},
        {"7e-46", 0.0f},
        {"8e-46", 1.4e-45f},
        {"1e-400", 0.0f},
        {"1e-99999999999999999999", 0.0f},
        {"3.4028234663852886e38", 3.4028234663852886e38f},
        {"3.4028235677973365e38", 3.4028234663852886e38f},
        {"16777217", 16777216.0f},
        {"16777219", 16777220.0f},
        {"16777217.0000000000000000000000000000000000000000000001",
         16777218.0f},
        {"16777216.9999999999999999999999999999999999999999999999",
         16777216.0f},
        {"1.00000005960464477539062", 1.0f},
        {"1.000000059604644775390625", 1.0f},
        {"1.000000059604644775390626", 1.00000012f},
        {"1.000000178813934326171875", 1.00000024f},
        {"00001e0", 1.0f},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_float(cases[i].text, cases[i].value);
}

static void numbers_beyond_a_float_are_refused(void **state)
{
    static const char *const texts[] = {
        "3.5e38", "-3.5e38", "3.4028235677973367e38",
        "1e39",   "1e400",   "1e99999999999999999999"};
    float value;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_false(llmgw__number_float(llmgw__str(texts[i]), &value));
}

/** The same numbers every time. */
static uint32_t draw(uint64_t *state)
{
    *state =
        *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 32);
}

static void random_numbers_agree_with_strtof(void **state)
{
    static const char *const forms[] = {"%.6g",  "%.8g",  "%.9g",  "%.12g",
                                        "%.16g", "%.17g", "%.19g", "%.40g"};
    uint64_t seed = 1;
    char text[400];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = (uint64_t)draw(&seed) << 32 | draw(&seed);
        double value;

        /* exponents of a float, all bits of a double */
        bits = (bits & UINT64_C(0x800fffffffffffff)) |
               (uint64_t)(1023 - 150 + draw(&seed) % 278) << 52;
        memcpy(&value, &bits, sizeof value);
        if (value > 3.4e38 || value < -3.4e38)
            continue;
        (void)snprintf(text, sizeof text, forms[i % 8], value);
        assert_float(text, strtof(text, NULL));
    }
}

/** The middle between two floats, and what stands right beside it. */
static void middles_go_to_the_even_side(void **state)
{
    uint64_t seed = 7;
    char text[400];

    (void)state;
    for (int i = 0; i < 20000; i++) {
        uint32_t low = draw(&seed) & 0x7f7fffff;
        float a;
        float b;

        if (low >> 23 == 0xff || (low + 1) >> 23 == 0xff)
            continue;
        memcpy(&a, &low, sizeof a);
        low++;
        memcpy(&b, &low, sizeof b);
        (void)snprintf(text, sizeof text, "%.160e",
                       ((double)a + (double)b) / 2);
        assert_float(text, strtof(text, NULL));
        strchr(text, 'e')[-1] = '1';
        assert_float(text, strtof(text, NULL));
        assert_float(text, b);
    }
}

static void texts_are_short_and_come_back(void **state)
{
    static const struct {
        float value;
        const char *text;
    } cases[] = {
        {0.0f, "0"},
        {1.0f, "1"},
        {-0.5f, "-0.5"},
        {0.25f, "0.25"},
        {0.6f, "0.6"},
        {0.8f, "0.8"},
        {100.0f, "100"},
        {1.5e6f, "1500000"},
        {16777216.0f, "16777216"},
        {-0.020370483f, "-0.020370483"},
        {0.0001f, "0.0001"},
        {0.0000204f, "0.0000204"},
        {1.4e-45f, "1.4e-45"},
        {3.4028234663852886e38f, "3.40282347e38"},
        {1e30f, "1e30"},
        {2.04e-9f, "2.04e-9"},
    };
    char text[LLMGW__FLOAT_TEXT + 1];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        text[llmgw__float_text(cases[i].value, text)] = '\0';
        assert_float(text, cases[i].value);
        if (cases[i].value > 1e-38f || cases[i].value <= 0)
            assert_string_equal(text, cases[i].text);
    }
}

static void every_float_comes_back(void **state)
{
    uint64_t seed = 3;

    (void)state;
    for (int i = 0; i < 300000; i++) {
        uint32_t bits = draw(&seed);
        char text[LLMGW__FLOAT_TEXT];
        size_t len;
        float value;
        float back;

        if ((bits >> 23 & 0xff) == 0xff)
            continue;
        if (i % 2) /* as they come in vectors */
            bits = (bits & 0x807fffff) | (115 + bits % 12) << 23;
        memcpy(&value, &bits, sizeof value);
        len = llmgw__float_text(value, text);
        assert_in_range(len, 1, LLMGW__FLOAT_TEXT);
        assert_true(llmgw__number_float(llmgw__str_n(text, len), &back));
        if (bits_of(back) != bits_of(value) && value != 0)
            fail_msg("%.9g came back as %.9g (%.*s)", (double)value,
                     (double)back, (int)len, text);
    }
}

static void no_locale_is_asked(void **state)
{
    char text[LLMGW__FLOAT_TEXT + 1];

    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") &&
        !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
        skip();
    assert_float("16777217.5", 16777218.0f);
    assert_float("1.4e-45", 1.4e-45f);
    text[llmgw__float_text(0.5f, text)] = '\0';
    assert_string_equal(text, "0.5");
    (void)setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_become_the_nearest_float),
        cmocka_unit_test(numbers_beyond_a_float_are_refused),
        cmocka_unit_test(random_numbers_agree_with_strtof),
        cmocka_unit_test(middles_go_to_the_even_side),
        cmocka_unit_test(texts_are_short_and_come_back),
        cmocka_unit_test(every_float_comes_back),
        cmocka_unit_test(no_locale_is_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
