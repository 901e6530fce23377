/* Prices: integers from rate to total, unknown is never zero. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/manifest.h"
#include "catalog/price.h"

#define U LLMGW__PRICE_UNKNOWN

/* in, cache read, write, long write, out; the rest unknown */
static struct llmgw__price priced(int64_t in, int64_t read, int64_t write,
                                  int64_t write_long, int64_t out)
{
    struct llmgw__price price = {
        .rate = {in, read, write, write_long, out, U, U, U, U, U},
        .per_request = U,
        .per_search = U,
    };

    return price;
}

static struct llmgw__manifest manifest;

static int read_builtin(void **state)
{
    (void)state;
    return llmgw__manifest_builtin(&manifest);
}

static int forget_builtin(void **state)
{
    (void)state;
    llmgw__manifest_clear(&manifest);
    return 0;
}

static const struct llmgw__price *builtin(const char *provider,
                                          const char *model)
{
    return llmgw__manifest_find(&manifest, provider, llmgw__str(model));
}

static struct llmgw__usage used(int64_t uncached, int64_t cached, int64_t write,
                                int64_t output)
{
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = uncached;
    usage.count[LLMGW__INPUT_CACHED] = cached;
    usage.count[LLMGW__INPUT_CACHE_WRITE_5M] = write;
    usage.count[LLMGW__OUTPUT_TEXT] = output;
    usage.requests = 1;
    return usage;
}

static const struct llmgw__price_at at = {0};

static void costs(const struct llmgw__price *price,
                  const struct llmgw__usage *usage, int64_t pico)
{
    struct llmgw__cost cost = llmgw__price_cost(price, &at, usage);

    assert_true(cost.known);
    assert_true(cost.pico == pico);
}

static void reasoning_apart_costs_what_it_should(void **state)
{
    struct llmgw__price price = priced(300000, 75000, U, U, 500000);
    struct llmgw__usage usage = used(1, 11, 0, 1);

    (void)state;
    usage.count[LLMGW__OUTPUT_REASONING] = 290;
    costs(&price, &usage, 146625000);
}

static void the_whole_request_takes_the_long_rates(void **state)
{
    struct llmgw__usage usage = used(500, 8000, 1500, 1000);
    const struct llmgw__price *price = builtin("openai", "gpt-5.6-terra");

    (void)state;
    assert_non_null(price);
    costs(price, &usage, INT64_C(18350000000));
    usage = used(300000, 0, 0, 1000);
    costs(price, &usage, INT64_C(1218000000000));
    usage = used(272000, 0, 0, 1000); /* not past the threshold */
    costs(price, &usage, INT64_C(272000) * 2000000 + INT64_C(1000) * 12000000);
}

static void cache_reads_count_towards_the_threshold(void **state)
{
    struct llmgw__usage usage = used(90000, 20000, 0, 500);

    (void)state;
    costs(builtin("anthropic", "claude-haiku-5-5"), &usage,
          INT64_C(47250000000));
}

static void list_price_equals_the_reported_charge(void **state)
{
    struct llmgw__usage usage = used(80, 0, 0, 1128);

    (void)state;
    costs(builtin("anthropic", "claude-haiku-4-5"), &usage,
          INT64_C(5720000000));
}

static void the_last_tier_that_was_reached_counts(void **state)
{
    struct llmgw__price price = priced(10, U, U, U, 1);
    struct llmgw__tier tiers[2] = {{.from = 101}, {.from = 1000}};

    (void)state;
    llmgw__rates_unknown(tiers[0].rate);
    llmgw__rates_unknown(tiers[1].rate);
    tiers[0].rate[LLMGW__RATE_IN] = 20;
    tiers[1].rate[LLMGW__RATE_IN] = 5;
    tiers[1].rate[LLMGW__RATE_OUT] = 7;
    price.tiers = tiers;
    price.tier_count = 2;
    assert_int_equal(
        llmgw__price_rate(&price, NULL, LLMGW__INPUT_UNCACHED, 100), 10);
    assert_int_equal(
        llmgw__price_rate(&price, NULL, LLMGW__INPUT_UNCACHED, 101), 20);
    assert_int_equal(
        llmgw__price_rate(&price, NULL, LLMGW__INPUT_UNCACHED, 999), 20);
    assert_int_equal(
        llmgw__price_rate(&price, NULL, LLMGW__INPUT_UNCACHED, 1000), 5);
    /* what a tier does not tell apart stays as it is */
    assert_int_equal(llmgw__price_rate(&price, NULL, LLMGW__OUTPUT_TEXT, 200),
                     1);
    assert_int_equal(llmgw__price_rate(&price, NULL, LLMGW__OUTPUT_TEXT, 2000),
                     7);
    assert_int_equal(llmgw__price_rate(&price, NULL, LLMGW__INPUT_CACHED, 200),
                     20);
}

