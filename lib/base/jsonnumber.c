/*
 * base/jsonnumber.c - numbers of JSON: their grammar and their values.
 *
 * A number is read as a decimal of at most 40 digits, so that 3.0 and 3e2 are
 * integers, nothing is rounded on the way to int64, and no locale is asked.
 *
 * Source: RFC 8259, section 6. Memory: none beyond the stack.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <float.h>

#include "jsonread.h"
#include "jsonscan.h"

#define DIGITS       40      /* kept of a number; a double needs 17 */
#define EXACT_DIGITS 15      /* 10^15 < 2^53: exact in a double */
#define EXACT_POWER  22      /* 10^22 is the last power exact in a double */
#define POWER_MAX    1000000 /* far beyond any double */

/** +-digits * 10^power. */
struct decimal {
    char digits[DIGITS + 2]; /* neither leading nor trailing zeros */
    size_t count;            /* 0: the number is zero */
    int64_t power;
    bool negative;
    bool cut; /* more digits followed, not all of them zero */
};

static bool read_decimal(llmgw_str number, struct decimal *out);
static bool read_short(llmgw_str number, int64_t *out);
static bool decimal_int64(const struct decimal *decimal, int64_t *out);
static void round_decimal(struct decimal *decimal);
static bool decimal_double(const struct decimal *decimal, double *out);
static const char *scan_digits(const char *at, const char *end);

bool llmgw__number_int64(llmgw_str number, int64_t *out)
{
    struct decimal decimal;

    if (read_short(number, out))
        return true;
    return read_decimal(number, &decimal) && decimal_int64(&decimal, out);
}

bool llmgw__number_scaled(llmgw_str number, int power, int64_t *out)
{
    struct decimal decimal;

    if (!read_decimal(number, &decimal))
        return false;
    decimal.power += power;
    round_decimal(&decimal);
    return decimal_int64(&decimal, out);
}

bool llmgw__number_double(llmgw_str number, double *out)
{
    struct decimal decimal;

    return read_decimal(number, &decimal) && decimal_double(&decimal, out);
}

const char *llmgw__scan_number(const char *at, const char *end)
{
    const char *digits = at < end && *at == '-' ? at + 1 : at;

    at = scan_digits(digits, end);
    if (at == digits)
        return NULL;
    if (*digits == '0')
        at = digits + 1; /* a digit after it is refused as what follows */
    if (at < end && *at == '.') {
        digits = at + 1;
        at = scan_digits(digits, end);
        if (at == digits)
            return NULL;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        digits = at + 1;
        if (digits < end && (*digits == '+' || *digits == '-'))
            digits++;
        at = scan_digits(digits, end);
        if (at == digits)
            return NULL;
    }
    return at;
}

static const char *scan_digits(const char *at, const char *end)
{
    while (at < end && (unsigned)(*at - '0') < 10)
        at++;
    return at;
}

/* What token counts look like: at most 18 digits and nothing else. */
static bool read_short(llmgw_str number, int64_t *out)
{
    int64_t value = 0;

    if (number.len == 0 || number.len > 18 ||
        (number.data[0] == '0' && number.len > 1))
        return false;
    for (size_t i = 0; i < number.len; i++) {
        unsigned digit = (unsigned)(number.data[i] - '0');

        if (digit >= 10)
            return false;
        value = value * 10 + (int64_t)digit;
    }
    *out = value;
    return true;
}

/* One digit after those before; `fraction`: behind the decimal point. */
static void add_digit(struct decimal *decimal, char digit, bool fraction)
{
    if (decimal->count == DIGITS) {
        decimal->cut = decimal->cut || digit != '0';
        decimal->power += !fraction;
        return;
    }
    decimal->power -= fraction;
    if (decimal->count > 0 || digit != '0')
        decimal->digits[decimal->count++] = digit;
}

/* A text long enough to make up for more than 2^53 does not exist. */
int64_t llmgw__scan_exponent(const char *at, const char *end)
{
    bool negative = *at == '-';
    int64_t value = 0;

    if (*at == '-' || *at == '+')
        at++;
    for (; at < end; at++)
        if (value < INT64_C(1000000000000000))
            value = value * 10 + (*at - '0');
    return negative ? -value : value;
}

