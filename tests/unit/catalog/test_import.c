/* Price lists of others: read by their tables, to the last unit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "catalog/pricelist.h"
#include "catalog/terms.h"
#include "support/alloc.h"

#define U LLMGW__PRICE_UNKNOWN

/* Each as its publisher forms it, in small. */
static const char litellm[] =
    "{'sample_spec':{'litellm_provider':'one of them','mode':'chat'},"
    "'gpt-9':{'litellm_provider':'openai','input_cost_per_token':2.5e-06,"
    "'output_cost_per_token':1e-05,'cache_read_input_token_cost':2.5e-07,"
    "'input_cost_per_token_above_272k_tokens':5e-06,"
    "'output_cost_per_token_above_272k_tokens':1.5e-05,"
    "'input_cost_per_token_flex':1.25e-06,'max_input_tokens':1000000,"
    "'max_output_tokens':'many','supports_vision':true,"
    "'supports_reasoning':false,'search_context_cost_per_query':"
    "{'search_context_size_low':0.02,'search_context_size_medium':0.01}},"
    "'deepseek-x':{'litellm_provider':'deepseek','input_cost_per_token':9},"
    "'deepseek-y':{'litellm_provider':'deepseek',"
    "'input_cost_per_token':1e-06},"
    "'deepseek/deepseek-y':{'litellm_provider':'deepseek',"
    "'input_cost_per_token':2e-06,'input_cost_per_token_cache_hit':3e-07},"
    "'xai/grok-9':{'litellm_provider':'xai','input_cost_per_token':3e-06,"
    "'input_cost_per_token_above_128k_tokens':6e-06},"
    "'vertex_ai/claude-9@20260101':{'litellm_provider':"
    "'vertex_ai-anthropic_models','cache_creation_input_token_cost':1e-06,"
    "'cache_creation_input_token_cost_above_1hr':2e-06,"
    "'cache_creation_input_token_cost_above_1hr_above_200k_tokens':4e-06},"
    "'dashscope/q':{'litellm_provider':'dashscope','tiered_pricing':["
    "{'range':[0,32000.0],'input_cost_per_token':1e-06},"
    "{'range':[32000.0,128000.0],'input_cost_per_token':2e-06},"
    "{'range':[128000.0,256000.0],'input_cost_per_token':3e-06}]},"
    "'novita/x':{'litellm_provider':'novita','input_cost_per_token':1e-06},"
    "'dall-e-9':{'litellm_provider':'openai','output_cost_per_pixel':1e-08}}";

static const char models_dev[] =
    "{'anthropic':{'id':'anthropic','models':{'claude-9':{'tool_call':true,"
    "'structured_output':false,'reasoning':true,'modalities':{'input':"
    "['text','image','pdf']},'limit':{'context':200000,'output':64000},"
    "'cost':{'input':3,'output':15.0,'cache_read':0.30000000000000004,"
    "'cache_write':3.75,'context_over_200k':{'input':6,'output':22.5}}},"
    "'claude-free':{'cost':{'input':0,'output':0}}}},"
    "'openai':{'models':{'gpt-9':{'cost':{'input':2.5,'output':null,'tiers':["
    "{'tier':{'size':272000},'input':5},{'input':7}]}}}},"
    "'302ai':{'models':{'a':{},'b':{}}}}";

static const char openrouter[] =
    "{'data':[{'id':'qwen/q','context_length':1000000,'architecture':"
    "{'input_modalities':['text','file','audio']},'top_provider':"
    "{'max_completion_tokens':65536},'supported_parameters':['tools','seed'],"
    "'pricing':{'prompt':'0.00000003','completion':'0.00000013',"
    "'input_cache_write':'0.0000000208333333333333','web_search':'0.01',"
    "'request':'0','internal_reasoning':'-1','overrides':["
    "{'prompt':'0.0000002','min_prompt_tokens':256000},"
    "{'prompt':'0.0000001','min_prompt_tokens':32000},"
    "{'prompt':'0.9e-5','utc_start':100,'utc_end':200,'min_prompt_tokens':1}]}},"
    "{'id':'openrouter/auto','pricing':{'prompt':'-1','completion':'-1'}},"
    "{'id':'bad/negative','pricing':{'prompt':'-0.5'}},"
    "{'id':'bad/words','pricing':{'prompt':'free'}},"
    "{'id':'','pricing':{'prompt':'0'}}]}";

