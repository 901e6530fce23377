/* What a price depends on: every rule of selection, at its boundaries; and that
 * the note of a price gives the same sum again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <llmgw/manifest.h>

#include "base/clock.h"
#include "base/text.h"
#include "catalog/bill.h"
#include "catalog/manifest.h"
#include "catalog/terms.h"
#include "support/alloc.h"

#define M(rest) \
    "{'version':'v7','models':[{'provider':'p','model':'m'," rest "}]}"

static struct llmgw__json_fault fault;
static struct llmgw__manifest manifest;

/* ' stands for " */
static llmgw_status load(const char *text)
{
    char json[4096];
    size_t len = strlen(text);

    assert_in_range(len, 0, sizeof json - 1);
    for (size_t i = 0; i < len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    return llmgw__manifest_load(&manifest, llmgw__str_n(json, len), &fault);
}

static void given(const char *text)
{
    llmgw__manifest_clear(&manifest);
    if (load(text) != LLMGW_OK)
        fail_msg("%s: %s", fault.path, fault.message);
}

static int forget(void **state)
{
    (void)state;
    llmgw__manifest_clear(&manifest);
    return 0;
}

static struct llmgw__price_at at_time(const char *time)
{
    struct llmgw__price_at at = {0};
    int64_t second = llmgw__date_parse(time, strlen(time));

    assert_true(second != INT64_MIN);
    at.wall_ns = second * INT64_C(1000000000);
    return at;
}

static struct llmgw__usage prompt_of(int64_t tokens)
{
    struct llmgw__usage usage;

    llmgw__usage_init(&usage);
    usage.count[LLMGW__INPUT_UNCACHED] = tokens;
    usage.requests = 1;
    return usage;
}

/* The price says so, and so does its note. */
static struct llmgw__cost cost_of(const struct llmgw__price_at *at,
                                  const struct llmgw__usage *usage)
{
    struct llmgw__cost cost = llmgw__price_cost(manifest.rows, at, usage);
    struct llmgw__cost again;
    struct llmgw__buf note;

    llmgw__buf_init(&note, 0);
    llmgw__bill_note(manifest.rows, at, manifest.version, &note);
    assert_int_equal(note.status, LLMGW_OK);
    again = llmgw__bill_cost(llmgw__buf_str(&note), usage);
    assert_int_equal(again.known, cost.known);
    assert_true(again.pico == cost.pico);
    llmgw__buf_clear(&note);
    return cost;
}

static int64_t pico_of(const struct llmgw__price_at *at,
                       const struct llmgw__usage *usage)
{
    struct llmgw__cost cost = cost_of(at, usage);

    return cost.known ? cost.pico : -1;
}

/* One token of a prompt, at a time. */
static int64_t token_at(const char *time)
{
    struct llmgw__price_at at = at_time(time);
    struct llmgw__usage usage = prompt_of(1);

    return pico_of(&at, &usage);
}

static void a_window_begins_with_its_start_and_ends_before_its_end(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':[{'hours':['01:00-04:00',"
            "'06:00-10:00'],'days':['mon','tue','wed','thu','fri'],"
            "'rates':{'in':'0.000002'}}]"));
    /* 2026-11-23 is a Monday */
    assert_int_equal(token_at("2026-11-23T00:59:59Z"), 1);
    assert_int_equal(token_at("2026-11-23T01:00:00Z"), 2);
    assert_int_equal(token_at("2026-11-23T03:59:59Z"), 2);
    assert_int_equal(token_at("2026-11-23T04:00:00Z"), 1);
    assert_int_equal(token_at("2026-11-23T05:59:59Z"), 1);
    assert_int_equal(token_at("2026-11-23T06:00:00Z"), 2);
    assert_int_equal(token_at("2026-11-23T09:59:59Z"), 2);
    assert_int_equal(token_at("2026-11-23T10:00:00Z"), 1);
    assert_int_equal(token_at("2026-11-22T02:00:00Z"), 1);
    assert_int_equal(token_at("2026-11-27T02:00:00Z"), 2);
    assert_int_equal(token_at("2026-11-28T02:00:00Z"), 1);
}