static bool read_decimal(llmgw_str number, struct decimal *out)
{
    const char *at = number.data ? number.data : "", *end = at + number.len;
    bool fraction = false;

    memset(out, 0, sizeof *out);
    if (llmgw__scan_number(at, end) != end)
        return false;
    out->negative = *at == '-';
    at += out->negative;
    for (; at < end && *at != 'e' && *at != 'E'; at++)
        if (*at == '.')
            fraction = true;
        else
            add_digit(out, *at, fraction);
    if (at < end)
        out->power += llmgw__scan_exponent(at + 1, end);
    while (!out->cut && out->count > 0 && out->digits[out->count - 1] == '0') {
        out->count--;
        out->power++;
    }
    return true;
}

static bool decimal_int64(const struct decimal *decimal, int64_t *out)
{
    const uint64_t limit = (uint64_t)INT64_MAX + decimal->negative;
    uint64_t value = 0;
    size_t digits;

    if (decimal->count > 0 && (decimal->cut || decimal->power < 0 ||
                               decimal->power > 18 || decimal->count > 19))
        return false;
    digits = decimal->count ? decimal->count + (size_t)decimal->power : 0;
    if (digits > 19) /* 19 digits fit in 64 bits without a sign */
        return false;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 +
                (uint64_t)(i < decimal->count ? decimal->digits[i] - '0' : 0);
    if (value > limit)
        return false;
    *out = !decimal->negative ? (int64_t)value
           : value == 0       ? 0
                              : -(int64_t)(value - 1) - 1;
    return true;
}

/* To an integer, the nearest; a half to the even one. */
static void round_decimal(struct decimal *decimal)
{
    char *digits = decimal->digits;
    size_t keep = decimal->count;
    char next = '0';
    bool more = decimal->cut;

    if (decimal->power >= 0)
        return;
    if ((uint64_t)-decimal->power <= keep) {
        keep -= (size_t)-decimal->power;
        next = digits[keep];
        more = more || keep + 1 < decimal->count;
    } else {
        keep = 0; /* less than a tenth */
    }
    decimal->count = keep;
    decimal->power = 0;
    decimal->cut = false;
    if (next < '5' ||
        (next == '5' && !more && (!keep || (digits[keep - 1] - '0') % 2 == 0)))
        return;
    while (keep > 0 && digits[keep - 1] == '9')
        digits[--keep] = '0';
    if (keep > 0) {
        digits[keep - 1]++;
        return;
    }
    memmove(digits + 1, digits, decimal->count++);
    digits[0] = '1';
}

/* Few digits and a small power: one correctly rounded operation. */
static bool exact_double(const struct decimal *decimal, double *out)
{
    static const double powers[EXACT_POWER + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    int64_t mantissa = 0;

    if (decimal->count > EXACT_DIGITS || decimal->power > EXACT_POWER ||
        decimal->power < -EXACT_POWER)
        return false;
    for (size_t i = 0; i < decimal->count; i++)
        mantissa = mantissa * 10 + (decimal->digits[i] - '0');
    *out = decimal->power < 0 ? (double)mantissa / powers[-decimal->power]
                              : (double)mantissa * powers[decimal->power];
    return true;
}

/* Digits and exponent, no decimal point: the same to strtod in every locale.
 * A 1 after digits that were cut keeps the rounding on the right side. */
static bool decimal_double(const struct decimal *decimal, double *out)
{
    char text[DIGITS + 32];
    int64_t power = decimal->power;
    int before = errno;
    double value;

    if (decimal->count == 0) {
        value = 0;
    } else if (!exact_double(decimal, &value)) {
        if (power > POWER_MAX || power < -POWER_MAX)
            power = power > 0 ? POWER_MAX : -POWER_MAX;
        (void)snprintf(text, sizeof text, "%.*s%se%" PRId64,
                       (int)decimal->count, decimal->digits,
                       decimal->cut ? "1" : "", power - decimal->cut);
        value = strtod(text, NULL);
        errno = before; /* ERANGE is told by the value */
    }
    if (value > DBL_MAX)
        return false;
    *out = decimal->negative ? -value : value;
    return true;
}
