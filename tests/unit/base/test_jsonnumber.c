/* JSON numbers: exact integers, nearest doubles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <locale.h>

#include "base/jsondoc.h"
#include "base/jsonread.h"
#include "base/text.h"

static struct llmgw__json reader_of(const char *text)
{
    struct llmgw__json json;

    llmgw__json_init(&json, llmgw__str(text));
    return json;
}

static void integers_are_exact_or_refused(void **state)
{
    static const struct {
        const char *text;
        bool whole;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-0", true, 0},
        {"-0.0e9", true, 0},
        {"0e99999999999999999999", true, 0},
        {"7", true, 7},
        {"-7", true, -7},
        {"123456789012345678", true, 123456789012345678},
        {"1234567890123456789", true, 1234567890123456789},
        {"9223372036854775807", true, INT64_MAX},
        {"9223372036854775808", false, 0},
        {"-9223372036854775808", true, INT64_MIN},
        {"-9223372036854775809", false, 0},
        {"12658879820317954000", false, 0},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999999", false, 0},
        {"1.0", true, 1},
        {"3e2", true, 300},
        {"3E+2", true, 300},
        {"1.50e1", true, 15},
        {"1.5e0", false, 0},
        {"1200e-2", true, 12},
        {"1250e-2", false, 0},
        {"0.5", false, 0},
        {"0.0001e4", true, 1},
        {"9.223372036854775807e18", true, INT64_MAX},
        {"9.223372036854775808e18", false, 0},
        {"-9223372036854775808.000", true, INT64_MIN},
        {"1e18", true, 1000000000000000000},
        {"1e19", false, 0},
        {"1e99999999999999999999", false, 0},
        {"1e-99999999999999999999", false, 0},
        {"10000000000000000000000000000000000000000000000000e-49", true, 1},
        {"10000000000000000000000000000000000000000000000001e-49", false, 0},
        {"1.00000000000000000000000000000000000000000000000000", true, 1},
        {"1.00000000000000000000000000000000000000000000000001", false, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct llmgw__json json = reader_of(cases[i].text);
        int64_t value = 42, direct = 42;
        llmgw_str number = {0};

        if (llmgw__json_int64(&json, &value) != cases[i].whole ||
            value != (cases[i].whole ? cases[i].value : 42))
            fail_msg("%s", cases[i].text);
        assert_true(llmgw__json_end(&json)); /* consumed all the same */
        assert_int_equal(
            llmgw__number_int64(llmgw__str(cases[i].text), &direct),
            cases[i].whole);
        assert_true(direct == value);
        json = reader_of(cases[i].text);
        assert_true(llmgw__json_number(&json, &number));
        assert_true(llmgw__str_is(number, cases[i].text)); /* kept raw */
    }
}

static void text_that_is_no_number_is_no_integer(void **state)
{
    static const char *const texts[] = {"",   "-",  "+1", "01",  "1.", "1e",
                                        "1 ", " 1", "a",  "0x1", "1a", "--1"};
    int64_t value = 42;

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_false(llmgw__number_int64(llmgw__str(texts[i]), &value));
    assert_false(llmgw__number_int64(llmgw__str_n(NULL, 0), &value));
    assert_int_equal(value, 42);
}

static llmgw_status parse(struct llmgw__jdoc *doc, const char *text,
                          unsigned flags)
{
    return llmgw__jdoc_parse(doc, llmgw__str(text), flags);
}

static double double_of(const char *text)
{
    struct llmgw__jdoc doc;
    double value = -42;

    assert_int_equal(parse(&doc, text, 0), LLMGW_OK);
    if (!llmgw__jdoc_double(&doc, 0, &value))
        assert_true(value == -42);
    llmgw__jdoc_clear(&doc);
    return value;
}