static void a_window_past_midnight_is_that_of_the_day_before(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':[{'hours':['22:30-06:00'],"
            "'days':['fri'],'except':['2026-12-04'],"
            "'rates':{'in':'0.000002'}}]"));
    assert_int_equal(token_at("2026-11-27T05:59:59Z"), 1); /* Friday */
    assert_int_equal(token_at("2026-11-27T22:29:59Z"), 1);
    assert_int_equal(token_at("2026-11-27T22:30:00Z"), 2);
    assert_int_equal(token_at("2026-11-28T00:00:00Z"), 2);
    assert_int_equal(token_at("2026-11-28T05:59:59Z"), 2);
    assert_int_equal(token_at("2026-11-28T06:00:00Z"), 1);
    assert_int_equal(token_at("2026-11-28T22:30:00Z"), 1);
    assert_int_equal(token_at("2026-12-04T23:00:00Z"), 1); /* excepted, */
    assert_int_equal(token_at("2026-12-05T01:00:00Z"), 1); /* all of it */
    assert_int_equal(token_at("2026-12-11T23:00:00Z"), 2);
}

static void days_without_hours_are_whole_but_for_those_excepted(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':[{'days':['sat','sun'],"
            "'except':['2026-11-29'],'time_zone':'+08:00',"
            "'rates':{'in':'0.000002'}}]"));
    assert_int_equal(token_at("2026-11-27T15:59:59Z"), 1);
    assert_int_equal(token_at("2026-11-27T16:00:00Z"), 2);
    assert_int_equal(token_at("2026-11-28T15:59:59Z"), 2);
    assert_int_equal(token_at("2026-11-28T16:00:00Z"), 1);
    assert_int_equal(token_at("2026-12-05T16:00:00Z"), 2);
}

static void hours_of_a_place_move_with_its_summer_time(void **state)
{
    (void)state;
    if (load(M("'rates':{'in':'0.000001'},'prices':[{'hours':['09:00-17:00'],"
               "'time_zone':'Europe/Berlin','rates':{'in':'0.000002'}}]")) !=
        LLMGW_OK) {
        print_message("this system has no time zones\n");
        skip();
    }
    assert_int_equal(token_at("2026-01-15T07:59:59Z"), 1);
    assert_int_equal(token_at("2026-01-15T08:00:00Z"), 2);
    assert_int_equal(token_at("2026-01-15T15:59:59Z"), 2);
    assert_int_equal(token_at("2026-01-15T16:00:00Z"), 1);
    assert_int_equal(token_at("2026-07-15T06:59:59Z"), 1);
    assert_int_equal(token_at("2026-07-15T07:00:00Z"), 2);
    assert_int_equal(token_at("2026-07-15T15:00:00Z"), 1);
    /* the clocks went forward in the night before */
    assert_int_equal(token_at("2026-03-29T06:59:59Z"), 1);
    assert_int_equal(token_at("2026-03-29T07:00:00Z"), 2);
}

static void a_dated_price_holds_from_its_day_until_another(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001','out':'5'},'prices':["
            "{'from':'2026-12-01','rates':{'in':'0.000003'}},"
            "{'from':'2026-12-24','until':'2027-01-01',"
            "'rates':{'in':'0.000002'}}]"));
    assert_int_equal(token_at("2026-11-30T23:59:59Z"), 1);
    assert_int_equal(token_at("2026-12-01T00:00:00Z"), 3);
    assert_int_equal(token_at("2026-12-23T23:59:59Z"), 3);
    assert_int_equal(token_at("2026-12-24T00:00:00Z"), 2);
    assert_int_equal(token_at("2026-12-31T23:59:59Z"), 2);
    assert_int_equal(token_at("2027-01-01T00:00:00Z"), 3);
    assert_int_equal(token_at("1969-12-31T23:59:59Z"), 1);
    /* the usual price is that of no time */
    assert_int_equal(
        llmgw__price_rate(manifest.rows, NULL, LLMGW__INPUT_UNCACHED, 1), 1);
    /* what the dated one does not say stays */
    {
        struct llmgw__price_at at = at_time("2026-12-02T00:00:00Z");

        assert_int_equal(
            llmgw__price_rate(manifest.rows, &at, LLMGW__OUTPUT_TEXT, 1),
            5000000);
    }
}

