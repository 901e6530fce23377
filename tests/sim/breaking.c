/*
 * sim/breaking.c - breakers: none opens for background errors, one opens soon
 * in a real outage, however rare the calls are.
 *
 * The week: calls by Poisson, one a second, at the reference mix; 2 % of the
 * attempts at either target fail by themselves, a third each with 500, 503 and
 * a broken connection, 50 to 500 ms after they were sent. The outage: a call
 * every five minutes for a day, at the same background errors; then the
 * primary is dead for three hours in one of the forms below, then well again
 * for a day.
 */
#include <stdio.h>
#include <string.h>

#include "sim/experiment.h"
#include "sim/world.h"

#define ERRORS       0.02
#define FAIL_MIN_NS  (SIM_SECOND / 20)
#define FAIL_MORE_NS (SIM_SECOND * 9 / 20)
#define RARE_GAP_NS  (300 * SIM_SECOND)
#define OUTAGE_NS    (3 * 3600 * SIM_SECOND)

/* clang-format off */
static const struct form {
    const char *name;
    int lists; /* its models all the same */
    struct sim_plan plan;
} forms[] = {
    {"refused",  0, {SIM_SECOND / 100,  0, 0,   7, {0, 0, 0}}},  /* the connection */
    {"broken",   0, {SIM_SECOND / 10,   0, 0,   56, {0, 0, 0}}}, /* once it stands */
    {"status",   1, {SIM_SECOND / 5,    0, 503, 0, {0, 0, 0}}},
    {"overload", 1, {SIM_SECOND / 5,    0, 529, 0, {0, 0, 0}}},
    {"silence",  0, {SIM_NEVER,         0, 0,   0, {0, 0, 0}}},
    {"mute",     1, {SIM_NEVER,         0, 0,   0, {0, 0, 0}}},
};
/* clang-format on */

static const struct sim_plan errors[] = {{0, 0, 500, 0, {0, 0, 0}},
                                         {0, 0, 503, 0, {0, 0, 0}},
                                         {0, 0, 0, 56, {0, 0, 0}}};

struct breaking {
    struct sim_world world;
    struct sim_event arrival;
    struct sim_draw draw;
    uint64_t asked;
    uint64_t failed;
    uint64_t background; /* errors so far */
    uint64_t gap_ns;     /* 0: at random, one a second */
    uint64_t last_ns;    /* no call after that */
    /* an outage */
    const struct form *form; /* NULL: none */
    struct sim_outage *outage;
    uint64_t begin_ns;
    uint64_t end_ns;
    uint64_t noticed_ns; /* the breaker opened */
    uint64_t over;       /* attempts that had ended when it began */
};

/** An answer, or an error in the background. */
static void plan_health(struct breaking *breaking, struct sim_plan *plan)
{
    struct sim_draw *draw = &breaking->draw;
    uint64_t first_ns[2];

    sim_mix_draw(sim_mix_at(0), 0, draw, first_ns);
    plan->first_ns = first_ns[0];
    plan->made_ns = (uint64_t)(sim_mix_at(0)->made_s * 1e9);
    plan->status = 200;
    if (sim_draw_unit(draw) >= ERRORS)
        return;
    breaking->background++;
    *plan = errors[sim_draw_bits(draw) % 3];
    plan->first_ns = FAIL_MIN_NS + sim_draw_bits(draw) % FAIL_MORE_NS;
}

static int in_outage(const struct breaking *breaking)
{
    uint64_t now_ns = breaking->world.now_ns;

    return breaking->form && now_ns >= breaking->begin_ns &&
           now_ns < breaking->end_ns;
}

static void plan_list(struct sim_plan *plan)
{
    plan->first_ns = SIM_SECOND / 10;
    plan->status = 200;
}

static void plan(void *of, uint64_t call, enum sim_target target,
                 struct sim_plan *plan)
{
    struct breaking *breaking = of;
    const struct sim_world *world = &breaking->world;
    int dead = target == SIM_PRIMARY && in_outage(breaking);

    if (call == SIM_FREE && (!dead || breaking->form->lists)) {
        plan_list(plan);
        return;
    }
    if (dead) {
        *plan = breaking->form->plan;
        breaking->outage->tried += call != SIM_FREE;
        return;
    }
    plan_health(breaking, plan);
    if (breaking->form && target == SIM_PRIMARY && plan->status == 200 &&
        world->now_ns >= breaking->end_ns && !breaking->outage->back_ns)
        breaking->outage->back_ns =
            world->now_ns + plan->first_ns - breaking->end_ns;
}