static void missing_rates_take_their_fallback(void **state)
{
    static const struct {
        int cls, rate;
    } own[] = {
        {LLMGW__INPUT_CACHED, LLMGW__RATE_CACHE_READ},
        {LLMGW__INPUT_CACHE_WRITE_5M, LLMGW__RATE_CACHE_WRITE},
        {LLMGW__INPUT_CACHE_WRITE_1H, LLMGW__RATE_CACHE_WRITE_LONG},
        {LLMGW__AUDIO_IN, LLMGW__RATE_AUDIO_IN},
        {LLMGW__IMAGE_IN, LLMGW__RATE_IMAGE_IN},
        {LLMGW__OUTPUT_REASONING, LLMGW__RATE_REASONING},
        {LLMGW__AUDIO_OUT, LLMGW__RATE_AUDIO_OUT},
        {LLMGW__IMAGE_OUT, LLMGW__RATE_IMAGE_OUT},
    };

    (void)state;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        struct llmgw__price price = priced(3, U, U, U, 5);
        int64_t base = own[i].cls < LLMGW__OUTPUT_TEXT ? 3 : 5;

        assert_int_equal(llmgw__price_rate(&price, NULL, own[i].cls, 0), base);
        price.rate[own[i].rate] = 7;
        assert_int_equal(llmgw__price_rate(&price, NULL, own[i].cls, 0), 7);
        price.rate[own[i].rate] = 0; /* free, not unknown */
        assert_int_equal(llmgw__price_rate(&price, NULL, own[i].cls, 0), 0);
    }
}

static void long_writes_fall_back_to_short_ones(void **state)
{
    struct llmgw__price price = priced(3, U, 4, U, 5);

    (void)state;
    assert_int_equal(
        llmgw__price_rate(&price, NULL, LLMGW__INPUT_CACHE_WRITE_1H, 0), 4);
    price.rate[LLMGW__RATE_CACHE_WRITE] = U;
    assert_int_equal(
        llmgw__price_rate(&price, NULL, LLMGW__INPUT_CACHE_WRITE_1H, 0), 3);
}

static void what_has_no_rate_makes_the_cost_unknown(void **state)
{
    struct llmgw__price price = priced(U, 1, 1, 1, 5);
    struct llmgw__usage usage = used(0, 10, 0, 10);

    (void)state;
    costs(&price, &usage, 60);
    usage.count[LLMGW__INPUT_UNCACHED] = 1;
    assert_false(llmgw__price_cost(&price, &at, &usage).known);
    assert_false(llmgw__price_cost(NULL, &at, &usage).known);
    usage = used(0, 0, 0, 0);
    costs(&price, &usage, 0); /* nothing was used */
}

static void fees_are_added(void **state)
{
    struct llmgw__price price = priced(1, U, U, U, 1);
    struct llmgw__usage usage = used(1, 0, 0, 1);

    (void)state;
    price.per_request = 1000;
    costs(&price, &usage, 1002);
    usage.requests = 2;
    costs(&price, &usage, 2002);
    usage.tools[LLMGW__TOOL_WEB_SEARCH] = 3;
    assert_false(llmgw__price_cost(&price, &at, &usage).known);
    price.per_search = 50000;
    costs(&price, &usage, 152002);
    usage.tools[LLMGW__TOOL_FILE_SEARCH] = 1;
    assert_false(llmgw__price_cost(&price, &at, &usage).known);
}

static void what_does_not_fit_is_unknown(void **state)
{
    struct llmgw__price price = priced(INT64_MAX, U, U, U, 2);
    struct llmgw__usage usage = used(1, 0, 0, 0);

    (void)state;
    costs(&price, &usage, INT64_MAX);
    usage.count[LLMGW__OUTPUT_TEXT] = 1;
    assert_false(llmgw__price_cost(&price, &at, &usage).known);
    usage = used(2, 0, 0, 0);
    assert_false(llmgw__price_cost(&price, &at, &usage).known);
    usage = used(0, 0, 0, INT64_MAX / 2);
    costs(&price, &usage, INT64_MAX - 1);
    usage.count[LLMGW__OUTPUT_TEXT]++;
    assert_false(llmgw__price_cost(&price, &at, &usage).known);
}

static void decimals_are_read_exactly(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } cases[] = {
        {"0", 0},
        {"0.075", 75000},
        {"2.5", 2500000},
        {"0.003625", 3625},
        {"600", 600000000},
        {"0012.50", 12500000},
        {"9223372036854.775807", INT64_MAX},
        {"9223372036854.775808", U},
        {"99999999999999999999", U},
        {"0.0000001", U},
        {"0.1000000", U},
        {"", U},
        {".", U},
        {"5.", U},
        {".5", U},
        {"-1", U},
        {"+1", U},
        {"1e3", U},
        {"1,5", U},
        {" 1", U},
        {"1 ", U},
        {"0x1", U},
        {"1.2.3", U},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_true(llmgw__price_parse(llmgw__str(cases[i].text)) ==
                    cases[i].value);
    assert_true(llmgw__price_parse((llmgw_str){NULL, 0}) == U);
}