static const char own[] =
    "{'version':'v','models':[{'provider':'p','model':'m',"
    "'rates':{'in':'1'}}]}";

static struct llmgw__changes changes;
static struct llmgw__list *list;
static struct llmgw__json_fault fault;

static int forget(void **state)
{
    (void)state;
    llmgw__list_drop(list);
    list = NULL;
    llmgw__changes_clear(&changes);
    return 0;
}

static int prepare(void **state)
{
    (void)state;
    memset(&fault, 0, sizeof fault);
    llmgw__arena_init(&changes.arena, 0, 0);
    return 0;
}

static llmgw_status read_bytes(const char *text, size_t len, const char *format)
{
    struct llmgw__reading reading = {
        .format = format, .as_of = "2026-11-23", .changes = &changes};

    forget(NULL);
    prepare(NULL);
    return llmgw__list_read(llmgw__str_n(text, len), &reading, &list, &fault);
}

/* ' stands for " */
static llmgw_status read_cut(const char *text, size_t len)
{
    char json[4096];

    assert_in_range(len, 0, sizeof json);
    for (size_t i = 0; i < len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    return read_bytes(json, len, NULL);
}

static void read_list(const char *text)
{
    if (read_cut(text, strlen(text)) != LLMGW_OK)
        fail_msg("%s: %s", fault.path, fault.message);
}

static const struct llmgw__price *row(const char *provider, const char *model)
{
    const struct llmgw__price *found =
        llmgw__manifest_row(&list->manifest, provider, llmgw__str(model));

    assert_non_null(found);
    return found;
}

static void counts(size_t models, size_t refused, size_t skipped)
{
    assert_int_equal(list->manifest.count, models);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_READ], models);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_REFUSED], refused);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_SKIPPED], skipped);
}

static void tier(const struct llmgw__price *price, size_t place, int64_t from,
                 int64_t in)
{
    assert_in_range(place, 0, price->tier_count - 1);
    assert_int_equal(price->tiers[place].from, from);
    assert_true(price->tiers[place].rate[LLMGW__RATE_IN] == in);
}

static void prices_per_token_are_read_exactly(void **state)
{
    const struct llmgw__price *price;

    (void)state;
    read_list(litellm);
    counts(5, 1, 3);
    assert_string_equal(list->name, "litellm");
    price = row("openai", "gpt-9");
    assert_true(price->rate[LLMGW__RATE_IN] == 2500000);
    assert_true(price->rate[LLMGW__RATE_OUT] == 10000000);
    assert_true(price->rate[LLMGW__RATE_CACHE_READ] == 250000);
    assert_true(price->rate[LLMGW__RATE_CACHE_WRITE] == U);
    assert_true(price->per_search == INT64_C(10000000000));
    assert_true(price->per_request == U);
    assert_int_equal(price->context_window, 1000000);
    assert_int_equal(price->max_output, 0);
    assert_int_equal(price->can, LLMGW__CAN_VISION);
    assert_int_equal(price->cannot, LLMGW__CAN_REASONING);
    assert_string_equal(price->source, "litellm");
    assert_string_equal(price->as_of, "2026-11-23");
    assert_int_equal(price->tier_count, 1);
    tier(price, 0, 272001, 5000000);
    assert_true(price->tiers[0].rate[LLMGW__RATE_OUT] == 15000000);
}

static void names_lose_their_provider_and_the_longer_one_counts(void **state)
{
    (void)state;
    read_list(litellm);
    assert_true(row("deepseek", "deepseek-y")->rate[LLMGW__RATE_IN] == 2000000);
    assert_true(row("deepseek", "deepseek-y")->rate[LLMGW__RATE_CACHE_READ] ==
                300000);
    assert_true(row("vertex", "claude-9@20260101")
                    ->rate[LLMGW__RATE_CACHE_WRITE_LONG] == 2000000);
    assert_true(row("vertex", "claude-9@20260101")
                    ->tiers[0]
                    .rate[LLMGW__RATE_CACHE_WRITE_LONG] == 4000000);
}