static void doubles_are_the_nearest_ones(void **state)
{
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "-1",
        "0.1",
        "0.7",
        "1.5e3",
        "1e22",
        "1e23",
        "-2.5E-7",
        "123456789012345",
        "1234567890123456",
        "9007199254740993",
        "9007199254740992.5",
        "0.000001",
        "3.141592653589793",
        "1e-22",
        "1e-23",
        "2.2250738585072014e-308",
        "5e-324",
        "4.9e-324",
        "1e-400",
        "1.7976931348623157e308",
        "0.30000000000000004",
        "12658879820317954000",
        "8.5070591730234615e37",
        "1000000000000000000000000000000000000000000",
        "0.1000000000000000055511151231257827021181583404541015625",
        "0.10000000000000000555111512312578270211815834045410156251",
        "9007199254740992.99999999999999999999999999999999999999999999999",
        "9007199254740993.00000000000000000000000000000000000000000000001",
        "0.00000000000000000000000000000000000000000000000000000000000001e62"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (double_of(texts[i]) != strtod(texts[i], NULL))
            fail_msg("%s: %.17g", texts[i], double_of(texts[i]));
    assert_true(double_of("1e309") == -42); /* refused, never infinite */
    assert_true(double_of("-1e99999999999999999999") == -42);
    assert_true(double_of("1e-99999999999999999999") == 0);
}

/* Skipped where no locale with a decimal comma is installed. */
static void scaled_numbers_are_rounded_half_to_even(void **state)
{
    static const struct {
        const char *text;
        int power;
        bool good;
        int64_t value;
    } cases[] = {
        {"2.5e-06", 12, true, 2500000},
        {"0.0000025", 12, true, 2500000},
        {"2.9999900000000002e-06", 12, true, 2999990},
        {"0.09999999999999999", 6, true, 100000},
        {"0.0000000208333333333333", 12, true, 20833},
        {"0.5", 0, true, 0},
        {"1.5", 0, true, 2},
        {"2.5", 0, true, 2},
        {"2.50000000000000000000000000000000000000000001", 0, true, 3},
        {"-2.5", 0, true, -2},
        {"-1", 12, true, -1000000000000},
        {"0.05", 0, true, 0},
        {"0.95", 0, true, 1},
        {"9.96", 1, true, 100},
        {"0", 12, true, 0},
        {"0.0", 12, true, 0},
        {"1e-999999999999", 12, true, 0},
        {"9223372036854775806.5", 0, true, INT64_MAX - 1},
        {"9223372036854775807.5", 0, false, 0},
        {"1e7", 12, false, 0},
        {"1e999999999999", 12, false, 0},
        {".5", 1, false, 0},
        {"", 1, false, 0},
        {"1 ", 1, false, 0},
        {"free", 1, false, 0},
    };
    int64_t value;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        value = 42;
        assert_int_equal(llmgw__number_scaled(llmgw__str(cases[i].text),
                                              cases[i].power, &value),
                         cases[i].good);
        assert_true(value == (cases[i].good ? cases[i].value : 42));
    }
}

static void doubles_do_not_ask_the_locale(void **state)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",
                                        "fr_FR.UTF-8", "fr_FR.utf8"};
    const char *found = NULL;

    (void)state;
    for (size_t i = 0; i < 5 && !found; i++)
        found = setlocale(LC_NUMERIC, names[i]);
    if (!found || localeconv()->decimal_point[0] != ',') {
        setlocale(LC_NUMERIC, "C");
        print_message("no locale with a decimal comma here\n");
        skip();
    }
    assert_true(double_of("1.5") == 3.0 / 2);
    assert_true(double_of("1.25e-30") == 125 * double_of("1e-32"));
    setlocale(LC_NUMERIC, "C");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_exact_or_refused),
        cmocka_unit_test(text_that_is_no_number_is_no_integer),
        cmocka_unit_test(scaled_numbers_are_rounded_half_to_even),
        cmocka_unit_test(doubles_are_the_nearest_ones),
        cmocka_unit_test(doubles_do_not_ask_the_locale),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
