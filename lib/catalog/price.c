/*
 * catalog/price.c - from tokens to money in integers: nothing is ever rounded
 * but what a multiplier leaves, once.
 *
 * Source: the providers' price lists; what a missing rate takes instead is
 * said by the table of classes.
 * Memory: none.
 */
#include "price.h"

#include "terms.h"

#define NO_FALLBACK LLMGW__RATES
#define MOST_FACTOR INT64_C(1000000000) /* what multiply() can do exactly */

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

/* What stands first in a prompt comes first: read from a cache, written to it
 * for long before for short, the rest. */
static const uint8_t in_order[] = {
    LLMGW__INPUT_CACHED,
    LLMGW__INPUT_CACHE_WRITE_1H,
    LLMGW__INPUT_CACHE_WRITE_5M,
    LLMGW__INPUT_UNCACHED,
    LLMGW__AUDIO_IN,
    LLMGW__IMAGE_IN,
    LLMGW__OUTPUT_TEXT,
    LLMGW__OUTPUT_REASONING,
    LLMGW__AUDIO_OUT,
    LLMGW__IMAGE_OUT,
};

static const struct llmgw__cost unknown = {0, false};

/** A sum in the making. */
struct sum {
    const struct llmgw__price *price;
    const struct llmgw__price_at *at;
    const struct llmgw__price_watch *watch;
    int64_t prompt; /* tokens of the whole prompt */
    int64_t pico;
    bool known;
};

/** Which of a price's rates are meant. */
struct spot {
    const struct llmgw__price_at *at;
    int64_t prompt; /* of how many tokens it is */
    int64_t token;  /* which one of them, from 1 */
};

static int64_t add_class(struct sum *sum, int cls, int64_t count,
                         int64_t *place);
static int64_t band_end(const struct sum *sum, int64_t place);
static void add_line(struct sum *sum, const struct llmgw__price_line *line);
static void take_multipliers(struct sum *sum);
static bool join_multipliers(const struct llmgw__price *price,
                             const struct llmgw__price_at *at, int64_t prompt,
                             int64_t *num, int64_t *den);
static bool multiply(int64_t *pico, int64_t num, int64_t den);
static int64_t common_divisor(int64_t a, int64_t b);
static void add_fees(struct sum *sum, const struct llmgw__usage *usage);
static int64_t fee_of(const struct llmgw__price *price, int tool);
static int64_t class_rate(const struct llmgw__price *price,
                          const struct spot *spot, int cls);
static int64_t rate_of(const struct llmgw__price *price,
                       const struct spot *spot, int rate);
static const struct llmgw__tier *tier_of(const struct llmgw__price *price,
                                         int64_t prompt_tokens);
static bool add_product(int64_t *sum, int64_t count, int64_t rate);

struct llmgw__cost llmgw__price_cost(const struct llmgw__price *price,
                                     const struct llmgw__price_at *at,
                                     const struct llmgw__usage *usage)
{
    return llmgw__price_reckon(price, at, usage, NULL);
}

struct llmgw__cost llmgw__price_reckon(const struct llmgw__price *price,
                                       const struct llmgw__price_at *at,
                                       const struct llmgw__usage *usage,
                                       const struct llmgw__price_watch *watch)
{
    struct sum sum = {.price = price, .at = at, .watch = watch, .known = true};
    struct llmgw__cost cost = unknown;
    int64_t place = 1;

    if (!price)
        return cost;
    sum.prompt = llmgw__usage_prompt(usage);
    for (size_t i = 0; i < sizeof in_order; i++)
        for (int64_t left = usage->count[in_order[i]]; left > 0;)
            left = add_class(&sum, in_order[i], left, &place);
    take_multipliers(&sum);
    add_fees(&sum, usage);
    if (sum.known) {
        cost.pico = sum.pico;
        cost.known = true;
    }
    return cost;
}

int64_t llmgw__price_rate(const struct llmgw__price *price,
                          const struct llmgw__price_at *at, int cls,
                          int64_t prompt_tokens)
{
    struct spot spot = {at, prompt_tokens, prompt_tokens};

    return class_rate(price, &spot, cls);
}

int64_t llmgw__price_tier_rate(const struct llmgw__price *price,
                               const struct llmgw__price_at *at, int rate,
                               int64_t prompt_tokens)
{
    struct spot spot = {at, prompt_tokens, prompt_tokens};
    int64_t pico = rate_of(price, &spot, rate);
    int64_t num, den;

    if (pico == LLMGW__PRICE_UNKNOWN ||
        (join_multipliers(price, at, prompt_tokens, &num, &den) &&
         multiply(&pico, num, den)))
        return pico;
    return LLMGW__PRICE_UNKNOWN;
}

/* As many of its tokens as have the same rate. @return how many are left */
static int64_t add_class(struct sum *sum, int cls, int64_t count,
                         int64_t *place)
{
    bool in = cls < LLMGW__OUTPUT_TEXT;
    struct spot spot = {sum->at, sum->prompt, in ? *place : sum->prompt};
    int64_t end = in ? band_end(sum, *place) : INT64_MAX;
    struct llmgw__price_line line = {
        .name = llmgw__usage_class_name(cls),
        .count = count < end - *place ? count : end - *place,
        .each = class_rate(sum->price, &spot, cls)};

    if (!in || end == INT64_MAX)
        line.count = count;
    else
        *place += line.count;
    add_line(sum, &line);
    return count - line.count;
}

