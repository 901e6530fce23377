/*
 * base/jsonfloat.c - numbers of JSON as 32-bit floats: vectors come as
 * hundreds of thousands of them.
 *
 * A number is read as digits * 10^power, computed in double with an error of a
 * few units in its last place. A double has 29 bits more than a float: unless
 * they stand within that error of the middle between two floats, rounding them
 * away gives the nearest float for certain. Else, one time in ten million (and
 * for true ties), strtof is handed all digits that can matter.
 *
 * Source: RFC 8259, section 6; IEEE 754-2008. A number between two floats has
 * at most 113 digits that matter. Memory: the stack.
 */
#include "jsonfloat.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <float.h>

#include "text.h"

#define QUICK_DIGITS 19 /* 10^19 < 2^64 */
#define EXACT_DIGITS 120
#define POWER_STEP   22 /* 10^22 is the last power exact in a double */
#define POWER_MAX    1000000
#define SPARE_BITS   29 /* of a double's mantissa, past a float's */
#define ERROR_ULPS   16 /* four operations of half a unit each, and to spare */

/* Texts of more digits than a float can tell apart are not made. */
#define FEW_DIGITS 6
#define ALL_DIGITS 9

static const double powers[POWER_STEP + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/** digits * 10^power, the first of its digits. */
struct parts {
    uint64_t digits;
    int64_t power;
    int count;
};

static bool quick(uint64_t digits, int64_t power, float *out);
static bool exact(llmgw_str number, float *out);

/* The exponent after its 'e', held within +-2^53 or so. */
static int64_t read_exponent(const char *at, const char *end)
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

/** Past 19 digits the rest only counts. */
static void read_parts(const char *at, const char *end, struct parts *parts)
{
    bool fraction = false;

    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') {
            fraction = true;
            continue;
        }
        if (parts->count == QUICK_DIGITS) {
            parts->power += !fraction;
            continue;
        }
        parts->digits = parts->digits * 10 + (uint64_t)(*at - '0');
        parts->count += parts->digits != 0;
        parts->power -= fraction;
    }
    if (at < end)
        parts->power += read_exponent(at + 1, end);
}

bool llmgw__number_float(llmgw_str number, float *out)
{
    const char *at = number.data;
    bool negative = number.len > 0 && *at == '-';
    struct parts parts = {0, 0, 0};
    float value = 0;

    read_parts(at + negative, at + number.len, &parts);
    if (parts.digits && !quick(parts.digits, parts.power, &value) &&
        !exact(llmgw__str_n(at + negative, number.len - negative), &value))
        return false;
    *out = negative ? -value : value;
    return true;
}

/** Each step rounds: an error of at most half a unit. */
static double scale(double value, int power)
{
    int left = power < 0 ? -power : power;

    while (left > 0) {
        int step = left < POWER_STEP ? left : POWER_STEP;

        value = power < 0 ? value / powers[step] : value * powers[step];
        left -= step;
    }
    return value;
}

/** @return false: cannot be told this way */
static bool quick(uint64_t digits, int64_t power, float *out)
{
    const uint64_t half = UINT64_C(1) << (SPARE_BITS - 1);
    uint64_t bits;
    double value;

    if (power > 2 * POWER_STEP || power < -2 * POWER_STEP)
        return false;
    value = scale((double)digits, (int)power);
    if (value < 2 * (double)FLT_MIN || value >= (double)FLT_MAX)
        return false; /* fewer bits, or too many */
    memcpy(&bits, &value, sizeof bits);
    bits &= 2 * half - 1;
    if (bits + ERROR_ULPS > half && bits < half + ERROR_ULPS)
        return false;
    *out = (float)value;
    return true;
}

/* Digits and exponent, no decimal point: the same to strtof in every locale.
 * A 1 after digits that were cut keeps the rounding on the right side. */
static bool exact(llmgw_str number, float *out)
{
    char text[EXACT_DIGITS + 32];
    const char *end = number.data + number.len;
    const char *at = number.data;
    size_t len = 0;
    int64_t power = 0;
    bool fraction = false;
    bool cut = false;
    int before = errno;

    for (; at < end && (*at | 0x20) != 'e'; at++) {
        if (*at == '.') {
            fraction = true;
        } else if (len == EXACT_DIGITS) {
            cut = cut || *at != '0';
            power += !fraction;
        } else {
            power -= fraction;
            if (len || *at != '0')
                text[len++] = *at;
        }
    }
    if (at < end)
        power += read_exponent(at + 1, end);
    if (power > POWER_MAX || power < -POWER_MAX)
        power = power > 0 ? POWER_MAX : -POWER_MAX;
    (void)snprintf(text + len, sizeof text - len, "%se%" PRId64, cut ? "1" : "",
                   power - cut);
    *out = strtof(text, NULL);
    errno = before; /* ERANGE is told by the value */
    return *out <= FLT_MAX;
}

/* --- text --- */

/** The power of ten of a number's first digit, or one more. */
static int first_power(double value)
{
    int power = 0;

    while (value >= 10) {
        value /= 10;
        power++;
    }
    while (value < 1) {
        value *= 10;
        power--;
    }
    return power;
}

/** The fewest digits, from 6 on, that mean this float: digits * 10^power. */
static uint64_t shorten(float value, int *power)
{
    int top = first_power((double)value);
    uint64_t digits = 0;

    for (int count = FEW_DIGITS; count <= ALL_DIGITS; count++) {
        float back = 0;

        *power = top - count + 1;
        digits = (uint64_t)(scale((double)value, -*power) + 0.5);
        if (quick(digits, *power, &back) && back >= value && back <= value)
            break;
    }
    while (digits && digits % 10 == 0) {
        digits /= 10;
        ++*power;
    }
    return digits;
}

static size_t put(char *out, size_t len, const char *text, size_t count)
{
    memcpy(out + len, text, count);
    return len + count;
}

/** 123.45, where no more than a few zeros have to be filled in. */
static size_t write_plain(char *out, size_t len, const char *digits, int count,
                          int power)
{
    int whole = count + power; /* digits before the point */

    if (whole <= 0) {
        len = put(out, len, "0.0000", (size_t)(2 - whole));
        return put(out, len, digits, (size_t)count);
    }
    if (power >= 0) {
        len = put(out, len, digits, (size_t)count);
        return put(out, len, "000000000", (size_t)power);
    }
    len = put(out, len, digits, (size_t)whole);
    out[len++] = '.';
    return put(out, len, digits + whole, (size_t)(count - whole));
}

size_t llmgw__float_text(float value, char out[LLMGW__FLOAT_TEXT])
{
    char digits[24];
    size_t len = 0;
    int power = 0;
    int count;

    if (value < 0) {
        out[len++] = '-';
        value = -value;
    }
    count = value > 0 ? snprintf(digits, sizeof digits, "%" PRIu64,
                                 shorten(value, &power))
                      : snprintf(digits, sizeof digits, "0");
    if (power <= 6 && power >= -(count + 4))
        return write_plain(out, len, digits, count, power);
    out[len++] = digits[0];
    if (count > 1)
        out[len++] = '.';
    len = put(out, len, digits + 1, (size_t)(count - 1));
    return len + (size_t)snprintf(out + len, LLMGW__FLOAT_TEXT - len, "e%d",
                                  power + count - 1);
}
