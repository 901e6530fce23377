/* What a configuration says of failure: every member, every refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/gateway.h"
#include "base/text.h"
#include "catalog/price.h"
#include "support/alloc.h"

#define HEAD                                                           \
    "{'environment':false,'providers':{'one':{'type':'compatible',"    \
    "'base_url':'http://h','api_key':'k'},'two':{'type':'compatible'," \
    "'base_url':'http://i','api_key':'l','limits':{"                   \
    "'requests_per_minute':60,'tokens_per_minute':1000,"               \
    "'concurrent':4}}}"
#define ROUTE(members) HEAD ",'routes':{'r':{'targets':['one/m']," members "}}}"
#define TARGET(members) \
    HEAD ",'routes':{'r':{'targets':[{'target':'one/m'," members "}]}}}"
#define WHEN(members) TARGET("'when':{" members "}")

static char json[4096];

static llmgw_str with_quotes(const char *text)
{
    size_t len = strlen(text);

    assert_true(len < sizeof json);
    for (size_t i = 0; i <= len; i++)
        json[i] = text[i] == '\'' ? '"' : text[i];
    return llmgw__str(json);
}

static llmgw_status read_config(const char *text,
                                struct llmgw__catalog **catalog,
                                struct llmgw__error *error)
{
    struct llmgw__ledger_setting ledger;

    memset(error, 0, sizeof *error);
    return llmgw__config_read(with_quotes(text), NULL, catalog, &ledger, error);
}

static struct llmgw__catalog *good(const char *text)
{
    struct llmgw__catalog *catalog = NULL;
    struct llmgw__error error;
    llmgw_status status = read_config(text, &catalog, &error);

    if (status != LLMGW_OK)
        fail_msg("%s: %s", text, error.message);
    return catalog;
}

static const char everything[] =
    HEAD ",'failover':{'retries':0,'backoff_ms':250,'backoff_max_ms':4000,"
         "'when_limited':'wait','when_open':'fail',"
         "'gate':{'tokens':20,'ms':300,'bytes':0},'tools':'whole',"
         "'on_break':'continue','continue_by':'instruction','hedge':'tail',"
         "'max_cost_usd':'0.050000000001'},"
         "'limits':{'min_tokens_per_s':5},"
         "'breaker':{'failures':4,'window_ms':50000,'outcomes':20,'ratio':0.25,"
         "'open_ms':2000,'max_open_ms':90000},"
         "'tag_limits':{'team=blue':{'concurrent':2},"
         "'team=*':{'requests_per_minute':9,'tokens_per_minute':4294967294}},"
         "'routes':{'r':{'policy':'sticky','stick_to':'tag:user','retries':8,"
         "'when_limited':'go','when_open':'earliest','on_break':'restart',"
         "'continue_by':'prefill','tools':'stream','gate':{'tokens':0},"
         "'hedge':{'quantile':0.75,'budget':0.125,'burst':3,'commit':'answer'},"
         "'min_tokens_per_s':0,'targets':[{'target':'one/m','weight':3,"
         "'when':{'tags':{'team':'blue','env':'x'},'tools':true,'images':false,"
         "'needs':['vision','reasoning'],'min_prompt_tokens':10,"
         "'max_prompt_tokens':20},'limits':{'requests_per_minute':1,"
         "'tokens_per_minute':2,'concurrent':3}},'two/n']},"
         "'plain':{'targets':['two/n']}}}";

static void defaults_are_those_of_failover(void **state)
{
    struct llmgw__catalog *catalog = good(everything);
    const struct llmgw__conduct *all = &catalog->conduct;

    (void)state;
    assert_int_equal(all->tries, 1);
    assert_int_equal(all->backoff_ms, 250);
    assert_int_equal(all->backoff_max_ms, 4000);
    assert_int_equal(all->when_limited, LLMGW__LIMITED_WAIT);
    assert_int_equal(all->when_open, LLMGW__OPEN_FAIL);
    assert_int_equal(all->gate_tokens, 20);
    assert_int_equal(all->gate_ms, 300);
    assert_int_equal(all->gate_bytes, LLMGW_NO_LIMIT);
    assert_int_equal(all->tools, LLMGW__TOOLS_WHOLE);
    assert_int_equal(all->on_break, LLMGW__BREAK_CONTINUE);
    assert_int_equal(all->continue_by, LLMGW__CONTINUE_INSTRUCTION);
    assert_int_equal(all->hedge.quantile_pm, 950);
    assert_int_equal(all->max_cost_pico, INT64_C(50000000001));
    assert_int_equal(catalog->limits.min_rate, 5);
    llmgw__catalog_drop(catalog);
}

static void breakers_and_tags_have_their_own(void **state)
{
    struct llmgw__catalog *catalog = good(everything);
    const struct llmgw__breaker_setting *breaker = &catalog->breaker;
    const struct llmgw__tag_quota *tags = catalog->tag_quotas;

    (void)state;
    assert_false(breaker->off);
    assert_int_equal(breaker->failures, 4);
    assert_int_equal(breaker->window_ms, 50000);
    assert_int_equal(breaker->outcomes, 20);
    assert_int_equal(breaker->ratio_pm, 250);
    assert_int_equal(breaker->open_ms, 2000);
    assert_int_equal(breaker->max_open_ms, 90000);
    assert_int_equal(catalog->tag_quota_count, 2);
    assert_string_equal(tags[0].tag, "team=blue");
    assert_int_equal(tags[0].quota.concurrent, 2);
    assert_int_equal(tags[0].quota.requests, 0);
    assert_string_equal(tags[1].tag, "team=*");
    assert_int_equal(tags[1].quota.requests, 9);
    assert_int_equal(tags[1].quota.tokens, 4294967294);
    llmgw__catalog_drop(catalog);
}

static void a_route_has_its_own_and_inherits_the_rest_later(void **state)
{
    struct llmgw__catalog *catalog = good(everything);
    const struct llmgw__route *route = &catalog->routes[0];
    const struct llmgw__conduct *own = &route->conduct;
    struct llmgw__conduct nothing = {0};

    (void)state;
    assert_int_equal(own->tries, 9);
    assert_int_equal(own->backoff_ms, 0);
    assert_int_equal(own->when_limited, LLMGW__LIMITED_GO);
    assert_int_equal(own->when_open, LLMGW__OPEN_EARLIEST);
    assert_int_equal(own->on_break, LLMGW__BREAK_RESTART);
    assert_int_equal(own->continue_by, LLMGW__CONTINUE_PREFILL);
    assert_int_equal(own->tools, LLMGW__TOOLS_STREAM);
    assert_int_equal(own->gate_tokens, LLMGW_NO_LIMIT);
    assert_int_equal(own->gate_ms, 0);
    assert_int_equal(own->hedge.when, LLMGW__HEDGE_QUANTILE);
    assert_int_equal(own->hedge.quantile_pm, 750);
    assert_int_equal(own->hedge.budget_pm, 125);
    assert_int_equal(own->hedge.burst, 3);
    assert_int_equal(own->hedge.commit, LLMGW__COMMIT_ANSWER);
    assert_int_equal(own->max_cost_pico, 0);
    assert_int_equal(route->limits.min_rate, LLMGW_NO_LIMIT);
    assert_int_equal(route->policy, LLMGW__POLICY_STICKY);
    assert_int_equal(route->stick, LLMGW__STICK_TAG);
    assert_string_equal(route->stick_tag, "user");
    assert_memory_equal(&catalog->routes[1].conduct, &nothing, sizeof nothing);
    assert_int_equal(catalog->routes[1].policy, LLMGW__POLICY_ORDERED);
    llmgw__catalog_drop(catalog);
}

static void a_target_has_its_weight_condition_and_limits(void **state)
{
    struct llmgw__catalog *catalog = good(everything);
    const struct llmgw__target *target = catalog->routes[0].targets;

    (void)state;
    assert_int_equal(catalog->routes[0].target_count, 2);
    assert_string_equal(target->id, "one/m");
    assert_int_equal(target->weight, 3);
    assert_string_equal(target->when->tags, "team=blue,env=x");
    assert_int_equal(target->when->tools, 1);
    assert_int_equal(target->when->images, 0);
    assert_int_equal(target->when->stream, -1);
    assert_int_equal(target->when->needs,
                     LLMGW__CAN_VISION | LLMGW__CAN_REASONING);
    assert_int_equal(target->when->min_tokens, 10);
    assert_int_equal(target->when->max_tokens, 20);
    assert_int_equal(target->quota->requests, 1);
    assert_int_equal(target->quota->tokens, 2);
    assert_int_equal(target->quota->concurrent, 3);
    assert_null(target[1].when);
    assert_null(target[1].quota);
    assert_int_equal(target[1].weight, 0);
    assert_int_equal(target[1].provider->quota.requests, 60);
    assert_int_equal(target[1].provider->quota.tokens, 1000);
    assert_int_equal(target[1].provider->quota.concurrent, 4);
    assert_int_equal(target[0].provider->quota.concurrent, 0);
    llmgw__catalog_drop(catalog);
}

static void limits_of_speed_are_a_route_s(void **state)
{
    struct llmgw__catalog *catalog = good(ROUTE("'policy':'cheapest'"));
    const struct llmgw__route *route;

    (void)state;
    route = &catalog->routes[0];
    assert_int_equal(route->explore_pm, 20);
    assert_int_equal(route->hysteresis_pm, 100);
    assert_int_equal(route->sla.first_ms, 0);
    llmgw__catalog_drop(catalog);
    catalog = good(
        ROUTE("'policy':'cheapest','explore':0,'hysteresis':0.03,"
              "'sla':{'first_ms':2000,'tokens_per_s':20,'quantile':0.95}"));
    route = &catalog->routes[0];
    assert_int_equal(route->explore_pm, 0);
    assert_int_equal(route->hysteresis_pm, 30);
    assert_int_equal(route->sla.first_ms, 2000);
    assert_int_equal(route->sla.tokens_per_s, 20);
    assert_int_equal(route->sla.quantile_pm, 950);
    llmgw__catalog_drop(catalog);
}

static void every_policy_has_its_name(void **state)
{
    static const struct {
        const char *text;
        enum llmgw__policy policy;
        enum llmgw__stick stick;
    } rows[] = {
        {ROUTE("'policy':'ordered'"), LLMGW__POLICY_ORDERED, 0},
        {ROUTE("'policy':'weighted'"), LLMGW__POLICY_WEIGHTED, 0},
        {ROUTE("'policy':'round_robin'"), LLMGW__POLICY_ROUND_ROBIN, 0},
        {ROUTE("'policy':'least_busy'"), LLMGW__POLICY_LEAST_BUSY, 0},
        {ROUTE("'policy':'latency'"), LLMGW__POLICY_LATENCY, 0},
        {ROUTE("'policy':'sticky'"), LLMGW__POLICY_STICKY, 0},
        {ROUTE("'policy':'cheapest'"), LLMGW__POLICY_CHEAPEST, 0},
        {ROUTE("'policy':'sticky','stick_to':'conversation'"),
         LLMGW__POLICY_STICKY, LLMGW__STICK_CONVERSATION},
        {ROUTE("'policy':'sticky','stick_to':'prefix'"), LLMGW__POLICY_STICKY,
         LLMGW__STICK_PREFIX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__catalog *catalog = good(rows[i].text);

        assert_int_equal(catalog->routes[0].policy, rows[i].policy);
        assert_int_equal(catalog->routes[0].stick, rows[i].stick);
        llmgw__catalog_drop(catalog);
    }
}

static void a_hedge_is_a_preset_or_one_of_three(void **state)
{
    static const struct {
        const char *text;
        struct llmgw__hedging hedge;
    } rows[] = {
        {ROUTE("'hedge':'off'"), {LLMGW__HEDGE_OFF, 1, 0, 0, 0, 0}},
        {ROUTE("'hedge':'shadow'"),
         {LLMGW__HEDGE_AT_ONCE, 1, 0, 1000, 1000, 0}},
        {ROUTE("'hedge':'p95'"), {LLMGW__HEDGE_QUANTILE, 1, 750, 250, 10, 0}},
        {ROUTE("'hedge':{'after_ms':70}"),
         {LLMGW__HEDGE_AFTER, 1, 0, 250, 10, 70}},
        {ROUTE("'hedge':{'quantile':0.999,'budget':0}"),
         {LLMGW__HEDGE_QUANTILE, 1, 999, 0, 10, 0}},
        {ROUTE("'hedge':{'at_once':true,'commit':'content','burst':0}"),
         {LLMGW__HEDGE_AT_ONCE, 1, 0, 1000, 0, 0}},
        {ROUTE("'hedge':{'at_once':false,'after_ms':1,'budget':1}"),
         {LLMGW__HEDGE_AFTER, 1, 0, 1000, 10, 1}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct llmgw__catalog *catalog = good(rows[i].text);

        assert_memory_equal(&catalog->routes[0].conduct.hedge, &rows[i].hedge,
                            sizeof rows[i].hedge);
        llmgw__catalog_drop(catalog);
    }
}

static void breakers_are_switched_off(void **state)
{
    struct llmgw__catalog *catalog = good(HEAD ",'breaker':false}");

    (void)state;
    assert_true(catalog->breaker.off);
    llmgw__catalog_drop(catalog);
    catalog = good(HEAD ",'breaker':{'open_ms':400000}}");
    assert_int_equal(catalog->breaker.max_open_ms, 400000);
    assert_int_equal(catalog->breaker.failures, 3);
    llmgw__catalog_drop(catalog);
}

/* path, and a part of what is said */
static const char *const refusals[][3] = {
    {HEAD ",'failover':1}", "failover", "an object"},
    {HEAD ",'failover':{'tries':1}}", "failover.tries", "unknown"},
    {HEAD ",'failover':{'policy':'sticky'}}", "failover.policy", "unknown"},
    {HEAD ",'failover':{'retries':9}}", "failover.retries", "from 0 to 8"},
    {HEAD ",'failover':{'retries':1,'retries':2}}", "failover.retries",
     "twice"},
    {ROUTE("'retries':1.5"), "routes.r.retries", "whole number from 0 to 8"},
    {ROUTE("'retries':-1"), "routes.r.retries", "from 0 to 8"},
    {ROUTE("'retries':'1'"), "routes.r.retries", "whole number"},
    {ROUTE("'retry':1"), "routes.r.retry", "unknown"},
    {ROUTE("'backoff_ms':0"), "routes.r.backoff_ms", "from 1 to 3600000"},
    {ROUTE("'backoff_max_ms':3600001"), "routes.r.backoff_max_ms",
     "to 3600000"},
    {ROUTE("'when_limited':'stay'"), "routes.r.when_limited", "go, wait"},
    {ROUTE("'when_limited':'g'"), "routes.r.when_limited", "go, wait"},
    {ROUTE("'when_open':'go, wait'"), "routes.r.when_open", "earliest, fail"},
    {ROUTE("'on_break':''"), "routes.r.on_break", "error, continue, restart"},
    {ROUTE("'continue_by':1"), "routes.r.continue_by", "instruction"},
    {ROUTE("'tools':true"), "routes.r.tools", "stream, whole"},
    {ROUTE("'gate':5"), "routes.r.gate", "an object"},
    {ROUTE("'gate':{'token':5}"), "routes.r.gate.token", "unknown"},
    {ROUTE("'gate':{'tokens':-5}"), "routes.r.gate.tokens",
     "from 0 to 1073741824"},
    {ROUTE("'gate':{'ms':3600001}"), "routes.r.gate.ms", "to 3600000"},
    {ROUTE("'gate':{'bytes':null}"), "routes.r.gate.bytes", "whole"},
    {ROUTE("'hedge':'p99'"), "routes.r.hedge", "off, shadow, p95, tail"},
    {ROUTE("'hedge':true"), "routes.r.hedge", "off, shadow, p95, tail"},
    {ROUTE("'hedge':{}"), "routes.r.hedge", "one of after_ms"},
    {ROUTE("'hedge':{'after_ms':1,'quantile':0.5}"), "routes.r.hedge",
     "one of after_ms"},
    {ROUTE("'hedge':{'at_once':false}"), "routes.r.hedge", "one of after_ms"},
    {ROUTE("'hedge':{'at_once':1}"), "routes.r.hedge.at_once", "true or false"},
    {ROUTE("'hedge':{'after_ms':0}"), "routes.r.hedge.after_ms", "from 1"},
    {ROUTE("'hedge':{'quantile':1}"), "routes.r.hedge.quantile",
     "from 0.001 to 0.999"},
    {ROUTE("'hedge':{'quantile':0.0005}"), "routes.r.hedge.quantile",
     "3 fraction digits"},
    {ROUTE("'hedge':{'at_once':true,'budget':1.001}"), "routes.r.hedge.budget",
     "from 0.000 to 1.000"},
    {ROUTE("'hedge':{'at_once':true,'budget':-0.1}"), "routes.r.hedge.budget",
     "from 0.000 to 1.000"},
    {ROUTE("'hedge':{'at_once':true,'budget':0.2504}"), "routes.r.hedge.budget",
     "3 fraction digits"},
    {ROUTE("'hedge':{'at_once':true,'burst':1001}"), "routes.r.hedge.burst",
     "from 0 to 1000"},
    {ROUTE("'hedge':{'at_once':true,'burst':0,'budget':0}"), "routes.r.hedge",
     "a budget or a burst"},
    {ROUTE("'hedge':{'at_once':true,'commit':'first'}"),
     "routes.r.hedge.commit", "content, answer"},
    {ROUTE("'hedge':{'at_once':true,'delay':1}"), "routes.r.hedge.delay",
     "unknown"},
    {ROUTE("'max_cost_usd':0.05"), "routes.r.max_cost_usd", "as a string"},
    {ROUTE("'max_cost_usd':'0'"), "routes.r.max_cost_usd", "more than 0"},
    {ROUTE("'max_cost_usd':'0.0000000000001'"), "routes.r.max_cost_usd",
     "12 fraction digits"},
    {ROUTE("'max_cost_usd':'9000001'"), "routes.r.max_cost_usd", "9000000"},
    {ROUTE("'max_cost_usd':'-1'"), "routes.r.max_cost_usd", "decimal"},
    {ROUTE("'max_cost_usd':''"), "routes.r.max_cost_usd", "decimal"},
    {ROUTE("'max_cost_usd':'1.'"), "routes.r.max_cost_usd", "decimal"},
    {ROUTE("'max_cost_usd':'.5'"), "routes.r.max_cost_usd", "decimal"},
    {ROUTE("'min_tokens_per_s':-1"), "routes.r.min_tokens_per_s", "integer"},
    {HEAD ",'limits':{'min_tokens_per_s':'5'}}", "limits.min_tokens_per_s",
     "integer"},
    {ROUTE("'policy':'random'"), "routes.r.policy", "ordered, weighted"},
    {ROUTE("'policy':'latency','explore':0.1"), "routes.r.explore",
     "without policy cheapest"},
    {ROUTE("'hysteresis':0.1"), "routes.r.hysteresis",
     "without policy cheapest"},
    {ROUTE("'policy':'cheapest','explore':0.6"), "routes.r.explore", "0.5"},
    {ROUTE("'policy':'cheapest','hysteresis':-1"), "routes.r.hysteresis",
     "from 0"},
    {ROUTE("'sla':5"), "routes.r.sla", "an object"},
    {ROUTE("'sla':{'first':5}"), "routes.r.sla.first", "unknown"},
    {ROUTE("'sla':{'first_ms':0}"), "routes.r.sla.first_ms", "from 1"},
    {ROUTE("'sla':{'quantile':1}"), "routes.r.sla.quantile", "0.999"},
    {ROUTE("'stick_to':'prefix'"), "routes.r.stick_to",
     "without policy sticky"},
    {ROUTE("'policy':'latency','stick_to':'prefix'"), "routes.r.stick_to",
     "without policy sticky"},
    {ROUTE("'policy':'sticky','stick_to':'tag:'"), "routes.r.stick_to",
     "tag:NAME"},
    {ROUTE("'policy':'sticky','stick_to':'tag:a=b'"), "routes.r.stick_to",
     "tag:NAME"},
    {ROUTE("'policy':'sticky','stick_to':'user'"), "routes.r.stick_to",
     "tag:NAME"},
    {ROUTE("'policy':'sticky','stick_to':1"), "routes.r.stick_to", "a string"},
    {TARGET("'weight':0"), "routes.r.targets[0].weight", "from 1 to 10000"},
    {TARGET("'wait':1"), "routes.r.targets[0].wait", "unknown"},
    {TARGET("'when':[]"), "routes.r.targets[0].when", "an object"},
    {TARGET("'limits':{'requests':1}"), "routes.r.targets[0].limits.requests",
     "unknown"},
    {TARGET("'limits':{'concurrent':-1}"),
     "routes.r.targets[0].limits.concurrent", "from 0 to 4294967294"},
    {HEAD ",'routes':{'r':{'targets':[{'weight':1}]}}}", "routes.r.targets[0]",
     "target must be given"},
    {HEAD ",'routes':{'r':{'targets':[{'target':{}}]}}}",
     "routes.r.targets[0].target", "target must be given"},
    {HEAD ",'routes':{'r':{'targets':[{'target':'three/m'}]}}}",
     "routes.r.targets[0].target", "not provider/model"},
    {HEAD ",'routes':{'r':{'targets':[1]}}}", "routes.r.targets[0]",
     "a string"},
    {WHEN("'model':1"), "routes.r.targets[0].when.model", "unknown"},
    {WHEN("'tools':1"), "routes.r.targets[0].when.tools", "true or false"},
    {WHEN("'images':'no'"), "routes.r.targets[0].when.images", "true or false"},
    {WHEN("'stream':null"), "routes.r.targets[0].when.stream", "true or false"},
    {WHEN("'needs':'vision'"), "routes.r.targets[0].when.needs", "an array"},
    {WHEN("'needs':['sight']"), "routes.r.targets[0].when.needs[0]",
     "no ability \"sight\""},
    {WHEN("'needs':['pdf',1]"), "routes.r.targets[0].when.needs[1]",
     "a string"},
    {WHEN("'tags':'a=b'"), "routes.r.targets[0].when.tags", "an object"},
    {WHEN("'tags':{'a':1}"), "routes.r.targets[0].when.tags.a", "a string"},
    {WHEN("'tags':{'a':''}"), "routes.r.targets[0].when.tags.a", "256 bytes"},
    {WHEN("'tags':{'a':'b,c=d'}"), "routes.r.targets[0].when.tags.a",
     "without commas"},
    {WHEN("'tags':{'a':'b','a':'c'}"), "routes.r.targets[0].when.tags.a",
     "twice"},
    {WHEN("'min_prompt_tokens':-1"),
     "routes.r.targets[0].when.min_prompt_tokens", "from 0"},
    {WHEN("'max_prompt_tokens':0"),
     "routes.r.targets[0].when.max_prompt_tokens", "from 1"},
    {WHEN("'min_prompt_tokens':9,'max_prompt_tokens':8"),
     "routes.r.targets[0].when.max_prompt_tokens", "at least min"},
    {"{'environment':false,'providers':{'one':{'type':'compatible',"
     "'base_url':'http://h','limits':{'per_day':1}}}}",
     "providers.one.limits.per_day", "unknown"},
    {HEAD ",'breaker':true}", "breaker", "an object or false"},
    {HEAD ",'breaker':{'failure':1}}", "breaker.failure", "unknown"},
    {HEAD ",'breaker':{'failures':0}}", "breaker.failures", "from 1 to 1000"},
    {HEAD ",'breaker':{'window_ms':0}}", "breaker.window_ms", "from 1"},
    {HEAD ",'breaker':{'outcomes':33}}", "breaker.outcomes", "to 32"},
    {HEAD ",'breaker':{'ratio':0}}", "breaker.ratio", "from 0.001 to 1.000"},
    {HEAD ",'breaker':{'open_ms':86400001}}", "breaker.open_ms", "to 86400000"},
    {HEAD ",'breaker':{'open_ms':10,'max_open_ms':9}}", "breaker.max_open_ms",
     "at least open_ms"},
    {HEAD ",'tag_limits':[]}", "tag_limits", "an object"},
    {HEAD ",'tag_limits':{'team':{}}}", "tag_limits.team", "name=value"},
    {HEAD ",'tag_limits':{'':{}}}", "tag_limits.", "name=value"},
    {HEAD ",'tag_limits':{'a=b,c=d':{}}}", "tag_limits.a=b,c=d", "name=value"},
    {HEAD ",'tag_limits':{'a=b':{},'a=b':{}}}", "tag_limits.a=b", "twice"},
    {HEAD ",'tag_limits':{'a=b':1}}", "tag_limits.a=b", "an object"},
    {HEAD ",'tag_limits':{'a=b':{'tokens':1}}}", "tag_limits.a=b.tokens",
     "unknown"},
};