/* Where a token's rate may be another than at this place. */
static int64_t band_end(const struct sum *sum, int64_t place)
{
    const struct llmgw__terms *terms = sum->price->terms;
    int64_t end = INT64_MAX;

    for (size_t i = 0; terms && i < terms->count; i++) {
        const struct llmgw__variant *variant = &terms->variants[i];

        if (variant->marginal && variant->prompt_from > place &&
            variant->prompt_from < end)
            end = variant->prompt_from;
    }
    return end;
}

static void add_line(struct sum *sum, const struct llmgw__price_line *line)
{
    sum->known = add_product(&sum->pico, line->count, line->each) && sum->known;
    if (sum->watch)
        sum->watch->line(sum->watch->userdata, line);
}

/* Of tokens: fees come after. */
static void take_multipliers(struct sum *sum)
{
    int64_t before = sum->pico;
    int64_t num, den;

    if (!join_multipliers(sum->price, sum->at, sum->prompt, &num, &den)) {
        sum->known = false;
    } else if (num != den) {
        sum->known = multiply(&sum->pico, num, den) && sum->known;
        if (sum->watch)
            sum->watch->multiplied(sum->watch->userdata, before, num, den,
                                   sum->pico);
    }
}

/* The product of all that apply. false: it is more than can be reckoned. */
static bool join_multipliers(const struct llmgw__price *price,
                             const struct llmgw__price_at *at, int64_t prompt,
                             int64_t *num, int64_t *den)
{
    const struct llmgw__terms *terms = price->terms;

    *num = 1;
    *den = 1;
    for (size_t i = 0; terms && i < terms->count; i++) {
        const struct llmgw__variant *variant = &terms->variants[i];
        int64_t divisor;

        if (!variant->den || prompt < variant->prompt_from ||
            !llmgw__variant_applies(variant, at))
            continue;
        *num *= variant->num;
        *den *= variant->den;
        divisor = common_divisor(*num, *den);
        *num /= divisor;
        *den /= divisor;
        if (*num > MOST_FACTOR || *den > MOST_FACTOR)
            return false;
    }
    return true;
}

/* Half up; the whole parts apart from the rest, so that nothing overflows that
 * need not. */
static bool multiply(int64_t *pico, int64_t num, int64_t den)
{
    int64_t whole = *pico / den;
    int64_t rest = (2 * (*pico % den) * num + den) / (2 * den);

    if (whole > 0 && (INT64_MAX - rest) / whole < num)
        return false;
    *pico = whole * num + rest;
    return true;
}

static int64_t common_divisor(int64_t a, int64_t b)
{
    while (b) {
        int64_t rest = a % b;

        a = b;
        b = rest;
    }
    return a;
}

/* A fee for each request is rare, so that none is known to be none; a tool's
 * is the rule, so that it is not. */
static void add_fees(struct sum *sum, const struct llmgw__usage *usage)
{
    const struct llmgw__price *price = sum->price;
    int64_t requests = usage->requests;

    if (requests > 0 && price->per_request != LLMGW__PRICE_UNKNOWN &&
        price->per_request > 0) {
        struct llmgw__price_line line = {"request", requests,
                                         price->per_request, true};

        add_line(sum, &line);
    }
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++) {
        struct llmgw__price_line line = {llmgw__usage_tool_name(tool),
                                         usage->tools[tool],
                                         fee_of(price, tool), true};

        if (tool == LLMGW__TOOL_WEB_SEARCH && price->terms &&
            price->terms->search_once && requests > 0 && line.count > requests)
            line.count = requests;
        if (line.count > 0)
            add_line(sum, &line);
    }
}

static int64_t fee_of(const struct llmgw__price *price, int tool)
{
    if (price->free)
        return 0;
    if (tool == LLMGW__TOOL_WEB_SEARCH)
        return price->per_search;
    return price->terms ? price->terms->fee[tool] : LLMGW__PRICE_UNKNOWN;
}

/* The first of the class's rates that is known. */
static int64_t class_rate(const struct llmgw__price *price,
                          const struct spot *spot, int cls)
{
    const uint8_t *rates = class_rates[cls];

    for (int i = 0; i < 3 && rates[i] != NO_FALLBACK; i++) {
        int64_t rate = rate_of(price, spot, rates[i]);

        if (rate != LLMGW__PRICE_UNKNOWN)
            return rate;
    }
    return LLMGW__PRICE_UNKNOWN;
}

/* The last variant that applies and knows it; else the tier of the prompt's
 * length; else the row. Where both are for prompts from a length on, the
 * longer one counts. */
static int64_t rate_of(const struct llmgw__price *price,
                       const struct spot *spot, int rate)
{
    const struct llmgw__terms *terms = price->terms;
    const struct llmgw__tier *tier = tier_of(price, spot->prompt);
    int64_t from = 0;
    int64_t value = price->rate[rate];

    if (tier && tier->rate[rate] != LLMGW__PRICE_UNKNOWN) {
        from = tier->from;
        value = tier->rate[rate];
    }
    for (size_t i = terms ? terms->count : 0; i > 0; i--) {
        const struct llmgw__variant *variant = &terms->variants[i - 1];

        if (variant->prompt_from < from)
            break;
        if (variant->rate[rate] != LLMGW__PRICE_UNKNOWN &&
            variant->prompt_from <=
                (variant->marginal ? spot->token : spot->prompt) &&
            llmgw__variant_applies(variant, spot->at))
            return variant->rate[rate];
    }
    return value;
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

/* false: an unknown rate, or beyond 64 bits */
static bool add_product(int64_t *sum, int64_t count, int64_t rate)
{
    if (rate < 0 || (rate > 0 && count > INT64_MAX / rate) ||
        count * rate > INT64_MAX - *sum)
        return false;
    *sum += count * rate;
    return true;
}
