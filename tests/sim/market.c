/*
 * sim/market.c - a day of calls under one policy: what was spent, and how often
 * limits of speed were kept.
 *
 * How an attempt goes is drawn from the seed, the call, the host and which
 * attempt of the call there it is, so that every policy has the same luck with
 * the same choice, and it is known of each call which choices would have met
 * its limits. What a host's cache has is what was asked of it before, so that
 * depends on the policy.
 *
 * Money is what the ledger says; the simulation knows no price.
 */
#include "sim/market.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "catalog/manifest.h"
#include "sim/draw.h"
#include "sim/world.h"

#define BYTES_A_TOKEN 4
#define CACHE_BLOCK   128 /* tokens */
#define FILLER        (4 * 65536)
#define CONFIG        8000

/** What a conversation has left at a host. */
struct trace {
    uint64_t at_ns; /* 0: nothing */
    uint32_t tokens;
};

struct market {
    struct sim_world world;
    struct sim_event arrival;
    struct sim_market *run;
    struct trace (*traces)[SIM_PLACES];       /* by conversation */
    uint8_t (*tries)[SIM_PLACES];             /* by call */
    uint8_t *could;                           /* by call */
    uint64_t warm_ns[SIM_MODELS][SIM_PLACES]; /* its system prompt was asked */
    uint64_t began_ns;
    size_t next;
    const char *hosts[SIM_HOSTS + 1];
    char filler[FILLER];
};

/** How an attempt goes, before its cache is looked at. */
struct lot {
    struct sim_plan plan;
    double hit; /* evenly in (0, 1) */
};

static const struct sim_trouble *trouble_of(const struct market *market,
                                            int host)
{
    const struct sim_workload *workload = market->run->workload;
    double hour = (double)(market->world.now_ns - market->began_ns) / 3600e9;

    for (size_t i = 0; i < workload->trouble_count; i++) {
        const struct sim_trouble *trouble = &workload->troubles[i];

        if (trouble->host == host && hour >= trouble->from_h &&
            hour < trouble->from_h + trouble->hours)
            return trouble;
    }
    return NULL;
}

static void draw_lot(const struct market *market, uint64_t call, size_t at,
                     unsigned attempt, struct lot *lot)
{
    const struct sim_turn *turn = &market->run->turns[call];
    const struct sim_place *place =
        &market->run->workload->models[turn->model].places[at];
    const struct sim_trouble *trouble = trouble_of(market, place->host);
    struct sim_draw draw;
    double first_s, rate;

    sim_draw_seed(&draw, market->run->seed,
                  1000 + (call * SIM_PLACES + at) * 64 + attempt);
    memset(lot, 0, sizeof *lot);
    first_s = place->first_s * exp(place->sigma * sim_draw_normal(&draw));
    if (sim_draw_unit(&draw) < place->stragglers)
        first_s *= place->longer;
    rate = place->tokens_per_s * exp(0.15 * sim_draw_normal(&draw));
    lot->hit = sim_draw_unit(&draw);
    lot->plan.status = sim_draw_unit(&draw) < place->errors ? 503 : 200;
    if (trouble && trouble->times > 0) {
        first_s *= trouble->times;
        rate /= trouble->times;
    } else if (trouble) {
        lot->plan.status = 503;
    }
    if (lot->plan.status == 503)
        first_s = 0.05 + 0.3 * sim_draw_unit(&draw);
    lot->plan.first_ns = (uint64_t)(first_s * 1e9);
    lot->plan.made_ns = (uint64_t)(turn->answer / rate * 1e9);
    lot->plan.tokens.prompt = turn->prompt;
    lot->plan.tokens.answer = turn->answer;
}

static int is_within(const struct sim_model *model, uint64_t first_ns,
                     uint64_t made_ns, uint32_t answer)
{
    return first_ns <= (uint64_t)model->first_ms * 1000000 &&
           answer * 1e9 >= (double)model->tokens_per_s * (double)made_ns;
}

static const struct sim_model *model_of(const struct market *market,
                                        uint64_t call)
{
    return &market->run->workload->models[market->run->turns[call].model];
}

/** What it finds in the cache, and leaves there. */
static void look_into_cache(struct market *market, uint64_t call, size_t at,
                            struct lot *lot)
{
    const struct sim_turn *turn = &market->run->turns[call];
    const struct sim_place *place = &model_of(market, call)->places[at];
    struct trace *trace = &market->traces[turn->conversation][at];
    uint64_t *warm_ns = &market->warm_ns[turn->model][at];
    uint64_t now_ns = market->world.now_ns;
    uint64_t ttl_ns = (uint64_t)(place->ttl_s * 1e9);
    uint32_t found = 0;

