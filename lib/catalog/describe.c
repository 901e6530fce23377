/*
 * catalog/describe.c - all that is known of a model, as JSON:
 *
 *     {"known": true, "context_window": 200000, "max_output": 64000,
 *      "capabilities": {"tools": true, "audio": false},
 *      "reasoning": "effort", "refuses": ["top_k"],
 *      "pico_usd_per_token": {"in": 1000000, "out": 5000000},
 *      "long": [{"from": 100001, "pico_usd_per_token": {"in": 2000000}}],
 *      "pico_usd_per_request": 12000000000,
 *      "pico_usd_per_search": 10000000000,
 *      "pico_usd_per_tool": {"web_fetch": 0}, "conditional_prices": 2,
 *      "source": "who said so", "as_of": "2026-11-22"}
 *
 * What is not known is not there; of a model that nobody knows there is only
 * {"known": false}.
 *
 * Memory: none.
 */
#include "describe.h"

#include "ability.h"
#include "manifest.h"
#include "terms.h"

static void write_limits(const struct llmgw__price *price,
                         struct llmgw__jsonw *w);
static void write_abilities(const struct llmgw__price *price,
                            struct llmgw__jsonw *w);
static void write_refusals(const struct llmgw__price *price,
                           struct llmgw__jsonw *w);
static void write_prices(const struct llmgw__price *price,
                         struct llmgw__jsonw *w);
static void write_fees(const struct llmgw__terms *terms,
                       struct llmgw__jsonw *w);
static void write_rates(const int64_t *rates, struct llmgw__jsonw *w);
static void write_known(struct llmgw__jsonw *w, const char *name, int64_t value,
                        int64_t unknown);

const char *llmgw__reasoning_of(const struct llmgw__price *price)
{
    if (price && price->cannot & LLMGW__CAN_REASONING)
        return "none";
    return price && price->reasons ? llmgw__reasons_names[price->reasons]
                                   : NULL;
}

void llmgw__price_render(const struct llmgw__price *price,
                         struct llmgw__jsonw *w)
{
    llmgw__jsonw_open(w, '{');
    llmgw__jsonw_member_bool(w, "known", price != NULL);
    if (price) {
        write_limits(price, w);
        write_abilities(price, w);
        write_refusals(price, w);
        write_prices(price, w);
        if (price->source[0])
            llmgw__jsonw_member_z(w, "source", price->source);
        if (price->as_of[0])
            llmgw__jsonw_member_z(w, "as_of", price->as_of);
    }
    llmgw__jsonw_close(w, '}');
}

static void write_limits(const struct llmgw__price *price,
                         struct llmgw__jsonw *w)
{
    write_known(w, "context_window", price->context_window, 0);
    write_known(w, "max_output", price->max_output, 0);
}

static void write_abilities(const struct llmgw__price *price,
                            struct llmgw__jsonw *w)
{
    const char *reasoning = llmgw__reasoning_of(price);

    if (price->can | price->cannot) {
        llmgw__jsonw_key(w, "capabilities");
        llmgw__jsonw_open(w, '{');
        for (int i = 0; llmgw__ability_names[i]; i++)
            if ((price->can | price->cannot) >> i & 1)
                llmgw__jsonw_member_bool(w, llmgw__ability_names[i],
                                         price->can >> i & 1);
        llmgw__jsonw_close(w, '}');
    }
    if (reasoning)
        llmgw__jsonw_member_z(w, "reasoning", reasoning);
}

static void write_refusals(const struct llmgw__price *price,
                           struct llmgw__jsonw *w)
{
    if (!price->refuses)
        return;
    llmgw__jsonw_key(w, "refuses");
    llmgw__jsonw_open(w, '[');
    for (int i = 0; llmgw__refusal_names[i]; i++)
        if (price->refuses >> i & 1)
            llmgw__jsonw_z(w, llmgw__refusal_names[i]);
    llmgw__jsonw_close(w, ']');
}

static void write_prices(const struct llmgw__price *price,
                         struct llmgw__jsonw *w)
{
    write_rates(price->rate, w);
    if (price->tier_count) {
        llmgw__jsonw_key(w, "long");
        llmgw__jsonw_open(w, '[');
        for (size_t i = 0; i < price->tier_count; i++) {
            llmgw__jsonw_open(w, '{');
            llmgw__jsonw_member_int(w, "from", price->tiers[i].from);
            write_rates(price->tiers[i].rate, w);
            llmgw__jsonw_close(w, '}');
        }
        llmgw__jsonw_close(w, ']');
    }
    write_known(w, "pico_usd_per_request", price->per_request,
                LLMGW__PRICE_UNKNOWN);
    write_known(w, "pico_usd_per_search", price->per_search,
                LLMGW__PRICE_UNKNOWN);
    if (price->terms)
        write_fees(price->terms, w);
}

/* Prices that have conditions are told by their number. */
static void write_fees(const struct llmgw__terms *terms, struct llmgw__jsonw *w)
{
    llmgw__jsonw_member_open(w, "pico_usd_per_tool", '{');
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        write_known(w, llmgw__usage_tool_name(tool), terms->fee[tool],
                    LLMGW__PRICE_UNKNOWN);
    llmgw__jsonw_close(w, '}');
    llmgw__jsonw_member_int(w, "conditional_prices", (int64_t)terms->count);
}

static void write_rates(const int64_t *rates, struct llmgw__jsonw *w)
{
    llmgw__jsonw_key(w, "pico_usd_per_token");
    llmgw__jsonw_open(w, '{');
    for (int i = 0; i < LLMGW__RATES; i++)
        write_known(w, llmgw__rate_names[i], rates[i], LLMGW__PRICE_UNKNOWN);
    llmgw__jsonw_close(w, '}');
}

static void write_known(struct llmgw__jsonw *w, const char *name, int64_t value,
                        int64_t unknown)
{
    if (value != unknown)
        llmgw__jsonw_member_int(w, name, value);
}
