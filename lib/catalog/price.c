/*
 * catalog/price.c - from tokens to money in integers, nothing ever rounded.
 *
 * Source: the providers' price lists; what a missing rate takes instead is
 * said by the table of classes.
 * Memory: none.
 */
#include "price.h"

#include "base/text.h"

#define PICO        INT64_C(1000000000000)
#define FRACTION    6 /* digits after the point: micro-USD per million */
#define NO_FALLBACK LLMGW__RATES

/** What a class of tokens costs: the first of these rates that is known. */
static const uint8_t class_rates[LLMGW__USAGE_CLASSES][3] = {
    /* clang-format off */
    [LLMGW__INPUT_UNCACHED]       = {LLMGW__RATE_IN, NO_FALLBACK},
    [LLMGW__INPUT_CACHED]         = {LLMGW__RATE_CACHE_READ, LLMGW__RATE_IN,
                                     NO_FALLBACK},
    [LLMGW__INPUT_CACHE_WRITE_5M] = {LLMGW__RATE_CACHE_WRITE, LLMGW__RATE_IN,
                                     NO_FALLBACK},
    [LLMGW__INPUT_CACHE_WRITE_1H] = {LLMGW__RATE_CACHE_WRITE_LONG,
                                     LLMGW__RATE_CACHE_WRITE, LLMGW__RATE_IN},
    [LLMGW__AUDIO_IN]             = {LLMGW__RATE_AUDIO_IN, LLMGW__RATE_IN,
                                     NO_FALLBACK},
    [LLMGW__IMAGE_IN]             = {LLMGW__RATE_IMAGE_IN, LLMGW__RATE_IN,
                                     NO_FALLBACK},
    [LLMGW__OUTPUT_TEXT]          = {LLMGW__RATE_OUT, NO_FALLBACK},
    [LLMGW__OUTPUT_REASONING]     = {LLMGW__RATE_REASONING, LLMGW__RATE_OUT,
                                     NO_FALLBACK},
    [LLMGW__AUDIO_OUT]            = {LLMGW__RATE_AUDIO_OUT, LLMGW__RATE_OUT,
                                     NO_FALLBACK},
    [LLMGW__IMAGE_OUT]            = {LLMGW__RATE_IMAGE_OUT, LLMGW__RATE_OUT,
                                     NO_FALLBACK},
    /* clang-format on */
};

static const struct llmgw__cost unknown = {0, false};

static const struct llmgw__tier *tier_of(const struct llmgw__price *price,
                                         int64_t prompt_tokens);
static int64_t rate_of(const struct llmgw__price *price,
                       const struct llmgw__tier *tier, int rate);
static bool add_product(int64_t *sum, int64_t count, int64_t rate);
static bool add_fees(const struct llmgw__price *price,
                     const struct llmgw__usage *usage, int64_t *sum);
static bool read_digit(llmgw_str *text, int *digit);
static bool add_digit(int64_t *value, int digit);

struct llmgw__cost llmgw__price_cost(const struct llmgw__price *price,
                                     const struct llmgw__price_at *at,
                                     const struct llmgw__usage *usage)
{
    struct llmgw__cost cost = {0, true};
    int64_t prompt = llmgw__usage_prompt(usage);

    (void)at;
    if (!price)
        return unknown;
    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++) {
        int64_t count = usage->count[cls];

        if (count > 0 && !add_product(&cost.pico, count,
                                      llmgw__price_rate(price, cls, prompt)))
            return unknown;
    }
    return add_fees(price, usage, &cost.pico) ? cost : unknown;
}

void llmgw__rates_unknown(int64_t *rates)
{
    for (int rate = 0; rate < LLMGW__RATES; rate++)
        rates[rate] = LLMGW__PRICE_UNKNOWN;
}

int64_t llmgw__price_rate(const struct llmgw__price *price, int cls,
                          int64_t prompt_tokens)
{
    const uint8_t *rates = class_rates[cls];
    const struct llmgw__tier *tier = tier_of(price, prompt_tokens);

    for (int i = 0; i < 3 && rates[i] != NO_FALLBACK; i++) {
        int64_t rate = rate_of(price, tier, rates[i]);

        if (rate != LLMGW__PRICE_UNKNOWN)
            return rate;
    }
    return LLMGW__PRICE_UNKNOWN;
}

int64_t llmgw__price_tier_rate(const struct llmgw__price *price, int rate,
                               int64_t prompt_tokens)
{
    return rate_of(price, tier_of(price, prompt_tokens), rate);
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

/* The last one that a prompt of this length has reached; NULL: none. */
static const struct llmgw__tier *tier_of(const struct llmgw__price *price,
                                         int64_t prompt_tokens)
{
    size_t i = price->tier_count;

    while (i > 0 && prompt_tokens < price->tiers[i - 1].from)
        i--;
    return i > 0 ? &price->tiers[i - 1] : NULL;
}

/* A rate that the tier does not tell apart stays as it is. */
static int64_t rate_of(const struct llmgw__price *price,
                       const struct llmgw__tier *tier, int rate)
{
    return tier && tier->rate[rate] != LLMGW__PRICE_UNKNOWN ? tier->rate[rate]
                                                            : price->rate[rate];
}

/* false: an unknown rate, or beyond 64 bits */
static bool add_product(int64_t *sum, int64_t count, int64_t rate)
{
    if (rate < 0 || (rate > 0 && count > INT64_MAX / rate) ||
        count * rate > INT64_MAX - *sum)
        return false;
    *sum += count * rate;
    return true;
}

/* A fee for each request is rare, so that none is known to be none; a tool's
 * is the rule, so that it is not. */
static bool add_fees(const struct llmgw__price *price,
                     const struct llmgw__usage *usage, int64_t *sum)
{
    if (usage->requests > 0 && price->per_request != LLMGW__PRICE_UNKNOWN &&
        !add_product(sum, usage->requests, price->per_request))
        return false;
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++) {
        int64_t fee = tool == LLMGW__TOOL_WEB_SEARCH ? price->per_search
                                                     : LLMGW__PRICE_UNKNOWN;

        if (usage->tools[tool] > 0 &&
            !add_product(sum, usage->tools[tool], fee))
            return false;
    }
    return true;
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