static int64_t served(int tier, bool regional, int64_t tokens)
{
    struct llmgw__price_at at = {0, (uint8_t)tier, regional};
    struct llmgw__usage usage = prompt_of(tokens);

    return pico_of(&at, &usage);
}

static void a_way_of_serving_has_rates_or_a_multiplier(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.0001'},'prices':["
            "{'service_tier':'batch','multiply':'1/2'},"
            "{'service_tier':'flex','rates':{'in':'0.000033'}},"
            "{'service_tier':'priority','multiply':'2/1'},"
            "{'regional':true,'multiply':'11/10'}]"));
    assert_int_equal(served(LLMGW__SERVICE_UNKNOWN, false, 1), 100);
    assert_int_equal(served(LLMGW__SERVICE_STANDARD, false, 1), 100);
    assert_int_equal(served(LLMGW__SERVICE_BATCH, false, 1), 50);
    assert_int_equal(served(LLMGW__SERVICE_FLEX, false, 1), 33);
    assert_int_equal(served(LLMGW__SERVICE_PRIORITY, false, 1), 200);
    assert_int_equal(served(LLMGW__SERVICE_STANDARD, true, 1), 110);
    /* both: 100 x 1/2 x 11/10; 33 x 11/10 = 36.3 */
    assert_int_equal(served(LLMGW__SERVICE_BATCH, true, 1), 55);
    assert_int_equal(served(LLMGW__SERVICE_FLEX, true, 1), 36);
}

static void a_standard_price_is_also_that_of_what_is_not_told(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':["
            "{'service_tier':'standard','rates':{'in':'0.000002'}}]"));
    assert_int_equal(served(LLMGW__SERVICE_UNKNOWN, false, 1), 2);
    assert_int_equal(served(LLMGW__SERVICE_STANDARD, false, 1), 2);
    assert_int_equal(served(LLMGW__SERVICE_BATCH, false, 1), 1);
}

static void a_multiplier_rounds_half_up_once_for_all_classes(void **state)
{
    struct llmgw__price_at at = {0, 0, 1};
    struct llmgw__usage usage = prompt_of(146625003);

    (void)state;
    given(M("'rates':{'in':'0.000001','out':'0.000001'},'per_request':"
            "'0.000000000007','prices':[{'regional':true,'multiply':"
            "'11/10'}]"));
    usage.requests = 0;
    assert_int_equal(pico_of(&at, &usage), 161287503); /* …503.3 */
    usage = prompt_of(5);
    usage.requests = 0;
    assert_int_equal(pico_of(&at, &usage), 6); /* 5.5 */
    usage.count[LLMGW__INPUT_UNCACHED] = 4;
    assert_int_equal(pico_of(&at, &usage), 4); /* 4.4 */
    usage.count[LLMGW__OUTPUT_TEXT] = 4;
    assert_int_equal(pico_of(&at, &usage), 9); /* 8.8, not 4 and 4 */
    usage.requests = 1;
    assert_int_equal(pico_of(&at, &usage), 16); /* no fee is multiplied */
}

static void a_multiplied_sum_is_exact_up_to_the_last_that_fits(void **state)
{
    struct llmgw__price_at at = {0, 0, 1};
    struct llmgw__usage usage = prompt_of(INT64_MAX);

    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':[{'regional':true,"
            "'multiply':'1/2'}]"));
    assert_true(pico_of(&at, &usage) == INT64_C(4611686018427387904));
    given(M("'rates':{'in':'0.000001'},'prices':[{'regional':true,"
            "'multiply':'2/1'}]"));
    assert_int_equal(pico_of(&at, &usage), -1);
    usage.count[LLMGW__INPUT_UNCACHED] = INT64_MAX / 2;
    assert_true(pico_of(&at, &usage) == INT64_MAX - 1);
    usage.count[LLMGW__INPUT_UNCACHED]++;
    assert_int_equal(pico_of(&at, &usage), -1);
    given(M("'rates':{'in':'0.000001'},'prices':[{'regional':true,"
            "'multiply':'999983/1'},{'multiply':'999979/1'}]"));
    usage.count[LLMGW__INPUT_UNCACHED] = 1;
    assert_int_equal(pico_of(&at, &usage), -1); /* no such multiplier */
}