static void tiers_begin_past_their_number_or_at_it(void **state)
{
    (void)state;
    read_list(litellm);
    tier(row("xai", "grok-9"), 0, 128000, 6000000);
    assert_true(row("dashscope", "q")->rate[LLMGW__RATE_IN] == 1000000);
    assert_int_equal(row("dashscope", "q")->tier_count, 2);
    tier(row("dashscope", "q"), 0, 32001, 2000000);
    tier(row("dashscope", "q"), 1, 128001, 3000000);
}

static void prices_per_million_are_read_exactly(void **state)
{
    const struct llmgw__price *price;

    (void)state;
    read_list(models_dev);
    counts(3, 0, 2);
    assert_string_equal(list->name, "models.dev");
    price = row("anthropic", "claude-9");
    assert_true(price->rate[LLMGW__RATE_IN] == 3000000);
    assert_true(price->rate[LLMGW__RATE_CACHE_READ] == 300000);
    assert_true(price->rate[LLMGW__RATE_CACHE_WRITE] == 3750000);
    tier(price, 0, 200001, 6000000);
    assert_int_equal(price->context_window, 200000);
    assert_int_equal(price->max_output, 64000);
    assert_int_equal(price->can, LLMGW__CAN_TOOLS | LLMGW__CAN_REASONING |
                                     LLMGW__CAN_VISION | LLMGW__CAN_PDF);
    assert_int_equal(price->cannot, LLMGW__CAN_JSON_SCHEMA);
    assert_true(row("anthropic", "claude-free")->rate[LLMGW__RATE_IN] == 0);
    price = row("openai", "gpt-9");
    assert_true(price->rate[LLMGW__RATE_OUT] == U);
    assert_int_equal(price->tier_count, 1); /* the other has no beginning */
    tier(price, 0, 272001, 5000000);
}

static void prices_in_strings_are_read_exactly(void **state)
{
    const struct llmgw__price *price;

    (void)state;
    read_list(openrouter);
    counts(1, 3, 1);
    assert_string_equal(list->name, "openrouter");
    price = row("openrouter", "qwen/q");
    assert_true(price->rate[LLMGW__RATE_IN] == 30000);
    assert_true(price->rate[LLMGW__RATE_OUT] == 130000);
    assert_true(price->rate[LLMGW__RATE_CACHE_WRITE] == 20833);
    assert_true(price->rate[LLMGW__RATE_REASONING] == U);
    assert_true(price->per_request == 0);
    assert_true(price->per_search == INT64_C(10000000000));
    assert_int_equal(price->tier_count, 2);
    tier(price, 0, 32001, 100000);
    tier(price, 1, 256001, 200000);
    assert_int_equal(price->context_window, 1000000);
    assert_int_equal(price->max_output, 65536);
    assert_int_equal(price->can,
                     LLMGW__CAN_TOOLS | LLMGW__CAN_PDF | LLMGW__CAN_AUDIO);
}

/* What a token of a prompt costs, served so, at that second. */
static int64_t token(const struct llmgw__price *price, int service,
                     bool regional, int64_t second, int64_t prompt)
{
    struct llmgw__price_at at = {second * INT64_C(1000000000), (uint8_t)service,
                                 regional};

    return llmgw__price_tier_rate(price, &at, LLMGW__RATE_IN, prompt);
}