static void sums_keep_less_than_one_dollar_in_pico(void **state)
{
    struct llmgw_money sum = {0, 0};
    struct llmgw_money more = {7, INT64_C(999999999999)};

    (void)state;
    llmgw__money_add(&sum, INT64_C(999999999999));
    assert_true(sum.usd == 0 && sum.pico == INT64_C(999999999999));
    llmgw__money_add(&sum, 1);
    assert_true(sum.usd == 1 && sum.pico == 0);
    llmgw__money_add(&sum, INT64_C(2500000000000));
    assert_true(sum.usd == 3 && sum.pico == INT64_C(500000000000));
    llmgw__money_add(&sum, -INT64_C(600000000000));
    assert_true(sum.usd == 2 && sum.pico == INT64_C(900000000000));
    llmgw__money_sum(&sum, &more);
    assert_true(sum.usd == 10 && sum.pico == INT64_C(899999999999));
    llmgw__money_add(&sum, INT64_MAX);
    assert_true(sum.usd == 9223382 && sum.pico < INT64_C(1000000000000));
}

static void sums_saturate(void **state)
{
    struct llmgw_money sum = {INT64_MAX, 1};
    struct llmgw_money more = {INT64_MAX, 0};

    (void)state;
    llmgw__money_add(&sum, INT64_C(3000000000000));
    assert_true(sum.usd == INT64_MAX);
    sum = (struct llmgw_money){INT64_MAX, INT64_C(999999999999)};
    llmgw__money_add(&sum, 1);
    assert_true(sum.usd == INT64_MAX && sum.pico == 0);
    sum = (struct llmgw_money){2, 0};
    llmgw__money_sum(&sum, &more);
    assert_true(sum.usd == INT64_MAX);
}

static void peak_hours_cost_twice_as_much(void **state)
{
    static const struct {
        const char *time;
        int64_t pico;
    } cases[] = {
        {"2026-11-23T02:30:00Z", 107220000}, /* a Monday */
        {"2026-11-23T12:00:00Z", 53610000},  {"2026-11-22T02:30:00Z", 53610000},
        {"2026-10-05T02:30:00Z", 53610000}, /* a Monday, but a holiday */
        {"2026-10-12T02:30:00Z", 107220000},
    };
    const struct llmgw__price *price = builtin("deepseek", "deepseek-flash");
    struct llmgw__usage usage = used(19, 320, 0, 83);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct llmgw__price_at then = {
            .wall_ns = llmgw__date_parse(cases[i].time, strlen(cases[i].time)) *
                       INT64_C(1000000000)};

        assert_true(llmgw__price_cost(price, &then, &usage).pico ==
                    cases[i].pico);
    }
}

static void a_promotional_price_ends_with_its_year(void **state)
{
    const struct llmgw__price *price = builtin("google", "gemini-3.8-flash");
    struct llmgw__usage usage = used(1, 0, 0, 0);
    struct llmgw__price_at then = {.wall_ns = INT64_C(1798761599) *
                                              INT64_C(1000000000)};

    (void)state;
    assert_true(llmgw__price_cost(price, &then, &usage).pico == 750000);
    then.wall_ns += INT64_C(1000000000); /* 2027-01-01T00:00:00Z */
    assert_true(llmgw__price_cost(price, &then, &usage).pico == 1500000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peak_hours_cost_twice_as_much),
        cmocka_unit_test(a_promotional_price_ends_with_its_year),
        cmocka_unit_test(reasoning_apart_costs_what_it_should),
        cmocka_unit_test(the_whole_request_takes_the_long_rates),
        cmocka_unit_test(cache_reads_count_towards_the_threshold),
        cmocka_unit_test(list_price_equals_the_reported_charge),
        cmocka_unit_test(the_last_tier_that_was_reached_counts),
        cmocka_unit_test(missing_rates_take_their_fallback),
        cmocka_unit_test(long_writes_fall_back_to_short_ones),
        cmocka_unit_test(what_has_no_rate_makes_the_cost_unknown),
        cmocka_unit_test(fees_are_added),
        cmocka_unit_test(what_does_not_fit_is_unknown),
        cmocka_unit_test(decimals_are_read_exactly),
        cmocka_unit_test(sums_keep_less_than_one_dollar_in_pico),
        cmocka_unit_test(sums_saturate),
    };

    return cmocka_run_group_tests(tests, read_builtin, forget_builtin);
}