    if (trace->at_ns && now_ns - trace->at_ns <= ttl_ns)
        found = trace->tokens;
    else if (*warm_ns && now_ns - *warm_ns <= ttl_ns)
        found = turn->system;
    if (lot->hit < place->hit)
        lot->plan.tokens.cached = found / CACHE_BLOCK * CACHE_BLOCK;
    trace->at_ns = *warm_ns = now_ns;
    trace->tokens = turn->prompt;
}

static void plan(void *of, uint64_t call, enum sim_target target,
                 struct sim_plan *plan)
{
    struct market *market = of;
    const struct sim_model *model;
    struct lot lot;
    size_t at = 0;

    if (call == SIM_FREE) { /* its list of models */
        plan->first_ns = SIM_SECOND / 10;
        plan->status = 200;
        return;
    }
    model = model_of(market, call);
    while (model->places[at].host != (int)target)
        at++;
    market->run->asked[market->run->turns[call].model][at]++;
    draw_lot(market, call, at, market->tries[call][at]++, &lot);
    if (lot.plan.status == 200)
        look_into_cache(market, call, at, &lot);
    *plan = lot.plan;
}

static void ended(void *of, uint64_t number, const llmgw_call *call)
{
    struct market *market = of;
    const struct sim_turn *turn = &market->run->turns[number];
    uint64_t first_ns = llmgw_call_first_content_ns(call);
    uint64_t took_ns = llmgw_call_duration_ns(call);

    if (llmgw_call_end(call) != LLMGW_END_RESPONSE)
        market->run->failed++;
    else if (market->could[number] &&
             is_within(model_of(market, number), first_ns, took_ns - first_ns,
                       turn->answer))
        market->run->met[turn->model]++;
}

/** Would any host meet the limits of a call now? */
static int could_be_met(const struct market *market, uint64_t call)
{
    const struct sim_model *model = model_of(market, call);

    for (size_t at = 0; at < model->place_count; at++) {
        struct lot lot;

        draw_lot(market, call, at, 0, &lot);
        if (lot.plan.status == 200 &&
            is_within(model, lot.plan.first_ns, lot.plan.made_ns,
                      market->run->turns[call].answer))
            return 1;
    }
    return 0;
}

static void add_text(llmgw_request *request, const char *role, llmgw_str text)
{
    if (llmgw_request_add_text(request, role, text) != LLMGW_OK)
        sim_fail("no memory");
}

static void ask(struct market *market, uint64_t call)
{
    const struct sim_turn *turn = &market->run->turns[call];
    llmgw_request *request = NULL;
    char text[64];

    if (llmgw_request_create(model_of(market, call)->model, &request) !=
        LLMGW_OK)
        sim_fail("no memory");
    (void)snprintf(text, sizeof text, "conversation %u", turn->conversation);
    add_text(request, "user", llmgw__str(text));
    (void)snprintf(text, sizeof text, "#%llu", (unsigned long long)call);
    add_text(request, "assistant", llmgw__str(text));
    add_text(
        request, "user",
        llmgw__str_n(market->filler, (size_t)turn->prompt * BYTES_A_TOKEN));
    sim_world_send(&market->world, call, request);
}

static void arrive(struct sim_event *event, struct sim_world *world)
{
    struct market *market =
        (struct market *)((char *)event - offsetof(struct market, arrival));
    struct sim_market *run = market->run;
    uint64_t call = market->next++;

    market->could[call] = (uint8_t)could_be_met(market, call);
    run->could[run->turns[call].model] += market->could[call];
    ask(market, call);
    if (market->next < run->turn_count)
        sim_world_set(world, event,
                      market->began_ns + run->turns[market->next].at_ns);
}

/* --- the policies --- */

/** Three tokens of a prompt to one of an answer, as lists are often read. */
static int64_t listed(const struct llmgw__manifest *manifest,
                      const struct sim_workload *workload,
                      const struct sim_place *place)
{
    const struct llmgw__price *price = llmgw__manifest_find(
        manifest, workload->hosts[place->host], llmgw__str(place->name));

    if (!price)
        sim_fail("a model that is not in the manifest");
    return 3 * price->rate[LLMGW__RATE_IN] + price->rate[LLMGW__RATE_OUT];
}