static void a_threshold_is_past_its_number_or_at_it(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':["
            "{'min_prompt_tokens':200,'rates':{'in':'0.000003'}},"
            "{'min_prompt_tokens':100,'inclusive':true,"
            "'rates':{'in':'0.000002'}}]"));
    assert_int_equal(served(0, false, 99), 99);
    assert_int_equal(served(0, false, 100), 200);
    assert_int_equal(served(0, false, 200), 400);
    assert_int_equal(served(0, false, 201), 603);
}

static void the_largest_threshold_counts_and_of_the_same_the_last(void **state)
{
    (void)state;
    given(M("'rates':{'in':'0.000001'},"
            "'long':{'above':100,'rates':{'in':'0.000002'}},'prices':["
            "{'service_tier':'flex','rates':{'in':'0.000007'}},"
            "{'service_tier':'batch','rates':{'in':'0.000005'}},"
            "{'min_prompt_tokens':100,'service_tier':'batch',"
            "'rates':{'in':'0.000003'}},"
            "{'min_prompt_tokens':100,'service_tier':'batch',"
            "'rates':{'in':'0.000004'}}]"));
    assert_int_equal(served(0, false, 101), 202);
    assert_int_equal(served(LLMGW__SERVICE_BATCH, false, 100), 500);
    assert_int_equal(served(LLMGW__SERVICE_BATCH, false, 101), 404);
    assert_int_equal(served(LLMGW__SERVICE_FLEX, false, 100), 700);
    assert_int_equal(served(LLMGW__SERVICE_FLEX, false, 101), 202);
}

static void a_multiplier_may_be_for_long_prompts_only(void **state)
{
    struct llmgw__price_at at = {0};

    (void)state;
    given(M("'rates':{'in':'0.00001'},'prices':["
            "{'min_prompt_tokens':100,'multiply':'3/2'}]"));
    assert_int_equal(served(0, false, 100), 1000);
    assert_int_equal(served(0, false, 101), 1515);
    assert_int_equal(
        llmgw__price_tier_rate(manifest.rows, &at, LLMGW__RATE_IN, 100), 10);
    assert_int_equal(
        llmgw__price_tier_rate(manifest.rows, &at, LLMGW__RATE_IN, 101), 15);
    assert_true(llmgw__price_tier_rate(manifest.rows, &at, LLMGW__RATE_OUT,
                                       101) == LLMGW__PRICE_UNKNOWN);
}

static void marginal_bands_price_each_token_by_its_place(void **state)
{
    struct llmgw__price_at at = {0};
    struct llmgw__usage usage = prompt_of(150);

    (void)state;
    given(M("'rates':{'in':'0.00001','cache_read':'0.000001','out':'0.0001'},"
            "'prices':[{'min_prompt_tokens':100,'marginal':true,'rates':"
            "{'in':'0.00002','out':'0.0002'}},{'min_prompt_tokens':200,"
            "'marginal':true,'rates':{'in':'0.00003','cache_read':'0.000002'"
            "}}]"));
    assert_int_equal(served(0, false, 100), 1000);
    assert_int_equal(served(0, false, 101), 1020);
    assert_int_equal(served(0, false, 200), 3000);
    assert_int_equal(served(0, false, 201), 3030);
    assert_int_equal(pico_of(&at, &usage), 100 * 10 + 50 * 20);
    /* what is cached stands first; the answer is behind all of it */
    usage.count[LLMGW__INPUT_CACHED] = 120;
    usage.count[LLMGW__OUTPUT_TEXT] = 3;
    assert_int_equal(pico_of(&at, &usage),
                     120 * 1 + 80 * 20 + 70 * 30 + 3 * 200);
    usage.count[LLMGW__INPUT_CACHED] = 99; /* one token before the band */
    usage.count[LLMGW__INPUT_UNCACHED] = 51;
    assert_int_equal(pico_of(&at, &usage), 99 * 1 + 1 * 10 + 50 * 20 + 3 * 200);
    usage.count[LLMGW__INPUT_UNCACHED] = 150;
    usage.count[LLMGW__INPUT_CACHED] = 250;
    assert_int_equal(pico_of(&at, &usage),
                     200 * 1 + 50 * 2 + 150 * 30 + 3 * 200);
}

