/* The table of prices and limits: built in, loaded, looked up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalog/manifest.h"
#include "support/alloc.h"

static struct llmgw__json_fault fault;

/* ' stands for " */
static llmgw_status load(struct llmgw__manifest *manifest, const char *text)
{
    char json[4096];
    size_t len = strlen(text);

    assert_in_range(len, 0, sizeof json - 1);
    for (size_t i = 0; i < len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    return llmgw__manifest_load(manifest, llmgw__str_n(json, len), &fault);
}

static const char *refusal(const char *text)
{
    static char answer[512];
    struct llmgw__manifest manifest;

    assert_int_equal(load(&manifest, text), LLMGW_E_CONFIG);
    snprintf(answer, sizeof answer, "%s: %s", fault.path, fault.message);
    return answer;
}

static const char *find(const struct llmgw__manifest *manifest,
                        const char *provider, const char *model)
{
    const struct llmgw__price *row =
        llmgw__manifest_find(manifest, provider, llmgw__str(model));

    return row ? row->model : "(none)";
}

static void a_row_holds_all_that_was_said(void **state)
{
    struct llmgw__manifest manifest;
    const struct llmgw__price *row;

    (void)state;
    assert_int_equal(
        load(
            &manifest,
            "{'version':'v1','about':'all','models':[{'provider':'p','model':'m',"
            "'rates':{'in':'0.075','out':'600'},'long':{'from':200000,"
            "'rates':{'in':'1'}},'per_request':'0.012','per_search':'0.01',"
            "'context_window':1000,'max_output':100,"
            "'capabilities':['tools','reasoning','cancel_stops_billing'],"
            "'lacks':['vision','prefill'],'reasoning':'always',"
            "'refuses':['top_k','stop'],'source':'s',"
            "'as_of':'2026-01-02'}]}"),
        LLMGW_OK);
    assert_string_equal(manifest.version, "v1");
    assert_int_equal(manifest.count, 1);
    row = llmgw__manifest_find(&manifest, "p", LLMGW__LIT("m"));
    assert_non_null(row);
    assert_int_equal(row->rate[LLMGW__RATE_IN], 75000);
    assert_int_equal(row->rate[LLMGW__RATE_OUT], 600000000);
    assert_true(row->rate[LLMGW__RATE_CACHE_READ] == LLMGW__PRICE_UNKNOWN);
    assert_int_equal(row->tier_count, 1);
    assert_int_equal(row->tiers[0].from, 200000);
    assert_int_equal(row->tiers[0].rate[LLMGW__RATE_IN], 1000000);
    assert_true(row->tiers[0].rate[LLMGW__RATE_OUT] == LLMGW__PRICE_UNKNOWN);
    assert_true(row->per_request == INT64_C(12000000000));
    assert_true(row->per_search == INT64_C(10000000000));
    assert_int_equal(row->context_window, 1000);
    assert_int_equal(row->max_output, 100);
    assert_int_equal(row->can, LLMGW__CAN_TOOLS | LLMGW__CAN_REASONING |
                                   LLMGW__CAN_STOP_BILLING);
    assert_int_equal(row->cannot, LLMGW__CAN_VISION | LLMGW__CAN_PREFILL);
    assert_int_equal(row->refuses, LLMGW__REFUSES_TOP_K | LLMGW__REFUSES_STOP);
    assert_int_equal(row->reasons, LLMGW__REASONS_ALWAYS);
    assert_string_equal(row->source, "s");
    assert_string_equal(row->as_of, "2026-01-02");
    llmgw__manifest_clear(&manifest);
    assert_null(llmgw__manifest_find(&manifest, "p", LLMGW__LIT("m")));
}

static void there_may_be_more_tiers_than_one(void **state)
{
    struct llmgw__manifest manifest;

    (void)state;
    assert_int_equal(load(&manifest,
                          "{'models':[{'provider':'p','model':'m','long':["
                          "{'above':10,'rates':{'in':'1'}},"
                          "{'from':20,'rates':{'in':'2'}}]}]}"),
                     LLMGW_OK);
    assert_int_equal(manifest.rows[0].tier_count, 2);
    assert_int_equal(manifest.rows[0].tiers[0].from, 11);
    assert_int_equal(manifest.rows[0].tiers[1].from, 20);
    assert_int_equal(manifest.rows[0].tiers[1].rate[LLMGW__RATE_IN], 2000000);
    llmgw__manifest_clear(&manifest);
}

static void what_was_not_said_is_unknown(void **state)
{
    struct llmgw__manifest manifest;

    (void)state;
    assert_int_equal(load(&manifest, "{'models':[{'provider':'p','model':'m',"
                                     "'long':{'above':5,'rates':{}}}]}"),
                     LLMGW_OK);
    assert_string_equal(manifest.version, "");
    for (int i = 0; i < LLMGW__RATES; i++)
        assert_true(manifest.rows[0].rate[i] == LLMGW__PRICE_UNKNOWN);
    assert_true(manifest.rows[0].per_request == LLMGW__PRICE_UNKNOWN);
    assert_true(manifest.rows[0].per_search == LLMGW__PRICE_UNKNOWN);
    assert_int_equal(manifest.rows[0].tiers[0].from, 6);
    assert_string_equal(manifest.rows[0].source, "");
    llmgw__manifest_clear(&manifest);
    assert_int_equal(load(&manifest, "{'models':[]}"), LLMGW_OK);
    assert_string_equal(find(&manifest, "p", "m"), "(none)");
    llmgw__manifest_clear(&manifest);
}

static void mistakes_are_refused_with_their_path(void **state)
{
#define M(members) "{'models':[{'provider':'p','model':'m'," members "}]}"
    static const struct {
        const char *text, *refusal;
    } cases[] = {
        /* clang-format off */
        {"[]", ": expected an object, found an array"},
        {"{}", "models: must be given"},
        {"{'models':{}}", "models: expected an array, found an object"},
        {"{'models':[],'x':1}", "x: unknown member"},
        {"{'models':[1]}", "models[0]: expected an object, found a number"},
        {"{'models':[{'model':'m'}]}", "models[0].provider: must be given"},
        {"{'models':[{'provider':'p','model':''}]}",
         "models[0].model: must be given"},
        {M("'price':1"), "models[0].price: unknown member"},
        {M("'rates':{'in':2.5}"),
         "models[0].rates.in: expected a string, found a number"},
        {M("'rates':{'in':'-2'}"),
         "models[0].rates.in: must be a decimal number of USD with at most 6 "
         "fraction digits"},
        {M("'rates':{'input':'2'}"), "models[0].rates.input: unknown member"},
        {M("'rates':[]"), "models[0].rates: expected an object, found an array"},
        {M("'long':{'rates':{}}"),
         "models[0].long: must have either above or from"},
        {M("'long':{'above':5,'from':6,'rates':{}}"),
         "models[0].long: must have either above or from"},
        {M("'long':{'above':5,'rates':{'in':'x'}}"),
         "models[0].long.rates.in: must be a decimal number of USD with at "
         "most 6 fraction digits"},
        {M("'per_request':'9999999999999'"),
         "models[0].per_request: must be a decimal number of USD, at most "
         "9000000, with at most 12 fraction digits"},
        {M("'per_search':'0.0000000000001'"),
         "models[0].per_search: must be a decimal number of USD, at most "
         "9000000, with at most 12 fraction digits"},
        {M("'long':[{'above':5,'rates':{}},{'from':6,'rates':{}}]"),
         "models[0].long[1]: must begin past the one before"},
        {M("'long':[7]"),
         "models[0].long[0]: expected an object, found a number"},
        {M("'context_window':-1"),
         "models[0].context_window: expected an integer from 0 to 2147483647"},
        {M("'capabilities':['tools','flying']"),
         "models[0].capabilities[1]: no such word is known here"},
        {M("'lacks':['seed']"),
         "models[0].lacks[0]: no such word is known here"},
        {M("'refuses':['seed','tools']"),
         "models[0].refuses[1]: no such word is known here"},
        {M("'refuses':[1]"),
         "models[0].refuses[0]: expected a string, found a number"},
        {M("'capabilities':['pdf','tools'],'lacks':['tools']"),
         "models[0].lacks: has one of the capabilities"},
        {M("'reasoning':'sometimes'"),
         "models[0].reasoning: no such word is known here"},
        {M("'reasoning':true"),
         "models[0].reasoning: expected a string, found true"},
        {M("'capabilities':'tools'"),
         "models[0].capabilities: expected an array, found a string"},
        {"{'models':[{'provider':'p','model':'n'},{'provider':'p','model':'m'},"
         "{'provider':'p','model':'n'}]}", "models: has p/n twice"},
        {"{'models':[", ": line 1, column 11: not JSON"},
        /* clang-format on */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(refusal(cases[i].text), cases[i].refusal);
}

static void names_are_found_exactly_or_without_their_date(void **state)
{
    static const struct {
        const char *provider, *model, *row;
    } cases[] = {
        {"p", "m", "m"},
        {"p", "m-2025-04-14", "m"},
        {"p", "m-20250929", "m"},
        {"p", "m@20250929", "m"},
        {"p", "m-001", "m"},
        {"p", "m-latest", "m"},
        {"p", "m-mini", "m-mini"},
        {"p", "m-mini-2025-01-01", "m-mini"},
        {"p", "m-2026-01-01", "m-2026-01-01"},
        {"p", "m-pro", "(none)"},
        {"p", "m-1", "(none)"},
        {"p", "m-2025", "(none)"},
        {"p", "m-20250a29", "(none)"},
        {"p", "m-latest-latest", "(none)"},
        {"p", "-latest", "(none)"},
        {"p", "mm", "(none)"},
        {"p", "", "(none)"},
        {"q", "m", "(none)"},
        {"z", "m", "m"},
    };
    struct llmgw__manifest manifest;

    (void)state;
    assert_int_equal(load(&manifest, "{'models':["
                                     "{'provider':'z','model':'m'},"
                                     "{'provider':'p','model':'m-mini'},"
                                     "{'provider':'p','model':'m-2026-01-01'},"
                                     "{'provider':'p','model':'m'}]}"),
                     LLMGW_OK);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(find(&manifest, cases[i].provider, cases[i].model),
                            cases[i].row);
    llmgw__manifest_clear(&manifest);
}

static void the_builtin_table_is_sorted_and_whole(void **state)
{
    struct llmgw__manifest manifest;

    (void)state;
    assert_int_equal(llmgw__manifest_builtin(&manifest), LLMGW_OK);
    assert_true(manifest.count > 80);
    assert_int_equal(strlen(manifest.version), 10);
    for (size_t i = 0; i < manifest.count; i++) {
        const struct llmgw__price *row = &manifest.rows[i];

        assert_ptr_equal(llmgw__manifest_find(&manifest, row->provider,
                                              llmgw__str(row->model)),
                         row);
        assert_true(row->rate[LLMGW__RATE_IN] > 0);
        assert_true(strlen(row->source) > 0 && strlen(row->as_of) >= 7);
    }
    llmgw__manifest_clear(&manifest);
}

static void nothing_is_known_both_ways(void **state)
{
    static const struct {
        const char *provider, *model;
        uint8_t can, cannot, refuses, reasons;
    } known[] = {
        {"anthropic", "claude-haiku-4-5", LLMGW__CAN_PREFILL, LLMGW__CAN_AUDIO,
         0, LLMGW__REASONS_BUDGET},
        {"anthropic", "claude-opus-5", LLMGW__CAN_PDF, LLMGW__CAN_PREFILL,
         LLMGW__REFUSES_TEMPERATURE | LLMGW__REFUSES_TOP_P |
             LLMGW__REFUSES_TOP_K,
         LLMGW__REASONS_ADAPTIVE},
        {"deepseek", "deepseek-v4-pro", LLMGW__CAN_STOP_BILLING,
         LLMGW__CAN_VISION, 0, LLMGW__REASONS_EFFORT},
        {"google", "gemini-2.5-pro", LLMGW__CAN_AUDIO, LLMGW__CAN_STOP_BILLING,
         0, LLMGW__REASONS_ALWAYS},
        {"perplexity", "sonar", 0, LLMGW__CAN_TOOLS, 0, LLMGW__REASONS_UNKNOWN},
    };
    struct llmgw__manifest manifest;

    (void)state;
    assert_int_equal(llmgw__manifest_builtin(&manifest), LLMGW_OK);
    for (size_t i = 0; i < manifest.count; i++) {
        const struct llmgw__price *row = &manifest.rows[i];

        assert_int_equal(row->can & row->cannot, 0);
        assert_true(!row->reasons || row->can & LLMGW__CAN_REASONING);
        assert_true(!row->max_output || row->max_output <= row->context_window);
    }
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        const struct llmgw__price *row = llmgw__manifest_find(
            &manifest, known[i].provider, llmgw__str(known[i].model));

        assert_non_null(row);
        assert_int_equal(row->can & known[i].can, known[i].can);
        assert_int_equal(row->cannot & known[i].cannot, known[i].cannot);
        assert_int_equal(row->refuses, known[i].refuses);
        assert_int_equal(row->reasons, known[i].reasons);
    }
    llmgw__manifest_clear(&manifest);
}

static char *read_models(size_t *len)
{
    FILE *file = fopen(LLMGW_SOURCE_DIR "/lib/catalog/models.json", "rb");
    char *text = malloc(1 << 20);

    assert_non_null(file);
    assert_non_null(text);
    *len = fread(text, 1, 1 << 20, file);
    fclose(file);
    return text;
}

static void the_builtin_table_is_what_its_source_loads_as(void **state)
{
    struct llmgw__manifest built, loaded;
    size_t len;
    char *text = read_models(&len);

    (void)state;
    assert_int_equal(
        llmgw__manifest_load(&loaded, llmgw__str_n(text, len), &fault),
        LLMGW_OK);
    assert_int_equal(llmgw__manifest_builtin(&built), LLMGW_OK);
    assert_string_equal(loaded.version, built.version);
    assert_int_equal(loaded.count, built.count);
    for (size_t i = 0; i < built.count; i++) {
        const struct llmgw__price *a = &built.rows[i], *b = &loaded.rows[i];

        assert_string_equal(a->provider, b->provider);
        assert_string_equal(a->model, b->model);
        assert_memory_equal(a->rate, b->rate, sizeof a->rate);
        assert_int_equal(a->tier_count, b->tier_count);
        if (a->tier_count)
            assert_memory_equal(a->tiers, b->tiers, sizeof *a->tiers);
        assert_true(a->per_request == b->per_request);
        assert_true(a->per_search == b->per_search);
        assert_int_equal(a->context_window, b->context_window);
        assert_int_equal(a->max_output, b->max_output);
        assert_int_equal(a->can, b->can);
        assert_int_equal(a->cannot, b->cannot);
        assert_int_equal(a->refuses, b->refuses);
        assert_int_equal(a->reasons, b->reasons);
        assert_string_equal(a->source, b->source);
        assert_string_equal(a->as_of, b->as_of);
    }
    llmgw__manifest_clear(&loaded);
    llmgw__manifest_clear(&built);
    free(text);
}

static void without_memory_there_is_no_builtin_table(void **state)
{
    struct llmgw__manifest manifest;

    (void)state;
    fail_allocation(0);
    assert_int_equal(llmgw__manifest_builtin(&manifest), LLMGW_E_NOMEM);
    assert_true(allow_allocations());
    assert_int_equal(manifest.count, 0);
    llmgw__manifest_clear(&manifest);
}

static void loading_survives_every_failed_allocation(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__manifest manifest;
        char text[3000] = "{'models':[";

        for (int i = 0; i < 30; i++)
            snprintf(text + strlen(text), 90,
                     "%s{'provider':'p','model':'a-model-of-some-length-%d'}",
                     i ? "," : "", i);
        strncat(text, "]}", 3);
        fail_allocation(nth);
        status = load(&manifest, text);
        allow_allocations();
        if (status == LLMGW_OK)
            llmgw__manifest_clear(&manifest);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_holds_all_that_was_said),
        cmocka_unit_test(there_may_be_more_tiers_than_one),
        cmocka_unit_test(what_was_not_said_is_unknown),
        cmocka_unit_test(mistakes_are_refused_with_their_path),
        cmocka_unit_test(names_are_found_exactly_or_without_their_date),
        cmocka_unit_test(the_builtin_table_is_sorted_and_whole),
        cmocka_unit_test(nothing_is_known_both_ways),
        cmocka_unit_test(the_builtin_table_is_what_its_source_loads_as),
        cmocka_unit_test(without_memory_there_is_no_builtin_table),
        cmocka_unit_test(loading_survives_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