/** The order of the places: by the list, or one of them first. */
static void order(const struct sim_market *run, const struct sim_model *model,
                  size_t out[SIM_PLACES])
{
    struct llmgw__manifest manifest;
    size_t first =
        run->policy > 0 ? (size_t)run->policy % model->place_count : 0;

    for (size_t i = 0; i < model->place_count; i++)
        out[i] = i == 0 ? first : i - (i <= first);
    if (run->policy != SIM_BY_LIST)
        return;
    if (llmgw__manifest_builtin(&manifest) != LLMGW_OK)
        sim_fail("no memory");
    for (size_t i = 1; i < model->place_count; i++)
        for (size_t k = i;
             k > 0 &&
             listed(&manifest, run->workload, &model->places[out[k]]) <
                 listed(&manifest, run->workload, &model->places[out[k - 1]]);
             k--) {
            size_t kept = out[k];

            out[k] = out[k - 1];
            out[k - 1] = kept;
        }
    llmgw__manifest_clear(&manifest);
}

static void write(char *config, const char *form, ...)
{
    size_t len = strlen(config);
    va_list values;
    int more;

    va_start(values, form);
    more = vsnprintf(config + len, CONFIG - len, form, values);
    va_end(values);
    if (more < 0 || (size_t)more >= CONFIG - len)
        sim_fail("the configuration is too long");
}

static void write_route(const struct sim_market *run,
                        const struct sim_model *model, char *config)
{
    size_t places[SIM_PLACES];

    order(run, model, places);
    write(config, "'%s':{'targets':[", model->model);
    if (run->policy == SIM_CHEAPEST) {
        write(config,
              "'*/%s'],'policy':'cheapest','explore':0.02,'hysteresis':0.03,"
              "'sla':{'first_ms':%u,'tokens_per_s':%u,'quantile':0.95}}",
              model->model, model->first_ms, model->tokens_per_s);
        return;
    }
    for (size_t i = 0; i < model->place_count; i++)
        write(config, "%s'%s/%s'", i ? "," : "",
              run->workload->hosts[model->places[places[i]].host],
              model->places[places[i]].name);
    write(config, "]}");
}

static void write_config(const struct sim_market *run, char *config)
{
    const struct sim_workload *workload = run->workload;

    write(config, "{'environment':false,'ledger':{'max_entries':100},"
                  "'limits':{'gap_ms':0},"
                  "'providers':{");
    for (size_t i = 0; i < workload->host_count; i++)
        write(config, "%s'%s':{'base_url':'https://%s.test/v1','api_key':'k'}",
              i ? "," : "", workload->hosts[i], workload->hosts[i]);
    write(config, "},'routes':{");
    for (size_t m = 0; m < workload->model_count; m++) {
        write(config, "%s", m ? "," : "");
        write_route(run, &workload->models[m], config);
    }
    write(config, "}}");
}

/* --- a run --- */

static int32_t take_total(const llmgw_total *total, void *userdata)
{
    struct sim_market *run = userdata;

    for (size_t m = 0; m < run->workload->model_count; m++) {
        const char *name = run->workload->models[m].model;

        if (total->key.len == strlen(name) &&
            memcmp(total->key.data, name, total->key.len) == 0)
            run->spent[m] =
                (double)total->cost.usd + (double)total->cost.pico / 1e12;
    }
    run->unpriced += total->unpriced;
    return 0;
}

static void *rows(size_t count, size_t size)
{
    void *made = calloc(count + 1, size);

    if (!made)
        sim_fail("no memory");
    return made;
}

static void take_results(struct market *market)
{
    struct sim_market *run = market->run;

    if (llmgw_ledger_totals(market->world.gateway, LLMGW_GROUP_ROUTE, NULL,
                            take_total, run) != LLMGW_OK)
        sim_fail("no totals");
    for (size_t m = 0; m < run->workload->model_count; m++)
        run->spent_all += run->spent[m];
    run->checksum = market->world.checksum;
}

void sim_market_run(struct sim_market *run)
{
    struct market *market = rows(1, sizeof *market);
    const struct sim_rules rules = {.of = market,
                                    .plan = plan,
                                    .ended = ended,
                                    .hosts = market->hosts,
                                    .epoch_ns = run->workload->begins_s *
                                                INT64_C(1000000000)};
    char config[CONFIG] = "";

    market->run = run;
    memset(market->filler, 'x', sizeof market->filler);
    market->traces = rows(run->turn_count, sizeof *market->traces);
    market->tries = rows(run->turn_count, sizeof *market->tries);
    market->could = rows(run->turn_count, 1);
    for (size_t i = 0; i < run->workload->host_count; i++)
        market->hosts[i] = run->workload->hosts[i];
    write_config(run, config);
    sim_world_open(&market->world, config, run->seed, &rules);
    market->began_ns = market->world.now_ns;
    market->arrival.happen = arrive;
    sim_world_set(&market->world, &market->arrival,
                  market->began_ns + run->turns[0].at_ns);
    sim_world_run(&market->world);
    take_results(market);
    sim_world_close(&market->world);
    free(market->traces);
    free(market->tries);
    free(market->could);
    free(market);
}