static void each_tool_has_its_fee_and_an_unknown_one_is_unknown(void **state)
{
    struct llmgw__price_at at = {0, LLMGW__SERVICE_BATCH, 0};
    struct llmgw__usage usage = prompt_of(10);

    (void)state;
    given(M("'rates':{'in':'0.000001'},'prices':[{'service_tier':'batch',"
            "'multiply':'1/2'}],'fees':{'request':'0.000000000100',"
            "'web_search':'0.000000001','file_search':'0.00000001',"
            "'code_interpreter':'0'}"));
    assert_int_equal(pico_of(&at, &usage), 105);
    usage.tools[LLMGW__TOOL_WEB_SEARCH] = 3;
    assert_int_equal(pico_of(&at, &usage), 3105);
    usage.tools[LLMGW__TOOL_FILE_SEARCH] = 2;
    usage.tools[LLMGW__TOOL_CODE_INTERPRETER] = 9;
    assert_int_equal(pico_of(&at, &usage), 23105);
    usage.tools[LLMGW__TOOL_WEB_FETCH] = 1;
    assert_int_equal(pico_of(&at, &usage), -1);
    given(M("'rates':{'in':'0.000001'},'fees':{'web_search':"
            "'0.000000001','web_search_unit':'request'}"));
    usage = prompt_of(10);
    usage.tools[LLMGW__TOOL_WEB_SEARCH] = 3;
    assert_int_equal(pico_of(&at, &usage), 1010);
    usage.requests = 2;
    assert_int_equal(pico_of(&at, &usage), 2010);
    usage.requests = 7;
    assert_int_equal(pico_of(&at, &usage), 3010);
}

static void what_is_free_costs_nothing_and_that_is_known(void **state)
{
    struct llmgw__price_at at = {0};
    struct llmgw__usage usage = prompt_of(INT64_MAX);

    (void)state;
    given(M("'free':true"));
    for (int cls = 0; cls < LLMGW__USAGE_CLASSES; cls++)
        usage.count[cls] = 1000;
    for (int tool = 0; tool < LLMGW__USAGE_TOOLS; tool++)
        usage.tools[tool] = 2;
    assert_int_equal(pico_of(&at, &usage), 0);
    given(M("'free':false"));
    assert_int_equal(pico_of(&at, &usage), -1);
}