static void what_is_wrong_is_refused_by_its_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct llmgw__catalog *catalog = NULL;
        struct llmgw__error error;

        if (read_config(refusals[i][0], &catalog, &error) != LLMGW_E_CONFIG)
            fail_msg("taken: %s", refusals[i][0]);
        assert_null(catalog);
        assert_string_equal(error.param, refusals[i][1]);
        if (!strstr(error.message, refusals[i][2]))
            fail_msg("%s does not say: %s", error.message, refusals[i][2]);
    }
}

static void money_is_exact(void **state)
{
    static const struct {
        const char *text;
        int64_t pico;
    } rows[] = {
        {"0.05", INT64_C(50000000000)},
        {"1", INT64_C(1000000000000)},
        {"0.000000000001", 1},
        {"9000000", INT64_C(9000000000000000000)},
        {"9000000.000000000000", INT64_C(9000000000000000000)},
        {"9000000.000000000001", -1},
        {"8999999.999999999999", INT64_C(8999999999999999999)},
        {"00000000000000000000000001", INT64_C(1000000000000)},
        {"1e3", -1},
        {" 1", -1},
        {"1.2.3", -1},
        {"99999999999999999999999999", -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(llmgw__decimal_pico(llmgw__str(rows[i].text)),
                         rows[i].pico);
}

static void no_memory_is_told_and_nothing_leaks(void **state)
{
    llmgw_status status = LLMGW_E_NOMEM;
    int nth;

    (void)state;
    for (nth = 0; status == LLMGW_E_NOMEM; nth++) {
        struct llmgw__catalog *catalog = NULL;
        struct llmgw__error error;

        fail_allocation(nth);
        status = read_config(everything, &catalog, &error);
        allow_allocations();
        assert_true(status == LLMGW_OK || !catalog);
        llmgw__catalog_drop(catalog);
    }
    assert_int_equal(status, LLMGW_OK);
    assert_true(nth > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_failover),
        cmocka_unit_test(breakers_and_tags_have_their_own),
        cmocka_unit_test(a_route_has_its_own_and_inherits_the_rest_later),
        cmocka_unit_test(a_target_has_its_weight_condition_and_limits),
        cmocka_unit_test(limits_of_speed_are_a_route_s),
        cmocka_unit_test(every_policy_has_its_name),
        cmocka_unit_test(a_hedge_is_a_preset_or_one_of_three),
        cmocka_unit_test(breakers_are_switched_off),
        cmocka_unit_test(what_is_wrong_is_refused_by_its_path),
        cmocka_unit_test(money_is_exact),
        cmocka_unit_test(no_memory_is_told_and_nothing_leaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
