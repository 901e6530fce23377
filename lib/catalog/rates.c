/*
 * catalog/rates.c - amounts of money as text and as sums, exactly.
 *
 * Memory: none.
 */
#include "rates.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

#define PICO     INT64_C(1000000000000)
#define FRACTION 6 /* digits after the point: micro-USD per million */

/* NULL at its end, as the reader wants it */
const char *const llmgw__rate_names[LLMGW__RATES + 1] = {
    [LLMGW__RATE_IN] = "in",
    [LLMGW__RATE_CACHE_READ] = "cache_read",
    [LLMGW__RATE_CACHE_WRITE] = "cache_write",
    [LLMGW__RATE_CACHE_WRITE_LONG] = "cache_write_long",
    [LLMGW__RATE_OUT] = "out",
    [LLMGW__RATE_REASONING] = "reasoning",
    [LLMGW__RATE_AUDIO_IN] = "audio_in",
    [LLMGW__RATE_AUDIO_OUT] = "audio_out",
    [LLMGW__RATE_IMAGE_IN] = "image_in",
    [LLMGW__RATE_IMAGE_OUT] = "image_out",
};

static bool read_digit(llmgw_str *text, int *digit);
static bool add_digit(int64_t *value, int digit);

void llmgw__rates_unknown(int64_t *rates)
{
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        rates[rate] = LLMGW__PRICE_UNKNOWN;
}

int64_t llmgw__price_parse(llmgw_str decimal)
{
    int64_t value = 0;
    int digit;
    int fraction = 0;

    if (!read_digit(&decimal, &digit) || !add_digit(&value, digit))
        return LLMGW__PRICE_UNKNOWN;
    while (read_digit(&decimal, &digit))
        if (!add_digit(&value, digit))
            return LLMGW__PRICE_UNKNOWN;
    if (decimal.len > 1 && decimal.data[0] == '.') {
        decimal = llmgw__str_n(decimal.data + 1, decimal.len - 1);
        for (; fraction < FRACTION && read_digit(&decimal, &digit); fraction++)
            if (!add_digit(&value, digit))
                return LLMGW__PRICE_UNKNOWN;
    }
    for (; fraction < FRACTION; fraction++)
        if (!add_digit(&value, 0))
            return LLMGW__PRICE_UNKNOWN;
    return decimal.len == 0 ? value : LLMGW__PRICE_UNKNOWN;
}

void llmgw__amount_text(int64_t value, int digits,
                        char text[LLMGW__AMOUNT_TEXT])
{
    int64_t one = digits == FRACTION ? INT64_C(1000000) : PICO;
    size_t len =
        (size_t)snprintf(text, LLMGW__AMOUNT_TEXT, "%" PRId64 ".%0*" PRId64,
                         value / one, digits, value % one);

    while (text[len - 1] == '0')
        len--;
    len -= text[len - 1] == '.';
    text[len] = '\0';
}

void llmgw__money_add(struct llmgw_money *sum, int64_t pico)
{
    int64_t usd = pico / PICO;

    pico = pico % PICO + sum->pico;
    if (pico < 0) {
        pico += PICO;
        usd--;
    } else if (pico >= PICO) {
        pico -= PICO;
        usd++;
    }
    sum->pico = pico;
    sum->usd =
        usd > 0 && sum->usd > INT64_MAX - usd ? INT64_MAX : sum->usd + usd;
}

void llmgw__money_sum(struct llmgw_money *sum, const struct llmgw_money *add)
{
    llmgw__money_add(sum, add->pico);
    if (add->usd > 0 && sum->usd > INT64_MAX - add->usd)
        sum->usd = INT64_MAX;
    else
        sum->usd += add->usd;
}

/* Takes it off the front of the text. */
static bool read_digit(llmgw_str *text, int *digit)
{
    if (text->len == 0 || text->data[0] < '0' || text->data[0] > '9')
        return false;
    *digit = text->data[0] - '0';
    *text = llmgw__str_n(text->data + 1, text->len - 1);
    return true;
}

static bool add_digit(int64_t *value, int digit)
{
    if (*value > (INT64_MAX - digit) / 10)
        return false;
    *value = *value * 10 + digit;
    return true;
}
