/*
 * sim/hedging.c - calls under a preset: what it gains, what it costs.
 *
 * Calls come by Poisson, at the mix's rate; every call draws the times of both
 * targets when it comes, so that all presets meet the same ones.
 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/experiment.h"
#include "sim/world.h"

struct hedging {
    struct sim_hedging *run;
    struct sim_world world;
    struct sim_event arrival;
    struct sim_draw gaps;
    struct sim_draw times;
    uint64_t (*drawn)[2];
    uint64_t *first_ns; /* of the calls that were answered */
    uint64_t asked;
    uint64_t answered;
};

static void plan(void *of, uint64_t call, enum sim_target target,
                 struct sim_plan *plan)
{
    const struct hedging *hedging = of;

    plan->first_ns = hedging->drawn[call][target];
    plan->made_ns = (uint64_t)(hedging->run->mix->made_s * 1e9);
    plan->status = 200;
}

static void ended(void *of, uint64_t number, const llmgw_call *call)
{
    struct hedging *hedging = of;

    (void)number;
    if (llmgw_call_end(call) == LLMGW_END_RESPONSE)
        hedging->first_ns[hedging->answered++] =
            llmgw_call_first_content_ns(call);
    else
        hedging->run->failed++;
}

static void arrive(struct sim_event *event, struct sim_world *world)
{
    struct hedging *hedging =
        (struct hedging *)((char *)event - offsetof(struct hedging, arrival));
    const struct sim_hedging *run = hedging->run;

    sim_mix_draw(run->mix, run->correlation, &hedging->times,
                 hedging->drawn[hedging->asked]);
    sim_world_ask(world, hedging->asked++);
    if (hedging->asked < run->calls)
        sim_world_set(world, event,
                      world->now_ns + sim_draw_gap_ns(&hedging->gaps,
                                                      run->mix->per_second));
}

static int compare(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a;
    uint64_t second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

static uint64_t quantile(const struct hedging *hedging, unsigned percent)
{
    uint64_t rank = hedging->answered * percent / 100;

    return hedging->answered ? hedging->first_ns[rank] : 0;
}

static void take_results(struct hedging *hedging)
{
    struct sim_hedging *run = hedging->run;
    struct sim_world *world = &hedging->world;

    qsort(hedging->first_ns, hedging->answered, sizeof *hedging->first_ns,
          compare);
    run->times.p50_ns = quantile(hedging, 50);
    run->times.p95_ns = quantile(hedging, 95);
    run->times.p99_ns = quantile(hedging, 99);
    for (int i = 0; i < SIM_TARGETS; i++) {
        run->sent += world->tally[i].sent;
        run->opened += sim_world_opened(world, (enum sim_target)i);
    }
    run->spent = world->spent;
    run->checksum = world->checksum;
}

void sim_hedging_run(struct sim_hedging *run)
{
    struct hedging hedging = {.run = run, .arrival = {.happen = arrive}};
    const struct sim_rules rules = {&hedging, plan, ended, NULL, NULL, 0};
    char config[1024];
    uint64_t began_ns;

    hedging.drawn = calloc(run->calls, sizeof *hedging.drawn);
    hedging.first_ns = calloc(run->calls, sizeof *hedging.first_ns);
    if (!hedging.drawn || !hedging.first_ns)
        sim_fail("no memory");
    (void)snprintf(config, sizeof config,
                   "{" SIM_PROVIDERS ",'routes':{'smart':{" SIM_TARGET_NAMES
                   ",'hedge':'%s'}}}",
                   run->preset);
    sim_draw_seed(&hedging.gaps, run->seed, 1);
    sim_draw_seed(&hedging.times, run->seed, 2);
    sim_world_open(&hedging.world, config, run->seed, &rules);
    hedging.world.input_share =
        (uint64_t)(run->mix->input_share * (double)SIM_COST_OF_CALL);
    began_ns = hedging.world.now_ns;
    sim_world_set(&hedging.world, &hedging.arrival, began_ns);
    sim_world_run(&hedging.world);
    run->took_ns = hedging.world.now_ns - began_ns;
    take_results(&hedging);
    sim_world_close(&hedging.world);
    free(hedging.drawn);
    free(hedging.first_ns);
}