/** Who begins when it is known that the primary is dead waits for nobody. */
static void note_wait(struct breaking *breaking, const llmgw_call *call)
{
    uint64_t first_ns = llmgw_call_first_content_ns(call);
    uint64_t began_ns = breaking->world.now_ns - llmgw_call_duration_ns(call);

    if (breaking->outage->noticed && began_ns > breaking->noticed_ns &&
        first_ns > breaking->outage->slow_ns)
        breaking->outage->slow_ns = first_ns;
}

static void ended(void *of, uint64_t number, const llmgw_call *call)
{
    struct breaking *breaking = of;

    (void)number;
    if (llmgw_call_end(call) != LLMGW_END_RESPONSE)
        breaking->failed++;
    else if (in_outage(breaking))
        note_wait(breaking, call);
}

/** Has the outage begun, has it been noticed? */
static void turned(void *of)
{
    struct breaking *breaking = of;
    struct sim_world *world = &breaking->world;
    struct sim_outage *outage = breaking->outage;
    uint64_t opened = sim_world_opened(world, SIM_PRIMARY);

    if (world->now_ns < breaking->begin_ns) {
        outage->wrongly = opened;
        breaking->over = world->tally[SIM_PRIMARY].over;
    } else if (!outage->noticed && world->now_ns < breaking->end_ns) {
        outage->noticed = opened > outage->wrongly;
        breaking->noticed_ns = world->now_ns;
        outage->failures = world->tally[SIM_PRIMARY].over - breaking->over;
    }
}

static void arrive(struct sim_event *event, struct sim_world *world)
{
    struct breaking *breaking =
        (struct breaking *)((char *)event - offsetof(struct breaking, arrival));
    uint64_t gap_ns = breaking->gap_ns ? breaking->gap_ns
                                       : sim_draw_gap_ns(&breaking->draw, 1);

    sim_world_ask(world, breaking->asked++);
    if (world->now_ns + gap_ns < breaking->last_ns)
        sim_world_set(world, event, world->now_ns + gap_ns);
}

static void run_world(struct breaking *breaking, uint64_t seed)
{
    const struct sim_rules rules = {
        breaking, plan, ended, breaking->form ? turned : NULL, NULL, 0};

    sim_draw_seed(&breaking->draw, seed, 3);
    sim_world_open(&breaking->world,
                   "{" SIM_PROVIDERS ",'routes':{'smart':{" SIM_TARGET_NAMES
                   "}}}",
                   seed, &rules);
    breaking->arrival.happen = arrive;
    breaking->begin_ns += breaking->world.now_ns;
    breaking->end_ns += breaking->world.now_ns;
    breaking->last_ns += breaking->world.now_ns;
    sim_world_set(&breaking->world, &breaking->arrival, breaking->world.now_ns);
    sim_world_run(&breaking->world);
}

void sim_week_run(struct sim_week *run)
{
    struct breaking breaking = {0};

    breaking.last_ns = (uint64_t)(run->days * (double)SIM_DAY);
    run_world(&breaking, run->seed);
    run->calls = breaking.asked;
    run->errors = breaking.background;
    run->failed = breaking.failed;
    for (int i = 0; i < SIM_TARGETS; i++)
        run->opened += sim_world_opened(&breaking.world, (enum sim_target)i);
    run->checksum = breaking.world.checksum;
    sim_world_close(&breaking.world);
}

const char *sim_outage_form(unsigned index)
{
    return index < sizeof forms / sizeof *forms ? forms[index].name : NULL;
}

void sim_outage_run(struct sim_outage *run)
{
    struct breaking breaking = {.outage = run, .gap_ns = RARE_GAP_NS};

    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, run->form) == 0)
            breaking.form = &forms[i];
    breaking.begin_ns = SIM_DAY;
    breaking.end_ns = SIM_DAY + OUTAGE_NS;
    breaking.last_ns = 2 * SIM_DAY + OUTAGE_NS;
    run_world(&breaking, run->seed);
    run->failed = breaking.failed;
    run->checksum = breaking.world.checksum;
    sim_world_close(&breaking.world);
}