static void mistakes_are_refused_with_their_path(void **state)
{
    static const struct {
        const char *text;
        const char *refusal;
    } cases[] = {
        {"'prices':{}", "prices: expected an array, found an object"},
        {"'prices':[{}]", "prices[0]: must have rates or multiply"},
        {"'prices':[{'rates':{},'tier':1}]", "prices[0].tier: unknown member"},
        {"'prices':[{'rates':{'in':1}}]",
         "prices[0].rates.in: expected a string, found a number"},
        {"'prices':[{'multiply':'1/0'}]",
         "prices[0].multiply: must be two whole numbers from 1 to 1000000, as "
         "in \"11/10\""},
        {"'prices':[{'multiply':'1000001/1'}]",
         "prices[0].multiply: must be two whole numbers from 1 to 1000000, as "
         "in \"11/10\""},
        {"'prices':[{'rates':{},'from':'2026-13-01'}]",
         "prices[0].from: must be a date, as in \"2026-12-31\""},
        {"'prices':[{'rates':{},'from':'2026-12-01','until':'2026-12-01'}]",
         "prices[0].until: must be later than from"},
        {"'prices':[{'rates':{},'hours':['9-17']}]",
         "prices[0].hours[0]: must be hours of a day, from-to, as in "
         "\"22:30-06:00\""},
        {"'prices':[{'rates':{},'hours':['09:00-24:01']}]",
         "prices[0].hours[0]: must be hours of a day, from-to, as in "
         "\"22:30-06:00\""},
        {"'prices':[{'rates':{},'hours':['09:00-09:00']}]",
         "prices[0].hours[0]: must be hours of a day, from-to, as in "
         "\"22:30-06:00\""},
        {"'prices':[{'rates':{},'hours':['1:00-2:00','3:00-4:00',"
         "'5:00-6:00','7:00-8:00','9:00-10:00']}]",
         "prices[0].hours: has too many elements"},
        {"'prices':[{'rates':{},'days':['monday']}]",
         "prices[0].days[0]: must be one of mon, tue, wed, thu, fri, sat, sun"},
        {"'prices':[{'rates':{},'days':[]}]",
         "prices[0].days: must have a day at least"},
        {"'prices':[{'rates':{},'except':['today']}]",
         "prices[0].except[0]: must be a date, as in \"2026-12-31\""},
        {"'prices':[{'rates':{},'time_zone':'Atlantis'}]",
         "prices[0].time_zone: must be UTC, an offset as in \"+08:00\", or a "
         "time zone of this system"},
        {"'prices':[{'rates':{},'service_tier':'cheap'}]",
         "prices[0].service_tier: must be one of: standard, flex, priority, "
         "batch"},
        {"'prices':[{'rates':{},'inclusive':true}]",
         "prices[0].inclusive: needs min_prompt_tokens"},
        {"'prices':[{'rates':{},'marginal':true}]",
         "prices[0].marginal: needs min_prompt_tokens"},
        {"'prices':[{'multiply':'1/2','min_prompt_tokens':5,'marginal':true}]",
         "prices[0]: must not multiply what is marginal: only rates can be"},
        {"'fees':{'web':'1'}", "fees.web: unknown member"},
        {"'fees':{'web_fetch':'-1'}",
         "fees.web_fetch: must be a decimal number of USD, at most 9000000, "
         "with at most 12 fraction digits"},
        {"'fees':{'web_search_unit':'hour'}",
         "fees.web_search_unit: must be one of: query, request"},
        {"'free':true,'rates':{'in':'1'}", "rates: is of a model that is free"},
        {"'free':1", "free: expected true or false, found a number"},
    };
    char text[512], answer[512], expected[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(text, sizeof text, M("%s"), cases[i].text);
        memset(&fault, 0, sizeof fault);
        assert_int_equal(load(text), LLMGW_E_CONFIG);
        snprintf(answer, sizeof answer, "%s: %s", fault.path, fault.message);
        snprintf(expected, sizeof expected, "models[0].%s", cases[i].refusal);
        assert_string_equal(answer, expected);
    }
    memset(&fault, 0, sizeof fault);
}

static void a_sum_is_told_line_by_line(void **state)
{
    struct llmgw__price_at at = {0, LLMGW__SERVICE_BATCH, 1};
    struct llmgw__usage usage = prompt_of(1500);
    struct llmgw__buf note, text;

    (void)state;
    given(M("'rates':{'in':'2','cache_read':'0.2','out':'12'},'long':"
            "{'above':2000,'rates':{'in':'4'}},'prices':[{'service_tier':"
            "'batch','multiply':'1/2'}],'per_search':'0.01','source':'s',"
            "'as_of':'2026-11-15'"));
    usage.count[LLMGW__INPUT_CACHED] = 8000;
    usage.count[LLMGW__OUTPUT_TEXT] = 1000;
    usage.tools[LLMGW__TOOL_WEB_SEARCH] = 2;
    usage.service_tier = LLMGW__SERVICE_BATCH;
    usage.regional = 1;
    llmgw__buf_init(&note, 0);
    llmgw__buf_init(&text, 0);
    llmgw__bill_note(manifest.rows, &at, manifest.version, &note);
    assert_int_equal(llmgw__bill_explain(llmgw__buf_str(&note), &usage, &text),
                     LLMGW_OK);
    llmgw__buf_add_char(&text, '\0');
    assert_string_equal(text.data,
                        "input_cached 8000 x 0.2 USD/M = 0.0016 USD\n"
                        "input_uncached 1500 x 4 USD/M = 0.006 USD\n"
                        "output_text 1000 x 12 USD/M = 0.012 USD\n"
                        "tokens 0.0196 USD x 1/2 = 0.0098 USD\n"
                        "web_search 2 x 0.01 USD = 0.02 USD\n"
                        "total 0.0298 USD\n"
                        "price p/m, prompts from 2001 tokens, served as batch, "
                        "kept in a region\n"
                        "manifest v7; s; 2026-11-15\n");
    usage.tools[LLMGW__TOOL_WEB_FETCH] = 1;
    llmgw__buf_reset(&text);
    assert_int_equal(llmgw__bill_explain(llmgw__buf_str(&note), &usage, &text),
                     LLMGW_OK);
    llmgw__buf_add_char(&text, '\0');
    assert_non_null(strstr(text.data, "web_fetch 1 x unknown = unknown\n"));
    assert_non_null(strstr(text.data, "total unknown\n"));
    llmgw__buf_reset(&text);
    assert_int_equal(llmgw__bill_explain(llmgw__str(""), &usage, &text),
                     LLMGW_OK);
    assert_true(
        llmgw__str_is(llmgw__buf_str(&text), "total unknown\nprice unknown\n"));
    llmgw__buf_clear(&note);
    llmgw__buf_clear(&text);
}