static void ways_of_serving_and_regions_are_read_from_names(void **state)
{
    const struct llmgw__price *price;

    (void)state;
    read_list("{'gpt-9':{'litellm_provider':'openai',"
              "'input_cost_per_token':2e-06,'input_cost_per_token_flex':1e-06,"
              "'input_cost_per_token_batches':1e-06,"
              "'input_cost_per_token_priority':4e-06,"
              "'input_cost_per_token_ultrafast':9e-06,"
              "'input_cost_per_token_above_272k_tokens':4e-06,"
              "'input_cost_per_token_above_272k_tokens_priority':8e-06,"
              "'output_cost_per_token':6e-06,"
              "'output_cost_per_token_flex':3e-06,"
              "'web_search_billing_unit':'per_prompt',"
              "'regional_processing_uplift_multiplier_eu':1.1,"
              "'regional_processing_uplift_multiplier_us':1.1}}");
    price = row("openai", "gpt-9");
    assert_int_equal(price->terms->count, 5);
    assert_true(price->terms->search_once);
    assert_int_equal(token(price, 0, false, 0, 9), 2000000);
    assert_int_equal(token(price, 0, true, 0, 9), 2200000);
    assert_int_equal(token(price, LLMGW__SERVICE_FLEX, false, 0, 9), 1000000);
    assert_int_equal(token(price, LLMGW__SERVICE_BATCH, true, 0, 9), 1100000);
    assert_int_equal(token(price, LLMGW__SERVICE_PRIORITY, false, 0, 272000),
                     4000000);
    assert_int_equal(token(price, LLMGW__SERVICE_PRIORITY, false, 0, 272001),
                     8000000);
    assert_int_equal(token(price, 0, false, 0, 272001), 4000000);
}

static void a_faster_mode_is_a_way_of_serving(void **state)
{
    const struct llmgw__price *price;

    (void)state;
    read_list("{'openai':{'models':{'gpt-9':{'cost':{'input':5},"
              "'experimental':{'modes':{'fast':{'cost':{'input':12.5},"
              "'provider':{'body':{'service_tier':'priority'}}},"
              "'slow':{'cost':{'input':1}}}}}}}}");
    price = row("openai", "gpt-9");
    assert_int_equal(price->terms->count, 1);
    assert_int_equal(token(price, 0, false, 0, 9), 5000000);
    assert_int_equal(token(price, LLMGW__SERVICE_PRIORITY, false, 0, 9),
                     12500000);
}

static void hours_of_the_day_are_read_where_they_make_sense(void **state)
{
    const struct llmgw__price *price;

    (void)state;
    read_list("{'data':[{'id':'a/b','pricing':{'prompt':'0.000001','overrides':"
              "[{'utc_start':2230,'utc_end':100,'prompt':'0.000002'},"
              "{'utc_start':900,'utc_end':1000,'min_prompt_tokens':50,"
              "'prompt':'0.000003'},{'utc_start':900,'prompt':'0.000004'},"
              "{'utc_start':960,'utc_end':1000,'prompt':'0.000005'},"
              "{'utc_start':'nine','utc_end':1000,'prompt':'0.000006'},"
              "{'utc_start':1000,'utc_end':1000,'prompt':'0.000007'}]}}]}");
    price = row("openrouter", "a/b");
    assert_int_equal(price->terms->count, 2);
    assert_int_equal(price->tier_count, 0);
    assert_int_equal(token(price, 0, false, 80999, 9), 1000000); /* 22:29:59 */
    assert_int_equal(token(price, 0, false, 81000, 9), 2000000);
    assert_int_equal(token(price, 0, false, 3599, 9), 2000000);
    assert_int_equal(token(price, 0, false, 3600, 9), 1000000);
    assert_int_equal(token(price, 0, false, 32400, 50), 1000000);
    assert_int_equal(token(price, 0, false, 32400, 51), 3000000);
    read_list("{'d-1':{'litellm_provider':'deepseek','input_cost_per_token':"
              "2e-06,'off_peak_pricing':{'hours_utc':['16:30-00:30','4:00-5:00'"
              "],'input_cost_per_token':1e-06}},'d-2':{'litellm_provider':"
              "'deepseek','input_cost_per_token':2e-06,'off_peak_pricing':{"
              "'hours_utc':'noon','rates':{'input_cost_per_token':1e-06}}},"
              "'d-3':{'litellm_provider':'deepseek','input_cost_per_token':"
              "2e-06,'off_peak_pricing':{'hours_utc':'01:00-02:00','rates':"
              "{'input_cost_per_token':1e-06}}}}");
    price = row("deepseek", "d-1");
    assert_int_equal(token(price, 0, false, 0, 9), 1000000);
    assert_int_equal(token(price, 0, false, 1800, 9), 2000000);
    assert_int_equal(token(price, 0, false, 14400, 9), 1000000);
    assert_null(row("deepseek", "d-2")->terms);
    price = row("deepseek", "d-3");
    assert_int_equal(token(price, 0, false, 3600, 9), 1000000);
    assert_int_equal(token(price, 0, false, 7200, 9), 2000000);
}

static void what_makes_no_sense_refuses_its_model(void **state)
{
    (void)state;
    read_list(openrouter);
    assert_int_equal(changes.count, 3);
    assert_string_equal(changes.items[0].model, "openrouter/bad/negative");
    assert_string_equal(changes.items[0].detail, "prompt is negative");
    assert_string_equal(changes.items[1].detail,
                        "prompt is no number, or beyond any price");
    assert_string_equal(changes.items[2].detail,
                        "its name is empty, or has control characters");
    read_list(litellm);
    assert_string_equal(changes.items[0].model, "deepseek/deepseek-x");
    assert_string_equal(
        changes.items[0].detail,
        "input_cost_per_token is no number, or beyond any price");
}

static void our_own_form_is_read_strictly(void **state)
{
    (void)state;
    read_list(own);
    counts(1, 0, 0);
    assert_string_equal(list->name, "llmgw");
    assert_string_equal(list->manifest.version, "v");
    assert_int_equal(read_cut("{'models':[{'provider':'p'}]}", 29),
                     LLMGW_E_CONFIG);
    assert_string_equal(fault.message, "must be given");
    assert_null(list);
}

static void other_texts_are_refused(void **state)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "byte 0: "},
        {"nonsense", "byte 0: "},
        {"[]", "is no price list of a form that is known"},
        {"{}", "is no price list of a form that is known"},
        {"{'a':{'b':1}}", "is no price list of a form that is known"},
        {"{'data':[]}", "has no model of a known service"},
        {"{'data':[1,'a',null,{}]}", "has no model of a known service"},
        {"{'x':{'models':{'m':{'cost':{'input':1}}}}}",
         "has no model of a known service"},
        {"{'models':{}}", "is no price list of a form that is known"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(read_cut(cases[i].text, strlen(cases[i].text)),
                         LLMGW_E_CONFIG);
        assert_null(list);
        assert_memory_equal(fault.message, cases[i].message,
                            strlen(cases[i].message));
    }
    assert_int_equal(read_bytes("{\"data\":[]}", 11, "litellm"),
                     LLMGW_E_CONFIG);
    assert_string_equal(fault.message, "is no price list of the form litellm");
}

static void a_cut_list_is_refused_wherever_it_is_cut(void **state)
{
    static const char *const texts[] = {litellm, models_dev, openrouter, own};

    (void)state;
    for (size_t t = 0; t < 4; t++)
        for (size_t len = 0; len < strlen(texts[t]); len++) {
            assert_int_equal(read_cut(texts[t], len), LLMGW_E_CONFIG);
            assert_null(list);
        }
}

static void every_failed_allocation_is_told(void **state)
{
    static const char *const texts[] = {litellm, models_dev, openrouter, own};

    (void)state;
    for (size_t t = 0; t < 4; t++) {
        llmgw_status status = LLMGW_E_NOMEM;
        int nth = 0;

        for (; status == LLMGW_E_NOMEM; nth++) {
            fail_allocation(nth);
            status = read_cut(texts[t], strlen(texts[t]));
            allow_allocations();
            assert_int_equal(status == LLMGW_OK, list != NULL);
        }
        assert_int_equal(status, LLMGW_OK);
        assert_true(nth > 4);
    }
}

/* --- what is published, as tests/tools/price_lists.py reads it --- */

static void read_shared(const char *name)
{
    const char *shared = getenv("LLMGW_SHARED");
    char path[512];
    char *text;
    size_t len;
    FILE *file;

    if (!shared) {
        print_message("LLMGW_SHARED is not set: no published lists\n");
        skip();
    }
    snprintf(path, sizeof path, "%s/corpus/prices/%s", shared, name);
    file = fopen(path, "rb");
    assert_non_null(file);
    text = malloc(4 << 20);
    assert_non_null(text);
    len = fread(text, 1, 4 << 20, file);
    fclose(file);
    assert_int_equal(read_bytes(text, len, NULL), LLMGW_OK);
    free(text);
}