static void a_note_without_a_price_costs_what_nobody_knows(void **state)
{
    struct llmgw__usage usage = prompt_of(1);

    (void)state;
    assert_false(llmgw__bill_cost(llmgw__str(""), &usage).known);
    assert_false(llmgw__bill_cost(llmgw__str("{"), &usage).known);
    assert_false(llmgw__bill_cost(llmgw__str("{\"models\":[]}"), &usage).known);
}

/* All of it: reading, noting, reckoning again, explaining. */
static llmgw_status go_through(void)
{
    struct llmgw__price_at at = {0};
    struct llmgw__usage usage = prompt_of(10);
    struct llmgw__buf note, text;
    llmgw_status status = load(
        M("'rates':{'in':'1'},'prices':[{'hours':['1:00-2:00'],'except':"
          "['2026-01-01'],'time_zone':'+08:00','rates':{'in':'2'}},"
          "{'min_prompt_tokens':5,'rates':{'in':'3'}}],'fees':{'web_fetch':"
          "'0'}"));

    if (status != LLMGW_OK)
        return status;
    llmgw__buf_init(&note, 0);
    llmgw__buf_init(&text, 0);
    llmgw__bill_note(manifest.rows, &at, manifest.version, &note);
    status = note.status;
    if (status == LLMGW_OK &&
        !llmgw__bill_cost(llmgw__buf_str(&note), &usage).known)
        status = LLMGW_E_NOMEM;
    if (status == LLMGW_OK)
        status = llmgw__bill_explain(llmgw__buf_str(&note), &usage, &text);
    llmgw__buf_clear(&note);
    llmgw__buf_clear(&text);
    llmgw__manifest_clear(&manifest);
    return status;
}

static void no_memory_is_told_wherever_it_ends(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth = 0;

    (void)state;
    for (; status == LLMGW_E_NOMEM && nth < 1000; nth++) {
        memset(&fault, 0, sizeof fault);
        fail_allocation(nth);
        status = go_through();
        allow_allocations();
        assert_true(status == LLMGW_OK || status == LLMGW_E_NOMEM);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_in_range(nth, 5, 999);
    llmgw__manifest_clear(&manifest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, forget)
        TEST(a_window_begins_with_its_start_and_ends_before_its_end),
        TEST(a_window_past_midnight_is_that_of_the_day_before),
        TEST(days_without_hours_are_whole_but_for_those_excepted),
        TEST(hours_of_a_place_move_with_its_summer_time),
        TEST(a_dated_price_holds_from_its_day_until_another),
        TEST(a_way_of_serving_has_rates_or_a_multiplier),
        TEST(a_standard_price_is_also_that_of_what_is_not_told),
        TEST(a_multiplier_rounds_half_up_once_for_all_classes),
        TEST(a_multiplied_sum_is_exact_up_to_the_last_that_fits),
        TEST(a_threshold_is_past_its_number_or_at_it),
        TEST(the_largest_threshold_counts_and_of_the_same_the_last),
        TEST(a_multiplier_may_be_for_long_prompts_only),
        TEST(marginal_bands_price_each_token_by_its_place),
        TEST(each_tool_has_its_fee_and_an_unknown_one_is_unknown),
        TEST(what_is_free_costs_nothing_and_that_is_known),
        TEST(mistakes_are_refused_with_their_path),
        TEST(a_sum_is_told_line_by_line),
        TEST(a_note_without_a_price_costs_what_nobody_knows),
        TEST(no_memory_is_told_wherever_it_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