static void sums_are(size_t models, size_t tiers,
                     const int64_t sums[LLMGW__RATES][2])
{
    size_t tier_count = 0;

    assert_int_equal(list->manifest.count, models);
    for (size_t i = 0; i < models; i++)
        tier_count += list->manifest.rows[i].tier_count;
    assert_int_equal(tier_count, tiers);
    for (int rate = 0; rate < LLMGW__RATES; rate++) {
        int64_t base = 0, longer = 0;

        for (size_t i = 0; i < models; i++) {
            const struct llmgw__price *price = &list->manifest.rows[i];

            base += price->rate[rate] == U ? 0 : price->rate[rate];
            for (size_t t = 0; t < price->tier_count; t++)
                if (price->tiers[t].rate[rate] != U)
                    longer += price->tiers[t].rate[rate];
        }
        assert_true(base == sums[rate][0]);
        assert_true(longer == sums[rate][1]);
    }
}

static void litellms_list_is_read_to_the_last_unit(void **state)
{
    static const int64_t sums[LLMGW__RATES][2] = {{7580998050, 1137850000},
                                                  {388360425, 110130000},
                                                  {1149247500, 234750000},
                                                  {1215000000, 127200000},
                                                  {26787005500, 5103250000},
                                                  {120800000, 36000000},
                                                  {1399150000, 0},
                                                  {2728000000, 0},
                                                  {118500000, 0},
                                                  {1503500000, 0}};

    (void)state;
    read_shared("litellm.json");
    sums_are(1898, 132, sums);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_REFUSED], 0);
    assert_true(row("anthropic", "claude-sonnet-4-5")
                    ->rate[LLMGW__RATE_CACHE_WRITE_LONG] == 6000000);
    assert_true(row("bedrock", "amazon.nova-lite-v1:0")->rate[LLMGW__RATE_IN] ==
                60000);
}

static void models_devs_list_is_read_to_the_last_unit(void **state)
{
    static const int64_t sums[LLMGW__RATES][2] = {{2428053350, 453300000},
                                                  {168163930, 22560000},
                                                  {809609747, 147500000},
                                                  {0, 0},
                                                  {10842486350, 1917000000},
                                                  {168900000, 0},
                                                  {51620000, 0},
                                                  {89020000, 0},
                                                  {0, 0},
                                                  {0, 0}};

    (void)state;
    read_shared("models_dev.json");
    sums_are(1161, 42, sums);
    assert_int_equal(changes.counts[LLMGW_MANIFEST_REFUSED], 0);
    tier(row("openai", "gpt-5.4"), 0, 272001, 5000000);
}

static void openrouters_list_is_read_to_the_last_unit(void **state)
{
    static const int64_t sums[LLMGW__RATES][2] = {{923666696, 346165000},
                                                  {63242829, 18373000},
                                                  {255924872, 84150000},
                                                  {349500000, 30000000},
                                                  {4270449042, 1525565000},
                                                  {146662500, 0},
                                                  {160687500, 22750000},
                                                  {66400000, 0},
                                                  {22412500, 0},
                                                  {498000000, 0}};

    (void)state;
    read_shared("openrouter_models.json");
    sums_are(414, 64, sums);
    assert_true(row("openrouter", "openrouter/auto")->rate[LLMGW__RATE_IN] ==
                U);
    tier(row("openrouter", "qwen/qwen3-max"), 1, 128001, 1950000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, prepare, forget)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(prices_per_token_are_read_exactly),
        TEST(names_lose_their_provider_and_the_longer_one_counts),
        TEST(tiers_begin_past_their_number_or_at_it),
        TEST(prices_per_million_are_read_exactly),
        TEST(prices_in_strings_are_read_exactly),
        TEST(ways_of_serving_and_regions_are_read_from_names),
        TEST(a_faster_mode_is_a_way_of_serving),
        TEST(hours_of_the_day_are_read_where_they_make_sense),
        TEST(what_makes_no_sense_refuses_its_model),
        TEST(our_own_form_is_read_strictly),
        TEST(other_texts_are_refused),
        TEST(a_cut_list_is_refused_wherever_it_is_cut),
        TEST(every_failed_allocation_is_told),
        TEST(litellms_list_is_read_to_the_last_unit),
        TEST(models_devs_list_is_read_to_the_last_unit),
        TEST(openrouters_list_is_read_to_the_last_unit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
